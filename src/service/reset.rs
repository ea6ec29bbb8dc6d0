//! Starting again from a point in the past: a run is ended, and a new one goes on with a part of its history.
//!
//! The new run has the events before the point, word for word, and the state that follows from them. The workflow task
//! that was pending there fails, for the reset. What came after the point from outside is given to it again, if it is
//! wanted: signals, accepted updates (as admitted ones), news of children. What was pending is set going again:
//! activities from their first attempt, timers at their old time, what was to be delivered to others. Requests to stop
//! are forgotten (server 1.32, `ndc/workflow_resetter.go`).

use super::child::PendingChild;
use super::run::{PendingTimer, Run, Tx};
use super::start::expiration;
use super::terminate::HISTORY_SERVICE;
use super::timer::TimerTask;
use super::transfer::Transfer;
use super::update::{PendingUpdate, UpdateState};
use super::{Service, activity};
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Reset, Signal, Target, Update};
use crate::contract::task::RunKey;
use crate::history::log::EventLog;
use crate::history::proto::temporal::api::enums::v1::UpdateAdmittedEventOrigin;
use crate::history::proto::{
    Attributes, Failure, FailureInfo, HistoryEvent, Request, ResetWorkflowFailureInfo,
    WorkflowExecutionUpdateAdmittedEventAttributes, WorkflowTaskFailedCause, WorkflowTaskFailedEventAttributes,
    WorkflowTaskStartedEventAttributes,
};
use crate::history::timestamp::{Timestamp, span};

/// Who ends a run for the sake of another.
pub(super) const RESETTER: &str = "history-resetter";

/// The request id of a task that nobody took.
const NO_REQUEST: &str = "emptyUuid";

/// The workflow task that is pending at some point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct TaskThen {
    scheduled_event_id: i64,
    started_event_id: Option<i64>,
}

impl Service {
    /// An operator lets a new run go on from a point in a run's past. The latest run of the id ends, if it is open.
    ///
    /// # Errors
    ///
    /// If there is no such run, or no workflow task was pending at that point.
    pub fn reset(&mut self, now: SimTime, target: &Target, reset: Reset) -> Result<RunKey, Refusal> {
        let base = self.find(target)?;
        let task = task_before(self.run(base).log.events(), reset.event_id).map_err(Refusal::Invalid)?;
        let current = self.latest(&target.workflow_id).unwrap_or(base);
        let (run, mut tx) = self.open(now, current);
        if run.is_open() {
            run.terminate(&mut tx, &reset.reason, None, RESETTER);
        }

        let key = self.next_key();
        let run_id = self.chance.uuid("run id", &[u64::from(key.0)]);
        let kept = self.run(base).clone();
        let later = self.what_came_after(base, reset.event_id);
        let mut tx = self.open_new(now);
        let mut run = kept.copied_up_to(&mut tx, reset.event_id, key, run_id);
        run.fail_task_for_reset(&mut tx, task, &kept.run_id, &reset.reason);
        for event in later {
            run.take_again(&tx, event, &reset);
        }
        run.set_going_again(&mut tx);
        run.commit(&mut tx, true);
        self.runs.push(run);
        self.runs[base.0 as usize].reset_into = Some(key);
        Ok(key)
    }

    /// The events of a run from this one on, and those of the runs as which it continued.
    fn what_came_after(&self, base: RunKey, event_id: i64) -> Vec<HistoryEvent> {
        let mut run = self.run(base);
        let mut events = run.log.since(event_id - 1).to_vec();
        while let Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(_)) =
            events.last().and_then(|event| event.attributes.as_ref())
            && let Some(next) = run.next
        {
            run = self.run(next);
            events.extend_from_slice(run.log.events());
        }
        events
    }
}

impl Run {
    /// A new run with this one's events before `event_id`, and the state that follows from them. Nothing is going on
    /// in it yet.
    fn copied_up_to(&self, tx: &mut Tx<'_>, event_id: i64, key: RunKey, run_id: String) -> Self {
        let mut started = Box::new(self.started().clone());
        let chain = span(started.workflow_execution_timeout.as_ref());
        started.workflow_execution_expiration_time = expiration(chain, tx.now);
        started.first_workflow_task_backoff = None;
        let mut run = Self::begin(tx, key, started, None);
        run.run_id = run_id;
        run.execution_time = self.execution_time;
        run.previous = self.previous;
        run.log = EventLog::default();
        run.size_bytes = 0;
        let kept = self.log.events().iter().take_while(|event| event.event_id < event_id);
        for event in kept {
            run.follow(event, tx.now);
        }
        tx.size_before = run.size_bytes;
        run
    }

