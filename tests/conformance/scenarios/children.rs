//! Child workflows.

use std::time::Duration;

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ChildWorkflowOptions, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, events_of, terminate};

/// Waits so many milliseconds; fails if it is told to.
#[workflow]
#[derive(Default)]
struct Kid;

#[workflow_methods]
impl Kid {
    #[run(name = "Kid")]
    async fn run(ctx: &mut WorkflowContext<Self>, input: (u64, bool)) -> WorkflowResult<Value> {
        ctx.timer(Duration::from_millis(input.0)).await;
        if input.1 {
            return Err(ApplicationFailure::new("the kid fails").into());
        }
        Ok(json!("grown up"))
    }
}

/// Has one child and returns what it returns.
#[workflow]
#[derive(Default)]
struct Parent;

#[workflow_methods]
impl Parent {
    #[run(name = "Parent")]
    async fn run(ctx: &mut WorkflowContext<Self>, input: (u64, bool)) -> WorkflowResult<Value> {
        let options = ChildWorkflowOptions::workflow_id("kid".to_owned());
        let kid = ctx.start_child_workflow(Kid::run, input, options).await?;
        Ok(kid.result().await?)
    }
}

const PARENT: Code = code![Parent, Kid];

pub(super) fn scenarios() -> Vec<Scenario> {
    let parent =
        |name, says, millis: u64, fails: bool| Scenario::new(name, says, PARENT, json!([millis, fails])).compare("kid");
    vec![
        parent("child-completes", "A parent waits for its child.", 1_000, false),
        parent("child-fails", "A child fails, and with it the parent.", 1_000, true),
        parent(
            "parent-terminated",
            "A parent is terminated: its child is, too.",
            60_000,
            false,
        )
        .after(
            events_of("kid", EventType::TimerStarted, 1),
            Span::millis(500),
            terminate("that will do"),
        ),
    ]
}
