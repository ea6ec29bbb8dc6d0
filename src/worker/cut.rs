//! Cuts a history into the stretches that one activation sees.
//!
//! A stretch ends with a WorkflowTaskStarted that counts: one that was answered with commands, or the last one, which
//! is the task at hand. Failed and timed-out tasks are invisible to workflow code, and so is their time. An answer
//! without commands that is followed by the next task at once (a heartbeat for a local activity) ends no stretch
//! either. An accepted update belongs to the task it was delivered with. (Core's `find_end_index_of_next_wft_seq`.)

use std::ops::Range;

use crate::history::proto::{Attributes, EventType, HistoryEvent};
use crate::history::timestamp::Timestamp;

/// What one activation sees of a history.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stretch {
    /// The places of its events among those that were cut. The last one is the WorkflowTaskStarted it ends with.
    pub events: Range<usize>,
    /// Workflow time: when that task was started.
    pub time: Timestamp,
    /// Id of the WorkflowTaskStarted; 0 for what comes after the last one.
    pub started_event_id: i64,
}

/// Cuts events into stretches, which together are all of them. What comes after the last task that counts (the commands
/// of its answer, the end of the run) is a stretch that ends with no task.
pub fn cut(events: &[HistoryEvent]) -> Vec<Stretch> {
    let mut stretches = Vec::new();
    let mut begin = 0;
    while let Some(end) = end_of_stretch(&events[begin..]) {
        let started = &events[begin + end];
        stretches.push(Stretch {
            events: begin..begin + end + 1,
            time: started.event_time.unwrap_or_default(),
            started_event_id: started.event_id,
        });
        begin += end + 1;
    }
    if let Some(last) = events[begin..].last() {
        stretches.push(Stretch {
            events: begin..events.len(),
            time: last.event_time.unwrap_or_default(),
            started_event_id: 0,
        });
    }
    stretches
}

/// The index of the WorkflowTaskStarted that ends the first stretch.
fn end_of_stretch(events: &[HistoryEvent]) -> Option<usize> {
    let mut commands = false;
    let mut counted = Vec::new();
    let kind = |at: usize| events.get(at).map(HistoryEvent::event_type);
    for (at, event) in events.iter().enumerate() {
        commands |= event.class().is_answer();
        if event.event_type() != EventType::WorkflowTaskStarted {
            continue;
        }
        counted.push(at);
        match kind(at + 1) {
            Some(
                EventType::WorkflowTaskFailed
                | EventType::WorkflowTaskTimedOut
                | EventType::WorkflowExecutionTimedOut
                | EventType::WorkflowExecutionTerminated
                | EventType::WorkflowExecutionCanceled,
            ) => {
                counted.pop();
            }
            Some(EventType::WorkflowTaskCompleted)
                if !commands && kind(at + 2) == Some(EventType::WorkflowTaskScheduled) => {}
            _ => {
                let accepted = match events.get(at + 2).and_then(|event| event.attributes.as_ref()) {
                    Some(Attributes::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) => {
                        Some(accepted.accepted_request_sequencing_event_id)
                    }
                    _ => None,
                };
                let delivered_with = accepted.and_then(|sequencing| {
                    let before = |at: &&usize| events[**at].event_id < sequencing;
                    counted.iter().rev().find(before).copied()
                });
                return Some(delivered_with.unwrap_or(at));
            }
        }
    }
    None
}
