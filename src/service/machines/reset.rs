//! Starting again from a point in the past: a run is ended, and a new one goes on with a part of its history.
//!
//! The new run has the events before the point, word for word, and the state that follows from them. The workflow task
//! that was pending there fails, for the reset. What came after the point from outside is given to it again, if it is
//! wanted: signals, accepted updates (as admitted ones), news of children. What was pending is set going again:
//! activities from their first attempt, timers at their old time, what was to be delivered to others. Requests to stop
//! are forgotten (server 1.32, `ndc/workflow_resetter.go`).

use super::signal::signaled;
use super::start::expiration;
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Reset, Signal, Target, Update};
use crate::contract::task::RunKey;
use crate::history::execution::{ExecutionState, WorkflowTask};
use crate::history::proto::temporal::api::enums::v1::UpdateAdmittedEventOrigin;
use crate::history::proto::{
    Attributes, Failure, FailureInfo, HistoryEvent, Request, ResetWorkflowFailureInfo,
    WorkflowExecutionUpdateAdmittedEventAttributes, WorkflowTaskFailedCause, WorkflowTaskFailedEventAttributes,
    WorkflowTaskStartedEventAttributes,
};
use crate::history::timestamp::span;
use crate::service::Service;
use crate::service::namespace::{HISTORY_SERVICE, RESETTER};
use crate::service::run::{Name, Run};
use crate::service::timer::TimerTask;
use crate::service::transaction::{Tx, size_in_history};
use crate::service::transfer::Transfer;
use crate::service::unwritten::{PendingUpdate, UpdateState};

/// The request id of a task that nobody took.
const NO_REQUEST: &str = "emptyUuid";

impl Service {
    /// An operator lets a new run go on from a point in a run's past. The latest run of the id ends, if it is open.
    ///
    /// # Errors
    ///
    /// If there is no such run, or no workflow task was pending at that point.
    pub fn reset(&mut self, now: SimTime, target: &Target, reset: Reset) -> Result<RunKey, Refusal> {
        let base = self.find(target)?;
        let state = state_before(self.run(base).log.events(), reset.event_id).map_err(Refusal::Invalid)?;
        let current = self.latest(&target.workflow_id).unwrap_or(base);
        if self.run(current).is_open() {
            self.end(now, current, &reset.reason, None, RESETTER);
        }

        let name = self.next_name(&target.workflow_id);
        let run_id = self.chance.uuid("run id", &[name.word]);
        let later = self.what_came_after(base, reset.event_id);
        let mut tx = self.first_tx(now);
        let kept = self.run(base);
        let mut run = kept.copied_up_to(&mut tx, reset.event_id, state, name, run_id);
        run.fail_task_for_reset(&mut tx, &kept.run_id, &reset.reason);
        for event in later {
            run.take_again(&mut tx, event, &reset);
        }
        run.set_going_again(&mut tx);
        run.settle(&mut tx, true);
        let stage = tx.into_stage();
        self.take_up(now, run, stage);
        self.runs[base.0 as usize].reset_into = Some(name.key);
        Ok(name.key)
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
    /// A new run with this one's events before `event_id`, and the state that they amount to. Nothing is going on in it
    /// yet.
    fn copied_up_to(&self, tx: &mut Tx<'_>, event_id: i64, state: ExecutionState, name: Name, run_id: String) -> Self {
        let mut started = self.started().clone();
        let chain = span(started.workflow_execution_timeout.as_ref());
        started.workflow_execution_expiration_time = expiration(chain, tx.now);
        started.first_workflow_task_backoff = None;
        let mut run = Self::named(tx, name, &started);
        run.run_id = run_id;
        run.execution_time = self.execution_time;
        run.previous = self.previous;
        run.state = state;
        for event in self.log.events().iter().take_while(|event| event.event_id < event_id) {
            run.size_bytes += size_in_history(event);
            run.log.push(event.clone());
        }
        let updates = run.state.updates.values().filter_map(|update| {
            let event_id = update.event_id();
            let (request, state) = match run.attributes_of(event_id) {
                Some(Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(a)) => {
                    (a.request.clone(), UpdateState::Admitted)
                }
                Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(a)) => {
                    (a.accepted_request.clone(), UpdateState::Accepted)
                }
                _ => return None,
            };
            Some((event_id, known_update(request.unwrap_or_default(), state)))
        });
        let mut updates: Vec<_> = updates.collect();
        updates.sort_by_key(|(event_id, _)| *event_id);
        run.unwritten.hand.updates = updates.into_iter().map(|(_, update)| update).collect();
        tx.size_before = run.size_bytes;
        run
    }

