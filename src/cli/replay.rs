//! `sagascope replay`: does the code that is here go together with a history?

use std::io::Write;
use std::path::PathBuf;

use crate::sim::story::Catalogue;
use crate::worker::replay::{ReplayError, replay};

use super::{Exit, Unusable, history_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it, complete or cut off.
    file: PathBuf,
    /// The workflow whose code is meant, if not that of the history's own type.
    #[arg(long, value_name = "TYPE")]
    workflow: Option<String>,
}

pub(crate) fn replay_file(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let shown = arguments.file.display();
    let read = history_file::read(&arguments.file)?;
    if let Some(note) = read.not_for_replay() {
        return Err(Unusable(format!("{shown}: {note}")));
    }
    let registry = catalogue.code();
    match replay(&registry, &read.history.events, arguments.workflow.as_deref()) {
        Ok(replayed) => {
            let end = if replayed.closed {
                "to its end"
            } else {
                "as far as it goes"
            };
            writeln!(
                out,
                "compatible: {} meets all {} events, {end}, in {} activations",
                replayed.workflow_type, replayed.events, replayed.activations
            )?;
            Ok(Exit::Done)
        }
        Err(ReplayError::Nondeterministic(mismatch)) => {
            writeln!(out, "nondeterministic: {}\n{mismatch}", mismatch.message)?;
            Ok(Exit::Unsettled)
        }
        Err(ReplayError::Failed { event_id, message }) => {
            writeln!(out, "failed after event {event_id}: {message}")?;
            Ok(Exit::Unsettled)
        }
        Err(ReplayError::UnknownType { workflow_type, known }) => Err(Unusable(format!(
            "{shown}: there is no code of workflow {workflow_type} here. Known: {}",
            known.join(", ")
        ))),
        Err(ReplayError::Broken(why)) => Err(Unusable(format!("{shown}: this is no history: {why}"))),
    }
}
