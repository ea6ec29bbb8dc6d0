//! The drawer: tabs, each with a panel about the moment shown. A new panel is a file of its own, and a line here.

use leptos::ev::KeyboardEvent;
use leptos::prelude::*;

use super::attempts_list::AttemptsList;
use super::changes_panel::ChangesPanel;
use super::compare_panel::ComparePanel;
use super::event_details::EventDetails;
use super::findings_panel::FindingsPanel;
use super::state_panel::StatePanel;
use super::verdict::PromisesList;
use super::world_list::WorldList;
use crate::page::browser::focus;
use crate::page::session::Session;
use crate::page::session::intent::Intent;

/// A tab: its name, and what is under it.
type Tab = (&'static str, fn() -> AnyView);

/// In their order; the keys 1 to 7 open them.
const TABS: [Tab; 7] = [
    (EVENT, || view! { <EventDetails /> }.into_any()),
    (ATTEMPTS, || view! { <AttemptsList /> }.into_any()),
    ("State", || view! { <StatePanel /> }.into_any()),
    ("World", world),
    ("What changed", || view! { <ChangesPanel /> }.into_any()),
    ("Findings", || view! { <FindingsPanel /> }.into_any()),
    ("Compare", || view! { <ComparePanel /> }.into_any()),
];

const EVENT: &str = "Event";
const ATTEMPTS: &str = "Attempts";

/// The drawer.
#[component]
pub fn Drawer() -> impl IntoView {
    let session = Session::here();
    let open = Memo::new(move |_| place(&session.arranged.tab.read()));
    let show = move |place: usize| session.intend(Intent::ShowTab(TABS[place].0.to_owned()));
    let keys = move |event: KeyboardEvent| {
        let (now, last) = (open.get_untracked(), TABS.len() - 1);
        let next = match event.key().as_str() {
            "ArrowRight" if now == last => 0,
            "ArrowRight" => now + 1,
            "ArrowLeft" if now == 0 => last,
            "ArrowLeft" => now - 1,
            "Home" => 0,
            "End" => last,
            _ => return,
        };
        event.prevent_default();
        show(next);
        focus::focus(&tab_id(next));
    };
    let tab = move |(place, (name, _)): (usize, Tab)| {
        let is_open = move || open.get() == place;
        view! {
            <button class="tab" role="tab" id=tab_id(place) aria-controls="drawer-panel" title=format!("{name} ({})", place + 1)
                aria-selected=move || is_open().to_string() tabindex=move || if is_open() { "0" } else { "-1" }
                // The mouse leaves the keyboard where it is: the arrows go on stepping.
                on:mousedown=|event| event.prevent_default() on:click=move |_| show(place)>{name}</button>
        }
    };
    let tabs = TABS.into_iter().enumerate().map(tab).collect_view();
    view! {
        <div class="panel drawer">
            <div class="tabs" role="tablist" aria-label="About this moment" on:keydown=keys>{tabs}</div>
            <div class="drawer-panel" role="tabpanel" id="drawer-panel" aria-labelledby=move || tab_id(open.get())>
                {move || {
                    let (name, panel) = TABS[open.get()];
                    view! { <section class="drawer-part" aria-label=name>{panel()}</section> }
                }}
            </div>
        </div>
    }
}

/// Opens the tab in that place, from 1, if there is one.
pub fn show_at(session: Session, place: u8) {
    if let Some((name, _)) = TABS.get(usize::from(place).wrapping_sub(1)) {
        session.intend(Intent::ShowTab((*name).to_owned()));
    }
}

/// An event was picked: unless what is open tells of it, it is opened.
pub fn make_room_for_event(session: Session) {
    let tells = session
        .arranged
        .tab
        .with_untracked(|name| [EVENT, ATTEMPTS].contains(&name.as_str()));
    if !tells {
        session.intend(Intent::ShowTab(EVENT.to_owned()));
    }
}

/// The place of the tab of that name; the first if there is none.
fn place(name: &str) -> usize {
    TABS.iter().position(|tab| tab.0 == name).unwrap_or(0)
}

fn tab_id(place: usize) -> String {
    format!("tab-{place}")
}

fn world() -> AnyView {
    let session = Session::here();
    // At the end the promises are what one looks for.
    let ended = Memo::new(move |_| session.run.with(|run| session.cursor.get() >= run.last()));
    let parts = move || match ended.get() {
        true => view! { <PromisesList /> <WorldList /> }.into_any(),
        false => view! { <WorldList /> <PromisesList /> }.into_any(),
    };
    // It scrolls as a whole, so the keyboard must get hold of it.
    view! { <div class="panel-scroll drawer-columns" tabindex="0"><div>{parts}</div></div> }.into_any()
}
