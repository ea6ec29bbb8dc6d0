//! Working runs out, in slices of time so that the page never stands still, and showing them when they are ready.

use gloo_timers::future::TimeoutFuture;
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::branch::{Branch, Run};
use super::browser;
use super::engine::{Recorder, RunSpec};
use super::session::Session;

/// How long a slice may take before the browser gets its turn, in milliseconds: a frame at 60 Hz has 16.
const SLICE_MS: f64 = 12.0;
/// Steps between two looks at the clock.
const STEPS_A_LOOK: u32 = 16;

/// Where to stand once the run is there.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Goal {
    /// Where the reader left it.
    Remembered,
    /// At that moment.
    At(u32),
}

/// What becomes of the address.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Travel {
    /// A new entry: the browser's "back" returns here.
    Push,
    /// The address came from the browser: it is there already.
    Stay,
}

/// How to get to a run.
#[derive(Clone, Copy, Debug)]
pub struct Trip {
    /// Where to stand.
    pub goal: Goal,
    /// What becomes of the address.
    pub travel: Travel,
    /// Which of the workflow runs to show; `None` for the one that the branch shows.
    pub shown: Option<u32>,
    /// A branch that the new one goes on from at its end, and so makes needless.
    pub replaces: Option<u32>,
}

impl Trip {
    /// To a moment of a run, with a new entry in the browser's history.
    pub fn to(goal: Goal) -> Self {
        Self {
            goal,
            travel: Travel::Push,
            shown: None,
            replaces: None,
        }
    }
}

/// Shows the run of that spec: an existing branch if there is one, else a new one.
pub fn open(session: Session, spec: RunSpec, parent: Option<u32>, trip: Trip) {
    let known = session
        .branches
        .with_untracked(|all| all.iter().find(|b| b.spec == spec).map(|b| b.id));
    let id = known.unwrap_or_else(|| {
        let id = session
            .branches
            .with_untracked(|all| all.iter().map(|b| b.id).max().unwrap_or(0))
            + 1;
        let branch = Branch {
            id,
            spec,
            shown: 0,
            run: None,
            cursor: 0,
            parent,
        };
        session.branches.update(|all| all.push(branch));
        id
    });
    if let Some(shown) = trip.shown {
        session.branches.update(|all| {
            if let Some(b) = all.iter_mut().find(|b| b.id == id && b.shown != shown) {
                (b.shown, b.run) = (shown, None);
            }
        });
    }
    activate(session, id, trip);
}

/// Shows a branch, working it out first if nobody has looked at it yet. The old one is shown until then.
pub fn activate(session: Session, id: u32, trip: Trip) {
    let mine = session.asked.with_value(|n| n + 1);
    session.asked.set_value(mine);
    let Some(branch) = session
        .branches
        .with_untracked(|all| all.iter().find(|b| b.id == id).cloned())
    else {
        return;
    };
    if branch.run.is_some() {
        session.busy.set(None);
        return show(session, &branch, trip);
    }
    session.busy.set(Some(0));
    spawn_local(async move {
        let run = work_out(session, &branch, mine).await;
        if session.asked.with_value(|n| *n != mine) {
            // Overtaken: the branch stays, and is worked out when somebody picks it.
            return;
        }
        session.busy.set(None);
        match run {
            Ok(Some(run)) => {
                session.branches.update(|all| {
                    if let Some(b) = all.iter_mut().find(|b| b.id == id) {
                        b.run = Some(run.clone());
                    }
                });
                show(
                    session,
                    &Branch {
                        run: Some(run),
                        ..branch
                    },
                    trip,
                );
            }
            Ok(None) => {}
            Err(why) => {
                session.branches.update(|all| all.retain(|b| b.id != id));
                // An address that cannot be is answered with its story's start; a deed, by staying where we were.
                let restart = trip.travel == Travel::Stay && !branch.spec.choices.is_empty();
                let instead = if restart {
                    "the story from its start, with nothing done to it"
                } else {
                    "what was shown before"
                };
                session.complain(&format!("This run cannot be made: {why}. Shown instead: {instead}."));
                if restart {
                    let start = RunSpec {
                        choices: vec![],
                        ..branch.spec
                    };
                    open(
                        session,
                        start,
                        None,
                        Trip {
                            goal: Goal::At(0),
                            ..trip
                        },
                    );
                }
            }
        }
    });
}

async fn work_out(session: Session, branch: &Branch, mine: u32) -> Result<Option<Run>, String> {
    let sim = session.catalogue.sim(&branch.spec).map_err(|why| why.to_string())?;
    let mut recorder = Recorder::showing(sim, branch.shown);
    let mut steps = 0;
    while !slice(|n| recorder.advance(n), &mut steps) {
        session.busy.set(Some(steps));
        TimeoutFuture::new(0).await;
        if session.asked.with_value(|n| *n != mine) {
            return Ok(None);
        }
    }
    Ok(Some(Run::new(recorder.finish())))
}

/// Lets something take steps for a slice of time, and counts them. True once it is done.
pub(super) fn slice(mut advance: impl FnMut(u32) -> bool, steps: &mut u32) -> bool {
    let begun = js_sys::Date::now();
    while js_sys::Date::now() - begun < SLICE_MS {
        *steps += STEPS_A_LOOK;
        if advance(STEPS_A_LOOK) {
            return true;
        }
    }
    false
}

fn show(session: Session, branch: &Branch, trip: Trip) {
    let Some(run) = &branch.run else { return };
    let runs = run.runs.len();
    if branch.shown > 0 && branch.shown as usize >= runs {
        session.complain(&format!(
            "Workflow run {} is asked for, and this story has {runs}. The first is shown instead.",
            u64::from(branch.shown) + 1
        ));
        let first = Trip { shown: Some(0), ..trip };
        return open(session, branch.spec.clone(), branch.parent, first);
    }
    let (from, cursor) = (session.active.get_untracked(), session.cursor.get_untracked());
    session.branches.update(|all| {
        if let Some(old) = all.iter_mut().find(|b| b.id == from && from != branch.id) {
            old.cursor = cursor;
        }
        all.retain(|b| Some(b.id) != trip.replaces || b.id == branch.id);
    });
    let wanted = match trip.goal {
        Goal::Remembered => branch.cursor,
        Goal::At(step) => step,
    };
    if trip.travel == Travel::Push {
        // The reader went on, and it worked. What the address is blamed for stays: it was said for this very run.
        session.hush();
    }
    if wanted > run.last() {
        session.complain(&format!(
            "The address asks for step {wanted}, and this run has {}. The start is shown instead.",
            run.last()
        ));
    }
    if trip.travel == Travel::Stay && !run.end.unheeded.is_empty() {
        session.complain(&format!(
            "Not everything in the address can happen. {}",
            run.end.unheeded.join(" ")
        ));
    }
    let step = if wanted > run.last() { 0 } else { wanted };
    session.playing.set(false);
    session.selected.set(None);
    if session.run.with_untracked(|shown| shown.story.id != run.story.id) {
        session.frame.set(super::frame::Frame::FIT);
    }
    session.active.set(branch.id);
    session.cursor.set(step);
    session.clock.set(run.moment(step).at);
    if trip.travel == Travel::Push {
        browser::push(session);
    }
}
