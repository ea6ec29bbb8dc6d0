//! A story: a set-up with a name. A catalogue: the stories that a lab knows. Both are handed in; the engine has none.

use serde_json::Value;

use super::Sim;
use super::fault::{Fault, Target, Trigger, Verb};
use super::lesson::Lessons;
use super::script::{Act, Action, When, WorkerSetup};
use super::setup::Setup;
use super::spec::{RunSpec, SpecError};
use crate::base::time::Span;
use crate::history::payload;
use crate::worker::registry::Registry;

/// A named scenario.
#[derive(Clone, Debug)]
pub struct Story {
    /// Stable name, used in addresses: letters, digits and dashes.
    pub id: &'static str,
    /// Short title.
    pub title: &'static str,
    /// What happens and what to look at, in one sentence.
    pub sentence: &'static str,
    /// The title of its chapter. Its catalogue says it.
    pub chapter: &'static str,
    /// Whether it promises to come to the same end whenever a worker dies: the crash test holds it to that.
    pub crash_proof: bool,
    /// The story that shows the same done right, of one that shows a fault.
    pub mended_by: Option<&'static str>,
    /// What its run begins with.
    pub setup: Setup,
}

impl Story {
    /// A story that is to be crash-proof.
    pub fn new(id: &'static str, title: &'static str, sentence: &'static str, setup: Setup) -> Self {
        Self {
            id,
            title,
            sentence,
            chapter: "",
            crash_proof: true,
            mended_by: None,
            setup,
        }
    }

    /// The same, but a crash may change the end, and that is the point.
    #[must_use]
    pub fn not_crash_proof(mut self) -> Self {
        self.crash_proof = false;
        self
    }

    /// The same; that story shows it done right.
    #[must_use]
    pub fn mended_by(mut self, story: &'static str) -> Self {
        self.mended_by = Some(story);
        self
    }

    /// The workflow's type.
    pub fn workflow_type(&self) -> &str {
        &self.setup.start.workflow_type
    }

    /// The workflow's first argument.
    pub fn input(&self) -> Value {
        payload::first_value(self.setup.start.input.as_ref())
    }

    /// With that argument for the workflow.
    #[must_use]
    pub fn input_is(mut self, input: &Value) -> Self {
        self.setup.start.input = Some(payload::json(input));
        self
    }

    /// With another argument for the workflow.
    #[must_use]
    pub fn asks(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut input = self.input();
        change(&mut input);
        self.input_is(&input)
    }

    /// With a fault that strikes by plan.
    #[must_use]
    pub fn strikes(mut self, when: Trigger, then: Vec<(Span, Target, Verb)>) -> Self {
        self.setup.faults.push(Fault { when, then });
        self
    }

    /// With one more thing that a client or operator does, after those before.
    #[must_use]
    pub fn act(mut self, when: When, after: Span, what: Action) -> Self {
        self.setup.script.push(Act { when, after, what });
        self
    }

    /// With another worker in that place, from 0.
    #[must_use]
    pub fn worker(mut self, place: usize, change: impl FnOnce(&mut WorkerSetup)) -> Self {
        change(&mut self.setup.workers[place]);
        self
    }

    /// With these versions of the code, oldest first.
    #[must_use]
    pub fn versions(mut self, versions: &[fn() -> Registry]) -> Self {
        self.setup.code = versions.to_vec();
        self
    }
}

/// A part of a catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Chapter {
    /// As it is shown.
    pub title: &'static str,
    /// Makes its stories, in order.
    pub stories: fn() -> Vec<Story>,
}

/// So many ids are suggested for one that there is not.
const SUGGESTED: usize = 3;

