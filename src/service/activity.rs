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
use super::failure;
use super::queue::QueuedWork;
use super::retry::{Decision, decide, with_defaults};
use super::run::{Run, Tx, normal_queue, shorter};
use super::timer::{LONGEST, TimerTask};
use super::workflow_task::worker_version;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::{ScheduleActivity, TaskNotFound};
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller};
use crate::history::payload;
use crate::history::proto::{
    ActivityTaskCancelRequestedEventAttributes, ActivityTaskCanceledEventAttributes,
    ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes, ActivityType, Attributes, Failure,
    Payloads, RetryPolicy, RetryState, TimeoutType,
};
use crate::history::timestamp::{duration, span};

/// The details of an activity that was cancelled before a worker had it.
const NOT_STARTED: &str = "ACTIVITY_ID_NOT_STARTED";

/// An activity that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingActivity {
    /// Id of its ActivityTaskScheduled.
    pub scheduled_event_id: i64,
    /// Unique in the run.
    pub activity_id: String,
    /// Which activity.
    pub activity_type: String,
    /// Where workers poll for it.
    pub task_queue: String,
    input: Option<Payloads>,
    /// Limit from the first scheduling to the end of the last attempt; zero for none.
    pub schedule_to_close: Span,
    /// Limit of waiting for a worker, for each attempt; zero for none.
    pub schedule_to_start: Span,
    /// Limit of one attempt; zero for none.
    pub start_to_close: Span,
    /// Limit between two heartbeats; zero for none.
    pub heartbeat: Span,
    /// The retry policy with its defaults filled in.
    pub policy: RetryPolicy,
    /// When it was scheduled first.
    pub first_scheduled_at: SimTime,
    /// The attempt that is due, waiting or running, from 1.
    pub attempt: u32,
    /// Where that attempt is.
    pub state: ActivityState,
    /// Who took the last attempt that was taken; empty if none was.
    pub last_worker: String,
    /// Why the attempt before failed.
    pub last_failure: Option<Failure>,
    /// When some attempt reported last.
    pub last_heartbeat_at: Option<SimTime>,
    /// What it reported.
    pub last_heartbeat: Option<Payloads>,
    /// Id of the ActivityTaskCancelRequested, once the workflow has asked for the activity's end.
    pub cancel_requested: Option<i64>,
}

/// Where an attempt is.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityState {
    /// In the task queue since then.
    Waiting {
        /// Since when.
        since: SimTime,
    },
    /// With a worker.
    Running {
        /// When it started.
        at: SimTime,
        /// Who has it.
        by: Poller,
        /// Written into the Started event.
        request_id: String,
    },
    /// Not due yet.
    BackingOff {
        /// When the attempt before failed.
        since: SimTime,
        /// When it goes into the task queue.
        until: SimTime,
    },
}

impl PendingActivity {
    /// The end of schedule-to-close, if that limit is set.
    pub fn deadline(&self) -> Option<SimTime> {
        (!self.schedule_to_close.is_zero()).then(|| self.first_scheduled_at + self.schedule_to_close)
    }

    pub(super) fn is_running(&self) -> bool {
        matches!(self.state, ActivityState::Running { .. })
    }

    /// Whether and when to try again, now that the attempt at hand has failed.
    pub(super) fn after(&self, failure: &Failure, now: SimTime) -> Decision {
        if self.cancel_requested.is_some() {
            return Decision::GiveUp(RetryState::CancelRequested);
        }
        decide(&self.policy, self.attempt, failure, now, self.deadline())
    }

    pub(super) fn started_attributes(&self, by: &Poller, request_id: &str, knows_version: bool) -> Attributes {
        Attributes::ActivityTaskStartedEventAttributes(ActivityTaskStartedEventAttributes {
            scheduled_event_id: self.scheduled_event_id,
            identity: by.identity.clone(),
            request_id: request_id.to_owned(),
            attempt: i32::try_from(self.attempt).unwrap_or(i32::MAX),
            last_failure: self.last_failure.clone(),
            worker_version: knows_version.then(|| worker_version(by)),
            ..Default::default()
        })
    }
}

