//! The machines that decide what a run writes and when: each with its table, one file each.
//!
//! All work on a [`Run`](super::run::Run) within a transaction, and hand on to each other by its methods; none of them
//! is known by name outside this folder but by what it adds to the Service.

mod activity;
mod activity_answer;
mod activity_timeout;
mod admission;
mod answer;
mod attributes;
mod cancel;
mod chain;
mod child;
mod close;
mod commands;
mod external;
mod objection;
mod query;
mod relay;
mod reset;
mod settle;
mod signal;
mod speculative;
mod start;
mod terminate;
mod update;
mod user_timer;
mod workflow_task;
