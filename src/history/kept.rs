//! What a file says and this version of the protocol does not know: found, kept aside, put back on writing.
//!
//! Found by comparing an event with what is written of it again, so that it needs no list of what is known. Only values
//! that proto3 JSON takes for absent (`null`, `""`, `0`, `false`, `[]`) are not kept.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::{Map, Value};

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

/// What the canonical form of an event no longer says of its original; in the shape of the original, `null` standing
/// for list entries that say nothing more.
pub(super) fn beyond(original: &Value, canonical: Option<&Value>) -> Option<Value> {
    match (original, canonical) {
        (Value::Object(original), Some(Value::Object(canonical))) => {
            let more = original.iter().filter_map(|(key, value)| {
                let same = canonical.get(key).or_else(|| canonical.get(&camel(key)));
                beyond(value, same).map(|more| (key.clone(), more))
            });
            let more: Map<String, Value> = more.collect();
            (!more.is_empty()).then_some(Value::Object(more))
        }
        (Value::Array(original), Some(Value::Array(canonical))) => {
            let more = original
                .iter()
                .zip(canonical)
                .map(|(o, c)| beyond(o, Some(c)).unwrap_or_default());
            let more: Vec<Value> = more.collect();
            more.iter().any(|m| !m.is_null()).then_some(Value::Array(more))
        }
        // A list of enums shows its unknown values as unspecified, where a field would be absent.
        (_, Some(Value::String(name))) if name.ends_with("_UNSPECIFIED") => {
            let says_so = original == name || original == 0 || original == "Unspecified";
            (!says_so).then(|| original.clone())
        }
        (_, Some(_)) => None,
        (Value::Null, None) => None,
        (Value::Bool(false), None) => None,
        (Value::Number(n), None) => (n.as_f64() != Some(0.0)).then(|| original.clone()),
        (Value::String(s), None) => {
            let absent = s.is_empty() || s == "0" || s.ends_with("_UNSPECIFIED") || s == "Unspecified";
            (!absent).then(|| original.clone())
        }
        (Value::Array(items), None) => (!items.is_empty()).then(|| original.clone()),
        (Value::Bool(true) | Value::Object(_), None) => Some(original.clone()),
    }
}

/// `event_id` to `eventId`.
fn camel(snake: &str) -> String {
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
