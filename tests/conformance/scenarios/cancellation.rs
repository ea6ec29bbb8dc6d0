//! Cancelling: activities in every state, timers, whole workflows with and without cleaning up.

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage, WhenCancelled};
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::workflows::{join, join_all};
use temporalio_workflow::{
    ActivityCancellationType, ActivityExecutionError, ActivityOptions, CancellableFuture, SyncWorkflowContext,
    TimerOptions, TimerResult, WorkflowCancellationToken, WorkflowContext, WorkflowResult, WorkflowTermination,
};

use super::call::{Call, Calls, Recalls, came_of, millis};
use crate::scenario::{
    Scenario, attempt_failed, attempt_started, cancel, closed, code, event, events, signal, task_started, terminate,
    worker,
};
use crate::think::think;

/// A task queue that nobody polls.
const NOBODY: &str = "nobody";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = activities();
    all.extend(meetings());
    all.extend(workflows());
    all.extend(cleaning_up());
    all.extend(scopes());
    all
}

fn recalls(name: &'static str, says: &'static str, call: Value) -> Scenario {
    Scenario::new(name, says, code!(Recalls), call)
}

fn recall() -> Action {
    signal("recall", Value::Null)
}

/// An activity that hears of its cancellation soon, and does that then.
fn listening(when_cancelled: &str, cancellation: &str) -> Value {
    json!({
        "what": { "takes_ms": 5_000, "beats_every_ms": 200, "when_cancelled": when_cancelled, "cancel_takes_ms": 100 },
        "heartbeat_ms": 1_000,
        "cancellation": cancellation,
    })
}

fn activities() -> Vec<Scenario> {
    let scheduled = || event(EventType::ActivityTaskScheduled);
    let running = || attempt_started("1", 1);
    let waiting = || attempt_failed("1", 1);
    let nobody = |cancellation: &str| json!({ "task_queue": NOBODY, "cancellation": cancellation });
    let failing = |cancellation: &str| json!({ "what": { "fails": 9 }, "retry": { "first_ms": 60_000 }, "cancellation": cancellation });
    let mut missed = listening("confirm", "wait");
    missed["retry"] = json!({ "first_ms": 60_000 });
    let mut lingering = listening("confirm", "try");
    lingering["lingers_ms"] = json!(3_000);
    vec![
        recalls("cancel-unstarted-try", "An activity that nobody has taken yet is cancelled.", nobody("try"))
            .then(scheduled(), recall()),
        recalls(
            "cancel-unstarted-wait",
            "An activity that nobody has taken yet is cancelled, and the end of it awaited.",
            nobody("wait"),
        )
        .then(scheduled(), recall()),
        recalls(
            "cancel-unstarted-abandon",
            "An activity that nobody has taken yet is abandoned: nothing is asked of the Service.",
            nobody("abandon"),
        )
        .then(scheduled(), recall()),
        recalls(
            "cancel-running-try",
            "A running activity is cancelled; the workflow does not wait for it.",
            listening("confirm", "try"),
        )
        .then(running(), recall()),
        recalls(
            "cancel-running-try-lingers",
            "A running activity is cancelled; the workflow goes on with other things and is not told again when it stops.",
            lingering,
        )
        .then(running(), recall()),
        recalls(
            "cancel-running-wait",
            "A running activity is cancelled, hears of it with its next heartbeat, and confirms.",
            listening("confirm", "wait"),
        )
        .then(running(), recall()),
        recalls(
            "cancel-running-abandon",
            "A running activity is abandoned: it never hears of it.",
            json!({ "what": { "takes_ms": 2_000, "beats_every_ms": 200, "when_cancelled": "confirm" },
                    "heartbeat_ms": 1_000, "cancellation": "abandon", "lingers_ms": 4_000 }),
        )
        .then(running(), recall()),
        recalls(
            "abandoned-then-fails",
            "A running activity is abandoned, and fails: the worker has no way on from there, whoever has the task.",
            json!({ "what": { "takes_ms": 2_000, "fails": 1 }, "retry": { "attempts": 1 },
                    "cancellation": "abandon", "lingers_ms": 60_000 }),
        )
        .then(running(), recall())
        .after(events(EventType::WorkflowTaskFailed, 2), Span::secs(1), terminate("stuck")),
        recalls(
            "abandoned-then-times-out",
            "A running activity is abandoned, and takes too long: the worker has no way on from there either.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 2_000, "retry": { "attempts": 1 },
                    "cancellation": "abandon", "lingers_ms": 60_000 }),
        )
        .then(running(), recall())
        .after(events(EventType::WorkflowTaskFailed, 2), Span::secs(1), terminate("stuck")),
        recalls(
            "cancel-running-ignored",
            "A running activity is cancelled, hears of it, and completes all the same.",
            listening("ignore", "wait"),
        )
        .then(running(), recall()),
        recalls(
            "cancel-running-fails",
            "A running activity is cancelled, hears of it, and fails: there is no retry.",
            listening("fail", "wait"),
        )
        .then(running(), recall()),
        recalls(
            "cancel-running-unheard",
            "A running activity that never sends a heartbeat is cancelled and does not learn of it; it takes too long.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 3_000, "cancellation": "wait" }),
        )
        .then(running(), recall()),
        recalls("cancel-backoff-try", "An activity is cancelled between two attempts.", failing("try"))
            .then(waiting(), recall()),
        recalls(
            "cancel-backoff-wait",
            "An activity is cancelled between two attempts, and the end of it awaited.",
            failing("wait"),
        )
        .then(waiting(), recall()),
        recalls(
            "cancel-dead-worker",
            "An activity whose worker has died is cancelled: by then it has been missed, and waits for its next attempt.",
            missed,
        )
        .then(running(), Action::Kill(worker('A')))
        .then(When::Next, recall())
        .then(event(EventType::WorkflowTaskTimedOut), Action::Launch(worker('A'), 0)),
    ]
}

