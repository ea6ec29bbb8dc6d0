//! The verdict: whether the promises hold at the end of this run. The chip leads there; the list says each.

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;

/// The chip in the top strip. Before the end it says how the run *will* end, and looks the part.
#[component]
pub fn VerdictChip() -> impl IntoView {
    let session = Session::here();
    let counts = Memo::new(move |_| {
        session.run.with(|run| {
            let broken = run.end.promises.iter().filter(|p| !p.held).count();
            (broken, run.end.promises.len(), session.cursor.get() >= run.last())
        })
    });
    let class = move || {
        let (broken, _, ended) = counts.get();
        let verdict = if broken > 0 { "is-failed" } else { "is-ok" };
        format!(
            "button verdict {verdict} {}",
            if ended { "verdict-reached" } else { "verdict-ahead" }
        )
    };
    let words = move || match counts.get() {
        (_, 0, _) => "no promises".to_owned(),
        (0, all, true) => format!("all {all} promises held"),
        (0, all, false) => format!("all {all} promises will hold"),
        (broken, all, true) => format!("{broken} of {all} promises broken"),
        (broken, all, false) => format!("will break {broken} of {all} promises"),
    };
    view! {
        <button class=class title="To the end of the run, where the promises are checked"
            on:click=move |_| session.intend(Intent::ToEnd)>
            {move || icon(if counts.get().0 > 0 { Icon::Cross } else { Icon::Check })}
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
        let row = move |p: &crate::view::recording::Promise| {
            let (shape, class, word) = match (ended, p.held) {
                (false, _) => (Icon::Ring, "promise", "not checked yet: "),
                (true, true) => (Icon::Check, "promise is-ok", "held: "),
                (true, false) => (Icon::Cross, "promise is-failed", "broken: "),
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
        if ended.get() {
            session.run.with(|run| run.end.text.clone())
        } else {
            "checked at the end".into()
        }
    };
    view! {
        <h3 class="panel-title drawer-second"><span>"Promises"</span><span class="panel-note">{hint}</span></h3>
        <ul class="promises">{rows}</ul>
    }
}
