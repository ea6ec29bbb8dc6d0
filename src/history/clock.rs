//! Between the virtual clock's words and the ones histories use: timestamps and durations.

use super::proto::{Duration, Timestamp};
use crate::base::time::{EPOCH_SECONDS, SimTime, Span};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The instant that a point in virtual time stands for.
pub fn timestamp(at: SimTime) -> Timestamp {
    let (seconds, nanos) = split(at.0);
    Timestamp { seconds: EPOCH_SECONDS + seconds, nanos }
}

/// The point in virtual time of one of our own timestamps; instants before the run began are its beginning.
pub fn sim_time(at: &Timestamp) -> SimTime {
    SimTime(join(at.seconds - EPOCH_SECONDS, at.nanos))
}

/// A span as histories write it.
pub fn duration(span: Span) -> Duration {
    let (seconds, nanos) = split(span.0);
    Duration { seconds, nanos }
}

/// The span of a duration; absent or negative ones are zero, which is what Temporal takes them for.
pub fn span(duration: Option<&Duration>) -> Span {
    duration.map_or(Span::ZERO, |d| Span(join(d.seconds, d.nanos)))
}

fn split(nanos: u64) -> (i64, i32) {
    let seconds = i64::try_from(nanos / NANOS_PER_SECOND).expect("2^64 ns are fewer than 2^63 s");
    let rest = i32::try_from(nanos % NANOS_PER_SECOND).expect("a rest below 10^9 fits");
    (seconds, rest)
}

fn join(seconds: i64, nanos: i32) -> u64 {
    let seconds = u64::try_from(seconds).unwrap_or(0);
    let nanos = u64::try_from(nanos).unwrap_or(0);
    seconds.saturating_mul(NANOS_PER_SECOND).saturating_add(nanos)
}
