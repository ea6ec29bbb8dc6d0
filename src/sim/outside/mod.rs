//! The outside: whatever the activities of a run touch. A guest of the engine, which knows of it only what is here.
//!
//! An [`Outside`] knows no workflow, no worker, no task queue: it is called, it changes, it answers. Whether the caller
//! lives to hear the answer is none of its business, and that is the point. It reads no clock and draws no chance of its
//! own: both come in as arguments, so that a run stays a pure function of its address.
//!
//! `call.rs` says what it is asked, `plan.rs` when things happen, `journal.rs` what it writes down.

mod call;
mod journal;
mod plan;
mod world;

use std::any::Any;
use std::fmt;

use serde_json::Value;

pub use self::call::{ActivityError, Call, unregistered};
pub use self::journal::{Entry, EntryKind};
pub use self::plan::{Beats, OnCancel, Parts, Plan};
pub use self::world::{Behaviour, World};
use crate::base::chance::Chance;
use crate::base::time::SimTime;

/// One fact about the outside, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// What it is about: `customer charged`.
    pub label: String,
    /// How it stands: `€89.00`.
    pub value: String,
}

/// What the activities of a run act on. Cloning it must give an independent one in the same state: time travel goes back
/// to such copies.
pub trait Outside: Any + Send + Sync {
    /// When things happen in an attempt that begins `now`. Asked once an attempt, with [`Call::part`] 1. Whatever is drawn
    /// must be drawn for the activity and the attempt, so that the same attempt takes as long in every fork of a run.
    fn plan(&self, chance: Chance, now: SimTime, call: &Call<'_>) -> Plan;

    /// Does what the activity does, once its effect is due, and says what the function will return. With several parts it
    /// is called for each, and the last one speaks for the function.
    ///
    /// # Errors
    ///
    /// What the activity function fails with: it becomes the attempt's application failure.
    fn perform(&mut self, chance: Chance, now: SimTime, call: &Call<'_>) -> Result<Value, ActivityError>;

    /// Everything that happened, oldest first.
    fn entries(&self) -> &[Entry];

    /// How things stand, in words: always the same facts in the same order.
    fn facts(&self) -> Vec<Fact>;

    /// The external systems it consists of, by the names that stand in [`Entry::system`], in the order in which they are
    /// shown.
    fn systems(&self) -> Vec<String>;

    /// What two runs must have in common to have come to the same: always the same labels in the same order. Unlike
    /// [`Outside::facts`] it leaves out what may differ, such as how often something was asked for in vain.
    fn snapshot(&self) -> Vec<Fact>;

    /// An independent copy.
    fn copy(&self) -> Box<dyn Outside>;
}

impl dyn Outside {
    /// The outside as what it is, if it is a `T`.
    pub fn downcast<T: Outside>(&self) -> Option<&T> {
        (self as &dyn Any).downcast_ref()
    }
}

impl Clone for Box<dyn Outside> {
    fn clone(&self) -> Self {
        // Not the box's own method: that would be this one.
        (**self).copy()
    }
}

impl fmt::Debug for dyn Outside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.facts()).finish()
    }
}

/// An outside in which there is nothing: no worker has any activity.
#[derive(Clone, Copy, Debug, Default)]
pub struct Nothing;

impl Outside for Nothing {
    fn plan(&self, _: Chance, _: SimTime, _: &Call<'_>) -> Plan {
        Plan::simple(call::LOOKS_IT_UP, call::LOOKS_IT_UP)
    }

    fn perform(&mut self, _: Chance, _: SimTime, call: &Call<'_>) -> Result<Value, ActivityError> {
        Err(unregistered(call.activity_type, &[]))
    }

    fn entries(&self) -> &[Entry] {
        &[]
    }

    fn facts(&self) -> Vec<Fact> {
        Vec::new()
    }

    fn systems(&self) -> Vec<String> {
        Vec::new()
    }

    fn snapshot(&self) -> Vec<Fact> {
        Vec::new()
    }

    fn copy(&self) -> Box<dyn Outside> {
        Box::new(*self)
    }
}
