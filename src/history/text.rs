//! Histories for people: one line an event, in fixed columns, and the words these lines are made of.
//!
//! ```text
//!     5  00:00:00.163  ● ActivityTaskScheduled             ChargeCard · id 1 · ("a") · start-to-close 10 s
//! ```
//!
//! id, time since the first event, glyph of the category, type (a few long names push the rest to the right), then the
//! facts most worth telling first, cut short. The lines of a history depend on nothing but the history, so golden tests
//! can hold them. The whole truth of an event is in [`flatten`].

use super::class::Category;
use super::facts::{facts, one_line};
use super::json::ReadHistory;
use super::proto::{Attributes as A, EventType, History, HistoryEvent};
use super::refs::references;
use super::timestamp::Timestamp;
use crate::base::time::SimTime;

pub use super::details::{flatten, flatten_value, payload_preview};
pub use super::proto::{event_name, event_type};

/// Width of the type's column: the longest names of workflow, task, activity and timer events fit.
const NAME_CHARS: usize = 32;

impl Category {
    /// One character wide in every terminal.
    pub const fn glyph(self) -> char {
        match self {
            Self::Workflow => '◆',
            Self::WorkflowTask => '◇',
            Self::Activity => '●',
            Self::Timer => '◔',
            Self::Signal => '▲',
            Self::Other => '·',
        }
    }

    /// Its name in the legend.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Workflow => "run",
            Self::WorkflowTask => "workflow task",
            Self::Activity => "activity",
            Self::Timer => "timer",
            Self::Signal => "from outside",
            Self::Other => "other",
        }
    }
}

/// A history as text: one line an event, then the legend.
pub fn history_lines(history: &History) -> String {
    lines(history, |_, event, begin| event_line(event, begin))
}

/// The history of a file as text: also events of types that this version does not know, by the names they came with.
pub fn file_lines(read: &ReadHistory) -> String {
    lines(&read.history, |position, event, begin| {
        match read.kept.type_name(position) {
            Some(name) if event.event_type() == EventType::Unspecified => {
                line(event, begin, &name, &unknown(read, position))
            }
            _ => event_line(event, begin),
        }
    })
}

fn lines(history: &History, line: impl Fn(u32, &HistoryEvent, Option<Timestamp>) -> String) -> String {
    let begin = history.events.first().and_then(|e| e.event_time);
    let mut text = String::new();
    for (position, event) in (0..).zip(&history.events) {
        text.push_str(&line(position, event, begin));
        text.push('\n');
    }
    let legend = Category::ALL.map(|c| format!("{} {}", c.glyph(), c.name()));
    text.push_str(&format!("{:21}{}\n", "", legend.join("   ")));
    text
}

/// An event as a line of text; `begin` is the time of the first event.
pub fn event_line(event: &HistoryEvent, begin: Option<Timestamp>) -> String {
    let mut told = facts(event);
    if let Some(of) = event.attributes.as_ref().and_then(refers_to) {
        told.push(format!("of {of}"));
    }
    line(event, begin, event_name(event.event_type()), &told)
}

fn line(event: &HistoryEvent, begin: Option<Timestamp>, name: &str, told: &[String]) -> String {
    let elapsed = match (event.event_time, begin) {
        (Some(at), Some(begin)) => SimTime(at.since(begin).0).to_string(),
        _ => String::new(),
    };
    let line = format!(
        "{:>5}  {elapsed:>12}  {} {name:NAME_CHARS$}  {}",
        event.event_id,
        event.class().category.glyph(),
        told.join(" · ")
    );
    line.trim_end().to_owned()
}

/// What there is to tell of an event of a type that is unknown here: what it says, and what a worker may do with it.
fn unknown(read: &ReadHistory, position: u32) -> Vec<String> {
    let ignorable = read
        .history
        .events
        .get(position as usize)
        .is_some_and(|event| event.worker_may_ignore);
    let may = if ignorable {
        "unknown here; a worker may ignore it"
    } else {
        "unknown here"
    };
    let attributes = read.kept.attributes(position).map(flatten_value).unwrap_or_default();
    let told = attributes
        .into_iter()
        .map(|(name, value)| one_line(&format!("{name} {value}")));
    std::iter::once(may.to_owned()).chain(told).collect()
}

/// The one fact most worth a chip: an activity's type, an attempt's number, a result, a failure. Empty if there is
/// none.
pub fn key_fact(event: &HistoryEvent) -> String {
    facts(event).into_iter().next().unwrap_or_default()
}

/// The event that this one continues: the one that scheduled, started or initiated what it tells of.
fn refers_to(attributes: &A) -> Option<i64> {
    let all = references(attributes);
    all.iter()
        .find(|r| r.field != "workflowTaskCompletedEventId" && r.to != 0)
        .map(|r| r.to)
}
