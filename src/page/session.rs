//! The page's whole state, and the one place that changes it: [`Session::intend`].
//!
//! What it owns: the branches, the cursor, the clock, and small facts about the page. Working out a run is
//! `computing.rs`, letting the clock run is `playing.rs`, address and storage are `browser.rs`. Components read the
//! memos and say [`Intent`]s; they set nothing.

use leptos::prelude::*;

use super::branch::{Branch, Run, forked};
use super::browser;
use super::computing::{self, Goal, Trip};
use super::engine::{At, Catalogue, Choice, DEFAULT_SEED, RunSpec, Verb, WorkerName, stories};
use super::frame::Frame;
use super::intent::{Intent, Look, Speed};
use super::settings::{self, Theme};
use super::time_layout::{Layout, Plot};
use super::{clipboard, download, playing};
use crate::base::time::SimTime;
use crate::view::recording::{Moment, StoryCard};

/// A sentence for the reader.
#[derive(Clone, Debug, PartialEq)]
pub struct Message {
    /// What to say.
    pub text: String,
    /// Something went wrong; else it is a mere note, which goes by itself.
    pub wrong: bool,
}

/// The state of the page. Cheap to copy: it holds handles only.
#[derive(Clone, Copy)]
pub struct Session {
    /// What can be told.
    pub catalogue: Catalogue,
    /// The stories there are.
    pub stories: StoredValue<Vec<StoryCard>>,
    /// Every run the reader has made and not closed.
    pub branches: RwSignal<Vec<Branch>>,
    /// Id of the branch that is shown; 0 before the first is there.
    pub active: RwSignal<u32>,
    /// How many steps are done at the moment shown.
    pub cursor: RwSignal<u32>,
    /// The virtual clock; runs between moments while playing.
    pub clock: RwSignal<SimTime>,
    /// The clock runs.
    pub playing: RwSignal<bool>,
    /// How fast.
    pub speed: RwSignal<Speed>,
    /// The event picked by the reader.
    pub selected: RwSignal<Option<u32>>,
    /// What part of the time picture is seen.
    pub frame: RwSignal<Frame>,
    /// The measures of the time picture, once it is there.
    pub layout: StoredValue<Option<Layout>>,
    /// Dark or light.
    pub theme: RwSignal<Theme>,
    /// The help is open.
    pub help: RwSignal<bool>,
    /// Steps worked out so far of a run that is not ready.
    pub busy: RwSignal<Option<u32>>,
    /// What there is to say.
    pub message: RwSignal<Option<Message>>,
    /// The recording shown.
    pub run: Memo<Run>,
    /// The moment shown.
    pub moment: Memo<Moment>,
    /// The event in the drawer: the one picked, else the latest.
    pub event: Memo<Option<u32>>,
    /// Counts runs asked for, so that an overtaken computation knows it.
    pub(super) asked: StoredValue<u32>,
}

impl Session {
    /// A new session, put into the context.
    pub fn provide(catalogue: Catalogue) -> Self {
        let branches = RwSignal::new(Vec::<Branch>::new());
        let (active, cursor) = (RwSignal::new(0), RwSignal::new(0));
        let selected = RwSignal::new(None::<u32>);
        let blank = Run::blank();
        let run = Memo::new(move |_| {
            let id = active.get();
            let shown = branches.with(|all| all.iter().find(|b| b.id == id).and_then(|b| b.run.clone()));
            shown.unwrap_or_else(|| blank.clone())
        });
        let moment = Memo::new(move |_| run.with(|run| run.moment(cursor.get()).clone()));
        let event = Memo::new(move |_| {
            let written = moment.with(|m| m.events_len);
            selected
                .get()
                .filter(|id| *id <= written)
                .or((written > 0).then_some(written))
        });
        let session = Self {
            catalogue,
            stories: StoredValue::new(stories(catalogue)),
            branches,
            active,
            cursor,
            clock: RwSignal::new(SimTime::ZERO),
            playing: RwSignal::new(false),
            speed: RwSignal::new(settings::stored_speed()),
            selected,
            frame: RwSignal::new(Frame::FIT),
            layout: StoredValue::new(None),
            theme: RwSignal::new(Theme::first()),
            help: RwSignal::new(false),
            busy: RwSignal::new(None),
            message: RwSignal::new(None),
            run,
            moment,
            event,
            asked: StoredValue::new(0),
        };
        provide_context(session);
        session
    }

    /// The session of this page.
    pub fn here() -> Self {
        expect_context::<Self>()
    }

