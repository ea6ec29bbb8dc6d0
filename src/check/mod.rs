//! Many worlds, judged: what must hold at the end of a run, and the sweep that crashes a worker at every moment.

pub mod promise;
pub mod report;
pub mod sweep;
