//! The rows of the history panel: each event with its colour, its one telling fact, and why it is there.

use super::recording::{EventRow, Outcome};
use super::why::why;
use crate::base::time::SimTime;
use crate::history::json::event_text;
use crate::history::proto::{HistoryEvent, event_name};
use crate::history::refs::references;
use crate::history::task_number::TaskNumbers;
use crate::history::text::{flatten, key_fact};
use crate::history::timestamp::Timestamp;

/// Makes rows out of events, and counts the workflow tasks on the way.
#[derive(Debug, Default)]
pub(super) struct EventRows {
    rows: Vec<EventRow>,
    tasks: TaskNumbers,
}

impl EventRows {
    /// Takes in one event that step `step` wrote.
    pub(super) fn see(&mut self, event: &HistoryEvent, step: u32) {
        let task = self.tasks.next(event.event_type());
        self.rows.push(row(event, step, task));
    }

    /// All rows.
    pub(super) fn finish(self) -> Vec<EventRow> {
        self.rows
    }
}

fn row(event: &HistoryEvent, step: u32, task: u32) -> EventRow {
    let refers_to = event
        .attributes
        .as_ref()
        .map(references)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|reference| u32::try_from(reference.to).ok().filter(|id| *id > 0))
        .collect();
    EventRow {
        id: u32::try_from(event.event_id).unwrap_or(u32::MAX),
        at: event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time),
        name: event_name(event.event_type()).to_owned(),
        class: event.class(),
        outcome: Outcome::of(event.class()),
        chip: key_fact(event),
        task,
        step,
        refers_to,
        details: flatten(event),
        why: why(event),
        json: event_text(event),
    }
}
