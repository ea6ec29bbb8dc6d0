//! `sagascope risk`: what a crash of a worker could have done to the run of a history.

use std::io::Write;
use std::path::PathBuf;

use crate::study::risk::risks;

use super::{Exit, Unusable, history_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it, of any language's worker.
    file: PathBuf,
    /// Write the report as JSON.
    #[arg(long)]
    json: bool,
}

pub(crate) fn risk(arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let read = history_file::read(&arguments.file)?;
    let report = risks(&read.history.events);
    if arguments.json {
        let text = serde_json::to_string_pretty(&report.json()).map_err(std::io::Error::from)?;
        writeln!(out, "{text}")?;
    } else {
        write!(out, "{}", report.text())?;
    }
    Ok(Exit::Done)
}
