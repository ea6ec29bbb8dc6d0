//! The simulated Temporal Service: durable, and the only writer of histories.
//!
//! State in, state out: every call is told what time it is, and whatever chance it needs is drawn from the seed. It
//! knows no workflow code and no activity; workers reach it through the words of `contract` only. It never fails and
//! never forgets: crashes happen to workers.
//!
//! Three layers, each of which uses those before it only:
//!
//! - **State**: [`run`] is one workflow execution: its history, the fold of it, and beside it what is [`unwritten`];
//!   [`queue`] and [`timer`] say what is due, [`transfer`] what one run leaves to be done to another, [`limits`] how much of
//!   anything there may be. [`retry`] and [`cron`] are arithmetic; `failure`, `target` and [`namespace`] have the Service's
//!   words.
//! - **The transaction** (`transaction`) is the only way to write: events and effects are staged, and come true together or
//!   not at all.
//! - **The machines** decide, each with its table in a file of its own in `machines`: workflow tasks, activities, timers;
//!   the ends of a run, and which run follows it; children; what reaches a run from outside, and from other runs.
//!
//! Start with [`Service`].

#![warn(clippy::wildcard_enum_match_arm)]
#![expect(
    deprecated,
    reason = "workerVersion and useWorkflowBuildId are deprecated in the API, and every server still writes them"
)]

pub mod cron;
mod failure;
pub mod limits;
mod machines;
pub mod namespace;
pub mod queue;
pub mod retry;
pub mod run;
mod target;
pub mod timer;
mod transaction;
pub mod transfer;
pub mod unwritten;

use self::limits::Limits;
use self::queue::{QueuedTask, QueuedWork, Queues};
use self::run::{Name, Run};
use self::timer::{TimerQueue, TimerTask};
use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::answer::{Accepted, ActivityAnswer, HeartbeatAnswer, TaskNotFound, WorkflowTaskAnswer};
use crate::contract::request::Reply;
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller, RunKey, WorkflowTask, WorkflowTaskToken};
use crate::history::proto::Payloads;

/// What a worker gets when it takes a task from a queue.
#[derive(Clone, Debug, PartialEq)]
pub enum Polled {
    /// A workflow task.
    Workflow(Box<WorkflowTask>),
    /// An activity attempt.
    Activity(Box<ActivityTask>),
    /// A workflow task that is only a query; it is answered by [`Service::answer_query`].
    Query(Box<WorkflowTask>),
}

/// The whole Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    chance: Chance,
    limits: Limits,
    runs: Vec<Run>,
    /// The runs of each workflow id, in the order of their starts.
    runs_of: SortedMap<String, Vec<RunKey>>,
    queues: Queues,
    timers: TimerQueue,
    next_ticket: u64,
    replies: Vec<Reply>,
}

