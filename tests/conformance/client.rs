//! The client of a real server: the requests of scripts, as plain calls of the Service with nothing added, and the
//! looking at histories and descriptions.

use std::fmt::Write as _;

use prost::Message;
use sagascope::base::time::Span;
use sagascope::contract::request::{Query, Reset, Signal, StartWorkflow, Update};
use sagascope::history::json;
use sagascope::history::proto::{Attributes, Duration, Failure, HistoryEvent, Payloads, event_name};
use sagascope::history::timestamp;
use serde_json::Value;
use temporalio_client::grpc::WorkflowService;
use temporalio_client::tonic::{Code, Request, Response, Status};
use temporalio_protos::temporal::api;
use temporalio_protos::temporal::api::common::v1::{WorkflowExecution, WorkflowType};
use temporalio_protos::temporal::api::enums::v1::{
    ResetReapplyExcludeType, TaskQueueKind, TaskQueueType, UpdateWorkflowExecutionLifecycleStage as Stage,
};
use temporalio_protos::temporal::api::query::v1::WorkflowQuery;
use temporalio_protos::temporal::api::taskqueue::v1::{PollerInfo, TaskQueue};
use temporalio_protos::temporal::api::update::v1::{Input, Meta, WaitPolicy, outcome};
use temporalio_protos::temporal::api::workflowservice::v1::{
    DescribeTaskQueueRequest, DescribeWorkflowExecutionRequest, DescribeWorkflowExecutionResponse,
    GetWorkflowExecutionHistoryRequest, ListWorkflowExecutionsRequest, PollWorkflowExecutionUpdateRequest,
    QueryWorkflowRequest, RequestCancelWorkflowExecutionRequest, ResetWorkflowExecutionRequest,
    SignalWithStartWorkflowExecutionRequest, SignalWorkflowExecutionRequest, StartWorkflowExecutionRequest,
    TerminateWorkflowExecutionRequest, UpdateWorkflowExecutionRequest,
};

use crate::performance::{Run, Told, failure_value, values};
use crate::scenario::CLIENT;
use crate::server::connect;

/// What the Service said, or why it could not be asked.
pub(crate) type Answer = Result<Value, String>;

/// A client in one namespace.
#[derive(Clone)]
pub(crate) struct Caller {
    namespace: String,
    service: Box<dyn WorkflowService>,
}

impl Caller {
    /// Connects.
    pub(crate) async fn new(address: &str, namespace: &str) -> Result<Self, String> {
        Ok(Self {
            namespace: namespace.to_owned(),
            service: connect(address).await?.workflow_service(),
        })
    }

    // ---- What clients and operators do.

