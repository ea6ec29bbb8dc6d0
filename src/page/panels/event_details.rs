//! The event in the drawer: what it says, why it is here, and its JSON for elsewhere.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::view::recording::{EventDetails as Inside, EventRow};

/// The picked event, or the latest.
#[component]
pub fn EventDetails() -> impl IntoView {
    let session = Session::here();
    let event = Memo::new(move |_| {
        let id = session.event.get()?;
        session.run.with(|run| run.event(id).zip(run.event_details(id)))
    });
    move || {
        match event.get() {
        Some((event, inside)) => details(session, event, inside).into_any(),
        None => view! {
            <h3 class="panel-title"><span>"Event"</span></h3>
            <p class="empty">"No event is written yet. The one you pick in the history will stand here, and why it was written; until then the latest. \
             The first step (→) writes the first."</p>
        }
        .into_any(),
    }
    }
}

fn details(session: Session, event: EventRow, inside: Inside) -> impl IntoView {
    let (id, step) = (event.id, event.step);
    let pair = |(name, value): (String, String)| {
        let class = if value.starts_with(['{', '[', '"']) {
            "fact-value fact-json"
        } else {
            "fact-value"
        };
        view! { <dt>{name}</dt><dd class=class>{value}</dd> }
    };
    let refers = event.refers_to.iter().map(|to| {
        let to = *to;
        view! {
            <button class="link" on:click=move |_| session.intend(Intent::SelectEvent(Some(to)))>"event " {to}</button>
        }
    });
    let refers = (!event.refers_to.is_empty())
        .then(|| view! { <dt>"refers to"</dt><dd class="fact-links">{refers.collect_view()}</dd> });
    let elsewhere = move || {
        (session.cursor.get() != step).then(|| {
            view! {
                <button class="link" title="Move the cursor to where this event was written"
                    on:click=move |_| session.intend(Intent::GoTo(step))>"to step " {step}</button>
            }
        })
    };
    view! {
        <h3 class="panel-title">
            <span class="cut title-name">{format!("{id} · {}", event.name)}</span>
            <span class="panel-actions">
                {elsewhere}
                <button class="link" on:click=move |_| session.intend(Intent::CopyJson(id)) title="Copy the event as JSON">"copy JSON"</button>
            </span>
        </h3>
        <dl class="facts panel-scroll" tabindex="0">
            <dt class="fact-wide">"why here"</dt>
            <dd class="fact-wide">{inside.why}</dd>
            {inside.attributes.into_iter().map(pair).collect_view()}
            {refers}
            <dt>"at"</dt>
            <dd class="fact-value">{event.at.to_string()}</dd>
        </dl>
    }
}
