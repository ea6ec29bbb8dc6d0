//! The end of a run from outside: the workflow is not asked and does not notice.

use super::run::{Run, RunStatus, Tx};
use super::{Service, target};
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Target};
use crate::history::proto::{Attributes, Payloads, WorkflowExecutionTerminatedEventAttributes};

/// Who acts where the Service itself does.
pub(super) const HISTORY_SERVICE: &str = "history-service";

impl Service {
    /// A client ends a run.
    pub fn terminate(&mut self, now: SimTime, target: &Target, reason: &str, identity: &str) -> Result<(), Refusal> {
        let key = self.find(target)?;
        let (run, mut tx) = self.open(now, key);
        if !run.is_open() {
            return Err(target::already_completed());
        }
        run.terminate(&mut tx, reason, None, identity);
        Ok(())
    }
}

impl Run {
    /// Ends the run, which is open. A workflow task that is running fails first, and what was buffered is written.
    pub(super) fn terminate(&mut self, tx: &mut Tx<'_>, reason: &str, details: Option<Payloads>, identity: &str) {
        self.force_close_workflow_task(tx);
        self.write(
            tx.now,
            Attributes::WorkflowExecutionTerminatedEventAttributes(WorkflowExecutionTerminatedEventAttributes {
                reason: reason.to_owned(),
                details,
                identity: identity.to_owned(),
            }),
        );
        self.close(tx, RunStatus::Terminated);
    }
}
