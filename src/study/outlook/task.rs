//! What became of the last workflow task: whether somebody has it, waits for it, or fails at it again and again.
//!
//! A task that is tried again after its first failure writes no events until it succeeds (server 1.32): so a history that ends
//! with such a failure is one that goes on failing, or whose next attempt is under way.

use super::super::words::{failure, listed, short};
use super::{NAME_CHARS, View};
use crate::history::class::{End, Part, Thing};
use crate::history::enums::short_name;
use crate::history::proto::{
    Attributes as A, HistoryEvent, TaskQueue, TaskQueueKind, TimeoutType, WorkflowTaskFailedCause as Cause,
    WorkflowTaskScheduledEventAttributes,
};
use crate::history::timestamp::span;

/// How the time of an attempt grows: at most 10 min more, 5 s first, doubled each time (server 1.32).
const GROWS: &str =
    "from the 4th attempt on with a timeout that grows, by 5 s, 10 s, 20 s and so on, by 10 min at most";

/// As many refusals in a row are a loop.
const LOOP: usize = 2;

/// How many events of a loop are named.
const NAMED: usize = 6;

/// The last workflow task.
#[derive(Default)]
struct Task<'a> {
    /// Its latest event.
    latest: Option<&'a HistoryEvent>,
    scheduled: Option<&'a WorkflowTaskScheduledEventAttributes>,
    /// How often the task has failed or timed out since one was completed, as far as that is written.
    troubles: usize,
    /// The completions in a row that the Service refused since something new had come, and the longest such row of all.
    refused: Vec<i64>,
    most_refused: Vec<i64>,
}

impl<'a> Task<'a> {
    fn of(events: &'a [HistoryEvent]) -> Self {
        let mut task = Self::default();
        for event in events {
            match event.class().part {
                Part::Opens(Thing::WorkflowTask) => {
                    task.latest = Some(event);
                    task.scheduled = match &event.attributes {
                        Some(A::WorkflowTaskScheduledEventAttributes(scheduled)) => Some(scheduled),
                        _ => None,
                    };
                }
                Part::Starts(Thing::WorkflowTask) => task.latest = Some(event),
                Part::Closes(Thing::WorkflowTask, end) => {
                    task.latest = Some(event);
                    task.closed(event, end);
                }
                Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Closes(..) | Part::Alone => {}
            }
        }
        task.row_is_over();
        task
    }

    fn closed(&mut self, event: &HistoryEvent, end: End) {
        if end == End::Ok {
            self.troubles = 0;
            self.row_is_over();
            return;
        }
        self.troubles += 1;
        match &event.attributes {
            Some(A::WorkflowTaskFailedEventAttributes(a)) if a.cause() == Cause::UnhandledCommand => {
                self.refused.push(event.event_id);
            }
            _ => self.row_is_over(),
        }
    }

    fn row_is_over(&mut self) {
        if self.refused.len() >= self.most_refused.len() {
            self.most_refused.clone_from(&self.refused);
        }
        self.refused.clear();
    }
}

impl View<'_> {
    /// What there is to say of the workflow task of an open run.
    pub(super) fn workflow_task(&self, sentences: &mut Vec<String>) {
        let task = Task::of(self.events);
        if let Some(latest) = task.latest {
            sentences.extend(self.latest_task(&task, latest));
        }
        sentences.extend(refused(&task));
    }

    /// Whether the code has answered all that it was told.
    pub(super) fn is_idle(&self) -> bool {
        let tasks = self.events.iter().rev().find_map(|event| match event.class().part {
            Part::Closes(Thing::WorkflowTask, end) => Some(end == End::Ok),
            Part::Opens(Thing::WorkflowTask) | Part::Starts(Thing::WorkflowTask) => Some(false),
            Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Closes(..) | Part::Alone => None,
        });
        tasks == Some(true)
    }

    /// That the Service refused one completion after the other, on the way to the end.
    pub(super) fn refused_before(&self) -> Option<String> {
        refused(&Task::of(self.events))
    }

    fn latest_task(&self, task: &Task<'_>, latest: &HistoryEvent) -> Option<String> {
        let id = latest.event_id;
        let again = if task.troubles > 1 {
            format!("; {} in a row are written", task.troubles)
        } else {
            String::new()
        };
        Some(match latest.attributes.as_ref()? {
            A::WorkflowTaskScheduledEventAttributes(a) => self.waiting(latest, a),
            A::WorkflowTaskStartedEventAttributes(a) => {
                let limit = task
                    .scheduled
                    .map(|scheduled| span(scheduled.start_to_close_timeout.as_ref()));
                let until = limit.filter(|limit| !limit.is_zero()).zip(latest.event_time);
                let then = until.map_or_else(String::new, |(limit, at)| {
                    format!(", until {} at the latest ({limit})", self.at(Some(at.plus(limit))))
                });
                format!(
                    "Worker {} has had the workflow task since {} (event {id}) and has not answered: it is at it, or it is \
                     gone and the Service waits in vain{then}.",
                    short(&a.identity, NAME_CHARS),
                    self.at(latest.event_time),
                )
            }
            A::WorkflowTaskFailedEventAttributes(a) => {
                let cause = short_name(a.cause().as_str_name()).unwrap_or_default();
                let why = a.failure.as_ref().map(failure).unwrap_or_default();
                // The Service puts its cause before its message.
                let why = why
                    .strip_prefix(&cause)
                    .map_or(why.as_str(), |rest| rest.trim_start_matches([':', ' ']));
                let why = if why.is_empty() {
                    String::new()
                } else {
                    format!(": {why}")
                };
                format!(
                    "The workflow task failed (event {id}{again}) with {cause}{why}. {}",
                    after_failure(a.cause())
                )
            }
            A::WorkflowTaskTimedOutEventAttributes(a) if a.timeout_type() == TimeoutType::ScheduleToStart => format!(
                "The worker that knew the run did not take its workflow task in time (event {id}): the task goes to all \
                 workers of its queue."
            ),
            A::WorkflowTaskTimedOutEventAttributes(_) => {
                let limit = task
                    .scheduled
                    .map(|scheduled| span(scheduled.start_to_close_timeout.as_ref()));
                let within = limit
                    .filter(|limit| !limit.is_zero())
                    .map_or_else(String::new, |l| format!(" within {l}"));
                let queue = task
                    .scheduled
                    .map_or("its queue", |scheduled| normal_queue(scheduled.task_queue.as_ref()));
                format!(
                    "The workflow task was not answered{within} (event {id}{again}). It is tried again and again without \
                     further events, {GROWS}. Look at the workers of {queue}: whether one is alive, and whether the code \
                     comes to a point where it waits (a loop or a call that never yields holds the task; so do too much \
                     history or too many commands at once)."
                )
            }
            _ => return None,
        })
    }

    fn waiting(&self, event: &HistoryEvent, a: &WorkflowTaskScheduledEventAttributes) -> String {
        let attempt = if a.attempt > 1 {
            format!(", attempt {}", a.attempt)
        } else {
            String::new()
        };
        let queue = normal_queue(a.task_queue.as_ref());
        let head = format!(
            "A workflow task waits since {} (event {}{attempt})",
            self.at(event.event_time),
            event.event_id
        );
        let sticky = a
            .task_queue
            .as_ref()
            .is_some_and(|queue| queue.kind() == TaskQueueKind::Sticky);
        if sticky {
            format!(
                "{head} for the worker that has the run in memory; if that one does not take it within its sticky timeout \
                 (10 s, or 5 s in Go, by default), any worker of {queue} gets it."
            )
        } else {
            format!(
                "{head} for a worker of {queue}: none polls it, all are busy, or one is about to take it (`temporal \
                 task-queue describe` says who polls)."
            )
        }
    }
}

