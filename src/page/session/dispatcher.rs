//! What each [`Intent`] comes to: the one place where a reader's wish becomes a change.
//!
//! It only says whose business it is: moving within the run is `walking.rs`, another run `travel.rs`, something done to
//! the world `deeds.rs`, the clock `playing.rs`, the time picture `looking.rs`. `App` hands it to the session.

use leptos::prelude::*;

use super::Session;
use super::deeds;
use super::intent::Intent;
use super::lesson::{Lesson, Wish};
use super::looking;
use super::opening;
use super::playing;
use super::recorded::Recorded;
use super::subject::Subject;
use super::teaching;
use super::travel::{self, Goal, Trip};
use super::walking;
use crate::page::browser::browser_history;
use crate::page::browser::clipboard;
use crate::page::browser::download;
use crate::page::browser::focus;
use crate::page::browser::settings;
use crate::page::panels::drawer;

/// Does what the reader wants, or says why not.
pub fn obey(session: Session, intent: Intent) {
    match intent {
        Intent::PickStory(story) => travel::pick_story(session, story),
        Intent::SetSeed(seed) => travel::set_seed(session, seed),
        Intent::PickBranch(id) => travel::pick(session, id),
        Intent::CloseBranch(id) => travel::close(session, id),
        Intent::ShowRun(shown) => travel::show_run(session, shown),
        Intent::OpenRun(spec, step) => travel::look_into(session, spec, step),
        Intent::Visit(address) => travel::visit(session, address),
        Intent::Open(brought) => {
            session.opener.set(false);
            opening::open(session, brought);
        }
        Intent::OpenShelved(key) => {
            session.opener.set(false);
            travel::open(session, Subject::File(key), None, Trip::to(Goal::End));
        }
        Intent::ClearShelf => opening::clear(session),

        Intent::Step(n) => walking::step(session, n),
        Intent::NextInteresting => walking::next_interesting(session),
        Intent::PrevInteresting => walking::previous_interesting(session),
        Intent::NextAttempt => walking::next_attempt(session),
        Intent::ToStart => session.walk(0),
        Intent::ToEnd => session.walk(u32::MAX),
        Intent::GoTo(step) => session.walk(step),
        Intent::SelectEvent(event) => {
            session.selected.set(event);
            if event.is_some() {
                drawer::make_room_for_event(session);
            }
        }

        Intent::ToggleWorker(name) => deeds::toggle_worker(session, &name),
        Intent::KillAll => deeds::kill_all(session),
        Intent::Do(choice) => deeds::do_it(session, choice),

        Intent::PlayPause => playing::toggle(session),
        Intent::SetSpeed(speed) => {
            session.speed.set(speed);
            settings::keep_speed(speed);
        }
        Intent::Look(look) => looking::look(session, look),

        Intent::CopyLink => {
            let link = browser_history::link(session);
            clipboard::copy(session, link, "The link to this moment is copied.");
        }
        Intent::CopyJson(id) => {
            if let Some(json) = session.run.with_untracked(|run| run.event_json(id)) {
                clipboard::copy(session, json, &format!("Event {id} is copied as JSON."));
            }
        }
        Intent::SaveHistory => {
            let written = session.moment.with_untracked(|m| m.events_len);
            let (name, parts) = session
                .run
                .with_untracked(|run| (file_name(run), run.history_json(written)));
            download::save_parts(session, name, parts);
        }

        Intent::ToggleTheme => {
            session.theme.update(|t| *t = t.other());
            settings::keep_theme(session.theme.get_untracked());
        }
        Intent::ToggleLarge => session.arranged.large.update(|large| *large = !*large),
        Intent::MoveSplit(split, percent) => session
            .arranged
            .splits
            .update(|splits| *splits = splits.with(split, percent)),
        Intent::HoldMoment(step) => session.arranged.held.set(step),
        Intent::List(listing) => session.arranged.listing.set(listing),
        Intent::ShowTab(name) => session.arranged.tab.set(name),
        Intent::ShowTabAt(place) => drawer::show_at(session, place),
        Intent::ToggleHelp => session.help.update(|open| *open = !*open),
        Intent::CloseHelp => session.help.set(false),
        Intent::ToggleOpener => session.opener.update(|open| *open = !*open),
        Intent::CloseOpener => session.opener.set(false),
        Intent::CloseComplaint => session.complaint.set(None),
        Intent::CloseNote => session.note.set(None),
        Intent::OpenConsole => focus::open("console"),
        Intent::FocusFilter => focus::focus("history-filter"),
        Intent::Learn(wish) => teaching::obey(session, wish),
        Intent::Dismiss => dismiss(session),
    }
}

/// What a saved history is called.
fn file_name(run: &Recorded) -> String {
    match &run.opened {
        Some(opened) => format!("{}-canonical.json", opened.name.trim_end_matches(".json")),
        None => format!("{}.json", run.story.id),
    }
}

/// Closes what is open: what explains a term, then the help, what was said, the lesson, the selection.
fn dismiss(session: Session) {
    let said = session.complaint.with_untracked(Option::is_some) || session.note.with_untracked(Option::is_some);
    if focus::hide(".term-card:popover-open") {
        return;
    }
    if session.help.get_untracked() {
        session.help.set(false);
    } else if said {
        session.complaint.set(None);
        session.note.set(None);
    } else if session.lesson.get_untracked() != Lesson::None {
        teaching::obey(session, Wish::Leave);
    } else {
        session.selected.set(None);
        focus::blur();
    }
}
