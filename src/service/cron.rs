//! Cron schedules: when the next run of a chain is due, in UTC.
//!
//! Five fields (minute, hour, day of month, month, day of week), a name for them such as `@daily`, or `@every 5s`. The
//! rules are those of the library that the real Service reads them with (robfig/cron 3, `ParseStandard`); only its
//! time zones are left out, and a schedule with one is refused.

use crate::base::time::{EPOCH_SECONDS, SimTime, Span};

const MINUTE: i64 = 60;
const DAY: i64 = 24 * 60 * MINUTE;

/// After so many days without a match the search is given up.
const HORIZON: i64 = 5 * 366;

/// Stands in a field beside its values if it was `*` or `?`.
const STAR: u64 = 1 << 63;

/// A schedule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Schedule {
    /// At whole minutes that match all fields; each is a set of values, one bit for each.
    Fields {
        /// 0 to 59.
        minutes: u64,
        /// 0 to 23.
        hours: u64,
        /// 1 to 31.
        days: u64,
        /// 1 to 12.
        months: u64,
        /// 0 (Sunday) to 6.
        weekdays: u64,
    },
    /// This many seconds after the time before, at least one.
    Every(i64),
}

/// How long a schedule lets its first run wait; nothing without a schedule.
pub(super) fn first_wait(cron_schedule: &str, now: SimTime) -> Result<Span, &'static str> {
    if cron_schedule.is_empty() {
        return Ok(Span::ZERO);
    }
    let schedule = Schedule::parse(cron_schedule).ok_or("invalid CronSchedule.")?;
    schedule
        .wait(now, now)
        .ok_or("invalid CronSchedule, no time can be found to satisfy the schedule")
}

