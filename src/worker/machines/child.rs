//! One child workflow.
//!
//! | state | what happens | next | the code gets |
//! | --- | --- | --- | --- |
//! | Asked | StartChildWorkflowExecutionInitiated with the same id and type | Initiated | |
//! | | cancelled | Canceled, and the command is never sent | a cancelled start |
//! | Initiated | ChildWorkflowExecutionStarted | Started | the start |
//! | | StartChildWorkflowExecutionFailed | Closed | a failed start |
//! | Started | completed, failed, timed out, terminated | Closed | it |
//! | | canceled | Canceled | a cancellation |
//! | Initiated, Started | cancelled | see below | a cancellation, unless waiting |
//! | Canceled | started, and any end | Canceled | |
//!
//! Cancelling one that may run asks it to stop (a command of its own, to which nobody listens), unless the child is
//! abandoned. Where the code waits for the child's own word, the child goes on as it was; else it is Canceled.

use super::error::{MachineError, spelled};
use super::machine::{Cancellation, Reaction, StateMachine};
use crate::history::proto::{
    Attributes, CanceledFailureInfo, ChildWorkflowExecutionFailureInfo, Failure, FailureInfo, HistoryEvent,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, RetryState,
    StartChildWorkflowExecutionInitiatedEventAttributes, TerminatedFailureInfo, TimeoutFailureInfo, TimeoutType,
    WorkflowExecution, WorkflowType,
};
use crate::worker::activation::{ChildStart, JobKind, Resolution};
use crate::worker::request::ChildWhenCancelled;

#[derive(Clone, Debug)]
pub(super) struct Child {
    seq: u32,
    namespace: String,
    workflow_id: String,
    workflow_type: String,
    run_id: String,
    initiated_event_id: i64,
    started_event_id: i64,
    when_cancelled: ChildWhenCancelled,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Initiated,
    Started,
    Canceled { sent: bool },
    Closed(&'static str),
}

impl State {
    /// What Core calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Asked => "StartCommandCreated",
            Self::Initiated => "StartEventRecorded",
            Self::Started => "Started",
            Self::Canceled { .. } => "Cancelled",
            Self::Closed(how) => how,
        }
    }
}

impl Child {
    pub(super) fn new(
        seq: u32,
        command: &StartChildWorkflowExecutionInitiatedEventAttributes,
        when_cancelled: ChildWhenCancelled,
    ) -> Self {
        let workflow_type = command.workflow_type.as_ref();
        Self {
            seq,
            namespace: command.namespace.clone(),
            workflow_id: command.workflow_id.clone(),
            workflow_type: workflow_type.map(|t| t.name.clone()).unwrap_or_default(),
            run_id: String::new(),
            initiated_event_id: 0,
            started_event_id: 0,
            when_cancelled,
            state: State::Asked,
        }
    }

    fn must_agree(&self, recorded: &StartChildWorkflowExecutionInitiatedEventAttributes) -> Result<(), MachineError> {
        let differs = |what: &str, recorded: &str, asked: &str| {
            let lower = format!("child workflow {what}");
            let upper = format!("Child workflow {what}");
            MachineError::differs(&upper, "scheduled event", recorded, "command", &lower, asked)
        };
        let recorded_type = recorded.workflow_type.as_ref().map_or("", |t| t.name.as_str());
        differs("id", &recorded.workflow_id, &self.workflow_id)?;
        differs("type", recorded_type, &self.workflow_type)
    }

    fn start(&self, start: ChildStart) -> Reaction {
        Reaction::Job(JobKind::ResolveChildStart {
            seq: self.seq,
            start: Box::new(start),
        })
    }

    fn end(&self, resolution: Resolution) -> Reaction {
        Reaction::Job(JobKind::ResolveChild {
            seq: self.seq,
            resolution: Box::new(resolution),
        })
    }

    fn fail(&self, how: &str, retry_state: RetryState, cause: Option<Failure>) -> Reaction {
        let message = format!("Child Workflow execution {how}");
        self.end(Resolution::Failed(self.failure(message, retry_state, cause)))
    }

    fn canceled(&self) -> Box<Failure> {
        let cause = Failure {
            failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default())),
            ..Default::default()
        };
        let message = "Child Workflow execution cancelled".to_owned();
        self.failure(message, RetryState::NonRetryableFailure, Some(cause))
    }

    fn failure(&self, message: String, retry_state: RetryState, cause: Option<Failure>) -> Box<Failure> {
        Box::new(Failure {
            message,
            cause: cause.map(Box::new),
            failure_info: Some(FailureInfo::ChildWorkflowExecutionFailureInfo(
                ChildWorkflowExecutionFailureInfo {
                    namespace: self.namespace.clone(),
                    workflow_execution: Some(WorkflowExecution {
                        workflow_id: self.workflow_id.clone(),
                        run_id: self.run_id.clone(),
                    }),
                    workflow_type: Some(WorkflowType {
                        name: self.workflow_type.clone(),
                    }),
                    initiated_event_id: self.initiated_event_id,
                    started_event_id: self.started_event_id,
                    retry_state: retry_state.into(),
                },
            )),
            ..Default::default()
        })
    }
}

