//! `sagascope replay`: does the code that is here go together with a history?

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use sagascope::history::json;
use sagascope::sim::story;
use sagascope::worker::replay::{ReplayError, replay};

use crate::{Outcome, Unusable};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it, complete or cut off.
    file: PathBuf,
    /// The workflow whose code is meant, if not that of the history's own type.
    #[arg(long, value_name = "TYPE")]
    workflow: Option<String>,
}

pub(crate) fn replay_file(arguments: &Arguments, out: &mut impl Write) -> Result<Outcome, Unusable> {
    let shown = arguments.file.display();
    let text =
        fs::read_to_string(&arguments.file).map_err(|error| Unusable(format!("cannot read {shown}: {error}")))?;
    let read = json::read(&text).map_err(|error| Unusable(format!("{shown}: {error}")))?;
    let registry = story::registry();
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
            Ok(Outcome::Done)
        }
        Err(ReplayError::Nondeterministic(mismatch)) => {
            writeln!(out, "nondeterministic: {}\n{mismatch}", mismatch.message)?;
            Ok(Outcome::Unsettled)
        }
        Err(ReplayError::Failed { event_id, message }) => {
            writeln!(out, "failed after event {event_id}: {message}")?;
            Ok(Outcome::Unsettled)
        }
        Err(ReplayError::UnknownType { workflow_type, known }) => Err(Unusable(format!(
            "{shown}: there is no code of workflow {workflow_type} here. Known: {}",
            known.join(", ")
        ))),
        Err(ReplayError::Broken(why)) => Err(Unusable(format!("{shown}: this is no history: {why}"))),
    }
}
