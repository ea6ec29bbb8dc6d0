//! The workers: there or not, doing what, remembering what; and the button that kills or starts each.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};
use crate::view::recording::{Presence, WorkerState};

/// One entry a worker.
#[component]
pub fn WorkersStrip() -> impl IntoView {
    let session = Session::here();
    let workers = Memo::new(move |_| session.moment.with(|m| m.workers.clone()));
    // Nobody can kill the worker of a history that was lived elsewhere.
    let foreign = Memo::new(move |_| session.run.with(|run| run.opened.is_some()));
    let entry = move |worker: WorkerState| {
        let name = worker.name.clone();
        let key = name.to_lowercase();
        let (verb, shape, class) = match worker.presence {
            Presence::Running => ("kill", Icon::Skull, "button button-kill"),
            Presence::NotStarted | Presence::Left => ("start", Icon::Play, "button button-restart"),
            Presence::Dead => ("restart", Icon::Again, "button button-restart"),
        };
        let is = match worker.presence {
            Presence::Running => Icon::Dot,
            Presence::NotStarted => Icon::Ring,
            Presence::Left => Icon::Dash,
            Presence::Dead => Icon::Skull,
        };
        let told = format!(
            "Worker {} ({}): {}; cached: {}",
            worker.name, worker.identity, worker.doing, worker.cached
        );
        let title = format!("{verb} worker {name} ({key})");
        view! {
            <li class="worker" class:worker-dead=worker.presence == Presence::Dead class:worker-away=matches!(worker.presence, Presence::NotStarted | Presence::Left) title=told>
                {icon(is)}
                <span class="worker-words">
                    <b>{worker.name.clone()}</b> " " {worker.doing}
                    <span class="worker-cached">" · cached: " {worker.cached}</span>
                </span>
                {(!foreign.get()).then(|| view! {
                    <button class=class title=title
                        on:click=move |_| session.intend(Intent::ToggleWorker(name.clone()))>
                        {icon(shape)} {verb} " " {worker.name}
                    </button>
                })}
            </li>
        }
    };
    view! {
        <section class="workers-part" aria-label="Workers">
            <ul class="workers">{move || workers.get().into_iter().map(entry).collect_view()}</ul>
        </section>
    }
}
