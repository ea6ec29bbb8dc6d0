//! One workflow execution as `temporal workflow describe` shows it: how it stands, and what is pending.
//!
//! Beyond what a real server tells, it names who holds the workflow task, and the timers.

use serde_json::{Value, json};

use super::columns::{Pair, constant, date, pairs, seen_from, without_nulls};
use super::listing::{Execution, execution, time};
use crate::base::time::{SimTime, Span};
use crate::history::json::{event_value, failure_value};
use crate::history::payload;
use crate::history::proto::{Attributes, Failure, HistoryEvent, ParentClosePolicy, Payloads};
use crate::history::text::payload_preview;
use crate::history::timestamp::duration;
use crate::service::activity::{ActivityState, PendingActivity};
use crate::service::child::PendingChild;
use crate::service::namespace;
use crate::service::run::{PendingTimer, Run};
use crate::service::workflow_task::PendingWorkflowTask;
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
    pub outcome: Option<Outcome>,
}

/// A workflow task that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// `Scheduled` or `Started`.
    pub state: &'static str,
    /// From 1.
    pub attempt: u32,
    /// When it was scheduled.
    pub scheduled: SimTime,
    /// The queue it was scheduled on.
    pub task_queue: String,
    /// When a worker took it, who, and until when the Service waits for the answer.
    pub started: Option<(SimTime, String, SimTime)>,
}

/// An activity that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Its id.
    pub activity_id: String,
    /// Its type.
    pub activity_type: String,
    /// `Scheduled`, `Started` or `CancelRequested`.
    pub state: &'static str,
    /// From 1.
    pub attempt: u32,
    /// 0 for no limit.
    pub maximum_attempts: u32,
    /// When the attempt was scheduled, or is to be.
    pub scheduled: Option<SimTime>,
    /// When a worker took the attempt.
    pub last_started: Option<SimTime>,
    /// When the next attempt is due, and the wait before it.
    pub next_attempt: Option<(SimTime, Span)>,
    /// The end of schedule-to-close.
    pub expiration: Option<SimTime>,
    /// When some attempt reported last, and what.
    pub heartbeat: Option<(SimTime, Value)>,
    /// Why the attempt before failed: its message, and all of it as JSON.
    pub last_failure: Option<(String, Value)>,
    /// Who took the last attempt that was taken; empty for nobody.
    pub last_worker: String,
}

/// A timer that has not fired.
#[derive(Clone, Debug, PartialEq)]
pub struct Timer {
    /// Its id.
    pub timer_id: String,
    /// The event that started it.
    pub started_event_id: i64,
    /// When it fires.
    pub fires: SimTime,
}

/// A child that has not ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Child {
    /// Its workflow id.
    pub workflow_id: String,
    /// Its first run, once it has begun.
    pub run_id: Option<String>,
    /// Its type.
    pub workflow_type: String,
    /// The event that asked for it.
    pub initiated_event_id: i64,
    /// `Terminate`, `Abandon` or `RequestCancel`.
    pub close_policy: &'static str,
}

/// How an execution ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
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
/// The Service's own words if there is none, and which there are.
pub fn describe(sim: &Sim, workflow_id: &str, run_id: Option<&str>) -> Result<Description, String> {
    find(sim, workflow_id, run_id).map(|run| described(sim, run))
}

/// The run of that workflow id with that run id, or the latest.
///
/// # Errors
///
/// As [`describe`].
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

fn described(sim: &Sim, run: &Run) -> Description {
    let execution = execution(run);
    let started = run.started();
    let open = run.is_open();
    let memo = run.memo.iter().flat_map(|memo| &memo.fields);
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
        cancel_requested: run.cancel_requested,
        run_expiration: run.run_expiration,
        execution_expiration: run.execution_expiration,
        task_timeout: run.task_timeout,
        task: run.workflow_task.as_ref().filter(|_| open).map(task),
        activities: run.activities.values().filter(|_| open).map(activity).collect(),
        timers: run.timers.iter().filter(|_| open).map(timer).collect(),
        children: run
            .children
            .iter()
            .filter(|_| open)
            .map(|child| self::child(run, child))
            .collect(),
        outcome: run
            .log
            .events()
            .last()
            .filter(|_| !open)
            .map(|event| outcome(event, &execution)),
        execution,
    }
}

