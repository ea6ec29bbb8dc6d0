//! What metrics are made of: counters, gauges and histograms, each a series of labels and a value. Whole numbers only, so
//! that they are the same everywhere.
//!
//! [`super::sdk`] and [`super::server`] say which metrics there are; [`super::prometheus`] writes them.

use crate::base::sorted::SortedMap;
use crate::base::time::Span;

/// A metric, as its source defines it.
#[derive(Debug, PartialEq, Eq)]
pub struct Metric {
    /// Its name in Prometheus.
    pub name: &'static str,
    /// What it is, in its source's words or ours.
    pub help: &'static str,
    /// What is kept of it.
    pub kind: Kind,
}

/// What is kept of a metric.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// How often something happened.
    Counter,
    /// How much there is of something at the end.
    Gauge,
    /// How long something took, in this unit, with the upper bounds of its buckets in milliseconds.
    Histogram(Unit, &'static [u64]),
}

/// The unit in which a histogram is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unit {
    /// Whole milliseconds; what is left is cut off.
    Milliseconds,
    /// Seconds and their fractions.
    Seconds,
}

/// Names and values, in the order in which they are written.
pub type Labels = Vec<(&'static str, String)>;

/// All metrics of a run, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Metrics {
    families: SortedMap<&'static str, Family>,
}

/// A metric and all its series, by their labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Family {
    /// Which metric.
    pub metric: &'static Metric,
    /// Its values.
    pub series: SortedMap<Labels, Value>,
}

/// The value of a series.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Of a counter or a gauge.
    Number(u64),
    /// Of a histogram.
    Distribution(Distribution),
}

/// How long something took, many times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Distribution {
    /// How often it took no longer than each bound and longer than the one before; one more for what is beyond them.
    pub buckets: Vec<u64>,
    /// All of it together.
    pub sum: Span,
}

impl Distribution {
    /// How often.
    pub fn count(&self) -> u64 {
        self.buckets.iter().sum()
    }

    /// How long on average; zero if it never happened.
    pub fn mean(&self) -> Span {
        Span(self.sum.0.checked_div(self.count()).unwrap_or(0))
    }
}

impl Metrics {
    /// All metrics that were counted or measured at least once, in the order of their names.
    pub fn families(&self) -> impl Iterator<Item = &Family> {
        self.families.values()
    }

    /// The sum over all series of a counter whose labels have these values; nothing is counted as 0.
    pub fn sum(&self, name: &str, labels: &[(&str, &str)]) -> u64 {
        let family = self.families.get(name);
        let series = family.into_iter().flat_map(|family| family.series.iter());
        series
            .filter(|(of, _)| {
                labels
                    .iter()
                    .all(|(key, value)| of.iter().any(|(k, v)| k == key && v == value))
            })
            .map(|(_, value)| match value {
                Value::Number(number) => *number,
                Value::Distribution(distribution) => distribution.count(),
            })
            .sum()
    }

    /// Counts something.
    pub(super) fn count(&mut self, metric: &'static Metric, labels: Labels, times: u64) {
        if let Value::Number(number) = self.series(metric, labels) {
            *number += times;
        }
    }

    /// Measures how long something took.
    pub(super) fn observe(&mut self, metric: &'static Metric, labels: Labels, took: Span) {
        let Kind::Histogram(unit, bounds) = metric.kind else {
            return;
        };
        let took = match unit {
            Unit::Milliseconds => Span::millis(took.0 / 1_000_000),
            Unit::Seconds => took,
        };
        if let Value::Distribution(distribution) = self.series(metric, labels) {
            let bucket = bounds.partition_point(|bound| Span::millis(*bound) < took);
            distribution.buckets[bucket] += 1;
            distribution.sum = distribution.sum + took;
        }
    }

    fn series(&mut self, metric: &'static Metric, labels: Labels) -> &mut Value {
        let family = self.families.get_or_insert_with(metric.name, || Family {
            metric,
            series: SortedMap::new(),
        });
        family.series.get_or_insert_with(labels, || match metric.kind {
            Kind::Counter | Kind::Gauge => Value::Number(0),
            Kind::Histogram(_, bounds) => Value::Distribution(Distribution {
                buckets: vec![0; bounds.len() + 1],
                sum: Span::ZERO,
            }),
        })
    }
}

impl Unit {
    /// A time in this unit, as a decimal number.
    pub fn write(self, span: Span) -> String {
        let (whole, part, digits) = match self {
            Self::Milliseconds => (span.0 / 1_000_000, span.0 % 1_000_000, 6),
            Self::Seconds => (span.0 / 1_000_000_000, span.0 % 1_000_000_000, 9),
        };
        if part == 0 {
            return whole.to_string();
        }
        let part = format!("{part:0digits$}");
        format!("{whole}.{}", part.trim_end_matches('0'))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    static TOOK: Metric = Metric {
        name: "took",
        help: "",
        kind: Kind::Histogram(Unit::Milliseconds, &[1, 10]),
    };

    #[test]
    fn a_bound_belongs_to_its_bucket_and_parts_of_a_millisecond_are_cut_off() {
        let mut metrics = Metrics::default();
        for micros in [0, 1_000, 1_999, 2_000, 10_000, 11_000] {
            metrics.observe(&TOOK, Labels::new(), Span::micros(micros));
        }
        let Value::Distribution(took) = &metrics.families["took"].series[&Labels::new()] else {
            panic!("a histogram");
        };
        assert_eq!(took.buckets, [3, 2, 1]);
        assert_eq!(
            (took.sum, took.count(), took.mean()),
            (Span::millis(25), 6, Span(25_000_000 / 6))
        );
    }

    #[test]
    fn times_are_written_as_decimals() {
        assert_eq!(Unit::Seconds.write(Span::millis(1_500)), "1.5");
        assert_eq!(Unit::Seconds.write(Span(7)), "0.000000007");
        assert_eq!(Unit::Milliseconds.write(Span::secs(60)), "60000");
    }
}
