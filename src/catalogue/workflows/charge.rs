//! The smallest thing that moves money: one charge, for the sum of some prices.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::order_activities::{Payment, PaymentRequest, Shop};

/// What is to be paid: the workflow's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Bill {
    /// For which order.
    pub order_id: String,
    /// Who pays.
    pub user_id: String,
    /// Whole cents, so that sums are exact.
    pub prices: Vec<u64>,
    /// ISO 4217 code.
    pub currency: String,
    /// How long an attempt may take. Whoever makes a bill has to say it: Temporal takes no activity without a limit.
    pub seconds: u64,
}

/// Charges one customer.
#[workflow]
#[derive(Default)]
pub struct Charge;

#[workflow_methods]
impl Charge {
    #[run(name = "Charge")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, bill: Bill) -> WorkflowResult<Payment> {
        let limit = ActivityOptions::start_to_close_timeout(Duration::from_secs(bill.seconds));
        let request = PaymentRequest {
            amount: bill.prices.iter().fold(0, |sum, price| sum.saturating_add(*price)),
            order_id: bill.order_id,
            user_id: bill.user_id,
            currency: bill.currency,
        };
        Ok(ctx.execute_activity(Shop::process_payment, request, limit).await?)
    }
}
