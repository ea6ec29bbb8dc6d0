//! What can be wrong with a command by itself, whatever the state of its run: names, limits, sizes.
//!
//! The words are the real Service's, as in [`super::objection`].

use prost::Message as _;

use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::answer::{Command, ContinueAsNew, ScheduleActivity};
use crate::history::proto::{
    Duration, MarkerRecordedEventAttributes, Payload,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes as CancelExternal, RetryPolicy, SearchAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes as SignalExternal,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowExecution, WorkflowTaskFailedCause as Cause,
};
use crate::history::retry_policy::with_defaults;
use crate::service::cron::first_wait;
use crate::service::limits::{Limits, bytes};
use crate::service::namespace;

/// The payloads of a command: how large, what it is called if it is too large, and in which words.
pub(super) fn payload_of(command: &Command) -> Option<(u64, Cause, &'static str)> {
    let (size, cause, what) = match command {
        Command::ScheduleActivity(request) => (
            request.input.as_ref().map_or(0, prost::Message::encoded_len),
            Cause::BadScheduleActivityAttributes,
            "ScheduleActivityTaskCommandAttributes.Input",
        ),
        Command::CompleteWorkflow { result } => (
            result.as_ref().map_or(0, prost::Message::encoded_len),
            // Not a slip of this file: the real Service says so.
            Cause::BadScheduleActivityAttributes,
            "CompleteWorkflowExecutionCommandAttributes.Result",
        ),
        Command::FailWorkflow { failure } => (
            failure.encoded_len(),
            Cause::BadFailWorkflowExecutionAttributes,
            "FailWorkflowExecutionCommandAttributes.Failure",
        ),
        Command::RecordMarker(marker) => (
            marker_bytes(marker),
            Cause::BadRecordMarkerAttributes,
            "RecordMarkerCommandAttributes.Details",
        ),
        Command::ContinueAsNew(next) => (
            next.attributes.input.as_ref().map_or(0, prost::Message::encoded_len),
            Cause::BadContinueAsNewAttributes,
            "ContinueAsNewWorkflowExecutionCommandAttributes. Input",
        ),
        Command::StartChild(child) => (
            child.input.as_ref().map_or(0, prost::Message::encoded_len),
            Cause::BadStartChildExecutionAttributes,
            "StartChildWorkflowExecutionCommandAttributes. Input",
        ),
        Command::SignalExternal(signal) => (
            signal.input.as_ref().map_or(0, prost::Message::encoded_len),
            Cause::BadSignalWorkflowExecutionAttributes,
            "SignalExternalWorkflowExecutionCommandAttributes.Input",
        ),
        Command::UpsertSearchAttributes(attributes) => (
            attributes.indexed_fields.iter().map(field_bytes).sum(),
            Cause::BadSearchAttributes,
            "UpsertWorkflowSearchAttributesCommandAttributes",
        ),
        Command::ModifyProperties { upserted_memo } => (
            upserted_memo.fields.iter().map(field_bytes).sum(),
            Cause::BadModifyWorkflowPropertiesAttributes,
            "ModifyWorkflowPropertiesCommandAttributes",
        ),
        Command::StartTimer { .. }
        | Command::CancelTimer { .. }
        | Command::RequestCancelActivity { .. }
        | Command::RequestCancelExternal(_)
        | Command::AcceptUpdate { .. }
        | Command::RejectUpdate { .. }
        | Command::CompleteUpdate { .. }
        | Command::CancelWorkflow { .. } => return None,
    };
    Some((bytes(size), cause, what))
}

fn marker_bytes(marker: &MarkerRecordedEventAttributes) -> usize {
    let details = marker.details.iter();
    details.map(|(key, payloads)| key.len() + payloads.encoded_len()).sum()
}

fn field_bytes((key, payload): (&String, &Payload)) -> usize {
    key.len() + payload.data.len()
}

