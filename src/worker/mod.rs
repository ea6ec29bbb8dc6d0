//! A worker: takes tasks, runs workflow code, keeps it in memory between tasks, rebuilds it from history when it has to.
//!
//! It must survive being given any lawful history, and it knows nothing of the Service's insides, of the outside world
//! or of the simulation. Running and replaying are one code path: "replaying" is only a fact about the position in
//! history.
//!
//! [`activation`] cuts a history into what one activation sees; [`machines`] meets what the code asks for against what
//! history says; [`execution`] is one run in memory, driven one activation at a time; [`sdk`] is the only file that
//! names the SDK's private seam; [`registry`] says which code there is.

pub mod activation;
pub mod execution;
pub mod machines;
pub mod registry;
mod sdk;

use self::execution::{Activated, Execution};
use self::registry::Registry;
use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::contract::answer::{Sticky, WorkflowTaskAnswer};
use crate::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use crate::history::proto::{Failure, WorkflowTaskFailedCause};

/// How long a task may wait in a sticky queue before it goes back to the normal one (Core's default).
pub const STICKY_SCHEDULE_TO_START: Span = Span::secs(10);

/// A worker's memory: everything that a crash loses.
pub struct Worker {
    sticky_queue: String,
    registry: Registry,
    cache: SortedMap<RunKey, Execution>,
    tasks: SortedMap<RunKey, TaskInHand>,
}

/// A workflow task that a worker has taken and not answered yet.
struct TaskInHand {
    token: WorkflowTaskToken,
    failure: Option<TaskFailure>,
    first_of_run: bool,
}

/// Why workflow code could not be run.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFailure {
    /// For machines.
    pub cause: WorkflowTaskFailedCause,
    /// For people.
    pub failure: Box<Failure>,
}

impl Worker {
    /// A worker process that has just started, with nothing in memory. `sticky_queue` must be new with every start.
    pub fn new(registry: Registry, sticky_queue: String) -> Self {
        Self {
            sticky_queue,
            registry,
            cache: SortedMap::new(),
            tasks: SortedMap::new(),
        }
    }

    /// The queue of its own that it polls for runs it has in memory.
    pub fn sticky_queue(&self) -> &str {
        &self.sticky_queue
    }

    /// The runs it has in memory, and up to which event.
    pub fn cached(&self) -> impl Iterator<Item = (RunKey, &Execution)> {
        self.cache.iter().map(|(run, execution)| (*run, execution))
    }

    /// Takes a workflow task. Its work is done by [`Self::activate`], one activation a call.
    pub fn take(&mut self, task: WorkflowTask) {
        let run = task.token.run;
        let first_of_run = task.previous_started_event_id == 0;
        let has_beginning = task.events.first().is_some_and(|event| event.event_id == 1);
        let in_hand = TaskInHand {
            token: task.token,
            failure: None,
            first_of_run,
        };
        if has_beginning {
            self.cache.insert(run, Execution::new(&task));
        }
        if let Some(execution) = self.cache.get_mut(&run) {
            execution.begin(task);
        }
        self.tasks.insert(run, in_hand);
    }

    /// Whether there is more to run before the task can be answered.
    pub fn has_more(&self, run: RunKey) -> bool {
        let failed = self.tasks.get(&run).is_none_or(|task| task.failure.is_some());
        !failed && self.cache.get(&run).is_some_and(Execution::has_more)
    }

    /// Runs one activation of the task in hand: a stretch of replay, or the new part.
    pub fn activate(&mut self, run: RunKey) -> Option<Activated> {
        let execution = self.cache.get_mut(&run)?;
        let task = self.tasks.get_mut(&run)?;
        match execution.activate(&self.registry) {
            Ok(activated) => Some(activated),
            Err(failure) => {
                task.failure = Some(failure);
                None
            }
        }
    }

    /// Why the task in hand could not be run.
    pub fn failure_message(&self, run: RunKey) -> Option<String> {
        self.tasks
            .get(&run)?
            .failure
            .as_ref()
            .map(|failure| failure.failure.message.clone())
    }

    /// The answer to the task in hand. `None` where Core keeps silent: a failure after the first attempt is not
    /// reported again, the task is left to time out.
    pub fn answer(&mut self, run: RunKey) -> Option<(WorkflowTaskToken, Option<WorkflowTaskAnswer>)> {
        let task = self.tasks.remove(&run)?;
        let answer = match task.failure {
            Some(TaskFailure { cause, failure }) => {
                self.cache.remove(&run);
                (task.token.attempt <= 1).then_some(WorkflowTaskAnswer::Failed { cause, failure })
            }
            None => {
                let commands = self
                    .cache
                    .get_mut(&run)
                    .map(Execution::take_commands)
                    .unwrap_or_default();
                let sticky = Sticky {
                    queue: self.sticky_queue.clone(),
                    schedule_to_start: STICKY_SCHEDULE_TO_START,
                };
                let answer = WorkflowTaskAnswer::Completed {
                    commands,
                    sticky: Some(sticky),
                    first_of_run: task.first_of_run,
                    queries: Vec::new(),
                    wants_next_task: false,
                };
                Some(answer)
            }
        };
        Some((task.token, answer))
    }

    /// Forgets a run: its task was lost, or it is closed.
    pub fn evict(&mut self, run: RunKey) {
        self.cache.remove(&run);
        self.tasks.remove(&run);
    }
}
