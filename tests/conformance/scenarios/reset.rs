//! Runs that are reset to a point in their past.

use std::time::Duration;

use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::contract::request::Reset;
use sagascope::history::proto::EventType;
use sagascope::sim::script::Action;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, W, code, event, signal};

/// Runs an activity, waits for a signal, runs another.
#[workflow]
#[derive(Default)]
struct Steps {
    told: u32,
}

#[workflow_methods]
impl Steps {
    #[run(name = "Steps")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let options = || ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        let first = ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options())
            .await?;
        ctx.wait_condition(|state| state.told > 0).await?;
        let second = ctx
            .execute_activity(Stage::rehearse_too, Rehearsal::default(), options())
            .await?;
        Ok(json!([first, second]))
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.told += 1;
    }
}

const STEPS: Code = code![Steps];

pub(super) fn scenarios() -> Vec<Scenario> {
    let to_first_answer = Reset {
        event_id: 4,
        reason: "once more".to_owned(),
        reapply_signals: true,
        reapply_updates: true,
    };
    vec![
        Scenario::new(
            "reset-reapplies-signal",
            "A closed run is reset to its first workflow task: everything is done again, the signal is there already.",
            STEPS,
            Value::Null,
        )
        .then(event(EventType::ActivityTaskCompleted), signal("go", Value::Null))
        .then(
            event(EventType::WorkflowExecutionCompleted),
            Action::Reset(W.to_owned(), to_first_answer),
        ),
    ]
}
