//! Metrics as a table for people.

use super::metric::{Family, Kind, Labels, Metrics, Unit, Value};
use crate::base::time::Span;

/// A series of a metric, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricRow {
    /// The metric.
    pub name: &'static str,
    /// What it is.
    pub help: &'static str,
    /// What tells the series apart, `key=value`; what all have in common is left out.
    pub labels: String,
    /// `5`, or `5 times, 12 ms on average, all within 50 ms`.
    pub value: String,
}

/// All series, by the name of their metric and then by their labels. Those that stayed 0 are left out.
pub fn rows(metrics: &Metrics) -> Vec<MetricRow> {
    metrics.families().flat_map(family).collect()
}

/// The same as lines.
pub fn text(metrics: &Metrics) -> String {
    let (mut text, mut name) = (String::new(), "");
    for row in rows(metrics) {
        if row.name != name {
            name = row.name;
            text.push_str(&format!("{name:<42} {}\n", row.help));
        }
        text.push_str(&format!("    {:<38} {}\n", row.value, row.labels));
    }
    text
}

fn family(family: &Family) -> impl Iterator<Item = MetricRow> {
    let series = family.series.iter().filter(|(_, value)| **value != Value::Number(0));
    series.map(|(labels, value)| MetricRow {
        name: family.metric.name,
        help: family.metric.help,
        labels: told(labels),
        value: match (value, family.metric.kind) {
            (Value::Distribution(took), Kind::Histogram(unit, bounds)) => {
                let mean = match unit {
                    // Cut off when it was measured: no more is known.
                    Unit::Milliseconds => Span::millis(took.mean().0 / 1_000_000),
                    Unit::Seconds => took.mean(),
                };
                let slowest = took.buckets.iter().rposition(|count| *count > 0).unwrap_or(0);
                let within = match bounds.get(slowest) {
                    Some(bound) => format!("all within {}", Span::millis(*bound)),
                    None => format!("some over {}", Span::millis(bounds.last().copied().unwrap_or(0))),
                };
                match took.count() {
                    1 => format!("once, {mean}"),
                    count => format!("{count} times, {mean} on average, {within}"),
                }
            }
            (Value::Number(number), _) => number.to_string(),
            (Value::Distribution(took), _) => took.count().to_string(),
        },
    })
}

fn told(labels: &Labels) -> String {
    let telling = labels
        .iter()
        .filter(|(key, _)| !matches!(*key, "namespace" | "service_name"));
    telling
        .map(|(key, value)| format!("{key}={value}"))
        .collect::<Vec<_>>()
        .join(" ")
}