    pub(crate) async fn start(&self, start: &StartWorkflow) -> Answer {
        let request = StartWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_id: start.workflow_id.clone(),
            workflow_type: Some(workflow_type(&start.workflow_type)),
            task_queue: Some(queue(&start.task_queue)),
            input: recoded(start.input.as_ref()),
            workflow_execution_timeout: span(start.execution_timeout),
            workflow_run_timeout: span(start.run_timeout),
            workflow_task_timeout: span(start.task_timeout),
            identity: start.identity.clone(),
            request_id: request_id(),
            workflow_id_reuse_policy: start.reuse as i32,
            workflow_id_conflict_policy: start.conflict as i32,
            retry_policy: recoded(start.retry_policy.as_ref()),
            cron_schedule: start.cron_schedule.clone(),
            memo: recoded(start.memo.as_ref()),
            search_attributes: recoded(start.search_attributes.as_ref()),
            header: recoded(start.header.as_ref()),
            user_metadata: recoded(start.user_metadata.as_deref()),
            workflow_start_delay: span(start.start_delay),
            // As the official client does.
            priority: Some(Default::default()),
            ..Default::default()
        };
        let response = self
            .service
            .clone()
            .start_workflow_execution(Request::new(request))
            .await;
        run(response.map(|response| response.into_inner().run_id))
    }

    pub(crate) async fn signal(&self, workflow_id: &str, signal: &Signal) -> Answer {
        let request = SignalWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(latest(workflow_id)),
            signal_name: signal.name.clone(),
            input: recoded(signal.input.as_ref()),
            identity: signal.identity.clone(),
            request_id: or_random(&signal.request_id),
            header: recoded(signal.header.as_ref()),
            ..Default::default()
        };
        done(
            self.service
                .clone()
                .signal_workflow_execution(Request::new(request))
                .await,
        )
    }

    pub(crate) async fn signal_with_start(&self, start: &StartWorkflow, signal: &Signal) -> Answer {
        let request = SignalWithStartWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_id: start.workflow_id.clone(),
            workflow_type: Some(workflow_type(&start.workflow_type)),
            task_queue: Some(queue(&start.task_queue)),
            input: recoded(start.input.as_ref()),
            workflow_execution_timeout: span(start.execution_timeout),
            workflow_run_timeout: span(start.run_timeout),
            workflow_task_timeout: span(start.task_timeout),
            identity: start.identity.clone(),
            request_id: or_random(&signal.request_id),
            workflow_id_reuse_policy: start.reuse as i32,
            workflow_id_conflict_policy: start.conflict as i32,
            signal_name: signal.name.clone(),
            signal_input: recoded(signal.input.as_ref()),
            retry_policy: recoded(start.retry_policy.as_ref()),
            cron_schedule: start.cron_schedule.clone(),
            memo: recoded(start.memo.as_ref()),
            search_attributes: recoded(start.search_attributes.as_ref()),
            header: recoded(start.header.as_ref()),
            user_metadata: recoded(start.user_metadata.as_deref()),
            workflow_start_delay: span(start.start_delay),
            priority: Some(Default::default()),
            ..Default::default()
        };
        let response = self
            .service
            .clone()
            .signal_with_start_workflow_execution(Request::new(request))
            .await;
        run(response.map(|response| response.into_inner().run_id))
    }

    pub(crate) async fn query(&self, workflow_id: &str, query: &Query) -> Answer {
        let request = QueryWorkflowRequest {
            namespace: self.namespace.clone(),
            execution: Some(latest(workflow_id)),
            query: Some(WorkflowQuery {
                query_type: query.name.clone(),
                query_args: recoded(query.args.as_ref()),
                header: None,
            }),
            ..Default::default()
        };
        match self.service.clone().query_workflow(Request::new(request)).await {
            Ok(response) => Ok(answered(response.into_inner().query_result.as_ref())),
            Err(status) => refused(&status),
        }
    }

    pub(crate) async fn update(&self, workflow_id: &str, update: &Update) -> Answer {
        let request = UpdateWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(latest(workflow_id)),
            wait_policy: Some(wait(Stage::Accepted)),
            request: Some(api::update::v1::Request {
                meta: Some(Meta {
                    update_id: update.update_id.clone(),
                    identity: update.identity.clone(),
                }),
                input: Some(Input {
                    header: None,
                    name: update.name.clone(),
                    args: recoded(update.args.as_ref()),
                }),
                ..Default::default()
            }),
            ..Default::default()
        };
        let accepted = loop {
            match self
                .service
                .clone()
                .update_workflow_execution(Request::new(request.clone()))
                .await
            {
                // The Service holds such a call for a while only: then it says how far the update has come.
                Ok(response) if response.get_ref().stage == Stage::Admitted as i32 => {}
                Ok(response) => break response.into_inner(),
                Err(status) => return refused(&status),
            }
        };
        let mut outcome = accepted.outcome;
        while outcome.is_none() {
            let poll = PollWorkflowExecutionUpdateRequest {
                namespace: self.namespace.clone(),
                update_ref: accepted.update_ref.clone(),
                identity: update.identity.clone(),
                wait_policy: Some(wait(Stage::Completed)),
            };
            match self
                .service
                .clone()
                .poll_workflow_execution_update(Request::new(poll))
                .await
            {
                Ok(response) => outcome = response.into_inner().outcome,
                Err(status) => return refused(&status),
            }
        }
        Ok(match outcome.and_then(|outcome| outcome.value) {
            Some(outcome::Value::Success(payloads)) => answered(Some(&payloads)),
            Some(outcome::Value::Failure(failure)) => Told::failed(failure_value(&recode::<_, Failure>(&failure))),
            None => Told::nothing(),
        })
    }

    pub(crate) async fn cancel(&self, workflow_id: &str, reason: &str) -> Answer {
        let request = RequestCancelWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(latest(workflow_id)),
            identity: CLIENT.to_owned(),
            request_id: request_id(),
            reason: reason.to_owned(),
            ..Default::default()
        };
        done(
            self.service
                .clone()
                .request_cancel_workflow_execution(Request::new(request))
                .await,
        )
    }

    pub(crate) async fn terminate(&self, workflow_id: &str, reason: &str) -> Answer {
        let request = TerminateWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(latest(workflow_id)),
            reason: reason.to_owned(),
            identity: CLIENT.to_owned(),
            ..Default::default()
        };
        done(
            self.service
                .clone()
                .terminate_workflow_execution(Request::new(request))
                .await,
        )
    }

    pub(crate) async fn reset(&self, workflow_id: &str, reset: &Reset) -> Answer {
        let left_out = [
            (reset.reapply_signals, ResetReapplyExcludeType::Signal),
            (reset.reapply_updates, ResetReapplyExcludeType::Update),
        ];
        let request = ResetWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            workflow_execution: Some(latest(workflow_id)),
            reason: reset.reason.clone(),
            workflow_task_finish_event_id: reset.event_id,
            request_id: request_id(),
            reset_reapply_exclude_types: left_out
                .into_iter()
                .filter(|(wanted, _)| !wanted)
                .map(|(_, kind)| kind as i32)
                .collect(),
            identity: CLIENT.to_owned(),
            ..Default::default()
        };
        let response = self
            .service
            .clone()
            .reset_workflow_execution(Request::new(request))
            .await;
        run(response.map(|response| response.into_inner().run_id))
    }

    // ---- What can be seen.

    /// Who has polled a task queue lately.
    pub(crate) async fn pollers(&self, name: &str, kind: TaskQueueType) -> Result<Vec<PollerInfo>, String> {
        let request = DescribeTaskQueueRequest {
            namespace: self.namespace.clone(),
            task_queue: Some(queue(name)),
            task_queue_type: kind as i32,
            ..Default::default()
        };
        let response = self.service.clone().describe_task_queue(Request::new(request)).await;
        Ok(response.map_err(|status| status.to_string())?.into_inner().pollers)
    }

    /// The latest run of a workflow id; empty if there is none.
    pub(crate) async fn describe(&self, workflow_id: &str) -> Result<DescribeWorkflowExecutionResponse, String> {
        let request = DescribeWorkflowExecutionRequest {
            namespace: self.namespace.clone(),
            execution: Some(latest(workflow_id)),
        };
        let response = self
            .service
            .clone()
            .describe_workflow_execution(Request::new(request))
            .await;
        or_default(response)
    }

    /// The history of the latest run of a workflow id; empty if there is none.
    pub(crate) async fn latest(&self, workflow_id: &str) -> Result<Vec<HistoryEvent>, String> {
        self.history(latest(workflow_id)).await
    }

    async fn history(&self, execution: WorkflowExecution) -> Result<Vec<HistoryEvent>, String> {
        let mut events = Vec::new();
        let mut token = Vec::new();
        loop {
            let request = GetWorkflowExecutionHistoryRequest {
                namespace: self.namespace.clone(),
                execution: Some(execution.clone()),
                next_page_token: token,
                ..Default::default()
            };
            let response = self
                .service
                .clone()
                .get_workflow_execution_history(Request::new(request))
                .await;
            let page = or_default(response)?;
            let page_events = page.history.unwrap_or_default().events;
            events.extend(page_events.iter().map(recode::<_, HistoryEvent>));
            token = page.next_page_token;
            if token.is_empty() {
                return Ok(events);
            }
        }
    }

    /// All runs of these workflow ids with their histories, each id's in the order of their starts.
    pub(crate) async fn runs(&self, workflow_ids: &[String]) -> Result<Vec<Run>, String> {
        let mut runs = Vec::new();
        for workflow_id in workflow_ids {
            for run_id in self.run_ids(workflow_id).await? {
                let execution = WorkflowExecution {
                    workflow_id: workflow_id.clone(),
                    run_id: run_id.clone(),
                };
                let events = self.history(execution).await?;
                runs.push(Run {
                    workflow_id: workflow_id.clone(),
                    run_id,
                    events: events.iter().map(json::event_value).collect(),
                });
            }
        }
        Ok(runs)
    }

    /// Lists of workflows lag behind: this waits until one has the latest run, and twice the same runs.
    async fn run_ids(&self, workflow_id: &str) -> Result<Vec<String>, String> {
        let current = self.describe(workflow_id).await?.workflow_execution_info;
        let Some(current) = current.and_then(|info| info.execution) else {
            return Ok(Vec::new());
        };
        let mut before = Vec::new();
        loop {
            let request = ListWorkflowExecutionsRequest {
                namespace: self.namespace.clone(),
                page_size: 1_000,
                query: format!("WorkflowId = '{workflow_id}'"),
                ..Default::default()
            };
            let response = self
                .service
                .clone()
                .list_workflow_executions(Request::new(request))
                .await;
            let mut found = response.map_err(|status| status.to_string())?.into_inner().executions;
            found.sort_by_key(|info| info.start_time.map(|at| (at.seconds, at.nanos)));
            let ids = found.into_iter().filter_map(|info| Some(info.execution?.run_id));
            let ids: Vec<String> = ids.collect();
            if ids.contains(&current.run_id) && ids == before {
                return Ok(ids);
            }
            before = ids;
            tokio::time::sleep(std::time::Duration::from_millis(200)).await;
        }
    }

    /// The events of these workflows in short, for people who want to know where a performance got stuck.
    pub(crate) async fn sketch(&self, workflow_ids: &[String]) -> String {
        let mut text = String::new();
        for workflow_id in workflow_ids {
            let events = self.latest(workflow_id).await.unwrap_or_default();
            for event in &events {
                let name = event_name(event.event_type());
                let why = match &event.attributes {
                    Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) => failed.failure.as_ref(),
                    Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)) => failed.failure.as_ref(),
                    _ => None,
                };
                let why = why.map_or("", |failure| &failure.message);
                let _ = writeln!(text, "      {workflow_id} {:>3} {name} {why}", event.event_id);
            }
        }
        text
    }
}

