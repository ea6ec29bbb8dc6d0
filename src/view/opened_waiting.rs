//! What a run waits for, as far as the events of its history tell: the sentence of each moment of an opened history.

use super::recording::{Outcome, Waiting};
use crate::history::enums::short_name;
use crate::history::execution::{ExecutionState, RunStatus};
use crate::history::proto::{Attributes as A, HistoryEvent};

/// So many things of a kind are named.
const NAMED: usize = 2;

/// What it waits for in that state. `last_task` is the last event about a workflow task; `cut` says that the file ends here
/// and the history does not.
pub(super) fn waiting(state: &ExecutionState, last_task: Option<&HistoryEvent>, cut: bool) -> Waiting {
    if cut {
        return Waiting::for_something("The file ends here, and the history does not: what comes next is not in it.");
    }
    if !state.is_open() {
        return Waiting {
            closed: Some(outcome(state.status)),
            ..Waiting::for_something(&format!("Nothing: the run is closed, {}.", state.status.name()))
        };
    }
    if state.paused {
        return Waiting::for_something("An operator has paused it: it waits until somebody unpauses it.");
    }
    if let Some(task) = &state.workflow_task {
        let text = if task.started_event_id.is_some() {
            "A worker has its workflow task in hand.".to_owned()
        } else {
            format!("A worker must take its workflow task from queue {}.", task.queue.name)
        };
        return Waiting::for_something(&text);
    }
    match last_task.and_then(|event| event.attributes.as_ref()) {
        Some(A::WorkflowTaskFailedEventAttributes(failed)) => {
            let cause = short_name(failed.cause().as_str_name()).unwrap_or_default();
            let text = format!(
                "Its workflow task failed ({cause}). It is tried again without further events until it succeeds."
            );
            return Waiting {
                failing: true,
                ..Waiting::for_something(&text)
            };
        }
        Some(A::WorkflowTaskTimedOutEventAttributes(_)) => {
            let text = "Its workflow task timed out. It is tried again without further events until a worker answers.";
            return Waiting {
                failing: true,
                ..Waiting::for_something(text)
            };
        }
        _ => {}
    }
    pending(state)
}

fn pending(state: &ExecutionState) -> Waiting {
    let mut parts: Vec<String> = Vec::new();
    let activities = state
        .activities
        .iter()
        .map(|(id, activity)| format!("{} (event {id})", activity.activity_type));
    parts.extend(
        named(state.activities.len(), activities, "activities")
            .map(|names| format!("{names}: queued, running or between attempts, which a history cannot tell")),
    );
    let timers = state
        .timers
        .iter()
        .map(|(_, timer)| format!("timer {}", timer.timer_id));
    parts.extend(named(state.timers.len(), timers, "timers"));
    let children = state
        .children
        .iter()
        .map(|(_, child)| format!("child {}", child.workflow_id));
    parts.extend(named(state.children.len(), children, "children"));
    let updates = state
        .updates
        .iter()
        .map(|(id, _)| format!("update {id}, which the code is at"));
    parts.extend(named(state.updates.len(), updates, "updates"));
    let nexus = state
        .nexus_operations
        .iter()
        .map(|(_, operation)| format!("Nexus operation {}", operation.operation));
    parts.extend(named(state.nexus_operations.len(), nexus, "Nexus operations"));
    let out = state.signals_out.iter().chain(state.cancels_out.iter());
    let all = state.signals_out.len() + state.cancels_out.len();
    parts.extend(named(
        all,
        out.map(|(_, to)| format!("word to {}", to.workflow_id)),
        "messages",
    ));
    let until = state.timers.iter().map(|(_, timer)| timer.expiry.sim_time()).min();
    if parts.is_empty() {
        return Waiting::for_something("Nothing is pending: it waits for a signal or an update from outside.");
    }
    Waiting {
        until,
        ..Waiting::for_something(&format!("It waits for {}.", parts.join("; ")))
    }
}

/// The first names, and how many more there are.
fn named(all: usize, names: impl Iterator<Item = String>, kind: &str) -> Option<String> {
    let first: Vec<String> = names.take(NAMED).collect();
    match all {
        0 => None,
        _ if all <= NAMED => Some(first.join(" and ")),
        _ => Some(format!("{} and {} more {kind}", first.join(", "), all - NAMED)),
    }
}

const fn outcome(status: RunStatus) -> Outcome {
    match status {
        RunStatus::Running => Outcome::Running,
        RunStatus::Completed | RunStatus::ContinuedAsNew => Outcome::Ok,
        RunStatus::Failed | RunStatus::Terminated => Outcome::Failed,
        RunStatus::Canceled => Outcome::Canceled,
        RunStatus::TimedOut => Outcome::TimedOut,
    }
}
