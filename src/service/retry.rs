//! Whether and when a failed activity attempt is tried again: pure arithmetic, no state.
//!
//! The order of the checks is the real Service's (server 1.32, `RetryActivity`); the interval is cut to whole
//! nanoseconds and has no jitter.

use crate::base::time::{SimTime, Span};
use crate::history::proto::FailureInfo;
use crate::history::proto::{Failure, RetryPolicy, RetryState, TimeoutType};
use crate::history::timestamp::span;

/// What to do after a failed attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Decision {
    /// Try again after this long.
    Retry(Span),
    /// Never again, and why.
    GiveUp(RetryState),
}

/// How long to wait after attempt `attempt` (from 1) failed.
///
/// Multiplies in a loop instead of calling a power function: those differ in the last digit between platforms. The loop
/// ends where another turn changes nothing.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the Service computes in floating point too; what leaves its integers is cut off before"
)]
pub fn interval(policy: &RetryPolicy, attempt: u32) -> Span {
    const LONGEST: Span = Span(i64::MAX.unsigned_abs());
    let max = span(policy.maximum_interval.as_ref());
    let max = if max.is_zero() { LONGEST } else { max };
    let mut nanos = span(policy.initial_interval.as_ref()).0 as f64;
    for _ in 1..attempt {
        let before = nanos;
        nanos *= policy.backoff_coefficient;
        if nanos >= max.0 as f64 {
            return max;
        }
        if nanos == before {
            break;
        }
    }
    let interval = Span(nanos as u64);
    if interval.is_zero() { max } else { interval.min(max) }
}

/// Decides after attempt `attempt` failed at `now` with `failure`. `deadline` is the end of schedule-to-close, if set.
pub fn decide(
    policy: &RetryPolicy,
    attempt: u32,
    failure: &Failure,
    now: SimTime,
    deadline: Option<SimTime>,
) -> Decision {
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = &failure.failure_info
        && matches!(
            info.timeout_type(),
            TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose
        )
    {
        return Decision::GiveUp(RetryState::Timeout);
    }
    if !is_retryable(policy, failure) {
        return Decision::GiveUp(RetryState::NonRetryableFailure);
    }
    if u32::try_from(policy.maximum_attempts).is_ok_and(|max| max > 0 && attempt >= max) {
        return Decision::GiveUp(RetryState::MaximumAttemptsReached);
    }
    let requested = requested_delay(failure);
    if requested == Some(Span::ZERO) {
        return Decision::GiveUp(RetryState::Timeout);
    }
    let wait = requested.unwrap_or_else(|| interval(policy, attempt));
    if deadline.is_some_and(|deadline| now + wait > deadline) {
        return Decision::GiveUp(RetryState::Timeout);
    }
    Decision::Retry(wait)
}

/// Decides after the run that was attempt `attempt` failed at `now` with `failure`. `deadline` is the end of its chain,
/// if set. Unlike an activity's, the delay that a failure asks for is kept below the policy's maximum.
pub fn decide_run(
    policy: &RetryPolicy,
    attempt: u32,
    failure: &Failure,
    now: SimTime,
    deadline: Option<SimTime>,
) -> Decision {
    if !is_retryable(policy, failure) {
        return Decision::GiveUp(RetryState::NonRetryableFailure);
    }
    if u32::try_from(policy.maximum_attempts).is_ok_and(|max| max > 0 && attempt >= max) {
        return Decision::GiveUp(RetryState::MaximumAttemptsReached);
    }
    let max = span(policy.maximum_interval.as_ref());
    let wait = match requested_delay(failure) {
        Some(wait) if wait.is_zero() || wait > max => max,
        Some(wait) => wait,
        None => interval(policy, attempt),
    };
    if deadline.is_some_and(|deadline| now + wait > deadline) {
        return Decision::GiveUp(RetryState::Timeout);
    }
    Decision::Retry(wait)
}

/// `nextRetryDelay` of an application failure goes before the policy's interval, and its maximum. One of zero is not
/// the same as none: the Service takes it for "no time for another attempt".
fn requested_delay(failure: &Failure) -> Option<Span> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            info.next_retry_delay.as_ref().map(|delay| span(Some(delay)))
        }
        _ => None,
    }
}

fn is_retryable(policy: &RetryPolicy, failure: &Failure) -> bool {
    let listed = |name: &str| policy.non_retryable_error_types.iter().any(|listed| listed == name);
    match &failure.failure_info {
        Some(FailureInfo::TerminatedFailureInfo(_) | FailureInfo::CanceledFailureInfo(_)) => false,
        Some(FailureInfo::TimeoutFailureInfo(info)) => match info.timeout_type() {
            TimeoutType::StartToClose => !listed("TemporalTimeout:StartToClose"),
            TimeoutType::Heartbeat => !listed("TemporalTimeout:Heartbeat"),
            TimeoutType::Unspecified | TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose => false,
        },
        Some(FailureInfo::ServerFailureInfo(info)) => !info.non_retryable,
        Some(FailureInfo::ApplicationFailureInfo(info)) => !info.non_retryable && !listed(&info.r#type),
        _ => true,
    }
}
