//! The inside of an event as words: payloads decoded, and all attributes as rows of name and value.
//!
//! Rows come from the event's JSON, so that no attribute of any type is ever forgotten; this file only makes them
//! readable. `text.rs` chooses the few that fit on a line.

use serde_json::Value;

use super::base64;
use super::enums::short_name;
use super::json::event_value;
use super::proto::{Duration, HistoryEvent, Payload, Payloads};
use super::timestamp::span;

/// More of a payload than this is not shown.
const PREVIEW_BYTES: usize = 64 << 10;

/// A payload as people read it: JSON text for JSON, `null`, the number of bytes for anything else.
pub fn payload_preview(payload: &Payload) -> String {
    let encoding = payload.metadata.get("encoding").map(|e| String::from_utf8_lossy(e));
    let bytes = match payload.data.len() {
        1 => "1 byte".to_owned(),
        n => format!("{n} bytes"),
    };
    match encoding.as_deref() {
        Some("json/plain" | "json/protobuf") => match std::str::from_utf8(&payload.data) {
            Ok(json) => cut_bytes(&compact(json)),
            Err(_) => format!("{bytes}, not text"),
        },
        Some("binary/null") => "null".to_owned(),
        Some("binary/plain") | None => bytes,
        Some(other) => format!("{bytes}, {other}"),
    }
}

/// Payloads in a row, as the arguments of a function.
pub(crate) fn payloads_preview(payloads: Option<&Payloads>) -> String {
    let all = payloads.into_iter().flat_map(|p| &p.payloads);
    all.map(payload_preview).collect::<Vec<_>>().join(", ")
}

/// JSON without line breaks; text that is not JSON as it is.
fn compact(json: &str) -> String {
    let json = json.trim();
    if !json.contains('\n') {
        return json.to_owned();
    }
    serde_json::from_str::<Value>(json).map_or_else(|_| json.to_owned(), |value| value.to_string())
}

fn cut_bytes(text: &str) -> String {
    if text.len() <= PREVIEW_BYTES {
        return text.to_owned();
    }
    let end = (0..=PREVIEW_BYTES)
        .rev()
        .find(|at| text.is_char_boundary(*at))
        .unwrap_or(0);
    format!("{}… ({} bytes in all)", &text[..end], text.len())
}

/// All that an event says, as rows of name and value: nested names with dots, payloads decoded, durations and enums in
/// short words. What has its default value (a timeout of `0s` too) and what every event has (id, time, type) is left
/// out.
pub fn flatten(event: &HistoryEvent) -> Vec<(String, String)> {
    const OF_EVERY_EVENT: [&str; 5] = ["eventId", "eventTime", "eventType", "taskId", "version"];
    let Value::Object(members) = event_value(event) else {
        return Vec::new();
    };
    let mut rows = Vec::new();
    let (attributes, others): (Vec<_>, Vec<_>) = members.iter().partition(|(key, _)| key.ends_with("EventAttributes"));
    for (_, value) in attributes {
        row("", value, &mut rows);
    }
    for (key, value) in others
        .into_iter()
        .filter(|(key, _)| !OF_EVERY_EVENT.contains(&key.as_str()))
    {
        row(key, value, &mut rows);
    }
    rows
}

/// The same of any JSON: of what this version does not know.
pub fn flatten_value(value: &Value) -> Vec<(String, String)> {
    let mut rows = Vec::new();
    row("", value, &mut rows);
    rows
}

