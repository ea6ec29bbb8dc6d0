//! Order fulfilment: validate, have large orders approved, charge, ship, notify. Tells its status to whoever asks.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityCloseTimeouts, ActivityOptions, CancellableFuture, RetryPolicy, SyncWorkflowContext, WorkflowContext,
    WorkflowContextView, WorkflowResult, select,
};

use crate::catalogue::workflows::channel_activities::Channels;
use crate::catalogue::workflows::order::{Order, OrderResult, Status};
use crate::catalogue::workflows::order_activities::Shop;

/// From this total on (€1,000.00), somebody has to approve.
const LARGE: u64 = 100_000;

/// How long there is to approve.
const APPROVAL: Duration = Duration::from_secs(24 * 60 * 60);

/// Takes one order from its validation to the customer's mail.
#[workflow]
#[derive(Default)]
pub struct OrderFulfilment {
    stage: &'static str,
    approved: Option<bool>,
}

#[workflow_methods]
impl OrderFulfilment {
    #[run(name = "OrderFulfilment")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, order: Order) -> WorkflowResult<OrderResult> {
        Self::enter(ctx, "validating");
        let check = ctx.execute_activity(Shop::validate_order, &order, step()).await?;
        if !check.valid {
            return Ok(order.ended(Status::ValidationFailed));
        }
        if order.total >= LARGE && !Self::is_approved(ctx).await {
            return Ok(order.ended(Status::NotApproved));
        }

        Self::enter(ctx, "paying");
        let paid = ctx.execute_activity(Shop::process_payment, &order, step()).await;
        let Ok(payment) = paid else {
            return Self::refund(ctx, order, Status::PaymentFailed).await;
        };
        Self::enter(ctx, "shipping");
        let shipped = ctx.execute_activity(Shop::create_shipment, &order, step()).await;
        let Ok(parcel) = shipped else {
            return Self::refund(ctx, order, Status::ShipmentFailed).await;
        };

        Self::enter(ctx, "notifying");
        let _ = ctx.execute_activity(Shop::send_notification, &order, step()).await;
        Self::enter(ctx, "done");
        Ok(OrderResult {
            transaction_id: Some(payment.transaction_id),
            shipment_id: Some(parcel.shipment_id),
            ..order.ended(Status::Completed)
        })
    }

    /// What is being done for the order.
    #[query(name = "status")]
    pub fn status(&self, _ctx: &WorkflowContextView) -> String {
        self.stage.to_owned()
    }

    /// Yes or no to a large order. The first word counts.
    #[signal(name = "approval")]
    pub fn approval(&mut self, _ctx: &mut SyncWorkflowContext<Self>, approved: bool) {
        self.approved.get_or_insert(approved);
    }

    /// Waits for the approval, but not for ever.
    async fn is_approved(ctx: &WorkflowContext<Self>) -> bool {
        Self::enter(ctx, "waiting for approval");
        let mut deadline = ctx.timer(APPROVAL);
        select! {
            _ = ctx.wait_condition(|state| state.approved.is_some()) => deadline.cancel(),
            _ = deadline => {}
        }
        ctx.state(|state| state.approved == Some(true))
    }

    /// By the order's id: a payment that failed without an answer may have been taken all the same.
    async fn refund(ctx: &WorkflowContext<Self>, order: Order, status: Status) -> WorkflowResult<OrderResult> {
        Self::enter(ctx, "refunding");
        let _ = ctx
            .execute_activity(Channels::cancel_payment, &*order.order_id, refund())
            .await;
        Ok(order.ended(status))
    }

    fn enter(ctx: &WorkflowContext<Self>, stage: &'static str) {
        ctx.state_mut(|state| state.stage = stage);
    }
}

/// Ten seconds an attempt, three attempts, a minute for all of it.
fn step() -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(60))
        .maximum_attempts(3)
        .build();
    let timeouts = ActivityCloseTimeouts::ScheduleAndStartToClose {
        schedule_to_close: Duration::from_secs(60),
        start_to_close: Duration::from_secs(10),
    };
    ActivityOptions::with_close_timeouts(timeouts)
        .retry_policy(policy)
        .build()
}

/// Until it is done: money that was taken must go back.
fn refund() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}
