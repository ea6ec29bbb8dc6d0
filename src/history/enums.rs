//! How Temporal's enums are read from JSON: as full names, short names (`Sticky`, in files of older tools) or numbers.
//! `writer.rs` writes them.
//!
//! A value this version does not know is read as the enum's zero; `json.rs` then keeps the original aside, so that it
//! is written back as it came.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserializer, Error, Unexpected, Visitor};

/// What the generated enums have in common.
pub(crate) trait ProtoEnum: Sized + Default + TryFrom<i32> {
    /// What all its names begin with: `EVENT_TYPE_`.
    const PREFIX: &'static str;
    /// The value with this full name.
    fn named(name: &str) -> Option<Self>;
}

/// Lets a generated enum be read from JSON.
macro_rules! proto_enum {
    ($enum:ty, $prefix:literal) => {
        impl $crate::history::enums::ProtoEnum for $enum {
            const PREFIX: &'static str = $prefix;
            fn named(name: &str) -> Option<Self> {
                Self::from_str_name(name)
            }
        }
        impl<'de> serde::Deserialize<'de> for $enum {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                $crate::history::enums::read(deserializer)
            }
        }
    };
}
pub(crate) use proto_enum;

/// Reads any form of an enum.
pub(crate) fn read<'de, E: ProtoEnum, D: Deserializer<'de>>(deserializer: D) -> Result<E, D::Error> {
    struct AnyForm<E>(PhantomData<E>);
    impl<E: ProtoEnum> Visitor<'_> for AnyForm<E> {
        type Value = E;
        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "a name such as \"{}…\", or its number", E::PREFIX)
        }
        fn visit_str<X: Error>(self, name: &str) -> Result<E, X> {
            Ok(E::named(name)
                .or_else(|| E::named(&full_name(E::PREFIX, name)))
                .unwrap_or_default())
        }
        fn visit_u64<X: Error>(self, number: u64) -> Result<E, X> {
            let number = i32::try_from(number).map_err(|_| X::invalid_value(Unexpected::Unsigned(number), &self))?;
            Ok(E::try_from(number).unwrap_or_default())
        }
        fn visit_i64<X: Error>(self, number: i64) -> Result<E, X> {
            let number = i32::try_from(number).map_err(|_| X::invalid_value(Unexpected::Signed(number), &self))?;
            Ok(E::try_from(number).unwrap_or_default())
        }
    }
    deserializer.deserialize_any(AnyForm(PhantomData))
}

/// `EVENT_TYPE_` and `TimerFired` to `EVENT_TYPE_TIMER_FIRED`.
fn full_name(prefix: &str, short: &str) -> String {
    let mut name = prefix.to_owned();
    for (i, c) in short.char_indices() {
        if c.is_ascii_uppercase() && i > 0 {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    name
}

/// `RETRY_STATE_IN_PROGRESS` to `InProgress`, by the longest prefix of any enum that it has; nothing for other text.
pub(super) fn short_name(name: &str) -> Option<String> {
    let prefixes = super::proto::PREFIXES;
    let prefix = prefixes
        .iter()
        .filter(|p| name.starts_with(**p))
        .max_by_key(|p| p.len())?;
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
    use super::super::proto::{EventType, TaskQueueKind};
    use super::*;

    #[track_caller]
    fn check(json: serde_json::Value, expected: EventType) {
        assert_eq!(
            serde_json::from_value::<EventType>(json.clone()).unwrap(),
            expected,
            "{json}"
        );
    }

    #[test]
    fn every_form_is_read() {
        check("EVENT_TYPE_TIMER_FIRED".into(), EventType::TimerFired);
        check("TimerFired".into(), EventType::TimerFired);
        check(18.into(), EventType::TimerFired);
        check("EVENT_TYPE_OF_NEXT_YEAR".into(), EventType::Unspecified);
        check(4_711.into(), EventType::Unspecified);
        check((-1).into(), EventType::Unspecified);
        assert_eq!(
            serde_json::from_str::<TaskQueueKind>(r#""Sticky""#).unwrap(),
            TaskQueueKind::Sticky
        );
        assert!(serde_json::from_str::<EventType>("true").is_err());
        assert!(serde_json::from_str::<EventType>("99999999999").is_err());
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
