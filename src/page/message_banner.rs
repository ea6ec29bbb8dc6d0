//! What the page has to say: a note goes by itself, a complaint stays until it is closed.

use std::time::Duration;

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;

/// Long enough to read a line twice.
const NOTE_STAYS: Duration = Duration::from_secs(5);

/// The banner. The live regions are always there, for a screen reader only hears what changes inside one.
#[component]
pub fn MessageBanner() -> impl IntoView {
    let session = Session::here();
    Effect::new(move |before: Option<Option<TimeoutHandle>>| {
        if let Some(Some(handle)) = before {
            handle.clear();
        }
        let is_there = session.note.with(Option::is_some);
        is_there
            .then(|| set_timeout_with_handle(move || session.intend(Intent::CloseNote), NOTE_STAYS).ok())
            .flatten()
    });
    let shown = move |message: RwSignal<Option<String>>, class: &'static str, close: Intent| {
        message.get().map(|text| {
            view! {
                <div class=class>
                    <span class="message-text">{text}</span>
                    <button class="button button-icon" aria-label="Close this message"
                        on:click=move |_| session.intend(close.clone())>{icon(Icon::Cross)}</button>
                </div>
            }
        })
    };
    view! {
        <div class="messages" role="alert">{move || shown(session.complaint, "message message-wrong", Intent::CloseComplaint)}</div>
        <div class="messages messages-notes" role="status">{move || shown(session.note, "message", Intent::CloseNote)}</div>
    }
}
