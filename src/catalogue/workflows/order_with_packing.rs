//! Order processing without its gap, and with a parcel to pack: whatever fails, what was done for the order is undone.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityCloseTimeouts, ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::channel_activities::Channels;
use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;
use crate::catalogue::workflows::stockroom_activities::Stockroom;

/// Takes one order from the shelf to the packed parcel and the customer's mail.
#[workflow]
#[derive(Default)]
pub struct OrderWithPacking;

#[workflow_methods]
impl OrderWithPacking {
    #[run(name = "OrderWithPacking")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<OrderResult> {
        match Self::sell(ctx, &order).await {
            Ok(()) => {
                let _ = ctx.execute_activity(Shop::send_notification, &order, step()).await;
                Ok(order.ended(Status::Completed))
            }
            Err(status) => {
                // By the order's id: so it also undoes what was done and never answered for.
                let _ = ctx
                    .execute_activity(Channels::cancel_payment, &*order.order_id, undo())
                    .await;
                let _ = ctx
                    .execute_activity(Stockroom::return_stock, &*order.order_id, undo())
                    .await;
                Ok(order.ended(status))
            }
        }
    }

    /// All up to the packed parcel, or how the order ends without one.
    async fn sell(ctx: &WorkflowContext<Self>, order: &Order) -> Result<(), Status> {
        let available = ctx.execute_activity(Stockroom::check_stock, order, step()).await;
        if !available.unwrap_or(false) {
            return Err(Status::OutOfStock);
        }
        let deducted = ctx.execute_activity(Stockroom::deduct_stock, order, step()).await;
        deducted.map_err(|_| Status::OutOfStock)?;
        let paid = ctx.execute_activity(Shop::process_payment, order, step()).await;
        paid.map_err(|_| Status::PaymentFailed)?;

        // A station that is busy for too long does not get the order: it is packed by hand, where there is always room.
        let packed = ctx.execute_activity(Stockroom::pack_order, order, at_a_station()).await;
        if packed.is_err() {
            let by_hand = ctx.execute_activity(Stockroom::pack_order, order, by_hand()).await;
            by_hand.map_err(|_| Status::ShipmentFailed)?;
        }
        Ok(())
    }
}

/// Ten seconds an attempt; five attempts, but no more than fit into half a minute with the pauses between them.
fn step() -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(10))
        .maximum_attempts(5)
        .non_retryable_error_types(["InsufficientStock", "InsufficientFunds", "InvalidPaymentMethod"])
        .build();
    let timeouts = ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: Duration::from_secs(30),
        start_to_close: Duration::from_secs(10),
    };
    ActivityOptions::with_close_timeouts(timeouts)
        .retry_policy(policy)
        .build()
}

/// Stations poll a task queue of their own, one order at a time. One that says nothing for ten seconds is given up.
fn at_a_station() -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(600))
        .task_queue("packing")
        .schedule_to_start_timeout(Duration::from_secs(30))
        .heartbeat_timeout(Duration::from_secs(10))
        .build()
}

fn by_hand() -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(600))
        .heartbeat_timeout(Duration::from_secs(10))
        .build()
}

/// Until it is done.
fn undo() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}
