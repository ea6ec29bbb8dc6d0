//! Compares two sides, and collects where they differ.

use std::collections::BTreeMap;

use super::{Aspect, Difference, payload};
use crate::base::time::Span;
use crate::history::proto::{
    Attributes, Duration, Header, HistoryEvent, Payload, Payloads, RetryPolicy, SearchAttributes, TaskQueue,
};
use crate::history::retry_policy::with_defaults;
use crate::history::timestamp::span;

/// Longer values than this are not kept whole, in bytes.
const KEPT_BYTES: usize = 4 << 10;

/// Compares two sides, and collects where they differ.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Where they differ.
    pub found: Vec<Difference>,
    /// How many values could not be compared: they differ as bytes, and nobody here can read them. What is encrypted
    /// twice differs although it is the same.
    pub sealed: u32,
    names: [Vec<String>; 2],
    queues: [String; 2],
}

/// What stands for a run's own name on both sides.
const OWN_NAME: &str = "\u{1}";

impl Comparison {
    /// A comparison of two runs that begin with these events: where each names itself, or its own task queue, they do not
    /// differ. A run that was started on another queue asks for all its activities there.
    pub fn of_runs(from: Option<&HistoryEvent>, to: Option<&HistoryEvent>) -> Self {
        let started = |event: Option<&HistoryEvent>| match event.and_then(|event| event.attributes.clone()) {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started,
            _ => Box::default(),
        };
        let both = [started(from), started(to)];
        let names = both.each_ref().map(|started| {
            let mut names = vec![
                started.original_execution_run_id.clone(),
                started.first_execution_run_id.clone(),
            ];
            names.retain(|name| !name.is_empty());
            names.dedup();
            names
        });
        Self {
            names,
            queues: both.map(|started| started.task_queue.unwrap_or_default().name),
            ..Self::default()
        }
    }

    /// Something differs.
    pub fn add(&mut self, aspect: Aspect, place: &str, from: Option<String>, to: Option<String>) {
        self.found.push(Difference {
            aspect,
            place: place.to_owned(),
            from: from.map(kept),
            to: to.map(kept),
        });
    }

    /// Texts; an empty one is none.
    pub fn text(&mut self, aspect: Aspect, place: &str, from: &str, to: &str) {
        if !self.is_same_text(from, to) {
            let shown = |text: &str| (!text.is_empty()).then(|| text.to_owned());
            self.add(aspect, place, shown(from), shown(to));
        }
    }

    /// Words for values of which one always holds.
    pub fn word<T: PartialEq>(&mut self, aspect: Aspect, place: &str, from: T, to: T, word: impl Fn(T) -> String) {
        if from != to {
            self.add(aspect, place, Some(word(from)), Some(word(to)));
        }
    }

    /// Limits of time; zero is none.
    pub fn limit(&mut self, place: &str, from: Option<&Duration>, to: Option<&Duration>) {
        let (from, to) = (span(from), span(to));
        if from != to {
            let shown = |limit: Span| (!limit.is_zero()).then(|| limit.to_string());
            let (a, b) = (shown(from), shown(to));
            // What differs by less than a line can tell is told in full.
            let exact = |limit: Span| Some(format!("{} ns", limit.0));
            let (a, b) = if a == b { (exact(from), exact(to)) } else { (a, b) };
            self.add(Aspect::Option, place, a, b);
        }
    }

    /// Task queues, by their names. That each is its run's own is no difference.
    pub fn queue(&mut self, from: Option<&TaskQueue>, to: Option<&TaskQueue>) {
        let name = |queue: Option<&TaskQueue>| queue.map(|queue| queue.name.clone()).unwrap_or_default();
        let both = [name(from), name(to)];
        if both != self.queues {
            let [from, to] = both;
            self.text(Aspect::Option, "task queue", &from, &to);
        }
    }

