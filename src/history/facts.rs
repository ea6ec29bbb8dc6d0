//! What each kind of event has to tell on one line: a table by event, and the words it is made of.

use super::details::{payload_preview, payloads_preview};
use super::enums::short_name;
use super::proto::{
    ActivityType, Attributes as A, Duration, Failure, FailureInfo, HistoryEvent, Payloads, RetryPolicy, RetryState,
    TaskQueue, TaskQueueKind, TimeoutType, WorkflowExecution, WorkflowTaskFailedCause, WorkflowType, outcome,
};
use super::timestamp::span;

/// Longest text of a single fact, in characters.
const FACT_CHARS: usize = 60;

/// What an event has to tell, the most telling first.
pub(super) fn facts(event: &HistoryEvent) -> Vec<String> {
    let Some(attributes) = &event.attributes else {
        return Vec::new();
    };
    let facts: Vec<String> = match attributes {
        A::WorkflowExecutionStartedEventAttributes(a) => vec![
            workflow(a.workflow_type.as_ref()),
            arguments(a.input.as_ref()),
            queue(a.task_queue.as_ref()),
            attempt_from(2, a.attempt),
            labelled("cron", &a.cron_schedule),
            after("first task after", a.first_workflow_task_backoff.as_ref()),
            a.retry_policy.as_ref().map(retry_policy).unwrap_or_default(),
        ],
        A::WorkflowExecutionCompletedEventAttributes(a) => vec![payloads_preview(a.result.as_ref())],
        A::WorkflowExecutionFailedEventAttributes(a) => {
            vec![failure(a.failure.as_ref()), retry_state(a.retry_state())]
        }
        A::WorkflowExecutionTimedOutEventAttributes(a) => vec![retry_state(a.retry_state())],
        A::WorkflowExecutionContinuedAsNewEventAttributes(a) => vec![
            workflow(a.workflow_type.as_ref()),
            arguments(a.input.as_ref()),
            short(a.initiator().as_str_name()),
            after("after", a.backoff_start_interval.as_ref()),
        ],
        A::WorkflowExecutionCanceledEventAttributes(a) => vec![payloads_preview(a.details.as_ref())],
        A::WorkflowExecutionTerminatedEventAttributes(a) => vec![a.reason.clone(), a.identity.clone()],
        A::WorkflowExecutionSignaledEventAttributes(a) => {
            vec![a.signal_name.clone(), arguments(a.input.as_ref()), a.identity.clone()]
        }
        A::WorkflowExecutionCancelRequestedEventAttributes(a) => vec![a.cause.clone(), a.identity.clone()],
        A::WorkflowExecutionOptionsUpdatedEventAttributes(a) => vec![a.identity.clone()],
        A::WorkflowExecutionPausedEventAttributes(a) => vec![a.reason.clone(), a.identity.clone()],
        A::WorkflowExecutionUnpausedEventAttributes(a) => vec![a.reason.clone(), a.identity.clone()],
        A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(a) => {
            vec![a.target_time.map(|at| format!("to {at}")).unwrap_or_default()]
        }

        A::WorkflowTaskScheduledEventAttributes(a) => vec![attempt_from(2, a.attempt), queue(a.task_queue.as_ref())],
        A::WorkflowTaskStartedEventAttributes(a) => vec![
            a.identity.clone(),
            if a.suggest_continue_as_new {
                "suggests to continue as new".to_owned()
            } else {
                String::new()
            },
        ],
        A::WorkflowTaskCompletedEventAttributes(a) => vec![a.identity.clone()],
        A::WorkflowTaskTimedOutEventAttributes(a) => vec![timeout(a.timeout_type())],
        A::WorkflowTaskFailedEventAttributes(a) => {
            vec![task_failure(a.cause()), failure(a.failure.as_ref()), a.identity.clone()]
        }

        A::ActivityTaskScheduledEventAttributes(a) => vec![
            activity(a.activity_type.as_ref()),
            labelled("id", &a.activity_id),
            arguments(a.input.as_ref()),
            after("start-to-close", a.start_to_close_timeout.as_ref()),
            after("schedule-to-close", a.schedule_to_close_timeout.as_ref()),
            after("heartbeat", a.heartbeat_timeout.as_ref()),
        ],
        A::ActivityTaskStartedEventAttributes(a) => vec![
            attempt_from(1, a.attempt),
            a.identity.clone(),
            labelled("before:", &failure(a.last_failure.as_ref())),
        ],
        A::ActivityTaskCompletedEventAttributes(a) => vec![payloads_preview(a.result.as_ref()), a.identity.clone()],
        A::ActivityTaskFailedEventAttributes(a) => {
            vec![
                failure(a.failure.as_ref()),
                retry_state(a.retry_state()),
                a.identity.clone(),
            ]
        }
        A::ActivityTaskTimedOutEventAttributes(a) => {
            vec![failure(a.failure.as_ref()), retry_state(a.retry_state())]
        }
        A::ActivityTaskCancelRequestedEventAttributes(_) => Vec::new(),
        A::ActivityTaskCanceledEventAttributes(a) => vec![payloads_preview(a.details.as_ref()), a.identity.clone()],
        A::ActivityPropertiesModifiedExternallyEventAttributes(a) => {
            vec![a.new_retry_policy.as_ref().map(retry_policy).unwrap_or_default()]
        }

        A::TimerStartedEventAttributes(a) => vec![
            span(a.start_to_fire_timeout.as_ref()).to_string(),
            labelled("timer", &a.timer_id),
        ],
        A::TimerFiredEventAttributes(a) => vec![labelled("timer", &a.timer_id)],
        A::TimerCanceledEventAttributes(a) => vec![labelled("timer", &a.timer_id)],

        A::MarkerRecordedEventAttributes(a) => {
            let mut facts = vec![a.marker_name.clone()];
            facts.extend(
                a.details
                    .iter()
                    .map(|(key, value)| labelled(key, &payloads_preview(Some(value)))),
            );
            facts.push(failure(a.failure.as_ref()));
            facts
        }
        A::UpsertWorkflowSearchAttributesEventAttributes(a) => {
            let fields = a.search_attributes.iter().flat_map(|s| &s.indexed_fields);
            fields
                .map(|(key, value)| labelled(key, &payload_preview(value)))
                .collect()
        }
        A::WorkflowPropertiesModifiedEventAttributes(a) => {
            let fields = a.upserted_memo.iter().flat_map(|m| &m.fields);
            fields
                .map(|(key, value)| labelled(key, &payload_preview(value)))
                .collect()
        }
        A::WorkflowPropertiesModifiedExternallyEventAttributes(a) => {
            vec![
                labelled("queue", &a.new_task_queue),
                after("run timeout", a.new_workflow_run_timeout.as_ref()),
            ]
        }

        A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => vec![
            workflow(a.workflow_type.as_ref()),
            labelled("id", &a.workflow_id),
            arguments(a.input.as_ref()),
        ],
        A::StartChildWorkflowExecutionFailedEventAttributes(a) => vec![
            short(a.cause().as_str_name()),
            workflow(a.workflow_type.as_ref()),
            labelled("id", &a.workflow_id),
        ],
        A::ChildWorkflowExecutionStartedEventAttributes(a) => {
            vec![workflow(a.workflow_type.as_ref()), id(a.workflow_execution.as_ref())]
        }
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => vec![
            payloads_preview(a.result.as_ref()),
            workflow(a.workflow_type.as_ref()),
            id(a.workflow_execution.as_ref()),
        ],
        A::ChildWorkflowExecutionFailedEventAttributes(a) => vec![
            failure(a.failure.as_ref()),
            retry_state(a.retry_state()),
            workflow(a.workflow_type.as_ref()),
            id(a.workflow_execution.as_ref()),
        ],
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => {
            vec![workflow(a.workflow_type.as_ref()), id(a.workflow_execution.as_ref())]
        }
        A::ChildWorkflowExecutionTimedOutEventAttributes(a) => vec![
            workflow(a.workflow_type.as_ref()),
            retry_state(a.retry_state()),
            id(a.workflow_execution.as_ref()),
        ],
        A::ChildWorkflowExecutionTerminatedEventAttributes(a) => {
            vec![workflow(a.workflow_type.as_ref()), id(a.workflow_execution.as_ref())]
        }

        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => vec![
            a.signal_name.clone(),
            id(a.workflow_execution.as_ref()),
            arguments(a.input.as_ref()),
        ],
        A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => {
            vec![short(a.cause().as_str_name()), id(a.workflow_execution.as_ref())]
        }
        A::ExternalWorkflowExecutionSignaledEventAttributes(a) => vec![id(a.workflow_execution.as_ref())],
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a) => {
            vec![id(a.workflow_execution.as_ref()), a.reason.clone()]
        }
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => {
            vec![short(a.cause().as_str_name()), id(a.workflow_execution.as_ref())]
        }
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => vec![id(a.workflow_execution.as_ref())],

        A::WorkflowExecutionUpdateAdmittedEventAttributes(a) => request(a.request.as_ref()),
        A::WorkflowExecutionUpdateAcceptedEventAttributes(a) if a.accepted_request.is_none() => {
            vec![labelled("update", &a.protocol_instance_id)]
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => request(a.accepted_request.as_ref()),
        A::WorkflowExecutionUpdateRejectedEventAttributes(a) => {
            vec![failure(a.failure.as_ref()), labelled("update", &a.protocol_instance_id)]
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(a) => {
            let outcome = match a.outcome.as_ref().and_then(|o| o.value.as_ref()) {
                Some(outcome::Value::Success(result)) => payloads_preview(Some(result)),
                Some(outcome::Value::Failure(f)) => failure(Some(f)),
                None => String::new(),
            };
            vec![
                outcome,
                a.meta
                    .as_ref()
                    .map(|m| labelled("update", &m.update_id))
                    .unwrap_or_default(),
            ]
        }

        A::NexusOperationScheduledEventAttributes(a) => vec![
            a.operation.clone(),
            a.service.clone(),
            labelled("endpoint", &a.endpoint),
            a.input.as_ref().map(payload_preview).unwrap_or_default(),
        ],
        A::NexusOperationStartedEventAttributes(a) => vec![a.operation_token.clone()],
        A::NexusOperationCompletedEventAttributes(a) => {
            vec![a.result.as_ref().map(payload_preview).unwrap_or_default()]
        }
        A::NexusOperationFailedEventAttributes(a) => vec![failure(a.failure.as_ref())],
        A::NexusOperationCanceledEventAttributes(a) => vec![failure(a.failure.as_ref())],
        A::NexusOperationTimedOutEventAttributes(a) => vec![failure(a.failure.as_ref())],
        A::NexusOperationCancelRequestedEventAttributes(_) => Vec::new(),
        A::NexusOperationCancelRequestCompletedEventAttributes(_) => Vec::new(),
        A::NexusOperationCancelRequestFailedEventAttributes(a) => vec![failure(a.failure.as_ref())],
    };
    facts
        .into_iter()
        .map(|fact| one_line(&fact))
        .filter(|fact| !fact.is_empty())
        .collect()
}

/// A failure and its causes, outermost first: `Activity task failed: card declined (CardError)`.
fn failure(failure: Option<&Failure>) -> String {
    let mut text = String::new();
    let mut next = failure;
    while let Some(f) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        let kind = match &f.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) => info.r#type.as_str(),
            _ => "",
        };
        text.push_str(&f.message);
        if !kind.is_empty() {
            text.push_str(&format!(" ({kind})"));
        }
        next = f.cause.as_deref();
    }
    text
}

