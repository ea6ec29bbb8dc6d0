//! The help: every key, and what the glyphs and colours mean.

use leptos::html::Dialog;
use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::keys::HELP;
use super::session::Session;

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

/// The dialog. Modal, so the browser keeps the focus inside and gives it back.
#[component]
pub fn HelpOverlay() -> impl IntoView {
    let session = Session::here();
    let dialog = NodeRef::<Dialog>::new();
    Effect::new(move |_| {
        let open = session.help.get();
        let Some(dialog) = dialog.get() else { return };
        if open && !dialog.open() {
            // Throws only if the dialog is open already or not in the page.
            dialog.show_modal().ok();
        } else if !open && dialog.open() {
            dialog.close();
        }
    });
    let keys = HELP.map(|(keys, meaning)| {
        let keys = keys.split("  ").map(|k| view! { <kbd>{k}</kbd> }).collect_view();
        view! { <div class="help-key"><dt>{keys}</dt><dd>{meaning}</dd></div> }
    });
    let legend = LEGEND.map(|(shape, class, word)| view! { <li><span class=class>{icon(shape)}</span> {word}</li> });
    view! {
        <dialog class="help" node_ref=dialog aria-labelledby="help-title" on:close=move |_| session.intend(Intent::CloseHelp)>
            <header class="help-head">
                <h2 id="help-title">"One run, every moment of it"</h2>
                <button class="button button-icon" aria-label="Close the help" on:click=move |_| session.intend(Intent::CloseHelp)>
                    {icon(Icon::Cross)}
                </button>
            </header>
            <p>
                "The virtual clock jumps from step to step. Move anywhere, kill a worker there, and another timeline begins; \
                 the old one stays among the timelines. The address always holds exactly what you see."
            </p>
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
        </dialog>
    }
}
