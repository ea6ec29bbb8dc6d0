//! The page's whole state. Components read it and say [`Intent`]s; they set nothing.
//!
//! What it owns: the branches, the cursor, the clock, and small facts about the page, with the few changes that all
//! others are made of. What an intent comes to is `dispatcher.rs`'s business, which this file does not know: it is handed
//! in, so that everyone can speak and only one obeys.

pub mod address;
pub mod address_bar;
pub mod branch;
pub mod computing;
pub mod deeds;
pub mod dispatcher;
pub mod engine;
pub mod intent;
pub mod keys;
pub mod lesson;
pub mod looking;
pub mod opening;
pub mod playing;
pub mod preferences;
pub mod reading;
pub mod recorded;
pub mod subject;
pub mod teaching;
pub mod travel;
pub mod walking;

use std::rc::Rc;

use leptos::prelude::*;
use leptos::task::spawn_local;

use self::address_bar::AddressBar;
use self::branch::Branch;
use self::computing::{Known, rest};
use self::engine::{Catalogue, Past, RunSpec};
use self::intent::Intent;
use self::lesson::Lesson;
use self::preferences::{Speed, Theme};
use self::recorded::Recorded;
use crate::base::time::SimTime;
use crate::page::background::Background;
use crate::page::browser::shelf::Shelf;
use crate::page::layout::arranged::Arranged;
use crate::page::picture::frame::Frame;
use crate::page::picture::time_layout::Layout;
use crate::view::recording::Moment;

/// A run that is being worked out.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct UnderWay {
    /// Its branch.
    pub branch: u32,
    /// Steps worked out so far.
    pub steps: u32,
}

/// The page is built part by part, a frame for each, so that no key has to wait for all of it.
pub const PARTS: u8 = 6;

/// What a session begins with.
pub struct Beginning {
    /// What can be told.
    pub catalogue: Catalogue,
    /// Who obeys.
    pub obey: fn(Session, Intent),
    /// The owner of the address.
    pub address_bar: AddressBar,
    /// Dark or light.
    pub theme: Theme,
    /// How fast the clock runs.
    pub speed: Speed,
    /// How the page is arranged.
    pub arranged: Arranged,
}

/// The state of the page. Cheap to copy: it holds handles only.
#[derive(Clone, Copy)]
pub struct Session {
    /// What can be told.
    pub catalogue: Catalogue,
    obey: fn(Self, Intent),
    /// Where jobs are given that take long.
    pub background: StoredValue<Background, LocalStorage>,
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
    /// How the page is arranged.
    pub arranged: Arranged,
    /// The help is open.
    pub help: RwSignal<bool>,
    /// The dialog in which files are opened is.
    pub opener: RwSignal<bool>,
    /// Somebody holds files over the page.
    pub dropping: RwSignal<bool>,
    /// The files that were opened.
    pub shelf: Shelf,
    /// What the reader is being taught.
    pub lesson: RwSignal<Lesson>,
    /// So many parts of the page are built, of [`PARTS`].
    pub built: RwSignal<u8>,
    /// A run that is not ready yet.
    pub busy: RwSignal<Option<UnderWay>>,
    /// What went wrong; it stays until it is closed, or the reader goes on.
    pub complaint: RwSignal<Option<String>>,
    /// What the reader may want to know; it goes by itself.
    pub note: RwSignal<Option<String>>,
    /// The recording shown.
    pub run: Memo<Recorded>,
    /// The moment shown.
    pub moment: Memo<Moment>,
    /// The event in the drawer: the one picked, else the latest.
    pub event: Memo<Option<u32>>,
    /// The owner of the address.
    pub(super) address_bar: StoredValue<AddressBar>,
    /// The pasts of the branches that were worked out, by the branches' ids: a fork begins where it leaves one of them.
    pasts: StoredValue<Vec<(u32, Rc<Past>)>, LocalStorage>,
    /// Counts runs asked for, so that an overtaken computation knows it.
    pub(super) asked: StoredValue<u32>,
    /// Counts the times that the clock was started, so that a frame of an earlier time knows it.
    pub(super) plays: StoredValue<u32>,
}

