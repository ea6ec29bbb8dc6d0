//! Activities: retries, timeouts, what the Service makes of options.

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When, WorkerSetup};
use serde_json::{Value, json};
use temporalio_macros::{activity_definitions, workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use sagascope::catalogue::workflows::rehearsal::Stage;

use super::call::{Call, Calls, CallsAtOnce, CallsInTurn, millis};
use crate::scenario::{Scenario, attempt_started, code, event, task_started, terminate, worker};

/// A task queue that nobody polls.
const NOBODY: &str = "nobody";
/// A task queue of its own for activities.
const OTHER: &str = "other";

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = retries();
    all.extend(timeouts());
    all.extend(options());
    all.extend(several());
    all
}

fn calls(name: &'static str, says: &'static str, call: Value) -> Scenario {
    Scenario::new(name, says, code!(Calls), call)
}

fn retries() -> Vec<Scenario> {
    vec![
        calls(
            "activity-completes",
            "An activity completes at its first attempt, all options left to their defaults.",
            json!({ "what": { "returns": { "a": [1, null, "ü"] } } }),
        ),
        calls(
            "activity-retried",
            "An activity fails twice and completes at its third attempt.",
            json!({ "what": { "fails": 2, "error_type": "Hiccup", "error_details": { "n": 1 } } }),
        ),
        calls(
            "activity-out-of-attempts",
            "An activity fails as often as it may be tried.",
            json!({ "what": { "fails": 9, "error_type": "Hiccup" }, "retry": { "attempts": 3 } }),
        ),
        calls(
            "activity-one-attempt",
            "An activity may be tried only once, and fails.",
            json!({ "what": { "fails": 9 }, "retry": { "attempts": 1 } }),
        ),
        calls(
            "activity-fatal-type",
            "An activity fails with a type that its policy does not retry.",
            json!({ "what": { "fails": 9, "error_type": "Broken" }, "retry": { "fatal": ["Bent", "Broken"] } }),
        ),
        calls(
            "activity-fatal-failure",
            "An activity fails and says itself that no retry would help.",
            json!({ "what": { "fails": 9, "error_type": "Broken", "non_retryable": true, "error_details": "beyond repair" } }),
        ),
        calls(
            "activity-asks-for-delay",
            "A failing activity asks for its next attempt sooner than its policy has it.",
            json!({ "what": { "fails": 1, "next_retry_delay_ms": 2_000 }, "retry": { "first_ms": 60_000 } }),
        ),
        calls(
            "activity-asks-for-more-than-longest",
            "The delay that a failing activity asks for is longer than the longest of its policy.",
            json!({ "what": { "fails": 1, "next_retry_delay_ms": 3_000 }, "retry": { "longest_ms": 1_000 } }),
        ),
        calls(
            "activity-backoff-bounded",
            "Retries come at the longest interval once the growing one exceeds it.",
            json!({ "what": { "fails": 3 }, "retry": { "coefficient": 10.0, "longest_ms": 2_000 } }),
        ),
        calls(
            "activity-steady-retries",
            "A coefficient of one: retries come at the same interval.",
            json!({ "what": { "fails": 3 }, "retry": { "coefficient": 1.0, "attempts": 4 } }),
        ),
        Scenario::new(
            "activity-unregistered",
            "A worker does not know the activity's type.",
            code!(CallsUnknown),
            Value::Null,
        ),
        calls(
            "activity-worker-killed",
            "The worker dies during the first attempt of an activity; a new one makes the second, and replays the workflow.",
            json!({ "what": { "takes_ms": 1_500 }, "start_to_close_ms": 3_000 }),
        )
        .then(attempt_started("1", 1), Action::Kill(worker('A')))
        .then(When::Next, Action::Launch(worker('A'), 0)),
    ]
}

fn timeouts() -> Vec<Scenario> {
    vec![
        calls(
            "activity-start-to-close-retried",
            "An attempt takes too long, the next does not.",
            json!({ "what": { "hangs": 1 }, "start_to_close_ms": 1_000 }),
        ),
        calls(
            "activity-start-to-close",
            "Every attempt takes too long.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 1_000, "retry": { "attempts": 2 } }),
        ),
        calls(
            "activity-fails-then-times-out",
            "After an attempt that failed, the last one takes too long: the failure is the cause.",
            json!({
                "what": { "fails": 1, "takes_ms": 1_000, "error_type": "Hiccup" },
                "start_to_close_ms": 2_000,
                "retry": { "attempts": 2 },
            }),
        )
        .then(attempt_started("1", 2), Action::Kill(worker('A')))
        .then(event(EventType::WorkflowTaskTimedOut), Action::Launch(worker('A'), 0)),
        calls(
            "activity-schedule-to-start",
            "Nobody polls an activity's task queue in time.",
            json!({ "task_queue": NOBODY, "schedule_to_start_ms": 1_000 }),
        ),
        calls(
            "activity-schedule-to-close-nobody",
            "Only the time to the end is limited, and nobody polls the task queue.",
            json!({ "task_queue": NOBODY, "schedule_to_close_ms": 1_000 }),
        ),
        calls(
            "activity-schedule-to-close-running",
            "Only the time to the end is limited, and the first attempt takes longer.",
            json!({ "what": { "hangs": 9 }, "schedule_to_close_ms": 1_500 }),
        ),
        calls(
            "activity-schedule-to-close-cuts-retries",
            "The time to the end runs out during the third attempt.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 1_000, "schedule_to_close_ms": 5_000, "retry": { "coefficient": 1.0 } }),
        ),
        calls(
            "activity-no-room-for-retry",
            "An attempt fails, and the time to the end leaves no room for the next.",
            json!({ "what": { "fails": 9 }, "schedule_to_close_ms": 4_000, "retry": { "coefficient": 10.0 } }),
        ),
        calls(
            "activity-fatal-timeout",
            "A policy that does not retry when an attempt takes too long.",
            json!({ "what": { "hangs": 9 }, "start_to_close_ms": 1_000, "retry": { "fatal": ["TemporalTimeout:StartToClose"] } }),
        ),
    ]
}

