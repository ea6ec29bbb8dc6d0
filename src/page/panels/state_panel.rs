//! The state of the run at the moment shown: what is pending, and what the workers have of it.

use leptos::prelude::*;

use crate::page::session::Session;
use crate::page::session::intent::Intent;
use crate::view::state::{Folded, Part, Thing, state};

/// The panel.
#[component]
pub fn StatePanel() -> impl IntoView {
    let session = Session::here();
    // The fold of the moment before; a new recording begins anew.
    let folded = StoredValue::new(None);
    let state = Memo::new(move |_| {
        let (run, step) = (session.run.get(), session.cursor.get());
        let mut kept = folded
            .try_update_value(Option::take)
            .flatten()
            .filter(|(of, _)| *of == run);
        let (_, fold) = kept.get_or_insert_with(|| (run.clone(), Folded::default()));
        let found = state(&run, run.shown(), step, fold);
        folded.set_value(kept);
        found
    });
    let thing = move |thing: Thing| {
        let event = thing.event.map(|id| {
            view! { " " <button class="link" on:click=move |_| session.intend(Intent::SelectEvent(Some(id)))>"event " {id}</button> }
        });
        view! { <dt>{thing.name}</dt><dd class="fact-value">{thing.says} {event}</dd> }
    };
    let part = move |part: Part| {
        let none = part
            .things
            .is_empty()
            .then(|| view! { <p class="promises-note">{part.none}</p> });
        let things = part.things.into_iter().map(thing).collect_view();
        view! {
            <div class="drawer-block">
                <h3 class="panel-title"><span>{part.title}</span></h3>
                {none}
                <dl class="facts">{things}</dl>
            </div>
        }
    };
    view! {
        <div class="panel-scroll drawer-columns" tabindex="0"><div>{move || state.get().parts.into_iter().map(part).collect_view()}</div></div>
    }
}
