//! Chance, the right way: the SDK's own. Its numbers follow from the run and from how many were drawn before, so a replay
//! draws the same ones.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// Buys from the usual supplier; every other time, by chance, another one is asked, too, and the cheaper gets the order.
#[workflow]
#[derive(Default)]
pub struct SpotCheck;

#[workflow_methods]
impl SpotCheck {
    #[run(name = "SpotCheck")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, asked: (QuoteRequest, QuoteRequest)) -> WorkflowResult<Purchase> {
        let (usual, other) = asked;
        let mut quote = ctx
            .execute_activity(Suppliers::ask_for_quote, usual, within(60))
            .await?;

        if ctx.random::<u32>().is_multiple_of(2) {
            let compared = ctx
                .execute_activity(Suppliers::ask_for_quote, other, within(60))
                .await?;
            if compared.price < quote.price {
                quote = compared;
            }
        }

        Ok(ctx.execute_activity(Suppliers::place_order, quote, within(60)).await?)
    }
}

/// One attempt may take this long; retries follow Temporal's default policy.
fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
