//! Plain data for any front end: what happened in a run, worded and measured. No Leptos, no handle to the engine.

pub mod recording;
