//! Events from JSON: the one way they are read. The counterpart of `writer.rs`.
//!
//! A JSON object is encoded as protobuf's bytes by the table in `table.rs`, and those are decoded into the types. Read
//! are the canonical form and its relatives: names in snake case, numbers as strings and strings as numbers, enums in
//! any form, bytes in either base64. What has no place in the table is not an error: it is handed back, for `kept.rs`
//! to hold. What has a place that it does not fit in is a [`Misread`], with the way to it.

use std::fmt;

use prost::Message as _;
use prost::encoding::encode_varint;
use serde_json::{Map, Value};

use super::kept::{camel, says_nothing};
use super::place::Step;
use super::proto::{Duration, HistoryEvent, Timestamp};
use super::table::{ENUMS, Field, Kind, MESSAGES, Message, Shape};
use super::{base64, enums};

/// Why something is no event.
pub(super) struct Misread {
    /// The way to what is wrong, from the inside out.
    steps: Vec<Step>,
    why: String,
}

impl Misread {
    fn new(why: String) -> Self {
        let steps = Vec::new();
        Self { steps, why }
    }

    fn within(mut self, step: Step) -> Self {
        self.steps.push(step);
        self
    }

    /// The way from the event to what is wrong with it, and the wrong.
    pub(super) fn into_parts(mut self) -> (Vec<Step>, String) {
        self.steps.reverse();
        (self.steps, self.why)
    }
}

/// An event, and what of it this version of the protocol does not know: in the event's own shape, `null` standing for
/// list entries of which all is known.
pub(super) fn event(value: &Value) -> Result<(HistoryEvent, Option<Value>), Misread> {
    let Value::Object(members) = value else {
        return Err(Misread::new("an event is an object".to_owned()));
    };
    let mut bytes = Vec::new();
    let unknown = message(&MESSAGES[0], members, &mut bytes)?;
    let event = HistoryEvent::decode(bytes.as_slice()).expect("the types and the table come from the same descriptors");
    Ok((event, unknown))
}

/// Appends the bytes of a message; returns what is unknown in it.
fn message(of: &Message, members: &Map<String, Value>, bytes: &mut Vec<u8>) -> Result<Option<Value>, Misread> {
    let mut unknown = Map::new();
    let mut read: Vec<(&str, &Field)> = Vec::new();
    for (key, value) in members {
        let more = match of.fields().find(|(name, _)| key == name || camel(key) == *name) {
            Some((_, field)) => {
                let excludes =
                    |other: &Field| other.number == field.number || other.choice == field.choice && field.choice != 0;
                if let Some((other, _)) = read.iter().find(|(_, other)| excludes(other)) {
                    let why = format!("duplicate field `{key}`: only one of the two can be set");
                    return Err(Misread::new(why).within(Step::Key((*other).to_owned())));
                }
                read.push((key, field));
                self::field(field, value, bytes).map_err(|wrong| wrong.within(Step::Key(key.clone())))?
            }
            None => (!says_nothing(value)).then(|| value.clone()),
        };
        unknown.extend(more.map(|more| (key.clone(), more)));
    }
    Ok((!unknown.is_empty()).then_some(Value::Object(unknown)))
}

fn field(field: &Field, value: &Value, bytes: &mut Vec<u8>) -> Result<Option<Value>, Misread> {
    let number = u32::from(field.number);
    match (field.shape, value) {
        (Shape::One, _) => one(number, field.kind, value, bytes).map(|more| more.filter(|more| !says_nothing(more))),
        (Shape::List, Value::Array(items)) => {
            let mut unknown = Vec::new();
            for (index, item) in (0..).zip(items) {
                let more = one(number, field.kind, item, bytes).map_err(|wrong| wrong.within(Step::Index(index)))?;
                unknown.push(more.unwrap_or_default());
            }
            Ok(unknown
                .iter()
                .any(|more| !more.is_null())
                .then_some(Value::Array(unknown)))
        }
        (Shape::List, _) => Err(wrong("type", value, &"a list")),
        (Shape::Map, Value::Object(members)) => {
            let mut unknown = Map::new();
            for (key, inner) in members {
                let mut entry = Vec::new();
                text(1, key.as_bytes(), &mut entry);
                let more =
                    one(2, field.kind, inner, &mut entry).map_err(|wrong| wrong.within(Step::Key(key.clone())))?;
                text(number, &entry, bytes);
                unknown.extend(more.map(|more| (key.clone(), more)));
            }
            Ok((!unknown.is_empty()).then_some(Value::Object(unknown)))
        }
        (Shape::Map, _) => Err(wrong("type", value, &"an object")),
    }
}

