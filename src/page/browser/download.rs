//! Saving a text as a file of the reader's.

use gloo_timers::future::TimeoutFuture;
use js_sys::Array;
use leptos::task::spawn_local;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use crate::page::session::Session;
use crate::page::session::computing::slice;

/// Offers `text` as a file of that name.
pub fn save(session: Session, name: &str, text: &str) {
    tell(session, name, &offer(name, &Array::of1(&text.into())));
}

/// The same for a text that takes time to make: part by part, in slices of time.
pub fn save_parts(session: Session, name: String, mut parts: impl Iterator<Item = String> + 'static) {
    spawn_local(async move {
        let texts = Array::new();
        loop {
            let mut text = String::new();
            let all = slice(
                |count| {
                    let before = text.len();
                    text.extend(parts.by_ref().take(count as usize));
                    text.len() == before
                },
                &mut 0,
            );
            texts.push(&text.into());
            if all {
                break;
            }
            TimeoutFuture::new(0).await;
        }
        tell(session, &name, &offer(&name, &texts));
    });
}

fn tell(session: Session, name: &str, offered: &Result<(), JsValue>) {
    match offered {
        Ok(()) => session.note(&format!("{name} is saved.")),
        Err(_) => session.complain("The browser does not let this page save a file."),
    }
}

fn offer(name: &str, texts: &Array) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(texts, &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = leptos::prelude::document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
