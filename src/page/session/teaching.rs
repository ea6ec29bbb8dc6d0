//! What comes of a lesson: it leads to its moment, does what the card's button says, goes away. Which card it is follows from
//! the moment shown, so there is nothing to keep in step: a reader who does the thing by key or in the console is as far.

use std::time::Duration;

use leptos::prelude::*;

use super::Session;
use super::deeds;
use super::engine::{Card, Next, RunSpec, scene_card, station_card};
use super::lesson::{Lesson, Wish};
use super::subject::Subject;
use super::travel::{self, Goal, Trip};
use crate::page::browser::focus;
use crate::page::browser::settings;

/// The id of the card's button.
pub const BUTTON: &str = "lesson-next";

/// Between two steps on the way to the next card: quick, and slow enough to be seen.
const STEP_MS: u64 = 110;

/// Does what the reader wants of a lesson.
pub fn obey(session: Session, wish: Wish) {
    match wish {
        Wish::Lead(lesson) => lead(session, lesson),
        Wish::Press(next) => press(session, next),
        Wish::Leave => {
            session.lesson.set(Lesson::None);
            // The card goes, and the focus with it: the keys are the page's again.
            focus::blur();
        }
    }
}

/// The card for the moment shown; none if nothing is taught, or the run is not there yet.
pub fn card(session: Session) -> Option<Card> {
    let lessons = session.catalogue.lessons();
    let step = session.cursor.get();
    session.run.with(|run| match session.lesson.get() {
        _ if run.story.id.is_empty() => None,
        Lesson::None => None,
        Lesson::Scene => scene_card(lessons.scene?, run, step),
        Lesson::Tour(place) => station_card(lessons.tour, place, run, step),
    })
}

fn lead(session: Session, lesson: Lesson) {
    let lessons = session.catalogue.lessons();
    let Some(sight) = lesson.sight(lessons) else {
        return session.note("This lab has no such lesson.");
    };
    session.help.set(false);
    session.lesson.set(lesson);
    travel::open(
        session,
        Subject::Run(RunSpec::of(sight.story)),
        None,
        Trip::to(Goal::When(sight.when)),
    );
}

fn press(session: Session, next: Next) {
    match next {
        Next::ToWorker(_, worker) => deeds::toggle_worker(session, &worker.to_string()),
        Next::GoTo(step) => stroll(session, step),
        Next::Look(sight) => {
            travel::open(
                session,
                Subject::Run(RunSpec::of(sight.story)),
                None,
                Trip::to(Goal::When(sight.when)),
            );
        }
        Next::Sweep => focus::focus("crash-0"),
        Next::Done => go_on(session),
    }
}

/// From a lesson that is over to the next one.
fn go_on(session: Session) {
    let lessons = session.catalogue.lessons();
    let next = match session.lesson.get_untracked() {
        Lesson::None => None,
        Lesson::Scene => lessons.scene.and_then(|scene| lessons.station(scene.next.1)),
        Lesson::Tour(place) => Some(place + 1).filter(|next| *next < lessons.tour.len()),
    };
    match next {
        Some(place) => lead(session, Lesson::Tour(place)),
        None => {
            obey(session, Wish::Leave);
            session.note("That was the tour. Pick any story, and kill whom you like.");
        }
    }
}

/// On to a step, one after the other so that what happens on the way is seen; at once for one who wants no motion.
fn stroll(session: Session, to: u32) {
    session.playing.set(false);
    if settings::calm() || to <= session.cursor.get_untracked() {
        return session.walk(to);
    }
    let mine = session.plays.with_value(|n| n + 1);
    session.plays.set_value(mine);
    pace(session, mine, to);
}

fn pace(session: Session, mine: u32, to: u32) {
    let (cursor, shown) = (session.cursor.get_untracked() + 1, session.active.get_untracked());
    session.walk(cursor);
    if cursor >= to {
        return;
    }
    set_timeout(
        move || {
            // Whoever has moved meanwhile, or started the clock, goes their own way.
            let undisturbed = session.plays.try_get_value() == Some(mine)
                && session.cursor.get_untracked() == cursor
                && session.active.get_untracked() == shown;
            if undisturbed {
                pace(session, mine, to);
            }
        },
        Duration::from_millis(STEP_MS),
    );
}
