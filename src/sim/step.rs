//! The closed list of everything that can happen in a run, and the record of each time it did.

use super::fault::Verb;
use super::node::WorkerName;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::service::run::RunStatus;
use crate::service::timer::TimerTask;
use crate::worker::execution::Activated;
use crate::world::ActivityError;

/// One step that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From 1.
    pub number: u32,
    /// When.
    pub at: SimTime,
    /// What.
    pub what: Step,
    /// How many events the run's history had after it.
    pub events_after: u32,
    /// How many entries the world's journal had after it.
    pub entries_after: u32,
}

/// What a step did.
#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A client started the workflow.
    WorkflowStarted {
        /// The new run.
        run: RunKey,
    },
    /// A worker took a workflow task.
    WorkflowTaskPolled {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
        /// Since when it had been waiting.
        waiting_since: SimTime,
        /// From the worker's own queue.
        sticky: bool,
        /// Which attempt.
        attempt: u32,
        /// How many events came with it.
        events: u32,
    },
    /// A worker ran workflow code over a stretch of history.
    Activated {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
        /// What the code did.
        activated: Box<Activated>,
    },
    /// Workflow code could not be run.
    ActivationFailed {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
        /// Why.
        message: String,
    },
    /// A worker answered a workflow task.
    WorkflowTaskAnswered {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
        /// What became of it.
        how: Answered,
        /// Activities handed out in the reply, with their types.
        eager: Vec<(ActivityTaskToken, String)>,
        /// The reply brought the next workflow task.
        next_task: bool,
        /// How the run stands now.
        status: RunStatus,
    },
    /// A worker took an activity attempt.
    ActivityPolled {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
        /// Which activity.
        activity_type: String,
        /// Since when it had been waiting.
        waiting_since: SimTime,
    },
    /// An activity did its work in the world, or tried to.
    Effect {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
        /// Which activity.
        activity_type: String,
        /// What the activity function is going to say.
        outcome: Result<serde_json::Value, ActivityError>,
    },
    /// A worker reported the end of an attempt.
    ActivityAnswered {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
        /// Which activity.
        activity_type: String,
        /// It returned a result.
        ok: bool,
        /// The Service still wanted to know.
        accepted: bool,
    },
    /// One of the Service's timers fired.
    TimerFired {
        /// Which.
        task: TimerTask,
        /// The activity it was about, if any.
        activity_type: Option<String>,
    },
    /// A worker was killed.
    Crashed {
        /// Which.
        worker: WorkerName,
        /// A supervisor will start it again at this time.
        restart_at: Option<SimTime>,
        /// Workflow tasks it had in hand.
        lost_workflow_tasks: Vec<RunKey>,
        /// Attempts it had in hand, with their activity types, and whether their effect was done.
        lost_attempts: Vec<(ActivityTaskToken, String, bool)>,
    },
    /// A worker was started again.
    Restarted {
        /// Which.
        worker: WorkerName,
    },
    /// An intervention came too late or too early: the worker already was what it was to become.
    Refused {
        /// Which.
        worker: WorkerName,
        /// What was asked for.
        verb: Verb,
    },
}

/// What became of an answer to a workflow task.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answered {
    /// Its commands became events.
    Accepted,
    /// It reported a failure.
    Failed,
    /// The worker kept silent about a repeated failure.
    Silent,
    /// The Service did not know the task any more.
    NotFound,
}

impl Step {
    /// The worker that did the step, or to which it was done.
    pub const fn worker(&self) -> Option<WorkerName> {
        match self {
            Self::WorkflowStarted { .. } | Self::TimerFired { .. } => None,
            Self::WorkflowTaskPolled { worker, .. }
            | Self::Activated { worker, .. }
            | Self::ActivationFailed { worker, .. }
            | Self::WorkflowTaskAnswered { worker, .. }
            | Self::ActivityPolled { worker, .. }
            | Self::Effect { worker, .. }
            | Self::ActivityAnswered { worker, .. }
            | Self::Crashed { worker, .. }
            | Self::Restarted { worker }
            | Self::Refused { worker, .. } => Some(*worker),
        }
    }
}
