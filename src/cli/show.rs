//! `sagascope show`: a history as lines and what is open at its end, or as canonical JSON; from a file, or from a run.

use std::io::Write;
use std::path::PathBuf;

use crate::history::json::{Note, ReadHistory};
use crate::history::{json, text};
use crate::sim::story::Catalogue;
use crate::study::outlook::outlook;
use crate::view::listing;

use super::opened::{Moment, open};
use super::{Exit, Unusable, history_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it.
    #[arg(conflicts_with = "run")]
    file: Option<PathBuf>,
    /// Instead of a file: a file that `run --save` wrote, or an address.
    #[arg(long, value_name = "FILE|ADDRESS", requires = "workflow_id")]
    run: Option<String>,
    /// Whose history of that run.
    #[arg(long, short, requires = "run")]
    workflow_id: Option<String>,
    /// Run id; the latest run if none is given.
    #[arg(long, short, requires = "run")]
    run_id: Option<String>,
    #[command(flatten)]
    moment: Moment,
    /// Write it in canonical form.
    #[arg(long)]
    json: bool,
}

pub(crate) fn show(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let (history, canonical, complete) = match (&arguments.run, &arguments.workflow_id, &arguments.file) {
        (Some(run), Some(workflow_id), _) => {
            let sim = open(catalogue, run, &arguments.moment)?;
            let found = listing::find(&sim, workflow_id, arguments.run_id.as_deref());
            let history = found.map_err(Unusable)?.log.to_history();
            let canonical = json::write(&history);
            (history, canonical, true)
        }
        (_, _, Some(file)) => {
            let read = history_file::read(file)?;
            let (canonical, complete) = (read.write(), is_complete(&read));
            (read.history, canonical, complete)
        }
        _ => {
            return Err(Unusable(
                "name a history file, or a run with --run and --workflow-id".to_owned(),
            ));
        }
    };
    if arguments.json {
        writeln!(out, "{canonical}")?;
    } else {
        write!(out, "{}", text::history_lines(&history))?;
        writeln!(out)?;
        for sentence in outlook(&history.events, complete) {
            writeln!(out, "{sentence}")?;
        }
    }
    Ok(Exit::Done)
}

/// Whether a file has all events to the history's end.
fn is_complete(read: &ReadHistory) -> bool {
    !read.notes.iter().any(|note| matches!(note, Note::MorePages))
}
