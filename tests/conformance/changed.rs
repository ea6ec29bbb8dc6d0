//! Code that is not the scenario's: what a run might meet after a careless deploy. Small workflows that take any input.

use std::time::Duration;

use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use serde_json::Value;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, ChildWorkflowOptions, LocalActivityOptions, MemoValue, WorkflowContext, WorkflowResult,
};

use crate::scenario::{Code, code};
use crate::scenarios::call::Call;

/// Code to be put in the place of other code.
pub(crate) struct Change {
    /// Which workflow type it replaces; `None` for any.
    pub(crate) of: Option<&'static str>,
    pub(crate) code: Code,
}

/// Every change that is tried.
pub(crate) fn all() -> Vec<Change> {
    let any = [
        code![Returns],
        code![Sleeps],
        code![Waits],
        code![WaitsTwiceAtOnce],
        code![Asks],
        code![AsksLocally],
        code![HasKid],
        code![IsPatched],
        code![WasPatched],
        code![Notes],
    ];
    let calls = [
        code![CallsAndWaits],
        code![WaitsAndCalls],
        code![CallsTwice],
        code![CallsElse],
        code![CallsOnceMore],
    ];
    let any = any.into_iter().map(|code| Change { of: None, code });
    let calls = calls.into_iter().map(|code| Change {
        of: Some("Calls"),
        code,
    });
    any.chain(calls).collect()
}

fn options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}

/// Returns at once.
#[workflow]
#[derive(Default)]
struct Returns;

#[workflow_methods]
impl Returns {
    #[run(name = "Returns")]
    async fn run(_ctx: &mut WorkflowContext<Self>, input: Value) -> WorkflowResult<Value> {
        Ok(input)
    }
}

/// Asks for nothing and never returns.
#[workflow]
#[derive(Default)]
struct Sleeps;

#[workflow_methods]
impl Sleeps {
    #[run(name = "Sleeps")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<()> {
        ctx.wait_condition(|_| false).await?;
        Ok(())
    }
}

/// Waits a second.
#[workflow]
#[derive(Default)]
struct Waits;

#[workflow_methods]
impl Waits {
    #[run(name = "Waits")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<()> {
        ctx.timer(Duration::from_secs(1)).await;
        Ok(())
    }
}

/// Starts two timers and waits for the second.
#[workflow]
#[derive(Default)]
struct WaitsTwiceAtOnce;

#[workflow_methods]
impl WaitsTwiceAtOnce {
    #[run(name = "WaitsTwiceAtOnce")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<()> {
        let _first = ctx.timer(Duration::from_secs(1));
        ctx.timer(Duration::from_secs(2)).await;
        Ok(())
    }
}

/// Runs an activity.
#[workflow]
#[derive(Default)]
struct Asks;

#[workflow_methods]
impl Asks {
    #[run(name = "Asks")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<Value> {
        Ok(ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options())
            .await?)
    }
}

/// Runs a local activity.
#[workflow]
#[derive(Default)]
struct AsksLocally;

#[workflow_methods]
impl AsksLocally {
    #[run(name = "AsksLocally")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<Value> {
        let options = LocalActivityOptions::builder()
            .start_to_close_timeout(Duration::from_secs(10))
            .build();
        Ok(ctx
            .execute_local_activity(Stage::rehearse, Rehearsal::default(), options)
            .await?)
    }
}

/// Has a child.
#[workflow]
#[derive(Default)]
struct HasKid;

#[workflow_methods]
impl HasKid {
    #[run(name = "HasKid")]
    async fn run(ctx: &mut WorkflowContext<Self>, input: Value) -> WorkflowResult<Value> {
        let options = ChildWorkflowOptions::workflow_id("kid".to_owned());
        let kid = ctx.start_child_workflow(Returns::run, input, options).await?;
        Ok(kid.result().await?)
    }
}

/// Runs an activity, and another one before it in new runs.
#[workflow]
#[derive(Default)]
struct IsPatched;

#[workflow_methods]
impl IsPatched {
    #[run(name = "IsPatched")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<Value> {
        if ctx.patched("earlier") {
            ctx.execute_activity(Stage::rehearse_too, Rehearsal::default(), options())
                .await?;
        }
        Ok(ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options())
            .await?)
    }
}

/// Has forgotten how it was before a change, and runs an activity.
#[workflow]
#[derive(Default)]
struct WasPatched;

#[workflow_methods]
impl WasPatched {
    #[run(name = "WasPatched")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<Value> {
        ctx.deprecate_patch("earlier");
        Ok(ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options())
            .await?)
    }
}

/// Writes into its memo, and runs an activity.
#[workflow]
#[derive(Default)]
struct Notes;

#[workflow_methods]
impl Notes {
    #[run(name = "Notes")]
    async fn run(ctx: &mut WorkflowContext<Self>, _input: Value) -> WorkflowResult<Value> {
        ctx.upsert_memo([("note", Some(MemoValue::new("begun".to_owned())))])?;
        Ok(ctx
            .execute_activity(Stage::rehearse, Rehearsal::default(), options())
            .await?)
    }
}

/// Makes its call, and waits a second.
#[workflow]
#[derive(Default)]
struct CallsAndWaits;

#[workflow_methods]
impl CallsAndWaits {
    #[run(name = "CallsAndWaits")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        let answer = ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await;
        ctx.timer(Duration::from_secs(1)).await;
        Ok(answer?)
    }
}

/// Waits a second, and makes its call.
#[workflow]
#[derive(Default)]
struct WaitsAndCalls;

#[workflow_methods]
impl WaitsAndCalls {
    #[run(name = "WaitsAndCalls")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        ctx.timer(Duration::from_secs(1)).await;
        Ok(ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?)
    }
}

/// Makes its call twice at once.
#[workflow]
#[derive(Default)]
struct CallsTwice;

#[workflow_methods]
impl CallsTwice {
    #[run(name = "CallsTwice")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        let _first = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        Ok(ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?)
    }
}

/// Makes its call to another activity.
#[workflow]
#[derive(Default)]
struct CallsElse;

#[workflow_methods]
impl CallsElse {
    #[run(name = "CallsElse")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        Ok(ctx
            .execute_activity(Stage::rehearse_too, call.what.clone(), call.options())
            .await?)
    }
}

/// Makes its call, and if it fails once more.
#[workflow]
#[derive(Default)]
struct CallsOnceMore;

#[workflow_methods]
impl CallsOnceMore {
    #[run(name = "CallsOnceMore")]
    async fn run(ctx: &mut WorkflowContext<Self>, call: Call) -> WorkflowResult<Value> {
        let answer = ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await;
        if let Ok(answer) = answer {
            return Ok(answer);
        }
        Ok(ctx
            .execute_activity(Stage::rehearse, call.what.clone(), call.options())
            .await?)
    }
}