    /// Appends an event of the past and changes the state as it did.
    fn follow(&mut self, event: &HistoryEvent, now: SimTime) {
        let at = event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time);
        let id = self.append(event.clone());
        let Some(attributes) = &event.attributes else { return };
        match attributes {
            Attributes::WorkflowTaskCompletedEventAttributes(a) => {
                self.previous_started_event_id = a.started_event_id;
                #[expect(deprecated, reason = "every server still writes it")]
                let build_id = a.worker_version.as_ref().map(|version| version.build_id.clone());
                self.note_reset_point(at, &build_id.unwrap_or_default(), id);
            }
            Attributes::ActivityTaskScheduledEventAttributes(a) => {
                self.activities.insert(id, activity::scheduled(id, a, now));
            }
            Attributes::ActivityTaskCancelRequestedEventAttributes(a) => {
                if let Some(activity) = self.activities.get_mut(&a.scheduled_event_id) {
                    activity.cancel_requested = Some(id);
                }
            }
            Attributes::TimerStartedEventAttributes(a) => {
                let timer = PendingTimer {
                    timer_id: a.timer_id.clone(),
                    expiry: at + span(a.start_to_fire_timeout.as_ref()),
                };
                self.timers.insert(id, timer);
            }
            Attributes::WorkflowExecutionSignaledEventAttributes(a) => {
                self.signals_taken.insert(signal_id(&a.request_id, id), ());
            }
            Attributes::WorkflowExecutionCancelRequestedEventAttributes(_) => self.cancel_requested = true,
            Attributes::UpsertWorkflowSearchAttributesEventAttributes(a) => {
                self.upsert_search_attributes(&a.search_attributes.clone().unwrap_or_default());
            }
            Attributes::WorkflowPropertiesModifiedEventAttributes(a) => {
                self.upsert_memo(&a.upserted_memo.clone().unwrap_or_default());
            }
            Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(_) => {
                self.signals_out.insert(id, ());
            }
            Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => {
                self.cancels_out.insert(id, ());
            }
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(a) => {
                let child = PendingChild {
                    workflow_id: a.workflow_id.clone(),
                    first_run_id: None,
                    policy: a.parent_close_policy(),
                };
                self.children.insert(id, child);
            }
            Attributes::ChildWorkflowExecutionStartedEventAttributes(a) => {
                let execution = a.workflow_execution.clone().unwrap_or_default();
                if let Some(child) = self.children.get_mut(&a.initiated_event_id) {
                    child.first_run_id = Some(execution.run_id);
                }
            }
            Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(a) => {
                let request = a.request.clone().unwrap_or_default();
                self.updates.push(known_update(request, UpdateState::Admitted, true));
            }
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(a) => {
                let accepted = UpdateState::Accepted { event_id: id };
                match (&a.accepted_request, self.pending_update(&a.protocol_instance_id)) {
                    (_, Some(at)) => self.updates[at].state = accepted,
                    (Some(request), None) => self.updates.push(known_update(request.clone(), accepted, false)),
                    (None, None) => {}
                }
            }
            Attributes::WorkflowExecutionUpdateCompletedEventAttributes(a) => {
                let update_id = a.meta.clone().unwrap_or_default().update_id;
                self.updates.retain(|pending| pending.update.update_id != update_id);
                self.updates_done.insert(update_id, id);
            }
            other => self.forget_what_ended(other),
        }
    }

    /// The events that only end something.
    fn forget_what_ended(&mut self, attributes: &Attributes) {
        match attributes {
            Attributes::ActivityTaskCompletedEventAttributes(a) => _ = self.activities.remove(&a.scheduled_event_id),
            Attributes::ActivityTaskFailedEventAttributes(a) => _ = self.activities.remove(&a.scheduled_event_id),
            Attributes::ActivityTaskTimedOutEventAttributes(a) => _ = self.activities.remove(&a.scheduled_event_id),
            Attributes::ActivityTaskCanceledEventAttributes(a) => _ = self.activities.remove(&a.scheduled_event_id),
            Attributes::TimerFiredEventAttributes(a) => _ = self.timers.remove(&a.started_event_id),
            Attributes::TimerCanceledEventAttributes(a) => _ = self.timers.remove(&a.started_event_id),
            Attributes::ExternalWorkflowExecutionSignaledEventAttributes(a) => {
                self.signals_out.remove(&a.initiated_event_id);
            }
            Attributes::SignalExternalWorkflowExecutionFailedEventAttributes(a) => {
                self.signals_out.remove(&a.initiated_event_id);
            }
            Attributes::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => {
                self.cancels_out.remove(&a.initiated_event_id);
            }
            Attributes::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => {
                self.cancels_out.remove(&a.initiated_event_id);
            }
            other => {
                if let Some(initiated_event_id) = ended_child(other) {
                    self.children.remove(&initiated_event_id);
                }
            }
        }
    }

    /// The task that was pending fails; if nobody had taken it, the Service does so for a moment.
    fn fail_task_for_reset(&mut self, tx: &mut Tx<'_>, task: TaskThen, base_run_id: &str, reason: &str) {
        let scheduled_event_id = task.scheduled_event_id;
        let started_event_id = task.started_event_id.unwrap_or_else(|| {
            let started = WorkflowTaskStartedEventAttributes {
                scheduled_event_id,
                identity: HISTORY_SERVICE.to_owned(),
                request_id: NO_REQUEST.to_owned(),
                history_size_bytes: i64::try_from(tx.size_before).unwrap_or(i64::MAX),
                ..Default::default()
            };
            self.write(tx.now, Attributes::WorkflowTaskStartedEventAttributes(started))
        });
        let failed = WorkflowTaskFailedEventAttributes {
            scheduled_event_id,
            started_event_id,
            cause: WorkflowTaskFailedCause::ResetWorkflow.into(),
            failure: Some(Failure {
                message: reason.to_owned(),
                failure_info: Some(FailureInfo::ResetWorkflowFailureInfo(
                    ResetWorkflowFailureInfo::default(),
                )),
                ..Default::default()
            }),
            identity: HISTORY_SERVICE.to_owned(),
            base_run_id: base_run_id.to_owned(),
            new_run_id: self.run_id.clone(),
            ..Default::default()
        };
        self.write(tx.now, Attributes::WorkflowTaskFailedEventAttributes(failed));
    }

    /// Gives the run once more what came after the point.
    fn take_again(&mut self, tx: &Tx<'_>, event: HistoryEvent, reset: &Reset) {
        let Some(attributes) = event.attributes else { return };
        match attributes {
            Attributes::WorkflowExecutionSignaledEventAttributes(a) if reset.reapply_signals => {
                let signal = Signal {
                    name: a.signal_name,
                    input: a.input,
                    identity: a.identity,
                    header: a.header,
                    request_id: a.request_id,
                };
                self.signals_taken
                    .insert(signal_id(&signal.request_id, event.event_id), ());
                self.buffer(tx.now, super::signal::signaled(signal, None));
            }
            Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(a) if reset.reapply_updates => {
                self.admit_again(tx, a);
            }
            Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(a) if reset.reapply_updates => {
                // One without its request was admitted by an event of its own.
                if a.accepted_request.is_some() {
                    let admitted = WorkflowExecutionUpdateAdmittedEventAttributes {
                        request: a.accepted_request,
                        origin: UpdateAdmittedEventOrigin::Reapply.into(),
                    };
                    self.admit_again(tx, admitted);
                }
            }
            Attributes::ChildWorkflowExecutionStartedEventAttributes(a) => {
                let execution = a.workflow_execution.clone().unwrap_or_default();
                if let Some(child) = self.children.get_mut(&a.initiated_event_id) {
                    child.first_run_id = Some(execution.run_id);
                    self.buffer(tx.now, Attributes::ChildWorkflowExecutionStartedEventAttributes(a));
                }
            }
            other => {
                if ended_child(&other).is_some_and(|id| self.children.remove(&id).is_some()) {
                    self.buffer(tx.now, other);
                }
            }
        }
    }

    fn admit_again(&mut self, tx: &Tx<'_>, admitted: WorkflowExecutionUpdateAdmittedEventAttributes) {
        let request = admitted.request.clone().unwrap_or_default();
        self.updates.push(known_update(request, UpdateState::Admitted, true));
        let attributes = Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(admitted);
        self.buffer(tx.now, attributes);
    }

    /// What was pending at the point goes on: activities from their first attempt, timers at their old time.
    fn set_going_again(&mut self, tx: &mut Tx<'_>) {
        let activities: Vec<_> = self.activities.values().cloned().collect();
        for activity in &activities {
            self.send_first_attempt(tx, activity);
        }
        let run = self.key;
        for (id, timer) in self.timers.iter() {
            let started_event_id = *id;
            let task = TimerTask::UserTimer { run, started_event_id };
            tx.timers.set(timer.expiry.max(tx.now), task);
        }
        for id in self.signals_out.keys() {
            let initiated_event_id = *id;
            self.leave(tx, Transfer::SignalExternal { initiated_event_id });
        }
        for id in self.cancels_out.keys() {
            let initiated_event_id = *id;
            self.leave(tx, Transfer::CancelExternal { initiated_event_id });
        }
        for (id, child) in self.children.iter() {
            if child.first_run_id.is_none() {
                let initiated_event_id = *id;
                self.leave(tx, Transfer::StartChild { initiated_event_id });
            }
        }
    }
}

