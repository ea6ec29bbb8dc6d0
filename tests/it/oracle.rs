//! A second implementation of protobuf, made from Temporal's own descriptors: what it accepts is Temporal's JSON.

use prost_reflect::{DescriptorPool, DeserializeOptions, DynamicMessage};
use serde_json::Value;

/// `ours` must decode strictly as `temporal.api.history.v1.History`, and be written back the same.
#[track_caller]
pub(crate) fn agrees(name: &str, ours: &str) {
    let descriptors = std::fs::read(env!("SAGASCOPE_DESCRIPTORS")).unwrap();
    let pool = DescriptorPool::decode(descriptors.as_slice()).unwrap();
    let history = pool.get_message_by_name("temporal.api.history.v1.History").unwrap();
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
