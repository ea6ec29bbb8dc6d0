//! Signals.

use sagascope::history::proto::EventType;
use sagascope::sim::script::When;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, closed, code, event, signal, task_started};
use crate::think::think;

/// Collects what it is told until it has so many; thinks for so long first.
#[workflow]
#[derive(Default)]
struct Collector {
    heard: Vec<Value>,
}

#[workflow_methods]
impl Collector {
    #[run(name = "Collector")]
    async fn run(ctx: &mut WorkflowContext<Self>, input: (usize, u64)) -> WorkflowResult<Vec<Value>> {
        think(ctx, input.1);
        ctx.wait_condition(|state| state.heard.len() >= input.0).await?;
        Ok(ctx.state(|state| state.heard.clone()))
    }

    #[signal(name = "tell")]
    fn tell(&mut self, _ctx: &mut SyncWorkflowContext<Self>, what: Value) {
        self.heard.push(what);
    }
}

const COLLECTOR: Code = code![Collector];

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "signal-wakes-workflow",
            "A workflow waits for one signal; a second one comes when it is closed.",
            COLLECTOR,
            json!([1, 0]),
        )
        .then(event(EventType::WorkflowTaskCompleted), signal("tell", json!("hello")))
        .then(closed("w"), signal("tell", json!("too late"))),
        Scenario::new(
            "signals-while-task-runs",
            "Two signals come while the worker is busy: they are written when it answers.",
            COLLECTOR,
            json!([2, 3_000]),
        )
        .then(task_started(1), signal("tell", json!("one")))
        .then(When::Next, signal("tell", json!("two"))),
    ]
}
