//! Local activities: they run in the worker, and the history has nothing but markers of them.

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::sim::script::{Action, When};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::workflows::join_all;
use temporalio_workflow::{
    CancellableFuture, LocalActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult,
};

use super::call::{Call, Cancellation, Retry, came_of, millis};
use crate::scenario::{Scenario, code, signal, task_started, worker};

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = one();
    all.extend(several());
    all
}

fn local(name: &'static str, says: &'static str, call: Value) -> Scenario {
    Scenario::new(name, says, code!(CallsLocally), call)
}

fn one() -> Vec<Scenario> {
    vec![
        local(
            "local-completes",
            "A local activity completes within its workflow task.",
            json!({ "what": { "takes_ms": 200 } }),
        ),
        local(
            "local-fails",
            "A local activity fails at its only attempt.",
            json!({ "what": { "fails": 1, "error_type": "Broken", "error_details": [1] }, "retry": { "attempts": 1 } }),
        ),
        local(
            "local-retried",
            "A local activity fails twice and is retried by the worker: the history knows of the last attempt only.",
            json!({ "what": { "fails": 2 }, "retry": { "first_ms": 100 } }),
        ),
        local(
            "local-out-of-attempts",
            "A local activity fails as often as it may be tried.",
            json!({ "what": { "fails": 9, "error_type": "Hiccup" }, "retry": { "first_ms": 100, "attempts": 3 } }),
        ),
        local(
            "local-fatal-type",
            "A local activity fails with a type that its policy does not retry.",
            json!({ "what": { "fails": 9, "error_type": "Broken" }, "retry": { "fatal": ["Broken"] } }),
        ),
        local(
            "local-fatal-failure",
            "A local activity fails and says itself that no retry would help.",
            json!({ "what": { "fails": 9, "non_retryable": true } }),
        ),
        local(
            "local-waits-by-timer",
            "The backoff of a local activity is so long that the workflow waits for it with a timer.",
            json!({ "what": { "fails": 1 }, "retry": { "first_ms": 2_000 }, "timer_from_ms": 1_000 }),
        ),
        local(
            "local-waits-by-timers",
            "Two backoffs of a local activity are waited for with timers, the first was not.",
            json!({ "what": { "fails": 3 }, "retry": { "first_ms": 700 }, "timer_from_ms": 1_000 }),
        ),
        local(
            "local-times-out",
            "Every attempt of a local activity takes too long.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 500, "retry": { "first_ms": 100, "attempts": 2 } }),
        ),
        local(
            "local-schedule-to-close",
            "A local activity takes longer than it has to its end.",
            json!({ "what": { "hangs": 9 }, "schedule_to_close_ms": 2_000, "retry": { "first_ms": 100 } }),
        ),
        local(
            "local-retried-past-its-end",
            "A local activity is retried though its time to the end is over: the worker counts it anew for each attempt.",
            json!({ "what": { "fails": 4 }, "schedule_to_close_ms": 1_500, "retry": { "first_ms": 700, "coefficient": 1.0 } }),
        ),
        local(
            "local-own-id",
            "A local activity has an id of its own, and its arguments are in the marker.",
            json!({ "activity_id": "mine", "shows_arguments": true }),
        ),
        local(
            "local-outlasts-task",
            "A local activity takes longer than a workflow task may: the worker asks for another task, twice.",
            json!({ "what": { "takes_ms": 7_000 } }),
        )
        .start(|start| start.task_timeout = Span::secs(4)),
        local(
            "local-worker-killed",
            "The worker dies while it runs a local activity: another worker runs it again from the beginning.",
            json!({ "what": { "takes_ms": 1_500 } }),
        )
        .start(|start| start.task_timeout = Span::secs(4))
        .then(task_started(1), Action::Kill(worker('A')))
        .then(When::Next, Action::Launch(worker('A'), 0)),
        local(
            "local-signalled",
            "A signal comes while a local activity runs: it is delivered with the next task that the worker asks for.",
            json!({ "what": { "takes_ms": 5_000 } }),
        )
        .start(|start| start.task_timeout = Span::secs(3))
        .then(task_started(1), signal("recall", Value::Null)),
        cancelled(
            "local-cancelled-try",
            "A local activity is cancelled; the workflow does not wait for it.",
            "try",
        ),
        cancelled(
            "local-cancelled-wait",
            "A local activity is cancelled and confirms.",
            "wait",
        ),
        cancelled("local-cancelled-abandon", "A local activity is abandoned.", "abandon"),
    ]
}

