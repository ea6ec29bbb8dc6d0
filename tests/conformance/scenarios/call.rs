//! Workflows that call activities, as their input says: most themes use them. What the activities do is said in the input
//! too, so a scenario is little more than one JSON value.

use std::time::Duration;

use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::workflows::join_all;
use temporalio_workflow::{
    ActivityCancellationType, ActivityCloseTimeouts, ActivityExecutionError, ActivityOptions, CancellableFuture,
    RetryPolicy, SyncWorkflowContext, WorkflowContext, WorkflowResult,
};

/// One call of the activity `Rehearse`. Spans are in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Call {
    /// What the activity does.
    pub(crate) what: Rehearsal,
    /// Ten seconds if neither this nor `schedule_to_close_ms` is given.
    pub(crate) start_to_close_ms: Option<u64>,
    pub(crate) schedule_to_close_ms: Option<u64>,
    pub(crate) schedule_to_start_ms: Option<u64>,
    pub(crate) heartbeat_ms: Option<u64>,
    pub(crate) retry: Option<Retry>,
    pub(crate) task_queue: Option<String>,
    pub(crate) activity_id: Option<String>,
    pub(crate) cancellation: Cancellation,
    /// For [`Recalls`]: how long it goes on after it knows what came of the call.
    pub(crate) lingers_ms: u64,
    /// For [`Recalls`]: how long it computes before it cancels the call.
    pub(crate) thinks_ms: u64,
}

/// A retry policy.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct Retry {
    pub(crate) first_ms: u64,
    pub(crate) coefficient: f64,
    pub(crate) longest_ms: Option<u64>,
    /// 0 for no limit.
    pub(crate) attempts: u32,
    /// Types of failures that rule out a retry.
    pub(crate) fatal: Vec<String>,
}

impl Default for Retry {
    fn default() -> Self {
        Self {
            first_ms: 1_000,
            coefficient: 2.0,
            longest_ms: None,
            attempts: 0,
            fatal: Vec::new(),
        }
    }
}

impl Retry {
    pub(crate) fn policy(&self) -> RetryPolicy {
        RetryPolicy::builder()
            .initial_interval(millis(self.first_ms))
            .backoff_coefficient(self.coefficient)
            .maybe_maximum_interval(self.longest_ms.map(millis))
            .maximum_attempts(self.attempts)
            .non_retryable_error_types(self.fatal.clone())
            .build()
    }
}

/// What a call does when it is cancelled.
#[derive(Clone, Copy, Debug, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Cancellation {
    #[default]
    Try,
    Wait,
    Abandon,
}

impl From<Cancellation> for ActivityCancellationType {
    fn from(cancellation: Cancellation) -> Self {
        match cancellation {
            Cancellation::Try => Self::TryCancel,
            Cancellation::Wait => Self::WaitCancellationCompleted,
            Cancellation::Abandon => Self::Abandon,
        }
    }
}

impl Call {
    pub(crate) fn options(&self) -> ActivityOptions {
        let timeouts = match (
            self.start_to_close_ms.map(millis),
            self.schedule_to_close_ms.map(millis),
        ) {
            (Some(start_to_close), Some(schedule_to_close)) => ActivityCloseTimeouts::ScheduleAndStartToClose {
                schedule_to_close,
                start_to_close,
            },
            (None, Some(schedule_to_close)) => ActivityCloseTimeouts::ScheduleToClose(schedule_to_close),
            (start_to_close, None) => {
                ActivityCloseTimeouts::StartToClose(start_to_close.unwrap_or(Duration::from_secs(10)))
            }
        };
        ActivityOptions::with_close_timeouts(timeouts)
            .maybe_schedule_to_start_timeout(self.schedule_to_start_ms.map(millis))
            .maybe_heartbeat_timeout(self.heartbeat_ms.map(millis))
            .maybe_retry_policy(self.retry.as_ref().map(Retry::policy))
            .maybe_task_queue(self.task_queue.clone())
            .maybe_activity_id(self.activity_id.clone())
            .cancellation_type(self.cancellation)
            .build()
    }
}

pub(crate) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

/// What came of a call, in a few words.
pub(crate) fn came_of(answer: Result<Value, ActivityExecutionError>) -> String {
    match answer {
        Ok(value) => format!("answered {value}"),
        Err(ActivityExecutionError::Cancelled(_)) => "cancelled".to_owned(),
        Err(ActivityExecutionError::Failed(_)) => "failed".to_owned(),
        Err(_) => "not understood".to_owned(),
    }
}

/// Makes one call; what comes of it comes of the workflow.
#[workflow]
#[derive(Default)]
pub(crate) struct Calls;

#[workflow_methods]
impl Calls {
    #[run(name = "Calls")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        Ok(ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?)
    }
}

/// Makes all calls at once, and waits for all.
#[workflow]
#[derive(Default)]
pub(crate) struct CallsAtOnce;

#[workflow_methods]
impl CallsAtOnce {
    #[run(name = "CallsAtOnce")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, calls: Vec<Call>) -> WorkflowResult<Vec<Value>> {
        let answers = calls
            .iter()
            .map(|call| ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options()));
        let answers = join_all(answers).await;
        Ok(answers.into_iter().collect::<Result<_, _>>()?)
    }
}

/// Makes the calls one after another, and goes on whatever comes of them.
#[workflow]
#[derive(Default)]
pub(crate) struct CallsInTurn;

#[workflow_methods]
impl CallsInTurn {
    #[run(name = "CallsInTurn")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, calls: Vec<Call>) -> WorkflowResult<Vec<String>> {
        let mut seen = Vec::new();
        for call in calls {
            let answer = ctx
                .execute_activity(Stage::rehearse, call.what.clone(), call.options())
                .await;
            seen.push(came_of(answer));
        }
        Ok(seen)
    }
}

/// Makes one call and cancels it at the signal `recall`.
#[workflow]
#[derive(Default)]
pub(crate) struct Recalls {
    recalled: bool,
}

#[workflow_methods]
impl Recalls {
    #[run(name = "Recalls")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<String> {
        let answer = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        ctx.wait_condition(|state| state.recalled).await?;
        if call.thinks_ms > 0 {
            crate::think::think(ctx, call.thinks_ms);
        }
        answer.cancel();
        let seen = came_of(answer.await);
        if call.lingers_ms > 0 {
            ctx.timer(millis(call.lingers_ms)).await;
        }
        Ok(seen)
    }

    #[signal]
    pub(crate) fn recall(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.recalled = true;
    }
}
