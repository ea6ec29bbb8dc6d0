//! What a catalogue teaches a newcomer: a first scene and a tour. Plain data: which story, which moment of it, what to say
//! there, what to ask for, and what shows that it was done.
//!
//! No moment is a number: each is named by what happens with it, so a story may change its steps and keep its lesson. Nor
//! does a text repeat a number of the run: what stands in braces is read off the run when it is shown. `{worker}` is the
//! worker at work at the lesson's moment, `{limit}` how long an attempt of the activity at hand may take, `{LABEL}` what the
//! world says then under that label. Reading both is the business of the view.

use super::fault::Verb;
use crate::history::proto::EventType;

/// Something that happens in a run. Of attempts, the first workflow that has such an activity is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Happening {
    /// A worker takes that attempt, from 1, of an activity of that type.
    AttemptBegins(&'static str, u32),
    /// That attempt has done its work outside.
    EffectDone(&'static str, u32),
    /// That attempt has failed, or the Service has given it up.
    AttemptFails(&'static str, u32),
    /// The story's workflow gets its so manieth event of that type.
    Event(EventType, u32),
    /// A worker dies for the so manieth time.
    Death(u32),
    /// A worker starts for the so manieth time, those not counted that were there from the beginning.
    Start(u32),
    /// A worker has rebuilt a workflow from its history for the so manieth time.
    Replay(u32),
    /// The story's workflow closes.
    Closed,
    /// Nothing is left to do.
    End,
}

/// A moment of a story, in the run in which nobody interferes, or in one that grew out of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Sight {
    /// The story's id.
    pub story: &'static str,
    /// The moment.
    pub when: Happening,
}

/// A title and a few sentences.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Words {
    /// A few words.
    pub title: &'static str,
    /// Two or three sentences.
    pub text: &'static str,
}

/// The first thing that a newcomer sees: a run that is paused just before its worker is killed. The one thing to do is to
/// kill it.
#[derive(Clone, Copy, Debug)]
pub struct Scene {
    /// Where it is paused.
    pub at: Sight,
    /// What is said there.
    pub before: Words,
    /// What is said from the death on, in the order of the moments.
    pub captions: &'static [(Happening, Words)],
    /// What is said once nothing is left to do.
    pub end: Words,
    /// What is offered then: its words, and the station of the tour.
    pub next: (&'static str, &'static str),
}

/// A station of the tour.
#[derive(Clone, Copy, Debug)]
pub struct Station {
    /// Stable name, used in addresses: letters, digits and dashes.
    pub id: &'static str,
    /// What it is about.
    pub title: &'static str,
    /// Where it begins.
    pub at: Sight,
    /// What is seen there.
    pub text: &'static str,
    /// What the reader is asked to do, in one sentence.
    pub ask: &'static str,
    /// The same, a thing at a time.
    pub tasks: &'static [Task],
    /// What is said once all of it is done.
    pub learned: &'static str,
}

/// One thing to do, and what shows that it was done.
#[derive(Clone, Copy, Debug)]
pub enum Task {
    /// That is done to a worker: to the one that is at work, or for a start to the first that does not run. It was done once
    /// this happens.
    ToWorker(Verb, Happening),
    /// The reader goes on until this happens.
    GoOn(Happening),
    /// The reader looks at another story, until this happens in it.
    Look(Sight),
    /// The reader opens a run with a crash, in which so many promises are broken.
    FindCrash(usize),
}

/// What a catalogue teaches.
#[derive(Clone, Copy, Debug)]
pub struct Lessons {
    /// What a first visit begins with.
    pub scene: Option<&'static Scene>,
    /// The stations of the tour, in order.
    pub tour: &'static [Station],
}

impl Lessons {
    /// Nothing at all.
    pub const NONE: Self = Self { scene: None, tour: &[] };

    /// The place of a station in the tour.
    pub fn station(self, id: &str) -> Option<usize> {
        self.tour.iter().position(|station| station.id == id)
    }
}
