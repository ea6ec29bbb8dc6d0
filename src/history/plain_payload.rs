//! Payloads in plain text, as the Web UI's "readable" download has them: recognised, and encoded as they were.

use serde_json::{Map, Value, json};

use super::base64;
use super::kept::camel;
use super::reader::{ENCODING, FOR_PEOPLE, names_an_encoding};

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

/// Encodes every payload that stands in plain text; returns whether there was one. `key` is the name under which `value`
/// stands.
pub(super) fn encode(value: &mut Value, key: &str) -> bool {
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
pub(super) fn has_plain_payload(value: &Value) -> bool {
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
