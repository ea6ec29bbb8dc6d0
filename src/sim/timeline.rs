//! A world that remembers its past: any moment of it can be had again, and another run that shares it.
//!
//! It keeps checkpoints, as many as there are steps between two of them: with n steps done, about √n of either. So going
//! back takes some √n steps, and the checkpoints take as much memory as √n worlds, without what only grows. What workers
//! have in memory then is rebuilt by replay, as a real worker would: that alone grows with the history of the runs that
//! are open, by what a replay costs for each event.

use super::checkpoint::Checkpoint;
use super::spec::{At, Choice, RunSpec, SpecError};
use super::step::{Record, Step};
use super::{Sim, Verdict};

/// Steps between two checkpoints in a run that has just begun.
const FIRST_GAP: u32 = 16;

/// A world and its past.
pub struct Timeline {
    sim: Sim,
    /// Every `gap` steps, oldest first; the first is the beginning.
    checkpoints: Vec<Checkpoint>,
    gap: u32,
}

impl Timeline {
    /// Remembers from here on. A world that has been stepped already cannot be taken back to before.
    pub fn new(sim: Sim) -> Self {
        Self {
            checkpoints: vec![sim.checkpoint()],
            sim,
            gap: FIRST_GAP,
        }
    }

    /// The world as far as it has come.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// How it stands with the run.
    pub fn verdict(&mut self) -> Verdict {
        self.sim.verdict()
    }

    /// Does the next thing that is due. `None` if nothing is.
    pub fn step(&mut self) -> Option<&Record> {
        self.sim.step()?;
        let last = self.checkpoints.last().map_or(0, Checkpoint::steps);
        if self.sim.steps() >= last + self.gap {
            self.remember();
        }
        self.sim.records().last()
    }

    /// Steps until nothing is due any more.
    pub fn run_to_end(&mut self) -> Verdict {
        while self.step().is_some() {}
        self.sim.verdict()
    }

    /// Keeps this moment, and no more moments than there are steps between two of them.
    fn remember(&mut self) {
        self.checkpoints.push(self.sim.checkpoint());
        if self.checkpoints.len() > self.gap as usize {
            let mut even = false;
            self.checkpoints.retain(|_| {
                even = !even;
                even
            });
            self.gap *= 2;
        }
    }

    /// The moments that are kept, as numbers of steps.
    pub fn kept(&self) -> impl Iterator<Item = u32> {
        self.checkpoints.iter().map(Checkpoint::steps)
    }

    /// The world as it was when so many steps were done, or as far as it has come.
    pub fn at(&self, step: u32) -> Sim {
        let mut sim = self.sim.back_at(self.before(step));
        sim.run_to(At::Step(step.min(self.sim.steps())));
        sim
    }

    /// Another run of the same set-up and seed: it shares this one's past up to where their choices differ, and stands
    /// there or before.
    ///
    /// # Errors
    ///
    /// If its choices are not possible.
    pub fn fork(&self, choices: Vec<Choice>) -> Result<Sim, SpecError> {
        let mut spec = RunSpec {
            choices,
            ..self.sim.spec().clone()
        };
        spec.sort();
        spec.fits(self.sim.setup())?;
        let checkpoint = self.before(self.common(&spec));
        Ok(self.sim.back_with(checkpoint, spec))
    }

    /// The last checkpoint at which no more steps were done than that.
    fn before(&self, step: u32) -> &Checkpoint {
        let later = self
            .checkpoints
            .partition_point(|checkpoint| checkpoint.steps() <= step);
        &self.checkpoints[later.saturating_sub(1)]
    }

    /// How many steps this run and that one have in common for sure.
    fn common(&self, other: &RunSpec) -> u32 {
        let (ours, theirs) = (&self.sim.spec().choices, &other.choices);
        let missing = |in_one: &[Choice], in_other: &[Choice]| {
            let mut rest = in_other.to_vec();
            let only = in_one.iter().filter(|choice| {
                let found = rest.iter().position(|other| other == *choice);
                found.map(|at| rest.remove(at)).is_none()
            });
            only.map(|choice| choice.at).collect::<Vec<At>>()
        };
        let differ = [missing(ours, theirs), missing(theirs, ours)].concat();
        let common = differ.iter().map(|at| self.steps_before(*at)).min();
        let Some(common) = common else { return self.sim.steps() };
        // Clients' deeds are numbered by their place among all choices, those for a step first.
        let by_step = |choices: &[Choice]| choices.iter().filter(|choice| matches!(choice.at, At::Step(_))).count();
        let first = self.sim.act_of_choice(by_step(ours));
        let is_timed =
            |record: &Record| matches!(record.what, Step::Acted { act, .. } | Step::Heard { act, .. } if act >= first);
        let renumbered = by_step(ours) != by_step(theirs);
        if renumbered && self.sim.records().iter().take(common as usize).any(is_timed) {
            return 0;
        }
        common
    }

    /// How many steps were done before anything was that happens at this moment.
    fn steps_before(&self, at: At) -> u32 {
        match at {
            At::Step(step) => step.min(self.sim.steps()),
            At::Time(time) => {
                let before = self.sim.records().partition_point(|record| record.at < time);
                u32::try_from(before).expect("bounded by the set-up")
            }
        }
    }
}
