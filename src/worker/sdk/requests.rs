//! How wishes get out: each command of the SDK as a request.

use std::sync::Arc;

use temporalio_common::protos::coresdk::workflow_commands::{
    self as commands, WorkflowCommand, signal_external_workflow_execution, workflow_command,
};
use temporalio_common::protos::temporal::api::common::v1::Payload as SdkPayload;

use super::convert::{from_sdk, one_payload, recode, span};
use super::{NAMESPACE, RunFacts};
use crate::base::time::Span;
use crate::contract::answer::{ContinueAsNew, ScheduleActivity};
use crate::history::proto::TaskQueueKind;
use crate::history::proto::{
    Failure, Header, Memo, Payload, Payloads, SearchAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, StartChildWorkflowExecutionInitiatedEventAttributes,
    TaskQueue, WorkflowExecution, WorkflowExecutionContinuedAsNewEventAttributes, WorkflowType,
};
use crate::worker::TaskFailure;
use crate::worker::execution::unhandled;
use crate::worker::request::{ChildWhenCancelled, RequestKind, ScheduleLocalActivity, WhenCancelled};

/// What a command of this run asks for.
pub(super) fn request(
    command: WorkflowCommand,
    facts: &RunFacts,
    workflow_type: &str,
) -> Result<RequestKind, TaskFailure> {
    use workflow_command::Variant;
    let task_queue = facts.task_queue.as_str();
    let variant = command
        .variant
        .ok_or_else(|| unhandled("the SDK issued an empty command".to_owned()))?;
    Ok(match variant {
        Variant::ScheduleActivity(request) => RequestKind::ScheduleActivity {
            seq: request.seq,
            when_cancelled: when_cancelled(request.cancellation_type),
            command: Arc::new(schedule_activity(request, task_queue)),
        },
        Variant::RequestCancelActivity(cancel) => RequestKind::CancelActivity { seq: cancel.seq },
        Variant::ScheduleLocalActivity(request) => {
            let none = request.schedule_to_close_timeout.is_none() && request.start_to_close_timeout.is_none();
            if none {
                let seq = request.seq;
                return Err(unhandled(format!(
                    "Fatal error in workflow machines: Invalid schedule local activity request (seq {seq}): One or both of \
                     schedule_to_close or start_to_close timeouts must be set for local activities"
                )));
            }
            RequestKind::ScheduleLocalActivity {
                seq: request.seq,
                task: Box::new(schedule_local_activity(request)),
            }
        }
        Variant::RequestCancelLocalActivity(cancel) => RequestKind::CancelLocalActivity { seq: cancel.seq },
        Variant::StartTimer(start) => RequestKind::StartTimer {
            seq: start.seq,
            wait: span(start.start_to_fire_timeout.as_ref()),
        },
        Variant::CancelTimer(cancel) => RequestKind::CancelTimer { seq: cancel.seq },
        Variant::StartChildWorkflowExecution(start) => RequestKind::StartChild {
            seq: start.seq,
            when_cancelled: match start.cancellation_type {
                0 => ChildWhenCancelled::Abandon,
                1 => ChildWhenCancelled::Try,
                _ => ChildWhenCancelled::Wait,
            },
            command: Box::new(start_child(start, task_queue)),
        },
        Variant::CancelChildWorkflowExecution(cancel) => RequestKind::CancelChild {
            seq: cancel.child_workflow_seq,
            reason: cancel.reason,
        },
        Variant::SignalExternalWorkflowExecution(signal) => RequestKind::SignalExternal {
            seq: signal.seq,
            command: Box::new(signal_external(signal)?),
        },
        Variant::CancelSignalWorkflow(cancel) => RequestKind::CancelSignal { seq: cancel.seq },
        Variant::RequestCancelExternalWorkflowExecution(cancel) => {
            let target = cancel.workflow_execution.unwrap_or_default();
            RequestKind::CancelExternal {
                seq: cancel.seq,
                namespace: target.namespace,
                execution: WorkflowExecution {
                    workflow_id: target.workflow_id,
                    run_id: target.run_id,
                },
                // Core's words.
                reason: format!(
                    "Cancel requested by workflow with run id {} with reason: {}",
                    facts.run_id, cancel.reason
                ),
            }
        }
        Variant::SetPatchMarker(patch) => RequestKind::SetPatchMarker {
            patch_id: patch.patch_id,
            deprecated: patch.deprecated,
        },
        Variant::UpsertWorkflowSearchAttributes(upsert) => RequestKind::UpsertSearchAttributes(
            upsert
                .search_attributes
                .as_ref()
                .map(recode::<_, SearchAttributes>)
                .unwrap_or_default(),
        ),
        Variant::ModifyWorkflowProperties(modify) => {
            RequestKind::ModifyProperties(modify.upserted_memo.as_ref().map(recode::<_, Memo>).unwrap_or_default())
        }
        Variant::CompleteWorkflowExecution(complete) => RequestKind::CompleteWorkflow {
            result: complete.result.map(one_payload),
        },
        Variant::FailWorkflowExecution(fail) => RequestKind::FailWorkflow {
            failure: Box::new(fail.failure.as_ref().map(recode::<_, Failure>).unwrap_or_default()),
        },
        Variant::CancelWorkflowExecution(cancel) => RequestKind::CancelWorkflow {
            details: cancel.details.as_ref().map(recode),
        },
        Variant::ContinueAsNewWorkflowExecution(next) => {
            RequestKind::ContinueAsNew(Box::new(continue_as_new(next, task_queue, workflow_type)))
        }
        Variant::ScheduleNexusOperation(_) | Variant::RequestCancelNexusOperation(_) => {
            return Err(unhandled("Nexus operations are not supported here".to_owned()));
        }
        Variant::RespondToQuery(_) | Variant::UpdateResponse(_) => {
            return Err(unhandled(
                "answers to queries and updates are no commands of workflow code".to_owned(),
            ));
        }
    })
}

