//! Spellings of an event that are not Temporal's own, put right before it is read: the Web UI's "readable" download, the
//! old Web UI's export, the Rust SDK's private form. Cadence's is in `cadence.rs`.
//!
//! What arrives here is JSON as a tree. What is put right loses nothing that an event can say; what was put right is
//! noted, so that nobody takes the result for the file.

use serde_json::{Map, Value, json};

use super::base64;
use super::cadence;
use super::enums::short_name;
use super::kept::{Note, camel};
use super::reader::{ENCODING, names_an_encoding};

/// Fields that hold a list of payloads, wherever they stand in an event.
const PAYLOADS: [&str; 7] = [
    "input",
    "result",
    "details",
    "lastCompletionResult",
    "lastHeartbeatDetails",
    "args",
    "encodedAttributes",
];

/// Fields whose members are payloads by name.
const PAYLOADS_BY_NAME: [&str; 2] = ["indexedFields", "fields"];

/// What stands in the metadata of a payload only to be read by people, beside what is decoded there.
const FOR_PEOPLE: &str = "encodingDecoded";

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

/// Whether a payload's metadata say in plain words how it is encoded: in a history that stands in base64. The second case
/// is not an error, and must not be taken for base64 by chance.
pub(super) fn is_for_people(key: &str, text: &str) -> bool {
    (key == ENCODING || key == FOR_PEOPLE) && names_an_encoding(text)
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

/// Encodes every payload that stands in plain text; returns whether there was one. `key` is the name under which `value`
/// stands.
fn encode(value: &mut Value, key: &str) -> bool {
    let key = camel(key);
    match value {
        Value::Object(members) => {
            if is_payload(members) {
                return encode_payload(members);
            }
            let payloads = members.get("payloads").is_some_and(Value::is_array);
            if PAYLOADS.contains(&key.as_str()) && !payloads {
                // A marker's details are payloads by name, and so may be the old Web UI's.
                let by_name = !members.is_empty() && members.values().all(holds_payloads);
                if !by_name && key != "details" {
                    wrap_all(value);
                    return true;
                }
            }
            let by_name = PAYLOADS_BY_NAME.contains(&key.as_str());
            let mut any = false;
            for (name, inner) in members.iter_mut() {
                if by_name && !inner.as_object().is_some_and(is_payload) {
                    *inner = payload(inner);
                    any = true;
                } else {
                    any |= encode(inner, name);
                }
            }
            any
        }
        Value::Array(items) if key == "payloads" => {
            let mut any = false;
            for item in items {
                match item {
                    Value::Object(members) if is_payload(members) => any |= encode_payload(members),
                    Value::Object(members) if members.is_empty() => {}
                    _ => {
                        *item = payload(item);
                        any = true;
                    }
                }
            }
            any
        }
        Value::Array(_) if PAYLOADS.contains(&key.as_str()) => {
            wrap_all(value);
            true
        }
        Value::Array(items) => items.iter_mut().fold(false, |any, item| encode(item, "") | any),
        Value::String(text) if PAYLOADS.contains(&key.as_str()) && text.is_empty() => {
            *value = json!({});
            false
        }
        Value::Bool(_) | Value::Number(_) | Value::String(_) if PAYLOADS.contains(&key.as_str()) => {
            wrap_all(value);
            true
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}

/// A value in place of a list of payloads: one for each of its items, or for it as a whole.
fn wrap_all(value: &mut Value) {
    let items = match value.take() {
        Value::Array(items) => items,
        one => vec![one],
    };
    let payloads: Vec<Value> = items.iter().map(payload).collect();
    *value = json!({ "payloads": payloads });
}

fn holds_payloads(value: &Value) -> bool {
    value.get("payloads").is_some_and(Value::is_array) || value.as_object().is_some_and(is_payload)
}

fn is_payload(members: &Map<String, Value>) -> bool {
    members
        .get("metadata")
        .and_then(|metadata| metadata.get(ENCODING))
        .is_some_and(Value::is_string)
}

/// A value as the payload that it was decoded from.
pub(super) fn payload(value: &Value) -> Value {
    json!({
        "metadata": { ENCODING: base64::encode(b"json/plain") },
        "data": base64::encode(value.to_string().as_bytes()),
    })
}

/// Encodes what of a payload is not; returns whether there was something.
fn encode_payload(members: &mut Map<String, Value>) -> bool {
    let mut any = false;
    let mut encoding = String::new();
    if let Some(Value::Object(metadata)) = members.get_mut("metadata") {
        metadata.remove(FOR_PEOPLE);
        for value in metadata.values_mut() {
            let Value::String(text) = value else {
                *value = Value::String(base64::encode(value.to_string().as_bytes()));
                continue;
            };
            if names_an_encoding(text) {
                *value = Value::String(base64::encode(text.as_bytes()));
                any = true;
            }
        }
        let text = metadata.get(ENCODING).and_then(Value::as_str).and_then(base64::decode);
        encoding = text
            .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
            .unwrap_or_default();
    }
    let Some(data) = members.get_mut("data") else {
        return any;
    };
    let is_json = encoding.starts_with("json/");
    let encoded = match data.as_str() {
        None => false,
        Some(text) => match base64::decode(text) {
            None => false,
            // A word may be base64 by chance: then what it decodes to is no JSON.
            Some(bytes) => !is_json || any_json(&bytes),
        },
    };
    if !encoded {
        let text = match data.as_str() {
            Some(text) if !is_json => text.to_owned(),
            _ => data.to_string(),
        };
        *data = Value::String(base64::encode(text.as_bytes()));
        any = true;
    }
    any
}

fn any_json(bytes: &[u8]) -> bool {
    bytes.is_empty() || serde_json::from_slice::<serde::de::IgnoredAny>(bytes).is_ok()
}

/// Whether there is a payload that is not encoded in what is unknown: its data, or the name of its encoding, is in plain
/// text.
fn has_plain_payload(value: &Value) -> bool {
    match value {
        Value::Object(members) => {
            let encoding = members.get("metadata").and_then(|m| m.get(ENCODING));
            let plain = encoding.is_some_and(|encoding| {
                encoding.as_str().is_some_and(names_an_encoding)
                    || members.get("data").is_some_and(|data| !data.is_string())
            });
            plain || members.values().any(has_plain_payload)
        }
        Value::Array(items) => items.iter().any(has_plain_payload),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
