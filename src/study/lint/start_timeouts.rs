//! Rules about the limits of time that a run was started with.

use crate::base::time::Span;
use crate::history::proto::ContinueAsNewInitiator;
use crate::history::timestamp::span;

use super::evidence::{Evidence, Start};
use super::found::Finds;
use super::rule::{Rule, Severity};

/// What the Service gives a workflow task if nobody says otherwise.
const TASK_TIMEOUT: Span = Span::secs(10);

/// A run that may take less hardly needs a limit.
const SHORT: Span = Span::secs(120);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "execution-timeout",
        severity: Severity::Note,
        title: "the workflow has an execution timeout",
        why: "It covers all runs together, retries and continue-as-new too. When it is over, the Service ends the run without \
              asking its code: nothing is cleaned up, and activities that are running are not stopped.",
        todo: "If something has to happen then, use a timer in the workflow, or cancel it from outside.",
        page: "encyclopedia/detecting-workflow-failures#workflow-execution-timeout",
        look: execution_timeout,
    },
    Rule {
        id: "run-timeout-fills-execution-timeout",
        severity: Severity::Note,
        title: "the run timeout is no shorter than the execution timeout",
        why: "Then one of the two says nothing. (Where no run timeout is given, or a longer one, the Service sets it to the \
              execution timeout.)",
        todo: "If only one run is meant to be limited, give a run timeout alone.",
        page: "encyclopedia/detecting-workflow-failures#workflow-run-timeout",
        look: run_timeout_fills_execution_timeout,
    },
    Rule {
        id: "no-time-for-next-run",
        severity: Severity::Warning,
        title: "a workflow that is to be run again has no time left for it when a run times out",
        why: "One run may take all the time that there is for all of them: a run that hangs until its timeout is not retried, \
              and has no next one by its cron schedule.",
        todo: "Make the run timeout a fraction of the execution timeout.",
        page: "encyclopedia/detecting-workflow-failures#workflow-run-timeout",
        look: no_time_for_next_run,
    },
    Rule {
        id: "run-timeout-short",
        severity: Severity::Note,
        title: "a run may take less than two minutes",
        why: "A worker that is restarted, or a queue that is long for once, is enough for it to be cut off, without any of its \
              code running. Each such limit is a timer in the Service, too.",
        todo: "Leave it out, or make it an hour; let activities have the short limits.",
        page: "encyclopedia/detecting-workflow-failures#workflow-run-timeout",
        look: run_timeout_short,
    },
    Rule {
        id: "workflow-task-timeout-long",
        severity: Severity::Warning,
        title: "workflow tasks may take longer than by default",
        why: "It takes so long before the Service notices that a worker has died with a task, and nothing goes on in the run \
              until then, not even messages. It hides code that blocks.",
        todo: "Leave it at 10 s. Take what needs longer out of the workflow, into an activity; keep the history short.",
        page: "encyclopedia/detecting-workflow-failures#workflow-task-timeout",
        look: workflow_task_timeout_long,
    },
    Rule {
        id: "workflow-task-timeout-short",
        severity: Severity::Note,
        title: "workflow tasks may take less time than by default",
        why: "A worker that has to load and replay a long history, or is busy, may not make it: then the task is lost and done \
              again.",
        todo: "Leave it at 10 s, unless it has been measured that less is enough.",
        page: "encyclopedia/detecting-workflow-failures#workflow-task-timeout",
        look: workflow_task_timeout_short,
    },
];

fn execution(start: Start<'_>) -> Span {
    span(start.attributes.workflow_execution_timeout.as_ref())
}

/// Whether another run follows a run that timed out, if there is time.
fn comes_again(start: Start<'_>) -> bool {
    start.attributes.retry_policy.is_some() || !start.attributes.cron_schedule.is_empty()
}

fn execution_timeout(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    let limit = execution(start);
    if !limit.is_zero() {
        finds.at(start.event.event_id, format!("execution timeout {limit}"));
    }
}

/// Both limits, if the run's is no shorter and both are set.
fn filled(evidence: &Evidence<'_>) -> Option<(i64, String, bool)> {
    let start = evidence.start?;
    let (whole, run) = (execution(start), evidence.run_timeout());
    let what = format!("run timeout {run}, execution timeout {whole}");
    (!whole.is_zero() && run >= whole).then_some((start.event.event_id, what, comes_again(start)))
}

fn run_timeout_fills_execution_timeout(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((event, what, false)) = filled(evidence) {
        finds.at(event, what);
    }
}

fn no_time_for_next_run(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((event, what, true)) = filled(evidence) {
        finds.at(event, what);
    }
}

fn run_timeout_short(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    let limits = [
        ("run timeout", evidence.run_timeout()),
        ("execution timeout", execution(start)),
    ];
    let short = limits.into_iter().find(|(_, limit)| !limit.is_zero() && *limit < SHORT);
    if let Some((name, limit)) = short {
        finds.at(start.event.event_id, format!("{name} {limit}"));
    }
}

/// The limit of its workflow tasks, if it was asked for: it is cut down to the run timeout.
fn asked_task_timeout(evidence: &Evidence<'_>) -> Option<(i64, Span)> {
    let start = evidence.start?;
    let limit = span(start.attributes.workflow_task_timeout.as_ref());
    let next_run = start.attributes.initiator() != ContinueAsNewInitiator::Unspecified;
    let cut = limit == evidence.run_timeout() || limit == execution(start) && next_run;
    (!limit.is_zero() && !cut).then_some((start.event.event_id, limit))
}

fn workflow_task_timeout_long(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((event, limit)) = asked_task_timeout(evidence).filter(|(_, limit)| *limit > TASK_TIMEOUT) {
        finds.at(event, format!("workflow task timeout {limit}"));
    }
}

fn workflow_task_timeout_short(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((event, limit)) = asked_task_timeout(evidence).filter(|(_, limit)| *limit < TASK_TIMEOUT) {
        finds.at(event, format!("workflow task timeout {limit}"));
    }
}
