//! The workflows that are measured: ordinary code on the public SDK, each as small as it can be, so that what is left
//! is the cost of running it.

#![expect(clippy::unimplemented, reason = "what the SDK's macro wants for a body")]

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{activity_definitions, workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult, join_all};

/// The one activity that they run: it takes no time and returns a number.
pub(crate) struct Work;

#[activity_definitions]
impl Work {
    #[activity(name = "Rehearse")]
    pub(crate) async fn rehearse(item: Item) -> u32 {
        unimplemented!()
    }
}

/// What the activity takes: how many milliseconds it may pass.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Item {
    pub(crate) takes_ms: u64,
}

fn options() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(60))
}

/// So many activities, one after the other.
#[workflow]
#[derive(Default)]
pub(crate) struct InSequence;

#[workflow_methods]
impl InSequence {
    #[run(name = "InSequence")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u32) -> WorkflowResult<u32> {
        for _ in 0..count {
            ctx.execute_activity(Work::rehearse, Item::default(), options()).await?;
        }
        Ok(count)
    }
}

/// So many activities, all at once.
#[workflow]
#[derive(Default)]
pub(crate) struct InParallel;

#[workflow_methods]
impl InParallel {
    #[run(name = "InParallel")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u32) -> WorkflowResult<u32> {
        let all = (0..count).map(|_| ctx.execute_activity(Work::rehearse, Item::default(), options()));
        let all = join_all(all.collect::<Vec<_>>()).await;
        Ok(u32::try_from(all.into_iter().flatten().count()).unwrap_or(u32::MAX))
    }
}

/// Waits for so many signals.
#[workflow]
#[derive(Default)]
pub(crate) struct Signalled {
    seen: u32,
}

#[workflow_methods]
impl Signalled {
    #[run(name = "Signalled")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, count: u32) -> WorkflowResult<u32> {
        ctx.wait_condition(|state| state.seen >= count).await?;
        Ok(count)
    }

    #[signal(name = "go")]
    pub(crate) fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>, _number: u32) {
        self.seen += 1;
    }
}
