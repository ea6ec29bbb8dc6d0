//! Whether a workflow may be started under an id that was used before.
//!
//! | the latest run of that id | decides | |
//! | --- | --- | --- |
//! | none | | starts |
//! | open | conflict policy | Fail (default), UseExisting, TerminateExisting |
//! | closed | reuse policy | AllowDuplicate (default), AllowDuplicateFailedOnly, RejectDuplicate |
//!
//! The older reuse policy TerminateIfRunning stands for TerminateExisting and AllowDuplicate.

use crate::contract::request::Refusal;
use crate::contract::task::RunKey;
use crate::history::proto::WorkflowIdReusePolicy;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::service::Service;
use crate::service::run::{Run, RunStatus};

/// What is to be done.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Admission {
    /// The workflow starts.
    Start,
    /// The open run is what the client wants.
    UseExisting(RunKey),
    /// The open run ends and the workflow starts, in one transaction.
    Terminate(RunKey),
}

impl Service {
    /// Decides over a start.
    pub(super) fn admit(
        &self,
        workflow_id: &str,
        reuse: WorkflowIdReusePolicy,
        conflict: WorkflowIdConflictPolicy,
    ) -> Result<Admission, Refusal> {
        let Some(latest) = self.latest(workflow_id).map(|key| self.run(key)) else {
            return Ok(Admission::Start);
        };
        if latest.is_open() {
            return match conflict {
                WorkflowIdConflictPolicy::UseExisting => Ok(Admission::UseExisting(latest.key)),
                WorkflowIdConflictPolicy::TerminateExisting => Ok(Admission::Terminate(latest.key)),
                WorkflowIdConflictPolicy::Unspecified | WorkflowIdConflictPolicy::Fail
                    if reuse == WorkflowIdReusePolicy::TerminateIfRunning =>
                {
                    Ok(Admission::Terminate(latest.key))
                }
                WorkflowIdConflictPolicy::Unspecified | WorkflowIdConflictPolicy::Fail => {
                    Err(in_the_way(latest, "is already running", ""))
                }
            };
        }
        let failed = !matches!(latest.status(), RunStatus::Completed | RunStatus::ContinuedAsNew);
        match reuse {
            WorkflowIdReusePolicy::AllowDuplicateFailedOnly if !failed => Err(in_the_way(
                latest,
                "already finished successfully",
                " Workflow Id reuse policy: allow duplicate workflow Id if last run failed.",
            )),
            WorkflowIdReusePolicy::RejectDuplicate => Err(in_the_way(
                latest,
                "already finished",
                " Workflow Id reuse policy: reject duplicate workflow Id.",
            )),
            WorkflowIdReusePolicy::Unspecified
            | WorkflowIdReusePolicy::AllowDuplicate
            | WorkflowIdReusePolicy::AllowDuplicateFailedOnly
            | WorkflowIdReusePolicy::TerminateIfRunning => Ok(Admission::Start),
        }
    }
}

fn in_the_way(run: &Run, how: &str, policy: &str) -> Refusal {
    let (workflow_id, run_id) = (&run.workflow_id, &run.run_id);
    Refusal::AlreadyStarted {
        message: format!("Workflow execution {how}. WorkflowId: {workflow_id}, RunId: {run_id}.{policy}"),
        run_id: run_id.clone(),
    }
}
