//! What a reader does to the world of the moment shown. It makes another future: the one before stays, unless the new one
//! merely goes on from its end.

use leptos::prelude::*;

use super::Session;
use super::branch::forked;
use super::engine::{At, Choice, Verb, WorkerName};
use super::recorded::Recorded;
use super::subject::Subject;
use super::travel::{self, Goal, Trip};
use crate::view::recording::Presence;

/// Why nothing can be done to the world of a history from a file.
const FOREIGN: &str = "This history was lived elsewhere: it can be looked at, and nothing can be done to it. Pick a story to \
                       kill workers.";

/// Kills a worker that runs, starts one that does not.
pub fn toggle_worker(session: Session, name: &str) {
    let presence = session
        .moment
        .with_untracked(|m| m.workers.iter().find(|w| w.name == name).map(|w| w.presence));
    match presence.zip(WorkerName::named(name)) {
        None => session.note(&format!("This story has no worker {name}.")),
        Some((Presence::Running, worker)) => to_workers(session, &[(Verb::Kill, worker)]),
        Some((Presence::NotStarted | Presence::Left | Presence::Dead, worker)) => {
            to_workers(session, &[(Verb::Restart, worker)]);
        }
    }
}

/// Kills every worker that lives.
pub fn kill_all(session: Session) {
    let alive: Vec<(Verb, WorkerName)> = session.moment.with_untracked(|m| {
        let alive = m.workers.iter().filter(|w| w.presence == Presence::Running);
        alive
            .filter_map(|w| Some((Verb::Kill, WorkerName::named(&w.name)?)))
            .collect()
    });
    if alive.is_empty() {
        return session.note("No worker is running: there is nobody to kill.");
    }
    to_workers(session, &alive);
}

/// Something that was written out, with its moment.
pub fn do_it(session: Session, choice: Choice) {
    let then = match choice.at {
        At::Step(step) => step + 1,
        At::Time(_) => session.cursor.get_untracked(),
    };
    fork(session, vec![choice], then);
}

fn to_workers(session: Session, deeds: &[(Verb, WorkerName)]) {
    if session.spec().is_none() {
        return session.note(FOREIGN);
    }
    let at = session.cursor.get_untracked();
    if session.moment.with_untracked(|m| m.waiting.closed.is_some()) {
        return session
            .note("The run is closed: nothing that happens to a worker changes it. Go back to an earlier moment.");
    }
    let deed = |(step, (verb, worker)): (u32, &(Verb, WorkerName))| Choice::to_worker(step, *verb, *worker);
    let then = at + deeds.len() as u32;
    fork(session, (at..).zip(deeds).map(deed).collect(), then);
}

/// Another future from here on, shown after `then` steps.
fn fork(session: Session, deeds: Vec<Choice>, then: u32) {
    let (at, id) = (session.cursor.get_untracked(), session.active.get_untracked());
    let Some(branch) = session.branch(id) else { return };
    let Some(spec) = branch.subject.run() else {
        return session.note(FOREIGN);
    };
    let goes_on = at == session.run.with_untracked(|run| run.last());
    // Who was watching the clock run goes on watching, in the run that comes of it.
    let plays = session.playing.get_untracked();
    session.playing.set(false);
    let parent = if goes_on { branch.parent } else { Some(id) };
    let trip = Trip {
        replaces: goes_on.then_some(id),
        shown: Some(session.run.with_untracked(Recorded::shown)),
        plays,
        along: true,
        ..Trip::to(Goal::At(then))
    };
    let now = session.moment.with_untracked(|m| m.at);
    travel::open(session, Subject::Run(forked(spec, at, now, deeds)), parent, trip);
}
