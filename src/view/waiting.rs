//! The one sentence that always says what a run is waiting for, until when, and who can unblock it.

use super::recording::Waiting;
use super::words::{clock, worker_of};
use crate::base::time::SimTime;
use crate::service::activity::{ActivityState, PendingActivity};
use crate::service::run::{Run, RunStatus};
use crate::service::workflow_task::PendingWorkflowTask;
use crate::sim::agenda::Due;
use crate::sim::{Sim, Verdict};

/// What the run waits for now.
pub(super) fn waiting(sim: &mut Sim) -> Waiting {
    let stuck = sim.verdict() == Verdict::Stuck;
    let Some(run) = sim.run() else {
        return open(
            "Nothing has happened yet: a client is about to start the workflow.".to_owned(),
            None,
        );
    };
    match run.status {
        RunStatus::Running => {}
        RunStatus::Completed => return closed("Nothing: the workflow has completed."),
        RunStatus::Failed => return closed("Nothing: the workflow has failed."),
        RunStatus::Canceled => return closed("Nothing: the workflow has stopped as it was asked to."),
        RunStatus::Terminated => return closed("Nothing: the workflow has been terminated."),
        RunStatus::ContinuedAsNew => return closed("Nothing: another run goes on with its work."),
        RunStatus::TimedOut => return closed("Nothing: the workflow has timed out."),
    }
    let mut waiting = match &run.workflow_task {
        Some(task) => for_workflow_task(sim, task),
        None => for_the_world(sim, run),
    };
    if stuck {
        waiting.stuck = true;
        waiting
            .text
            .push_str(" Nothing will happen by itself: restart a worker.");
    }
    waiting
}

fn for_workflow_task(sim: &Sim, task: &PendingWorkflowTask) -> Waiting {
    if let Some(started) = &task.started {
        let until = started.at + task.start_to_close;
        let worker = worker_of(&started.by.identity);
        let who = if is_alive(sim, worker) {
            format!("{worker} is running the workflow's code")
        } else {
            format!("{worker} had the workflow task and is dead; the Service does not know and gives it until")
        };
        let text = if is_alive(sim, worker) {
            format!(
                "{who}, until {} at the latest (workflow task start-to-close {}).",
                clock(until),
                task.start_to_close
            )
        } else {
            format!(
                "{who} {} (start-to-close {}). Then another worker gets it.",
                clock(until),
                task.start_to_close
            )
        };
        return open(text, Some(until));
    }
    if task.is_sticky() {
        let until = task.scheduled_at + crate::worker::STICKY_SCHEDULE_TO_START;
        let worker = worker_of(&task.queue.name);
        let on_its_queue = sim
            .service()
            .queues()
            .waiting()
            .any(|(queue, _)| queue == task.queue.name);
        if on_its_queue && !owner_is_alive(sim, &task.queue.name) {
            let text = format!(
                "The workflow task waits in the queue of {worker}'s former life until {} (sticky schedule-to-start {}); \
                 then any worker may take it and has to replay.",
                clock(until),
                crate::worker::STICKY_SCHEDULE_TO_START
            );
            return open(text, Some(until));
        }
        if on_its_queue {
            return open(
                format!("{worker} is about to take the workflow task: it has the run in memory."),
                Some(until),
            );
        }
    }
    open(
        format!("A workflow task waits in the task queue: {}", who_polls(sim)),
        None,
    )
}

fn for_the_world(sim: &Sim, run: &Run) -> Waiting {
    let mut sentences: Vec<(String, Option<SimTime>)> = run
        .activities
        .values()
        .map(|activity| for_activity(sim, activity))
        .collect();
    for timer in run.timers.values() {
        let text = format!("Timer {} fires at {}.", timer.timer_id, clock(timer.expiry));
        sentences.push((text, Some(timer.expiry)));
    }
    if sentences.is_empty() {
        return open(
            "The workflow waits for something that nobody has been asked for.".to_owned(),
            None,
        );
    }
    let until = sentences.iter().filter_map(|(_, until)| *until).min();
    let texts: Vec<_> = sentences.into_iter().map(|(text, _)| text).collect();
    open(texts.join(" "), until)
}