    /// Does what the reader wants, or says why not.
    pub fn intend(&self, intent: Intent) {
        let cursor = self.cursor.get_untracked();
        let run = self.run.get_untracked();
        let interesting = |step: &u32| run.moment(*step).interesting;
        match intent {
            Intent::PickStory(story) => {
                let seed = self.spec().map_or(DEFAULT_SEED, |spec| spec.seed);
                self.open(RunSpec {
                    story,
                    seed,
                    choices: vec![],
                });
            }
            // The seed that is shown already: nothing to do, least of all to lose the moment.
            Intent::SetSeed(seed) if self.spec().is_some_and(|spec| spec.seed == seed) => self.hush(),
            Intent::SetSeed(seed) => {
                let story = self.spec().map(|spec| spec.story).unwrap_or_default();
                self.open(RunSpec {
                    story,
                    seed,
                    choices: vec![],
                });
            }
            Intent::Step(n) => self.walk(cursor.saturating_add_signed(n)),
            Intent::PlayPause => playing::toggle(*self),
            Intent::NextInteresting => self.walk((cursor + 1..run.last()).find(interesting).unwrap_or(run.last())),
            Intent::PrevInteresting => self.walk((0..cursor).rev().find(interesting).unwrap_or(0)),
            Intent::NextAttempt => {
                let now = run.attempt(cursor);
                let next = (cursor + 1..=run.last()).find(|s| run.attempt(*s).is_some_and(|a| Some(a) != now));
                match next {
                    Some(step) => self.walk(step),
                    None => self.note("No further attempt begins in this run."),
                }
            }
            Intent::ToStart => self.walk(0),
            Intent::ToEnd => self.walk(run.last()),
            Intent::GoTo(step) => self.walk(step),
            Intent::ToggleWorker(name) => self.toggle_worker(&name),
            Intent::KillAll => {
                let workers = &run.moment(cursor).workers;
                let alive: Vec<WorkerName> = workers
                    .iter()
                    .filter(|w| w.alive)
                    .filter_map(|w| WorkerName::named(&w.name))
                    .collect();
                if alive.is_empty() {
                    return self.note("No worker is alive: there is nobody to kill.");
                }
                self.act(&alive.into_iter().map(|name| (Verb::Kill, name)).collect::<Vec<_>>());
            }
            Intent::Do(choice) => {
                let then = match choice.at {
                    At::Step(step) => step + 1,
                    At::Time(_) => cursor,
                };
                self.fork(vec![choice], then);
            }
            Intent::OpenConsole => browser::open("console"),
            Intent::ShowRun(shown) => {
                let Some(spec) = self.spec() else { return };
                let trip = Trip {
                    shown: Some(shown),
                    ..Trip::to(Goal::At(cursor))
                };
                computing::open(*self, spec, None, trip);
            }
            Intent::PickBranch(id) => computing::activate(*self, id, Trip::to(Goal::Remembered)),
            Intent::CloseBranch(id) => self.close(id),
            Intent::SelectEvent(event) => self.selected.set(event),
            Intent::SetSpeed(speed) => {
                self.speed.set(speed);
                settings::store("speed", speed.word());
            }
            Intent::Look(look) => self.look(look),
            Intent::ToggleTheme => {
                self.theme.update(|t| *t = t.other());
                settings::store("theme", self.theme.get_untracked().word());
            }
            Intent::ToggleHelp => self.help.update(|open| *open = !*open),
            Intent::CloseHelp => self.help.set(false),
            Intent::CloseMessage => self.message.set(None),
            Intent::FocusFilter => browser::focus("history-filter"),
            Intent::CopyLink => clipboard::copy(*self, browser::link(*self), "The link to this moment is copied."),
            Intent::CopyJson(id) => {
                if let Some(event) = run.events.get((id as usize).wrapping_sub(1)) {
                    clipboard::copy(*self, event.json.clone(), &format!("Event {id} is copied as JSON."));
                }
            }
            Intent::SaveHistory => {
                let written = run.moment(cursor).events_len as usize;
                let name = format!("{}.json", run.story.id);
                download::save(*self, &name, &run.history_json(written));
            }
            Intent::OpenRun(spec, step) => {
                let parent = Some(self.active.get_untracked());
                computing::open(*self, spec, parent, Trip::to(Goal::At(step)));
            }
            Intent::Dismiss => self.dismiss(),
        }
    }

    /// The run that is shown, or is to be.
    pub fn spec(&self) -> Option<RunSpec> {
        let id = self.active.get_untracked();
        self.branches
            .with_untracked(|all| all.iter().find(|b| b.id == id).map(|b| b.spec.clone()))
    }

    /// Something the reader may want to know; it goes by itself.
    pub fn note(&self, text: &str) {
        self.message.set(Some(Message {
            text: text.into(),
            wrong: false,
        }));
    }

    /// Something that went wrong; it stays until it is closed.
    pub fn complain(&self, text: &str) {
        self.message.set(Some(Message {
            text: text.into(),
            wrong: true,
        }));
    }