/// What the Service itself says about a run to those who look for it.
const OWN_SEARCH_ATTRIBUTES: [&str; 17] = [
    "CloseTime",
    "ExecutionDuration",
    "ExecutionStatus",
    "ExecutionTime",
    "HistoryLength",
    "HistorySizeBytes",
    "ParentRunId",
    "ParentWorkflowId",
    "RootRunId",
    "RootWorkflowId",
    "RunId",
    "StartTime",
    "StateTransitionCount",
    "TaskQueue",
    "VisibilityTime",
    "WorkflowId",
    "WorkflowType",
];

/// What is wrong with search attributes. Whatever the Service does not use itself somebody has defined; of which type
/// an attribute is it knows where the run has a value already, in `current`.
pub(super) fn wrong_search_attributes(
    attributes: &SearchAttributes,
    current: Option<&SearchAttributes>,
) -> Option<String> {
    let names = || attributes.indexed_fields.keys();
    if names().len() == 0 {
        return Some("IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.".to_owned());
    }
    if let Some(own) = names().find(|name| OWN_SEARCH_ATTRIBUTES.contains(&name.as_str())) {
        return Some(format!("{own} attribute can't be set in SearchAttributes"));
    }
    // The Rust SDK takes an attribute away with an empty payload, which the Service cannot read.
    let (name, kind) = attributes.indexed_fields.iter().find_map(|(name, value)| {
        let kind = current?.indexed_fields.get(name)?.metadata.get("type")?;
        (value.metadata.is_empty() && value.data.is_empty()).then(|| (name, String::from_utf8_lossy(kind)))
    })?;
    Some(format!(
        "invalid value for search attribute {name} of type {kind}: value from <>"
    ))
}

/// What is wrong with a request to run an activity.
pub(super) fn wrong_activity(request: &ScheduleActivity, own_queue: &str, limits: &Limits) -> Option<String> {
    let longest = limits.id_bytes;
    let (id, kind) = (&request.activity_id, &request.activity_type);
    if request.task_queue.is_empty() {
        return Some("taskQueue is not set".to_owned());
    }
    if is_too_long(&request.task_queue, limits) {
        return Some("taskQueue length exceeds limit".to_owned());
    }
    if is_reserved(&request.task_queue) && request.task_queue != own_queue {
        return Some(format!(
            "task queue name cannot start with reserved prefix {RESERVED_PREFIX}"
        ));
    }
    if id.is_empty() {
        return Some("activityId is not set".to_owned());
    }
    if kind.is_empty() {
        return Some("activityType is not set".to_owned());
    }
    if let Some(wrong) = wrong_policy(request.retry_policy.as_ref()) {
        return Some(wrong);
    }
    if is_too_long(id, limits) {
        return Some(format!(
            "activityId exceeds length limit. Length={} Limit={longest}",
            id.len()
        ));
    }
    if is_too_long(kind, limits) {
        return Some(format!(
            "activityType exceeds length limit. Length={} Limit={longest}",
            kind.len()
        ));
    }
    (request.schedule_to_close.is_zero() && request.start_to_close.is_zero()).then(|| {
        format!(
            "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId={id} \
             ActivityType={kind}"
        )
    })
}

