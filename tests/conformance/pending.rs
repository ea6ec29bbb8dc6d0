//! What the fold of a history says is pending, in the words in which moments keep what a real server says of it.

use sagascope::history::execution::ExecutionState;
use sagascope::history::proto::{HistoryEvent, ParentClosePolicy};
use serde_json::{Value, json};

/// What is pending after these events.
pub(crate) fn of(events: &[HistoryEvent]) -> Value {
    let state = ExecutionState::of(events);
    let activities = state.activities.iter().map(|(_, activity)| {
        json!({
            "activityId": activity.activity_id,
            "activityType": activity.activity_type,
            "cancelRequested": activity.cancel_requested.is_some(),
        })
    });
    let children = state.children.iter().filter(|_| state.is_open()).map(|(id, child)| {
        json!({
            "initiatedId": id.to_string(),
            "workflowId": child.workflow_id,
            "runId": child.first_run_id.clone().unwrap_or_default(),
            "workflowType": child.workflow_type,
            "parentClosePolicy": match child.policy {
                ParentClosePolicy::Unspecified => "Unspecified",
                ParentClosePolicy::Terminate => "Terminate",
                ParentClosePolicy::Abandon => "Abandon",
                ParentClosePolicy::RequestCancel => "RequestCancel",
            },
        })
    });
    sorted(json!({
        "open": state.is_open(),
        "activities": activities.collect::<Vec<_>>(),
        "children": children.collect::<Vec<_>>(),
        "workflowTask": state.workflow_task.as_ref().map(|task| task.started_event_id.is_some()),
    }))
}

/// The same, each list in an order of its own: a server gives them in none.
pub(crate) fn sorted(mut pending: Value) -> Value {
    for list in ["activities", "children"] {
        if let Some(list) = pending[list].as_array_mut() {
            list.sort_by_key(Value::to_string);
        }
    }
    pending
}
