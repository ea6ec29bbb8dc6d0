//! What is known of a history that came in a file, beside its events, and what is told of one of them. `opening` makes it.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::chronicle::told::is_trouble;
use super::moment::{Outcome, StepKind};
use crate::base::time::SimTime;
use crate::history::class::{Category, Part, Thing};
use crate::history::json::Kept;
use crate::history::proto::{Attributes as A, EventType, HistoryEvent};
use crate::history::text::key_fact;
use crate::history::timestamp::Timestamp;

/// What is known of a history beside its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The name of its file.
    pub name: String,
    /// What was done to the file to read it, one sentence each.
    pub notes: Vec<String>,
    /// When it began, as the Service's clock had it: the lab's time zero.
    pub begun: Timestamp,
    /// How it ended, or what is open at its end and why: one sentence each, the most important first.
    pub outlook: Vec<String>,
    /// The file has all that had happened.
    pub complete: bool,
    /// Why it cannot be replayed, if it cannot.
    pub not_for_replay: Option<String>,
    /// How many bytes the file had.
    pub bytes: u64,
    /// How many events it holds.
    pub events: u32,
    /// How large the Service said last that the history was, in bytes; 0 if it never did.
    pub history_bytes: u64,
    /// The first event with which the Service suggested to continue as new.
    pub suggested: Option<i64>,
    /// What is unknown in the events, as JSON in a text.
    #[serde(with = "as_text")]
    pub(super) kept: Kept,
}

impl Opened {
    /// How much of Temporal's limits the run had used up: what, and how much of how much.
    pub fn gauges(&self) -> Vec<(&'static str, String)> {
        let share = |used: u64, limit: u64| 100.0 * used as f64 / limit as f64;
        let mut gauges = vec![(
            "events",
            format!("{} of 51,200 ({:.1} %)", self.events, share(self.events.into(), 51_200)),
        )];
        if self.history_bytes > 0 {
            let mib = self.history_bytes as f64 / f64::from(1 << 20);
            gauges.push(("size", format!("{mib:.2} of 50 MiB, as the Service counted it last")));
        }
        gauges.push(("the file", format!("{} KB", self.bytes.div_ceil(1_000))));
        if let Some(event) = self.suggested {
            gauges.push(("continue-as-new", format!("suggested first by event {event}")));
        }
        gauges
    }

    /// The date of a time of the recording.
    pub fn date(&self, at: SimTime) -> Timestamp {
        self.begun.plus(at.since(SimTime::ZERO))
    }

    /// An event as the file has it.
    fn original(&self, event: &HistoryEvent) -> HistoryEvent {
        HistoryEvent {
            event_time: event.event_time.map(|at| self.date(at.sim_time())),
            ..event.clone()
        }
    }

    /// An event as canonical JSON, with what is unknown in it.
    pub(super) fn json(&self, event: &HistoryEvent) -> String {
        let place = u32::try_from(event.event_id - 1).unwrap_or(u32::MAX);
        self.kept.event_text(place, &self.original(event))
    }

    /// The name of an event's type, also of one that is unknown here.
    pub(super) fn type_name(&self, event: &HistoryEvent) -> Cow<'static, str> {
        let place = u32::try_from(event.event_id - 1).ok();
        match place.and_then(|place| self.kept.type_name(place)) {
            Some(name) if event.event_type() == EventType::Unspecified => Cow::Owned(name),
            _ if is_missing(event) => Cow::Borrowed("(not in the file)"),
            _ => Cow::Borrowed(crate::history::proto::event_name(event.event_type())),
        }
    }

    /// The attributes of an event of a type that is unknown here, as rows.
    pub(super) fn unknown(&self, event: &HistoryEvent) -> Vec<(String, String)> {
        let place = u32::try_from(event.event_id - 1).ok();
        let attributes = place.and_then(|place| self.kept.attributes(place));
        attributes.map(crate::history::text::flatten_value).unwrap_or_default()
    }

    /// The history as the file has it, in order, without the events that it has not.
    pub fn history(&self, events: &[HistoryEvent]) -> Vec<HistoryEvent> {
        let there = events.iter().filter(|event| !is_missing(event));
        there.map(|event| self.original(event)).collect()
    }
}

/// Whether an event only stands for one that the file has not.
pub(super) fn is_missing(event: &HistoryEvent) -> bool {
    event.event_type == MISSING
}

/// No type of the protocol.
pub(super) const MISSING: i32 = -1;

/// What an event is as a step: what is told of it, and its kind.
pub(super) fn step(opened: &Opened, event: &HistoryEvent) -> (String, StepKind) {
    let class = event.class();
    let name = opened.type_name(event);
    let fact = key_fact(event);
    let text = if fact.is_empty() {
        format!("event {}: {name}", event.event_id)
    } else {
        format!("event {}: {name}, {fact}", event.event_id)
    };
    let kind = match (class.category, class.part) {
        (Category::WorkflowTask, Part::Opens(_)) => StepKind::Timer,
        (Category::WorkflowTask, Part::Starts(_)) => StepKind::Poll,
        (Category::WorkflowTask, _) if Outcome::of(class) == Outcome::Ok => StepKind::Answer,
        (Category::WorkflowTask, _) => StepKind::Refused,
        (Category::Activity, Part::Starts(_)) => StepKind::Poll,
        (Category::Activity, Part::Closes(..)) => StepKind::ActivityAnswer,
        (Category::Timer, Part::Closes(..)) => StepKind::Timer,
        (Category::Signal, _) | (Category::Workflow, Part::Opens(_)) => StepKind::Client,
        (Category::Workflow | Category::Activity | Category::Timer | Category::Other, _) => StepKind::Answer,
    };
    (text, kind)
}

/// Whether "next interesting" stops at an event: something failed or is tried again, the run ends, an event is not there.
pub(super) fn is_interesting(event: &HistoryEvent) -> bool {
    let class = event.class();
    let again = match &event.attributes {
        Some(A::ActivityTaskStartedEventAttributes(started)) => started.attempt > 1,
        Some(A::WorkflowTaskScheduledEventAttributes(scheduled)) => scheduled.attempt > 1,
        _ => false,
    };
    again
        || is_missing(event)
        || class.end().is_some_and(is_trouble)
        || matches!(class.part, Part::Closes(Thing::Run, _))
        || event.event_type() == EventType::WorkflowExecutionCancelRequested
}

/// What was kept, as JSON in a text: no other form carries every number and every order of keys.
mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::history::json::Kept;

    pub(super) fn serialize<S: Serializer>(kept: &Kept, to: S) -> Result<S::Ok, S::Error> {
        kept.to_text().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kept, D::Error> {
        Kept::from_text(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
