//! A stretch of a run's time between two of its events, for a picture to shade and a sentence to name.

use crate::base::time::Span;
use crate::history::proto::HistoryEvent;
use crate::history::timestamp::Timestamp;

/// From one event to another, or still open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interval {
    /// The event that it begins with.
    pub from_event: i64,
    /// The event that it ends with; `None` while it is open.
    pub to_event: Option<i64>,
    /// When it begins.
    pub from: Timestamp,
    /// When it ends; `None` while it is open.
    pub to: Option<Timestamp>,
}

impl Interval {
    /// Between two events, or from one on.
    pub(super) fn between(from: &HistoryEvent, to: Option<&HistoryEvent>) -> Self {
        Self {
            from_event: from.event_id,
            to_event: to.map(|to| to.event_id),
            from: from.event_time.unwrap_or_default(),
            to: to.map(|to| to.event_time.unwrap_or_default()),
        }
    }

    /// How long it is; `None` while it is open.
    pub fn length(&self) -> Option<Span> {
        self.to.map(|to| to.since(self.from))
    }
}
