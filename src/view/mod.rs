//! Plain data for any front end: what happened in a run, worded and measured. No Leptos, no handle to the engine.
//!
//! [`recorder`] steps a world and has the [`chronicle`] written down; [`recording`] is what comes of it, and answers
//! what there is to see at a moment, with the help of one file a panel. [`opening`] makes one of a history in a file. [`watch`] is for the tools that operators have:
//! traces and metrics, made from the same chronicle.

mod attempts;
pub mod changes;
pub mod chronicle;
mod code;
mod columns;
pub mod conclusion;
pub mod console;
pub mod description;
mod events;
pub mod filter;
pub mod findings;
pub mod glossary;
pub mod lesson;
pub mod listing;
mod mark_words;
mod marks;
pub mod moment;
pub mod opened;
mod opened_waiting;
pub mod opening;
pub mod pending;
pub mod recorder;
pub mod recording;
pub mod state;
mod steps;
pub mod task_queue;
mod track;
mod waiting;
pub mod watch;
pub mod why;
mod words;
mod workers;
mod world;
