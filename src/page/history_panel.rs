//! The event history, one row an event, grouped by workflow task; below it, apart, what no event says yet.
//!
//! Only the rows in sight, and some around them, are in the document: a history may have 51,200 events.

use std::ops::Range;

use gloo_timers::future::TimeoutFuture;
use leptos::ev;
use leptos::html::{Div, Ul};
use leptos::prelude::*;
use leptos::task::spawn_local;

use super::computing::slice;
use super::history_groups::{matches, summary, unwritten};
use super::history_rows::{Row, Rows};
use super::icons::{icon, of_category, of_outcome};
use super::intent::Intent;
use super::recorded::Recorded;
use super::session::Session;
use crate::view::recording::{EventRow, Outcome, RunRow, Unwritten};

/// The panel.
#[component]
pub fn HistoryPanel() -> impl IntoView {
    let session = Session::here();
    let filter = RwSignal::new(String::new());
    let rows = RwSignal::new(Rows::default());
    let writings = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let (run, filter) = (session.run.get(), filter.get());
        let mine = writings.with_value(|n| n + 1);
        writings.set_value(mine);
        list_up(run, filter, rows, move || writings.try_get_value() == Some(mine));
    });
    let written = Memo::new(move |_| session.moment.with(|m| m.events_len));
    let count = Memo::new(move |_| rows.with(|rows| rows.len(written.get())));
    let open = Memo::new(move |_| session.moment.with(|m| unwritten(&m.unwritten, &filter.read())));
    let (list, space) = (NodeRef::<Div>::new(), NodeRef::<Ul>::new());
    let sight = RwSignal::new(Sight::default());
    let measure = move || {
        let now = list
            .get_untracked()
            .zip(space.get_untracked())
            .map(|(list, space)| Sight::of(&list, &space));
        if let Some(now) = now.filter(|now| sight.get_untracked() != *now) {
            sight.set(now);
        }
    };
    let resized = window_event_listener(ev::resize, move |_| measure());
    on_cleanup(move || resized.remove());
    Effect::new(move |_| {
        let wanted = session.event.get();
        let bottom = session.selected.get().is_none() && open.with(|u| !u.is_empty());
        let row = rows.with(|rows| wanted.and_then(|id| rows.of_event(id)));
        count.track();
        let Some((list, space)) = list.get().zip(space.get()) else {
            return;
        };
        request_animation_frame(move || {
            match row {
                _ if bottom => list.set_scroll_top(list.scroll_height()),
                Some(row) => follow(&list, &space, row),
                None if wanted.is_none() => list.set_scroll_top(0),
                None => {}
            }
            measure();
        });
    });
    // A row keeps its place as long as the list is of the same run and filter: that is what the number of the writing says.
    let in_sight = Memo::new(move |_| {
        let (seen, count) = (sight.with(Sight::with_margin), count.get());
        let some = rows.with(|rows| rows.some(seen.start..seen.end.min(count)));
        (writings.get_value(), some)
    });
    let drawn = move || {
        let (writing, rows) = in_sight.get();
        rows.into_iter()
            .map(move |(at, row)| (writing, at, row))
            .collect::<Vec<_>>()
    };
    // The head of the workflow task whose events are at the top, while its own row is out of sight.
    let above = move || {
        let top = sight.with(|sight| sight.first);
        let task = rows.with(|rows| rows.task_of(top.min(count.get().checked_sub(1)?)))?;
        Some(view! { <p class="group history-above" aria-hidden="true">{head_words(session, written, task)}</p> })
    };
    // The first Escape empties the filter; the next one is the page's, and lets go of it.
    let let_go = move |event: leptos::ev::KeyboardEvent| {
        if event.key() == "Escape" && filter.with_untracked(|text| !text.is_empty()) {
            event.prevent_default();
            filter.set(String::new());
        }
    };
    let title = move || match written.get() {
        1 => "History · 1 event".to_owned(),
        n => format!("History · {n} events"),
    };
    let none = move || {
        let nothing = count.get() == 0 && open.with(Vec::is_empty);
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
                <span>{title}</span>
                <RunChooser />
                <button class="link" title="Save the history as JSON, as the Temporal CLI exports it"
                    on:click=move |_| session.intend(Intent::SaveHistory)>"save"</button>
                <input class="filter" id="history-filter" type="search" placeholder="filter  /" aria-label="Filter the history"
                    autocomplete="off" spellcheck="false" prop:value=filter on:input:target=move |e| filter.set(e.target().value()) on:keydown=let_go />
            </h2>
            <div class="panel-scroll history-rows" node_ref=list tabindex="0" role="region" aria-label="Events" on:scroll=move |_| measure()>
                {above}
                <ul class="history-space" node_ref=space style:height=move || rows_high(count.get())>
                    <For each=drawn key=|row| *row let:row>{row_view(session, written, count, row.1, row.2)}</For>
                </ul>
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
    // Made once for a run; of each only the status is another one later.
    let options = move || {
        session.run.with(|run| {
            let shown = run.shown as usize;
            let option = |(place, row): (usize, &RunRow)| {
                let id = row.workflow_id.clone();
                let status = Memo::new(move |_| {
                    let step = session.cursor.get();
                    let status = session
                        .run
                        .with(|run| run.runs.get(place).and_then(|row| row.status(step)));
                    status.unwrap_or("not started yet")
                });
                view! { <option value=place.to_string() selected=place == shown>{id} " · " {move || status.get()}</option> }
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

/// Lists up the events that match, in slices of time: the reader types on meanwhile.
fn list_up(run: Recorded, filter: String, rows: RwSignal<Rows>, wanted: impl Fn() -> bool + 'static) {
    let mut next = 1;
    let mut advance = move |rows: &mut Rows, events: u32| {
        for _ in 0..events {
            let Some(task) = run.task_of(next) else { return true };
            let found = filter.trim().is_empty() || run.event(next).is_some_and(|event| matches(&event, &filter));
            if found {
                rows.push(next, task);
            }
            next += 1;
        }
        false
    };
    let mut first = Rows::default();
    let all = slice(|events| advance(&mut first, events), &mut 0);
    rows.set(first);
    if all {
        return;
    }
    spawn_local(async move {
        loop {
            TimeoutFuture::new(0).await;
            if !wanted() {
                return;
            }
            let mut all = false;
            rows.update(|rows| all = slice(|events| advance(rows, events), &mut 0));
            if all {
                return;
            }
        }
    });
}

/// What part of the list is in sight, in rows.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Sight {
    first: usize,
    count: usize,
}

/// So many rows above and below are there too: for who scrolls, tabs or searches the page.
const MARGIN_ROWS: usize = 40;

impl Sight {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a list")]
    fn of(list: &web_sys::HtmlDivElement, space: &web_sys::HtmlUListElement) -> Self {
        let row = row_px(space);
        let above = f64::from(list.scroll_top() - space.offset_top()).max(0.0);
        Self {
            first: (above / row) as usize,
            count: (f64::from(list.client_height()) / row).ceil() as usize,
        }
    }

    /// With the margin; in steps of a few rows, so that not every pixel scrolled is a change.
    fn with_margin(&self) -> Range<usize> {
        let even = |row: usize| row / 8 * 8;
        even(self.first.saturating_sub(MARGIN_ROWS))..even(self.first + self.count + MARGIN_ROWS) + 8
    }
}

/// How high a row is. The style sheet says it, in the reader's type size.
fn row_px(space: &web_sys::HtmlUListElement) -> f64 {
    let style = window().get_computed_style(space).ok().flatten();
    let said = style.and_then(|style| style.get_property_value("line-height").ok());
    let px = said.and_then(|px| px.trim_end_matches("px").parse::<f64>().ok());
    px.filter(|px| *px > 1.0).unwrap_or(24.0)
}

/// So many rows, as a length.
fn rows_high(rows: usize) -> String {
    format!("calc({rows} * var(--row))")
}

fn row_view(session: Session, written: Memo<u32>, count: Memo<usize>, at: usize, row: Row) -> AnyView {
    let (top, of, place) = (rows_high(at), move || count.get().to_string(), (at + 1).to_string());
    match row {
        Row::Head(task) => view! {
            <li class="history-row" style:top=top aria-setsize=of aria-posinset=place>
                <h3 class="group">{head_words(session, written, task)}</h3>
            </li>
        }
        .into_any(),
        Row::Event(id) => {
            let event = session.run.with_untracked(|run| run.event(id));
            let event = event.map(|event| event_view(session, event));
            view! { <li class="history-row" style:top=top aria-setsize=of aria-posinset=place>{event}</li> }.into_any()
        }
    }
}

fn head_words(session: Session, written: Memo<u32>, task: u32) -> impl IntoView {
    let said = Memo::new(move |_| session.run.with(|run| summary(run.events_of(task, written.get()))));
    view! { <span>"Workflow task " {task}</span><span class="group-note">{move || said.get()}</span> }
}

fn event_view(session: Session, event: EventRow) -> impl IntoView {
    let id = event.id;
    let (shape, class) = of_category(event.class.category);
    let closing = event.outcome != Outcome::Running;
    let (end_shape, end_class, end_word) = of_outcome(event.outcome);
    let picked = move || session.event.get() == Some(id);
    let end =
        closing.then(|| view! { <span class=format!("row-end {end_class}") title=end_word>{icon(end_shape)}<span class="sr-only">{end_word}</span></span> });
    view! {
        <button class=format!("row {end_class}-row") class:row-picked=picked
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

/// Scrolls the list, and only the list, until the row is in sight.
#[expect(clippy::cast_possible_truncation, clippy::cast_precision_loss, reason = "pixels")]
fn follow(list: &web_sys::HtmlDivElement, space: &web_sys::HtmlUListElement, row: usize) {
    let height = row_px(space);
    let top = f64::from(space.offset_top()) + row as f64 * height;
    let (seen, room) = (f64::from(list.scroll_top()), f64::from(list.client_height()));
    if top < seen + height * 2.0 {
        list.set_scroll_top((top - height * 3.0) as i32);
    } else if top + height * 2.0 > seen + room {
        list.set_scroll_top((top + height * 3.0 - room) as i32);
    }
}
