//! The closed list of everything that can happen in a run, and the record of each time it did.

use super::agenda::LocalToken;
use super::fault::Verb;
use super::node::{CancelReason, Unsaid, WorkerName};
use super::outside::ActivityError;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::service::run::RunStatus;
use crate::service::timer::TimerTask;
use crate::worker::execution::Activated;
use crate::worker::nondeterminism::Mismatch;

/// One step that was done.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    /// From 1.
    pub number: u32,
    /// When.
    pub at: SimTime,
    /// What.
    pub what: Step,
    /// The workflow runs that it brought events, in the order of their starts.
    pub wrote: Vec<Wrote>,
    /// How many entries the world's journal had after it.
    pub entries_after: u32,
}

/// The events that a step brought a workflow run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wrote {
    /// Which run.
    pub run: RunKey,
    /// Id of the first that was written to its history.
    pub first: u32,
    /// Id of the last. One less than the first if none was written.
    pub last: u32,
    /// How many events the Service holds back now, until the workflow task that is running ends.
    pub buffered: u32,
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
        /// From the worker's sticky queue.
        sticky: bool,
        /// It only asks a query.
        query: bool,
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
        /// What exactly does not go together, if code and history disagree.
        finding: Option<Box<Mismatch>>,
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
        /// How many parts of its work are still to come.
        left: u64,
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
        /// It stopped because it was asked to.
        cancelled: bool,
        /// The Service still wanted to know.
        accepted: bool,
    },
    /// A worker answered a task that was only a query.
    QueryAnswered {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
        /// There is an answer.
        ok: bool,
    },
    /// A worker passed on the progress of an attempt.
    Heartbeat {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: ActivityTaskToken,
        /// Which activity.
        activity_type: String,
        /// The count it has reached.
        count: u64,
        /// What it learned in return: that it is not wanted any more.
        cancelled: Option<CancelReason>,
    },
    /// A local activity did its work in the world, or tried to.
    LocalEffect {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: LocalToken,
        /// Which activity.
        activity_type: String,
        /// What the activity function is going to say.
        outcome: Result<serde_json::Value, ActivityError>,
    },
    /// A local activity returned.
    LocalEnded {
        /// Who.
        worker: WorkerName,
        /// Which attempt.
        token: LocalToken,
        /// Which activity.
        activity_type: String,
        /// It returned a result.
        ok: bool,
    },
    /// Something was due within a worker: a retry of a local activity, its limit, or the end of the time for a task.
    Alarm {
        /// Who.
        worker: WorkerName,
        /// Which run.
        run: RunKey,
    },
    /// A worker that is partitioned has something to say to the Service, and cannot.
    Unheard {
        /// Who.
        worker: WorkerName,
        /// What.
        what: Unsaid,
    },
    /// A worker that is partitioned has tried for long enough and forgets what it had to say.
    GaveUp {
        /// Who.
        worker: WorkerName,
        /// What.
        what: Unsaid,
    },
    /// A task was gone when a worker wanted to take it, or to answer it.
    TaskGone {
        /// Who.
        worker: WorkerName,
    },
    /// A client or an operator did something; a fault's deed has a step of its own kind.
    Acted {
        /// Which act, as [`super::client::Said`] counts them.
        act: u32,
        /// What, in words.
        what: String,
        /// Why the Service did not do it.
        refused: Option<String>,
    },
    /// A client heard what came of a query or an update.
    Heard {
        /// Which act it was, as [`super::client::Said`] counts them.
        act: u32,
        /// What came of it, in words.
        what: String,
        /// It is an answer, not a refusal.
        ok: bool,
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
        /// Local activities that ran in it, likewise.
        lost_local: Vec<(String, bool)>,
    },
    /// A worker was started again.
    Restarted {
        /// Which.
        worker: WorkerName,
        /// The version of the code that it has, if it had another before or none.
        code: Option<u8>,
    },
    /// A worker was asked to leave: it takes nothing new.
    Stopping {
        /// Which.
        worker: WorkerName,
    },
    /// A worker has finished what it had in hand, and has left.
    Left {
        /// Which.
        worker: WorkerName,
    },
    /// A worker was partitioned from the Service.
    Partitioned {
        /// Which.
        worker: WorkerName,
    },
    /// A worker can reach the Service again.
    Healed {
        /// Which.
        worker: WorkerName,
        /// How many things it has to say late.
        unsaid: u32,
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
    /// The Service did not take its commands, and said why.
    Refused(String),
    /// The Service did not know the task any more.
    NotFound,
}

impl Record {
    /// The events that it wrote to the history of a run.
    pub fn wrote_to(&self, run: RunKey) -> Option<Wrote> {
        let mut wrote = self.wrote.iter().filter(|wrote| wrote.first <= wrote.last);
        wrote.find(|wrote| wrote.run == run).copied()
    }
}

impl Step {
    /// The worker that did the step, or to which it was done.
    pub const fn worker(&self) -> Option<WorkerName> {
        match self {
            Self::WorkflowStarted { .. } | Self::TimerFired { .. } | Self::Acted { .. } | Self::Heard { .. } => None,
            Self::WorkflowTaskPolled { worker, .. }
            | Self::Activated { worker, .. }
            | Self::ActivationFailed { worker, .. }
            | Self::WorkflowTaskAnswered { worker, .. }
            | Self::QueryAnswered { worker, .. }
            | Self::ActivityPolled { worker, .. }
            | Self::Effect { worker, .. }
            | Self::Heartbeat { worker, .. }
            | Self::ActivityAnswered { worker, .. }
            | Self::LocalEffect { worker, .. }
            | Self::LocalEnded { worker, .. }
            | Self::Alarm { worker, .. }
            | Self::Unheard { worker, .. }
            | Self::GaveUp { worker, .. }
            | Self::TaskGone { worker }
            | Self::Crashed { worker, .. }
            | Self::Restarted { worker, .. }
            | Self::Stopping { worker }
            | Self::Left { worker }
            | Self::Partitioned { worker }
            | Self::Healed { worker, .. }
            | Self::Refused { worker, .. } => Some(*worker),
        }
    }

    /// The run it is about, if it is about one.
    pub const fn run(&self) -> Option<RunKey> {
        match self {
            Self::WorkflowStarted { run }
            | Self::WorkflowTaskPolled { run, .. }
            | Self::Activated { run, .. }
            | Self::ActivationFailed { run, .. }
            | Self::WorkflowTaskAnswered { run, .. }
            | Self::QueryAnswered { run, .. }
            | Self::Alarm { run, .. } => Some(*run),
            Self::LocalEffect { token, .. } | Self::LocalEnded { token, .. } => Some(token.run),
            Self::ActivityPolled { token, .. }
            | Self::Effect { token, .. }
            | Self::Heartbeat { token, .. }
            | Self::ActivityAnswered { token, .. } => Some(token.run),
            Self::Unheard { what, .. } | Self::GaveUp { what, .. } => Some(what.run()),
            Self::TimerFired { task, .. } => Some(task.run()),
            Self::TaskGone { .. }
            | Self::Acted { .. }
            | Self::Heard { .. }
            | Self::Crashed { .. }
            | Self::Restarted { .. }
            | Self::Stopping { .. }
            | Self::Left { .. }
            | Self::Partitioned { .. }
            | Self::Healed { .. }
            | Self::Refused { .. } => None,
        }
    }
}
