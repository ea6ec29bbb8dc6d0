//! Sagascope: a laboratory for durable workflows.

pub mod base;
#[cfg(feature = "page")]
pub mod page;
pub mod view;
