//! A worker: takes tasks, runs workflow code, keeps it in memory between tasks, rebuilds it from history when it has to.
//!
//! It must survive being given any lawful history, and it knows nothing of the Service's insides, of the outside world
//! or of the simulation. Running and replaying are one code path: "replaying" is only a fact about the position in
//! history.
//!
//! [`cut`] cuts a history into what one activation sees; [`activation`] is what the code is told, [`request`] what it
//! asks for; `machines` meets the one against the other; [`execution`] is one run in memory, driven one activation at a
//! time; [`nondeterminism`] makes sense of a disagreement; [`local`] and `local_attempts` run activities inside the worker;
//! [`replay`] does it all for a history that is nobody's task. `sdk` is the only place that names the SDK's private
//! seam; [`registry`] says which code there is.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod activation;
pub mod cut;
pub mod execution;
pub mod local;
mod local_attempts;
mod machines;
pub mod nondeterminism;
pub mod registry;
pub mod replay;
pub mod request;
mod sdk;
pub mod source;

// For whoever speaks to the SDK's converters, as a guest's world does.
pub(crate) use self::sdk::convert::{from_sdk, to_sdk};

use self::execution::{Activated, Execution};
use self::local::{LocalActivityTask, LocalOutcome};
use self::nondeterminism::Mismatch;
use self::registry::Registry;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::{QueryAnswer, Sticky, WorkflowTaskAnswer};
use crate::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use crate::history::proto::{Failure, HistoryEvent, WorkflowTaskFailedCause};
use crate::history::timestamp::Timestamp;

/// How long a task may wait in a sticky queue before it goes back to the normal one (Core's default).
pub const STICKY_SCHEDULE_TO_START: Span = Span::secs(10);

/// How many runs a worker keeps in memory (Core's default).
pub const CACHE_SIZE: u32 = 1_000;

/// A task that waits for local activities is answered when this part of its time is over, in percent (Core's
/// `WFT_HEARTBEAT_TIMEOUT_FRACTION`).
const HEARTBEAT_PERCENT: u64 = 80;

/// How long a workflow task may take if the run does not say.
const TASK_TIMEOUT: Span = Span::secs(10);

/// A worker's memory: everything that a crash loses.
pub struct Worker {
    sticky_queue: String,
    registry: Registry,
    cache_size: u32,
    cache: SortedMap<RunKey, Cached>,
    tasks: SortedMap<RunKey, TaskInHand>,
    /// Tasks of runs that have one in hand already.
    buffered: Vec<WorkflowTask>,
    uses: u64,
}

struct Cached {
    execution: Execution,
    last_used: u64,
}

/// A workflow task that a worker has taken and not answered yet.
struct TaskInHand {
    token: WorkflowTaskToken,
    events: Vec<HistoryEvent>,
    failure: Option<TaskFailure>,
    first_of_run: bool,
    /// The task only brings queries.
    query_id: Option<u64>,
    started: SimTime,
    heartbeat_is_due: bool,
}

/// Why workflow code could not be run.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskFailure {
    /// For machines.
    pub cause: WorkflowTaskFailedCause,
    /// For people.
    pub failure: Box<Failure>,
    /// What exactly does not go together, if code and history disagree.
    pub mismatch: Option<Box<Mismatch>>,
}

impl Worker {
    /// A worker process that has just started, with nothing in memory. `sticky_queue` must be new with every start.
    pub fn new(registry: Registry, sticky_queue: String) -> Self {
        Self {
            sticky_queue,
            registry,
            cache_size: CACHE_SIZE,
            cache: SortedMap::new(),
            tasks: SortedMap::new(),
            buffered: Vec::new(),
            uses: 0,
        }
    }

    /// Keeps at most so many runs in memory; with 0, every task is a replay and nothing comes from a sticky queue.
    #[must_use]
    pub const fn with_cache(mut self, runs: u32) -> Self {
        self.cache_size = runs;
        self
    }

