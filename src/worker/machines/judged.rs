//! Where the code asks for the same as history has, but otherwise: with other arguments, limits, results.
//!
//! Nothing of this is the official worker's business, and nothing of it changes a verdict. What is compared is what the
//! Service would write of the request now with what it has written then.

use super::commands::Asked;
use super::patch;
use crate::base::time::Span;
use crate::contract::answer::{Command, ScheduleActivity};
use crate::contract::written::{LONGEST, RunOptions};
use crate::history::difference::Comparison;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, Attributes, Duration, HistoryEvent, Outcome, TimerStartedEventAttributes,
    UpsertWorkflowSearchAttributesEventAttributes, WorkflowExecutionCanceledEventAttributes,
    WorkflowExecutionCompletedEventAttributes, WorkflowExecutionFailedEventAttributes,
    WorkflowExecutionStartedEventAttributes, WorkflowExecutionUpdateCompletedEventAttributes,
    WorkflowPropertiesModifiedEventAttributes, outcome,
};
use crate::history::timestamp::{duration, span};
use crate::worker::nondeterminism::words;
use crate::worker::replay::AskedOtherwise;

/// What was found, in the order of the events.
#[derive(Clone, Debug, Default)]
pub(in crate::worker) struct Judged {
    pub(in crate::worker) otherwise: Vec<AskedOtherwise>,
    /// How many values could not be compared.
    pub(in crate::worker) sealed: u32,
}

impl Judged {
    /// Compares a request with the event that has met it.
    pub(super) fn compare(
        &mut self,
        asked: Asked,
        started: Option<&WorkflowExecutionStartedEventAttributes>,
        event: &HistoryEvent,
    ) {
        let (Some(started), Some(recorded)) = (started, &event.attributes) else {
            return;
        };
        let line = asked.line;
        let Some(written) = written(asked.command, RunOptions::of(started), recorded) else {
            return;
        };
        let mut comparison = Comparison::default();
        comparison.said(recorded, &written);
        self.sealed = self.sealed.saturating_add(comparison.sealed);
        if !comparison.found.is_empty() {
            self.otherwise.push(AskedOtherwise {
                event_id: event.event_id,
                what: words(event),
                line,
                differences: comparison.found,
            });
        }
    }
}

/// What the Service would write of a request; nothing for those that say no more than the worker has looked at already.
fn written(command: Command, run: RunOptions<'_>, recorded: &Attributes) -> Option<Attributes> {
    Some(match command {
        Command::ScheduleActivity(request) => {
            let mut attributes = run.activity(ScheduleActivity::clone(&request));
            if let Attributes::ActivityTaskScheduledEventAttributes(recorded) = recorded {
                leave_open(&request, recorded, run.run_timeout, &mut attributes);
            }
            Attributes::ActivityTaskScheduledEventAttributes(attributes)
        }
        Command::StartTimer {
            timer_id,
            start_to_fire,
        } => Attributes::TimerStartedEventAttributes(TimerStartedEventAttributes {
            timer_id,
            start_to_fire_timeout: Some(duration(start_to_fire.min(LONGEST))),
            ..Default::default()
        }),
        Command::StartChild(mut request) => {
            run.complete_child(&mut request);
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(request)
        }
        Command::SignalExternal(request) => {
            Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(*request)
        }
        Command::RequestCancelExternal(request) => {
            Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(*request)
        }
        Command::UpsertSearchAttributes(attributes) => {
            // The patches' own: which of them there are is what the worker has looked at.
            if attributes.indexed_fields.contains_key(patch::VERSIONS) {
                return None;
            }
            Attributes::UpsertWorkflowSearchAttributesEventAttributes(UpsertWorkflowSearchAttributesEventAttributes {
                search_attributes: Some(attributes),
                ..Default::default()
            })
        }
        Command::ModifyProperties { upserted_memo } => {
            Attributes::WorkflowPropertiesModifiedEventAttributes(WorkflowPropertiesModifiedEventAttributes {
                upserted_memo: Some(upserted_memo),
                ..Default::default()
            })
        }
        Command::CompleteUpdate { outcome, .. } => {
            let value = match outcome {
                Ok(result) => outcome::Value::Success(result.unwrap_or_default()),
                Err(failure) => outcome::Value::Failure(*failure),
            };
            Attributes::WorkflowExecutionUpdateCompletedEventAttributes(
                WorkflowExecutionUpdateCompletedEventAttributes {
                    outcome: Some(Outcome { value: Some(value) }),
                    ..Default::default()
                },
            )
        }
        Command::ContinueAsNew(mut request) => {
            run.complete_next_run(&mut request);
            Attributes::WorkflowExecutionContinuedAsNewEventAttributes(Box::new(request.attributes))
        }
        Command::CompleteWorkflow { result } => {
            Attributes::WorkflowExecutionCompletedEventAttributes(WorkflowExecutionCompletedEventAttributes {
                result,
                ..Default::default()
            })
        }
        Command::FailWorkflow { failure } => {
            Attributes::WorkflowExecutionFailedEventAttributes(WorkflowExecutionFailedEventAttributes {
                failure: Some(*failure),
                ..Default::default()
            })
        }
        Command::CancelWorkflow { details } => {
            Attributes::WorkflowExecutionCanceledEventAttributes(WorkflowExecutionCanceledEventAttributes {
                details,
                ..Default::default()
            })
        }
        Command::CancelTimer { .. }
        | Command::RequestCancelActivity { .. }
        // Markers are the worker's own notes, and it has read them.
        | Command::RecordMarker(_)
        // What is accepted or rejected came from history itself.
        | Command::AcceptUpdate { .. }
        | Command::RejectUpdate { .. } => return None,
    })
}

/// Servers fill in what the code leaves open, and not all of them alike: older ones write a limit that stands above it
/// where this one writes none. Priorities are not in our requests at all.
fn leave_open(
    request: &ScheduleActivity,
    recorded: &ActivityTaskScheduledEventAttributes,
    run_timeout: Span,
    written: &mut ActivityTaskScheduledEventAttributes,
) {
    let above = [
        Span::ZERO,
        run_timeout,
        span(recorded.schedule_to_close_timeout.as_ref()),
    ];
    let leave = |asked: Span, recorded: &Option<Duration>, written: &mut Option<Duration>| {
        if asked.is_zero() && above.contains(&span(recorded.as_ref())) {
            written.clone_from(recorded);
        }
    };
    leave(
        request.schedule_to_start,
        &recorded.schedule_to_start_timeout,
        &mut written.schedule_to_start_timeout,
    );
    leave(
        request.start_to_close,
        &recorded.start_to_close_timeout,
        &mut written.start_to_close_timeout,
    );
    written.priority.clone_from(&recorded.priority);
}