/// The ids that are most like a text: with the fewest signs to change, those that have it in them first.
fn nearest(text: &str, mut ids: Vec<&'static str>) -> Vec<&'static str> {
    let text: String = text.to_lowercase().chars().take(64).collect();
    let is_part = |id: &str| !text.is_empty() && (id.contains(&text) || text.contains(id));
    ids.sort_by_cached_key(|id| (!is_part(id), changes(&text, id)));
    ids.truncate(SUGGESTED);
    ids
}

/// How many signs have to be put in, taken out or changed to make one text of another.
fn changes(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (place, sign) in from.chars().enumerate() {
        let mut before = place;
        row[0] = place + 1;
        for (at, other) in to.iter().enumerate() {
            let changed = before + usize::from(sign != *other);
            before = row[at + 1];
            row[at + 1] = changed.min(before + 1).min(row[at] + 1);
        }
    }
    row[to.len()]
}

/// The stories that a lab knows, chapter by chapter. An id stands for one story in all of them.
#[derive(Clone, Copy, Debug)]
pub struct Catalogue {
    chapters: &'static [Chapter],
    opening: Option<&'static str>,
    lessons: Lessons,
}

impl Catalogue {
    /// These chapters, in the order in which a newcomer should meet them.
    pub const fn new(chapters: &'static [Chapter]) -> Self {
        Self {
            chapters,
            opening: None,
            lessons: Lessons::NONE,
        }
    }

    /// The same; who asks for no story gets that one, not the first.
    #[must_use]
    pub const fn opening_with(mut self, story: &'static str) -> Self {
        self.opening = Some(story);
        self
    }

    /// The same, with something to teach.
    #[must_use]
    pub const fn teaching(mut self, lessons: Lessons) -> Self {
        self.lessons = lessons;
        self
    }

    /// What it teaches.
    pub const fn lessons(self) -> Lessons {
        self.lessons
    }

    /// The id of the story for whoever asks for none; empty if there is no story at all.
    pub fn opening(self) -> &'static str {
        let first = || self.each().next().map(|story| story.id);
        self.opening.or_else(first).unwrap_or_default()
    }

    /// The story of that id.
    pub fn named(self, id: &str) -> Option<Story> {
        // One chapter after the other: whoever wants one story need not have them all written out.
        self.each().find(|story| story.id == id)
    }

    /// All stories, in order.
    pub fn all(self) -> Vec<Story> {
        self.each().collect()
    }

    /// The ids of all stories, in order.
    pub fn ids(self) -> Vec<&'static str> {
        self.each().map(|story| story.id).collect()
    }

    /// The workflow code that the stories have between them, each type in the first version that is met.
    pub fn code(self) -> Registry {
        self.each()
            .filter_map(|story| story.setup.code.first().map(|code| code()))
            .fold(Registry::new(), Registry::or)
    }

    /// The versions of a type's code that the stories have between them, each once. First the one that counts: the newest
    /// of the first story that has the type. Then the others, as they are met.
    pub fn versions(self, workflow_type: &str) -> Vec<Registry> {
        let mut found: Vec<Registry> = Vec::new();
        for story in self.each() {
            let mut versions: Vec<Registry> = story.setup.code.iter().map(|code| code()).collect();
            versions.retain(|version| version.types().any(|of| of == workflow_type));
            if found.is_empty() {
                versions.reverse();
            }
            for version in versions {
                if !found.iter().any(|known| known.has_same_code(&version, workflow_type)) {
                    found.push(version);
                }
            }
        }
        found
    }

    fn each(self) -> impl Iterator<Item = Story> {
        self.chapters.iter().flat_map(|Chapter { title, stories }| {
            stories().into_iter().map(|story| Story {
                chapter: title,
                ..story
            })
        })
    }

    /// Finds the story of a run, and checks that the choices are possible in it.
    ///
    /// # Errors
    ///
    /// If there is no such story, or not every choice fits it.
    pub fn story(self, spec: &RunSpec) -> Result<Story, SpecError> {
        let story = self.named(&spec.story).ok_or_else(|| SpecError::UnknownStory {
            near: nearest(&spec.story, self.ids()),
            of: self.ids().len(),
            story: spec.story.clone(),
        })?;
        spec.fits(&story.setup)?;
        Ok(story)
    }

    /// Reads the text form of a run of one of the stories.
    ///
    /// # Errors
    ///
    /// If it is not spelled as [`super::spec`] says, or names no run of this catalogue.
    pub fn spec(self, text: &str) -> Result<RunSpec, SpecError> {
        let spec = RunSpec::parse(text)?;
        self.story(&spec)?;
        Ok(spec)
    }

    /// A run of one of the stories, in which nothing has happened yet.
    ///
    /// # Errors
    ///
    /// If there is no such story, or not every choice fits it.
    pub fn sim(self, spec: &RunSpec) -> Result<Sim, SpecError> {
        Sim::new(self.story(spec)?, spec)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_that_is_nearly_right_finds_the_right_one() {
        let ids = || {
            vec![
                "all-goes-well",
                "crash-after-charge",
                "crash-after-charge-no-keys",
                "no-worker",
            ]
        };
        assert_eq!(changes("kitten", "sitting"), 3);
        assert_eq!(nearest("crash-after-chrage", ids())[0], "crash-after-charge");
        assert_eq!(nearest("no-keys", ids())[0], "crash-after-charge-no-keys");
        assert_eq!(nearest("NO-WORKERS", ids())[0], "no-worker");
        assert_eq!(nearest(&"x".repeat(9_000), ids()).len(), 3);
        assert_eq!(nearest("", ids()).len(), 3);
    }
}
