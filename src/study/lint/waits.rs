//! Rules about tasks that waited for a worker: there was none, or there were too few.

use crate::base::time::Span;
use crate::history::proto::EventType;
use crate::history::timestamp::Timestamp;

use super::evidence::{Evidence, Task, between, is};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::name;

/// Nobody polls the queue, or not nearly enough do.
const NOBODY: Span = Span::secs(60);

/// Longer than a worker with a free slot needs.
const LATE: Span = Span::secs(5);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "no-worker",
        severity: Severity::Warning,
        title: "a task waited for a worker for a minute or longer",
        why: "A task is never lost, but nothing goes on before a worker takes it: none was running, none polled this queue, or \
              all were busy.",
        todo: "Run enough workers that poll this task queue (its name is compared letter by letter; see `temporal task-queue \
               describe`), and watch how long tasks wait.",
        page: "task-queue",
        look: |evidence, finds| waits(evidence, NOBODY, Span(u64::MAX), finds),
    },
    Rule {
        id: "slow-worker",
        severity: Severity::Note,
        title: "a task waited for a worker for some seconds",
        why: "A worker that has a slot free takes a task within milliseconds: workers were starting, or too few or too busy.",
        todo: "If it happens often: more workers, more slots or more pollers.",
        page: "develop/worker-performance",
        look: |evidence, finds| waits(evidence, LATE, NOBODY, finds),
    },
];

/// Tasks that waited at least so long, and less than so long.
fn waits(evidence: &Evidence<'_>, least: Span, less_than: Span, finds: &mut Finds) {
    let paused = evidence
        .events
        .iter()
        .any(|event| is(event, EventType::WorkflowExecutionPaused));
    if paused {
        // Nothing is handed out then, and that is meant.
        return;
    }
    let long = |waited: Span| waited >= least && waited < less_than;
    let last = evidence.latest();
    for task in &evidence.tasks {
        let Some((waited, taken)) = waited(task, last).filter(|(waited, _)| long(*waited)) else {
            continue;
        };
        let and = if taken {
            ""
        } else {
            ", and was not taken as far as the history goes"
        };
        let what = format!(
            "a workflow task waited {} in task queue {}{and}",
            waited.rounded(),
            name(task.queue())
        );
        finds.like(&format!("{} {taken}", task.queue()), task.id(), what);
    }
    for activity in &evidence.activities {
        let Some((started, _)) = activity.started.filter(|(_, started)| started.attempt <= 1) else {
            // Of a later attempt the history does not tell since when it waited.
            continue;
        };
        let waited = between(activity.opened, started);
        if long(waited) {
            let queue = activity.scheduled.task_queue.as_ref().map_or("", |queue| &queue.name);
            let what = format!(
                "activity {} waited {} in task queue {}",
                name(activity.kind()),
                waited.rounded(),
                name(queue)
            );
            finds.like(&format!("{} {queue}", activity.kind()), activity.id(), what);
        }
    }
}

/// How long a workflow task waited, and whether somebody took it then.
fn waited(task: &Task<'_>, last: Option<Timestamp>) -> Option<(Span, bool)> {
    if let Some((started, _)) = task.started {
        return Some((between(task.opened, started), true));
    }
    if task.closed.is_some() {
        // It waited for one worker only, until the sticky timeout.
        return None;
    }
    // It waited at least until what happened last.
    Some((last?.since(task.opened.event_time?), false))
}
