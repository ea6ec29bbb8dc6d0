//! What is asked of this program, and the tables it prints.

use std::process::ExitCode;

use crate::compare::{blind_spots, differences};
use crate::performance::{Performance, recorded, recording};
use crate::scenario::Scenario;
use crate::{house, moment, replays, scenarios, server, simulated, worker};

/// Logs of servers and workers.
pub(crate) const SCRATCH: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/conformance");

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

/// Scenarios that differ, and why. The README lists them too. One that does not differ any more has to go.
const KNOWN: &[(&str, &str)] = &[];

const USAGE: &str = "\
conformance [FILTER]          the simulation against the recordings; the replays; a few scenarios live, if there is a server
conformance sim [FILTER]      the simulation against the recordings, with all that differs
conformance replays [FILTER]  the histories, simulated and recorded, replayed by our worker and the official one
conformance live [FILTER]     on a real server, against the simulation
conformance record [FILTER]   on a real server; writes the recordings
conformance moments [FILTER]  on a real server; writes what it says is pending before acts
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
        Some("replays") => replays(filter(1)),
        Some("live") => in_real_time(filter(1), live),
        Some("record") => in_real_time(filter(1), record),
        Some("moments") => in_real_time(filter(1), moments),
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
        let found = theirs.and_then(|theirs| {
            let mut found = differences(&ours?, &theirs, scenario.has_rivals());
            found.extend(theirs.moments.iter().filter_map(moment::Moment::disagreement));
            Ok(found)
        });
        Self {
            name: scenario.name,
            events,
            found,
        }
    }

    fn is_same(&self) -> bool {
        matches!(&self.found, Ok(found) if found.is_empty())
    }

    fn why_known(&self) -> Option<&'static str> {
        KNOWN.iter().find(|(name, _)| *name == self.name).map(|(_, why)| *why)
    }

    /// As it should be: the same, or different as is known.
    fn is_well(&self) -> bool {
        self.found.is_ok() && self.is_same() != self.why_known().is_some()
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
        match self.why_known() {
            Some(_) if self.is_same() => println!("    differs no more: strike it from the known differences"),
            Some(why) => println!("    known: {why}"),
            None => {}
        }
    }
}

fn conclude(lines: &[Line], what: &str) -> bool {
    let same = lines.iter().filter(|line| line.is_same()).count();
    let known = lines.iter().filter(|line| !line.is_same() && line.is_well()).count();
    let events: usize = lines.iter().map(|line| line.events).sum();
    println!(
        "\n{same} of {} scenarios are the same {what}, {known} differ as is known; {events} events.",
        lines.len()
    );
    same + known == lines.len()
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

fn replays(filter: &str) -> ExitCode {
    std::panic::set_hook(Box::new(|_| {}));
    let chosen = chosen(filter);
    let sides = chosen
        .iter()
        .map(|scenario| (scenario, simulated::play(scenario).ok(), recorded(scenario.name).ok()));
    let sides: Vec<_> = sides.collect();
    let sides = sides
        .iter()
        .map(|(scenario, ours, theirs)| (*scenario, [ours.as_ref(), theirs.as_ref()]));
    let tally = replays::all(&sides.collect::<Vec<_>>());
    tally.wrong.iter().for_each(|line| println!("    {line}"));
    println!("\n{}", tally.sentences());
    verdict(tally.wrong.is_empty())
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
    let simulated = match (sim(filter), replays(filter)) {
        (ExitCode::SUCCESS, replayed) => replayed,
        (differs, _) => differs,
    };
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
    let told = house::play_all(scenarios, |scenario, played| {
        let like =
            |other: Result<Performance, String>| matches!(played, [.., Ok(last)] if alike(scenario, last, &other));
        like(simulated::play(scenario)) || like(recorded(scenario.name))
    });
    let mut lines = Vec::new();
    for (scenario, mut played) in told.await {
        let theirs = played.pop().unwrap_or_else(|| Err("it was not played".to_owned()));
        for _ in &played {
            println!(
                "{}: played once more, for chance may have had a hand in it",
                scenario.name
            );
        }
        let line = Line::of(&scenario, simulated::play(&scenario), theirs.clone());
        line.print();
        if let (Ok(theirs), Ok(before), false) = (&theirs, recorded(scenario.name), line.is_well()) {
            let changed = differences(theirs, &before, scenario.has_rivals());
            println!(
                "    (the real server does {} its recording says)",
                if changed.is_empty() { "what" } else { "not what" }
            );
            changed
                .iter()
                .for_each(|line| println!("    today as \"ours\": {line}"));
        }
        lines.push(line);
    }
    verdict(conclude(&lines, "in the simulation and on the real server"))
}

fn alike(scenario: &Scenario, one: &Performance, other: &Result<Performance, String>) -> bool {
    matches!(other, Ok(other) if differences(one, other, scenario.has_rivals()).is_empty())
}

async fn moments(scenarios: Vec<Scenario>) -> ExitCode {
    let mut well = true;
    for (scenario, mut played) in house::play_all(scenarios, |_, played| matches!(played, [.., Ok(_)])).await {
        let last = played.pop().unwrap_or_else(|| Err("it was not played".to_owned()));
        let written = last.and_then(|last| {
            let wrong = last.moments.iter().find_map(moment::Moment::disagreement);
            wrong.map_or(Ok(()), Err)?;
            if !last.moments.is_empty() {
                moment::write(scenario.name, &last.moments)?;
            }
            Ok(last.moments.len())
        });
        well &= written.is_ok();
        match written {
            Ok(moments) => println!("{:<48} {moments:>4} moments", scenario.name),
            Err(error) => println!("{:<48} FAILED\n    {error}", scenario.name),
        }
    }
    verdict(well)
}

async fn record(scenarios: Vec<Scenario>) -> ExitCode {
    // What happens twice is no accident.
    let twice = |scenario: &Scenario, played: &[Result<Performance, String>]| match played {
        [before @ .., Ok(last)] => before.iter().any(|before| alike(scenario, last, before)),
        _ => false,
    };
    let mut well = true;
    for (scenario, mut played) in house::play_all(scenarios, twice).await {
        let sure = twice(&scenario, &played);
        let last = played.pop().unwrap_or_else(|| Err("it was not played".to_owned()));
        let written = last.and_then(|last| {
            if !sure {
                let differs = played
                    .pop()
                    .map(|before| Ok(differences(&last, &before?, scenario.has_rivals())));
                let differs: Result<Vec<String>, String> = differs.unwrap_or_else(|| Ok(Vec::new()));
                return Err(format!(
                    "no two performances are alike:\n    {}",
                    differs?.join("\n    ")
                ));
            }
            let path = recording(scenario.name);
            std::fs::write(&path, last.write()).map_err(|error| format!("{}: {error}", path.display()))?;
            Ok(last.events())
        });
        well &= written.is_ok();
        match written {
            Ok(events) => println!("{:<48} {events:>4} events  recorded", scenario.name),
            Err(error) => println!("{:<48} FAILED\n    {error}", scenario.name),
        }
    }
    verdict(well)
}