fn retry_state(state: RetryState) -> String {
    short(state.as_str_name())
}

fn retry_policy(policy: &RetryPolicy) -> String {
    let attempts = match policy.maximum_attempts {
        0 => String::new(),
        n => format!(", at most {n} attempts"),
    };
    format!(
        "retries {} × {}{attempts}",
        span(policy.initial_interval.as_ref()),
        policy.backoff_coefficient
    )
}

fn request(request: Option<&super::proto::Request>) -> Vec<String> {
    let Some(request) = request else { return Vec::new() };
    let input = request.input.as_ref();
    vec![
        input.map(|i| i.name.clone()).unwrap_or_default(),
        arguments(input.and_then(|i| i.args.as_ref())),
        request
            .meta
            .as_ref()
            .map(|m| labelled("update", &m.update_id))
            .unwrap_or_default(),
    ]
}

fn task_failure(cause: WorkflowTaskFailedCause) -> String {
    short(cause.as_str_name())
}

fn timeout(kind: TimeoutType) -> String {
    short(kind.as_str_name())
}

/// `("a", 3)`; empty if there are none.
fn arguments(payloads: Option<&Payloads>) -> String {
    let preview = payloads_preview(payloads);
    if preview.is_empty() {
        preview
    } else {
        format!("({preview})")
    }
}

