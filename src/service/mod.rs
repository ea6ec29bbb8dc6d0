//! The simulated Temporal Service: durable, and the only writer of histories.
//!
//! State in, state out: every call is told what time it is, and whatever chance it needs is drawn from the seed. It
//! knows no workflow code and no activity; workers reach it through the words of `contract` only. It never fails and
//! never forgets: crashes happen to workers.
//!
//! Start with [`Service`]; [`run`] says how events are written; [`workflow_task`], [`activity`] and [`user_timer`] are
//! the machines, each with its table; [`commands`] says what a worker's commands become and [`objection`] which are
//! refused; [`start`] and [`close`] are the ends of a run, [`chain`] and [`cron`] say which run follows it, and [`child`]
//! what it has to do with those it started; what reaches a run from outside is in [`signal`], [`cancel`],
//! [`terminate`], [`query`], [`update`] (with [`speculative`]) and [`reset`], from other workflows in [`external`];
//! [`limits`] is how much of anything there may be; [`retry`] is the arithmetic
//! of retries; [`queue`] and [`timer`] say what is due, and [`transfer`] what one run leaves to be done to another.

#![expect(
    deprecated,
    reason = "workerVersion and useWorkflowBuildId are deprecated in the API, and every server still writes them"
)]

pub mod activity;
mod activity_answer;
mod activity_timeout;
mod admission;
mod answer;
mod attributes;
mod cancel;
mod chain;
pub mod child;
mod close;
mod commands;
pub mod cron;
mod external;
mod failure;
pub mod limits;
pub mod namespace;
mod objection;
pub mod query;
pub mod queue;
mod reset;
pub mod retry;
pub mod run;
mod signal;
mod speculative;
mod start;
mod target;
mod terminate;
pub mod timer;
pub mod transfer;
pub mod update;
mod user_timer;
pub mod workflow_task;

use self::limits::Limits;
use self::queue::{QueuedTask, QueuedWork, Queues};
use self::run::{Before, Run, Tx};
use self::timer::{TimerQueue, TimerTask};
use crate::base::chance::Chance;
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
    /// A workflow task that only asks a question; it is answered by [`Service::answer_query`].
    Query(Box<WorkflowTask>),
}

/// The whole Service.
#[derive(Clone, Debug, PartialEq)]
pub struct Service {
    chance: Chance,
    limits: Limits,
    runs: Vec<Run>,
    queues: Queues,
    timers: TimerQueue,
    next_ticket: u64,
    replies: Vec<Reply>,
    /// Runs that began in the transaction at hand.
    born: Vec<Run>,
}

