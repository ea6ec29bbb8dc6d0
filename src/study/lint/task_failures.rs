//! Rules about workflow tasks that failed, by cause, each with its own advice.
//!
//! A failed task is tried again at once, but what the second try and those after it come to is not written down: a run that
//! cannot go on has one or two such events, and then none any more.

#![warn(clippy::wildcard_enum_match_arm)]

use crate::base::time::Span;
use crate::history::class::Category;
use crate::history::proto::{WorkflowTaskFailedCause as Cause, WorkflowTaskFailedEventAttributes};

use super::evidence::{Evidence, Task, between};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, failure, name};

/// So many tasks in a row are a loop.
const LOOP: usize = 3;

/// What the Service writes together is no further apart.
const AT_ONCE: Span = Span::secs(1);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "nondeterminism",
        severity: Severity::Error,
        title: "the workflow's code does not go together with its history",
        why: "In a replay the code asked for something else than it did the first time, so the worker cannot go on. The task \
              is tried again, without further events, until code comes that fits.",
        todo: "Bring back code that asks for the same, in the same order, and put the change behind a patch \
               (`patched`, `GetVersion`); or reset the run to a point before the change. No clock, dice, thread or call to the \
               outside belongs into a workflow.",
        page: "workflow-definition#deterministic-constraints",
        look: |evidence, finds| failed(evidence, Trouble::Nondeterminism, finds),
    },
    Rule {
        id: "workflow-code-failed",
        severity: Severity::Error,
        title: "the workflow's code broke, and its workflow task with it",
        why: "A panic, or an exception that is none of Temporal's, does not fail the workflow: the task is tried again, \
              without further events, until code comes that does not break.",
        todo: "Mend the code and deploy it: the run goes on by itself. If such an error should fail the workflow, throw an \
               application failure, or name the type among the workflow's failure exceptions.",
        page: "references/errors#workflow-worker-unhandled-failure",
        look: |evidence, finds| failed(evidence, Trouble::Code, finds),
    },
    Rule {
        id: "workflow-deadlock",
        severity: Severity::Error,
        title: "the workflow's code did not yield in time",
        why: "A workflow only reacts; code that computes or blocks for seconds holds up its worker, which therefore ends the \
              task, and it is tried again.",
        todo: "Take what blocks or computes out of the workflow and into an activity. A stopped debugger, or a machine that is \
               much too busy, does this too.",
        page: "workflow-definition#deterministic-constraints",
        look: |evidence, finds| failed(evidence, Trouble::Deadlock, finds),
    },
    Rule {
        id: "workflow-not-registered",
        severity: Severity::Error,
        title: "a worker took a workflow task and has no such workflow",
        why: "Every worker of a task queue gets tasks of every workflow in it, whether it knows the workflow or not. The task \
              is tried again until one takes it that does.",
        todo: "Register the workflow, by this very name, in every worker of the task queue, or give it a task queue of its \
               own.",
        page: "workers#worker-process",
        look: |evidence, finds| failed(evidence, Trouble::NotRegistered, finds),
    },
    Rule {
        id: "command-refused",
        severity: Severity::Error,
        title: "the Service refused a command of the workflow",
        why: "With it the whole answer was refused, so nothing of what the task asked for has happened. The code asks for the \
              same in the next try, and is refused again, until it is mended.",
        todo: "Mend what the message names, and deploy it: the run goes on by itself.",
        page: "references/errors",
        look: |evidence, finds| failed(evidence, Trouble::Refused, finds),
    },
    Rule {
        id: "duplicate-id",
        severity: Severity::Error,
        title: "the workflow used the id of something that was still pending",
        why: "The Service refuses the whole answer to the task; the next try asks for the same and is refused again.",
        todo: "Leave ids to the SDK, or make them unique among what is pending.",
        page: "references/errors#schedule-activity-duplicate-id",
        look: |evidence, finds| failed(evidence, Trouble::DuplicateId, finds),
    },
    Rule {
        id: "pending-limit-exceeded",
        severity: Severity::Error,
        title: "the workflow asked for more at once than the Service allows to be pending",
        why: "By default 2,000 activities, children, signals or cancel requests to others may be pending in a run. The task is \
              tried again and may succeed once some of them have ended.",
        todo: "Do it in batches, or hand the work to child workflows.",
        page: "workflow-execution/limits",
        look: |evidence, finds| failed(evidence, Trouble::PendingLimit, finds),
    },
    Rule {
        id: "message-too-large",
        severity: Severity::Error,
        title: "what the workflow sent is larger than the Service takes",
        why: "By default one set of arguments or one result may have 2 MiB, and one answer of a worker 4 MiB. The task is tried \
              again with the same; some of these end the run at once.",
        todo: "Keep large data elsewhere and pass on where it is; ask for fewer things in one task; compress in a payload \
               codec.",
        page: "troubleshooting/blob-size-limit-error",
        look: |evidence, finds| failed(evidence, Trouble::TooLarge, finds),
    },
    Rule {
        id: "workflow-task-failed",
        severity: Severity::Error,
        title: "a workflow task failed",
        why: "The task is tried again, without further events while it goes on failing.",
        todo: "Look at the message, and at the worker's log at that time.",
        page: "references/errors",
        look: |evidence, finds| failed(evidence, Trouble::Other, finds),
    },
    Rule {
        id: "unhandled-command",
        severity: Severity::Note,
        title: "the Service did not let the workflow end, since something new had come",
        why: "The answer that would have ended the run was dropped, and the task is done again with what is new. Nothing is \
              lost, but the code runs twice.",
        todo: "If it happens now and then, nothing. The workflow should look for messages once more before it returns.",
        page: "references/errors#unhandled-command",
        look: unhandled_command,
    },
    Rule {
        id: "unhandled-command-loop",
        severity: Severity::Warning,
        title: "the workflow tried to end again and again, and each time something new had come",
        why: "Messages come faster than a workflow task is answered, so that the run cannot end or continue as new, and its \
              history grows. Nothing is lost.",
        todo: "Handle all messages that there are before returning or continuing as new; keep the last task short (no local \
               activities in it); let senders send less often, or to more workflows.",
        page: "references/errors#unhandled-command",
        look: unhandled_command_loop,
    },
    Rule {
        id: "buffered-events-overflow",
        severity: Severity::Warning,
        title: "more came during one workflow task than the Service keeps back",
        why: "While a task is at a worker, what happens is kept back: by default 100 events or 2 MiB. Beyond that the Service \
              drops the task and starts another.",
        todo: "Answer tasks sooner: no long local activities, no computing. Send fewer signals, or to more workflows.",
        page: "references/errors#force-close-command",
        look: buffered_events_overflow,
    },
    Rule {
        id: "workflow-task-dropped",
        severity: Severity::Note,
        title: "the Service took a workflow task back",
        why: "The namespace moved to another cluster, the worker's own queue was given up, or an operator paused the run. The \
              task is handed out again by itself; code that was running for it ran for nothing.",
        todo: "Nothing.",
        page: "references/errors#failover-close-command",
        look: |evidence, finds| failed(evidence, Trouble::Dropped, finds),
    },
    Rule {
        id: "reset",
        severity: Severity::Note,
        title: "this run begins with a part of another one, which was reset",
        why: "What stands before this event happened in the run that was reset; what that run did afterwards is not here, but \
              was done: activities after the point run again. Children that it had begun are ended with it, by their parent \
              close policy, unless the operator kept them.",
        todo: "See that everything after the point can be done twice.",
        page: "workflow-execution/event#reset",
        look: reset,
    },
];

