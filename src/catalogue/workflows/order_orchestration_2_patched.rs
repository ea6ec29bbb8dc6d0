//! The order saga, version 2 for everybody: runs that version 1 began go on without the check for fraud, new ones have it.

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;
use crate::catalogue::workflows::order_orchestration::{charge, reserve, within};

/// The change that version 2 brings. The id goes into histories and must stay as it is.
const CHECKS_FRAUD: &str = "check-fraud";

/// Takes one order from its validation to the customer's mail; suspicious ones are not charged.
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

        // False for runs that have come by here without the check; true for all others, and the history remembers it.
        if ctx.patched(CHECKS_FRAUD) && !ctx.execute_activity(Shop::check_fraud, &order, within(10)).await?.valid {
            let _ = ctx.execute_activity(Shop::release_inventory, &stock, within(10)).await;
            return Ok(order.ended(Status::ValidationFailed));
        }

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
