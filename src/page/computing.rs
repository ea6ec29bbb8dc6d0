//! Working things out in slices of time, so that the page never stands still.

use gloo_timers::future::TimeoutFuture;

use super::engine::{Catalogue, Recorder, RunSpec};
use super::recorded::Recorded;

/// How long a slice may take before the browser gets its turn, in milliseconds: a frame at 60 Hz has 16.
const SLICE_MS: f64 = 12.0;
/// Steps between two looks at the clock: few, for a step of a busy world may take a millisecond.
const STEPS_A_LOOK: u32 = 4;

/// Works a run out, telling `progress` after each slice how many steps are done. `None` once nobody has `wanted` it any
/// more.
///
/// # Errors
///
/// If there is no such run, with the reason.
pub async fn work_out(
    catalogue: Catalogue,
    spec: &RunSpec,
    shown: u32,
    progress: impl Fn(u32),
    wanted: impl Fn() -> bool,
) -> Result<Option<Recorded>, String> {
    let sim = catalogue.sim(spec).map_err(|why| why.to_string())?;
    let mut recorder = Recorder::showing(sim, shown);
    let mut steps = 0;
    while !slice(|n| recorder.advance(n), &mut steps) {
        progress(steps);
        TimeoutFuture::new(0).await;
        if !wanted() {
            return Ok(None);
        }
    }
    Ok(Some(Recorded::new(recorder.finish())))
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
