//! Ordinary user code on the public Temporal SDK: the workflows, their activities' declarations, their data.
//!
//! Nothing here knows the lab; where code reads a clock or throws dice to show that it must not, those are stand-ins. The same files run on a real Temporal cluster; what the activities do to the world is
//! `world/`'s business in the lab, and a real worker's there. A file with a
//! workflow needs nothing but its line here: its traced twin, and its place in a worker, follow ([`traced`]). Start with [`order_orchestration`].

#![expect(
    missing_docs,
    clippy::unimplemented,
    reason = "what the SDK's macros generate and want for a body"
)]

use crate::worker::source::Source;

pub mod approval;
pub mod breaker_per_call;
pub mod careful_order;
pub mod channel_activities;
pub mod charge;
pub mod charge_in_floats;
pub mod circuit_breaker;
pub mod data_sync;
pub mod guarded_call;
pub mod late_answer;
pub mod late_answer_wall_clock;
pub mod office_activities;
pub mod order;
pub mod order_activities;
pub mod order_fulfilment;
pub mod order_orchestration;
pub mod order_orchestration_2;
pub mod order_orchestration_2_deprecating;
pub mod order_orchestration_2_patched;
pub mod order_processing;
pub mod order_with_packing;
pub mod partner_activities;
pub mod pattern_children;
pub mod pattern_condition;
pub mod pattern_loop;
pub mod pattern_parallel;
pub mod pattern_select;
pub mod pattern_sequence;
pub mod payment_with_fallback;
pub mod reconciled_payment;
pub mod rehearsal;
pub mod spot_check;
pub mod spot_check_dice;
pub mod spot_check_drawn;
pub mod stockroom_activities;
pub mod supplier_activities;
pub mod sync_activities;
pub mod traced;
pub mod user_registration;

/// The source of a workflow type, in the version that a worker has unless somebody says otherwise.
pub fn source(workflow_type: &str) -> Option<&'static Source> {
    let mut sources = traced::SOURCES.iter();
    sources.find_map(|(name, source)| (*name == workflow_type).then_some(*source))
}
