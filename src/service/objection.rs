//! Which answers to a workflow task the Service refuses, and with which words.
//!
//! All commands are looked at before any is carried out: the real Service forgets what it has done when it comes to one
//! that it does not take, which is the same. Checks and words are those of server 1.32 (`command_attr_validator.go`,
//! `workflow_task_completed_handler.go`, `workflow_size_checker.go`), in its order.

use prost::Message as _;

use super::external::{wrong_cancel, wrong_signal};
use super::limits::{Large, Limits};
use super::namespace;
use super::retry::with_defaults;
use super::run::{Run, Tx, bytes};
use super::start::first_wait;
use super::user_timer::fired_timer;
use crate::base::time::SimTime;
use crate::contract::answer::{Command, ContinueAsNew, ScheduleActivity};
use crate::history::enums::short_name;
use crate::history::proto::{
    Attributes, Duration, MarkerRecordedEventAttributes, Payload, RetryPolicy, SearchAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowTaskFailedCause as Cause,
};

/// Why an answer is refused.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Objection {
    /// Unspecified if the answer does not even deserve a failed task.
    pub(super) cause: Cause,
    /// What the worker is told, and the history.
    pub(super) message: String,
    /// Nothing like it will ever be taken: the run ends too.
    pub(super) ends_run: bool,
}

impl Objection {
    /// The commonest kind: the cause's name, a colon and what is wrong.
    pub(super) fn new(cause: Cause, what: &str) -> Self {
        Self {
            cause,
            message: format!("{}: {what}", name(cause)),
            ends_run: false,
        }
    }

    /// The workflow wanted to end without having seen everything.
    fn unhandled() -> Self {
        Self {
            cause: Cause::UnhandledCommand,
            message: name(Cause::UnhandledCommand),
            ends_run: false,
        }
    }

    fn ends_run(mut self) -> Self {
        self.ends_run = true;
        self
    }
}

/// What the commands before have changed.
#[derive(Default)]
struct Batch<'a> {
    activities: Vec<&'a str>,
    cancelled_activities: Vec<i64>,
    ended_activities: Vec<i64>,
    children: usize,
    timers: Vec<&'a str>,
    cancelled_timers: Vec<&'a str>,
    updates: Vec<&'a str>,
    signals_out: usize,
    cancels_out: usize,
}

impl Run {
    /// The first thing that is wrong with an answer.
    pub(super) fn objection(&mut self, tx: &Tx<'_>, commands: &[Command]) -> Option<Objection> {
        if let Some(objection) = goes_on_after_the_end(commands) {
            return Some(objection);
        }
        let mut batch = Batch::default();
        for command in commands {
            if let Some(objection) = self.objection_to(&tx.limits, command, &mut batch) {
                return Some(objection);
            }
            if let Some((size, cause, what)) = payload_of(command) {
                self.warn(tx.now, Large::Payload, size, tx.limits.warn_payload_bytes);
                if size > tx.limits.payload_bytes {
                    return Some(Objection::new(cause, &format!("{what} exceeds size limit.")).ends_run());
                }
            }
            if let Some(objection) = self.objection_in_state(&tx.limits, command, &mut batch) {
                return Some(objection);
            }
        }
        None
    }

