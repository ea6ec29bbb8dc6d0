//! What a client asks of the Service, and what it is told.
//!
//! A zero span means "not set", an empty string "none", as on the wire.

use serde::Serialize;

use crate::base::time::{SimTime, Span};
use crate::history::payload;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Failure, Header, Memo, Payloads, RetryPolicy, SearchAttributes, UserMetadata, WorkflowIdReusePolicy,
};

/// Starts a workflow.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StartWorkflow {
    /// Chosen by the client.
    pub workflow_id: String,
    /// Which workflow.
    pub workflow_type: String,
    /// Where workers poll for its tasks.
    pub task_queue: String,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// Who starts it, for the history.
    pub identity: String,
    /// Limit of the whole chain of runs.
    pub execution_timeout: Span,
    /// Limit of one run.
    pub run_timeout: Span,
    /// Limit of one workflow task; zero for the Service's default.
    pub task_timeout: Span,
    /// Whether a failed run is followed by another; `None` for never.
    pub retry_policy: Option<RetryPolicy>,
    /// Five fields or `@every 5s`; empty for none.
    pub cron_schedule: String,
    /// How long the first workflow task is held back.
    pub start_delay: Span,
    /// For people.
    pub memo: Option<Memo>,
    /// For lists of workflows.
    pub search_attributes: Option<SearchAttributes>,
    /// For the code.
    pub header: Option<Header>,
    /// A summary and details, for people.
    pub user_metadata: Option<Box<UserMetadata>>,
    /// What if a closed run has this id.
    pub reuse: WorkflowIdReusePolicy,
    /// What if an open run has this id.
    pub conflict: WorkflowIdConflictPolicy,
}

impl StartWorkflow {
    /// A start of a workflow of that type, with one argument, on the task queue `default`.
    ///
    /// # Panics
    ///
    /// If the argument cannot be said in JSON.
    pub fn new(workflow_type: &str, workflow_id: &str, argument: &impl Serialize) -> Self {
        let argument = serde_json::to_value(argument).expect("an argument is something that JSON can say");
        Self {
            workflow_id: workflow_id.to_owned(),
            workflow_type: workflow_type.to_owned(),
            task_queue: "default".to_owned(),
            input: Some(payload::json(&argument)),
            ..Self::default()
        }
    }
}

/// Tells a workflow something.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Signal {
    /// Which handler.
    pub name: String,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// Who says it, for the history.
    pub identity: String,
    /// For the code.
    pub header: Option<Header>,
    /// A second request with the same id does nothing; empty for an id of the Service's own.
    pub request_id: String,
}

/// Queries a workflow. Leaves no trace in its history.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Query {
    /// Which handler.
    pub name: String,
    /// Its arguments.
    pub args: Option<Payloads>,
}

/// Updates a workflow, which says what came of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Update {
    /// Chosen by the client; a second request with the same id is told the outcome of the first.
    pub update_id: String,
    /// Which handler.
    pub name: String,
    /// Its arguments.
    pub args: Option<Payloads>,
    /// Who asks, for the history.
    pub identity: String,
}

/// Ends a run and goes on from a point in its past, as a new run.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Reset {
    /// A WorkflowTaskStarted, or the end of a workflow task: the first event that is not kept.
    pub event_id: i64,
    /// For people.
    pub reason: String,
    /// Whether signals that came after the point are given to the new run.
    pub reapply_signals: bool,
    /// Whether updates that were accepted after the point are given to the new run.
    pub reapply_updates: bool,
}

/// Which run of a workflow id is meant.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Target {
    /// Its workflow id.
    pub workflow_id: String,
    /// Its run id; empty for the latest run.
    pub run_id: String,
}

impl Target {
    /// The latest run of this workflow id.
    pub fn latest(workflow_id: &str) -> Self {
        Self {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }
    }
}

/// A query or an update that the client waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Ticket(pub u64);

/// What came of a query or an update.
#[derive(Clone, Debug, PartialEq)]
pub struct Reply {
    /// What it was about.
    pub ticket: Ticket,
    /// When.
    pub at: SimTime,
    /// What the handler returned, or why there is no answer.
    pub outcome: Result<Option<Payloads>, Refusal>,
}

/// Why the Service does not do what it was asked, with the words of the real one.
#[derive(Clone, Debug, PartialEq)]
pub enum Refusal {
    /// No run of that id, or it is closed: `NOT_FOUND`.
    NotFound(String),
    /// There is an open run of that id already: `ALREADY_EXISTS`.
    AlreadyStarted {
        /// What it says.
        message: String,
        /// The run that is in the way.
        run_id: String,
    },
    /// The request makes no sense: `INVALID_ARGUMENT`.
    Invalid(String),
    /// Not now, or not in this state: `FAILED_PRECONDITION`.
    Precondition(String),
    /// A limit is reached: `RESOURCE_EXHAUSTED`.
    Exhausted(String),
    /// There was no answer in the time that the client gives it: `DEADLINE_EXCEEDED`.
    Deadline(String),
    /// The handler failed, or refused.
    Handler(Box<Failure>),
}
