//! Generates the traced workflows.

pub fn generate() {}
