//! Time, the right way: the SDK's clock stands at the time at which the worker was given the task, which the history has;
//! so a replay reads the same.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

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
        let asked = ctx.workflow_time();
        let mut quote = ctx
            .execute_activity(Suppliers::ask_for_quote, wanted.clone(), within(60))
            .await?;
        let answered = ctx.workflow_time();
        let took = answered
            .zip(asked)
            .and_then(|(end, start)| end.duration_since(start).ok())
            .unwrap_or_default();
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
