//! One activity.
//!
//! | state | what happens | next | the code gets |
//! | --- | --- | --- | --- |
//! | Asked | ActivityTaskScheduled with the same id and type | Scheduled | |
//! | | cancelled | Canceled, and the command is never sent | a cancellation |
//! | Scheduled | ActivityTaskStarted | Started | |
//! | | timed out | Closed | a failure |
//! | Started | completed, failed, timed out | Closed | it |
//! | Scheduled, Started | cancelled, abandoning | Canceled | a cancellation |
//! | | cancelled, trying or waiting | Canceling: a command to request it | a cancellation, if trying |
//! | Canceling | ActivityTaskCancelRequested | CancelRequested | |
//! | CancelRequested | completed, failed, timed out, canceled | Closed | it, if waiting |
//! | Canceled | started, completed (of an abandoned one) | Canceled | |

use std::sync::Arc;

use super::error::MachineError;
use super::machine::{Cancellation, Reaction, StateMachine};
use crate::contract::answer::{Command, ScheduleActivity};
use crate::history::proto::{
    ActivityFailureInfo, ActivityType, Attributes, CanceledFailureInfo, Failure, FailureInfo, HistoryEvent, Payloads,
    RetryState,
};
use crate::worker::activation::{JobKind, Resolution};
use crate::worker::request::WhenCancelled;

#[derive(Clone, Debug)]
pub(super) struct Activity {
    seq: u32,
    asked: Arc<ScheduleActivity>,
    when_cancelled: WhenCancelled,
    scheduled_event_id: i64,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Scheduled,
    Started,
    Canceling { started: bool },
    CancelRequested { started: bool },
    Canceled { sent: bool },
    Closed(&'static str),
}

impl State {
    /// What Core calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Asked => "ScheduleCommandCreated",
            Self::Scheduled => "ScheduledEventRecorded",
            Self::Started => "Started",
            Self::Canceling { started: false } => "ScheduledActivityCancelCommandCreated",
            Self::Canceling { started: true } => "StartedActivityCancelCommandCreated",
            Self::CancelRequested { started: false } => "ScheduledActivityCancelEventRecorded",
            Self::CancelRequested { started: true } => "StartedActivityCancelEventRecorded",
            Self::Canceled { .. } => "Canceled",
            Self::Closed(how) => how,
        }
    }
}

impl Activity {
    pub(super) fn new(seq: u32, asked: Arc<ScheduleActivity>, when_cancelled: WhenCancelled) -> Self {
        Self {
            seq,
            asked,
            when_cancelled,
            scheduled_event_id: 0,
            state: State::Asked,
        }
    }

    /// What the code is told; nothing if it has been told of a cancellation already.
    fn resolved(&self, resolution: Resolution) -> Vec<Reaction> {
        let told = matches!(self.state, State::CancelRequested { .. }) && self.when_cancelled != WhenCancelled::Wait;
        if told { Vec::new() } else { vec![self.job(resolution)] }
    }

    fn job(&self, resolution: Resolution) -> Reaction {
        Reaction::Job(JobKind::ResolveActivity {
            seq: self.seq,
            local: false,
            resolution: Box::new(resolution),
        })
    }

    fn failure(
        &self,
        message: &str,
        (scheduled_event_id, started_event_id): (i64, i64),
        identity: String,
        retry_state: RetryState,
        cause: Option<Failure>,
    ) -> Box<Failure> {
        Box::new(Failure {
            message: message.to_owned(),
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::ActivityFailureInfo(ActivityFailureInfo {
                scheduled_event_id,
                started_event_id,
                identity,
                activity_type: Some(ActivityType {
                    name: self.asked.activity_type.clone(),
                }),
                activity_id: self.asked.activity_id.clone(),
                retry_state: retry_state.into(),
            })),
            ..Default::default()
        })
    }

    fn canceled(&self, events: (i64, i64), identity: String, details: Option<Payloads>) -> Box<Failure> {
        let cause = Failure {
            failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
                details,
                ..Default::default()
            })),
            ..Default::default()
        };
        self.failure(
            "Activity cancelled",
            events,
            identity,
            RetryState::CancelRequested,
            Some(cause),
        )
    }
}

