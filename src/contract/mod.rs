//! What the Service and a worker say to each other: tasks one way, answers the other. Data only.
//!
//! Neither side sees the other's types, so that a crash, a delay or a stranger in between needs no special case.
//! Payloads, failures and event attributes are Temporal's own, from `history`.

pub mod answer;
pub mod task;