impl Run {
    /// Carries out the command: writes ActivityTaskScheduled and puts the first attempt into its queue.
    pub(super) fn schedule_activity(&mut self, tx: &mut Tx<'_>, request: ScheduleActivity, completed: i64) -> i64 {
        let request = normalised(request, self.run_timeout);
        let attributes = ActivityTaskScheduledEventAttributes {
            activity_id: request.activity_id,
            activity_type: Some(ActivityType {
                name: request.activity_type,
            }),
            use_workflow_build_id: request.task_queue == self.task_queue,
            task_queue: Some(normal_queue(&request.task_queue)),
            header: Some(request.header),
            input: request.input,
            schedule_to_close_timeout: Some(duration(request.schedule_to_close)),
            schedule_to_start_timeout: Some(duration(request.schedule_to_start)),
            start_to_close_timeout: Some(duration(request.start_to_close)),
            heartbeat_timeout: Some(duration(request.heartbeat)),
            workflow_task_completed_event_id: completed,
            retry_policy: Some(with_defaults(request.retry_policy.as_ref())),
            ..Default::default()
        };
        let event = Attributes::ActivityTaskScheduledEventAttributes(attributes.clone());
        let scheduled_event_id = self.write(tx.now, event);
        let activity = scheduled(scheduled_event_id, &attributes, tx.now);
        self.send_first_attempt(tx, &activity);
        self.activities.insert(scheduled_event_id, activity);
        scheduled_event_id
    }

