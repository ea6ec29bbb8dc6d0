//! The Rust SDK's own replayer, fed with our histories as protobuf bytes.

use prost::Message;
use sagascope::history::proto::History;
use temporalio_client::WorkflowHistory;
use temporalio_common::protos::temporal::api::history::v1::History as SdkHistory;
use temporalio_sdk::workflow_replayer::{WorkflowReplayer, WorkflowReplayerOptions};

/// What the official replayer says of each history: `None` if it accepts it, else its words.
pub(crate) fn verdicts(options: &WorkflowReplayerOptions, histories: &[History]) -> Vec<Option<String>> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .expect("a runtime can be made");
    let replayer = WorkflowReplayer::new(options.clone()).expect("the options name a workflow");
    let histories: Vec<WorkflowHistory> = histories.iter().map(|history| foreign(history).into()).collect();
    let local = tokio::task::LocalSet::new();
    let results = local
        .block_on(&runtime, replayer.replay_workflows(histories))
        .expect("the replayer runs");
    let said = results.into_iter().map(|result| result.replay_failure);
    said.map(|failure| failure.map(|failure| failure.to_string())).collect()
}

fn foreign(history: &History) -> SdkHistory {
    SdkHistory::decode(history.encode_to_vec().as_slice()).expect("both copies come from the same descriptors")
}
