//! Picking a story: a button with the title, and a list, chapter by chapter, that tells each in a sentence.

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;
use crate::view::recording::StoryCard;

/// The button and its list. Opening, closing and Esc are the browser's own (`popover`).
#[component]
pub fn StoryPicker() -> impl IntoView {
    let session = Session::here();
    let title = move || session.run.with(|run| run.story.title.clone());
    let filter = RwSignal::new(String::new());
    let chapters = move || {
        let wanted = filter.get().to_lowercase();
        let found = session.stories.with_value(|all| {
            all.iter()
                .filter(|story| matches(story, &wanted))
                .cloned()
                .collect::<Vec<_>>()
        });
        if found.is_empty() {
            return view! { <p class="empty">"No story matches the filter."</p> }.into_any();
        }
        found
            .chunk_by(|a, b| a.chapter == b.chapter)
            .map(|stories| chapter(session, stories))
            .collect_view()
            .into_any()
    };
    let mut names: Vec<String> = session
        .stories
        .with_value(|all| all.iter().map(|s| s.chapter.clone()).collect());
    names.dedup();
    let chips = names.into_iter().map(|name| {
        let (shown, picked) = (name.clone(), name.clone());
        let is_picked = move || filter.with(|text| *text == shown);
        let toggle = move |_| {
            let next = if filter.with_untracked(|text| *text == picked) { String::new() } else { picked.clone() };
            filter.set(next);
        };
        view! { <li><button class="chapter" aria-pressed=move || is_picked().to_string() on:click=toggle>{name}</button></li> }
    });
    view! {
        <button class="button picker" popovertarget="stories" aria-label=move || format!("Story: {}", title())>
            <span class="picker-title">{title}</span>
            {icon(Icon::Down)}
        </button>
        <div class="stories" id="stories" popover="auto">
            <h2 class="panel-title">
                <span>"Stories"</span>
                <input class="filter" type="search" placeholder="filter" aria-label="Filter the stories"
                    autocomplete="off" spellcheck="false"
                    prop:value=filter on:input:target=move |e| filter.set(e.target().value()) />
            </h2>
            <ul class="chapters" aria-label="Chapters">{chips.collect_view()}</ul>
            {chapters}
        </div>
    }
}

fn chapter(session: Session, stories: &[StoryCard]) -> impl IntoView + use<> {
    let is_shown = move |id: &str| session.run.with(|run| run.story.id == id);
    let name = stories[0].chapter.clone();
    let rows = stories.iter().cloned().map(|story| {
        let (id, shown) = (story.id, story.workflow_type);
        let shown_id = id.clone();
        view! {
            <li>
                <button class="story" popovertarget="stories" popovertargetaction="hide" title=format!("{id}, workflow {shown}")
                    aria-current=move || is_shown(&shown_id).then_some("true")
                    on:click=move |_| session.intend(Intent::PickStory(id.clone()))>
                    <span class="story-title">{story.title}</span>
                    <span class="story-sentence">{story.sentence}</span>
                </button>
            </li>
        }
    });
    view! {
        <h3 class="group"><span>{name}</span></h3>
        <ul>{rows.collect_view()}</ul>
    }
}

/// Whether every word of the filter is somewhere in what is told of the story.
fn matches(story: &StoryCard, filter: &str) -> bool {
    let StoryCard {
        id,
        chapter,
        title,
        sentence,
        workflow_type,
    } = story;
    let told = format!("{id} {chapter} {title} {sentence} {workflow_type}").to_lowercase();
    filter.split_whitespace().all(|word| told.contains(word))
}