    /// A worker takes the waiting attempt. `None` if it does not wait any more.
    pub(super) fn start_activity(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_event_id: i64,
        attempt: u32,
        by: &Poller,
    ) -> Option<ActivityTask> {
        let key = self.key;
        let request_id = tx.chance.uuid(
            "activity",
            &[self.key_word(), scheduled_event_id.unsigned_abs(), u64::from(attempt)],
        );
        let activity = self.activities.get_mut(&scheduled_event_id)?;
        if activity.attempt != attempt || !matches!(activity.state, ActivityState::Waiting { .. }) {
            return None;
        }
        activity.last_worker.clone_from(&by.identity);
        activity.state = ActivityState::Running {
            at: tx.now,
            by: by.clone(),
            request_id,
        };
        let work = QueuedWork::Activity {
            run: key,
            scheduled_event_id,
            attempt,
        };
        tx.queues.drop_where(|queued| *queued == work);
        let activity = activity.clone();
        self.arm(tx, &activity, TimeoutType::StartToClose);
        self.arm(tx, &activity, TimeoutType::Heartbeat);
        Some(ActivityTask {
            token: ActivityTaskToken {
                run: key,
                scheduled_event_id,
                attempt,
            },
            workflow_id: self.workflow_id.clone(),
            activity_id: activity.activity_id,
            activity_type: activity.activity_type,
            input: activity.input,
            started: tx.now,
            start_to_close: activity.start_to_close,
            heartbeat: activity.heartbeat,
            last_heartbeat: activity.last_heartbeat,
            last_failure: activity.last_failure,
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
            tx.now,
            Attributes::ActivityTaskCancelRequestedEventAttributes(ActivityTaskCancelRequestedEventAttributes {
                scheduled_event_id,
                workflow_task_completed_event_id: answered.completed,
            }),
        );
        // It may have ended while the workflow task ran; then the request stands in the history and does nothing.
        let Some(activity) = self.activities.get_mut(&scheduled_event_id) else {
            return;
        };
        activity.cancel_requested = Some(requested);
        if activity.is_running() {
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
    pub(super) fn activity_retry_is_due(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64) {
        let Some(activity) = self.activities.get_mut(&scheduled_event_id) else {
            return;
        };
        activity.state = ActivityState::Waiting { since: tx.now };
        let activity = activity.clone();
        self.enqueue_attempt(tx, &activity);
    }

    /// The attempt that a worker has in hand.
    pub(super) fn running_attempt(&mut self, token: ActivityTaskToken) -> Result<&mut PendingActivity, TaskNotFound> {
        let activity = self.activities.get_mut(&token.scheduled_event_id);
        activity
            .filter(|activity| activity.is_running() && activity.attempt == token.attempt)
            .ok_or(TaskNotFound)
    }

    /// Writes the start of the attempt that ends the activity. Returns who had it.
    pub(super) fn write_start(&mut self, activity: &PendingActivity, knows_version: bool) -> String {
        let ActivityState::Running { at, by, request_id } = &activity.state else {
            return String::new();
        };
        let started = activity.started_attributes(by, request_id, knows_version);
        self.buffer(*at, started);
        by.identity.clone()
    }

    /// Writes how the activity ended, and forgets it.
    pub(super) fn end_activity(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, how: Attributes) {
        self.buffer(tx.now, how);
        self.activities.remove(&scheduled_event_id);
        let key = self.key;
        tx.queues.drop_where(|queued| {
            matches!(queued, QueuedWork::Activity { run, scheduled_event_id: id, .. }
                if *run == key && *id == scheduled_event_id)
        });
    }

    /// Whether a backoff is still going on.
    pub(super) fn activity_retry_is_live(&self, scheduled_event_id: i64, attempt: u32) -> bool {
        self.activities.get(&scheduled_event_id).is_some_and(|activity| {
            activity.attempt == attempt && matches!(activity.state, ActivityState::BackingOff { .. })
        })
    }

    pub(super) fn back_off(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, wait: Span, failure: Failure) {
        let run = self.key;
        let Some(activity) = self.activities.get_mut(&scheduled_event_id) else {
            return;
        };
        activity.attempt += 1;
        activity.last_failure = Some(failure::kept(failure));
        let until = tx.now + wait;
        activity.state = ActivityState::BackingOff { since: tx.now, until };
        tx.timers.set(
            until,
            TimerTask::ActivityRetry {
                run,
                scheduled_event_id,
                attempt: activity.attempt,
            },
        );
    }

    /// Sets a scheduled activity going.
    pub(super) fn send_first_attempt(&self, tx: &mut Tx<'_>, activity: &PendingActivity) {
        self.enqueue_attempt(tx, activity);
        self.arm(tx, activity, TimeoutType::ScheduleToClose);
    }

    fn enqueue_attempt(&self, tx: &mut Tx<'_>, activity: &PendingActivity) {
        let work = QueuedWork::Activity {
            run: self.key,
            scheduled_event_id: activity.scheduled_event_id,
            attempt: activity.attempt,
        };
        tx.queues.push(&activity.task_queue, tx.now, work);
        self.arm(tx, activity, TimeoutType::ScheduleToStart);
    }
}

/// An activity as its ActivityTaskScheduled asks for it, due for the first time now.
pub(super) fn scheduled(
    scheduled_event_id: i64,
    attributes: &ActivityTaskScheduledEventAttributes,
    now: SimTime,
) -> PendingActivity {
    let request = attributes.clone();
    PendingActivity {
        scheduled_event_id,
        activity_id: request.activity_id,
        activity_type: request.activity_type.unwrap_or_default().name,
        task_queue: request.task_queue.unwrap_or_default().name,
        input: request.input,
        schedule_to_close: span(request.schedule_to_close_timeout.as_ref()),
        schedule_to_start: span(request.schedule_to_start_timeout.as_ref()),
        start_to_close: span(request.start_to_close_timeout.as_ref()),
        heartbeat: span(request.heartbeat_timeout.as_ref()),
        policy: request.retry_policy.unwrap_or_default(),
        first_scheduled_at: now,
        attempt: 1,
        state: ActivityState::Waiting { since: now },
        last_failure: None,
        last_heartbeat_at: None,
        last_heartbeat: None,
        last_worker: String::new(),
        cancel_requested: None,
    }
}

/// Fills in and caps the timeouts the way the Service does before it writes the event (server 1.32,
/// `chasm/lib/activity/validator.go`).
fn normalised(mut request: ScheduleActivity, run_timeout: Span) -> ScheduleActivity {
    for limit in [
        &mut request.schedule_to_close,
        &mut request.schedule_to_start,
        &mut request.start_to_close,
        &mut request.heartbeat,
    ] {
        *limit = (*limit).min(LONGEST);
    }
    let whole = request.schedule_to_close;
    if whole.is_zero() {
        request.schedule_to_close = run_timeout;
        request.schedule_to_start = shorter(request.schedule_to_start, run_timeout);
    } else {
        request.schedule_to_close = shorter(whole, run_timeout);
        request.schedule_to_start = shorter(shorter(request.schedule_to_start, whole), run_timeout);
        request.start_to_close = shorter(request.start_to_close, whole);
    }
    request.start_to_close = shorter(request.start_to_close, run_timeout);
    request.heartbeat = request.heartbeat.min(request.start_to_close);
    request
}
