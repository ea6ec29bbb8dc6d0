//! What workers have in hand: every workflow task, attempt and local attempt, from when until when.

use super::Point;
use super::activities::{Activities, ActivityTimeout, token};
use super::work::{Attempt, End, LocalAttempt, Memory, Replay, Task, Trouble, What, Work};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::sim::Sim;
use crate::sim::agenda::LocalToken;
use crate::sim::node::{ActivityEnd, CancelReason, Process, WorkerName};
use crate::sim::step::{Answered, Record, Step};

/// All work so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Hands {
    work: Vec<Work>,
    now: Now,
}

/// What goes on now, and what the next step may have to be compared with.
#[derive(Clone, Debug, Default, PartialEq)]
struct Now {
    /// Where among all work what is in hand now stands.
    in_hand: SortedMap<Hand, u32>,
    /// Where the attempts stand that the Service has not heard the end of.
    unheard: SortedMap<ActivityTaskToken, u32>,
    /// Workflow tasks that workers have taken and not begun: the run has another in hand.
    taken: SortedMap<(WorkerName, RunKey), Vec<Taken>>,
    /// What an activity function is going to say.
    outcomes: SortedMap<Hand, ActivityEnd>,
    /// When each worker did something last: a replay has lasted since then.
    last_seen: SortedMap<WorkerName, SimTime>,
    cached: SortedMap<WorkerName, Vec<RunKey>>,
    evictions: SortedMap<WorkerName, u32>,
}

/// What it takes to have all work as it was at a moment.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Then {
    begun: usize,
    now: Now,
    /// The work that was not over, each with its place.
    open: Vec<(u32, Work)>,
}

/// What a worker has in hand.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Hand {
    Task(WorkerName, RunKey, SimTime),
    Attempt(WorkerName, ActivityTaskToken),
    Local(WorkerName, LocalToken),
}

impl Hand {
    const fn worker(self) -> WorkerName {
        match self {
            Self::Task(worker, ..) | Self::Attempt(worker, _) | Self::Local(worker, _) => worker,
        }
    }
}

/// How a workflow task came to a worker.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Taken {
    attempt: u32,
    waiting_since: SimTime,
    polled: bool,
    sticky: bool,
    query: bool,
}

impl Hands {
    /// All work, in the order in which it began.
    pub fn work(&self) -> &[Work] {
        &self.work
    }

    /// How much work there is.
    pub(super) fn count(&self) -> u32 {
        u32::try_from(self.work.len()).expect("bounded by the events")
    }

    /// One more, of a history.
    pub(super) fn push(&mut self, work: Work) {
        self.work.push(work);
    }

    /// How often a worker's memory lost a run that was still open, while the worker lived.
    pub fn evictions(&self, worker: WorkerName) -> u32 {
        self.now.evictions.get(&worker).copied().unwrap_or(0)
    }

    /// Keeps this moment.
    pub(super) fn then(&self) -> Then {
        let now = self.now.clone();
        let unheard = now
            .unheard
            .values()
            .filter(|place| self.work[**place as usize].ended.is_some());
        let open = now.in_hand.values().chain(unheard);
        Then {
            begun: self.work.len(),
            open: open.map(|place| (*place, self.work[*place as usize].clone())).collect(),
            now,
        }
    }

    /// All work as it was at a moment that was kept.
    pub(super) fn back(&self, then: &Then) -> Self {
        let mut work = self.work[..then.begun].to_vec();
        for (place, open) in &then.open {
            work[*place as usize] = open.clone();
        }
        Self {
            work,
            now: then.now.clone(),
        }
    }

    fn open(&mut self, hand: Hand) -> Option<&mut Work> {
        let at = *self.now.in_hand.get(&hand)?;
        self.work.get_mut(at as usize)
    }

    /// The workflow task of a run that a worker has in hand.
    fn task(&mut self, of: WorkerName, about: RunKey) -> Option<(&mut Task, &mut End)> {
        let hand = *self
            .now
            .in_hand
            .keys()
            .find(|hand| matches!(hand, Hand::Task(worker, run, _) if *worker == of && *run == about))?;
        let work = self.open(hand)?;
        match &mut work.what {
            What::WorkflowTask(task) => Some((task, &mut work.end)),
            What::Activity(_) | What::LocalActivity(_) => None,
        }
    }

