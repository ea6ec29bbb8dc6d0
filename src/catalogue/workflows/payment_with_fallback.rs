//! A payment through the usual provider, and through another one if that fails.
//!
//! It is as its document has it, and that has a gap: a provider that gave no answer counts as one that has not charged.
//! `reconciled_payment.rs` closes it.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::channel_activities::Channels;
use crate::catalogue::workflows::order_activities::{Payment, PaymentRequest};

/// Charges one customer.
#[workflow]
#[derive(Default)]
pub struct PaymentWithFallback;

#[workflow_methods]
impl PaymentWithFallback {
    #[run(name = "PaymentWithFallback")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, request: PaymentRequest) -> WorkflowResult<Payment> {
        let primary = ctx
            .execute_activity(Channels::primary_payment, request.clone(), twice())
            .await;
        if let Ok(payment) = primary {
            return Ok(payment);
        }
        Ok(ctx
            .execute_activity(Channels::fallback_payment, request, for_ever())
            .await?)
    }
}

/// Thirty seconds an attempt, two attempts with a pause of one second.
fn twice() -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .initial_interval(Duration::from_secs(1))
        .backoff_coefficient(2.0)
        .maximum_interval(Duration::from_secs(5))
        .maximum_attempts(2)
        .build();
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(30))
        .retry_policy(policy)
        .build()
}

/// Thirty seconds an attempt. Who names no policy gets Temporal's own, and that never gives up.
fn for_ever() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(30))
}
