//! Sagascope: a laboratory for durable workflows.

pub mod base;
pub mod check;
pub mod contract;
pub mod history;
#[cfg(feature = "page")]
pub mod page;
pub mod view;
