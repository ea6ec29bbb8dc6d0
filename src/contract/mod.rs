//! What is said to the Service and by it: tasks to workers, answers from them, requests of clients, all as data;
//! and what is [`written`] of them.
//!
//! Neither side sees the other's types, so that a crash, a delay or a stranger in between needs no special case.
//! Payloads, failures and event attributes are Temporal's own, from `history`.

pub mod answer;
pub mod request;
pub mod task;
pub mod written;
