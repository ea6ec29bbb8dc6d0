//! What workers, clients, faults and the user are going to do, ordered by time. The Service keeps its own timers.
//!
//! Entries are looked up by what they are about, too: when a worker dies, nothing that it was going to do may come. Both
//! ways cost as much as the logarithm of the number of entries, whatever the run is about.

use std::collections::{BTreeMap, BTreeSet};

use super::fault::Verb;
use super::node::{Unsaid, WorkerName};
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
    /// A worker that is partitioned gives up saying something.
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
    /// A client hears what came of a query or an update.
    Hear {
        /// Which of all the answers, from 0.
        reply: u32,
    },
    /// A client gives up waiting for the answer to a query.
    StopWaiting {
        /// Which query.
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
    /// The user and faults come before anything else that is due at the same time: a crash "right after" a step must
    /// not let another step slip in.
    const fn rank(self) -> u8 {
        match self {
            Self::Choose { .. } => 0,
            Self::Intervene { .. } => 1,
            _ => 2,
        }
    }

    /// Whether it also comes before the Service's own timers of that time.
    pub const fn comes_first(self) -> bool {
        matches!(self, Self::Intervene { .. } | Self::Choose { .. })
    }
}

/// What an entry is about. One entry may be about several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    /// Whatever this worker does.
    Doer(WorkerName),
    /// The tasks that a worker is on its way to take; whether they are activities.
    Polls(WorkerName, bool),
    /// A waiting task.
    Task(u64),
    /// A workflow task in a worker's hands.
    WorkflowTask(WorkerName, RunKey),
    /// An attempt of an activity.
    Attempt(WorkerName, ActivityTaskToken),
    /// An attempt at a local activity.
    Local(WorkerName, LocalToken),
    /// What is due by itself within a worker.
    Alarm(WorkerName, RunKey),
    /// What a worker that is partitioned gives up.
    GiveUp(WorkerName),
    /// The end of a worker that leaves.
    Leave(WorkerName),
    /// The start of a worker with other code.
    Launch(WorkerName),
    /// The answer to a query.
    Answer(Ticket),
    /// What the user does.
    Choice,
}

impl Due {
    /// What it is about.
    fn subjects(self) -> impl Iterator<Item = Subject> {
        let (doer, others) = match self {
            Self::Poll { worker, task, activity } => (
                Some(worker),
                [Some(Subject::Polls(worker, activity)), Some(Subject::Task(task))],
            ),
            Self::Activate { worker, run } | Self::AnswerWorkflowTask { worker, run } => {
                (Some(worker), [Some(Subject::WorkflowTask(worker, run)), None])
            }
            Self::Effect { worker, token }
            | Self::Heartbeat { worker, token, .. }
            | Self::AnswerActivity { worker, token } => (Some(worker), [Some(Subject::Attempt(worker, token)), None]),
            Self::LocalEffect { worker, token } | Self::LocalEnd { worker, token } => {
                (Some(worker), [Some(Subject::Local(worker, token)), None])
            }
            Self::Alarm { worker, run } => (Some(worker), [Some(Subject::Alarm(worker, run)), None]),
            Self::GiveUp { worker, .. } => (Some(worker), [Some(Subject::GiveUp(worker)), None]),
            Self::Leave { worker } => (Some(worker), [Some(Subject::Leave(worker)), None]),
            // These are done to a worker, or by nobody: they come even if it is dead.
            Self::Launch { worker, .. } => (None, [Some(Subject::Launch(worker)), None]),
            Self::StopWaiting { ticket } => (None, [Some(Subject::Answer(ticket)), None]),
            Self::Choose { .. } => (None, [Some(Subject::Choice), None]),
            Self::Act | Self::Hear { .. } | Self::Intervene { .. } => (None, [None, None]),
        };
        doer.map(Subject::Doer).into_iter().chain(others.into_iter().flatten())
    }
}

/// When an entry comes: time, rank, and the order in which entries were made.
type Place = (SimTime, u8, u64);

/// Everything that is due.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    entries: BTreeMap<Place, Due>,
    by_subject: BTreeSet<(Subject, Place)>,
    next: u64,
}

impl Agenda {
    /// Makes something due.
    pub fn add(&mut self, at: SimTime, due: Due) {
        let place = (at, due.rank(), self.next);
        self.next += 1;
        self.entries.insert(place, due);
        self.by_subject.extend(due.subjects().map(|subject| (subject, place)));
    }

