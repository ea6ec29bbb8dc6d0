//! The one sentence that always says what a run is waiting for, until when, and who can unblock it.

#![warn(clippy::wildcard_enum_match_arm)]

use std::sync::Arc;

use super::attempts::attempt_text;
use super::chronicle::touched;
use super::recording::{Outcome, Waiting};
use super::track::Track;
use super::words::worker_of;
use crate::base::time::{SimTime, Span};
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::proto::{Failure, FailureInfo, TimeoutType};
use crate::service::run::{PendingActivity, Run, RunStatus};
use crate::service::unwritten::{AttemptState, PendingWorkflowTask};
use crate::sim::Sim;
use crate::sim::agenda::Due;
use crate::sim::fault::Verb;
use crate::sim::node::{Node, Process, WorkerName};
use crate::sim::spec::Deed;
use crate::sim::step::{Answered, Record, Step};

/// So many of a run's activities, timers and children are told one by one.
const TOLD: usize = 3;

/// An attempt that may take so long should report that it goes on.
const LONG: Span = Span::secs(300);

/// The limits of an activity.
const LIMITS: [TimeoutType; 4] = [
    TimeoutType::StartToClose,
    TimeoutType::Heartbeat,
    TimeoutType::ScheduleToStart,
    TimeoutType::ScheduleToClose,
];

/// What each workflow run waits for, over the steps of a world.
#[derive(Debug, Default)]
pub(super) struct Waits {
    runs: Vec<Track<Arc<Waiting>>>,
    /// The runs that are open.
    open: Vec<Open>,
}

/// What it takes to go on from a moment.
#[derive(Clone, Debug)]
pub(super) struct Then {
    begun: usize,
    open: Vec<Open>,
}

#[derive(Clone, Copy, Debug)]
struct Open {
    run: RunKey,
    /// What is said of it depends on more than the run itself: on who polls, or is about to act.
    looks_around: bool,
}

impl Waits {
    /// Takes in one step. `sim` is the world after it; `stuck` says that nothing will happen any more.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record, stuck: bool) {
        for run in &sim.runs()[self.runs.len()..] {
            self.runs.push(Track::default());
            self.open.push(Open {
                run: run.key,
                looks_around: true,
            });
        }
        // A step that is about no run may concern any: a worker dies, a client acts.
        let all = stuck || record.what.run().is_none();
        let touched: Vec<RunKey> = touched(record).collect();
        let tracks = &mut self.runs;
        self.open.retain_mut(|open| {
            let run = sim.service().run(open.run);
            let track = &mut tracks[open.run.0 as usize];
            if all || open.looks_around || touched.contains(&open.run) {
                track.set_large(record.number, waiting(sim, run, stuck));
                open.looks_around = looks_around(run);
            }
            debug_assert_eq!(
                track.last().map(|last| &**last),
                Some(&waiting(sim, run, stuck)),
                "step {}",
                record.number
            );
            run.is_open()
        });
    }

    /// The runs that are open now: what it takes to go on from here.
    pub(super) fn then(&self) -> Then {
        Then {
            begun: self.runs.len(),
            open: self.open.clone(),
        }
    }

    /// What was known after so many steps, a moment that was kept.
    pub(super) fn back(later: &[Track<Arc<Waiting>>], step: u32, then: &Then) -> Self {
        Self {
            runs: later[..then.begun].iter().map(|track| track.until(step)).collect(),
            open: then.open.clone(),
        }
    }

    /// What each run waited for.
    pub(super) fn finish(self) -> Vec<Track<Arc<Waiting>>> {
        self.runs
    }
}

/// Whether what a run waits for is told with a look at workers or clients.
fn looks_around(run: &Run) -> bool {
    match run.workflow_task() {
        Some(task) => !task.is_started(),
        None => {
            let mut told = run.activities().take(TOLD);
            told.any(|activity| matches!(activity.attempt.state, AttemptState::Waiting { .. }))
                || waits_for_outside(run)
        }
    }
}

/// Whether nothing that the run itself has asked for is pending.
fn waits_for_outside(run: &Run) -> bool {
    let (state, hand) = (&run.state, &run.unwritten.hand);
    state.activities.is_empty()
        && state.timers.is_empty()
        && state.children.is_empty()
        && !run.waits_for_its_first_task()
        && state.signals_out.is_empty()
        && state.cancels_out.is_empty()
        && hand.queries.is_empty()
        && hand.updates.is_empty()
}

