//! Words that everything else is made of: time, ids, chance. Knows nothing of workflows.

pub mod chance;
pub mod growing;
pub mod impure;
pub mod probe;
pub mod sorted;
pub mod time;
