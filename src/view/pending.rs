//! What is pending in a workflow execution: its workflow task, activities, timers and children, each as data, as lines
//! and as JSON.

use serde_json::{Value, json};

use super::columns::{Pair, constant, date, seen_from, without_nulls};
use crate::base::time::{SimTime, Span};
use crate::history::execution;
use crate::history::json::failure_value;
use crate::history::payload;
use crate::history::proto::{Failure, ParentClosePolicy};
use crate::history::timestamp::duration;
use crate::service::run::PendingActivity;
use crate::service::unwritten::AttemptState;
use crate::service::unwritten::PendingWorkflowTask;

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

pub(super) fn task(task: &PendingWorkflowTask) -> Task {
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

pub(super) fn activity(activity: PendingActivity<'_>) -> Activity {
    let (scheduled, last_started, next_attempt) = match &activity.attempt.state {
        AttemptState::Waiting { since } => (Some(*since), None, None),
        AttemptState::Running { at, .. } => {
            // When a later attempt was scheduled is forgotten once it has begun.
            let scheduled = Some(activity.attempt.first_scheduled_at).filter(|_| activity.attempt.number == 1);
            (scheduled, Some(*at), None)
        }
        AttemptState::BackingOff { since, until } => (Some(*until), None, Some((*until, until.since(*since)))),
    };
    let reported = |details| payload::first_value(Some(details));
    Activity {
        activity_id: activity.told.activity_id.clone(),
        activity_type: activity.told.activity_type.clone(),
        state: match &activity.attempt.state {
            _ if activity.told.cancel_requested.is_some() => "CancelRequested",
            AttemptState::Running { .. } => "Started",
            AttemptState::Waiting { .. } | AttemptState::BackingOff { .. } => "Scheduled",
        },
        attempt: activity.attempt.number,
        maximum_attempts: u32::try_from(activity.told.policy.maximum_attempts).unwrap_or(0),
        scheduled,
        last_started,
        next_attempt,
        expiration: activity.deadline(),
        heartbeat: activity.attempt.last_heartbeat_at.map(|at| {
            (
                at,
                activity.attempt.last_heartbeat.as_ref().map_or(Value::Null, reported),
            )
        }),
        last_failure: activity
            .attempt
            .last_failure
            .as_ref()
            .map(|failure| (said(failure), failure_value(failure))),
        last_worker: activity.attempt.last_worker.clone(),
    }
}

/// The message of a failure, and the type that its author gave it.
pub(super) fn said(failure: &Failure) -> String {
    let info = &failure_value(failure)["applicationFailureInfo"]["type"];
    let message = &failure.message;
    info.as_str()
        .map_or_else(|| message.clone(), |kind| format!("{message} ({kind})"))
}

pub(super) fn timer((started_event_id, timer): (i64, &execution::Timer)) -> Timer {
    Timer {
        timer_id: timer.timer_id.clone(),
        started_event_id,
        fires: timer.expiry.sim_time(),
    }
}

pub(super) fn child((initiated_event_id, child): (&i64, &execution::Child)) -> Child {
    Child {
        workflow_id: child.workflow_id.clone(),
        run_id: child.first_run_id.clone(),
        workflow_type: child.workflow_type.clone(),
        initiated_event_id: *initiated_event_id,
        close_policy: match child.policy {
            ParentClosePolicy::Unspecified => "Unspecified",
            ParentClosePolicy::Terminate => "Terminate",
            ParentClosePolicy::Abandon => "Abandon",
            ParentClosePolicy::RequestCancel => "RequestCancel",
        },
    }
}

impl Task {
    pub(super) fn pairs(&self, now: SimTime) -> Vec<Pair> {
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

    pub(super) fn json(&self) -> Value {
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
    pub(super) fn pairs(&self, now: SimTime) -> Vec<Pair> {
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

    pub(super) fn json(&self) -> Value {
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
    pub(super) fn pairs(&self, now: SimTime) -> Vec<Pair> {
        vec![
            ("TimerId", self.timer_id.clone()),
            ("FireTime", seen_from(self.fires, now)),
            ("StartedEventId", self.started_event_id.to_string()),
        ]
    }

    pub(super) fn json(&self) -> Value {
        json!({
            "timerId": self.timer_id,
            "fireTime": date(self.fires),
            "startedEventId": self.started_event_id.to_string(),
        })
    }
}

impl Child {
    pub(super) fn pairs(&self) -> Vec<Pair> {
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

    pub(super) fn json(&self) -> Value {
        without_nulls(json!({
            "workflowId": self.workflow_id,
            "runId": self.run_id,
            "workflowTypeName": self.workflow_type,
            "initiatedId": self.initiated_event_id.to_string(),
            "parentClosePolicy": constant("PARENT_CLOSE_POLICY", self.close_policy),
        }))
    }
}

/// As protobuf's JSON spells a duration.
pub(super) fn seconds(span: Span) -> String {
    duration(span).to_string()
}
