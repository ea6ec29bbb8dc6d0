//! The markers of local activities, which each SDK writes in its own way: Core for Rust, Python, TypeScript, .NET and Ruby,
//! and those of Go and Java.

use serde_json::Value;

use crate::history::payload::first_value;
use crate::history::proto::{Attributes, HistoryEvent, MarkerRecordedEventAttributes};

/// Core's name of the marker.
const CORE: &str = "core_local_activity";

/// Go's and Java's.
const GO_AND_JAVA: &str = "LocalActivity";

/// A local activity's end, or the end of its attempts in one workflow task.
pub(in crate::study::lint) struct LocalActivity<'a> {
    /// Its MarkerRecorded.
    pub(in crate::study::lint) event: &'a HistoryEvent,
    /// Its type; empty if the marker does not tell, or is encrypted.
    pub(in crate::study::lint) kind: String,
    /// The number of its last attempt; 0 if the marker does not tell.
    pub(in crate::study::lint) attempt: i64,
    /// It is not over: a timer follows, and then the next attempt.
    pub(in crate::study::lint) waits: bool,
    /// The task in whose answer it stands.
    pub(in crate::study::lint) task_completed: i64,
}

impl<'a> LocalActivity<'a> {
    /// All of a history.
    pub(super) fn all(events: &'a [HistoryEvent]) -> Vec<Self> {
        events.iter().filter_map(Self::of).collect()
    }

    fn of(event: &'a HistoryEvent) -> Option<Self> {
        let Some(Attributes::MarkerRecordedEventAttributes(marker)) = &event.attributes else {
            return None;
        };
        let name = marker.marker_name.as_str();
        if name != CORE && name != GO_AND_JAVA {
            return None;
        }
        let detail = |key: &str| first_value(marker.details.get(key));
        let data = detail("data");
        let meta = detail("meta");
        let kind = [&data["activity_type"], &data["ActivityType"], &detail("type")].map(text);
        let attempts = [&data["attempt"], &data["Attempt"], &meta["atpt"]].map(Value::as_i64);
        let backoffs = [&data["backoff"], &data["Backoff"], &meta["backoff"]];
        Some(Self {
            event,
            kind: kind.into_iter().find(|kind| !kind.is_empty()).unwrap_or_default(),
            attempt: attempts.into_iter().flatten().next().unwrap_or_default(),
            waits: has_failed(marker) && backoffs.into_iter().any(is_some_time),
            task_completed: marker.workflow_task_completed_event_id,
        })
    }
}

fn has_failed(marker: &MarkerRecordedEventAttributes) -> bool {
    marker.failure.is_some()
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

/// Whether a duration, in whatever form, is one: Core's object, Go's nanoseconds, Java's seconds.
fn is_some_time(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(_) => false,
        Value::Number(n) => n.as_f64().is_some_and(|n| n > 0.0),
        Value::String(text) => !text.is_empty() && text != "PT0S",
        Value::Array(items) => items.iter().any(is_some_time),
        Value::Object(members) => members.values().any(is_some_time),
    }
}
