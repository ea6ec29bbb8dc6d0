//! What became different: since the step before, or since a moment that the reader holds on to.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::view::changes::{Change, Group, changes};

/// The panel.
#[component]
pub fn ChangesPanel() -> impl IntoView {
    let session = Session::here();
    let held = session.arranged.held;
    let from = Memo::new(move |_| {
        let before = session.cursor.get().saturating_sub(1);
        held.get().unwrap_or(before).min(session.run.with(|run| run.last()))
    });
    let found = Memo::new(move |_| {
        let (from, to) = (from.get(), session.cursor.get());
        session.run.with(|run| changes(run, run.shown(), from, to))
    });
    let since = move || match held.get() {
        Some(_) => format!("Since step {}", from.get()),
        None => "Since the step before".to_owned(),
    };
    let hold = move || {
        match held.get() {
        Some(_) => view! {
            <button class="link" on:click=move |_| session.intend(Intent::HoldMoment(None))>"since the step before"</button>
        }
        .into_any(),
        None => view! {
            <button class="link" title="From here on, tell what became different since this moment"
                on:click=move |_| session.intend(Intent::HoldMoment(Some(session.cursor.get_untracked())))>"hold this moment"</button>
        }
        .into_any(),
    }
    };
    let change = move |change: Change| {
        let what = match change.event {
            Some(id) => view! {
                <button class="link" on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))>{change.what}</button>
            }
            .into_any(),
            None => change.what.into_any(),
        };
        let before = change
            .before
            .map(|text| view! { <del><span class="sr-only">"before: "</span>{text}</del> " " });
        let after = match change.after {
            Some(text) => view! { <ins><span class="sr-only">"now: "</span>{text}</ins> }.into_any(),
            None => before
                .is_some()
                .then(|| view! { <span class="is-ahead">"no more"</span> })
                .into_any(),
        };
        view! { <dt>{what}</dt><dd class="fact-value">{before} {after}</dd> }
    };
    let group = move |group: Group| {
        let changes = group.changes.into_iter().map(change).collect_view();
        view! {
            <div class="drawer-block">
                <h4 class="group"><span>{group.title}</span></h4>
                <dl class="facts">{changes}</dl>
            </div>
        }
    };
    let groups = move || {
        let found = found.get();
        if found.groups.is_empty() {
            return view! { <p class="empty">"Nothing is different. Step on, or hold this moment and look again later."</p> }.into_any();
        }
        found.groups.into_iter().map(group).collect_view().into_any()
    };
    view! {
        <h3 class="panel-title"><span>{since}</span><span class="panel-actions">{hold}</span></h3>
        <div class="panel-scroll drawer-columns" tabindex="0"><div>{groups}</div></div>
    }
}
