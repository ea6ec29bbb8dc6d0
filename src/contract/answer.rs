//! What a worker tells the Service: the commands of a workflow task, the result of an activity attempt.

use std::sync::Arc;

use super::task::{ActivityTask, WorkflowTask};
use crate::base::time::Span;
use crate::history::proto::{
    Failure, Header, MarkerRecordedEventAttributes, Memo, Payloads,
    RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, RetryPolicy, SearchAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, StartChildWorkflowExecutionInitiatedEventAttributes,
    UserMetadata, WorkflowExecutionContinuedAsNewEventAttributes, WorkflowTaskFailedCause,
};

/// What workflow code asked for. Each becomes one event, in this order.
#[derive(Clone, Debug, PartialEq)]
pub enum Command {
    /// Becomes ActivityTaskScheduled. Shared with the worker, which remembers what it has asked for.
    ScheduleActivity(Arc<ScheduleActivity>),
    /// Becomes TimerStarted.
    StartTimer {
        /// Unique among the run's running timers.
        timer_id: String,
        /// Until it fires; zero is allowed.
        start_to_fire: Span,
    },
    /// Becomes TimerCanceled.
    CancelTimer {
        /// A running timer.
        timer_id: String,
    },
    /// Becomes ActivityTaskCancelRequested, and more if the activity was not with a worker.
    RequestCancelActivity {
        /// Id of its ActivityTaskScheduled.
        scheduled_event_id: i64,
    },
    /// Becomes MarkerRecorded: a note of the worker's to itself.
    RecordMarker(Box<MarkerRecordedEventAttributes>),
    /// Becomes StartChildWorkflowExecutionInitiated. The Service fills in what the code left open.
    StartChild(Box<StartChildWorkflowExecutionInitiatedEventAttributes>),
    /// Becomes RequestCancelExternalWorkflowExecutionInitiated.
    RequestCancelExternal(Box<RequestCancelExternalWorkflowExecutionInitiatedEventAttributes>),
    /// Becomes SignalExternalWorkflowExecutionInitiated.
    SignalExternal(Box<SignalExternalWorkflowExecutionInitiatedEventAttributes>),
    /// Becomes UpsertWorkflowSearchAttributes.
    UpsertSearchAttributes(SearchAttributes),
    /// Becomes WorkflowPropertiesModified.
    ModifyProperties {
        /// The fields to be set.
        upserted_memo: Memo,
    },
    /// Becomes WorkflowExecutionUpdateAccepted.
    AcceptUpdate {
        /// The update.
        update_id: String,
    },
    /// Becomes nothing: the update never was.
    RejectUpdate {
        /// The update.
        update_id: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// Becomes WorkflowExecutionUpdateCompleted.
    CompleteUpdate {
        /// The update.
        update_id: String,
        /// What the handler returned, or why it failed.
        outcome: Result<Option<Payloads>, Box<Failure>>,
    },
    /// Becomes WorkflowExecutionContinuedAsNew and closes the run; another begins.
    ContinueAsNew(Box<ContinueAsNew>),
    /// Becomes WorkflowExecutionCanceled and closes the run.
    CancelWorkflow {
        /// What the workflow has to say about it.
        details: Option<Payloads>,
    },
    /// Becomes WorkflowExecutionCompleted and closes the run.
    CompleteWorkflow {
        /// What the workflow returned.
        result: Option<Payloads>,
    },
    /// Becomes WorkflowExecutionFailed and closes the run.
    FailWorkflow {
        /// Why.
        failure: Box<Failure>,
    },
}

impl Command {
    /// Its name in Temporal's protocol.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::ScheduleActivity(_) => "ScheduleActivityTask",
            Self::RequestCancelActivity { .. } => "RequestCancelActivityTask",
            Self::StartTimer { .. } => "StartTimer",
            Self::CancelTimer { .. } => "CancelTimer",
            Self::RecordMarker(_) => "RecordMarker",
            Self::StartChild(_) => "StartChildWorkflowExecution",
            Self::RequestCancelExternal(_) => "RequestCancelExternalWorkflowExecution",
            Self::SignalExternal(_) => "SignalExternalWorkflowExecution",
            Self::UpsertSearchAttributes(_) => "UpsertWorkflowSearchAttributes",
            Self::ModifyProperties { .. } => "ModifyWorkflowProperties",
            Self::AcceptUpdate { .. } | Self::RejectUpdate { .. } | Self::CompleteUpdate { .. } => "ProtocolMessage",
            Self::ContinueAsNew(_) => "ContinueAsNewWorkflowExecution",
            Self::CancelWorkflow { .. } => "CancelWorkflowExecution",
            Self::CompleteWorkflow { .. } => "CompleteWorkflowExecution",
            Self::FailWorkflow { .. } => "FailWorkflowExecution",
        }
    }

    /// True for the commands that close a run.
    pub const fn closes_run(&self) -> bool {
        match self {
            Self::CompleteWorkflow { .. }
            | Self::FailWorkflow { .. }
            | Self::CancelWorkflow { .. }
            | Self::ContinueAsNew(_) => true,
            Self::ScheduleActivity(_)
            | Self::RequestCancelActivity { .. }
            | Self::StartTimer { .. }
            | Self::CancelTimer { .. }
            | Self::RecordMarker(_)
            | Self::StartChild(_)
            | Self::RequestCancelExternal(_)
            | Self::SignalExternal(_)
            | Self::UpsertSearchAttributes(_)
            | Self::ModifyProperties { .. }
            | Self::AcceptUpdate { .. }
            | Self::RejectUpdate { .. }
            | Self::CompleteUpdate { .. } => false,
        }
    }
}

