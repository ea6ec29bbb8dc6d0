//! Everything that a run begins with: who starts what, what clients and operators do then, the workers with their code,
//! the outside, and what strikes by plan. A story is one of these with a name; tests bring their own.

use super::fault::{Fault, Target, Trigger};
use super::node::{MOST_WORKERS, WorkerName};
use super::outside::{Nothing, Outside};
use super::promise::Promise;
use super::script::{Act, Action, When, WorkerSetup};
use crate::base::time::Span;
use crate::contract::request::{Signal, StartWorkflow};
use crate::service::limits::Limits;
use crate::worker::registry::Registry;

/// How many steps a run may have unless its set-up says otherwise: two for each event of the longest history that Temporal
/// allows, so that a run is ended by Temporal's limits first.
pub const MOST_STEPS: u32 = 2 * 51_200;

/// What a run begins with.
#[derive(Clone, Debug)]
pub struct Setup {
    /// The first thing that a client does.
    pub start: StartWorkflow,
    /// A signal that goes with it, in one request; `None` for a plain start.
    pub signal: Option<Signal>,
    /// What clients and operators do after that.
    pub script: Vec<Act>,
    /// The workers, named A, B, … in this order; at most 26.
    pub workers: Vec<WorkerSetup>,
    /// The versions of the workflow code, oldest first. Workers name them by their place here.
    pub code: Vec<fn() -> Registry>,
    /// The outside as it is in the beginning.
    pub outside: Box<dyn Outside>,
    /// What must be so at the end.
    pub promises: Vec<Promise>,
    /// What strikes by plan.
    pub faults: Vec<Fault>,
    /// What the Service allows.
    pub limits: Limits,
    /// How long the run goes on after the last act; zero for as long as there is anything left to do.
    pub lasts: Span,
    /// How many steps the run may have. One that wants more is reported as not settling.
    pub most_steps: u32,
}

impl Setup {
    /// One ordinary worker with that code on the workflow's task queue, nothing outside, and nobody who interferes.
    pub fn new(start: StartWorkflow, code: fn() -> Registry) -> Self {
        Self {
            workers: vec![WorkerSetup::on(&start.task_queue)],
            start,
            signal: None,
            script: Vec::new(),
            code: vec![code],
            outside: Box::new(Nothing),
            promises: Vec::new(),
            faults: Vec::new(),
            limits: Limits::default(),
            lasts: Span::ZERO,
            most_steps: MOST_STEPS,
        }
    }

    /// With another outside.
    #[must_use]
    pub fn outside(mut self, outside: impl Outside) -> Self {
        self.outside = Box::new(outside);
        self
    }

    /// With one more promise.
    #[must_use]
    pub fn promise(mut self, promise: Promise) -> Self {
        self.promises.push(promise);
        self
    }

    /// Says what is wrong with it, if anything: a worker or a version of the code that does not exist, a worker that never
    /// gets done, something that is waited for and cannot come.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.workers.len() > MOST_WORKERS {
            return Err(format!("there are letters for {MOST_WORKERS} workers only"));
        }
        if self.most_steps == 0 {
            return Err("the run has no steps".to_owned());
        }
        self.is_version("the first start", 0)?;
        for (name, worker) in (0..).map(WorkerName).zip(&self.workers) {
            self.check_worker(name, worker)?;
        }
        self.script.iter().try_for_each(|act| self.check_act(act))?;
        self.faults.iter().try_for_each(|fault| self.check_fault(fault))
    }

    fn check_worker(&self, name: WorkerName, worker: &WorkerSetup) -> Result<(), String> {
        if worker.task_queue.is_empty() {
            return Err(format!("worker {name} polls a task queue without a name"));
        }
        if worker.pace == 0 {
            return Err(format!("worker {name} never gets done: its pace is at least 1 percent"));
        }
        if worker.activities && worker.activity_slots == 0 {
            return Err(format!("worker {name} takes activities and has no slot for one"));
        }
        self.is_version(&format!("worker {name}"), worker.code.unwrap_or(0))
    }

    fn check_act(&self, act: &Act) -> Result<(), String> {
        let from_one = match &act.when {
            When::Event { count: n, .. }
            | When::AttemptStarted { attempt: n, .. }
            | When::AttemptFailed { attempt: n, .. }
            | When::TaskStarted { attempt: n, .. } => *n,
            When::Next | When::Closed { .. } => 1,
        };
        if from_one == 0 {
            return Err(
                "the script waits for number 0 of something: events and attempts are counted from 1".to_owned(),
            );
        }
        match act.what {
            Action::Kill(worker) | Action::Stop(worker) | Action::Partition(worker) | Action::Heal(worker) => {
                self.has_worker("the script", worker)
            }
            Action::Launch(worker, code) => {
                self.has_worker("the script", worker)?;
                self.is_version("the script", code)
            }
            Action::Start(_)
            | Action::Signal(..)
            | Action::SignalWithStart(..)
            | Action::Query(..)
            | Action::Update(..)
            | Action::SendUpdate(..)
            | Action::Cancel(..)
            | Action::Terminate(..)
            | Action::Reset(..) => Ok(()),
        }
    }

    fn check_fault(&self, fault: &Fault) -> Result<(), String> {
        let (Trigger::ActivityStarted { attempt, .. } | Trigger::EffectDone { attempt, .. }) = &fault.when;
        if *attempt == 0 {
            return Err("a fault waits for attempt 0 of an activity: attempts are counted from 1".to_owned());
        }
        fault.then.iter().try_for_each(|(_, target, _)| match target {
            Target::Doer => Ok(()),
            Target::Worker(worker) => self.has_worker("a fault", *worker),
        })
    }

    fn has_worker(&self, who: &str, worker: WorkerName) -> Result<(), String> {
        if usize::from(worker.0) < self.workers.len() {
            return Ok(());
        }
        Err(format!(
            "{who} names worker {worker}, and there are {}",
            self.workers.len()
        ))
    }

    fn is_version(&self, who: &str, code: u8) -> Result<(), String> {
        if usize::from(code) < self.code.len() {
            return Ok(());
        }
        Err(format!(
            "{who} names version {code} of the code, and there are {}",
            self.code.len()
        ))
    }
}
