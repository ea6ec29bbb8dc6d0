//! Code that does not fit its history.

use std::time::Duration;

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde_json::Value;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, signal, worker};

/// Runs an activity, then waits for a signal.
#[workflow]
#[derive(Default)]
struct Right {
    told: bool,
}

#[workflow_methods]
impl Right {
    #[run(name = "Changed")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let options = ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        let result = ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options)
            .await?;
        ctx.wait_condition(|state| state.told).await?;
        Ok(result)
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told = true;
    }
}

/// The same with another activity: no run of the old code fits it.
#[workflow]
#[derive(Default)]
struct Wrong {
    told: bool,
}

#[workflow_methods]
impl Wrong {
    #[run(name = "Changed")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let options = ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        let result = ctx
            .execute_activity(Stage::rehearse_too, Rehearsal::default(), options)
            .await?;
        ctx.wait_condition(|state| state.told).await?;
        Ok(result)
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told = true;
    }
}

const RIGHT: Code = code![Right];
const WRONG: Code = code![Wrong];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "other-activity-then-mended",
            "Changed code does not fit the history, its task fails; with the old code back the run goes on.",
            RIGHT,
            Value::Null,
        )
        .worker(|worker| worker.cache = 0)
        .version(WRONG)
        .after(
            event(EventType::ActivityTaskCompleted),
            Span::millis(500),
            Action::Launch(worker('A'), 1),
        )
        .then(When::Next, signal("go", Value::Null))
        .then(event(EventType::WorkflowTaskFailed), Action::Launch(worker('A'), 0)),
    ]
}
