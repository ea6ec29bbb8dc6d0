//! The page's one door to the engine: what a run is asked for with ([`RunSpec`]) and who works it out ([`Recorder`]).
//!
//! For now a hand-made recording answers. When the engine is here, the types below become re-exports of
//! `crate::view::build`, and nothing else in the page changes: no other file of the page names the engine.

use std::fmt;

use super::sample;
use crate::view::recording::{Recording, StoryCard};

/// Everything that decides a run: the same values always give the same recording.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpec {
    /// Id of the story.
    pub story: String,
    /// Seed of every chance draw.
    pub seed: u64,
    /// What the user did, in order of steps.
    pub choices: Vec<Choice>,
}

/// One intervention: made when `step` steps were done, so that it is itself step number `step + 1`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// How many steps were done before.
    pub step: u32,
    /// What was done.
    pub verb: Verb,
    /// To which worker: `A`, `B`.
    pub worker: String,
}

/// What can be done to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verb {
    /// Ended from outside, at once.
    Kill,
    /// Ended by itself, at once.
    Crash,
    /// Started again, with an empty cache.
    Restart,
}

impl Verb {
    /// As addresses spell it.
    pub fn word(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Crash => "crash",
            Self::Restart => "restart",
        }
    }
}

/// Why a run cannot be worked out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SpecError(pub String);

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Works a run out to its end, some steps at a time.
pub struct Recorder {
    recording: Recording,
    done: u32,
}

impl Recorder {
    /// Prepares a run.
    pub fn new(spec: &RunSpec) -> Result<Self, SpecError> {
        let recording = sample::recording(spec).map_err(SpecError)?;
        Ok(Self { recording, done: 0 })
    }

    /// Does at most so many steps; true when there are no more.
    pub fn advance(&mut self, max_steps: u32) -> bool {
        self.done = self.done.saturating_add(max_steps);
        self.done as usize >= self.recording.moments.len()
    }

    /// The finished recording.
    pub fn finish(self) -> Recording {
        self.recording
    }
}

/// The stories there are, in the order of the picker. Never empty.
pub fn stories() -> Vec<StoryCard> {
    sample::stories()
}