/// What a run waits for now.
fn waiting(sim: &Sim, run: &Run, stuck: bool) -> Waiting {
    if !run.is_open() {
        return closed(sim, run);
    }
    let mut waiting = match run.workflow_task() {
        Some(task) => for_workflow_task(sim, run, task),
        None => for_the_world(sim, run),
    };
    if let Some(why) = run.workflow_task().and_then(|task| failed_before(sim, run, task)) {
        waiting.text.push_str(&why);
        waiting.failing = true;
    }
    if stuck {
        waiting.stuck = true;
        waiting.text.push_str(" Nothing will happen by itself");
        let nodes = sim.nodes();
        if nodes.iter().any(|node| node.process.is_none()) {
            waiting.text.push_str(": start a worker");
        } else if let Some(cut) = nodes.iter().find(|node| node.partitioned.is_some()) {
            waiting
                .text
                .push_str(&format!(": let worker {} reach the Service again", cut.name));
        }
        waiting.text.push('.');
    }
    waiting
}

fn for_workflow_task(sim: &Sim, run: &Run, task: &PendingWorkflowTask) -> Waiting {
    if let Some(started) = &task.started {
        let until = started.at + task.start_to_close;
        let text = format!(
            "{} {until} (start-to-close {}){}",
            who_has_it(sim, run, &started.by.identity, started.at),
            task.start_to_close,
            if in_hand(sim, &started.by.identity, run.key).is_some() {
                "."
            } else {
                ". Then any worker may have it."
            }
        );
        return open(text, Some(until));
    }
    if task.is_sticky() {
        let until = task.scheduled_at + crate::worker::STICKY_SCHEDULE_TO_START;
        let worker = &worker_of(&task.queue.name);
        let on_its_queue = sim
            .service()
            .queues()
            .waiting()
            .any(|(queue, _)| queue == task.queue.name);
        if on_its_queue && !owner_is_alive(sim, &task.queue.name) {
            let text = format!(
                "The workflow task waits in the queue of {worker}'s former life until {} (sticky schedule-to-start {}); \
                 then any worker may take it and has to replay.",
                until,
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
        format!(
            "A workflow task waits in the task queue: {}",
            who_polls(sim, &run.task_queue, false)
        ),
        None,
    )
}

/// What has become of a workflow task that was given to a worker, up to the words before "until when".
fn who_has_it(sim: &Sim, run: &Run, identity: &str, given: SimTime) -> String {
    let worker = worker_of(identity);
    let Some(node) = node_of(sim, identity) else {
        return format!("{worker} has the workflow task until");
    };
    match (in_hand(sim, identity, run.key), node.partitioned, &node.process) {
        (Some(_), Some(since), _) => format!(
            "{worker} has the workflow task and is partitioned from the Service since {since}; the Service waits until"
        ),
        (Some(process), None, _) => {
            let what = if process.worker.failure(run.key).is_some() {
                "could not run the workflow's code and is about to say so,".to_owned()
            } else {
                let local = process.local_activities.iter().find(|(token, _)| token.run == run.key);
                match local {
                    Some((_, attempt)) => format!("runs {} within the workflow task,", attempt.task.activity_type),
                    None => "is running the workflow's code,".to_owned(),
                }
            };
            format!("{worker} {what} at the latest until")
        }
        (None, _, None) => format!(
            "{worker} had the workflow task and {}; the Service does not know and gives it until",
            if node.left { "has left" } else { "is dead" }
        ),
        // The same name, another process: the task was never in its hands.
        (None, _, Some(_)) if node.since > given => format!(
            "{worker} had the workflow task; its new process, since {}, knows nothing of it. The Service does not know \
             that and gives it until",
            node.since
        ),
        (None, _, Some(_)) => {
            format!("{worker} has dropped the workflow task; the Service does not know and gives it until")
        }
    }
}

/// The process of that identity, if it has a workflow task of the run in hand.
fn in_hand<'a>(sim: &'a Sim, identity: &str, run: RunKey) -> Option<&'a Process> {
    let process = node_of(sim, identity)?.process.as_ref()?;
    process.workflow_tasks.contains_key(&run).then_some(process)
}

fn node_of<'a>(sim: &'a Sim, identity: &str) -> Option<&'a Node> {
    sim.nodes().iter().find(|node| node.identity() == identity)
}

