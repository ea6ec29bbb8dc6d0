//! Picking a story: a button with the title, and a list that tells each in a sentence.

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;

/// The button and its list. Opening, closing and Esc are the browser's own (`popover`).
#[component]
pub fn StoryPicker() -> impl IntoView {
    let session = Session::here();
    let title = move || session.run.with(|run| run.story.title.clone());
    let is_shown = move |id: &str| session.run.with(|run| run.story.id == id);
    let rows = session.stories.get_value().into_iter().map(|story| {
        let (id, shown) = (story.id.clone(), story.id.clone());
        view! {
            <li>
                <button class="story" popovertarget="stories" popovertargetaction="hide"
                    aria-current=move || is_shown(&shown).then_some("true")
                    on:click=move |_| session.intend(Intent::PickStory(id.clone()))>
                    <span class="story-title">{story.title}</span>
                    <span class="story-sentence">{story.sentence}</span>
                </button>
            </li>
        }
    });
    view! {
        <button class="button picker" popovertarget="stories" aria-label=move || format!("Story: {}", title())>
            <span class="picker-title">{title}</span>
            {icon(Icon::Down)}
        </button>
        <div class="stories" id="stories" popover="auto">
            <h2 class="panel-title">"Stories"</h2>
            <ul>{rows.collect_view()}</ul>
        </div>
    }
}
