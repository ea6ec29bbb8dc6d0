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
pub mod local;
pub mod machines;
pub mod registry;
mod sdk;

use self::execution::{Activated, Execution};
use self::local::{LocalActivityTask, LocalOutcome};
use self::registry::Registry;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
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

    /// Whether the whole history must be added to a task before [`Self::take`]: it brings the news only, and the run
    /// is not in memory (any more).
    pub fn needs_history(&self, task: &WorkflowTask) -> bool {
        let first = task.events.first().map_or(i64::MAX, |event| event.event_id);
        first != 1 && !self.cache.contains_key(&task.token.run)
    }

    /// The local activities of a run that are to be begun now; each attempt is told once. Ask after every
    /// [`Self::activate`] and [`Self::alarm`].
    pub fn local_activities(&mut self, run: RunKey, now: SimTime) -> Vec<LocalActivityTask> {
        let _ = (run, now);
        Vec::new()
    }

    /// An attempt at a local activity has ended. Nothing happens if nobody waits for it any more. Afterwards there may
    /// be more to run, or the task can be answered.
    pub fn resolve_local(&mut self, run: RunKey, seq: u32, attempt: u32, outcome: LocalOutcome, now: SimTime) {
        let _ = (run, seq, attempt, outcome, now);
    }

    /// Whether the answer to the task in hand is held back, because local activities are still running.
    pub fn waits_for_local(&self, run: RunKey) -> bool {
        let _ = run;
        false
    }

    /// When something happens to a run by itself: a retry of a local activity, its time limit, or the task must be
    /// answered before it times out. To be told with [`Self::alarm`].
    pub fn next_alarm(&self, run: RunKey) -> Option<SimTime> {
        let _ = run;
        None
    }

    /// The time of [`Self::next_alarm`] has come. Afterwards there may be local activities to begin, more to run, or
    /// the task wants to be answered.
    pub fn alarm(&mut self, run: RunKey, now: SimTime) {
        let _ = (run, now);
    }

    /// Runs one activation of the task in hand: a stretch of replay, or the new part.
    pub fn activate(&mut self, run: RunKey, now: SimTime) -> Option<Activated> {
        let _ = now;
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
