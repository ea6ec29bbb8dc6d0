//! Which run a request means, and the words for what cannot be found (server 1.32).

use super::Service;
use crate::contract::request::{Refusal, Target};
use crate::contract::task::RunKey;

impl Service {
    /// The run that is meant, open or closed.
    pub(super) fn find(&self, target: &Target) -> Result<RunKey, Refusal> {
        let Target { workflow_id, run_id } = target;
        if run_id.is_empty() {
            return self
                .latest(workflow_id)
                .ok_or_else(|| Refusal::NotFound(format!("workflow not found for ID: {workflow_id}")));
        }
        self.run_with_id(workflow_id, run_id).ok_or_else(|| {
            Refusal::NotFound(format!(
                "workflow execution not found for workflow ID \"{workflow_id}\" and run ID \"{run_id}\""
            ))
        })
    }

    /// That run of a workflow id.
    pub(super) fn run_with_id(&self, workflow_id: &str, run_id: &str) -> Option<RunKey> {
        let of_id = self.runs_of.get(workflow_id)?;
        of_id.iter().rev().copied().find(|key| self.run(*key).run_id == run_id)
    }
}

/// The run has tried to close, and is about to try again.
pub(super) fn closing() -> Refusal {
    Refusal::Exhausted("workflow operation can not be applied because workflow is closing".to_owned())
}

/// The run is closed, and closed runs take nothing.
pub(super) fn already_completed() -> Refusal {
    Refusal::NotFound("workflow execution already completed".to_owned())
}
