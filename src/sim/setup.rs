//! Everything that a run begins with: who starts what, what clients and operators do then, the workers with their code,
//! the outside, and what strikes by plan. A story is one of these with a name; tests bring their own.

use super::fault::Fault;
use super::script::{Act, WorkerSetup};
use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::contract::request::{Signal, StartWorkflow};
use crate::service::limits::Limits;
use crate::worker::registry::Registry;
use crate::world::WorldConfig;

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
    /// The outside.
    pub world: WorldConfig,
    /// What strikes by plan.
    pub faults: Vec<Fault>,
    /// What the Service allows.
    pub limits: Limits,
    /// How long the run goes on after the last act; zero for as long as there is anything left to do.
    pub lasts: Span,
}

impl Setup {
    /// One ordinary worker with that code on the workflow's task queue, an empty world, and nobody who interferes.
    pub fn new(start: StartWorkflow, code: fn() -> Registry) -> Self {
        Self {
            workers: vec![WorkerSetup::on(&start.task_queue)],
            start,
            signal: None,
            script: Vec::new(),
            code: vec![code],
            world: WorldConfig {
                stock: SortedMap::new(),
                idempotency_keys: true,
                faults: Vec::new(),
            },
            faults: Vec::new(),
            limits: Limits::default(),
            lasts: Span::ZERO,
        }
    }
}
