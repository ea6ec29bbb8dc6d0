//! Cuts a history into the stretches that one activation sees, and names the jobs of each.
//!
//! A stretch ends with a WorkflowTaskStarted that counts: one that was answered with commands, or the last one, which
//! is the task at hand. Failed and timed-out tasks are invisible to workflow code, and so is their time.

use crate::base::time::SimTime;
use crate::history::timestamp::Timestamp;

use crate::history::proto::{Attributes, Failure, HistoryEvent, Payloads, WorkflowExecutionStartedEventAttributes};

/// What one activation sees of the history.
#[derive(Clone, Debug, PartialEq)]
pub struct Stretch {
    /// Events since the stretch before, the last one the WorkflowTaskStarted it ends with.
    pub events: Vec<HistoryEvent>,
    /// Workflow time: when that task was started.
    pub time: SimTime,
    /// Id of the WorkflowTaskStarted.
    pub started_event_id: i64,
}

/// Something that happened and that workflow code is told about.
#[derive(Clone, Debug, PartialEq)]
pub struct Job {
    /// The event that brought it.
    pub event_id: i64,
    /// What it is.
    pub what: JobKind,
}

/// The kinds of jobs.
#[derive(Clone, Debug, PartialEq)]
pub enum JobKind {
    /// The run begins.
    Initialize(Box<WorkflowExecutionStartedEventAttributes>),
    /// A timer fired.
    FireTimer {
        /// Which of the workflow's timers, in the order the code made them.
        seq: u32,
    },
    /// An activity ended.
    ResolveActivity {
        /// Which of the workflow's activities, in the order the code made them.
        seq: u32,
        /// How.
        resolution: Box<Resolution>,
    },
}

/// How an activity ended, as the workflow sees it.
#[derive(Clone, Debug, PartialEq)]
pub enum Resolution {
    /// It returned.
    Completed(Option<Payloads>),
    /// It failed; the failure says which activity, and its cause why.
    Failed(Box<Failure>),
}

/// Cuts `events`, which end with the task at hand, into stretches. What is left after the last task that counts
/// belongs to no stretch yet.
pub fn stretches(events: Vec<HistoryEvent>) -> Vec<Stretch> {
    let ends: Vec<bool> = (0..events.len()).map(|i| ends_stretch(&events[i..])).collect();
    let mut stretches = Vec::new();
    let mut current = Vec::new();
    for (event, ends) in events.into_iter().zip(ends) {
        let at = event.event_time.map(Timestamp::sim_time).unwrap_or_default();
        let started_event_id = event.event_id;
        current.push(event);
        if ends {
            stretches.push(Stretch {
                events: std::mem::take(&mut current),
                time: at,
                started_event_id,
            });
        }
    }
    stretches
}

fn ends_stretch(rest: &[HistoryEvent]) -> bool {
    let is_started = |event: &HistoryEvent| {
        matches!(
            event.attributes,
            Some(Attributes::WorkflowTaskStartedEventAttributes(_))
        )
    };
    match rest {
        [started, next, ..] if is_started(started) => {
            matches!(
                next.attributes,
                Some(Attributes::WorkflowTaskCompletedEventAttributes(_))
            )
        }
        [started] => is_started(started),
        _ => false,
    }
}
