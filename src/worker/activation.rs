//! What workflow code is told in one activation: jobs, and the order they come in.

use crate::history::proto::{
    CancelExternalWorkflowExecutionFailedCause, Failure, Payloads, Request as UpdateRequest,
    SignalExternalWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedCause,
    WorkflowExecutionSignaledEventAttributes, WorkflowExecutionStartedEventAttributes,
};

use crate::base::time::Span;
use crate::contract::task::AskedQuery;
use crate::history::timestamp::Timestamp;

/// Something that happened and that workflow code is told about.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The event that brought it; 0 if the worker itself did.
    pub event_id: i64,
    /// What it is.
    pub what: JobKind,
}

/// A job and the source line that waits for it.
#[derive(Clone, Debug, PartialEq)]
pub struct Fed {
    /// The job.
    pub job: Job,
    /// The line of the request it answers; `None` if nobody asked.
    pub line: Option<u32>,
}

/// The kinds of jobs. A `seq` says which of the requests of that kind is answered, in the order the code made them.
#[derive(Clone, Debug, PartialEq)]
pub enum JobKind {
    /// The run begins.
    Initialize(Box<WorkflowExecutionStartedEventAttributes>),
    /// History has the marker of this patch.
    NotifyHasPatch {
        /// Which.
        patch_id: String,
    },
    /// The run was reset: from here on its random numbers are others.
    UpdateRandomSeed {
        /// The new run, whose id is the seed.
        run_id: String,
    },
    /// Somebody says something.
    Signal(Box<WorkflowExecutionSignaledEventAttributes>),
    /// A client sends an update.
    Update(Box<UpdateJob>),
    /// Somebody wants the workflow to stop.
    CancelRequested {
        /// Why, for people.
        reason: String,
    },
    /// A timer fired.
    FireTimer {
        /// Which timer.
        seq: u32,
    },
    /// An activity ended.
    ResolveActivity {
        /// Which activity; local ones are counted along.
        seq: u32,
        /// It ran inside the worker.
        local: bool,
        /// How.
        resolution: Box<Resolution>,
    },
    /// A child workflow has started, or cannot.
    ResolveChildStart {
        /// Which child.
        seq: u32,
        /// What came of it.
        start: Box<ChildStart>,
    },
    /// A child workflow ended.
    ResolveChild {
        /// Which child.
        seq: u32,
        /// How.
        resolution: Box<Resolution>,
    },
    /// A signal to another workflow has arrived, or cannot.
    ResolveSignal {
        /// Which signal.
        seq: u32,
        /// Why it cannot.
        failure: Option<Box<(Failure, SignalExternalWorkflowExecutionFailedCause)>>,
    },
    /// A request to another workflow to stop has arrived, or cannot.
    ResolveCancelExternal {
        /// Which request.
        seq: u32,
        /// Why it cannot.
        failure: Option<Box<(Failure, CancelExternalWorkflowExecutionFailedCause)>>,
    },
    /// Somebody asks something. Queries have an activation of their own, in which nothing else may happen.
    Query(Box<AskedQuery>),
}

/// An update that a client has sent.
#[derive(Clone, Debug, PartialEq)]
pub struct UpdateJob {
    /// Names the update, also in answers.
    pub update_id: String,
    /// What is asked.
    pub request: UpdateRequest,
    /// The handler may still refuse: history has not accepted it yet.
    pub run_validator: bool,
}

/// How an activity or a child workflow ended, as the workflow sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// It returned.
    Completed(Option<Payloads>),
    /// It failed; the failure says what, and its cause why.
    Failed(Box<Failure>),
    /// It was cancelled.
    Canceled(Box<Failure>),
    /// A local activity is to be tried again after a timer, which is the SDK's to start.
    Backoff {
        /// The number of the next attempt.
        attempt: u32,
        /// Until then.
        wait: Span,
        /// When its first attempt was asked for.
        original_schedule: Option<Timestamp>,
    },
}

/// What came of starting a child workflow.
#[derive(Clone, Debug, PartialEq)]
pub enum ChildStart {
    /// It runs.
    Started {
        /// Its run.
        run_id: String,
    },
    /// The Service refused.
    Failed {
        /// Its workflow id.
        workflow_id: String,
        /// Its type.
        workflow_type: String,
        /// Why.
        cause: StartChildWorkflowExecutionFailedCause,
    },
    /// It was cancelled before the request left the worker.
    Canceled(Box<Failure>),
}

impl JobKind {
    /// Its place in an activation; jobs of the same place keep the order they came in. (Core's
    /// `prepare_to_ship_activation`.)
    pub const fn place(&self) -> u8 {
        match self {
            Self::Initialize(_) => 0,
            Self::NotifyHasPatch { .. } => 1,
            Self::UpdateRandomSeed { .. } => 2,
            Self::Signal(_) | Self::Update(_) => 3,
            Self::CancelRequested { .. }
            | Self::FireTimer { .. }
            | Self::ResolveActivity { local: false, .. }
            | Self::ResolveChildStart { .. }
            | Self::ResolveChild { .. }
            | Self::ResolveSignal { .. }
            | Self::ResolveCancelExternal { .. } => 4,
            Self::ResolveActivity { local: true, .. } => 5,
            Self::Query(_) => 6,
        }
    }
}
