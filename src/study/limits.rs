//! The limits and the retry policy of an activity, as its ActivityTaskScheduled states them: what they come to, and in words.
//!
//! The Service fills in every default before it writes the event, so nothing has to be guessed. How long a policy waits is
//! computed in `history::retry_policy`.

use crate::base::time::Span;
use crate::history::proto::{ActivityTaskScheduledEventAttributes, RetryPolicy, TimeoutType};
use crate::history::retry_policy::interval;
use crate::history::timestamp::span;

/// Intervals are computed up to this attempt. Every policy of this world has reached its maximum by then.
const FAR: u32 = 1_000;

/// What limits an activity. A limit of zero is none.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Limits {
    pub(super) schedule_to_close: Span,
    pub(super) schedule_to_start: Span,
    pub(super) start_to_close: Span,
    pub(super) heartbeat: Span,
    /// Written by every server of today; an old one, and Cadence, write none for an activity that is never tried again.
    pub(super) policy: Option<RetryPolicy>,
}

impl Limits {
    pub(super) fn of(scheduled: &ActivityTaskScheduledEventAttributes) -> Self {
        Self {
            schedule_to_close: span(scheduled.schedule_to_close_timeout.as_ref()),
            schedule_to_start: span(scheduled.schedule_to_start_timeout.as_ref()),
            start_to_close: span(scheduled.start_to_close_timeout.as_ref()),
            heartbeat: span(scheduled.heartbeat_timeout.as_ref()),
            policy: scheduled.retry_policy.clone(),
        }
    }

    /// How many attempts there are at most; `None` for as many as it takes.
    pub(super) fn maximum_attempts(&self) -> Option<u32> {
        let most = self.policy.as_ref().map_or(1, |policy| policy.maximum_attempts);
        u32::try_from(most).ok().filter(|most| *most > 0)
    }

    /// How long the Service waits after this attempt.
    pub(super) fn backoff_after(&self, attempt: u32) -> Span {
        self.policy
            .as_ref()
            .map_or(Span::ZERO, |policy| interval(policy, attempt.min(FAR)))
    }

    /// Whether the policy forbids another attempt after such a timeout: it can be listed like the type of an error.
    pub(super) fn lists(&self, timeout: TimeoutType) -> bool {
        let name = match timeout {
            TimeoutType::StartToClose => "TemporalTimeout:StartToClose",
            TimeoutType::Heartbeat => "TemporalTimeout:Heartbeat",
            TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose | TimeoutType::Unspecified => return false,
        };
        let policy = self.policy.as_ref();
        policy.is_some_and(|policy| policy.non_retryable_error_types.iter().any(|listed| listed == name))
    }

    /// `at most 8 attempts, backoff from 5 s, times 2, up to 60 s`.
    pub(super) fn policy_words(&self) -> String {
        let Some(policy) = &self.policy else {
            return "one attempt only, for there is no retry policy".to_owned();
        };
        let attempts = match self.maximum_attempts() {
            None => "any number of attempts".to_owned(),
            Some(1) => return "at most 1 attempt".to_owned(),
            Some(most) => format!("at most {most} attempts"),
        };
        let first = span(policy.initial_interval.as_ref());
        let most = span(policy.maximum_interval.as_ref());
        let mut backoff = format!("backoff from {first}");
        if policy.backoff_coefficient > 1.0 {
            backoff.push_str(&format!(", times {}", policy.backoff_coefficient));
            if !most.is_zero() {
                backoff.push_str(&format!(", up to {most}"));
            }
        }
        format!("{attempts}, {backoff}")
    }

    /// `start-to-close 30 s, no heartbeat timeout`.
    pub(super) fn limit_words(&self) -> String {
        let limits = [
            ("start-to-close", self.start_to_close),
            ("schedule-to-close", self.schedule_to_close),
            ("schedule-to-start", self.schedule_to_start),
        ];
        let set = limits.iter().filter(|(_, limit)| !limit.is_zero());
        let mut words: Vec<String> = set.map(|(name, limit)| format!("{name} {limit}")).collect();
        words.push(if self.heartbeat.is_zero() {
            "no heartbeat timeout".to_owned()
        } else {
            format!("heartbeat timeout {}", self.heartbeat)
        });
        words.join(", ")
    }
}

/// A limit by the name it has in Temporal's documentation.
pub(super) const fn limit_name(timeout: TimeoutType) -> &'static str {
    match timeout {
        TimeoutType::StartToClose => "start-to-close",
        TimeoutType::ScheduleToStart => "schedule-to-start",
        TimeoutType::ScheduleToClose => "schedule-to-close",
        TimeoutType::Heartbeat => "heartbeat timeout",
        TimeoutType::Unspecified => "a timeout",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::timestamp::duration;

    fn limits(attempts: i32, coefficient: f64) -> Limits {
        Limits {
            schedule_to_close: Span::ZERO,
            schedule_to_start: Span::ZERO,
            start_to_close: Span::secs(30),
            heartbeat: Span::ZERO,
            policy: Some(RetryPolicy {
                initial_interval: Some(duration(Span::secs(5))),
                backoff_coefficient: coefficient,
                maximum_interval: Some(duration(Span::secs(60))),
                maximum_attempts: attempts,
                non_retryable_error_types: vec!["TemporalTimeout:Heartbeat".to_owned()],
            }),
        }
    }

    #[test]
    fn a_policy_has_words() {
        let told = |attempts, coefficient| limits(attempts, coefficient).policy_words();
        assert_eq!(
            told(8, 2.0),
            "at most 8 attempts, backoff from 5 s, times 2, up to 60 s"
        );
        assert_eq!(told(0, 1.0), "any number of attempts, backoff from 5 s");
        assert_eq!(told(1, 2.0), "at most 1 attempt");
        assert_eq!(
            limits(0, 2.0).limit_words(),
            "start-to-close 30 s, no heartbeat timeout"
        );
    }

    #[test]
    fn absurd_policies_are_computed_all_the_same() {
        for coefficient in [f64::NAN, f64::INFINITY, -1.0, 0.0, 1.000_000_000_1] {
            let backoff = limits(-3, coefficient).backoff_after(u32::MAX);
            assert!(backoff <= Span::secs(60), "{coefficient}: {backoff}");
        }
        assert_eq!(limits(0, 2.0).backoff_after(3), Span::secs(20));
        assert_eq!(limits(-3, 2.0).maximum_attempts(), None);
        assert!(limits(0, 2.0).lists(TimeoutType::Heartbeat));
        assert!(!limits(0, 2.0).lists(TimeoutType::StartToClose));
    }
}
