//! Signals and requests to stop that a workflow sends to another.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | the command | Pending: …Initiated is written, and a [`Transfer`] left |
//! | Pending | it is delivered | none: ExternalWorkflowExecutionSignaled or …CancelRequested |
//! | Pending | there is no such run, or it must be a child and is none | none: …Failed |
//! | Pending | the run closes | none, without a trace; nothing is delivered |
//!
//! The delivery and the news of it are two transactions on two runs.

use super::cancel::CancelRequest;
use crate::base::time::{SimTime, Span};
use crate::contract::request::{Refusal, Signal, Target};
use crate::contract::task::RunKey;
use crate::history::proto::{
    Attributes, CancelExternalWorkflowExecutionFailedCause as CancelFailed,
    ExternalWorkflowExecutionCancelRequestedEventAttributes, ExternalWorkflowExecutionSignaledEventAttributes,
    RequestCancelExternalWorkflowExecutionFailedEventAttributes,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
    SignalExternalWorkflowExecutionFailedCause as SignalFailed, SignalExternalWorkflowExecutionFailedEventAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, WorkflowExecution,
};
use crate::service::namespace::HISTORY_SERVICE;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::service::transaction::Tx;
use crate::service::transfer::Transfer;
use crate::service::{Service, namespace};

/// How long a delivery waits that was refused for the time being (server 1.32, `taskRescheduleInitialInterval`).
const TRY_AGAIN: Span = Span::secs(1);

impl Run {
    /// Carries out the command: writes …Initiated and leaves the rest to be done.
    pub(super) fn initiate_signal(
        &mut self,
        tx: &mut Tx<'_>,
        mut request: SignalExternalWorkflowExecutionInitiatedEventAttributes,
        completed: i64,
    ) {
        request.workflow_task_completed_event_id = completed;
        namespace::NAME.clone_into(&mut request.namespace);
        namespace::ID.clone_into(&mut request.namespace_id);
        let attributes = Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(request);
        let initiated_event_id = self.write(tx, attributes);
        self.leave(tx, Transfer::SignalExternal { initiated_event_id });
    }

    /// Carries out the command: writes …Initiated, with the namespace as the worker named it (for a child, not at all), and
    /// leaves the rest to be done.
    pub(super) fn initiate_cancel(
        &mut self,
        tx: &mut Tx<'_>,
        mut request: RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
        completed: i64,
    ) {
        request.workflow_task_completed_event_id = completed;
        namespace::ID.clone_into(&mut request.namespace_id);
        let attributes = Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(request);
        let initiated_event_id = self.write(tx, attributes);
        self.leave(tx, Transfer::CancelExternal { initiated_event_id });
    }

    /// Whether the run was started as a child by that very run.
    pub(super) fn is_child_of(&self, parent: &WorkflowExecution) -> bool {
        self.started().parent_workflow_execution.as_ref() == Some(parent)
    }
}

