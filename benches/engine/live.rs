//! The same live run on a real development server, with the official Rust worker: both on this machine, as
//! `./dev conformance` gets them.

use std::time::Duration;

use sagascope::base::chance::Chance;
use sagascope::catalogue::world::{World, WorldConfig};
use sagascope::cluster::activities::Stage;
use sagascope::service::limits::Limits;
use serde_json::json;
use temporalio_client::{Client, ClientOptions, WorkflowGetResultOptions, WorkflowStartOptions};
use temporalio_common::UntypedWorkflow;
use temporalio_common::data_converters::RawValue;
use temporalio_protos::temporal::api::common::v1::Payload;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use crate::contest::timed_async;
use crate::guests::InSequence;
use crate::server::{Server, binary};

const QUEUE: &str = "bench";

/// How long a run of so many activities in sequence takes there, from its start to its result; or why it cannot be
/// tried.
pub(crate) fn run(count: u32) -> Result<Duration, String> {
    binary()?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build();
    let runtime = runtime.map_err(|error| error.to_string())?;
    tokio::task::LocalSet::new().block_on(&runtime, there(count))
}

async fn there(count: u32) -> Result<Duration, String> {
    let server = Server::start(0, &["default".to_owned()], &Limits::default()).await?;
    let connection = server.connect().await?;
    let client = Client::new(connection, ClientOptions::new("default").build());
    let client = client.map_err(|error| error.to_string())?;
    let runtime = Runtime::from_current_tokio(Default::default()).map_err(|error| error.to_string())?;
    let stage = Stage::new(World::new(WorldConfig::of(&[])), Chance::new(1), |_| {});
    let mut options = WorkerOptions::new(QUEUE).register_activities(stage).build();
    options
        .register_workflow::<InSequence>()
        .map_err(|error| error.to_string())?;
    let mut worker = Worker::new(&runtime, client.clone(), options).map_err(|error| error.to_string())?;
    let stop = worker.shutdown_handle();
    let started = async {
        // The first run warms everybody up.
        finished(&client, "warm-up", 10).await?;
        let took = timed_async(finished(&client, "bench", count)).await;
        stop();
        took.1.map(|()| took.0)
    };
    let (ended, took) = tokio::join!(worker.run(), started);
    ended.map_err(|error| error.to_string())?;
    took
}

async fn finished(client: &Client, workflow_id: &str, count: u32) -> Result<(), String> {
    let options = WorkflowStartOptions::new(QUEUE, workflow_id).build();
    let input = RawValue::new(vec![Payload {
        metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
        data: json!(count).to_string().into_bytes(),
        ..Default::default()
    }]);
    let started = client
        .start_workflow(UntypedWorkflow::new("InSequence"), input, options)
        .await;
    let started = started.map_err(|error| error.to_string())?;
    let result = started.get_result(WorkflowGetResultOptions::default()).await;
    result.map(|_| ()).map_err(|error| error.to_string())
}
