//! The order saga for a world in which answers get lost: a step that failed may have been done all the same.
//!
//! Beside `order_orchestration.rs`, what undoes a step names the order and not the step's answer, so it can undo what was
//! never answered for; and it runs for the step that failed too. What cannot be undone is asked for until it answers.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::channel_activities::Channels;
use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;
use crate::catalogue::workflows::stockroom_activities::Stockroom;

/// Takes one order from the reservation to the customer's mail.
#[workflow]
#[derive(Default)]
pub struct CarefulOrder;

#[workflow_methods]
impl CarefulOrder {
    #[run(name = "CarefulOrder")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<OrderResult> {
        match Self::sell(ctx, &order).await {
            Ok(result) => {
                let _ = ctx
                    .execute_activity(Shop::send_notification, &order, until_done(10))
                    .await;
                Ok(result)
            }
            Err(status) => {
                let _ = ctx
                    .execute_activity(Channels::cancel_payment, &*order.order_id, until_done(10))
                    .await;
                let _ = ctx
                    .execute_activity(Stockroom::return_stock, &*order.order_id, until_done(10))
                    .await;
                Ok(order.ended(status))
            }
        }
    }

    /// All up to the parcel, or how the order ends without one.
    async fn sell(ctx: &WorkflowContext<Self>, order: &Order) -> Result<OrderResult, Status> {
        let reserved = ctx
            .execute_activity(Shop::reserve_inventory, order, three_times(30))
            .await;
        reserved.map_err(|_| Status::OutOfStock)?;
        let paid = ctx
            .execute_activity(Shop::process_payment, order, three_times(60))
            .await;
        let payment = paid.map_err(|_| Status::PaymentFailed)?;
        // A parcel cannot be called back: only a carrier that says no has not taken it.
        let shipped = ctx.execute_activity(Shop::create_shipment, order, until_done(30)).await;
        let parcel = shipped.map_err(|_| Status::ShipmentFailed)?;
        Ok(OrderResult {
            transaction_id: Some(payment.transaction_id),
            shipment_id: Some(parcel.shipment_id),
            ..order.clone().ended(Status::Completed)
        })
    }
}

/// Three attempts of so many seconds.
fn three_times(seconds: u64) -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .maximum_attempts(3)
        .maximum_interval(Duration::from_secs(10))
        .non_retryable_error_types(["InsufficientStock", "InsufficientFunds", "InvalidPaymentMethod"])
        .build();
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(seconds))
        .retry_policy(policy)
        .build()
}

/// Attempts of so many seconds; Temporal's own policy never gives up.
fn until_done(seconds: u64) -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(seconds))
}
