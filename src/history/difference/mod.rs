//! Where two things part that were asked for, or came of it: the place, and what stands there on either side.
//!
//! [`Comparison`] collects; [`payload`] looks into JSON, [`said`] knows what of each event is somebody's word and what only
//! Service and worker put beside it. What is random by nature (ids of runs and requests, identities, ids of events) and
//! what only tells the time is never compared. Which event is to be compared with which is for others to say.

mod payload;
mod said;

use std::collections::BTreeMap;
use std::fmt;

use serde::Serialize;

use super::proto::{
    ApplicationFailureInfo, Duration, Failure, FailureInfo, Header, Payload, Payloads, RetryPolicy, SearchAttributes,
    TaskQueue,
};
use super::retry_policy::with_defaults;
use super::timestamp::span;

/// What part of something differs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Aspect {
    /// What it is called.
    Id,
    /// What it was given.
    Input,
    /// How it was to be done: limits, policies, queues.
    Option,
    /// How often it was tried.
    Attempts,
    /// How it ended.
    Outcome,
    /// What it returned.
    Result,
    /// Why it failed.
    Failure,
    /// How long it took.
    Duration,
}

/// One place at which two sides differ.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// What part of it.
    pub aspect: Aspect,
    /// Where in that part: `[0].amount`, `start-to-close`. Empty for all of it.
    pub place: String,
    /// What one side has there; `None` if nothing.
    pub from: Option<String>,
    /// What the other side has there; `None` if nothing.
    pub to: Option<String>,
}

/// Longer values than this are not kept whole, in bytes.
const KEPT_BYTES: usize = 4 << 10;

/// No more of a value than this is told on a line, in characters.
const TOLD_CHARS: usize = 80;

/// So much before the place where two long values part is told with it, in characters.
const CONTEXT_CHARS: usize = 20;

/// Compares two sides, and collects where they differ.
#[derive(Clone, Debug, Default)]
pub struct Comparison {
    /// Where they differ.
    pub found: Vec<Difference>,
    /// How many values could not be compared: they differ as bytes, and nobody here can read them. What is encrypted
    /// twice differs although it is the same.
    pub sealed: u32,
    names: [Vec<String>; 2],
}

/// What stands for a run's own name on both sides.
const OWN_NAME: &str = "\u{1}";

impl Comparison {
    /// A comparison of two runs with these ids: where each names itself they do not differ.
    pub fn of_runs(from: Vec<String>, to: Vec<String>) -> Self {
        let names = [from, to].map(|mut names| {
            names.retain(|name| !name.is_empty());
            names.sort_unstable();
            names.dedup();
            names
        });
        Self {
            names,
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
            let shown = |limit: crate::base::time::Span| (!limit.is_zero()).then(|| limit.to_string());
            let (a, b) = (shown(from), shown(to));
            // What differs by less than a line can tell is told in full.
            let exact = |limit: crate::base::time::Span| Some(format!("{} ns", limit.0));
            let (a, b) = if a == b { (exact(from), exact(to)) } else { (a, b) };
            self.add(Aspect::Option, place, a, b);
        }
    }

    /// Task queues, by their names.
    pub fn queue(&mut self, from: Option<&TaskQueue>, to: Option<&TaskQueue>) {
        let name = |queue: Option<&TaskQueue>| queue.map(|queue| queue.name.clone()).unwrap_or_default();
        self.text(Aspect::Option, "task queue", &name(from), &name(to));
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

    /// Why something failed: messages, types and details, cause by cause. Stack traces, and who says so, are not compared.
    pub fn failure(&mut self, place: &str, from: Option<&Failure>, to: Option<&Failure>) {
        let is_sealed = |failure: Option<&Failure>| failure.is_some_and(|failure| failure.encoded_attributes.is_some());
        if is_sealed(from) || is_sealed(to) {
            self.sealed += u32::from(from != to);
            return;
        }
        self.text(Aspect::Failure, place, &chain(from), &chain(to));
        let (mut from, mut to) = (from, to);
        while let (Some(one), Some(other)) = (from, to) {
            let place = format!("{place}{}details", if place.is_empty() { "" } else { " " });
            self.payloads(Aspect::Failure, &place, details(one), details(other));
            (from, to) = (one.cause.as_deref(), other.cause.as_deref());
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

/// A failure and its causes in words, outermost first: `Activity task failed: card declined (CardError, non-retryable)`.
fn chain(failure: Option<&Failure>) -> String {
    let mut text = String::new();
    let mut next = failure;
    while let Some(failure) = next {
        if !text.is_empty() {
            text.push_str(": ");
        }
        text.push_str(&failure.message);
        let marks = marks(failure);
        if !marks.is_empty() {
            text.push_str(&format!(" ({})", marks.join(", ")));
        }
        next = failure.cause.as_deref();
    }
    text
}

fn marks(failure: &Failure) -> Vec<String> {
    let non_retryable = |is_so: bool| is_so.then(|| "non-retryable".to_owned());
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => {
            let kind = (!info.r#type.is_empty()).then(|| info.r#type.clone());
            kind.into_iter().chain(non_retryable(info.non_retryable)).collect()
        }
        Some(FailureInfo::TimeoutFailureInfo(info)) => {
            vec![super::enums::timeout_name(info.timeout_type()).to_owned()]
        }
        Some(FailureInfo::ServerFailureInfo(info)) => non_retryable(info.non_retryable).into_iter().collect(),
        Some(FailureInfo::NexusHandlerFailureInfo(info)) => vec![info.r#type.clone()],
        Some(
            FailureInfo::CanceledFailureInfo(_)
            | FailureInfo::TerminatedFailureInfo(_)
            | FailureInfo::ResetWorkflowFailureInfo(_)
            | FailureInfo::ActivityFailureInfo(_)
            | FailureInfo::ChildWorkflowExecutionFailureInfo(_)
            | FailureInfo::NexusOperationExecutionFailureInfo(_),
        )
        | None => Vec::new(),
    }
}

fn details(failure: &Failure) -> Option<&Payloads> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo { details, .. })) => details.as_ref(),
        _ => None,
    }
}

/// A value that is not too long to be kept.
fn kept(text: String) -> String {
    if text.len() <= KEPT_BYTES {
        return text;
    }
    let end = (0..=KEPT_BYTES).rev().find(|at| text.is_char_boundary(*at));
    format!("{}… ({} bytes in all)", &text[..end.unwrap_or(0)], text.len())
}

impl Aspect {
    /// In a word, for people.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::Input => "input",
            Self::Option => "option",
            Self::Attempts => "attempts",
            Self::Outcome => "outcome",
            Self::Result => "result",
            Self::Failure => "failure",
            Self::Duration => "duration",
        }
    }
}