/// Cancelled by a signal, which comes with the second task that the worker asks for.
fn cancelled(name: &'static str, says: &'static str, cancellation: &str) -> Scenario {
    let what = json!({ "takes_ms": 8_000, "when_cancelled": "confirm", "cancel_takes_ms": 100 });
    let call = json!({ "what": what, "cancellation": cancellation });
    Scenario::new(name, says, code!(RecallsLocally), call)
        .start(|start| start.task_timeout = Span::secs(3))
        .then(task_started(1), signal("recall", Value::Null))
}

fn several() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "locals-at-once",
            "Three local activities at once, the longest first: markers in the order of their ends.",
            code!(CallsLocallyAtOnce),
            json!([{ "what": { "takes_ms": 1_500 } }, { "what": { "takes_ms": 100 } }, { "what": { "takes_ms": 800 } }]),
        ),
        Scenario::new(
            "local-among-others",
            "A local activity, an ordinary one, a local one again, a timer: the numbers of both kinds of activities are one row.",
            code!(Mixes),
            Value::Null,
        ),
        Scenario::new(
            "local-replayed",
            "A worker that keeps no runs in memory replays a history with local activities: none is run again.",
            code!(Mixes),
            Value::Null,
        )
        .worker(|worker| worker.cache = 0),
    ]
}

/// One call of the local activity `Rehearse`. Spans are in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct LocalCall {
    what: Rehearsal,
    start_to_close_ms: Option<u64>,
    schedule_to_close_ms: Option<u64>,
    retry: Retry,
    /// From which backoff on it is waited for with a timer.
    timer_from_ms: Option<u64>,
    activity_id: Option<String>,
    shows_arguments: bool,
    cancellation: Cancellation,
}

impl LocalCall {
    fn options(&self) -> LocalActivityOptions {
        LocalActivityOptions::builder()
            .maybe_start_to_close_timeout(self.start_to_close_ms.map(millis))
            .maybe_schedule_to_close_timeout(self.schedule_to_close_ms.map(millis))
            .maybe_timer_backoff_threshold(self.timer_from_ms.map(millis))
            .maybe_activity_id(self.activity_id.clone())
            .retry_policy(self.retry.policy())
            .include_arguments_in_marker(self.shows_arguments)
            .cancel_type(self.cancellation.into())
            .build()
    }
}

/// Makes one call; what comes of it comes of the workflow.
#[workflow]
#[derive(Default)]
struct CallsLocally;

#[workflow_methods]
impl CallsLocally {
    #[run(name = "CallsLocally")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: LocalCall) -> WorkflowResult<Value> {
        Ok(ctx
            .execute_local_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?)
    }

    #[signal]
    fn recall(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {}
}

/// Makes all calls at once, and waits for all.
#[workflow]
#[derive(Default)]
struct CallsLocallyAtOnce;

#[workflow_methods]
impl CallsLocallyAtOnce {
    #[run(name = "CallsLocallyAtOnce")]
    async fn run(ctx: &mut WorkflowContext<Self>, calls: Vec<LocalCall>) -> WorkflowResult<Vec<String>> {
        let answers = calls
            .iter()
            .map(|call| ctx.execute_local_activity(Stage::rehearse, call.what.clone(), call.options()));
        Ok(join_all(answers).await.into_iter().map(came_of).collect())
    }
}

/// Makes one call and cancels it at the signal `recall`.
#[workflow]
#[derive(Default)]
struct RecallsLocally {
    recalled: bool,
}

#[workflow_methods]
impl RecallsLocally {
    #[run(name = "RecallsLocally")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: LocalCall) -> WorkflowResult<String> {
        let answer = ctx.execute_local_activity(Stage::rehearse, call.what.clone(), call.options());
        ctx.wait_condition(|state| state.recalled).await?;
        answer.cancel();
        Ok(came_of(answer.await))
    }

    #[signal]
    fn recall(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.recalled = true;
    }
}

/// Calls a local activity, an ordinary one, and a local one again, then waits two seconds.
#[workflow]
#[derive(Default)]
struct Mixes;

#[workflow_methods]
impl Mixes {
    #[run(name = "Mixes")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Vec<Value>> {
        let (call, local) = (Call::default(), LocalCall::default());
        let first = ctx
            .execute_local_activity(Stage::rehearse, local.what.clone(), local.options())
            .await?;
        let second = ctx
            .execute_activity(Stage::rehearse_too, call.what.clone(), call.options())
            .await?;
        let third = ctx
            .execute_local_activity(Stage::rehearse_three, local.what.clone(), local.options())
            .await?;
        ctx.timer(millis(2_000)).await;
        let fourth = ctx
            .execute_local_activity(Stage::rehearse, local.what.clone(), local.options())
            .await?;
        Ok(vec![first, second, third, fourth])
    }
}
