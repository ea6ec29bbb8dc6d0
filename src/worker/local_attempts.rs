//! The attempts at the local activities of one run: when one begins, how long it may take, whether another follows.
//!
//! | state | what happens | next |
//! | --- | --- | --- |
//! | Due | whoever runs the worker begins it | Running |
//! | Running | returned, cancelled, or failed for good | gone: the run is told |
//! | | failed, or took longer than start-to-close, and may be retried | Waiting; gone if the wait is a timer's |
//! | | took longer than schedule-to-close | gone: the run is told |
//! | Waiting | the wait is over | Due |
//! | | cancelled | gone: the run is told |
//!
//! The arithmetic is Core's, not the Service's: only a wait longer than the threshold leaves the worker, as a timer.

use super::local::LocalOutcome;
use super::machines::local_activity::{LocalResult, canceled, timed_out};
use super::request::ScheduleLocalActivity;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::history::proto::{
    ApplicationFailureInfo, CanceledFailureInfo, Failure, FailureInfo, RetryPolicy, TimeoutType,
};
use crate::history::timestamp::{self, Timestamp};

/// Wait before the second attempt, unless the code says otherwise.
const INITIAL_INTERVAL: Span = Span::secs(1);
/// Waits grow to at most so many times the first, unless the code says otherwise.
const MAXIMUM_INTERVAL_FACTOR: u64 = 100;
const BACKOFF_COEFFICIENT: f64 = 2.0;
/// A longer wait is a timer of the workflow, unless the code says otherwise.
const LOCAL_RETRY_THRESHOLD: Span = Span::secs(60);

/// The attempts at a run's local activities.
#[derive(Clone, Debug, Default)]
pub(super) struct LocalAttempts {
    all: SortedMap<u32, LocalAttempt>,
    /// Attempts that run and are to hear that they are not wanted any more: number of the activity, of the attempt.
    stopping: Vec<(u32, u32)>,
}

#[derive(Clone, Debug)]
struct LocalAttempt {
    number: u32,
    state: State,
    /// When the time of all attempts together is over.
    close_by: Option<SimTime>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Due,
    Running { since: SimTime },
    Waiting { until: SimTime },
}

/// How the last attempt ended.
#[derive(Clone, Debug)]
pub(super) struct Over {
    pub(super) seq: u32,
    pub(super) result: LocalResult,
    pub(super) ran: Span,
    pub(super) attempt: u32,
    pub(super) backoff: Option<Span>,
    pub(super) original_schedule: Option<Timestamp>,
}

/// What the code asked for, by number.
pub(super) type Task<'a> = &'a dyn Fn(u32) -> Option<&'a ScheduleLocalActivity>;

impl LocalAttempts {
    /// A local activity is asked for. It may be over before it begins, if it was asked for long ago.
    pub(super) fn add(&mut self, seq: u32, task: &ScheduleLocalActivity, now: SimTime) -> Option<Over> {
        let asked = task.original_schedule.map_or(now, Timestamp::sim_time);
        let close_by = (!task.schedule_to_close.is_zero()).then(|| asked + task.schedule_to_close);
        if close_by.is_some_and(|close_by| close_by <= now) {
            return Some(Over {
                seq,
                result: LocalResult::TimedOut(timed_out(TimeoutType::ScheduleToClose)),
                ran: Span::ZERO,
                attempt: task.attempt,
                backoff: None,
                original_schedule: task.original_schedule,
            });
        }
        let attempt = LocalAttempt {
            number: task.attempt.max(1),
            state: State::Due,
            close_by,
        };
        self.all.insert(seq, attempt);
        None
    }

    /// The attempts that are to begin, and begin now: number of the activity, number of the attempt.
    pub(super) fn begin(&mut self, now: SimTime) -> Vec<(u32, u32)> {
        let mut begun = Vec::new();
        for seq in self.all.keys().copied().collect::<Vec<_>>() {
            if let Some(attempt) = self.all.get_mut(&seq)
                && attempt.state == State::Due
            {
                attempt.state = State::Running { since: now };
                begun.push((seq, attempt.number));
            }
        }
        begun
    }

