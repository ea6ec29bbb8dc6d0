//! Saving a text as a file of the reader's.

use wasm_bindgen::{JsCast, JsValue};
use web_sys::{Blob, BlobPropertyBag, HtmlAnchorElement, Url};

use super::session::Session;

/// Offers `text` as a file of that name.
pub fn save(session: Session, name: &str, text: &str) {
    match try_save(name, text) {
        Ok(()) => session.note(&format!("{name} is saved.")),
        Err(_) => session.complain("The browser does not let this page save a file."),
    }
}

fn try_save(name: &str, text: &str) -> Result<(), JsValue> {
    let options = BlobPropertyBag::new();
    options.set_type("application/json");
    let blob = Blob::new_with_str_sequence_and_options(&js_sys::Array::of1(&text.into()), &options)?;
    let url = Url::create_object_url_with_blob(&blob)?;
    let link: HtmlAnchorElement = leptos::prelude::document().create_element("a")?.unchecked_into();
    link.set_href(&url);
    link.set_download(name);
    link.click();
    Url::revoke_object_url(&url)
}
