//! What `sagascope trace` and `sagascope metrics` write, read by others: OpenTelemetry's own types, and a strict parser
//! of Prometheus' text. Every story.
//!
//! `SAGASCOPE` names the binary; `./dev test` does that.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Command;

use openmetrics_parser::prometheus::parse_prometheus;
use openmetrics_parser::{MetricNumber, PrometheusValue};
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value;
use opentelemetry_proto::tonic::trace::v1::Span;
use opentelemetry_proto::tonic::trace::v1::span::SpanKind;
use opentelemetry_proto::tonic::trace::v1::status::StatusCode;

fn sagascope(arguments: &[&str]) -> String {
    let binary = std::env::var("SAGASCOPE").expect("SAGASCOPE names the binary: target/debug/sagascope");
    let output = Command::new(binary)
        .args(arguments)
        .output()
        .expect("the binary starts");
    let complaint = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {complaint}");
    String::from_utf8(output.stdout).expect("it prints text")
}

fn stories() -> Vec<String> {
    let ids: Vec<String> = sagascope(&["stories"])
        .lines()
        .filter_map(|line| line.split_whitespace().next())
        .map(str::to_owned)
        .collect();
    assert!(ids.len() > 10, "{ids:?}");
    ids
}

fn request(story: &str) -> ExportTraceServiceRequest {
    let text = sagascope(&["trace", story]);
    let request: ExportTraceServiceRequest =
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{story}: {error}"));
    // Nothing was passed over: written by them, it says the same.
    let ours: serde_json::Value = serde_json::from_str(&text).unwrap();
    let theirs = serde_json::to_value(&request).unwrap();
    says_at_least(story, &ours, &theirs);
    request
}

/// All that we wrote, they have; what they add are fields at their defaults.
fn says_at_least(story: &str, ours: &serde_json::Value, theirs: &serde_json::Value) {
    use serde_json::Value::{Array, Object};
    match (ours, theirs) {
        (Object(ours), Object(theirs)) => {
            for (key, value) in ours {
                let other = theirs.get(key).unwrap_or_else(|| panic!("{story}: nobody knows {key}"));
                says_at_least(story, value, other);
            }
        }
        (Array(ours), Array(theirs)) => {
            assert_eq!(ours.len(), theirs.len(), "{story}");
            for (one, other) in ours.iter().zip(theirs) {
                says_at_least(story, one, other);
            }
        }
        _ => assert_eq!(ours, theirs, "{story}"),
    }
}

fn spans(request: &ExportTraceServiceRequest) -> Vec<&Span> {
    let resources = request.resource_spans.iter();
    resources
        .flat_map(|resource| &resource.scope_spans)
        .flat_map(|scope| &scope.spans)
        .collect()
}

fn text<'a>(span: &'a Span, key: &str) -> Option<&'a str> {
    let found = span.attributes.iter().find(|attribute| attribute.key == key)?;
    match found.value.as_ref()?.value.as_ref()? {
        Value::StringValue(text) => Some(text),
        _ => None,
    }
}

fn failed(span: &Span) -> bool {
    span.status
        .as_ref()
        .is_some_and(|status| status.code() == StatusCode::Error)
}

