//! Rules about workflow tasks that were lost, late or tried many times: what they tell of workers.

use crate::base::time::Span;
use crate::history::proto::TimeoutType;

use super::evidence::{Evidence, Task, TaskEnd, between};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::task_failures::{cause_name, needs_mending};
use super::words::{counted, name};

/// From this attempt on it is no accident.
const MANY: i32 = 3;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "workflow-task-stuck",
        severity: Severity::Error,
        title: "a run is open, and its last workflow task did not succeed",
        why: "The Service tries the task again and again, and writes nothing until it succeeds: no event tells how often. From \
              the fourth try on it allows more time for each. Messages to the run wait.",
        todo: "",
        page: "tasks#workflow-task-execution",
        look: workflow_task_stuck,
    },
    Rule {
        id: "workflow-task-timed-out",
        severity: Severity::Warning,
        title: "a worker took a workflow task and did not answer in time",
        why: "It died or was cut off, or the workflow's code did not yield. Until the limit was over, nothing went on in the \
              run.",
        todo: "Look for a crash, a restart or a lack of memory of that worker at that time. If there was none: the code \
               computes or blocks, or the history takes too long to load and replay.",
        page: "encyclopedia/detecting-workflow-failures#workflow-task-timeout",
        look: workflow_task_timed_out,
    },
    Rule {
        id: "worker-left",
        severity: Severity::Warning,
        title: "a workflow task waited in vain for the worker that had the run in memory",
        why: "Tasks first go to a sticky queue that only this worker polls. It was gone, or had no slot free; when the \
              sticky timeout was over, any worker could take the task, and had to replay the history. Nothing is lost but \
              time.",
        todo: "Shut workers down in good order (then the Service knows at once); look for a crash of this one. If it was \
               alive, give it more pollers or slots.",
        page: "sticky-execution",
        look: worker_left,
    },
    Rule {
        id: "workflow-task-many-attempts",
        severity: Severity::Warning,
        title: "a workflow task succeeded only after several tries",
        why: "Of the tries before at most one or two stand in the history; each may have taken the task's whole limit of time, \
              in which nothing went on in the run.",
        todo: "See the failed or timed out task before it for the cause.",
        page: "tasks#workflow-task-execution",
        look: workflow_task_many_attempts,
    },
    Rule {
        id: "workflow-task-slow",
        severity: Severity::Note,
        title: "a worker took more than half of the time there is to answer a workflow task",
        why: "A workflow only reacts, which takes milliseconds, and a replay takes little more. When the limit is over, the \
              task is lost and done again.",
        todo: "Look for code in the workflow that computes or blocks, for a history that is long or large, and for a worker \
               with too little processor time or too many slots.",
        page: "tasks#workflow-task-execution",
        look: workflow_task_slow,
    },
];

fn workflow_task_stuck(evidence: &Evidence<'_>, finds: &mut Finds) {
    if !evidence.is_open() {
        return;
    }
    let Some((closed, end)) = evidence.tasks.last().and_then(|task| task.closed) else {
        return;
    };
    let (what, todo) = match end {
        TaskEnd::Failed(failed) if needs_mending(failed) => (
            format!("{}, and no task was written after it", cause_name(failed.cause())),
            "Mend what that event tells of and deploy it, or reset or terminate the run. `temporal workflow describe` tells \
             how often it has been tried.",
        ),
        TaskEnd::TimedOut(timed_out) if timed_out.timeout_type() != TimeoutType::ScheduleToStart => (
            "it timed out at a worker, and no task was written after it".to_owned(),
            "See whether a worker is running, and why it does not answer: a crash each time it runs this workflow, code that \
             never yields, a task that takes longer than its limit. `temporal workflow describe` tells how often it has been \
             tried.",
        ),
        TaskEnd::Completed(_) | TaskEnd::Failed(_) | TaskEnd::TimedOut(_) => return,
    };
    finds.advise("stuck", closed.event_id, what, Some(todo));
}

fn workflow_task_timed_out(evidence: &Evidence<'_>, finds: &mut Finds) {
    let mut prolonged = false;
    for task in &evidence.tasks {
        let was_prolonged = std::mem::replace(&mut prolonged, task.prolonged);
        let Some((event, timed_out)) = task.timed_out() else {
            continue;
        };
        if timed_out.timeout_type() != TimeoutType::ScheduleToStart && !(was_prolonged && cut_short(task)) {
            let what = format!("{} had it for {}", name(task.identity()), task.took());
            finds.like(task.identity(), event.event_id, what);
        }
    }
}

/// Whether a task that timed out had more time: the Service no longer let it be prolonged.
pub(super) fn cut_short(task: &Task<'_>) -> bool {
    task.timed_out().is_some() && task.took() < task.timeout()
}

fn worker_left(evidence: &Evidence<'_>, finds: &mut Finds) {
    for task in &evidence.tasks {
        let Some((event, timed_out)) = task.timed_out() else {
            continue;
        };
        if timed_out.timeout_type() != TimeoutType::ScheduleToStart {
            continue;
        }
        let waited = between(task.opened, event);
        let what = format!("waited {waited} in a sticky queue of {}", name(task.queue()));
        finds.like(task.queue(), event.event_id, what);
    }
}

fn workflow_task_many_attempts(evidence: &Evidence<'_>, finds: &mut Finds) {
    for task in evidence.tasks.iter().filter(|task| task.scheduled.attempt >= MANY) {
        let before = u64::from(task.scheduled.attempt.unsigned_abs()) - 1;
        let how = if task.completed().is_some() {
            "succeeded in"
        } else {
            "was in"
        };
        let what = format!(
            "it {how} attempt {}, after {}",
            task.scheduled.attempt,
            counted(before, "failed attempt")
        );
        finds.at(task.id(), what);
    }
}

fn workflow_task_slow(evidence: &Evidence<'_>, finds: &mut Finds) {
    // Local activities run within a task, and have rules of their own.
    let mut with_local_activities: Vec<i64> = evidence.local_activities.iter().map(|one| one.task_completed).collect();
    with_local_activities.sort_unstable();
    let mut after_prolonged = false;
    for task in &evidence.tasks {
        let within = after_prolonged;
        after_prolonged = task.prolonged;
        let Some(completed) = task.completed().filter(|_| !task.prolonged && !within) else {
            continue;
        };
        let local = with_local_activities.binary_search(&completed.event_id).is_ok();
        let (took, limit) = (task.took(), task.timeout());
        if !local && !limit.is_zero() && took > Span(limit.0 / 2) {
            let what = format!("{} took {took} of {limit}", name(task.identity()));
            finds.like(task.identity(), completed.event_id, what);
        }
    }
}

/// Whether a task was lost at a worker, which may have run its code: all but those that nobody took.
pub(super) fn was_lost(task: &Task<'_>) -> bool {
    match task.closed {
        Some((_, TaskEnd::Failed(failed))) => task.started.is_some() && needs_mending(failed),
        Some((_, TaskEnd::TimedOut(_))) => task.started.is_some(),
        Some((_, TaskEnd::Completed(_))) | None => false,
    }
}
