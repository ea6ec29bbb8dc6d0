//! `sagascope diff`: what two histories differ in; files, or runs of ours.

use std::io::Write;
use std::path::Path;

use crate::history::proto::HistoryEvent;
use crate::sim::saved::SavedRun;
use crate::sim::story::Catalogue;
use crate::study::diff::diff;

use super::opened::{Moment, open};
use super::{Exit, Unusable, history_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A history file, a file that `run --save` wrote, or an address.
    a: String,
    /// What it is compared with: the same.
    b: String,
    /// Tell how long each thing lasted, too.
    #[arg(long)]
    durations: bool,
    /// Write it as JSON: all differences, all durations.
    #[arg(long)]
    json: bool,
}

pub(crate) fn diff_two(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let from = events(catalogue, &arguments.a)?;
    let to = events(catalogue, &arguments.b)?;
    let diff = diff(&from, &to);
    if arguments.json {
        writeln!(out, "{}", diff.json())?;
    } else {
        write!(out, "{}", diff.text([&arguments.a, &arguments.b], arguments.durations))?;
    }
    Ok(if diff.is_same() { Exit::Done } else { Exit::Unsettled })
}

/// Larger than this no saved run is: it is an address and three numbers.
const SAVED_RUN_BYTES: u64 = 64 << 10;

/// The events of a file, or of the first run of a run of ours.
fn events(catalogue: Catalogue, name: &str) -> Result<Vec<HistoryEvent>, Unusable> {
    let file = Path::new(name);
    if file.is_file() && !is_saved_run(file) {
        return Ok(history_file::read(file)?.history.events);
    }
    let sim = open(catalogue, name, &Moment::default())?;
    let run = sim
        .run()
        .ok_or_else(|| Unusable(format!("{name}: no workflow was started there, so there is no history")))?;
    Ok(run.log.to_history().events)
}

fn is_saved_run(file: &Path) -> bool {
    let is_small = file.metadata().is_ok_and(|about| about.len() <= SAVED_RUN_BYTES);
    is_small && std::fs::read_to_string(file).is_ok_and(|text| SavedRun::is_one(&text))
}
