//! Side by side: several activities at once, and a join that waits for all of them.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult, join_all};

use crate::catalogue::workflows::supplier_activities::{Purchase, Suppliers, Wanted};

/// Asks all suppliers at once and orders from the cheapest.
#[workflow]
#[derive(Default)]
pub struct Parallel;

#[workflow_methods]
impl Parallel {
    #[run(name = "Parallel")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, wanted: Wanted) -> WorkflowResult<Purchase> {
        let mut answers = Vec::new();
        for supplier in &wanted.suppliers {
            // Not awaited here: all of them are asked before the first one answers.
            answers.push(ctx.execute_activity(Suppliers::ask_for_quote, wanted.from(supplier), within(60)));
        }
        let quotes = join_all(answers).await;

        // A supplier that says no is one quote less, no reason to give up the others.
        let Some(best) = quotes.into_iter().flatten().min_by_key(|quote| quote.price) else {
            return Err(ApplicationFailure::new("no supplier has made an offer").into());
        };
        Ok(ctx.execute_activity(Suppliers::place_order, best, within(60)).await?)
    }
}

/// One attempt may take this long; retries follow Temporal's default policy.
fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
