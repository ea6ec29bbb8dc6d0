//! What makes no sense in a plan. Plans come from outside, from a guest; an attempt whose plan makes none fails and says so.

use super::outside::{ActivityError, Plan};
use super::spec::MAX_TIME;
use crate::base::time::Span;

/// Nothing in an attempt takes longer: so long may a run last.
const LONGEST: Span = Span(MAX_TIME.0);

/// What an attempt fails with whose plan makes no sense: a retry would get the same.
pub(super) fn failure(activity_type: &str, plan: &Plan) -> Option<ActivityError> {
    let why = nonsense(plan)?;
    Some(ActivityError {
        error_type: "InvalidPlan".to_owned(),
        message: format!("the plan for {activity_type} makes no sense: {why}"),
        non_retryable: true,
        next_retry_delay: None,
        details: None,
    })
}

fn nonsense(plan: &Plan) -> Option<&'static str> {
    if plan.beats.is_some_and(|beats| beats.every.is_zero()) {
        return Some("it reports progress without any time between two reports");
    }
    if let Some(parts) = plan.parts {
        if parts.count == 0 {
            return Some("its work is done in no parts");
        }
        let before_the_last = parts.every.0.checked_mul(parts.count - 1);
        if before_the_last.is_none_or(|before| before > plan.effect_after.0) {
            return Some("its first part is done before it begins");
        }
    }
    match plan.answer_after {
        Some(answer_after) if answer_after < plan.effect_after => Some("it answers before its work is done"),
        Some(answer_after) if answer_after > LONGEST => Some("it takes longer than a hundred years"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sim::outside::{Beats, Parts};

    fn plan(effect_s: u64, answer_s: u64) -> Plan {
        Plan::simple(Span::secs(effect_s), Span::secs(answer_s))
    }

    #[track_caller]
    fn says(plan: Plan, expected: &str) {
        let error = failure("Ship", &plan).unwrap();
        assert!(error.non_retryable);
        assert_eq!(error.message, format!("the plan for Ship makes no sense: {expected}"));
    }

    fn parts(every_s: u64, count: u64) -> Option<Parts> {
        let every = Span::secs(every_s);
        Some(Parts { every, count })
    }

    #[test]
    fn what_cannot_be_is_told() {
        says(plan(3, 2), "it answers before its work is done");
        says(
            plan(0, u64::MAX / 1_000_000_000),
            "it takes longer than a hundred years",
        );
        let no_parts = Plan {
            parts: parts(1, 0),
            ..plan(2, 2)
        };
        says(no_parts, "its work is done in no parts");
        for (every, count) in [(2, 3), (u64::MAX / 1_000_000_000, 9)] {
            let early = Plan {
                parts: parts(every, count),
                ..plan(3, 5)
            };
            says(early, "its first part is done before it begins");
        }
        let restless = Plan {
            beats: Some(Beats {
                every: Span::ZERO,
                times: None,
                after: 0,
            }),
            ..plan(1, 1)
        };
        says(restless, "it reports progress without any time between two reports");
    }

    #[test]
    fn what_is_odd_and_possible_is_not() {
        let hangs = Plan {
            answer_after: None,
            ..plan(1, 1)
        };
        let at_once = Plan {
            parts: parts(0, 9),
            ..plan(0, 0)
        };
        let to_the_start = Plan {
            parts: parts(1, 4),
            ..plan(3, 3)
        };
        for plan in [plan(0, 0), hangs, at_once, to_the_start] {
            assert_eq!(failure("Ship", &plan), None, "{plan:?}");
        }
    }
}
