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

/// Closes a panel that is open, if one matches.
pub fn hide(selector: &str) -> bool {
    let found = document().query_selector(selector).ok().flatten();
    let panel = found.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok());
    panel.is_some_and(|panel| panel.hide_popover().is_ok())
}

/// The size of the page's letters in pixels.
pub fn rem() -> f64 {
    let root = document().document_element();
    let style = root.and_then(|root| window().get_computed_style(&root).ok().flatten());
    let size = style.and_then(|style| style.get_property_value("font-size").ok());
    size.and_then(|s| s.trim_end_matches("px").parse().ok()).unwrap_or(13.0)
}

fn element(id: &str) -> Option<web_sys::HtmlElement> {
    document().get_element_by_id(id)?.dyn_into().ok()
}
