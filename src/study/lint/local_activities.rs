//! Rules about local activities, which run within a workflow task: it cannot end before they do, and is repeated with them.

use std::collections::BTreeMap;

use crate::base::time::Span;
use crate::history::class::Category;
use crate::history::proto::EventType;

use super::evidence::{Evidence, LocalActivity, between, is};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::task_times::{cut_short, was_lost};
use super::words::{counted, name, names, number};

/// From this attempt on the retries are worth a word.
const MANY: i64 = 4;

/// A message that waited so long was held up.
const HELD_UP: Span = Span::secs(1);

/// Fewer local activities than this are no pattern.
const PATTERN: usize = 3;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "local-activity-long",
        severity: Severity::Warning,
        title: "local activities took nearly as long as their workflow task may, or longer",
        why: "A worker has to prolong the task, each time with three more events; the run gets no messages meanwhile, and if the \
              worker dies, all local activities of the task are done again.",
        todo: "Make it an ordinary activity. Local ones are for what takes less than the task's timeout, retries included.",
        page: "local-activity",
        look: local_activity_long,
    },
    Rule {
        id: "local-activity-too-long",
        severity: Severity::Error,
        title: "the Service did not let a workflow task be prolonged any longer",
        why: "By default a task may be prolonged for 30 minutes. Then the Service drops it, and its local activities are done again \
              from the beginning, which will take as long.",
        todo: "Make what takes so long an ordinary activity.",
        page: "local-activity",
        look: local_activity_too_long,
    },
    Rule {
        id: "local-activity-retries",
        severity: Severity::Note,
        title: "a local activity was tried many times",
        why: "Its retries happen at the worker, within the workflow task. When the next wait is too long for that, a marker and \
              a timer are written for each attempt, and the history grows.",
        todo: "Limit its attempts, or make it an ordinary activity, whose retries write no events.",
        page: "local-activity",
        look: local_activity_retries,
    },
    Rule {
        id: "local-activities-repeated",
        severity: Severity::Warning,
        title: "a workflow task with local activities was lost before it succeeded",
        why: "What local activities do within a task is recorded when the task is answered. The try that was lost had perhaps \
              done them all, and the next one did them again.",
        todo: "See that these local activities are idempotent, or make them ordinary ones, which are recorded one by one.",
        page: "local-activity",
        look: local_activities_repeated,
    },
    Rule {
        id: "local-activities-one-by-one",
        severity: Severity::Note,
        title: "nearly every local activity has a workflow task of its own",
        why: "Local activities save events and round trips where several run within one workflow task; one in each saves \
              little.",
        todo: "Run several of them one after the other, without waiting for anything else in between.",
        page: "local-activity",
        look: local_activities_one_by_one,
    },
    Rule {
        id: "local-activity-delays-messages",
        severity: Severity::Note,
        title: "a signal waited for local activities",
        why: "A run gets messages between workflow tasks only, and a task does not end before its local activities do.",
        todo: "If messages must be handled soon, use ordinary activities.",
        page: "local-activity",
        look: local_activity_delays_messages,
    },
];

/// The local activities of each workflow task, by the id of its WorkflowTaskCompleted.
fn by_task<'e, 'a>(evidence: &'e Evidence<'a>) -> BTreeMap<i64, Vec<&'e LocalActivity<'a>>> {
    let mut found: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for one in &evidence.local_activities {
        found.entry(one.task_completed).or_default().push(one);
    }
    found
}

fn kinds(of: Option<&Vec<&LocalActivity<'_>>>) -> String {
    let mut kinds: Vec<&str> = of.into_iter().flatten().map(|one| one.kind.as_str()).collect();
    kinds.sort_unstable();
    kinds.dedup();
    if kinds.is_empty() {
        "a local activity that has not ended".to_owned()
    } else {
        names(kinds)
    }
}

