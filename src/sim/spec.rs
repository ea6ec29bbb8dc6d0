//! Which run: a story, a seed and the user's choices, and how they are spelled.
//!
//! `crash-after-charge?seed=7&do=41:kill:A,90s:restart:A` means: run the story with seed 7; when 41 steps are done, kill
//! worker A; after 90 s of virtual time, restart it. How a choice is spelled is told in [`super::choice`]. The same words name the same run for ever, natively and in a browser: it is
//! the repro string of a failed check and the tail of the page's address.

use std::fmt;

use super::choice::Spelling;
pub use super::choice::{At, Choice, Deed};
use super::node::WorkerName;
use super::setup::Setup;
use crate::base::time::SimTime;

/// No run is longer: a hundred years.
pub const MAX_TIME: SimTime = SimTime(100 * 365 * 24 * 3_600 * 1_000_000_000);

/// So many signs are told of what makes no sense.
const SIGNS_MAX: usize = 80;

/// The seed where none is given.
pub const DEFAULT_SEED: u64 = 7;

/// Names a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunSpec {
    /// Story id.
    pub story: String,
    /// Seed of all chance.
    pub seed: u64,
    /// What the user did: by steps first, then by times.
    pub choices: Vec<Choice>,
}

/// Why a text names no run. Each says what to do about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SpecError {
    /// There is no story of this id.
    UnknownStory {
        /// As it was given.
        story: String,
        /// The ids that are most like it.
        near: Vec<&'static str>,
        /// How many there are.
        of: usize,
    },
    /// The seed is not a number from 0 to 2^64-1.
    BadSeed(String),
    /// A choice is not spelled as [`super::choice`] says, or out of range.
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

    /// Reads the text form. Whether there is such a story, and whether the choices fit it, a
    /// [`Catalogue`](super::story::Catalogue) says.
    ///
    /// # Errors
    ///
    /// If it is not spelled as this file says.
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
        spec.sort();
        Ok(spec)
    }

    /// Adds a choice; among those of the same moment it is the last.
    pub fn choose(&mut self, choice: Choice) {
        self.choices.push(choice);
        self.sort();
    }

    /// Puts the choices into their order.
    pub(super) fn sort(&mut self) {
        self.choices.sort_by_key(|choice| choice.at);
    }

    /// Checks that the choices are possible: that every worker is there, and that the run can be so long.
    pub(super) fn fits(&self, setup: &Setup) -> Result<(), SpecError> {
        setup.check().map_err(SpecError::BadSetup)?;
        for choice in &self.choices {
            let bad = |why: String| SpecError::BadChoice {
                choice: choice.to_string(),
                why,
            };
            let workers = setup.workers.len();
            match &choice.deed {
                Deed::Worker(_, worker) if usize::from(worker.0) >= workers => {
                    let last = u8::try_from(workers).ok().and_then(|workers| workers.checked_sub(1));
                    return Err(bad(match last.map(WorkerName) {
                        None => "this story has no workers".to_owned(),
                        Some(last) if workers == 1 => format!("this story has one worker, {last}"),
                        Some(last) => format!("this story has {workers} workers, A to {last}"),
                    }));
                }
                Deed::Worker(..) => {}
                Deed::Client(request) => request.check(Spelling::Address).map_err(bad)?,
            }
            match choice.at {
                At::Step(step) if step > setup.most_steps => {
                    return Err(bad(format!("the run has no more than {} steps", setup.most_steps)));
                }
                At::Time(time) if time > MAX_TIME => {
                    return Err(bad(format!("no run is longer than {}", At::Time(MAX_TIME))));
                }
                At::Step(_) | At::Time(_) => {}
            }
        }
        Ok(())
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
            Self::UnknownStory { story, near, of } => {
                let near = near.join(", ");
                write!(
                    f,
                    "There is no story “{}”. Of the {of} there are, these come nearest: {near}.",
                    short(story)
                )
            }
            Self::BadSeed(seed) => write!(
                f,
                "“{}” is no seed: it must be a whole number from 0 to {}.",
                short(seed),
                u64::MAX
            ),
            Self::BadChoice { choice, why } => write!(f, "“{}” is no choice: {why}.", short(choice)),
            Self::UnknownParameter(parameter) => {
                let parameter = short(parameter);
                write!(f, "“{parameter}” means nothing here: known are seed=… and do=….")
            }
            Self::BadSetup(why) => write!(f, "This is no set-up of a run: {why}."),
        }
    }
}

/// What somebody has written, no longer than it helps to see it.
fn short(text: &str) -> String {
    match text.char_indices().nth(SIGNS_MAX) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

impl std::error::Error for SpecError {}