/// What is wrong with a task that failed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Trouble {
    Nondeterminism,
    Code,
    Deadlock,
    NotRegistered,
    Refused,
    DuplicateId,
    PendingLimit,
    TooLarge,
    Other,
    /// Something new had come when the workflow wanted to end.
    Unhandled,
    /// The Service needed the room, or the run was ended from outside.
    ForceClosed,
    Dropped,
    Reset,
}

impl Trouble {
    fn of(failed: &WorkflowTaskFailedEventAttributes) -> Self {
        match failed.cause() {
            Cause::NonDeterministicError => Self::Nondeterminism,
            Cause::WorkflowWorkerUnhandledFailure => Self::of_message(failed),
            Cause::UnhandledCommand | Cause::UnhandledUpdate => Self::Unhandled,
            Cause::ForceCloseCommand => Self::ForceClosed,
            Cause::ResetWorkflow => Self::Reset,
            Cause::FailoverCloseCommand
            | Cause::ResetStickyTaskQueue
            | Cause::WorkflowPauseRequestedBeforeTaskStarted => Self::Dropped,
            Cause::StartTimerDuplicateId | Cause::ScheduleActivityDuplicateId => Self::DuplicateId,
            Cause::PendingChildWorkflowsLimitExceeded
            | Cause::PendingActivitiesLimitExceeded
            | Cause::PendingSignalsLimitExceeded
            | Cause::PendingRequestCancelLimitExceeded
            | Cause::PendingNexusOperationsLimitExceeded => Self::PendingLimit,
            Cause::BadSignalInputSize
            | Cause::GrpcMessageTooLarge
            | Cause::PayloadsTooLarge
            | Cause::RequestTooLarge => Self::TooLarge,
            Cause::BadScheduleActivityAttributes
            | Cause::BadRequestCancelActivityAttributes
            | Cause::BadStartTimerAttributes
            | Cause::BadCancelTimerAttributes
            | Cause::BadRecordMarkerAttributes
            | Cause::BadCompleteWorkflowExecutionAttributes
            | Cause::BadFailWorkflowExecutionAttributes
            | Cause::BadCancelWorkflowExecutionAttributes
            | Cause::BadRequestCancelExternalWorkflowExecutionAttributes
            | Cause::BadContinueAsNewAttributes
            | Cause::BadSignalWorkflowExecutionAttributes
            | Cause::BadStartChildExecutionAttributes
            | Cause::BadSearchAttributes
            | Cause::BadModifyWorkflowPropertiesAttributes
            | Cause::BadUpdateWorkflowExecutionMessage
            | Cause::BadScheduleNexusOperationAttributes
            | Cause::BadRequestCancelNexusOperationAttributes => {
                if message(failed).contains("exceeds size limit") {
                    Self::TooLarge
                } else {
                    Self::Refused
                }
            }
            Cause::BadBinary | Cause::FeatureDisabled | Cause::ExternalStorageFailure | Cause::Unspecified => {
                Self::Other
            }
        }
    }

