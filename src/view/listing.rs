//! All workflow executions of a run, as `temporal workflow list` prints them: open ones first, then those that closed
//! last; of several the latest start first.
//!
//! As on a real server, visibility learns the length of a history only when the run closes.

use std::cmp::Reverse;

use serde_json::{Map, Value, json};

use super::columns::{constant, date, table, without_nulls};
use super::filter::Filter;
use crate::base::time::SimTime;
use crate::history::proto::{Attributes, HistoryEvent, SearchAttributes};
use crate::history::timestamp::Timestamp;
use crate::service::run::Run;
use crate::sim::Sim;

/// One workflow execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Execution {
    /// `Running`, `Completed`, …
    pub status: &'static str,
    /// Its workflow id.
    pub workflow_id: String,
    /// Its run id.
    pub run_id: String,
    /// Its workflow type.
    pub workflow_type: String,
    /// Its task queue.
    pub task_queue: String,
    /// When it began.
    pub start_time: SimTime,
    /// When it closed.
    pub close_time: Option<SimTime>,
    /// How many events its history has, once it is closed.
    pub history_length: Option<i64>,
    /// What it is found by, besides.
    pub search_attributes: Vec<(String, Value)>,
}

/// The executions that a filter lets through, in order.
pub fn list(sim: &Sim, filter: &Filter) -> Vec<Execution> {
    let mut rows: Vec<Execution> = sim.runs().iter().map(execution).collect();
    rows.retain(|row| filter.takes(row));
    // Of equals the later one first.
    rows.reverse();
    rows.sort_by_key(|row| Reverse((row.close_time.unwrap_or(SimTime(u64::MAX)), row.start_time)));
    rows
}

/// The run of that workflow id with that run id, or the latest.
///
/// # Errors
///
/// The Service's own words if there is none, and which there are.
pub fn find<'a>(sim: &'a Sim, workflow_id: &str, run_id: Option<&str>) -> Result<&'a Run, String> {
    let runs: Vec<&Run> = sim.runs_of(workflow_id).collect();
    if let Some(latest) = runs.last() {
        let wanted = run_id.unwrap_or(&latest.run_id);
        return runs.iter().find(|run| run.run_id == wanted).copied().ok_or_else(|| {
            let known: Vec<&str> = runs.iter().map(|run| run.run_id.as_str()).collect();
            format!(
                "workflow execution not found for workflow ID \"{workflow_id}\" and run ID \"{wanted}\"; there are {}",
                known.join(", ")
            )
        });
    }
    let mut known: Vec<&str> = sim.runs().iter().map(|run| run.workflow_id.as_str()).collect();
    known.dedup();
    let known = if known.is_empty() {
        "none has been started yet".to_owned()
    } else {
        format!("there are {}", known.join(", "))
    };
    Err(format!("workflow not found for ID: {workflow_id}; {known}"))
}

/// The custom search attributes that some execution has.
pub fn custom_attributes(sim: &Sim) -> Vec<String> {
    let of = |run: &Run| search_attributes(run.state.search_attributes.as_ref());
    let mut names: Vec<String> = sim.runs().iter().flat_map(of).map(|(name, _)| name).collect();
    names.sort();
    names.dedup();
    names
}

/// What a list says of a run.
pub(super) fn execution(run: &Run) -> Execution {
    let close_time = (!run.is_open()).then(|| run.log.events().last().map(time)).flatten();
    Execution {
        status: run.status().name(),
        workflow_id: run.workflow_id.clone(),
        run_id: run.run_id.clone(),
        workflow_type: run.workflow_type.clone(),
        task_queue: run.task_queue.clone(),
        start_time: start_time(run),
        close_time,
        history_length: close_time.map(|_| run.log.last_id()),
        search_attributes: search_attributes(run.state.search_attributes.as_ref()),
    }
}

/// When a run began: one that goes on with a part of another's history, when it was reset.
fn start_time(run: &Run) -> SimTime {
    let events = run.log.events();
    let reset = events.iter().find(|event| {
        matches!(&event.attributes, Some(Attributes::WorkflowTaskFailedEventAttributes(a)) if a.new_run_id == run.run_id)
    });
    reset.or(events.first()).map_or(SimTime::ZERO, time)
}

pub(super) fn time(event: &HistoryEvent) -> SimTime {
    event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time)
}

fn search_attributes(of: Option<&SearchAttributes>) -> Vec<(String, Value)> {
    let fields = of.into_iter().flat_map(|of| &of.indexed_fields);
    fields
        .map(|(name, payload)| (name.clone(), serde_json::from_slice(&payload.data).unwrap_or_default()))
        .collect()
}

impl Execution {
    /// As `temporal workflow list --output json` has it.
    pub fn json(&self) -> Value {
        let attributes: Map<String, Value> = self.search_attributes.iter().cloned().collect();
        without_nulls(json!({
            "execution": { "workflowId": self.workflow_id, "runId": self.run_id },
            "type": { "name": self.workflow_type },
            "startTime": date(self.start_time),
            "closeTime": self.close_time.map(date),
            "status": constant("WORKFLOW_EXECUTION_STATUS", self.status),
            "historyLength": self.history_length.map(|length| length.to_string()),
            "searchAttributes": attributes,
            "taskQueue": self.task_queue,
        }))
    }
}

/// The executions as lines.
pub fn text(rows: &[Execution]) -> String {
    let cells = |row: &Execution| {
        vec![
            row.status.to_owned(),
            row.workflow_id.clone(),
            row.run_id.clone(),
            row.workflow_type.clone(),
            row.task_queue.clone(),
            row.start_time.to_string(),
            row.close_time.map_or_else(String::new, |at| at.to_string()),
            row.history_length.map_or_else(String::new, |length| length.to_string()),
        ]
    };
    let headers = [
        "Status",
        "WorkflowId",
        "RunId",
        "Type",
        "TaskQueue",
        "StartTime",
        "CloseTime",
        "HistoryLength",
    ];
    table(&headers, &rows.iter().map(cells).collect::<Vec<_>>())
}
