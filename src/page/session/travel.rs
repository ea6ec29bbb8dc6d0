//! Going from one run to another: picking it, having it worked out, arriving. The run before is shown until then.
//!
//! The latest wish wins: a trip that is overtaken, by the reader or by the address, leaves its branch behind to be worked
//! out when somebody picks it, and changes nothing else.

use leptos::prelude::*;
use leptos::task::spawn_local;

use super::address::Address;
use super::branch::Branch;
use super::computing::{rest, work_out};
use super::engine::{DEFAULT_SEED, Happening, RunSpec, Scene, Sight};
use super::lesson::Lesson;
use super::playing;
use super::reading;
use super::recorded::Recorded;
use super::subject::Subject;
use super::{Session, UnderWay};
use crate::page::browser::browser_history;
use crate::page::browser::settings;
use crate::page::panels::message_banner::few;
use crate::page::picture::frame::Frame;

/// Where to stand once the run is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Where the reader left it.
    Remembered,
    /// At that moment.
    At(u32),
    /// After the last step.
    End,
    /// Where that happens.
    When(Happening),
}

/// Who wants to go.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Guide {
    /// The reader: the address follows, with a new entry that the browser's "back" leads away from.
    Reader,
    /// The address: it is there already.
    Address,
}

/// How to get to a run.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// Where to stand.
    pub goal: Goal,
    /// Who wants to go.
    pub guide: Guide,
    /// Which of the workflow runs to show; `None` for the one that the branch shows.
    pub shown: Option<u32>,
    /// Whether the clock runs on from there.
    pub plays: bool,
    /// Go along with the work: if another run of that workflow has taken it over by then, that one is shown.
    pub along: bool,
    /// A branch that goes when this one comes: the new one goes on from its end, or it was closed.
    pub replaces: Option<u32>,
}

impl Trip {
    /// To a moment of a run, by the reader's wish.
    pub fn to(goal: Goal) -> Self {
        Self {
            goal,
            guide: Guide::Reader,
            shown: None,
            plays: false,
            along: false,
            replaces: None,
        }
    }
}

/// Another story, from its start, with the seed that is in use.
pub fn pick_story(session: Session, story: String) {
    let seed = session.spec().map_or(DEFAULT_SEED, |spec| spec.seed);
    begin(session, story, seed);
}

/// The same story with other chance draws.
pub fn set_seed(session: Session, seed: u64) {
    let spec = session.spec();
    if spec.as_ref().is_some_and(|spec| spec.seed == seed) {
        // The seed that is shown already: nothing to do, least of all to lose the moment.
        return session.hush();
    }
    begin(session, spec.map(|spec| spec.story).unwrap_or_default(), seed);
}

/// Another branch, where the reader left it.
pub fn pick(session: Session, id: u32) {
    go(session, id, Trip::to(Goal::Remembered));
}

/// Another of the workflow runs in the run shown.
pub fn show_run(session: Session, shown: u32) {
    let trip = Trip {
        shown: Some(shown),
        ..Trip::to(Goal::At(session.cursor.get_untracked()))
    };
    go(session, session.active.get_untracked(), trip);
}

/// A moment of a run that grows out of the one shown.
pub fn look_into(session: Session, spec: RunSpec, step: u32) {
    let parent = Some(session.active.get_untracked());
    let trip = Trip {
        along: true,
        ..Trip::to(Goal::At(step))
    };
    open(session, Subject::Run(spec), parent, trip);
}

/// Where the address says.
pub fn visit(session: Session, address: Address) {
    let Address {
        subject,
        at,
        shown,
        lesson,
        is_blank,
        problems,
    } = address;
    let lessons = session.catalogue.lessons();
    // A newcomer who names nothing is shown the first scene.
    let first = lessons.scene.filter(|_| is_blank && settings::is_new());
    let (subject, lesson) = match first {
        Some(scene) => (Subject::Run(RunSpec::of(scene.at.story)), Lesson::Scene),
        None => (subject, lesson),
    };
    session.lesson.set(lesson);
    if lesson == Lesson::Scene {
        settings::keep_met();
    }
    let is_here = |sight: &Sight| subject.run().is_some_and(|spec| sight.story == spec.story);
    let sight = lesson.sight(lessons).filter(is_here);
    let goal = match (at, sight) {
        (Some(at), _) => Goal::At(at),
        (None, Some(sight)) => Goal::When(sight.when),
        (None, None) if subject.run().is_none() => Goal::End,
        (None, None) => Goal::At(0),
    };
    let trip = Trip {
        guide: Guide::Address,
        shown: Some(shown.unwrap_or(0)),
        along: shown.is_none(),
        ..Trip::to(goal)
    };
    let shown = (!problems.is_empty()).then(|| match &subject {
        Subject::Run(spec) => {
            let title = session.catalogue.story(spec).map_or("", |story| story.title);
            format!("the start of “{title}”, seed {}", spec.seed)
        }
        Subject::File(key) => format!("the end of {}", key.name),
    });
    // First, for a trip takes back what was said before it.
    open(session, subject, None, trip);
    if let Some(instead) = shown {
        session.complain(&format!("{} Shown instead: {instead}.", few(&problems)));
    }
}

