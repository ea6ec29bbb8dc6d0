//! The marks of the time picture, drawn: bands at the back, then the lines to the world, then bars and dots.

use leptos::prelude::*;

use super::icons::icon_at;
use super::session::Session;
use super::time_layout::Plot;
use super::time_marks::{Shape, shapes};

/// Everything that has begun.
#[component]
pub fn Marks(
    /// Where things are.
    plot: Memo<Plot>,
) -> impl IntoView {
    let session = Session::here();
    let all = Memo::new(move |_| {
        let (step, now) = (session.cursor.get(), session.clock.get());
        session.run.with(|run| plot.with(|p| shapes(run, p, step, now)))
    });
    let some = move |wanted: fn(&Shape) -> bool| {
        move || all.with(|all| all.iter().filter(|s| wanted(s)).cloned().collect::<Vec<_>>())
    };
    let unit = Memo::new(move |_| plot.with(|p| p.layout.unit));
    let around = move || {
        let picked = session.event.get();
        all.with(|all| {
            all.iter()
                .find(|s| s.dot && s.event == picked && picked.is_some())
                .map(|s| ring(s, unit.get()))
        })
    };
    // Bands first, then connecting lines, then bars and dots: nothing small is hidden by something large. By their looks,
    // so that a frame in which the clock moves draws only what has changed.
    view! {
        <clipPath id="plot-clip">
            <rect x=move || plot.with(|p| p.layout.plot_x - 8.0 * p.layout.unit) y=0 width=move || plot.with(|p| p.layout.width)
                height=move || plot.with(|p| p.layout.height) />
        </clipPath>
        <g class="marks" clip-path="url(#plot-clip)">
            <For each=some(Shape::is_band) key=Shape::key let:shape>{shape_view(shape, unit.get_untracked())}</For>
            <For each=some(|s| s.from_y.is_some()) key=Shape::key let:shape>{connector(&shape)}</For>
            <For each=some(|s| !s.is_band()) key=Shape::key let:shape>{shape_view(shape, unit.get_untracked())}</For>
            {around}
        </g>
    }
}

/// Around the event that is picked.
fn ring(s: &Shape, unit: f64) -> impl IntoView + use<> {
    let (cx, cy) = (s.x + s.w / 2.0, s.y + s.h / 2.0);
    view! { <circle class="mark-ring" cx=cx cy=cy r=s.h / 2.0 + 3.0 * unit /> }
}

fn connector(shape: &Shape) -> Option<impl IntoView + use<>> {
    let from = shape.from_y?;
    let x = shape.x + shape.w / 2.0;
    let class = format!("{} connector", shape.class);
    Some(view! { <line class=class x1=x x2=x y1=from y2=shape.y /> })
}

fn shape_view(s: Shape, unit: f64) -> impl IntoView {
    let radius = if s.dot {
        s.h / 2.0
    } else if s.is_band() {
        0.0
    } else {
        3.0 * unit
    };
    let glyph = s.glyph.map(|g| {
        let size = (s.h * 0.66).min(12.0 * unit);
        let lead = if s.label.is_some() || s.w > 40.0 * unit {
            5.0 * unit
        } else {
            (s.w - size) / 2.0
        };
        icon_at(g, s.x + lead, s.y + (s.h - size) / 2.0, size, "mark-glyph")
    });
    let label = s.label.map(|l| {
        let class = if l.on_bar {
            "mark-label mark-label-on"
        } else {
            "mark-label mark-label-beside"
        };
        view! { <text class=class x=l.x y=l.y>{l.text}</text> }
    });
    view! {
        <g class=s.class>
            <title>{s.tip}</title>
            <rect class="mark-shape" x=s.x y=s.y width=s.w height=s.h rx=radius data-event=s.dot.then_some(s.event).flatten() />
            {glyph}
            {label}
        </g>
    }
}
