//! The machine of activities.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | the workflow asks for it | Waiting, attempt 1 |
//! | Waiting | a worker takes it | Running |
//! | Waiting, BackingOff | the workflow asks for its end | ended: Canceled |
//! | Waiting | schedule-to-start runs out | ended: TimedOut |
//! | Running | the workflow asks for its end | Running; the next heartbeat is told |
//! | Running | a heartbeat | Running; the heartbeat limit begins anew |
//! | Running | answered with a result | ended: Completed |
//! | Running | answered with a failure; start-to-close or heartbeat runs out | BackingOff, or ended: Failed, TimedOut |
//! | Running | answered as cancelled, after the workflow asked for it | ended: Canceled |
//! | BackingOff | the backoff is over | Waiting, next attempt |
//! | any | schedule-to-close runs out | ended: TimedOut |
//!
//! Attempts write nothing. When the activity ends, ActivityTaskStarted (of the last attempt, with its own time) and the
//! closing event appear together. An attempt whose worker died is found out only by a timeout; the limits are in
//! [`super::activity_timeout`], what a worker says of its attempt in [`super::activity_answer`].

use super::commands::Answered;
use super::workflow_task::worker_version;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::{ScheduleActivity, TaskNotFound};
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller};
use crate::history::payload;
use crate::history::proto::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes, Attributes, Failure, RetryState,
    TimeoutType,
};
use crate::service::failure;
use crate::service::queue::QueuedWork;
use crate::service::retry::{Decision, decide};
use crate::service::run::{PendingActivity, Run};
use crate::service::timer::TimerTask;
use crate::service::transaction::Tx;
use crate::service::unwritten::{AttemptState, PendingAttempt};

/// The details of an activity that was cancelled before a worker had it.
const NOT_STARTED: &str = "ACTIVITY_ID_NOT_STARTED";

impl PendingActivity<'_> {
    /// The end of schedule-to-close, if that limit is set.
    pub fn deadline(&self) -> Option<SimTime> {
        let limit = self.told.schedule_to_close;
        (!limit.is_zero()).then(|| self.attempt.first_scheduled_at + limit)
    }

    /// Whether and when to try again, now that the attempt at hand has failed.
    pub(super) fn after(&self, failure: &Failure, now: SimTime) -> Decision {
        if self.told.cancel_requested.is_some() {
            return Decision::GiveUp(RetryState::CancelRequested);
        }
        decide(&self.told.policy, self.attempt.number, failure, now, self.deadline())
    }
}

impl Run {
    /// Carries out the command: writes ActivityTaskScheduled and puts the first attempt into its queue.
    pub(super) fn schedule_activity(&mut self, tx: &mut Tx<'_>, request: ScheduleActivity, completed: i64) -> i64 {
        let attributes = ActivityTaskScheduledEventAttributes {
            workflow_task_completed_event_id: completed,
            ..self.options().activity(request)
        };
        let event = Attributes::ActivityTaskScheduledEventAttributes(attributes);
        let scheduled_event_id = self.write(tx, event);
        self.send_first_attempt(tx, scheduled_event_id);
        scheduled_event_id
    }

