//! The request that a workflow stop: one event, which the workflow may answer as it likes.

use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Target};
use crate::contract::task::RunKey;
use crate::history::proto::{Attributes, WorkflowExecution, WorkflowExecutionCancelRequestedEventAttributes};
use crate::service::Service;
use crate::service::run::Run;
use crate::service::transaction::Tx;

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
        let request = CancelRequest {
            reason: reason.to_owned(),
            identity: identity.to_owned(),
            from: None,
        };
        self.request_cancel(now, key, request);
        Ok(())
    }

    /// Asks a run to stop. If that ends it by a limit of its history, so much the better.
    pub(super) fn request_cancel(&mut self, now: SimTime, key: RunKey, request: CancelRequest) {
        self.transact(now, key, |run, tx| run.request_cancel(tx, request))
            .unwrap_or(());
    }
}

impl Run {
    /// Takes the first request to stop. A task follows even where the first one is still held back.
    fn request_cancel(&mut self, tx: &mut Tx<'_>, request: CancelRequest) {
        if !self.is_open() || self.state.cancel_requested {
            return;
        }
        self.buffer(tx, cancel_requested(request));
        self.settle(tx, true);
    }
}

/// WorkflowExecutionCancelRequested.
fn cancel_requested(request: CancelRequest) -> Attributes {
    let (execution, initiated_event_id) = request.from.unzip();
    Attributes::WorkflowExecutionCancelRequestedEventAttributes(WorkflowExecutionCancelRequestedEventAttributes {
        cause: request.reason,
        external_initiated_event_id: initiated_event_id.unwrap_or_default(),
        external_workflow_execution: execution,
        identity: request.identity,
    })
}
