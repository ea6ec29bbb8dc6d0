//! Histories as JSON: Temporal's canonical form (proto3 JSON, as `temporal workflow show --output json` prints it) out,
//! that form and its relatives in.
//!
//! [`read`] takes the CLI's form, the Web UI's (wrapped in `history`), a bare array of events, one event a line, pages one
//! after the other, enums by short names (older tools) or numbers, int64 as numbers, snake_case names, `null` for "not
//! set"; other tools' forms are put right by `forms`, the order by `order`. What it cannot use it explains: every
//! [`ReadError`] says what the text is and what to do. What was done to a file to read it, its [`Note`]s say.
//!
//! Nothing is lost on the way: fields, enum values and whole events of types that this version of the protocol does not
//! know are [`Kept`] aside, and [`ReadHistory::write`] puts them back. What stands beside the events is not kept.

use std::borrow::Cow;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor};
use serde::ser::{Serialize, SerializeMap as _, Serializer};
use serde_json::Value;

use super::forms;
use super::kept::{drop_nulls, paths, put_back};
use super::location::{Location, Step, dotted, end, locate, too_deep};
use super::order::put_in_order;
use super::proto::{
    ActivityTaskFailedEventAttributes, Attributes, EventType, Failure, History, HistoryEvent, event_name,
};
use super::reader::{Misread, Reader};
use super::writer;

pub use super::kept::{Kept, Note};
pub use super::read_error::ReadError;

/// The largest text that is read. Nothing that the Service lets grow is larger: 51,200 ordinary events are 27 MB as the CLI
/// indents them, and 50 MiB of payloads are 67 MB in base64.
pub const MAX_BYTES: u64 = 96 << 20;
/// The deepest nesting that is read: a chain of some fifty causes in a failure.
pub const MAX_DEPTH: u32 = 64;
/// The longest history that is read. The Service ends a run whose history has grown beyond 51,200 events, but only after
/// whatever the workflow task that did it wrote.
pub const MAX_EVENTS: u32 = 65_536;

/// A history that was read, and what came with it.
#[derive(Clone, Debug, Default, PartialEq)]
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

    /// Puts the events in the order of their ids, and notes what that took.
    pub(super) fn put_in_order(&mut self) -> Result<(), ReadError> {
        let Self { history, kept, notes } = self;
        put_in_order(&mut history.events, kept, notes).map_err(|histories| ReadError::SeveralHistories { histories })
    }

    /// Whether the file goes to where the history had got: from its end something can be concluded.
    pub fn is_complete(&self) -> bool {
        !self
            .notes
            .iter()
            .any(|note| matches!(note, Note::MorePages { .. } | Note::CutOff { .. }))
    }

    /// Why it cannot be replayed, though it can be looked at; `None` if it can.
    pub fn not_for_replay(&self) -> Option<&Note> {
        self.notes
            .iter()
            .find(|note| matches!(note, Note::Readable { .. } | Note::Missing { .. } | Note::SameId { .. }))
    }

    /// The id of the last event; 0 if there is none.
    pub fn last_id(&self) -> i64 {
        self.history.events.last().map_or(0, |event| event.event_id)
    }

    /// The name of an event's type, also of one that this version does not know; `position` counts from 0.
    pub fn type_name(&self, position: u32) -> Cow<'static, str> {
        let event = self.history.events.get(position as usize);
        let known = event.map_or(EventType::Unspecified, HistoryEvent::event_type);
        match self.kept.type_name(position) {
            Some(name) if known == EventType::Unspecified => Cow::Owned(name),
            _ => Cow::Borrowed(event_name(known)),
        }
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
    if let Some(location) = too_deep(text, MAX_DEPTH) {
        return Err(ReadError::TooDeep { location });
    }
    let mut read = at_once(text).map_or_else(|| thoroughly(text), Ok)?;
    read.put_in_order()?;
    let after = read.last_id();
    for note in &mut read.notes {
        if let Note::MorePages { after: last } | Note::CutOff { after: last, .. } = note {
            *last = after;
        }
    }
    Ok(read)
}

