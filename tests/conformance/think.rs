//! Workflow code that takes long over a task: the simulated worker is told so, a real one really sleeps.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sagascope::base::probe;
use sagascope::base::time::Span;
use temporalio_workflow::WorkflowContext;

static REAL: AtomicBool = AtomicBool::new(false);

/// From now on, thinking takes real time.
pub(crate) fn for_real() {
    REAL.store(true, Ordering::Relaxed);
}

/// Computes for so long, unless the code is being replayed.
pub(crate) fn think<W>(ctx: &WorkflowContext<W>, millis: u64) {
    if ctx.is_replaying() {
        return;
    }
    if REAL.load(Ordering::Relaxed) {
        std::thread::sleep(Duration::from_millis(millis));
    } else {
        probe::hold(Span::millis(millis));
    }
}
