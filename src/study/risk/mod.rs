//! The crash-risk report: what the death of a worker at any time of a run would have done, from the history alone and in
//! whatever language its code is.
//!
//! - `activity`: when an attempt could be lost, and what comes of that (`crash`), whether it carries a key (`key`)
//! - `local`: local activities and workflow tasks, which are done again as a whole
//! - `done`: what had been done by then, and `compensation`: what of that looks undone, by its `name` among others
//! - `recorded`: what is never run again
//! - `text` and `json`: the report for people (in the words of `sentence`) and for programs
//!
//! Everything here is about what could have happened between the events that there are. What a history cannot tell is said
//! to be so, and what is assumed is in [`ASSUMPTIONS`].

mod activity;
mod compensation;
mod crash;
mod done;
mod interval;
mod json;
mod key;
mod local;
mod name;
mod recorded;
mod sentence;
mod text;

pub use self::activity::{ActivityRisk, Earlier, Ending};
pub use self::compensation::{Compensation, Reason};
pub use self::crash::{Crash, Next, Notice, Obstacle};
pub use self::done::{Done, DoneKind, Standing};
pub use self::interval::Interval;
pub use self::key::{Key, Sign, SignKind, Silence};
pub use self::local::LocalRisk;
pub use self::recorded::Recorded;

use self::activity::Context;
use self::done::Account;
use self::key::OwnIds;
use super::run_limit::{RunLimit, started};
use crate::history::class::End;
use crate::history::operation::operations;
use crate::history::proto::{EventType, HistoryEvent};
use crate::history::timestamp::Timestamp;

/// What the report takes for granted.
pub const ASSUMPTIONS: [&str; 5] = [
    "A crash is the sudden end of a worker's process: what it has not told the Service is gone, and another worker goes on.",
    "An attempt counts as over when the Service has recorded its end: the interval includes the answer's way there.",
    "The rest of the run goes as it did; only this one crash is added.",
    "A key is only looked for in arguments and headers. A worker that makes one of the workflow id and the activity id shows \
     none, and one that is shown may be looked at by nobody.",
    "Attempts before the last one leave no events: when they ran, and what they did, the history does not say.",
];

/// What a crash could have done to a run.
#[derive(Clone, Debug, PartialEq)]
pub struct Report {
    /// Its workflow type; empty if the history does not have its beginning.
    pub workflow_type: String,
    /// Its workflow id; empty if the history does not say.
    pub workflow_id: String,
    /// How many events there are.
    pub events: u32,
    /// The time of the first event.
    pub begin: Timestamp,
    /// How it closed; `None` if it is open, or the history does not have its end.
    pub closed: Option<Closed>,
    /// All activities, in the order in which they were scheduled.
    pub activities: Vec<ActivityRisk>,
    /// Those among them that a worker had, by their places, the most dangerous first.
    pub dangers: Vec<u32>,
    /// All local activities, by their markers.
    pub local_activities: Vec<LocalRisk>,
    /// All completed workflow tasks: a crash in these is harmless but for local activities.
    pub workflow_tasks: Vec<Interval>,
    /// What was done, in the order in which it ended.
    pub done: Vec<Done>,
    /// What of it looks like the undoing of something else.
    pub compensations: Vec<Compensation>,
    /// What stands at the end.
    pub standing: Standing,
    /// What is never run again.
    pub recorded: Recorded,
}

/// How a run closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Closed {
    /// With which event.
    pub event: i64,
    /// Of which type.
    pub event_type: EventType,
    /// How that is.
    pub end: End,
}

/// Judges a history.
pub fn risks(events: &[HistoryEvent]) -> Report {
    let operations = operations(events);
    let (local_activities, workflow_tasks) = local::local_activities(events);
    let (done, compensations) = compensation::recognise(events, &operations, &local_activities);
    let closing = events.iter().rfind(|event| event.class().ends_run());
    let first = events.first();
    let started = first.and_then(started);
    let context = Context {
        events,
        ids: started.map_or_else(OwnIds::default, |started| OwnIds {
            workflow_id: &started.workflow_id,
            run_id: &started.original_execution_run_id,
            first_run_id: &started.first_execution_run_id,
            activity_id: "",
        }),
        run_ends: first.and_then(RunLimit::of).map(|limit| limit.at),
        closing,
    };
    let mut account = Account::of(&done);
    let mut activities = Vec::new();
    for operation in &operations {
        account.pass(operation.opened);
        activities.extend(context.judge(operation, account.standing()));
    }
    account.pass(u32::MAX);
    let standing = account.standing();
    let mut dangers: Vec<u32> = (0_u32..)
        .zip(&activities)
        .filter(|(_, activity)| activity.crash != Crash::NotTaken)
        .map(|(place, _)| place)
        .collect();
    dangers.sort_by_key(|place| activities[*place as usize].danger());
    Report {
        workflow_type: started
            .and_then(|started| started.workflow_type.as_ref())
            .map_or_else(String::new, |kind| kind.name.clone()),
        workflow_id: started.map_or_else(String::new, |started| started.workflow_id.clone()),
        events: u32::try_from(events.len()).unwrap_or(u32::MAX),
        begin: first.and_then(|first| first.event_time).unwrap_or_default(),
        closed: closing.and_then(|event| {
            Some(Closed {
                event: event.event_id,
                event_type: event.event_type(),
                end: event.class().end()?,
            })
        }),
        activities,
        dangers,
        local_activities,
        workflow_tasks,
        done,
        compensations,
        standing,
        recorded: Recorded::of(events),
    }
}