fn for_activity(sim: &Sim, activity: &PendingActivity) -> (String, Option<SimTime>) {
    let name = &activity.activity_type;
    let attempt = attempt_of(activity);
    match &activity.state {
        ActivityState::Waiting { .. } => {
            let limit = (!activity.schedule_to_start.is_zero())
                .then(|| activity.deadline())
                .flatten();
            (
                format!("{name}, {attempt}, waits in the task queue: {}", who_polls(sim)),
                limit,
            )
        }
        ActivityState::Running { at, by, .. } => {
            let until = *at + activity.start_to_close;
            let worker = worker_of(&by.identity);
            let limit = format!("{} (start-to-close {})", clock(until), activity.start_to_close);
            let has_it = sim
                .nodes()
                .iter()
                .filter_map(|node| node.process.as_ref())
                .any(|process| {
                    process.activities.keys().any(|token| {
                        token.scheduled_event_id == activity.scheduled_event_id && token.attempt == activity.attempt
                    })
                });
            let text = if has_it {
                format!("{name}, {attempt}, runs on {worker}, until {limit} at the latest.")
            } else {
                format!(
                    "{name}, {attempt}, was lost with {worker}. The Service does not know and waits until {limit}; \
                     then it tries again."
                )
            };
            (text, Some(until))
        }
        ActivityState::BackingOff { since, until } => {
            let why = activity
                .last_failure
                .as_ref()
                .map(|failure| failure.message.clone())
                .unwrap_or_default();
            let text = format!(
                "{name}: {attempt} is due at {}, after a backoff of {}. The attempt before failed: {why}.",
                clock(*until),
                until.since(*since)
            );
            (text, Some(*until))
        }
    }
}

/// `attempt 2 of 3`, or `attempt 2` where there is no limit.
pub(super) fn attempt_of(activity: &PendingActivity) -> String {
    match activity.policy.maximum_attempts {
        max if max > 0 => format!("attempt {} of {max}", activity.attempt),
        _ => format!("attempt {}", activity.attempt),
    }
}

fn who_polls(sim: &Sim) -> String {
    let alive: Vec<_> = sim
        .nodes()
        .iter()
        .filter(|node| node.process.is_some())
        .map(|node| node.name.to_string())
        .collect();
    match alive.as_slice() {
        [] => {
            let restart = sim.agenda().iter().find_map(|(at, due)| match due {
                Due::Intervene { worker, .. } => Some((at, worker)),
                _ => None,
            });
            match restart {
                Some((at, worker)) => format!("no worker is alive; worker {worker} comes back at {}.", clock(at)),
                None => "no worker is alive.".to_owned(),
            }
        }
        [one] => format!("worker {one} is about to take it."),
        several => format!("worker {} is about to take it.", several.join(" or ")),
    }
}

fn is_alive(sim: &Sim, worker: &str) -> bool {
    sim.nodes()
        .iter()
        .any(|node| node.process.is_some() && worker_of(&node.identity()) == worker)
}

fn owner_is_alive(sim: &Sim, sticky_queue: &str) -> bool {
    sim.nodes()
        .iter()
        .filter_map(|node| node.process.as_ref())
        .any(|p| p.worker.sticky_queue() == sticky_queue)
}

fn open(mut text: String, until: Option<SimTime>) -> Waiting {
    // A sentence may begin with a worker's name.
    if text.starts_with("worker ") {
        text.replace_range(..1, "W");
    }
    Waiting {
        text,
        until,
        stuck: false,
        closed: false,
    }
}

fn closed(text: &str) -> Waiting {
    Waiting {
        text: text.to_owned(),
        until: None,
        stuck: false,
        closed: true,
    }
}
