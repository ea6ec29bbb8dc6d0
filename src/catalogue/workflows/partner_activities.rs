//! What callers of a partner's service need: the call itself, its input, and what becomes of it. Declarations only; a
//! worker brings the implementation.

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

/// The partner's activities.
pub struct Partner;

#[activity_definitions]
impl Partner {
    /// Calls the service, and returns its receipt.
    #[activity(name = "CallService")]
    pub async fn call_service(call: ServiceCall) -> String {
        unimplemented!()
    }
}

/// A call that an order needs: the workflows' input, and the input of `CallService`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceCall {
    /// For which order.
    pub order_id: String,
    /// Which service: `rates`.
    pub service: String,
}

/// What became of a call.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CallResult {
    /// How it ended.
    pub status: CallStatus,
    /// What the service gave in return.
    pub receipt: Option<String>,
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallStatus {
    /// The service has answered.
    Answered,
    /// It was called, in vain.
    Failed,
    /// It was not called: the circuit was open.
    Spared,
}

impl CallResult {
    /// The result of a call that was made.
    pub fn made<E>(answer: Result<String, E>) -> Self {
        let receipt = answer.ok();
        let status = if receipt.is_some() {
            CallStatus::Answered
        } else {
            CallStatus::Failed
        };
        Self { status, receipt }
    }

    /// The result of a call that was not made.
    pub fn spared() -> Self {
        Self {
            status: CallStatus::Spared,
            receipt: None,
        }
    }
}