/// What is cancelled has ended already, and the workflow does not know it yet.
fn meetings() -> Vec<Scenario> {
    vec![
        recalls(
            "cancel-meets-completion",
            "An activity completes while the task that cancels it is being worked on.",
            json!({ "what": { "takes_ms": 1_000 }, "cancellation": "wait", "thinks_ms": 2_500 }),
        )
        .then(attempt_started("1", 1), recall()),
        recalls(
            "cancel-meets-failure",
            "An activity fails for good while the task that cancels it is being worked on.",
            json!({ "what": { "takes_ms": 1_000, "fails": 1 }, "retry": { "attempts": 1 }, "cancellation": "wait", "thinks_ms": 2_500 }),
        )
        .then(attempt_started("1", 1), recall()),
        recalls(
            "cancel-try-meets-completion",
            "An activity completes while the task that cancels it, and completes, is being worked on.",
            json!({ "what": { "takes_ms": 1_000 }, "thinks_ms": 2_500 }),
        )
        .then(attempt_started("1", 1), recall()),
        Scenario::new(
            "cancel-timer",
            "A timer is cancelled long before it is due.",
            code!(StopsTimer),
            json!({ "timer_ms": 60_000, "thinks_ms": 0 }),
        )
        .then(event(EventType::TimerStarted), signal("stop", Value::Null)),
        Scenario::new(
            "cancel-timer-meets-firing",
            "A timer fires while the task that cancels it is being worked on.",
            code!(StopsTimer),
            json!({ "timer_ms": 2_000, "thinks_ms": 3_500 }),
        )
        .then(event(EventType::TimerStarted), signal("stop", Value::Null)),
        Scenario::new(
            "cancel-before-sent",
            "An activity and a timer are cancelled by the code that asked for them: the Service never hears of them, but their numbers are used up.",
            code!(ThinksBetter),
            Value::Null,
        ),
    ]
}

fn workflows() -> Vec<Scenario> {
    let started = || event(EventType::TimerStarted);
    vec![
        Scenario::new(
            "cancel-workflow",
            "A workflow is asked to stop while it waits for a timer, cleans up, and stops.",
            code!(CleansUp),
            json!({ "takes_ms": 500 }),
        )
        .then(started(), cancel("enough")),
        Scenario::new(
            "cancel-workflow-twice",
            "A workflow is asked to stop, and again while it cleans up.",
            code!(CleansUp),
            json!({ "takes_ms": 2_000 }),
        )
        .then(started(), cancel("enough"))
        .then(events(EventType::ActivityTaskScheduled, 1), cancel("really enough")),
        Scenario::new(
            "cancel-workflow-before-first-task",
            "A workflow is asked to stop before any worker has taken it.",
            code!(CleansUp),
            json!({}),
        )
        .worker(|worker| worker.code = None)
        .then(When::Next, cancel("never mind"))
        .then(When::Next, Action::Launch(worker('A'), 0)),
        Scenario::new(
            "cancel-workflow-ignored",
            "A workflow is asked to stop and completes all the same.",
            code!(TakesNoNotice),
            Value::Null,
        )
        .then(started(), cancel("please")),
        Scenario::new(
            "cancel-workflow-in-activity",
            "A workflow that waits for an activity is asked to stop: the activity is cancelled, then the workflow.",
            code!(Calls),
            listening("confirm", "wait"),
        )
        .then(attempt_started("1", 1), cancel("enough")),
        Scenario::new(
            "cancel-workflow-in-unstarted-activity",
            "A workflow that waits for an activity that nobody has taken is asked to stop.",
            code!(Calls),
            json!({ "task_queue": NOBODY }),
        )
        .then(event(EventType::ActivityTaskScheduled), cancel("")),
        Scenario::new(
            "cancel-workflow-during-task",
            "A workflow is asked to stop while the task that completes it is being worked on: the task fails, and its repetition stops it.",
            code!(ThinksAndCompletes),
            Value::Null,
        )
        .then(task_started(1), cancel("not so fast")),
        Scenario::new(
            "cancel-closed-workflow",
            "A workflow is asked to stop when it has completed.",
            code!(TakesNoNotice),
            json!(null),
        )
        .then(closed("w"), cancel("too late"))
        .lasts(Span::secs(1)),
    ]
}

