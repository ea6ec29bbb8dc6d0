//! Writes down all work that is done in a world, step by step.
//!
//! Histories keep the last attempt of an activity only, and nothing of a workflow task that was tried again; workers
//! forget everything when they die. So the world is asked after each step who has what in hand: what is new begins,
//! what is gone has ended, and how is read off the step that ended it.

use super::work::{Attempt, End, LocalAttempt, Memory, Task, Trouble, What, Work};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::proto::{Attributes, FailureInfo, TimeoutType};
use crate::service::timer::TimerTask;
use crate::sim::Sim;
use crate::sim::agenda::LocalToken;
use crate::sim::node::{CancelReason, Outcome, Process, WorkerName};
use crate::sim::step::{Answered, Record, Step};

/// All work so far.
#[derive(Debug, Default)]
pub struct WorkBook {
    work: Vec<Work>,
    /// Where in [`Self::work`] what is in hand now stands.
    in_hand: SortedMap<Hand, u32>,
    /// Where the attempts stand that the Service has not heard the end of.
    unheard: SortedMap<ActivityTaskToken, u32>,
    /// Workflow tasks that workers have taken and not begun: the run has another in hand.
    taken: SortedMap<(WorkerName, RunKey), Vec<Taken>>,
    /// What an activity function is going to say.
    outcomes: SortedMap<Hand, Outcome>,
    /// The attempt that each pending activity is at.
    pending: SortedMap<(RunKey, i64), u32>,
    timeouts: Vec<ActivityTimeout>,
    cached: SortedMap<WorkerName, Vec<RunKey>>,
    evictions: SortedMap<WorkerName, u32>,
}

/// One of the Service's limits that an activity ran into.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ActivityTimeout {
    /// When.
    pub at: SimTime,
    /// Whose activity.
    pub run: RunKey,
    /// Which: its ActivityTaskScheduled.
    pub scheduled_event_id: i64,
    /// Which limit.
    pub kind: TimeoutType,
    /// There is no further attempt.
    pub closed: bool,
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
#[derive(Clone, Copy, Debug)]
struct Taken {
    attempt: u32,
    waiting_since: SimTime,
    polled: bool,
    sticky: bool,
    question: bool,
}

impl WorkBook {
    /// All work, in the order in which it began.
    pub fn work(&self) -> &[Work] {
        &self.work
    }

    /// The limits that activities ran into, in order.
    pub fn timeouts(&self) -> &[ActivityTimeout] {
        &self.timeouts
    }

    /// How often a worker's memory lost a run that was still open, while the worker lived.
    pub fn evictions(&self, worker: WorkerName) -> u32 {
        self.evictions.get(&worker).copied().unwrap_or(0)
    }