fn options() -> Vec<Scenario> {
    vec![
        calls(
            "activity-timeouts-trimmed",
            "Each timeout is longer than the time to the end, and is cut to it.",
            json!({
                "start_to_close_ms": 50_000,
                "schedule_to_close_ms": 20_000,
                "schedule_to_start_ms": 30_000,
                "heartbeat_ms": 40_000,
            }),
        ),
        calls(
            "activity-timeouts-within-run",
            "Timeouts longer than the run may take are cut to that.",
            json!({ "start_to_close_ms": 50_000, "schedule_to_start_ms": 50_000, "heartbeat_ms": 40_000 }),
        )
        .start(|start| start.run_timeout = Span::secs(20)),
        calls(
            "activity-own-id",
            "An activity has an id of its own.",
            json!({ "activity_id": "mine" }),
        ),
        calls(
            "activity-other-queue",
            "An activity is sent to another task queue, where a worker polls for activities only.",
            json!({ "task_queue": OTHER }),
        )
        .workers([
            WorkerSetup {
                activities: false,
                ..WorkerSetup::on("q")
            },
            WorkerSetup {
                workflows: false,
                ..WorkerSetup::on(OTHER)
            },
        ]),
        refused(
            "activity-bad-coefficient",
            "A retry policy whose coefficient is below one.",
            json!([{ "retry": { "coefficient": 0.5 } }]),
        ),
        refused(
            "activity-bad-longest",
            "A retry policy whose longest interval is shorter than the first.",
            json!([{ "retry": { "longest_ms": 500 } }]),
        ),
        refused(
            "activity-same-id-twice",
            "Two activities with the same id at the same time.",
            json!([{ "activity_id": "same" }, { "activity_id": "same" }]),
        ),
        refused(
            "activity-id-too-long",
            "An activity id longer than the Service takes.",
            json!([{ "activity_id": "x".repeat(1_001) }]),
        ),
    ]
}

/// The Service does not take the command: the task fails, is tried again, and would be for ever.
fn refused(name: &'static str, says: &'static str, calls: Value) -> Scenario {
    Scenario::new(name, says, code!(CallsAtOnce), calls)
        .start(|start| start.task_timeout = Span::secs(5))
        .after(task_started(2), Span::secs(1), terminate("it would never end"))
}

fn several() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "activities-at-once",
            "Three activities at once, each ending at another time.",
            code!(CallsAtOnce),
            json!([{ "what": { "takes_ms": 4_000 } }, { "what": { "takes_ms": 100 } }, { "what": { "takes_ms": 2_000 } }]),
        ),
        Scenario::new(
            "activities-in-turn",
            "Three activities one after another; the second is given up.",
            code!(CallsInTurn),
            json!([{}, { "what": { "fails": 1 }, "retry": { "attempts": 1 } }, { "what": { "returns": "end" } }]),
        ),
        Scenario::new(
            "activity-unfinished-at-close",
            "A workflow completes while its activity still runs: its answer comes too late.",
            code!(CallsAndLeaves),
            json!({ "what": { "takes_ms": 3_000 } }),
        )
        .lasts(Span::secs(6)),
        Scenario::new(
            "activity-retrying-at-close",
            "A workflow completes while its activity waits for its next attempt, which never comes.",
            code!(CallsAndLeaves),
            json!({ "what": { "fails": 9 }, "retry": { "first_ms": 3_000 } }),
        )
        .lasts(Span::secs(6)),
        Scenario::new(
            "activity-given-a-deadline",
            "An activity's answer is awaited for so long and no longer.",
            code!(CallsWithDeadline),
            json!({ "what": { "takes_ms": 3_000, "returns": "late" } }),
        ),
        Scenario::new(
            "activity-meets-its-deadline",
            "An activity's answer is awaited with a timer, and comes first.",
            code!(CallsWithDeadline),
            json!({ "what": { "takes_ms": 0, "returns": "in time" } }),
        ),
    ]
}

/// Activities that no worker has.
struct Missing;

#[activity_definitions]
impl Missing {
    #[activity(name = "NobodyHasThis")]
    async fn nobody_has_this() {
        unimplemented!()
    }
}

/// Calls an activity that no worker has, twice at most.
#[workflow]
#[derive(Default)]
struct CallsUnknown;

#[workflow_methods]
impl CallsUnknown {
    #[run(name = "CallsUnknown")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let call: Call = serde_json::from_value(json!({ "retry": { "attempts": 2 } })).expect("a call");
        Ok(ctx
            .execute_activity(Missing::nobody_has_this, (), call.options())
            .await?)
    }
}

/// Calls an activity and completes after a second, whatever comes of it.
#[workflow]
#[derive(Default)]
struct CallsAndLeaves;

#[workflow_methods]
impl CallsAndLeaves {
    #[run(name = "CallsAndLeaves")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<String> {
        let _answer = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        ctx.timer(millis(1_000)).await;
        Ok("not waiting any longer".to_owned())
    }
}

/// Calls an activity and waits a second for its answer.
#[workflow]
#[derive(Default)]
struct CallsWithDeadline;

#[workflow_methods]
impl CallsWithDeadline {
    #[run(name = "CallsWithDeadline")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        let mut answer = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        let mut deadline = ctx.timer(millis(1_000));
        temporalio_workflow::workflows::select! {
            answer = answer => Ok(answer?),
            _ = deadline => Ok("too late".into()),
        }
    }
}
