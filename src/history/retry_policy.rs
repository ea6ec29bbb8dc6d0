//! Retry policies as the Service takes them: what was left open has Temporal's defaults.

use super::proto::RetryPolicy;
use super::timestamp::{duration, span};
use crate::base::time::Span;

/// The policy with the Service's defaults in every field that was not set: 1 s, doubling, at most 100 times the first
/// interval, no limit of attempts (server 1.32, `common/retrypolicy`).
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