impl Difference {
    /// What differs, in words: `input [0].amount`, `start-to-close`.
    pub fn name(&self) -> String {
        match (self.aspect, self.place.as_str()) {
            (aspect, "") => aspect.word().to_owned(),
            // These have names of their own.
            (Aspect::Option | Aspect::Outcome, place) => place.to_owned(),
            (aspect, place) => format!("{} {place}", aspect.word()),
        }
    }

    /// Both sides on one line: `89 → 178`. Nothing where the name says it all.
    pub fn change(&self) -> String {
        if self.from.is_none() && self.to.is_none() {
            return String::new();
        }
        let (from, to) = told(self.from.as_deref(), self.to.as_deref());
        format!("{from} → {to}")
    }
}

impl fmt::Display for Difference {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let change = self.change();
        let colon = if change.is_empty() { "" } else { ": " };
        write!(f, "{}{colon}{change}", self.name())
    }
}

/// Two values as they fit on a line: of long ones the part where they begin to differ.
fn told(from: Option<&str>, to: Option<&str>) -> (String, String) {
    const NOTHING: &str = "nothing";
    let one_line = |text: &str| -> Vec<char> {
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
        words.join(" ").chars().collect()
    };
    let (one, other) = (from.map(one_line), to.map(one_line));
    let start = match (&one, &other) {
        (Some(one), Some(other)) if one.len().max(other.len()) > TOLD_CHARS => {
            let common = one.iter().zip(other).take_while(|(a, b)| a == b).count();
            // What differs soon is told from the beginning.
            if common > TOLD_CHARS / 2 {
                common - CONTEXT_CHARS
            } else {
                0
            }
        }
        _ => 0,
    };
    let cut = |text: Option<Vec<char>>| {
        let Some(text) = text else { return NOTHING.to_owned() };
        let rest = &text[start.min(text.len())..];
        let shown: String = rest.iter().take(TOLD_CHARS).collect();
        let before = if start > 0 { "…" } else { "" };
        let after = if rest.len() > TOLD_CHARS { "…" } else { "" };
        format!("{before}{shown}{after}")
    };
    (cut(one), cut(other))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;
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
        let comparison = Comparison::of_runs(vec!["r1".to_owned(), String::new()], vec!["r2".to_owned()]);
        assert!(comparison.is_same_text("child of r1", "child of r2"));
        assert!(!comparison.is_same_text("child of r2", "child of r1"));
        assert!(!Comparison::default().is_same_text("r1", "r2"));
    }

    #[test]
    fn of_long_values_the_part_that_differs_is_told() {
        let long = |end: &str| Some("x".repeat(500) + end);
        let difference = Difference {
            aspect: Aspect::Result,
            place: String::new(),
            from: long("one"),
            to: long("two"),
        };
        let same = "x".repeat(CONTEXT_CHARS);
        assert_eq!(difference.to_string(), format!("result: …{same}one → …{same}two"));
    }

    #[test]
    fn failures_are_compared_cause_by_cause() {
        let failure = |message: &str, non_retryable: bool, stack_trace: &str| Failure {
            message: message.to_owned(),
            stack_trace: stack_trace.to_owned(),
            failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
                r#type: "CardError".to_owned(),
                non_retryable,
                ..Default::default()
            })),
            ..Default::default()
        };
        let around = |cause: Failure| Failure {
            message: "Activity task failed".to_owned(),
            cause: Some(Box::new(cause)),
            ..Default::default()
        };
        let mut comparison = Comparison::default();
        let one = around(failure("declined", false, "here"));
        comparison.failure("", Some(&one), Some(&around(failure("declined", false, "there"))));
        assert_eq!(comparison.found, []);
        comparison.failure("", Some(&one), Some(&around(failure("declined", true, "here"))));
        assert_eq!(
            comparison.found[0].to_string(),
            "failure: Activity task failed: declined (CardError) → Activity task failed: declined (CardError, non-retryable)"
        );
    }
}