    /// Takes a complaint back: what it was about is over.
    pub(super) fn hush(&self) {
        if self.message.with_untracked(|m| m.as_ref().is_some_and(|m| m.wrong)) {
            self.message.set(None);
        }
    }

    /// Moves the cursor, and the clock with it.
    pub(super) fn walk(&self, step: u32) {
        let step = step.min(self.run.with_untracked(Run::last));
        if step != self.cursor.get_untracked() {
            self.selected.set(None);
            self.cursor.set(step);
        }
        self.clock.set(self.run.with_untracked(|run| run.moment(step).at));
    }

    fn open(&self, spec: RunSpec) {
        computing::open(*self, spec, None, Trip::to(Goal::At(0)));
    }

    fn toggle_worker(&self, name: &str) {
        let alive = self
            .moment
            .with_untracked(|m| m.workers.iter().find(|w| w.name == name).map(|w| w.alive));
        match alive.zip(WorkerName::named(name)) {
            None => self.note(&format!("This story has no worker {name}.")),
            Some((true, worker)) => self.act(&[(Verb::Kill, worker)]),
            Some((false, worker)) => self.act(&[(Verb::Restart, worker)]),
        }
    }

    /// Does something to workers, now.
    fn act(&self, deeds: &[(Verb, WorkerName)]) {
        let at = self.cursor.get_untracked();
        if self.moment.with_untracked(|m| m.waiting.closed) {
            return self
                .note("The run is closed: nothing that happens to a worker changes it. Go back to an earlier moment.");
        }
        let deed = |(step, (verb, worker)): (u32, &(Verb, WorkerName))| Choice::to_worker(step, *verb, *worker);
        self.fork((at..).zip(deeds).map(deed).collect(), at + deeds.len() as u32);
    }

    /// Another future from here on, shown after `then` steps. The old one stays, unless this one merely goes on from its
    /// end.
    fn fork(&self, deeds: Vec<Choice>, then: u32) {
        let (at, id) = (self.cursor.get_untracked(), self.active.get_untracked());
        let Some(spec) = self.spec() else { return };
        let goes_on = at == self.run.with_untracked(Run::last);
        self.playing.set(false);
        let parent = self
            .branches
            .with_untracked(|all| all.iter().find(|b| b.id == id).and_then(|b| b.parent));
        let parent = if goes_on { parent } else { Some(id) };
        let trip = Trip {
            replaces: goes_on.then_some(id),
            shown: Some(self.run.with_untracked(|run| run.shown)),
            ..Trip::to(Goal::At(then))
        };
        let now = self.moment.with_untracked(|m| m.at);
        computing::open(*self, forked(&spec, at, now, deeds), parent, trip);
    }

    fn close(&self, id: u32) {
        if self.branches.with_untracked(|all| all.len() < 2) {
            return self.note("The last branch stays.");
        }
        if self.active.get_untracked() == id {
            let next = self.branches.with_untracked(|all| {
                let parent = all.iter().find(|b| b.id == id).and_then(|b| b.parent);
                let other = all.iter().rev().find(|b| b.id != id).map(|b| b.id);
                all.iter().find(|b| Some(b.id) == parent).map(|b| b.id).or(other)
            });
            if let Some(next) = next {
                computing::activate(*self, next, Trip::to(Goal::Remembered));
            }
        }
        self.branches.update(|all| all.retain(|b| b.id != id));
    }

    fn look(&self, look: Look) {
        self.frame.update(|frame| {
            *frame = match look {
                Look::Show(shown) => shown,
                Look::In => self.zoomed(*frame, 1.6),
                Look::Out => self.zoomed(*frame, 1.0 / 1.6),
                Look::Fit => Frame {
                    fold: frame.fold,
                    ..Frame::FIT
                },
                Look::ToggleFolds => Frame {
                    fold: !frame.fold,
                    ..Frame::FIT
                },
            };
        });
    }

    /// Closer or further away around the moment; one that is out of sight comes to the middle.
    fn zoomed(&self, frame: Frame, factor: f64) -> Frame {
        let Some(layout) = self.layout.get_value() else {
            return frame.zoomed(factor, 0.5);
        };
        let clock = self.clock.get_untracked();
        let share = |frame| {
            self.run
                .with_untracked(|run| Plot::new(run, layout, frame).share(clock))
        };
        let at = (share(frame) - frame.left) * frame.zoom;
        let at = if (0.0..=1.0).contains(&at) { at } else { 0.5 };
        let near = frame.zoomed(factor, at);
        // Folded gaps do not grow with the zoom, so the moment's share of the picture is another one now.
        near.panned_to(share(near) - at / near.zoom)
    }

    fn dismiss(&self) {
        if self.help.get_untracked() {
            self.help.set(false);
        } else if self.message.get_untracked().is_some() {
            self.message.set(None);
        } else {
            self.selected.set(None);
            browser::blur();
        }
    }
}