fn cleaning_up() -> Vec<Scenario> {
    let careful = |name, says, when_cancelled, cancellation_type: ActivityCancellationType| {
        let rehearsal = Rehearsal {
            hangs: 9,
            beats_every_ms: 200,
            when_cancelled,
            ..Rehearsal::default()
        };
        Scenario::new(name, says, code!(Careful), json!([rehearsal, cancellation_type]))
            .then(attempt_started("1", 1), cancel("enough"))
    };
    vec![
        careful(
            "cancel-waits-for-activity",
            "A workflow is cancelled, waits until its activity has confirmed, and cleans up.",
            WhenCancelled::Confirm,
            ActivityCancellationType::WaitCancellationCompleted,
        ),
        careful(
            "cancel-does-not-wait-for-activity",
            "A workflow is cancelled and cleans up at once, while its activity still runs.",
            WhenCancelled::Ignore,
            ActivityCancellationType::TryCancel,
        )
        .then(closed("w"), cancel("too late")),
    ]
}

fn scopes() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "cancel-scope",
            "A timer and an activity are cancelled together, another activity and another timer are not.",
            code!(Scoped),
            Value::Null,
        )
        .then(event(EventType::ActivityTaskScheduled), signal("leave", Value::Null)),
        Scenario::new(
            "cancel-scope-from-outside",
            "A workflow is asked to stop: what belongs to it is cancelled, what is detached is not.",
            code!(Scoped),
            Value::Null,
        )
        .then(event(EventType::ActivityTaskScheduled), cancel("enough")),
        Scenario::new(
            "cancel-many",
            "Four unstarted activities are cancelled in one task.",
            code!(RecallsMany),
            json!(4),
        )
        .then(
            events(EventType::ActivityTaskScheduled, 4),
            signal("recall", Value::Null),
        ),
    ]
}

/// Runs an activity for long, and when asked to stop, cleans up with another one first.
#[workflow]
#[derive(Default)]
struct Careful;

#[workflow_methods]
impl Careful {
    #[run(name = "Careful")]
    async fn run(
        ctx: &mut WorkflowContext<Self>,
        input: (Rehearsal, ActivityCancellationType),
    ) -> WorkflowResult<Value> {
        let (rehearsal, cancellation_type) = input;
        let long = ActivityOptions::with_start_to_close_timeout(millis(60_000))
            .heartbeat_timeout(millis(1_000))
            .cancellation_type(cancellation_type)
            .build();
        match ctx.execute_activity(Stage::rehearse, rehearsal, long).await {
            Err(ActivityExecutionError::Cancelled(_)) => {
                let clean_up = ActivityOptions::with_start_to_close_timeout(millis(10_000))
                    .cancellation_token(WorkflowCancellationToken::new())
                    .build();
                Ok(ctx
                    .execute_activity(Stage::rehearse_too, Rehearsal::default(), clean_up)
                    .await?)
            }
            other => Ok(other?),
        }
    }
}

/// A timer that can be stopped.
#[derive(Clone, Debug, serde::Serialize, serde::Deserialize)]
struct Stoppable {
    timer_ms: u64,
    thinks_ms: u64,
}

/// Waits for a timer and stops it at the signal `stop`, when it has thought about it.
#[workflow]
#[derive(Default)]
struct StopsTimer {
    stopped: bool,
}

#[workflow_methods]
impl StopsTimer {
    #[run(name = "StopsTimer")]
    async fn run(ctx: &mut WorkflowContext<Self>, input: Stoppable) -> WorkflowResult<String> {
        let timer = ctx.timer(millis(input.timer_ms));
        ctx.wait_condition(|state| state.stopped).await?;
        if input.thinks_ms > 0 {
            think(ctx, input.thinks_ms);
        }
        timer.cancel();
        Ok(format!("{:?}", timer.await))
    }

    #[signal]
    fn stop(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.stopped = true;
    }
}

/// Asks for an activity and a timer, and at once does without them.
#[workflow]
#[derive(Default)]
struct ThinksBetter;

