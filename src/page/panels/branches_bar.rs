//! The branches, which the page calls timelines: every run the reader has made, each a chip; the one shown is pressed.

use leptos::html::Ul;
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::page::session::Session;
use crate::page::session::branch::Branch;
use crate::page::session::engine::RunSpec;
use crate::page::session::intent::Intent;
use crate::page::words::icons::{Icon, icon};

/// The bar. A branch of another story says which.
#[component]
pub fn BranchesBar() -> impl IntoView {
    let session = Session::here();
    let story = Memo::new(move |_| session.run.with(|run| (run.story.id.clone(), run.seed)));
    let chips = move || {
        let (shown_story, shown_seed) = story.get();
        let all = session.branches.get();
        let only = all.len() < 2;
        let chip = |branch: Branch| {
            let id = branch.id;
            let mut label = branch.label();
            if let Some(spec) = branch.subject.run() {
                if spec.story != shown_story {
                    label = format!("{} · {label}", spec.story);
                } else if spec.seed != shown_seed {
                    label = format!("seed {} · {label}", spec.seed);
                }
            }
            let close = (!only).then(|| {
                let name = format!("Close timeline {label}");
                view! {
                    <button class="branch-close" title=name.clone() aria-label=name
                        on:click=move |_| session.intend(Intent::CloseBranch(id))>{icon(Icon::Cross)}</button>
                }
            });
            let shown = move || session.active.get() == id;
            view! {
                <li class="branch" class:branch-shown=shown>
                    <button class="branch-name" title=branch.told() aria-pressed=move || shown().to_string()
                        on:click=move |_| session.intend(Intent::PickBranch(id))>{label}</button>
                    {close}
                </li>
            }
        };
        let is_told = |spec: &RunSpec| spec.choices.is_empty() && spec.story == shown_story && spec.seed == shown_seed;
        let as_told = |b: &Branch| b.subject.run().is_some_and(is_told);
        let is_story = !shown_story.is_empty();
        let again = (is_story && !all.is_empty() && !all.iter().any(as_told)).then(|| {
            let story = shown_story.clone();
            view! {
                <li class="branch">
                    <button class="branch-name" title="The story as it is told, from its start"
                        on:click=move |_| session.intend(Intent::PickStory(story.clone()))>"+ original"</button>
                </li>
            }
        });
        view! { {all.into_iter().map(chip).collect_view()} {again} }
    };
    let list = NodeRef::<Ul>::new();
    Effect::new(move |_| {
        session.active.track();
        session.branches.track();
        let Some(list) = list.get() else { return };
        request_animation_frame(move || {
            let shown = list.query_selector(".branch-shown").ok().flatten();
            if let Some(chip) = shown.and_then(|chip| chip.dyn_into::<web_sys::HtmlElement>().ok()) {
                list.set_scroll_left(chip.offset_left() + chip.offset_width() - list.client_width() / 2);
            }
        });
    });
    let busy = move || {
        let told = |steps: u32| {
            if steps == 0 {
                "working out…".into()
            } else {
                format!("working out… {steps}")
            }
        };
        session
            .busy
            .get()
            .map(|run| view! { <span class="busy">{told(run.steps)}</span> })
    };
    view! {
        <nav class="branches" aria-label="Timelines">
            <span class="panel-title">"Timelines"</span>
            <ul node_ref=list>{chips}</ul>
            {busy}
        </nav>
    }
}