impl StateMachine for Activity {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        use Attributes as A;
        let impossible = |state: State| Err(MachineError::impossible("ActivityMachine", state.name(), event));
        let (state, reactions) = match (self.state, event.attributes.as_ref()) {
            (State::Asked, Some(A::ActivityTaskScheduledEventAttributes(scheduled))) => {
                let differs = |what: &str, recorded: &str, asked: &str| {
                    let lower = format!("activity {what}");
                    let upper = format!("Activity {what}");
                    MachineError::differs(&upper, "scheduled event", recorded, "activity command", &lower, asked)
                };
                let recorded_type = scheduled.activity_type.as_ref().map_or("", |t| t.name.as_str());
                differs("id", &scheduled.activity_id, &self.asked.activity_id)?;
                differs("type", recorded_type, &self.asked.activity_type)?;
                self.scheduled_event_id = event.event_id;
                (State::Scheduled, Vec::new())
            }
            (State::Scheduled, Some(A::ActivityTaskStartedEventAttributes(_))) => (State::Started, Vec::new()),
            (State::CancelRequested { started: false }, Some(A::ActivityTaskStartedEventAttributes(_))) => {
                (State::CancelRequested { started: true }, Vec::new())
            }
            (
                state @ State::Canceled { .. },
                Some(A::ActivityTaskStartedEventAttributes(_) | A::ActivityTaskCompletedEventAttributes(_)),
            ) => (state, Vec::new()),
            (State::Canceling { started }, Some(A::ActivityTaskCancelRequestedEventAttributes(_))) => {
                (State::CancelRequested { started }, Vec::new())
            }
            (
                State::Started | State::CancelRequested { started: true },
                Some(A::ActivityTaskCompletedEventAttributes(completed)),
            ) => (
                State::Closed("Completed"),
                self.resolved(Resolution::Completed(completed.result.clone())),
            ),
            (
                State::Started | State::CancelRequested { started: true },
                Some(A::ActivityTaskFailedEventAttributes(failed)),
            ) => {
                let failure = self.failure(
                    "Activity task failed",
                    (failed.scheduled_event_id, failed.started_event_id),
                    failed.identity.clone(),
                    failed.retry_state(),
                    failed.failure.clone(),
                );
                (State::Closed("Failed"), self.resolved(Resolution::Failed(failure)))
            }
            (
                State::Scheduled | State::Started | State::CancelRequested { .. },
                Some(A::ActivityTaskTimedOutEventAttributes(timed_out)),
            ) => {
                let failure = self.failure(
                    "Activity task timed out",
                    (timed_out.scheduled_event_id, timed_out.started_event_id),
                    String::new(),
                    timed_out.retry_state(),
                    timed_out.failure.clone(),
                );
                (State::Closed("TimedOut"), self.resolved(Resolution::Failed(failure)))
            }
            (State::CancelRequested { .. }, Some(A::ActivityTaskCanceledEventAttributes(canceled))) => {
                let failure = self.canceled(
                    (canceled.scheduled_event_id, canceled.started_event_id),
                    canceled.identity.clone(),
                    canceled.details.clone(),
                );
                (
                    State::Canceled { sent: true },
                    self.resolved(Resolution::Canceled(failure)),
                )
            }
            (
                state,
                Some(
                    A::ActivityTaskScheduledEventAttributes(_)
                    | A::ActivityTaskStartedEventAttributes(_)
                    | A::ActivityTaskCompletedEventAttributes(_)
                    | A::ActivityTaskFailedEventAttributes(_)
                    | A::ActivityTaskTimedOutEventAttributes(_)
                    | A::ActivityTaskCancelRequestedEventAttributes(_)
                    | A::ActivityTaskCanceledEventAttributes(_),
                ),
            ) => return impossible(state),
            _ => return Err(MachineError::foreign("Activity machine", event)),
        };
        self.state = state;
        Ok(reactions)
    }

    fn cancel(&mut self, _cancellation: Cancellation) -> Vec<Reaction> {
        let abandons = self.when_cancelled == WhenCancelled::Abandon;
        let at_once = |sent: bool| {
            let resolution = Resolution::Canceled(self.canceled((0, 0), String::new(), None));
            (State::Canceled { sent }, vec![self.job(resolution)])
        };
        let (state, reactions) = match self.state {
            State::Asked => at_once(false),
            State::Scheduled | State::Started if abandons => at_once(true),
            State::Scheduled | State::Started => {
                let scheduled_event_id = self.scheduled_event_id;
                let mut reactions = vec![Reaction::Command(Command::RequestCancelActivity { scheduled_event_id })];
                if self.when_cancelled == WhenCancelled::Try {
                    reactions.extend(at_once(true).1);
                }
                let started = self.state == State::Started;
                (State::Canceling { started }, reactions)
            }
            State::Canceling { .. } | State::CancelRequested { .. } | State::Canceled { .. } | State::Closed(_) => {
                return Vec::new();
            }
        };
        self.state = state;
        reactions
    }

    fn cancelled_before_sent(&self) -> bool {
        self.state == State::Canceled { sent: false }
    }

    fn is_awaited(&self) -> bool {
        match self.state {
            State::Asked | State::Scheduled | State::Started => true,
            State::Canceling { .. } | State::CancelRequested { .. } => self.when_cancelled == WhenCancelled::Wait,
            State::Canceled { .. } | State::Closed(_) => false,
        }
    }
}