#[test]
fn opentelemetry_reads_every_trace() {
    for story in stories() {
        let request = request(&story);
        let spans = spans(&request);
        assert!(
            spans.iter().any(|span| span.name.starts_with("RunWorkflow:")),
            "{story}"
        );
        let by_id: BTreeMap<&[u8], &Span> = spans.iter().map(|span| (span.span_id.as_slice(), *span)).collect();
        assert_eq!(by_id.len(), spans.len(), "{story}: an id twice");
        let traces: BTreeSet<&[u8]> = spans.iter().map(|span| span.trace_id.as_slice()).collect();
        let roots: Vec<_> = spans.iter().filter(|span| span.parent_span_id.is_empty()).collect();
        assert_eq!(roots.len(), traces.len(), "{story}: one root a trace");
        for span in &spans {
            assert_eq!((span.trace_id.len(), span.span_id.len()), (16, 8), "{story}");
            assert!(
                span.start_time_unix_nano <= span.end_time_unix_nano,
                "{story}: {}",
                span.name
            );
            assert!(text(span, "temporalWorkflowID").is_some() && text(span, "temporalRunID").is_some());
            if !span.parent_span_id.is_empty() {
                let parent = by_id.get(span.parent_span_id.as_slice()).expect("the parent is there");
                assert_eq!(parent.trace_id, span.trace_id, "{story}: {}", span.name);
                assert!(
                    parent.start_time_unix_nano <= span.start_time_unix_nano,
                    "{story}: {}",
                    span.name
                );
            }
            let exception = span.events.iter().any(|event| event.name == "exception");
            assert_eq!(
                failed(span),
                exception && text(span, "error.type").is_some(),
                "{story}: {}",
                span.name
            );
            let kind = match span.name.split(':').next() {
                Some("RunWorkflow" | "RunActivity") => SpanKind::Server,
                Some("StartActivity" | "StartChildWorkflow") => SpanKind::Client,
                _ => SpanKind::Internal,
            };
            assert_eq!(span.kind(), kind, "{story}: {}", span.name);
        }
    }
}

#[test]
fn every_resource_says_who_it_is() {
    let request = request("crash-after-charge");
    let mut names = Vec::new();
    for resource in &request.resource_spans {
        let attributes = &resource.resource.as_ref().unwrap().attributes;
        let of = |key: &str| {
            let found = attributes.iter().find(|attribute| attribute.key == key).unwrap();
            match found.value.as_ref().unwrap().value.as_ref().unwrap() {
                Value::StringValue(text) => text.clone(),
                other => panic!("{other:?}"),
            }
        };
        names.push((of("service.name"), of("service.instance.id")));
    }
    assert!(names.contains(&("temporal".to_owned(), "temporal@lab".to_owned())));
    assert!(names.contains(&("worker".to_owned(), "worker-A@lab#1".to_owned())));
    assert!(names.contains(&("worker".to_owned(), "worker-B@lab#1".to_owned())));
}

#[test]
fn prometheus_reads_every_metric_and_it_goes_together_with_the_trace() {
    let mut seen = (0, 0, 0);
    for story in stories() {
        let exposition = sagascope(&["metrics", &story, "--prometheus"]);
        let parsed = parse_prometheus(&exposition).unwrap_or_else(|error| panic!("{story}: {error}"));
        let sum = |name: &str| -> u64 {
            let family = parsed.families.get(name);
            let samples = family.into_iter().flat_map(|family| family.iter_samples());
            samples
                .map(|sample| match &sample.value {
                    PrometheusValue::Counter(counter) => number(&counter.value),
                    PrometheusValue::Histogram(histogram) => histogram.count.unwrap(),
                    other => panic!("{story}: {name} is {other:?}"),
                })
                .sum()
        };
        let request = request(&story);
        let spans = spans(&request);
        let count = |name: &str, failed_ones: Option<bool>| {
            let named = spans.iter().filter(|span| span.name.starts_with(name));
            let counted = named
                .filter(|span| failed_ones.is_none_or(|wanted| failed(span) == wanted))
                .count();
            u64::try_from(counted).unwrap()
        };
        let attempts = sum("temporal_activity_task_received") + sum("temporal_local_activity_total");
        assert_eq!(attempts, count("RunActivity:", None), "{story}");
        let tasks = sum("temporal_workflow_task_queue_poll_succeed");
        assert!(tasks <= count("RunWorkflowTask:", None), "{story}");
        let succeeded = sum("activity_success") + sum("temporal_local_activity_succeed_endtoend_latency");
        // What nobody waited for any more did not succeed, and did not fail.
        assert!(succeeded <= count("RunActivity:", Some(false)), "{story}");
        seen = (
            seen.0 + tasks,
            seen.1 + succeeded,
            seen.2 + sum("temporal_worker_start"),
        );
    }
    assert!(seen.0 > 50 && seen.1 > 50 && seen.2 > 20, "{seen:?}");
}

fn number(value: &MetricNumber) -> u64 {
    u64::try_from(value.as_i64().expect("counters are whole numbers")).unwrap()
}
