//! What is asked of this program, and the tables it prints.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;

use tokio::sync::Semaphore;
use tokio::task::JoinSet;

use crate::compare::{blind_spots, differences};
use crate::performance::{Performance, recorded, recording};
use crate::scenario::Scenario;
use crate::server::Server;
use crate::{scenarios, server, simulated, stage, worker};

/// Logs of servers and workers.
pub(crate) const SCRATCH: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance");

/// How many scenarios are on stage at the same time.
const STAGES: usize = 6;

/// Played live by plain `cargo test` if there is a server: quick ones, of all kinds.
const HANDFUL: [&str; 5] = [
    "activity-completes",
    "timer-fires",
    "signal-wakes-workflow",
    "task-lost-sticky",
    "child-completes",
];

/// Recordings in which every value is changed once, to see that the comparison notices.
const SEEN_THROUGH: [&str; 3] = ["child-fails", "continues-as-new", "sticky-worker-killed"];

const USAGE: &str = "\
conformance [FILTER]          the simulation against the recordings; a few scenarios live, if there is a server
conformance sim [FILTER]      the simulation against the recordings, with all that differs
conformance live [FILTER]     on a real server, against the simulation
conformance record [FILTER]   on a real server; writes the recordings
conformance list              the catalogue
FILTER is a part of a scenario's name.";

/// Does what the arguments say.
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    // What test runners say to every test binary.
    if words.contains(&"--list") {
        if !words.contains(&"--ignored") {
            println!("conformance: test");
        }
        return ExitCode::SUCCESS;
    }
    let plain: Vec<&str> = words.iter().copied().filter(|word| !word.starts_with("--")).collect();
    let filter = |at: usize| plain.get(at).copied().unwrap_or_default();
    match plain.first().copied() {
        Some("worker") => work(&plain[1..]),
        Some("keep") => server::keep(&arguments[1..]),
        Some("sim") => sim(filter(1)),
        Some("live") => in_real_time(filter(1), live),
        Some("record") => in_real_time(filter(1), record),
        Some("list") => list(),
        Some("help") => {
            println!("{USAGE}");
            ExitCode::SUCCESS
        }
        Some("conformance") | None => usual(""),
        Some(filter) => usual(filter),
    }
}

fn chosen(filter: &str) -> Vec<Scenario> {
    let mut all = scenarios::all();
    all.retain(|scenario| scenario.name.contains(filter));
    all
}

fn work(arguments: &[&str]) -> ExitCode {
    let [address, namespace, name, worker, code] = arguments else {
        eprintln!("worker ADDRESS NAMESPACE SCENARIO WORKER CODE");
        return ExitCode::FAILURE;
    };
    let scenario = scenarios::all().into_iter().find(|scenario| scenario.name == *name);
    match (scenario, worker.parse(), code.parse()) {
        (Some(scenario), Ok(number), Ok(code)) => worker::run(address, namespace, &scenario, number, code),
        _ => ExitCode::FAILURE,
    }
}

fn list() -> ExitCode {
    for scenario in scenarios::all() {
        println!("{:<44} {}", scenario.name, scenario.says);
    }
    ExitCode::SUCCESS
}

// ---- What came of it.

/// A line of the table: the scenario, its events, what differs or went wrong.
struct Line {
    name: &'static str,
    events: usize,
    found: Result<Vec<String>, String>,
}

impl Line {
    fn of(scenario: &Scenario, ours: Result<Performance, String>, theirs: Result<Performance, String>) -> Self {
        let events = theirs.as_ref().map_or(0, Performance::events);
        let found = theirs.and_then(|theirs| Ok(differences(&ours?, &theirs, scenario.has_rivals())));
        Self {
            name: scenario.name,
            events,
            found,
        }
    }

    fn is_well(&self) -> bool {
        matches!(&self.found, Ok(found) if found.is_empty())
    }

    fn print(&self) {
        let verdict = match &self.found {
            Ok(found) if found.is_empty() => "same".to_owned(),
            Ok(found) => format!("{} differences", found.len()),
            Err(_) => "FAILED".to_owned(),
        };
        println!("{:<48} {:>4} events  {verdict}", self.name, self.events);
        match &self.found {
            Ok(found) => found.iter().for_each(|line| println!("    {line}")),
            Err(error) => println!("    {error}"),
        }
    }
}

fn conclude(lines: &[Line], what: &str) -> bool {
    let well = lines.iter().filter(|line| line.is_well()).count();
    let events: usize = lines.iter().map(|line| line.events).sum();
    println!(
        "\n{well} of {} scenarios are the same {what}; {events} events.",
        lines.len()
    );
    well == lines.len()
}

fn verdict(well: bool) -> ExitCode {
    ExitCode::from(u8::from(!well))
}

// ---- The modes.

fn sim(filter: &str) -> ExitCode {
    // A panic is in the table.
    std::panic::set_hook(Box::new(|_| {}));
    let chosen = chosen(filter);
    let lines: Vec<_> = chosen
        .iter()
        .map(|scenario| Line::of(scenario, simulated::play(scenario), recorded(scenario.name)))
        .collect();
    lines.iter().for_each(Line::print);
    verdict(conclude(
        &lines,
        "in the simulation as on the real server when it was recorded",
    ))
}

