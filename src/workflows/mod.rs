//! Ordinary user code on the public Temporal SDK: the workflows, their activities' declarations, their data.
//!
//! Nothing here knows the lab. The same files run on a real Temporal cluster; what the activities do to the world is
//! `world/`'s business in the lab, and a real worker's there. `build.rs` in this folder is no part of the crate: it
//! writes the traced twins in [`traced`]. Start with [`order_orchestration`].

#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod careful_order;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod channel_activities;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod charge;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod charge_in_floats;
pub mod order;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod order_activities;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_fulfilment;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_orchestration;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_processing;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_with_packing;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod payment_with_fallback;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod reconciled_payment;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod rehearsal;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod stockroom_activities;
pub mod traced;

/// A workflow as text: what a reader is shown, and where in it something can run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct WorkflowCode {
    /// Temporal workflow type.
    pub workflow_type: &'static str,
    /// File name of the source.
    pub file: &'static str,
    /// The source text.
    pub source: &'static str,
    /// The lines on which a statement begins, ascending: what is not here cannot be reached.
    pub statements: &'static [u32],
    /// First and last line of the workflow's own functions.
    pub body: (u32, u32),
}

macro_rules! catalogue {
    ($($file:ident::$workflow:ident)*) => {
        /// Every workflow of this crate.
        pub const CATALOGUE: &[WorkflowCode] = &[$(WorkflowCode {
            workflow_type: $file::$workflow::name(),
            file: concat!(stringify!($file), ".rs"),
            source: include_str!(concat!(stringify!($file), ".rs")),
            statements: traced::lines::$file.0,
            body: traced::lines::$file.1,
        }),*];
    };
}

catalogue! {
    order_orchestration::OrderOrchestration
    order_processing::OrderProcessing
    order_with_packing::OrderWithPacking
    order_fulfilment::OrderFulfilment
    payment_with_fallback::PaymentWithFallback
    reconciled_payment::ReconciledPayment
    careful_order::CarefulOrder
    charge::Charge
    charge_in_floats::ChargeInFloats
}

/// The source of a workflow type.
pub fn code(workflow_type: &str) -> Option<&'static WorkflowCode> {
    CATALOGUE.iter().find(|code| code.workflow_type == workflow_type)
}