impl StateMachine for Child {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        use Attributes as A;
        let Some(attributes) = &event.attributes else {
            return Err(MachineError::foreign("Child workflow machine", event));
        };
        let (state, reactions) = match (self.state, attributes) {
            (State::Asked, A::StartChildWorkflowExecutionInitiatedEventAttributes(initiated)) => {
                self.must_agree(initiated)?;
                self.initiated_event_id = event.event_id;
                (State::Initiated, Vec::new())
            }
            (State::Initiated, A::ChildWorkflowExecutionStartedEventAttributes(started)) => {
                self.started_event_id = event.event_id;
                let run_id = started.workflow_execution.as_ref().map(|e| e.run_id.clone());
                self.run_id = run_id.unwrap_or_default();
                let run_id = self.run_id.clone();
                (State::Started, vec![self.start(ChildStart::Started { run_id })])
            }
            (State::Initiated, A::StartChildWorkflowExecutionFailedEventAttributes(failed)) => {
                let start = ChildStart::Failed {
                    workflow_id: self.workflow_id.clone(),
                    workflow_type: self.workflow_type.clone(),
                    cause: failed.cause(),
                };
                (State::Closed("StartFailed"), vec![self.start(start)])
            }
            (State::Started, A::ChildWorkflowExecutionCompletedEventAttributes(completed)) => (
                State::Closed("Completed"),
                vec![self.end(Resolution::Completed(completed.result.clone()))],
            ),
            (State::Started, A::ChildWorkflowExecutionFailedEventAttributes(failed)) => (
                State::Closed("Failed"),
                vec![self.fail("failed", failed.retry_state(), failed.failure.clone())],
            ),
            (State::Started, A::ChildWorkflowExecutionTimedOutEventAttributes(timed_out)) => {
                let cause = Failure {
                    message: "Timed out".to_owned(),
                    failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                        timeout_type: TimeoutType::StartToClose.into(),
                        ..Default::default()
                    })),
                    ..Default::default()
                };
                (
                    State::Closed("TimedOut"),
                    vec![self.fail("timed out", timed_out.retry_state(), Some(cause))],
                )
            }
            (State::Started, A::ChildWorkflowExecutionTerminatedEventAttributes(_)) => {
                let cause = Failure {
                    message: "Terminated".to_owned(),
                    failure_info: Some(FailureInfo::TerminatedFailureInfo(TerminatedFailureInfo::default())),
                    ..Default::default()
                };
                (
                    State::Closed("Terminated"),
                    vec![self.fail("terminated", RetryState::NonRetryableFailure, Some(cause))],
                )
            }
            (State::Started, A::ChildWorkflowExecutionCanceledEventAttributes(_)) => (
                State::Canceled { sent: true },
                vec![self.end(Resolution::Canceled(self.canceled()))],
            ),
            (
                state @ State::Canceled { .. },
                A::ChildWorkflowExecutionStartedEventAttributes(_)
                | A::StartChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionCompletedEventAttributes(_)
                | A::ChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
                | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
                | A::ChildWorkflowExecutionCanceledEventAttributes(_),
            ) => (state, Vec::new()),
            (
                state,
                A::StartChildWorkflowExecutionInitiatedEventAttributes(_)
                | A::ChildWorkflowExecutionStartedEventAttributes(_)
                | A::StartChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionCompletedEventAttributes(_)
                | A::ChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
                | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
                | A::ChildWorkflowExecutionCanceledEventAttributes(_),
            ) => return Err(MachineError::impossible("ChildWorkflowMachine", state.name(), event)),
            _ => {
                // The official message prints all of the event here; its name says enough.
                return Err(MachineError::Nondeterminism(format!(
                    "Child workflow machine does not handle this event: {}",
                    spelled(event)
                )));
            }
        };
        self.state = state;
        Ok(reactions)
    }

    fn cancel(&mut self, cancellation: Cancellation) -> Vec<Reaction> {
        let reason = cancellation.reason;
        let at_once = self.when_cancelled != ChildWhenCancelled::Wait;
        match self.state {
            State::Asked => {
                self.state = State::Canceled { sent: false };
                let mut failure = self.canceled();
                failure.message = format!("Child Workflow Execution cancelled before scheduled: {reason}");
                vec![self.start(ChildStart::Canceled(failure))]
            }
            State::Initiated | State::Started => {
                let mut reactions = Vec::new();
                if self.when_cancelled != ChildWhenCancelled::Abandon {
                    reactions.push(Reaction::CancelChild(Box::new(
                        RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
                            namespace: self.namespace.clone(),
                            workflow_execution: Some(WorkflowExecution {
                                workflow_id: self.workflow_id.clone(),
                                run_id: self.run_id.clone(),
                            }),
                            child_workflow_only: true,
                            reason,
                            ..Default::default()
                        },
                    )));
                }
                if at_once {
                    reactions.push(self.end(Resolution::Canceled(self.canceled())));
                    self.state = State::Canceled { sent: true };
                }
                reactions
            }
            State::Canceled { .. } | State::Closed(_) => Vec::new(),
        }
    }

    fn cancelled_before_sent(&self) -> bool {
        self.state == State::Canceled { sent: false }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.state, State::Asked | State::Initiated | State::Started)
    }
}