/// What is wrong with a request to start a child.
pub(super) fn wrong_child(
    request: &StartChildWorkflowExecutionInitiatedEventAttributes,
    own_queue: &str,
    limits: &Limits,
) -> Option<String> {
    const COMMAND: &str = "StartChildWorkflowExecutionCommand";
    let (id, longest) = (&request.workflow_id, limits.id_bytes);
    let kind = request.workflow_type.as_ref().map_or("", |kind| &kind.name);
    let queue = request.task_queue.as_ref().map_or("", |queue| &queue.name);
    let namespace = if request.namespace.is_empty() {
        namespace::NAME
    } else {
        &request.namespace
    };
    if id.is_empty() {
        return Some(format!(
            "Required field WorkflowId is not set on {COMMAND}. WorkflowType={kind} Namespace={namespace}"
        ));
    }
    if kind.is_empty() {
        return Some(format!(
            "Required field WorkflowType is not set on {COMMAND}. WorkflowId={id} Namespace={namespace}"
        ));
    }
    if is_too_long(id, limits) {
        return Some(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={} Limit={longest} \
             WorkflowType={kind} Namespace={namespace}",
            id.len()
        ));
    }
    if is_too_long(kind, limits) {
        return Some(format!(
            "WorkflowType on {COMMAND} exceeds length limit. WorkflowId={id} WorkflowType={kind} Length={} \
             Limit={longest} Namespace={namespace}",
            kind.len()
        ));
    }
    let whose = format!("WorkflowId={id} WorkflowType={kind} Namespace={namespace}");
    if let Some(wrong) = request
        .retry_policy
        .as_ref()
        .and_then(|policy| wrong_policy(Some(policy)))
    {
        return Some(format!("invalid WorkflowRetryPolicy on {COMMAND}: {wrong}. {whose}"));
    }
    // Whether a schedule ever comes true does not depend on when one asks.
    if let Err(wrong) = first_wait(&request.cron_schedule, SimTime::ZERO) {
        return Some(format!("invalid CronSchedule on {COMMAND}: {wrong}. {whose}"));
    }
    if is_too_long(queue, limits) {
        return Some(format!(
            "invalid TaskQueue on {COMMAND}: taskQueue length exceeds limit. {whose} TaskQueue={queue}"
        ));
    }
    (request.inherit_build_id && !queue.is_empty() && queue != own_queue)
        .then(|| "StartChildWorkflowExecution with UseCompatibleVersion cannot run on different task queue.".to_owned())
}

/// What is wrong with a request to go on as a new run.
pub(super) fn wrong_next_run(request: &ContinueAsNew, own_queue: &str, limits: &Limits) -> Option<String> {
    const COMMAND: &str = "ContinueAsNewWorkflowExecutionCommand";
    let said = &request.attributes;
    let kind = said.workflow_type.as_ref().map_or("", |kind| &kind.name);
    let queue = said.task_queue.as_ref().map_or("", |queue| &queue.name);
    if is_too_long(kind, limits) {
        return Some(format!(
            "WorkflowType on {COMMAND} exceeds length limit. WorkflowType={kind} Length={} Limit={}",
            kind.len(),
            limits.id_bytes
        ));
    }
    if is_too_long(queue, limits) {
        return Some(format!(
            "error validating {COMMAND} TaskQueue: taskQueue length exceeds limit. WorkflowType={kind} TaskQueue={queue}"
        ));
    }
    if let Some(wrong) = request
        .retry_policy
        .as_ref()
        .and_then(|policy| wrong_policy(Some(policy)))
    {
        return Some(format!(
            "invalid WorkflowRetryPolicy on {COMMAND}: {wrong}. WorkflowType={kind} TaskQueue={queue}"
        ));
    }
    (said.inherit_build_id && !queue.is_empty() && queue != own_queue)
        .then(|| "ContinueAsNew with UseCompatibleVersion cannot run on different task queue.".to_owned())
}

/// What task queues of the Service's own begin with.
const RESERVED_PREFIX: &str = "/_sys/";

fn is_reserved(queue: &str) -> bool {
    queue.starts_with(RESERVED_PREFIX)
}

