//! The workers: alive or dead, doing what, remembering what; and the button that kills or restarts each.

use leptos::prelude::*;

use super::icons::{Icon, icon};
use super::intent::Intent;
use super::session::Session;
use crate::view::recording::WorkerState;

/// One entry a worker.
#[component]
pub fn WorkersStrip() -> impl IntoView {
    let session = Session::here();
    let workers = Memo::new(move |_| session.moment.with(|m| m.workers.clone()));
    let entry = move |worker: WorkerState| {
        let name = worker.name.clone();
        let key = name.to_lowercase();
        let (verb, shape, class) = match worker.alive {
            true => ("kill", Icon::Skull, "button button-kill"),
            false => ("restart", Icon::Again, "button button-restart"),
        };
        let told = format!(
            "Worker {} ({}): {}; cached: {}",
            worker.name, worker.identity, worker.doing, worker.cached
        );
        let title = format!("{verb} worker {name} ({key})");
        view! {
            <li class="worker" class:worker-dead=!worker.alive title=told>
                {icon(if worker.alive { Icon::Dot } else { Icon::Skull })}
                <span class="worker-words">
                    <b>{worker.name.clone()}</b> " " {worker.doing}
                    <span class="worker-cached">" · cached: " {worker.cached}</span>
                </span>
                <button class=class title=title
                    on:click=move |_| session.intend(Intent::ToggleWorker(name.clone()))>
                    {icon(shape)} {verb} " " {worker.name}
                </button>
            </li>
        }
    };
    view! {
        <section class="workers-part" aria-label="Workers">
            <ul class="workers">{move || workers.get().into_iter().map(entry).collect_view()}</ul>
        </section>
    }
}
