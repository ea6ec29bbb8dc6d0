//! Order processing in four steps: check stock, deduct it, charge, notify. All are retried by one policy.
//!
//! It is as its document has it, and that has a gap: an order that cannot be paid leaves its pieces off the shelf, and a
//! step without an answer counts as not done. `order_with_packing.rs` closes it.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;
use crate::catalogue::workflows::stockroom_activities::Stockroom;

/// Takes one order from the shelf to the customer's mail.
#[workflow]
#[derive(Default)]
pub struct OrderProcessing;

#[workflow_methods]
impl OrderProcessing {
    #[run(name = "OrderProcessing")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<OrderResult> {
        let available = ctx.execute_activity(Stockroom::check_stock, &order, step()).await?;
        if !available {
            return Ok(order.ended(Status::OutOfStock));
        }

        // Between the check and now another order may have taken the last piece.
        if ctx
            .execute_activity(Stockroom::deduct_stock, &order, step())
            .await
            .is_err()
        {
            return Ok(order.ended(Status::OutOfStock));
        }

        // The gap: nobody puts the pieces back.
        if ctx
            .execute_activity(Shop::process_payment, &order, step())
            .await
            .is_err()
        {
            return Ok(order.ended(Status::PaymentFailed));
        }

        let _ = ctx.execute_activity(Shop::send_notification, &order, step()).await;
        Ok(order.ended(Status::Completed))
    }
}

/// Ten seconds an attempt; five attempts, with pauses of 1, 2, 4 and 8 seconds between them.
fn step() -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(10))
        .maximum_attempts(5)
        .build();
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
        .retry_policy(policy)
        .build()
}
