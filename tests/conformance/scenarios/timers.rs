//! Timers: fired, cancelled, raced.

use std::time::Duration;

use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{CancellableFuture, WorkflowContext, WorkflowResult, select};

use crate::scenario::{Code, Scenario, code};

/// Starts a timer for each span, in milliseconds, waits for the one that fires first, and cancels the others.
#[workflow]
#[derive(Default)]
struct Race;

#[workflow_methods]
impl Race {
    #[run(name = "Race")]
    async fn run(ctx: &mut WorkflowContext<Self>, millis: (u64, u64)) -> WorkflowResult<Value> {
        let mut one = ctx.timer(Duration::from_millis(millis.0));
        let mut other = ctx.timer(Duration::from_millis(millis.1));
        let winner = select! {
            _ = one => "one",
            _ = other => "other",
        };
        one.cancel();
        other.cancel();
        Ok(json!(winner))
    }
}

/// Waits so many milliseconds.
#[workflow]
#[derive(Default)]
struct Sleeper;

#[workflow_methods]
impl Sleeper {
    #[run(name = "Sleeper")]
    async fn run(ctx: &mut WorkflowContext<Self>, millis: u64) -> WorkflowResult<Value> {
        ctx.timer(Duration::from_millis(millis)).await;
        Ok(json!("awake"))
    }
}

const SLEEPER: Code = code![Sleeper];
const RACE: Code = code![Race];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new("timer-fires", "A timer of two seconds fires.", SLEEPER, json!(2_000)),
        Scenario::new(
            "timers-race",
            "Of two timers the second fires first, and the other is cancelled with the workflow's last task.",
            RACE,
            json!([60_000, 1_500]),
        ),
    ]
}