/// What is wrong with a retry policy, of an activity or of a workflow.
pub(super) fn wrong_policy(policy: Option<&RetryPolicy>) -> Option<String> {
    const TIMEOUT: &str = "TemporalTimeout:";
    let policy = with_defaults(policy);
    if policy.maximum_attempts == 1 {
        return None;
    }
    if is_negative(policy.initial_interval.as_ref()) {
        return Some("invalid InitialInterval set on retry policy: negative duration".to_owned());
    }
    if policy.backoff_coefficient < 1.0 {
        return Some("BackoffCoefficient cannot be less than 1 on retry policy.".to_owned());
    }
    if is_negative(policy.maximum_interval.as_ref()) {
        return Some("invalid MaximumInterval set on retry policy: negative duration".to_owned());
    }
    let nanos = |duration: Option<&Duration>| duration.map_or((0, 0), |d| (d.seconds, d.nanos));
    if nanos(policy.maximum_interval.as_ref()) < nanos(policy.initial_interval.as_ref()) {
        return Some("MaximumInterval cannot be less than InitialInterval on retry policy.".to_owned());
    }
    if policy.maximum_attempts < 0 {
        return Some("MaximumAttempts cannot be negative on retry policy.".to_owned());
    }
    let unknown = policy.non_retryable_error_types.iter().find_map(|listed| {
        let kind = listed.strip_prefix(TIMEOUT)?;
        let known = ["StartToClose", "ScheduleToStart", "ScheduleToClose", "Heartbeat"];
        (!known.contains(&kind)).then_some(kind)
    });
    unknown.map(|kind| format!("Invalid timeout type value: {kind}."))
}

fn is_negative(duration: Option<&Duration>) -> bool {
    duration.is_some_and(|duration| duration.seconds < 0 || duration.nanos < 0)
}

/// What is wrong with a name that a command must have.
pub(super) fn wrong_name(field: &str, command: &str, name: &str, limits: &Limits) -> Option<String> {
    if name.is_empty() {
        return Some(format!("{field} is not set on {command}."));
    }
    is_too_long(name, limits).then(|| {
        format!(
            "{field} on {command} exceeds length limit. {field}={name} Length={} Limit={}",
            name.len(),
            limits.id_bytes
        )
    })
}

/// Whether a name is longer than names may be.
pub(super) fn is_too_long(name: &str, limits: &Limits) -> bool {
    bytes(name.len()) > limits.id_bytes.into()
}

/// What is wrong with a signal to another workflow.
pub(super) fn wrong_signal(request: &SignalExternal, limits: &Limits) -> Option<String> {
    const COMMAND: &str = "SignalExternalWorkflowExecutionCommand";
    let (id, run_id) = ids(request.workflow_execution.as_ref());
    let (namespace, signal) = (&request.namespace, &request.signal_name);
    if id.is_empty() {
        return Some(format!(
            "WorkflowId is not set on {COMMAND}. Namespace={namespace} RunId={run_id} SignalName={signal}"
        ));
    }
    if is_too_long(id, limits) {
        let (length, limit) = (id.len(), limits.id_bytes);
        return Some(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={length} Limit={limit} \
             Namespace={namespace} RunId={run_id} SignalName={signal}"
        ));
    }
    signal
        .is_empty()
        .then(|| format!("SignalName is not set on {COMMAND}. WorkflowId={id} Namespace={namespace} RunId={run_id}"))
}

/// What is wrong with a request to stop to another workflow. `new_children` are asked for in the same answer.
pub(super) fn wrong_cancel(
    request: &CancelExternal,
    new_children: &SortedMap<&str, ()>,
    limits: &Limits,
) -> Option<String> {
    const COMMAND: &str = "RequestCancelExternalWorkflowExecutionCommand";
    let (id, run_id) = ids(request.workflow_execution.as_ref());
    let namespace = &request.namespace;
    if id.is_empty() {
        return Some(format!(
            "WorkflowId is not set on {COMMAND}. Namespace={namespace} RunId={run_id}"
        ));
    }
    if is_too_long(id, limits) {
        let (length, limit) = (id.len(), limits.id_bytes);
        return Some(format!(
            "WorkflowId on {COMMAND} exceeds length limit. WorkflowId={id} Length={length} Limit={limit} \
             RunId={run_id} Namespace={namespace}"
        ));
    }
    new_children.contains_key(id).then(|| {
        format!(
            "Start and RequestCancel for child workflow is not allowed in same workflow task. WorkflowId={id} \
             RunId={run_id} Namespace={namespace}"
        )
    })
}

fn ids(execution: Option<&WorkflowExecution>) -> (&str, &str) {
    execution.map_or(("", ""), |execution| (&execution.workflow_id, &execution.run_id))
}
