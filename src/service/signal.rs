//! Signals: what a client, or another workflow, tells a run. Each becomes one event and wakes the workflow.
//!
//! Nothing is asked of the workflow: a signal is taken or refused by the Service alone.

use super::run::{Run, Tx, bytes};
use super::{Service, target};
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Signal, StartWorkflow, Target};
use crate::contract::task::RunKey;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Attributes, WorkflowExecution, WorkflowExecutionSignaledEventAttributes, WorkflowIdReusePolicy,
};

impl Service {
    /// A client signals a run.
    pub fn signal(&mut self, now: SimTime, target: &Target, signal: Signal) -> Result<(), Refusal> {
        let key = self.find(target)?;
        let (run, mut tx) = self.open(now, key);
        let wants_task = !run.waits_for_its_first_task();
        run.signal(&mut tx, signal, None, wants_task)
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
            let (run, mut tx) = self.open(now, key);
            run.signal(&mut tx, signal, None, true)?;
            return Ok(key);
        }
        self.start_workflow_with(now, start, Some(signal))
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
        if self.signals_taken.contains_key(&signal.request_id) {
            return Ok(());
        }
        if !self.is_open() {
            return Err(target::already_completed());
        }
        let size = signal.input.as_ref().map_or(0, prost::Message::encoded_len);
        if bytes(size) > tx.limits.payload_bytes {
            return Err(Refusal::Invalid("Blob data size exceeds limit.".to_owned()));
        }
        let number = self.signals_taken.len();
        if number >= tx.limits.signals as usize {
            return Err(Refusal::Invalid(
                "exceeded workflow execution limit for signal events".to_owned(),
            ));
        }
        if self.is_closing() {
            return Err(target::closing());
        }
        if signal.request_id.is_empty() {
            signal.request_id = tx.chance.uuid("signal", &[self.key_word(), number as u64]);
        }
        self.signals_taken.insert(signal.request_id.clone(), ());
        self.buffer(tx.now, signaled(signal, from));
        self.commit(tx, wants_task);
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
