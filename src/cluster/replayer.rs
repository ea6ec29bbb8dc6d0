//! The official SDK's own replayer, with the workflows of the catalogue: the second opinion on a history.

use temporalio_sdk::error::WorkflowRegistrationError;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;

use crate::catalogue::workflows;
use crate::catalogue::workflows::traced::each_workflow;

/// What the replayer knows: each workflow as it is, in the version that a worker has unless somebody says otherwise.
pub fn options() -> Result<WorkflowReplayerOptions, WorkflowRegistrationError> {
    let mut options = WorkflowReplayerOptions::new().build();
    macro_rules! register {
        ($(($file:ident, $workflow:ident))*) => {
            $(options.register_workflow::<workflows::$file::$workflow>()?;)*
        };
    }
    each_workflow!(register);
    Ok(options)
}
