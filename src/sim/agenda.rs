//! What workers, clients, faults and the user are going to do, ordered by time. The Service keeps its own timers.

use super::fault::Verb;
use super::node::{Unsaid, WorkerName};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::request::Ticket;
use crate::contract::task::{ActivityTaskToken, RunKey};

/// Names an attempt at a local activity within one worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct LocalToken {
    /// The run.
    pub run: RunKey,
    /// Its number among the run's activities.
    pub seq: u32,
    /// From 1.
    pub attempt: u32,
}

/// Something that will happen at a certain time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Due {
    /// A worker takes a waiting task.
    Poll {
        /// Which worker.
        worker: WorkerName,
        /// Which task, by its number in the queues.
        task: u64,
        /// It is an activity task.
        activity: bool,
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
    /// A worker passes on the progress of an attempt.
    Heartbeat {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
        /// Which of the attempt's reports, from 1.
        beat: u64,
    },
    /// A worker's answer to an activity attempt reaches the Service.
    AnswerActivity {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
    },
    /// A local activity does what it does to the world.
    LocalEffect {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: LocalToken,
    },
    /// A local activity returns.
    LocalEnd {
        /// Which worker.
        worker: WorkerName,
        /// Which attempt.
        token: LocalToken,
    },
    /// Something is due within a worker: a retry of a local activity, its limit, or the end of the time for a task.
    Alarm {
        /// Which worker.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
    },
    /// A worker that is cut off gives up saying something.
    GiveUp {
        /// Which worker.
        worker: WorkerName,
        /// What.
        what: Unsaid,
    },
    /// A worker that has finished what it had in hand leaves.
    Leave {
        /// Which worker.
        worker: WorkerName,
    },
    /// A worker that has left is started with other code.
    Launch {
        /// Which worker.
        worker: WorkerName,
        /// Which version.
        code: u8,
    },
    /// A client or an operator does the next thing in the script.
    Act,
    /// A client hears what came of a question or an update.
    Hear {
        /// Which of all the answers, from 0.
        reply: u32,
    },
    /// A client gives up waiting for the answer to a question.
    StopWaiting {
        /// Which question.
        ticket: Ticket,
    },
    /// The user does something.
    Choose {
        /// Which of the run's choices, from 0.
        choice: u32,
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
            | Self::Heartbeat { worker, .. }
            | Self::AnswerActivity { worker, .. }
            | Self::LocalEffect { worker, .. }
            | Self::LocalEnd { worker, .. }
            | Self::Alarm { worker, .. }
            | Self::GiveUp { worker, .. }
            | Self::Leave { worker } => Some(worker),
            Self::Launch { .. }
            | Self::Act
            | Self::Hear { .. }
            | Self::StopWaiting { .. }
            | Self::Choose { .. }
            | Self::Intervene { .. } => None,
        }
    }

    /// The attempt of an activity that goes on with it.
    const fn attempt(self) -> Option<(WorkerName, ActivityTaskToken)> {
        match self {
            Self::Effect { worker, token }
            | Self::Heartbeat { worker, token, .. }
            | Self::AnswerActivity { worker, token } => Some((worker, token)),
            _ => None,
        }
    }

    /// Faults and the user come before anything else that is due at the same time: a crash "right after" a step must
    /// not let another step slip in.
    const fn rank(self) -> u8 {
        if self.comes_first() { 0 } else { 1 }
    }

    /// Whether it also comes before the Service's own timers of that time.
    pub const fn comes_first(self) -> bool {
        matches!(self, Self::Intervene { .. } | Self::Choose { .. })
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

    /// Forgets whatever this attempt of an activity was going to do.
    pub fn forget_attempt(&mut self, worker: WorkerName, token: ActivityTaskToken) {
        self.entries.retain(|_, due| due.attempt() != Some((worker, token)));
    }

    /// Forgets what was still to come of an attempt at a local activity.
    pub fn forget_local(&mut self, of: WorkerName, attempt: LocalToken) {
        self.entries.retain(|_, due| {
            !matches!(due, Due::LocalEffect { worker, token } | Due::LocalEnd { worker, token }
                if *worker == of && *token == attempt)
        });
    }

    /// Forgets which tasks this worker was going to take.
    pub fn forget_polls(&mut self, of: WorkerName) {
        self.entries
            .retain(|_, due| !matches!(due, Due::Poll { worker, .. } if *worker == of));
    }

    /// Forgets with which code this worker was going to be started.
    pub fn forget_launches(&mut self, of: WorkerName) {
        self.entries
            .retain(|_, due| !matches!(due, Due::Launch { worker, .. } if *worker == of));
    }

    /// Forgets when this worker was going to give up.
    pub fn forget_giving_up(&mut self, of: WorkerName) {
        self.entries
            .retain(|_, due| !matches!(due, Due::GiveUp { worker, .. } if *worker == of));
    }

    /// Forgets when a client was going to give up, since its answer has come.
    pub fn forget_waiting(&mut self, for_answer: Ticket) {
        self.entries
            .retain(|_, due| !matches!(due, Due::StopWaiting { ticket } if *ticket == for_answer));
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

    /// Forgets the alarm of a run.
    pub fn forget_alarm(&mut self, of: WorkerName, about: RunKey) {
        self.entries
            .retain(|_, due| !matches!(due, Due::Alarm { worker, run } if *worker == of && *run == about));
    }

    /// Whether a worker is about to go on with its task of a run.
    pub fn works_on(&self, of: WorkerName, about: RunKey) -> bool {
        self.entries.values().any(|due| {
            matches!(due, Due::Activate { worker, run } | Due::AnswerWorkflowTask { worker, run }
                if *worker == of && *run == about)
        })
    }

    /// Whether this worker is about to leave.
    pub fn leaves(&self, of: WorkerName) -> bool {
        self.entries
            .values()
            .any(|due| matches!(due, Due::Leave { worker } if *worker == of))
    }

    /// How many activities a worker is on its way to take.
    pub fn activity_polls(&self, of: WorkerName) -> u32 {
        let polls = self
            .entries
            .values()
            .filter(|due| matches!(due, Due::Poll { worker, activity: true, .. } if *worker == of));
        u32::try_from(polls.count()).unwrap_or(u32::MAX)
    }

    /// Everything that is due, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, Due)> {
        self.entries.iter().map(|((at, ..), due)| (*at, *due))
    }
}