/// What is wrong, if the workflow task has failed before and is tried again, and what would help.
fn failed_before(sim: &Sim, run: &Run, task: &PendingWorkflowTask) -> Option<String> {
    if task.attempt < 2 {
        return None;
    }
    let answered = |what: &Step| {
        matches!(
            what,
            Step::WorkflowTaskAnswered {
                how: Answered::Accepted,
                ..
            }
        )
    };
    let of_run = sim.records().iter().rev().map(|record| &record.what);
    let mut of_run = of_run.filter(|what| what.run() == Some(run.key));
    let last = of_run.find(|what| answered(what) || matches!(what, Step::ActivationFailed { .. }))?;
    let Step::ActivationFailed { message, finding, .. } = last else {
        return None;
    };
    let cure = finding.as_ref().map_or_else(String::new, |finding| {
        format!(" Other code helps, or a reset: {}.", finding.advice)
    });
    Some(format!(
        " This is attempt {}; the one before failed: {message}.{cure}",
        task.attempt
    ))
}

fn for_the_world(sim: &Sim, run: &Run) -> Waiting {
    let mut sentences: Vec<(String, Option<SimTime>)> = Vec::new();
    let told = run.activities().take(TOLD);
    sentences.extend(told.map(|activity| for_activity(sim, run.key, activity)));
    if let Some(others) = run
        .state
        .activities
        .len()
        .checked_sub(TOLD)
        .filter(|others| *others > 0)
    {
        let until = run.activities().skip(TOLD).filter_map(limit_of).min();
        sentences.push((format!("And so for {others} more."), until));
    }
    for (_, timer) in run.state.timers.iter().take(TOLD) {
        let expiry = timer.expiry.sim_time();
        let text = format!("Timer {} fires at {}.", timer.timer_id, expiry);
        sentences.push((text, Some(expiry)));
    }
    if let Some(others) = run.state.timers.len().checked_sub(TOLD).filter(|others| *others > 0) {
        let others_due = run.state.timers.iter().skip(TOLD);
        let until = others_due.map(|(_, timer)| timer.expiry.sim_time()).min();
        sentences.push((format!("And {others} more timers."), until));
    }
    for child in run.state.children.values().take(TOLD) {
        let text = match child.first_run_id {
            Some(_) => format!("Workflow {}, its child, goes on.", child.workflow_id),
            None => format!("Workflow {}, its child, is about to begin.", child.workflow_id),
        };
        sentences.push((text, None));
    }
    if let Some(others) = run.state.children.len().checked_sub(TOLD).filter(|others| *others > 0) {
        sentences.push((format!("And {others} more children."), None));
    }
    if run.waits_for_its_first_task() {
        let until = run.execution_time;
        let text = format!("The first workflow task is held back until {}.", until);
        sentences.push((text, Some(until)));
    }
    let on_their_way = run.state.signals_out.len() + run.state.cancels_out.len();
    if on_their_way > 0 {
        sentences.push(("What it says to another workflow is on its way.".to_owned(), None));
    }
    if let Some(first) = run.unwritten.hand.queries.first() {
        sentences.push((format!("A client waits for an answer: {}.", first.query.name), None));
    }
    for pending in run.unwritten.hand.updates.iter().take(TOLD) {
        sentences.push((format!("A client waits for update {}.", pending.update.name), None));
    }
    if waits_for_outside(run) {
        let somebody_acts = sim.agenda().iter().any(|(_, due)| {
            let chosen = sim.choice(due).map(|choice| &choice.deed);
            due == Due::Act || matches!(chosen, Some(Deed::Client(_)))
        });
        let text = if somebody_acts {
            "The workflow waits for something from outside, and somebody is about to act."
        } else {
            "The workflow waits for something from outside: a signal, an update, the end of another workflow."
        };
        sentences.push((text.to_owned(), None));
    }
    if let Some(until) = run.run_expiration {
        sentences.push((format!("At {} the workflow runs out of time.", until), Some(until)));
    }
    let until = sentences.iter().filter_map(|(_, until)| *until).min();
    let texts: Vec<_> = sentences.into_iter().map(|(text, _)| text).collect();
    open(texts.join(" "), until)
}

