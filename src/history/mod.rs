//! Histories.
pub(crate) mod enums;
pub mod proto;
pub mod timestamp;
