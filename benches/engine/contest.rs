//! Measuring: contestants that do the same work take turns, and the quickest turn of each counts. What disturbs the
//! machine disturbs all of them, and no quickest turn is quicker than the work.

use std::time::Duration;

/// One who does the work: does it once, and says how long that took.
pub(crate) type Turn<'a> = Box<dyn FnMut() -> Duration + 'a>;

/// How many turns everybody gets at least, unless they take longer than that, and for how long there are more.
const TURNS: u32 = 5;
const TURNS_LAST: Duration = Duration::from_secs(30);
const TURNS_MAX: u32 = 200;
const PATIENCE: Duration = Duration::from_millis(1_500);

/// Lets all take turns; the quickest of each, in their order.
pub(crate) fn contest(contestants: &mut [Turn<'_>]) -> Vec<Duration> {
    let mut quickest = vec![Duration::MAX; contestants.len()];
    let mut spent = Duration::ZERO;
    for turn in 0..TURNS_MAX {
        if (turn >= TURNS && spent > PATIENCE) || spent > TURNS_LAST {
            break;
        }
        for (best, contestant) in quickest.iter_mut().zip(contestants.iter_mut()) {
            let took = contestant();
            spent += took;
            *best = took.min(*best);
        }
    }
    quickest
}

/// Does something once, and says how long it took.
pub(crate) fn timed<T>(work: impl FnOnce() -> T) -> Duration {
    let began = now();
    let done = work();
    let took = now().saturating_sub(began);
    std::hint::black_box(done);
    took
}

/// The same for something that is waited for; and what came of it.
#[cfg(feature = "cluster")]
pub(crate) async fn timed_async<T>(work: impl Future<Output = T>) -> (Duration, T) {
    let began = now();
    let done = work.await;
    (now().saturating_sub(began), done)
}

#[cfg(not(target_arch = "wasm32"))]
fn now() -> Duration {
    use std::sync::LazyLock;
    use std::time::Instant;
    static BEGINNING: LazyLock<Instant> = LazyLock::new(Instant::now);
    BEGINNING.elapsed()
}

#[cfg(target_arch = "wasm32")]
fn now() -> Duration {
    use wasm_bindgen::prelude::wasm_bindgen;
    #[wasm_bindgen]
    extern "C" {
        #[wasm_bindgen(js_namespace = performance)]
        fn now() -> f64;
    }
    Duration::from_secs_f64(now() / 1_000.0)
}