fn schedule_activity(request: commands::ScheduleActivity, task_queue: &str) -> ScheduleActivity {
    let same_queue = request.task_queue.is_empty() || request.task_queue == task_queue;
    ScheduleActivity {
        // Core numbers the activities whose code gives no id.
        activity_id: if request.activity_id.is_empty() {
            request.seq.to_string()
        } else {
            request.activity_id
        },
        activity_type: request.activity_type,
        task_queue: if same_queue {
            task_queue.to_owned()
        } else {
            request.task_queue
        },
        header: header(request.headers),
        input: payloads(request.arguments),
        schedule_to_close: span(request.schedule_to_close_timeout.as_ref()),
        schedule_to_start: span(request.schedule_to_start_timeout.as_ref()),
        start_to_close: span(request.start_to_close_timeout.as_ref()),
        heartbeat: span(request.heartbeat_timeout.as_ref()),
        retry_policy: request.retry_policy.as_ref().map(recode),
        request_eager: same_queue && !request.do_not_eagerly_execute,
    }
}

fn schedule_local_activity(request: commands::ScheduleLocalActivity) -> ScheduleLocalActivity {
    let schedule_to_close = span(request.schedule_to_close_timeout.as_ref());
    let within = |limit: Span| {
        if schedule_to_close.is_zero() {
            limit
        } else {
            limit.min(schedule_to_close)
        }
    };
    ScheduleLocalActivity {
        activity_id: request.activity_id,
        activity_type: request.activity_type,
        attempt: request.attempt,
        original_schedule: request.original_schedule_time.as_ref().map(recode),
        header: header(request.headers),
        input: payloads(request.arguments),
        schedule_to_close,
        schedule_to_start: within(span(request.schedule_to_start_timeout.as_ref())),
        start_to_close: within(span(request.start_to_close_timeout.as_ref())),
        retry_policy: request.retry_policy.as_ref().map(recode).unwrap_or_default(),
        local_retry_threshold: span(request.local_retry_threshold.as_ref()),
        when_cancelled: when_cancelled(request.cancellation_type),
        include_arguments: request.include_arguments_in_marker,
    }
}

#[expect(
    deprecated,
    reason = "inheritBuildId is deprecated in the API, and Core still sends it"
)]
fn start_child(
    start: commands::StartChildWorkflowExecution,
    task_queue: &str,
) -> StartChildWorkflowExecutionInitiatedEventAttributes {
    let memo = Memo {
        fields: fields(start.memo),
    };
    StartChildWorkflowExecutionInitiatedEventAttributes {
        namespace: start.namespace,
        workflow_id: start.workflow_id,
        workflow_type: Some(WorkflowType {
            name: start.workflow_type,
        }),
        inherit_build_id: is_same(&start.task_queue, task_queue),
        task_queue: Some(queue(start.task_queue, task_queue)),
        input: payloads(start.input),
        workflow_execution_timeout: start.workflow_execution_timeout.as_ref().map(recode),
        workflow_run_timeout: start.workflow_run_timeout.as_ref().map(recode),
        workflow_task_timeout: start.workflow_task_timeout.as_ref().map(recode),
        parent_close_policy: start.parent_close_policy,
        workflow_id_reuse_policy: start.workflow_id_reuse_policy,
        retry_policy: start.retry_policy.as_ref().map(recode),
        cron_schedule: start.cron_schedule,
        header: Some(header(start.headers)),
        memo: (!memo.fields.is_empty()).then_some(memo),
        search_attributes: start.search_attributes.as_ref().map(recode),
        priority: start.priority.as_ref().map(recode),
        ..Default::default()
    }
}

