//! What the workers and the faults are going to do, ordered by time. The Service keeps its own timers.

use super::fault::Verb;
use super::node::WorkerName;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};

/// Something that will happen at a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A worker takes a waiting task.
    Poll {
        /// Which worker.
        worker: WorkerName,
        /// Which task, by its number in the queues.
        task: u64,
    },
    /// A worker runs the next activation of a workflow task.
    Activate {
        /// Which worker.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
    },
    /// A worker's answer to a workflow task reaches the Service.
    AnswerWorkflowTask {
        /// Which worker.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
    },
    /// An activity does what it does to the world.
    Effect {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
    },
    /// A worker's answer to an activity attempt reaches the Service.
    AnswerActivity {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
    },
    /// A fault strikes, or is mended.
    Intervene {
        /// Which worker.
        worker: WorkerName,
        /// What happens to it.
        verb: Verb,
    },
}

impl Due {
    /// The worker that does it, unless it is done *to* a worker.
    const fn doer(self) -> Option<WorkerName> {
        match self {
            Self::Poll { worker, .. }
            | Self::Activate { worker, .. }
            | Self::AnswerWorkflowTask { worker, .. }
            | Self::Effect { worker, .. }
            | Self::AnswerActivity { worker, .. } => Some(worker),
            Self::Intervene { .. } => None,
        }
    }

    /// Faults come before anything else that is due at the same time: a crash "right after" a step must not let
    /// another step slip in.
    const fn rank(self) -> u8 {
        match self {
            Self::Intervene { .. } => 0,
            _ => 1,
        }
    }
}

/// Everything that is due.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    entries: SortedMap<(SimTime, u8, u64), Due>,
    next: u64,
}

impl Agenda {
    /// Makes something due.
    pub fn add(&mut self, at: SimTime, due: Due) {
        self.entries.insert((at, due.rank(), self.next), due);
        self.next += 1;
    }

    /// The time of the earliest entry, and whether it is an intervention.
    pub fn first(&self) -> Option<(SimTime, Due)> {
        self.entries.iter().next().map(|((at, ..), due)| (*at, *due))
    }

    /// Takes the earliest entry out.
    pub fn pop(&mut self) -> Option<(SimTime, Due)> {
        self.entries.pop_first().map(|((at, ..), due)| (at, due))
    }

    /// Forgets whatever this worker was going to do.
    pub fn forget(&mut self, worker: WorkerName) {
        self.entries.retain(|_, due| due.doer() != Some(worker));
    }

    /// Forgets the polls for tasks that do not wait any more.
    pub fn forget_polls_except(&mut self, waiting: &[u64]) {
        self.entries
            .retain(|_, due| !matches!(due, Due::Poll { task, .. } if !waiting.contains(task)));
    }

    /// Whether some worker is already on its way to take this task.
    pub fn is_assigned(&self, task_number: u64) -> bool {
        self.entries
            .values()
            .any(|due| matches!(due, Due::Poll { task, .. } if *task == task_number))
    }

    /// Everything that is due, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, Due)> {
        self.entries.iter().map(|((at, ..), due)| (*at, *due))
    }
}