/// The attributes of a request to run an activity. A zero span means "not set".
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleActivity {
    /// Unique in the run.
    pub activity_id: String,
    /// Which activity.
    pub activity_type: String,
    /// Where workers poll for it.
    pub task_queue: String,
    /// Empty, but always present in histories of this SDK.
    pub header: Header,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// Limit from the first scheduling to the end of the last attempt.
    pub schedule_to_close: Span,
    /// Limit of waiting for a worker.
    pub schedule_to_start: Span,
    /// Limit of one attempt.
    pub start_to_close: Span,
    /// Limit between two heartbeats.
    pub heartbeat: Span,
    /// As the code gave it; the Service fills in defaults.
    pub retry_policy: Option<RetryPolicy>,
    /// The worker that answers offers to run it at once, without a poll.
    pub request_eager: bool,
}

/// What a workflow says when another run shall go on with its work. What it leaves open, the Service fills in.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ContinueAsNew {
    /// What the event is going to say.
    pub attributes: WorkflowExecutionContinuedAsNewEventAttributes,
    /// The retry policy of the new run; it is in no event but its first.
    pub retry_policy: Option<RetryPolicy>,
}

/// The answer to a workflow task.
#[derive(Clone, Debug, PartialEq)]
pub enum WorkflowTaskAnswer {
    /// The code ran as far as it could.
    Completed {
        /// What it asked for, in order.
        commands: Vec<Command>,
        /// What the code wrote for people beside the commands, in their order; nothing for those beyond its end.
        user_metadata: Vec<Option<Box<UserMetadata>>>,
        /// The worker keeps the run in memory and wants its next tasks here.
        sticky: Option<Sticky>,
        /// What Core writes into `sdkMetadata` of a run's first completion.
        first_of_run: bool,
        /// Answers to the queries that came with the task.
        queries: Vec<QueryAnswer>,
        /// The worker is not done (a local activity still runs) and wants the next task at once.
        wants_next_task: bool,
    },
    /// The code could not be run; the task will be tried again.
    Failed {
        /// Why, for machines.
        cause: WorkflowTaskFailedCause,
        /// Why, for people.
        failure: Box<Failure>,
    },
}

/// The answer to a query.
#[derive(Clone, Debug, PartialEq)]
pub struct QueryAnswer {
    /// Which query, as the task named it.
    pub query_id: u64,
    /// What the handler returned, or why there is no answer.
    pub outcome: Result<Option<Payloads>, Box<Failure>>,
}

/// A worker's sticky queue for the runs it has in memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sticky {
    /// Unique to one life of one worker process.
    pub queue: String,
    /// How long a task may wait there before it goes back to the normal queue.
    pub schedule_to_start: Span,
}

/// The answer to an activity attempt.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityAnswer {
    /// It returned.
    Completed {
        /// What it returned.
        result: Option<Payloads>,
    },
    /// It failed.
    Failed {
        /// Why.
        failure: Box<Failure>,
        /// Progress that the worker had not passed on yet; it holds it back for a while.
        last_heartbeat: Option<Payloads>,
    },
    /// It was cancelled and says so.
    Canceled {
        /// What it has to say about it.
        details: Option<Payloads>,
    },
}

/// What the Service says to a heartbeat.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct HeartbeatAnswer {
    /// The workflow asked for the activity's end.
    pub cancel_requested: bool,
}

/// What the Service sends back at once for an accepted workflow task answer.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Accepted {
    /// The run's next workflow task, already started for the same worker, if one is due at once.
    pub next_task: Option<Box<WorkflowTask>>,
    /// Activities that were requested eagerly, already started for the same worker.
    pub eager_activities: Vec<ActivityTask>,
    /// The Service knew the task, but did not take the commands, and says why. The worker forgets the run.
    pub refused: Option<String>,
}

/// The Service does not know the task any more: it timed out, was answered by somebody else, or its run closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TaskNotFound;
