//! Sagascope: a laboratory for durable workflows.

pub mod base;
pub mod history;
pub mod view;
#[cfg(feature = "page")]
pub mod page;
