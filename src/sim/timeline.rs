//! A world that remembers its past: any moment of it can be had again, and another run that shares it.
//!
//! It keeps checkpoints, as many as there are steps between two of them: with n steps done, about √n of either. So going
//! back takes some √n steps, and the checkpoints take as much memory as √n worlds, without what only grows. What workers
//! have in memory then is rebuilt by replay, as a real worker would: that alone grows with the history of the runs that
//! are open, by what a replay costs for each event. A fork shares the moments that were kept before it.

use std::sync::Arc;

use super::checkpoint::Checkpoint;
use super::spec::{At, Choice, SpecError};
use super::step::Record;
use super::{Sim, Verdict};

/// Steps between two checkpoints in a run that has just begun.
const FIRST_GAP: u32 = 16;

/// A world and its past. Who watches it may keep something of its own with each moment that is kept.
pub struct Timeline<W = ()> {
    sim: Sim,
    /// Every `gap` steps, oldest first; the first is the beginning.
    kept: Vec<Arc<Kept<W>>>,
    gap: u32,
}

/// A moment that is kept.
struct Kept<W> {
    checkpoint: Checkpoint,
    beside: W,
}

impl Timeline {
    /// Remembers from here on. A world that has been stepped already cannot be taken back to before.
    pub fn new(sim: Sim) -> Self {
        Self::watched(sim, ())
    }

    /// Does the next thing that is due. `None` if nothing is.
    pub fn step(&mut self) -> Option<&Record> {
        self.sim.step()?;
        self.keep(|_| ());
        self.sim.records().last()
    }

    /// Steps until nothing is due any more.
    pub fn run_to_end(&mut self) -> Verdict {
        while self.step().is_some() {}
        self.sim.verdict()
    }
}

impl<W> Timeline<W> {
    /// Remembers from here on, for somebody who watches.
    pub fn watched(sim: Sim, beside: W) -> Self {
        let checkpoint = sim.checkpoint();
        Self {
            kept: vec![Arc::new(Kept { checkpoint, beside })],
            sim,
            gap: FIRST_GAP,
        }
    }

    /// The world as far as it has come.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// The same, to be stepped: one step, then [`keep`](Self::keep).
    pub fn sim_mut(&mut self) -> &mut Sim {
        &mut self.sim
    }

    /// Keeps this moment if its turn has come, and no more moments than there are steps between two of them.
    pub fn keep(&mut self, beside: impl FnOnce(&Sim) -> W) {
        let last = self.kept().next_back().unwrap_or_default();
        if self.sim.steps() < last + self.gap {
            return;
        }
        self.kept.push(Arc::new(Kept {
            checkpoint: self.sim.checkpoint(),
            beside: beside(&self.sim),
        }));
        if self.kept.len() > self.gap as usize {
            let mut even = false;
            self.kept.retain(|_| {
                even = !even;
                even
            });
            self.gap *= 2;
        }
    }

    /// The moments that are kept, as numbers of steps.
    pub fn kept(&self) -> impl DoubleEndedIterator<Item = u32> {
        self.kept.iter().map(|kept| kept.checkpoint.steps())
    }

    /// The world as it was when so many steps were done, or as far as it has come.
    pub fn at(&self, step: u32) -> Sim {
        let mut sim = self.sim.back_at(self.before(step).checkpoint.clone());
        sim.run_to(At::Step(step.min(self.sim.steps())));
        sim
    }

    /// Another run of the same set-up and seed: it shares this one's past up to where their choices differ, and stands
    /// there or before, at a moment that was kept. What its workers have in memory is rebuilt with its next step, or by
    /// [`Sim::warm_up`].
    ///
    /// # Errors
    ///
    /// If its choices are not possible.
    pub fn fork(&self, choices: Vec<Choice>) -> Result<Self, SpecError> {
        let spec = self.sim.spec_with(choices)?;
        let common = self.kept_before(self.sim.steps_in_common(&spec));
        let last = &self.kept[common - 1];
        Ok(Self {
            sim: self.sim.forked(last.checkpoint.clone(), spec),
            kept: self.kept[..common].to_vec(),
            gap: self.gap,
        })
    }

    /// How many steps a run with these choices shares with this one at least, as far as it is kept.
    pub fn shares(&self, choices: &[Choice]) -> u32 {
        let spec = self.sim.spec_with(choices.to_vec());
        spec.map_or(0, |spec| {
            self.before(self.sim.steps_in_common(&spec)).checkpoint.steps()
        })
    }

    /// What was kept with the moment that was kept last.
    pub fn beside(&self) -> &W {
        &self.before(u32::MAX).beside
    }

    /// The last moment kept at which no more steps were done than that.
    fn before(&self, step: u32) -> &Kept<W> {
        &self.kept[self.kept_before(step) - 1]
    }

    /// How many moments are kept at which no more steps were done than that: one at least, the beginning.
    fn kept_before(&self, step: u32) -> usize {
        let later = self.kept.partition_point(|kept| kept.checkpoint.steps() <= step);
        later.max(1)
    }
}