impl Service {
    /// Delivers a signal, then tells the run that sent it.
    pub(super) fn signal_external(&mut self, now: SimTime, from: RunKey, initiated_event_id: i64) {
        let source = self.run(from);
        let Some(Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(request)) =
            source.attributes_of(initiated_event_id)
        else {
            return;
        };
        let request = request.clone();
        let sender = source.execution();
        let signal = Signal {
            name: request.signal_name,
            input: request.input,
            identity: HISTORY_SERVICE.to_owned(),
            header: request.header,
            request_id: self
                .chance
                .uuid("signal to another", &[source.word, initiated_event_id.unsigned_abs()]),
        };
        let execution = request.workflow_execution.unwrap_or_default();
        let delivered = self
            .run_meant(&sender, &execution, request.child_workflow_only)
            .and_then(|key| self.signal_run(now, key, signal, Some(sender)));
        let failed = match delivered {
            Ok(()) => None,
            // The other run is about to close: it is tried again.
            Err(Refusal::Exhausted(_)) => {
                let what = Transfer::SignalExternal { initiated_event_id };
                return self
                    .timers
                    .set(now + TRY_AGAIN, TimerTask::Transfer { run: from, what });
            }
            Err(Refusal::Invalid(_)) => Some(SignalFailed::SignalCountLimitExceeded),
            Err(_) => Some(SignalFailed::ExternalWorkflowExecutionNotFound),
        };
        let namespace = namespace::NAME.to_owned();
        let namespace_id = namespace::ID.to_owned();
        let workflow_execution = Some(execution);
        let control = request.control;
        #[rustfmt::skip]
        let attributes = match failed {
            None => Attributes::ExternalWorkflowExecutionSignaledEventAttributes(
                ExternalWorkflowExecutionSignaledEventAttributes {
                    initiated_event_id, namespace, namespace_id, workflow_execution, control,
                },
            ),
            Some(cause) => Attributes::SignalExternalWorkflowExecutionFailedEventAttributes(
                SignalExternalWorkflowExecutionFailedEventAttributes {
                    cause: cause.into(), initiated_event_id, namespace, namespace_id, workflow_execution, control,
                    ..Default::default()
                },
            ),
        };
        self.bring_news(now, from, attributes);
    }

    /// Delivers a request to stop, then tells the run that sent it. A closed run takes it without a trace.
    pub(super) fn cancel_external(&mut self, now: SimTime, from: RunKey, initiated_event_id: i64) {
        let source = self.run(from);
        let Some(Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(request)) =
            source.attributes_of(initiated_event_id)
        else {
            return;
        };
        let request = request.clone();
        let sender = source.execution();
        let execution = request.workflow_execution.unwrap_or_default();
        let meant = self.run_meant(&sender, &execution, request.child_workflow_only);
        if let Ok(key) = meant {
            let request = CancelRequest {
                reason: request.reason,
                identity: HISTORY_SERVICE.to_owned(),
                from: Some((sender, initiated_event_id)),
            };
            self.request_cancel(now, key, request);
        }
        let namespace = namespace::NAME.to_owned();
        let namespace_id = namespace::ID.to_owned();
        let workflow_execution = Some(execution);
        #[rustfmt::skip]
        let attributes = match meant {
            Ok(_) => Attributes::ExternalWorkflowExecutionCancelRequestedEventAttributes(
                ExternalWorkflowExecutionCancelRequestedEventAttributes {
                    initiated_event_id, namespace, namespace_id, workflow_execution,
                },
            ),
            Err(_) => Attributes::RequestCancelExternalWorkflowExecutionFailedEventAttributes(
                RequestCancelExternalWorkflowExecutionFailedEventAttributes {
                    cause: CancelFailed::ExternalWorkflowExecutionNotFound.into(),
                    initiated_event_id, namespace, namespace_id, workflow_execution,
                    ..Default::default()
                },
            ),
        };
        self.bring_news(now, from, attributes);
    }

    /// Something happens to a run that it has to hear of.
    pub(super) fn bring_news(&mut self, now: SimTime, key: RunKey, news: Attributes) {
        let brought = self.transact(now, key, |run, tx| {
            run.buffer(tx, news);
            run.settle(tx, true);
        });
        // A run that is ended by it, for its history is too long, needs no news.
        brought.unwrap_or(());
    }

    /// The run that another one means. Never a run of its own workflow id.
    fn run_meant(
        &self,
        sender: &WorkflowExecution,
        meant: &WorkflowExecution,
        child_only: bool,
    ) -> Result<RunKey, Refusal> {
        if sender.workflow_id == meant.workflow_id {
            return Err(Refusal::NotFound("a workflow does not send to itself".to_owned()));
        }
        let key = self.find(&Target {
            workflow_id: meant.workflow_id.clone(),
            run_id: meant.run_id.clone(),
        })?;
        if child_only && self.run(key).is_open() && !self.run(key).is_child_of(sender) {
            return Err(Refusal::NotFound("workflow parent does not match".to_owned()));
        }
        Ok(key)
    }
}
