//! Rules about how a run ended, where it was not by returning.

use crate::history::proto::{Attributes, RetryState};

use super::evidence::{Ending, Evidence};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::size::limit_reason;
use super::words::{failure, name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "workflow-failed",
        severity: Severity::Warning,
        title: "the workflow failed",
        why: "A failed run does not go on, whatever becomes of its cause; what it had done stays done unless its code undid it.",
        todo: "Look at the last cause. To go on from where it broke, mend the cause and reset the run to a workflow task \
               before it. If it is an ordinary outcome of the business, a result says so better than a failure.",
        page: "references/failures",
        look: workflow_failed,
    },
    Rule {
        id: "workflow-timed-out",
        severity: Severity::Error,
        title: "the run was cut off by its timeout",
        why: "The Service ended it without asking its code: nothing was cleaned up or undone, and activities that were running \
              have not been stopped.",
        todo: "Undo by hand what has to be undone. Let the workflow watch the time itself, with a timer, and clean up; keep the \
               timeout for emergencies, or leave it out.",
        page: "encyclopedia/detecting-workflow-failures",
        look: workflow_timed_out,
    },
    Rule {
        id: "workflow-terminated",
        severity: Severity::Warning,
        title: "the run was terminated",
        why: "The Service ended it without asking its code: nothing was cleaned up or undone, and activities that were running \
              have not been stopped.",
        todo: "Undo by hand what has to be undone. If the code can still run, cancel rather than terminate.",
        page: "encyclopedia/workflow/cancellation-and-termination",
        look: workflow_terminated,
    },
];

fn next_run(id: &str) -> String {
    if id.is_empty() {
        String::new()
    } else {
        format!("; run {} goes on", name(id))
    }
}

fn workflow_failed(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)) = &close.attributes else {
        return;
    };
    let said = failed
        .failure
        .as_ref()
        .map_or_else(|| "no failure is told".to_owned(), failure);
    let retried = match failed.retry_state() {
        RetryState::NonRetryableFailure => "; not retried, since the error is non-retryable",
        RetryState::MaximumAttemptsReached => "; the workflow's retry policy allows no more attempts",
        RetryState::Timeout => "; no time is left for another attempt of the workflow",
        RetryState::InProgress => "; the workflow is tried again",
        RetryState::Unspecified
        | RetryState::RetryPolicyNotSet
        | RetryState::InternalServerError
        | RetryState::CancelRequested => "",
    };
    finds.at(
        close.event_id,
        format!("{said}{retried}{}", next_run(&failed.new_execution_run_id)),
    );
}

fn workflow_timed_out(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let Some(Attributes::WorkflowExecutionTimedOutEventAttributes(timed_out)) = &close.attributes else {
        return;
    };
    let limit = evidence.run_timeout();
    let limit = if limit.is_zero() {
        String::new()
    } else {
        format!("; run timeout {limit}")
    };
    let what = format!("timed out{limit}{}", next_run(&timed_out.new_execution_run_id));
    finds.at(close.event_id, what);
}

fn workflow_terminated(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let Some(Attributes::WorkflowExecutionTerminatedEventAttributes(terminated)) = &close.attributes else {
        return;
    };
    if limit_reason(&evidence.ending).is_some() {
        return;
    }
    let todo = match terminated.reason.as_str() {
        "by parent close policy" => Some(
            "Its parent ended before it. Let the parent wait for its children, or start this one with another parent close \
             policy.",
        ),
        "TerminateIfRunning WorkflowIdReusePolicy" => Some(
            "Another workflow was started with its id and the policy to terminate what runs. Use another id, or let that start \
             fail.",
        ),
        _ => None,
    };
    let by = if terminated.identity.is_empty() {
        String::new()
    } else {
        format!(" by {}", name(&terminated.identity))
    };
    let reason = if terminated.reason.is_empty() {
        "no reason is told".to_owned()
    } else {
        format!("reason: {}", name(&terminated.reason))
    };
    finds.advise("terminated", close.event_id, format!("terminated{by}; {reason}"), todo);
}
