//! Why an event is in the history, in a sentence or two: for every type there is.

#![warn(clippy::wildcard_enum_match_arm)]

use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, Attributes as A, ContinueAsNewInitiator, Duration, Failure, FailureInfo,
    HistoryEvent, RetryPolicy, RetryState, TimeoutType, WorkflowExecutionStartedEventAttributes,
    WorkflowTaskFailedCause, WorkflowTaskFailedEventAttributes,
};
use crate::history::timestamp::span;

const THE_END: &str = "Nothing can be added to this history.";

/// Why the event is there. `history` is what it stands in, from the first event on. Empty only for an event of a type that
/// this version does not know.
pub fn why(history: &[HistoryEvent], event: &HistoryEvent) -> String {
    let Some(attributes) = &event.attributes else {
        return String::new();
    };
    let asked_in = |task: i64| format!("in the workflow task that event {task} completed");
    match attributes {
        // ---- The run.
        A::WorkflowExecutionStartedEventAttributes(a) => {
            format!("{} Every replay begins here, with this input.", who_started(a))
        }
        A::WorkflowExecutionCompletedEventAttributes(_) => format!("The workflow's function returned. {THE_END}"),
        A::WorkflowExecutionFailedEventAttributes(a) => format!(
            "The workflow's function returned an error{}. {THE_END}",
            next_run(&a.new_execution_run_id).unwrap_or(no_next_run(a.retry_state()))
        ),
        A::WorkflowExecutionTimedOutEventAttributes(a) => format!(
            "The time that the workflow was given ran out, and the Service closed it without asking the code{}. {THE_END}",
            next_run(&a.new_execution_run_id).unwrap_or_default()
        ),
        A::WorkflowExecutionCanceledEventAttributes(_) => {
            format!("The workflow was asked to stop, and its code did: it returned that it was cancelled. {THE_END}")
        }
        A::WorkflowExecutionTerminatedEventAttributes(_) => {
            format!(
                "The run was ended by force, for the reason it gives; its code is not asked and cannot clean up. {THE_END}"
            )
        }
        A::WorkflowExecutionContinuedAsNewEventAttributes(a) => match a.initiator() {
            ContinueAsNewInitiator::Workflow | ContinueAsNewInitiator::Unspecified => format!(
                "The code asked to go on in a new run with an empty history, {}. {THE_END}",
                asked_in(a.workflow_task_completed_event_id)
            ),
            ContinueAsNewInitiator::CronSchedule => {
                format!("The run is over, and its cron schedule has the next one start in its place. {THE_END}")
            }
            ContinueAsNewInitiator::Retry => {
                format!("The run failed, and its retry policy has another one start in its place. {THE_END}")
            }
        },
        A::WorkflowExecutionOptionsUpdatedEventAttributes(_) => {
            "Somebody changed the options of the run. Its code does not see that.".to_owned()
        }
        A::WorkflowExecutionPausedEventAttributes(_) => {
            "Somebody paused the run: until it goes on, no workflow task is given out.".to_owned()
        }
        A::WorkflowExecutionUnpausedEventAttributes(_) => {
            "Somebody let the run go on: workflow tasks are given out again.".to_owned()
        }
        A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(_) => {
            "The run's clock was moved on while it had nothing to do but wait.".to_owned()
        }

        // ---- Workflow tasks.
        A::WorkflowTaskScheduledEventAttributes(a) if a.attempt > 1 => format!(
            "The workflow task has not been answered well before: this is attempt {}. Any worker that polls the task \
             queue may take it.",
            a.attempt
        ),
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
        A::WorkflowTaskFailedEventAttributes(a) => why_task_failed(a).to_owned(),

        // ---- Activities.
        A::ActivityTaskScheduledEventAttributes(a) => format!(
            "The code asked for it {}. No further event is written until it ends for good: attempts and retries leave \
             no trace here.",
            asked_in(a.workflow_task_completed_event_id)
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
            "The activity that event {} asked for failed, and {}.",
            a.scheduled_event_id,
            Retried::of(history, a.scheduled_event_id, a.started_event_id, a.failure.as_ref()).no_more(a.retry_state())
        ),
        A::ActivityTaskTimedOutEventAttributes(a) => format!(
            "The activity that event {} asked for ran out of time, and {}. {}",
            a.scheduled_event_id,
            Retried::of(history, a.scheduled_event_id, a.started_event_id, a.failure.as_ref()).no_more(a.retry_state()),
            if a.started_event_id == 0 {
                "No attempt was under way."
            } else {
                "Whether it did its work is not known."
            }
        ),
        A::ActivityTaskCancelRequestedEventAttributes(a) => format!(
            "The code wants the activity of event {} to stop; it asked {}. A worker that runs it learns of that with \
             its next heartbeat.",
            a.scheduled_event_id,
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::ActivityTaskCanceledEventAttributes(a) if a.started_event_id == 0 => format!(
            "The activity that event {} asked for was given up before a worker ran it to an end, as the code wished.",
            a.scheduled_event_id
        ),
        A::ActivityTaskCanceledEventAttributes(a) => format!(
            "The activity that event {} asked for stopped, as the code wished, and its worker said so.",
            a.scheduled_event_id
        ),
        A::ActivityPropertiesModifiedExternallyEventAttributes(a) => format!(
            "Somebody changed how the activity of event {} is retried. The code does not see that.",
            a.scheduled_event_id
        ),

        // ---- Timers.
        A::TimerStartedEventAttributes(a) => format!(
            "The code asked to be woken later, {}.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::TimerFiredEventAttributes(a) => {
            format!(
                "The time has come that the code asked for with event {}.",
                a.started_event_id
            )
        }
        A::TimerCanceledEventAttributes(a) => format!(
            "The code does not need the timer of event {} any more; it said so {}.",
            a.started_event_id,
            asked_in(a.workflow_task_completed_event_id)
        ),

        // ---- From outside.
        A::WorkflowExecutionSignaledEventAttributes(a) => {
            let who = match &a.external_workflow_execution {
                Some(other) => format!("Workflow {} sent a signal", other.workflow_id),
                None => "A client sent a signal".to_owned(),
            };
            format!("{who}. It is kept here, whether a worker is there or not, and the code sees it in its next task.")
        }
        A::WorkflowExecutionCancelRequestedEventAttributes(a) => {
            let who = match &a.external_workflow_execution {
                Some(other) => format!("Workflow {}", other.workflow_id),
                None => "Somebody".to_owned(),
            };
            format!("{who} asked the run to stop. The code is told in its next task, and decides what to do about it.")
        }
        A::WorkflowExecutionUpdateAdmittedEventAttributes(_) => {
            "A client's update was kept for the code, which has not seen it yet.".to_owned()
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(_) => {
            "The code's validator let a client's update in; its handler runs from here on, and so in every replay."
                .to_owned()
        }
        A::WorkflowExecutionUpdateRejectedEventAttributes(_) => {
            "The code's validator turned a client's update away.".to_owned()
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(a) => format!(
            "The handler of the update that event {} accepted came to its end, and the client gets what it returned.",
            a.accepted_event_id
        ),

        // ---- Children.
        A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => format!(
            "The code asked for a child workflow {}. The Service starts it as a run with a history of its own.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::StartChildWorkflowExecutionFailedEventAttributes(a) => format!(
            "The child workflow that event {} asked for could not be started.",
            a.initiated_event_id
        ),
        A::ChildWorkflowExecutionStartedEventAttributes(a) => format!(
            "The child workflow that event {} asked for has begun; what it does stands in its own history.",
            a.initiated_event_id
        ),
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => {
            format!(
                "The child workflow that event {} asked for returned its result.",
                a.initiated_event_id
            )
        }
        A::ChildWorkflowExecutionFailedEventAttributes(a) => {
            format!(
                "The child workflow that event {} asked for failed{}.",
                a.initiated_event_id,
                no_next_run(a.retry_state())
            )
        }
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => format!(
            "The child workflow that event {} asked for stopped, as it was asked to.",
            a.initiated_event_id
        ),
        A::ChildWorkflowExecutionTimedOutEventAttributes(a) => {
            format!(
                "The child workflow that event {} asked for ran out of time.",
                a.initiated_event_id
            )
        }
        A::ChildWorkflowExecutionTerminatedEventAttributes(a) => {
            format!(
                "The child workflow that event {} asked for was ended by force.",
                a.initiated_event_id
            )
        }

        // ---- Other workflows.
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => format!(
            "The code sent another workflow a signal {}; it is on its way.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => {
            format!("The signal of event {} could not be delivered.", a.initiated_event_id)
        }
        A::ExternalWorkflowExecutionSignaledEventAttributes(a) => {
            format!(
                "The signal of event {} stands in the other workflow's history.",
                a.initiated_event_id
            )
        }
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a) => format!(
            "The code asked another workflow to stop {}; the request is on its way.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => {
            format!("The request of event {} could not be delivered.", a.initiated_event_id)
        }
        A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => format!(
            "The request of event {} stands in the other workflow's history; whether it stops is its own affair.",
            a.initiated_event_id
        ),

        // ---- What the code writes down.
        A::MarkerRecordedEventAttributes(a) => why_marked(&a.marker_name, a.workflow_task_completed_event_id),
        A::UpsertWorkflowSearchAttributesEventAttributes(a) => format!(
            "The code set search attributes of its run {}; lists of workflows can be filtered by them.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::WorkflowPropertiesModifiedEventAttributes(a) => format!(
            "The code changed the memo of its run {}.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::WorkflowPropertiesModifiedExternallyEventAttributes(_) => {
            "Somebody changed properties of the run from outside.".to_owned()
        }

        // ---- Nexus.
        A::NexusOperationScheduledEventAttributes(a) => format!(
            "The code asked for a Nexus operation {}.",
            asked_in(a.workflow_task_completed_event_id)
        ),
        A::NexusOperationStartedEventAttributes(a) => format!(
            "The Nexus operation that event {} asked for has begun and will tell of its end.",
            a.scheduled_event_id
        ),
        A::NexusOperationCompletedEventAttributes(a) => {
            format!(
                "The Nexus operation that event {} asked for returned its result.",
                a.scheduled_event_id
            )
        }
        A::NexusOperationFailedEventAttributes(a) => {
            format!(
                "The Nexus operation that event {} asked for failed.",
                a.scheduled_event_id
            )
        }
        A::NexusOperationCanceledEventAttributes(a) => format!(
            "The Nexus operation that event {} asked for stopped, as it was asked to.",
            a.scheduled_event_id
        ),
        A::NexusOperationTimedOutEventAttributes(a) => {
            format!(
                "The Nexus operation that event {} asked for ran out of time.",
                a.scheduled_event_id
            )
        }
        A::NexusOperationCancelRequestedEventAttributes(a) => {
            format!(
                "The code wants the Nexus operation of event {} to stop.",
                a.scheduled_event_id
            )
        }
        A::NexusOperationCancelRequestCompletedEventAttributes(a) => format!(
            "The request of event {} reached the Nexus operation; whether it stops is its own affair.",
            a.requested_event_id
        ),
        A::NexusOperationCancelRequestFailedEventAttributes(a) => {
            format!(
                "The request of event {} did not reach the Nexus operation.",
                a.requested_event_id
            )
        }
    }
}

fn who_started(started: &WorkflowExecutionStartedEventAttributes) -> String {
    match (started.initiator(), &started.parent_workflow_execution) {
        (ContinueAsNewInitiator::Workflow, _) => "The run before asked to go on in this one.".to_owned(),
        (ContinueAsNewInitiator::Retry, _) => "The run before failed, and its retry policy allows this one.".to_owned(),
        (ContinueAsNewInitiator::CronSchedule, _) => "The cron schedule has this run follow the one before.".to_owned(),
        (ContinueAsNewInitiator::Unspecified, Some(parent)) => {
            format!("Workflow {} asked for it as its child.", parent.workflow_id)
        }
        (ContinueAsNewInitiator::Unspecified, None) => "A client started the workflow.".to_owned(),
    }
}

fn next_run(run_id: &str) -> Option<&'static str> {
    (!run_id.is_empty()).then_some("; another run follows it")
}

/// Why no run follows one that failed, if it has a retry policy.
const fn no_next_run(state: RetryState) -> &'static str {
    match state {
        RetryState::NonRetryableFailure => ", one that its retry policy does not retry",
        RetryState::Timeout => ", and no time is left for another run",
        RetryState::MaximumAttemptsReached => ", and its retry policy allows no further run",
        RetryState::CancelRequested => ", and it was to stop anyway",
        RetryState::RetryPolicyNotSet
        | RetryState::InternalServerError
        | RetryState::InProgress
        | RetryState::Unspecified => "",
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "the Service's own reasons to refuse an answer are many, and the event tells which it was"
)]
fn why_task_failed(failed: &WorkflowTaskFailedEventAttributes) -> &'static str {
    match failed.cause() {
        WorkflowTaskFailedCause::ResetWorkflow => {
            "Somebody reset the workflow to this point: what the run before had done after it is not part of this one."
        }
        WorkflowTaskFailedCause::UnhandledCommand => {
            "The code wanted to end the run while there was news it had not seen. It is asked again, with the news."
        }
        WorkflowTaskFailedCause::NonDeterministicError => {
            "The code did something else than this history says. The task will be tried again; only other code, or a \
             reset, helps."
        }
        _ => "The worker could not run the code, or the Service refused its answer. The task will be tried again.",
    }
}

