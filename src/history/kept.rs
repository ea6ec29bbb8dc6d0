//! What a file says and this version of the protocol does not know: found by `reader.rs`, kept aside, put back on
//! writing.
//!
//! Only values that proto3 JSON takes for absent (`null`, `""`, `0`, `false`, `[]`) are not kept.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

use super::enums::short_name;
use super::location::Location;

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

    /// All of it as JSON in a text.
    pub(crate) fn to_text(&self) -> String {
        serde_json::to_string(&self.events).expect("what came as JSON is JSON")
    }

    /// The same, read back.
    pub(crate) fn from_text(text: &str) -> Result<Self, serde_json::Error> {
        serde_json::from_str(text).map(|events| Self { events })
    }

    /// Keeps that of the event at a position.
    pub(crate) fn keep(&mut self, position: u32, unknown: Value) {
        self.events.insert(position, unknown);
    }

    /// The name of the event's type at a position, if this version does not know it: short, where the file spells it out.
    pub fn type_name(&self, position: u32) -> Option<String> {
        let event = self.of(position)?;
        let name = event.get("eventType").or_else(|| event.get("event_type"))?;
        Some(match name.as_str() {
            Some(name) => short_name(name).unwrap_or_else(|| name.to_owned()),
            None => format!("type {name}"),
        })
    }

    /// The attributes of the event at a position, if this version does not know its type.
    pub fn attributes(&self, position: u32) -> Option<&Value> {
        let members = self.of(position)?.as_object()?;
        let found = members.iter().find(|(name, _)| {
            let name = camel(name);
            name.ends_with("EventAttributes")
        });
        found.map(|(_, attributes)| attributes)
    }
}

/// Something about a file that was read well and is still worth telling.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Note {
    /// The file is one page of a longer history.
    MorePages {
        /// The last event that is there.
        after: i64,
    },
    /// The file ends in the middle.
    CutOff {
        /// The last event that is there in full.
        after: i64,
        /// Where the file ends.
        location: Location,
    },
    /// The newest event came first.
    NewestFirst,
    /// The events came in no order.
    Reordered,
    /// Some events stood in the file twice, as in pages that overlap.
    Repeated {
        /// How many were left out.
        events: u32,
    },
    /// Two different events have the same id.
    SameId {
        /// Which.
        id: i64,
    },
    /// Events are not in the file.
    Missing {
        /// The first of them.
        first: i64,
        /// The last.
        last: i64,
    },
    /// More gaps than are named.
    MoreMissing {
        /// How many.
        gaps: u32,
    },
    /// Several texts in one file, one after the other, were put together.
    Joined {
        /// How many.
        parts: u32,
    },
    /// The Web UI's download with the setting "readable".
    Readable {
        /// The first event with a payload in plain text, counted from 1.
        event: u32,
    },
    /// The form that the old Web UI exported.
    OldWebUi,
    /// The form that the Rust SDK's `WorkflowHistory::to_json` writes.
    RustSdk,
    /// Cadence's spelling.
    Cadence,
    /// An event holds something that this version of the protocol does not know.
    Unknown {
        /// Which event, counted from 1.
        event: u32,
        /// Paths of the unknown parts.
        fields: Vec<String>,
    },
    /// An event is of a type that this version of the protocol does not know.
    UnknownType {
        /// Which event, counted from 1.
        event: u32,
        /// The type, by the name in the file.
        name: String,
        /// The Service says that a worker may pass it over.
        ignorable: bool,
    },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        const WHOLE: &str = "For all of it: temporal workflow show --output json.";
        match self {
            Self::MorePages { after } => write!(
                f,
                "This is one page of a longer history: events after {after} are missing, and nothing is concluded from its \
                 end. {WHOLE}"
            ),
            Self::CutOff { after, location } => write!(
                f,
                "The file ends in the middle, at {location}: events after {after} are missing, and nothing is concluded \
                 from its end. {WHOLE}"
            ),
            Self::NewestFirst => write!(f, "The newest event came first: put in order."),
            Self::Reordered => write!(
                f,
                "The events came in another order than that of their ids: put in order."
            ),
            Self::Repeated { events } => {
                let (s, were) = if *events == 1 { ("", "was") } else { ("s", "were") };
                write!(f, "{events} event{s} stood there twice and {were} taken once.")
            }
            Self::SameId { id } => write!(
                f,
                "Two different events have the id {id}: the file was put together from different runs, or changed by hand."
            ),
            Self::Missing { first, last } if first == last => write!(f, "Event {first} is missing. {WHOLE}"),
            Self::Missing { first, last } => write!(f, "Events {first} to {last} are missing. {WHOLE}"),
            Self::MoreMissing { gaps } => write!(f, "And there are {gaps} more such gaps."),
            Self::Joined { parts } => write!(f, "The file holds {parts} parts, which were put together."),
            Self::Readable { event } => write!(
                f,
                "From event {event} on the payloads are plain text: this is the Web UI's \"readable\" download, made for \
                 people. It can be looked at in full, and cannot be replayed. For that, download it with \"encoded\" or \
                 \"decoded\"."
            ),
            Self::OldWebUi => write!(
                f,
                "This is an export of the old Web UI: its attributes were put where Temporal has them."
            ),
            Self::RustSdk => write!(
                f,
                "This is the Rust SDK's private form (`WorkflowHistory::to_json`), which no other Temporal tool reads: it was \
                 put into Temporal's."
            ),
            Self::Cadence => write!(
                f,
                "This is spelled as in Cadence, from which Temporal came: decisions are read as workflow tasks, task lists as \
                 task queues, reasons as failures."
            ),
            Self::Unknown { event, fields } => {
                write!(
                    f,
                    "Event {event}: {} unknown here; kept, and written back as it came.",
                    fields.join(", ")
                )
            }
            Self::UnknownType { event, name, ignorable } => {
                let may = if *ignorable {
                    "a worker may ignore it"
                } else {
                    "a worker that does not know it cannot go on"
                };
                write!(
                    f,
                    "Event {event}: its type {name} is unknown here; {may}. Kept, and written back as it came."
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
