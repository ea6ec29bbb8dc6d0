//! What the activities `Rehearse`, `RehearseToo` and `RehearseThree` do: a pure function, so that a worker of the lab
//! (on the virtual clock) and one on a real cluster (which sleeps) do exactly the same.

use serde_json::Value;

use super::activities::{Activity, Course};
use crate::base::time::Span;
pub use crate::catalogue::workflows::rehearsal::{Rehearsal, WhenCancelled};
use crate::sim::outside::{ActivityError, Beats, Call, OnCancel, Plan};

/// The activities that rehearse.
pub(super) const ACTIVITIES: &[Activity] = &[activity("Rehearse"), activity("RehearseToo"), activity("RehearseThree")];

const fn activity(type_name: &'static str) -> Activity {
    Activity {
        type_name,
        system: None,
        course: Course::Planned(|call| Ok(rehearsed(call)?.0)),
        perform: |_, _, call| rehearsed(call)?.1,
    }
}

fn rehearsed(call: &Call) -> Result<(Plan, Result<Value, ActivityError>), ActivityError> {
    let last_heartbeat = call.last_heartbeat.as_u64().unwrap_or(0);
    Ok(rehearse(&call.decode()?, call.attempt, last_heartbeat))
}

/// When things happen in this attempt, and what it returns at its end. `last_heartbeat` is the count that the attempts
/// before it have reported last, 0 if none.
pub fn rehearse(rehearsal: &Rehearsal, attempt: u32, last_heartbeat: u64) -> (Plan, Result<Value, ActivityError>) {
    let takes = Span::millis(rehearsal.takes_ms);
    let hangs = attempt <= rehearsal.hangs;
    let fails = !hangs && attempt <= rehearsal.hangs.saturating_add(rehearsal.fails);
    let cancel_takes = Span::millis(rehearsal.cancel_takes_ms);
    let plan = Plan {
        effect_after: takes,
        parts: None,
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