    /// The time of the earliest entry, and the entry.
    pub fn first(&self) -> Option<(SimTime, Due)> {
        self.entries.first_key_value().map(|((at, ..), due)| (*at, *due))
    }

    /// Takes the earliest entry out.
    pub fn pop(&mut self) -> Option<(SimTime, Due)> {
        let place = *self.entries.first_key_value()?.0;
        self.take_out(place).map(|due| (place.0, due))
    }

    fn take_out(&mut self, place: Place) -> Option<Due> {
        let due = self.entries.remove(&place)?;
        for subject in due.subjects() {
            self.by_subject.remove(&(subject, place));
        }
        Some(due)
    }

    /// Where the entries about a subject are, in order.
    fn about(&self, subject: Subject) -> impl Iterator<Item = Place> {
        let (first, last) = ((SimTime(0), 0, 0), (SimTime(u64::MAX), u8::MAX, u64::MAX));
        let found = self.by_subject.range((subject, first)..=(subject, last));
        found.map(|(_, place)| *place)
    }

    fn forget_about(&mut self, subject: Subject) -> Vec<Due> {
        let places: Vec<Place> = self.about(subject).collect();
        places.into_iter().filter_map(|place| self.take_out(place)).collect()
    }

    /// Forgets whatever this worker was going to do. Returns the tasks that it was on its way to take.
    pub fn forget(&mut self, worker: WorkerName) -> Vec<u64> {
        tasks(&self.forget_about(Subject::Doer(worker)))
    }

    /// Forgets whatever this attempt of an activity was going to do.
    pub fn forget_attempt(&mut self, worker: WorkerName, token: ActivityTaskToken) {
        self.forget_about(Subject::Attempt(worker, token));
    }

    /// Forgets what was still to come of an attempt at a local activity.
    pub fn forget_local(&mut self, of: WorkerName, attempt: LocalToken) {
        self.forget_about(Subject::Local(of, attempt));
    }

    /// Forgets which tasks this worker was going to take, and returns them.
    pub fn forget_polls(&mut self, of: WorkerName) -> Vec<u64> {
        let mut forgotten = self.forget_about(Subject::Polls(of, false));
        forgotten.append(&mut self.forget_about(Subject::Polls(of, true)));
        tasks(&forgotten)
    }

    /// Forgets who was going to take a task that does not wait any more.
    pub fn forget_task(&mut self, task: u64) {
        self.forget_about(Subject::Task(task));
    }

    /// Forgets with which code this worker was going to be started.
    pub fn forget_launches(&mut self, of: WorkerName) {
        self.forget_about(Subject::Launch(of));
    }

    /// Forgets when this worker was going to give up.
    pub fn forget_giving_up(&mut self, of: WorkerName) {
        self.forget_about(Subject::GiveUp(of));
    }

    /// Forgets when a client was going to give up, since its answer has come.
    pub fn forget_waiting(&mut self, for_answer: Ticket) {
        self.forget_about(Subject::Answer(for_answer));
    }

    /// Forgets whatever the user was going to do.
    pub fn forget_choices(&mut self) {
        self.forget_about(Subject::Choice);
    }

    /// Forgets the alarm of a run.
    pub fn forget_alarm(&mut self, of: WorkerName, about: RunKey) {
        self.forget_about(Subject::Alarm(of, about));
    }

    /// Whether a worker is about to go on with its task of a run.
    pub fn works_on(&self, of: WorkerName, about: RunKey) -> bool {
        self.about(Subject::WorkflowTask(of, about)).next().is_some()
    }

    /// Whether this worker is about to leave.
    pub fn leaves(&self, of: WorkerName) -> bool {
        self.about(Subject::Leave(of)).next().is_some()
    }

    /// How many activities a worker is on its way to take: no more than it has slots.
    pub fn activity_polls(&self, of: WorkerName) -> u32 {
        u32::try_from(self.about(Subject::Polls(of, true)).count()).unwrap_or(u32::MAX)
    }

    /// Everything that is due, in order.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, Due)> {
        self.entries.iter().map(|((at, ..), due)| (*at, *due))
    }
}

fn tasks(forgotten: &[Due]) -> Vec<u64> {
    let tasks = forgotten.iter().filter_map(|due| match due {
        Due::Poll { task, .. } => Some(*task),
        _ => None,
    });
    tasks.collect()
}
