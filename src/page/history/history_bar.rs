//! Above the history: which run it is, what is looked for in it, how it is listed.

use leptos::ev::{self, KeyboardEvent};
use leptos::prelude::*;

use super::history_list::List;
use super::history_rows::{Listing, Mode, Told};
use super::history_search::Wanted;
use crate::page::layout::late::late;
use crate::page::layout::roving;
use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::view::recording::Category;

const MODES: [(Mode, &str); 4] = [
    (Mode::ByTask, "by workflow task"),
    (Mode::Flat, "event by event"),
    (Mode::Compact, "one row an operation"),
    (Mode::Json, "JSON"),
];
const TIMES: [(Told, &str); 3] = [
    (Told::Elapsed, "since the start"),
    (Told::Relative, "before this moment"),
    (Told::Absolute, "date and time"),
];
const ORDERS: [(bool, &str); 2] = [(false, "oldest first"), (true, "newest first")];
const CATEGORIES: [(Category, &str); 6] = [
    (Category::Workflow, "workflow"),
    (Category::WorkflowTask, "workflow task"),
    (Category::Activity, "activity"),
    (Category::Timer, "timer"),
    (Category::Signal, "signal, update"),
    (Category::Other, "other"),
];
const FAILED: &str = "failed";
const PENDING: &str = "pending";

/// The title, and what there is to choose.
#[component]
pub fn HistoryBar(
    /// What is looked for.
    wanted: RwSignal<Wanted>,
    /// What is found.
    list: RwSignal<List>,
    /// How many events are written.
    written: Memo<u32>,
) -> impl IntoView {
    let session = Session::here();
    let open = RwSignal::new(false);
    let title = move || match written.get() {
        1 => "History · 1 event".to_owned(),
        n => format!("History · {n} events"),
    };
    let narrow = move || wanted.with(Wanted::is_narrow);
    view! {
        <h2 class="panel-title history-title">
            <span>{title}</span>
            <RunChooser />
            <span class="panel-actions">
                <button class="link" aria-expanded=move || open.get().to_string() aria-controls="history-choices"
                    title="Modes, filters, order, time" on:click=move |_| open.update(|open| *open = !*open)>
                    {move || if narrow() { "view · filtered" } else { "view" }}
                </button>
                <button class="link" title="Save the history as JSON, as the Temporal CLI exports it"
                    on:click=move |_| session.intend(Intent::SaveHistory)>"save"</button>
            </span>
        </h2>
        <Search wanted list written />
        <div class="history-choices" id="history-choices" hidden=move || !open.get()>
            {late(move || open.get(), move || view! { <Choices wanted /> })}
        </div>
    }
}

#[component]
fn Search(wanted: RwSignal<Wanted>, list: RwSignal<List>, written: Memo<u32>) -> impl IntoView {
    let session = Session::here();
    // The hits that are written by now, and which of them is picked, from 1.
    let hits = Memo::new(move |_| {
        let (written, picked) = (written.get(), session.event.get());
        list.with(|list| {
            let count = list.hits.partition_point(|id| *id <= written);
            let place = picked.and_then(|id| list.hits[..count].binary_search(&id).ok());
            (count, place.map(|place| place + 1))
        })
    });
    let to_hit = move |on: bool| {
        let here = session.event.get_untracked().unwrap_or(0);
        let (count, _) = hits.get_untracked();
        let found = list.with_untracked(|list| {
            let hits = &list.hits[..count];
            match on {
                // At the end it begins anew.
                true => hits.iter().find(|id| **id > here).or(hits.first()).copied(),
                false => hits.iter().rfind(|id| **id < here).or(hits.last()).copied(),
            }
        });
        if let Some(id) = found {
            session.intend(Intent::SelectEvent(Some(id)));
        }
    };
    let keys = move |event: KeyboardEvent| match event.key().as_str() {
        // The first Escape empties it; the next one is the page's, and lets go of it.
        "Escape" if wanted.with_untracked(|wanted| !wanted.text.is_empty()) => {
            event.prevent_default();
            wanted.update(|wanted| wanted.text.clear());
        }
        "Enter" => {
            event.prevent_default();
            to_hit(!event.shift_key());
        }
        _ => {}
    };
    let told = move || {
        if let Some(wrong) = list.with(|list| list.wrong.clone()) {
            return wrong;
        }
        match hits.get() {
            _ if !wanted.with(Wanted::has_text) => String::new(),
            (0, _) => "no hit".to_owned(),
            (1, _) => "1 hit".to_owned(),
            (count, None) => format!("{count} hits"),
            (count, Some(place)) => format!("{place} of {count}"),
        }
    };
    view! {
        <div class="history-search" role="search">
            <input class="filter" id="history-filter" type="search" placeholder="search  /" aria-label="Search the history"
                autocomplete="off" spellcheck="false" prop:value=move || wanted.with(|wanted| wanted.text.clone())
                on:input:target=move |e| wanted.update(|wanted| wanted.text = e.target().value()) on:keydown=keys />
            <button class="link link-square" title="A regular expression" aria-label="Regular expression"
                aria-pressed=move || wanted.with(|wanted| wanted.expression).to_string()
                on:click=move |_| wanted.update(|wanted| wanted.expression = !wanted.expression)>".*"</button>
            <button class="link" title="Show the events around the hits too" aria-pressed=move || wanted.with(|wanted| wanted.all).to_string()
                on:click=move |_| wanted.update(|wanted| wanted.all = !wanted.all)>"in all"</button>
            <span class="history-hits" role="status">{told}</span>
            <button class="link link-square" title="Previous hit (⇧ Enter)" aria-label="Previous hit" on:click=move |_| to_hit(false)>"↑"</button>
            <button class="link link-square" title="Next hit (Enter)" aria-label="Next hit" on:click=move |_| to_hit(true)>"↓"</button>
        </div>
    }
}

