//! Metrics as text in Prometheus' exposition format 0.0.4 (prometheus.io/docs/instrumenting/exposition_formats).

use super::metric::{Family, Kind, Labels, Metrics, Value};
use crate::base::time::Span;

/// All metrics, each with its help, its type and its series; empty if there is none.
pub fn text(metrics: &Metrics) -> String {
    metrics.families().map(family).collect()
}

fn family(family: &Family) -> String {
    let name = family.metric.name;
    let kind = match family.metric.kind {
        Kind::Counter => "counter",
        Kind::Gauge => "gauge",
        Kind::Histogram(..) => "histogram",
    };
    let help = family.metric.help.replace('\\', "\\\\").replace('\n', "\\n");
    let mut text = format!("# HELP {name} {help}\n# TYPE {name} {kind}\n");
    for (labels, value) in &family.series {
        match (value, family.metric.kind) {
            (Value::Distribution(distribution), Kind::Histogram(unit, bounds)) => {
                let mut so_far = 0;
                let bounds = bounds.iter().map(|bound| unit.write(Span::millis(*bound)));
                for (bound, count) in bounds.chain(["+Inf".to_owned()]).zip(&distribution.buckets) {
                    so_far += count;
                    line(&mut text, name, "_bucket", labels, Some(&bound), &so_far.to_string());
                }
                line(&mut text, name, "_sum", labels, None, &unit.write(distribution.sum));
                line(&mut text, name, "_count", labels, None, &so_far.to_string());
            }
            (Value::Number(number), _) => line(&mut text, name, "", labels, None, &number.to_string()),
            (Value::Distribution(_), _) => {}
        }
    }
    text
}

fn line(text: &mut String, name: &str, suffix: &str, labels: &Labels, bound: Option<&str>, value: &str) {
    let bound = bound.map(|bound| ("le", bound));
    let labels: Vec<String> = labels
        .iter()
        .map(|(key, value)| (*key, value.as_str()))
        .chain(bound)
        .map(|(key, value)| format!("{key}=\"{}\"", escaped(value)))
        .collect();
    text.push_str(name);
    text.push_str(suffix);
    if !labels.is_empty() {
        text.push('{');
        text.push_str(&labels.join(","));
        text.push('}');
    }
    text.push(' ');
    text.push_str(value);
    text.push('\n');
}

/// The value of a label, between its quotes.
fn escaped(value: &str) -> String {
    value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n")
}

#[cfg(test)]
mod tests {
    use super::super::metric::{Metric, Unit};
    use super::*;

    static CALLS: Metric = Metric {
        name: "calls",
        help: "How often,\nby whom",
        kind: Kind::Counter,
    };
    static TOOK: Metric = Metric {
        name: "took",
        help: "How long",
        kind: Kind::Histogram(Unit::Seconds, &[1, 500]),
    };

    #[test]
    fn every_series_has_its_lines_and_nothing_breaks_out_of_its_quotes() {
        let mut metrics = Metrics::default();
        metrics.count(&CALLS, vec![("by", "a \"b\" \\ c\nd".to_owned())], 2);
        metrics.observe(&TOOK, Labels::new(), Span::millis(3));
        metrics.observe(&TOOK, Labels::new(), Span::secs(2));
        assert_eq!(
            text(&metrics),
            "# HELP calls How often,\\nby whom\n\
             # TYPE calls counter\n\
             calls{by=\"a \\\"b\\\" \\\\ c\\nd\"} 2\n\
             # HELP took How long\n\
             # TYPE took histogram\n\
             took_bucket{le=\"0.001\"} 0\n\
             took_bucket{le=\"0.5\"} 1\n\
             took_bucket{le=\"+Inf\"} 2\n\
             took_sum 2.003\n\
             took_count 2\n"
        );
    }
}
