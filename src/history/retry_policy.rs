//! How long a retry policy waits between attempts: pure arithmetic on what an event says, for the Service that follows it
//! and for whoever reads the history afterwards.
//!
//! As the real Service computes it (server 1.32): cut to whole nanoseconds, without jitter. Whether there is another attempt
//! at all is not said here.

use super::proto::RetryPolicy;
use super::timestamp::{duration, span};
use crate::base::time::Span;

/// The policy with the Service's defaults in every field that was not set: 1 s, doubling, at most 100 times the first
/// interval, no limit of attempts.
pub fn with_defaults(policy: Option<&RetryPolicy>) -> RetryPolicy {
    let mut policy = policy.cloned().unwrap_or_default();
    if span(policy.initial_interval.as_ref()).is_zero() {
        policy.initial_interval = Some(duration(Span::secs(1)));
    }
    if policy.backoff_coefficient == 0.0 {
        policy.backoff_coefficient = 2.0;
    }
    if span(policy.maximum_interval.as_ref()).is_zero() {
        let initial = span(policy.initial_interval.as_ref());
        policy.maximum_interval = Some(duration(Span(initial.0.saturating_mul(100))));
    }
    policy
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
