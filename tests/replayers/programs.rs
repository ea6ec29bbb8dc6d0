//! Random programs under random crashes: activities, timers, signals, children, patches, in sequence and in parallel.
//!
//! At every step the Service and the fold of each history must agree. Every history must be well-formed; a worker that
//! meets it for the first time, cut off after any task, must ask for exactly what the one that lived through it asked
//! for; and the official replayer must accept it.

use std::collections::BTreeMap;

use sagascope::base::chance::Chance;
use sagascope::base::time::{SimTime, Span};
use sagascope::contract::request::{Signal, StartWorkflow};
use sagascope::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use sagascope::history::proto::{Attributes, History, event_name};
use sagascope::history::{payload, rules};
use sagascope::service::run::Run;
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Act, Action, When, WorkerSetup};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::Choice;
use sagascope::sim::step::Step;
use sagascope::sim::text;
use sagascope::sim::{Sim, Verdict};
use sagascope::worker::Worker;
use sagascope::worker::replay::replay;
use sagascope::worker::request::RequestKind;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::agreement::disagreement;
use crate::official;
use crate::program::{self, Kid, Kid2, Waits, perform};

/// How many programs.
const PROGRAMS: u64 = 2_000;

/// Set to a number to try that one program only: what a failure prints.
const ONLY: &str = "SAGASCOPE_PROGRAM";

const WORKFLOW: &str = "program";

/// A workflow whose input is its program.
#[workflow]
#[derive(Default)]
struct Random {
    gone: u64,
    waited: u64,
}

#[workflow_methods]
impl Random {
    #[run(name = "Random")]
    async fn run(ctx: &mut WorkflowContext<Self>, program: Value) -> WorkflowResult<Value> {
        let mut said = Vec::new();
        for step in program.as_array().cloned().unwrap_or_default() {
            said.push(perform(ctx, step).await?);
        }
        Ok(Value::from(said))
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.gone += 1;
    }
}

impl Waits for Random {
    fn was_signaled(&self) -> bool {
        self.gone > self.waited
    }

    fn has_waited(&mut self) {
        self.waited += 1;
    }
}

/// One program with everything that chance decides about it.
struct Trial {
    seed: u64,
    program: Value,
    signals: u32,
    crashes: Vec<Choice>,
}

/// Draws a program: every draw has its own number, so that one seed always gives the same.
struct Author {
    chance: Chance,
    drawn: u64,
    waits: u32,
    names: u32,
}

impl Author {
    fn below(&mut self, bound: u64) -> u64 {
        self.drawn += 1;
        self.chance.draw("program", &[self.drawn]) % bound
    }

    fn steps(&mut self, most: u64, depth: u32) -> Vec<Value> {
        (0..=self.below(most)).map(|_| self.step(depth)).collect()
    }

    fn step(&mut self, depth: u32) -> Value {
        match self.below(if depth == 0 { 12 } else { 15 }) {
            0 | 1 => self.activity(0),
            2 => {
                let fails = 1 + self.below_u32(2);
                self.activity(fails)
            }
            3 | 4 => json!(["t", self.below(4)]),
            5 => json!(["l", "Rehearse", { "arg": { "takes_ms": self.below(300) } }]),
            6 => json!(["c", if self.below(2) == 0 { "Kid" } else { "Kid2" }, { "seconds": self.below(3) }]),
            7 => {
                self.waits += 1;
                json!(["wait"])
            }
            8 => json!(["cancel_t"]),
            9 => {
                let how = ["try", "wait", "abandon"][self.place(3)];
                // Without limit: Core 0.10.1 has no way on from an activity that was abandoned and then fails for good.
                json!(["cancel_a", "Rehearse", how, self.below(3), { "takes_ms": 1_500 }, 0])
            }
            10 => json!(["memo", "key", self.below(100)]),
            11 => json!(["uuid"]),
            12 | 13 => json!(["par", self.steps(3, depth - 1)]),
            _ => {
                self.names += 1;
                let name = format!("change-{}", self.names);
                json!(["p", name, self.step(depth - 1), self.step(depth - 1)])
            }
        }
    }