    /// A worker takes the waiting attempt. `None` if it does not wait any more.
    pub(in crate::service) fn start_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_event_id: i64,
        attempt: u32,
        by: &Poller,
    ) -> Option<ActivityTask> {
        let request_id = tx.chance.uuid(
            "activity",
            &[self.word, scheduled_event_id.unsigned_abs(), u64::from(attempt)],
        );
        let waiting = self.unwritten.attempts.get_mut(&scheduled_event_id)?;
        if waiting.number != attempt || !matches!(waiting.state, AttemptState::Waiting { .. }) {
            return None;
        }
        waiting.last_worker.clone_from(&by.identity);
        waiting.state = AttemptState::Running {
            at: tx.now,
            by: by.clone(),
            request_id,
        };
        tx.withdraw(self.queued_attempt(scheduled_event_id, attempt));
        self.arm(tx, scheduled_event_id, TimeoutType::StartToClose);
        self.arm(tx, scheduled_event_id, TimeoutType::Heartbeat);
        let input = match self.attributes_at(tx, scheduled_event_id) {
            Some(Attributes::ActivityTaskScheduledEventAttributes(asked)) => asked.input.clone(),
            _ => None,
        };
        let PendingActivity { told, attempt, .. } = self.activity(scheduled_event_id)?;
        Some(ActivityTask {
            token: ActivityTaskToken {
                run: self.key,
                scheduled_event_id,
                attempt: attempt.number,
            },
            workflow_id: self.workflow_id.clone(),
            activity_id: told.activity_id.clone(),
            activity_type: told.activity_type.clone(),
            input,
            started: tx.now,
            start_to_close: told.start_to_close,
            heartbeat: told.heartbeat,
            last_heartbeat: attempt.last_heartbeat.clone(),
            last_failure: attempt.last_failure.clone(),
        })
    }

    /// Carries out the command: writes ActivityTaskCancelRequested. An activity that no worker has ends at once.
    pub(super) fn request_cancel_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_event_id: i64,
        answered: &mut Answered<'_>,
    ) {
        let requested = self.write(
            tx,
            Attributes::ActivityTaskCancelRequestedEventAttributes(ActivityTaskCancelRequestedEventAttributes {
                scheduled_event_id,
                workflow_task_completed_event_id: answered.completed,
            }),
        );
        // It may have ended while the workflow task ran; then the request stands in the history and does nothing. Or a
        // worker has it, and hears of it with its next heartbeat.
        if self
            .activity(scheduled_event_id)
            .is_none_or(|activity| activity.attempt.is_running())
        {
            return;
        }
        self.end_activity(
            tx,
            scheduled_event_id,
            Attributes::ActivityTaskCanceledEventAttributes(ActivityTaskCanceledEventAttributes {
                details: Some(payload::json(&NOT_STARTED.into())),
                latest_cancel_requested_event_id: requested,
                scheduled_event_id,
                identity: answered.by.identity.clone(),
                ..Default::default()
            }),
        );
        answered.wants_task = true;
    }

    /// A backoff is over: the next attempt goes into the queue.
    pub(in crate::service) fn activity_retry_is_due(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64) {
        if let Some(attempt) = self.unwritten.attempts.get_mut(&scheduled_event_id) {
            attempt.state = AttemptState::Waiting { since: tx.now };
            self.enqueue_attempt(tx, scheduled_event_id);
        }
    }

    /// The attempt that a worker has in hand.
    pub(super) fn running_attempt(&mut self, token: ActivityTaskToken) -> Result<&mut PendingAttempt, TaskNotFound> {
        let attempt = self.unwritten.attempts.get_mut(&token.scheduled_event_id);
        attempt
            .filter(|attempt| attempt.is_running() && attempt.number == token.attempt)
            .ok_or(TaskNotFound)
    }

    /// Writes the start of the attempt that ends the activity, if it started. Returns who had it.
    pub(super) fn write_start(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, knows_version: bool) -> String {
        let Some(attempt) = self.unwritten.attempts.get(&scheduled_event_id) else {
            return String::new();
        };
        let AttemptState::Running { at, by, request_id } = &attempt.state else {
            return String::new();
        };
        let (at, identity) = (*at, by.identity.clone());
        let started = ActivityTaskStartedEventAttributes {
            scheduled_event_id,
            identity: identity.clone(),
            request_id: request_id.clone(),
            attempt: i32::try_from(attempt.number).unwrap_or(i32::MAX),
            last_failure: attempt.last_failure.clone(),
            worker_version: knows_version.then(|| worker_version(by)),
            ..Default::default()
        };
        self.buffer_at(tx, at, Attributes::ActivityTaskStartedEventAttributes(started));
        identity
    }

    /// Writes how the activity ended, and forgets its attempt.
    pub(super) fn end_activity(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, how: Attributes) {
        self.buffer(tx, how);
        if let Some(attempt) = self.unwritten.attempts.remove(&scheduled_event_id) {
            tx.withdraw(self.queued_attempt(scheduled_event_id, attempt.number));
        }
    }

    /// Whether a backoff is still going on.
    pub(in crate::service) fn activity_retry_is_live(&self, scheduled_event_id: i64, attempt: u32) -> bool {
        let known = self.unwritten.attempts.get(&scheduled_event_id);
        known.is_some_and(|known| known.number == attempt && matches!(known.state, AttemptState::BackingOff { .. }))
    }

    pub(super) fn back_off(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, wait: Span, failure: Failure) {
        let Some(attempt) = self.unwritten.attempts.get_mut(&scheduled_event_id) else {
            return;
        };
        attempt.number = attempt.number.saturating_add(1);
        attempt.last_failure = Some(failure::kept(failure));
        let until = tx.now + wait;
        attempt.state = AttemptState::BackingOff { since: tx.now, until };
        let task = TimerTask::ActivityRetry {
            run: self.key,
            scheduled_event_id,
            attempt: attempt.number,
        };
        tx.set_timer(until, task);
    }

    /// Sets a scheduled activity going.
    pub(super) fn send_first_attempt(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64) {
        self.unwritten
            .attempts
            .insert(scheduled_event_id, PendingAttempt::first(tx.now));
        self.enqueue_attempt(tx, scheduled_event_id);
        self.arm(tx, scheduled_event_id, TimeoutType::ScheduleToClose);
    }

    fn enqueue_attempt(&self, tx: &mut Tx<'_>, scheduled_event_id: i64) {
        if let Some(PendingActivity { told, attempt, .. }) = self.activity(scheduled_event_id) {
            tx.enqueue(
                &told.task_queue,
                self.queued_attempt(scheduled_event_id, attempt.number),
            );
        }
        self.arm(tx, scheduled_event_id, TimeoutType::ScheduleToStart);
    }

    /// How an attempt stands in a task queue.
    const fn queued_attempt(&self, scheduled_event_id: i64, attempt: u32) -> QueuedWork {
        QueuedWork::Activity {
            run: self.key,
            scheduled_event_id,
            attempt,
        }
    }
}
