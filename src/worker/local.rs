//! What a worker and whoever runs it say to each other about local activities: data only.
//!
//! A local activity runs inside the worker that runs the workflow, within the workflow task; the Service learns of it
//! when it is over, from a marker. The worker decides what is to be tried and when; it does not run it itself, since it
//! knows nothing of the outside. The bookkeeping is in `machines::local_activity` and `attempts`.

use crate::base::time::{SimTime, Span};
use crate::contract::task::RunKey;
use crate::history::proto::{Failure, Payloads};

/// One attempt of a local activity, to be begun now.
#[derive(Clone, Debug, PartialEq)]
pub struct LocalActivityTask {
    /// The run that asked for it.
    pub run: RunKey,
    /// Workflow id of the run.
    pub workflow_id: String,
    /// Its number among the run's activities; goes back with the outcome.
    pub seq: u32,
    /// From 1; goes back with the outcome.
    pub attempt: u32,
    /// As the code named it, or its number.
    pub activity_id: String,
    /// Which activity to run.
    pub activity_type: String,
    /// Its arguments.
    pub input: Option<Payloads>,
    /// When the attempt begins.
    pub started: SimTime,
    /// How long the attempt may take; zero for any time.
    pub start_to_close: Span,
}

/// How an attempt at a local activity ended.
#[derive(Clone, Debug, PartialEq)]
pub enum LocalOutcome {
    /// It returned.
    Completed(Option<Payloads>),
    /// It failed.
    Failed(Box<Failure>),
    /// It was cancelled and says so.
    Canceled(Option<Payloads>),
}