    fn activity(&mut self, fails: u32) -> Value {
        let name = ["Rehearse", "RehearseToo", "RehearseThree"][self.place(3)];
        let attempts = 1 + self.below(3);
        json!(["a", name, { "ma": attempts, "arg": { "takes_ms": self.below(2_500), "fails": fails } }])
    }

    fn below_u32(&mut self, bound: u32) -> u32 {
        u32::try_from(self.below(bound.into())).expect("below a u32")
    }

    fn place(&mut self, places: u64) -> usize {
        usize::try_from(self.below(places)).expect("few places")
    }
}

impl Trial {
    fn new(seed: u64) -> Self {
        let mut author = Author {
            chance: Chance::new(seed),
            drawn: 0,
            waits: 0,
            names: 0,
        };
        let program = Value::from(author.steps(5, 2));
        let mut crashes: Vec<Choice> = (0..author.below(4))
            .map(|_| {
                let step = author.below_u32(60);
                let worker = WorkerName(u8::try_from(author.below(2)).expect("two workers"));
                Choice::to_worker(step, Verb::Crash, worker)
            })
            .collect();
        crashes.sort_by_key(|choice| choice.at);
        Self {
            seed,
            program,
            signals: author.waits,
            crashes,
        }
    }

    /// What to run to see it again.
    fn repro(&self) -> String {
        let crashes: Vec<String> = self.crashes.iter().map(Choice::to_string).collect();
        format!(
            "{ONLY}={} cargo test --features cluster --test replayers programs\n{}\ncrashes: {}",
            self.seed,
            self.program,
            crashes.join(",")
        )
    }

    fn setup(&self) -> Setup {
        let start = StartWorkflow {
            workflow_id: WORKFLOW.to_owned(),
            workflow_type: "Random".to_owned(),
            task_queue: "programs".to_owned(),
            input: Some(payload::json(&self.program)),
            ..Default::default()
        };
        let mut setup = program::in_the_world(Setup::new(start, || program::registry().with::<Random>()));
        setup.workers = vec![WorkerSetup::on("programs"), WorkerSetup::on("programs")];
        let chance = Chance::new(self.seed);
        setup.script = (0..self.signals)
            .map(|number| Act {
                when: When::Next,
                after: chance.span("signal", &[number.into()], Span::ZERO, Span::secs(4)),
                what: Action::Signal(
                    WORKFLOW.to_owned(),
                    Signal {
                        name: "go".to_owned(),
                        ..Default::default()
                    },
                ),
            })
            .collect();
        setup
    }
}

/// What the workers that are alive at the end have asked for, run by run, each from the run's beginning.
fn lived_through(sim: &Sim) -> BTreeMap<(WorkerName, RunKey), Vec<RequestKind>> {
    let mut lives = BTreeMap::new();
    for record in sim.records() {
        match &record.what {
            Step::Activated { worker, run, activated } => {
                if activated.events.0 == 1 {
                    lives.insert((*worker, *run), Vec::new());
                }
                let asked = activated.requests.iter().map(|request| request.what.clone());
                lives.entry((*worker, *run)).or_insert_with(Vec::new).extend(asked);
            }
            Step::Crashed { worker, .. } => lives.retain(|(whose, _), _| whose != worker),
            _ => {}
        }
    }
    lives
}

/// What a worker asks for that meets the run's history for the first time, cut off after the task that starts with event
/// `started`.
fn asked(setup: &Setup, run: &Run, started: i64) -> Vec<RequestKind> {
    let events = run
        .log
        .events()
        .iter()
        .filter(|event| event.event_id <= started)
        .cloned();
    let task = WorkflowTask {
        token: WorkflowTaskToken {
            run: run.key,
            scheduled_event_id: started - 1,
            attempt: 1,
        },
        workflow_id: run.workflow_id.clone(),
        run_id: run.run_id.clone(),
        workflow_type: run.workflow_type.clone(),
        task_queue: run.task_queue.clone(),
        events: events.collect(),
        previous_started_event_id: started - 1,
        started_event_id: started,
        attempt: 1,
        start_to_close: Span::secs(10),
        queries: Vec::new(),
        updates: Vec::new(),
    };
    let mut worker = Worker::new((setup.code[0])(), "sticky".to_owned());
    worker.take(task);
    let mut asked = Vec::new();
    while worker.has_more(run.key) {
        let activated = worker.activate(run.key, SimTime::ZERO);
        let activated = activated.unwrap_or_else(|| panic!("{:?}", worker.failure_message(run.key)));
        asked.extend(activated.requests.into_iter().map(|request| request.what));
    }
    asked
}

