//! What the browser's history keeps for the page: the address, and the state of each entry.
//!
//! The address always holds the moment shown. It is replaced while the reader moves (a little late, since browsers
//! limit how often) and pushed when another run is shown. `history.state` holds every branch, so that a reload or the
//! browser's "back" brings them all back.

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::{JsCast, JsValue};

use super::address::{self, Address};
use super::branch::Branch;
use super::computing::{self, Goal, Travel, Trip};
use super::session::Session;

/// Chromium ignores more than 200 writes in 10 s, Safari throws after 100 in 30 s.
const WRITE_LATE_MS: u32 = 350;

/// Where the session storage keeps the address that was there on leaving, and the one that should have been.
const LEFT: &str = "left";

/// What `history.state` holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    branches: Vec<KeptBranch>,
}

#[derive(Serialize, Deserialize)]
struct KeptBranch {
    id: u32,
    run: String,
    cursor: u32,
    parent: Option<u32>,
    #[serde(default)]
    shown: u32,
}

/// Brings back what the address and the history entry hold, and keeps both up to date from now on.
pub fn attach(session: Session) {
    catch_up();
    restore(session);
    visit(session);
    let handle = window_event_listener(ev::hashchange, move |_| {
        if fragment() != address_of(session) {
            visit(session);
        }
    });
    on_cleanup(move || handle.remove());
    let leaving = window_event_listener(ev::pagehide, move |_| leave(session));
    on_cleanup(move || leaving.remove());
    let late: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    Effect::new(move |_| {
        session.active.track();
        session.cursor.track();
        session.branches.track();
        let pending = late.try_update_value(|t| t.is_some()).unwrap_or(true);
        if !pending {
            late.set_value(Some(Timeout::new(WRITE_LATE_MS, move || {
                late.set_value(None);
                write(session, false);
            })));
        }
    });
}

/// A new history entry for the run now shown.
pub fn push(session: Session) {
    write(session, !fragment().is_empty() && fragment() != address_of(session));
}

/// The whole address of the moment shown.
pub fn link(session: Session) -> String {
    let href = window().location().href().unwrap_or_default();
    format!("{}{}", href.split('#').next().unwrap_or_default(), address_of(session))
}

/// Keeps the moment that the address does not tell yet. Not in the address: a reload that is under way reads it no more.
fn leave(session: Session) {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    let (told, now) = (fragment(), address_of(session));
    // Storage may be full or forbidden; then the last steps are lost, and nothing else.
    if now.is_empty() || told == now {
        storage.remove_item(LEFT).ok();
    } else {
        storage.set_item(LEFT, &format!("{told}\n{now}")).ok();
    }
}

/// Brings the address up to the moment that was left, if it is still the address that was left. A reload may have read
/// the address before its last change: then it is enough if the run is the same.
fn catch_up() {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    let Ok(Some(left)) = storage.get_item(LEFT) else { return };
    storage.remove_item(LEFT).ok();
    let here = fragment();
    let is_left = |told: &str| told == here || (is_reload() && address::run_of(told) == address::run_of(&here));
    let Some((_, now)) = left.split_once('\n').filter(|(told, _)| is_left(told)) else {
        return;
    };
    if let Ok(history) = window().history() {
        let state = history.state().unwrap_or(JsValue::NULL);
        history.replace_state_with_url(&state, "", Some(now)).ok();
    }
}

/// Whether this document is there because somebody asked for it once more.
fn is_reload() -> bool {
    const RELOAD: f64 = 1.0;
    let get = |of: &JsValue, name: &str| js_sys::Reflect::get(of, &name.into()).unwrap_or(JsValue::UNDEFINED);
    let performance = get(&window(), "performance");
    get(&get(&performance, "navigation"), "type").as_f64() == Some(RELOAD)
}

/// Shows what the address says.
fn visit(session: Session) {
    let Address {
        spec,
        at,
        shown,
        problems,
    } = address::parse(&fragment(), session.catalogue);
    // What was said of the address before is not true of this one.
    session.hush();
    if !problems.is_empty() {
        let title = session
            .stories
            .with_value(|all| all.iter().find(|s| s.id == spec.story).map(|s| s.title.clone()));
        session.complain(&format!(
            "{} Shown instead: the start of “{}”, seed {}.",
            problems.join(" "),
            title.unwrap_or_default(),
            spec.seed
        ));
    }
    let trip = Trip {
        travel: Travel::Stay,
        shown: Some(shown),
        ..Trip::to(Goal::At(at.unwrap_or(0)))
    };
    computing::open(session, spec, None, trip);
}

fn fragment() -> String {
    let hash = window().location().hash().unwrap_or_default();
    // Messengers encode the colons and commas of a link.
    js_sys::decode_uri_component(&hash).map_or(hash, String::from)
}

fn address_of(session: Session) -> String {
    session
        .spec()
        .map(|spec| {
            let shown = session.run.with_untracked(|run| run.shown);
            address::print(&spec, session.cursor.get_untracked(), shown)
        })
        .unwrap_or_default()
}

fn restore(session: Session) {
    let Ok(state) = window().history().and_then(|h| h.state()) else {
        return;
    };
    let Ok(kept) = serde_wasm_bindgen::from_value::<Kept>(state) else {
        return;
    };
    let back = kept.branches.into_iter().filter_map(|b| {
        let spec = session.catalogue.spec(&b.run).ok()?;
        Some(Branch {
            id: b.id,
            spec,
            shown: b.shown,
            run: None,
            cursor: b.cursor,
            parent: b.parent,
        })
    });
    session.branches.set(back.collect());
}

fn write(session: Session, push: bool) {
    if session.active.get_untracked() == 0 {
        return;
    }
    let (active, cursor) = (session.active.get_untracked(), session.cursor.get_untracked());
    let branches = session.branches.with_untracked(|all| {
        all.iter()
            .map(|b| KeptBranch {
                id: b.id,
                run: b.spec.to_string(),
                cursor: if b.id == active { cursor } else { b.cursor },
                parent: b.parent,
                shown: b.shown,
            })
            .collect()
    });
    let state = serde_wasm_bindgen::to_value(&Kept { branches }).unwrap_or(JsValue::NULL);
    let address = address_of(session);
    let Ok(history) = window().history() else { return };
    // Browsers refuse when asked too often, or in a sandboxed frame; the page works without.
    if push {
        history.push_state_with_url(&state, "", Some(&address)).ok();
    } else {
        history.replace_state_with_url(&state, "", Some(&address)).ok();
    }
}

/// Moves the keyboard's focus.
pub fn focus(id: &str) {
    if let Some(element) = element(id) {
        element.focus().ok();
    }
}

/// Opens a panel that the browser itself closes again.
pub fn open(id: &str) {
    if let Some(element) = element(id) {
        element.show_popover().ok();
    }
}

fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}

/// Gives the keyboard's focus back to the page.
pub fn blur() {
    let element = document()
        .active_element()
        .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        element.blur().ok();
    }
}
