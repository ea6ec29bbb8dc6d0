//! Rules about what else a run was started with: retries, a cron schedule, arguments.

use crate::history::proto::ContinueAsNewInitiator;

use super::evidence::Evidence;
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, failure, name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "workflow-retry-policy",
        severity: Severity::Note,
        title: "the workflow has a retry policy",
        why: "A retry of a workflow begins at its beginning, in a new run: all that it has done is done again. What fails for a \
              while is better retried as an activity, which goes on where it was.",
        todo: "Leave it out, let activities be retried, and handle failures in the workflow's code. A failed run can be reset to \
               where it broke.",
        page: "encyclopedia/retry-policies",
        look: workflow_retry_policy,
    },
    Rule {
        id: "workflow-retried",
        severity: Severity::Warning,
        title: "this run is a retry of the whole workflow",
        why: "The run before failed or timed out, and everything that it had done is done again from the beginning.",
        todo: "Look at the run before for the cause; see that all activities can be done twice.",
        page: "encyclopedia/retry-policies",
        look: workflow_retried,
    },
    Rule {
        id: "cron-schedule",
        severity: Severity::Note,
        title: "the workflow has a cron schedule",
        why: "It cannot be paused or changed, and goes on until it is cancelled, terminated or out of time. Runs cannot overlap: \
              what falls due while one lasts is skipped.",
        todo: "Use a Schedule.",
        page: "cron-job",
        look: cron_schedule,
    },
    Rule {
        id: "several-arguments",
        severity: Severity::Note,
        title: "the workflow takes several arguments",
        why: "Arguments are told apart by their place, so none can be added or taken away without care for runs under way.",
        todo: "Take one object that has them all: fields can be added to it.",
        page: "workflow-definition",
        look: several_arguments,
    },
];

fn workflow_retry_policy(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    if let Some(policy) = &start.attributes.retry_policy {
        let most = match policy.maximum_attempts {
            0 => "as many attempts as it takes".to_owned(),
            n => format!("at most {}", counted(u64::from(n.unsigned_abs()), "attempt")),
        };
        finds.at(start.event.event_id, most);
    }
}

fn workflow_retried(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    let retried = start.attributes.initiator() == ContinueAsNewInitiator::Retry || start.attributes.attempt > 1;
    if retried {
        let before = start.attributes.continued_failure.as_ref().map(failure);
        let before = before
            .map(|before| format!("; the run before: {before}"))
            .unwrap_or_default();
        finds.at(
            start.event.event_id,
            format!("attempt {}{before}", start.attributes.attempt),
        );
    }
}

fn cron_schedule(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    let schedule = &start.attributes.cron_schedule;
    if !schedule.is_empty() {
        let also = if start.attributes.retry_policy.is_some() {
            "; with a retry policy too: retries go before the schedule"
        } else {
            ""
        };
        finds.at(start.event.event_id, format!("“{}”{also}", name(schedule)));
    }
}

fn several_arguments(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Some(start) = evidence.start else { return };
    let arguments = start.attributes.input.as_ref().map_or(0, |input| input.payloads.len());
    if arguments > 1 {
        finds.at(start.event.event_id, counted(arguments as u64, "argument"));
    }
}
