//! Plain data for any front end: what happened in a run, worded and measured. No Leptos, no handle to the engine.
//!
//! [`recording`] says what there is to see; [`recorder`] makes it, with the help of one file a panel.

mod attempts;
mod code;
pub mod console;
mod events;
mod marks;
pub mod recorder;
pub mod recording;
mod waiting;
mod words;
