//! The event history, one row an event, grouped by workflow task; below it, apart, what no event says yet.

use leptos::ev;
use leptos::html::Div;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use super::history_groups::{Group, groups, unwritten};
use super::icons::{icon, of_category, of_outcome};
use super::intent::Intent;
use super::session::Session;
use crate::view::recording::{EventRow, Outcome, RunRow, Unwritten};

/// The panel.
#[component]
pub fn HistoryPanel() -> impl IntoView {
    let session = Session::here();
    let filter = RwSignal::new(String::new());
    let written = Memo::new(move |_| session.moment.with(|m| m.events_len));
    let shown = Memo::new(move |_| {
        session.run.with(|run| {
            groups(
                &run.events[..(written.get() as usize).min(run.events.len())],
                &filter.read(),
            )
        })
    });
    let open = Memo::new(move |_| session.moment.with(|m| unwritten(&m.unwritten, &filter.read())));
    let list = NodeRef::<Div>::new();
    Effect::new(move |_| {
        let wanted = session.event.get();
        let bottom = session.selected.get().is_none() && open.with(|u| !u.is_empty());
        shown.track();
        let Some(list) = list.get() else { return };
        request_animation_frame(move || {
            if bottom {
                list.set_scroll_top(list.scroll_height())
            } else {
                follow(&list, wanted)
            }
        });
    });
    // The first Escape empties the filter; the next one is the page's, and lets go of it.
    let let_go = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && filter.with_untracked(|text| !text.is_empty()) {
            event.prevent_default();
            filter.set(String::new());
        }
    };
    let count = move || match written.get() {
        1 => "History · 1 event".to_owned(),
        n => format!("History · {n} events"),
    };
    let none = move || {
        let nothing = shown.with(Vec::is_empty) && open.with(Vec::is_empty);
        nothing.then(|| {
            let text = if written.get() == 0 {
                "No event yet. Step on to start the run."
            } else {
                "No event matches the filter."
            };
            view! { <p class="empty">{text}</p> }
        })
    };
    view! {
        <section class="panel history" aria-label="Event history">
            <h2 class="panel-title">
                <span>{count}</span>
                <RunChooser />
                <button class="link" title="Save the history as JSON, as the Temporal CLI exports it"
                    on:click=move |_| session.intend(Intent::SaveHistory)>"save"</button>
                <input class="filter" id="history-filter" type="search" placeholder="filter  /" aria-label="Filter the history"
                    autocomplete="off" spellcheck="false" prop:value=filter on:input:target=move |e| filter.set(e.target().value()) on:keydown=let_go />
            </h2>
            <div class="panel-scroll history-rows" node_ref=list tabindex="0" role="region" aria-label="Events">
                <For each=move || shown.get() key=|g| (g.task, g.events.len(), g.summary.clone()) let:group>
                    {group_view(session, group)}
                </For>
                {none}
                {move || open.with(|rows| (!rows.is_empty()).then(|| unwritten_view(rows)))}
            </div>
        </section>
    }
}

/// Which workflow run's history it is, where the story has several.
#[component]
fn RunChooser() -> impl IntoView {
    let session = Session::here();
    let several = Memo::new(move |_| session.run.with(|run| run.runs.len() > 1));
    let options = move || {
        let (step, shown) = (session.cursor.get(), session.run.with(|run| run.shown as usize));
        session.run.with(|run| {
            let option = |(place, row): (usize, &RunRow)| {
                let status = row.status(step).unwrap_or("not started yet");
                let text = format!("{} · {status}", row.workflow_id);
                view! { <option value=place.to_string() selected=place == shown>{text}</option> }
            };
            run.runs.iter().enumerate().map(option).collect_view()
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

fn group_view(session: Session, group: Group) -> impl IntoView {
    let rows = group
        .events
        .into_iter()
        .map(|event| row_view(session, event))
        .collect_view();
    view! {
        <h3 class="group"><span>"Workflow task " {group.task}</span><span class="group-note">{group.summary}</span></h3>
        <ul class="rows">{rows}</ul>
    }
}

fn row_view(session: Session, event: EventRow) -> impl IntoView {
    let id = event.id;
    let (shape, class) = of_category(event.class.category);
    let closing = event.outcome != Outcome::Running;
    let (end_shape, end_class, end_word) = of_outcome(event.outcome);
    let picked = move || session.event.get() == Some(id);
    let end =
        closing.then(|| view! { <span class=format!("row-end {end_class}") title=end_word>{icon(end_shape)}<span class="sr-only">{end_word}</span></span> });
    view! {
        <li>
            <button class=format!("row {end_class}-row") data-event=id class:row-picked=picked
                aria-current=move || picked().then_some("true")
                on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))
                on:dblclick=move |_| session.intend(Intent::GoTo(event.step))>
                <span class="sr-only">"Event " {id} ","</span>
                <span class="row-id" aria-hidden="true">{id}</span>
                <span class="row-time">{short(&event.at.to_string())}</span>
                <span class=format!("row-icon {class}")>{icon(shape)}</span>
                <span class=format!("row-name {class}")>{event.name}</span>
                {end}
                <span class="chip">{event.chip}</span>
            </button>
        </li>
    }
}

fn unwritten_view(rows: &[Unwritten]) -> impl IntoView + use<> {
    let row = |u: &Unwritten| {
        let (shape, class, word) = of_outcome(u.outcome);
        view! {
            <li class="row row-unwritten">
                <span class="row-id">"·"</span>
                <span class="row-time">{short(&u.at.to_string())}</span>
                <span class=format!("row-icon {class}")>{icon(shape)}<span class="sr-only">{word}</span></span>
                <span class=format!("row-name {class}")>{u.text.clone()}</span>
                <span class="chip">{u.chip.clone()}</span>
            </li>
        }
    };
    let rows = rows.iter().map(row).collect_view();
    view! {
        <section class="unwritten" aria-label="Not in the history yet">
            <h3 class="group"><span>"Not in the history yet"</span><span class="group-note">"the Service knows, the log does not"</span></h3>
            <ul class="rows">{rows}</ul>
        </section>
    }
}

/// Without the hours, as long as there are none.
fn short(time: &str) -> String {
    time.strip_prefix("00:").unwrap_or(time).to_owned()
}

/// Scrolls the list, and only the list, until the event is in sight.
fn follow(list: &web_sys::HtmlDivElement, event: Option<u32>) {
    let Some(id) = event else { return list.set_scroll_top(0) };
    let found = list.query_selector(&format!("[data-event='{id}']")).ok().flatten();
    let Some(row) = found.and_then(|r| r.dyn_into::<web_sys::HtmlElement>().ok()) else {
        return;
    };
    let (top, height) = (row.offset_top(), row.offset_height());
    let (seen, room) = (list.scroll_top(), list.client_height());
    if top < seen + height * 2 {
        list.set_scroll_top(top - height * 3);
    } else if top + height * 2 > seen + room {
        list.set_scroll_top(top + height * 3 - room);
    }
}
