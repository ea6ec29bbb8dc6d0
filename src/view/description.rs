//! One workflow execution as `temporal workflow describe` shows it: how it stands, and what is pending.
//!
//! Beyond what a real server tells, it names who holds the workflow task, and the timers.

use serde_json::{Value, json};

use super::columns::{Pair, date, pairs, seen_from, without_nulls};
use super::listing::{Execution, execution, find, time};
use super::pending::{self, Activity, Child, Task, Timer, activity, said, seconds, task, timer};
use crate::base::time::{SimTime, Span};
use crate::history::json::event_value;
use crate::history::payload;
use crate::history::proto::{Attributes, HistoryEvent, Payloads};
use crate::history::text::payload_preview;
use crate::service::namespace;
use crate::service::run::Run;
use crate::sim::Sim;

/// How a workflow execution stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Description {
    /// When that is.
    pub now: SimTime,
    /// What a list says of it.
    pub execution: Execution,
    /// When its first workflow task is due, or was.
    pub execution_time: SimTime,
    /// How many events its history has.
    pub history_length: i64,
    /// How many bytes.
    pub history_size: u64,
    /// What it has for people, name and value.
    pub memo: Vec<(String, Value)>,
    /// Workflow id and run id of its parent.
    pub parent: Option<(String, String)>,
    /// The first run of its chain.
    pub first_run_id: String,
    /// Whether it was asked to stop.
    pub cancel_requested: bool,
    /// When the run has to be closed.
    pub run_expiration: Option<SimTime>,
    /// When its chain has to be closed.
    pub execution_expiration: Option<SimTime>,
    /// Limit of each of its workflow tasks.
    pub task_timeout: Span,
    /// Its workflow task.
    pub task: Option<Task>,
    /// Its activities.
    pub activities: Vec<Activity>,
    /// Its timers.
    pub timers: Vec<Timer>,
    /// Its children.
    pub children: Vec<Child>,
    /// How it ended.
    pub outcome: Option<Ended>,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// From its start to its end.
    pub run_time: Span,
    /// `Result`, `Failure`, `Reason`, …, and what.
    pub told: Option<(&'static str, String)>,
    /// The last event, as JSON.
    pub close_event: Value,
    /// What it returned.
    pub result: Option<Value>,
}

/// Describes an execution: of several runs of that id the one with the run id, or the latest.
///
/// # Errors
///
/// As [`find`].
pub fn describe(sim: &Sim, workflow_id: &str, run_id: Option<&str>) -> Result<Description, String> {
    find(sim, workflow_id, run_id).map(|run| described(sim, run))
}

fn described(sim: &Sim, run: &Run) -> Description {
    let execution = execution(run);
    let started = run.started();
    let open = run.is_open();
    let memo = run.state.memo.iter().flat_map(|memo| &memo.fields);
    let parent = started.parent_workflow_execution.clone();
    Description {
        now: sim.now(),
        execution_time: run.execution_time.max(execution.start_time),
        history_length: run.log.last_id(),
        history_size: run.size_bytes,
        memo: memo
            .map(|(name, payload)| (name.clone(), serde_json::from_slice(&payload.data).unwrap_or_default()))
            .collect(),
        parent: parent.map(|parent| (parent.workflow_id, parent.run_id)),
        first_run_id: run.first_run_id().to_owned(),
        cancel_requested: run.state.cancel_requested,
        run_expiration: run.run_expiration,
        execution_expiration: run.execution_expiration,
        task_timeout: run.task_timeout,
        task: run.workflow_task().filter(|_| open).map(task),
        activities: run.activities().filter(|_| open).map(activity).collect(),
        timers: run.state.timers.iter().filter(|_| open).map(timer).collect(),
        children: run.state.children.iter().filter(|_| open).map(pending::child).collect(),
        outcome: run
            .log
            .events()
            .last()
            .filter(|_| !open)
            .map(|event| outcome(event, &execution)),
        execution,
    }
}

fn outcome(event: &HistoryEvent, execution: &Execution) -> Ended {
    let result = match &event.attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(a)) => Some(payload::first_value(a.result.as_ref())),
        _ => None,
    };
    let preview = |payloads: &Payloads| payloads.payloads.first().map(payload_preview);
    let told = match &event.attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(a)) => {
            a.result.as_ref().and_then(preview).map(|result| ("Result", result))
        }
        Some(Attributes::WorkflowExecutionFailedEventAttributes(a)) => {
            a.failure.as_ref().map(|failure| ("Failure", said(failure)))
        }
        Some(Attributes::WorkflowExecutionTerminatedEventAttributes(a)) => Some(("Reason", a.reason.clone())),
        Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(a)) => {
            Some(("ContinuedExecutionRunId", a.new_execution_run_id.clone()))
        }
        _ => None,
    };
    Ended {
        run_time: time(event).since(execution.start_time),
        told: told.filter(|(_, what)| !what.is_empty()),
        close_event: event_value(event),
        result,
    }
}

