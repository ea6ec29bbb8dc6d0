//! The strip on top: what is run, in a title and a sentence, what it comes to, and what concerns the page. Its parts are
//! files of their own.

use leptos::prelude::*;

use super::story_picker::StoryPicker;
use super::verdict::VerdictChip;
use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// The strip.
#[component]
pub fn TopStrip() -> impl IntoView {
    let session = Session::here();
    view! {
        <header class="top">
            <h1 class="top-brand">{icon(Icon::Ghost)} "Sagascope"</h1>
            <StoryPicker />
            <p class="top-sentence">{move || session.run.with(|run| run.story.sentence.clone())}</p>
            <VerdictChip />
            {move || session.run.with(|run| run.opened.is_none()).then(|| view! { <SeedBox /> })}
            <button class="button" title="Open a history from a file (e)" aria-haspopup="dialog"
                on:click=move |_| session.intend(Intent::ToggleOpener)>
                {icon(Icon::Open)} <span class="button-word">"Open"</span>
            </button>
            <button class="button button-icon" title="Large type, for presenting (p)" aria-label="Large type"
                aria-pressed=move || session.arranged.large.get().to_string() on:click=move |_| session.intend(Intent::ToggleLarge)>
                {icon(Icon::Large)}
            </button>
            <button class="button button-icon" title="Copy a link to this moment (c)" aria-label="Copy a link to this moment"
                on:click=move |_| session.intend(Intent::CopyLink)>
                {icon(Icon::Link)}
            </button>
            <button class="button button-icon" title="Dark, light (t)" aria-label="Dark or light colours"
                on:click=move |_| session.intend(Intent::ToggleTheme)>
                {icon(Icon::Contrast)}
            </button>
            <button class="button button-icon" title="Keys and legend (?)" aria-label="Keys and legend"
                aria-haspopup="dialog" on:click=move |_| session.intend(Intent::ToggleHelp)>
                "?"
            </button>
        </header>
    }
}

#[component]
fn SeedBox() -> impl IntoView {
    let session = Session::here();
    let change = move |event: leptos::ev::Targeted<leptos::ev::Event, web_sys::HtmlInputElement>| {
        let text = event.target().value();
        match text.trim().parse() {
            Ok(seed) => session.intend(Intent::SetSeed(seed)),
            Err(_) => session.complain(&format!("“{text}” is no seed: a whole number from 0 on is wanted.")),
        }
        // The field always tells the seed of the run shown; another one appears when its run is there.
        event
            .target()
            .set_value(&session.run.with_untracked(|run| run.seed.to_string()));
    };
    view! {
        <label class="seed">
            "seed"
            <input class="seed-box" type="text" inputmode="numeric" autocomplete="off" spellcheck="false"
                prop:value=move || session.run.with(|run| run.seed.to_string()) on:change:target=change />
        </label>
    }
}