/// Reads a text in which all is as it should be, in one pass: event after event, with nothing else kept of it.
fn at_once(text: &str) -> Option<ReadHistory> {
    let mut reading = Reading::default();
    let mut json = serde_json::Deserializer::from_str(text);
    Outside(Layer::Top, &mut reading).deserialize(&mut json).ok()?;
    json.end().ok()?;
    let Reading { read, .. } = reading;
    (!read.history.events.is_empty()).then_some(read)
}

/// Reads a text in which something is wrong, or that is made in a way that nobody makes: as a tree, which takes many times
/// longer and more memory, but all of it is there to be looked at. By the same [`Reader`].
fn thoroughly(text: &str) -> Result<ReadHistory, ReadError> {
    let mut wholes = Vec::new();
    for whole in serde_json::Deserializer::from_str(text).into_iter::<Value>() {
        match whole {
            Ok(whole) => wholes.push(whole),
            Err(error) => return what_is_there(text).ok_or_else(|| not_json(&error)),
        }
    }
    let Source {
        events,
        path,
        more_pages,
        parts,
    } = find_all_events(wholes)?;
    let count = u32::try_from(events.len()).unwrap_or(u32::MAX);
    match count {
        0 => return Err(ReadError::NoEvents),
        1..=MAX_EVENTS => {}
        _ => return Err(ReadError::TooManyEvents { events: count }),
    }
    let mut reading = Reading::default();
    if parts > 1 {
        reading.read.notes.push(Note::Joined { parts });
    }
    if more_pages {
        reading.read.notes.push(Note::MorePages { after: 0 });
    }
    for (position, mut value) in (0..).zip(events) {
        drop_nulls(&mut value);
        forms::put_right(&mut value, position + 1, &mut reading.read.notes);
        let event = reading.reader.event().deserialize(&value).map_err(|_| {
            let misread = reading.reader.take_misread();
            misread_at(misread, text, path.as_deref(), position)
        })?;
        reading.push(event);
    }
    Ok(reading.read)
}

/// The events that stand in full in a text that ends in the middle; nothing if that is not what is wrong with it.
fn what_is_there(text: &str) -> Option<ReadHistory> {
    let mut reading = Reading::default();
    let mut json = serde_json::Deserializer::from_str(text);
    let error = Outside(Layer::Top, &mut reading).deserialize(&mut json).err()?;
    let mut read = reading.read;
    if !error.is_eof() || read.history.events.is_empty() {
        return None;
    }
    read.notes.push(Note::CutOff {
        after: 0,
        location: end(text),
    });
    Some(read)
}

/// What has been read of a history.
#[derive(Default)]
struct Reading {
    read: ReadHistory,
    /// The list of events has come.
    found: bool,
    reader: Reader,
}

impl Reading {
    fn push(&mut self, (event, unknown): (HistoryEvent, Option<Value>)) {
        let ReadHistory { history, kept, notes } = &mut self.read;
        let position = u32::try_from(history.events.len()).expect("no more are read than are allowed");
        if let Some(unknown) = unknown {
            let fields = paths(&unknown);
            kept.events.insert(position, unknown);
            let number = position + 1;
            notes.push(match kept.type_name(position) {
                Some(name) if event.event_type() == EventType::Unspecified => Note::UnknownType {
                    event: number,
                    name,
                    ignorable: event.worker_may_ignore,
                },
                _ => Note::Unknown { event: number, fields },
            });
        }
        history.events.push(event);
    }
}

/// How far inside of a file something is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Layer {
    Top,
    /// Under `history`: the Web UI's wrapper.
    History,
    /// Under `events`.
    Events,
}

/// Reads what is around the events, and them. Refuses everything that nobody writes.
struct Outside<'a>(Layer, &'a mut Reading);

