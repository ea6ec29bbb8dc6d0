//! Chance, the wrong way: the machine's own dice. A worker that replays this throws them again, and where they fall
//! otherwise, the code asks for something that is not what the history has.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::base::impure::dice;
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

        // Wrong: nobody remembers how the dice fell.
        if dice() > 3 {
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
