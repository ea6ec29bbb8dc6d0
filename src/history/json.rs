//! Histories as JSON: Temporal's canonical form (proto3 JSON, as `temporal workflow show --output json` prints it) out,
//! that form and its relatives in.
//!
//! [`read`] takes the CLI's form, the Web UI's (wrapped in `history`), a bare array of events, enums by short names
//! (older tools) or numbers, int64 as numbers, snake_case names, `null` for "not set". What it cannot use it explains:
//! every [`ReadError`] says what the text is and what to do.
//!
//! Nothing is lost on the way: fields, enum values and whole events of types that this version of the protocol does not
//! know are [`Kept`] aside, and [`ReadHistory::write`] puts them back. What stands beside the events is not kept.

use serde_json::{Map, Value};

use super::kept::{paths, put_back};
use super::place::{Place, Step, dotted, locate, too_deep};
use super::proto::{ActivityTaskFailedEventAttributes, Attributes, Failure, History, HistoryEvent};
use super::{reader, writer};

pub use super::kept::{Kept, Note};
pub use super::read_error::ReadError;

/// The largest text that is read: about 38,000 ordinary events as the CLI indents them, 55,000 without indentation.
pub const MAX_BYTES: u64 = 20 << 20;
/// The deepest nesting that is read: a chain of some fifty causes in a failure.
pub const MAX_DEPTH: u32 = 64;
/// The Service's own limit: it terminates a workflow whose history grows beyond.
pub const MAX_EVENTS: u32 = 51_200;

/// A history that was read, and what came with it.
#[derive(Clone, Debug, PartialEq)]
pub struct ReadHistory {
    /// The events.
    pub history: History,
    /// What this version does not know and will write back.
    pub kept: Kept,
    /// What the reader of the file should be told.
    pub notes: Vec<Note>,
}

impl ReadHistory {
    /// The history as canonical JSON, with all that was [`Kept`].
    pub fn write(&self) -> String {
        text(&self.history, &self.kept)
    }
}

/// Reads a history in any of its JSON forms.
pub fn read(text: &str) -> Result<ReadHistory, ReadError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let bytes = u64::try_from(text.len()).unwrap_or(u64::MAX);
    if bytes > MAX_BYTES {
        return Err(ReadError::TooLarge { bytes });
    }
    if text.trim().is_empty() {
        return Err(ReadError::Empty);
    }
    if let Some(place) = too_deep(text, MAX_DEPTH) {
        return Err(ReadError::TooDeep { place });
    }
    let whole: Value = serde_json::from_str(text).map_err(|e| not_json(&e))?;
    let Source {
        events,
        path,
        more_pages,
    } = find_events(whole)?;
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    match count {
        0 => return Err(ReadError::NoEvents),
        1..=MAX_EVENTS => {}
        _ => return Err(ReadError::TooManyEvents { events: count }),
    }

    let mut read = ReadHistory {
        history: History {
            events: Vec::with_capacity(events.len()),
        },
        kept: Kept::default(),
        notes: Vec::from_iter(more_pages.then_some(Note::MorePages)),
    };
    for (position, mut value) in (0..).zip(events) {
        drop_nulls(&mut value);
        let (event, unknown) = read_event(&value).map_err(|failed| failed.at(text, &path, position))?;
        if let Some(kept) = unknown {
            let fields = paths(&kept);
            read.notes.push(Note::Unknown {
                event: position + 1,
                fields,
            });
            read.kept.events.insert(position, kept);
        }
        read.history.events.push(event);
    }
    Ok(read)
}

/// The history as canonical JSON, indented by two spaces, as `temporal workflow show --output json` prints it.
///
/// # Panics
///
/// If an enum has a number that the protocol does not, or a time is outside of the years 1 to 9999. No text reads as such a history: whoever made it has a bug.
pub fn write(history: &History) -> String {
    text(history, &Kept::default())
}

fn text(history: &History, kept: &Kept) -> String {
    let events = (0..).zip(&history.events).map(|(position, event): (u32, _)| {
        let mut value = event_value(event);
        if let Some(kept) = kept.of(position) {
            put_back(&mut value, kept);
        }
        value
    });
    let events: Vec<Value> = events.collect();
    let mut members = Map::new();
    if !events.is_empty() {
        members.insert("events".to_owned(), events.into());
    }
    pretty(&Value::Object(members))
}

/// One event as canonical JSON text, indented by two spaces. Panics as [`write`] does.
pub fn event_text(event: &HistoryEvent) -> String {
    pretty(&event_value(event))
}

/// One event as canonical JSON. Panics as [`write`] does.
pub fn event_value(event: &HistoryEvent) -> Value {
    writer::event(event)
}

/// A failure as canonical JSON. Panics as [`write`] does.
pub fn failure_value(failure: &Failure) -> Value {
    let attributes = ActivityTaskFailedEventAttributes {
        failure: Some(failure.clone()),
        ..Default::default()
    };
    let event = HistoryEvent {
        attributes: Some(Attributes::ActivityTaskFailedEventAttributes(attributes)),
        ..Default::default()
    };
    event_value(&event)["activityTaskFailedEventAttributes"]["failure"].take()
}

