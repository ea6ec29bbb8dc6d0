//! The card of a mark: what there is to say about it, whether it is pointed at, touched, or walked to by keyboard.

use leptos::prelude::*;

use super::time_form::Shape;
use super::time_layout::Plot;
use super::time_marks::heap_words;
use crate::page::session::Session;
use crate::view::recording::MarkFacts;

/// The card, beside its shape.
#[component]
pub fn Card(
    /// Where things are.
    plot: Memo<Plot>,
    /// The shape that is looked at.
    looked_at: Memo<Option<Shape>>,
    /// How far the lanes are scrolled.
    scrolled: RwSignal<f64>,
    /// How much of them is seen.
    seen: Memo<f64>,
) -> impl IntoView {
    let session = Session::here();
    let facts = Memo::new(move |_| {
        let step = session.cursor.get();
        let shape = looked_at.get()?;
        Some(session.run.with(|run| match shape.mark {
            Some(place) => run.facts(place, step),
            None => MarkFacts {
                title: heap_words(&shape),
                text: "Too near to one another to be told apart: zoom in to see each.".to_owned(),
                facts: vec![],
            },
        }))
    });
    // On the side where there is more room, never over the shape: from the left, the right, the top, the bottom. As
    // properties, not as an attribute, which the page's own policy forbids.
    let place = Memo::new(move |_| {
        let auto = || "auto".to_owned();
        let Some(shape) = looked_at.get() else {
            return [auto(), auto(), auto(), auto()];
        };
        let (width, unit) = plot.with(|p| (p.layout.width, p.layout.unit));
        let (x, _) = shape.middle();
        let (top, bottom) = (shape.y - scrolled.get(), shape.y + shape.h - scrolled.get());
        let px = |length: f64| format!("{length:.0}px");
        let (left, right) = if x > width / 2.0 {
            (auto(), px((width - x - 12.0 * unit).max(4.0)))
        } else {
            (px((x - 12.0 * unit).max(4.0)), auto())
        };
        let room = seen.get();
        let (top, bottom) = if bottom > room * 0.55 && top > room * 0.3 {
            (auto(), px((room - top + 3.0).max(4.0)))
        } else {
            (px((bottom + 3.0).clamp(4.0, room * 0.7)), auto())
        };
        [left, right, top, bottom]
    });
    let side = move |side: usize| move || place.with(|place| place[side].clone());
    let told = move || {
        facts.get().map(|told| {
            let row = |(name, value): (&'static str, String)| view! { <dt>{name}</dt><dd>{value}</dd> };
            let text = (!told.text.is_empty()).then(|| view! { <p>{told.text}</p> });
            let rows = told.facts.into_iter().map(row).collect_view();
            view! {
                <div class="time-card" style:left=side(0) style:right=side(1) style:top=side(2) style:bottom=side(3)>
                    <h3>{told.title}</h3>
                    {text}
                    <dl>{rows}</dl>
                </div>
            }
        })
    };
    // Always there, so that a screen reader says what comes into it.
    view! { <div role="status" aria-label="About this mark">{told}</div> }
}
