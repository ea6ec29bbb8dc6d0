//! One local activity, and the markers that history has of it.
//!
//! | state | what happens | next | |
//! | --- | --- | --- | --- |
//! | Sent | it ends | Marked | a command to record a marker; the code is told |
//! | | cancelled, trying or abandoning | Marked | the same, with a cancellation |
//! | Marked | the command is among those to be sent | Notified | |
//! | Notified | its MarkerRecorded | Recorded | |
//! | Replaying | its marker lies ahead | Resolved | the code is told |
//! | | the task at hand is reached | Sent | nobody ran it to its end: it runs (again) |
//! | Resolved | its MarkerRecorded | Recorded | |
//!
//! A marker says in which activation of its task the code was told, so that replay tells it in the same.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::error::{MachineError, spelled};
use super::machine::{Cancellation, Reaction, StateMachine};
use crate::base::time::Span;
use crate::contract::answer::Command;
use crate::history::payload;
use crate::history::proto::{
    ActivityFailureInfo, ActivityType, Attributes, CanceledFailureInfo, Failure, FailureInfo, HistoryEvent,
    MarkerRecordedEventAttributes, Payloads, RetryState, TimeoutFailureInfo, TimeoutType,
};
use crate::history::timestamp::{self, Timestamp};
use crate::worker::activation::{JobKind, Resolution};
use crate::worker::request::{ScheduleLocalActivity, WhenCancelled};

const MARKER: &str = "core_local_activity";
const NANOS_PER_SECOND: u64 = 1_000_000_000;

#[derive(Clone, Debug)]
pub(in crate::worker) struct LocalActivity {
    pub(super) seq: u32,
    pub(in crate::worker) task: ScheduleLocalActivity,
    asked_in_replay: bool,
    asked_at: Timestamp,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Sent,
    Marked(Ended),
    Notified(Ended),
    Replaying,
    Resolved,
    Recorded,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ended {
    Completed,
    Failed,
    Canceled,
}

/// How a local activity ended: what a marker holds.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::worker) struct Ending {
    pub(in crate::worker) result: LocalResult,
    pub(in crate::worker) complete_time: Option<Timestamp>,
    pub(in crate::worker) attempt: u32,
    pub(in crate::worker) backoff: Option<Span>,
    pub(in crate::worker) original_schedule: Option<Timestamp>,
    pub(in crate::worker) activation_index: Option<u64>,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::worker) enum LocalResult {
    Completed(Option<Payloads>),
    Failed(Box<Failure>),
    TimedOut(Box<Failure>),
    Canceled(Box<Failure>),
}

/// What a marker says of which local activity.
#[derive(Clone, Debug)]
pub(super) struct Marked {
    pub(super) seq: u32,
    activity_id: String,
    activity_type: String,
    pub(super) ending: Ending,
}

impl LocalActivity {
    /// One the code has just asked for. It runs, or, in replay, waits for what history says.
    pub(super) fn new(seq: u32, task: ScheduleLocalActivity, replaying: bool, at: Timestamp) -> (Self, Vec<Reaction>) {
        let machine = Self {
            seq,
            task,
            asked_in_replay: replaying,
            asked_at: at,
            state: if replaying { State::Replaying } else { State::Sent },
        };
        let reactions = if replaying {
            Vec::new()
        } else {
            vec![Reaction::RunLocally(seq)]
        };
        (machine, reactions)
    }

    /// Whether a marker that lies ahead can tell it its end.
    pub(super) fn waits_for_marker(&self) -> bool {
        self.state == State::Replaying
    }

    /// The task at hand is reached.
    pub(super) fn replay_is_over(&mut self) -> Vec<Reaction> {
        if self.state != State::Replaying {
            return Vec::new();
        }
        self.state = State::Sent;
        self.asked_in_replay = false;
        vec![Reaction::RunLocally(self.seq)]
    }

    /// It has ended: it did run, or a marker says so.
    pub(super) fn end(&mut self, ending: Ending, from_marker: bool) -> Result<Vec<Reaction>, MachineError> {
        self.state = match (self.state, from_marker) {
            (State::Sent, false) => State::Marked(ended(&ending.result)),
            (State::Replaying, true) => State::Resolved,
            (State::Marked(_) | State::Notified(_) | State::Recorded, false) => return Ok(Vec::new()),
            _ => {
                return Err(MachineError::Fatal(format!(
                    "Invalid transition resolving local activity (seq {}, from marker: {from_marker})",
                    self.seq
                )));
            }
        };
        Ok(self.resolved(ending))
    }

    /// How long it has run when it ends now, counted from its task's time, is when the code learns of it.
    pub(in crate::worker) fn complete_time(&self, ran: Span) -> Timestamp {
        self.asked_at.plus(ran)
    }