fn local_activity_long(evidence: &Evidence<'_>, finds: &mut Finds) {
    let by_task = by_task(evidence);
    // A task that was prolonged and those that followed it at once are one piece of work.
    for row in evidence.tasks.chunk_by(|task, _| task.prolonged) {
        let (Some(first), Some(last)) = (row.first(), row.last()) else {
            continue;
        };
        let prolonged = row.iter().filter(|task| task.prolonged).count() as u64;
        let ran = last.completed().and_then(|completed| by_task.get(&completed.event_id));
        let (Some((begun, _)), Some((ended, _))) = (first.started, last.closed) else {
            continue;
        };
        let took = between(begun, ended);
        if prolonged > 0 {
            let what = format!("{} for {}, prolonged {}", kinds(ran), took.rounded(), times(prolonged));
            finds.at(begun.event_id, what);
        } else if ran.is_some() && took.0 >= last.timeout().0 / 5 * 4 && !last.timeout().is_zero() {
            finds.at(
                begun.event_id,
                format!("{} for {took}, of {}", kinds(ran), last.timeout()),
            );
        }
    }
}

fn local_activity_too_long(evidence: &Evidence<'_>, finds: &mut Finds) {
    for row in evidence.tasks.chunk_by(|task, _| task.prolonged) {
        let [first, .., last] = row else { continue };
        let (Some((begun, _)), Some((dropped, _))) = (first.started, last.timed_out()) else {
            continue;
        };
        if cut_short(last) {
            let took = between(begun, dropped).rounded();
            finds.at(
                dropped.event_id,
                format!("dropped {took} after it had begun, with event {}", begun.event_id),
            );
        }
    }
}

fn times(n: u64) -> String {
    if n == 1 { "once".to_owned() } else { counted(n, "time") }
}

fn local_activity_retries(evidence: &Evidence<'_>, finds: &mut Finds) {
    for one in evidence
        .local_activities
        .iter()
        .filter(|one| one.waits || one.attempt >= MANY)
    {
        let how = if one.waits {
            "waits for another attempt, by a timer"
        } else {
            "its last"
        };
        let what = format!("{}: attempt {}, {how}", name(&one.kind), one.attempt);
        finds.like(&format!("{} {how}", one.kind), one.event.event_id, what);
    }
}

fn local_activities_repeated(evidence: &Evidence<'_>, finds: &mut Finds) {
    let by_task = by_task(evidence);
    let mut lost = None;
    for task in &evidence.tasks {
        let Some(completed) = task.completed() else {
            if was_lost(task) {
                lost = lost.or(task.closed.map(|(event, _)| event));
            }
            continue;
        };
        if task.prolonged {
            continue;
        }
        if let (Some(lost), Some(ran)) = (lost.take(), by_task.get(&completed.event_id)) {
            let what = format!(
                "{}: recorded by the task that completed with event {}, after one that was lost",
                kinds(Some(ran)),
                completed.event_id
            );
            finds.at(lost.event_id, what);
        }
    }
}

fn local_activities_one_by_one(evidence: &Evidence<'_>, finds: &mut Finds) {
    let (all, tasks) = (evidence.local_activities.len(), by_task(evidence).len());
    if all > PATTERN && all * 2 < tasks * 3 {
        let what = format!(
            "{} local activities in {}",
            number(all as u64),
            counted(tasks as u64, "workflow task")
        );
        finds.whole(what);
    }
}

fn local_activity_delays_messages(evidence: &Evidence<'_>, finds: &mut Finds) {
    let by_task = by_task(evidence);
    for task in &evidence.tasks {
        let Some(completed) = task.completed() else { continue };
        let ran = by_task.get(&completed.event_id);
        if ran.is_none() && !task.prolonged {
            continue;
        }
        // What comes during a task is written after its answer, with the time at which it came.
        let during = task
            .rest
            .iter()
            .take_while(|event| event.class().category != Category::WorkflowTask);
        for signal in during.filter(|event| is(event, EventType::WorkflowExecutionSignaled)) {
            let waited = between(signal, completed);
            if waited >= HELD_UP {
                let what = format!("waited {waited} for {}", kinds(ran));
                finds.like("signal", signal.event_id, what);
            }
        }
    }
}
