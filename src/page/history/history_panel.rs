//! The event history as a list; below it, or above where the newest stands on top, what no event says yet.
//!
//! Only the rows in sight, and some around them, are in the document: a history may have 51,200 events. What rows there are
//! is `history_list.rs`'s business, what is chosen above them `history_bar.rs`'s.

use std::ops::Range;

use leptos::ev::KeyboardEvent;
use leptos::html::{Div, Ul};
use leptos::prelude::*;

use super::history_bar::HistoryBar;
use super::history_groups::{summary, unwritten};
use super::history_list::{List, list_up};
use super::history_rows::{Row, Told};
use super::history_search::Wanted;
use crate::base::time::SimTime;
use crate::history::class::Thing;
use crate::page::browser::room;
use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{icon, of_category, of_outcome};
use crate::view::recording::{EventRow, Outcome, Unwritten};
use crate::view::state::{Folded, state};

/// The panel.
#[component]
pub fn HistoryPanel() -> impl IntoView {
    let session = Session::here();
    let wanted = RwSignal::new(Wanted::default());
    let shown = Shown {
        session,
        list: RwSignal::new(List::default()),
        written: Memo::new(move |_| session.moment.with(|m| m.events_len)),
    };
    let Shown { list, written, .. } = shown;
    let listing = session.arranged.listing;
    // Only of interest to who looks for it.
    let pending = Memo::new(move |_| match wanted.with(|wanted| wanted.pending) {
        true => pending(session),
        false => Vec::new(),
    });
    let writings = StoredValue::new(0_u32);
    Effect::new(move |_| {
        let (run, wanted, listing, pending) = (session.run.get(), wanted.get(), listing.get(), pending.get());
        let mine = writings.with_value(|n| n + 1);
        writings.set_value(mine);
        list_up(run, wanted, listing, pending, list, move || {
            writings.try_get_value() == Some(mine)
        });
    });
    let newest_first = Memo::new(move |_| listing.with(|listing| listing.newest_first));
    let count = Memo::new(move |_| list.with(|list| list.rows.len(written.get())));
    let open = Memo::new(move |_| {
        // What is looked for otherwise than by words is looked for among the events.
        let words = wanted.with(|wanted| {
            if wanted.expression {
                String::new()
            } else {
                wanted.text.clone()
            }
        });
        let narrow = wanted.with(Wanted::is_narrow);
        session.moment.with(|m| {
            if narrow {
                Vec::new()
            } else {
                unwritten(&m.unwritten, &words)
            }
        })
    });
    let (scroller, space) = (NodeRef::<Div>::new(), NodeRef::<Ul>::new());
    let sight = RwSignal::new(Sight::default());
    let measures = StoredValue::new(Measures::default());
    let see = move |now: Sight| {
        if sight.get_untracked() != now {
            sight.set(now);
        }
    };
    let scrolled = move || {
        if let Some(list) = scroller.get_untracked() {
            measures.update_value(|it| it.scrolled = f64::from(list.scroll_top()));
            see(measures.with_value(Measures::sight));
        }
    };
    Effect::new(move |_| {
        let Some((list, space)) = scroller.get().zip(space.get()) else {
            return;
        };
        let (watched, rows) = (list.clone(), space.clone());
        let measure = move || {
            measures.set_value(Measures::of(&list, &space));
            see(measures.with_value(Measures::sight));
        };
        room::watch(&watched, measure.clone());
        room::watch(&rows, measure);
    });
    Effect::new(move |_| {
        let wanted = session.event.get();
        let end = session.selected.get().is_none() && open.with(|u| !u.is_empty());
        let row = list.with(|list| wanted.and_then(|id| list.rows.of_event(id, written.get())));
        let on_top = newest_first.get();
        let count = count.get();
        let Some(list) = scroller.get() else { return };
        // What stands above the rows is told while the page is laid out anyway: here it would have to be laid out twice.
        let to = measures.with_value(|it| match row {
            _ if end && on_top => Some(0.0),
            _ if end => Some(f64::MAX),
            Some(row) => it.follow(row),
            None => wanted.is_none().then_some(0.0),
        });
        let Some(to) = to else { return };
        measures.update_value(|it| it.scrolled = to.min(it.most(count)));
        see(measures.with_value(Measures::sight));
        #[expect(clippy::cast_possible_truncation, reason = "pixels")]
        request_animation_frame(move || list.set_scroll_top(to as i32));
    });
    // A row keeps its place as long as the list is the same: that is what the number of the writing says. With the newest
    // on top each event moves all others down.
    let in_sight = Memo::new(move |_| {
        let (seen, written) = (sight.with(Sight::with_margin), written.get());
        let some = list.with(|list| list.rows.some(seen, written));
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
        let task = list.with(|list| list.rows.task_of(top, written.get()))?;
        Some(view! { <p class="group history-above" aria-hidden="true">{head_words(shown, task)}</p> })
    };
    let active = move || {
        let row = list.with(|list| list.rows.of_event(session.event.get()?, written.get()))?;
        let drawn = in_sight.with(|(_, rows)| rows.iter().any(|(at, _)| *at == row));
        drawn.then(|| row_id(row))
    };
    let keys = move |event: KeyboardEvent| {
        let (count, written) = (count.get_untracked(), written.get_untracked());
        let picked = session.event.get_untracked();
        let page = sight.with_untracked(Sight::whole).max(1);
        let found = list.with_untracked(|list| {
            let rows = &list.rows;
            let here = picked.and_then(|id| rows.of_event(id, written));
            match event.key().as_str() {
                "ArrowDown" => rows.next_event(here, true, written),
                "ArrowUp" => rows.next_event(here, false, written),
                "Home" => rows.next_event(None, true, written),
                "End" => rows.next_event(None, false, written),
                "PageDown" => {
                    let from = here.map_or(0, |row| row + page - 1);
                    let last = || rows.next_event(None, false, written);
                    rows.next_event(Some(from.min(count)), true, written).or_else(last)
                }
                "PageUp" => {
                    let from = here.map_or(count, |row| (row + 1).saturating_sub(page));
                    let first = || rows.next_event(None, true, written);
                    rows.next_event(Some(from), false, written).or_else(first)
                }
                "Enter" => picked.zip(here).map(|(id, row)| (row, id)),
                _ => None,
            }
        });
        let Some((_, id)) = found else { return };
        event.prevent_default();
        match (event.key().as_str(), session.run.with_untracked(|run| run.event(id))) {
            ("Enter", Some(written)) => session.intend(Intent::GoTo(written.step)),
            _ => session.intend(Intent::SelectEvent(Some(id))),
        }
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
    let aside = move |on_top: bool| {
        let is_here = newest_first.get() == on_top;
        open.with(|rows| (is_here && !rows.is_empty()).then(|| unwritten_view(shown, rows)))
    };
    view! {
        <section class="panel history" aria-label="Event history">
            <HistoryBar wanted list written />
            <div class="panel-scroll history-rows" node_ref=scroller role="region" aria-label="Events" on:scroll=move |_| scrolled()>
                {above}
                {move || aside(true)}
                // One stop for the Tab key; the arrows do the rest.
                <ul class="history-space" node_ref=space style:height=move || rows_high(count.get()) role="listbox" tabindex="0"
                    aria-label="History" aria-activedescendant=active on:keydown=keys>
                    <For each=drawn key=|row| *row let:row>{row_view(shown, count, row.1, row.2)}</For>
                </ul>
                {none}
                {move || aside(false)}
            </div>
        </section>
    }
}

/// What the rows are drawn from.
#[derive(Clone, Copy)]
struct Shown {
    session: Session,
    list: RwSignal<List>,
    /// How many events are written.
    written: Memo<u32>,
}

/// The events that began what is pending at the moment shown.
fn pending(session: Session) -> Vec<u32> {
    let (run, step) = (session.run.get(), session.cursor.get());
    let found = state(&run, run.shown(), step, &mut Folded::default());
    found
        .parts
        .iter()
        .flat_map(|part| &part.things)
        .filter_map(|thing| thing.event)
        .collect()
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
    /// How many rows are in sight as a whole.
    fn whole(&self) -> usize {
        self.count.saturating_sub(1)
    }

    /// With the margin; in steps of a few rows, so that not every pixel scrolled is a change.
    fn with_margin(&self) -> Range<usize> {
        let even = |row: usize| row / 8 * 8;
        even(self.first.saturating_sub(MARGIN_ROWS))..even(self.first + self.count + MARGIN_ROWS) + 8
    }
}

/// The list as it is laid out, in pixels; measured while nothing is about to change.
#[derive(Clone, Copy, Debug)]
struct Measures {
    /// How high a row is. The style sheet says it, in the reader's type size.
    row: f64,
    /// How high the list is.
    room: f64,
    /// What stands above the first row.
    above: f64,
    scrolled: f64,
}

impl Default for Measures {
    fn default() -> Self {
        Self {
            row: 24.0,
            room: 0.0,
            above: 0.0,
            scrolled: 0.0,
        }
    }
}

impl Measures {
    fn of(list: &web_sys::HtmlDivElement, space: &web_sys::HtmlUListElement) -> Self {
        let style = window().get_computed_style(space).ok().flatten();
        let said = style.and_then(|style| style.get_property_value("line-height").ok());
        let px = said.and_then(|px| px.trim_end_matches("px").parse::<f64>().ok());
        Self {
            row: px.filter(|px| *px > 1.0).unwrap_or(24.0),
            room: f64::from(list.client_height()),
            above: f64::from(space.offset_top()),
            scrolled: f64::from(list.scroll_top()),
        }
    }

    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows of a list")]
    fn sight(&self) -> Sight {
        Sight {
            first: ((self.scrolled - self.above).max(0.0) / self.row) as usize,
            count: (self.room / self.row).ceil() as usize,
        }
    }

    /// How far the rows can be scrolled.
    #[expect(clippy::cast_precision_loss, reason = "rows of a list")]
    fn most(&self, rows: usize) -> f64 {
        (self.above + rows as f64 * self.row - self.room).max(0.0)
    }

    /// How far to scroll so that a row is in sight; `None` if it is.
    #[expect(clippy::cast_precision_loss, reason = "rows of a list")]
    fn follow(&self, row: usize) -> Option<f64> {
        let top = self.above + row as f64 * self.row;
        if top < self.scrolled + self.row * 2.0 {
            Some((top - self.row * 3.0).max(0.0))
        } else if top + self.row * 2.0 > self.scrolled + self.room {
            Some(top + self.row * 3.0 - self.room)
        } else {
            None
        }
    }
}

/// So many rows, as a length.
fn rows_high(rows: usize) -> String {
    format!("calc({rows} * var(--row))")
}

/// The element of a row.
fn row_id(row: usize) -> String {
    format!("history-row-{row}")
}

fn row_view(shown: Shown, count: Memo<usize>, at: usize, row: Row) -> AnyView {
    let session = shown.session;
    let event = |id: u32| session.run.with_untracked(|run| run.event(id));
    match row {
        Row::Head(task) => {
            view! { <li class="history-row" role="none" style:top=rows_high(at)><span class="group">{head_words(shown, task)}</span></li> }
                .into_any()
        }
        Row::Event(id) => {
            let inside = event(id).map(|event| event_view(shown, event));
            let of = move || session.run.with(|run| run.event(id)).map_or(Outcome::Running, |event| event.outcome);
            option(shown, count, at, id, move || session.event.get() == Some(id), of, inside).into_any()
        }
        Row::Operation(first) => {
            let ids = Memo::new(move |_| shown.list.with(|list| list.rows.events_of(first, shown.written.get()).to_vec()));
            let last = Memo::new(move |_| {
                let last = ids.with(|ids| ids.last().copied())?;
                session.run.with(|run| run.event(last)).map(|event| (event.outcome, event.at))
            });
            let inside = event(first).map(|event| operation_view(shown, event, ids, last));
            let picked = move || session.event.with(|id| id.is_some_and(|id| ids.with(|ids| ids.contains(&id))));
            let of = move || last.get().map_or(Outcome::Running, |(outcome, _)| outcome);
            option(shown, count, at, first, picked, of, inside).into_any()
        }
        Row::Json(id, line) => {
            let json = session.run.with_untracked(|run| run.event_json(id)).unwrap_or_default();
            let text = json.lines().nth(line as usize).unwrap_or_default().to_owned();
            let picked = move || session.event.get() == Some(id);
            if line > 0 {
                return view! {
                    <li class="history-row row row-json" class:row-picked=picked role="none" style:top=rows_high(at)
                        on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))><code>{text}</code></li>
                }
                .into_any();
            }
            let name = event(id).map(|event| event.name);
            let inside = view! { <span class="sr-only">"Event " {id} ", " {name.clone()}</span> <code>{text}</code> <span class="chip">{id} " · " {name}</span> };
            option(shown, count, at, id, picked, || Outcome::Running, inside).into_any()
        }
    }
}

