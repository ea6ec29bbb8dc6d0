//! What a history tells afterwards, whoever wrote it and in whatever language: with events alone, and nothing of what runs
//! here.
//!
//! - [`diff`]: how two differ
//! - [`lint`]: what is unwise in it, has gone wrong, or is about to
//! - [`risk`]: what a crash at any time would have done
//! - [`outlook`]: what is open at the end, and why
//!
//! The limits of activities are in `limits`, those of runs in `run_limit`; `words` has what several sentences need.

pub mod diff;
mod limits;
pub mod lint;
pub mod outlook;
pub mod risk;
mod run_limit;
mod words;
