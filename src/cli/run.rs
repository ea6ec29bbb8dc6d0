//! `sagascope run`: steps a story to its end, prints what happened, and writes its history.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use crate::check::promise::{Promised, promises};
use crate::contract::task::RunKey;
use crate::history::json;
use crate::sim::fault::Verb;
use crate::sim::node::WorkerName;
use crate::sim::report::report;
use crate::sim::saved::SavedRun;
use crate::sim::spec::{Choice, DEFAULT_SEED, RunSpec};
use crate::sim::story::Catalogue;
use crate::sim::{Sim, Verdict, text};
use serde_json::{Value, json};

use super::{Exit, Unusable};

#[derive(clap::Args)]
pub struct Arguments {
    /// Story id, or a whole address as the page shows it: `crash-after-charge?seed=7&do=41:kill:A`.
    story: String,
    /// Seed of all chance.
    #[arg(long, default_value_t = DEFAULT_SEED)]
    seed: u64,
    /// Crash a worker when so many steps are done, all workers if none is named; a supervisor restarts it after 5 s.
    #[arg(long, value_name = "STEP[:WORKER]")]
    crash_at: Vec<String>,
    /// Do something at a step or a time: `at step 41 kill A`, `at 12s signal order-1 approve {"by":"ann"}`. Repeatable.
    /// To a worker: kill, crash, restart, stop, launch, partition, heal. To a workflow: signal, query and update ID NAME [JSON],
    /// cancel and terminate ID [REASON], reset ID EVENT [REASON].
    #[arg(long = "do", value_name = "DEED")]
    deeds: Vec<String>,
    /// Write the run down as a small file, for `list`, `describe`, `show` and `task-queue describe`.
    #[arg(long, value_name = "FILE")]
    save: Option<PathBuf>,
    /// Write the event history as JSON, as `temporal workflow show --output json` prints it.
    #[arg(long, value_name = "FILE")]
    history: Option<PathBuf>,
    /// Print one JSON object instead of lines.
    #[arg(long)]
    json: bool,
}

pub(crate) fn run(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let spec = spec(catalogue, arguments)?;
    let mut sim = catalogue.sim(&spec).map_err(|error| Unusable(error.to_string()))?;
    let verdict = sim.run_to_end();
    if let Some(unused) = sim.unused_choices().first() {
        let never = text::never(&sim, unused);
        return Err(Unusable(format!("{never} Choose an earlier moment.")));
    }
    if let Some(path) = &arguments.history {
        let history = sim.run().map(|run| run.log.to_history()).unwrap_or_default();
        write_file(path, &(json::write(&history) + "\n"))?;
    }
    if let Some(path) = &arguments.save {
        write_file(path, &SavedRun::of(&sim).write())?;
    }
    if arguments.json {
        let report = serde_json::to_string_pretty(&as_json(&sim, verdict)).expect("a JSON value can be printed");
        writeln!(out, "{report}")?;
    } else {
        as_lines(&sim, verdict, out)?;
    }
    Ok(if verdict == Verdict::Settled {
        Exit::Done
    } else {
        Exit::Unsettled
    })
}

fn write_file(path: &Path, text: &str) -> Result<(), Unusable> {
    fs::write(path, text).map_err(|error| Unusable(format!("cannot write {}: {error}", path.display())))
}

fn spec(catalogue: Catalogue, arguments: &Arguments) -> Result<RunSpec, Unusable> {
    let unusable = |error: crate::sim::spec::SpecError| Unusable(error.to_string());
    let mut spec = RunSpec::parse(&arguments.story).map_err(unusable)?;
    if !arguments.story.contains("seed=") {
        spec.seed = arguments.seed;
    }
    let workers = catalogue.story(&spec).map_err(unusable)?.setup.workers;
    for crash in &arguments.crash_at {
        let (step, worker) = crash
            .split_once(':')
            .map_or((crash.as_str(), None), |(step, worker)| (step, Some(worker)));
        match worker {
            Some(worker) => spec.choose(Choice::parse(&format!("{step}:crash:{worker}")).map_err(unusable)?),
            None => {
                let step = step
                    .parse()
                    .map_err(|_| Unusable(format!("“{crash}” is no step: write STEP or STEP:WORKER")))?;
                for (worker, _) in (0..).zip(&workers) {
                    spec.choose(Choice::to_worker(step, Verb::Crash, WorkerName(worker)));
                }
            }
        }
    }
    for deed in &arguments.deeds {
        spec.choose(Choice::parse_words(deed).map_err(unusable)?);
    }
    catalogue.story(&spec).map_err(unusable)?;
    Ok(spec)
}

fn as_lines(sim: &Sim, verdict: Verdict, out: &mut dyn Write) -> io::Result<()> {
    write!(out, "{}", report(sim))?;
    writeln!(out, "{:<20} {}", "outcome", outcome(sim, verdict))?;
    for Promised { sentence, held, seen } in promises(sim) {
        writeln!(out, "{:<20} {sentence}: {seen}", if held { "kept" } else { "BROKEN" })?;
    }
    Ok(())
}

fn as_json(sim: &Sim, verdict: Verdict) -> Value {
    let events = sim.run().map_or(0, |run| run.log.last_id());
    let steps: Vec<Value> = sim
        .records()
        .iter()
        .map(|record| {
            let wrote = record.wrote_to(RunKey(0));
            let written: Vec<u32> = wrote.map_or_else(Vec::new, |wrote| (wrote.first..=wrote.last).collect());
            json!({
                "step": record.number,
                "atNanos": record.at.0,
                "worker": record.what.worker().map(|worker| worker.to_string()),
                "text": text::sentence(&record.what),
                "events": written,
            })
        })
        .collect();
    let facts: serde_json::Map<String, Value> = sim
        .outside()
        .facts()
        .into_iter()
        .map(|fact| (fact.label, fact.value.into()))
        .collect();
    let promises: Vec<Value> = promises(sim)
        .into_iter()
        .map(|promise| json!({ "sentence": promise.sentence, "held": promise.held, "seen": promise.seen }))
        .collect();
    json!({
        "run": sim.spec().to_string(),
        "settled": verdict == Verdict::Settled,
        "outcome": outcome(sim, verdict),
        "result": result(sim),
        "ledgers": facts,
        "promises": promises,
        "counts": { "steps": sim.steps(), "events": events, "nanos": sim.now().0 },
        "steps": steps,
    })
}

fn result(sim: &Sim) -> Option<Value> {
    sim.run()?.result()
}

fn outcome(sim: &Sim, verdict: Verdict) -> String {
    match verdict {
        Verdict::Settled => result(sim).map_or_else(|| text::ending(sim).to_owned(), |result| result.to_string()),
        Verdict::Stuck => format!("stuck: {}", text::stuck(sim)),
        Verdict::Over => "the story is over; not all of it has come to an end".to_owned(),
        Verdict::DidNotSettle | Verdict::Running => format!("did not settle within {} steps", sim.setup().most_steps),
    }
}
