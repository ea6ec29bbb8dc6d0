//! What workflow code asks for, with the source line it asks on.

use std::sync::Arc;

use crate::base::time::Span;
use crate::contract::answer::{ContinueAsNew, ScheduleActivity};
use crate::history::proto::{
    Failure, Header, Memo, Payloads, RetryPolicy, SearchAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, StartChildWorkflowExecutionInitiatedEventAttributes,
    UserMetadata, WorkflowExecution,
};
use crate::history::timestamp::Timestamp;

/// Something workflow code asked for.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowRequest {
    /// The source line it was asked for on; 0 if unknown.
    pub line: u32,
    /// What.
    pub what: RequestKind,
    /// What the code wrote beside it for people.
    pub user_metadata: Option<Box<UserMetadata>>,
}

/// The kinds of requests. `seq` counts the requests of a kind, in the order the code made them; local activities are
/// counted with the activities.
#[derive(Clone, Debug, PartialEq)]
pub enum RequestKind {
    /// Run an activity.
    ScheduleActivity {
        /// Its number.
        seq: u32,
        /// The command it becomes.
        command: Arc<ScheduleActivity>,
        /// What happens when the code cancels it.
        when_cancelled: WhenCancelled,
    },
    /// Cancel an activity.
    CancelActivity {
        /// Its number.
        seq: u32,
    },
    /// Run an activity inside the worker.
    ScheduleLocalActivity {
        /// Its number.
        seq: u32,
        /// What to run, and how.
        task: Box<ScheduleLocalActivity>,
    },
    /// Cancel a local activity.
    CancelLocalActivity {
        /// Its number.
        seq: u32,
    },
    /// Start a timer.
    StartTimer {
        /// Its number.
        seq: u32,
        /// Until it fires.
        wait: Span,
    },
    /// Cancel a timer.
    CancelTimer {
        /// Its number.
        seq: u32,
    },
    /// Start a child workflow.
    StartChild {
        /// Its number.
        seq: u32,
        /// The command it becomes.
        command: Box<StartChildWorkflowExecutionInitiatedEventAttributes>,
        /// What happens when the code cancels it.
        when_cancelled: ChildWhenCancelled,
    },
    /// Cancel a child workflow.
    CancelChild {
        /// Its number.
        seq: u32,
        /// Why, for people.
        reason: String,
    },
    /// Signal another workflow.
    SignalExternal {
        /// Its number.
        seq: u32,
        /// The command it becomes.
        command: Box<SignalExternalWorkflowExecutionInitiatedEventAttributes>,
    },
    /// Take a signal to another workflow back.
    CancelSignal {
        /// Its number.
        seq: u32,
    },
    /// Ask another workflow to stop.
    CancelExternal {
        /// Its number.
        seq: u32,
        /// Which namespace.
        namespace: String,
        /// Which workflow.
        execution: WorkflowExecution,
        /// Why, for people.
        reason: String,
    },
    /// `patched` said yes, or `deprecate_patch` was called.
    SetPatchMarker {
        /// Which patch.
        patch_id: String,
        /// `deprecate_patch` was called.
        deprecated: bool,
    },
    /// Set search attributes.
    UpsertSearchAttributes(SearchAttributes),
    /// Set fields of the memo.
    ModifyProperties(Memo),
    /// The update's handler has begun.
    AcceptUpdate {
        /// The update.
        update_id: String,
    },
    /// The update is refused.
    RejectUpdate {
        /// The update.
        update_id: String,
        /// Why.
        failure: Box<Failure>,
    },
    /// The update's handler has ended.
    CompleteUpdate {
        /// The update.
        update_id: String,
        /// How.
        outcome: Result<Option<Payloads>, Box<Failure>>,
    },
    /// The workflow returned.
    CompleteWorkflow {
        /// What.
        result: Option<Payloads>,
    },
    /// The workflow failed.
    FailWorkflow {
        /// Why.
        failure: Box<Failure>,
    },
    /// The workflow stopped as it was asked to.
    CancelWorkflow {
        /// What it has to say about it.
        details: Option<Payloads>,
    },
    /// The workflow wants to go on as a new run.
    ContinueAsNew(Box<ContinueAsNew>),
}

/// What the code gets when it cancels an activity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum WhenCancelled {
    /// A cancellation at once; the activity is asked to stop.
    #[default]
    Try,
    /// Whatever the activity says when it has been asked to stop.
    Wait,
    /// A cancellation at once; the activity learns nothing.
    Abandon,
}

/// What the code gets when it cancels a child workflow.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ChildWhenCancelled {
    /// A cancellation at once; the child learns nothing.
    #[default]
    Abandon,
    /// A cancellation at once; the child is asked to stop.
    Try,
    /// Whatever comes of the child when it has been asked to stop.
    Wait,
}

/// A request to run an activity inside the worker. A zero span means "not set".
#[derive(Clone, Debug, PartialEq)]
pub struct ScheduleLocalActivity {
    /// As the code named it, or its number.
    pub activity_id: String,
    /// Which activity.
    pub activity_type: String,
    /// The number of the first attempt, from 1; more after a long backoff.
    pub attempt: u32,
    /// When the very first attempt was asked for, after a long backoff.
    pub original_schedule: Option<Timestamp>,
    /// For the activity.
    pub header: Header,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// Limit from the first request to the end of the last attempt.
    pub schedule_to_close: Span,
    /// Limit of waiting for a free slot.
    pub schedule_to_start: Span,
    /// Limit of one attempt.
    pub start_to_close: Span,
    /// As the code gave it.
    pub retry_policy: RetryPolicy,
    /// A longer wait between attempts is a timer of the workflow.
    pub local_retry_threshold: Span,
    /// What happens when the code cancels it.
    pub when_cancelled: WhenCancelled,
    /// Whether the marker holds the arguments too.
    pub include_arguments: bool,
}

impl RequestKind {
    /// True for what ends the workflow's function.
    pub const fn is_terminal(&self) -> bool {
        matches!(
            self,
            Self::CompleteWorkflow { .. }
                | Self::FailWorkflow { .. }
                | Self::CancelWorkflow { .. }
                | Self::ContinueAsNew(_)
        )
    }
}
