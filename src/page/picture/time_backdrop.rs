//! The ground of the time picture: lanes with their names and folded gaps below the marks, and the axis above all, which
//! stays where it is while the lanes scroll.

use leptos::prelude::*;

use super::time_layout::{AXIS_LETTERS, FoldLabel, Layout, Plot, fold_words};
use super::time_scale::Tick;
use crate::page::session::Session;
use crate::page::session::recorded::Recorded;
use crate::view::recording::{Lane, LaneKind};

/// Lanes, the lines of the axis, the shades of folds.
#[component]
pub fn Backdrop(
    /// Where things are.
    plot: Memo<Plot>,
    /// The lines of the axis.
    ticks: Memo<Vec<Tick>>,
) -> impl IntoView {
    let session = Session::here();
    let layout = Memo::new(move |_| plot.with(|p| p.layout.clone()));
    let lanes = move || {
        let layout = layout.get();
        let bottom = layout.bottom();
        let lane = |(i, lane): (u32, &Lane)| {
            let name = lane_name(lane, &layout);
            let y = layout.lane_top(i);
            let whole = name.ends_with('…').then(|| lane.name.clone());
            let whole = whole.map(|whole| view! { <title>{whole}</title> });
            view! {
                <line class="lane-line" x1=0 x2=layout.width y1=y y2=y />
                <text class="lane-name" data-testid="lane" x=14.0 * layout.unit y=layout.lane_mid(i)>{whole}{name}</text>
            }
        };
        session.run.with(|run| {
            view! {
                {(0..).zip(&run.lanes).map(lane).collect_view()}
                <line class="lane-line" x1=0 x2=layout.width y1=bottom y2=bottom />
            }
        })
    };
    let lines = move || {
        let (top, bottom) = layout.with(|l| (l.lanes_y, l.bottom()));
        let line = |tick: Tick| view! { <line class="tick-line" x1=tick.x x2=tick.x y1=top y2=bottom /> };
        ticks.get().into_iter().map(line).collect_view()
    };
    let shades = move || {
        let (top, bottom) = layout.with(|l| (l.lanes_y, l.bottom()));
        let shade = |fold: FoldLabel| {
            view! { <rect class="fold-shade" x=fold.x0 y=top width=fold.x1 - fold.x0 height=bottom - top /> }
        };
        plot.with(Plot::folds).into_iter().map(shade).collect_view()
    };
    view! {
        <Patterns />
        <g class="folds" clip-path="url(#plot-clip)">{shades}</g>
        <g class="lanes">{lanes}</g>
        <g class="ticks" aria-hidden="true">{lines}</g>
    }
}

/// The name of a lane, cut where its column ends.
fn lane_name(lane: &Lane, layout: &Layout) -> String {
    let narrow = layout.plot_x < 100.0 * layout.unit;
    let name = match (narrow, lane.kind) {
        (true, LaneKind::Worker) => lane.name.replacen("Worker", "Wkr", 1),
        (true, LaneKind::Others) => "Others".to_owned(),
        (true, LaneKind::Queue) => "Queue".to_owned(),
        _ => lane.name.clone(),
    };
    let room = layout.plot_x - 24.0 * layout.unit;
    if layout.text_w(&name) <= room {
        return name;
    }
    let mut cut = String::new();
    for c in name.chars() {
        if layout.text_w(&cut) + 2.0 * layout.letter_w > room {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

/// The labels of the axis, and the words of folds.
#[component]
pub fn Axis(
    /// Where things are.
    plot: Memo<Plot>,
    /// The lines of the axis.
    ticks: Memo<Vec<Tick>>,
) -> impl IntoView {
    let session = Session::here();
    let measures = Memo::new(move |_| plot.with(|p| (p.layout.width, p.layout.lanes_y, p.layout.unit)));
    let labels = move || {
        let unit = measures.get().2;
        let tick = |tick: Tick| {
            let x = tick.x;
            let half = plot.with_untracked(|p| p.layout.text_w(&tick.label)) * AXIS_LETTERS / 2.0;
            // A label under the cursor's head could not be read.
            let under = Memo::new(move |_| {
                let cursor = plot.with(|p| p.x(session.clock.get()));
                (x - cursor).abs() <= half + 8.0 * unit
            });
            view! {
                <text class="tick" class:tick-under=move || under.get() x=x y=14.0 * unit text-anchor="middle">{tick.label}</text>
            }
        };
        ticks.get().into_iter().map(tick).collect_view()
    };
    let folds = move || session.run.with(|run| plot.with(|p| folds(run, p)));
    view! {
        <rect class="axis-ground" x=0 y=0 width=move || measures.get().0 height=move || measures.get().1 />
        <g class="ticks" data-testid="axis" aria-hidden="true">{labels}</g>
        <g class="folds" clip-path="url(#plot-clip)">{folds}</g>
    }
}

/// Zigzag and length of each folded gap.
fn folds(run: &Recorded, plot: &Plot) -> impl IntoView + use<> {
    let (layout, unit) = (&plot.layout, plot.layout.unit);
    let (y, zig) = (23.0 * unit, 4.0 * unit);
    let fold = |fold: FoldLabel| {
        let words = fold_words(run, fold.gap);
        let edge = |x: f64| {
            format!(
                "M{x:.1} {y:.1}l{zig:.1} {zig:.1}l{:.1} {zig:.1}l{zig:.1} {zig:.1}l{:.1} {zig:.1}l{zig:.1} {zig:.1}",
                -zig, -zig
            )
        };
        let path = edge(fold.x0 - zig / 2.0) + &edge(fold.x1 - zig / 2.0);
        let label = fold.label.map(|(x, label)| {
            view! { <text class="fold-words" x=x y=y + zig * 2.5>{label}</text> }
        });
        view! {
            <g class="fold">
                <title>{words}</title>
                <rect class="fold-shade" x=fold.x0 y=y width=fold.x1 - fold.x0 height=layout.lanes_y - y />
                <path class="fold-zig" d=path />
                {label}
            </g>
        }
    };
    plot.folds().into_iter().map(fold).collect::<Vec<_>>()
}

#[component]
fn Patterns() -> impl IntoView {
    view! {
        <defs>
            <pattern id="hatch-dead" width="8" height="8" patternUnits="userSpaceOnUse" patternTransform="rotate(-45)">
                <rect class="hatch-dead-fill" width="8" height="8" />
                <line class="hatch-dead-line" x1="0" x2="8" y1="1" y2="1" />
            </pattern>
            <pattern id="hatch-backoff" width="5" height="8" patternUnits="userSpaceOnUse">
                <line class="hatch-backoff-line" x1="1" x2="1" y1="0" y2="8" />
            </pattern>
            <pattern id="hatch-lost" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">
                <rect class="hatch-lost-fill" width="6" height="6" />
                <line class="hatch-lost-line" x1="0" x2="6" y1="1" y2="1" />
            </pattern>
        </defs>
    }
}
