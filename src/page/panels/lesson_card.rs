//! The card of a lesson: what happens here, in plain words, and the one thing to do about it. It stands in the page, not over it:
//! nothing is covered, and every key and button works beside it.

use leptos::prelude::*;

use crate::page::browser::settings;
use crate::page::session::Session;
use crate::page::session::engine::{Next, Verb};
use crate::page::session::intent::Intent;
use crate::page::session::lesson::{Lesson, Wish};
use crate::page::session::teaching::{BUTTON, card};
use crate::page::words::icons::{Icon, icon};
use crate::page::words::term::explained;

/// The card, while something is taught. The live region is always there, for a screen reader only hears what changes inside one.
#[component]
pub fn LessonCard() -> impl IntoView {
    let session = Session::here();
    let card = Memo::new(move |_| card(session));
    let is_there = Memo::new(move |_| card.with(Option::is_some));
    // Who is taught need not look for the button.
    Effect::new(move |before: Option<Lesson>| {
        let lesson = session.lesson.get();
        if is_there.get() && before != Some(lesson) && lesson != Lesson::None {
            request_animation_frame(|| crate::page::browser::focus::focus(BUTTON));
            return lesson;
        }
        before.filter(|_| lesson != Lesson::None).unwrap_or_default()
    });
    let lessons = session.catalogue.lessons();
    let name = move || match session.lesson.get() {
        Lesson::Tour(_) => "Tour",
        _ => "The first minute",
    };
    let words = move || {
        let card = card.get()?;
        Some(view! {
            <h2 class="lesson-title">{card.title}</h2>
            <p class="lesson-text">{explained(&card.text)}</p>
            {(!card.more.is_empty()).then(|| view! { <p class="lesson-more">{explained(&card.more)}</p> })}
        })
    };
    let label = move || card.with(|card| card.as_ref().map(|card| label(session, card.next)));
    let press = move |_| {
        if let Some(next) = card.with_untracked(|card| card.as_ref().map(|card| card.next)) {
            session.intend(Intent::Learn(Wish::Press(next)));
        }
    };
    let say = move |wish: Wish| move |_| session.intend(Intent::Learn(wish));
    let is_scene = move || session.lesson.get() == Lesson::Scene;
    let is_over = Memo::new(move |_| card.with(|card| card.as_ref().is_some_and(|card| card.next == Next::Done)));
    let head = move || {
        let place = card.with(|card| {
            card.as_ref()
                .map(|card| format!("{} of {}", card.place.0, card.place.1))
        });
        if is_scene() {
            let (title, sentence) = session
                .run
                .with(|run| (run.story.title.clone(), run.story.sentence.clone()));
            return view! { <p class="lesson-story"><b>{title}</b> " " {sentence} " " <span class="lesson-place">{place}</span></p> }
                .into_any();
        }
        view! { <p class="lesson-story"><Stations /> <span class="lesson-place">{place}</span></p> }.into_any()
    };
    let skip = move || {
        let Lesson::Tour(place) = session.lesson.get() else {
            return None;
        };
        let next = place + 1;
        (!is_over.get() && next < lessons.tour.len()).then(|| {
            view! { <button class="button" on:click=say(Wish::Lead(Lesson::Tour(next)))>"Skip"</button> }
        })
    };
    let at_the_end = move || {
        (is_scene() && is_over.get()).then(|| {
            view! {
                <button class="button" on:click=say(Wish::Lead(Lesson::Tour(0)))>"Take the tour"</button>
                <button class="button" on:click=say(Wish::Leave)>"Look around"</button>
            }
        })
    };
    view! {
        <section class="lesson" class:lesson-away=move || !is_there.get() aria-label=name>
            <div class="lesson-words">
                {move || is_there.get().then(head)}
                <div role="status" aria-live="polite" aria-atomic="true">{words}</div>
                {move || (is_scene() && is_over.get()).then(promises)}
            </div>
            // Always the same button, so that it keeps the focus from one card to the next.
            <div class="lesson-deeds" hidden=move || !is_there.get()>
                <button class="button button-main" class:lesson-kill=move || card.with(|card| card.as_ref().is_some_and(|card| is_kill(card.next)))
                    id=BUTTON on:click=press>{label}</button>
                {at_the_end}
                {skip}
                <button class="button button-icon lesson-close" title="Leave (Esc)" aria-label=move || format!("Leave: {}", name())
                    on:click=say(Wish::Leave)>{icon(Icon::Cross)}</button>
            </div>
        </section>
    }
}

/// The stations to go to: those that were visited are marked.
#[component]
fn Stations() -> impl IntoView {
    let session = Session::here();
    let tour = session.catalogue.lessons().tour;
    let shown = move || match session.lesson.get() {
        Lesson::Tour(place) => place,
        _ => 0,
    };
    let options = tour.iter().enumerate().map(|(place, station)| {
        let visited = settings::visited(station.id);
        let mark = if visited { "✓ " } else { "" };
        view! { <option value=place.to_string() selected=move || shown() == place>{format!("{mark}{}", station.title)}</option> }
    });
    let change = move |event| {
        if let Ok(place) = event_target_value(&event).parse() {
            session.intend(Intent::Learn(Wish::Lead(Lesson::Tour(place))));
        }
    };
    view! {
        <label class="stations">
            <span class="sr-only">"Station of the tour"</span>
            <select class="speed-box" on:change=change>{options.collect_view()}</select>
        </label>
    }
}

/// What became of the promises.
fn promises() -> impl IntoView {
    let session = Session::here();
    let rows = session.run.with(|run| {
        let row = |promise: &crate::view::recording::Promise| {
            let (shape, class, word) = match promise.held {
                Some(true) => (Icon::Check, "is-ok", "kept: "),
                Some(false) => (Icon::Cross, "is-failed", "broken: "),
                None => (Icon::Ring, "is-ahead", "not decided yet: "),
            };
            view! { <li><span class=class>{icon(shape)}</span> <span class="sr-only">{word}</span> {promise.sentence.clone()}</li> }
        };
        run.end.promises.iter().map(row).collect_view()
    });
    view! { <ul class="lesson-promises" aria-label="Promises">{rows}</ul> }
}

fn is_kill(next: Next) -> bool {
    matches!(next, Next::ToWorker(Verb::Kill, _))
}

fn label(session: Session, next: Next) -> String {
    let lessons = session.catalogue.lessons();
    match (session.lesson.get(), next) {
        (_, Next::ToWorker(Verb::Kill, worker)) => format!("Kill worker {worker} now"),
        (_, Next::ToWorker(_, worker)) => format!("Start worker {worker}"),
        (Lesson::Scene, Next::GoTo(step)) if step >= session.run.with(|run| run.last()) => "See how it ends".to_owned(),
        (Lesson::Scene, Next::GoTo(_)) => "Next".to_owned(),
        (_, Next::GoTo(_)) => "Go on".to_owned(),
        (lesson, Next::Look(sight)) if lesson.sight(lessons) == Some(sight) => "Back to the station".to_owned(),
        (_, Next::Look(_)) => "Look at it".to_owned(),
        (_, Next::Sweep) => "To the squares".to_owned(),
        (Lesson::Tour(place), Next::Done) => match lessons.tour.get(place + 1) {
            Some(next) => format!("Next: {}", next.title),
            None => "End of the tour".to_owned(),
        },
        (_, Next::Done) => lessons.scene.map_or_else(String::new, |scene| scene.next.0.to_owned()),
    }
}