    /// Whether its marker meets no command: replay has no command for it.
    pub(super) fn marker_is_its_own(&self) -> Result<bool, MachineError> {
        match self.state {
            State::Notified(_) => Ok(false),
            State::Resolved => Ok(true),
            State::Sent | State::Marked(_) | State::Replaying | State::Recorded => Err(MachineError::Fatal(
                "Attempted to check for LA marker handling in invalid state".to_owned(),
            )),
        }
    }

    fn must_agree(&self, marked: &Marked) -> Result<(), MachineError> {
        if marked.seq != self.seq {
            return Err(MachineError::Nondeterminism(format!(
                "Local activity marker data has sequence number {} but matched against LA command with sequence number {}",
                marked.seq, self.seq
            )));
        }
        let differs = |what: &str, recorded: &str, asked: &str| {
            let lower = format!("activity {what}");
            let upper = format!("Activity {what}");
            MachineError::differs(
                &upper,
                "recorded marker",
                recorded,
                "local activity command",
                &lower,
                asked,
            )
        };
        differs("id", &marked.activity_id, &self.task.activity_id)?;
        differs("type", &marked.activity_type, &self.task.activity_type)
    }

    /// The code is told, its clock goes on, and a marker is to be written unless history has it.
    fn resolved(&self, ending: Ending) -> Vec<Reaction> {
        let over = matches!(ending.result, LocalResult::Canceled(_) | LocalResult::TimedOut(_));
        let resolution = match ending.backoff {
            Some(wait) => Resolution::Backoff {
                attempt: ending.attempt.saturating_add(1),
                wait,
                original_schedule: ending.original_schedule,
            },
            None => match ending.result.clone() {
                LocalResult::Completed(result) => Resolution::Completed(result),
                LocalResult::Failed(failure) => Resolution::Failed(failure),
                LocalResult::TimedOut(failure) => Resolution::Failed(self.wrapped("Local Activity timed out", failure)),
                LocalResult::Canceled(failure) => {
                    Resolution::Canceled(self.wrapped("Local Activity cancelled", failure))
                }
            },
        };
        let mut reactions = vec![
            Reaction::Job(JobKind::ResolveActivity {
                seq: self.seq,
                local: true,
                resolution: Box::new(resolution),
            }),
            Reaction::Time(ending.complete_time),
        ];
        if over && self.task.when_cancelled == WhenCancelled::Abandon {
            reactions.push(Reaction::AbandonLocally(self.seq));
        }
        if !self.asked_in_replay {
            reactions.push(Reaction::Command(Command::RecordMarker(Box::new(self.marker(ending)))));
        }
        reactions
    }

    /// Cancellations and time limits are the cause of an activity's failure; one that is that already stays as it is.
    fn wrapped(&self, message: &str, failure: Box<Failure>) -> Box<Failure> {
        let bare = matches!(
            failure.failure_info,
            Some(FailureInfo::CanceledFailureInfo(_) | FailureInfo::TimeoutFailureInfo(_))
        );
        if !bare {
            return failure;
        }
        Box::new(Failure {
            message: message.to_owned(),
            cause: Some(failure),
            failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
                activity_type: Some(ActivityType {
                    name: self.task.activity_type.clone(),
                }),
                activity_id: self.task.activity_id.clone(),
                retry_state: RetryState::CancelRequested.into(),
                ..Default::default()
            })),
            ..Default::default()
        })
    }

    fn marker(&self, ending: Ending) -> MarkerRecordedEventAttributes {
        let data = json!({
            "seq": self.seq,
            "attempt": ending.attempt,
            "activity_id": self.task.activity_id,
            "activity_type": self.task.activity_type,
            "complete_time": ending.complete_time.map(|at| moment(at.seconds, at.nanos)),
            "backoff": ending.backoff.map(|wait| {
                let wait = timestamp::duration(wait);
                moment(wait.seconds, wait.nanos)
            }),
            "original_schedule_time": ending.original_schedule.map(|at| moment(at.seconds, at.nanos)),
            "activation_index": ending.activation_index,
        });
        let mut details = BTreeMap::from([("data".to_owned(), payload::json(&data))]);
        if self.task.include_arguments {
            details.insert("input".to_owned(), self.task.input.clone().unwrap_or_default());
        }
        let failure = match ending.result {
            LocalResult::Completed(result) => {
                details.extend(result.map(|result| ("result".to_owned(), result)));
                None
            }
            LocalResult::Failed(failure) | LocalResult::TimedOut(failure) | LocalResult::Canceled(failure) => {
                Some(*failure)
            }
        };
        MarkerRecordedEventAttributes {
            marker_name: MARKER.to_owned(),
            details,
            failure,
            ..Default::default()
        }
    }
}