    /// What SDKs report with one cause, by the words or codes with which they do.
    fn of_message(failed: &WorkflowTaskFailedEventAttributes) -> Self {
        let said = message(failed).to_lowercase();
        let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
        if says(&["tmprl1100", "nondeterminis", "non-determinis"]) {
            return Self::Nondeterminism;
        }
        if says(&["tmprl1101", "deadlock"]) {
            return Self::Deadlock;
        }
        if said.contains("workflow")
            && says(&[
                "not registered",
                "unable to find workflow type",
                "no such function is exported",
                "unknown workflow type",
            ])
        {
            return Self::NotRegistered;
        }
        Self::Code
    }
}

fn message(failed: &WorkflowTaskFailedEventAttributes) -> &str {
    failed.failure.as_ref().map_or("", |failure| &failure.message)
}

/// Advice that depends on the cause.
fn advice(cause: Cause) -> Option<&'static str> {
    match cause {
        Cause::BadScheduleActivityAttributes => Some(
            "Give the activity a start-to-close or a schedule-to-close timeout, a type and a task queue, and a retry policy \
             without negative values.",
        ),
        Cause::BadStartTimerAttributes => Some("Give the timer an id, and a duration that is not negative."),
        Cause::BadCancelTimerAttributes => Some("Cancel only timers that were started and have not fired."),
        Cause::BadRequestCancelActivityAttributes => Some(
            "Cancel only activities that are pending. If nobody does otherwise, look for nondeterminism, or update the SDK.",
        ),
        Cause::BadSearchAttributes => Some(
            "Register the search attribute in the namespace, with the type of the value, before the workflow sets it.",
        ),
        Cause::BadRequestCancelExternalWorkflowExecutionAttributes | Cause::BadSignalWorkflowExecutionAttributes => {
            Some("Name a workflow id, and a namespace that exists; do not cancel a child in the task that starts it.")
        }
        Cause::BadContinueAsNewAttributes | Cause::BadStartChildExecutionAttributes => Some(
            "Look at the new run's type, task queue, timeouts, retry policy and search attributes: the message names the one \
             that was refused.",
        ),
        Cause::BadUpdateWorkflowExecutionMessage => Some("Update the SDK of the worker."),
        Cause::FeatureDisabled => Some("Turn the feature on in the server or for the namespace, or do without it."),
        Cause::BadBinary => Some("Deploy a version of the worker that is not marked as bad."),
        Cause::ExternalStorageFailure => Some("See that workers reach the store in which large payloads are kept."),
        Cause::StartTimerDuplicateId => {
            Some("Leave ids of timers to the SDK, or make them unique among running timers.")
        }
        Cause::Unspecified
        | Cause::UnhandledCommand
        | Cause::BadRecordMarkerAttributes
        | Cause::BadCompleteWorkflowExecutionAttributes
        | Cause::BadFailWorkflowExecutionAttributes
        | Cause::BadCancelWorkflowExecutionAttributes
        | Cause::ResetStickyTaskQueue
        | Cause::WorkflowWorkerUnhandledFailure
        | Cause::ForceCloseCommand
        | Cause::FailoverCloseCommand
        | Cause::BadSignalInputSize
        | Cause::ResetWorkflow
        | Cause::ScheduleActivityDuplicateId
        | Cause::NonDeterministicError
        | Cause::BadModifyWorkflowPropertiesAttributes
        | Cause::PendingChildWorkflowsLimitExceeded
        | Cause::PendingActivitiesLimitExceeded
        | Cause::PendingSignalsLimitExceeded
        | Cause::PendingRequestCancelLimitExceeded
        | Cause::UnhandledUpdate
        | Cause::BadScheduleNexusOperationAttributes
        | Cause::PendingNexusOperationsLimitExceeded
        | Cause::BadRequestCancelNexusOperationAttributes
        | Cause::GrpcMessageTooLarge
        | Cause::PayloadsTooLarge
        | Cause::WorkflowPauseRequestedBeforeTaskStarted
        | Cause::RequestTooLarge => None,
    }
}

