//! Working things out in slices of time, so that the page never stands still.

use std::rc::Rc;

use gloo_timers::future::TimeoutFuture;

use super::engine::{Catalogue, Past, Recorder, RunSpec};
use super::recorded::Recorded;

/// How long a slice may take before the browser gets its turn, in milliseconds: a frame at 60 Hz has 16.
const SLICE_MS: f64 = 12.0;
/// Steps between two looks at the clock: a step of a busy world may take a millisecond, and the first of its kind longer,
/// since browsers compile a function when it is called for the first time.
const STEPS_A_LOOK: u32 = 1;

/// A run that was recorded, and what it takes to record others that begin as it did.
pub type Known = (Recorded, Rc<Past>);

/// Works a run out, with workflow run number `shown` to be looked at, telling `progress` after each slice how many steps
/// are done. What it has in common with a `known` run of the same story and seed is taken from there. `None` once nobody
/// has `wanted` it any more.
///
/// # Errors
///
/// If there is no such run, with the reason.
pub async fn work_out(
    catalogue: Catalogue,
    spec: &RunSpec,
    known: Option<Known>,
    shown: u32,
    progress: impl Fn(u32),
    wanted: impl Fn() -> bool,
) -> Result<Option<Known>, String> {
    // Whoever asked is in the middle of something.
    rest().await;
    let recorder = match known {
        Some((run, past)) => past.fork(&run, spec.choices.clone()),
        None => catalogue.sim(spec).map(Recorder::of),
    };
    let mut recorder = recorder.map_err(|why| why.to_string())?;
    while !slice(|n| recorder.advance(n), &mut 0) {
        progress(recorder.steps());
        rest().await;
        if !wanted() {
            return Ok(None);
        }
    }
    let (recording, past) = recorder.finish_and_keep();
    rest().await;
    Ok(Some((Recorded::new(recording, shown, rest).await, Rc::new(past))))
}

/// Lets the browser have its turn.
pub async fn rest() {
    TimeoutFuture::new(0).await;
}

/// Lets something take steps for a slice of time, and counts them. True once it is done.
pub fn slice(mut advance: impl FnMut(u32) -> bool, steps: &mut u32) -> bool {
    let begun = js_sys::Date::now();
    while js_sys::Date::now() - begun < SLICE_MS {
        *steps += STEPS_A_LOOK;
        if advance(STEPS_A_LOOK) {
            return true;
        }
    }
    false
}
