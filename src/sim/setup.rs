//! Everything that a run begins with: who starts what, what clients and operators do then, the workers with their code,
//! the outside, and what strikes by plan. A story is one of these with a name; tests bring their own.

use super::fault::Fault;
use super::outside::{Nothing, Outside};
use super::promise::Promise;
use super::script::{Act, Action, WorkerSetup};
use crate::base::time::Span;
use crate::contract::request::{Signal, StartWorkflow};
use crate::service::limits::Limits;
use crate::worker::registry::Registry;

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

    /// Says what is wrong with it, if anything: a worker or a version of the code that does not exist, a worker that
    /// never gets done.
    pub(super) fn check(&self) -> Result<(), String> {
        if self.workers.len() > 26 {
            return Err("there are letters for 26 workers only".to_owned());
        }
        if self.workers.iter().any(|worker| worker.pace == 0) {
            return Err("a worker's pace is at least 1 percent".to_owned());
        }
        let is_version = |code: u8| usize::from(code) < self.code.len();
        if !is_version(0) || !self.workers.iter().filter_map(|worker| worker.code).all(is_version) {
            return Err(format!("there are {} versions of the code", self.code.len()));
        }
        for act in &self.script {
            let (worker, code) = match act.what {
                Action::Kill(worker) | Action::Stop(worker) | Action::Partition(worker) | Action::Heal(worker) => {
                    (worker, 0)
                }
                Action::Launch(worker, code) => (worker, code),
                _ => continue,
            };
            if usize::from(worker.0) >= self.workers.len() {
                return Err(format!(
                    "the script names worker {worker}, and there are {}",
                    self.workers.len()
                ));
            }
            if !is_version(code) {
                return Err(format!(
                    "the script names version {code} of the code, and there are {}",
                    self.code.len()
                ));
            }
        }
        Ok(())
    }
}
