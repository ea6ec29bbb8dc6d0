//! How news gets in: each job in the SDK's words, and what a run knows of itself from its start.

use std::hash::Hasher;

use siphasher::sip::SipHasher13;
use temporalio_common::protos::coresdk::activity_result::{self as result, ActivityResolution, activity_resolution};
use temporalio_common::protos::coresdk::child_workflow::{self as child, ChildWorkflowResult, child_workflow_result};
use temporalio_common::protos::coresdk::common::NamespacedWorkflowExecution;
use temporalio_common::protos::coresdk::workflow_activation::workflow_activation_job::Variant;
use temporalio_common::protos::coresdk::workflow_activation::{
    CancelWorkflow, DoUpdate, FireTimer, InitializeWorkflow, NotifyHasPatch, QueryWorkflow, ResolveActivity,
    ResolveChildWorkflowExecution, ResolveChildWorkflowExecutionStart, ResolveChildWorkflowExecutionStartCancelled,
    ResolveChildWorkflowExecutionStartFailure, ResolveChildWorkflowExecutionStartSuccess,
    ResolveRequestCancelExternalWorkflow, ResolveSignalExternalWorkflow, SignalWorkflow, UpdateRandomSeed,
    WorkflowActivationJob, resolve_child_workflow_execution_start,
};
use temporalio_common::protos::temporal::api::common::v1::Payload as SdkPayload;

use super::convert::{self, recode};
use crate::history::proto::{Header, Payloads, WorkflowExecutionStartedEventAttributes};
use crate::history::timestamp::{self, Timestamp};
use crate::worker::activation::{ChildStart, JobKind, Resolution};

/// A job in the SDK's words.
pub(super) fn job(what: &JobKind, workflow_id: &str, started_at: Timestamp) -> WorkflowActivationJob {
    let variant = match what {
        JobKind::Initialize(started) => Variant::InitializeWorkflow(initialize(workflow_id, started, started_at)),
        JobKind::NotifyHasPatch { patch_id } => Variant::NotifyHasPatch(NotifyHasPatch {
            patch_id: patch_id.clone(),
        }),
        JobKind::UpdateRandomSeed { run_id } => Variant::UpdateRandomSeed(UpdateRandomSeed {
            randomness_seed: randomness_seed(run_id),
        }),
        JobKind::Signal(signal) => Variant::SignalWorkflow(SignalWorkflow {
            signal_name: signal.signal_name.clone(),
            input: payloads(signal.input.as_ref()),
            identity: signal.identity.clone(),
            headers: fields(signal.header.as_ref()),
            ..Default::default()
        }),
        JobKind::Update(update) => {
            let input = update.request.input.clone().unwrap_or_default();
            let meta = update.request.meta.clone().unwrap_or_default();
            Variant::DoUpdate(DoUpdate {
                id: meta.update_id.clone(),
                protocol_instance_id: update.update_id.clone(),
                name: input.name,
                input: payloads(input.args.as_ref()),
                headers: fields(input.header.as_ref()),
                meta: Some(recode(&meta)),
                run_validator: update.run_validator,
            })
        }
        JobKind::CancelRequested { reason } => Variant::CancelWorkflow(CancelWorkflow { reason: reason.clone() }),
        JobKind::FireTimer { seq } => Variant::FireTimer(FireTimer { seq: *seq }),
        JobKind::ResolveActivity { seq, local, resolution } => Variant::ResolveActivity(ResolveActivity {
            seq: *seq,
            is_local: *local,
            result: Some(activity(resolution)),
        }),
        JobKind::ResolveChildStart { seq, start } => {
            Variant::ResolveChildWorkflowExecutionStart(ResolveChildWorkflowExecutionStart {
                seq: *seq,
                status: Some(child_start(start)),
            })
        }
        JobKind::ResolveChild { seq, resolution } => {
            Variant::ResolveChildWorkflowExecution(ResolveChildWorkflowExecution {
                seq: *seq,
                result: Some(child_result(resolution)),
            })
        }
        JobKind::ResolveSignal { seq, failure } => {
            Variant::ResolveSignalExternalWorkflow(ResolveSignalExternalWorkflow {
                seq: *seq,
                cause: failure.as_ref().map_or(0, |failure| failure.1.into()),
                failure: failure.as_ref().map(|failure| recode(&failure.0)),
            })
        }
        JobKind::ResolveCancelExternal { seq, failure } => {
            Variant::ResolveRequestCancelExternalWorkflow(ResolveRequestCancelExternalWorkflow {
                seq: *seq,
                cause: failure.as_ref().map_or(0, |failure| failure.1.into()),
                failure: failure.as_ref().map(|failure| recode(&failure.0)),
            })
        }
        JobKind::Query(asked) => Variant::QueryWorkflow(QueryWorkflow {
            query_id: asked.query_id.to_string(),
            query_type: asked.query.name.clone(),
            arguments: payloads(asked.query.args.as_ref()),
            ..Default::default()
        }),
    };
    WorkflowActivationJob { variant: Some(variant) }
}

