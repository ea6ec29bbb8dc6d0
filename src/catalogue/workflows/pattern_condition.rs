//! This or that: what has come back decides what is done next. A plain `if`; the history remembers the answer, and so
//! every replay takes the same way.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// From here on it pays to ask for a discount, in cents.
const LARGE: u64 = 50_000;

/// Orders small things at once; for large ones it asks for a discount first.
#[workflow]
#[derive(Default)]
pub struct Condition;

#[workflow_methods]
impl Condition {
    #[run(name = "Condition")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, wanted: QuoteRequest) -> WorkflowResult<Purchase> {
        let first = ctx
            .execute_activity(Suppliers::ask_for_quote, wanted.clone(), within(60))
            .await?;
        let quote = if first.price < LARGE {
            first
        } else {
            ctx.execute_activity(Suppliers::ask_for_quote, wanted.again(), within(60))
                .await?
        };
        Ok(ctx.execute_activity(Suppliers::place_order, quote, within(60)).await?)
    }
}

/// One attempt may take this long; retries follow Temporal's default policy.
fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