fn for_activity(sim: &Sim, run: RunKey, activity: PendingActivity<'_>) -> (String, Option<SimTime>) {
    let name = &activity.told.activity_type;
    let attempt = attempt_text(activity.attempt.number, activity.told.policy.maximum_attempts);
    let until = limit_of(activity);
    match &activity.attempt.state {
        AttemptState::Waiting { .. } => {
            let mut text = format!(
                "{name}, {attempt}, waits in the task queue: {}",
                who_polls(sim, &activity.told.task_queue, true)
            );
            if let Some((until, limit, span)) = limit(activity) {
                text.push_str(&format!(" At {until} it is given up ({limit} {span})."));
            }
            (text, until)
        }
        AttemptState::Running { at, by, .. } => {
            let worker = &worker_of(&by.identity);
            let limit = limit(activity);
            let told = limit.map(|(until, name, span)| format!("{until} ({name} {span})"));
            let token = ActivityTaskToken {
                run,
                scheduled_event_id: activity.scheduled_event_id,
                attempt: activity.attempt.number,
            };
            let node = node_of(sim, &by.identity);
            let process = node.and_then(|node| node.process.as_ref());
            let has_it = process.is_some_and(|process| process.activities.contains_key(&token));
            let cut = node.and_then(|node| node.partitioned);
            // It lives on and has given up saying how its work ended.
            let gave_up = process.is_some() && node.is_some_and(|node| node.since <= *at);
            let lost = if gave_up {
                format!("{worker} could not tell the Service how {name}, {attempt}, ended, and has given up")
            } else {
                format!("{name}, {attempt}, was lost with {worker}")
            };
            let mut text = match (has_it, cut, told) {
                (true, Some(since), Some(limit)) => format!(
                    "{name}, {attempt}, runs on {worker}, which is partitioned from the Service since {since}; the Service \
                     waits until {limit}."
                ),
                (true, None, Some(limit)) => {
                    format!("{name}, {attempt}, runs on {worker}, until {limit} at the latest.")
                }
                (true, _, None) => format!("{name}, {attempt}, runs on {worker}."),
                (false, _, Some(limit)) => {
                    let long = activity.told.heartbeat.is_zero() && activity.told.start_to_close >= LONG;
                    let cure = if long {
                        " A heartbeat timeout would let it know much sooner."
                    } else {
                        ""
                    };
                    let then = match limit_kind(activity) {
                        _ if is_last(activity) => "then the activity has failed: no attempt is left",
                        Some(TimeoutType::ScheduleToClose) => "then the activity has failed: its time is over",
                        _ => "then it tries again",
                    };
                    format!("{lost}. The Service does not know and waits until {limit}; {then}.{cure}")
                }
                (false, _, None) => format!("{lost}. The Service does not know, and has no limit."),
            };
            if activity.told.cancel_requested.is_some() && has_it {
                text.push_str(" Its end is asked for; it learns of that with its next heartbeat.");
            }
            (text, until)
        }
        AttemptState::BackingOff { since, until: due } => {
            let failure = activity.attempt.last_failure.as_ref();
            let why = failure.map(|failure| failure.message.clone()).unwrap_or_default();
            let cure = if failure.is_some_and(is_unregistered) {
                format!(" No retry helps: deploy a worker that has {name}.")
            } else {
                String::new()
            };
            let text = format!(
                "{name}: {attempt} is due at {}, after a backoff of {}. The attempt before failed: {why}.{cure}",
                due,
                due.since(*since)
            );
            (text, until)
        }
    }
}

/// Until when at the latest something happens to an activity by itself.
fn limit_of(activity: PendingActivity<'_>) -> Option<SimTime> {
    match activity.attempt.state {
        AttemptState::BackingOff { until, .. } => Some(until),
        AttemptState::Waiting { .. } | AttemptState::Running { .. } => limit(activity).map(|(until, ..)| until),
    }
}

/// Whether its policy allows no attempt after this one.
fn is_last(activity: PendingActivity<'_>) -> bool {
    let most = u32::try_from(activity.told.policy.maximum_attempts).unwrap_or(0);
    most > 0 && activity.attempt.number >= most
}