/// A row that can be picked.
fn option(
    shown: Shown,
    count: Memo<usize>,
    at: usize,
    id: u32,
    picked: impl Fn() -> bool + Copy + Send + Sync + 'static,
    outcome: impl Fn() -> Outcome + Copy + Send + Sync + 'static,
    inside: impl IntoView + 'static,
) -> impl IntoView {
    let session = shown.session;
    // The event shown is another one with each step, and only two of all rows have to do with that.
    let (picked, outcome) = (Memo::new(move |_| picked()), Memo::new(move |_| outcome()));
    let step = move || session.run.with_untracked(|run| run.event(id)).map(|event| event.step);
    let hit = move || shown.list.with(|list| list.hits.binary_search(&id).is_ok());
    let class = move || {
        let picked = if picked.get() { "row-picked" } else { "" };
        let hit = if hit() { "row-hit" } else { "" };
        format!("history-row row {}-row {picked} {hit}", of_outcome(outcome.get()).1)
    };
    view! {
        <li class=class role="option" id=row_id(at) style:top=rows_high(at) aria-selected=move || picked.get().to_string()
            aria-setsize=move || count.get().to_string() aria-posinset=(at + 1).to_string()
            on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))
            on:dblclick=move |_| if let Some(step) = step() { session.intend(Intent::GoTo(step)) }>
            {inside}
        </li>
    }
}

