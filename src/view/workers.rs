//! What a worker is doing, in words.

use super::recording::{Presence, WorkerState};
use crate::sim::Sim;
use crate::sim::node::{Node, Process};

/// So many activities, or workflow runs, are told one by one.
const TOLD: usize = 3;

/// A worker as it is now.
pub(super) fn worker(sim: &Sim, node: &Node) -> WorkerState {
    let presence = match &node.process {
        Some(_) => Presence::Running,
        None if node.starts == 0 => Presence::NotStarted,
        None if node.left => Presence::Left,
        None => Presence::Dead,
    };
    let (doing, cached) = match (&node.process, presence) {
        (Some(process), _) => (doing(node, process), cached(sim, process)),
        (None, Presence::Left) => (format!("has left, at {}", node.since), "nothing".to_owned()),
        (None, Presence::Dead) => (
            format!("dead since {}", node.since),
            "nothing: its memory is lost".to_owned(),
        ),
        (None, Presence::NotStarted | Presence::Running) => ("not started yet".to_owned(), "nothing".to_owned()),
    };
    WorkerState {
        name: node.name.to_string(),
        identity: node.identity(),
        presence,
        doing,
        cached,
        slots: slots(node),
    }
}

fn doing(node: &Node, process: &Process) -> String {
    let mut doing: Vec<String> = Vec::new();
    if !process.workflow_tasks.is_empty() {
        let tasks = &process.workflow_tasks;
        let mut cached = process.worker.cached();
        let replays = cached.any(|(run, execution)| tasks.contains_key(&run) && execution.next_is_replay());
        let failed = process
            .workflow_tasks
            .keys()
            .any(|run| process.worker.failure(*run).is_some());
        let verb = match (replays, failed) {
            (_, true) => "could not run the workflow's code",
            (true, false) => "replays the workflow",
            (false, false) => "runs a workflow task",
        };
        doing.push(verb.to_owned());
    }
    let activities = process.activities.iter();
    doing.extend(
        activities
            .take(TOLD)
            .map(|(token, running)| format!("runs {}, attempt {}", running.task.activity_type, token.attempt)),
    );
    let local = process.local_activities.iter();
    doing.extend(local.take(TOLD).map(|(token, running)| {
        format!(
            "runs {} within the task, attempt {}",
            running.task.activity_type, token.attempt
        )
    }));
    let more = process.activities.len().saturating_sub(TOLD) + process.local_activities.len().saturating_sub(TOLD);
    if more > 0 {
        doing.push(format!("runs {more} more"));
    }
    if doing.is_empty() {
        let setup = &node.setup;
        doing.push(match (process.leaving, setup.workflows, setup.activities) {
            (Some(_), ..) => "is about to leave".to_owned(),
            (_, true, true) => format!("polls {}", setup.task_queue),
            (_, true, false) => format!("polls {} for workflow tasks", setup.task_queue),
            (_, false, _) => format!("polls {} for activities", setup.task_queue),
        });
    }
    let mut doing = doing.join(" and ");
    if node.setup.pace < 100 {
        doing.push_str(&format!(" at {} % of the usual pace", node.setup.pace));
    }
    if let Some(since) = node.partitioned {
        doing.push_str(&format!("; partitioned from the Service since {}", since));
    }
    doing
}

fn slots(node: &Node) -> String {
    let taken = node.process.as_ref().map_or(0, |process| process.activities.len());
    format!("{taken} of {} activity slots taken", node.setup.activity_slots)
}

fn cached(sim: &Sim, process: &Process) -> String {
    let mut runs: Vec<String> = process
        .worker
        .cached()
        .take(TOLD)
        .map(|(run, execution)| {
            let id = &sim.service().run(run).workflow_id;
            match execution.seen_event_id() {
                0 => format!("{id}, from its beginning"),
                event => format!("{id} up to event {event}"),
            }
        })
        .collect();
    let more = process.worker.cached().count().saturating_sub(TOLD);
    if more > 0 {
        runs.push(format!("{more} more"));
    }
    if runs.is_empty() {
        "nothing".to_owned()
    } else {
        runs.join(", ")
    }
}