/// Forgets a branch. The one shown makes way for the one it was forked from.
pub fn close(session: Session, id: u32) {
    let next = session.branches.with_untracked(|all| {
        let parent = all.iter().find(|b| b.id == id).and_then(|b| b.parent);
        let other = all.iter().rev().find(|b| b.id != id).map(|b| b.id);
        all.iter().find(|b| Some(b.id) == parent).map(|b| b.id).or(other)
    });
    let Some(next) = next else {
        return session.note("The last timeline stays.");
    };
    if session.active.get_untracked() == id {
        let trip = Trip {
            replaces: Some(id),
            ..Trip::to(Goal::Remembered)
        };
        return go(session, next, trip);
    }
    session.branches.update(|all| all.retain(|b| b.id != id));
    if session.busy.get_untracked().is_some_and(|run| run.branch == id) {
        stay(session);
    }
}

/// Shows that: an existing branch if there is one, else a new one.
pub fn open(session: Session, subject: Subject, parent: Option<u32>, trip: Trip) {
    let id = branch_of(session, subject, parent, trip.shown.unwrap_or(0));
    go(session, id, trip);
}

/// Adds a branch for that, to be looked at when somebody picks it.
pub fn add(session: Session, subject: Subject) {
    let id = branch_of(session, subject, None, 0);
    session.branches.update(|all| {
        if let Some(branch) = all.iter_mut().find(|b| b.id == id && b.run.is_none()) {
            branch.cursor = u32::MAX;
        }
    });
}

fn branch_of(session: Session, subject: Subject, parent: Option<u32>, shown: u32) -> u32 {
    let known = session
        .branches
        .with_untracked(|all| all.iter().find(|b| b.subject == subject).map(|b| b.id));
    known.unwrap_or_else(|| {
        let last = session
            .branches
            .with_untracked(|all| all.iter().map(|b| b.id).max().unwrap_or(0));
        let branch = Branch {
            id: last + 1,
            subject,
            shown,
            run: None,
            cursor: 0,
            parent,
        };
        session.branches.update(|all| all.push(branch));
        last + 1
    })
}

fn begin(session: Session, story: String, seed: u64) {
    let spec = RunSpec {
        story,
        seed,
        choices: vec![],
    };
    open(session, Subject::Run(spec), None, Trip::to(Goal::At(0)));
}

/// Shows a branch, working it out first if nobody has looked at it yet.
fn go(session: Session, id: u32, trip: Trip) {
    let Some(branch) = session.branch(id) else { return };
    // What was said of the run before is not true of this one.
    session.hush();
    let mine = session.asked.with_value(|n| n + 1);
    session.asked.set_value(mine);
    let shown = trip.shown.unwrap_or(branch.shown);
    if let Some(run) = branch.run.clone().filter(|run| run.shown() == shown) {
        session.busy.set(None);
        return arrive(session, &branch, run, trip);
    }
    session.busy.set(Some(UnderWay { branch: id, steps: 0 }));
    spawn_local(async move {
        let progress = |steps| session.busy.set(Some(UnderWay { branch: id, steps }));
        let wanted = || session.asked.with_value(|n| *n == mine);
        if let Some(run) = &branch.run {
            let run = run.showing(shown, rest).await;
            if wanted() {
                session.busy.set(None);
                arrive(session, &branch, run, trip);
            }
            return;
        }
        let run = match &branch.subject {
            Subject::Run(spec) => {
                let known = session.known_beginning(spec);
                let run = work_out(session.catalogue, spec, known, shown, progress, wanted).await;
                run.map(|known| known.map(|(run, past)| (run, Some(past))))
                    .map_err(|why| format!("This run cannot be made: {why}"))
            }
            Subject::File(key) => {
                let run = reading::bring(session, key, progress, wanted).await;
                run.map(|run| run.map(|run| (run, None)))
            }
        };
        if !wanted() {
            return;
        }
        session.busy.set(None);
        match run {
            Ok(Some((run, past))) => {
                if let Some(past) = past {
                    session.remember(id, past);
                }
                arrive(session, &branch, run, trip);
            }
            Ok(None) => {}
            Err(why) => turn_back(session, branch, &why, trip),
        }
    });
}