/// Appends one value with its field's number.
fn one(number: u32, kind: Kind, value: &Value, bytes: &mut Vec<u8>) -> Result<Option<Value>, Misread> {
    let whole = |from: i64, to: i64, expected: &str| {
        // Negative numbers are extended to 64 bits, whatever their type.
        let number = whole(value).ok_or_else(|| wrong("type", value, &expected))?;
        let inside = (from..=to).contains(&number).then_some(number.cast_unsigned());
        inside.ok_or_else(|| wrong("value", value, &expected))
    };
    match kind {
        Kind::Bool => {
            let is = value.as_bool().ok_or_else(|| wrong("type", value, &"true or false"))?;
            varint(number, is.into(), bytes);
        }
        Kind::Int => varint(
            number,
            whole(i32::MIN.into(), i32::MAX.into(), "a whole number of 32 bits")?,
            bytes,
        ),
        Kind::Uint => varint(
            number,
            whole(0, u32::MAX.into(), "a whole number of 32 bits, not negative")?,
            bytes,
        ),
        Kind::Long => varint(number, whole(i64::MIN, i64::MAX, "a whole number of 64 bits")?, bytes),
        Kind::Float => {
            key(number, 5, bytes);
            bytes.extend(narrow(float(value)?).ok_or_else(|| wrong("value", value, &"a number of 32 bits"))?);
        }
        Kind::Double => {
            key(number, 1, bytes);
            bytes.extend(float(value)?.to_le_bytes());
        }
        Kind::Enum(of) => {
            let of = ENUMS[usize::from(of)];
            let known = enum_number(of, value)?;
            varint(number, known.unwrap_or_default(), bytes);
            return Ok(known.is_none().then(|| value.clone()));
        }
        Kind::Message(of) => {
            let members = value.as_object().ok_or_else(|| wrong("type", value, &"an object"))?;
            let mut inner = Vec::new();
            let unknown = message(&MESSAGES[usize::from(of)], members, &mut inner)?;
            text(number, &inner, bytes);
            return Ok(unknown);
        }
        Kind::String => text(number, string(value, "a string")?.as_bytes(), bytes),
        Kind::Bytes => {
            let inner = base64::decode(string(value, "base64")?).ok_or_else(|| wrong("value", value, &"base64"))?;
            text(number, &inner, bytes);
        }
        Kind::Timestamp => {
            const EXPECTED: &str = "a time such as \"2026-01-01T00:00:00.123Z\"";
            let time = Timestamp::parse(string(value, EXPECTED)?).ok_or_else(|| wrong("value", value, &EXPECTED))?;
            text(number, &time.encode_to_vec(), bytes);
        }
        Kind::Duration => text(number, &duration(value)?.encode_to_vec(), bytes),
    }
    Ok(None)
}

fn string<'a>(value: &'a Value, expected: &str) -> Result<&'a str, Misread> {
    value.as_str().ok_or_else(|| wrong("type", value, &expected))
}

/// A whole number, also as a string, also as `2.0`.
fn whole(value: &Value) -> Option<i64> {
    /// The largest power of two below which every whole number is exact.
    const EXACT: f64 = 9_007_199_254_740_992.0;
    match value {
        Value::Number(number) => number.as_i64().or_else(|| {
            let float = number.as_f64().filter(|f| f.fract() == 0.0 && f.abs() <= EXACT)?;
            #[expect(clippy::cast_possible_truncation, reason = "whole and within the exact range")]
            Some(float as i64)
        }),
        Value::String(text) => text.parse().ok(),
        _ => None,
    }
}

