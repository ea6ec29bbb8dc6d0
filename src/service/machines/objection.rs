//! Which answers to a workflow task the Service refuses, and with which words.
//!
//! All commands are looked at before any is carried out: the real Service forgets what it has done when it comes to one
//! that it does not take, which is the same. Checks and words are those of server 1.32 (`command_attr_validator.go`,
//! `workflow_task_completed_handler.go`, `workflow_size_checker.go`), in its order.

use super::attributes::{
    payload_of, wrong_activity, wrong_cancel, wrong_child, wrong_name, wrong_next_run, wrong_search_attributes,
    wrong_signal,
};
use super::user_timer::fired_timer;
use crate::base::sorted::SortedMap;
use crate::contract::answer::Command;
use crate::history::enums::short_name;
use crate::history::proto::{Attributes, WorkflowTaskFailedCause as Cause};
use crate::service::limits::{Large, bytes};
use crate::service::run::Run;
use crate::service::transaction::Tx;

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
    activities: SortedMap<&'a str, ()>,
    cancelled_activities: SortedMap<i64, ()>,
    ended_activities: SortedMap<i64, ()>,
    children: SortedMap<&'a str, ()>,
    new_children: usize,
    signals: usize,
    cancels: usize,
    timers: SortedMap<&'a str, ()>,
    cancelled_timers: SortedMap<&'a str, ()>,
    updates: SortedMap<&'a str, ()>,
}

impl Run {
    /// The first thing that is wrong with an answer.
    pub(super) fn objection(&mut self, tx: &Tx<'_>, commands: &[Command]) -> Option<Objection> {
        if let Some(objection) = goes_on_after_the_end(commands) {
            return Some(objection);
        }
        let mut batch = Batch::default();
        for command in commands {
            if let Some(objection) = self.objection_to(tx, command, &mut batch) {
                return Some(objection);
            }
            if let Some((size, cause, what)) = payload_of(command) {
                self.warn(tx.now, Large::Payload, size, tx.limits.warn_payload_bytes);
                if size > tx.limits.payload_bytes {
                    return Some(Objection::new(cause, &format!("{what} exceeds size limit.")).ends_run());
                }
            }
            if let Some(objection) = self.objection_in_state(tx, command, &mut batch) {
                return Some(objection);
            }
        }
        None
    }