impl Session {
    /// A new session, put into the context.
    pub fn provide(beginning: Beginning) -> Self {
        let branches = RwSignal::new(Vec::<Branch>::new());
        let (active, cursor) = (RwSignal::new(0), RwSignal::new(0));
        let selected = RwSignal::new(None::<u32>);
        let blank = Recorded::blank();
        let run = Memo::new(move |_| {
            let id = active.get();
            let shown = branches.with(|all| all.iter().find(|b| b.id == id).and_then(|b| b.run.clone()));
            shown.unwrap_or_else(|| blank.clone())
        });
        let moment = Memo::new(move |_| run.with(|run| run.moment(cursor.get())));
        let event = Memo::new(move |_| {
            let written = moment.with(|m| m.events_len);
            selected
                .get()
                .filter(|id| *id <= written)
                .or((written > 0).then_some(written))
        });
        let session = Self {
            obey: beginning.obey,
            catalogue: beginning.catalogue,
            background: StoredValue::new_local(Background::new(beginning.catalogue)),
            branches,
            active,
            cursor,
            clock: RwSignal::new(SimTime::ZERO),
            playing: RwSignal::new(false),
            speed: RwSignal::new(beginning.speed),
            selected,
            frame: RwSignal::new(Frame::FIT),
            layout: StoredValue::new(None),
            theme: RwSignal::new(beginning.theme),
            arranged: beginning.arranged,
            help: RwSignal::new(false),
            opener: RwSignal::new(false),
            dropping: RwSignal::new(false),
            shelf: Shelf::default(),
            lesson: RwSignal::new(Lesson::None),
            built: RwSignal::new(0),
            busy: RwSignal::new(None),
            complaint: RwSignal::new(None),
            note: RwSignal::new(None),
            run,
            moment,
            event,
            address_bar: StoredValue::new(beginning.address_bar),
            pasts: StoredValue::new_local(Vec::new()),
            asked: StoredValue::new(0),
            plays: StoredValue::new(0),
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
        (self.obey)(*self, intent);
    }

    /// The run that is shown; `None` for a history that was opened.
    pub fn spec(&self) -> Option<RunSpec> {
        self.branch(self.active.get_untracked())?.subject.run().cloned()
    }

    /// The branch of that id.
    pub fn branch(&self, id: u32) -> Option<Branch> {
        self.branches
            .with_untracked(|all| all.iter().find(|b| b.id == id).cloned())
    }

    /// Of the runs that were worked out, the one with which that one shares most of its beginning.
    pub(super) fn known_beginning(&self, spec: &RunSpec) -> Option<Known> {
        let branches = self.branches.get_untracked();
        let like = branches.into_iter().filter(|branch| {
            let of = branch.subject.run();
            of.is_some_and(|of| (&of.story, of.seed) == (&spec.story, spec.seed))
        });
        let known = like.filter_map(|branch| {
            let past = |pasts: &Vec<(u32, Rc<Past>)>| {
                let found = pasts.iter().find(|(id, _)| *id == branch.id);
                found.map(|(_, past)| Rc::clone(past))
            };
            branch.run.clone().zip(self.pasts.with_value(past))
        });
        known.max_by_key(|(_, past)| past.shares(&spec.choices))
    }

    /// Keeps the past of a branch as long as the branch.
    pub(super) fn remember(&self, id: u32, past: Rc<Past>) {
        let branches = self.branches.get_untracked();
        self.pasts.update_value(|pasts| {
            pasts.push((id, past));
            pasts.retain(|(id, _)| branches.iter().any(|branch| branch.id == *id));
        });
    }

    /// Something the reader may want to know; it goes by itself.
    pub fn note(&self, text: &str) {
        self.note.set(Some(text.into()));
    }

    /// Something that went wrong; it stays until it is closed.
    pub fn complain(&self, text: &str) {
        self.complaint.set(Some(text.into()));
    }

    /// Takes a complaint back: what it was about is over.
    pub(super) fn hush(&self) {
        if self.complaint.with_untracked(Option::is_some) {
            self.complaint.set(None);
        }
    }

    /// Goes along when another run of the workflow shown takes its work over, and back again.
    fn follow(&self, from: u32, to: u32) {
        let shown = self.run.with_untracked(|run| run.followed(run.shown(), from, to));
        self.show(shown);
    }

    /// Shows another workflow run of what is shown, once it is ready, if the reader is still where it has the work.
    pub(super) fn show(&self, shown: u32) {
        let (session, id, run) = (*self, self.active.get_untracked(), self.run.get_untracked());
        if shown == run.shown() {
            return;
        }
        spawn_local(async move {
            let run = run.showing(shown, rest).await;
            let at = session.cursor.get_untracked();
            if session.active.get_untracked() != id || run.current(shown, at) != shown {
                return;
            }
            session.branches.update(|all| {
                if let Some(branch) = all.iter_mut().find(|branch| branch.id == id) {
                    (branch.run, branch.shown) = (Some(run), shown);
                }
            });
        });
    }

    /// Moves the cursor, and the clock with it.
    pub(super) fn walk(&self, step: u32) {
        let step = step.min(self.run.with_untracked(|run| run.last()));
        let before = self.cursor.get_untracked();
        if step != before {
            self.selected.set(None);
            self.cursor.set(step);
            self.follow(before, step);
        }
        self.clock.set(self.run.with_untracked(|run| run.at(step)));
    }
}
