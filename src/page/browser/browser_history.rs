//! The browser's side of the address: reads it, writes it, hears of moves. When to do which is `address_bar.rs`'s to say.
//!
//! The address always holds the moment shown. It is changed while the reader moves (a little late, since browsers limit
//! how often) and a new entry is made when another run is shown. `history.state` holds every branch, so that a reload or
//! the browser's "back" brings them all back. Where an address leads is told as an [`Intent`].

use gloo_timers::callback::Timeout;
use leptos::ev;
use leptos::prelude::*;
use serde::{Deserialize, Serialize};
use wasm_bindgen::JsValue;

use crate::page::session::Session;
use crate::page::session::address;
use crate::page::session::address_bar::{AddressBar, Entry, Order, caught_up};
use crate::page::session::branch::Branch;
use crate::page::session::intent::Intent;
use crate::page::session::subject::Subject;

/// Between two writes while the reader moves. Chromium ignores more than 200 in 10 s, Safari throws after 100 in 30 s.
const WRITES_APART_MS: f64 = 350.0;

/// A write is not part of what a key waits for.
const WRITE_AFTER_MS: f64 = 60.0;

/// Where the session storage keeps the address that was there on leaving, and the one that should have been.
const LEFT: &str = "left";

/// What `history.state` holds.
#[derive(Serialize, Deserialize)]
struct Kept {
    /// The page's mark on the entry.
    mark: u32,
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

/// The owner of a page that has just been loaded.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "any number will do"
)]
pub fn address_bar() -> AddressBar {
    AddressBar::new((js_sys::Math::random() * f64::from(u32::MAX)) as u32)
}

/// Brings back what the address and the history entry hold, and keeps both up to date from now on.
pub fn attach(session: Session) {
    catch_up();
    restore(session);
    ask(session, |bar, _| bar.begin());
    // Both: a traversal between entries with the same words changes no hash, and not every browser tells of every
    // fragment by `popstate`.
    let hash = window_event_listener(ev::hashchange, move |_| look(session));
    let state = window_event_listener(ev::popstate, move |_| look(session));
    let leaving = window_event_listener(ev::pagehide, move |_| leave(session));
    on_cleanup(move || {
        hash.remove();
        state.remove();
        leaving.remove();
    });
    let late: StoredValue<Option<Timeout>, LocalStorage> = StoredValue::new_local(None);
    let written = StoredValue::new(f64::NEG_INFINITY);
    let write = move || {
        written.set_value(js_sys::Date::now());
        keep_up(session);
    };
    Effect::new(move |_| {
        session.active.track();
        session.cursor.track();
        session.branches.track();
        session.lesson.track();
        if late.try_with_value(Option::is_some).unwrap_or(true) {
            return;
        }
        let wait = written.get_value() + WRITES_APART_MS - js_sys::Date::now();
        let wait = wait.max(WRITE_AFTER_MS);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a few hundred")]
        let timeout = Timeout::new(wait.ceil() as u32, move || {
            late.set_value(None);
            write();
        });
        late.set_value(Some(timeout));
    });
}

/// Before another run is shown by the reader's wish: the entry of the one before gets its last moment. False if the
/// visitor has gone elsewhere meanwhile, and is followed there instead.
pub fn settle(session: Session) -> bool {
    let order = match moment(session) {
        Some(left) => ask(session, |bar, seen| bar.settle(seen, &left)),
        None => ask(session, |bar, seen| bar.look(seen)),
    };
    !matches!(order, Order::Follow(_))
}

/// A new entry for the run now shown.
pub fn go_on(session: Session) {
    if let Some(now) = moment(session) {
        ask(session, |bar, seen| bar.go_on(seen, &now));
    }
}

/// A run is shown: the address may tell of it from now on.
pub fn arrive(session: Session) {
    session.address_bar.update_value(AddressBar::arrive);
}

/// The whole address of the moment shown.
pub fn link(session: Session) -> String {
    let href = window().location().href().unwrap_or_default();
    let page = href.split('#').next().unwrap_or_default();
    format!("{page}{}", moment(session).unwrap_or_default())
}

fn look(session: Session) {
    ask(session, |bar, seen| bar.look(seen));
}

fn keep_up(session: Session) {
    if moment(session).is_some() {
        ask(session, |bar, seen| bar.keep_up(seen));
    }
}

