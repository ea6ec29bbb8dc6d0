//! What the workers were given, in order: enough to bring a worker's memory back to any moment.
//!
//! A run in a worker's memory cannot be copied: it is the workflow's own future, half run. But it is a function of the
//! tasks that the worker took, of when its code ran and what the machine showed then, and of what its local activities
//! came to. That is kept here, for all workers of a world; events that are in a history are not kept twice. A worker is
//! [rebuilt](Tape::rebuild) by being given the same again: the runs that it remembers, each from where its memory
//! begins. So a moment may lie anywhere: within a workflow task, between a query and its answer, while local activities
//! run.

use super::node::WorkerName;
use crate::base::growing::GrowingList;
use crate::base::impure;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{RunKey, WorkflowTask};
use crate::history::log::EventLog;
use crate::history::proto::HistoryEvent;
use crate::service::Service;
use crate::worker::Worker;
use crate::worker::local::LocalOutcome;

/// What the workers were given.
#[derive(Clone, Debug, Default)]
pub(super) struct Tape {
    given: GrowingList<Given>,
    /// Where the memory that a worker has of a run begins, or had.
    begins: SortedMap<(WorkerName, RunKey), usize>,
}

/// Something that a worker was given.
#[derive(Clone, Debug, PartialEq)]
struct Given {
    worker: WorkerName,
    run: RunKey,
    what: Input,
}

/// What a worker was given.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Input {
    /// It took a workflow task.
    Task(Box<TakenTask>),
    /// It took the task that had waited in it.
    Buffered,
    /// It ran the code.
    Activation {
        /// When, by the machine's clock.
        at: SimTime,
        /// How the machine's dice fell.
        luck: u64,
    },
    /// It began local activities, or told some that they are not wanted any more.
    LocalBegin {
        /// When.
        at: SimTime,
    },
    /// A local activity ended.
    LocalEnd {
        /// Its number.
        seq: u32,
        /// Which attempt.
        attempt: u32,
        /// How.
        outcome: Box<LocalOutcome>,
        /// When.
        at: SimTime,
    },
    /// What was due by then happened within it.
    Alarm {
        /// When.
        at: SimTime,
    },
    /// It answered the task.
    Answer,
    /// It answered a task that only asked a query.
    QueryAnswer,
}

/// A workflow task, without the events that stand in the run's history.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct TakenTask {
    /// Its events are those after [`Self::written`].
    task: WorkflowTask,
    /// The first and the last of its events that are in the history; the last is before the first if there are none.
    written: (i64, i64),
}

impl TakenTask {
    /// A task, with the history of its run as it is now.
    pub(super) fn of(task: &WorkflowTask, log: &EventLog) -> Self {
        let is_written = |event: &&HistoryEvent| log.get(event.event_id) == Some(event);
        let count = task.events.iter().take_while(is_written).count();
        let first = task.events.first().map_or(1, |event| event.event_id);
        let last = task.events[..count].last().map_or(first - 1, |event| event.event_id);
        Self {
            task: WorkflowTask {
                workflow_id: task.workflow_id.clone(),
                run_id: task.run_id.clone(),
                workflow_type: task.workflow_type.clone(),
                task_queue: task.task_queue.clone(),
                events: task.events[count..].to_vec(),
                queries: task.queries.clone(),
                updates: task.updates.clone(),
                ..*task
            },
            written: (first, last),
        }
    }

    /// The task as it was taken. The history may have grown since.
    fn task(&self, log: &EventLog) -> WorkflowTask {
        let (first, last) = self.written;
        let mut task = self.task.clone();
        let written = log.since(first - 1).iter().take_while(|event| event.event_id <= last);
        task.events = written.cloned().chain(std::mem::take(&mut task.events)).collect();
        task
    }
}

impl Tape {
    /// Writes down what a worker is given.
    pub(super) fn put(&mut self, worker: WorkerName, run: RunKey, what: Input) {
        self.given.push(Given { worker, run, what });
    }

    /// The same for a task that begins the worker's memory of the run, or may replace it: what was before does not
    /// matter any more.
    pub(super) fn put_beginning(&mut self, worker: WorkerName, run: RunKey, task: TakenTask) {
        self.begins.insert((worker, run), self.given.len());
        self.put(worker, run, Input::Task(Box::new(task)));
    }

    /// How much was given so far.
    pub(super) fn len(&self) -> usize {
        self.given.len()
    }

    /// Where a worker's memory of each run begins that it remembers.
    pub(super) fn memory(&self, name: WorkerName, worker: &Worker) -> Vec<(RunKey, usize)> {
        let all = self.begins.iter().filter(|((of, _), _)| *of == name);
        all.map(|((_, run), begin)| (*run, *begin))
            .filter(|(run, _)| worker.remembers(*run))
            .collect()
    }

    /// The tape as it was when so much had been given, and when the workers had these memories.
    pub(super) fn up_to(&self, len: usize, memories: impl Iterator<Item = (WorkerName, RunKey, usize)>) -> Self {
        Self {
            given: self.given.prefix(len),
            begins: memories.map(|(worker, run, begin)| ((worker, run), begin)).collect(),
        }
    }

    /// Where a worker's memory begins.
    pub(super) fn first(&self, name: WorkerName) -> usize {
        let of_worker = self.begins.iter().filter(|((of, _), _)| *of == name);
        let first = of_worker.map(|(_, begin)| *begin).min();
        first.unwrap_or(self.given.len())
    }

    /// Gives a worker that has nothing in memory some more of what makes up its memory: from a place on, at most so much.
    /// Returns the place to go on from; `None` once it has everything.
    pub(super) fn rebuild(
        &self,
        name: WorkerName,
        from: usize,
        most: usize,
        worker: &mut Worker,
        service: &Service,
    ) -> Option<usize> {
        let until = from.saturating_add(most).min(self.given.len());
        for (place, given) in (from..).zip(&self.given[from..until]) {
            let begin = self.begins.get(&(name, given.run));
            if given.worker == name && begin.is_some_and(|begin| *begin <= place) {
                given.what.give(worker, given.run, service);
            }
        }
        (until < self.given.len()).then_some(until)
    }

    /// Copies some more of what it shares with the past of another world. True once it has its own.
    pub(super) fn own(&mut self, most: usize) -> bool {
        self.given.own(most)
    }
}

impl Input {
    /// Gives it to a worker. What the worker says to it is known.
    fn give(&self, worker: &mut Worker, run: RunKey, service: &Service) {
        match self {
            Self::Task(taken) => worker.take(taken.task(&service.run(run).log)),
            Self::Buffered => {
                worker.next_buffered(run);
            }
            Self::Activation { at, luck } => {
                impure::show(*at, *luck);
                worker.activate(run, *at);
            }
            Self::LocalBegin { at } => {
                worker.local_activities(run, *at);
                worker.stopping_local_activities(run);
            }
            Self::LocalEnd {
                seq,
                attempt,
                outcome,
                at,
            } => worker.resolve_local(run, *seq, *attempt, (**outcome).clone(), *at),
            Self::Alarm { at } => worker.alarm(run, *at),
            Self::Answer => {
                worker.answer(run);
            }
            Self::QueryAnswer => {
                worker.answer_query(run);
            }
        }
    }
}
