//! What every rule looks at: a history, prepared once. Activities, workflow tasks and local activities with their events
//! together, the run's start and its end.
//!
//! Nothing here judges. What is incomplete, because a file was cut off or is broken, is left out.

mod activity;
mod local_activity;
mod task;

pub(super) use self::activity::{Activity, ActivityEnd, timeout_type};
pub(super) use self::local_activity::LocalActivity;
pub(super) use self::task::{Task, TaskEnd};

use crate::base::time::Span;
use crate::history::class::Thing;
use crate::history::operation::{Operation, operations};
use crate::history::proto::{Attributes, EventType, HistoryEvent, WorkflowExecutionStartedEventAttributes, event_name};
use crate::history::timestamp::{Timestamp, span};

/// A history, prepared for the rules.
pub(super) struct Evidence<'a> {
    /// All events, in the order of their ids.
    pub(super) events: &'a [HistoryEvent],
    /// How it began, if its first event is here.
    pub(super) start: Option<Start<'a>>,
    /// How it ends.
    pub(super) ending: Ending<'a>,
    /// What lasts, in the order in which it began.
    pub(super) operations: Vec<Operation>,
    /// The activities, in the order in which they were scheduled.
    pub(super) activities: Vec<Activity<'a>>,
    /// The workflow tasks that stand in the history, in their order.
    pub(super) tasks: Vec<Task<'a>>,
    /// The markers of local activities, in their order.
    pub(super) local_activities: Vec<LocalActivity<'a>>,
}

/// The beginning of a run.
#[derive(Clone, Copy)]
pub(super) struct Start<'a> {
    pub(super) event: &'a HistoryEvent,
    pub(super) attributes: &'a WorkflowExecutionStartedEventAttributes,
}

/// The end of a history.
#[derive(Clone, Copy)]
pub(super) enum Ending<'a> {
    /// The run is closed, by this event.
    Closed(&'a HistoryEvent),
    /// The run was reset: what was open in it goes on in another run, and messages are delivered there.
    Reset,
    /// The run was open when the history was written down.
    Open,
    /// There are more events than these, so nothing follows from the last one.
    Unknown,
}

impl<'a> Evidence<'a> {
    /// Prepares a history. `whole` is false if it is known to go on after the last event.
    pub(super) fn of(events: &'a [HistoryEvent], whole: bool) -> Self {
        let operations = operations(events);
        let of = |thing| operations.iter().filter(move |operation| operation.thing == thing);
        let activities = of(Thing::Activity).filter_map(|operation| Activity::of(events, operation));
        let tasks: Vec<_> = of(Thing::WorkflowTask)
            .filter_map(|operation| Task::of(events, operation))
            .collect();
        let close = events.iter().find(|event| event.class().ends_run());
        Self {
            events,
            start: events.first().and_then(Start::of),
            ending: match close {
                Some(close) if is_reset(close) => Ending::Reset,
                Some(close) => Ending::Closed(close),
                None if whole => Ending::Open,
                None => Ending::Unknown,
            },
            activities: activities.collect(),
            local_activities: LocalActivity::all(events),
            tasks,
            operations,
        }
    }

    /// The event in this place.
    pub(super) fn event(&self, place: u32) -> Option<&'a HistoryEvent> {
        self.events.get(place as usize)
    }

    /// How long one run may take; zero for as long as it likes, or if it is not known.
    pub(super) fn run_timeout(&self) -> Span {
        let timeout = self
            .start
            .and_then(|start| start.attributes.workflow_run_timeout.as_ref());
        span(timeout)
    }

    /// Whether the run was open when the history was written down.
    pub(super) fn is_open(&self) -> bool {
        matches!(self.ending, Ending::Open)
    }

    /// The latest time that an event has.
    pub(super) fn latest(&self) -> Option<Timestamp> {
        self.events.iter().filter_map(|event| event.event_time).max()
    }
}

impl<'a> Start<'a> {
    fn of(event: &'a HistoryEvent) -> Option<Self> {
        match event.attributes.as_ref()? {
            Attributes::WorkflowExecutionStartedEventAttributes(attributes) => Some(Self { event, attributes }),
            _ => None,
        }
    }

    /// The wait before the first workflow task.
    pub(super) fn backoff(self) -> Span {
        span(self.attributes.first_workflow_task_backoff.as_ref())
    }
}

/// Whether this ends a run because it is reset.
fn is_reset(close: &HistoryEvent) -> bool {
    /// Who the Service says it was.
    const RESETTER: &str = "history-resetter";
    match &close.attributes {
        Some(Attributes::WorkflowExecutionTerminatedEventAttributes(a)) => a.identity == RESETTER,
        _ => false,
    }
}

/// How long after the one the other happened; zero if a time is missing.
pub(super) fn between(earlier: &HistoryEvent, later: &HistoryEvent) -> Span {
    match (earlier.event_time, later.event_time) {
        (Some(earlier), Some(later)) => later.since(earlier),
        _ => Span::ZERO,
    }
}

/// How a closed run ended, in a word: `Completed`, `ContinuedAsNew`.
pub(super) fn how(close: &HistoryEvent) -> &'static str {
    let name = event_name(close.event_type());
    name.strip_prefix("WorkflowExecution").unwrap_or(name)
}

/// Whether an event has this type.
pub(super) fn is(event: &HistoryEvent, event_type: EventType) -> bool {
    event.event_type() == event_type
}
