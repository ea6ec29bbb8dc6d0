//! Cadence's spelling of an event, from which Temporal's came: decisions are workflow tasks, task lists are task queues,
//! timeouts are whole seconds, times are nanoseconds, payloads are bytes, and a failure is a reason with details.

use serde_json::{Map, Value, json};

use super::base64;
use super::plain_payload::payload;
use super::timestamp::Timestamp;

/// Names that only Cadence has. Everything else it has in common with Temporal.
const OWN: [(&str, &str); 9] = [
    ("taskList", "taskQueue"),
    ("decisionTaskCompletedEventId", "workflowTaskCompletedEventId"),
    ("executionStartToCloseTimeoutSeconds", "workflowRunTimeout"),
    ("taskStartToCloseTimeoutSeconds", "workflowTaskTimeout"),
    ("scheduleToCloseTimeoutSeconds", "scheduleToCloseTimeout"),
    ("scheduleToStartTimeoutSeconds", "scheduleToStartTimeout"),
    ("startToCloseTimeoutSeconds", "startToCloseTimeout"),
    ("heartbeatTimeoutSeconds", "heartbeatTimeout"),
    ("startToFireTimeoutSeconds", "startToFireTimeout"),
];

/// More such, of timeouts that stand elsewhere.
const ALSO: [(&str, &str); 6] = [
    ("firstDecisionTaskBackoffSeconds", "firstWorkflowTaskBackoff"),
    ("backoffStartIntervalInSeconds", "backoffStartInterval"),
    ("initialIntervalInSeconds", "initialInterval"),
    ("maximumIntervalInSeconds", "maximumInterval"),
    ("lastFailureReason", "lastFailure"),
    ("continuedFailureReason", "continuedFailure"),
];

/// Fields that are bytes in Cadence and payloads in Temporal.
const BYTES: [&str; 4] = ["input", "result", "details", "lastCompletionResult"];

/// Whether what is unknown in an event looks like Cadence's.
pub(super) fn is_suspicious(unknown: &Value) -> bool {
    let Value::Object(members) = unknown else {
        return false;
    };
    members.iter().any(|(name, value)| {
        is_own(name) || name.starts_with("decision") || is_decision(name, value) || is_suspicious(value)
    })
}

/// Whether an event is spelled as in Cadence.
pub(super) fn is_so(event: &Map<String, Value>) -> bool {
    event.get("timestamp").is_some_and(|at| at.is_i64() || at.is_string()) && !event.contains_key("eventTime")
        || event
            .iter()
            .any(|(name, value)| is_decision(name, value) || name.starts_with("decision") || has_own(value))
}

fn is_own(name: &str) -> bool {
    OWN.iter().chain(&ALSO).any(|(own, _)| *own == name)
}

fn is_decision(name: &str, value: &Value) -> bool {
    name == "eventType" && value.as_str().is_some_and(|name| name.starts_with("DecisionTask"))
}

fn has_own(value: &Value) -> bool {
    value
        .as_object()
        .is_some_and(|members| members.keys().any(|name| is_own(name)))
}

/// Spells it as Temporal does.
pub(super) fn put_right(event: &mut Map<String, Value>) {
    if let Some(at) = event.remove("timestamp") {
        let nanos = at.as_i64().or_else(|| at.as_str()?.parse().ok());
        let time = nanos.map(|nanos| Timestamp {
            seconds: nanos.div_euclid(1_000_000_000),
            nanos: i32::try_from(nanos.rem_euclid(1_000_000_000)).unwrap_or_default(),
        });
        let time = time.map_or(at, |time| Value::String(time.to_string()));
        event.entry("eventTime").or_insert(time);
    }
    if let Some(Value::String(name)) = event.get_mut("eventType")
        && let Some(rest) = name.strip_prefix("DecisionTask")
    {
        *name = format!("WorkflowTask{rest}");
    }
    let names: Vec<String> = event
        .keys()
        .filter(|name| name.ends_with("EventAttributes"))
        .cloned()
        .collect();
    for name in names {
        let mut attributes = event.remove(&name).unwrap_or_default();
        put_attributes_right(&mut attributes);
        if let Value::Object(members) = &mut attributes {
            put_failure_right(&name, members);
        }
        let name = name
            .strip_prefix("decisionTask")
            .map_or(name.clone(), |rest| format!("workflowTask{rest}"));
        event.insert(name, attributes);
    }
}

fn put_attributes_right(attributes: &mut Value) {
    let Value::Object(members) = attributes else { return };
    for (own, temporal) in OWN.iter().chain(&ALSO) {
        if let Some(value) = members.remove(*own) {
            let value = match (own.ends_with("Seconds"), value.as_i64(), value.as_str()) {
                (true, Some(seconds), _) => Value::String(format!("{seconds}s")),
                (_, _, Some(reason)) if own.ends_with("Reason") => json!({ "message": reason }),
                _ => value,
            };
            members.insert((*temporal).to_owned(), value);
        }
    }
    for (name, value) in members.iter_mut() {
        match value {
            Value::String(bytes) if BYTES.contains(&name.as_str()) => *value = payloads(bytes),
            Value::Object(_) => put_attributes_right(value),
            _ => {}
        }
    }
}

/// A failure is a reason and details, side by side with what else an event has.
fn put_failure_right(name: &str, attributes: &mut Map<String, Value>) {
    if !(name.ends_with("FailedEventAttributes") || name.ends_with("TimedOutEventAttributes")) {
        return;
    }
    let details = attributes.remove("details");
    if let Some(Value::String(reason)) = attributes.remove("reason") {
        let failure = json!({
            "message": reason,
            "applicationFailureInfo": { "type": reason, "details": details.unwrap_or_else(|| json!({})) },
        });
        attributes.insert("failure".to_owned(), failure);
    }
}

/// Bytes, in base64 or as they are, as payloads: one for each line of JSON, as the Go client writes its arguments.
fn payloads(bytes: &str) -> Value {
    let text = base64::decode(bytes).and_then(|bytes| String::from_utf8(bytes).ok());
    let text = text.as_deref().unwrap_or(bytes);
    let values: Result<Vec<Value>, _> = serde_json::Deserializer::from_str(text).into_iter().collect();
    let items = match values {
        Ok(values) => values.iter().map(payload).collect(),
        Err(_) => vec![payload(&Value::String(text.to_owned()))],
    };
    json!({ "payloads": Value::Array(items) })
}
