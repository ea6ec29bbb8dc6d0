//! The drawer: the event, the attempts, the world. Three columns, one moment.

use leptos::prelude::*;

use super::attempts_list::AttemptsList;
use super::event_details::EventDetails;
use super::session::Session;
use super::verdict::PromisesList;
use super::world_list::WorldList;

/// The drawer.
#[component]
pub fn Drawer() -> impl IntoView {
    let session = Session::here();
    // At the end the promises are what one looks for.
    let ended = Memo::new(move |_| session.run.with(|run| session.cursor.get() >= run.last()));
    let outside = move || match ended.get() {
        true => view! { <PromisesList /> <WorldList /> }.into_any(),
        false => view! { <WorldList /> <PromisesList /> }.into_any(),
    };
    view! {
        <div class="panel drawer">
            <section class="drawer-part" aria-label="Event"><EventDetails /></section>
            <section class="drawer-part" aria-label="Attempts"><AttemptsList /></section>
            // It scrolls as a whole, so the keyboard must get hold of it.
            <section class="drawer-part" aria-label="World" tabindex="0">{outside}</section>
        </div>
    }
}