#[component]
fn Choices(wanted: RwSignal<Wanted>) -> impl IntoView {
    let session = Session::here();
    let listing = session.arranged.listing;
    let change = move |change: &dyn Fn(&mut Listing)| {
        let mut next = listing.get_untracked();
        change(&mut next);
        session.intend(Intent::List(next));
    };
    let modes = radios(
        "Rows",
        &MODES,
        move || listing.get().mode,
        move |mode| change(&|it| it.mode = mode),
    );
    let orders = radios(
        "Order",
        &ORDERS,
        move || listing.get().newest_first,
        move |newest| change(&|it| it.newest_first = newest),
    );
    let times = radios(
        "Time",
        &TIMES,
        move || listing.get().time,
        move |time| change(&|it| it.time = time),
    );
    let mut names: Vec<String> = CATEGORIES.iter().map(|(_, name)| (*name).to_owned()).collect();
    names.extend([FAILED, PENDING].map(str::to_owned));
    let category = |name: &str| {
        CATEGORIES
            .iter()
            .find(|(_, it)| *it == name)
            .map(|(category, _)| *category)
    };
    let pressed = move |name: &String| {
        wanted.with(|wanted| match (name.as_str(), category(name)) {
            (FAILED, _) => wanted.failed,
            (PENDING, _) => wanted.pending,
            (_, category) => category.is_some_and(|category| wanted.categories.contains(&category)),
        })
    };
    let press = move |name: String| {
        wanted.update(|wanted| match (name.as_str(), category(&name)) {
            (FAILED, _) => wanted.failed = !wanted.failed,
            (PENDING, _) => wanted.pending = !wanted.pending,
            (_, Some(category)) if wanted.categories.contains(&category) => {
                wanted.categories.retain(|it| *it != category)
            }
            (_, Some(category)) => wanted.categories.push(category),
            (_, None) => {}
        });
    };
    view! {
        {modes} {orders} {times}
        <div class="choice">
            <span class="choice-name" id="history-only">"Only"</span>
            <div class="chapters choice-chips" role="group" aria-labelledby="history-only">{roving::chips(names, pressed, press)}</div>
        </div>
    }
}

/// One of several. The browser makes one Tab stop of them, and moves with the arrows.
fn radios<T: Copy + PartialEq + Send + Sync + 'static>(
    name: &'static str,
    options: &'static [(T, &'static str)],
    picked: impl Fn() -> T + Copy + Send + Sync + 'static,
    pick: impl Fn(T) + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let option = move |(value, words): &'static (T, &'static str)| {
        view! {
            <label class="check">
                <input type="radio" name=format!("history-{name}") prop:checked=move || picked() == *value on:change=move |_| pick(*value) />
                {*words}
            </label>
        }
    };
    view! {
        <fieldset class="choice">
            <legend class="choice-name">{name}</legend>
            {options.iter().map(option).collect_view()}
        </fieldset>
    }
}

/// Which workflow run's history it is, where the story has several.
#[component]
fn RunChooser() -> impl IntoView {
    let session = Session::here();
    let several = Memo::new(move |_| session.run.with(|run| run.runs.len() > 1));
    // Made once for a run; of each only the status is another one later.
    let options = move || {
        session.run.with(|run| {
            let shown = run.shown() as usize;
            let option = |place: usize| {
                let label = run.run_label(u32::try_from(place).unwrap_or(u32::MAX));
                let status = Memo::new(move |_| {
                    let step = session.cursor.get();
                    let status = session
                        .run
                        .with(|run| run.runs.get(place).and_then(|row| row.status(step)));
                    status.unwrap_or("not started yet")
                });
                view! { <option value=place.to_string() selected=place == shown>{label} " · " {move || status.get()}</option> }
            };
            (0..run.runs.len()).map(option).collect_view()
        })
    };
    let change = move |event: ev::Targeted<ev::Event, web_sys::HtmlSelectElement>| {
        if let Ok(place) = event.target().value().parse() {
            session.intend(Intent::ShowRun(place));
        }
    };
    move || {
        several.get().then(|| {
            view! {
                <select class="run-chooser" aria-label="Workflow run" title="Which workflow run is shown" on:change:target=change>
                    {options}
                </select>
            }
        })
    }
}