impl Service {
    /// An empty Service; whatever it draws comes from `chance`.
    pub fn new(chance: Chance) -> Self {
        Self {
            chance,
            limits: Limits::default(),
            runs: Vec::new(),
            queues: Queues::default(),
            timers: TimerQueue::default(),
            next_ticket: 0,
            replies: Vec::new(),
            born: Vec::new(),
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
        let run = self.runs.iter().rev().find(|run| run.workflow_id == workflow_id);
        run.map(|run| run.key)
    }

    /// A worker says that an attempt is still going on, and how far it is.
    pub fn heartbeat(
        &mut self,
        now: SimTime,
        token: ActivityTaskToken,
        details: Option<Payloads>,
    ) -> Result<HeartbeatAnswer, TaskNotFound> {
        let (run, mut tx) = self.open(now, token.run);
        let answer = run.heartbeat(&mut tx, token, details);
        run.make_task_real();
        answer
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
        let queue = self.queues.find(task_number)?.0.to_owned();
        let QueuedTask { what, .. } = self.queues.take(task_number)?;
        let (run, mut tx) = self.open(now, what.run());
        match what {
            QueuedWork::Workflow {
                scheduled_event_id,
                attempt,
                ..
            } => run
                .start_workflow_task(&mut tx, scheduled_event_id, attempt, &queue, by)
                .map(|task| Polled::Workflow(Box::new(task))),
            QueuedWork::Query { query_id, .. } => run.start_query(query_id).map(|task| Polled::Query(Box::new(task))),
            QueuedWork::Activity {
                scheduled_event_id,
                attempt,
                ..
            } => {
                let task = run.start_activity(&mut tx, scheduled_event_id, attempt, by)?;
                run.make_task_real();
                run.keep_limits(&mut tx).then(|| Polled::Activity(Box::new(task)))
            }
        }
    }

    /// A worker answers a workflow task.
    pub fn answer_workflow_task(
        &mut self,
        now: SimTime,
        token: WorkflowTaskToken,
        answer: WorkflowTaskAnswer,
    ) -> Result<Accepted, TaskNotFound> {
        let (run, mut tx) = self.open(now, token.run);
        let accepted = run.answer_workflow_task(&mut tx, token, answer);
        self.welcome();
        accepted
    }

    /// A worker answers an activity attempt.
    pub fn answer_activity(
        &mut self,
        now: SimTime,
        token: ActivityTaskToken,
        answer: ActivityAnswer,
    ) -> Result<(), TaskNotFound> {
        let (run, mut tx) = self.open(now, token.run);
        let known = run.answer_activity(&mut tx, token, answer);
        run.make_task_real();
        known
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
        self.timers.pop();
        if let TimerTask::Transfer { run, what } = task {
            self.carry_out(now, run, what);
            return Some((now, task));
        }
        let (run, mut tx) = self.open(now, task.run());
        match &task {
            TimerTask::WorkflowTaskTimeout { kind, .. } => run.time_out_workflow_task(&mut tx, *kind),
            TimerTask::ActivityTimeout { .. } => run.time_out_activities(&mut tx),
            TimerTask::ActivityRetry { scheduled_event_id, .. } => {
                run.activity_retry_is_due(&mut tx, *scheduled_event_id);
            }
            TimerTask::UserTimer { .. } => run.fire_timers(&mut tx),
            TimerTask::QueryTimeout { query_id, .. } => run.time_out_query(&mut tx, *query_id),
            TimerTask::FirstTask { .. } => run.commit(&mut tx, true),
            TimerTask::RunTimeout { .. } => run.time_out(&mut tx),
            TimerTask::Transfer { .. } => unreachable!("carried out above"),
        }
        self.welcome();
        Some((now, task))
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
            TimerTask::UserTimer { started_event_id, .. } => run.timers.contains_key(started_event_id),
            TimerTask::QueryTimeout { query_id, .. } => run.query_timeout_is_live(*query_id),
            TimerTask::FirstTask { .. } => run.is_open() && !run.had_task(),
            TimerTask::RunTimeout { .. } => run.is_open(),
            TimerTask::Transfer { run, what } => self.transfer_is_live(*run, *what),
        }
    }

    fn open(&mut self, now: SimTime, key: RunKey) -> (&mut Run, Tx<'_>) {
        let runs = self.next_key().0;
        let run = &mut self.runs[key.0 as usize];
        let tx = Tx {
            now,
            size_before: run.size_bytes,
            before: Before {
                last_event_id: run.log.last_id(),
                buffer: run.buffer.clone(),
                workflow_task: run.workflow_task.clone(),
            },
            limits: self.limits,
            chance: self.chance,
            queues: &mut self.queues,
            timers: &mut self.timers,
            replies: &mut self.replies,
            runs,
            born: &mut self.born,
        };
        (run, tx)
    }

    /// The name of the next run that begins.
    fn next_key(&self) -> RunKey {
        RunKey(u32::try_from(self.runs.len()).expect("the step limit keeps runs far below 2^32"))
    }

    /// Takes in the runs that began in the transaction that has just ended.
    fn welcome(&mut self) {
        self.runs.append(&mut self.born);
    }
}
