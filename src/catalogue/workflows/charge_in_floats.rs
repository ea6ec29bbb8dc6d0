//! One charge whose prices are fractions of a euro in binary. Nearly no price is one, so the sum is a little too small,
//! and what is cut off to make cents of it is a whole cent. `charge.rs` counts in cents.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::order_activities::{Payment, PaymentRequest, Shop};

/// What is to be paid: the workflow's input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FloatBill {
    /// For which order.
    pub order_id: String,
    /// Who pays.
    pub user_id: String,
    /// In euros: `4.35`.
    pub prices: Vec<f64>,
    /// ISO 4217 code.
    pub currency: String,
}

/// Charges one customer.
#[workflow]
#[derive(Default)]
pub struct ChargeInFloats;

#[workflow_methods]
impl ChargeInFloats {
    #[run(name = "ChargeInFloats")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, bill: FloatBill) -> WorkflowResult<Payment> {
        let total: f64 = bill.prices.iter().sum();
        let request = PaymentRequest {
            amount: (total * 100.0) as u64,
            order_id: bill.order_id,
            user_id: bill.user_id,
            currency: bill.currency,
        };
        let limit = ActivityOptions::start_to_close_timeout(Duration::from_secs(10));
        Ok(ctx.execute_activity(Shop::process_payment, request, limit).await?)
    }
}
