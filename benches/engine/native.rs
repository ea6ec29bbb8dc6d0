//! The run on this machine: all kernels, all others that are there, the tables, the page.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Duration;

#[cfg(feature = "cluster")]
use crate::contest::{Turn, timed};
use crate::figures::Figures;
use crate::kernels::{self, ENGINE, GROWTH, Replay};
use crate::table::{CHROME, PYTHON, tables};
use crate::{plot, python, reflect};

/// The engine as it was at commit 483e489, before the redesign, measured with these kernels.
const BEFORE: &str = include_str!("../before.json");

const USAGE: &str = "usage: bench [--chrome FILE] [--json FILE] [--write] [KERNEL...]
  --chrome FILE  what the run in the browser has said
  --json FILE    write the figures there, too
  --write        write the page, benches/README.md
  KERNEL         replay, live, sweep, growth, json; all if none is named";

#[derive(Default)]
struct Wanted {
    chrome: Option<PathBuf>,
    json: Option<PathBuf>,
    write: bool,
    kernels: Vec<String>,
}

#[expect(clippy::print_stdout, reason = "the table is for whoever ran it")]
pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    #[cfg(feature = "cluster")]
    if let [first, command @ ..] = &arguments[..]
        && first == "keep"
    {
        return crate::server::keep(command);
    }
    let Some(wanted) = wanted(arguments) else {
        eprintln!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let before: Figures = serde_json::from_str(BEFORE).expect("it was written by this program");
    let now = measure(&wanted);
    let before = before.on_the_machine_of(&now);
    let tables = tables(&before, &now);
    println!("{tables}");
    if let Some(file) = &wanted.json {
        let text = serde_json::to_string(&now).expect("numbers and names");
        fs::write(file, text.replace("},", "},\n")).expect("the file can be written");
    }
    if wanted.write {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches");
        fs::write(folder.join("README.md"), page(&tables)).expect("the page can be written");
        fs::write(folder.join("cost.svg"), plot::plot(&before, &now)).expect("the plot can be written");
        eprintln!("written: benches/README.md, benches/cost.svg");
    }
    ExitCode::SUCCESS
}

/// Cargo says `--bench` of itself.
fn wanted(arguments: Vec<String>) -> Option<Wanted> {
    let mut wanted = Wanted::default();
    let mut arguments = arguments.into_iter();
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--bench" => {}
            "--chrome" => wanted.chrome = Some(arguments.next()?.into()),
            "--json" => wanted.json = Some(arguments.next()?.into()),
            "--write" => wanted.write = true,
            kernel if !kernel.starts_with('-') => wanted.kernels.push(argument),
            _ => return None,
        }
    }
    Some(wanted)
}

fn measure(wanted: &Wanted) -> Figures {
    let wants = |kernel: &str| wanted.kernels.is_empty() || wanted.kernels.iter().any(|wanted| wanted == kernel);
    let mut figures = Figures::default();
    if wants("replay") {
        measure_replays(&mut figures, &kernels::replays());
    }
    if wants("live") {
        for count in [500, 1_000] {
            eprintln!("live run: {count} activities");
            kernels::measure_live(&mut figures, count);
        }
        #[cfg(feature = "cluster")]
        on_server(&mut figures);
    }
    if wants("sweep") {
        eprintln!("crash sweeps");
        kernels::measure_sweeps(&mut figures);
    }
    if wants("growth") {
        for to in GROWTH {
            eprintln!("growth: at {to} events");
            kernels::measure_growth(&mut figures, to);
            kernels::measure_memory(&mut figures, to);
        }
    }
    if wants("json") {
        eprintln!("JSON");
        let history = kernels::long_history(51_200);
        let (writer, reader) = reflect::turns(&history);
        kernels::measure_json(&mut figures, &history, Some(writer), Some(reader));
    }
    if let Some(file) = &wanted.chrome {
        let theirs = fs::read_to_string(file).expect("the run in the browser has said something");
        hand_over(&mut figures, &theirs);
    }
    figures
}

fn measure_replays(figures: &mut Figures, replays: &[Replay]) {
    #[cfg(feature = "cluster")]
    let official = crate::official::Official::new();
    for replay in replays {
        eprintln!("replay: {}, {} events", replay.work, replay.events());
        #[cfg(feature = "cluster")]
        let others = {
            let theirs = crate::official::Official::history(&replay.history);
            let (times, official) = (replay.times(), &official);
            let turn: Turn<'_> = Box::new(move || {
                let copies = vec![theirs.clone(); times as usize];
                timed(|| official.replay(copies)) / times
            });
            vec![(crate::table::OFFICIAL, turn)]
        };
        #[cfg(not(feature = "cluster"))]
        let others = Vec::new();
        kernels::measure_replay(figures, replay, others);
    }
    eprintln!("replay: the official Python replayer");
    match python::replayed(replays) {
        Ok(times) => {
            for replay in replays {
                if let Some(took) = times.get(&python::name(replay)) {
                    figures.note("replay", replay.work, replay.events(), PYTHON, *took);
                }
            }
        }
        Err(why) => eprintln!("skipped: {why}"),
    }
}

/// The live run that the engine is compared by, there.
#[cfg(feature = "cluster")]
fn on_server(figures: &mut Figures) {
    let live = figures.0.iter().filter(|figure| figure.kernel == "live");
    let Some(events) = live.map(|figure| figure.events).max() else {
        return;
    };
    eprintln!("live run: a development server");
    match crate::live::run(events / 6) {
        Ok(took) => figures.time("live", "in-sequence", events, crate::table::SERVER, took),
        Err(why) => eprintln!("skipped: {why}"),
    }
}

/// The figures of the engine in the browser, out of everything that was said there.
fn hand_over(figures: &mut Figures, said: &str) {
    let line = said.lines().find_map(|line| line.trim().strip_prefix("figures "));
    let theirs: Figures = serde_json::from_str(line.expect("a line with figures")).expect("figures");
    for figure in theirs.0.into_iter().filter(|figure| figure.who == ENGINE) {
        let took = Duration::from_secs_f64(figure.value / 1e9);
        figures.time(&figure.kernel, &figure.work, figure.events, CHROME, took);
    }
}

fn page(tables: &str) -> String {
    format!(
        "# What it costs\n\n\
         `./dev bench` writes this page. Measured on {machine}, commit {commit}. Times are those of the quickest of several \
         turns. Every comparison with others (the official Rust and Python replayers, the SDK's runtime driven by hand, a \
         development server, prost-reflect) is of one run on the same code and the same histories; who is not there is \
         skipped. The engine *before* is the one of commit 483e489, measured once with the same kernels \
         (`benches/before.json`); its times are scaled by what the bare runtime took in either run. Where it has none it was not \
         able to: no run had more than 5,000 steps, nothing could be read that is larger than 20 MB, and the replay of 60,005 \
         events was ended by the system at 24 GB of memory.\n\n\
         ![Cost against events](cost.svg)\n\n\
         {tables}",
        machine = machine(),
        commit = commit(),
    )
}

fn machine() -> String {
    let info = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "));
    let model = model.map_or("an unknown machine", |(_, model)| model);
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    format!("{model}, {cores} cores, {}", std::env::consts::OS)
}

fn commit() -> String {
    let output = Command::new("git").args(["describe", "--always", "--dirty"]).output();
    let said = output.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    said.unwrap_or_else(|_| "unknown".to_owned())
}
