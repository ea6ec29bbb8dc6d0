//! `sagascope show`: a history as lines and what is open at its end, one event in full, or canonical JSON; from a file, or
//! from a run.

use std::io::Write;
use std::path::PathBuf;

use crate::history::json::ReadHistory;
use crate::history::text;
use crate::sim::story::Catalogue;
use crate::study::outlook::outlook;
use crate::view::listing;
use crate::view::why::why;

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
    /// All that one event says, and why it is there.
    #[arg(long, value_name = "EVENT", conflicts_with = "json")]
    full: Option<i64>,
}

pub(crate) fn show(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let read = match (&arguments.run, &arguments.workflow_id, &arguments.file) {
        (Some(run), Some(workflow_id), _) => {
            let sim = open(catalogue, run, &arguments.moment)?;
            let found = listing::find(&sim, workflow_id, arguments.run_id.as_deref());
            ReadHistory {
                history: found.map_err(Unusable)?.log.to_history(),
                ..ReadHistory::default()
            }
        }
        (_, _, Some(file)) => history_file::read(file)?,
        _ => {
            return Err(Unusable(
                "name a history file, or a run with --run and --workflow-id".to_owned(),
            ));
        }
    };
    if let Some(id) = arguments.full {
        return event(&read, id, out);
    }
    if arguments.json {
        writeln!(out, "{}", read.write())?;
    } else {
        write!(out, "{}", text::file_lines(&read))?;
        writeln!(out)?;
        for sentence in outlook(&read.history.events, read.is_complete()) {
            writeln!(out, "{sentence}")?;
        }
    }
    Ok(Exit::Done)
}

/// One event, with all that it says.
fn event(read: &ReadHistory, id: i64, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let events = &read.history.events;
    let place = events.iter().position(|event| event.event_id == id);
    let place = place.and_then(|place| u32::try_from(place).ok());
    let Some(event) = place.and_then(|place| events.get(place as usize)) else {
        return Err(Unusable(format!(
            "there is no event {id}: the last one is {}",
            read.last_id()
        )));
    };
    let place = place.unwrap_or_default();
    writeln!(out, "event {id}: {}", read.type_name(place))?;
    if let Some(at) = event.event_time {
        writeln!(out, "{at}")?;
    }
    writeln!(out, "{}\n", why(events, event))?;
    let unknown = read.kept.attributes(place).map(text::flatten_value).unwrap_or_default();
    let rows: Vec<_> = text::flatten(event).into_iter().chain(unknown).collect();
    let width = rows
        .iter()
        .map(|(name, _)| name.chars().count())
        .max()
        .unwrap_or_default();
    for (name, value) in rows {
        writeln!(out, "{name:width$}  {value}")?;
    }
    Ok(Exit::Done)
}
