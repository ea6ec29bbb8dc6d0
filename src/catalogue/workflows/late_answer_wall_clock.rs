//! Time, the wrong way: the machine's own clock. A replay runs through all of this within a moment, so whatever took
//! long the first time takes no time at all then.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::base::impure::wall_clock;
use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// A quote that took so long to come is asked for again: who lets a customer wait gives a discount.
const PATIENCE: Duration = Duration::from_secs(10);

/// Buys from one supplier, and asks a second time if the answer came late.
#[workflow]
#[derive(Default)]
pub struct LateAnswer;

#[workflow_methods]
impl LateAnswer {
    #[run(name = "LateAnswer")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, wanted: QuoteRequest) -> WorkflowResult<Purchase> {
        // Wrong: this is the time at which the line runs, and it may run again.
        let asked = wall_clock();
        let mut quote = ctx
            .execute_activity(Suppliers::ask_for_quote, wanted.clone(), within(60))
            .await?;
        let took = wall_clock().saturating_sub(asked);
        if took > PATIENCE {
            quote = ctx
                .execute_activity(Suppliers::ask_for_quote, wanted.again(), within(60))
                .await?;
        }
        Ok(ctx.execute_activity(Suppliers::place_order, quote, within(60)).await?)
    }
}

/// One attempt may take this long; retries follow Temporal's default policy.
fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
