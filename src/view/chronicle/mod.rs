//! What happens in a world, written down once for everybody: each thing that lasts, from when until when and how it
//! ended, for all workflow runs and workers together.
//!
//! Histories keep the last attempt of an activity only, and nothing of a workflow task that is tried again; workers
//! forget everything when they die; a queue is empty once its task is taken. So the world is looked at after each step:
//! what is new begins, what is gone has ended, and how is read off the step that ended it. Only what a step can have
//! touched is looked at, so a step costs no more in a long run than in a short one.
//!
//! | part | what it has |
//! | --- | --- |
//! | [`hands`] | all [`work`] in workers' hands: workflow tasks, attempts of activities and local activities, replays |
//! | [`activities`] | each activity: its attempts, and what it does between them |
//! | [`things`] | timers, children, updates, calls to other workflows |
//! | [`messages`] | what clients and operators asked for, and what they heard |
//! | [`runs`] | each workflow run: begin, end, which step wrote which event, what is buffered |
//! | [`outside`] | tasks that wait in queues, workers that are dead or partitioned, effects in the world |
//!
//! The chronicle of a history that somebody else's Service wrote is in `told`: less of it, read off the events.
//!
//! Who wants words for it, or pictures, makes them from this: `marks`, `attempts`, `watch`.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod activities;
pub mod hands;
pub mod messages;
pub mod outside;
pub mod runs;
pub mod things;
pub(super) mod told;
pub mod work;

use self::activities::Activities;
use self::hands::Hands;
use self::messages::Messages;
use self::outside::Outside;
use self::runs::RunLines;
use self::things::Things;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::log::EventLog;
use crate::sim::Sim;
use crate::sim::step::Record;

/// A moment of a run: a step, and the time that counts for what happened then. That is the step's own, or an earlier
/// one that the world had written down.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Point {
    /// The step, from 1; 0 for what was the case before the first.
    pub step: u32,
    /// The time.
    pub at: SimTime,
}

impl Point {
    /// The moment of a step.
    pub(super) const fn of(record: &Record) -> Self {
        Self {
            step: record.number,
            at: record.at,
        }
    }
}

/// Everything so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Chronicle {
    /// What workers have, or had, in hand.
    pub hands: Hands,
    /// The activities of all runs.
    pub activities: Activities,
    /// Timers, children, updates and the like, of all runs.
    pub things: Things,
    /// What was asked for from outside.
    pub messages: Messages,
    /// The workflow runs.
    pub runs: RunLines,
    /// Queues, outages, effects.
    pub outside: Outside,
}

/// What it takes to have the chronicle as it was at a moment: what was still open then. All else is in the later one.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Then {
    step: u32,
    hands: hands::Then,
    activities: activities::Then,
}

impl Chronicle {
    /// Keeps the moment after so many steps: the one that was seen last.
    pub(super) fn then(&self, step: u32) -> Then {
        Then {
            step,
            hands: self.hands.then(),
            activities: self.activities.then(),
        }
    }

    /// The chronicle as it was at a moment that was kept. `histories` are the runs' events, perhaps with later ones.
    pub(super) fn back(&self, then: &Then, histories: &[EventLog]) -> Self {
        Self {
            hands: self.hands.back(&then.hands),
            activities: self.activities.back(then.step, &then.activities),
            things: self.things.until(then.step),
            messages: self.messages.until(then.step),
            runs: self.runs.until(then.step, histories),
            outside: self.outside.until(then.step),
        }
    }

    /// The chronicle of a world in which nothing has happened yet.
    pub fn new(sim: &Sim) -> Self {
        let mut chronicle = Self::default();
        chronicle.outside.begin(sim);
        chronicle
    }

    /// Takes in one step. `sim` is the world after it.
    pub fn see(&mut self, sim: &Sim, record: &Record) {
        self.runs.see(sim, record);
        self.things.see(sim, record);
        self.messages.see(sim, record);
        self.hands.hear(sim, record);
        let timed_out = self.activities.time_out(sim, record);
        self.hands.time_out(record, timed_out);
        for run in touched(record) {
            self.activities.follow(sim, record, run);
        }
        self.hands.compare(sim, record, &mut self.activities);
        self.outside.see(sim, record, &mut self.hands);
    }
}

/// The runs that a step may have changed: the one it was about, and those that it brought events.
pub(super) fn touched(record: &Record) -> impl Iterator<Item = RunKey> {
    let about = record.what.run();
    let written = record.wrote.iter().map(|wrote| wrote.run);
    about.into_iter().chain(written.filter(move |run| Some(*run) != about))
}
