//! The lines between panels that can be moved: by mouse and touch, and by keyboard like a slider. A double click puts one
//! back where it usually stands.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html::Div;
use leptos::prelude::*;

use super::arranged::Split;
use crate::page::session::Session;
use crate::page::session::intent::Intent;

/// Per cent that an arrow key moves it; with shift, or Page Up and Page Down, ten times that.
const NUDGE: f64 = 1.0;

/// A splitter. It measures itself against what is around it, its parent; the picture's against the window.
#[component]
pub fn Splitter(
    /// Which one.
    split: Split,
) -> impl IntoView {
    let session = Session::here();
    let line = NodeRef::<Div>::new();
    let stands = Memo::new(move |_| session.arranged.splits.with(|splits| splits.of(split)));
    let put = move |percent: f64| session.intend(Intent::MoveSplit(split, percent));
    let upright = split == Split::Columns;
    // How far the pointer is from the middle of the line, from taking hold of it to letting go.
    let held = StoredValue::new(None::<f64>);
    let at = move |event: &PointerEvent| f64::from(if upright { event.client_x() } else { event.client_y() });
    let take = move |event: PointerEvent| {
        let Some(line) = line.get_untracked().filter(|_| event.button() == 0) else {
            return;
        };
        event.prevent_default();
        line.focus().ok();
        // Fails only if the pointer is gone already.
        line.set_pointer_capture(event.pointer_id()).ok();
        let rect = line.get_bounding_client_rect();
        let start = if upright { rect.left() } else { rect.top() };
        held.set_value(Some(at(&event) - start));
    };
    let drag = move |event: PointerEvent| {
        let Some((held, line)) = held.get_value().zip(line.get_untracked()) else {
            return;
        };
        let Some(around) = line.parent_element() else { return };
        let rect = around.get_bounding_client_rect();
        let whole = match split {
            Split::Columns => rect.width(),
            Split::Code => rect.height(),
            Split::Picture => window().inner_height().ok().and_then(|h| h.as_f64()).unwrap_or(1.0),
        };
        let start = if upright { rect.left() } else { rect.top() };
        // What lies between picture and splitter keeps its height.
        let fixed = match split {
            Split::Picture => line
                .previous_element_sibling()
                .map_or(0.0, |lines| lines.get_bounding_client_rect().height()),
            Split::Columns | Split::Code => 0.0,
        };
        put((at(&event) - held - start - fixed) / whole * 100.0);
    };
    let keys = move |event: KeyboardEvent| {
        let now = stands.get_untracked();
        let nudge = if event.shift_key() { NUDGE * 10.0 } else { NUDGE };
        let (least, most) = split.range();
        let next = match event.key().as_str() {
            "ArrowLeft" if upright => now - nudge,
            "ArrowRight" if upright => now + nudge,
            "ArrowUp" if !upright => now - nudge,
            "ArrowDown" if !upright => now + nudge,
            "PageUp" => now - NUDGE * 10.0,
            "PageDown" => now + NUDGE * 10.0,
            "Home" => least,
            "End" => most,
            _ => return,
        };
        event.prevent_default();
        put(next);
    };
    let (least, most) = split.range();
    view! {
        <div class=format!("splitter splitter-{}", split.word()) role="separator" tabindex="0" node_ref=line
            aria-label=split.name() aria-orientation=if upright { "vertical" } else { "horizontal" }
            aria-valuemin=least.to_string() aria-valuemax=most.to_string()
            aria-valuenow=move || format!("{:.0}", stands.get()) aria-valuetext=move || format!("{:.0} %", stands.get())
            title="Drag, or use the arrow keys; double click puts it back"
            on:pointerdown=take on:pointermove=drag on:pointerup=move |_| held.set_value(None)
            on:pointercancel=move |_| held.set_value(None) on:keydown=keys on:dblclick=move |_| put(split.usual()) />
    }
}
