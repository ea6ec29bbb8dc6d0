//! How runs begin, end, and follow each other.

use std::time::Duration;

use sagascope::base::time::Span;
use sagascope::contract::request::StartWorkflow;
use sagascope::history::proto::{EventType, RetryPolicy};
use sagascope::history::timestamp;
use sagascope::sim::script::Action;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ContinueAsNewOptions, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, start};

/// Waits two seconds, so many times, each in a run of its own.
#[workflow]
#[derive(Default)]
struct Again;

#[workflow_methods]
impl Again {
    #[run(name = "Again")]
    async fn run(ctx: &mut WorkflowContext<Self>, times: u32) -> WorkflowResult<Value> {
        ctx.timer(Duration::from_secs(2)).await;
        if times > 1 {
            ctx.continue_as_new(times - 1, ContinueAsNewOptions::default())?;
        }
        Ok(json!("done"))
    }
}

/// Fails after a second.
#[workflow]
#[derive(Default)]
struct Failing;

#[workflow_methods]
impl Failing {
    #[run(name = "Failing")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        ctx.timer(Duration::from_secs(1)).await;
        Err(ApplicationFailure::new("it cannot be done").into())
    }
}

const AGAIN: Code = code![Again];
const FAILING: Code = code![Failing];

pub(super) fn scenarios() -> Vec<Scenario> {
    let second = Some(timestamp::duration(Span::secs(1)));
    let twice = RetryPolicy {
        initial_interval: second,
        maximum_attempts: 2,
        ..Default::default()
    };
    vec![
        Scenario::new(
            "continues-as-new",
            "A workflow goes on in a second run.",
            AGAIN,
            json!(2),
        ),
        Scenario::new(
            "workflow-retries",
            "A run fails and is followed by another, which fails too.",
            FAILING,
            Value::Null,
        )
        .start(|start: &mut StartWorkflow| start.retry_policy = Some(twice)),
        Scenario::new("run-times-out", "A run is not over when its time is.", AGAIN, json!(1))
            .start(|start| start.run_timeout = Span::secs(1)),
        Scenario::new(
            "start-refused-while-running",
            "A second workflow of the same id is refused while the first is open.",
            AGAIN,
            json!(1),
        )
        .then(
            event(EventType::WorkflowTaskCompleted),
            Action::Start(Box::new(start("w", Again::name(), json!(1)))),
        ),
    ]
}
