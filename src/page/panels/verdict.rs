//! The verdict: whether the promises hold at the end of this run. The chip leads there; the list says each.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon, of_outcome};
use crate::view::conclusion::{Verdict, conclusion};
use crate::view::recording::Promise;

/// The chip in the top strip. Before the end it says how the run *will* end, and is never green; while the run is in trouble
/// it says that.
#[component]
pub fn VerdictChip() -> impl IntoView {
    let session = Session::here();
    let state = Memo::new(move |_| {
        let (verdict, ended) = session
            .run
            .with(|run| (Verdict::of(run), session.cursor.get() >= run.last()));
        let trouble = session.moment.with(|m| match (m.waiting.stuck, m.waiting.failing) {
            (true, _) => Some("stuck"),
            (false, true) => Some("workflow task fails"),
            (false, false) => None,
        });
        (verdict, ended, trouble.filter(|_| !ended))
    });
    let looks = move || match state.get() {
        (_, _, Some(_)) => (Icon::Cross, "is-failed"),
        (Verdict::Held(_), false, None) | (Verdict::Unknown, ..) => (Icon::Ring, "is-other"),
        (verdict, ..) => {
            let (shape, class, _) = of_outcome(verdict.outcome());
            (shape, class)
        }
    };
    let class = move || {
        let reached = if state.get().1 {
            "verdict-reached"
        } else {
            "verdict-ahead"
        };
        format!("button verdict {} {reached}", looks().1)
    };
    let words = move || match state.get() {
        (_, _, Some(trouble)) => trouble.to_owned(),
        (verdict, ended, None) => verdict.words(ended),
    };
    view! {
        <button class=class title="To the end of the run, where the promises are checked"
            on:click=move |_| session.intend(Intent::ToEnd)>
            {move || icon(looks().0)}
            {words}
        </button>
    }
}

/// The list in the drawer: verdicts at the end, mere promises before.
#[component]
pub fn PromisesList() -> impl IntoView {
    let session = Session::here();
    let ended = Memo::new(move |_| session.run.with(|run| session.cursor.get() >= run.last()));
    let rows = move || {
        let ended = ended.get();
        let row = move |p: &Promise| {
            let (shape, class, word) = match (ended, p.held) {
                (false, _) => (Icon::Ring, "promise", "not checked yet: "),
                (true, None) => (Icon::Ring, "promise", "not decided: "),
                (true, Some(true)) => (Icon::Check, "promise is-ok", "held: "),
                (true, Some(false)) => (Icon::Cross, "promise is-failed", "broken: "),
            };
            let seen = ended.then(|| view! { <span class="promise-seen">{p.seen.clone()}</span> });
            view! {
                <li class=class>
                    {icon(shape)} <span class="sr-only">{word}</span>
                    <span class="promise-text">{p.sentence.clone()} {seen}</span>
                </li>
            }
        };
        session.run.with(|run| run.end.promises.iter().map(row).collect_view())
    };
    let hint = move || {
        session
            .run
            .with(|run| match (ended.get(), run.end.promises.is_empty()) {
                (true, _) => conclusion(run),
                (false, true) => "none is made".to_owned(),
                (false, false) => "checked at the end".to_owned(),
            })
    };
    view! {
        <h3 class="panel-title"><span>"Promises"</span></h3>
        <p class="promises-note">{hint}</p>
        <ul class="promises">{rows}</ul>
    }
}
