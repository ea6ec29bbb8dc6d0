//! What is durable of a run and stands in none of its events: attempts and their backoffs, what a heartbeat reported,
//! the workflow task at hand, written or not, which worker has the run in memory, who waits for what, and the events
//! that have to wait. Everything else is in the fold of the history.
//!
//! Data only; each machine changes its part.

use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::Sticky;
use crate::contract::request::{Query, Ticket, Update};
use crate::contract::task::Poller;
use crate::history::proto::{Failure, HistoryEvent, Payloads, TaskQueue, TaskQueueKind};

/// All of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Unwritten {
    /// Events that happened while a workflow task was running and have no id yet.
    pub buffer: Vec<HistoryEvent>,
    /// Of each activity that has not ended the attempt that is due, by the id of its ActivityTaskScheduled.
    pub attempts: SortedMap<i64, PendingAttempt>,
    /// What is going on between the run, its workers and its clients.
    pub hand: InHand,
}

/// What is going on between a run, its workers and its clients. Small: a transaction remembers how it was.
#[derive(Clone, Debug, PartialEq)]
pub struct InHand {
    /// The workflow task that is scheduled or running; at most one. If it is written, the fold has it too.
    pub workflow_task: Option<PendingWorkflowTask>,
    /// Attempt number of the next workflow task, from 1.
    pub workflow_task_attempt: u32,
    /// Where the worker that has the run in memory wants its tasks.
    pub sticky: Option<Sticky>,
    /// The workflow tried to close while there was news; until its next answer, no more news is taken.
    pub close_attempted: bool,
    /// Updates that have no outcome yet, in the order in which they were admitted.
    pub updates: Vec<PendingUpdate>,
    /// Queries that have no answer yet, in the order in which they were made.
    pub queries: Vec<PendingQuery>,
    /// How many times a query was given a number to travel under.
    pub queries_sent: u64,
}

impl Default for InHand {
    fn default() -> Self {
        Self {
            workflow_task: None,
            workflow_task_attempt: 1,
            sticky: None,
            close_attempted: false,
            updates: Vec::new(),
            queries: Vec::new(),
            queries_sent: 0,
        }
    }
}

/// An attempt at an activity, and what is kept of those before it.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingAttempt {
    /// From 1.
    pub number: u32,
    /// Where it is.
    pub state: AttemptState,
    /// When the first attempt went into its queue: with the activity's ActivityTaskScheduled, or at the last reset.
    pub first_scheduled_at: SimTime,
    /// Who took the last attempt that was taken; empty if none was.
    pub last_worker: String,
    /// Why the attempt before failed.
    pub last_failure: Option<Failure>,
    /// When some attempt reported last.
    pub last_heartbeat_at: Option<SimTime>,
    /// What it reported.
    pub last_heartbeat: Option<Payloads>,
}

/// Where an attempt is.
#[derive(Clone, Debug, PartialEq)]
pub enum AttemptState {
    /// In the task queue since then.
    Waiting {
        /// Since when.
        since: SimTime,
    },
    /// With a worker.
    Running {
        /// When it started.
        at: SimTime,
        /// Who has it.
        by: Poller,
        /// Written into the Started event.
        request_id: String,
    },
    /// Not due yet.
    BackingOff {
        /// When the attempt before failed.
        since: SimTime,
        /// When it goes into the task queue.
        until: SimTime,
    },
}

impl PendingAttempt {
    /// The first attempt, which goes into its queue now.
    pub(super) const fn first(now: SimTime) -> Self {
        Self {
            number: 1,
            state: AttemptState::Waiting { since: now },
            first_scheduled_at: now,
            last_worker: String::new(),
            last_failure: None,
            last_heartbeat_at: None,
            last_heartbeat: None,
        }
    }

    /// Whether a worker has it.
    pub const fn is_running(&self) -> bool {
        matches!(self.state, AttemptState::Running { .. })
    }
}

/// A workflow task that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingWorkflowTask {
    /// Id of its WorkflowTaskScheduled, written or to be written.
    pub scheduled_event_id: i64,
    /// From 1; above 1 the task is transient.
    pub attempt: u32,
    /// When it was scheduled.
    pub scheduled_at: SimTime,
    /// When the first of the tasks was scheduled that a worker has only prolonged since.
    pub first_scheduled_at: SimTime,
    /// The queue it was scheduled on, as the history names it.
    pub queue: TaskQueue,
    /// How long a worker may take.
    pub start_to_close: Span,
    /// It only brings updates, and is not written.
    pub speculative: bool,
    /// Set once a worker has it.
    pub started: Option<StartedBy>,
}

/// Who took a workflow task, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedBy {
    /// Id of its WorkflowTaskStarted, written or to be written.
    pub event_id: i64,
    /// When.
    pub at: SimTime,
    /// By whom.
    pub by: Poller,
    /// Written into the Started event.
    pub(super) request_id: String,
    /// Size of the history before the transaction that started it.
    pub(super) history_size_bytes: u64,
    /// Why the workflow should continue as new, as numbers of the protocol.
    pub(super) suggest: Vec<i32>,
}

impl PendingWorkflowTask {
    /// True while a worker has it.
    pub const fn is_started(&self) -> bool {
        self.started.is_some()
    }

    /// A later attempt: nothing of it is written until it is answered.
    pub(super) const fn is_transient(&self) -> bool {
        self.attempt > 1
    }

    /// Whether its Scheduled, and its Started if it was, stand in the history.
    pub const fn is_written(&self) -> bool {
        !self.is_transient() && !self.speculative
    }

    /// Whether it was scheduled on a worker's sticky queue.
    pub fn is_sticky(&self) -> bool {
        self.queue.kind() == TaskQueueKind::Sticky
    }
}

/// An update that has no outcome yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingUpdate {
    /// What it is.
    pub update: Update,
    /// Who waits for the outcome.
    pub tickets: Vec<Ticket>,
    /// How far it has come.
    pub state: UpdateState,
    /// It stands in an event of the history, which is how the worker hears of it.
    pub is_in_history: bool,
}

/// How far an update has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UpdateState {
    /// No worker has heard of it.
    Admitted,
    /// A worker is to decide.
    Sent {
        /// The event that it comes after, as the worker was told.
        sequencing_event_id: i64,
    },
    /// The workflow is at it; the fold has its WorkflowExecutionUpdateAccepted.
    Accepted,
}

/// A query that has no answer yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingQuery {
    /// Whom to reply to.
    pub ticket: Ticket,
    /// What it is.
    pub query: Query,
    /// Under which number it travels; another one each time it is sent.
    pub query_id: u64,
    /// How far it has come.
    pub state: QueryState,
}

/// How far a query has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum QueryState {
    /// It waits for a workflow task, or rides with one.
    Waiting,
    /// It is in a task queue, or with the worker that took it from there.
    Sent {
        /// The queue is the run's sticky one.
        sticky: bool,
    },
}