    fn attempt(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Option<&mut Attempt> {
        match &mut self.open(Hand::Attempt(worker, token))?.what {
            What::Activity(attempt) => Some(attempt),
            What::WorkflowTask(_) | What::LocalActivity(_) => None,
        }
    }

    /// What the step says about work in hand.
    pub(super) fn hear(&mut self, sim: &Sim, record: &Record) {
        let now = Point::of(record);
        match &record.what {
            Step::WorkflowTaskPolled {
                worker,
                run,
                waiting_since,
                sticky,
                query,
                attempt,
                ..
            } => {
                let taken = Taken {
                    attempt: *attempt,
                    waiting_since: *waiting_since,
                    polled: true,
                    sticky: *sticky,
                    query: *query,
                };
                self.now.taken.get_or_default((*worker, *run)).push(taken);
            }
            Step::WorkflowTaskAnswered {
                worker,
                run,
                next_task: true,
                ..
            } => {
                let task = sim.service().run(*run).workflow_task();
                let taken = Taken {
                    attempt: task.map_or(1, |task| task.attempt),
                    waiting_since: record.at,
                    polled: false,
                    sticky: false,
                    query: false,
                };
                self.now.taken.get_or_default((*worker, *run)).insert(0, taken);
            }
            Step::Activated { worker, run, activated } if activated.replaying => {
                let since = self.now.last_seen.get(worker).copied().unwrap_or(record.at);
                if let Some((task, _)) = self.task(*worker, *run) {
                    let replay = task.replay.get_or_insert(Replay {
                        began: Point { at: since, ..now },
                        ended: now,
                        first: activated.events.0,
                        last: activated.events.1,
                    });
                    (replay.ended, replay.last) = (now, activated.events.1);
                }
            }
            Step::ActivationFailed { worker, run, .. } => {
                let process = sim.nodes()[usize::from(worker.0)].process.as_ref();
                let cause = process
                    .and_then(|process| process.worker.failure(*run))
                    .map(|failure| (failure.cause, failure.failure.message.clone()));
                if let (Some((cause, message)), Some((task, end))) = (cause, self.task(*worker, *run)) {
                    task.cause = Some(cause);
                    let name = cause.as_str_name().trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_");
                    *end = End::Failed(Trouble::new(name, message));
                }
            }
            Step::Effect {
                worker,
                token,
                outcome,
                left,
                ..
            } => {
                if let Some(attempt) = self.attempt(*worker, *token)
                    && outcome.is_ok()
                {
                    let done = if *left == 0 {
                        &mut attempt.effect_done
                    } else {
                        &mut attempt.part_done
                    };
                    done.get_or_insert(record.number);
                }
            }
            Step::Heartbeat {
                worker,
                token,
                cancelled,
                ..
            } => {
                if let Some(attempt) = self.attempt(*worker, *token) {
                    attempt.heartbeats.push(now);
                    attempt.known_gone |= *cancelled == Some(CancelReason::Gone);
                }
            }
            Step::ActivityAnswered {
                worker,
                token,
                accepted: true,
                ..
            } => {
                self.now.unheard.remove(token);
                if let Some(attempt) = self.attempt(*worker, *token) {
                    attempt.accepted = true;
                }
            }
            Step::Crashed { worker, .. } => self.now.taken.retain(|(of, _), _| of != worker),
            Step::WorkflowTaskAnswered { .. }
            | Step::Activated { .. }
            | Step::ActivityAnswered { .. }
            | Step::WorkflowStarted { .. }
            | Step::ActivityPolled { .. }
            | Step::QueryAnswered { .. }
            | Step::LocalEffect { .. }
            | Step::LocalEnded { .. }
            | Step::Alarm { .. }
            | Step::Unheard { .. }
            | Step::GaveUp { .. }
            | Step::TaskGone { .. }
            | Step::Acted { .. }
            | Step::Heard { .. }
            | Step::TimerFired { .. }
            | Step::Restarted { .. }
            | Step::Stopping { .. }
            | Step::Left { .. }
            | Step::Partitioned { .. }
            | Step::Healed { .. }
            | Step::Refused { .. } => {}
        }
        if let Some(worker) = record.what.worker() {
            self.now.last_seen.insert(worker, record.at);
        }
    }

    /// The Service gives these attempts up.
    pub(super) fn time_out(&mut self, record: &Record, timed_out: &[ActivityTimeout]) {
        for timeout in timed_out {
            let place = self.now.unheard.remove(&timeout.token);
            let work = place.and_then(|at| self.work.get_mut(at as usize));
            if let Some(What::Activity(attempt)) = work.map(|work| &mut work.what) {
                attempt.timed_out = Some((Point::of(record), timeout.kind));
            }
        }
    }

    /// An attempt has changed something outside.
    pub(super) fn changed(&mut self, worker: WorkerName, token: ActivityTaskToken, at: Point) {
        if let Some(attempt) = self.attempt(worker, token) {
            attempt.changed.get_or_insert(at);
        }
    }

    /// Compares what the step's worker has in hand with what it had before.
    pub(super) fn compare(&mut self, sim: &Sim, record: &Record, activities: &mut Activities) {
        let Some(worker) = record.what.worker() else { return };
        let process = sim.nodes()[usize::from(worker.0)].process.as_ref();
        let now = process.map(|process| hands(worker, process)).unwrap_or_default();
        let had = self.now.in_hand.keys().filter(|hand| hand.worker() == worker);
        let gone: Vec<Hand> = had.filter(|hand| now.binary_search(hand).is_err()).copied().collect();
        for hand in gone {
            self.end(hand, record);
        }
        for hand in now {
            if !self.now.in_hand.contains_key(&hand) {
                self.begin(sim, record, hand, activities);
            }
        }
        self.remember(sim, record, worker);
        debug_assert!(
            self.now.in_hand.keys().copied().eq(everything(sim)),
            "only the step's worker takes something or is rid of it"
        );
    }

    fn end(&mut self, hand: Hand, record: &Record) {
        let outcome = self.now.outcomes.remove(&hand);
        let Some(work) = self
            .now
            .in_hand
            .remove(&hand)
            .and_then(|at| self.work.get_mut(at as usize))
        else {
            return;
        };
        work.ended = Some(Point::of(record));
        let failed = std::mem::replace(&mut work.end, End::Open);
        work.end = match (&record.what, hand) {
            (Step::Crashed { .. }, _) => End::Lost,
            (Step::GaveUp { .. }, _) => End::GaveUp,
            (Step::WorkflowTaskAnswered { how, .. }, Hand::Task(..)) => match how {
                Answered::Accepted => End::Ok,
                Answered::Refused(why) => End::Refused(why.clone()),
                Answered::NotFound => End::Unwanted,
                Answered::Failed | Answered::Silent if failed != End::Open => failed,
                Answered::Failed | Answered::Silent => End::Failed(Trouble::new("_OTHER", "the code could not be run")),
            },
            (Step::QueryAnswered { ok: true, .. }, Hand::Task(..)) => End::Ok,
            (Step::QueryAnswered { ok: false, .. }, Hand::Task(..)) if failed != End::Open => failed,
            (Step::QueryAnswered { ok: false, .. }, Hand::Task(..)) => {
                End::Failed(Trouble::new("query_failed", "the query has no answer"))
            }
            (_, Hand::Task(..)) => End::Unwanted,
            (Step::ActivityAnswered { .. }, Hand::Attempt(..)) | (Step::LocalEnded { .. }, Hand::Local(..)) => {
                match outcome {
                    Some(ActivityEnd::Returned(_)) => End::Ok,
                    Some(ActivityEnd::Failed(error)) => End::Failed(Trouble::from(&error)),
                    Some(ActivityEnd::Cancelled) | None => End::Cancelled,
                }
            }
            _ => End::Unwanted,
        };
    }

    fn begin(&mut self, sim: &Sim, record: &Record, hand: Hand, activities: &mut Activities) {
        let node = &sim.nodes()[usize::from(hand.worker().0)];
        let Some(process) = &node.process else { return };
        let place = u32::try_from(self.work.len()).expect("bounded by the steps");
        let (run, began, waiting_since, what) = match hand {
            Hand::Task(worker, run, since) => {
                let (waiting_since, task) = self.begun_task(process, worker, run, since);
                (run, since, waiting_since, What::WorkflowTask(task))
            }
            Hand::Attempt(_, token) => {
                activities.has_begun(token, record.number, place);
                self.now.unheard.insert(token, place);
                let attempt = &process.activities[&token];
                let waited = if let Step::ActivityPolled { waiting_since, .. } = &record.what {
                    *waiting_since
                } else {
                    attempt.began
                };
                let what = What::Activity(Attempt {
                    token,
                    activity_type: attempt.task.activity_type.clone(),
                    activity_id: attempt.task.activity_id.clone(),
                    eager: !matches!(record.what, Step::ActivityPolled { .. }),
                    heartbeats: Vec::new(),
                    part_done: None,
                    effect_done: None,
                    changed: None,
                    known_gone: false,
                    accepted: false,
                    timed_out: None,
                });
                (token.run, attempt.began, waited, what)
            }
            Hand::Local(_, token) => {
                let task = &process.local_activities[&token].task;
                let what = What::LocalActivity(LocalAttempt {
                    seq: token.seq,
                    attempt: token.attempt,
                    activity_type: task.activity_type.clone(),
                    activity_id: task.activity_id.clone(),
                });
                (token.run, task.started, task.started, what)
            }
        };
        self.now.in_hand.insert(hand, place);
        self.work.push(Work {
            run,
            worker: hand.worker(),
            process: node.starts,
            waiting_since,
            began: Point {
                step: record.number,
                at: began,
            },
            ended: None,
            end: End::Open,
            what,
        });
    }

    fn begun_task(&mut self, process: &Process, worker: WorkerName, run: RunKey, since: SimTime) -> (SimTime, Task) {
        let waiting = self.now.taken.get_mut(&(worker, run)).filter(|taken| !taken.is_empty());
        let taken = waiting.map_or(
            Taken {
                attempt: 1,
                waiting_since: since,
                polled: false,
                sticky: false,
                query: false,
            },
            |taken| taken.remove(0),
        );
        let seen = process.worker.cached().find(|(key, _)| *key == run);
        let memory = match seen {
            Some((_, execution)) if execution.seen_event_id() > 0 => Memory::Hit,
            _ if taken.sticky => Memory::Miss,
            _ => Memory::New,
        };
        let task = Task {
            attempt: taken.attempt,
            polled: taken.polled,
            sticky: taken.sticky,
            query: taken.query,
            memory,
            replay: None,
            cause: None,
        };
        (taken.waiting_since, task)
    }

    /// Keeps what the next step may have to be compared with.
    fn remember(&mut self, sim: &Sim, record: &Record, worker: WorkerName) {
        let Some(process) = &sim.nodes()[usize::from(worker.0)].process else {
            self.now.cached.remove(&worker);
            return;
        };
        let only = token(&record.what);
        let attempts = process
            .activities
            .iter()
            .filter(|(token, _)| only.is_none_or(|only| only == **token));
        for (token, attempt) in attempts {
            if let Some(outcome) = &attempt.outcome {
                self.now.outcomes.insert(Hand::Attempt(worker, *token), outcome.clone());
            }
        }
        for (token, attempt) in &process.local_activities {
            if let Some(outcome) = &attempt.outcome {
                self.now.outcomes.insert(Hand::Local(worker, *token), outcome.clone());
            }
        }
        let cached: Vec<RunKey> = process.worker.cached().map(|(run, _)| run).collect();
        let before = self.now.cached.insert(worker, cached.clone()).unwrap_or_default();
        let lost = before
            .iter()
            .filter(|run| !cached.contains(run) && sim.service().run(**run).is_open());
        *self.now.evictions.get_or_default(worker) += u32::try_from(lost.count()).unwrap_or(0);
    }
}

/// What a worker has in hand now, in order.
fn hands(worker: WorkerName, process: &Process) -> Vec<Hand> {
    let tasks = process
        .workflow_tasks
        .iter()
        .map(|(run, since)| Hand::Task(worker, *run, *since));
    let attempts = process.activities.keys().map(|token| Hand::Attempt(worker, *token));
    let local = process.local_activities.keys().map(|token| Hand::Local(worker, *token));
    tasks.chain(attempts).chain(local).collect()
}

/// What all workers have in hand now, in order.
fn everything(sim: &Sim) -> impl Iterator<Item = Hand> {
    let alive = sim
        .nodes()
        .iter()
        .filter_map(|node| Some((node.name, node.process.as_ref()?)));
    let mut all: Vec<Hand> = alive.flat_map(|(worker, process)| hands(worker, process)).collect();
    all.sort_unstable();
    all.into_iter()
}