fn head_words(shown: Shown, task: u32) -> impl IntoView {
    let Shown { session, written, .. } = shown;
    let said = Memo::new(move |_| session.run.with(|run| summary(&run.events_of(task, written.get()))));
    view! { <span>"Workflow task " {task}</span><span class="group-note">{move || said.get()}</span> }
}

fn event_view(shown: Shown, event: EventRow) -> impl IntoView {
    let id = event.id;
    let (shape, class) = of_category(event.class.category);
    view! {
        <span class="sr-only">"Event " {id} ","</span>
        <span class="row-id" aria-hidden="true">{id}</span>
        <span class="row-time">{told_time(shown, event.at)}</span>
        <span class=format!("row-icon {class}")>{icon(shape)}</span>
        <span class=format!("row-name {class}")>{event.name}</span>
        {end_view(event.outcome)}
        <span class="chip">{event.chip}</span>
    }
}

/// All events of an activity, a timer, …: `first` is the one that began it.
fn operation_view(
    shown: Shown,
    first: EventRow,
    ids: Memo<Vec<u32>>,
    last: Memo<Option<(Outcome, SimTime)>>,
) -> impl IntoView {
    let (shape, class) = of_category(first.class.category);
    let began = first.at;
    let chain = move || ids.with(|ids| ids.iter().map(u32::to_string).collect::<Vec<_>>().join(" "));
    let took = move || {
        last.get()
            .filter(|(_, at)| *at > began)
            .map(|(_, at)| at.since(began).to_string())
    };
    view! {
        <span class="sr-only">"Event " {first.id} ","</span>
        <span class="row-time">{told_time(shown, began)}</span>
        <span class=format!("row-icon {class}")>{icon(shape)}</span>
        <span class=format!("row-name {class}")>{first.class.part.thing().map_or(first.name, |thing| thing_name(thing).into())}</span>
        {move || last.get().map(|(outcome, _)| end_view(outcome))}
        <span class="chip">{first.chip}</span>
        <span class="row-took">{took}</span>
        <span class="row-chain" title="The events">{chain}</span>
    }
}

