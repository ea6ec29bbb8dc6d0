//! Files that the visitor brings: dropped anywhere on the page, or pasted where nobody types.

use leptos::ev;
use leptos::prelude::*;
use wasm_bindgen::JsCast as _;
use web_sys::{DataTransfer, File, FileList};

use crate::page::session::Session;
use crate::page::session::intent::{Brought, Intent};

/// What a pasted history is called.
const PASTED: &str = "pasted.json";

/// Listens on the whole window from now on.
pub fn attach(session: Session) {
    let over = window_event_listener(ev::dragover, move |event| {
        if event.data_transfer().is_some_and(|data| brings_files(&data)) {
            event.prevent_default();
            session.dropping.set(true);
        }
    });
    let leave = window_event_listener(ev::dragleave, move |event| {
        // Only out of the window, not from one element to the next.
        if event.related_target().is_none() {
            session.dropping.set(false);
        }
    });
    let drop = window_event_listener(ev::drop, move |event| {
        session.dropping.set(false);
        let Some(data) = event.data_transfer() else { return };
        let brought = files(data.files());
        if !brought.is_empty() {
            event.prevent_default();
            session.intend(Intent::Open(brought));
        }
    });
    let paste = window_event_listener(ev::paste, move |event| {
        let target = event
            .target()
            .and_then(|target| target.dyn_into::<web_sys::Element>().ok());
        let types = target.is_some_and(|target| {
            let field = "input, select, textarea, [contenteditable]";
            target.closest(field).ok().flatten().is_some()
        });
        let Some(data) = event.clipboard_data().filter(|_| !types) else {
            return;
        };
        let mut brought = files(data.files());
        if brought.is_empty() {
            let text = data.get_data("text/plain").unwrap_or_default();
            if text.trim().is_empty() {
                return;
            }
            brought.push(Brought::text(PASTED, &text));
        }
        event.prevent_default();
        session.intend(Intent::Open(brought));
    });
    on_cleanup(move || {
        over.remove();
        leave.remove();
        drop.remove();
        paste.remove();
    });
}

/// The files of a list.
pub fn files(list: Option<FileList>) -> Vec<Brought> {
    let list = list
        .into_iter()
        .flat_map(|list| (0..list.length()).filter_map(move |at| list.get(at)));
    list.map(|file: File| Brought::file(&file)).collect()
}

fn brings_files(data: &DataTransfer) -> bool {
    data.types()
        .iter()
        .any(|kind| kind.as_string().as_deref() == Some("Files"))
}
