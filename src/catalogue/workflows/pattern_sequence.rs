//! One after the other: what one activity returns is what the next one takes.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// Asks a supplier for a quote and orders what was quoted.
#[workflow]
#[derive(Default)]
pub struct Sequence;

#[workflow_methods]
impl Sequence {
    #[run(name = "Sequence")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, wanted: QuoteRequest) -> WorkflowResult<Purchase> {
        let quote = ctx.execute_activity(Suppliers::ask_for_quote, wanted, asking()).await?;
        let purchase = ctx.execute_activity(Suppliers::place_order, quote, signing()).await?;
        Ok(purchase)
    }
}

/// A supplier that cannot be reached at the third attempt is left alone, and with the activity the workflow fails.
fn asking() -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(60))
        .retry_policy(RetryPolicy::builder().maximum_attempts(3).build())
        .build()
}

/// Somebody at the supplier's signs the order, which may take an hour.
fn signing() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(3600))
}
