//! The machine of activities.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | the workflow asks for it | Waiting, attempt 1 |
//! | Waiting | a worker takes it | Running |
//! | Waiting | schedule-to-start runs out | ended: TimedOut |
//! | Running | answered with a result | ended: Completed |
//! | Running | answered with a failure, or start-to-close runs out | BackingOff, or ended: Failed, TimedOut |
//! | BackingOff | the backoff is over | Waiting, next attempt |
//! | any | schedule-to-close runs out | ended: TimedOut |
//!
//! Attempts write nothing. When the activity ends, ActivityTaskStarted (of the last attempt, with its own time) and the
//! closing event appear together. An attempt whose worker died is found out only by a timeout.

use super::queue::QueuedWork;
use super::retry::{Decision, decide, with_defaults};
use super::run::{Run, Tx, event, normal_queue};
use super::timer::TimerTask;
use super::workflow_task::worker_version;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::{ActivityAnswer, ScheduleActivity, TaskNotFound};
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller};
use crate::history::proto::FailureInfo;
use crate::history::proto::{
    ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes, ActivityTaskScheduledEventAttributes,
    ActivityTaskStartedEventAttributes, ActivityTaskTimedOutEventAttributes, ActivityType, Attributes, Failure,
    Payloads, RetryPolicy, RetryState, TimeoutFailureInfo, TimeoutType,
};
use crate::history::timestamp::duration;

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
    /// The retry policy with its defaults filled in.
    pub policy: RetryPolicy,
    /// When it was scheduled first.
    pub first_scheduled_at: SimTime,
    /// The attempt that is due, waiting or running, from 1.
    pub attempt: u32,
    /// Where that attempt is.
    pub state: ActivityState,
    /// Why the attempt before failed.
    pub last_failure: Option<Failure>,
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

    /// Whether and when to try again, now that the attempt at hand has failed.
    fn after(&self, failure: &Failure, now: SimTime) -> Decision {
        decide(&self.policy, self.attempt, failure, now, self.deadline())
    }

    fn started_attributes(&self, by: &Poller, request_id: &str, knows_version: bool) -> Attributes {
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
        let request = normalised(request);
        let policy = with_defaults(request.retry_policy.as_ref());
        let scheduled_event_id = self.write(
            tx.now,
            Attributes::ActivityTaskScheduledEventAttributes(ActivityTaskScheduledEventAttributes {
                activity_id: request.activity_id.clone(),
                activity_type: Some(ActivityType {
                    name: request.activity_type.clone(),
                }),
                task_queue: Some(normal_queue(&request.task_queue)),
                header: Some(request.header),
                input: request.input.clone(),
                schedule_to_close_timeout: Some(duration(request.schedule_to_close)),
                schedule_to_start_timeout: Some(duration(request.schedule_to_start)),
                start_to_close_timeout: Some(duration(request.start_to_close)),
                heartbeat_timeout: Some(duration(request.heartbeat)),
                workflow_task_completed_event_id: completed,
                retry_policy: Some(policy.clone()),
                use_workflow_build_id: request.task_queue == self.task_queue,
                ..Default::default()
            }),
        );
        let activity = PendingActivity {
            scheduled_event_id,
            activity_id: request.activity_id,
            activity_type: request.activity_type,
            task_queue: request.task_queue,
            input: request.input,
            schedule_to_close: request.schedule_to_close,
            schedule_to_start: request.schedule_to_start,
            start_to_close: request.start_to_close,
            policy,
            first_scheduled_at: tx.now,
            attempt: 1,
            state: ActivityState::Waiting { since: tx.now },
            last_failure: None,
        };
        self.enqueue_attempt(tx, &activity);
        if let Some(deadline) = activity.deadline() {
            tx.timers
                .set(deadline, self.activity_timeout(&activity, TimeoutType::ScheduleToClose));
        }
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
        if !activity.start_to_close.is_zero() {
            let timer = TimerTask::ActivityTimeout {
                run: key,
                scheduled_event_id,
                attempt,
                kind: TimeoutType::StartToClose,
            };
            tx.timers.set(tx.now + activity.start_to_close, timer);
        }
        Some(ActivityTask {
            token: ActivityTaskToken {
                run: key,
                scheduled_event_id,
                attempt,
            },
            workflow_id: self.workflow_id.clone(),
            activity_id: activity.activity_id.clone(),
            activity_type: activity.activity_type.clone(),
            input: activity.input.clone(),
            started: tx.now,
            start_to_close: activity.start_to_close,
            heartbeat: Span::ZERO,
            last_heartbeat: None,
            last_failure: activity.last_failure.clone(),
        })
    }

    /// Takes the answer of a worker.
    pub(super) fn answer_activity(
        &mut self,
        tx: &mut Tx<'_>,
        token: ActivityTaskToken,
        answer: ActivityAnswer,
    ) -> Result<(), TaskNotFound> {
        let activity = self.activities.get(&token.scheduled_event_id).ok_or(TaskNotFound)?;
        let ActivityState::Running { at, by, request_id } = activity.state.clone() else {
            return Err(TaskNotFound);
        };
        if activity.attempt != token.attempt {
            return Err(TaskNotFound);
        }
        match answer {
            ActivityAnswer::Completed { result } => {
                let started = activity.started_attributes(&by, &request_id, true);
                self.buffer(at, started);
                self.buffer(
                    tx.now,
                    Attributes::ActivityTaskCompletedEventAttributes(ActivityTaskCompletedEventAttributes {
                        result,
                        scheduled_event_id: token.scheduled_event_id,
                        identity: by.identity,
                        ..Default::default()
                    }),
                );
                self.activities.remove(&token.scheduled_event_id);
                self.commit(tx, true);
            }
            ActivityAnswer::Canceled { .. } => unreachable!("nobody asks for it yet"),
            ActivityAnswer::Failed { failure, .. } => match activity.after(&failure, tx.now) {
                Decision::Retry(wait) => self.back_off(tx, token.scheduled_event_id, wait, *failure),
                Decision::GiveUp(retry_state) => {
                    let started = activity.started_attributes(&by, &request_id, true);
                    self.buffer(at, started);
                    self.buffer(
                        tx.now,
                        Attributes::ActivityTaskFailedEventAttributes(ActivityTaskFailedEventAttributes {
                            failure: Some(*failure),
                            scheduled_event_id: token.scheduled_event_id,
                            identity: by.identity,
                            retry_state: retry_state.into(),
                            ..Default::default()
                        }),
                    );
                    self.activities.remove(&token.scheduled_event_id);
                    self.commit(tx, true);
                }
            },
        }
        Ok(())
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

    /// One of an activity's limits ran out.
    pub(super) fn time_out_activity(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, kind: TimeoutType) {
        let Some(activity) = self.activities.get(&scheduled_event_id).cloned() else {
            return;
        };
        let failure = timeout_failure(kind, format!("activity {} timeout", kind_name(kind)));
        match activity.after(&failure, tx.now) {
            Decision::Retry(wait) => self.back_off(tx, scheduled_event_id, wait, failure),
            Decision::GiveUp(retry_state) => self.end_by_timeout(tx, &activity, kind, failure, retry_state),
        }
    }

    /// Whether a limit still means anything.
    pub(super) fn activity_timeout_is_live(&self, scheduled_event_id: i64, attempt: u32, kind: TimeoutType) -> bool {
        self.activities
            .get(&scheduled_event_id)
            .is_some_and(|activity| match kind {
                TimeoutType::ScheduleToClose => true,
                TimeoutType::ScheduleToStart => {
                    activity.attempt == attempt && matches!(activity.state, ActivityState::Waiting { .. })
                }
                TimeoutType::StartToClose | TimeoutType::Heartbeat => {
                    activity.attempt == attempt && matches!(activity.state, ActivityState::Running { .. })
                }
                TimeoutType::Unspecified => false,
            })
    }

    /// Whether a backoff is still going on.
    pub(super) fn activity_retry_is_live(&self, scheduled_event_id: i64, attempt: u32) -> bool {
        self.activities.get(&scheduled_event_id).is_some_and(|activity| {
            activity.attempt == attempt && matches!(activity.state, ActivityState::BackingOff { .. })
        })
    }

    fn back_off(&mut self, tx: &mut Tx<'_>, scheduled_event_id: i64, wait: Span, failure: Failure) {
        let run = self.key;
        let Some(activity) = self.activities.get_mut(&scheduled_event_id) else {
            return;
        };
        activity.attempt += 1;
        activity.last_failure = Some(failure);
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

    fn enqueue_attempt(&self, tx: &mut Tx<'_>, activity: &PendingActivity) {
        let work = QueuedWork::Activity {
            run: self.key,
            scheduled_event_id: activity.scheduled_event_id,
            attempt: activity.attempt,
        };
        tx.queues.push(&activity.task_queue, tx.now, work);
        if !activity.schedule_to_start.is_zero() {
            tx.timers.set(
                tx.now + activity.schedule_to_start,
                self.activity_timeout(activity, TimeoutType::ScheduleToStart),
            );
        }
    }

    fn activity_timeout(&self, activity: &PendingActivity, kind: TimeoutType) -> TimerTask {
        TimerTask::ActivityTimeout {
            run: self.key,
            scheduled_event_id: activity.scheduled_event_id,
            attempt: activity.attempt,
            kind,
        }
    }

    fn end_by_timeout(
        &mut self,
        tx: &mut Tx<'_>,
        activity: &PendingActivity,
        kind: TimeoutType,
        failure: Failure,
        retry_state: RetryState,
    ) {
        let mut shown = failure;
        // An attempt that ran out of time with no room for another is told as the overall limit's doing.
        let no_room =
            matches!(kind, TimeoutType::StartToClose | TimeoutType::Heartbeat) && retry_state == RetryState::Timeout;
        if kind == TimeoutType::ScheduleToClose || no_room {
            shown = timeout_failure(
                TimeoutType::ScheduleToClose,
                "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
                    .to_owned(),
            );
        }
        shown.cause = activity.last_failure.clone().map(Box::new);
        if let ActivityState::Running { at, by, request_id } = &activity.state {
            self.buffer
                .push(event(*at, activity.started_attributes(by, request_id, false)));
        }
        self.buffer(
            tx.now,
            Attributes::ActivityTaskTimedOutEventAttributes(ActivityTaskTimedOutEventAttributes {
                failure: Some(shown),
                scheduled_event_id: activity.scheduled_event_id,
                retry_state: retry_state.into(),
                ..Default::default()
            }),
        );
        self.activities.remove(&activity.scheduled_event_id);
        let work = QueuedWork::Activity {
            run: self.key,
            scheduled_event_id: activity.scheduled_event_id,
            attempt: activity.attempt,
        };
        tx.queues.drop_where(|queued| *queued == work);
        self.commit(tx, true);
    }
}

/// Fills in and caps the timeouts the way the Service does before it writes the event.
fn normalised(mut request: ScheduleActivity) -> ScheduleActivity {
    let whole = request.schedule_to_close;
    if !whole.is_zero() {
        request.schedule_to_start = capped(request.schedule_to_start, whole);
        request.start_to_close = capped(request.start_to_close, whole);
    }
    if !request.heartbeat.is_zero() && !request.start_to_close.is_zero() {
        request.heartbeat = request.heartbeat.min(request.start_to_close);
    }
    request
}

fn capped(limit: Span, whole: Span) -> Span {
    if limit.is_zero() { whole } else { limit.min(whole) }
}

fn timeout_failure(kind: TimeoutType, message: String) -> Failure {
    Failure {
        message,
        source: "Server".to_owned(),
        failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
            timeout_type: kind.into(),
            ..Default::default()
        })),
        ..Default::default()
    }
}

fn kind_name(kind: TimeoutType) -> &'static str {
    match kind {
        TimeoutType::Unspecified => "Unspecified",
        TimeoutType::StartToClose => "StartToClose",
        TimeoutType::ScheduleToStart => "ScheduleToStart",
        TimeoutType::ScheduleToClose => "ScheduleToClose",
        TimeoutType::Heartbeat => "Heartbeat",
    }
}