/// A number, also as a string; `"NaN"` and `"Infinity"` are no numbers in JSON.
fn float(value: &Value) -> Result<f64, Misread> {
    let number = match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => text.parse().ok(),
        _ => None,
    };
    number.ok_or_else(|| wrong("type", value, &"a number"))
}

#[expect(clippy::cast_possible_truncation, reason = "what is too large is refused")]
fn narrow(number: f64) -> Option<[u8; 4]> {
    let narrow = number as f32;
    (narrow.is_finite() || !number.is_finite()).then_some(narrow.to_le_bytes())
}

/// The value of an enum; nothing if this version of the protocol does not know it.
fn enum_number(of: &str, value: &Value) -> Result<Option<u64>, Misread> {
    let expected = format_args!("a name such as \"{}…\", or its number", enums::prefix(of));
    match value {
        Value::String(name) => Ok(enums::number(of, name)),
        Value::Number(_) => {
            let number = whole(value).ok_or_else(|| wrong("type", value, &expected))?;
            let number = i32::try_from(number).map_err(|_| wrong("value", value, &expected))?;
            Ok(u64::try_from(number).ok().filter(|n| enums::name(of, *n).is_some()))
        }
        _ => Err(wrong("type", value, &expected)),
    }
}

fn duration(value: &Value) -> Result<Duration, Misread> {
    const EXPECTED: &str = "a duration such as \"1.5s\"";
    let text = string(value, EXPECTED)?;
    if !text.ends_with('s') {
        return Err(Misread::new(format!(
            "missing 's' in {}: expected {EXPECTED}",
            shown(value)
        )));
    }
    text.parse().map_err(|_| wrong("value", value, &EXPECTED))
}

/// `what` does not fit: the `type` of the value, or the `value` itself.
fn wrong(what: &str, value: &Value, expected: &dyn fmt::Display) -> Misread {
    Misread::new(format!("invalid {what}: {}, expected {expected}", shown(value)))
}

/// A value in a message, not too long.
fn shown(value: &Value) -> String {
    const LETTERS: usize = 40;
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(is) => format!("boolean `{is}`"),
        Value::Number(number) if number.is_f64() => format!("number `{number}`"),
        Value::Number(number) => format!("integer `{number}`"),
        Value::String(text) => match text.char_indices().nth(LETTERS) {
            Some((end, _)) => format!("string \"{}…\"", &text[..end]),
            None => format!("string \"{text}\""),
        },
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "an object".to_owned(),
    }
}

/// Protobuf's key of a field: its number, and how its value is written.
fn key(number: u32, wire_type: u32, bytes: &mut Vec<u8>) {
    encode_varint(u64::from(number << 3 | wire_type), bytes);
}

fn varint(number: u32, value: u64, bytes: &mut Vec<u8>) {
    key(number, 0, bytes);
    encode_varint(value, bytes);
}

