//! The verdict: whether the promises hold at the end of this run. The chip leads there; the list says each.

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;
use crate::view::recording::{Ending, Promise};

/// The chip in the top strip. Before the end it says how the run *will* end, and looks the part.
#[component]
pub fn VerdictChip() -> impl IntoView {
    let session = Session::here();
    let state = Memo::new(move |_| {
        session
            .run
            .with(|run| (Verdict::of(&run.end), session.cursor.get() >= run.last()))
    });
    let class = move || {
        let (verdict, ended) = state.get();
        let ended = if ended { "verdict-reached" } else { "verdict-ahead" };
        format!("button verdict {} {ended}", verdict.looks().1)
    };
    let words = move || {
        let (verdict, ended) = state.get();
        verdict.words(ended)
    };
    view! {
        <button class=class title="To the end of the run, where the promises are checked"
            on:click=move |_| session.intend(Intent::ToEnd)>
            {move || icon(state.get().0.looks().0)}
            {words}
        </button>
    }
}

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Verdict {
    /// Not worked out yet.
    Unknown,
    /// It stops while it is open: what it promised is neither kept nor broken.
    Stuck,
    /// It is still at work when the lab gives up.
    Endless,
    /// Settled, with so many promises, all held.
    Held(usize),
    /// So many broken, of so many.
    Broken(usize, usize),
}

impl Verdict {
    fn of(end: &Ending) -> Self {
        let broken = end.promises.iter().filter(|p| !p.held).count();
        match end.settled {
            true if broken == 0 => Self::Held(end.promises.len()),
            _ if broken > 0 => Self::Broken(broken, end.promises.len()),
            _ if end.text.is_empty() => Self::Unknown,
            _ if end.text.starts_with("stuck") => Self::Stuck,
            _ => Self::Endless,
        }
    }

    /// Never green unless the run is settled.
    fn looks(self) -> (Icon, &'static str) {
        match self {
            Self::Unknown => (Icon::Ring, "is-other"),
            Self::Stuck | Self::Endless => (Icon::Dash, "is-failed"),
            Self::Held(_) => (Icon::Check, "is-ok"),
            Self::Broken(..) => (Icon::Cross, "is-failed"),
        }
    }

    fn words(self, ended: bool) -> String {
        match (self, ended) {
            (Self::Unknown, _) => "not known yet".to_owned(),
            (Self::Stuck, true) => "stuck: promises not decided".to_owned(),
            (Self::Stuck, false) => "will get stuck".to_owned(),
            (Self::Endless, true) => "did not settle".to_owned(),
            (Self::Endless, false) => "will not settle".to_owned(),
            (Self::Held(0), true) => "settled".to_owned(),
            (Self::Held(0), false) => "will settle".to_owned(),
            (Self::Held(1), true) => "its promise held".to_owned(),
            (Self::Held(1), false) => "its promise will hold".to_owned(),
            (Self::Broken(_, 1), true) => "its promise broken".to_owned(),
            (Self::Broken(_, 1), false) => "will break its promise".to_owned(),
            (Self::Held(all), true) => format!("all {all} promises held"),
            (Self::Held(all), false) => format!("all {all} promises will hold"),
            (Self::Broken(broken, all), true) => format!("{broken} of {all} promises broken"),
            (Self::Broken(broken, all), false) => format!("will break {broken} of {all} promises"),
        }
    }
}

/// The list in the drawer: verdicts at the end, mere promises before.
#[component]
pub fn PromisesList() -> impl IntoView {
    let session = Session::here();
    let ended = Memo::new(move |_| session.run.with(|run| session.cursor.get() >= run.last()));
    let rows = move || {
        let ended = ended.get();
        let settled = session.run.with(|run| run.end.settled);
        let row = move |p: &Promise| {
            let (shape, class, word) = match (ended, p.held) {
                (true, true) if !settled => (Icon::Ring, "promise", "not decided: "),
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
        session
            .run
            .with(|run| match (ended.get(), run.end.promises.is_empty()) {
                (true, _) => run.end.text.clone(),
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
