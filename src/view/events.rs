//! The rows of the history panel: each event with its colour, its one telling fact, and why it is there.

use super::recording::{EventRow, Outcome};
use crate::base::time::SimTime;
use crate::history::json::event_text;
use crate::history::proto::{Attributes as A, EventType, HistoryEvent, event_name};
use crate::history::refs::references;
use crate::history::text::{category, flatten, key_fact};
use crate::history::timestamp::Timestamp;

/// Makes rows out of events, and counts the workflow tasks on the way.
#[derive(Debug, Default)]
pub(super) struct EventRows {
    rows: Vec<EventRow>,
    task: u32,
    /// The last event was what the code answered: a WorkflowTaskCompleted or an event of a command.
    answered: bool,
}

impl EventRows {
    /// Takes in one event that step `step` wrote.
    pub(super) fn see(&mut self, event: &HistoryEvent, step: u32) {
        let answers = event.event_type() == EventType::WorkflowTaskCompleted || is_command(event);
        // A group is what the code saw and did in one task: it begins with the news that made the task necessary.
        if self.rows.is_empty() || (self.answered && !answers) {
            self.task += 1;
        }
        self.answered = answers;
        self.rows.push(row(event, step, self.task));
    }

    /// All rows.
    pub(super) fn finish(self) -> Vec<EventRow> {
        self.rows
    }
}

/// How an event says that something ended; Running for events that end nothing.
pub(super) fn outcome(event: &HistoryEvent) -> Outcome {
    match event.event_type() {
        EventType::WorkflowExecutionCompleted
        | EventType::WorkflowTaskCompleted
        | EventType::ActivityTaskCompleted
        | EventType::TimerFired => Outcome::Ok,
        EventType::WorkflowExecutionFailed | EventType::WorkflowTaskFailed | EventType::ActivityTaskFailed => {
            Outcome::Failed
        }
        EventType::WorkflowExecutionTimedOut | EventType::WorkflowTaskTimedOut | EventType::ActivityTaskTimedOut => {
            Outcome::TimedOut
        }
        _ => Outcome::Running,
    }
}

fn row(event: &HistoryEvent, step: u32, task: u32) -> EventRow {
    let refers_to = event
        .attributes
        .as_ref()
        .map(references)
        .unwrap_or_default()
        .into_iter()
        .filter_map(|reference| u32::try_from(reference.to).ok().filter(|id| *id > 0))
        .collect();
    EventRow {
        id: u32::try_from(event.event_id).unwrap_or(u32::MAX),
        at: event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time),
        name: event_name(event.event_type()).to_owned(),
        category: category(event.event_type()),
        outcome: outcome(event),
        chip: key_fact(event),
        task,
        step,
        refers_to,
        details: flatten(event),
        why: why(event),
        json: event_text(event),
    }
}

/// Events that a command of the workflow's code produced.
fn is_command(event: &HistoryEvent) -> bool {
    matches!(
        event.attributes,
        Some(
            A::ActivityTaskScheduledEventAttributes(_)
                | A::TimerStartedEventAttributes(_)
                | A::TimerCanceledEventAttributes(_)
                | A::WorkflowExecutionCompletedEventAttributes(_)
                | A::WorkflowExecutionFailedEventAttributes(_)
        )
    )
}

/// Why an event is in the history, in one sentence.
fn why(event: &HistoryEvent) -> String {
    let Some(attributes) = &event.attributes else {
        return String::new();
    };
    match attributes {
        A::WorkflowExecutionStartedEventAttributes(_) => {
            "A client started the workflow. Every replay begins here, with this input.".to_owned()
        }
        A::WorkflowTaskScheduledEventAttributes(a)
            if a.task_queue.as_ref().is_some_and(|q| !q.normal_name.is_empty()) =>
        {
            "There is news for the workflow's code. The worker that has the run in memory gets it first.".to_owned()
        }
        A::WorkflowTaskScheduledEventAttributes(_) => {
            "There is news for the workflow's code. Any worker that polls the task queue may take it.".to_owned()
        }
        A::WorkflowTaskStartedEventAttributes(_) => {
            "A worker took the task. Workflow time, as the code sees it, is the time of this event.".to_owned()
        }
        A::WorkflowTaskCompletedEventAttributes(_) => {
            "The code ran until it had to wait. What it asked for follows, one event a command.".to_owned()
        }
        A::WorkflowTaskTimedOutEventAttributes(a) if a.started_event_id == 0 => {
            "The worker that had the run in memory did not come for the task. Any worker may have it now, and must \
             replay."
                .to_owned()
        }
        A::WorkflowTaskTimedOutEventAttributes(_) => {
            "The worker that took the task did not answer in time. Nothing it did is known: the task is given again."
                .to_owned()
        }
        A::WorkflowTaskFailedEventAttributes(_) => {
            "The worker could not run the code, or the Service refused its answer. The task will be tried again."
                .to_owned()
        }
        A::ActivityTaskScheduledEventAttributes(a) => format!(
            "The code asked for it in the workflow task that event {} completed. No further event is written until it \
             ends for good: attempts and retries leave no trace here.",
            a.workflow_task_completed_event_id
        ),
        A::ActivityTaskStartedEventAttributes(a) if a.attempt > 1 => format!(
            "Written only now that the activity has ended. It tells of attempt {}; of those before, only the last \
             failure is kept.",
            a.attempt
        ),
        A::ActivityTaskStartedEventAttributes(_) => {
            "Written only now that the activity has ended, with the time at which the attempt began.".to_owned()
        }
        A::ActivityTaskCompletedEventAttributes(a) => format!(
            "A worker reported the result of the activity that event {} asked for. From now on replays get it from \
             here, and the activity never runs again.",
            a.scheduled_event_id
        ),
        A::ActivityTaskFailedEventAttributes(a) => format!(
            "The activity that event {} asked for failed, and its retry policy allows no further attempt.",
            a.scheduled_event_id
        ),
        A::ActivityTaskTimedOutEventAttributes(a) => format!(
            "The activity that event {} asked for ran out of time, and there is no further attempt. Whether it did its \
             work is not known.",
            a.scheduled_event_id
        ),
        A::TimerStartedEventAttributes(_) => "The code asked to be woken later.".to_owned(),
        A::TimerFiredEventAttributes(_) => "The time the code asked for has come.".to_owned(),
        A::TimerCanceledEventAttributes(_) => "The code does not need the timer any more.".to_owned(),
        A::WorkflowExecutionCompletedEventAttributes(_) => {
            "The workflow's function returned. Nothing can be added to this history.".to_owned()
        }
        A::WorkflowExecutionFailedEventAttributes(_) => {
            "The workflow's function returned an error. Nothing can be added to this history.".to_owned()
        }
        _ => String::new(),
    }
}
