//! Generates the history types.

pub fn generate() {}
