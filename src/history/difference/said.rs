//! What each event says of somebody's word: what the code asked for, what a client sent, how it ended. Two events of one
//! type are compared by that, and by nothing else.

#![warn(clippy::wildcard_enum_match_arm)]

use super::asked::short;
use super::{Aspect, Comparison, Difference};
use crate::history::proto::{Attributes as A, Input, MarkerRecordedEventAttributes, Outcome, Request, outcome};

impl Comparison {
    /// Compares what two events of one type say. Of those that end an activity or a child that is how; what only the Service
    /// notes for itself is not compared, and neither are events of different types.
    pub fn said(&mut self, from: &A, to: &A) {
        use Aspect::{Failure, Id, Input, Option, Result};

        match (from, to) {
            (A::WorkflowExecutionStartedEventAttributes(a), A::WorkflowExecutionStartedEventAttributes(b)) => {
                self.started(a, b);
            }
            (A::WorkflowExecutionCompletedEventAttributes(a), A::WorkflowExecutionCompletedEventAttributes(b)) => {
                self.payloads(Result, "", a.result.as_ref(), b.result.as_ref());
            }
            (A::WorkflowExecutionFailedEventAttributes(a), A::WorkflowExecutionFailedEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (A::WorkflowExecutionCanceledEventAttributes(a), A::WorkflowExecutionCanceledEventAttributes(b)) => {
                self.payloads(Result, "details", a.details.as_ref(), b.details.as_ref());
            }
            (A::WorkflowExecutionTerminatedEventAttributes(a), A::WorkflowExecutionTerminatedEventAttributes(b)) => {
                self.text(Failure, "reason", &a.reason, &b.reason);
                self.payloads(Failure, "details", a.details.as_ref(), b.details.as_ref());
            }
            (
                A::WorkflowExecutionContinuedAsNewEventAttributes(a),
                A::WorkflowExecutionContinuedAsNewEventAttributes(b),
            ) => {
                self.continued(a, b);
            }

            (A::ActivityTaskScheduledEventAttributes(a), A::ActivityTaskScheduledEventAttributes(b)) => {
                self.activity(a, b);
            }
            (A::ActivityTaskCompletedEventAttributes(a), A::ActivityTaskCompletedEventAttributes(b)) => {
                self.payloads(Result, "", a.result.as_ref(), b.result.as_ref());
            }
            (A::ActivityTaskFailedEventAttributes(a), A::ActivityTaskFailedEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (A::ActivityTaskTimedOutEventAttributes(a), A::ActivityTaskTimedOutEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (A::ActivityTaskCanceledEventAttributes(a), A::ActivityTaskCanceledEventAttributes(b)) => {
                self.payloads(Result, "details", a.details.as_ref(), b.details.as_ref());
            }
            (A::TimerStartedEventAttributes(a), A::TimerStartedEventAttributes(b)) => {
                self.counted_id(&a.timer_id, &b.timer_id);
                self.limit(
                    "wait",
                    a.start_to_fire_timeout.as_ref(),
                    b.start_to_fire_timeout.as_ref(),
                );
            }

            (
                A::StartChildWorkflowExecutionInitiatedEventAttributes(a),
                A::StartChildWorkflowExecutionInitiatedEventAttributes(b),
            ) => self.child(a, b),
            (
                A::StartChildWorkflowExecutionFailedEventAttributes(a),
                A::StartChildWorkflowExecutionFailedEventAttributes(b),
            ) => self.word(Failure, "cause", a.cause(), b.cause(), |cause| {
                short(cause.as_str_name())
            }),
            (
                A::ChildWorkflowExecutionCompletedEventAttributes(a),
                A::ChildWorkflowExecutionCompletedEventAttributes(b),
            ) => {
                self.payloads(Result, "", a.result.as_ref(), b.result.as_ref());
            }
            (A::ChildWorkflowExecutionFailedEventAttributes(a), A::ChildWorkflowExecutionFailedEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (
                A::ChildWorkflowExecutionCanceledEventAttributes(a),
                A::ChildWorkflowExecutionCanceledEventAttributes(b),
            ) => {
                self.payloads(Result, "details", a.details.as_ref(), b.details.as_ref());
            }

            (
                A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a),
                A::SignalExternalWorkflowExecutionInitiatedEventAttributes(b),
            ) => {
                self.text(Option, "signal", &a.signal_name, &b.signal_name);
                self.workflow_id(a.workflow_execution.as_ref(), b.workflow_execution.as_ref());
                self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
                self.header(a.header.as_ref(), b.header.as_ref());
            }
            (
                A::SignalExternalWorkflowExecutionFailedEventAttributes(a),
                A::SignalExternalWorkflowExecutionFailedEventAttributes(b),
            ) => self.word(Failure, "cause", a.cause(), b.cause(), |cause| {
                short(cause.as_str_name())
            }),
            (
                A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a),
                A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(b),
            ) => {
                self.workflow_id(a.workflow_execution.as_ref(), b.workflow_execution.as_ref());
                self.text(Option, "reason", &a.reason, &b.reason);
            }
            (
                A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a),
                A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(b),
            ) => self.word(Failure, "cause", a.cause(), b.cause(), |cause| {
                short(cause.as_str_name())
            }),

            (A::MarkerRecordedEventAttributes(a), A::MarkerRecordedEventAttributes(b)) => {
                self.marker(a, b);
            }
            (
                A::UpsertWorkflowSearchAttributesEventAttributes(a),
                A::UpsertWorkflowSearchAttributesEventAttributes(b),
            ) => {
                self.search_attributes(a.search_attributes.as_ref(), b.search_attributes.as_ref());
            }
            (A::WorkflowPropertiesModifiedEventAttributes(a), A::WorkflowPropertiesModifiedEventAttributes(b)) => {
                self.memo(a.upserted_memo.as_ref(), b.upserted_memo.as_ref());
            }
            (
                A::WorkflowPropertiesModifiedExternallyEventAttributes(a),
                A::WorkflowPropertiesModifiedExternallyEventAttributes(b),
            ) => {
                self.text(Option, "task queue", &a.new_task_queue, &b.new_task_queue);
                self.memo(a.upserted_memo.as_ref(), b.upserted_memo.as_ref());
            }

            (A::WorkflowExecutionSignaledEventAttributes(a), A::WorkflowExecutionSignaledEventAttributes(b)) => {
                self.text(Id, "", &a.signal_name, &b.signal_name);
                self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
                self.header(a.header.as_ref(), b.header.as_ref());
            }
            (
                A::WorkflowExecutionCancelRequestedEventAttributes(a),
                A::WorkflowExecutionCancelRequestedEventAttributes(b),
            ) => self.text(Option, "reason", &a.cause, &b.cause),
            (A::WorkflowExecutionPausedEventAttributes(a), A::WorkflowExecutionPausedEventAttributes(b)) => {
                self.text(Option, "reason", &a.reason, &b.reason);
            }
            (A::WorkflowExecutionUnpausedEventAttributes(a), A::WorkflowExecutionUnpausedEventAttributes(b)) => {
                self.text(Option, "reason", &a.reason, &b.reason);
            }
            (
                A::WorkflowExecutionUpdateAdmittedEventAttributes(a),
                A::WorkflowExecutionUpdateAdmittedEventAttributes(b),
            ) => {
                self.request(a.request.as_ref(), b.request.as_ref());
            }
            (
                A::WorkflowExecutionUpdateAcceptedEventAttributes(a),
                A::WorkflowExecutionUpdateAcceptedEventAttributes(b),
            ) => {
                self.request(a.accepted_request.as_ref(), b.accepted_request.as_ref());
            }
            (
                A::WorkflowExecutionUpdateRejectedEventAttributes(a),
                A::WorkflowExecutionUpdateRejectedEventAttributes(b),
            ) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (
                A::WorkflowExecutionUpdateCompletedEventAttributes(a),
                A::WorkflowExecutionUpdateCompletedEventAttributes(b),
            ) => self.outcome(a.outcome.as_ref(), b.outcome.as_ref()),

            (A::NexusOperationScheduledEventAttributes(a), A::NexusOperationScheduledEventAttributes(b)) => {
                self.text(Option, "endpoint", &a.endpoint, &b.endpoint);
                self.payload(Input, "", a.input.as_ref(), b.input.as_ref());
                let limits = [
                    (
                        "schedule-to-close",
                        &a.schedule_to_close_timeout,
                        &b.schedule_to_close_timeout,
                    ),
                    (
                        "schedule-to-start",
                        &a.schedule_to_start_timeout,
                        &b.schedule_to_start_timeout,
                    ),
                    ("start-to-close", &a.start_to_close_timeout, &b.start_to_close_timeout),
                ];
                for (place, from, to) in limits {
                    self.limit(place, from.as_ref(), to.as_ref());
                }
            }
            (A::NexusOperationCompletedEventAttributes(a), A::NexusOperationCompletedEventAttributes(b)) => {
                self.payload(Result, "", a.result.as_ref(), b.result.as_ref());
            }
            (A::NexusOperationFailedEventAttributes(a), A::NexusOperationFailedEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (A::NexusOperationCanceledEventAttributes(a), A::NexusOperationCanceledEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (A::NexusOperationTimedOutEventAttributes(a), A::NexusOperationTimedOutEventAttributes(b)) => {
                self.failure("", a.failure.as_ref(), b.failure.as_ref());
            }
            (
                A::NexusOperationCancelRequestFailedEventAttributes(a),
                A::NexusOperationCancelRequestFailedEventAttributes(b),
            ) => self.failure("", a.failure.as_ref(), b.failure.as_ref()),

            // Everything that is left says nothing beyond its type: a new type has to be put on one side or the other.
            (
                A::WorkflowExecutionStartedEventAttributes(_)
                | A::WorkflowExecutionCompletedEventAttributes(_)
                | A::WorkflowExecutionFailedEventAttributes(_)
                | A::WorkflowExecutionTimedOutEventAttributes(_)
                | A::WorkflowExecutionCanceledEventAttributes(_)
                | A::WorkflowExecutionTerminatedEventAttributes(_)
                | A::WorkflowExecutionContinuedAsNewEventAttributes(_)
                | A::WorkflowExecutionOptionsUpdatedEventAttributes(_)
                | A::WorkflowExecutionPausedEventAttributes(_)
                | A::WorkflowExecutionUnpausedEventAttributes(_)
                | A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(_)
                | A::WorkflowTaskScheduledEventAttributes(_)
                | A::WorkflowTaskStartedEventAttributes(_)
                | A::WorkflowTaskCompletedEventAttributes(_)
                | A::WorkflowTaskTimedOutEventAttributes(_)
                | A::WorkflowTaskFailedEventAttributes(_)
                | A::ActivityTaskScheduledEventAttributes(_)
                | A::ActivityTaskStartedEventAttributes(_)
                | A::ActivityTaskCompletedEventAttributes(_)
                | A::ActivityTaskFailedEventAttributes(_)
                | A::ActivityTaskTimedOutEventAttributes(_)
                | A::ActivityTaskCancelRequestedEventAttributes(_)
                | A::ActivityTaskCanceledEventAttributes(_)
                | A::ActivityPropertiesModifiedExternallyEventAttributes(_)
                | A::TimerStartedEventAttributes(_)
                | A::TimerFiredEventAttributes(_)
                | A::TimerCanceledEventAttributes(_)
                | A::MarkerRecordedEventAttributes(_)
                | A::UpsertWorkflowSearchAttributesEventAttributes(_)
                | A::WorkflowPropertiesModifiedEventAttributes(_)
                | A::WorkflowPropertiesModifiedExternallyEventAttributes(_)
                | A::StartChildWorkflowExecutionInitiatedEventAttributes(_)
                | A::StartChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionStartedEventAttributes(_)
                | A::ChildWorkflowExecutionCompletedEventAttributes(_)
                | A::ChildWorkflowExecutionFailedEventAttributes(_)
                | A::ChildWorkflowExecutionCanceledEventAttributes(_)
                | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
                | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
                | A::SignalExternalWorkflowExecutionInitiatedEventAttributes(_)
                | A::SignalExternalWorkflowExecutionFailedEventAttributes(_)
                | A::ExternalWorkflowExecutionSignaledEventAttributes(_)
                | A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_)
                | A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(_)
                | A::ExternalWorkflowExecutionCancelRequestedEventAttributes(_)
                | A::WorkflowExecutionSignaledEventAttributes(_)
                | A::WorkflowExecutionCancelRequestedEventAttributes(_)
                | A::WorkflowExecutionUpdateAdmittedEventAttributes(_)
                | A::WorkflowExecutionUpdateAcceptedEventAttributes(_)
                | A::WorkflowExecutionUpdateRejectedEventAttributes(_)
                | A::WorkflowExecutionUpdateCompletedEventAttributes(_)
                | A::NexusOperationScheduledEventAttributes(_)
                | A::NexusOperationStartedEventAttributes(_)
                | A::NexusOperationCompletedEventAttributes(_)
                | A::NexusOperationFailedEventAttributes(_)
                | A::NexusOperationCanceledEventAttributes(_)
                | A::NexusOperationTimedOutEventAttributes(_)
                | A::NexusOperationCancelRequestedEventAttributes(_)
                | A::NexusOperationCancelRequestCompletedEventAttributes(_)
                | A::NexusOperationCancelRequestFailedEventAttributes(_),
                _,
            ) => {}
        }
    }

    fn request(&mut self, from: Option<&Request>, to: Option<&Request>) {
        let input = |request: Option<&Request>| request.and_then(|request| request.input.clone()).unwrap_or_default();
        let (from, to): (Input, Input) = (input(from), input(to));
        self.text(Aspect::Id, "", &from.name, &to.name);
        self.payloads(Aspect::Input, "", from.args.as_ref(), to.args.as_ref());
        let header = |input: &Input| input.header.clone().unwrap_or_default();
        self.header(Some(&header(&from)), Some(&header(&to)));
    }

    fn outcome(&mut self, from: Option<&Outcome>, to: Option<&Outcome>) {
        use outcome::Value::{Failure, Success};
        let value = |outcome: Option<&Outcome>| outcome.and_then(|outcome| outcome.value.clone());
        match (value(from), value(to)) {
            (Some(Success(from)), Some(Success(to))) => {
                self.payloads(Aspect::Result, "", Some(&from), Some(&to));
            }
            (Some(Failure(from)), Some(Failure(to))) => self.failure("", Some(&from), Some(&to)),
            (from, to) => {
                let word = |value: Option<outcome::Value>| match value {
                    Some(Success(_)) => "completed",
                    Some(Failure(_)) => "failed",
                    None => "",
                };
                self.text(Aspect::Outcome, "outcome", word(from), word(to));
            }
        }
    }

    /// What a marker holds. What the SDKs note of local activities for themselves (when it was done, numbers that are only
    /// counted) is not compared.
    fn marker(&mut self, a: &MarkerRecordedEventAttributes, b: &MarkerRecordedEventAttributes) {
        let is_local = LOCAL_ACTIVITIES.contains(&a.marker_name.as_str());
        let added = b.details.keys().filter(|name| !a.details.contains_key(*name));
        for name in a.details.keys().chain(added) {
            if is_local && BOOKKEEPING.contains(&name.as_str()) {
                continue;
            }
            let before = self.found.len();
            self.payloads(Aspect::Result, name, a.details.get(name), b.details.get(name));
            if is_local && name == "data" {
                let told = self.found.split_off(before);
                let is_told = |difference: &Difference| {
                    let mut steps = difference.place.split('.');
                    !steps.any(|step| BOOKKEEPING.contains(&step))
                };
                self.found.extend(told.into_iter().filter(is_told));
            }
        }
        self.header(a.header.as_ref(), b.header.as_ref());
        self.failure("", a.failure.as_ref(), b.failure.as_ref());
    }
}

/// The markers of local activities, in Core's SDKs, in Go and Java.
const LOCAL_ACTIVITIES: [&str; 2] = ["core_local_activity", "LocalActivity"];

/// What these markers hold for the SDK alone: fields of `data` in Core's and Go's, details in Java's.
const BOOKKEEPING: [&str; 12] = [
    "seq",
    "activity_id",
    "complete_time",
    "original_schedule_time",
    "activation_index",
    "backoff",
    "ActivityID",
    "ReplayTime",
    "Backoff",
    "activityId",
    "meta",
    "time",
];
