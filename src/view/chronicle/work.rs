//! What a piece of work is: a workflow task, an attempt of an activity or of a local activity in a worker's hands, from
//! when until when, and how it ended. Data only; [`super::hands`] writes it down.

use std::fmt;

use super::Point;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::enums::timeout_name;
use crate::history::proto::{Failure, FailureInfo, TimeoutType, WorkflowTaskFailedCause};
use crate::sim::node::WorkerName;
use crate::sim::outside::ActivityError;

/// The kind of an application's failure that has no name of its own.
const NAMELESS: &str = "ApplicationFailure";

/// Something that a worker had in its hands.
#[derive(Clone, Debug, PartialEq)]
pub struct Work {
    /// For which run.
    pub run: RunKey,
    /// In whose hands.
    pub worker: WorkerName,
    /// In which of the worker's processes, from 1.
    pub process: u32,
    /// Since when it had waited for a worker.
    pub waiting_since: SimTime,
    /// When the worker took it.
    pub began: Point,
    /// When the worker was rid of it; `None` while it has it.
    pub ended: Option<Point>,
    /// How it ended, as the worker knows it.
    pub end: End,
    /// What it is.
    pub what: What,
}

/// The kinds of work.
#[derive(Clone, Debug, PartialEq)]
pub enum What {
    /// Running workflow code, or asking it.
    WorkflowTask(Task),
    /// One attempt of an activity.
    Activity(Attempt),
    /// One attempt of a local activity.
    LocalActivity(LocalAttempt),
}

/// A workflow task.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// Which attempt, from 1.
    pub attempt: u32,
    /// It came by a poll, not with the answer to the task before.
    pub polled: bool,
    /// It came from the worker's sticky queue.
    pub sticky: bool,
    /// It brings nothing but a query.
    pub query: bool,
    /// What the worker's memory had of the run.
    pub memory: Memory,
    /// What was replayed for it; `None` if nothing was.
    pub replay: Option<Replay>,
    /// Why the code could not be run.
    pub cause: Option<WorkflowTaskFailedCause>,
}

/// A replay within a workflow task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Replay {
    /// Since when the worker was at it, and the step that was the first of it.
    pub began: Point,
    /// The step that was the last of it.
    pub ended: Point,
    /// The first event that was replayed.
    pub first: i64,
    /// The last one.
    pub last: i64,
}

/// What the memory of a worker had of a run when a task came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Memory {
    /// The run as it was.
    Hit,
    /// Nothing, though the task counted on it: the history had to be fetched.
    Miss,
    /// Nothing, and the task brought the whole history.
    New,
    /// Nobody looked: a history does not tell.
    Untold,
}

/// An attempt of an activity.
#[derive(Clone, Debug, PartialEq)]
pub struct Attempt {
    /// Which.
    pub token: ActivityTaskToken,
    /// Its type.
    pub activity_type: String,
    /// Unique in the run.
    pub activity_id: String,
    /// It came with the answer to a workflow task.
    pub eager: bool,
    /// When heartbeats were passed on.
    pub heartbeats: Vec<Point>,
    /// The step with which a first part of its effect was done, of an effect that has several.
    pub part_done: Option<u32>,
    /// The step with which all of its effect was done as it was meant to be.
    pub effect_done: Option<u32>,
    /// When it first changed something outside: from here on, what is not recorded is done again after a crash.
    pub changed: Option<Point>,
    /// The worker knew that nobody wanted the result any more.
    pub known_gone: bool,
    /// The Service took the worker's word.
    pub accepted: bool,
    /// When the Service gave up waiting for it, and by which limit.
    pub timed_out: Option<(Point, TimeoutType)>,
}

/// An attempt of a local activity.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalAttempt {
    /// Its number among the run's activities.
    pub seq: u32,
    /// From 1.
    pub attempt: u32,
    /// Its type.
    pub activity_type: String,
    /// As the code named it, or its number.
    pub activity_id: String,
}