    /// An attempt has ended. `None` if it will be tried again, or nobody knows it.
    pub(super) fn end(
        &mut self,
        seq: u32,
        number: u32,
        outcome: LocalOutcome,
        task: &ScheduleLocalActivity,
        now: SimTime,
    ) -> Option<Over> {
        let running = self.all.get(&seq).filter(|attempt| attempt.number == number)?;
        let State::Running { since } = running.state else {
            return None;
        };
        let result = match outcome {
            LocalOutcome::Completed(result) => LocalResult::Completed(result),
            LocalOutcome::Failed(failure) => LocalResult::Failed(failure),
            LocalOutcome::Canceled(details) => {
                let mut failure = canceled();
                failure.failure_info = Some(FailureInfo::CanceledFailureInfo(CanceledFailureInfo {
                    details,
                    ..Default::default()
                }));
                LocalResult::Canceled(failure)
            }
        };
        self.close(seq, result, since, task, now)
    }

    /// The code wants it to stop. One that waits for its next attempt is over; one that runs is told, and ends as it
    /// likes.
    pub(super) fn cancel(&mut self, seq: u32) -> Option<Over> {
        let attempt = self.all.get(&seq)?;
        match attempt.state {
            State::Waiting { .. } => {}
            State::Running { .. } => {
                self.stopping.push((seq, attempt.number));
                return None;
            }
            State::Due => return None,
        }
        self.all.remove(&seq);
        Some(Over {
            seq,
            result: LocalResult::Canceled(canceled()),
            ran: Span::ZERO,
            attempt: 0,
            backoff: None,
            original_schedule: None,
        })
    }

    /// The attempts that are to hear that they are not wanted any more; each is told once.
    pub(super) fn stopping(&mut self) -> Vec<(u32, u32)> {
        std::mem::take(&mut self.stopping)
    }

    /// When something is due by itself.
    pub(super) fn next_alarm<'a>(&self, task: Task<'a>) -> Option<SimTime> {
        let alarms = self.all.iter().filter_map(|(seq, attempt)| attempt.alarm(task(*seq)?));
        alarms.map(|(at, _)| at).min()
    }

    /// What is due by now happens.
    pub(super) fn alarm<'a>(&mut self, task: Task<'a>, now: SimTime) -> Vec<Over> {
        let due: Vec<(u32, SimTime, Option<TimeoutType>)> = self
            .all
            .iter()
            .filter_map(|(seq, attempt)| {
                let (at, limit) = attempt.alarm(task(*seq)?)?;
                (at <= now).then_some((*seq, at, limit))
            })
            .collect();
        let mut over = Vec::new();
        for (seq, _, limit) in due {
            let (Some(task), Some(attempt)) = (task(seq), self.all.get_mut(&seq)) else {
                continue;
            };
            match (attempt.state, limit) {
                (State::Running { since }, Some(limit)) => {
                    let result = LocalResult::TimedOut(timed_out(limit));
                    over.extend(self.close(seq, result, since, task, now));
                }
                _ => attempt.state = State::Due,
            }
        }
        over
    }

    /// Forgets all but these.
    pub(super) fn keep_only(&mut self, outstanding: &SortedMap<u32, ()>) {
        self.all.retain(|seq, _| outstanding.contains_key(seq));
    }

    fn close(
        &mut self,
        seq: u32,
        result: LocalResult,
        since: SimTime,
        task: &ScheduleLocalActivity,
        now: SimTime,
    ) -> Option<Over> {
        let attempt = self.all.get_mut(&seq)?;
        let number = attempt.number;
        let wait = match &result {
            LocalResult::Failed(failure) => wait_after(&task.retry_policy, number, application(failure)),
            LocalResult::TimedOut(failure) if is_start_to_close(failure) => {
                wait_after(&task.retry_policy, number, None)
            }
            LocalResult::Completed(_) | LocalResult::TimedOut(_) | LocalResult::Canceled(_) => None,
        };
        let threshold = if task.local_retry_threshold.is_zero() {
            LOCAL_RETRY_THRESHOLD
        } else {
            task.local_retry_threshold
        };
        if let Some(wait) = wait.filter(|wait| *wait <= threshold) {
            attempt.number += 1;
            attempt.state = State::Waiting { until: now + wait };
            return None;
        }
        self.all.remove(&seq);
        Some(Over {
            seq,
            result,
            ran: now.since(since),
            attempt: number,
            backoff: wait,
            original_schedule: task.original_schedule,
        })
    }
}