fn task(task: &PendingWorkflowTask) -> Task {
    let started = task.started.as_ref();
    Task {
        state: if started.is_some() { "Started" } else { "Scheduled" },
        attempt: task.attempt,
        scheduled: task.scheduled_at,
        task_queue: task.queue.name.clone(),
        started: started.map(|started| {
            (
                started.at,
                started.by.identity.clone(),
                started.at + task.start_to_close,
            )
        }),
    }
}

fn activity(activity: &PendingActivity) -> Activity {
    let (scheduled, last_started, next_attempt) = match &activity.state {
        ActivityState::Waiting { since } => (Some(*since), None, None),
        ActivityState::Running { at, .. } => {
            // When a later attempt was scheduled is forgotten once it has begun.
            let scheduled = Some(activity.first_scheduled_at).filter(|_| activity.attempt == 1);
            (scheduled, Some(*at), None)
        }
        ActivityState::BackingOff { since, until } => (Some(*until), None, Some((*until, until.since(*since)))),
    };
    let reported = |details| payload::first_value(Some(details));
    Activity {
        activity_id: activity.activity_id.clone(),
        activity_type: activity.activity_type.clone(),
        state: match &activity.state {
            _ if activity.cancel_requested.is_some() => "CancelRequested",
            ActivityState::Running { .. } => "Started",
            ActivityState::Waiting { .. } | ActivityState::BackingOff { .. } => "Scheduled",
        },
        attempt: activity.attempt,
        maximum_attempts: u32::try_from(activity.policy.maximum_attempts).unwrap_or(0),
        scheduled,
        last_started,
        next_attempt,
        expiration: activity.deadline(),
        heartbeat: activity
            .last_heartbeat_at
            .map(|at| (at, activity.last_heartbeat.as_ref().map_or(Value::Null, reported))),
        last_failure: activity
            .last_failure
            .as_ref()
            .map(|failure| (said(failure), failure_value(failure))),
        last_worker: activity.last_worker.clone(),
    }
}

/// The message of a failure, and the type that its author gave it.
fn said(failure: &Failure) -> String {
    let info = &failure_value(failure)["applicationFailureInfo"]["type"];
    let message = &failure.message;
    info.as_str()
        .map_or_else(|| message.clone(), |kind| format!("{message} ({kind})"))
}

fn timer((started_event_id, timer): (&i64, &PendingTimer)) -> Timer {
    Timer {
        timer_id: timer.timer_id.clone(),
        started_event_id: *started_event_id,
        fires: timer.expiry,
    }
}

fn child(run: &Run, (initiated_event_id, child): (&i64, &PendingChild)) -> Child {
    let initiated = run
        .log
        .get(*initiated_event_id)
        .and_then(|event| event.attributes.as_ref());
    let workflow_type = match initiated {
        Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => a.workflow_type.clone(),
        _ => None,
    };
    Child {
        workflow_id: child.workflow_id.clone(),
        run_id: child.first_run_id.clone(),
        workflow_type: workflow_type.unwrap_or_default().name,
        initiated_event_id: *initiated_event_id,
        close_policy: match child.policy {
            ParentClosePolicy::Unspecified => "Unspecified",
            ParentClosePolicy::Terminate => "Terminate",
            ParentClosePolicy::Abandon => "Abandon",
            ParentClosePolicy::RequestCancel => "RequestCancel",
        },
    }
}