/// How a piece of work ended, as the worker knows it.
#[derive(Clone, Debug, PartialEq)]
pub enum End {
    /// Not yet.
    Open,
    /// Well.
    Ok,
    /// It stopped because it was asked to.
    Cancelled,
    /// It failed.
    Failed(Trouble),
    /// The Service did not take the answer to a workflow task, and said why.
    Refused(String),
    /// The Service did not know the task any more.
    Unwanted,
    /// The worker died over it.
    Lost,
    /// The worker could not reach the Service and forgot what it had to say.
    GaveUp,
}

/// What went wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// A name for all that go wrong in this way; OpenTelemetry's `error.type`.
    pub kind: String,
    /// What happened this time.
    pub message: String,
}

impl Trouble {
    /// A trouble of that kind.
    pub fn new(kind: &str, message: impl Into<String>) -> Self {
        Self {
            kind: kind.to_owned(),
            message: message.into(),
        }
    }

    /// A failure as histories have it: of the kind of its innermost cause, in the words of all of them, outermost first.
    pub fn of(failure: &Failure) -> Self {
        let mut message = failure.message.clone();
        let mut innermost = failure;
        while let Some(cause) = innermost.cause.as_deref() {
            innermost = cause;
            message.push_str(": ");
            message.push_str(&cause.message);
        }
        let kind = match &innermost.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => &info.r#type,
            Some(FailureInfo::ApplicationFailureInfo(_)) => NAMELESS,
            Some(FailureInfo::TimeoutFailureInfo(_)) => "timeout",
            Some(FailureInfo::CanceledFailureInfo(_)) => "canceled",
            Some(FailureInfo::TerminatedFailureInfo(_)) => "terminated",
            _ => "_OTHER",
        };
        Self::new(kind, message)
    }
}

impl fmt::Display for Trouble {
    /// `GatewayTimeout: no answer`, or the message alone where the author gave no name.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.kind == NAMELESS {
            f.write_str(&self.message)
        } else {
            write!(f, "{}: {}", self.kind, self.message)
        }
    }
}

impl From<&ActivityError> for Trouble {
    fn from(error: &ActivityError) -> Self {
        let kind = if error.error_type.is_empty() {
            NAMELESS
        } else {
            &error.error_type
        };
        Self::new(kind, error.message.clone())
    }
}

impl Work {
    /// When it was over for everybody but a worker that does not know it yet: its worker was rid of it, or the Service
    /// had given up on it.
    pub fn over(&self) -> Option<SimTime> {
        let timed_out = match &self.what {
            What::Activity(attempt) => attempt.timed_out.map(|(point, _)| point),
            What::WorkflowTask(_) | What::LocalActivity(_) => None,
        };
        self.ended.into_iter().chain(timed_out).map(|point| point.at).min()
    }

    /// What went wrong with it, if anything did by the time it was [over](Self::over).
    pub fn trouble(&self) -> Option<Trouble> {
        if let What::Activity(Attempt {
            timed_out: Some((point, kind)),
            ..
        }) = &self.what
            && self.ended.is_none_or(|ended| point.at < ended.at)
        {
            let message = format!("activity {} timeout", timeout_name(*kind));
            return Some(Trouble::new("timeout", message));
        }
        match &self.end {
            End::Open | End::Ok => None,
            End::Cancelled => Some(Trouble::new("canceled", "stopped, as it was asked to")),
            End::Failed(trouble) => Some(trouble.clone()),
            End::Refused(why) => Some(Trouble::new("refused", why.clone())),
            End::Unwanted => Some(Trouble::new("not_found", "the Service did not know the task any more")),
            End::Lost => Some(Trouble::new(
                "worker_died",
                format!("worker {} died over it", self.worker),
            )),
            End::GaveUp => Some(Trouble::new(
                "unavailable",
                format!("worker {} could not reach the Service", self.worker),
            )),
        }
    }
}