    /// The queue of its own that it polls for runs it has in memory.
    pub fn sticky_queue(&self) -> &str {
        &self.sticky_queue
    }

    /// The runs it has in memory, and up to which event.
    pub fn cached(&self) -> impl Iterator<Item = (RunKey, &Execution)> {
        self.cache.iter().map(|(run, cached)| (*run, &cached.execution))
    }

    /// Whether it has anything of this run in memory or in hand.
    pub fn remembers(&self, run: RunKey) -> bool {
        self.cache.contains_key(&run) || self.tasks.contains_key(&run)
    }

    /// Whether the whole history must be added to a task before [`Self::take`]: it brings the news only, and the run
    /// is not in memory (any more), or misses something in between. A real worker fetches it from the Service.
    pub fn needs_history(&self, task: &WorkflowTask) -> bool {
        let first = task.events.first().map(|event| event.event_id);
        match (first, self.cache.get(&task.token.run)) {
            (Some(1), _) | (None, Some(_)) => false,
            (Some(first), Some(cached)) => first > cached.execution.seen_event_id() + 1,
            (_, None) => true,
        }
    }

    /// Puts the beginning of the history, up to the task's own first event, before a task that
    /// [needs it](Self::needs_history).
    pub fn add_history(task: &mut WorkflowTask, history: &[HistoryEvent]) {
        let first = task.events.first().map_or(i64::MAX, |event| event.event_id);
        let before = history.iter().filter(|event| event.event_id < first).cloned();
        task.events = before.chain(std::mem::take(&mut task.events)).collect();
    }

    /// Takes a workflow task. Its work is done by [`Self::activate`], one activation a call. A run that has a task in
    /// hand keeps the new one for later.
    pub fn take(&mut self, mut task: WorkflowTask) {
        let run = task.token.run;
        if self.tasks.contains_key(&run) {
            self.buffered.push(task);
            return;
        }
        let is_query = task.started_event_id == 0;
        let started = task.events.last().and_then(|event| event.event_time);
        let started = started.map(Timestamp::sim_time).unwrap_or_default();
        let has_beginning = task.events.first().is_some_and(|event| event.event_id == 1);
        let cannot_begin = !has_beginning && self.needs_history(&task);
        let mut in_hand = TaskInHand {
            token: task.token,
            events: std::mem::take(&mut task.events),
            failure: None,
            first_of_run: task.previous_started_event_id == 0,
            query_id: is_query.then(|| task.queries.first().map_or(0, |asked| asked.query_id)),
            started,
            heartbeat_is_due: false,
        };
        if cannot_begin {
            in_hand.failure = Some(execution::unhandled(
                "the run is not in memory, and the task does not bring its whole history".to_owned(),
            ));
        } else {
            if has_beginning {
                self.make_room(run);
                let execution = Execution::new(&task);
                self.cache.insert(
                    run,
                    Cached {
                        execution,
                        last_used: 0,
                    },
                );
            }
            self.uses += 1;
            if let Some(cached) = self.cache.get_mut(&run) {
                cached.last_used = self.uses;
                cached.execution.begin(&mut task, &in_hand.events);
            }
        }
        self.tasks.insert(run, in_hand);
    }

    /// Whether a task of this run is in hand.
    pub fn has_task(&self, run: RunKey) -> bool {
        self.tasks.contains_key(&run)
    }

    /// Whether the task in hand only asks something; it is answered by [`Self::answer_query`].
    pub fn is_query(&self, run: RunKey) -> bool {
        self.tasks.get(&run).is_some_and(|task| task.query_id.is_some())
    }

    /// Whether there is more to run before the task can be answered.
    pub fn has_more(&self, run: RunKey) -> bool {
        let failed = self.tasks.get(&run).is_none_or(|task| task.failure.is_some());
        !failed && self.cache.get(&run).is_some_and(|cached| cached.execution.has_more())
    }

