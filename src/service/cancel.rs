//! The request that a workflow stop: one event, which the workflow may answer as it likes.

use super::Service;
use super::run::{Run, Tx};
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Target};
use crate::history::proto::{Attributes, WorkflowExecution, WorkflowExecutionCancelRequestedEventAttributes};

/// Who asks a workflow to stop, and why.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CancelRequest {
    /// For people; may be empty.
    pub(super) reason: String,
    /// For the history; empty where another workflow asks.
    pub(super) identity: String,
    /// The workflow that asks, and the event by which it does.
    pub(super) from: Option<(WorkflowExecution, i64)>,
}

impl Service {
    /// A client asks a run to stop. Asking again, or asking a closed run, does nothing.
    pub fn cancel(&mut self, now: SimTime, target: &Target, reason: &str, identity: &str) -> Result<(), Refusal> {
        let key = self.find(target)?;
        let (run, mut tx) = self.open(now, key);
        let request = CancelRequest {
            reason: reason.to_owned(),
            identity: identity.to_owned(),
            from: None,
        };
        run.request_cancel(&mut tx, request);
        Ok(())
    }
}

impl Run {
    /// Takes the first request to stop. A task follows even where the first one is still held back.
    pub(super) fn request_cancel(&mut self, tx: &mut Tx<'_>, request: CancelRequest) {
        if !self.is_open() || self.cancel_requested {
            return;
        }
        self.cancel_requested = true;
        self.buffer(tx.now, cancel_requested(request));
        self.commit(tx, true);
    }
}

/// WorkflowExecutionCancelRequested.
pub(super) fn cancel_requested(request: CancelRequest) -> Attributes {
    let (execution, initiated_event_id) = request.from.unzip();
    Attributes::WorkflowExecutionCancelRequestedEventAttributes(WorkflowExecutionCancelRequestedEventAttributes {
        cause: request.reason,
        external_initiated_event_id: initiated_event_id.unwrap_or_default(),
        external_workflow_execution: execution,
        identity: request.identity,
    })
}
