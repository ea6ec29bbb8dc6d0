//! Temporal's terms where they stand in a text: a touch, the mouse or the focus brings the two sentences of the glossary
//! and the way to the documentation.

use std::sync::atomic::{AtomicU32, Ordering};

use leptos::html::{Button, Span};
use leptos::prelude::*;
use wasm_bindgen::JsCast;

use crate::page::browser::focus;
use crate::view::glossary::{Piece, TERMS, Term, pieces};

/// The narrowest margin between a card and the edge of the window.
const MARGIN: f64 = 8.0;
/// As wide as the card is, in letters of the page: `style/lesson.css` says the same.
const CARD_REM: f64 = 26.0;

/// Tells the cards apart.
static NEXT: AtomicU32 = AtomicU32::new(0);

/// A text in which every term explains itself.
pub fn explained(text: &str) -> impl IntoView + use<> {
    pieces(text)
        .into_iter()
        .map(|piece| match piece {
            Piece::Plain(words) => words.to_owned().into_any(),
            Piece::Term(words, term) => named(words.to_owned(), term).into_any(),
        })
        .collect_view()
}

/// All terms, for whoever wants to read the glossary.
pub fn glossary() -> impl IntoView {
    let entry = |term: &Term| {
        view! {
            <div class="glossary-entry"><dt>{link(term, term.name)}</dt><dd>{term.text}</dd></div>
        }
    };
    view! { <dl class="glossary">{TERMS.iter().map(entry).collect_view()}</dl> }
}

fn link(term: &Term, words: &'static str) -> impl IntoView + use<> {
    view! { <a href=term.url() target="_blank" rel="noreferrer">{words}</a> }
}

/// Whether the focus only goes from one part of the term to another: the card must not close under it.
fn stays(event: &web_sys::FocusEvent) -> bool {
    let part_of = |target: Option<web_sys::EventTarget>| target?.dyn_into::<web_sys::Element>().ok();
    let place = part_of(event.current_target());
    let next = part_of(event.related_target());
    place.zip(next).is_some_and(|(place, next)| place.contains(Some(&next)))
}

fn named(words: String, term: &'static Term) -> impl IntoView {
    let id = format!("term-{}", NEXT.fetch_add(1, Ordering::Relaxed));
    let (button, card) = (NodeRef::<Button>::new(), NodeRef::<Span>::new());
    let (pointed, focused) = (StoredValue::new(false), StoredValue::new(false));
    let show = move || {
        let (Some(button), Some(card)) = (button.get_untracked(), card.get_untracked()) else {
            return;
        };
        let rect = button.get_bounding_client_rect();
        let width = |of: Result<wasm_bindgen::JsValue, _>| of.ok().and_then(|n| n.as_f64()).unwrap_or(0.0);
        let (wide, high) = (width(window().inner_width()), width(window().inner_height()));
        let room = (CARD_REM * focus::rem()).min(wide - 2.0 * MARGIN);
        let left = rect.left().min(wide - room - MARGIN).max(MARGIN);
        // No gap between the two: the pointer goes from one to the other. Above where there is more room.
        let (top, bottom) = match rect.bottom() > high * 0.7 {
            true => ("auto".to_owned(), format!("{}px", high - rect.top())),
            false => (format!("{}px", rect.bottom()), "auto".to_owned()),
        };
        let style = web_sys::HtmlElement::style(&card);
        for (side, length) in [("left", format!("{left}px")), ("top", top), ("bottom", bottom)] {
            // Throws only for a style that is computed.
            style.set_property(side, &length).ok();
        }
        // Throws only if it is shown already.
        card.show_popover().ok();
    };
    let settle = move || {
        if pointed.get_value() || focused.get_value() {
            return show();
        }
        if let Some(card) = card.get_untracked() {
            card.hide_popover().ok();
        }
    };
    let note = move |of: StoredValue<bool>, is: bool| {
        of.set_value(is);
        settle();
    };
    view! {
        <span class="term-place" on:pointerenter=move |_| note(pointed, true) on:pointerleave=move |_| note(pointed, false)
            on:focusin=move |_| note(focused, true) on:focusout=move |event| note(focused, stays(&event))>
            <button class="term" type="button" node_ref=button aria-describedby=id.clone() on:click=move |_| show()>{words}</button>
            <span class="term-card" id=id popover="manual" node_ref=card>
                <b>{term.name}</b> " " {term.text} " " {link(term, "Temporal's documentation")}
            </span>
        </span>
    }
}
