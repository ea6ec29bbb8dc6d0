//! The drawer: the event, the attempts, the world. Three columns, one moment.

use leptos::prelude::*;

use super::attempts_list::AttemptsList;
use super::event_details::EventDetails;
use super::verdict::PromisesList;
use super::world_list::WorldList;

/// The drawer.
#[component]
pub fn Drawer() -> impl IntoView {
    view! {
        <div class="panel drawer">
            <section class="drawer-part" aria-label="Event"><EventDetails /></section>
            <section class="drawer-part" aria-label="Attempts"><AttemptsList /></section>
            <section class="drawer-part" aria-label="World"><WorldList /><PromisesList /></section>
        </div>
    }
}