/// What helps.
fn after_failure(cause: Cause) -> &'static str {
    match cause {
        Cause::NonDeterministicError => {
            "It is tried again without further events, and will be until code is deployed that goes together with this \
             history, or the run is reset."
        }
        Cause::UnhandledCommand
        | Cause::UnhandledUpdate
        | Cause::ResetStickyTaskQueue
        | Cause::ResetWorkflow
        | Cause::ForceCloseCommand
        | Cause::FailoverCloseCommand
        | Cause::WorkflowPauseRequestedBeforeTaskStarted => "That is no fault of the code's: it is done again.",
        Cause::ExternalStorageFailure => {
            "It is tried again without further events, and will be until the worker's storage can be reached."
        }
        Cause::Unspecified
        | Cause::BadScheduleActivityAttributes
        | Cause::BadRequestCancelActivityAttributes
        | Cause::BadStartTimerAttributes
        | Cause::BadCancelTimerAttributes
        | Cause::BadRecordMarkerAttributes
        | Cause::BadCompleteWorkflowExecutionAttributes
        | Cause::BadFailWorkflowExecutionAttributes
        | Cause::BadCancelWorkflowExecutionAttributes
        | Cause::BadRequestCancelExternalWorkflowExecutionAttributes
        | Cause::BadContinueAsNewAttributes
        | Cause::StartTimerDuplicateId
        | Cause::WorkflowWorkerUnhandledFailure
        | Cause::BadSignalWorkflowExecutionAttributes
        | Cause::BadStartChildExecutionAttributes
        | Cause::BadSignalInputSize
        | Cause::BadBinary
        | Cause::ScheduleActivityDuplicateId
        | Cause::BadSearchAttributes
        | Cause::BadModifyWorkflowPropertiesAttributes
        | Cause::PendingChildWorkflowsLimitExceeded
        | Cause::PendingActivitiesLimitExceeded
        | Cause::PendingSignalsLimitExceeded
        | Cause::PendingRequestCancelLimitExceeded
        | Cause::BadUpdateWorkflowExecutionMessage
        | Cause::BadScheduleNexusOperationAttributes
        | Cause::PendingNexusOperationsLimitExceeded
        | Cause::BadRequestCancelNexusOperationAttributes
        | Cause::FeatureDisabled
        | Cause::GrpcMessageTooLarge
        | Cause::PayloadsTooLarge
        | Cause::RequestTooLarge => {
            "It is tried again without further events, and will be until the code is mended and deployed."
        }
    }
}

/// That the Service refuses one completion after the other.
fn refused(task: &Task<'_>) -> Option<String> {
    let refused = &task.most_refused;
    if refused.len() < LOOP {
        return None;
    }
    let mut events: Vec<String> = refused.iter().take(NAMED).map(ToString::to_string).collect();
    if let Some(others) = refused.len().checked_sub(NAMED).filter(|others| *others > 0) {
        events.push(format!("{others} more"));
    }
    Some(format!(
        "{} times in a row the Service refused to let the code close the run (events {}: UnhandledCommand), since something \
         new had come that the code had not seen, such as a signal. Nothing is lost: the task is done again with it. A loop like \
         this ends when less comes, or when the code takes all that is there before it closes the run.",
        refused.len(),
        listed(&events)
    ))
}

/// The queue that all workers of a kind poll.
fn normal_queue(queue: Option<&TaskQueue>) -> &str {
    match queue {
        Some(queue) if queue.kind() == TaskQueueKind::Sticky && !queue.normal_name.is_empty() => &queue.normal_name,
        Some(queue) if queue.kind() != TaskQueueKind::Sticky && !queue.name.is_empty() => &queue.name,
        _ => "its queue",
    }
}