fn end_view(outcome: Outcome) -> impl IntoView {
    let (shape, class, word) = of_outcome(outcome);
    let ended = outcome != Outcome::Running;
    ended.then(|| view! { <span class=format!("row-end {class}") title=word>{icon(shape)}<span class="sr-only">{word}</span></span> })
}

/// What an operation is.
fn thing_name(thing: Thing) -> &'static str {
    match thing {
        Thing::Run => "Workflow",
        Thing::WorkflowTask => "Workflow task",
        Thing::Activity => "Activity",
        Thing::Timer => "Timer",
        Thing::Child => "Child workflow",
        Thing::SignalOut => "Signal to a workflow",
        Thing::CancelOut => "Cancel request to a workflow",
        Thing::Update => "Update",
        Thing::NexusOperation => "Nexus operation",
        Thing::NexusCancel => "Cancel request to Nexus",
    }
}

fn unwritten_view(shown: Shown, rows: &[Unwritten]) -> impl IntoView + use<> {
    let row = |u: &Unwritten| {
        let (shape, class, word) = of_outcome(u.outcome);
        view! {
            <li class="row row-unwritten">
                <span class="row-id">"·"</span>
                <span class="row-time">{told_time(shown, u.at)}</span>
                <span class=format!("row-icon {class}")>{icon(shape)}<span class="sr-only">{word}</span></span>
                <span class=format!("row-name {class}")>{u.text.clone()}</span>
                <span class="chip">{u.chip.clone()}</span>
            </li>
        }
    };
    let (known, unknown): (Vec<&Unwritten>, Vec<&Unwritten>) = rows.iter().partition(|u| u.known);
    let group = |title: &'static str, note: &'static str, rows: Vec<&Unwritten>| {
        let rows = (!rows.is_empty()).then(|| rows.into_iter().map(row).collect_view())?;
        Some(view! {
            <section class="unwritten" aria-label=title>
                <h3 class="group"><span>{title}</span><span class="group-note">{note}</span></h3>
                <ul class="rows">{rows}</ul>
            </section>
        })
    };
    let known = group("Not in the history yet", "the Service knows, the log does not", known);
    let unknown = group(
        "Nobody has told the Service",
        "it finds out when a limit is over",
        unknown,
    );
    view! { {known} {unknown} }
}

/// A time as the reader wants times told.
fn told_time(shown: Shown, at: SimTime) -> impl Fn() -> String + Copy + Send + Sync + 'static {
    let session = shown.session;
    move || match session.arranged.listing.with(|listing| listing.time) {
        Told::Elapsed => at.to_string(),
        Told::Absolute => session.run.with(|run| run.date(at).to_string()),
        Told::Relative => {
            let now = session.moment.with(|moment| moment.at);
            match now >= at {
                true => format!("−{}", now.since(at)),
                false => format!("+{}", at.since(now)),
            }
        }
    }
}
