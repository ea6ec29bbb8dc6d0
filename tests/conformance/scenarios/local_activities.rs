//! Local activities: they run in the worker, and the history has markers of them.

use std::time::Duration;

use sagascope::workflows::rehearsal::{Rehearsal, Stage};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{LocalActivityOptions, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code};

/// Runs local activities, one after the other.
#[workflow]
#[derive(Default)]
struct Local;

#[workflow_methods]
impl Local {
    #[run(name = "Local")]
    async fn run(ctx: &mut WorkflowContext<Self>, rehearsals: Vec<Rehearsal>) -> WorkflowResult<Value> {
        let mut results = Vec::new();
        for rehearsal in rehearsals {
            let options = LocalActivityOptions::builder()
                .start_to_close_timeout(Duration::from_secs(60))
                .build();
            results.push(ctx.execute_local_activity(Stage::rehearse, rehearsal, options).await?);
        }
        Ok(results.into())
    }
}

const LOCAL: Code = code![Local];

pub(super) fn scenarios() -> Vec<Scenario> {
    let takes = |takes_ms| Rehearsal {
        takes_ms,
        ..Rehearsal::default()
    };
    vec![
        Scenario::new(
            "local-activities-complete",
            "Two short local activities run in one workflow task: two markers.",
            LOCAL,
            json!([takes(100), takes(200)]),
        ),
        Scenario::new(
            "local-activity-outlasts-task",
            "A local activity takes longer than a workflow task may: the worker asks for more time.",
            LOCAL,
            json!([takes(11_000)]),
        ),
    ]
}