impl LocalAttempt {
    /// When its state changes by itself, and which limit is reached then.
    fn alarm(&self, task: &ScheduleLocalActivity) -> Option<(SimTime, Option<TimeoutType>)> {
        match self.state {
            State::Due => None,
            State::Waiting { until } => Some((until, None)),
            State::Running { since } => {
                let one =
                    (!task.start_to_close.is_zero()).then(|| (since + task.start_to_close, TimeoutType::StartToClose));
                // A limit that passed while it waited has had no effect, and has none later.
                let all = self.close_by.filter(|close_by| *close_by >= since);
                let all = all.map(|close_by| (close_by, TimeoutType::ScheduleToClose));
                let first = match (one, all) {
                    (Some(one), Some(all)) if all.0 <= one.0 => Some(all),
                    (one, all) => one.or(all),
                };
                first.map(|(at, limit)| (at, Some(limit)))
            }
        }
    }
}

/// How long to wait after this attempt; `None` if there is no other.
fn wait_after(policy: &RetryPolicy, attempt: u32, failure: Option<&ApplicationFailureInfo>) -> Option<Span> {
    let attempts_max = u32::try_from(policy.maximum_attempts).unwrap_or_default();
    if attempts_max > 0 && attempt >= attempts_max {
        return None;
    }
    let error_type = failure.map_or("", |failure| failure.r#type.as_str()).to_lowercase();
    let is_listed = policy
        .non_retryable_error_types
        .iter()
        .any(|listed| listed.to_lowercase() == error_type);
    if failure.is_some_and(|failure| failure.non_retryable) || is_listed {
        return None;
    }
    if let Some(delay) = failure.and_then(|failure| failure.next_retry_delay.as_ref()) {
        return Some(timestamp::span(Some(delay)));
    }
    let initial = policy
        .initial_interval
        .as_ref()
        .map_or(INITIAL_INTERVAL, |interval| timestamp::span(Some(interval)));
    if attempt == 1 {
        return Some(initial);
    }
    let coefficient = if policy.backoff_coefficient >= 1.0 {
        policy.backoff_coefficient
    } else {
        BACKOFF_COEFFICIENT
    };
    let maximum = match &policy.maximum_interval {
        Some(interval) => timestamp::span(Some(interval)).max(initial),
        None => Span(initial.0.saturating_mul(MAXIMUM_INTERVAL_FACTOR)),
    };
    Some(grown(initial, coefficient, attempt, maximum))
}

/// Multiplied in a loop, as the Service's waits are: powers differ in the last digit between platforms.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "Core computes in floating point too; what is too long is cut off before"
)]
fn grown(initial: Span, coefficient: f64, attempt: u32, maximum: Span) -> Span {
    let mut nanos = initial.0 as f64;
    for _ in 1..attempt {
        let before = nanos;
        nanos *= coefficient;
        if nanos >= maximum.0 as f64 {
            return maximum;
        }
        if nanos == before {
            break;
        }
    }
    Span(nanos as u64)
}

fn application(failure: &Failure) -> Option<&ApplicationFailureInfo> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => Some(info),
        _ => None,
    }
}

fn is_start_to_close(failure: &Failure) -> bool {
    matches!(&failure.failure_info, Some(FailureInfo::TimeoutFailureInfo(info)) if info.timeout_type() == TimeoutType::StartToClose)
}