    /// Runs one activation of the task in hand: a stretch of replay, the new part, what came of the code's own requests,
    /// or the task's queries. `None` if the code could not be run, see [`Self::failure_message`].
    pub fn activate(&mut self, run: RunKey, now: SimTime) -> Option<Activated> {
        let cached = self.cache.get_mut(&run)?;
        let task = self.tasks.get_mut(&run)?;
        match cached.execution.activate(&task.events, &self.registry, now) {
            Ok(activated) => Some(activated),
            Err(failure) => {
                task.failure = Some(failure);
                None
            }
        }
    }

    /// Why the task in hand could not be run.
    pub fn failure_message(&self, run: RunKey) -> Option<String> {
        self.failure(run).map(|failure| failure.failure.message.clone())
    }

    /// Why the task in hand could not be run, with what exactly does not go together.
    pub fn failure(&self, run: RunKey) -> Option<&TaskFailure> {
        self.tasks.get(&run)?.failure.as_ref()
    }

    // ---- Local activities.

    /// The local activities of a run that are to be begun now; each attempt is told once. Ask after every
    /// [`Self::activate`] and [`Self::alarm`].
    pub fn local_activities(&mut self, run: RunKey, now: SimTime) -> Vec<LocalActivityTask> {
        let cached = self.cache.get_mut(&run);
        cached.map_or_else(Vec::new, |cached| cached.execution.local_activities(run, now))
    }

    /// The local activities of a run that are not wanted any more, as number and attempt; each is told once. Ask when
    /// asking for those to begin.
    pub fn stopping_local_activities(&mut self, run: RunKey) -> Vec<(u32, u32)> {
        let cached = self.cache.get_mut(&run);
        cached.map_or_else(Vec::new, |cached| cached.execution.stopping_local_activities())
    }

    /// An attempt at a local activity has ended. Nothing happens if nobody waits for it any more. Afterwards there may
    /// be more to run.
    pub fn resolve_local(&mut self, run: RunKey, seq: u32, attempt: u32, outcome: LocalOutcome, now: SimTime) {
        let Some(cached) = self.cache.get_mut(&run) else {
            return;
        };
        let mut task = self.tasks.get_mut(&run);
        let ended = cached
            .execution
            .end_locally((seq, attempt), outcome, now, task.is_some());
        if let (Err(failure), Some(task)) = (ended, &mut task) {
            task.failure = Some(failure);
        }
    }

    /// Whether the answer to the task in hand is held back, because local activities are still running.
    pub fn waits_for_local(&self, run: RunKey) -> bool {
        let (Some(task), Some(cached)) = (self.tasks.get(&run), self.cache.get(&run)) else {
            return false;
        };
        let can_answer = task.failure.is_some()
            || task.heartbeat_is_due
            || task.query_id.is_some()
            || cached.execution.has_answers()
            || cached.execution.has_more();
        !can_answer && cached.execution.has_local_activities()
    }

    /// When something happens to a run by itself: a retry of a local activity, its time limit, or the task must be
    /// answered before it times out. To be told with [`Self::alarm`].
    pub fn next_alarm(&self, run: RunKey) -> Option<SimTime> {
        let cached = self.cache.get(&run)?;
        let heartbeat = self.waits_for_local(run).then(|| self.heartbeat_at(run)).flatten();
        let local = cached.execution.next_local_alarm();
        heartbeat.into_iter().chain(local).min()
    }

    /// The time of [`Self::next_alarm`] has come. Afterwards there may be local activities to begin, more to run, or
    /// the task wants to be answered.
    pub fn alarm(&mut self, run: RunKey, now: SimTime) {
        let heartbeat = self.waits_for_local(run) && self.heartbeat_at(run).is_some_and(|at| at <= now);
        let Some(cached) = self.cache.get_mut(&run) else {
            return;
        };
        let mut task = self.tasks.get_mut(&run);
        let rung = cached.execution.local_alarm(now, task.is_some());
        let Some(task) = &mut task else { return };
        if let Err(failure) = rung {
            task.failure = Some(failure);
        }
        task.heartbeat_is_due |= heartbeat;
    }

