//! Patches: new code for old runs.

use std::time::Duration;

use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, events, signal, worker};

/// Waits for a signal and runs an activity.
#[workflow]
#[derive(Default)]
struct Before {
    told: bool,
}

#[workflow_methods]
impl Before {
    #[run(name = "Patched")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        ctx.wait_condition(|state| state.told).await?;
        let options = ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        Ok(ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options)
            .await?)
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told = true;
    }
}

/// Runs another activity in new runs, before and after the signal.
#[workflow]
#[derive(Default)]
struct After {
    told: bool,
}

#[workflow_methods]
impl After {
    #[run(name = "Patched")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let options = || ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        let mut first = Value::Null;
        if ctx.patched("earlier") {
            first = ctx
                .execute_activity(Stage::rehearse_three, Rehearsal::default(), options())
                .await?;
        }
        ctx.wait_condition(|state| state.told).await?;
        let second = if ctx.patched("other-activity") {
            ctx.execute_activity(Stage::rehearse_too, Rehearsal::default(), options())
                .await?
        } else {
            ctx.execute_activity(Stage::rehearse, Rehearsal::default(), options())
                .await?
        };
        Ok(json!([first, second]))
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told = true;
    }
}

const BEFORE: Code = code![Before];
const AFTER: Code = code![After];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "patch-new-run",
            "New code, new run: two patches are marked.",
            AFTER,
            Value::Null,
        )
        .then(events(EventType::WorkflowTaskCompleted, 2), signal("go", Value::Null)),
        Scenario::new(
            "patch-old-run",
            "A run that old code began is gone on with by new code: only the second patch is marked.",
            BEFORE,
            Value::Null,
        )
        .worker(|worker| worker.cache = 0)
        .version(AFTER)
        .then(event(EventType::WorkflowTaskCompleted), Action::Launch(worker('A'), 1))
        .then(When::Next, signal("go", Value::Null)),
    ]
}
