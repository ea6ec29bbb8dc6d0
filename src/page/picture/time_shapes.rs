//! The shapes of the time picture, drawn: bands at the back, then the lines between things, then bars, ticks and dots.

use leptos::prelude::*;

use super::time_form::{Form, Shape};
use super::time_layout::Plot;
use super::time_marks::flows;
use crate::page::session::Session;
use crate::page::words::icons::icon_at;

/// Everything that has begun.
#[component]
pub fn Marks(
    /// Where things are.
    plot: Memo<Plot>,
    /// What there is to draw.
    all: Memo<Vec<Shape>>,
    /// The shape that is looked at.
    looked_at: Memo<Option<Shape>>,
) -> impl IntoView {
    let session = Session::here();
    let some = move |wanted: fn(&Shape) -> bool| {
        move || all.with(|all| all.iter().filter(|s| wanted(s)).cloned().collect::<Vec<_>>())
    };
    let unit = Memo::new(move |_| plot.with(|p| p.layout.unit));
    let around = move || {
        let picked = session.event.get();
        all.with(|all| {
            all.iter()
                .find(|s| s.form == Form::Dot && s.event == picked && picked.is_some())
                .map(|s| ring(s, unit.get()))
        })
    };
    let flowing = Memo::new(move |_| {
        let (step, looked_at) = (
            session.cursor.get(),
            looked_at.with(|s| s.as_ref().and_then(|s| s.mark)),
        );
        session
            .run
            .with(|run| plot.with(|p| all.with(|all| flows(run, p, all, step, looked_at))))
    });
    let flow_lines = move || {
        let line = |flow: super::time_marks::Flow| {
            let class = format!("flow {}", flow.class);
            view! { <path class=class d=flow.path /> }
        };
        flowing.get().into_iter().map(line).collect_view()
    };
    let outline = move || {
        looked_at.get().map(|s| {
            let pad = 2.0 * unit.get();
            view! {
                <rect class="mark-looked" x=s.x - pad y=s.y - pad width=s.w + 2.0 * pad height=s.h + 2.0 * pad rx=3.0 * unit.get() />
            }
        })
    };
    // Bands first, then connecting lines, then bars and dots: nothing small is hidden by something large, and words lie
    // above all. By their looks, so that a frame in which the clock moves draws only what has changed.
    view! {
        <clipPath id="plot-clip">
            <rect x=move || plot.with(|p| p.layout.plot_x - 8.0 * p.layout.unit) y=0 width=move || plot.with(|p| p.layout.width)
                height=move || plot.with(|p| p.layout.height) />
        </clipPath>
        <g class="marks" clip-path="url(#plot-clip)">
            <For each=some(|s| s.form == Form::Band) key=Shape::looks let:shape>{shape_view(shape, unit.get_untracked())}</For>
            <For each=some(|s| s.from_y.is_some()) key=Shape::looks let:shape>{connector(&shape)}</For>
            {flow_lines}
            <For each=some(|s| s.form != Form::Band) key=Shape::looks let:shape>{shape_view(shape, unit.get_untracked())}</For>
            <For each=some(|s| s.form == Form::Band && s.label.is_some()) key=Shape::looks let:shape>{band_words(shape, unit.get_untracked())}</For>
            {around}
            {outline}
        </g>
    }
}

/// Around the event that is picked.
fn ring(s: &Shape, unit: f64) -> impl IntoView + use<> {
    let (cx, cy) = s.middle();
    view! { <circle class="mark-ring" cx=cx cy=cy r=s.h / 2.0 + 3.0 * unit /> }
}

fn connector(shape: &Shape) -> Option<impl IntoView + use<>> {
    let from = shape.from_y?;
    let x = shape.x + shape.w / 2.0;
    let class = format!("{} {} connector", shape.class.0, shape.class.1);
    Some(view! { <line class=class x1=x x2=x y1=from y2=shape.y /> })
}

/// A shape, with its glyph and words.
pub fn shape_view(s: Shape, unit: f64) -> impl IntoView {
    let radius = match s.form {
        Form::Dot => s.h / 2.0,
        Form::Band | Form::Tick => 0.0,
        Form::Bar => 3.0 * unit,
    };
    // The words of a band lie above all that lies on it.
    let words = s.form != Form::Band;
    let glyph = s.glyph.filter(|_| words || s.label.is_none()).map(|g| {
        let size = (s.h * 0.66).min(12.0 * unit);
        let lead = if s.w > 40.0 * unit || s.label.as_ref().is_some_and(|label| label.on_bar) {
            5.0 * unit
        } else {
            (s.w - size) / 2.0
        };
        icon_at(g, s.x + lead, s.y + (s.h - size) / 2.0, size, "mark-glyph")
    });
    // What is still to come of a timer drains away from the left.
    let left = s.left.map(|left| {
        view! { <rect class="mark-left" x=left y=s.y width=(s.x + s.w - left).max(0.0) height=s.h rx=radius.min(2.0) /> }
    });
    let label = s.label.filter(|_| words).map(|l| {
        let class = if l.on_bar {
            "mark-label mark-label-on"
        } else {
            "mark-label mark-label-beside"
        };
        view! { <text class=class x=l.x y=l.y>{l.text.to_string()}</text> }
    });
    view! {
        <g class=format!("{} {}", s.class.0, s.class.1)>
            <rect class="mark-shape" x=s.x y=s.y width=s.w height=s.h rx=radius />
            {left}
            {glyph}
            {label}
        </g>
    }
}

/// What is said of a band, with its glyph beside the words, wherever these are.
fn band_words(s: Shape, unit: f64) -> impl IntoView {
    let size = 12.0 * unit;
    let class = if s.label.as_ref().is_some_and(|label| label.on_bar) {
        "mark-label mark-label-on"
    } else {
        "mark-label mark-label-beside"
    };
    s.label.map(|l| {
        let x = l.x - size - 4.0 * unit;
        let glyph = s.glyph.filter(|_| x >= s.x);
        let glyph = glyph.map(|glyph| icon_at(glyph, x, l.y - size / 2.0, size, "mark-glyph"));
        view! {
            <g class=format!("{} {}", s.class.0, s.class.1)>
                {glyph}
                <text class=class x=l.x y=l.y>{l.text.to_string()}</text>
            </g>
        }
    })
}
