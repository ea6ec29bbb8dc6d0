//! The virtual clock's words: [`SimTime`] (a point) and [`Span`] (a distance), both in whole nanoseconds.
//!
//! Nobody here reads a clock. A run begins at [`SimTime::ZERO`], which stands for the fixed instant
//! [`EPOCH_SECONDS`] wherever a real date is wanted (event times in an exported history).

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

/// Seconds from the Unix epoch to the beginning of every run: 2026-01-01T00:00:00Z. A fixed date, so that the same
/// run always exports the same history.
pub const EPOCH_SECONDS: i64 = 1_767_225_600;

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// The units in which spans are spelled, largest first, with their nanoseconds.
pub const UNITS: [(&str, u64); 6] = [
    ("h", 3_600 * NANOS_PER_SECOND),
    ("m", 60 * NANOS_PER_SECOND),
    ("s", NANOS_PER_SECOND),
    ("ms", 1_000_000),
    ("us", 1_000),
    ("ns", 1),
];

/// A point in virtual time: nanoseconds since the run began.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SimTime(pub u64);

/// A distance in virtual time, in nanoseconds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Span(pub u64);

impl SimTime {
    /// Where every run begins.
    pub const ZERO: Self = Self(0);

    /// The distance from an earlier point; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }

    /// Seconds since the run began, for drawing only.
    #[expect(clippy::cast_precision_loss, reason = "a picture does not need the last nanosecond")]
    pub fn as_secs_f64(self) -> f64 {
        self.0 as f64 / NANOS_PER_SECOND as f64
    }
}

impl Span {
    /// No distance at all.
    pub const ZERO: Self = Self(0);

    /// Whole seconds.
    pub const fn secs(n: u64) -> Self {
        Self(n * NANOS_PER_SECOND)
    }

    /// Whole milliseconds.
    pub const fn millis(n: u64) -> Self {
        Self(n * 1_000_000)
    }

    /// Whole microseconds.
    pub const fn micros(n: u64) -> Self {
        Self(n * 1_000)
    }

    /// True for a zero distance, Temporal's "not set".
    pub const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// Seconds, for drawing only.
    pub fn as_secs_f64(self) -> f64 {
        SimTime(self.0).as_secs_f64()
    }

    /// To the second from two minutes on, to the minute from two hours on: for where there is little room to tell it.
    pub const fn rounded(self) -> Self {
        let to = match self.0 / NANOS_PER_SECOND {
            ..120 => return self,
            120..7_200 => NANOS_PER_SECOND,
            _ => 60 * NANOS_PER_SECOND,
        };
        Self((self.0 + to / 2) / to * to)
    }

    /// Reads `12s`, `1500ms`, `24h`, `1h30m`: whole numbers, each with one of [`UNITS`].
    pub fn parse(text: &str) -> Option<Self> {
        let (mut rest, mut total) = (text, 0_u64);
        while !rest.is_empty() {
            let (number, more) = rest.split_at(rest.find(|c: char| !c.is_ascii_digit())?);
            let end = more.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(more.len());
            let (unit, more) = more.split_at(end);
            let (_, nanos) = UNITS.iter().find(|(name, _)| *name == unit)?;
            total = total.checked_add(number.parse::<u64>().ok()?.checked_mul(*nanos)?)?;
            rest = more;
        }
        (!text.is_empty()).then_some(Self(total))
    }

    /// As [`Self::parse`] reads it, in the largest unit that gives a whole number: `12s`, `90m`.
    pub fn spelled(self) -> String {
        let fits = |(_, nanos): &&(&str, u64)| self.0 != 0 && self.0.is_multiple_of(*nanos);
        let (unit, nanos) = UNITS.iter().find(fits).unwrap_or(&UNITS[2]);
        format!("{}{unit}", self.0 / nanos)
    }
}

impl Add<Span> for SimTime {
    type Output = Self;
    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl AddAssign<Span> for SimTime {
    fn add_assign(&mut self, span: Span) {
        *self = *self + span;
    }
}

impl Add for Span {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Span {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl fmt::Display for SimTime {
    /// `00:01:03.210`: hours, minutes, seconds and milliseconds since the run began.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000_000;
        let (h, m, s, ms) = (ms / 3_600_000, ms / 60_000 % 60, ms / 1_000 % 60, ms % 1_000);
        write!(f, "{h:02}:{m:02}:{s:02}.{ms:03}")
    }
}

impl fmt::Display for Span {
    /// `60 s`, `2.5 s`, `320 ms`: at most three digits after the point, none that are zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000_000;
        if ms < 1_000 && !self.0.is_multiple_of(NANOS_PER_SECOND) {
            return write!(f, "{ms} ms");
        }
        let (s, rest) = (ms / 1_000, ms % 1_000);
        if rest == 0 {
            write!(f, "{s} s")
        } else {
            write!(f, "{s}.{} s", format!("{rest:03}").trim_end_matches('0'))
        }
    }
}
