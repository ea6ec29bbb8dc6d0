//! Which run: a story, a seed and the user's choices, and how they are spelled.
//!
//! `crash-after-charge?seed=7&do=41:kill:A,60:restart:A` means: run the story with seed 7; when 41 steps are done, kill
//! worker A; when 60 are done, restart it. The same words name the same run for ever, natively and in a browser: it is
//! the repro string of a failed check and the tail of the page's address.

use std::fmt;

use super::MAX_STEPS;
use super::fault::Verb;
use super::node::WorkerName;
use super::setup::Setup;
use super::story::{self, Story};

/// The seed where none is given.
pub const DEFAULT_SEED: u64 = 7;

/// Names a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpec {
    /// Story id.
    pub story: String,
    /// Seed of all chance.
    pub seed: u64,
    /// What the user did, in order of steps.
    pub choices: Vec<Choice>,
}

/// One thing the user did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Choice {
    /// When so many steps were done; what was done is the next step.
    pub step: u32,
    /// What.
    pub verb: Verb,
    /// To whom.
    pub worker: WorkerName,
}

/// Why a text names no run. Each says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// There is no story of this id.
    UnknownStory(String),
    /// The seed is not a number from 0 to 2^64-1.
    BadSeed(String),
    /// A choice is not `STEP:VERB:WORKER`, or out of range.
    BadChoice {
        /// As it was given.
        choice: String,
        /// What is wrong with it.
        why: String,
    },
    /// A parameter that nobody knows.
    UnknownParameter(String),
    /// A set-up that contradicts itself. With what is wrong.
    BadSetup(String),
}

impl RunSpec {
    /// A story with the default seed and no choices.
    pub fn of(story: &str) -> Self {
        Self {
            story: story.to_owned(),
            seed: DEFAULT_SEED,
            choices: Vec::new(),
        }
    }

    /// Reads the text form.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let (story, parameters) = text.split_once('?').unwrap_or((text, ""));
        let mut spec = Self::of(story);
        for parameter in parameters.split('&').filter(|p| !p.is_empty()) {
            match parameter.split_once('=') {
                Some(("seed", seed)) => {
                    spec.seed = seed.parse().map_err(|_| SpecError::BadSeed(seed.to_owned()))?;
                }
                Some(("do", choices)) => {
                    spec.choices = choices
                        .split(',')
                        .filter(|c| !c.is_empty())
                        .map(Choice::parse)
                        .collect::<Result<_, _>>()?;
                }
                _ => return Err(SpecError::UnknownParameter(parameter.to_owned())),
            }
        }
        spec.choices.sort_unstable_by_key(|choice| choice.step);
        spec.check()?;
        Ok(spec)
    }

    /// Finds the story, and checks that every choice names one of its workers.
    pub fn check(&self) -> Result<Story, SpecError> {
        let story = story::named(&self.story).ok_or_else(|| SpecError::UnknownStory(self.story.clone()))?;
        self.fits(&story.setup)?;
        Ok(story)
    }

    /// Checks that every choice names one of the workers.
    pub(super) fn fits(&self, setup: &Setup) -> Result<(), SpecError> {
        setup.check().map_err(SpecError::BadSetup)?;
        for choice in &self.choices {
            let bad = |why: String| SpecError::BadChoice {
                choice: choice.to_string(),
                why,
            };
            let workers = setup.workers.len();
            if usize::from(choice.worker.0) >= workers {
                let last = WorkerName(u8::try_from(workers.saturating_sub(1)).unwrap_or(u8::MAX));
                return Err(bad(format!("this story has {workers} workers, A to {last}")));
            }
            if choice.step > MAX_STEPS {
                return Err(bad(format!("no run is longer than {MAX_STEPS} steps")));
            }
        }
        Ok(())
    }
}

impl Choice {
    /// Reads `41:kill:A`.
    pub fn parse(text: &str) -> Result<Self, SpecError> {
        let bad = |why: &str| SpecError::BadChoice {
            choice: text.to_owned(),
            why: why.to_owned(),
        };
        let mut parts = text.split(':');
        let (Some(step), Some(verb), Some(worker), None) = (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(bad("write STEP:VERB:WORKER, for example 41:kill:A"));
        };
        let step = step.parse().map_err(|_| bad("the step must be a whole number"))?;
        let verb =
            Verb::named(verb).ok_or_else(|| bad("the verb must be kill, crash, restart, stop, launch, cut or heal"))?;
        let worker = WorkerName::named(worker).ok_or_else(|| bad("the worker must be a letter, A for the first"))?;
        Ok(Self { step, verb, worker })
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.step, self.verb.name(), self.worker)
    }
}

impl fmt::Display for RunSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}?seed={}", self.story, self.seed)?;
        for (i, choice) in self.choices.iter().enumerate() {
            write!(f, "{}{choice}", if i == 0 { "&do=" } else { "," })?;
        }
        Ok(())
    }
}

impl fmt::Display for SpecError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::UnknownStory(id) => {
                let known: Vec<_> = story::ids().collect();
                write!(f, "There is no story “{id}”. Known stories: {}.", known.join(", "))
            }
            Self::BadSeed(seed) => write!(
                f,
                "“{seed}” is no seed: it must be a whole number from 0 to {}.",
                u64::MAX
            ),
            Self::BadChoice { choice, why } => write!(f, "“{choice}” is no choice: {why}."),
            Self::UnknownParameter(parameter) => {
                write!(f, "“{parameter}” means nothing here: known are seed=… and do=….")
            }
            Self::BadSetup(why) => write!(f, "This is no set-up of a run: {why}."),
        }
    }
}

impl std::error::Error for SpecError {}
