//! What a history tells afterwards, whoever wrote it and in whatever language: with events alone, and nothing of what runs
//! here.
//!
//! [`diff`] says how two differ.

pub mod diff;
