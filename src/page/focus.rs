//! The keyboard's focus, and the panels that the browser itself opens and closes.

use leptos::prelude::*;
use wasm_bindgen::JsCast;

/// Moves the focus to the element of that id.
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

/// Closes a panel that the browser has opened.
pub fn close(id: &str) {
    if let Some(element) = element(id) {
        element.hide_popover().ok();
    }
}

/// Scrolls what is around the element until it is in sight.
pub fn show(id: &str) {
    if let Some(element) = element(id) {
        let options = web_sys::ScrollIntoViewOptions::new();
        options.set_block(web_sys::ScrollLogicalPosition::Nearest);
        element.scroll_into_view_with_scroll_into_view_options(&options);
    }
}

/// Gives the focus back to the page.
pub fn blur() {
    let element = document()
        .active_element()
        .and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    if let Some(element) = element {
        element.blur().ok();
    }
}

fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
