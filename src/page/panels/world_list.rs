//! The outside world: one row a fact, what the last step changed, and what is wrong.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::words::icons::{Icon, icon};
use crate::view::recording::WorldRow;

/// The list.
#[component]
pub fn WorldList() -> impl IntoView {
    let session = Session::here();
    let world = Memo::new(move |_| session.moment.with(|m| m.world.clone()));
    let row = |row: WorldRow| {
        let class = match (row.alarm, row.changed) {
            (true, _) => "fact-value is-failed fact-alarm",
            (_, true) => "fact-value fact-changed",
            _ => "fact-value",
        };
        let expected = row.expected.map(|e| format!(" ({e})"));
        let alarm = row
            .alarm
            .then(|| view! { {icon(Icon::Cross)} <span class="sr-only">"wrong: "</span> });
        let changed = row
            .changed
            .then(|| view! { <span class="chip chip-changed">"changed"</span> });
        view! { <dt>{row.label}</dt><dd class=class>{alarm} {row.value} {expected} " " {changed}</dd> }
    };
    view! {
        <h3 class="panel-title"><span>"World"</span></h3>
        {move || world.with(Vec::is_empty).then(|| view! { <p class="promises-note">"This story has no outside: its activities return something and change nothing."</p> })}
        <dl class="facts" aria-live="off">{move || world.get().into_iter().map(row).collect_view()}</dl>
    }
}