impl Service {
    /// An empty Service; whatever it draws comes from `chance`.
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            limits: Limits::default(),
            runs: Vec::new(),
            runs_of: SortedMap::new(),
            queues: Queues::default(),
            timers: TimerQueue::default(),
            next_ticket: 0,
            replies: Vec::new(),
        }
    }

    /// The same with other limits.
    #[must_use]
    pub const fn with_limits(mut self, limits: Limits) -> Self {
        self.limits = limits;
        self
    }

    /// All runs, in the order of their starts.
    pub fn runs(&self) -> &[Run] {
        &self.runs
    }

    /// One run.
    pub fn run(&self, key: RunKey) -> &Run {
        &self.runs[key.0 as usize]
    }

    /// Takes all histories out, and says which event was the last of each: for a checkpoint, which would copy what is
    /// kept already.
    pub fn let_go_of_histories(&mut self) -> Vec<i64> {
        let logs = self.runs.iter_mut().map(|run| std::mem::take(&mut run.log));
        logs.map(|log| log.last_id()).collect()
    }

    /// Puts them in again, from this Service as it is later, up to those events.
    pub fn take_histories_of(&mut self, later: &Self, last_event_ids: &[i64]) {
        for ((run, last), later) in self.runs.iter_mut().zip(last_event_ids).zip(&later.runs) {
            run.log = later.log.up_to(*last);
        }
    }

    /// Copies some more of the events that open runs share with another Service. True once there is nothing left to copy.
    pub fn own_histories(&mut self, most: usize) -> bool {
        let mut open = self.runs.iter_mut().filter(|run| run.is_open());
        open.all(|run| run.log.own(most))
    }

    /// Tasks that wait for a worker.
    pub fn queues(&self) -> &Queues {
        &self.queues
    }

    /// The numbers of the tasks that have stopped waiting since this was asked last.
    pub fn take_gone_tasks(&mut self) -> Vec<u64> {
        self.queues.take_gone()
    }

    /// The latest run of a workflow id.
    pub fn latest(&self, workflow_id: &str) -> Option<RunKey> {
        self.runs_of.get(workflow_id)?.last().copied()
    }

    /// A worker says that an attempt is still going on, and how far it is.
    pub fn heartbeat(
        &mut self,
        now: SimTime,
        token: ActivityTaskToken,
        details: Option<Payloads>,
    ) -> Result<HeartbeatAnswer, TaskNotFound> {
        let answer = self.transact(now, token.run, |run, tx| run.heartbeat(tx, token, details));
        // A run that this heartbeat ended says nothing more than that it took it.
        answer.unwrap_or(Ok(HeartbeatAnswer::default()))
    }

    /// A worker leaves in good order: no task is put into its sticky queue from now on. What waits there already waits
    /// until its limit runs out.
    pub fn worker_left(&mut self, _now: SimTime, sticky_queue: &str) {
        self.queues.sticky_poller_left(sticky_queue);
    }

    /// A worker opens its poll on its sticky queue.
    pub fn sticky_poll_began(&mut self, queue: &str) {
        self.queues.sticky_poll_began(queue);
    }

    /// The connection of a worker broke.
    pub fn sticky_poll_ended(&mut self, now: SimTime, queue: &str) {
        self.queues.sticky_poll_ended(queue, now);
    }

    /// A worker takes a waiting task. `None` if it is gone or has become pointless.
    pub fn poll(&mut self, now: SimTime, task_number: u64, by: &Poller) -> Option<Polled> {
        let (queue, QueuedTask { what, .. }) = self.queues.take(task_number)?;
        let polled = match what {
            QueuedWork::Workflow {
                run,
                scheduled_event_id,
                attempt,
            } => self.transact(now, run, |run, tx| {
                let task = run.start_workflow_task(tx, scheduled_event_id, attempt, &queue, by)?;
                Some(Polled::Workflow(Box::new(task)))
            }),
            QueuedWork::Query { run, query_id } => {
                let task = self.run(run).start_query(query_id);
                Ok(task.map(|task| Polled::Query(Box::new(task))))
            }
            QueuedWork::Activity {
                run,
                scheduled_event_id,
                attempt,
            } => self.transact(now, run, |run, tx| {
                let task = run.start_activity(tx, scheduled_event_id, attempt, by)?;
                run.make_task_real(tx);
                run.keep_limits(tx);
                Some(Polled::Activity(Box::new(task)))
            }),
        };
        polled.unwrap_or(None)
    }

    /// A worker answers a workflow task.
    pub fn answer_workflow_task(
        &mut self,
        now: SimTime,
        token: WorkflowTaskToken,
        answer: WorkflowTaskAnswer,
    ) -> Result<Accepted, TaskNotFound> {
        let accepted = self.transact(now, token.run, |run, tx| run.answer_workflow_task(tx, token, answer));
        accepted.unwrap_or_else(|limit| {
            Ok(Accepted {
                refused: Some(limit.to_owned()),
                ..Accepted::default()
            })
        })
    }

    /// A worker answers an activity attempt.
    pub fn answer_activity(
        &mut self,
        now: SimTime,
        token: ActivityTaskToken,
        answer: ActivityAnswer,
    ) -> Result<(), TaskNotFound> {
        let known = self.transact(now, token.run, |run, tx| run.answer_activity(tx, token, answer));
        known.unwrap_or(Ok(()))
    }

    /// The next timer that still means something. Stale ones on the way are forgotten.
    pub fn next_timer(&mut self) -> Option<(SimTime, TimerTask)> {
        loop {
            let (at, task) = self.timers.first().map(|(at, task)| (at, task.clone()))?;
            if self.is_live(at, &task) {
                return Some((at, task));
            }
            self.timers.pop();
        }
    }

    /// All timers that still mean something, earliest first.
    pub fn live_timers(&self) -> impl Iterator<Item = (SimTime, &TimerTask)> {
        self.timers.iter().filter(|(at, task)| self.is_live(*at, task))
    }

    /// Fires the next timer; the caller has moved the clock to it.
    pub fn fire_next_timer(&mut self) -> Option<(SimTime, TimerTask)> {
        let (now, task) = self.next_timer()?;
        let due = match &task {
            TimerTask::ActivityTimeout { run, .. } | TimerTask::UserTimer { run, .. } => self.due_of(now, *run),
            TimerTask::WorkflowTaskTimeout { .. }
            | TimerTask::ActivityRetry { .. }
            | TimerTask::QueryTimeout { .. }
            | TimerTask::FirstTask { .. }
            | TimerTask::RunTimeout { .. }
            | TimerTask::Transfer { .. } => Vec::new(),
        };
        self.timers.pop();
        let fired = match &task {
            TimerTask::Transfer { run, what } => {
                self.carry_out(now, *run, *what);
                Ok(())
            }
            TimerTask::WorkflowTaskTimeout { run, kind, .. } => {
                self.transact(now, *run, |run, tx| run.time_out_workflow_task(tx, *kind))
            }
            TimerTask::ActivityTimeout { run, .. } => {
                let limits = due.iter().filter_map(|task| {
                    let TimerTask::ActivityTimeout {
                        scheduled_event_id,
                        kind,
                        ..
                    } = task
                    else {
                        return None;
                    };
                    Some((*scheduled_event_id, *kind))
                });
                let limits: Vec<_> = limits.collect();
                self.transact(now, *run, |run, tx| run.time_out_activities(tx, &limits))
            }
            TimerTask::ActivityRetry {
                run,
                scheduled_event_id,
                ..
            } => self.transact(now, *run, |run, tx| run.activity_retry_is_due(tx, *scheduled_event_id)),
            TimerTask::UserTimer { run, .. } => {
                let timers = due.iter().filter_map(|task| {
                    let TimerTask::UserTimer { started_event_id, .. } = task else {
                        return None;
                    };
                    Some(*started_event_id)
                });
                let timers: Vec<_> = timers.collect();
                self.transact(now, *run, |run, tx| run.fire_timers(tx, &timers))
            }
            TimerTask::QueryTimeout { run, query_id } => {
                self.transact(now, *run, |run, tx| run.time_out_query(tx, *query_id))
            }
            TimerTask::FirstTask { run } => self.transact(now, *run, |run, tx| run.settle(tx, true)),
            TimerTask::RunTimeout { run } => self.transact(now, *run, Run::time_out),
        };
        // If the run was ended by a limit of its history instead, the timer has come true all the same.
        fired.unwrap_or(());
        Some((now, task))
    }

    /// What is due now of a run: what falls into one moment is dealt with in one transaction.
    fn due_of(&self, now: SimTime, run: RunKey) -> Vec<TimerTask> {
        self.timers.due(now).filter(|task| task.run() == run).cloned().collect()
    }

    fn is_live(&self, at: SimTime, task: &TimerTask) -> bool {
        let run = self.run(task.run());
        match task {
            TimerTask::WorkflowTaskTimeout {
                scheduled_event_id,
                attempt,
                kind,
                ..
            } => run.workflow_task_timeout_is_live(*scheduled_event_id, *attempt, *kind),
            TimerTask::ActivityTimeout {
                scheduled_event_id,
                kind,
                ..
            } => run.activity_timeout_is_live(at, *scheduled_event_id, *kind),
            TimerTask::ActivityRetry {
                scheduled_event_id,
                attempt,
                ..
            } => run.activity_retry_is_live(*scheduled_event_id, *attempt),
            TimerTask::UserTimer { started_event_id, .. } => run.state.timers.contains(*started_event_id),
            TimerTask::QueryTimeout { query_id, .. } => run.query_timeout_is_live(*query_id),
            TimerTask::FirstTask { .. } => run.is_open() && !run.had_task(),
            TimerTask::RunTimeout { .. } => run.is_open(),
            TimerTask::Transfer { run, what } => self.transfer_is_live(*run, *what),
        }
    }

    fn next_key(&self) -> RunKey {
        RunKey(u32::try_from(self.runs.len()).expect("the step limit keeps runs far below 2^32"))
    }

    /// The name of the next run that begins, if it is one of that workflow id. The word says which run it is, not when it
    /// begins: so a crash that reorders the starts of two workflows changes nothing for a third. The runs of the id that
    /// was started first, before which nothing can happen, are 0, 1, 2, …; those of others count on from a draw.
    fn next_name(&self, workflow_id: &str) -> Name {
        let word = match self.latest(workflow_id) {
            Some(key) => self.run(key).next_word(),
            None if self.runs.is_empty() => 0,
            None => self.chance.draw(workflow_id, &[]),
        };
        let key = self.next_key();
        Name { key, word }
    }

    /// A run begins.
    fn add(&mut self, run: Run) {
        self.runs_of.get_or_default(run.workflow_id.clone()).push(run.key);
        self.runs.push(run);
    }
}
