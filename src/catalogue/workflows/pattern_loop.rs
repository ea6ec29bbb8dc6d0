//! Again and again: a loop with a timer in it, which costs nothing while it waits. It has an end in any case; one that
//! goes round for ever would have to continue as new before its history grows too long.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// So often a supplier is asked for a better price.
const ROUNDS: u32 = 5;

/// Haggles, an hour between two rounds, until the price is low enough.
#[workflow]
#[derive(Default)]
pub struct Looping;

#[workflow_methods]
impl Looping {
    #[run(name = "Loop")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, deal: (QuoteRequest, u64)) -> WorkflowResult<Purchase> {
        let (mut wanted, at_most) = deal;
        loop {
            let quote = ctx
                .execute_activity(Suppliers::ask_for_quote, wanted.clone(), within(60))
                .await?;
            if quote.price <= at_most {
                return Ok(ctx.execute_activity(Suppliers::place_order, quote, within(60)).await?);
            }
            if wanted.round == ROUNDS {
                return Err(ApplicationFailure::new("the price stays too high").into());
            }
            ctx.timer(Duration::from_secs(3600)).await;
            wanted = wanted.again();
        }
    }
}

/// One attempt may take this long; retries follow Temporal's default policy.
fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
