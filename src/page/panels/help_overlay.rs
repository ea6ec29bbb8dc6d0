//! The help: the way back to the lessons, every key, what the glyphs and colours mean, and Temporal's terms.

use leptos::prelude::*;

use crate::page::browser::settings;
use crate::page::layout::late::late;
use crate::page::layout::modal::modal;
use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::session::keys::HELP;
use crate::page::session::lesson::{Lesson, Wish};
use crate::page::words::icons::{Icon, icon};
use crate::page::words::term::glossary;

const LEGEND: [(Icon, &str, &str); 12] = [
    (Icon::Flag, "is-workflow", "workflow"),
    (Icon::Square, "is-workflow", "workflow task"),
    (Icon::Diamond, "is-activity", "activity"),
    (Icon::Clock, "is-timer", "timer"),
    (Icon::Bolt, "is-signal", "signal"),
    (Icon::Check, "is-ok", "ended well"),
    (Icon::Cross, "is-failed", "failed"),
    (Icon::Hourglass, "is-timed-out", "ran out of time"),
    (Icon::Skull, "is-lost", "its worker died"),
    (Icon::Ghost, "is-ok", "replayed from history"),
    (Icon::Pause, "is-timer", "waits for a result"),
    (Icon::Dash, "is-other", "forgotten: only the history knows"),
];

/// The dialog.
#[component]
pub fn HelpOverlay() -> impl IntoView {
    let session = Session::here();
    let dialog = modal(session.help);
    view! {
        <dialog class="help" node_ref=dialog aria-labelledby="help-title" on:close=move |_| session.intend(Intent::CloseHelp)>
            <header class="help-head">
                <h2 id="help-title">"One run, every moment of it"</h2>
                <button class="button button-icon" aria-label="Close the help" on:click=move |_| session.intend(Intent::CloseHelp)>
                    {icon(Icon::Cross)}
                </button>
            </header>
            {late(move || session.help.get(), || view! { <Inside /> })}
        </dialog>
    }
}

#[component]
fn Inside() -> impl IntoView {
    let keys = HELP.map(|(keys, meaning)| {
        let keys = keys.split("  ").map(|k| view! { <kbd>{k}</kbd> }).collect_view();
        view! { <div class="help-key"><dt>{keys}</dt><dd>{meaning}</dd></div> }
    });
    let legend = LEGEND.map(|(shape, class, word)| view! { <li><span class=class>{icon(shape)}</span> {word}</li> });
    view! {
        <p>
            "The virtual clock jumps from step to step. Move anywhere, kill a worker there, and another timeline begins; \
             the old one stays among the timelines. The address always holds exactly what you see."
        </p>
        <HelpLessons />
        <div class="help-parts">
            <section>
                <h3 class="panel-title">"Keys"</h3>
                <dl>{keys.collect_view()}</dl>
                <p class="help-note">
                    "In the crash sweep " <kbd>"←"</kbd> " " <kbd>"→"</kbd> " walk from square to square, " <kbd>"Enter"</kbd>
                    " opens that moment. “save” above the history keeps it as JSON, as the Temporal CLI exports it."
                </p>
            </section>
            <section>
                <h3 class="panel-title">"Glyphs"</h3>
                <ul class="help-legend">{legend.collect_view()}</ul>
                <p class="help-note">
                    "Colour of icon and name: what it is. Colour and glyph of a bar: how it ended. Hatched: a dead worker. \
                     Dashed: a replay. Red through all lanes: done outside, recorded nowhere; a crash in there does it twice."
                </p>
            </section>
        </div>
        <section>
            <h3 class="panel-title">"Temporal's terms"</h3>
            {glossary()}
        </section>
    }
}

/// The lessons that there are, to have them once more.
#[component]
fn HelpLessons() -> impl IntoView {
    let session = Session::here();
    let lessons = session.catalogue.lessons();
    let have = move |lesson: Lesson| move |_| session.intend(Intent::Learn(Wish::Lead(lesson)));
    let scene = lessons.scene.map(|_| {
        view! { <button class="button" on:click=have(Lesson::Scene)>"The first minute once more"</button> }
    });
    let tour = (!lessons.tour.is_empty()).then(|| {
        // Where it was left, whenever the help is opened.
        let place = move || {
            session.help.track();
            settings::station().and_then(|id| lessons.station(&id)).unwrap_or(0)
        };
        let words = move || match place() {
            0 => format!("Take the tour: {} stations, five minutes", lessons.tour.len()),
            place => format!("Go on with the tour: {}", lessons.tour[place].title),
        };
        let go = move |_| session.intend(Intent::Learn(Wish::Lead(Lesson::Tour(place()))));
        view! { <button class="button" on:click=go>{words}</button> }
    });
    view! { <p class="help-lessons">{scene} " " {tour}</p> }
}
