//! Activities: results, failures, retries, timeouts.

use std::time::Duration;

use sagascope::workflows::rehearsal::{Rehearsal, Stage};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code};

/// What [`OneActivity`] is told. Spans are in milliseconds; zero is "not set".
#[derive(Default, Serialize, Deserialize)]
#[serde(default)]
struct Order {
    rehearsal: Rehearsal,
    start_to_close_ms: u64,
    schedule_to_close_ms: u64,
    maximum_attempts: u32,
}

/// Runs one activity and returns what it returns.
#[workflow]
#[derive(Default)]
struct OneActivity;

#[workflow_methods]
impl OneActivity {
    #[run(name = "OneActivity")]
    async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<Value> {
        let policy = RetryPolicy::builder().maximum_attempts(order.maximum_attempts).build();
        let ms = Duration::from_millis;
        let options = if order.schedule_to_close_ms > 0 {
            ActivityOptions::with_schedule_to_close_timeout(ms(order.schedule_to_close_ms))
        } else {
            ActivityOptions::with_start_to_close_timeout(ms(order.start_to_close_ms))
        };
        let options = options.retry_policy(policy).build();
        Ok(ctx.execute_activity(Stage::rehearse, order.rehearsal, options).await?)
    }
}

const ONE_ACTIVITY: Code = code![OneActivity];

pub(super) fn scenarios() -> Vec<Scenario> {
    let one = |name, says, order: Order| Scenario::new(name, says, ONE_ACTIVITY, json!(order));
    vec![
        one(
            "activity-completes",
            "An activity returns a value, and the workflow returns it too.",
            Order {
                rehearsal: Rehearsal {
                    takes_ms: 100,
                    returns: json!({ "answer": 42 }),
                    ..Rehearsal::default()
                },
                start_to_close_ms: 10_000,
                ..Order::default()
            },
        ),
        one(
            "activity-fails-twice-then-completes",
            "Two attempts fail, the third succeeds: the history tells of the last attempt only.",
            Order {
                rehearsal: Rehearsal {
                    fails: 2,
                    error_type: "Flaky".to_owned(),
                    ..Rehearsal::default()
                },
                start_to_close_ms: 10_000,
                ..Order::default()
            },
        ),
        one(
            "activity-gives-up",
            "Two attempts may be made and both fail: so does the workflow.",
            Order {
                rehearsal: Rehearsal {
                    fails: 9,
                    ..Rehearsal::default()
                },
                start_to_close_ms: 10_000,
                maximum_attempts: 2,
                ..Order::default()
            },
        ),
        one(
            "activity-times-out",
            "The only attempt never answers and is given up after its start-to-close timeout.",
            Order {
                rehearsal: Rehearsal {
                    hangs: 9,
                    ..Rehearsal::default()
                },
                start_to_close_ms: 2_000,
                maximum_attempts: 1,
                ..Order::default()
            },
        ),
    ]
}