    fn heartbeat_at(&self, run: RunKey) -> Option<SimTime> {
        let limit = self.cache.get(&run)?.execution.task_timeout();
        let limit = limit.filter(|limit| !limit.is_zero()).unwrap_or(TASK_TIMEOUT);
        Some(self.tasks.get(&run)?.started + Span(limit.0 / 100 * HEARTBEAT_PERCENT))
    }

    // ---- Answers.

    /// The answer to the task in hand. `None` where Core keeps silent: a failure after the first attempt is not
    /// reported again, the task is left to time out.
    pub fn answer(&mut self, run: RunKey) -> Option<(WorkflowTaskToken, Option<WorkflowTaskAnswer>)> {
        let task = self.tasks.remove(&run)?;
        let answer = match (task.failure, self.cache.get_mut(&run)) {
            (Some(TaskFailure { cause, failure, .. }), _) => {
                self.cache.remove(&run);
                (task.token.attempt <= 1).then_some(WorkflowTaskAnswer::Failed { cause, failure })
            }
            (None, cached) => {
                let (mut commands, mut user_metadata) = (Vec::new(), Vec::new());
                let (mut queries, mut wants_next_task) = (Vec::new(), false);
                if let Some(Cached { execution, .. }) = cached {
                    (commands, user_metadata) = execution.take_commands().into_iter().unzip();
                    queries = execution.take_answers();
                    wants_next_task = execution.has_local_activities();
                }
                let sticky = (self.cache_size > 0).then(|| Sticky {
                    queue: self.sticky_queue.clone(),
                    schedule_to_start: STICKY_SCHEDULE_TO_START,
                });
                if self.cache_size == 0 && !wants_next_task {
                    self.cache.remove(&run);
                }
                Some(WorkflowTaskAnswer::Completed {
                    commands,
                    user_metadata,
                    sticky,
                    first_of_run: task.first_of_run,
                    queries,
                    wants_next_task,
                })
            }
        };
        Some((task.token, answer))
    }

    /// The answer to a task that only asked something.
    pub fn answer_query(&mut self, run: RunKey) -> Option<QueryAnswer> {
        let query_id = self.tasks.get(&run)?.query_id?;
        let task = self.tasks.remove(&run)?;
        let answers = self.cache.get_mut(&run).map(|cached| cached.execution.take_answers());
        let answer = match task.failure {
            Some(TaskFailure { failure, .. }) => {
                self.cache.remove(&run);
                QueryAnswer {
                    query_id,
                    outcome: Err(failure),
                }
            }
            None => answers.unwrap_or_default().pop().unwrap_or_else(|| QueryAnswer {
                query_id,
                outcome: Err(execution::unhandled("nobody has answered".to_owned()).failure),
            }),
        };
        if self.cache_size == 0 {
            self.cache.remove(&run);
        }
        Some(answer)
    }

    /// Forgets a run: its task was lost, or it is closed.
    pub fn evict(&mut self, run: RunKey) {
        self.cache.remove(&run);
        self.tasks.remove(&run);
    }

    /// A task that came while another of the same run was in hand. Ask after each answer, and take it then.
    pub fn next_buffered(&mut self, run: RunKey) -> Option<WorkflowTask> {
        let at = self.buffered.iter().position(|task| task.token.run == run)?;
        Some(self.buffered.remove(at))
    }

    /// Forgets the run that was used least recently, if there is no room for another.
    fn make_room(&mut self, run: RunKey) {
        let size = self.cache_size.max(1) as usize;
        while !self.cache.contains_key(&run) && self.cache.len() >= size {
            let idle = self.cache.iter().filter(|(run, _)| !self.tasks.contains_key(run));
            let Some((run, _)) = idle.min_by_key(|(_, cached)| cached.last_used) else {
                return;
            };
            let run = *run;
            self.cache.remove(&run);
        }
    }
}
