//! Replays a history that is nobody's task: does this code go together with it?
//!
//! All of the history is replay, also what comes after the last task: the commands of the last answer must be met, and
//! so must the end of the run. A run that is open may go on however it likes.
//!
//! The verdict is the official worker's, which looks at the kind, the order and the ids of what is asked for and at little
//! else. What it does not look at is told beside it: [`AskedOtherwise`].

use std::fmt;

use super::execution::Execution;
use super::nondeterminism::Mismatch;
use super::registry::Registry;
use crate::base::time::{SimTime, Span};
use crate::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use crate::history::difference::Difference;
use crate::history::proto::{Attributes, HistoryEvent, WorkflowExecutionStartedEventAttributes};

/// What a replay of compatible code came to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replayed {
    /// Which workflow was replayed.
    pub workflow_type: String,
    /// How many events.
    pub events: u32,
    /// How often the code ran.
    pub activations: u32,
    /// The history ends with the end of the run.
    pub closed: bool,
    /// Where the code asks for the same, but otherwise than history has it, in the order of the events.
    pub otherwise: Vec<AskedOtherwise>,
    /// How many values could not be compared with those in history, since nobody here can read them.
    pub sealed: u32,
}

/// Something that the code asks for otherwise than it was asked for when the history was written. No worker minds: what
/// has been done is not done again. But it may not be the code that the author believes to be running, and where a run is
/// not that far yet, it will get what the code says now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedOtherwise {
    /// The event that history has of it.
    pub event_id: i64,
    /// What is asked for: `activity Charge (id 2)`.
    pub what: String,
    /// On which source line; 0 if unknown.
    pub line: u32,
    /// In what it differs: from what history has to what the Service would write now.
    pub differences: Vec<Difference>,
}

impl fmt::Display for AskedOtherwise {
    /// A line, and one for each difference.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "event {}: {}", self.event_id, self.what)?;
        if self.line > 0 {
            write!(f, ", line {}", self.line)?;
        }
        self.differences
            .iter()
            .try_for_each(|difference| write!(f, "\n    {difference}"))
    }
}

/// Why a replay did not come to its end.
#[derive(Clone, Debug, PartialEq)]
pub enum ReplayError {
    /// Code and history do not go together.
    Nondeterministic(Box<Mismatch>),
    /// The code failed as it should not: it panicked, or forced its task to fail.
    Failed {
        /// Up to which event it ran.
        event_id: i64,
        /// What it said.
        message: String,
    },
    /// No such workflow is registered.
    UnknownType {
        /// Which is wanted.
        workflow_type: String,
        /// Which there are.
        known: Vec<String>,
    },
    /// The events are no history.
    Broken(String),
}

/// Replays a history, complete or cut off after any event, against the code of its type; `workflow_type` says which
/// code to take if not that of the history's own type.
pub fn replay(
    registry: &Registry,
    events: &[HistoryEvent],
    workflow_type: Option<&str>,
) -> Result<Replayed, ReplayError> {
    let started = beginning(events)?;
    let own_type = started.workflow_type.as_ref().map_or("", |t| t.name.as_str());
    let workflow_type = workflow_type.unwrap_or(own_type).to_owned();
    if registry.get(&workflow_type).is_none() {
        return Err(ReplayError::UnknownType {
            workflow_type,
            known: registry.types().map(str::to_owned).collect(),
        });
    }
    let mut task = task(started, &workflow_type);
    let mut execution = Execution::new(&task);
    execution.begin(&mut task, events);
    execution.judge();
    let mut activations = 0;
    while execution.has_more() {
        match execution.activate(events, registry, SimTime::ZERO) {
            Ok(activated) => activations += u32::from(!activated.fed.is_empty()),
            Err(failure) => {
                return Err(match failure.mismatch {
                    Some(mismatch) => ReplayError::Nondeterministic(mismatch),
                    None => ReplayError::Failed {
                        event_id: execution.seen_event_id(),
                        message: failure.failure.message,
                    },
                });
            }
        }
    }
    let judged = execution.take_judged();
    Ok(Replayed {
        workflow_type,
        events: u32::try_from(events.len()).unwrap_or(u32::MAX),
        activations,
        closed: events.last().is_some_and(|event| event.class().ends_run()),
        otherwise: judged.otherwise,
        sealed: judged.sealed,
    })
}

fn beginning(events: &[HistoryEvent]) -> Result<&WorkflowExecutionStartedEventAttributes, ReplayError> {
    for (event, expected) in events.iter().zip(1_i64..) {
        if event.event_id != expected {
            return Err(ReplayError::Broken(format!(
                "event {expected} is missing: event {} stands in its place",
                event.event_id
            )));
        }
    }
    match events.first().and_then(|event| event.attributes.as_ref()) {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => Ok(started),
        Some(_) => Err(ReplayError::Broken(
            "it does not begin with WorkflowExecutionStarted".to_owned(),
        )),
        None => Err(ReplayError::Broken("it has no events".to_owned())),
    }
}

/// All of a history as one task, every event of which has been answered before. The events are not in it but lent.
fn task(started: &WorkflowExecutionStartedEventAttributes, workflow_type: &str) -> WorkflowTask {
    WorkflowTask {
        token: WorkflowTaskToken {
            run: RunKey(0),
            scheduled_event_id: 0,
            attempt: 1,
        },
        workflow_id: started.workflow_id.clone(),
        run_id: started.original_execution_run_id.clone(),
        workflow_type: workflow_type.to_owned(),
        task_queue: started.task_queue.as_ref().map(|q| q.name.clone()).unwrap_or_default(),
        events: Vec::new(),
        previous_started_event_id: i64::MAX,
        started_event_id: 0,
        attempt: 1,
        start_to_close: Span::ZERO,
        queries: Vec::new(),
        updates: Vec::new(),
    }
}
