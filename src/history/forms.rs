//! Spellings of an event that are not Temporal's own, put right before it is read: the Web UI's "readable" download, the
//! old Web UI's export, the Rust SDK's private form. Cadence's is in `cadence.rs`.
//!
//! What arrives here is JSON as a tree. What is put right loses nothing that an event can say; what was put right is
//! noted, so that nobody takes the result for the file.

use serde_json::{Map, Value, json};

use super::cadence;
use super::enums::short_name;
use super::kept::Note;
use super::plain_payload::{encode, has_plain_payload};

/// Whether what is unknown in an event looks like one of these forms. What is known cannot: it fits.
pub(super) fn is_suspicious(unknown: &Value) -> bool {
    [
        "attributes",
        "details",
        "kvps",
        "eventFullDetails",
        "timestamp",
        "events",
        "history",
    ]
    .iter()
    .any(|field| unknown.get(field).is_some())
        || cadence::is_suspicious(unknown)
        || has_plain_payload(unknown)
}

/// Puts an event right; `number` counts from 1. Adds a note for each form it came in, once for all events.
pub(super) fn put_right(event: &mut Value, number: u32, notes: &mut Vec<Note>) {
    let Value::Object(members) = event else { return };
    let mut note = |note: Note| {
        if !notes
            .iter()
            .any(|known| std::mem::discriminant(known) == std::mem::discriminant(&note))
        {
            notes.push(note);
        }
    };
    if is_rust_sdk_form(members) {
        from_rust_sdk(members);
        // Its payloads are lists of numbers, which could be anything in plain text too.
        return note(Note::RustSdk);
    }
    if ["details", "kvps", "eventFullDetails"]
        .iter()
        .any(|field| members.contains_key(*field))
    {
        from_old_web_ui(members);
        note(Note::OldWebUi);
    }
    if cadence::is_so(members) {
        cadence::put_right(members);
        note(Note::Cadence);
    }
    if encode(event, "") {
        note(Note::Readable { event: number });
    }
}

/// `"event_id"`, and one member in `"attributes"`.
fn is_rust_sdk_form(members: &Map<String, Value>) -> bool {
    // Canonical events have no such field: their attributes' name is that of the type.
    members.get("attributes").is_some_and(Value::is_object)
}

fn from_rust_sdk(members: &mut Map<String, Value>) {
    let Some(Value::Object(mut attributes)) = members.remove("attributes") else {
        return;
    };
    let variant = |name: &str| name.ends_with("EventAttributes");
    match attributes
        .keys()
        .next()
        .filter(|name| attributes.len() == 1 && variant(name))
    {
        Some(name) => {
            let (name, inner) = (lower_first(name), attributes.remove(&name.clone()));
            members.insert(name, inner.unwrap_or_default());
        }
        None => {
            if let Some(name) = attributes_name(members) {
                attributes.remove("type");
                members.insert(name, Value::Object(attributes));
            }
        }
    }
}

fn from_old_web_ui(members: &mut Map<String, Value>) {
    let details = members.remove("details");
    let full = members.remove("eventFullDetails");
    let pairs = members.remove("kvps");
    let object = |value: Option<Value>| value.filter(Value::is_object);
    let attributes = object(details)
        .or_else(|| object(full))
        .or_else(|| pairs.map(|pairs| from_pairs(&pairs)));
    let (Some(name), Some(Value::Object(mut attributes))) = (attributes_name(members), attributes) else {
        return;
    };
    for of_every_event in ["eventId", "eventTime", "eventType", "taskId", "version", "timestamp"] {
        if let Some(value) = attributes.remove(of_every_event) {
            members.entry(of_every_event).or_insert(value);
        }
    }
    members.retain(|name, _| {
        !matches!(
            name.as_str(),
            "timeElapsedDisplay" | "eventSummary" | "timeStampDisplay"
        )
    });
    members.insert(name, Value::Object(attributes));
}

/// `[{"key": "workflowType.name", "value": "Transfer"}]` as an object.
fn from_pairs(pairs: &Value) -> Value {
    let mut whole = Map::new();
    for pair in pairs.as_array().into_iter().flatten() {
        let (Some(key), Some(value)) = (pair.get("key").and_then(Value::as_str), pair.get("value")) else {
            continue;
        };
        // Deeper paths than any event has are no paths.
        let mut steps = key.splitn(16, '.').peekable();
        let mut within = &mut whole;
        while let Some(step) = steps.next() {
            if steps.peek().is_none() {
                within.insert(step.to_owned(), value.clone());
                break;
            }
            let inner = within.entry(step).or_insert_with(|| json!({}));
            if !inner.is_object() {
                *inner = json!({});
            }
            let Value::Object(inner) = inner else { break };
            within = inner;
        }
    }
    Value::Object(whole)
}

/// The name under which the attributes of an event's type stand.
fn attributes_name(members: &Map<String, Value>) -> Option<String> {
    let event_type = members
        .get("eventType")
        .or_else(|| members.get("event_type"))?
        .as_str()?;
    let name = short_name(event_type).unwrap_or_else(|| event_type.to_owned());
    Some(format!("{}EventAttributes", lower_first(&name)))
}

fn lower_first(name: &str) -> String {
    let mut letters = name.chars();
    let first = letters.next().map(|letter| letter.to_ascii_lowercase());
    first.into_iter().chain(letters).collect()
}
