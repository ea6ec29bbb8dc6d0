//! The order saga: reserve, charge, ship. A step that fails undoes the earlier ones, the last one first.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;

/// Takes one order from its validation to the customer's mail.
#[workflow]
#[derive(Default)]
pub struct OrderOrchestration;

#[workflow_methods]
impl OrderOrchestration {
    #[run(name = "OrderOrchestration")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<OrderResult> {
        let check = ctx.execute_activity(Shop::validate_order, &order, within(10)).await?;
        if !check.valid {
            return Ok(order.ended(Status::ValidationFailed));
        }

        let Ok(stock) = ctx.execute_activity(Shop::reserve_inventory, &order, reserve()).await else {
            return Ok(order.ended(Status::OutOfStock));
        };

        // Compensations are retried until they succeed; one that cannot must not keep the others from running.
        let Ok(payment) = ctx.execute_activity(Shop::process_payment, &order, charge()).await else {
            let _ = ctx.execute_activity(Shop::release_inventory, &stock, within(10)).await;
            return Ok(order.ended(Status::PaymentFailed));
        };

        let Ok(parcel) = ctx.execute_activity(Shop::create_shipment, &order, within(30)).await else {
            let _ = ctx.execute_activity(Shop::refund_payment, &payment, within(10)).await;
            let _ = ctx.execute_activity(Shop::release_inventory, &stock, within(10)).await;
            return Ok(OrderResult {
                transaction_id: Some(payment.transaction_id),
                ..order.ended(Status::ShipmentFailed)
            });
        };

        // The goods are on their way: a lost mail is no reason to call them back.
        let _ = ctx.execute_activity(Shop::send_notification, &order, within(10)).await;
        Ok(OrderResult {
            transaction_id: Some(payment.transaction_id),
            shipment_id: Some(parcel.shipment_id),
            ..order.ended(Status::Completed)
        })
    }
}

/// One attempt may take this long; retries follow Temporal's default policy, which never gives up.
pub fn within(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}

pub fn reserve() -> ActivityOptions {
    three_attempts(30, 1, &["InsufficientStock"])
}

pub fn charge() -> ActivityOptions {
    three_attempts(60, 2, &["InsufficientFunds", "InvalidPaymentMethod"])
}

/// Three attempts of `seconds` each, the second `pause` seconds after the first; none after an error `fatal` names.
fn three_attempts(seconds: u64, pause: u64, fatal: &[&str]) -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .maximum_attempts(3)
        .initial_interval(Duration::from_secs(pause))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(10))
        .non_retryable_error_types(fatal.iter().copied())
        .build();
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(seconds))
        .retry_policy(policy)
        .build()
}
