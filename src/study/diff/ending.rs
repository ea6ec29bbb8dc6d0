//! How things ended, in words, and what happened to workflow tasks that came to no end.

#![warn(clippy::wildcard_enum_match_arm)]

use std::collections::BTreeMap;

use crate::base::time::Span;
use crate::history::class::{End, Thing};
use crate::history::difference::failure_words;
use crate::history::proto::{Attributes, EventType, HistoryEvent};
use crate::history::text::key_fact;

/// The event at a place.
pub(super) fn event(events: &[HistoryEvent], place: Option<u32>) -> Option<&HistoryEvent> {
    events.get(usize::try_from(place?).ok()?)
}

/// A number of events.
pub(super) fn count(events: &[HistoryEvent]) -> u32 {
    u32::try_from(events.len()).unwrap_or(u32::MAX)
}

/// Where the run ends.
pub(super) fn end_of_run(events: &[HistoryEvent]) -> Option<u32> {
    let ends = (0..).zip(events).filter(|(_, event)| event.class().ends_run());
    ends.last().map(|(place, _)| place)
}

/// How something ended, by the event that ended it: `completed`, `failed: card declined`, `open`.
pub(super) fn outcome(events: &[HistoryEvent], closed: Option<u32>) -> String {
    let Some(closed) = event(events, closed) else {
        return "open".to_owned();
    };
    let because = |how: &str| match why(closed).as_str() {
        "" => how.to_owned(),
        why => format!("{how}: {why}"),
    };
    let class = closed.class();
    match (class.end(), class.part.thing()) {
        (Some(End::Ok), Some(Thing::Timer)) => "fired".to_owned(),
        (Some(End::Ok), Some(Thing::SignalOut | Thing::CancelOut | Thing::NexusCancel)) => "delivered".to_owned(),
        (Some(End::Ok), _) if closed.event_type() == EventType::WorkflowExecutionContinuedAsNew => {
            "continued as new".to_owned()
        }
        (Some(End::Ok), _) => "completed".to_owned(),
        (Some(End::Failed), _) => because("failed"),
        (Some(End::TimedOut), _) => because("timed out"),
        (Some(End::Canceled), _) => "canceled".to_owned(),
        (Some(End::Terminated), _) => because("terminated"),
        (None, _) => "open".to_owned(),
    }
}

fn why(closed: &HistoryEvent) -> String {
    use Attributes as A;
    let failure = match &closed.attributes {
        Some(A::WorkflowExecutionFailedEventAttributes(a)) => a.failure.as_ref(),
        Some(A::ActivityTaskFailedEventAttributes(a)) => a.failure.as_ref(),
        Some(A::ActivityTaskTimedOutEventAttributes(a)) => a.failure.as_ref(),
        Some(A::ChildWorkflowExecutionFailedEventAttributes(a)) => a.failure.as_ref(),
        Some(A::NexusOperationFailedEventAttributes(a)) => a.failure.as_ref(),
        Some(A::NexusOperationTimedOutEventAttributes(a)) => a.failure.as_ref(),
        _ => return key_fact(closed),
    };
    failure_words(failure)
}

/// The time from one event to another.
pub(super) fn between(events: &[HistoryEvent], from: u32, to: Option<u32>) -> Option<Span> {
    let time = |place| event(events, place)?.event_time;
    Some(time(to)?.since(time(Some(from))?))
}

/// Workflow tasks that came to no end, all for one reason.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lost {
    /// How many.
    pub(super) times: u32,
    /// Where the first of them was given up.
    pub(super) first: u32,
}

/// The workflow tasks of a history that failed or timed out, by the reason.
pub(super) fn lost_tasks(events: &[HistoryEvent]) -> BTreeMap<String, Lost> {
    let mut all = BTreeMap::new();
    for (place, event) in (0..).zip(events) {
        let how = match event.class().end() {
            Some(End::Failed) => "failed",
            Some(End::TimedOut) => "timed out",
            Some(End::Ok | End::Canceled | End::Terminated) | None => continue,
        };
        if event.class().part.thing() == Some(Thing::WorkflowTask) {
            let why = match key_fact(event) {
                why if why.is_empty() => how.to_owned(),
                why => format!("{how} ({why})"),
            };
            let lost = all.entry(why).or_insert(Lost { times: 0, first: place });
            lost.times += 1;
        }
    }
    all
}

/// What was noted of something while it lasted, and how often.
pub(super) fn notes(events: &[HistoryEvent], changes: &[u32]) -> BTreeMap<&'static str, u32> {
    let mut notes = BTreeMap::new();
    for place in changes {
        let Some(event) = event(events, Some(*place)) else {
            continue;
        };
        let note = if event.event_type() == EventType::ActivityTaskCancelRequested {
            "requests to stop"
        } else {
            "changes from outside"
        };
        *notes.entry(note).or_insert(0) += 1;
    }
    notes
}