/// Whether code or a limit has to be changed before such a task can succeed.
pub(super) fn needs_mending(failed: &WorkflowTaskFailedEventAttributes) -> bool {
    !matches!(
        Trouble::of(failed),
        Trouble::Unhandled | Trouble::ForceClosed | Trouble::Dropped | Trouble::Reset
    )
}

/// The cause in Temporal's word for it, without what all of them begin with.
pub(super) fn cause_name(cause: Cause) -> &'static str {
    if cause == Cause::Unspecified {
        return "no cause told";
    }
    let name = cause.as_str_name();
    name.strip_prefix("WORKFLOW_TASK_FAILED_CAUSE_").unwrap_or(name)
}

fn failed(evidence: &Evidence<'_>, trouble: Trouble, finds: &mut Finds) {
    for (event, failed) in evidence.tasks.iter().filter_map(Task::failed) {
        if Trouble::of(failed) != trouble {
            continue;
        }
        let by = match failed.identity.as_str() {
            "" | "history-service" => String::new(),
            identity => format!(", reported by {}", name(identity)),
        };
        let said = failed.failure.as_ref().map(failure);
        let said = said.map(|said| format!(": {said}")).unwrap_or_default();
        let cause = failed.cause();
        let what = format!("{}{said}{by}", cause_name(cause));
        let like = format!("{} {}", cause_name(cause), message(failed));
        finds.advise(&like, event.event_id, what, advice(cause));
    }
}

/// Tasks that failed one after the other because something new had come.
fn unhandled<'e, 'a>(evidence: &'e Evidence<'a>) -> impl Iterator<Item = &'e [Task<'a>]> {
    let is_unhandled = |task: &Task<'_>| {
        task.failed()
            .is_some_and(|(_, failed)| Trouble::of(failed) == Trouble::Unhandled)
    };
    let rows = evidence
        .tasks
        .chunk_by(move |one, next| is_unhandled(one) && is_unhandled(next));
    rows.filter(move |row| row.first().is_some_and(is_unhandled))
}

fn unhandled_command(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, failed) in unhandled(evidence)
        .filter(|row| row.len() < LOOP)
        .flatten()
        .filter_map(Task::failed)
    {
        finds.at(event.event_id, format!("{}: done again", cause_name(failed.cause())));
    }
}

fn unhandled_command_loop(evidence: &Evidence<'_>, finds: &mut Finds) {
    for row in unhandled(evidence).filter(|row| row.len() >= LOOP) {
        let events: Vec<i64> = row
            .iter()
            .filter_map(Task::failed)
            .map(|(event, _)| event.event_id)
            .collect();
        let what = format!("{} in a row failed so", counted(row.len() as u64, "workflow task"));
        finds.among(&events, what);
    }
}

fn buffered_events_overflow(evidence: &Evidence<'_>, finds: &mut Finds) {
    for task in &evidence.tasks {
        let Some((event, failed)) = task.failed() else { continue };
        // What came meanwhile is written after the task's end, also where the run is ended from outside.
        let meanwhile = || {
            task.rest
                .iter()
                .take_while(|next| next.class().category != Category::WorkflowTask)
        };
        let close = meanwhile().find(|next| next.class().ends_run());
        if Trouble::of(failed) != Trouble::ForceClosed || close.is_some_and(|close| between(event, close) <= AT_ONCE) {
            continue;
        }
        let kept_back = meanwhile().filter(|next| next.event_time <= event.event_time);
        let what = format!(
            "FORCE_CLOSE_COMMAND after {}, with {} kept back",
            task.took(),
            counted(kept_back.count() as u64, "event")
        );
        finds.like("overflow", event.event_id, what);
    }
}

fn reset(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, failed) in evidence.tasks.iter().filter_map(Task::failed) {
        if Trouble::of(failed) == Trouble::Reset {
            let said = failed.failure.as_ref().map(failure).unwrap_or_default();
            let what = format!("reset of run {} ({said})", name(&failed.base_run_id));
            finds.at(event.event_id, what);
        }
    }
}
