//! The end of a run from outside: the workflow is not asked and does not notice.

use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Target};
use crate::contract::task::RunKey;
use crate::history::proto::{Attributes, Payloads, WorkflowExecutionTerminatedEventAttributes};
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::{Service, target};

impl Service {
    /// A client ends a run.
    pub fn terminate(&mut self, now: SimTime, target: &Target, reason: &str, identity: &str) -> Result<(), Refusal> {
        let key = self.find(target)?;
        if !self.run(key).is_open() {
            return Err(target::already_completed());
        }
        self.end(now, key, reason, None, identity);
        Ok(())
    }

    /// Ends a run, which is open. What closes a run is within all limits of its history.
    pub(super) fn end(&mut self, now: SimTime, key: RunKey, reason: &str, details: Option<Payloads>, identity: &str) {
        self.transact(now, key, |run, tx| run.terminate(tx, reason, details, identity))
            .unwrap_or(());
    }
}

impl Run {
    /// Ends the run, which is open. A workflow task that is running fails first, and what was buffered is written.
    pub(in crate::service) fn terminate(
        &mut self,
        tx: &mut Tx<'_>,
        reason: &str,
        details: Option<Payloads>,
        identity: &str,
    ) {
        self.force_close_workflow_task(tx);
        self.write(
            tx,
            Attributes::WorkflowExecutionTerminatedEventAttributes(WorkflowExecutionTerminatedEventAttributes {
                reason: reason.to_owned(),
                details,
                identity: identity.to_owned(),
            }),
        );
        self.close(tx);
    }
}
