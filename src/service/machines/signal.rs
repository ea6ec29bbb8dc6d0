//! Signals: what a client, or another workflow, tells a run. Each becomes one event and wakes the workflow.
//!
//! Nothing is asked of the workflow: a signal is taken or refused by the Service alone.

use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Signal, StartWorkflow, Target};
use crate::contract::task::RunKey;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Attributes, WorkflowExecution, WorkflowExecutionSignaledEventAttributes, WorkflowIdReusePolicy,
};
use crate::service::limits::bytes;
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::{Service, target};

impl Service {
    /// A client signals a run.
    pub fn signal(&mut self, now: SimTime, target: &Target, signal: Signal) -> Result<(), Refusal> {
        let key = self.find(target)?;
        self.signal_run(now, key, signal, None)
    }

    /// A client signals the open run of a workflow id, and starts one first if there is none. The signal ends a start
    /// delay that it meets. The default policy for an open run is to use it.
    pub fn signal_with_start(&mut self, now: SimTime, start: StartWorkflow, signal: Signal) -> Result<RunKey, Refusal> {
        if start.conflict == WorkflowIdConflictPolicy::Fail {
            let message = "Invalid WorkflowIDConflictPolicy: WORKFLOW_ID_CONFLICT_POLICY_FAIL is not supported for \
                           this operation.";
            return Err(Refusal::Invalid(message.to_owned()));
        }
        let open = self.latest(&start.workflow_id).filter(|key| self.run(*key).is_open());
        let uses_it = start.conflict != WorkflowIdConflictPolicy::TerminateExisting
            && start.reuse != WorkflowIdReusePolicy::TerminateIfRunning;
        if let (Some(key), true) = (open, uses_it) {
            return self
                .transact(now, key, |run, tx| run.signal(tx, signal, None, true))
                .unwrap_or(Ok(()))
                .map(|()| key);
        }
        self.start_workflow_with(now, start, Some(signal))
    }
}

impl Service {
    /// Gives a run a signal, which does not end a start delay. One that ends the run by a limit of its history was taken
    /// all the same: nobody is told that it left no trace.
    pub(super) fn signal_run(
        &mut self,
        now: SimTime,
        key: RunKey,
        signal: Signal,
        from: Option<WorkflowExecution>,
    ) -> Result<(), Refusal> {
        self.transact(now, key, |run, tx| {
            let wants_task = !run.waits_for_its_first_task();
            run.signal(tx, signal, from, wants_task)
        })
        .unwrap_or(Ok(()))
    }
}

impl Run {
    /// Takes a signal; `from` is the workflow that sent it. A repeated one is taken without a trace.
    pub(super) fn signal(
        &mut self,
        tx: &mut Tx<'_>,
        mut signal: Signal,
        from: Option<WorkflowExecution>,
        wants_task: bool,
    ) -> Result<(), Refusal> {
        if self.state.signal_requests.contains_key(&signal.request_id) {
            return Ok(());
        }
        if !self.is_open() {
            return Err(target::already_completed());
        }
        let size = signal.input.as_ref().map_or(0, prost::Message::encoded_len);
        if bytes(size) > tx.limits.payload_bytes {
            return Err(Refusal::Invalid("Blob data size exceeds limit.".to_owned()));
        }
        let number = self.state.signals;
        if number >= tx.limits.signals {
            return Err(Refusal::Invalid(
                "exceeded workflow execution limit for signal events".to_owned(),
            ));
        }
        if self.is_closing() {
            return Err(target::closing());
        }
        if signal.request_id.is_empty() {
            signal.request_id = tx.chance.uuid("signal", &[self.word, number.into()]);
        }
        self.buffer(tx, signaled(signal, from));
        self.settle(tx, wants_task);
        Ok(())
    }
}

/// WorkflowExecutionSignaled.
pub(super) fn signaled(signal: Signal, from: Option<WorkflowExecution>) -> Attributes {
    Attributes::WorkflowExecutionSignaledEventAttributes(WorkflowExecutionSignaledEventAttributes {
        signal_name: signal.name,
        input: signal.input,
        identity: signal.identity,
        header: signal.header,
        external_workflow_execution: from,
        request_id: signal.request_id,
        ..Default::default()
    })
}
