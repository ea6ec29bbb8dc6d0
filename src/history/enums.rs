//! The names of Temporal's enums: full ones, short ones (`Sticky`, in files of older tools and for people), and the
//! numbers behind both.
//!
//! What becomes of a value without a name, or a name without a value, is for `reader.rs` and `writer.rs` to say.

use super::proto::TimeoutType;
use super::table::{ENUMS, Enum};

impl Enum {
    /// The full name of a value.
    pub(super) fn name(&self, number: u64) -> Option<&'static str> {
        let name = self.names.get(usize::try_from(number).ok()?)?;
        (!name.is_empty()).then_some(name)
    }

    /// The value that has this name, full or short.
    pub(super) fn number(&self, name: &str) -> Option<u64> {
        let find = |full: &str| {
            (0..)
                .zip(self.names)
                .find(|(_, other)| **other == full && !full.is_empty())
        };
        let found = match name.starts_with(self.prefix) {
            true => find(name),
            false => find(&(self.prefix.to_owned() + &upper_snake(name))),
        };
        found.map(|(number, _)| number)
    }
}

/// The short name of an activity's limit, as the server words it in failures and metrics.
pub(crate) fn timeout_name(kind: TimeoutType) -> &'static str {
    match kind {
        TimeoutType::Unspecified => "Unspecified",
        TimeoutType::StartToClose => "StartToClose",
        TimeoutType::ScheduleToStart => "ScheduleToStart",
        TimeoutType::ScheduleToClose => "ScheduleToClose",
        TimeoutType::Heartbeat => "Heartbeat",
    }
}

/// `TimerFired` to `TIMER_FIRED`.
fn upper_snake(short: &str) -> String {
    let mut name = String::new();
    for c in short.chars() {
        if c.is_ascii_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

/// `RETRY_STATE_IN_PROGRESS` to `InProgress`, by the longest prefix of any enum that it has; nothing for other text.
pub(crate) fn short_name(name: &str) -> Option<String> {
    let prefixes = ENUMS.iter().map(|of| of.prefix);
    let prefix = prefixes.filter(|p| name.starts_with(p)).max_by_key(|p| p.len())?;
    let words = &name[prefix.len()..];
    let plain = !words.is_empty()
        && words
            .chars()
            .all(|c| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_');
    plain.then(|| {
        words
            .split('_')
            .map(|w| w[..1.min(w.len())].to_owned() + &w[1.min(w.len())..].to_lowercase())
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: Enum = Enum {
        prefix: "SIZE_",
        names: &["SIZE_SMALL", "", "SIZE_VERY_LARGE"],
    };

    #[test]
    fn values_have_full_and_short_names() {
        assert_eq!(SIZE.name(0), Some("SIZE_SMALL"));
        assert_eq!(SIZE.name(2), Some("SIZE_VERY_LARGE"));
        for (name, value) in [
            ("SIZE_SMALL", 0),
            ("Small", 0),
            ("SIZE_VERY_LARGE", 2),
            ("VeryLarge", 2),
        ] {
            assert_eq!(SIZE.number(name), Some(value), "{name}");
        }
    }

    #[test]
    fn other_numbers_and_names_are_unknown() {
        assert_eq!([SIZE.name(1), SIZE.name(3), SIZE.name(u64::MAX)], [None, None, None]);
        for name in ["", "-", "SIZE_", "SIZE_-", "SIZE_MEDIUM", "Large", "SIZE"] {
            assert_eq!(SIZE.number(name), None, "{name}");
        }
    }

    #[test]
    fn full_names_are_shortened() {
        assert_eq!(short_name("RETRY_STATE_IN_PROGRESS").as_deref(), Some("InProgress"));
        assert_eq!(
            short_name("TIMEOUT_TYPE_START_TO_CLOSE").as_deref(),
            Some("StartToClose")
        );
        assert_eq!(short_name("RETRY_STATE_of mind"), None);
        assert_eq!(short_name("hello"), None);
    }
}
