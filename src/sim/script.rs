//! What clients and operators do in a story, and when: the part of a story that is neither workflow code nor fault.
//!
//! Acts follow each other: an act's trigger is looked for once the act before it is done. The same script can be played
//! against a real Temporal Service, so it speaks of what a client can see: histories and descriptions.

use super::node::WorkerName;
use crate::base::time::Span;
use crate::contract::request::{Query, Reset, Signal, StartWorkflow, Update};
use crate::history::proto::EventType;

/// One thing that somebody does.
#[derive(Clone, Debug, PartialEq)]
pub struct Act {
    /// What it waits for.
    pub when: When,
    /// How long after that.
    pub after: Span,
    /// What.
    pub what: Action,
}

/// What an act waits for. `workflow` is a workflow id and means its latest run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum When {
    /// Nothing but the act before.
    Next,
    /// The history has so many events of that type.
    Event {
        /// Whose history.
        workflow: String,
        /// Which type.
        event_type: EventType,
        /// How many at least, from 1.
        count: u32,
    },
    /// A worker has taken this attempt of an activity.
    AttemptStarted {
        /// Whose.
        workflow: String,
        /// Which activity, by its activity id.
        activity_id: String,
        /// From 1.
        attempt: u32,
    },
    /// This attempt of an activity has failed, and the next is being waited for.
    AttemptFailed {
        /// Whose.
        workflow: String,
        /// Which activity, by its activity id.
        activity_id: String,
        /// From 1.
        attempt: u32,
    },
    /// A worker has taken a workflow task, at this attempt.
    TaskStarted {
        /// Whose.
        workflow: String,
        /// From 1; above 1 the history says nothing of it.
        attempt: u32,
    },
    /// The run is closed.
    Closed {
        /// Whose.
        workflow: String,
    },
}

impl When {
    /// The workflow id of whose latest run it speaks, if of any.
    pub fn workflow(&self) -> Option<&str> {
        match self {
            Self::Next => None,
            Self::Event { workflow, .. }
            | Self::AttemptStarted { workflow, .. }
            | Self::AttemptFailed { workflow, .. }
            | Self::TaskStarted { workflow, .. }
            | Self::Closed { workflow } => Some(workflow),
        }
    }
}

/// What somebody does. `workflow` is a workflow id and means its latest run.
#[derive(Clone, Debug, PartialEq)]
pub enum Action {
    /// Starts another workflow.
    Start(Box<StartWorkflow>),
    /// Signals.
    Signal(String, Signal),
    /// Starts a workflow unless it runs, and signals it.
    SignalWithStart(Box<StartWorkflow>, Signal),
    /// Queries, and waits for the answer before the next act.
    Query(String, Query),
    /// Sends an update, and waits for the outcome before the next act.
    Update(String, Update),
    /// Sends an update, and does not wait.
    SendUpdate(String, Update),
    /// Asks the workflow to stop. With a reason, for people.
    Cancel(String, String),
    /// Ends the run. With a reason, for people.
    Terminate(String, String),
    /// Starts again from a point in the past.
    Reset(String, Reset),
    /// Kills a worker's process.
    Kill(WorkerName),
    /// Asks a worker to finish what it has in hand, and to leave.
    Stop(WorkerName),
    /// Starts a worker's process, with this version of the code: a place in the story's list of versions. One that runs
    /// is asked to leave first.
    Launch(WorkerName, u8),
    /// Partitions a worker from the Service; it does not notice and goes on acting on the world.
    Partition(WorkerName),
    /// Ends the partition.
    Heal(WorkerName),
}

/// A worker of a story.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerSetup {
    /// The task queue it polls.
    pub task_queue: String,
    /// The version of the code it starts with; `None` if it is not running at first.
    pub code: Option<u8>,
    /// Whether it takes workflow tasks.
    pub workflows: bool,
    /// Whether it takes activities.
    pub activities: bool,
    /// How many activities it runs at the same time, from 1.
    pub activity_slots: u32,
    /// How many runs it keeps in memory; with 0, every task is a replay.
    pub cache: u32,
    /// How fast it runs activities, in percent of an ordinary worker, from 1: at 25 they take four times as long.
    pub pace: u32,
    /// The activity types that it has, by name; `None` for all.
    pub has: Option<Vec<&'static str>>,
}

impl WorkerSetup {
    /// An ordinary worker on that queue.
    pub fn on(task_queue: &str) -> Self {
        Self {
            task_queue: task_queue.to_owned(),
            code: Some(0),
            workflows: true,
            activities: true,
            activity_slots: 100,
            cache: 1_000,
            pace: 100,
            has: None,
        }
    }
}

/// How long a client takes to notice what it waits for: it looks at intervals.
pub const CLIENT_NOTICES_AFTER: Span = Span::millis(50);

impl Action {
    /// What is done, for people: `a client signals order-1001: approve`.
    pub fn sentence(&self) -> String {
        match self {
            Self::Start(start) => format!("a client starts workflow {}", start.workflow_id),
            Self::Signal(workflow, signal) => format!("a client signals {workflow}: {}", signal.name),
            Self::SignalWithStart(start, signal) => {
                format!(
                    "a client signals {}, or starts it first: {}",
                    start.workflow_id, signal.name
                )
            }
            Self::Query(workflow, query) => format!("a client queries {workflow}: {}", query.name),
            Self::Update(workflow, update) => format!("a client sends {workflow} an update: {}", update.name),
            Self::SendUpdate(workflow, update) => {
                format!("a client sends {workflow} an update and does not wait: {}", update.name)
            }
            Self::Cancel(workflow, _) => format!("a client asks {workflow} to stop"),
            Self::Terminate(workflow, _) => format!("an operator ends {workflow}"),
            Self::Reset(workflow, reset) => format!("an operator resets {workflow} to event {}", reset.event_id),
            Self::Kill(worker) => format!("an operator kills worker {worker}"),
            Self::Stop(worker) => format!("an operator asks worker {worker} to leave"),
            Self::Launch(worker, _) => format!("an operator launches worker {worker}"),
            Self::Partition(worker) => format!("worker {worker} is partitioned"),
            Self::Heal(worker) => format!("worker {worker} can reach the Service again"),
        }
    }
}