    /// Takes in one step. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        self.hear(sim, record);
        self.time_out(sim, record);
        let now: Vec<Hand> = sim
            .nodes()
            .iter()
            .filter_map(|node| Some((node.name, node.process.as_ref()?)))
            .flat_map(|(worker, process)| hands(worker, process))
            .collect();
        let gone: Vec<Hand> = self
            .in_hand
            .keys()
            .filter(|hand| !now.contains(hand))
            .copied()
            .collect();
        for hand in gone {
            self.end(hand, record);
        }
        for hand in now {
            if !self.in_hand.contains_key(&hand) {
                self.begin(sim, record, hand);
            }
        }
        self.remember(sim);
    }

    fn open(&mut self, hand: Hand) -> Option<&mut Work> {
        let at = *self.in_hand.get(&hand)?;
        self.work.get_mut(at as usize)
    }

    /// The workflow task of a run that a worker has in hand.
    fn task(&mut self, of: WorkerName, about: RunKey) -> Option<&mut Task> {
        let hand = *self
            .in_hand
            .keys()
            .find(|hand| matches!(hand, Hand::Task(worker, run, _) if *worker == of && *run == about))?;
        match &mut self.open(hand)?.what {
            What::WorkflowTask(task) => Some(task),
            _ => None,
        }
    }

    fn attempt(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Option<&mut Attempt> {
        match &mut self.open(Hand::Attempt(worker, token))?.what {
            What::Activity(attempt) => Some(attempt),
            _ => None,
        }
    }

    /// What the step says about work in hand.
    fn hear(&mut self, sim: &Sim, record: &Record) {
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
                    question: *query,
                };
                self.taken.get_or_default((*worker, *run)).push(taken);
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
                    question: false,
                };
                self.taken.get_or_default((*worker, *run)).insert(0, taken);
            }
            Step::Activated { worker, run, activated } if activated.replaying => {
                let at = record.at;
                if let Some(task) = self.task(*worker, *run) {
                    task.replayed = Some((activated.events.1, at));
                }
            }
            Step::ActivationFailed { worker, run, .. } => {
                let process = sim.nodes()[usize::from(worker.0)].process.as_ref();
                let cause = process
                    .and_then(|process| process.worker.failure(*run))
                    .map(|failure| (failure.cause, failure.failure.message.clone()));
                if let (Some((cause, message)), Some(task)) = (cause, self.task(*worker, *run)) {
                    task.cause = Some(cause);
                    let hand = self
                        .in_hand
                        .keys()
                        .find(|hand| matches!(hand, Hand::Task(of, about, _) if of == worker && about == run));
                    if let Some(work) = hand.copied().and_then(|hand| self.open(hand)) {
                        let name = cause.as_str_name().trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_");
                        work.end = End::Failed(Trouble::new(name, message));
                    }
                }
            }
            Step::Effect {
                worker, token, outcome, ..
            } => {
                if let Some(attempt) = self.attempt(*worker, *token) {
                    attempt.effect_done = outcome.is_ok();
                }
            }
            Step::Heartbeat {
                worker,
                token,
                cancelled,
                ..
            } => {
                if let Some(attempt) = self.attempt(*worker, *token) {
                    attempt.heartbeats += 1;
                    attempt.known_gone |= *cancelled == Some(CancelReason::Gone);
                }
            }
            Step::ActivityAnswered {
                worker,
                token,
                accepted: true,
                ..
            } => {
                self.unheard.remove(token);
                if let Some(attempt) = self.attempt(*worker, *token) {
                    attempt.accepted = true;
                }
            }
            Step::Crashed { worker, .. } => self.taken.retain(|(of, _), _| of != worker),
            _ => {}
        }
    }

    /// Finds the activities that ran into a limit: all that have left their attempt when such a timer fired.
    fn time_out(&mut self, sim: &Sim, record: &Record) {
        let Step::TimerFired {
            task:
                TimerTask::ActivityTimeout {
                    run,
                    scheduled_event_id,
                    kind,
                    ..
                },
            ..
        } = &record.what
        else {
            return;
        };
        let of = sim.service().run(*run);
        let before: Vec<(i64, u32)> = self
            .pending
            .iter()
            .filter(|((of, _), _)| of == run)
            .map(|((_, id), attempt)| (*id, *attempt))
            .collect();
        for (id, attempt) in before {
            let after = of.activity(id);
            if after.is_some_and(|activity| activity.attempt.number == attempt) {
                continue;
            }
            let kind = if id == *scheduled_event_id {
                *kind
            } else {
                limit_of(sim, *run, id).unwrap_or(*kind)
            };
            self.timeouts.push(ActivityTimeout {
                at: record.at,
                run: *run,
                scheduled_event_id: id,
                kind,
                closed: after.is_none(),
            });
            let token = ActivityTaskToken {
                run: *run,
                scheduled_event_id: id,
                attempt,
            };
            let work = self
                .unheard
                .remove(&token)
                .and_then(|at| self.work.get_mut(at as usize));
            if let Some(What::Activity(attempt)) = work.map(|work| &mut work.what) {
                attempt.timed_out = Some((record.at, kind));
            }
        }
    }

    fn end(&mut self, hand: Hand, record: &Record) {
        let outcome = self.outcomes.remove(&hand);
        let Some(work) = self.in_hand.remove(&hand).and_then(|at| self.work.get_mut(at as usize)) else {
            return;
        };
        work.ended = Some(record.at);
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
                End::Failed(Trouble::new("query_failed", "the question has no answer"))
            }
            (_, Hand::Task(..)) => End::Unwanted,
            (Step::ActivityAnswered { .. }, Hand::Attempt(..)) | (Step::LocalEnded { .. }, Hand::Local(..)) => {
                match outcome {
                    Some(Outcome::Returned(_)) => End::Ok,
                    Some(Outcome::Failed(error)) => End::Failed(Trouble::from(&error)),
                    Some(Outcome::Cancelled) | None => End::Cancelled,
                }
            }
            _ => End::Unwanted,
        };
    }

    fn begin(&mut self, sim: &Sim, record: &Record, hand: Hand) {
        let node = &sim.nodes()[usize::from(hand.worker().0)];
        let Some(process) = &node.process else { return };
        let (run, began, waiting_since, what) = match hand {
            Hand::Task(worker, run, since) => {
                let (waiting_since, task) = self.begun_task(process, worker, run, since);
                (run, since, waiting_since, What::WorkflowTask(task))
            }
            Hand::Attempt(_, token) => {
                let attempt = &process.activities[&token];
                let waited = match &record.what {
                    Step::ActivityPolled { waiting_since, .. } => *waiting_since,
                    _ => attempt.began,
                };
                let what = What::Activity(Attempt {
                    token,
                    activity_type: attempt.task.activity_type.clone(),
                    activity_id: attempt.task.activity_id.clone(),
                    eager: !matches!(record.what, Step::ActivityPolled { .. }),
                    heartbeats: 0,
                    effect_done: false,
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
        let place = u32::try_from(self.work.len()).expect("bounded by the steps");
        self.in_hand.insert(hand, place);
        if let Hand::Attempt(_, token) = hand {
            self.unheard.insert(token, place);
        }
        self.work.push(Work {
            run,
            worker: hand.worker(),
            process: node.starts,
            waiting_since,
            began,
            ended: None,
            end: End::Open,
            what,
        });
    }

    fn begun_task(&mut self, process: &Process, worker: WorkerName, run: RunKey, since: SimTime) -> (SimTime, Task) {
        let waiting = self.taken.get_mut(&(worker, run)).filter(|taken| !taken.is_empty());
        let taken = waiting.map_or(
            Taken {
                attempt: 1,
                waiting_since: since,
                polled: false,
                sticky: false,
                question: false,
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
            question: taken.question,
            memory,
            replayed: None,
            cause: None,
        };
        (taken.waiting_since, task)
    }

    /// Keeps what the next step may have to be compared with.
    fn remember(&mut self, sim: &Sim) {
        self.pending.clear();
        for run in sim.runs() {
            for activity in run.activities() {
                let id = activity.scheduled_event_id;
                self.pending.insert((run.key, id), activity.attempt.number);
            }
        }
        for node in sim.nodes() {
            let worker = node.name;
            let Some(process) = &node.process else {
                self.cached.remove(&worker);
                continue;
            };
            for (token, attempt) in &process.activities {
                if let Some(outcome) = &attempt.outcome {
                    self.outcomes.insert(Hand::Attempt(worker, *token), outcome.clone());
                }
            }
            for (token, attempt) in &process.local_activities {
                if let Some(outcome) = &attempt.outcome {
                    self.outcomes.insert(Hand::Local(worker, *token), outcome.clone());
                }
            }
            let cached: Vec<RunKey> = process.worker.cached().map(|(run, _)| run).collect();
            let before = self.cached.insert(worker, cached.clone()).unwrap_or_default();
            let lost = before
                .iter()
                .filter(|run| !cached.contains(run) && sim.service().run(**run).is_open());
            *self.evictions.get_or_default(worker) += u32::try_from(lost.count()).unwrap_or(0);
        }
    }
}

fn hands(worker: WorkerName, process: &Process) -> Vec<Hand> {
    let tasks = process
        .workflow_tasks
        .iter()
        .map(|(run, since)| Hand::Task(worker, *run, *since));
    let attempts = process.activities.keys().map(|token| Hand::Attempt(worker, *token));
    let local = process.local_activities.keys().map(|token| Hand::Local(worker, *token));
    tasks.chain(attempts).chain(local).collect()
}

/// The limit that an activity ran into last, as its failure tells it.
fn limit_of(sim: &Sim, run: RunKey, scheduled_event_id: i64) -> Option<TimeoutType> {
    let run = sim.service().run(run);
    let failure = match run.activity(scheduled_event_id) {
        Some(activity) => activity.attempt.last_failure.as_ref(),
        None => run.log.events().iter().rev().find_map(|event| match &event.attributes {
            Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) if a.scheduled_event_id == scheduled_event_id => {
                a.failure.as_ref()
            }
            _ => None,
        }),
    };
    match &failure?.failure_info {
        Some(FailureInfo::TimeoutFailureInfo(info)) => Some(info.timeout_type()),
        _ => None,
    }
}
