//! How things are said and marked: Temporal's terms that explain themselves, and a shape and a colour for each outcome.

pub mod icons;
pub mod term;