/// What a field may say: the least and the greatest value, and names for them from the least on.
struct Field(u64, u64, &'static str);

const MINUTES: Field = Field(0, 59, "");
const HOURS: Field = Field(0, 23, "");
const DAYS: Field = Field(1, 31, "");
const MONTHS: Field = Field(1, 12, "jan feb mar apr may jun jul aug sep oct nov dec");
const WEEKDAYS: Field = Field(0, 6, "sun mon tue wed thu fri sat");

impl Schedule {
    /// Reads a schedule; `None` if it is none.
    pub fn parse(text: &str) -> Option<Self> {
        let text = match text {
            "@yearly" | "@annually" => "0 0 1 1 *",
            "@monthly" => "0 0 1 * *",
            "@weekly" => "0 0 * * 0",
            "@daily" | "@midnight" => "0 0 * * *",
            "@hourly" => "0 * * * *",
            _ => text,
        };
        if let Some(wait) = text.strip_prefix("@every ") {
            return Some(Self::Every(seconds(wait)?.max(1)));
        }
        let mut fields = text.split_whitespace();
        let mut next = |field| fields.next().and_then(|text| values(text, &field));
        let schedule = Self::Fields {
            minutes: next(MINUTES)?,
            hours: next(HOURS)?,
            days: next(DAYS)?,
            months: next(MONTHS)?,
            weekdays: next(WEEKDAYS)?,
        };
        fields.next().is_none().then_some(schedule)
    }

    /// How long a run has to wait at `now`, in whole seconds, where the time before was `last`. `None` if no time ever
    /// matches. Times that have been missed are left out.
    pub fn wait(self, last: SimTime, now: SimTime) -> Option<Span> {
        if now < last {
            return Some(round_up(last.since(now)));
        }
        let first = self.after(last)?;
        let next = match self {
            _ if first >= now => first,
            // As often as it takes, at once: there may be billions of them.
            Self::Every(wait) => {
                let wait = Span::secs(1).0.checked_mul(u64::try_from(wait).ok()?)?;
                let missed = now.since(first).0.div_ceil(wait);
                SimTime(first.0.checked_add(missed.checked_mul(wait)?)?)
            }
            Self::Fields { .. } => self.after(SimTime(now.0 - 1))?,
        };
        Some(round_up(next.since(now)))
    }

    /// The first time after `at`; `None` also if the clock does not reach so far.
    fn after(self, at: SimTime) -> Option<SimTime> {
        let second = EPOCH_SECONDS + i64::try_from(at.0 / Span::secs(1).0).ok()?;
        let next = match self {
            Self::Every(wait) => second.checked_add(wait)?,
            Self::Fields { .. } => self.minute_from((second / MINUTE + 1) * MINUTE)?,
        };
        let seconds = u64::try_from(next - EPOCH_SECONDS).ok()?;
        Span::secs(1).0.checked_mul(seconds).map(SimTime)
    }

    /// The first matching minute from `start` on, both in seconds since 1970.
    fn minute_from(self, start: i64) -> Option<i64> {
        let Self::Fields { minutes, hours, .. } = self else {
            return None;
        };
        let today = start.div_euclid(DAY);
        for day in today..today + HORIZON {
            if !self.matches_day(day) {
                continue;
            }
            let first = if day == today {
                start.rem_euclid(DAY) / MINUTE
            } else {
                0
            };
            let matching = (first..DAY / MINUTE).find(|minute| has(hours, minute / 60) && has(minutes, minute % 60));
            if let Some(minute) = matching {
                return Some(day * DAY + minute * MINUTE);
            }
        }
        None
    }

    /// Where both kinds of days are restricted, one of them is enough.
    fn matches_day(self, day: i64) -> bool {
        let Self::Fields {
            days, months, weekdays, ..
        } = self
        else {
            return false;
        };
        let (month, day_of_month) = month_and_day(day);
        // 1970 began on a Thursday.
        let (by_date, by_weekday) = (has(days, day_of_month), has(weekdays, (day + 4).rem_euclid(7)));
        let day_matches = if (days | weekdays) & STAR == 0 {
            by_date || by_weekday
        } else {
            by_date && by_weekday
        };
        has(months, month) && day_matches
    }
}

fn has(set: u64, value: i64) -> bool {
    set >> value & 1 == 1
}

fn round_up(span: Span) -> Span {
    let second = Span::secs(1).0;
    Span(span.0.div_ceil(second).saturating_mul(second))
}

/// The values of a field: a list of `*`, `5`, `5-9`, each perhaps with a step.
fn values(text: &str, field: &Field) -> Option<u64> {
    let parts = text.split(',').filter(|part| !part.is_empty());
    parts
        .map(|part| range(part, field))
        .try_fold(0, |all, part| Some(all | part?))
}

fn range(text: &str, field: &Field) -> Option<u64> {
    let Field(min, max, _) = *field;
    let (bounds, step) = match text.split_once('/') {
        Some((bounds, step)) => (bounds, Some(step.parse().ok()?)),
        None => (text, None),
    };
    let (low, high, star) = match bounds.split_once('-') {
        _ if bounds == "*" || bounds == "?" => (min, max, STAR),
        Some((low, high)) => (value(low, field)?, value(high, field)?, 0),
        // A single value with a step goes on to the end.
        None => {
            let low = value(bounds, field)?;
            (low, if step.is_some() { max } else { low }, 0)
        }
    };
    let step: u64 = step.unwrap_or(1);
    if low < min || high > max || low > high || step == 0 {
        return None;
    }
    let star = if step > 1 { 0 } else { star };
    let values = (low..=high).filter(|value| (value - low).is_multiple_of(step));
    Some(values.fold(star, |set, value| set | 1 << value))
}

fn value(text: &str, &Field(min, _, names): &Field) -> Option<u64> {
    let mut names = names.split(' ');
    let named = names.position(|name| !name.is_empty() && name.eq_ignore_ascii_case(text));
    match named {
        Some(nth) => Some(min + u64::try_from(nth).ok()?),
        None => text.parse().ok(),
    }
}

/// A duration as Go reads it: `1h30m`, `2.5s`, `-3s`, `0`; whole seconds, cut. `None` if it is longer than the 292 years
/// that Go can count in nanoseconds.
fn seconds(text: &str) -> Option<i64> {
    let positive = text.strip_prefix('-');
    let mut rest = positive.unwrap_or_else(|| text.strip_prefix('+').unwrap_or(text));
    if rest == "0" {
        return Some(0);
    }
    if rest.is_empty() {
        return None;
    }
    let mut nanos: u64 = 0;
    while !rest.is_empty() {
        let digits = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
        let (number, from_unit) = rest.split_at(digits);
        let unit = from_unit.find(|c: char| c.is_ascii_digit() || c == '.');
        let (unit, next) = from_unit.split_at(unit.unwrap_or(from_unit.len()));
        let length: u64 = match unit {
            "ns" => 1,
            "us" | "µs" | "μs" => 1_000,
            "ms" => 1_000_000,
            "s" => 1_000_000_000,
            "m" => 60_000_000_000,
            "h" => 3_600_000_000_000,
            _ => return None,
        };
        let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
        let has_digits = !whole.is_empty() || !fraction.is_empty();
        let is_number = has_digits && !fraction.contains('.');
        let whole: u64 = match whole {
            "" if is_number => 0,
            _ if is_number => whole.parse().ok()?,
            _ => return None,
        };
        nanos = nanos.checked_add(whole.checked_mul(length)?)?;
        nanos = nanos.checked_add(part(fraction, length))?;
        rest = next;
    }
    let seconds = i64::try_from(nanos).ok()? / 1_000_000_000;
    Some(if positive.is_some() { -seconds } else { seconds })
}

/// So much of a unit as these digits after the point say; more of them than a nanosecond needs are not looked at.
fn part(digits: &str, unit: u64) -> u64 {
    let digits = &digits[..digits.len().min(18)];
    let scale = digits.bytes().fold(1, |scale, _| scale * 10_u128);
    let value = digits.parse::<u128>().unwrap_or(0);
    u64::try_from(u128::from(unit) * value / scale).unwrap_or(u64::MAX)
}

/// Month and day of the month of a day since 1970 (Howard Hinnant's `civil_from_days`).
fn month_and_day(day: i64) -> (i64, i64) {
    let day_of_era = (day + 719_468).rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    (month, day_of_month)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs begin on Thursday, 2026-01-01, at midnight.
    #[track_caller]
    fn check(schedule: &str, last: u64, now: u64, seconds: Option<u64>) {
        let at = |seconds| SimTime::ZERO + Span::secs(seconds);
        let wait = Schedule::parse(schedule).expect(schedule).wait(at(last), at(now));
        assert_eq!(wait, seconds.map(Span::secs), "{schedule}");
    }

    #[test]
    fn the_next_time_is_after_the_last() {
        const HOUR: u64 = 3_600;
        const A_DAY: u64 = 24 * HOUR;
        check("* * * * *", 0, 0, Some(60));
        check("* * * * *", 59, 59, Some(1));
        check("*/15 * * * *", 0, 1, Some(899));
        check("5/20 * * * *", 0, 0, Some(300));
        check("30 9-17 * * mon-fri", 0, 0, Some(9 * HOUR + 1_800));
        check("0 0 * * 0", 0, 0, Some(3 * A_DAY));
        check("@weekly", 0, 0, Some(3 * A_DAY));
        check("@daily", 0, 0, Some(A_DAY));
        check("@hourly", HOUR - 1, HOUR - 1, Some(1));
        check("0 0 31 * *", 0, 0, Some(30 * A_DAY));
        check("0 0 1 FEB ?", 0, 0, Some(31 * A_DAY));
        check("@yearly", 0, 0, Some(365 * A_DAY));
        // The 31st or a Friday.
        check("0 0 31 * 5", 0, 0, Some(A_DAY));
        // The 31st, if it is a Friday: only with a star in one of the two.
        check("0 0 */2 * 5", 0, 0, Some(A_DAY));
        check("0 0 29 2 *", 0, 0, Some((365 * 2 + 31 + 28) * A_DAY));
        check("0 0 30 2 *", 0, 0, None);
    }

    #[test]
    fn times_that_were_missed_are_left_out() {
        check("@every 10s", 0, 0, Some(10));
        check("@every 10s", 0, 25, Some(5));
        check("@every 10s", 0, 30, Some(0));
        check("@every 10s", 30, 5, Some(25));
        check("@every 1m30s", 0, 0, Some(90));
        check("@every 10ms", 0, 0, Some(1));
        let at = SimTime::ZERO + Span::millis(1_500);
        let wait = Schedule::Every(10).wait(at, at);
        assert_eq!(wait, Some(Span::secs(10)), "from the whole second, rounded up");
    }

    /// Go's `time.Duration` ends after 292 years, our clock after 584.
    #[test]
    fn no_schedule_overflows_or_counts_for_ever() {
        const CENTURIES: u64 = 290 * 365 * 24 * 3_600;
        check("@every 1s", 0, CENTURIES, Some(0));
        check("@every 7s", 0, CENTURIES, Some((7 - CENTURIES % 7) % 7));
        check("* * * * *", 0, CENTURIES, Some(0));
        check("* * * * *", 0, CENTURIES + 1, Some(59));
        check("@every 2562047h47m16s", 0, 0, Some(9_223_372_036));
        check("@every 2562047h", 2 * CENTURIES, 2 * CENTURIES, None);
        check("@every 2562047h", 1, 2 * CENTURIES - 1, Some(155_858_402));
        check("@every 0.0000000000000000000000001h", 0, 0, Some(1));
        check("@every -5s", 0, 0, Some(1));
        check("@every +90s", 0, 0, Some(90));
        check("@every 0", 0, 0, Some(1));
        check("@every 1.5h", 0, 0, Some(5_400));
        check("*/5000000000 * * * *", 0, 0, Some(3_600));
        let end = SimTime(u64::MAX);
        let weekly = Schedule::parse("@weekly").unwrap();
        assert_eq!([weekly.wait(end, end), Schedule::Every(1).wait(end, end)], [None, None]);
        assert_eq!(
            weekly.wait(end, SimTime::ZERO),
            Some(Span(u64::MAX)),
            "rounded up to what there is"
        );
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for text in [
            "",
            "* * * *",
            "* * * * * *",
            "60 * * * *",
            "* 24 * * *",
            "* * 0 * *",
            "* * * 13 *",
            "* * * * 7",
            "5-1 * * * *",
            "*/0 * * * *",
            "1-2-3 * * * *",
            "a * * * *",
            "@never",
            "@every",
            "@every ",
            "@every 5",
            "@every s",
            "@every 5d",
            "@every .s",
            "@every 1.2.3s",
            "@every --5s",
            "@every 2562048h",
            "@every 99999999999999999999h",
            "TZ=Asia/Tokyo 0 0 * * *",
            "-1 * * * *",
        ] {
            assert_eq!(Schedule::parse(text), None, "{text:?}");
        }
    }
}