// ---- Answers.

fn done<T>(response: Result<Response<T>, Status>) -> Answer {
    match response {
        Ok(_) => Ok(Told::done(Value::Null)),
        Err(status) => refused(&status),
    }
}

fn run(run_id: Result<String, Status>) -> Answer {
    match run_id {
        Ok(run_id) => Ok(Told::run(&run_id)),
        Err(status) => refused(&status),
    }
}

/// A refusal is an answer; that the server could not be reached is none.
fn refused(status: &Status) -> Answer {
    let code = match status.code() {
        Code::NotFound => "NOT_FOUND",
        Code::AlreadyExists => "ALREADY_EXISTS",
        Code::InvalidArgument => "INVALID_ARGUMENT",
        Code::FailedPrecondition => "FAILED_PRECONDITION",
        Code::ResourceExhausted => "RESOURCE_EXHAUSTED",
        _ => return Err(status.to_string()),
    };
    Ok(Told::refused(code, status.message()))
}

fn or_default<T: Default>(response: Result<Response<T>, Status>) -> Result<T, String> {
    match response {
        Ok(response) => Ok(response.into_inner()),
        Err(status) if status.code() == Code::NotFound => Ok(T::default()),
        Err(status) => Err(status.to_string()),
    }
}

fn answered(payloads: Option<&api::common::v1::Payloads>) -> Value {
    Told::done(values(recoded::<_, Payloads>(payloads).as_ref()))
}