/// Whether this is how a worker fails an activity that it does not have.
fn is_unregistered(failure: &Failure) -> bool {
    matches!(&failure.failure_info, Some(FailureInfo::ApplicationFailureInfo(info)) if info.r#type == "NotFoundError")
}

/// The next limit that the Service holds an activity to.
fn limit_kind(activity: PendingActivity<'_>) -> Option<TimeoutType> {
    let due = |kind: &TimeoutType| activity.due(*kind);
    LIMITS.into_iter().filter(|kind| due(kind).is_some()).min_by_key(due)
}

/// The same: when it is due, its name and its length.
fn limit(activity: PendingActivity<'_>) -> Option<(SimTime, &'static str, Span)> {
    let kind = limit_kind(activity)?;
    let (name, span) = match kind {
        TimeoutType::StartToClose => ("start-to-close", activity.told.start_to_close),
        TimeoutType::Heartbeat => ("heartbeat timeout", activity.told.heartbeat),
        TimeoutType::ScheduleToStart => ("schedule-to-start", activity.told.schedule_to_start),
        TimeoutType::ScheduleToClose => ("schedule-to-close", activity.told.schedule_to_close),
        TimeoutType::Unspecified => return None,
    };
    Some((activity.due(kind)?, name, span))
}

/// Who takes what waits in a task queue.
fn who_polls(sim: &Sim, queue: &str, activity: bool) -> String {
    let serves = |node: &&Node| {
        node.setup.task_queue == queue
            && if activity {
                node.setup.activities
            } else {
                node.setup.workflows
            }
    };
    let of_queue: Vec<&Node> = sim.nodes().iter().filter(serves).collect();
    let ready: Vec<_> = of_queue
        .iter()
        .filter(|node| node.polling().is_some() && (!activity || node.free_slots() > 0))
        .map(|node| node.name.to_string())
        .collect();
    let alive = of_queue.iter().find(|node| node.process.is_some());
    match (ready.as_slice(), alive) {
        ([one], _) => format!("worker {one} is about to take it."),
        ([_, ..], _) => format!("worker {} is about to take it.", ready.join(" or ")),
        ([], Some(node)) if node.partitioned.is_some() => {
            format!("worker {} is partitioned from the Service.", node.name)
        }
        ([], Some(node)) if node.polling().is_none() => format!("worker {} takes nothing new.", node.name),
        ([], Some(node)) => format!(
            "worker {} has no free slot; when one of its activities ends, or on one more worker, it goes on.",
            node.name
        ),
        ([], None) if of_queue.iter().all(|node| node.starts == 0) && starts_at(sim).is_none() => {
            nobody_polls(sim, queue, activity)
        }
        ([], None) => match starts_at(sim) {
            Some((at, worker)) => format!("no worker is running; worker {worker} starts at {at}."),
            None => "no worker is running.".to_owned(),
        },
    }
}

/// Which worker is about to be started, and when.
fn starts_at(sim: &Sim) -> Option<(SimTime, WorkerName)> {
    sim.agenda().iter().find_map(|(at, due)| {
        if let Due::Intervene { worker, .. } | Due::Launch { worker, .. } = due {
            return Some((at, worker));
        }
        match sim.choice(due)?.deed {
            Deed::Worker(Verb::Restart | Verb::Launch, worker) => Some((at, worker)),
            Deed::Worker(..) | Deed::Client(_) => None,
        }
    })
}

/// What there is to say of a queue that nobody has ever polled. A worker that polls another one may be meant for it.
fn nobody_polls(sim: &Sim, queue: &str, activity: bool) -> String {
    let elsewhere = sim.nodes().iter().find(|node| {
        node.polling().is_some()
            && if activity {
                node.setup.activities
            } else {
                node.setup.workflows
            }
    });
    match elsewhere {
        Some(node) => format!(
            "no worker polls {queue}; worker {} polls {}: if one of the names is wrong, correct it, or start a worker \
             that polls {queue}.",
            node.name, node.setup.task_queue
        ),
        None => format!("no worker polls {queue}: start one."),
    }
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
        failing: false,
        closed: None,
    }
}

fn closed(sim: &Sim, run: &Run) -> Waiting {
    let how = match run.status() {
        RunStatus::Running | RunStatus::Completed => "the workflow has completed",
        RunStatus::Failed => "the workflow has failed",
        RunStatus::Canceled => "the workflow has stopped as it was asked to",
        RunStatus::Terminated => "the workflow has been terminated",
        RunStatus::ContinuedAsNew => "this run has handed its work over",
        RunStatus::TimedOut => "the workflow has timed out",
    };
    let later = sim
        .runs_of(&run.workflow_id)
        .last()
        .is_some_and(|last| last.key > run.key);
    let goes_on = if later { "; another run of it goes on" } else { "" };
    let last = run.log.events().last();
    Waiting {
        text: format!("Nothing: {how}{goes_on}."),
        until: None,
        stuck: false,
        failing: false,
        closed: last.map(|event| Outcome::of(event.class())),
    }
}
