//! Plain data for any front end: what happened in a run, worded and measured. No Leptos, no handle to the engine.
//!
//! [`recording`] says what there is to see; [`recorder`] makes it, with the help of one file a panel. [`watch`] is
//! for the tools that operators have: traces and metrics.

mod attempts;
mod code;
mod columns;
pub mod console;
pub mod description;
mod events;
pub mod filter;
pub mod listing;
mod marks;
pub mod pending;
pub mod recorder;
pub mod recording;
pub mod task_queue;
mod waiting;
pub mod watch;
pub mod why;
mod words;
