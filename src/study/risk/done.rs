//! What a run has done to the world, as far as its history tells: what would have to be undone if it ended there.
//!
//! Whether something that was done has to be undone, the history does not say. It only says that it was done, and, with
//! `compensation`, that something later looks like its undoing.

use std::collections::BTreeSet;

use crate::history::class::End;

/// How many of what stands are kept with each activity: the latest.
const LATEST: usize = 5;

/// Something that was done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Done {
    /// The event that asked for it; a local activity's marker.
    pub event: i64,
    /// The event that says how it ended; the same, for a local activity.
    pub closed_event: i64,
    /// What did it.
    pub kind: DoneKind,
    /// The type of the activity or child workflow, the name of the operation.
    pub name: String,
    /// How it ended. What timed out may have been done all the same.
    pub end: End,
    /// The completed activity that looks like its undoing.
    pub undone_by: Option<i64>,
    /// Whether it looks like the undoing of something else.
    pub is_compensation: bool,
    /// What it looks like the undoing of, by its place in [`super::Report::done`].
    pub(super) undoes: Option<u32>,
    /// The place of the closing event in the history, counted from 0.
    pub(super) closed_place: u32,
}

/// What did it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoneKind {
    /// An activity.
    Activity,
    /// A local activity.
    LocalActivity,
    /// A child workflow.
    Child,
    /// A Nexus operation.
    NexusOperation,
}

/// What stood at some point of the history.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// How many.
    pub count: u32,
    /// The latest of them, the latest first, by their places in [`super::Report::done`].
    pub latest: Vec<u32>,
}

impl Done {
    /// Whether it stands until it is undone: it was done, or may have been.
    pub const fn stands(&self) -> bool {
        match self.end {
            End::Ok | End::TimedOut => !self.is_compensation,
            End::Failed | End::Canceled | End::Terminated => false,
        }
    }
}

/// Goes through a history and knows at each event what stands.
pub(super) struct Account<'a> {
    /// In the order in which it closed, which is that of the places.
    done: &'a [Done],
    next: u32,
    standing: BTreeSet<u32>,
}

impl<'a> Account<'a> {
    pub(super) const fn of(done: &'a [Done]) -> Self {
        Self {
            done,
            next: 0,
            standing: BTreeSet::new(),
        }
    }

    /// The event at this place has happened, and all before it.
    pub(super) fn pass(&mut self, place: u32) {
        while let Some(done) = self
            .done
            .get(self.next as usize)
            .filter(|done| done.closed_place <= place)
        {
            if done.stands() {
                self.standing.insert(self.next);
            }
            if let (End::Ok, Some(undone)) = (done.end, done.undoes) {
                self.standing.remove(&undone);
            }
            self.next += 1;
        }
    }

    /// What stands now.
    pub(super) fn standing(&self) -> Standing {
        Standing {
            count: u32::try_from(self.standing.len()).unwrap_or(u32::MAX),
            latest: self.standing.iter().rev().take(LATEST).copied().collect(),
        }
    }
}
