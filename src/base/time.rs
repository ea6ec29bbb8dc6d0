//! The virtual clock's words: [`SimTime`] (a point) and [`Span`] (a distance), both in whole nanoseconds.
//!
//! Nobody here reads a clock. A run begins at [`SimTime::ZERO`], which stands for the fixed instant
//! [`EPOCH_SECONDS`] wherever a real date is wanted (event times in an exported history).

use std::fmt;
use std::ops::{Add, AddAssign, Sub};

use serde::{Deserialize, Serialize};

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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
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
    /// A point in time, as it is told everywhere: `0:03.210`, `1:03.210`, `26:01:03.210`, `3 d 02:01:03.210`. It always has
    /// a colon and thousandths; a [`Span`] has neither a colon nor a unit less. So no point is ever taken for a distance.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000_000;
        let (s, m, h) = (ms / 1_000 % 60, ms / 60_000 % 60, ms / 3_600_000);
        let ms = ms % 1_000;
        f.pad(&match h {
            0 => format!("{m}:{s:02}.{ms:03}"),
            1..48 => format!("{h}:{m:02}:{s:02}.{ms:03}"),
            _ => format!("{} d {:02}:{m:02}:{s:02}.{ms:03}", h / 24, h % 24),
        })
    }
}

impl fmt::Display for Span {
    /// A distance in time, as it is told everywhere: `320 ms`, `2.5 s`, `60 s`, `15 min`, `24 h`, `7 d 2 h`. It begins with
    /// the largest unit of which there are at least two, or with seconds; thousandths are the smallest part told, and no
    /// part is zero.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ms = self.0 / 1_000_000;
        if ms < 1_000 && !self.0.is_multiple_of(NANOS_PER_SECOND) {
            return f.pad(&format!("{ms} ms"));
        }
        let mut rest = ms;
        let mut parts: Vec<String> = Vec::new();
        for (unit, size) in [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000)] {
            let count = rest / size;
            if count >= if parts.is_empty() { 2 } else { 1 } {
                parts.push(format!("{count} {unit}"));
                rest %= size;
            }
        }
        let (s, fraction) = (rest / 1_000, rest % 1_000);
        if fraction > 0 {
            parts.push(format!("{s}.{} s", format!("{fraction:03}").trim_end_matches('0')));
        } else if s > 0 || parts.is_empty() {
            parts.push(format!("{s} s"));
        }
        f.pad(&parts.join(" "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn at(ms: u64, told: &str) {
        assert_eq!(SimTime(ms * 1_000_000).to_string(), told);
    }

    #[track_caller]
    fn lasts(ms: u64, told: &str) {
        assert_eq!(Span::millis(ms).to_string(), told);
    }

    #[test]
    fn a_point_in_time_has_one_spelling() {
        at(0, "0:00.000");
        at(3, "0:00.003");
        at(62_620, "1:02.620");
        at(3_599_999, "59:59.999");
        at(86_400_050, "24:00:00.050");
        at(172_799_999, "47:59:59.999");
        at(266_463_210, "3 d 02:01:03.210");
        assert_eq!(format!("{:>12}|", SimTime::ZERO), "    0:00.000|");
    }

    #[test]
    fn a_distance_in_time_has_one_spelling() {
        lasts(0, "0 s");
        assert_eq!(Span::micros(300).to_string(), "0 ms");
        lasts(320, "320 ms");
        lasts(2_500, "2.5 s");
        lasts(60_000, "60 s");
        lasts(119_999, "119.999 s");
        lasts(120_000, "2 min");
        lasts(125_050, "2 min 5.05 s");
        lasts(5_400_000, "90 min");
        lasts(86_400_000, "24 h");
        lasts(90_061_000, "25 h 1 min 1 s");
        lasts(180_000_000, "2 d 2 h");
    }
}