    /// What is wrong with the command by itself.
    fn objection_to<'a>(&self, tx: &Tx<'_>, command: &'a Command, batch: &mut Batch<'a>) -> Option<Objection> {
        let limits = &tx.limits;
        if command.closes_run() && self.has_news_besides(tx, batch) {
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
            Command::StartChild(request) => (
                Cause::BadStartChildExecutionAttributes,
                wrong_child(request, &self.task_queue, limits),
            ),
            Command::ContinueAsNew(request) => (
                Cause::BadContinueAsNewAttributes,
                wrong_next_run(request, &self.task_queue, limits),
            ),
            Command::SignalExternal(request) => (
                Cause::BadSignalWorkflowExecutionAttributes,
                wrong_signal(request, limits),
            ),
            Command::RequestCancelExternal(request) => (
                Cause::BadRequestCancelExternalWorkflowExecutionAttributes,
                wrong_cancel(request, &batch.children, limits),
            ),
            Command::UpsertSearchAttributes(attributes) => (
                Cause::BadSearchAttributes,
                wrong_search_attributes(attributes, self.state.search_attributes.as_ref()),
            ),
            Command::ModifyProperties { upserted_memo } => (
                Cause::BadModifyWorkflowPropertiesAttributes,
                upserted_memo
                    .fields
                    .is_empty()
                    .then(|| "UpsertedMemo.Fields is not set on ModifyWorkflowPropertiesCommand.".to_owned()),
            ),
            Command::AcceptUpdate { .. }
            | Command::RejectUpdate { .. }
            | Command::CompleteUpdate { .. }
            | Command::CancelWorkflow { .. }
            | Command::CompleteWorkflow { .. }
            | Command::FailWorkflow { .. } => return None,
        };
        wrong.map(|what| Objection::new(cause, &what))
    }

    /// What is wrong with the command as things stand after those before it.
    fn objection_in_state<'a>(&self, tx: &Tx<'_>, command: &'a Command, batch: &mut Batch<'a>) -> Option<Objection> {
        let limits = &tx.limits;
        match command {
            Command::ScheduleActivity(request) => {
                let pending = self.state.activities.len() + batch.activities.len() - batch.ended_activities.len();
                if let Some(what) = too_many(pending, limits.pending_activities, "pending activities") {
                    return Some(Objection::new(Cause::PendingActivitiesLimitExceeded, &what));
                }
                let id = request.activity_id.as_str();
                let pending = self.state.activities.named(id);
                let is_pending = pending.is_some_and(|id| !batch.ended_activities.contains_key(&id));
                if is_pending || batch.activities.contains_key(id) {
                    let what = invalid_action("add-activitytask-scheduled-event", &format!("ActivityID: {id}"));
                    return Some(Objection::new(Cause::ScheduleActivityDuplicateId, &what));
                }
                batch.activities.insert(id, ());
            }
            Command::RequestCancelActivity { scheduled_event_id } => {
                let id = *scheduled_event_id;
                let pending = self.activity(id);
                let is_known = pending.is_some_and(|activity| activity.told.cancel_requested.is_none())
                    || pending.is_none() && self.buffered(tx).any(|event| ends_activity(&event.attributes, id));
                // One that has ended by it may be asked for again: the request does nothing.
                let ended = batch.ended_activities.contains_key(&id);
                let once_more = batch.cancelled_activities.contains_key(&id) && !ended;
                if !is_known || once_more && pending.is_some() {
                    let what = invalid_action(
                        "add-activitytask-cancel-requested-event",
                        &format!("ScheduledEventID: {id}"),
                    );
                    return Some(Objection::new(Cause::BadRequestCancelActivityAttributes, &what));
                }
                batch.cancelled_activities.insert(id, ());
                if pending.is_some_and(|activity| !activity.attempt.is_running()) {
                    batch.ended_activities.insert(id, ());
                }
            }
            Command::StartChild(request) => {
                let pending = self.state.children.len() + batch.new_children;
                if let Some(what) = too_many(pending, limits.pending_children, "pending child workflow executions") {
                    return Some(Objection::new(Cause::PendingChildWorkflowsLimitExceeded, &what));
                }
                batch.new_children += 1;
                batch.children.insert(&request.workflow_id, ());
            }
            Command::SignalExternal(_) => {
                let pending = self.state.signals_out.len() + batch.signals;
                let what = "pending signals to external workflows";
                if let Some(what) = too_many(pending, limits.pending_signals, what) {
                    return Some(Objection::new(Cause::PendingSignalsLimitExceeded, &what));
                }
                batch.signals += 1;
            }
            Command::RequestCancelExternal(_) => {
                let pending = self.state.cancels_out.len() + batch.cancels;
                let what = "pending requests to cancel external workflows";
                if let Some(what) = too_many(pending, limits.pending_cancels, what) {
                    return Some(Objection::new(Cause::PendingRequestCancelLimitExceeded, &what));
                }
                batch.cancels += 1;
            }
            Command::StartTimer { timer_id, .. } => {
                let id = timer_id.as_str();
                if self.timer_runs(id, batch) {
                    let what = invalid_action("add-timer-started-event", &format!("TimerID: {id}"));
                    return Some(Objection::new(Cause::StartTimerDuplicateId, &what));
                }
                batch.cancelled_timers.remove(id);
                batch.timers.insert(id, ());
            }
            Command::CancelTimer { timer_id } => {
                let id = timer_id.as_str();
                let fired = || {
                    self.buffered(tx)
                        .filter_map(fired_timer)
                        .any(|fired| fired.timer_id == id)
                };
                let has_fired = !batch.cancelled_timers.contains_key(id) && fired();
                if !self.timer_runs(id, batch) && !has_fired {
                    let what = invalid_action("add-timer-canceled-event", &format!("TimerID: {id}"));
                    return Some(Objection::new(Cause::BadCancelTimerAttributes, &what));
                }
                batch.timers.remove(id);
                batch.cancelled_timers.insert(id, ());
            }
            Command::AcceptUpdate { update_id } if !self.can_be_decided(update_id) => {
                return Some(unknown_update(update_id));
            }
            Command::AcceptUpdate { update_id } => _ = batch.updates.insert(update_id, ()),
            Command::CompleteUpdate { update_id, .. } => {
                let accepted = batch.updates.remove(update_id.as_str()).is_some();
                if !accepted && !self.is_accepted(update_id) {
                    return Some(unknown_update(update_id));
                }
            }
            Command::RecordMarker(_)
            | Command::UpsertSearchAttributes(_)
            | Command::ModifyProperties { .. }
            | Command::RejectUpdate { .. }
            | Command::ContinueAsNew(_)
            | Command::CancelWorkflow { .. }
            | Command::CompleteWorkflow { .. }
            | Command::FailWorkflow { .. } => {}
        }
        None
    }

    fn timer_runs(&self, id: &str, batch: &Batch<'_>) -> bool {
        let ran_before = self.state.timers.named(id).is_some();
        batch.timers.contains_key(id) || ran_before && !batch.cancelled_timers.contains_key(id)
    }

    /// Whether something arrived that the code has not seen. A timer that it cancels in the same answer is not news,
    /// though it has fired meanwhile.
    fn has_news_besides(&self, tx: &Tx<'_>, batch: &Batch<'_>) -> bool {
        self.buffered(tx).any(|event| {
            fired_timer(event).is_none_or(|fired| !batch.cancelled_timers.contains_key(fired.timer_id.as_str()))
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
