//! Judges the promises that a set-up makes, at the end of a run.

use crate::sim::Sim;
use crate::sim::promise::{End, Judged};

/// A promise, judged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promised {
    /// What is promised.
    pub sentence: &'static str,
    /// Whether it was kept.
    pub held: bool,
    /// What was seen.
    pub seen: String,
}

/// Judges every promise of the set-up. Empty while a workflow is open, and if the one that the run is about has not
/// returned.
pub fn promises(sim: &Sim) -> Vec<Promised> {
    let Some(end) = End::of(sim) else {
        return Vec::new();
    };
    let promises = sim.setup().promises.iter();
    promises
        .map(|promise| {
            let Judged { held, seen } = promise.judge(&end);
            let sentence = promise.sentence();
            Promised { sentence, held, seen }
        })
        .collect()
}