    /// Retry policies, what is left open in them filled in as the Service does. `None` is none at all.
    pub fn retry_policy(&mut self, from: Option<&RetryPolicy>, to: Option<&RetryPolicy>) {
        let (from, to) = match (from, to) {
            (None, None) => return,
            (Some(from), Some(to)) => (with_defaults(Some(from)), with_defaults(Some(to))),
            (from, to) => {
                let shown = |policy: Option<&RetryPolicy>| policy.map(|policy| spelled(&with_defaults(Some(policy))));
                self.add(Aspect::Option, "retry policy", shown(from), shown(to));
                return;
            }
        };
        self.limit(
            "initial interval",
            from.initial_interval.as_ref(),
            to.initial_interval.as_ref(),
        );
        self.word(
            Aspect::Option,
            "backoff coefficient",
            from.backoff_coefficient.to_bits(),
            to.backoff_coefficient.to_bits(),
            |bits| f64::from_bits(bits).to_string(),
        );
        self.limit(
            "maximum interval",
            from.maximum_interval.as_ref(),
            to.maximum_interval.as_ref(),
        );
        self.word(
            Aspect::Option,
            "maximum attempts",
            from.maximum_attempts,
            to.maximum_attempts,
            attempts,
        );
        let types = |policy: &RetryPolicy| policy.non_retryable_error_types.join(", ");
        self.text(Aspect::Option, "non-retryable errors", &types(&from), &types(&to));
    }

    /// What goes with a call for those who look after it. What tracing puts there is new for each run.
    pub fn header(&mut self, from: Option<&Header>, to: Option<&Header>) {
        let nothing = BTreeMap::new();
        let from = from.map_or(&nothing, |header| &header.fields);
        let to = to.map_or(&nothing, |header| &header.fields);
        self.fields_but(Aspect::Input, "header", from, to, is_of_tracing);
    }

    /// Search attributes. The type that the Service notes beside each is not compared.
    pub fn search_attributes(&mut self, from: Option<&SearchAttributes>, to: Option<&SearchAttributes>) {
        let nothing = BTreeMap::new();
        let from = from.map_or(&nothing, |attributes| &attributes.indexed_fields);
        let to = to.map_or(&nothing, |attributes| &attributes.indexed_fields);
        self.fields(Aspect::Option, "search attribute", from, to);
    }

    /// Values with names.
    pub fn fields(
        &mut self,
        aspect: Aspect,
        place: &str,
        from: &BTreeMap<String, Payload>,
        to: &BTreeMap<String, Payload>,
    ) {
        self.fields_but(aspect, place, from, to, |_| false);
    }

    fn fields_but(
        &mut self,
        aspect: Aspect,
        place: &str,
        from: &BTreeMap<String, Payload>,
        to: &BTreeMap<String, Payload>,
        passed_over: fn(&str) -> bool,
    ) {
        let added = to.keys().filter(|name| !from.contains_key(*name));
        for name in from.keys().chain(added).filter(|name| !passed_over(name)) {
            self.payload(aspect, &format!("{place} {name}"), from.get(name), to.get(name));
        }
    }

    /// Values in a row: arguments, or the one value that was returned.
    pub fn payloads(&mut self, aspect: Aspect, place: &str, from: Option<&Payloads>, to: Option<&Payloads>) {
        let (from, to) = (all(from), all(to));
        if from == to || payload::is_nothing(from) && payload::is_nothing(to) {
            return;
        }
        // A function returns one value, and it need not be counted.
        let is_only = aspect != Aspect::Input && from.len() <= 1 && to.len() <= 1;
        for number in 0..from.len().max(to.len()) {
            let place = if is_only {
                place.to_owned()
            } else {
                format!("{place}[{number}]")
            };
            self.payload(aspect, &place, from.get(number), to.get(number));
        }
    }

    /// Whether two texts say the same, apart from the names that the runs have.
    pub fn is_same_text(&self, from: &str, to: &str) -> bool {
        if from == to {
            return true;
        }
        let [one, other] = &self.names;
        let neutral = |text: &str, names: &[String]| {
            let mut text = text.to_owned();
            for name in names {
                text = text.replace(name.as_str(), OWN_NAME);
            }
            text
        };
        !(one.is_empty() && other.is_empty()) && neutral(from, one) == neutral(to, other)
    }
}

