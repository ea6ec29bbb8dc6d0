//! What a file says and this version of the protocol does not know: found by `reader.rs`, kept aside, put back on
//! writing.
//!
//! Only values that proto3 JSON takes for absent (`null`, `""`, `0`, `false`, `[]`) are not kept.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// Parts of events that this version does not know, by the event's position.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Kept {
    /// Each has the shape of its event, with nothing in it but what is kept; `null` stands for list entries of which
    /// nothing is.
    pub(super) events: BTreeMap<u32, Value>,
}

impl Kept {
    /// What is kept of the event at a position, counted from 0.
    pub fn of(&self, position: u32) -> Option<&Value> {
        self.events.get(&position)
    }
}

/// Something about a file that was read well and is still worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The file is one page of the Web UI's API: the history goes on.
    MorePages,
    /// An event holds something that this version of the protocol does not know.
    Unknown {
        /// Which event, counted from 1.
        event: u32,
        /// Paths of the unknown parts.
        fields: Vec<String>,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::MorePages => {
                write!(
                    f,
                    "This is one page of a longer history. For all of it: temporal workflow show --output json."
                )
            }
            Self::Unknown { event, fields } => {
                write!(
                    f,
                    "Event {event}: {} unknown here; kept, and written back as it came.",
                    fields.join(", ")
                )
            }
        }
    }
}

/// Whether proto3 JSON takes a value for absent.
pub(super) fn says_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::Number(n) => n.as_f64() == Some(0.0),
        Value::String(s) => s.is_empty() || s == "0" || s.ends_with("_UNSPECIFIED") || s == "Unspecified",
        Value::Array(items) => items.is_empty(),
        Value::Bool(true) | Value::Object(_) => false,
    }
}

/// `null` means "not set" in proto3 JSON, for every kind of field.
pub(super) fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, inner| !inner.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}

/// `event_id` to `eventId`.
pub(super) fn camel(snake: &str) -> String {
    let mut words = snake.split('_');
    let first = words.next().unwrap_or_default().to_owned();
    words.fold(first, |text, word| {
        let mut letters = word.chars();
        text + &letters
            .next()
            .map(|c| c.to_ascii_uppercase())
            .into_iter()
            .chain(letters)
            .collect::<String>()
    })
}

/// Adds what was kept to the canonical form.
pub(super) fn put_back(canonical: &mut Value, kept: &Value) {
    match (canonical, kept) {
        (Value::Object(canonical), Value::Object(kept)) => {
            for (key, value) in kept {
                let key = match camel(key) {
                    camel if !canonical.contains_key(key) && canonical.contains_key(&camel) => camel,
                    _ => key.clone(),
                };
                put_back(canonical.entry(key).or_insert(Value::Null), value);
            }
        }
        (Value::Array(canonical), Value::Array(kept)) => {
            canonical.iter_mut().zip(kept).for_each(|(c, k)| put_back(c, k))
        }
        (_, Value::Null) => {}
        (canonical, kept) => *canonical = kept.clone(),
    }
}

/// The paths of all that is kept of an event.
pub(super) fn paths(kept: &Value) -> Vec<String> {
    let mut found = Vec::new();
    paths_from(kept, &mut String::new(), &mut found);
    found
}

fn paths_from(kept: &Value, path: &mut String, found: &mut Vec<String>) {
    let mut within = |step: &str, inner: &Value| {
        let length = path.len();
        if !path.is_empty() {
            path.push('.');
        }
        path.push_str(step);
        paths_from(inner, path, found);
        path.truncate(length);
    };
    match kept {
        Value::Object(members) if !members.is_empty() => members.iter().for_each(|(key, inner)| within(key, inner)),
        Value::Array(items) if items.iter().any(Value::is_null) || items.iter().all(Value::is_object) => {
            items
                .iter()
                .enumerate()
                .filter(|(_, i)| !i.is_null())
                .for_each(|(i, inner)| within(&i.to_string(), inner));
        }
        _ => found.push(path.clone()),
    }
}
