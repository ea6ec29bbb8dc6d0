//! A trace as OTLP JSON: one `ExportTraceServiceRequest`, which collectors take and viewers import.
//!
//! The mapping is protobuf's for JSON with the exceptions that OTLP makes (opentelemetry.io/docs/specs/otlp, "JSON
//! Protobuf Encoding"): ids in hexadecimal, 64-bit numbers as text, enums as numbers, names in lowerCamelCase.

use serde_json::{Map, Value, json};

use super::span::{Attribute, Emitter, SpanEvent, TraceSpan};
use crate::base::time::{EPOCH_SECONDS, SimTime};
use crate::sim::Sim;

/// The status code of a span that failed; that of all others stays unset.
const ERROR: u32 = 2;

/// The spans of a run, a group for everyone who did something.
pub fn request(sim: &Sim, spans: &[TraceSpan]) -> Value {
    let mut emitters: Vec<Emitter> = spans.iter().map(|span| span.by).collect();
    emitters.sort_unstable();
    emitters.dedup();
    let groups: Vec<Value> = emitters
        .into_iter()
        .map(|emitter| {
            let own: Vec<Value> = spans.iter().filter(|span| span.by == emitter).map(span).collect();
            json!({
                "resource": { "attributes": resource(sim, emitter) },
                "scopeSpans": [{
                    "scope": { "name": env!("CARGO_PKG_NAME"), "version": env!("CARGO_PKG_VERSION") },
                    "spans": own,
                }],
            })
        })
        .collect();
    json!({ "resourceSpans": groups })
}

/// The names are OpenTelemetry's (semantic conventions, "Service" and "Deployment").
fn resource(sim: &Sim, emitter: Emitter) -> Value {
    let (name, instance) = match emitter {
        Emitter::Service => ("temporal", "temporal@lab".to_owned()),
        Emitter::Worker(worker, process) => {
            let identity = sim.nodes()[usize::from(worker.0)].identity();
            ("worker", format!("{identity}#{process}"))
        }
    };
    attributes(&[
        ("service.name", name.into()),
        ("service.namespace", env!("CARGO_PKG_NAME").into()),
        ("service.instance.id", instance.into()),
        ("deployment.environment.name", "simulation".into()),
    ])
}

fn span(span: &TraceSpan) -> Value {
    let mut written = Map::new();
    written.insert("traceId".to_owned(), span.trace_id.as_str().into());
    written.insert("spanId".to_owned(), span.span_id.as_str().into());
    if let Some(parent) = &span.parent {
        written.insert("parentSpanId".to_owned(), parent.as_str().into());
    }
    written.insert("name".to_owned(), span.name.as_str().into());
    written.insert("kind".to_owned(), (span.kind as u32).into());
    written.insert("startTimeUnixNano".to_owned(), unix_nanos(span.from).into());
    written.insert("endTimeUnixNano".to_owned(), unix_nanos(span.to).into());
    written.insert("attributes".to_owned(), attributes(&span.attributes));
    if !span.events.is_empty() {
        written.insert("events".to_owned(), span.events.iter().map(event).collect());
    }
    if !span.links.is_empty() {
        let links = span.links.iter().map(|link| {
            json!({
                "traceId": link.trace_id,
                "spanId": link.span_id,
                "attributes": attributes(&[("sagascope.link", link.why.into())]),
            })
        });
        written.insert("links".to_owned(), links.collect());
    }
    let status = match &span.error {
        Some(message) => json!({ "code": ERROR, "message": message }),
        None => json!({}),
    };
    written.insert("status".to_owned(), status);
    Value::Object(written)
}

fn event(event: &SpanEvent) -> Value {
    json!({
        "timeUnixNano": unix_nanos(event.at),
        "name": event.name,
        "attributes": attributes(&event.attributes),
    })
}

fn attributes(attributes: &[(&'static str, Attribute)]) -> Value {
    let written = attributes.iter().map(|(key, value)| {
        let value = match value {
            Attribute::Text(text) => json!({ "stringValue": text }),
            Attribute::Number(number) => json!({ "intValue": number.to_string() }),
            Attribute::Flag(flag) => json!({ "boolValue": flag }),
        };
        json!({ "key": key, "value": value })
    });
    written.collect()
}

/// Virtual time counts from the instant that histories count it from.
fn unix_nanos(at: SimTime) -> String {
    (i128::from(EPOCH_SECONDS) * 1_000_000_000 + i128::from(at.0)).to_string()
}