/// The tasks that some worker has answered.
fn answered(run: &Run) -> impl Iterator<Item = i64> {
    run.log.events().iter().filter_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskCompletedEventAttributes(completed)) => Some(completed.started_event_id),
        _ => None,
    })
}

/// Runs a trial to its end, and says what is wrong with it by itself.
fn performed(trial: &Trial) -> Result<Vec<History>, String> {
    let setup = trial.setup();
    let mut sim = Sim::with(setup.clone(), trial.seed, trial.crashes.clone()).map_err(|error| error.to_string())?;
    while sim.step().is_some() {
        if let Some(wrong) = sim.runs().iter().find_map(disagreement) {
            return Err(format!("at step {}: {wrong}", sim.steps()));
        }
    }
    match sim.verdict() {
        Verdict::Settled => {}
        other => {
            let last = &sim.records()[sim.records().len().saturating_sub(4)..];
            let last: Vec<String> = last.iter().map(|record| text::sentence(&record.what)).collect();
            return Err(format!("{other:?} after {} steps, the last: {last:#?}", sim.steps()));
        }
    }
    let lives = lived_through(&sim);
    for run in sim.runs() {
        let findings = rules::check(run.log.events());
        if !findings.is_empty() {
            return Err(format!("{}: {findings:?}", run.workflow_id));
        }
        replay(&(setup.code[0])(), run.log.events(), None)
            .map_err(|error| format!("{}: {error:?}", run.workflow_id))?;
        for started in answered(run) {
            let asked = asked(&setup, run, started);
            for ((worker, _), lived) in lives.iter().filter(|((_, key), _)| *key == run.key) {
                let shared = asked.len().min(lived.len());
                if asked[..shared] != lived[..shared] {
                    let at = (0..shared).find(|at| asked[*at] != lived[*at]).unwrap_or(shared);
                    return Err(format!(
                        "{} at event {started}: a newcomer asks for {:?}, worker {worker} for {:?}",
                        run.workflow_id,
                        asked.get(at),
                        lived.get(at)
                    ));
                }
            }
        }
    }
    Ok(sim.runs().iter().map(|run| run.log.to_history()).collect())
}

fn official() -> WorkflowReplayerOptions {
    let mut options = WorkflowReplayerOptions::new().build();
    let registered = options.register_workflow::<Random>();
    let registered = registered.and_then(|options| options.register_workflow::<Kid>());
    registered
        .and_then(|options| options.register_workflow::<Kid2>())
        .expect("each type once");
    options
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was tried is part of the result")]
fn every_random_program_is_replayed_alike_by_everybody() {
    let seeds: Vec<u64> = match std::env::var(ONLY) {
        Ok(seed) => vec![seed.parse().expect("a number")],
        Err(_) => (0..PROGRAMS).collect(),
    };
    let mut wrong = Vec::new();
    let mut histories = Vec::new();
    let mut whose = Vec::new();
    let mut seen: BTreeMap<&'static str, u32> = BTreeMap::new();
    for trial in seeds.into_iter().map(Trial::new) {
        match performed(&trial) {
            Err(why) => wrong.push(format!("{why}\n{}", trial.repro())),
            Ok(runs) => {
                for event in runs.iter().flat_map(|run| &run.events) {
                    *seen.entry(event_name(event.event_type())).or_default() += 1;
                }
                whose.extend(runs.iter().map(|_| trial.seed));
                histories.extend(runs);
            }
        }
    }
    for (verdict, seed) in official::verdicts(&official(), &histories).into_iter().zip(whose) {
        if let Some(said) = verdict {
            wrong.push(format!("the official replayer: {said}\n{}", Trial::new(seed).repro()));
        }
    }
    println!("{} histories; {seen:?}", histories.len());
    assert!(
        wrong.is_empty(),
        "{} of {}:\n{}",
        wrong.len(),
        histories.len(),
        wrong[..wrong.len().min(5)].join("\n\n")
    );
}
