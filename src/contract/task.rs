//! What the Service hands to a worker that polls.

use crate::base::time::{SimTime, Span};
use crate::contract::request::{Query, Update};
use crate::history::proto::{Failure, HistoryEvent, Payloads};

/// Names a run inside the simulated Service; also its place in the order of starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RunKey(pub u32);

/// Who polls: what a worker tells the Service about itself with each poll.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Poller {
    /// Goes into the history: `worker-A@lab`.
    pub identity: String,
    /// Hash of the worker's code, `workerVersion.buildId` in the history.
    pub build_id: String,
}

/// Which workflow task an answer is for. Stale once the task timed out or another attempt began.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkflowTaskToken {
    /// The run.
    pub run: RunKey,
    /// Id of its WorkflowTaskScheduled event, written or yet to be written (transient tasks).
    pub scheduled_event_id: i64,
    /// From 1.
    pub attempt: u32,
}

/// A workflow task: the history that a worker needs to find out what happens next.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowTask {
    /// Goes back with the answer.
    pub token: WorkflowTaskToken,
    /// Workflow id of the run.
    pub workflow_id: String,
    /// Run id of the run.
    pub run_id: String,
    /// Which workflow to run.
    pub workflow_type: String,
    /// Task queue of the run, the default for its activities.
    pub task_queue: String,
    /// The whole history, or, for a task from a sticky queue, what is new since the last completed task. Ends with
    /// this task's own WorkflowTaskStarted; for a transient task the last two events are made up and not in the
    /// history yet.
    pub events: Vec<HistoryEvent>,
    /// Id of the last WorkflowTaskStarted that some worker answered; 0 if none. Up to there, running is replaying.
    pub previous_started_event_id: i64,
    /// Id of this task's own WorkflowTaskStarted; 0 if the task is only a query.
    pub started_event_id: i64,
    /// Which attempt at the task, from 1.
    pub attempt: u32,
    /// How long the worker may take.
    pub start_to_close: Span,
    /// Queries to be answered once the code has run.
    pub queries: Vec<AskedQuery>,
    /// Updates of clients, to be decided on in this task. They are in no event yet.
    pub updates: Vec<AskedUpdate>,
}

/// A query, as it travels to a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedQuery {
    /// Goes back with the answer.
    pub query_id: u64,
    /// What it is.
    pub query: Query,
}

/// An update, as it travels to a worker.
#[derive(Clone, Debug, PartialEq)]
pub struct AskedUpdate {
    /// What it is.
    pub update: Update,
    /// Id of the event that it comes after: the task's WorkflowTaskScheduled.
    pub sequencing_event_id: i64,
}

/// Which activity attempt an answer is for. Stale once the attempt timed out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct ActivityTaskToken {
    /// The run.
    pub run: RunKey,
    /// Id of its ActivityTaskScheduled event.
    pub scheduled_event_id: i64,
    /// From 1.
    pub attempt: u32,
}

/// One attempt of an activity.
#[derive(Clone, Debug, PartialEq)]
pub struct ActivityTask {
    /// Goes back with the answer.
    pub token: ActivityTaskToken,
    /// Workflow id of the run.
    pub workflow_id: String,
    /// Unique in the run, the same for every attempt.
    pub activity_id: String,
    /// Which activity to run.
    pub activity_type: String,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// When this attempt started.
    pub started: SimTime,
    /// How long the attempt may take.
    pub start_to_close: Span,
    /// How long the worker may be silent; zero for any time.
    pub heartbeat: Span,
    /// The last progress that the attempts before reported.
    pub last_heartbeat: Option<Payloads>,
    /// Why the attempt before failed, if there was one.
    pub last_failure: Option<Failure>,
}
