//! What the Service puts a limit to. The limits are small here, so that they are soon reached.

use std::time::Duration;

use serde_json::Value;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code};

/// Waits for timers without an end.
#[workflow]
#[derive(Default)]
struct Endless;

#[workflow_methods]
impl Endless {
    #[run(name = "Endless")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        loop {
            ctx.timer(Duration::from_secs(1)).await;
        }
    }
}

const ENDLESS: Code = code![Endless];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "history-too-long",
            "A workflow that never ends is terminated when its history has too many events.",
            ENDLESS,
            Value::Null,
        )
        .limits(|limits| {
            limits.history_events = 20;
            limits.warn_events = 15;
            limits.suggest_events = 10;
        }),
    ]
}
