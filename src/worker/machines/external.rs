//! One signal, or one request to stop, that goes to another workflow.
//!
//! | state | what happens | next | the code gets |
//! | --- | --- | --- | --- |
//! | Asked | …Initiated | Initiated | |
//! | | (signal) cancelled | Canceled, and the command is never sent | a failure |
//! | Initiated | ExternalWorkflowExecutionSignaled, …CancelRequested | Closed | its success |
//! | | …Failed | Closed | a failure |
//!
//! A request to stop that goes to a child is made by the child's machine: nobody listens to its answer.

use super::error::MachineError;
use super::machine::{Cancellation, Reaction, StateMachine};
use crate::history::proto::{
    ApplicationFailureInfo, Attributes, CancelExternalWorkflowExecutionFailedCause, CanceledFailureInfo, Failure,
    FailureInfo, HistoryEvent, SignalExternalWorkflowExecutionFailedCause,
};
use crate::worker::activation::JobKind;

#[derive(Clone, Debug)]
pub(super) struct External {
    what: What,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Signal { seq: u32 },
    Cancel { seq: u32 },
    CancelChild,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Initiated,
    Closed,
    Canceled,
}

impl External {
    pub(super) const fn signal(seq: u32) -> Self {
        Self {
            what: What::Signal { seq },
            state: State::Asked,
        }
    }

    pub(super) const fn cancellation(seq: u32) -> Self {
        Self {
            what: What::Cancel { seq },
            state: State::Asked,
        }
    }

    pub(super) const fn of_child() -> Self {
        Self {
            what: What::CancelChild,
            state: State::Asked,
        }
    }

    fn succeeded(&self) -> Vec<Reaction> {
        match self.what {
            What::Signal { seq } => vec![Reaction::Job(JobKind::ResolveSignal { seq, failure: None })],
            What::Cancel { seq } => vec![Reaction::Job(JobKind::ResolveCancelExternal { seq, failure: None })],
            What::CancelChild => Vec::new(),
        }
    }

    fn not_signaled(&self, cause: SignalExternalWorkflowExecutionFailedCause) -> Vec<Reaction> {
        use SignalExternalWorkflowExecutionFailedCause as Cause;
        let What::Signal { seq } = self.what else {
            return Vec::new();
        };
        let (why, name) = match cause {
            Cause::Unspecified => ("unknown", "Unspecified"),
            Cause::ExternalWorkflowExecutionNotFound => ("it was not found", "ExternalWorkflowExecutionNotFound"),
            Cause::NamespaceNotFound => ("it was not found", "NamespaceNotFound"),
            Cause::SignalCountLimitExceeded => {
                ("The per-workflow signal limit was exceeded", "SignalCountLimitExceeded")
            }
        };
        let failure = failure(format!("Unable to signal external workflow because {why}"), name);
        let failure = Some(Box::new((failure, cause)));
        vec![Reaction::Job(JobKind::ResolveSignal { seq, failure })]
    }

    fn not_cancelled(&self, cause: CancelExternalWorkflowExecutionFailedCause) -> Vec<Reaction> {
        use CancelExternalWorkflowExecutionFailedCause as Cause;
        let What::Cancel { seq } = self.what else {
            return Vec::new();
        };
        let (why, name) = match cause {
            Cause::Unspecified => ("unknown", "Unspecified"),
            Cause::ExternalWorkflowExecutionNotFound => ("not found", "ExternalWorkflowExecutionNotFound"),
            Cause::NamespaceNotFound => ("not found", "NamespaceNotFound"),
        };
        let failure = failure(format!("Unable to cancel external workflow because {why}"), name);
        let failure = Some(Box::new((failure, cause)));
        vec![Reaction::Job(JobKind::ResolveCancelExternal { seq, failure })]
    }
}

impl StateMachine for External {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        use Attributes as A;
        let is_signal = matches!(self.what, What::Signal { .. });
        let machine = if is_signal {
            "Signal external WF machine"
        } else {
            "Cancel external WF machine"
        };
        let (state, reactions) = match (is_signal, self.state, event.attributes.as_ref()) {
            (true, State::Asked, Some(A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_)))
            | (false, State::Asked, Some(A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_))) => {
                (State::Initiated, Vec::new())
            }
            (true, State::Initiated, Some(A::ExternalWorkflowExecutionSignaledEventAttributes(_)))
            | (false, State::Initiated, Some(A::ExternalWorkflowExecutionCancelRequestedEventAttributes(_))) => {
                (State::Closed, self.succeeded())
            }
            (true, State::Initiated, Some(A::SignalExternalWorkflowExecutionFailedEventAttributes(failed))) => {
                (State::Closed, self.not_signaled(failed.cause()))
            }
            (false, State::Initiated, Some(A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(failed))) => {
                (State::Closed, self.not_cancelled(failed.cause()))
            }
            _ => return Err(MachineError::foreign(machine, event)),
        };
        self.state = state;
        Ok(reactions)
    }

    fn cancel(&mut self, _cancellation: Cancellation) -> Vec<Reaction> {
        let (State::Asked, What::Signal { seq }) = (self.state, self.what) else {
            return Vec::new();
        };
        self.state = State::Canceled;
        let failure = Failure {
            message: "Signal was cancelled before being sent".to_owned(),
            failure_info: Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo::default())),
            ..Default::default()
        };
        let cause = SignalExternalWorkflowExecutionFailedCause::Unspecified;
        let failure = Some(Box::new((failure, cause)));
        vec![Reaction::Job(JobKind::ResolveSignal { seq, failure })]
    }

    fn cancelled_before_sent(&self) -> bool {
        self.state == State::Canceled
    }

    fn is_awaited(&self) -> bool {
        self.what != What::CancelChild && matches!(self.state, State::Asked | State::Initiated)
    }
}

fn failure(message: String, error_type: &str) -> Failure {
    Failure {
        message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: error_type.to_owned(),
            ..Default::default()
        })),
        ..Default::default()
    }
}