/// The branch has that recording now, with the workflow run that is looked at.
fn keep(session: Session, id: u32, run: &Recorded) {
    let is_new = |b: &Branch| b.id == id && b.run.as_ref() != Some(run);
    if session.branches.with_untracked(|all| all.iter().any(is_new)) {
        session.branches.update(|all| {
            if let Some(b) = all.iter_mut().find(|b| b.id == id) {
                (b.run, b.shown) = (Some(run.clone()), run.shown());
            }
        });
    }
}

/// There is no such run. An address that cannot be is answered with its story's start; a deed, by staying where we were.
fn turn_back(session: Session, branch: Branch, why: &str, trip: Trip) {
    session.branches.update(|all| all.retain(|b| b.id != branch.id));
    let nothing_shown = session.active.get_untracked() == 0;
    let start = match branch.subject {
        Subject::Run(spec) if trip.guide == Guide::Address && !spec.choices.is_empty() => Some(RunSpec {
            choices: vec![],
            ..spec
        }),
        Subject::File(_) if nothing_shown => Some(RunSpec::of(session.catalogue.opening())),
        Subject::Run(_) | Subject::File(_) => None,
    };
    let instead = if let Some(start) = start {
        let goal = Goal::At(0);
        open(session, Subject::Run(start), None, Trip { goal, ..trip });
        "a story from its start, with nothing done to it"
    } else {
        stay(session);
        "what was shown before"
    };
    let why = why.trim_end_matches('.');
    session.complain(&format!("{why}. Shown instead: {instead}."));
}

/// The trip is off: what is shown stays, and the address tells of it again.
fn stay(session: Session) {
    session.asked.update_value(|n| *n += 1);
    session.busy.set(None);
    browser_history::arrive(session);
    session.active.notify();
}

fn arrive(session: Session, branch: &Branch, run: Recorded, trip: Trip) {
    // Before anything changes: what is shown belongs to the entry that is left.
    let goes = trip.guide == Guide::Address || browser_history::settle(session);
    let (asked, runs) = (trip.shown.unwrap_or(branch.shown), run.runs.len());
    let wanted = match trip.goal {
        // A file that nobody has looked at yet is shown from its end.
        Goal::Remembered if branch.cursor == u32::MAX => run.last(),
        Goal::Remembered => branch.cursor,
        Goal::At(step) => step,
        Goal::End => run.last(),
        Goal::When(what) => run.when(what).unwrap_or(0),
    };
    if !goes {
        // The visitor went somewhere else in the meantime, and that came later. The work is not lost.
        if session.active.get_untracked() != branch.id {
            keep(session, branch.id, &run);
        }
        return;
    }
    keep(session, branch.id, &run);
    let mut wrong = vec![];
    if asked as usize >= runs && asked > 0 {
        wrong.push(format!(
            "Workflow run {} is asked for, and this story has {runs}. The first is shown instead.",
            u64::from(asked) + 1
        ));
    }
    let (from, cursor) = (session.active.get_untracked(), session.cursor.get_untracked());
    session.branches.update(|all| {
        if let Some(old) = all.iter_mut().find(|b| b.id == from && from != branch.id) {
            old.cursor = cursor;
        }
        all.retain(|b| Some(b.id) != trip.replaces || b.id == branch.id);
    });
    if wanted > run.last() {
        wrong.push(format!(
            "The address asks for step {wanted}, and this run has {}. The start is shown instead.",
            run.last()
        ));
    }
    if trip.guide == Guide::Address && !run.end.unheeded.is_empty() {
        wrong.push(format!(
            "Not everything in the address can happen. {}",
            few(&run.end.unheeded)
        ));
    }
    if !wrong.is_empty() {
        session.complain(&wrong.join(" "));
    }
    let step = if wanted > run.last() { 0 } else { wanted };
    session.playing.set(false);
    session.selected.set(None);
    if session.run.with_untracked(|shown| shown.story.id != run.story.id) {
        session.frame.set(Frame::FIT);
    }
    session.active.set(branch.id);
    session.cursor.set(step);
    session.clock.set(run.at(step));
    // The first scene is about one story; a station of the tour leads back to its own.
    let is_other = |scene: &Scene| branch.subject.run().is_none_or(|spec| scene.at.story != spec.story);
    if session.lesson.get_untracked() == Lesson::Scene && session.catalogue.lessons().scene.is_some_and(is_other) {
        session.lesson.set(Lesson::None);
    }
    if trip.plays {
        playing::start(session);
    }
    if trip.guide == Guide::Reader {
        browser_history::go_on(session);
    }
    browser_history::arrive(session);
    if trip.along {
        session.show(run.current(run.shown(), step));
    }
}
