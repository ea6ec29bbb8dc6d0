//! A payment through one of two providers, and never through both: who was asked and did not charge for certain is told
//! to forget it.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::channel_activities::Channels;
use crate::catalogue::workflows::order::Status;
use crate::catalogue::workflows::order_activities::PaymentRequest;

/// What came of a payment: the workflow's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentOutcome {
    /// `Completed` or `PaymentFailed`.
    pub status: Status,
    /// The one charge that stands, if the customer was charged.
    pub transaction_id: Option<String>,
}

/// Charges one customer, once.
#[workflow]
#[derive(Default)]
pub struct ReconciledPayment;

#[workflow_methods]
impl ReconciledPayment {
    #[run(name = "ReconciledPayment")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, request: PaymentRequest) -> WorkflowResult<PaymentOutcome> {
        let order_id = request.order_id.clone();
        let primary = ctx
            .execute_activity(Channels::primary_payment, request.clone(), twice())
            .await;
        if let Ok(payment) = primary {
            return Ok(PaymentOutcome::charged(payment.transaction_id));
        }

        // Silence is no "no": it may have charged, or may be about to. The customer need not wait for that to be known.
        let fallback = ctx.execute_activity(Channels::fallback_payment, request, twice()).await;
        if fallback.is_err() {
            let _ = ctx
                .execute_activity(Channels::cancel_fallback_payment, &*order_id, until_done())
                .await;
        }
        let _ = ctx
            .execute_activity(Channels::cancel_payment, &*order_id, until_done())
            .await;
        Ok(match fallback {
            Ok(payment) => PaymentOutcome::charged(payment.transaction_id),
            Err(_) => PaymentOutcome::not_charged(),
        })
    }
}

impl PaymentOutcome {
    fn charged(transaction_id: String) -> Self {
        Self {
            status: Status::Completed,
            transaction_id: Some(transaction_id),
        }
    }

    fn not_charged() -> Self {
        Self {
            status: Status::PaymentFailed,
            transaction_id: None,
        }
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

/// Temporal's own policy never gives up, and here that is what is wanted.
fn until_done() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(Duration::from_secs(10))
}