/// The last attempt of an activity that came to no good end.
struct Retried<'a> {
    scheduled: Option<&'a ActivityTaskScheduledEventAttributes>,
    /// Which attempt it was; 0 if none had begun.
    attempt: i32,
    failure: Option<&'a Failure>,
}

impl<'a> Retried<'a> {
    fn of(history: &'a [HistoryEvent], scheduled: i64, started: i64, failure: Option<&'a Failure>) -> Self {
        let attributes = |id: i64| {
            let event = history.get(usize::try_from(id).ok()?.checked_sub(1)?)?;
            event.attributes.as_ref()
        };
        Self {
            scheduled: match attributes(scheduled) {
                Some(A::ActivityTaskScheduledEventAttributes(scheduled)) => Some(scheduled),
                _ => None,
            },
            attempt: match attributes(started) {
                Some(A::ActivityTaskStartedEventAttributes(started)) => started.attempt,
                _ => 0,
            },
            failure,
        }
    }

    /// Why there is no further attempt.
    fn no_more(&self, state: RetryState) -> String {
        match state {
            RetryState::NonRetryableFailure => self.not_retryable(),
            RetryState::Timeout => self.no_time(),
            RetryState::MaximumAttemptsReached => match self.policy().map_or(0, |policy| policy.maximum_attempts) {
                1 => "its retry policy allows one attempt only".to_owned(),
                most if most > 1 => format!(
                    "it was attempt {} of the {most} that its retry policy allows",
                    self.attempt
                ),
                _ => "its retry policy allows no further attempt".to_owned(),
            },
            RetryState::RetryPolicyNotSet => "it has no retry policy".to_owned(),
            RetryState::InternalServerError => "the Service could not try it again".to_owned(),
            RetryState::CancelRequested => "it is not tried again, for the code wants it to stop".to_owned(),
            RetryState::InProgress | RetryState::Unspecified => "there is no further attempt".to_owned(),
        }
    }

