//! Ordinary user code on the public Temporal SDK: the workflows, their activities' declarations, their data.
//!
//! Nothing here knows the lab; where code reads a clock or throws dice to show that it must not, those are stand-ins. The same files run on a real Temporal cluster; what the activities do to the world is
//! `world/`'s business in the lab, and a real worker's there. `build.rs` in this folder is no part of the crate: it
//! writes the traced twins in [`traced`]. Start with [`order_orchestration`].

#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod approval;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod breaker_per_call;
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
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod circuit_breaker;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod data_sync;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod guarded_call;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod late_answer;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod late_answer_wall_clock;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod office_activities;
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
pub mod order_orchestration_2;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_orchestration_2_deprecating;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_orchestration_2_patched;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_processing;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod order_with_packing;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod partner_activities;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_children;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_condition;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_loop;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_parallel;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_select;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod pattern_sequence;
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
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod spot_check;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod spot_check_dice;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod spot_check_drawn;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod stockroom_activities;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod supplier_activities;
#[expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macro generates and wants for a body"
)]
pub mod sync_activities;
pub mod traced;
#[expect(missing_docs, reason = "what the SDK's macro generates has no docs")]
pub mod user_registration;

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

// Where several files have versions of one workflow, the one that a worker has unless somebody says otherwise comes first.
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
    user_registration::UserRegistration
    approval::Approval
    breaker_per_call::BreakerPerCall
    circuit_breaker::CircuitBreaker
    guarded_call::GuardedCall
    data_sync::DataSync
    order_orchestration_2::OrderOrchestration
    order_orchestration_2_patched::OrderOrchestration
    order_orchestration_2_deprecating::OrderOrchestration
    pattern_sequence::Sequence
    pattern_parallel::Parallel
    pattern_condition::Condition
    pattern_loop::Looping
    pattern_select::Select
    pattern_children::Children
    spot_check::SpotCheck
    spot_check_dice::SpotCheck
    spot_check_drawn::SpotCheck
    late_answer::LateAnswer
    late_answer_wall_clock::LateAnswer
}

/// The source of a workflow type.
pub fn code(workflow_type: &str) -> Option<&'static WorkflowCode> {
    CATALOGUE.iter().find(|code| code.workflow_type == workflow_type)
}

/// The source in the file of that name.
pub fn in_file(file: &str) -> Option<&'static WorkflowCode> {
    CATALOGUE.iter().find(|code| code.file == file)
}
