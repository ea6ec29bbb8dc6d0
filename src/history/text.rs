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
use super::facts::facts;
use super::proto::{Attributes as A, History, HistoryEvent};
use super::refs::references;
use super::timestamp::Timestamp;
use crate::base::time::SimTime;

pub use super::details::{flatten, payload_preview};
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
    let begin = history.events.first().and_then(|e| e.event_time);
    let mut text = String::new();
    for event in &history.events {
        text.push_str(&event_line(event, begin));
        text.push('\n');
    }
    let legend = Category::ALL.map(|c| format!("{} {}", c.glyph(), c.name()));
    text.push_str(&format!("{:21}{}\n", "", legend.join("   ")));
    text
}

/// An event as a line of text; `begin` is the time of the first event.
pub fn event_line(event: &HistoryEvent, begin: Option<Timestamp>) -> String {
    let elapsed = match (event.event_time, begin) {
        (Some(at), Some(begin)) => SimTime(at.since(begin).0).to_string(),
        _ => String::new(),
    };
    let mut told = facts(event);
    if let Some(of) = event.attributes.as_ref().and_then(refers_to) {
        told.push(format!("of {of}"));
    }
    let line = format!(
        "{:>5}  {elapsed:>12}  {} {:NAME_CHARS$}  {}",
        event.event_id,
        event.class().category.glyph(),
        event_name(event.event_type()),
        told.join(" · ")
    );
    line.trim_end().to_owned()
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