/// The workflow task that is pending just before an event; if there is none, why that is no point to go back to.
fn task_before(events: &[HistoryEvent], event_id: i64) -> Result<TaskThen, String> {
    let index = usize::try_from(event_id).unwrap_or(0).saturating_sub(1);
    if index == 0 || index >= events.len() {
        return Err("Workflow task finish ID must be > 1 && <= workflow last event ID.".to_owned());
    }
    let mut task = None;
    for event in &events[..index] {
        match &event.attributes {
            Some(Attributes::WorkflowTaskScheduledEventAttributes(_)) => {
                task = Some(TaskThen {
                    scheduled_event_id: event.event_id,
                    started_event_id: None,
                });
            }
            Some(Attributes::WorkflowTaskStartedEventAttributes(_)) => {
                if let Some(task) = &mut task {
                    task.started_event_id = Some(event.event_id);
                }
            }
            Some(
                Attributes::WorkflowTaskCompletedEventAttributes(_)
                | Attributes::WorkflowTaskFailedEventAttributes(_)
                | Attributes::WorkflowTaskTimedOutEventAttributes(_),
            ) => task = None,
            _ => {}
        }
    }
    // What was written in one transaction cannot be told apart any more.
    let torn_apart = events[index].event_time == events[index - 1].event_time;
    match task {
        Some(task) => Ok(task),
        None if torn_apart => Err(format!(
            "StateRebuilder unable to Rebuild mutable state to event ID: {}, version: 0, this event must be at the \
             boundary",
            event_id - 1
        )),
        None => Err(format!(
            "Can only reset workflow to event ID in range [WorkflowTaskScheduled +1, WorkflowTaskStarted + 1]: {event_id}"
        )),
    }
}

