//! Copying text: the browser's clipboard, and what is said when it refuses.

use leptos::task::spawn_local;
use wasm_bindgen_futures::JsFuture;

use crate::page::session::Session;

/// Copies, and says how it went.
pub fn copy(session: Session, text: String, done: &str) {
    let done = done.to_owned();
    spawn_local(async move {
        // `navigator.clipboard` is undefined outside a secure context, so calling it straight away would trap.
        let navigator = leptos::prelude::window().navigator();
        let there = js_sys::Reflect::get(&navigator, &"clipboard".into()).is_ok_and(|c| !c.is_undefined());
        if there && JsFuture::from(navigator.clipboard().write_text(&text)).await.is_ok() {
            session.note(&done);
        } else {
            session.complain(&format!("The browser does not let this page copy. Here it is: {text}"));
        }
    });
}