fn signal_external(
    signal: commands::SignalExternalWorkflowExecution,
) -> Result<SignalExternalWorkflowExecutionInitiatedEventAttributes, TaskFailure> {
    use signal_external_workflow_execution::Target;
    let (namespace, execution, child_workflow_only) = match signal.target {
        Some(Target::ChildWorkflowId(workflow_id)) => {
            let run_id = String::new();
            (NAMESPACE.to_owned(), WorkflowExecution { workflow_id, run_id }, true)
        }
        Some(Target::WorkflowExecution(target)) => {
            let execution = WorkflowExecution {
                workflow_id: target.workflow_id,
                run_id: target.run_id,
            };
            (target.namespace, execution, false)
        }
        None => {
            return Err(unhandled(
                "Fatal error in workflow machines: Signal external workflow command had empty target field".to_owned(),
            ));
        }
    };
    let header = header(signal.headers);
    Ok(SignalExternalWorkflowExecutionInitiatedEventAttributes {
        namespace,
        workflow_execution: Some(execution),
        signal_name: signal.signal_name,
        input: payloads(signal.args),
        child_workflow_only,
        header: (!header.fields.is_empty()).then_some(header),
        ..Default::default()
    })
}

#[expect(
    deprecated,
    reason = "inheritBuildId is deprecated in the API, and Core still sends it"
)]
fn continue_as_new(
    next: commands::ContinueAsNewWorkflowExecution,
    task_queue: &str,
    workflow_type: &str,
) -> ContinueAsNew {
    let header = header(next.headers);
    let memo = Memo {
        fields: fields(next.memo),
    };
    let name = if next.workflow_type.is_empty() {
        workflow_type.to_owned()
    } else {
        next.workflow_type
    };
    ContinueAsNew {
        attributes: WorkflowExecutionContinuedAsNewEventAttributes {
            workflow_type: Some(WorkflowType { name }),
            inherit_build_id: is_same(&next.task_queue, task_queue),
            task_queue: Some(queue(next.task_queue, task_queue)),
            input: payloads(next.arguments),
            workflow_run_timeout: next.workflow_run_timeout.as_ref().map(recode),
            workflow_task_timeout: next.workflow_task_timeout.as_ref().map(recode),
            backoff_start_interval: next.backoff_start_interval.as_ref().map(recode),
            memo: (!memo.fields.is_empty()).then_some(memo),
            header: (!header.fields.is_empty()).then_some(header),
            search_attributes: next.search_attributes.as_ref().map(recode),
            ..Default::default()
        },
        retry_policy: next.retry_policy.as_ref().map(recode),
    }
}

/// No name means the run's own queue. There Core asks for the same build of the worker.
fn is_same(queue: &str, of_run: &str) -> bool {
    queue.is_empty() || queue == of_run
}

fn queue(name: String, of_run: &str) -> TaskQueue {
    TaskQueue {
        name: if name.is_empty() { of_run.to_owned() } else { name },
        kind: TaskQueueKind::Normal.into(),
        ..Default::default()
    }
}

const fn when_cancelled(cancellation_type: i32) -> WhenCancelled {
    match cancellation_type {
        1 => WhenCancelled::Wait,
        2 => WhenCancelled::Abandon,
        _ => WhenCancelled::Try,
    }
}

fn header(all: impl IntoIterator<Item = (String, SdkPayload)>) -> Header {
    Header { fields: fields(all) }
}

fn fields<T: FromIterator<(String, Payload)>>(all: impl IntoIterator<Item = (String, SdkPayload)>) -> T {
    all.into_iter()
        .map(|(name, payload)| (name, from_sdk(payload)))
        .collect()
}

fn payloads(arguments: Vec<SdkPayload>) -> Option<Payloads> {
    (!arguments.is_empty()).then(|| Payloads {
        payloads: arguments.into_iter().map(from_sdk).collect(),
    })
}