/// Bytes with their length: a text, or a message.
fn text(number: u32, inner: &[u8], bytes: &mut Vec<u8>) {
    key(number, 2, bytes);
    encode_varint(inner.len() as u64, bytes);
    bytes.extend_from_slice(inner);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::proto::{Attributes, EventType};
    use super::*;

    fn read(value: &Value) -> HistoryEvent {
        event(value).unwrap_or_else(|wrong| panic!("{value}: {}", wrong.why)).0
    }

    #[track_caller]
    fn check_type(event_type: Value, expected: EventType) {
        let event = read(&json!({"eventType": event_type}));
        assert_eq!(event.event_type(), expected);
    }

    #[test]
    fn every_form_of_an_enum_is_read() {
        check_type("EVENT_TYPE_TIMER_FIRED".into(), EventType::TimerFired);
        check_type("TimerFired".into(), EventType::TimerFired);
        check_type(18.into(), EventType::TimerFired);
        check_type(18.0.into(), EventType::TimerFired);
        check_type("EVENT_TYPE_OF_NEXT_YEAR".into(), EventType::Unspecified);
        check_type(4_711.into(), EventType::Unspecified);
        check_type((-1).into(), EventType::Unspecified);
    }

    #[test]
    fn numbers_are_read_as_numbers_or_strings() {
        for id in [json!("-9223372036854775808"), json!(i64::MIN)] {
            assert_eq!(read(&json!({"eventId": id})).event_id, i64::MIN);
        }
        let event = read(&json!({"workflowExecutionStartedEventAttributes": {
            "attempt": "-2147483648", "retryPolicy": {"backoffCoefficient": "1.5"}, "priority": {"fairnessWeight": 0.1},
        }}));
        let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = event.attributes else {
            panic!("other attributes");
        };
        assert_eq!(started.attempt, i32::MIN);
        assert_eq!(started.retry_policy.unwrap().backoff_coefficient, 1.5);
        assert_eq!(started.priority.unwrap().fairness_weight, 0.1);
    }

    /// Is refused there, for that.
    #[track_caller]
    fn check_refused(value: Value, path: &str, why: &str) {
        let (steps, found) = event(&value).map(|_| ()).unwrap_err().into_parts();
        assert_eq!(
            (super::super::place::dotted(&steps).as_str(), found.as_str()),
            (path, why)
        );
    }

    #[test]
    fn what_does_not_fit_is_refused_with_what_would() {
        let links = |links: Value| json!({ "links": links });
        check_refused(7.into(), "", "an event is an object");
        check_refused(
            json!({"eventId": true}),
            "eventId",
            "invalid type: boolean `true`, expected a whole number of 64 bits",
        );
        check_refused(
            json!({"eventId": 0.5}),
            "eventId",
            "invalid type: number `0.5`, expected a whole number of 64 bits",
        );
        check_refused(
            json!({"eventType": 99_999_999_999_i64}),
            "eventType",
            "invalid value: integer `99999999999`, expected a name such as \"EVENT_TYPE_…\", or its number",
        );
        check_refused(
            json!({"workerMayIgnore": 1}),
            "workerMayIgnore",
            "invalid type: integer `1`, expected true or false",
        );
        check_refused(links(json!({})), "links", "invalid type: an object, expected a list");
        check_refused(
            links(json!([{}, null])),
            "links.1",
            "invalid type: null, expected an object",
        );
        check_refused(
            json!({"timerFiredEventAttributes": []}),
            "timerFiredEventAttributes",
            "invalid type: a list, expected an object",
        );
        let started = |field: &str, value: Value| json!({"workflowExecutionStartedEventAttributes": {field: value}});
        let path = |field: &str| format!("workflowExecutionStartedEventAttributes.{field}");
        check_refused(
            started("attempt", 2_147_483_648_u32.into()),
            &path("attempt"),
            "invalid value: integer `2147483648`, expected a whole number of 32 bits",
        );
        check_refused(
            started("priority", json!({"fairnessWeight": 1e39})),
            &path("priority.fairnessWeight"),
            "invalid value: number `1e+39`, expected a number of 32 bits",
        );
        check_refused(
            started("header", json!({"fields": {"a": {"data": "?".repeat(50)}}})),
            &path("header.fields.a.data"),
            &format!("invalid value: string \"{}…\", expected base64", "?".repeat(40)),
        );
        check_refused(
            started("workflowRunTimeout", "1.5.s".into()),
            &path("workflowRunTimeout"),
            "invalid value: string \"1.5.s\", expected a duration such as \"1.5s\"",
        );
    }

    #[test]
    fn one_field_is_not_set_twice() {
        let why = "duplicate field `event_id`: only one of the two can be set";
        check_refused(json!({"eventId": 1, "event_id": 1}), "eventId", why);
    }

    #[test]
    fn the_unknown_is_handed_back_in_its_place() {
        let value = json!({
            "eventType": "EVENT_TYPE_OF_NEXT_YEAR",
            "links": [{"workflowEvent": {}}, {"star": 1}],
            "nothing": [],
            "more": {"deep": [{}]},
        });
        let (_, unknown) = event(&value).unwrap_or_else(|wrong| panic!("{}", wrong.why));
        assert_eq!(
            unknown,
            Some(json!({
                "eventType": "EVENT_TYPE_OF_NEXT_YEAR", "links": [null, {"star": 1}], "more": {"deep": [{}]},
            }))
        );
    }
}