fn outcome(event: &HistoryEvent, execution: &Execution) -> Outcome {
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
    Outcome {
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

/// As protobuf's JSON spells a duration.
fn seconds(span: Span) -> String {
    duration(span).to_string()
}

impl Task {
    fn pairs(&self, now: SimTime) -> Vec<Pair> {
        let mut rows = vec![
            ("State", self.state.to_owned()),
            ("Attempt", self.attempt.to_string()),
            ("ScheduledTime", seen_from(self.scheduled, now)),
            ("TaskQueue", self.task_queue.clone()),
        ];
        if let Some((at, by, until)) = &self.started {
            rows.push(("StartedTime", seen_from(*at, now)));
            rows.push(("WorkerIdentity", by.clone()));
            rows.push(("TimeoutTime", seen_from(*until, now)));
        }
        rows
    }

    fn json(&self) -> Value {
        let started = self.started.as_ref();
        without_nulls(json!({
            "state": constant("PENDING_WORKFLOW_TASK_STATE", self.state),
            "scheduledTime": date(self.scheduled),
            "startedTime": started.map(|(at, ..)| date(*at)),
            "attempt": self.attempt,
            "taskQueue": self.task_queue,
            "workerIdentity": started.map(|(_, by, _)| by),
            "timeoutTime": started.map(|(.., until)| date(*until)),
        }))
    }
}

impl Activity {
    fn pairs(&self, now: SimTime) -> Vec<Pair> {
        let mut rows = vec![
            ("ActivityId", self.activity_id.clone()),
            ("Type", self.activity_type.clone()),
            ("State", self.state.to_owned()),
            ("Attempt", self.attempt.to_string()),
            ("MaximumAttempts", self.maximum_attempts.to_string()),
        ];
        for (name, at) in [
            ("ScheduledTime", self.scheduled),
            ("LastStartedTime", self.last_started),
            ("NextAttemptScheduleTime", self.next_attempt.map(|(at, _)| at)),
            ("ExpirationTime", self.expiration),
            ("LastHeartbeatTime", self.heartbeat.as_ref().map(|(at, _)| *at)),
        ] {
            rows.extend(at.map(|at| (name, seen_from(at, now))));
        }
        rows.extend(
            self.next_attempt
                .map(|(_, wait)| ("CurrentRetryInterval", wait.to_string())),
        );
        let details = self.heartbeat.iter().filter(|(_, details)| !details.is_null());
        rows.extend(details.map(|(_, details)| ("HeartbeatDetails", details.to_string())));
        rows.extend(self.last_failure.iter().map(|(said, _)| ("LastFailure", said.clone())));
        if !self.last_worker.is_empty() {
            rows.push(("LastWorkerIdentity", self.last_worker.clone()));
        }
        rows
    }

    fn json(&self) -> Value {
        without_nulls(json!({
            "activityId": self.activity_id,
            "activityType": { "name": self.activity_type },
            "state": constant("PENDING_ACTIVITY_STATE", self.state),
            "heartbeatDetails": self.heartbeat.as_ref().map(|(_, details)| details),
            "lastHeartbeatTime": self.heartbeat.as_ref().map(|(at, _)| date(*at)),
            "lastStartedTime": self.last_started.map(date),
            "attempt": self.attempt,
            "maximumAttempts": Some(self.maximum_attempts).filter(|max| *max > 0),
            "scheduledTime": self.scheduled.map(date),
            "expirationTime": self.expiration.map(date),
            "lastFailure": self.last_failure.as_ref().map(|(_, failure)| failure),
            "lastWorkerIdentity": Some(&self.last_worker).filter(|worker| !worker.is_empty()),
            "currentRetryInterval": self.next_attempt.map(|(_, wait)| seconds(wait)),
            "nextAttemptScheduleTime": self.next_attempt.map(|(at, _)| date(at)),
        }))
    }
}

impl Timer {
    fn pairs(&self, now: SimTime) -> Vec<Pair> {
        vec![
            ("TimerId", self.timer_id.clone()),
            ("FireTime", seen_from(self.fires, now)),
            ("StartedEventId", self.started_event_id.to_string()),
        ]
    }

    fn json(&self) -> Value {
        json!({
            "timerId": self.timer_id,
            "fireTime": date(self.fires),
            "startedEventId": self.started_event_id.to_string(),
        })
    }
}

impl Child {
    fn pairs(&self) -> Vec<Pair> {
        vec![
            ("WorkflowId", self.workflow_id.clone()),
            (
                "RunId",
                self.run_id.clone().unwrap_or_else(|| "not started yet".to_owned()),
            ),
            ("TypeName", self.workflow_type.clone()),
            ("InitiatedId", self.initiated_event_id.to_string()),
            ("ParentClosePolicy", self.close_policy.to_owned()),
        ]
    }

    fn json(&self) -> Value {
        without_nulls(json!({
            "workflowId": self.workflow_id,
            "runId": self.run_id,
            "workflowTypeName": self.workflow_type,
            "initiatedId": self.initiated_event_id.to_string(),
            "parentClosePolicy": constant("PARENT_CLOSE_POLICY", self.close_policy),
        }))
    }
}