/// `InProgress`; empty for a value that is not set.
fn short(name: &str) -> String {
    short_name(name).filter(|n| n != "Unspecified").unwrap_or_default()
}

fn workflow(workflow_type: Option<&WorkflowType>) -> String {
    workflow_type.map(|t| t.name.clone()).unwrap_or_default()
}

fn activity(activity_type: Option<&ActivityType>) -> String {
    activity_type.map(|t| t.name.clone()).unwrap_or_default()
}

fn id(execution: Option<&WorkflowExecution>) -> String {
    execution.map(|e| labelled("id", &e.workflow_id)).unwrap_or_default()
}

fn queue(queue: Option<&TaskQueue>) -> String {
    match queue {
        // A sticky queue's own name is a random id of the worker.
        Some(q) if q.kind() == TaskQueueKind::Sticky => format!("sticky queue of {}", q.normal_name),
        Some(q) => format!("queue {}", q.name),
        None => String::new(),
    }
}

fn attempt_from(least: i32, attempt: i32) -> String {
    if attempt < least {
        String::new()
    } else {
        format!("attempt {attempt}")
    }
}

fn after(label: &str, duration: Option<&Duration>) -> String {
    let span = span(duration);
    if span.is_zero() {
        String::new()
    } else {
        format!("{label} {span}")
    }
}

fn labelled(label: &str, text: &str) -> String {
    if text.is_empty() {
        String::new()
    } else {
        format!("{label} {text}")
    }
}

/// Text without line breaks, cut to [`FACT_CHARS`]: in the middle, since the cause of a failure and its type stand at the end.
pub(super) fn one_line(text: &str) -> String {
    /// So much of the end is kept.
    const END_CHARS: usize = 20;
    let words = text
        .split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|w| !w.is_empty());
    let text = words.collect::<Vec<_>>().join(" ");
    let count = text.chars().count();
    if count <= FACT_CHARS {
        return text;
    }
    let beginning: String = text.chars().take(FACT_CHARS - END_CHARS).collect();
    let end: String = text.chars().skip(count - END_CHARS).collect();
    format!("{beginning}…{end}")
}
