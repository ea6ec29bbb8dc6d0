//! A moment of a real performance: a history so far, and what the server says of the run then (`DescribeWorkflowExecution`).
//!
//! The fold of the history must say the same of what is pending. The moments of a scenario are recorded beside the
//! recordings (`moments/NAME.json`), and each live performance has new ones. Of timers a description does not tell.

use std::path::PathBuf;

use sagascope::history::json;
use sagascope::history::proto::HistoryEvent;
use serde_json::{Value, json};
use temporalio_protos::temporal::api::enums::v1::{
    ParentClosePolicy, PendingActivityState, PendingWorkflowTaskState, WorkflowExecutionStatus,
};
use temporalio_protos::temporal::api::workflowservice::v1::DescribeWorkflowExecutionResponse;

use crate::pending;

/// One moment.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Moment {
    /// Before which act of the script, from 1; before the end, which comes after the last, if there are children.
    pub(crate) act: usize,
    /// The history of the latest run of the scenario's workflow.
    pub(crate) events: Vec<HistoryEvent>,
    /// What the server says is pending, in the words of [`pending::of`].
    pub(crate) described: Value,
}

/// What a description says is pending.
pub(crate) fn described(description: &DescribeWorkflowExecutionResponse) -> Value {
    let info = description.workflow_execution_info.as_ref();
    let status = info.map_or(WorkflowExecutionStatus::Unspecified, |info| info.status());
    let activities = description.pending_activities.iter().map(|activity| {
        json!({
            "activityId": activity.activity_id,
            "activityType": activity.activity_type.as_ref().map(|kind| &kind.name),
            "cancelRequested": activity.state() == PendingActivityState::CancelRequested,
        })
    });
    let children = description.pending_children.iter().map(|child| {
        json!({
            "initiatedId": child.initiated_id.to_string(),
            "workflowId": child.workflow_id,
            "runId": child.run_id,
            "workflowType": child.workflow_type_name,
            "parentClosePolicy": match child.parent_close_policy() {
                ParentClosePolicy::Unspecified => "Unspecified",
                ParentClosePolicy::Terminate => "Terminate",
                ParentClosePolicy::Abandon => "Abandon",
                ParentClosePolicy::RequestCancel => "RequestCancel",
            },
        })
    });
    // What is not written the fold cannot know: later attempts.
    let task = description
        .pending_workflow_task
        .as_ref()
        .filter(|task| task.attempt == 1);
    pending::sorted(json!({
        "open": status == WorkflowExecutionStatus::Running,
        "activities": activities.collect::<Vec<_>>(),
        "children": children.collect::<Vec<_>>(),
        "workflowTask": task.map(|task| task.state() == PendingWorkflowTaskState::Started),
    }))
}

impl Moment {
    /// What the fold says differently; nothing if it agrees.
    pub(crate) fn disagreement(&self) -> Option<String> {
        let fold = pending::of(&self.events);
        (fold != self.described).then(|| {
            format!(
                "before act {}: the server says is pending {}, the fold {fold}",
                self.act, self.described
            )
        })
    }
}

/// Writes the moments of that scenario.
pub(crate) fn write(name: &str, moments: &[Moment]) -> Result<(), String> {
    let moments = moments.iter().map(|moment| {
        let events = moment.events.iter().map(json::event_value);
        let events: Vec<String> = events.map(|event| event.to_string()).collect();
        format!(
            "{{ \"act\": {}, \"described\": {},\n\"events\": [\n{}\n] }}",
            moment.act,
            moment.described,
            events.join(",\n")
        )
    });
    let text = format!("[\n{}\n]\n", moments.collect::<Vec<_>>().join(",\n"));
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join(format!("tests/conformance/moments/{name}.json"));
    std::fs::write(&path, text).map_err(|error| format!("{}: {error}", path.display()))
}