impl<'de> DeserializeSeed<'de> for Outside<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, json: D) -> Result<(), D::Error> {
        json.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Outside<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a history")
    }

    fn visit_seq<S: SeqAccess<'de>>(self, mut items: S) -> Result<(), S::Error> {
        let Self(layer, reading) = self;
        if layer == Layer::History || reading.found {
            return Err(S::Error::custom("no list is here"));
        }
        reading.found = true;
        while let Some((event, unknown)) = items.next_element_seed(reading.reader.event())? {
            if reading.read.history.events.len() == MAX_EVENTS as usize
                || unknown.as_ref().is_some_and(forms::is_suspicious)
            {
                return Err(S::Error::custom("not at once"));
            }
            reading.push((event, unknown));
        }
        Ok(())
    }

    fn visit_map<M: MapAccess<'de>>(self, mut members: M) -> Result<(), M::Error> {
        let Self(layer, reading) = self;
        if layer == Layer::Events {
            return Err(M::Error::custom("no object is here"));
        }
        while let Some(name) = members.next_key::<String>()? {
            match name.as_str() {
                "events" => members.next_value_seed(Outside(Layer::Events, reading))?,
                "history" if layer == Layer::Top => members.next_value_seed(Outside(Layer::History, reading))?,
                "nextPageToken" | "next_page_token" if layer == Layer::Top => {
                    let token: Option<String> = members.next_value()?;
                    if token.is_some_and(|token| !token.is_empty()) {
                        reading.read.notes.insert(0, Note::MorePages { after: 0 });
                    }
                }
                _ => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        if !reading.found {
            return Err(M::Error::custom("no events are here"));
        }
        Ok(())
    }
}

/// The history as canonical JSON, indented by two spaces, as `temporal workflow show --output json` prints it. An enum's
/// value that the protocol has no name for is written as its number.
pub fn write(history: &History) -> String {
    text(history, &Kept::default())
}

fn text(history: &History, kept: &Kept) -> String {
    pretty(&Whole { history, kept })
}

impl Kept {
    /// The event at a position as canonical JSON text, indented by two spaces, with what is kept of it.
    pub fn event_text(&self, position: u32, event: &HistoryEvent) -> String {
        pretty(&EventAndKept {
            event,
            kept: self.of(position),
        })
    }
}

/// One event as canonical JSON text, indented by two spaces.
pub fn event_text(event: &HistoryEvent) -> String {
    pretty(&writer::Event(event))
}

/// One event as canonical JSON.
pub fn event_value(event: &HistoryEvent) -> Value {
    serde_json::to_value(writer::Event(event)).expect("an event is a JSON value")
}

/// A failure as canonical JSON.
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

fn pretty(value: &impl Serialize) -> String {
    serde_json::to_string_pretty(value).expect("a JSON value can be printed")
}

/// A history to be written, with what was kept of it.
struct Whole<'a> {
    history: &'a History,
    kept: &'a Kept,
}

impl Serialize for Whole<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut members = serializer.serialize_map(None)?;
        if !self.history.events.is_empty() {
            members.serialize_entry("events", &Events(self))?;
        }
        members.end()
    }
}

struct Events<'a>(&'a Whole<'a>);

impl Serialize for Events<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Whole { history, kept } = self.0;
        serializer.collect_seq((0..).zip(&history.events).map(|(position, event)| EventAndKept {
            event,
            kept: kept.of(position),
        }))
    }
}

struct EventAndKept<'a> {
    event: &'a HistoryEvent,
    kept: Option<&'a Value>,
}

impl Serialize for EventAndKept<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(kept) = self.kept else {
            return writer::Event(self.event).serialize(serializer);
        };
        let mut value = event_value(self.event);
        put_back(&mut value, kept);
        value.serialize(serializer)
    }
}

