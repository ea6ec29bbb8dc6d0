//! The official Rust SDK's own replayer on the same code and the same histories.

use prost::Message;
use sagascope::catalogue::workflows::order_orchestration::OrderOrchestration;
use sagascope::history::proto::History;
use temporalio_client::WorkflowHistory;
use temporalio_common::protos::temporal::api::history::v1::History as SdkHistory;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};
use tokio::runtime::Runtime;
use tokio::task::LocalSet;

use crate::guests::{InParallel, InSequence, Signalled};

/// A replayer, ready to be used: what is made once for all histories is not measured.
pub(crate) struct Official {
    runtime: Runtime,
    replayer: WorkflowReplayer,
}

impl Official {
    pub(crate) fn new() -> Self {
        let mut options = WorkflowReplayerOptions::new().build();
        options.register_workflow::<InSequence>().expect("each type once");
        options.register_workflow::<InParallel>().expect("each type once");
        options.register_workflow::<Signalled>().expect("each type once");
        options
            .register_workflow::<OrderOrchestration>()
            .expect("each type once");
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
        Self {
            runtime: runtime.expect("a runtime can be made"),
            replayer: WorkflowReplayer::new(options).expect("the options name a workflow"),
        }
    }

    /// The history in the SDK's own types.
    pub(crate) fn history(history: &History) -> SdkHistory {
        let history = SdkHistory::decode(history.encode_to_vec().as_slice());
        history.expect("both copies come from the same descriptors")
    }

    /// Replays them, one after the other, in one go.
    pub(crate) fn replay(&self, histories: Vec<SdkHistory>) {
        let histories: Vec<WorkflowHistory> = histories.into_iter().map(WorkflowHistory::from).collect();
        let replayed = LocalSet::new().block_on(&self.runtime, self.replayer.replay_workflows(histories));
        for result in replayed.expect("the replayer runs") {
            assert!(result.replay_failure.is_none(), "{:?}", result.replay_failure);
        }
    }
}
