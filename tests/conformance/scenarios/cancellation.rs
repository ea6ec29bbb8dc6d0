//! Requests to stop: what workflows and their activities make of them.

use std::time::Duration;

use sagascope::workflows::rehearsal::{Rehearsal, Stage, WhenCancelled};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityCancellationType, ActivityExecutionError, ActivityOptions, WorkflowCancellationToken, WorkflowContext,
    WorkflowResult,
};

use crate::scenario::{Code, Scenario, attempt_started, cancel, closed, code};

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
        let long = ActivityOptions::with_start_to_close_timeout(Duration::from_secs(60))
            .heartbeat_timeout(Duration::from_secs(1))
            .cancellation_type(cancellation_type)
            .build();
        match ctx.execute_activity(Stage::rehearse, rehearsal, long).await {
            Err(ActivityExecutionError::Cancelled(_)) => {
                let clean_up = ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
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

const CAREFUL: Code = code![Careful];

pub(super) fn scenarios() -> Vec<Scenario> {
    let careful = |name, says, when_cancelled, cancellation_type: ActivityCancellationType| {
        let rehearsal = Rehearsal {
            hangs: 9,
            beats_every_ms: 200,
            when_cancelled,
            ..Rehearsal::default()
        };
        Scenario::new(name, says, CAREFUL, json!([rehearsal, cancellation_type]))
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