fn all(payloads: Option<&Payloads>) -> &[Payload] {
    payloads.map_or(&[], |payloads| &payloads.payloads)
}

/// Whether a header's field is a tracer's: OpenTelemetry's, OpenTracing's, Datadog's, those of Temporal's interceptors.
fn is_of_tracing(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    ["trac", "span", "b3", "baggage", "datadog"]
        .iter()
        .any(|part| name.contains(part))
}

/// So many attempts at most.
fn attempts(most: i32) -> String {
    if most == 0 {
        "no limit".to_owned()
    } else {
        most.to_string()
    }
}

fn spelled(policy: &RetryPolicy) -> String {
    format!(
        "from {} × {} to {}, attempts: {}",
        span(policy.initial_interval.as_ref()),
        policy.backoff_coefficient,
        span(policy.maximum_interval.as_ref()),
        attempts(policy.maximum_attempts)
    )
}

/// A value that is not too long to be kept.
fn kept(text: String) -> String {
    if text.len() <= KEPT_BYTES {
        return text;
    }
    let end = (0..=KEPT_BYTES).rev().find(|at| text.is_char_boundary(*at));
    format!("{}… ({} bytes in all)", &text[..end.unwrap_or(0)], text.len())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::proto::WorkflowExecutionStartedEventAttributes;
    use crate::history::timestamp::duration;

    #[test]
    fn limits_and_policies_are_compared_as_the_service_takes_them() {
        let mut comparison = Comparison::default();
        comparison.limit("heartbeat", None, Some(&duration(Span::ZERO)));
        comparison.retry_policy(Some(&RetryPolicy::default()), Some(&with_defaults(None)));
        assert_eq!(comparison.found, []);
        comparison.limit("heartbeat", None, Some(&duration(Span::secs(5))));
        comparison.limit("wait", Some(&duration(Span(1))), Some(&duration(Span(2))));
        let thrice = RetryPolicy {
            maximum_attempts: 3,
            ..Default::default()
        };
        comparison.retry_policy(Some(&RetryPolicy::default()), Some(&thrice));
        comparison.retry_policy(None, Some(&thrice));
        let told: Vec<String> = comparison.found.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "heartbeat: nothing → 5 s",
                "wait: 1 ns → 2 ns",
                "maximum attempts: no limit → 3",
                "retry policy: nothing → from 1 s × 2 to 100 s, attempts: 3",
            ]
        );
    }

    #[test]
    fn a_run_that_names_itself_does_not_differ() {
        let run = |id: &str, queue: &str| HistoryEvent {
            attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(Box::new(
                WorkflowExecutionStartedEventAttributes {
                    original_execution_run_id: id.to_owned(),
                    task_queue: queue_of(queue),
                    ..Default::default()
                },
            ))),
            ..Default::default()
        };
        fn queue_of(name: &str) -> Option<TaskQueue> {
            let name = name.to_owned();
            Some(TaskQueue {
                name,
                ..Default::default()
            })
        }
        let mut comparison = Comparison::of_runs(Some(&run("r1", "q1")), Some(&run("r2", "q2")));
        comparison.queue(queue_of("q1").as_ref(), queue_of("q2").as_ref());
        assert_eq!(comparison.found, []);
        comparison.queue(queue_of("q2").as_ref(), queue_of("q2").as_ref());
        comparison.queue(queue_of("q1").as_ref(), queue_of("q1").as_ref());
        assert_eq!(comparison.found, []);
        comparison.queue(queue_of("q1").as_ref(), queue_of("q3").as_ref());
        assert_eq!(comparison.found.len(), 1);
        assert!(comparison.is_same_text("child of r1", "child of r2"));
        assert!(!comparison.is_same_text("child of r2", "child of r1"));
        assert!(!Comparison::default().is_same_text("r1", "r2"));
    }
}
