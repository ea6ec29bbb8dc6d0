//! Heartbeats: progress that survives an attempt, and silence.

use std::time::Duration;

use sagascope::workflows::rehearsal::{Rehearsal, Stage};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code};

/// Runs one activity that must report every two seconds, with at most two attempts.
#[workflow]
#[derive(Default)]
struct Watched;

#[workflow_methods]
impl Watched {
    #[run(name = "Watched")]
    async fn run(ctx: &mut WorkflowContext<Self>, rehearsal: Rehearsal) -> WorkflowResult<Value> {
        let options = ActivityOptions::with_start_to_close_timeout(Duration::from_secs(60))
            .heartbeat_timeout(Duration::from_secs(2))
            .retry_policy(RetryPolicy::builder().maximum_attempts(2).build())
            .build();
        Ok(ctx.execute_activity(Stage::rehearse, rehearsal, options).await?)
    }
}

const WATCHED: Code = code![Watched];

pub(super) fn scenarios() -> Vec<Scenario> {
    let watched = |name, says, rehearsal: Rehearsal| Scenario::new(name, says, WATCHED, json!(rehearsal));
    vec![
        watched(
            "heartbeats-keep-activity-alive",
            "An activity reports twice a second and takes longer than its heartbeat timeout.",
            Rehearsal {
                takes_ms: 5_000,
                beats_every_ms: 500,
                ..Rehearsal::default()
            },
        ),
        watched(
            "heartbeats-stop",
            "Both attempts fall silent after three reports: the last count is in the failure.",
            Rehearsal {
                hangs: 9,
                beats_every_ms: 500,
                beats: 3,
                ..Rehearsal::default()
            },
        ),
    ]
}