// ---- Requests.

fn latest(workflow_id: &str) -> WorkflowExecution {
    WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: String::new(),
    }
}

fn workflow_type(name: &str) -> WorkflowType {
    WorkflowType { name: name.to_owned() }
}

fn queue(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        kind: TaskQueueKind::Unspecified as i32,
        ..Default::default()
    }
}

fn wait(stage: Stage) -> WaitPolicy {
    WaitPolicy {
        lifecycle_stage: stage as i32,
    }
}

fn or_random(request_id_or_none: &str) -> String {
    if request_id_or_none.is_empty() {
        request_id()
    } else {
        request_id_or_none.to_owned()
    }
}

/// Unique in one namespace is enough.
fn request_id() -> String {
    use std::sync::atomic::{AtomicU32, Ordering};
    static LAST: AtomicU32 = AtomicU32::new(0);
    let number = LAST.fetch_add(1, Ordering::Relaxed);
    format!("00000000-0000-4000-8000-{number:012}")
}

/// The same message in the other copy of Temporal's types.
fn recode<A: Message, B: Message + Default>(message: &A) -> B {
    B::decode(message.encode_to_vec().as_slice()).expect("both copies come from the same descriptors")
}

fn recoded<A: Message, B: Message + Default>(message: Option<&A>) -> Option<B> {
    message.map(recode)
}

/// A zero span is "not set".
fn span<D: Message + Default>(span: Span) -> Option<D> {
    (!span.is_zero()).then(|| recode::<Duration, D>(&timestamp::duration(span)))
}