impl StateMachine for LocalActivity {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        let Some(marked) = Marked::read(event) else {
            return Err(MachineError::Nondeterminism(format!(
                "Local activity machine cannot handle this event: {}",
                spelled(event)
            )));
        };
        let completed = matches!(marked.ending.result, LocalResult::Completed(_));
        match self.state {
            State::Notified(Ended::Completed) if !completed => {
                return Err(MachineError::Nondeterminism(format!(
                    "Local activity (seq {}) completed successfully locally, but history said it failed!",
                    self.seq
                )));
            }
            State::Notified(Ended::Failed) if completed => {
                return Err(MachineError::Nondeterminism(format!(
                    "Local activity (seq {}) failed locally, but history said it completed!",
                    self.seq
                )));
            }
            State::Sent
            | State::Marked(_)
            | State::Notified(_)
            | State::Replaying
            | State::Resolved
            | State::Recorded => {}
        }
        self.must_agree(&marked)?;
        self.state = State::Recorded;
        Ok(Vec::new())
    }

    fn cancel(&mut self, cancellation: Cancellation) -> Vec<Reaction> {
        let request = Reaction::CancelLocally(self.seq);
        let waits = self.task.when_cancelled == WhenCancelled::Wait;
        match self.state {
            State::Sent if !waits => {
                let mut reactions = Vec::new();
                if self.task.when_cancelled == WhenCancelled::Try {
                    reactions.push(request);
                }
                self.state = State::Marked(Ended::Canceled);
                reactions.extend(self.resolved(Ending {
                    result: LocalResult::Canceled(canceled()),
                    complete_time: None,
                    attempt: self.task.attempt,
                    backoff: None,
                    original_schedule: self.task.original_schedule,
                    activation_index: Some(cancellation.activation_index),
                }));
                reactions
            }
            State::Sent | State::Replaying | State::Resolved => vec![request],
            State::Recorded if self.task.when_cancelled != WhenCancelled::Abandon => vec![request],
            State::Marked(_) | State::Notified(_) | State::Recorded => Vec::new(),
        }
    }

    fn sent(&mut self) {
        if let State::Marked(how) = self.state {
            self.state = State::Notified(how);
        }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.state, State::Sent | State::Replaying)
    }
}

impl Marked {
    /// What a marker says; `None` if the event is none of a local activity, or unreadable.
    pub(super) fn read(event: &HistoryEvent) -> Option<Self> {
        let Some(Attributes::MarkerRecordedEventAttributes(marker)) = &event.attributes else {
            return None;
        };
        let data = payload::first_value(marker.details.get("data"));
        let text = |name: &str| data[name].as_str().map(str::to_owned);
        let number = |name: &str| data[name].as_u64().and_then(|n| u32::try_from(n).ok());
        let result = match &marker.failure {
            None => LocalResult::Completed(marker.details.get("result").cloned()),
            Some(failure) if is_cancellation(failure) => LocalResult::Canceled(Box::new(failure.clone())),
            Some(failure) => LocalResult::Failed(Box::new(failure.clone())),
        };
        Some(Self {
            seq: number("seq")?,
            activity_id: text("activity_id")?,
            activity_type: text("activity_type")?,
            ending: Ending {
                result,
                complete_time: read_moment(&data["complete_time"]),
                attempt: number("attempt")?,
                backoff: read_moment(&data["backoff"]).map(|wait| {
                    let seconds = u64::try_from(wait.seconds).unwrap_or_default();
                    let nanos = u64::try_from(wait.nanos).unwrap_or_default();
                    Span(seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(nanos))
                }),
                original_schedule: read_moment(&data["original_schedule_time"]),
                activation_index: data["activation_index"].as_u64(),
            },
        })
    }
}

/// Whether an event is a local activity's marker, readable or not.
pub(super) fn is_marker(event: &HistoryEvent) -> bool {
    matches!(&event.attributes, Some(Attributes::MarkerRecordedEventAttributes(marker)) if marker.marker_name == MARKER)
}

/// What a cancelled local activity says that has nothing to say.
pub(in crate::worker) fn canceled() -> Box<Failure> {
    Box::new(Failure {
        message: "Activity cancelled".to_owned(),
        failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default())),
        ..Default::default()
    })
}

/// What is said of a local activity that reached a time limit.
pub(in crate::worker) fn timed_out(kind: TimeoutType) -> Box<Failure> {
    Box::new(Failure {
        message: "Activity timed out".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: kind.into(),
            ..Default::default()
        })),
        ..Default::default()
    })
}

const fn ended(result: &LocalResult) -> Ended {
    match result {
        LocalResult::Completed(_) => Ended::Completed,
        LocalResult::Failed(_) | LocalResult::TimedOut(_) => Ended::Failed,
        LocalResult::Canceled(_) => Ended::Canceled,
    }
}

fn is_cancellation(failure: &Failure) -> bool {
    let says = |failure: &Failure| matches!(failure.failure_info, Some(FailureInfo::CanceledFailureInfo(_)));
    says(failure) || failure.cause.as_deref().is_some_and(says)
}

fn moment(seconds: i64, nanos: i32) -> Value {
    json!({ "seconds": seconds, "nanos": nanos })
}

fn read_moment(value: &Value) -> Option<Timestamp> {
    Some(Timestamp {
        seconds: value["seconds"].as_i64()?,
        nanos: i32::try_from(value["nanos"].as_i64()?).ok()?,
    })
}
