//! Whether the Service and the fold of a run's history say the same of the run.

use std::collections::BTreeSet;

use sagascope::history::execution::{ExecutionState, Update};
use sagascope::service::run::Run;
use sagascope::service::unwritten::{PendingWorkflowTask, UpdateState};

/// What they say differently; nothing if they agree.
pub(crate) fn disagreement(run: &Run) -> Option<String> {
    let found = different_state(run).or_else(|| unfounded(run));
    found.map(|what| format!("{} at event {}: {what}", run.workflow_id, run.log.last_id()))
}

/// The state with which the Service writes has grown event by event, and through all that waited: it must be what the
/// history says to somebody who reads it for the first time.
fn different_state(run: &Run) -> Option<String> {
    let fold = ExecutionState::of(run.log.events().iter().chain(&run.unwritten.buffer));
    (fold != run.state).then(|| format!("the fold is {fold:#?}\nthe Service has {:#?}", run.state))
}

/// What is written nowhere must be about what the history says is pending.
fn unfounded(run: &Run) -> Option<String> {
    let state = &run.state;
    let pending: Vec<i64> = state.activities.iter().map(|(id, _)| id).collect();
    let attempts: Vec<i64> = run.unwritten.attempts.keys().copied().collect();
    if pending != attempts {
        return Some(format!("pending are {pending:?}, attempts are there of {attempts:?}"));
    }
    let task = run.workflow_task().filter(|task| task.is_written());
    let ids = |task: &PendingWorkflowTask| {
        let started = task.started.as_ref().map(|started| started.event_id);
        (task.scheduled_event_id, started)
    };
    let told = state.workflow_task.as_ref();
    let told = told.map(|task| (task.scheduled_event_id, task.started_event_id));
    if told != task.map(ids) {
        return Some(format!(
            "of a workflow task the history tells {told:?}, in hand is {task:?}"
        ));
    }
    if !run.is_open() {
        return (run.workflow_task().is_some() || !run.unwritten.buffer.is_empty())
            .then(|| "it is closed, and something is still going on".to_owned());
    }
    let updates = &run.unwritten.hand.updates;
    let accepted = updates.iter().filter(|update| update.state == UpdateState::Accepted);
    let accepted: BTreeSet<&str> = accepted.map(|update| update.update.update_id.as_str()).collect();
    let told = state.updates.iter();
    let told = told.filter(|(_, update)| matches!(update, Update::Accepted { .. }));
    let told: BTreeSet<&str> = told.map(|(id, _)| id.as_str()).collect();
    (told != accepted).then(|| format!("accepted are {told:?}, in hand are {accepted:?}"))
}
