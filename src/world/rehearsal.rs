//! What the activities `Rehearse`, `RehearseToo` and `RehearseThree` do: a pure function, so that a worker of the lab
//! (on the virtual clock) and one on a real cluster (which sleeps) do exactly the same.

use serde_json::Value;

use super::call::{ActivityError, Beats, OnCancel, Plan};
use crate::base::time::Span;
pub use crate::workflows::rehearsal::{Rehearsal, WhenCancelled};

/// The activity types that rehearse.
pub const ACTIVITY_TYPES: [&str; 3] = ["Rehearse", "RehearseToo", "RehearseThree"];

/// When things happen in this attempt, and what it returns at its end. `last_heartbeat` is the count that the attempts
/// before it have reported last, 0 if none.
pub fn rehearse(rehearsal: &Rehearsal, attempt: u32, last_heartbeat: u64) -> (Plan, Result<Value, ActivityError>) {
    let takes = Span::millis(rehearsal.takes_ms);
    let hangs = attempt <= rehearsal.hangs;
    let fails = !hangs && attempt <= rehearsal.hangs.saturating_add(rehearsal.fails);
    let cancel_takes = Span::millis(rehearsal.cancel_takes_ms);
    let plan = Plan {
        effect_after: takes,
        answer_after: (!hangs).then_some(takes),
        beats: (rehearsal.beats_every_ms > 0).then(|| Beats {
            every: Span::millis(rehearsal.beats_every_ms),
            times: (rehearsal.beats > 0).then(|| rehearsal.beats.into()),
            after: last_heartbeat,
        }),
        on_cancel: match rehearsal.when_cancelled {
            WhenCancelled::Ignore => OnCancel::GoesOn,
            WhenCancelled::Confirm => OnCancel::Confirms { after: cancel_takes },
            WhenCancelled::Fail => OnCancel::Fails {
                after: cancel_takes,
                error: error(rehearsal, format!("attempt {attempt} was cancelled and fails")),
            },
        },
    };
    let outcome = if fails {
        Err(error(rehearsal, format!("attempt {attempt} fails")))
    } else if rehearsal.returns.is_null() {
        Ok(attempt.into())
    } else {
        Ok(rehearsal.returns.clone())
    };
    (plan, outcome)
}

fn error(rehearsal: &Rehearsal, message: String) -> ActivityError {
    ActivityError {
        error_type: rehearsal.error_type.clone(),
        message,
        non_retryable: rehearsal.non_retryable,
        next_retry_delay: rehearsal.next_retry_delay_ms.map(Span::millis),
        details: Some(&rehearsal.error_details)
            .filter(|details| !details.is_null())
            .map(|details| Box::new(details.clone())),
    }
}