impl Description {
    /// In sections, as the CLI prints it.
    pub fn text(&self) -> String {
        let mut text = format!("Execution Info:\n{}", pairs(&self.info()));
        let extended = self.extended();
        text.push_str(&format!("Extended Execution Info:\n{}", pairs(&extended)));
        if let Some(task) = &self.task {
            text.push_str(&format!("\nPending Workflow Task:\n{}", pairs(&task.pairs(self.now))));
        }
        let activities: Vec<_> = self
            .activities
            .iter()
            .map(|activity| activity.pairs(self.now))
            .collect();
        push_cards(&mut text, "Pending Activities", &activities);
        let timers: Vec<_> = self.timers.iter().map(|timer| timer.pairs(self.now)).collect();
        push_cards(&mut text, "Pending Timers", &timers);
        let children: Vec<_> = self.children.iter().map(Child::pairs).collect();
        push_cards(&mut text, "Pending Child Workflows", &children);
        if let Some(outcome) = &self.outcome {
            let mut rows = vec![
                ("RunTime", outcome.run_time.to_string()),
                ("Status", self.execution.status.to_uppercase()),
            ];
            rows.extend(outcome.told.clone());
            text.push_str(&format!("\nResults:\n{}", pairs(&rows)));
        }
        text
    }

    fn info(&self) -> Vec<Pair> {
        let Execution {
            status,
            workflow_id,
            run_id,
            workflow_type,
            task_queue,
            start_time,
            close_time,
            search_attributes,
            ..
        } = &self.execution;
        let at = |at: SimTime| seen_from(at, self.now);
        let mut rows = vec![
            ("WorkflowId", workflow_id.clone()),
            ("RunId", run_id.clone()),
            ("Type", workflow_type.clone()),
            ("Status", (*status).to_owned()),
            ("Namespace", namespace::NAME.to_owned()),
            ("TaskQueue", task_queue.clone()),
            ("StartTime", at(*start_time)),
        ];
        rows.extend(close_time.map(|close| ("CloseTime", at(close))));
        rows.push(("ExecutionTime", at(self.execution_time)));
        rows.extend(self.parent.iter().map(|(id, _)| ("ParentWorkflowId", id.clone())));
        rows.extend(self.parent.iter().map(|(_, run)| ("ParentRunId", run.clone())));
        rows.extend(fields("Memo", &self.memo));
        rows.extend(fields("SearchAttributes", search_attributes));
        rows.push(("HistoryLength", self.history_length.to_string()));
        rows.push(("HistorySize", self.history_size.to_string()));
        rows
    }

    fn extended(&self) -> Vec<Pair> {
        let mut rows = vec![("CancelRequested", self.cancel_requested.to_string())];
        for (name, at) in [
            ("ExecutionExpirationTime", self.execution_expiration),
            ("RunExpirationTime", self.run_expiration),
        ] {
            rows.extend(at.map(|at| (name, seen_from(at, self.now))));
        }
        rows
    }

    /// As `temporal workflow describe --output json` has it.
    pub fn json(&self) -> Value {
        let mut info = self.execution.json();
        let of = |fields: &[(String, Value)]| fields.iter().cloned().collect::<serde_json::Map<_, _>>();
        info["historyLength"] = self.history_length.to_string().into();
        info["historySizeBytes"] = self.history_size.to_string().into();
        info["executionTime"] = date(self.execution_time);
        info["memo"] = of(&self.memo).into();
        info["firstRunId"] = self.first_run_id.clone().into();
        if let Some((workflow_id, run_id)) = &self.parent {
            info["parentExecution"] = json!({ "workflowId": workflow_id, "runId": run_id });
        }
        let outcome = self.outcome.as_ref();
        without_nulls(json!({
            "executionConfig": {
                "taskQueue": { "name": self.execution.task_queue, "kind": "TASK_QUEUE_KIND_NORMAL" },
                "defaultWorkflowTaskTimeout": seconds(self.task_timeout),
            },
            "workflowExecutionInfo": info,
            "pendingActivities": list(&self.activities, Activity::json),
            "pendingTimers": list(&self.timers, Timer::json),
            "pendingChildren": list(&self.children, Child::json),
            "pendingWorkflowTask": self.task.as_ref().map(Task::json),
            "workflowExtendedInfo": without_nulls(json!({
                "cancelRequested": self.cancel_requested.then_some(true),
                "runExpirationTime": self.run_expiration.map(date),
                "executionExpirationTime": self.execution_expiration.map(date),
            })),
            "closeEvent": outcome.map(|outcome| outcome.close_event.clone()),
            "result": outcome.and_then(|outcome| outcome.result.clone()),
        }))
    }
}

/// The members, or nothing if there are none.
fn list<T>(members: &[T], json: fn(&T) -> Value) -> Option<Vec<Value>> {
    (!members.is_empty()).then(|| members.iter().map(json).collect())
}

fn push_cards(text: &mut String, title: &str, cards: &[Vec<Pair>]) {
    text.push_str(&format!("\n{title}: {}\n", cards.len()));
    for card in cards {
        text.push_str(&format!("\n{}", pairs(card)));
    }
}

fn fields(name: &'static str, fields: &[(String, Value)]) -> Option<Pair> {
    let words: Vec<String> = fields.iter().map(|(name, value)| format!("{name}={value}")).collect();
    (!fields.is_empty()).then(|| (name, words.join(", ")))
}
