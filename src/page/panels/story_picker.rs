//! Picking a story: a button with the title, and a list, chapter by chapter, that tells each in a sentence. What finds a
//! story is `story_search.rs`'s business.
//!
//! The list is a combo box: the keyboard stays in the filter, arrows move through what is found, Enter picks.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::story_search::{FAULTS, Findable, Shown, TERMS, Topic, Wanted, find};
use crate::page::browser::focus;
use crate::page::layout::late::late;
use crate::page::layout::roving;
use crate::page::session::Session;
use crate::page::session::engine;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// The element of the list.
const PANEL: &str = "stories";
/// So many stories further with Page Up and Page Down.
const PAGE: usize = 5;

/// The button and its list. Opening, closing and Esc are the browser's own (`popover`).
#[component]
pub fn StoryPicker() -> impl IntoView {
    let session = Session::here();
    let title = move || session.run.with(|run| run.story.title.clone());
    let opened = RwSignal::new(false);
    view! {
        <button class="button picker" popovertarget=PANEL aria-label=move || format!("Story: {}", title()) on:click=move |_| opened.set(true)>
            <span class="picker-title">{title}</span>
            {icon(Icon::Down)}
        </button>
        <div class="stories" id=PANEL popover="auto" role="dialog" aria-label="Stories">
            {late(move || opened.get(), || view! { <Stories /> })}
        </div>
    }
}

#[component]
fn Stories() -> impl IntoView {
    let session = Session::here();
    let activities = engine::activities(session.catalogue);
    let cards = engine::stories(session.catalogue).into_iter();
    let all: Vec<Findable> = cards
        .zip(activities)
        .map(|(card, activities)| Findable::new(card, activities))
        .collect();
    let wanted = RwSignal::new(Wanted::default());
    let mut chapters: Vec<String> = all.iter().map(|story| story.card.chapter.clone()).collect();
    chapters.dedup();
    let mut activities: Vec<String> = all.iter().flat_map(|story| story.activities.clone()).collect();
    activities.sort_unstable();
    activities.dedup();
    let all = StoredValue::new(all);
    let found = Memo::new(move |_| {
        let seen = session.arranged.seen.get();
        all.with_value(|all| find(all, &wanted.read(), |id| seen.contains(id)))
    });
    let ids = Memo::new(move |_| {
        let story = |story: &Findable| story.card.id.clone();
        found.with(|found| found.iter().flat_map(Shown::stories).map(story).collect::<Vec<_>>())
    });
    // The story that Enter picks: the one shown, or the first that is found.
    let at = RwSignal::new(session.run.with_untracked(|run| run.story.id.clone()));
    let active = Memo::new(move |_| ids.with(|ids| ids.iter().find(|id| **id == *at.read()).or(ids.first()).cloned()));
    Effect::new(move |_| {
        if let Some(id) = active.get() {
            request_animation_frame(move || focus::show(&option_id(&id)));
        }
    });
    let pick = Callback::new(move |id: String| {
        focus::close(PANEL);
        session.intend(Intent::PickStory(id));
    });
    let keys = move |event: KeyboardEvent| {
        let ids = ids.get_untracked();
        let Some(last) = ids.len().checked_sub(1) else { return };
        let here = active
            .get_untracked()
            .and_then(|id| ids.iter().position(|it| *it == id))
            .unwrap_or(0);
        let next = match event.key().as_str() {
            "ArrowDown" => (here + 1).min(last),
            "ArrowUp" => here.saturating_sub(1),
            "PageDown" => (here + PAGE).min(last),
            "PageUp" => here.saturating_sub(PAGE),
            "Enter" => {
                event.prevent_default();
                return pick.run(ids[here].clone());
            }
            _ => return,
        };
        event.prevent_default();
        at.set(ids[next].clone());
    };
    let chapter_chips = roving::chips(
        chapters,
        move |name| wanted.with(|wanted| wanted.chapter == *name),
        move |name| wanted.update(|wanted| wanted.chapter = if wanted.chapter == name { String::new() } else { name }),
    );
    let count = move || match ids.with(Vec::len) {
        0 => "No story matches the filter.".to_owned(),
        1 => "1 story".to_owned(),
        n => format!("{n} stories"),
    };
    view! {
        <div class="stories-head">
            <h2 class="panel-title">
                <span>"Stories"</span>
                <span class="panel-note" role="status">{count}</span>
            </h2>
            <div class="stories-filters">
                <input class="filter" type="search" autofocus placeholder="title, sentence, workflow, activity, fault …" aria-label="Filter the stories"
                    role="combobox" aria-expanded="true" aria-controls="stories-found" aria-autocomplete="list"
                    aria-activedescendant=move || active.get().map(|id| option_id(&id))
                    autocomplete="off" spellcheck="false" on:keydown=keys
                    prop:value=move || wanted.with(|wanted| wanted.words.clone())
                    on:input:target=move |e| wanted.update(|wanted| wanted.words = e.target().value()) />
                <select aria-label="With an activity" on:change:target=move |e| wanted.update(|wanted| wanted.activity = e.target().value())>
                    <option value="">"any activity"</option>
                    {activities.into_iter().map(|name| view! { <option value=name.clone()>{name.clone()}</option> }).collect_view()}
                </select>
                <select aria-label="About a fault or a term" on:change:target=move |e| wanted.update(|wanted| wanted.topic = e.target().value())>
                    <option value="">"any fault or term"</option>
                    <optgroup label="Faults">{topics(&FAULTS)}</optgroup>
                    <optgroup label="Terms">{topics(&TERMS)}</optgroup>
                </select>
                <label class="check">
                    <input type="checkbox" on:change:target=move |e| wanted.update(|wanted| wanted.unseen = e.target().checked()) />
                    "not seen yet"
                </label>
            </div>
            <div class="chapters" role="group" aria-label="Chapters">{chapter_chips}</div>
        </div>
        <div class="stories-found" id="stories-found" role="listbox" aria-label="Stories found" tabindex="0" on:keydown=keys
            aria-activedescendant=move || active.get().map(|id| option_id(&id))>
            {move || found.get().chunk_by(|a, b| chapter_of(a) == chapter_of(b)).map(|some| chapter(some, session, active, pick)).collect_view()}
        </div>
    }
}

