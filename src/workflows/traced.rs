//! The traced twins: the same workflows, line for line, with a probe before every statement.
//!
//! The lab runs these, so that a reader can see which lines ran. `build.rs` in this folder writes them; who wants the
//! workflow as it is takes the plain module beside this one.

/// Where something can run in a source text: the lines on which a statement begins, and the first and last line of the
/// workflow's own functions.
type Lines = (&'static [u32], (u32, u32));

/// The twin of [`super::order_orchestration`].
#[allow(
    missing_docs,
    clippy::all,
    reason = "generated text: the source itself is what gets linted"
)]
pub mod order_orchestration {
    include!(concat!(env!("OUT_DIR"), "/traced/order_orchestration.rs"));
}

pub(super) const ORDER_ORCHESTRATION: Lines =
    include!(concat!(env!("OUT_DIR"), "/traced/order_orchestration.lines.rs"));
