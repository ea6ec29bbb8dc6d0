//! Sagascope: a laboratory for durable workflows.

pub mod base;
pub mod check;
pub mod contract;
pub mod history;
#[cfg(feature = "page")]
pub mod page;
pub mod service;
pub mod sim;
pub mod view;
pub mod worker;
pub mod workflows;
pub mod world;
