//! The traced twins: the same workflows, line for line, with a probe before every statement.
//!
//! The lab runs these, so that a reader can see which lines ran. `build.rs` in this folder writes them; who wants the
//! workflow as it is takes the plain module beside this one.

/// Where something can run in a source text: the lines on which a statement begins, and the first and last line of the
/// workflow's own functions.
type Lines = (&'static [u32], (u32, u32));

macro_rules! twins {
    ($($file:ident)*) => {
        $(
            /// The twin of the workflow in the file of this name.
            #[allow(
                missing_docs,
                clippy::all,
                reason = "generated text: the source itself is what gets linted"
            )]
            pub mod $file {
                include!(concat!(env!("OUT_DIR"), "/traced/", stringify!($file), ".rs"));
            }
        )*

        pub(super) mod lines {
            use super::Lines;

            $(
                #[allow(non_upper_case_globals, reason = "named for its file")]
                pub(in super::super) const $file: Lines =
                    include!(concat!(env!("OUT_DIR"), "/traced/", stringify!($file), ".lines.rs"));
            )*
        }
    };
}

twins! {
    order_orchestration
    order_processing
    order_with_packing
    order_fulfilment
    payment_with_fallback
    reconciled_payment
    careful_order
    charge
    charge_in_floats
    user_registration
    approval
    breaker_per_call
    circuit_breaker
    guarded_call
    data_sync
    order_orchestration_2
    order_orchestration_2_patched
    order_orchestration_2_deprecating
    pattern_sequence
    pattern_parallel
    pattern_condition
    pattern_loop
    pattern_select
    pattern_children
    spot_check
    spot_check_dice
    spot_check_drawn
    late_answer
    late_answer_wall_clock
}
