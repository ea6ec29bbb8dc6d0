//! What the events of a history say of one another: the ids in their attributes, and the types these must lead to.
//!
//! Ids that lead into another run's history (a parent's, a signalling workflow's) are not references of this one.

#![warn(clippy::wildcard_enum_match_arm)]

use super::proto::{Attributes as A, EventType as T};

/// An event id in an event's attributes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reference {
    /// The attribute, as in JSON: `scheduledEventId`.
    pub field: &'static str,
    /// The id it holds; 0 if it is not set.
    pub to: i64,
    /// The types that the event there may have; empty for any.
    pub wants: &'static [T],
    /// False if it may be unset.
    pub required: bool,
}

/// All references of an event, including unset ones.
pub fn references(attributes: &A) -> Vec<Reference> {
    match attributes {
        A::WorkflowExecutionCompletedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::WorkflowExecutionFailedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::WorkflowExecutionCanceledEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::WorkflowExecutionContinuedAsNewEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],

        A::WorkflowTaskStartedEventAttributes(a) => vec![task_scheduled(a.scheduled_event_id)],
        A::WorkflowTaskCompletedEventAttributes(a) => {
            vec![task_scheduled(a.scheduled_event_id), task_started(a.started_event_id)]
        }
        A::WorkflowTaskFailedEventAttributes(a) => {
            vec![task_scheduled(a.scheduled_event_id), task_started(a.started_event_id)]
        }
        A::WorkflowTaskTimedOutEventAttributes(a) => {
            vec![
                task_scheduled(a.scheduled_event_id),
                task_started(a.started_event_id).optional(),
            ]
        }

        A::ActivityTaskScheduledEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::ActivityTaskStartedEventAttributes(a) => vec![activity(a.scheduled_event_id)],
        A::ActivityTaskCompletedEventAttributes(a) => {
            vec![activity(a.scheduled_event_id), attempt(a.started_event_id)]
        }
        A::ActivityTaskFailedEventAttributes(a) => {
            // A reset fails the activities of the part it cuts off, started or not.
            vec![activity(a.scheduled_event_id), attempt(a.started_event_id).optional()]
        }
        A::ActivityTaskTimedOutEventAttributes(a) => {
            vec![activity(a.scheduled_event_id), attempt(a.started_event_id).optional()]
        }
        A::ActivityTaskCancelRequestedEventAttributes(a) => {
            vec![activity(a.scheduled_event_id), task(a.workflow_task_completed_event_id)]
        }
        A::ActivityTaskCanceledEventAttributes(a) => vec![
            activity(a.scheduled_event_id),
            attempt(a.started_event_id).optional(),
            Reference {
                field: "latestCancelRequestedEventId",
                to: a.latest_cancel_requested_event_id,
                wants: &[T::ActivityTaskCancelRequested],
                required: false,
            },
        ],
        A::ActivityPropertiesModifiedExternallyEventAttributes(a) => vec![activity(a.scheduled_event_id)],

        A::TimerStartedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::TimerFiredEventAttributes(a) => vec![timer(a.started_event_id)],
        A::TimerCanceledEventAttributes(a) => {
            vec![timer(a.started_event_id), task(a.workflow_task_completed_event_id)]
        }

        A::MarkerRecordedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::UpsertWorkflowSearchAttributesEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::WorkflowPropertiesModifiedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],

        A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::StartChildWorkflowExecutionFailedEventAttributes(a) => {
            vec![
                child(a.initiated_event_id),
                task(a.workflow_task_completed_event_id).optional(),
            ]
        }
        A::ChildWorkflowExecutionStartedEventAttributes(a) => vec![child(a.initiated_event_id)],
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => {
            vec![child(a.initiated_event_id), child_started(a.started_event_id)]
        }
        A::ChildWorkflowExecutionFailedEventAttributes(a) => {
            vec![child(a.initiated_event_id), child_started(a.started_event_id)]
        }
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => {
            vec![child(a.initiated_event_id), child_started(a.started_event_id)]
        }
        A::ChildWorkflowExecutionTimedOutEventAttributes(a) => {
            vec![child(a.initiated_event_id), child_started(a.started_event_id)]
        }
        A::ChildWorkflowExecutionTerminatedEventAttributes(a) => {
            vec![child(a.initiated_event_id), child_started(a.started_event_id)]
        }

        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => {
            vec![task(a.workflow_task_completed_event_id)]
        }
        A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => vec![
            initiated(a.initiated_event_id, &[T::SignalExternalWorkflowExecutionInitiated]),
            task(a.workflow_task_completed_event_id).optional(),
        ],
        A::ExternalWorkflowExecutionSignaledEventAttributes(a) => {
            vec![initiated(
                a.initiated_event_id,
                &[T::SignalExternalWorkflowExecutionInitiated],
            )]
        }
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a) => {
            vec![task(a.workflow_task_completed_event_id)]
        }
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => vec![
            initiated(
                a.initiated_event_id,
                &[T::RequestCancelExternalWorkflowExecutionInitiated],
            ),
            task(a.workflow_task_completed_event_id).optional(),
        ],
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => {
            vec![initiated(
                a.initiated_event_id,
                &[T::RequestCancelExternalWorkflowExecutionInitiated],
            )]
        }

        // The last event before the task that delivered the request was started: it may be of any type.
        A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => vec![Reference {
            field: "acceptedRequestSequencingEventId",
            to: a.accepted_request_sequencing_event_id,
            wants: &[],
            required: false,
        }],
        A::WorkflowExecutionUpdateRejectedEventAttributes(a) => vec![Reference {
            field: "rejectedRequestSequencingEventId",
            to: a.rejected_request_sequencing_event_id,
            wants: &[],
            required: false,
        }],
        A::WorkflowExecutionUpdateCompletedEventAttributes(a) => vec![Reference {
            field: "acceptedEventId",
            to: a.accepted_event_id,
            wants: &[T::WorkflowExecutionUpdateAccepted],
            required: true,
        }],

        A::NexusOperationScheduledEventAttributes(a) => vec![task(a.workflow_task_completed_event_id)],
        A::NexusOperationStartedEventAttributes(a) => vec![nexus(a.scheduled_event_id)],
        A::NexusOperationCompletedEventAttributes(a) => vec![nexus(a.scheduled_event_id)],
        A::NexusOperationFailedEventAttributes(a) => vec![nexus(a.scheduled_event_id)],
        A::NexusOperationCanceledEventAttributes(a) => vec![nexus(a.scheduled_event_id)],
        A::NexusOperationTimedOutEventAttributes(a) => vec![nexus(a.scheduled_event_id)],
        A::NexusOperationCancelRequestedEventAttributes(a) => {
            vec![nexus(a.scheduled_event_id), task(a.workflow_task_completed_event_id)]
        }
        A::NexusOperationCancelRequestCompletedEventAttributes(a) => {
            vec![
                nexus(a.scheduled_event_id).optional(),
                nexus_cancel(a.requested_event_id),
            ]
        }
        A::NexusOperationCancelRequestFailedEventAttributes(a) => {
            vec![
                nexus(a.scheduled_event_id).optional(),
                nexus_cancel(a.requested_event_id),
            ]
        }

        A::WorkflowExecutionStartedEventAttributes(_)
        | A::WorkflowExecutionTimedOutEventAttributes(_)
        | A::WorkflowExecutionTerminatedEventAttributes(_)
        | A::WorkflowExecutionSignaledEventAttributes(_)
        | A::WorkflowExecutionCancelRequestedEventAttributes(_)
        | A::WorkflowExecutionOptionsUpdatedEventAttributes(_)
        | A::WorkflowExecutionUpdateAdmittedEventAttributes(_)
        | A::WorkflowExecutionPausedEventAttributes(_)
        | A::WorkflowExecutionUnpausedEventAttributes(_)
        | A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(_)
        | A::WorkflowPropertiesModifiedExternallyEventAttributes(_)
        | A::WorkflowTaskScheduledEventAttributes(_) => Vec::new(),
    }
}