    /// What is wrong with the command by itself.
    fn objection_to<'a>(&self, limits: &Limits, command: &'a Command, batch: &mut Batch<'a>) -> Option<Objection> {
        if command.closes_run() && self.has_news_besides(batch) {
            return Some(Objection::unhandled());
        }
        let (cause, wrong) = match command {
            Command::ScheduleActivity(request) => (
                Cause::BadScheduleActivityAttributes,
                wrong_activity(request, &self.task_queue, limits),
            ),
            Command::StartTimer { timer_id, .. } => (
                Cause::BadStartTimerAttributes,
                wrong_name("TimerId", "StartTimerCommand", timer_id, limits),
            ),
            Command::CancelTimer { timer_id } => (
                Cause::BadCancelTimerAttributes,
                wrong_name("TimerId", "CancelTimerCommand", timer_id, limits),
            ),
            Command::RequestCancelActivity { scheduled_event_id } => (
                Cause::BadRequestCancelActivityAttributes,
                (*scheduled_event_id <= 0)
                    .then(|| "ScheduledEventId is not set on RequestCancelActivityTaskCommand.".to_owned()),
            ),
            Command::RecordMarker(marker) => (
                Cause::BadRecordMarkerAttributes,
                wrong_name("MarkerName", "RecordMarkerCommand", &marker.marker_name, limits),
            ),
            Command::SignalExternal(request) => (Cause::BadSignalWorkflowExecutionAttributes, wrong_signal(request)),
            Command::RequestCancelExternal(request) => (
                Cause::BadRequestCancelExternalWorkflowExecutionAttributes,
                wrong_cancel(request),
            ),
            Command::StartChild(request) => (
                Cause::BadStartChildExecutionAttributes,
                wrong_child(request, &self.task_queue, limits),
            ),
            Command::ContinueAsNew(request) => (
                Cause::BadContinueAsNewAttributes,
                wrong_next_run(request, &self.task_queue, limits),
            ),
            Command::UpsertSearchAttributes(attributes) => {
                (Cause::BadSearchAttributes, wrong_search_attributes(attributes))
            }
            Command::ModifyProperties { upserted_memo } => (
                Cause::BadModifyWorkflowPropertiesAttributes,
                upserted_memo
                    .fields
                    .is_empty()
                    .then(|| "UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.".to_owned()),
            ),
            _ => return None,
        };
        wrong.map(|what| Objection::new(cause, &what))
    }

    /// What is wrong with the command as things stand after those before it.
    fn objection_in_state<'a>(
        &self,
        limits: &Limits,
        command: &'a Command,
        batch: &mut Batch<'a>,
    ) -> Option<Objection> {
        match command {
            Command::ScheduleActivity(request) => {
                let pending = self.activities.len() + batch.activities.len() - batch.ended_activities.len();
                if let Some(what) = too_many(pending, limits.pending_activities, "pending activities") {
                    return Some(Objection::new(Cause::PendingActivitiesLimitExceeded, &what));
                }
                let id = request.activity_id.as_str();
                let is_pending = self
                    .activities
                    .values()
                    .any(|a| a.activity_id == id && !batch.ended_activities.contains(&a.scheduled_event_id));
                if is_pending || batch.activities.contains(&id) {
                    let what = invalid_action("add-activitytask-scheduled-event", &format!("ActivityID: {id}"));
                    return Some(Objection::new(Cause::ScheduleActivityDuplicateId, &what));
                }
                batch.activities.push(id);
            }
            Command::RequestCancelActivity { scheduled_event_id } => {
                let id = *scheduled_event_id;
                let pending = self.activities.get(&id);
                let is_known = pending.is_some_and(|activity| activity.cancel_requested.is_none())
                    || pending.is_none() && self.buffer.iter().any(|event| ends_activity(&event.attributes, id));
                // One that has ended by it may be asked for again: the request does nothing.
                let once_more = batch.cancelled_activities.contains(&id) && !batch.ended_activities.contains(&id);
                if !is_known || once_more && pending.is_some() {
                    let what = invalid_action(
                        "add-activitytask-cancel-requested-event",
                        &format!("ScheduledEventID: {id}"),
                    );
                    return Some(Objection::new(Cause::BadRequestCancelActivityAttributes, &what));
                }
                batch.cancelled_activities.push(id);
                if pending.is_some_and(|activity| !activity.is_running()) && !batch.ended_activities.contains(&id) {
                    batch.ended_activities.push(id);
                }
            }
            Command::StartChild(_) => {
                let pending = self.children.len() + batch.children;
                if let Some(what) = too_many(pending, limits.pending_children, "pending child workflow executions") {
                    return Some(Objection::new(Cause::PendingChildWorkflowsLimitExceeded, &what));
                }
                batch.children += 1;
            }
            Command::SignalExternal(_) => {
                let pending = self.signals_out.len() + batch.signals_out;
                if let Some(what) = too_many(pending, limits.pending_signals, "pending signals to external workflows") {
                    return Some(Objection::new(Cause::PendingSignalsLimitExceeded, &what));
                }
                batch.signals_out += 1;
            }
            Command::RequestCancelExternal(_) => {
                let pending = self.cancels_out.len() + batch.cancels_out;
                let what = "pending requests to cancel external workflows";
                if let Some(what) = too_many(pending, limits.pending_cancels, what) {
                    return Some(Objection::new(Cause::PendingRequestCancelLimitExceeded, &what));
                }
                batch.cancels_out += 1;
            }
            Command::StartTimer { timer_id, .. } => {
                let id = timer_id.as_str();
                if self.timer_runs(id, batch) {
                    let what = invalid_action("add-timer-started-event", &format!("TimerID: {id}"));
                    return Some(Objection::new(Cause::StartTimerDuplicateId, &what));
                }
                batch.cancelled_timers.retain(|cancelled| *cancelled != id);
                batch.timers.push(id);
            }
            Command::CancelTimer { timer_id } => {
                let id = timer_id.as_str();
                let has_fired = self
                    .buffer
                    .iter()
                    .filter_map(fired_timer)
                    .any(|fired| fired.timer_id == id)
                    && !batch.cancelled_timers.contains(&id);
                if !self.timer_runs(id, batch) && !has_fired {
                    let what = invalid_action("add-timer-canceled-event", &format!("TimerID: {id}"));
                    return Some(Objection::new(Cause::BadCancelTimerAttributes, &what));
                }
                batch.timers.retain(|started| *started != id);
                batch.cancelled_timers.push(id);
            }
            Command::AcceptUpdate { update_id } if !self.can_be_decided(update_id) => {
                return Some(unknown_update(update_id));
            }
            Command::AcceptUpdate { update_id } => batch.updates.push(update_id),
            Command::CompleteUpdate { update_id, .. } => {
                let at = batch.updates.iter().position(|accepted| accepted == update_id);
                if let Some(at) = at {
                    batch.updates.remove(at);
                } else if !self.is_accepted(update_id) {
                    return Some(unknown_update(update_id));
                }
            }
            _ => {}
        }
        None
    }

    fn timer_runs(&self, id: &str, batch: &Batch<'_>) -> bool {
        let ran_before = self.timers.values().any(|timer| timer.timer_id == id);
        batch.timers.contains(&id) || ran_before && !batch.cancelled_timers.contains(&id)
    }

    /// Whether something arrived that the code has not seen. A timer that it cancels in the same answer is not news,
    /// though it has fired meanwhile.
    fn has_news_besides(&self, batch: &Batch<'_>) -> bool {
        self.buffer.iter().any(|event| {
            fired_timer(event).is_none_or(|fired| !batch.cancelled_timers.contains(&fired.timer_id.as_str()))
        })
    }
}