    fn policy(&self) -> Option<&'a RetryPolicy> {
        self.scheduled?.retry_policy.as_ref()
    }

    fn not_retryable(&self) -> String {
        let Some(FailureInfo::ApplicationFailureInfo(info)) = self.failure.and_then(|of| of.failure_info.as_ref())
        else {
            return "a failure of this kind is not retried".to_owned();
        };
        let name = if info.r#type.is_empty() {
            "the error"
        } else {
            info.r#type.as_str()
        };
        let listed = self
            .policy()
            .is_some_and(|policy| policy.non_retryable_error_types.contains(&info.r#type));
        match (info.non_retryable, listed) {
            (true, _) => format!("its worker said that {name} is not to be retried"),
            (false, true) => format!("its retry policy names {name} among the errors that are not retried"),
            (false, false) => format!("{name} is not retried"),
        }
    }

    fn no_time(&self) -> String {
        let limit = |of: fn(&ActivityTaskScheduledEventAttributes) -> Option<&Duration>| {
            let limit = self.scheduled.and_then(of);
            limit.map_or_else(String::new, |limit| format!(" of {}", span(Some(limit))))
        };
        let timeout = match self.failure.and_then(|of| of.failure_info.as_ref()) {
            Some(FailureInfo::TimeoutFailureInfo(info)) => info.timeout_type(),
            _ => TimeoutType::Unspecified,
        };
        match timeout {
            TimeoutType::ScheduleToStart => format!(
                "no worker took it within its schedule-to-start{}, which is never retried",
                limit(|told| told.schedule_to_start_timeout.as_ref())
            ),
            TimeoutType::ScheduleToClose
            | TimeoutType::StartToClose
            | TimeoutType::Heartbeat
            | TimeoutType::Unspecified => {
                format!(
                    "its schedule-to-close{} leaves no time for a further attempt",
                    limit(|told| told.schedule_to_close_timeout.as_ref())
                )
            }
        }
    }
}

fn why_marked(name: &str, task: i64) -> String {
    match name {
        "core_local_activity" => format!(
            "A local activity came to its end within the workflow task that event {task} completed. Replays get its \
             result from here."
        ),
        "core_patch" => format!(
            "The code took the patched way in the workflow task that event {task} completed, and every replay will."
        ),
        _ => format!("The SDK wrote down something for replays, in the workflow task that event {task} completed."),
    }
}
