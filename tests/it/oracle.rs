//! A second implementation of protobuf, made from Temporal's own descriptors: what it accepts is Temporal's JSON.

use prost_reflect::prost::Message as _;
use prost_reflect::{
    self as reflect, DescriptorPool, DeserializeOptions, DynamicMessage, Kind, MapKey, MessageDescriptor,
};
use serde_json::Value;

/// `ours` must decode strictly as `temporal.api.history.v1.History`, and be written back the same.
#[track_caller]
pub(crate) fn agrees(name: &str, ours: &str) {
    let history = pool().get_message_by_name("temporal.api.history.v1.History").unwrap();
    let strict = DeserializeOptions::new().deny_unknown_fields(true);
    let mut json = serde_json::Deserializer::from_str(ours);
    let message =
        DynamicMessage::deserialize_with_options(history, &mut json, &strict).unwrap_or_else(|e| panic!("{name}: {e}"));
    let theirs = serde_json::to_string(&message).unwrap();
    assert_eq!(numbers_alike(&theirs), numbers_alike(ours), "{name}");
}

/// The value of a JSON text with all numbers as floats: 2.0 is 2. A wrapping `history` is taken off.
pub(crate) fn numbers_alike(text: &str) -> Value {
    fn float(value: &mut Value) {
        match value {
            Value::Number(n) => *value = n.as_f64().unwrap().into(),
            Value::Array(items) => items.iter_mut().for_each(float),
            Value::Object(members) => members.values_mut().for_each(float),
            _ => {}
        }
    }
    let mut value: Value = serde_json::from_str(text).unwrap();
    if let Some(inner) = value.get_mut("history") {
        value = inner.take();
    }
    float(&mut value);
    value
}

/// Events with every field of every message set, at least once each: one event for each kind of attributes. As bytes,
/// and as the second implementation writes them.
pub(crate) fn every_field() -> Vec<(Vec<u8>, String)> {
    let event = pool()
        .get_message_by_name("temporal.api.history.v1.HistoryEvent")
        .unwrap();
    let kinds = event.oneofs().next().unwrap().fields().len();
    (0..kinds)
        .map(|turn| {
            let message = filled(&event, turn, 6);
            (message.encode_to_vec(), serde_json::to_string(&message).unwrap())
        })
        .collect()
}

/// A message with all that it can hold, to a depth: the causes of failures have causes. Of what excludes each other and
/// of the values of enums, the turn decides which.
fn filled(descriptor: &MessageDescriptor, turn: usize, depth: usize) -> DynamicMessage {
    let mut message = DynamicMessage::new(descriptor.clone());
    for field in descriptor.fields() {
        let alternatives = field.containing_oneof().map_or(1, |oneof| oneof.fields().len());
        let place = field
            .containing_oneof()
            .and_then(|oneof| oneof.fields().position(|f| f == field))
            .unwrap_or(0);
        if place != turn % alternatives {
            continue;
        }
        if let Kind::Message(inner) = field.kind()
            && depth == 0
            && !inner.full_name().starts_with("google.")
        {
            continue;
        }
        let value = if field.is_map() {
            let Kind::Message(entry) = field.kind() else {
                unreachable!()
            };
            let inner = |turn| one(&entry.map_entry_value_field().kind(), turn, depth);
            let entries = [("b", 0), ("a", 1), ("", 2)];
            reflect::Value::Map(
                entries
                    .map(|(key, t)| (MapKey::String(key.to_owned()), inner(turn + t)))
                    .into(),
            )
        } else if field.is_list() {
            reflect::Value::List((0..3).map(|t| one(&field.kind(), turn + t, depth)).collect())
        } else {
            one(&field.kind(), turn, depth)
        };
        message.set_field(&field, value);
    }
    message
}

fn one(kind: &Kind, turn: usize, depth: usize) -> reflect::Value {
    use reflect::Value;
    let odd = turn % 2 == 1;
    match kind {
        Kind::Bool => Value::Bool(true),
        Kind::Int32 => Value::I32(if odd { i32::MIN } else { 300 }),
        Kind::Uint32 => Value::U32(u32::MAX),
        Kind::Int64 => Value::I64(if odd { i64::MIN } else { i64::MAX }),
        Kind::Float => Value::F32(if odd { 0.1 } else { 3.0 }),
        Kind::Double => Value::F64(if odd { 0.1 } else { -2.0 }),
        Kind::String => Value::String("é\"\n".to_owned()),
        Kind::Bytes => Value::Bytes([0xfb, 0xff, 0xfe, 7][..turn % 5].to_vec().into()),
        Kind::Enum(values) => Value::EnumNumber(values.values().nth(turn % values.values().len()).unwrap().number()),
        Kind::Message(inner) => {
            let mut message = match inner.full_name() {
                "google.protobuf.Timestamp" | "google.protobuf.Duration" => DynamicMessage::new(inner.clone()),
                _ => return Value::Message(filled(inner, turn, depth.saturating_sub(1))),
            };
            let digits = [0, 7_000_000, 7_000, 7][turn % 4];
            message.set_field_by_name("seconds", Value::I64(i64::try_from(turn).unwrap() * 1_000));
            message.set_field_by_name("nanos", Value::I32(digits));
            Value::Message(message)
        }
        other => panic!("the history has no {other:?}"),
    }
}

fn pool() -> DescriptorPool {
    let descriptors = std::fs::read(env!("SAGASCOPE_DESCRIPTORS")).unwrap();
    DescriptorPool::decode(descriptors.as_slice()).unwrap()
}