impl Reference {
    const fn to(field: &'static str, to: i64, wants: &'static [T]) -> Self {
        Self {
            field,
            to,
            wants,
            required: true,
        }
    }

    const fn optional(mut self) -> Self {
        self.required = false;
        self
    }
}

const fn task(to: i64) -> Reference {
    Reference::to("workflowTaskCompletedEventId", to, &[T::WorkflowTaskCompleted])
}

const fn task_scheduled(to: i64) -> Reference {
    Reference::to("scheduledEventId", to, &[T::WorkflowTaskScheduled])
}

const fn task_started(to: i64) -> Reference {
    Reference::to("startedEventId", to, &[T::WorkflowTaskStarted])
}

const fn activity(to: i64) -> Reference {
    Reference::to("scheduledEventId", to, &[T::ActivityTaskScheduled])
}

const fn attempt(to: i64) -> Reference {
    Reference::to("startedEventId", to, &[T::ActivityTaskStarted])
}

const fn timer(to: i64) -> Reference {
    Reference::to("startedEventId", to, &[T::TimerStarted])
}

const fn initiated(to: i64, wants: &'static [T]) -> Reference {
    Reference::to("initiatedEventId", to, wants)
}

const fn child(to: i64) -> Reference {
    initiated(to, &[T::StartChildWorkflowExecutionInitiated])
}

const fn child_started(to: i64) -> Reference {
    Reference::to("startedEventId", to, &[T::ChildWorkflowExecutionStarted])
}

const fn nexus(to: i64) -> Reference {
    Reference::to("scheduledEventId", to, &[T::NexusOperationScheduled])
}

const fn nexus_cancel(to: i64) -> Reference {
    Reference::to("requestedEventId", to, &[T::NexusOperationCancelRequested])
}
