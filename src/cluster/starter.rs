//! Starts a story's workflow on a cluster and waits for what comes of it. Only the workflow and its input are the
//! story's: what happens on the way is up to the workers there.

use serde_json::Value;
use temporalio_client::errors::{WorkflowGetResultError, WorkflowStartError};
use temporalio_client::tonic::{IntoRequest as _, Status};
use temporalio_client::{Client, WorkflowGetResultOptions, WorkflowHandle, WorkflowStartOptions};
use temporalio_common::UntypedWorkflow;
use temporalio_protos::temporal::api::enums::v1::TaskQueueType;
use temporalio_protos::temporal::api::taskqueue::v1::TaskQueue;
use temporalio_protos::temporal::api::workflowservice::v1::DescribeTaskQueueRequest;

use super::ClusterError;
use super::activities::{decoded, encoded};
use crate::sim::story::Story;

/// A workflow that was started.
pub type Started = WorkflowHandle<Client, UntypedWorkflow>;

/// Starts the workflow of a story.
pub async fn start(client: &Client, story: &Story, task_queue: &str) -> Result<Started, ClusterError> {
    let workflow_id = story.setup.start.workflow_id.clone();
    let options = WorkflowStartOptions::new(task_queue, &workflow_id).build();
    let workflow = UntypedWorkflow::new(story.workflow_type());
    let started = client.start_workflow(workflow, encoded(&story.input()), options).await;
    started.map_err(|error| match error {
        WorkflowStartError::AlreadyStarted { run_id, .. } => ClusterError(format!(
            "“{id}” is running already (run {run}). Wait for it, or end it with `temporal workflow terminate -w {id}`",
            id = workflow_id,
            run = run_id.as_deref().unwrap_or("unknown"),
        )),
        WorkflowStartError::Rpc(status) => server_says(&status),
        other => ClusterError(other.to_string()),
    })
}

/// Waits for the end: the result, or in words how else it ended.
pub async fn ended(started: &Started) -> Result<Result<Value, String>, ClusterError> {
    match started.get_result(WorkflowGetResultOptions::default()).await {
        Ok(result) => Ok(Ok(decoded(result.payloads.first()))),
        Err(WorkflowGetResultError::Rpc(status) | WorkflowGetResultError::NotFound(status)) => {
            Err(server_says(&status))
        }
        Err(error @ (WorkflowGetResultError::PayloadConversion(_) | WorkflowGetResultError::Other(_))) => {
            Err(ClusterError(error.to_string()))
        }
        Err(end) => Ok(Err(end.to_string())),
    }
}

/// Whether a worker has polled this task queue for workflow tasks in the last minutes. `None` if that cannot be known.
pub async fn is_polled(client: &Client, task_queue: &str) -> Option<bool> {
    let request = DescribeTaskQueueRequest {
        namespace: client.options().namespace.clone(),
        task_queue: Some(TaskQueue {
            name: task_queue.to_owned(),
            ..Default::default()
        }),
        task_queue_type: TaskQueueType::Workflow.into(),
        ..Default::default()
    };
    let mut service = client.connection().workflow_service();
    let described = service.describe_task_queue(request.into_request()).await.ok()?;
    Some(!described.into_inner().pollers.is_empty())
}

fn server_says(status: &Status) -> ClusterError {
    ClusterError(format!("the Service says: {} ({:?})", status.message(), status.code()))
}