/// Asks the owner, in view of what is there, and carries out what it says. All of it in one go: nothing can happen to the
/// address between the look and the write.
fn ask(session: Session, question: impl FnOnce(&mut AddressBar, &Entry) -> Order) -> Order {
    let mut order = Order::Leave;
    session.address_bar.update_value(|bar| order = question(bar, &seen()));
    let words = moment(session).unwrap_or_default();
    let said = match &order {
        Order::Leave => return order,
        Order::Follow(mark) => {
            // With the same words, only to mark it and to keep the timelines with it.
            write(session, *mark, &fragment(), false);
            None
        }
        Order::Replace(mark) => write(session, *mark, &words, false).then_some(words.as_str()),
        Order::Push(mark) => write(session, *mark, &words, true).then_some(words.as_str()),
    };
    session.address_bar.update_value(|bar| bar.done(seen(), said));
    if let Order::Follow(_) = order {
        let text = fragment();
        // Messengers encode the colons and commas of a link.
        let text = js_sys::decode_uri_component(&text).map_or(text, String::from);
        session.intend(Intent::Visit(address::parse(&text, session.catalogue)));
    }
    order
}

/// False if the browser refuses: it was asked too often, or the page is in a sandboxed frame. The page works without.
fn write(session: Session, mark: u32, address: &str, is_new: bool) -> bool {
    let (active, cursor) = (session.active.get_untracked(), session.cursor.get_untracked());
    let keep = |b: &Branch| KeptBranch {
        id: b.id,
        run: b.subject.to_string(),
        cursor: if b.id == active { cursor } else { b.cursor },
        parent: b.parent,
        shown: b.shown,
    };
    let branches = session.branches.with_untracked(|all| all.iter().map(keep).collect());
    let state = serde_wasm_bindgen::to_value(&Kept { mark, branches }).unwrap_or(JsValue::NULL);
    let Ok(history) = window().history() else { return false };
    // An empty address would take the fragment away.
    let address = (!address.is_empty()).then_some(address);
    let written = if is_new {
        history.push_state_with_url(&state, "", address)
    } else {
        history.replace_state_with_url(&state, "", address)
    };
    written.is_ok()
}

/// Keeps the moment that the address does not tell yet. Not in the address: a reload that is under way reads it no more.
fn leave(session: Session) {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    let left = moment(session).and_then(|now| session.address_bar.with_value(|bar| bar.leave(&seen(), &now)));
    // Storage may be full or forbidden; then the last steps are lost, and nothing else.
    match left {
        Some(left) => storage.set_item(LEFT, &left).ok(),
        None => storage.remove_item(LEFT).ok(),
    };
}

fn catch_up() {
    let Ok(Some(storage)) = window().session_storage() else {
        return;
    };
    let Ok(Some(left)) = storage.get_item(LEFT) else { return };
    storage.remove_item(LEFT).ok();
    let Some(now) = caught_up(&fragment(), &left, is_reload(), address::run_of) else {
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

fn restore(session: Session) {
    let Some(kept) = kept() else { return };
    let back = kept.branches.into_iter().filter_map(|b| {
        Some(Branch {
            id: b.id,
            subject: Subject::read(&b.run, session.catalogue).ok()?,
            shown: b.shown,
            run: None,
            cursor: b.cursor,
            parent: b.parent,
        })
    });
    session.branches.set(back.collect());
}

fn kept() -> Option<Kept> {
    let state = window().history().and_then(|h| h.state()).ok()?;
    serde_wasm_bindgen::from_value(state).ok()
}

fn seen() -> Entry {
    Entry {
        fragment: fragment(),
        mark: kept().map(|kept| kept.mark),
    }
}

fn fragment() -> String {
    window().location().hash().unwrap_or_default()
}

/// The moment shown, as an address; none before there is one.
pub fn moment(session: Session) -> Option<String> {
    let subject = session.branch(session.active.get_untracked())?.subject;
    let at = session.cursor.get_untracked();
    let shown = session.run.with_untracked(|run| {
        let shown = run.shown();
        (shown != run.current(0, at)).then_some(shown)
    });
    let lesson = session.lesson.get_untracked().spelled(session.catalogue.lessons());
    Some(address::print(&subject, at, shown) + &lesson)
}
