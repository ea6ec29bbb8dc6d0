//! Two ways to charge a customer, and the way back for each: the activities' types. Declarations only.

use temporalio_macros::activity_definitions;

use crate::catalogue::workflows::order_activities::{Payment, PaymentRequest};

/// The payment channels' activities.
pub struct Channels;

#[activity_definitions]
impl Channels {
    /// Charges the customer through the usual provider.
    #[activity(name = "PrimaryPayment")]
    pub async fn primary_payment(request: PaymentRequest) -> Payment {
        unimplemented!()
    }

    /// Charges the customer through the other provider.
    #[activity(name = "FallbackPayment")]
    pub async fn fallback_payment(request: PaymentRequest) -> Payment {
        unimplemented!()
    }

    /// Gives back whatever the usual provider has taken for the order of this id, and keeps it from taking more: also
    /// what was taken without an answer, and what is still on its way.
    #[activity(name = "CancelPayment")]
    pub async fn cancel_payment(order_id: String) {
        unimplemented!()
    }

    /// The same at the other provider.
    #[activity(name = "CancelFallbackPayment")]
    pub async fn cancel_fallback_payment(order_id: String) {
        unimplemented!()
    }
}
