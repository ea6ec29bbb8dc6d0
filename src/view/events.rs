//! The rows of the history panel: each event with its colour, its one telling fact, and why it is there.

use std::borrow::Cow;

use super::recording::{EventDetails, EventRow, Outcome};
use super::why::why;
use crate::base::time::SimTime;
use crate::history::proto::{HistoryEvent, event_name};
use crate::history::refs::references;
use crate::history::text::{flatten, key_fact};
use crate::history::timestamp::Timestamp;

/// The row of an event that step `step` wrote and that belongs to workflow task number `task`.
pub(super) fn row(event: &HistoryEvent, step: u32, task: u32) -> EventRow {
    let references = event.attributes.as_ref().map(references).unwrap_or_default();
    let ids = references
        .into_iter()
        .filter_map(|reference| u32::try_from(reference.to).ok());
    EventRow {
        id: u32::try_from(event.event_id).unwrap_or(u32::MAX),
        at: event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time),
        name: Cow::Borrowed(event_name(event.event_type())),
        class: event.class(),
        outcome: Outcome::of(event.class()),
        chip: key_fact(event),
        task,
        step,
        refers_to: ids.filter(|id| *id > 0).collect(),
    }
}

/// The inside of an event of that history.
pub(super) fn details(history: &[HistoryEvent], event: &HistoryEvent) -> EventDetails {
    EventDetails {
        attributes: flatten(event),
        why: why(history, event),
    }
}