fn topics(topics: &'static [Topic]) -> impl IntoView {
    let option = |topic: &Topic| view! { <option value=topic.name>{topic.name}</option> };
    topics.iter().map(option).collect_view()
}

fn chapter_of(shown: &Shown) -> String {
    shown.stories()[0].card.chapter.clone()
}

fn chapter(
    some: &[Shown],
    session: Session,
    active: Memo<Option<String>>,
    pick: Callback<String>,
) -> impl IntoView + use<> {
    let name = chapter_of(&some[0]);
    let option = move |story: &Findable, role: Option<&'static str>| {
        let card = story.card.clone();
        let (id, picked, seen, marked) = (card.id.clone(), card.id.clone(), card.id.clone(), card.id.clone());
        let tags: Vec<&str> = story.topics().collect();
        let is_shown = session.run.with_untracked(|run| run.story.id == id);
        view! {
            <div class="story" class:story-active=move || active.with(|at| at.as_deref() == Some(&*marked)) role="option" id=option_id(&id)
                title=format!("{id}, workflow {}", card.workflow_type) aria-selected=is_shown.to_string()
                on:click=move |_| pick.run(picked.clone())>
                <span class="story-title">{card.title}</span>
                {role.map(|role| view! { <span class="story-role">{role}</span> })}
                {move || session.arranged.seen.with(|all| all.contains(&seen)).then(|| {
                    view! { <span class="story-seen">{icon(Icon::Check)} "seen"</span> }
                })}
                <span class="story-sentence">{card.sentence}</span>
                <span class="story-tags">{tags.join(" · ")}</span>
            </div>
        }
    };
    let rows = some.iter().map(|shown| match shown {
        Shown::One(story) => option(story, None).into_any(),
        Shown::Twins(broken, mended) => {
            view! { <div class="twins" role="presentation">{option(broken, Some("the fault"))} {option(mended, Some("mended"))}</div> }.into_any()
        }
    });
    let rows = rows.collect_view();
    view! {
        <div class="stories-chapter" role="group" aria-label=name.clone()>
            <p class="group" role="presentation">{name.clone()}</p>
            {rows}
        </div>
    }
}

fn option_id(story: &str) -> String {
    format!("story-{story}")
}
