//! Rules about runs that begin with a wait. The run timeout counts from its end, the execution timeout from the start
//! (`service/history/workflow/mutable_state_impl.go`).

use crate::base::time::Span;
use crate::history::proto::ContinueAsNewInitiator;
use crate::history::timestamp::span;

use super::evidence::{Evidence, Start};
use super::found::Finds;
use super::rule::{Rule, Severity};

/// Somebody may wonder why nothing happens.
const LONG: Span = Span::secs(86_400);

/// Not worth a timer.
const SHORT: Span = Span::secs(1);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "start-delay-long",
        severity: Severity::Note,
        title: "the run begins with a wait of a day or more",
        why: "Until then it is open and has no workflow task: it is not stuck. An ordinary signal does not shorten the wait, and \
              is delivered after it.",
        todo: "If that is meant, nothing.",
        page: "workflow-execution/timers-delays#delay-workflow-execution",
        look: start_delay_long,
    },
    Rule {
        id: "start-delay-short",
        severity: Severity::Note,
        title: "the run begins with a wait of less than a second",
        why: "It is a timer in the Service like any other, and may be up to a second late.",
        todo: "Leave it out.",
        page: "workflow-execution/timers-delays#delay-workflow-execution",
        look: start_delay_short,
    },
    Rule {
        id: "start-delay-outlasts-execution-timeout",
        severity: Severity::Error,
        title: "the run's time is over before its wait is",
        why: "The execution timeout counts from the start, not from the end of the start delay: the run times out and none of \
              its code has ever run.",
        todo: "Make the execution timeout longer than the start delay and the work together, or give a run timeout instead: \
               that counts from the end of the delay.",
        page: "workflow-execution/timers-delays#delay-workflow-execution",
        look: start_delay_outlasts_execution_timeout,
    },
    Rule {
        id: "start-delay-shortens-run",
        severity: Severity::Warning,
        title: "the wait at the beginning takes time away from the run",
        why: "The run timeout counts from the end of the start delay, the execution timeout from the start: whichever is over \
              first ends the run.",
        todo: "Make the execution timeout longer than the start delay and the run timeout together.",
        page: "workflow-execution/timers-delays#delay-workflow-execution",
        look: start_delay_shortens_run,
    },
];

/// The start and its delay, if it was asked for: the Service holds up next runs, retries and those of a schedule too.
fn delayed<'a>(evidence: &Evidence<'a>) -> Option<(Start<'a>, Span)> {
    let start = evidence.start?;
    let first = start.attributes.initiator() == ContinueAsNewInitiator::Unspecified;
    let asked = first && start.attributes.cron_schedule.is_empty() && start.attributes.attempt <= 1;
    let delay = start.backoff();
    (asked && !delay.is_zero()).then_some((start, delay))
}

fn start_delay_long(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((start, delay)) = delayed(evidence).filter(|(_, delay)| *delay >= LONG) {
        let run = evidence.run_timeout();
        let run = if run.is_zero() {
            String::new()
        } else {
            format!("; then it may take {run}")
        };
        finds.at(start.event.event_id, format!("start delay {delay}{run}"));
    }
}

fn start_delay_short(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((start, delay)) = delayed(evidence).filter(|(_, delay)| *delay < SHORT) {
        finds.at(start.event.event_id, format!("start delay {delay}"));
    }
}

/// The start delay and the execution timeout, if both are set.
fn against_execution<'a>(evidence: &Evidence<'a>) -> Option<(Start<'a>, Span, Span)> {
    let (start, delay) = delayed(evidence)?;
    let whole = span(start.attributes.workflow_execution_timeout.as_ref());
    (!whole.is_zero()).then_some((start, delay, whole))
}

fn start_delay_outlasts_execution_timeout(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((start, delay, whole)) = against_execution(evidence).filter(|(_, delay, whole)| delay >= whole) {
        finds.at(
            start.event.event_id,
            format!("start delay {delay}, execution timeout {whole}"),
        );
    }
}

fn start_delay_shortens_run(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some((start, delay, whole)) = against_execution(evidence).filter(|(_, delay, whole)| delay < whole) else {
        return;
    };
    let run = evidence.run_timeout();
    if delay + run > whole {
        let what = format!(
            "start delay {delay}, run timeout {run}, execution timeout {whole}: the run has {} left",
            whole - delay
        );
        finds.at(start.event.event_id, what);
    }
}