/// The StartChildWorkflowExecutionInitiated of a child that this event ends.
fn ended_child(attributes: &Attributes) -> Option<i64> {
    match attributes {
        Attributes::StartChildWorkflowExecutionFailedEventAttributes(a) => Some(a.initiated_event_id),
        Attributes::ChildWorkflowExecutionCompletedEventAttributes(a) => Some(a.initiated_event_id),
        Attributes::ChildWorkflowExecutionFailedEventAttributes(a) => Some(a.initiated_event_id),
        Attributes::ChildWorkflowExecutionCanceledEventAttributes(a) => Some(a.initiated_event_id),
        Attributes::ChildWorkflowExecutionTimedOutEventAttributes(a) => Some(a.initiated_event_id),
        Attributes::ChildWorkflowExecutionTerminatedEventAttributes(a) => Some(a.initiated_event_id),
        _ => None,
    }
}

fn known_update(request: Request, state: UpdateState, is_in_history: bool) -> PendingUpdate {
    let meta = request.meta.unwrap_or_default();
    let input = request.input.unwrap_or_default();
    PendingUpdate {
        update: Update {
            update_id: meta.update_id,
            name: input.name,
            args: input.args,
            identity: meta.identity,
        },
        tickets: Vec::new(),
        state,
        is_in_history,
    }
}

/// Signals without a request id count too.
fn signal_id(request_id: &str, event_id: i64) -> String {
    if request_id.is_empty() {
        format!("event {event_id}")
    } else {
        request_id.to_owned()
    }
}
