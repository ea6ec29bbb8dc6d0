//! What the page has to say: a note goes by itself, a complaint stays until it is closed.

use std::time::Duration;

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// Long enough to read a line twice.
const NOTE_STAYS: Duration = Duration::from_secs(5);

/// So many sentences are told of a list.
const TOLD: usize = 3;
/// And so many signs of each.
const SIGNS_MAX: usize = 200;

/// The first sentences of a list, and how many more there are: whatever an address asks for, a message stays readable.
pub fn few(sentences: &[String]) -> String {
    let cut = |sentence: &String| match sentence.char_indices().nth(SIGNS_MAX) {
        Some((end, _)) => format!("{}…", &sentence[..end]),
        None => sentence.clone(),
    };
    let mut told: Vec<String> = sentences.iter().take(TOLD).map(cut).collect();
    match sentences.len().saturating_sub(TOLD) {
        0 => {}
        1 => told.push("And one more like these.".to_owned()),
        more => told.push(format!("And {more} more like these.")),
    }
    told.join(" ")
}

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

#[cfg(test)]
mod tests {
    use super::few;

    #[test]
    fn a_list_of_five_hundred_is_told_in_a_few_lines() {
        let all: Vec<String> = (0..500).map(|n| format!("{n}:kill:A never comes.")).collect();
        assert_eq!(
            few(&all),
            "0:kill:A never comes. 1:kill:A never comes. 2:kill:A never comes. And 497 more like these."
        );
        assert_eq!(few(&all[..2]), "0:kill:A never comes. 1:kill:A never comes.");
        assert!(few(&vec!["x".repeat(9_000); 9]).len() < 700);
    }
}
