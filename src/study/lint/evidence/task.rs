//! A workflow task with all its events, and what follows its answer.

use crate::base::time::Span;
use crate::history::operation::Operation;
use crate::history::proto::{
    Attributes, HistoryEvent, WorkflowTaskCompletedEventAttributes, WorkflowTaskFailedEventAttributes,
    WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes, WorkflowTaskTimedOutEventAttributes,
};
use crate::history::timestamp::span;

use super::between;

/// By this the Service marks a task that it handed to the worker which had just answered one.
const AT_ONCE: &str = "request-from-RespondWorkflowTaskCompleted";

/// A workflow task that stands in the history.
pub(in crate::study::lint) struct Task<'a> {
    /// Its WorkflowTaskScheduled.
    pub(in crate::study::lint) opened: &'a HistoryEvent,
    pub(in crate::study::lint) scheduled: &'a WorkflowTaskScheduledEventAttributes,
    /// When a worker took it.
    pub(in crate::study::lint) started: Option<(&'a HistoryEvent, &'a WorkflowTaskStartedEventAttributes)>,
    /// How it ended; `None` while it is pending.
    pub(in crate::study::lint) closed: Option<(&'a HistoryEvent, TaskEnd<'a>)>,
    /// What stands after its answer.
    pub(in crate::study::lint) rest: &'a [HistoryEvent],
    /// It was answered only in order to get another one at once: a local activity needs more time.
    pub(in crate::study::lint) prolonged: bool,
}

/// How a workflow task ended.
#[derive(Clone, Copy)]
pub(in crate::study::lint) enum TaskEnd<'a> {
    Completed(&'a WorkflowTaskCompletedEventAttributes),
    Failed(&'a WorkflowTaskFailedEventAttributes),
    TimedOut(&'a WorkflowTaskTimedOutEventAttributes),
}

impl<'a> Task<'a> {
    pub(super) fn of(events: &'a [HistoryEvent], operation: &Operation) -> Option<Self> {
        let at = |place: u32| events.get(place as usize);
        let opened = at(operation.opened)?;
        let Some(Attributes::WorkflowTaskScheduledEventAttributes(scheduled)) = &opened.attributes else {
            return None;
        };
        let started = operation
            .started
            .and_then(at)
            .and_then(|event| match &event.attributes {
                Some(Attributes::WorkflowTaskStartedEventAttributes(started)) => Some((event, started)),
                _ => None,
            });
        let closed = operation.closed.and_then(at).and_then(|event| {
            let end = match event.attributes.as_ref()? {
                Attributes::WorkflowTaskCompletedEventAttributes(a) => TaskEnd::Completed(a),
                Attributes::WorkflowTaskFailedEventAttributes(a) => TaskEnd::Failed(a),
                Attributes::WorkflowTaskTimedOutEventAttributes(a) => TaskEnd::TimedOut(a),
                _ => return None,
            };
            Some((event, end))
        });
        let after = operation.closed.map_or(events.len(), |place| place as usize + 1);
        let after = events.get(after..).unwrap_or_default();
        let completed = matches!(closed, Some((_, TaskEnd::Completed(_))));
        let commands = after.iter().position(|event| !event.class().is_answer());
        let answer_end = if completed { commands.unwrap_or(after.len()) } else { 0 };
        let (answer, rest) = after.split_at(answer_end);
        Some(Self {
            opened,
            scheduled,
            started,
            closed,
            prolonged: completed && answer.is_empty() && closed.is_some_and(|(event, _)| another_at_once(event, rest)),
            rest,
        })
    }

    /// Id of the event that scheduled it.
    pub(in crate::study::lint) fn id(&self) -> i64 {
        self.opened.event_id
    }

    /// The name of the queue that every worker polls.
    pub(in crate::study::lint) fn queue(&self) -> &'a str {
        let queue = self.scheduled.task_queue.as_ref();
        queue.map_or("", |queue| {
            if queue.normal_name.is_empty() {
                &queue.name
            } else {
                &queue.normal_name
            }
        })
    }

    /// How long a worker may take to answer it.
    pub(in crate::study::lint) fn timeout(&self) -> Span {
        span(self.scheduled.start_to_close_timeout.as_ref())
    }

    /// Who took it.
    pub(in crate::study::lint) fn identity(&self) -> &'a str {
        self.started.map_or("", |(_, started)| &started.identity)
    }

    pub(in crate::study::lint) fn completed(&self) -> Option<&'a HistoryEvent> {
        self.closed
            .and_then(|(event, end)| matches!(end, TaskEnd::Completed(_)).then_some(event))
    }

    pub(in crate::study::lint) fn failed(&self) -> Option<(&'a HistoryEvent, &'a WorkflowTaskFailedEventAttributes)> {
        match self.closed {
            Some((event, TaskEnd::Failed(failed))) => Some((event, failed)),
            Some((_, TaskEnd::Completed(_) | TaskEnd::TimedOut(_))) | None => None,
        }
    }

    pub(in crate::study::lint) fn timed_out(
        &self,
    ) -> Option<(&'a HistoryEvent, &'a WorkflowTaskTimedOutEventAttributes)> {
        match self.closed {
            Some((event, TaskEnd::TimedOut(timed_out))) => Some((event, timed_out)),
            Some((_, TaskEnd::Completed(_) | TaskEnd::Failed(_))) | None => None,
        }
    }

    /// How long a worker was at it; zero if that is not known.
    pub(in crate::study::lint) fn took(&self) -> Span {
        match (self.started, self.closed) {
            (Some((started, _)), Some((closed, _))) => between(started, closed),
            _ => Span::ZERO,
        }
    }
}

/// Whether the next task was handed out with the answer to this one.
fn another_at_once(completed: &HistoryEvent, rest: &[HistoryEvent]) -> bool {
    let [scheduled, started, ..] = rest else { return false };
    let Some(Attributes::WorkflowTaskStartedEventAttributes(a)) = &started.attributes else {
        return false;
    };
    let at = completed.event_time;
    let same_moment = at.is_some() && scheduled.event_time == at && started.event_time == at;
    a.scheduled_event_id == scheduled.event_id && (a.request_id == AT_ONCE || same_moment)
}