fn row(name: &str, value: &Value, rows: &mut Vec<(String, String)>) {
    let dotted = |step: &str| {
        if name.is_empty() {
            step.to_owned()
        } else {
            format!("{name}.{step}")
        }
    };
    match value {
        Value::Object(members) => {
            if let Some(preview) = as_payload(value) {
                rows.push((name.to_owned(), preview));
                return;
            }
            // Wrappers that protobuf needs and people do not: {"name": …}, {"payloads": […]}, {"fields": {…}}.
            let only = members.iter().next().filter(|_| members.len() == 1 && !name.is_empty());
            match only {
                Some((key, Value::Array(payloads))) if key == "payloads" => match payloads.as_slice() {
                    [payload] => row(name, payload, rows),
                    _ => payloads
                        .iter()
                        .enumerate()
                        .for_each(|(i, payload)| row(&dotted(&i.to_string()), payload, rows)),
                },
                Some((key, inner)) if ["name", "fields", "indexedFields"].contains(&key.as_str()) => {
                    row(name, inner, rows);
                }
                _ => members.iter().for_each(|(key, inner)| row(&dotted(key), inner, rows)),
            }
        }
        Value::Array(items) if items.iter().any(|i| i.is_object() || i.is_array()) => {
            items
                .iter()
                .enumerate()
                .for_each(|(i, item)| row(&dotted(&i.to_string()), item, rows));
        }
        Value::Array(items) => {
            let words: Vec<_> = items.iter().map(|item| word(name, item)).collect();
            rows.push((name.to_owned(), words.join(", ")));
        }
        _ => {
            let word = word(name, value);
            if !word.is_empty() {
                rows.push((name.to_owned(), word));
            }
        }
    }
}

fn as_payload(value: &Value) -> Option<String> {
    let bytes = |value: &Value| base64::decode(value.as_str()?);
    let encoding = bytes(value.get("metadata")?.get("encoding")?)?;
    let data = value.get("data").map_or(Some(Vec::new()), bytes)?;
    Some(payload_preview(&Payload {
        metadata: [("encoding".to_owned(), encoding)].into(),
        data,
        ..Payload::default()
    }))
}

/// A single value; empty for a duration that is not set.
fn word(name: &str, value: &Value) -> String {
    const DURATIONS: [&str; 5] = ["Timeout", "Interval", "Backoff", "Delay", "Duration"];
    match value {
        Value::String(text) => {
            if DURATIONS.iter().any(|end| name.ends_with(end))
                && let Ok(duration) = text.parse::<Duration>()
            {
                let span = span(Some(&duration));
                return if span.is_zero() {
                    String::new()
                } else {
                    span.to_string()
                };
            }
            short_name(text).unwrap_or_else(|| text.clone())
        }
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(encoding: Option<&str>, data: &[u8], expected: &str) {
        let metadata = encoding
            .map(|e| ("encoding".to_owned(), e.as_bytes().to_vec()))
            .into_iter()
            .collect();
        let payload = Payload {
            metadata,
            data: data.to_vec(),
            ..Payload::default()
        };
        assert_eq!(payload_preview(&payload), expected);
    }

    #[test]
    fn payloads_are_shown_as_what_they_are() {
        check(Some("json/plain"), b"\"paid\"", "\"paid\"");
        check(
            Some("json/plain"),
            b"{\n  \"z\": 1,\n  \"a\": [2]\n}\n",
            "{\"z\":1,\"a\":[2]}",
        );
        check(Some("json/plain"), b"not json\nat all", "not json\nat all");
        check(Some("json/plain"), &[0xff], "1 byte, not text");
        check(Some("binary/null"), b"", "null");
        check(Some("binary/plain"), &[0; 3], "3 bytes");
        check(Some("binary/encrypted"), &[0; 48], "48 bytes, binary/encrypted");
        check(None, b"x", "1 byte");
    }

    #[test]
    fn long_payloads_are_cut_at_a_letter() {
        let long = format!("\"{}\"", "é".repeat(40_000));
        let payload = Payload {
            metadata: [("encoding".to_owned(), b"json/plain".to_vec())].into(),
            data: long.clone().into_bytes(),
            ..Payload::default()
        };
        let preview = payload_preview(&payload);
        assert!(
            preview.ends_with("é… (80002 bytes in all)") && preview.len() < long.len(),
            "{}",
            preview.len()
        );
    }
}