/// What the code is told at the beginning.
pub(super) fn initialize(
    workflow_id: &str,
    started: &WorkflowExecutionStartedEventAttributes,
    started_at: Timestamp,
) -> InitializeWorkflow {
    InitializeWorkflow {
        workflow_type: started
            .workflow_type
            .as_ref()
            .map(|t| t.name.clone())
            .unwrap_or_default(),
        workflow_id: workflow_id.to_owned(),
        arguments: payloads(started.input.as_ref()),
        randomness_seed: randomness_seed(&started.original_execution_run_id),
        headers: fields(started.header.as_ref()),
        identity: started.identity.clone(),
        parent_workflow_info: started
            .parent_workflow_execution
            .as_ref()
            .map(|parent| NamespacedWorkflowExecution {
                namespace: started.parent_workflow_namespace.clone(),
                workflow_id: parent.workflow_id.clone(),
                run_id: parent.run_id.clone(),
            }),
        workflow_execution_timeout: started.workflow_execution_timeout.as_ref().map(recode),
        workflow_run_timeout: started.workflow_run_timeout.as_ref().map(recode),
        workflow_task_timeout: started.workflow_task_timeout.as_ref().map(recode),
        continued_from_execution_run_id: started.continued_execution_run_id.clone(),
        continued_initiator: started.initiator,
        continued_failure: started.continued_failure.as_ref().map(recode),
        last_completion_result: started.last_completion_result.as_ref().map(recode),
        first_execution_run_id: started.first_execution_run_id.clone(),
        retry_policy: started.retry_policy.as_ref().map(recode),
        attempt: started.attempt,
        cron_schedule: started.cron_schedule.clone(),
        workflow_execution_expiration_time: started.workflow_execution_expiration_time.as_ref().map(recode),
        cron_schedule_to_schedule_interval: started.first_workflow_task_backoff.as_ref().map(recode),
        memo: started.memo.as_ref().map(recode),
        search_attributes: started.search_attributes.as_ref().map(recode),
        start_time: Some(recode(&started_at)),
        root_workflow: started.root_workflow_execution.as_ref().map(recode),
        priority: started.priority.as_ref().map(recode),
        original_execution_run_id: started.original_execution_run_id.clone(),
    }
}

fn activity(resolution: &Resolution) -> ActivityResolution {
    use activity_resolution::Status;
    let status = match resolution {
        Resolution::Completed(result) => Status::Completed(result::Success {
            result: payloads(result.as_ref()).into_iter().next(),
        }),
        Resolution::Failed(failure) => Status::Failed(result::Failure {
            failure: Some(recode(&**failure)),
            ..Default::default()
        }),
        Resolution::Canceled(failure) => Status::Cancelled(result::Cancellation {
            failure: Some(recode(&**failure)),
        }),
        Resolution::Backoff {
            attempt,
            wait,
            original_schedule,
        } => Status::Backoff(result::DoBackoff {
            attempt: *attempt,
            backoff_duration: Some(recode(&timestamp::duration(*wait))),
            original_schedule_time: original_schedule.as_ref().map(recode),
        }),
    };
    ActivityResolution { status: Some(status) }
}

fn child_start(start: &ChildStart) -> resolve_child_workflow_execution_start::Status {
    use resolve_child_workflow_execution_start::Status;
    match start {
        ChildStart::Started { run_id } => {
            Status::Succeeded(ResolveChildWorkflowExecutionStartSuccess { run_id: run_id.clone() })
        }
        ChildStart::Failed {
            workflow_id,
            workflow_type,
            cause,
        } => Status::Failed(ResolveChildWorkflowExecutionStartFailure {
            workflow_id: workflow_id.clone(),
            workflow_type: workflow_type.clone(),
            cause: (*cause).into(),
        }),
        ChildStart::Canceled(failure) => Status::Cancelled(ResolveChildWorkflowExecutionStartCancelled {
            failure: Some(recode(&**failure)),
        }),
    }
}

fn child_result(resolution: &Resolution) -> ChildWorkflowResult {
    use child_workflow_result::Status;
    let status = match resolution {
        Resolution::Completed(result) => Some(Status::Completed(child::Success {
            result: payloads(result.as_ref()).into_iter().next(),
        })),
        Resolution::Failed(failure) => Some(Status::Failed(child::Failure {
            failure: Some(recode(&**failure)),
        })),
        Resolution::Canceled(failure) => Some(Status::Cancelled(child::Cancellation {
            failure: Some(recode(&**failure)),
        })),
        Resolution::Backoff { .. } => None,
    };
    ChildWorkflowResult { status }
}

/// Core's seed for a run: `SipHash` 1-3 with zero keys over a run id, hashed as a Rust string.
fn randomness_seed(run_id: &str) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(run_id.as_bytes());
    hasher.write_u8(0xff);
    hasher.finish()
}

fn payloads(all: Option<&Payloads>) -> Vec<SdkPayload> {
    let all = all.iter().flat_map(|all| &all.payloads);
    all.map(convert::to_sdk).collect()
}

fn fields<T: FromIterator<(String, SdkPayload)>>(header: Option<&Header>) -> T {
    let fields = header.into_iter().flat_map(|header| &header.fields);
    fields
        .map(|(name, payload)| (name.clone(), convert::to_sdk(payload)))
        .collect()
}