#[workflow_methods]
impl ThinksBetter {
    #[run(name = "ThinksBetter")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<(String, String)> {
        let call = Call::default();
        let answer = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        let timer = ctx.timer(millis(1_000));
        answer.cancel();
        timer.cancel();
        let (answer, timer) = join!(answer, timer);
        ctx.timer(millis(1_000)).await;
        ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?;
        Ok((came_of(answer), format!("{timer:?}")))
    }
}

/// Waits for a minute; cleans up if it is asked to stop.
#[workflow]
#[derive(Default)]
struct CleansUp;

#[workflow_methods]
impl CleansUp {
    #[run(name = "CleansUp")]
    async fn run(ctx: &mut WorkflowContext<Self>, cleaning: Rehearsal) -> WorkflowResult<String> {
        if ctx.timer(millis(60_000)).await == TimerResult::Fired {
            return Ok("nobody came".to_owned());
        }
        let mut options = Call::default().options();
        options.cancellation_token = Some(WorkflowCancellationToken::new());
        ctx.execute_activity(Stage::rehearse_too, cleaning, options).await?;
        Err(WorkflowTermination::cancelled_with_details("cleaned up"))
    }
}

/// Waits two seconds, whoever asks it to stop.
#[workflow]
#[derive(Default)]
struct TakesNoNotice;

#[workflow_methods]
impl TakesNoNotice {
    #[run(name = "TakesNoNotice")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<String> {
        let detached = WorkflowCancellationToken::new();
        ctx.timer(
            TimerOptions::builder(millis(2_000))
                .cancellation_token(detached)
                .build(),
        )
        .await;
        Ok("done all the same".to_owned())
    }
}

/// Computes for a while and completes, unless it has been asked to stop.
#[workflow]
#[derive(Default)]
struct ThinksAndCompletes;

#[workflow_methods]
impl ThinksAndCompletes {
    #[run(name = "ThinksAndCompletes")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<String> {
        if ctx.cancellation_token().is_cancelled() {
            return Err(WorkflowTermination::cancelled());
        }
        think(ctx, 1_500);
        Ok("through".to_owned())
    }
}

/// Two activities and two timers: one pair in a scope that the signal `leave` cancels, the other detached.
#[workflow]
#[derive(Default)]
struct Scoped {
    left: bool,
}

#[workflow_methods]
impl Scoped {
    #[run(name = "Scoped")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Vec<String>> {
        let scope = ctx.cancellation_token().child_token();
        let detached = WorkflowCancellationToken::new();
        let call = |token: &WorkflowCancellationToken| {
            let mut options = Call {
                task_queue: Some(NOBODY.to_owned()),
                ..Call::default()
            }
            .options();
            options.cancellation_token = Some(token.clone());
            options
        };
        let timer = |ms, token: &WorkflowCancellationToken| {
            TimerOptions::builder(millis(ms))
                .cancellation_token(token.clone())
                .build()
        };
        let inner = ctx.execute_activity(Stage::rehearse, Rehearsal::default(), call(&scope));
        let inner_timer = ctx.timer(timer(60_000, &scope));
        let _outer = ctx.execute_activity(Stage::rehearse_too, Rehearsal::default(), call(&detached));
        let outer_timer = ctx.timer(timer(3_000, &detached));
        // Left at the signal, or because the workflow itself was cancelled.
        let _ = ctx.wait_condition(|state| state.left).await;
        scope.cancel();
        let (inner, inner_timer, outer_timer) = join!(inner, inner_timer, outer_timer);
        Ok(vec![
            came_of(inner),
            format!("{inner_timer:?}"),
            format!("{outer_timer:?}"),
        ])
    }

    #[signal]
    fn leave(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.left = true;
    }
}

/// So many activities that nobody takes, cancelled at the signal `recall`.
#[workflow]
#[derive(Default)]
struct RecallsMany {
    recalled: bool,
}

#[workflow_methods]
impl RecallsMany {
    #[run(name = "RecallsMany")]
    async fn run(ctx: &mut WorkflowContext<Self>, count: u32) -> WorkflowResult<Vec<String>> {
        let token = WorkflowCancellationToken::new();
        let answers: Vec<_> = (0..count)
            .map(|_| {
                let mut options = Call {
                    task_queue: Some(NOBODY.to_owned()),
                    ..Call::default()
                }
                .options();
                options.cancellation_token = Some(token.clone());
                ctx.execute_activity(Stage::rehearse, Rehearsal::default(), options)
            })
            .collect();
        ctx.wait_condition(|state| state.recalled).await?;
        token.cancel();
        Ok(join_all(answers).await.into_iter().map(came_of).collect())
    }

    #[signal]
    fn recall(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.recalled = true;
    }
}
