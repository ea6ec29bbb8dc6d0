//! `sagascope replay`: does the code that is here go together with a history? Every version of it is asked; the one that
//! counts comes first and decides.

use std::io::{self, Write};
use std::path::PathBuf;

use crate::history::proto::{Attributes, HistoryEvent};
use crate::sim::story::Catalogue;
use crate::worker::registry::Registry;
use crate::worker::replay::{ReplayError, Replayed, replay};

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
    let events = read.history.events;
    let wanted = arguments.workflow.as_deref();
    let workflow_type = wanted.map_or_else(|| own_type(&events), str::to_owned);
    let mut versions = catalogue.versions(&workflow_type).into_iter();
    let newest = versions.next().unwrap_or_else(|| catalogue.code());
    let verdict = replay(&newest, &events, wanted);
    let exit = match &verdict {
        Ok(replayed) => {
            compatible(replayed, out)?;
            Exit::Done
        }
        Err(ReplayError::Nondeterministic(mismatch)) => {
            writeln!(out, "nondeterministic: {}\n{mismatch}", mismatch.message)?;
            Exit::Unsettled
        }
        Err(ReplayError::Failed { event_id, message }) => {
            writeln!(out, "failed after event {event_id}: {message}")?;
            Exit::Unsettled
        }
        Err(ReplayError::UnknownType { workflow_type, known }) => {
            return Err(Unusable(format!(
                "{shown}: there is no code of workflow {workflow_type} here. Known: {}",
                known.join(", ")
            )));
        }
        Err(ReplayError::Broken(why)) => return Err(Unusable(format!("{shown}: this is no history: {why}"))),
    };
    others(versions, &workflow_type, &events, wanted, out)?;
    Ok(exit)
}

fn own_type(events: &[HistoryEvent]) -> String {
    match events.first().and_then(|event| event.attributes.as_ref()) {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started
            .workflow_type
            .as_ref()
            .map(|of| of.name.clone())
            .unwrap_or_default(),
        _ => String::new(),
    }
}

fn compatible(replayed: &Replayed, out: &mut dyn Write) -> io::Result<()> {
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
    if !replayed.otherwise.is_empty() {
        writeln!(
            out,
            "no worker compares what follows: the code that is here asks for the same, but otherwise (history → code)"
        )?;
    }
    for otherwise in &replayed.otherwise {
        writeln!(out, "{otherwise}")?;
    }
    match replayed.sealed {
        0 => Ok(()),
        n => writeln!(out, "values that cannot be read here, and may differ: {n}"),
    }
}

/// The versions that do not count, in a line each.
fn others(
    versions: impl ExactSizeIterator<Item = Registry>,
    workflow_type: &str,
    events: &[HistoryEvent],
    wanted: Option<&str>,
    out: &mut dyn Write,
) -> io::Result<()> {
    match versions.len() {
        0 => return Ok(()),
        1 => writeln!(out, "another version of this code is here")?,
        n => writeln!(out, "{n} other versions of this code are here")?,
    }
    for (number, version) in (2..).zip(versions) {
        let source = version.source(workflow_type);
        let name = source.map_or_else(|| format!("version {number}"), |source| source.file.to_owned());
        let verdict = match replay(&version, events, wanted) {
            Ok(replayed) => match replayed.otherwise.len() {
                0 => "compatible".to_owned(),
                1 => "compatible, and asks otherwise for 1 thing".to_owned(),
                n => format!("compatible, and asks otherwise for {n} things"),
            },
            Err(ReplayError::Nondeterministic(mismatch)) => {
                let asked = match &mismatch.asked {
                    Some((what, _)) => format!("the code asks for {what}"),
                    None => "the code asks for nothing more".to_owned(),
                };
                format!(
                    "nondeterministic ({}) at event {}: history has {}, {asked}",
                    mismatch.cause.name(),
                    mismatch.event_id,
                    mismatch.recorded
                )
            }
            Err(ReplayError::Failed { event_id, message }) => format!("failed after event {event_id}: {message}"),
            // The first version had the type and could read the history.
            Err(ReplayError::UnknownType { .. } | ReplayError::Broken(_)) => continue,
        };
        writeln!(out, "    {name}: {verdict}")?;
    }
    Ok(())
}