fn usual(filter: &str) -> ExitCode {
    let blind = SEEN_THROUGH.iter().filter_map(|name| recorded(name).ok());
    let blind: Vec<String> = blind.flat_map(|performance| blind_spots(&performance)).collect();
    if !blind.is_empty() {
        println!(
            "The comparison does not notice changes of:\n    {}",
            blind.join("\n    ")
        );
        return ExitCode::FAILURE;
    }
    let simulated = sim(filter);
    if let Err(why) = server::binary() {
        println!("Nothing was played on a real server: {why}.");
        return simulated;
    }
    let handful: Vec<Scenario> = chosen(filter)
        .into_iter()
        .filter(|scenario| HANDFUL.contains(&scenario.name))
        .collect();
    let live = if handful.is_empty() {
        ExitCode::SUCCESS
    } else {
        real_time(live(handful))
    };
    if simulated == ExitCode::SUCCESS {
        live
    } else {
        simulated
    }
}

fn in_real_time<F: Future<Output = ExitCode>>(filter: &str, mode: impl FnOnce(Vec<Scenario>) -> F) -> ExitCode {
    let chosen = chosen(filter);
    if chosen.is_empty() {
        eprintln!("no scenario has \"{filter}\" in its name");
        return ExitCode::FAILURE;
    }
    real_time(mode(chosen))
}

fn real_time(what: impl Future<Output = ExitCode>) -> ExitCode {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    runtime.expect("a runtime").block_on(what)
}

async fn live(scenarios: Vec<Scenario>) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let played = play_all(scenarios).await;
    let (mut lines, mut steady) = (Vec::new(), true);
    for (scenario, theirs) in played {
        // What the recording says today as it did then does not depend on chance.
        if let (Ok(theirs), Ok(before)) = (&theirs, recorded(scenario.name)) {
            let changed = differences(theirs, &before, scenario.has_rivals());
            if !changed.is_empty() {
                steady = false;
                println!(
                    "{}: the real server differs from its recording (here \"ours\" is today's)",
                    scenario.name
                );
                changed.iter().for_each(|line| println!("    {line}"));
            }
        }
        let line = Line::of(&scenario, simulated::play(&scenario), theirs);
        line.print();
        lines.push(line);
    }
    let well = conclude(&lines, "in the simulation and on the real server");
    verdict(well && steady)
}

async fn record(scenarios: Vec<Scenario>) -> ExitCode {
    let mut well = true;
    for (scenario, played) in play_all(scenarios).await {
        let written = played.and_then(|performance| {
            let path = recording(scenario.name);
            std::fs::write(&path, performance.write()).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(performance.events())
        });
        well &= written.is_ok();
        match written {
            Ok(events) => println!("{:<48} {events:>4} events  recorded", scenario.name),
            Err(error) => println!("{:<48} FAILED\n    {error}", scenario.name),
        }
    }
    verdict(well)
}

// ---- On stage.

/// Plays them on real servers, one server for all that want the same limits; in the order of the catalogue.
async fn play_all(scenarios: Vec<Scenario>) -> Vec<(Arc<Scenario>, Result<Performance, String>)> {
    let scenarios: Vec<Arc<Scenario>> = scenarios.into_iter().map(Arc::new).collect();
    let began = Instant::now();
    let _ = std::fs::remove_dir_all(SCRATCH);
    std::fs::create_dir_all(SCRATCH).expect("target/ can be written to");
    let mut groups: Vec<Vec<usize>> = Vec::new();
    for (at, scenario) in scenarios.iter().enumerate() {
        let same = groups
            .iter_mut()
            .find(|group| scenarios[group[0]].setup.limits == scenario.setup.limits);
        match same {
            Some(group) => group.push(at),
            None => groups.push(vec![at]),
        }
    }
    let mut played: Vec<Option<Result<Performance, String>>> = scenarios.iter().map(|_| None).collect();
    for (number, group) in groups.iter().enumerate() {
        let of_group: Vec<_> = group.iter().map(|at| scenarios[*at].clone()).collect();
        for (at, result) in group.iter().zip(play_on_one_server(number, of_group).await) {
            played[*at] = Some(result);
        }
    }
    eprintln!("played in {:.0} s", began.elapsed().as_secs_f64());
    let results = played
        .into_iter()
        .map(|result| result.expect("every scenario is in a group"));
    scenarios.into_iter().zip(results).collect()
}

async fn play_on_one_server(number: usize, scenarios: Vec<Arc<Scenario>>) -> Vec<Result<Performance, String>> {
    let namespaces: Vec<String> = scenarios.iter().map(|scenario| scenario.name.to_owned()).collect();
    let server = match Server::start(number, &namespaces, &scenarios[0].setup.limits).await {
        Ok(server) => server,
        Err(error) => return scenarios.iter().map(|_| Err(error.clone())).collect(),
    };
    let stages = Arc::new(Semaphore::new(STAGES));
    let mut playing = JoinSet::new();
    for (at, scenario) in scenarios.iter().cloned().enumerate() {
        let (address, stages) = (server.address.clone(), stages.clone());
        playing.spawn(async move {
            let _stage = stages.acquire().await;
            let began = Instant::now();
            let played = stage::play(&address, scenario.name, &scenario).await;
            let verdict = if played.is_ok() { "played" } else { "FAILED" };
            eprintln!("{verdict} {} in {:.1} s", scenario.name, began.elapsed().as_secs_f64());
            (at, played)
        });
    }
    let mut results: Vec<_> = scenarios.iter().map(|_| Err("it panicked".to_owned())).collect();
    while let Some(played) = playing.join_next().await {
        if let Ok((at, result)) = played {
            results[at] = result;
        }
    }
    results
}
