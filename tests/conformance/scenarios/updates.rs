//! Updates: accepted, refused, with and without work of their own.

use std::time::Duration;

use sagascope::history::proto::EventType;
use sagascope::sim::script::When;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, update};

/// Keeps a sum; done when it reaches ten.
#[workflow]
#[derive(Default)]
struct Sum {
    sum: i64,
}

#[workflow_methods]
impl Sum {
    #[run(name = "Sum")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<i64> {
        ctx.wait_condition(|state| state.sum >= 10).await?;
        Ok(ctx.state(|state| state.sum))
    }

    #[update_validator(add)]
    fn may_add(&self, _ctx: &WorkflowContextView, n: &i64) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if *n < 0 {
            Err("no negative numbers".into())
        } else {
            Ok(())
        }
    }

    #[update(name = "add")]
    fn add(&mut self, _ctx: &mut SyncWorkflowContext<Self>, n: i64) -> i64 {
        self.sum += n;
        self.sum
    }

    #[update(name = "add_slowly")]
    async fn add_slowly(ctx: &mut WorkflowContext<Self>, n: i64) -> i64 {
        ctx.timer(Duration::from_secs(1)).await;
        ctx.state_mut(|state| state.sum += n);
        ctx.state(|state| state.sum)
    }
}

const SUM: Code = code![Sum];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "updates-one-refused",
            "An update is carried out, one is refused and leaves no trace, one ends the workflow.",
            SUM,
            Value::Null,
        )
        .then(
            event(EventType::WorkflowTaskCompleted),
            update("first", "add", json!(3)),
        )
        .then(When::Next, update("second", "add", json!(-1)))
        .then(When::Next, update("third", "add", json!(7))),
        Scenario::new(
            "update-waits-for-timer",
            "The handler of an update waits for a timer of its own before it answers.",
            SUM,
            Value::Null,
        )
        .then(
            event(EventType::WorkflowTaskCompleted),
            update("slow", "add_slowly", json!(10)),
        ),
    ]
}
