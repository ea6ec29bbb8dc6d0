//! Queries: they leave no trace.

use sagascope::history::proto::EventType;
use sagascope::sim::script::When;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowContextView, WorkflowResult};

use crate::scenario::{Code, Scenario, closed, code, event, query, signal};

/// Counts what it is told, until it is told to stop.
#[workflow]
#[derive(Default)]
struct Counter {
    count: u32,
    done: bool,
}

#[workflow_methods]
impl Counter {
    #[run(name = "Counter")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<u32> {
        ctx.wait_condition(|state| state.done).await?;
        Ok(ctx.state(|state| state.count))
    }

    #[signal(name = "add")]
    fn add(&mut self, _ctx: &mut SyncWorkflowContext<Self>, n: u32) {
        self.count += n;
    }

    #[signal(name = "stop")]
    fn stop(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.done = true;
    }

    #[query(name = "count")]
    fn count(&self, _ctx: &WorkflowContextView) -> u32 {
        self.count
    }
}

const COUNTER: Code = code![Counter];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "query-open-and-closed",
            "A workflow is asked while it waits, after a signal, and when it is closed; nobody knows the last question.",
            COUNTER,
            Value::Null,
        )
        .then(event(EventType::WorkflowTaskCompleted), query("count", Value::Null))
        .then(When::Next, signal("add", json!(3)))
        .then(When::Next, query("count", Value::Null))
        .then(When::Next, signal("stop", Value::Null))
        .then(closed("w"), query("count", Value::Null))
        .then(When::Next, query("nonsense", Value::Null)),
    ]
}
