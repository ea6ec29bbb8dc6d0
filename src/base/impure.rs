//! What the standard library and the crate `rand` offer and workflow code must not use: the machine's clock and its
//! dice. Here for the workflows that use them all the same, to show what breaks.
//!
//! They stand in for the real ones. The real clock panics in wasm32, and a lab that reads it could tell no story twice.
//! So who runs workflow code says before each time what the machine would show ([`show`]). On a real worker nobody does,
//! and the real ones are asked, if somebody has brought them ([`bring`]); this layer has none.
//!
//! Nothing here knows of histories. A replay meets another time and another throw, as it would on any machine: that is
//! the point, and the difference to the SDK's `ctx.workflow_time()` and `ctx.random()`.

use std::cell::Cell;
use std::sync::OnceLock;
use std::time::Duration;

use super::chance::Chance;
use super::time::{EPOCH_SECONDS, SimTime};

/// The time since the Unix epoch, and a number that nobody could have foreseen.
type Seen = (Duration, u64);

thread_local! {
    static SHOWN: Cell<Option<Seen>> = const { Cell::new(None) };
}

static REAL: OnceLock<fn() -> Seen> = OnceLock::new();

/// From now on, on this thread, the clock shows this time, and how the dice fall follows from `luck`.
pub fn show(now: SimTime, luck: u64) {
    let epoch = Duration::from_secs(EPOCH_SECONDS.unsigned_abs());
    SHOWN.set(Some((epoch + Duration::from_nanos(now.0), luck)));
}

/// What to ask where nobody has said what is shown. The first to bring something is heard.
pub fn bring(real: fn() -> (Duration, u64)) {
    let _ = REAL.set(real);
}

fn seen() -> Seen {
    let real = || REAL.get().map(|real| real());
    SHOWN.get().or_else(real).unwrap_or_default()
}

/// The machine's clock: the time since the Unix epoch, as `SystemTime::now()` would tell it.
pub fn wall_clock() -> Duration {
    seen().0
}

/// A throw of the machine's dice, from 1 to 6, as `rand::random_range(1..=6)` would give it.
pub fn dice() -> u32 {
    let (now, luck) = seen();
    if SHOWN.get().is_some() {
        SHOWN.set(Some((now, Chance::new(luck).draw("the next throw", &[]))));
    }
    u32::try_from(luck % 6).unwrap_or_default() + 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    #[test]
    fn the_clock_shows_what_was_said_and_the_dice_fall_by_luck() {
        show(SimTime::ZERO + Span::secs(5), 7);
        assert_eq!(wall_clock().as_secs(), EPOCH_SECONDS.unsigned_abs() + 5);
        let throws: Vec<u32> = (0..20).map(|_| dice()).collect();
        assert!(throws.iter().all(|throw| (1..=6).contains(throw)), "{throws:?}");
        assert!(throws.iter().any(|throw| *throw != throws[0]), "{throws:?}");
        show(SimTime::ZERO, 7);
        assert_eq!(dice(), throws[0]);
    }
}