fn pretty(value: &Value) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can be printed")
}

/// Where the events of a file are.
struct Source {
    events: Vec<Value>,
    /// The way to them from the top.
    path: Vec<Step>,
    more_pages: bool,
}

fn find_events(whole: Value) -> Result<Source, ReadError> {
    let key = |key: &str| Step::Key(key.to_owned());
    let found = match whole {
        Value::Array(events) => {
            return Ok(Source {
                events,
                path: Vec::new(),
                more_pages: false,
            });
        }
        Value::Object(mut top) => {
            let token = top.get("nextPageToken").or_else(|| top.get("next_page_token"));
            let more_pages = token.and_then(Value::as_str).is_some_and(|token| !token.is_empty());
            let (mut inner, mut path) = match top.remove("history") {
                Some(Value::Object(inner)) => (inner, vec![key("history")]),
                _ => (top, Vec::new()),
            };
            match inner.remove("events") {
                Some(Value::Array(events)) => {
                    path.push(key("events"));
                    return Ok(Source {
                        events,
                        path,
                        more_pages,
                    });
                }
                Some(_) => "\"events\" that is not a list".to_owned(),
                None if inner.is_empty() => "an empty object".to_owned(),
                None => {
                    let keys: Vec<_> = inner.keys().take(5).map(|k| format!("{k:?}")).collect();
                    format!("an object with {}", keys.join(", "))
                }
            }
        }
        Value::Null => "null".to_owned(),
        Value::Bool(_) => "a yes or no".to_owned(),
        Value::Number(_) => "a number".to_owned(),
        Value::String(_) => "a string".to_owned(),
    };
    Err(ReadError::NotAHistory { found })
}

fn not_json(error: &serde_json::Error) -> ReadError {
    let number = |n: usize| u32::try_from(n).unwrap_or(u32::MAX);
    let place = Place {
        line: number(error.line()),
        column: number(error.column()),
    };
    let message = error.to_string();
    let why = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(why, _)| why)
        .to_owned();
    ReadError::NotJson { place, why }
}

/// Why an event could not be read, before its place in the text is looked up.
enum Failed {
    RustSdkForm,
    Readable(Vec<Step>),
    Field(Vec<Step>, String),
}

impl Failed {
    fn at(self, text: &str, to_events: &[Step], position: u32) -> ReadError {
        let event = position + 1;
        let place = |path: &[Step]| locate(text, &[to_events, &[Step::Index(position)], path].concat());
        match self {
            Self::RustSdkForm => ReadError::RustSdkForm,
            Self::Readable(path) => ReadError::ReadableExport {
                event,
                place: place(&path),
            },
            Self::Field(path, why) => ReadError::Event {
                event,
                field: dotted(&path),
                place: place(&path),
                why,
            },
        }
    }
}

/// An event, and what is unknown in it.
fn read_event(value: &Value) -> Result<(HistoryEvent, Option<Value>), Failed> {
    // Canonical events have no such field: their attributes' name is that of the type.
    if value.get("attributes").is_some() && value.get("event_id").is_some() {
        return Err(Failed::RustSdkForm);
    }
    if let Some(path) = plain_payload(value) {
        return Err(Failed::Readable(path));
    }
    reader::event(value).map_err(|misread| {
        let (path, why) = misread.into_parts();
        Failed::Field(path, why)
    })
}

/// The way to a payload that is not encoded: its data, or the name of its encoding, is in plain text.
fn plain_payload(value: &Value) -> Option<Vec<Step>> {
    let within = |step: Step, inner: &Value| {
        plain_payload(inner).map(|mut path| {
            path.insert(0, step);
            path
        })
    };
    match value {
        Value::Object(members) => {
            let encoding = members.get("metadata").and_then(|m| m.get("encoding"));
            if let Some(encoding) = encoding {
                let plain_encoding = encoding
                    .as_str()
                    .is_some_and(|e| e.starts_with("json/") || e.starts_with("binary/"));
                let plain_data = members.get("data").is_some_and(|data| !data.is_string());
                if plain_encoding || plain_data {
                    return Some(Vec::new());
                }
            }
            if members
                .get("payloads")
                .and_then(Value::as_array)
                .is_some_and(|all| all.iter().any(|p| !p.is_object()))
            {
                return Some(vec![Step::Key("payloads".to_owned())]);
            }
            members
                .iter()
                .find_map(|(key, inner)| within(Step::Key(key.clone()), inner))
        }
        Value::Array(items) => (0..)
            .zip(items)
            .find_map(|(index, inner)| within(Step::Index(index), inner)),
        _ => None,
    }
}

/// `null` means "not set" in proto3 JSON, for every kind of field.
fn drop_nulls(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.retain(|_, inner| !inner.is_null());
            members.values_mut().for_each(drop_nulls);
        }
        Value::Array(items) => items.iter_mut().for_each(drop_nulls),
        _ => {}
    }
}