    /// The task that was pending fails; if nobody had taken it, the Service does so for a moment.
    fn fail_task_for_reset(&mut self, tx: &mut Tx<'_>, base_run_id: &str, reason: &str) {
        let Some(WorkflowTask {
            scheduled_event_id,
            started_event_id,
            ..
        }) = self.state.workflow_task
        else {
            return;
        };
        let started_event_id = started_event_id.unwrap_or_else(|| {
            let started = WorkflowTaskStartedEventAttributes {
                scheduled_event_id,
                identity: HISTORY_SERVICE.to_owned(),
                request_id: NO_REQUEST.to_owned(),
                history_size_bytes: i64::try_from(tx.size_before).unwrap_or(i64::MAX),
                ..Default::default()
            };
            self.write(tx, Attributes::WorkflowTaskStartedEventAttributes(started))
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
        self.write(tx, Attributes::WorkflowTaskFailedEventAttributes(failed));
    }

    /// Gives the run once more what came after the point.
    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "the rest is asked whether it ends a child"
    )]
    fn take_again(&mut self, tx: &mut Tx<'_>, event: HistoryEvent, reset: &Reset) {
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
                self.buffer(tx, signaled(signal, None));
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
                if self.state.children.contains_key(&a.initiated_event_id) {
                    self.buffer(tx, Attributes::ChildWorkflowExecutionStartedEventAttributes(a));
                }
            }
            other => {
                if ended_child(&other).is_some_and(|id| self.state.children.contains_key(&id)) {
                    self.buffer(tx, other);
                }
            }
        }
    }

    fn admit_again(&mut self, tx: &mut Tx<'_>, admitted: WorkflowExecutionUpdateAdmittedEventAttributes) {
        let request = admitted.request.clone().unwrap_or_default();
        self.unwritten
            .hand
            .updates
            .push(known_update(request, UpdateState::Admitted));
        let attributes = Attributes::WorkflowExecutionUpdateAdmittedEventAttributes(admitted);
        self.buffer(tx, attributes);
    }

    /// What was pending at the point goes on: activities from their first attempt, timers at their old time.
    fn set_going_again(&mut self, tx: &mut Tx<'_>) {
        let activities: Vec<i64> = self.state.activities.iter().map(|(id, _)| id).collect();
        for scheduled_event_id in activities {
            self.send_first_attempt(tx, scheduled_event_id);
        }
        let run = self.key;
        for (started_event_id, timer) in self.state.timers.iter() {
            let task = TimerTask::UserTimer { run, started_event_id };
            tx.set_timer(timer.expiry.sim_time().max(tx.now), task);
        }
        for id in self.state.signals_out.keys() {
            let initiated_event_id = *id;
            self.leave(tx, Transfer::SignalExternal { initiated_event_id });
        }
        for id in self.state.cancels_out.keys() {
            let initiated_event_id = *id;
            self.leave(tx, Transfer::CancelExternal { initiated_event_id });
        }
        for (id, child) in &self.state.children {
            if child.first_run_id.is_none() {
                let initiated_event_id = *id;
                self.leave(tx, Transfer::StartChild { initiated_event_id });
            }
        }
    }
}

/// What the events before one amount to, if a workflow task is pending there; if there is none, why that is no point to
/// go back to.
fn state_before(events: &[HistoryEvent], event_id: i64) -> Result<ExecutionState, String> {
    let index = usize::try_from(event_id).unwrap_or(0).saturating_sub(1);
    if index == 0 || index >= events.len() {
        return Err("Workflow task finish ID must be > 1 && <= workflow last event ID.".to_owned());
    }
    let state = ExecutionState::of(&events[..index]);
    // What was written in one transaction cannot be told apart any more.
    let torn_apart = events[index].event_time == events[index - 1].event_time;
    match state.workflow_task {
        Some(_) => Ok(state),
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
#[expect(clippy::wildcard_enum_match_arm, reason = "whatever is not about a child ends none")]
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

/// An update that stands in the history, and for which no client waits.
fn known_update(request: Request, state: UpdateState) -> PendingUpdate {
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
        is_in_history: true,
    }
}