/// Where the events of a file are.
#[derive(Default)]
struct Source {
    events: Vec<Value>,
    /// The way to them from the top; `None` if they stand in several places.
    path: Option<Vec<Step>>,
    more_pages: bool,
    /// Of how many texts it was put together.
    parts: u32,
}

/// The events of all texts in a file: of one, of pages one after the other, or of one event a line.
fn find_all_events(mut wholes: Vec<Value>) -> Result<Source, ReadError> {
    // A list of pages is the same as pages one after the other.
    if let [Value::Array(items)] = wholes.as_mut_slice()
        && items.len() > 1
        && items.iter().all(is_page)
    {
        wholes = std::mem::take(items);
    }
    let parts = u32::try_from(wholes.len()).unwrap_or(u32::MAX);
    if parts < 2 {
        return find_events(wholes.pop().unwrap_or_default());
    }
    let mut all = Source::default();
    if wholes.iter().all(is_event) {
        all.events = wholes;
        return Ok(all);
    }
    for whole in wholes {
        let found = find_events(whole)?;
        all.events.extend(found.events);
        // Only the last page says whether there are more.
        all.more_pages = found.more_pages;
        all.parts += 1;
    }
    Ok(all)
}

fn is_page(value: &Value) -> bool {
    value.get("history").is_some() || value.get("events").is_some()
}

fn is_event(value: &Value) -> bool {
    value.get("eventId").or_else(|| value.get("event_id")).is_some()
}

fn find_events(whole: Value) -> Result<Source, ReadError> {
    let key = |key: &str| Step::Key(key.to_owned());
    let found = match whole {
        Value::Array(events) => {
            return Ok(Source {
                events,
                path: Some(Vec::new()),
                ..Source::default()
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
                        path: Some(path),
                        more_pages,
                        parts: 1,
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
    let location = Location {
        line: number(error.line()),
        column: number(error.column()),
    };
    let message = error.to_string();
    let why = message
        .rsplit_once(" at line ")
        .map_or(message.as_str(), |(why, _)| why)
        .to_owned();
    ReadError::NotJson { location, why }
}

/// An event that could not be read, with its place in the text if the events stand in one.
fn misread_at(misread: Misread, text: &str, to_events: Option<&[Step]>, position: u32) -> ReadError {
    let (path, why) = misread.into_parts();
    let location = to_events.and_then(|to| locate(text, &[to, &[Step::Index(position)], &path].concat()));
    ReadError::Event {
        event: position + 1,
        field: dotted(&path),
        location,
        why,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Both ways read the same.
    #[track_caller]
    fn check_at_once(text: &str, notes: &[Note]) {
        let read = at_once(text).expect("nothing is wrong with it");
        assert_eq!(read.notes, notes);
        assert_eq!(thoroughly(text), Ok(read));
    }

    #[test]
    fn what_people_export_is_read_at_once() {
        let unknown = |event, field: &str| Note::Unknown {
            event,
            fields: vec![field.to_owned()],
        };
        check_at_once(r#"{"events": [{"eventId": "1"}]}"#, &[]);
        check_at_once(r#"[{"eventId": 1}, {"event_type": "TimerFired"}]"#, &[]);
        check_at_once(r#"{"events": [{"eventId": null, "star": null}], "x": [1]}"#, &[]);
        check_at_once(
            r#"{"history": {"events": [{}, {"star": 1}]}, "nextPageToken": "a"}"#,
            &[Note::MorePages { after: 0 }, unknown(2, "star")],
        );
    }

    #[test]
    fn what_is_odd_is_looked_at_thoroughly() {
        for odd in [
            "",
            "7",
            "[]",
            "[7]",
            "[{}] 7",
            "[{\"eventId\": {}}]",
            "[{\"attributes\": {}}]",
            "{\"events\": {}}",
            "{\"events\": [{}], \"events\": [{}]}",
            "{\"history\": {}, \"events\": [{}]}",
            "{\"history\": [{}]}",
        ] {
            assert_eq!(at_once(odd), None, "{odd}");
        }
    }
}
