//! Two histories compared by what the code asked for and what came of it, and not by their events' numbers.
//!
//! [`thing`] says what there is to be compared in a history, [`align`] which thing of the one is which of the other,
//! `history::difference` in what two of them differ and [`ending`] how each ended; [`differ`] goes through all of it,
//! [`told`] puts it in words. What is random by nature is no difference
//! (ids of runs, requests and events, identities), and neither is a time, unless it is of another order: all times are in
//! [`Diff::durations`]. Where a signal came in among the commands is a matter of time too.

mod align;
mod differ;
mod ending;
mod thing;
mod told;

use serde::Serialize;

use self::differ::Differ;
use crate::history::difference::Difference;
use crate::history::proto::HistoryEvent;

/// What two histories differ in: `from` is the first of them, `to` the second.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Diff {
    /// The first history.
    pub from: Side,
    /// The second history.
    pub to: Side,
    /// How many things are the same in both.
    pub same: u32,
    /// What differs, in the order of the first history.
    pub changes: Vec<Change>,
    /// How many values could not be compared, since nobody here can read them.
    pub sealed: u32,
    /// How long each thing lasted that ended in both, the whole run first.
    pub durations: Vec<Lasted>,
}

/// One of the two histories.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// The workflow's type; empty if the history does not begin with its beginning.
    pub workflow_type: String,
    /// The workflow's id, if the history says it.
    pub workflow_id: String,
    /// How many events it has.
    pub events: u32,
    /// How the run stands at its last event: `completed`, `open`.
    pub status: String,
}

/// A thing that is not the same in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Change {
    /// What it is: `activity Charge`.
    pub what: String,
    /// The how-manieth of its name, from 1; 0 if it is the only one.
    pub number: u32,
    /// What has become of it.
    pub verdict: Verdict,
    /// Its event in the first history.
    pub from: Option<i64>,
    /// Its event in the second one.
    pub to: Option<i64>,
    /// In what the two differ, in order.
    pub differences: Vec<Placed>,
    #[serde(skip)]
    at: Position,
}

/// What has become of a thing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Verdict {
    /// It is in both, and differs.
    Changed,
    /// It is in both, in another order. It may differ as well.
    Moved,
    /// It is only in the first.
    OnlyInFrom,
    /// It is only in the second.
    OnlyInTo,
}

/// A difference, and the events that say so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Placed {
    /// The event in the first history.
    pub from_event: Option<i64>,
    /// The event in the second one.
    pub to_event: Option<i64>,
    /// In what they differ.
    #[serde(flatten)]
    pub difference: Difference,
    #[serde(skip)]
    at: Position,
}

/// How long something lasted in both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Lasted {
    /// What it is.
    pub what: String,
    /// The how-manieth of its name, from 1; 0 if it is the only one.
    pub number: u32,
    /// In the first history, in nanoseconds.
    pub from_nanos: u64,
    /// In the second one.
    pub to_nanos: u64,
}

/// Where something stands, in the order of the first history. What is only in the second stands before the event that
/// both have next, in its own order.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Position {
    from: u32,
    to: u32,
}

impl From<u32> for Position {
    fn from(from: u32) -> Self {
        Self { from, to: u32::MAX }
    }
}

/// The difference that comes first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct First<'a> {
    /// Of this thing.
    pub change: &'a Change,
    /// In this; `None` if it is only in one of them, or moved.
    pub difference: Option<&'a Placed>,
}

/// Compares two histories, whole or cut off, of whichever workflows.
pub fn diff(from: &[HistoryEvent], to: &[HistoryEvent]) -> Diff {
    Differ::new(from, to).run()
}

impl Diff {
    /// Whether nothing differs.
    pub fn is_same(&self) -> bool {
        self.changes.is_empty()
    }

    /// All of it as JSON.
    pub fn json(&self) -> String {
        serde_json::to_string_pretty(self).unwrap_or_default()
    }

    /// What differs first.
    pub fn first(&self) -> Option<First<'_>> {
        let whole = |change: &'_ Change| match change.verdict {
            Verdict::Changed => None,
            Verdict::Moved | Verdict::OnlyInFrom | Verdict::OnlyInTo => Some(change.at),
        };
        let all = self.changes.iter().flat_map(|change| {
            let itself = whole(change).map(|at| (at, None));
            let parts = change.differences.iter().map(|placed| (placed.at, Some(placed)));
            itself
                .into_iter()
                .chain(parts)
                .map(move |(at, difference)| (at, First { change, difference }))
        });
        all.min_by_key(|(at, _)| *at).map(|(_, first)| first)
    }
}
