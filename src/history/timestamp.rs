//! Where protobuf's times meet the lab's: [`Timestamp`] for `google.protobuf.Timestamp`, and durations to and from
//! [`Span`].
//!
//! The type is our own because of its JSON: Temporal's tools end a time in `Z`, the ready-made types in `+00:00`. It
//! stands in the generated messages wherever the protocol says Timestamp. Reading a clock is nobody's business here.

use std::fmt;

use chrono::{DateTime, SecondsFormat, Utc};
use prost_types::Duration;

use crate::base::time::{EPOCH_SECONDS, SimTime, Span};

const NANOS_PER_SECOND: u64 = 1_000_000_000;

/// `google.protobuf.Timestamp`: a point in UTC. Written as RFC 3339 with `Z` and 0, 3, 6 or 9 digits of a second;
/// read with any offset.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, prost::Message, serde::Serialize, serde::Deserialize)]
pub struct Timestamp {
    /// Seconds since the Unix epoch.
    #[prost(int64, tag = "1")]
    pub seconds: i64,
    /// Nanoseconds of that second, 0 to 999,999,999.
    #[prost(int32, tag = "2")]
    pub nanos: i32,
}

impl Timestamp {
    /// The date of a virtual time.
    pub fn of(at: SimTime) -> Self {
        Self {
            seconds: EPOCH_SECONDS.saturating_add_unsigned(at.0 / NANOS_PER_SECOND),
            nanos: i32::try_from(at.0 % NANOS_PER_SECOND).expect("a part of a second fits"),
        }
    }

    /// The distance from an earlier point; zero if `earlier` is later.
    pub fn since(self, earlier: Self) -> Span {
        let nanos = self.nanos_since_epoch() - earlier.nanos_since_epoch();
        Span(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
    }

    /// This long after it.
    pub fn plus(self, span: Span) -> Self {
        let nanos = self.nanos_since_epoch() + i128::from(span.0);
        let per_second = i128::from(NANOS_PER_SECOND);
        Self {
            seconds: i64::try_from(nanos.div_euclid(per_second)).unwrap_or(i64::MAX),
            nanos: i32::try_from(nanos.rem_euclid(per_second)).expect("a part of a second fits"),
        }
    }

    /// The virtual time of this date; zero for a date before the run's beginning.
    pub fn sim_time(self) -> SimTime {
        SimTime::ZERO + self.since(Self::of(SimTime::ZERO))
    }

    fn nanos_since_epoch(self) -> i128 {
        i128::from(self.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(self.nanos)
    }
}

impl From<SimTime> for Timestamp {
    fn from(at: SimTime) -> Self {
        Self::of(at)
    }
}

/// A protobuf duration as a distance in virtual time; nothing at all (Temporal's "not set") and negative ones are zero.
pub fn span(duration: Option<&Duration>) -> Span {
    let Some(d) = duration else { return Span::ZERO };
    let nanos = i128::from(d.seconds) * i128::from(NANOS_PER_SECOND) + i128::from(d.nanos);
    Span(u64::try_from(nanos.max(0)).unwrap_or(u64::MAX))
}

/// A distance in virtual time as a protobuf duration.
pub fn duration(span: Span) -> Duration {
    Duration {
        seconds: i64::try_from(span.0 / NANOS_PER_SECOND).expect("2⁶⁴ nanoseconds are 585 years"),
        nanos: i32::try_from(span.0 % NANOS_PER_SECOND).expect("a part of a second fits"),
    }
}

impl fmt::Display for Timestamp {
    /// RFC 3339; times that a calendar has no words for are shown in seconds.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.rfc3339() {
            Some(text) => f.write_str(&text),
            None => write!(f, "{} s", self.seconds),
        }
    }
}

impl Timestamp {
    /// A date in RFC 3339, with any offset; nothing for other text.
    pub fn parse(text: &str) -> Option<Self> {
        let date = DateTime::parse_from_rfc3339(text).ok()?;
        let nanos = date.timestamp_subsec_nanos().min(999_999_999);
        let timestamp = Self {
            seconds: date.timestamp(),
            nanos: i32::try_from(nanos).ok()?,
        };
        timestamp.date().map(|_| timestamp)
    }

    /// As protobuf's JSON has it; nothing if it is no date.
    pub(super) fn rfc3339(self) -> Option<String> {
        self.date()
            .map(|date| date.to_rfc3339_opts(SecondsFormat::AutoSi, true))
    }

    /// The date, within the years 1 to 9999 that protobuf allows.
    fn date(self) -> Option<DateTime<Utc>> {
        const YEARS_1_TO_9999: std::ops::RangeInclusive<i64> = -62_135_596_800..=253_402_300_799;
        let nanos = u32::try_from(self.nanos)
            .ok()
            .filter(|n| u64::from(*n) < NANOS_PER_SECOND)?;
        YEARS_1_TO_9999
            .contains(&self.seconds)
            .then(|| DateTime::from_timestamp(self.seconds, nanos))?
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, seconds: i64, nanos: i32, canonical: &str) {
        let timestamp = Timestamp { seconds, nanos };
        assert_eq!(Timestamp::parse(text), Some(timestamp), "{text}");
        assert_eq!(timestamp.rfc3339().as_deref(), Some(canonical));
    }

    #[test]
    fn reads_any_offset_and_writes_z_with_as_many_digits_as_needed() {
        check("1970-01-01T00:00:00Z", 0, 0, "1970-01-01T00:00:00Z");
        check(
            "1970-01-01T01:00:00.5+01:00",
            0,
            500_000_000,
            "1970-01-01T00:00:00.500Z",
        );
        check(
            "1970-01-01T00:00:01.000250-00:00",
            1,
            250_000,
            "1970-01-01T00:00:01.000250Z",
        );
        check("1970-01-01T00:00:01.000000007Z", 1, 7, "1970-01-01T00:00:01.000000007Z");
        check("0001-01-01T00:00:00Z", -62_135_596_800, 0, "0001-01-01T00:00:00Z");
    }

    #[test]
    fn refuses_what_is_no_date() {
        for text in [
            "",
            "yesterday",
            "2026-13-01T00:00:00Z",
            "2026-01-01",
            "0000-12-31T23:59:59Z",
        ] {
            assert_eq!(Timestamp::parse(text), None, "{text}");
        }
        let (seconds, nanos) = (i64::MAX, 0);
        assert_eq!(Timestamp { seconds, nanos }.rfc3339(), None);
    }

    #[test]
    fn virtual_time_survives_the_way_through_a_date() {
        for at in [SimTime::ZERO, SimTime(1), SimTime(63_400_000_001)] {
            assert_eq!(Timestamp::of(at).sim_time(), at);
        }
        assert_eq!(Timestamp::of(SimTime::ZERO).to_string(), "2026-01-01T00:00:00Z");
        assert_eq!(Timestamp::of(SimTime(5)).since(Timestamp::of(SimTime(7))), Span::ZERO);
        assert_eq!(span(Some(&duration(Span(1_000_000_007)))), Span(1_000_000_007));
    }
}
