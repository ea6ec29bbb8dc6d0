//! Histories: Temporal's own event types, the log they are appended to, their JSON, their words, their rules.
//!
//! Start at [`proto`] for the types and at [`log`] for how a history grows. This layer uses `base` and the protocol's
//! crates, and knows neither Service nor worker: it says what a history *is*, not who writes one. It reads no clock,
//! draws no number and keeps no map in hash order, so the same history is always the same text.

mod details;
mod enums;
pub mod json;
pub mod log;
mod place;
pub mod proto;
pub mod refs;
pub mod rules;
pub mod text;
pub mod timestamp;

pub use log::EventLog;
pub use place::Place;