/// The worker speaks of an update that nobody has asked for.
fn unknown_update(update_id: &str) -> Objection {
    Objection::new(
        Cause::BadUpdateWorkflowExecutionMessage,
        &format!(
            "update {update_id} wasn't found on the server. This is most likely a transient error which will be \
             resolved automatically by retries"
        ),
    )
}

/// Commands after the one that closes the run. The real Service does not even fail the task.
fn goes_on_after_the_end(commands: &[Command]) -> Option<Objection> {
    let end = commands.iter().position(Command::closes_run)?;
    // A rejection is no command on the wire.
    let is_sent = |command: &&Command| !matches!(command, Command::RejectUpdate { .. });
    let names = || {
        commands
            .iter()
            .filter(is_sent)
            .map(Command::name)
            .collect::<Vec<_>>()
            .join(", ")
    };
    commands[end + 1..].iter().find(is_sent).map(|_| Objection {
        cause: Cause::Unspecified,
        message: format!(
            "invalid command sequence: [{}], command {} must be the last command.",
            names(),
            commands[end].name()
        ),
        ends_run: false,
    })
}

/// The payloads of a command: how large, what it is called if it is too large, and in which words.
fn payload_of(command: &Command) -> Option<(u64, Cause, &'static str)> {
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

/// What is wrong with search attributes. Whatever the Service does not use itself somebody has defined.
fn wrong_search_attributes(attributes: &SearchAttributes) -> Option<String> {
    let names = || attributes.indexed_fields.keys();
    if names().len() == 0 {
        return Some("IndexedFields is not set on UpsertWorkflowSearchAttributesCommand.".to_owned());
    }
    let own = names().find(|name| OWN_SEARCH_ATTRIBUTES.contains(&name.as_str()))?;
    Some(format!("{own} attribute can't be set in SearchAttributes"))
}

/// What is wrong with a request to run an activity.
fn wrong_activity(request: &ScheduleActivity, own_queue: &str, limits: &Limits) -> Option<String> {
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
fn wrong_child(
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
fn wrong_next_run(request: &ContinueAsNew, own_queue: &str, limits: &Limits) -> Option<String> {
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
fn wrong_name(field: &str, command: &str, name: &str, limits: &Limits) -> Option<String> {
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

/// What is said if there is no room for another of something.
pub(super) fn too_many(pending: usize, limit: u32, what: &str) -> Option<String> {
    (bytes(pending) >= limit.into())
        .then(|| format!("the number of {what}, {pending}, has reached the per-workflow limit of {limit}"))
}

fn invalid_action(action: &str, what: &str) -> String {
    format!("invalid history builder state for action: {action}, {what}")
}

fn ends_activity(attributes: &Option<Attributes>, scheduled_event_id: i64) -> bool {
    let id = match attributes {
        Some(Attributes::ActivityTaskCompletedEventAttributes(a)) => a.scheduled_event_id,
        Some(Attributes::ActivityTaskFailedEventAttributes(a)) => a.scheduled_event_id,
        Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) => a.scheduled_event_id,
        Some(Attributes::ActivityTaskCanceledEventAttributes(a)) => a.scheduled_event_id,
        _ => return false,
    };
    id == scheduled_event_id
}

/// `BadScheduleActivityAttributes`.
fn name(cause: Cause) -> String {
    let full = cause.as_str_name();
    short_name(full).unwrap_or_else(|| full.to_owned())
}
