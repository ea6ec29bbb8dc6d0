//! The attempts of the activity that the picked event is about, else of the pending one: those made, those the policy
//! would still allow.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon, of_outcome};
use crate::view::recording::{AttemptRow, Attempts};

/// The list, or a sentence that there is none.
#[component]
pub fn AttemptsList() -> impl IntoView {
    let session = Session::here();
    let attempts = Memo::new(move |_| {
        let picked = session
            .selected
            .get()
            .filter(|id| *id <= session.moment.with(|m| m.events_len));
        let of_picked = picked.and_then(|event| session.run.with(|run| run.attempts_of(session.cursor.get(), event)));
        of_picked.or_else(|| session.moment.with(|m| m.attempts.clone()))
    });
    move || {
        match attempts.get() {
        Some(attempts) => list(session, attempts).into_any(),
        None => view! {
            <h3 class="panel-title"><span>"Attempts"</span></h3>
            <p class="empty">"No activity has been asked for yet. Its attempts will stand here: who made them, how they ended, when the next one is due. \
             Step on (→) until the code asks for one."</p>
        }
        .into_any(),
    }
    }
}

fn list(session: Session, attempts: Attempts) -> impl IntoView {
    let scheduled = attempts.scheduled_event;
    let row = |row: AttemptRow| {
        let (shape, class, word) = row.outcome.map_or((Icon::Ring, "is-ahead", "not begun"), of_outcome);
        let who = row.worker.map(|w| format!(" · worker {w}"));
        view! {
            <li class="attempt">
                <span class=format!("attempt-head {class}")>{icon(shape)}<span class="sr-only">{word} " attempt "</span> {row.number} {who}</span>
                <span class="attempt-text">{row.text}</span>
            </li>
        }
    };
    view! {
        <h3 class="panel-title">
            <span class="cut">"Attempts · " <span class="title-name">{attempts.activity}</span></span>
            <span class="panel-actions">
                <button class="link" title="However long the backoff (n)" on:click=move |_| session.intend(Intent::NextAttempt)>
                    "next attempt"
                </button>
            </span>
        </h3>
        <div class="panel-scroll" tabindex="0">
            <ol class="attempts">{attempts.rows.into_iter().map(row).collect_view()}</ol>
            <p class="policy">
                "Policy of "
                <button class="link" on:click=move |_| session.intend(Intent::SelectEvent(Some(scheduled)))>"event " {scheduled}</button>
                ": " {attempts.policy} "."
            </p>
        </div>
    }
}
