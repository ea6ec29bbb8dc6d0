//! The ground of the time picture: lanes with their names, the axis, folded gaps, and the patterns that marks are
//! filled with.

use leptos::prelude::*;

use super::recorded::Recorded;
use super::session::Session;
use super::time_layout::{Plot, fold_words, long_span};
use super::time_scale::{Piece, Tick};
use crate::base::time::{SimTime, Span};
use crate::view::recording::LaneKind;

/// Lanes, ticks, folds.
#[component]
pub fn Backdrop(
    /// Where things are.
    plot: Memo<Plot>,
) -> impl IntoView {
    let session = Session::here();
    let lanes = move || {
        let layout = plot.with(|p| p.layout);
        let lane = |(i, lane): (usize, &crate::view::recording::Lane)| {
            let narrow = layout.plot_x < 100.0 * layout.unit;
            let name = if narrow {
                lane.name.split(' ').next_back().unwrap_or_default().to_owned()
            } else {
                lane.name.clone()
            };
            let name = if narrow && lane.kind == LaneKind::Worker {
                format!("Wkr {name}")
            } else {
                name
            };
            let y = layout.lane_top(i);
            view! {
                <line class="lane-line" x1=0 x2=layout.width y1=y y2=y />
                <text class="lane-name" x=14.0 * layout.unit y=layout.lane_mid(i)>{name}</text>
            }
        };
        let bottom = layout.bottom();
        session.run.with(|run| {
            view! {
                {run.lanes.iter().enumerate().map(lane).collect_view()}
                <line class="lane-line" x1=0 x2=layout.width y1=bottom y2=bottom />
            }
        })
    };
    let ticks = move || {
        plot.with(|p| {
            let (layout, unit) = (p.layout, p.layout.unit);
            let tick = |tick: Tick| {
                let x = layout.plot_x + tick.x - p.hidden;
                (x >= layout.plot_x - 2.0 && x <= layout.width).then(|| {
                    let half = layout.text_w(&tick.label) / 2.0;
                    let room = x + half < layout.width && x > layout.plot_x + 6.0;
                    let anchor = if room {
                        "middle"
                    } else if x < layout.width / 2.0 {
                        "start"
                    } else {
                        "end"
                    };
                    // A label under the cursor's head could not be read.
                    let under = Memo::new(move |_| {
                        let cursor = plot.with(|p| p.x(session.clock.get()));
                        (x - cursor).abs() <= half * 1.12 + 5.0
                    });
                    view! {
                        <line class="tick-line" x1=x x2=x y1=26.0 * unit y2=layout.bottom() />
                        <text class="tick" class:tick-under=move || under.get() x=x y=18.0 * unit text-anchor=anchor>{tick.label}</text>
                    }
                })
            };
            // `24:00:00.23` is longer than `62.42 s`.
            let hours = session
                .run
                .with(|run| run.end_time() >= SimTime::ZERO + Span::secs(3_600));
            let apart = if hours { 92.0 } else { 68.0 };
            p.ticks(apart * unit).into_iter().map(tick).collect_view()
        })
    };
    view! {
        <Patterns />
        <g class="folds" clip-path="url(#plot-clip)">{move || session.run.with(|run| plot.with(|p| folds(run, p)))}</g>
        <g class="lanes">{lanes}</g>
        <g class="ticks" aria-hidden="true">{ticks}</g>
    }
}

/// Zigzag and words of each folded gap.
fn folds(run: &Recorded, plot: &Plot) -> impl IntoView + use<> {
    let (layout, unit) = (plot.layout, plot.layout.unit);
    let mut end = layout.plot_x;
    let fold = |piece: &Piece| {
        let (x0, x1) = (plot.x(piece.from), plot.x(piece.to));
        if !plot.sees(x0, x1) {
            return None;
        }
        let words = fold_words(run, (piece.from, piece.to));
        let short = long_span(piece.to.since(piece.from));
        let (y, zig) = (30.0 * unit, 5.0 * unit);
        let left = x0.max(layout.plot_x - 4.0) + 5.0 * unit;
        let path = format!(
            "M{left:.1} {y:.1}l{zig:.1} {zig:.1}l{:.1} {zig:.1}l{zig:.1} {zig:.1}",
            -zig
        );
        let text_x = left + zig * 2.2;
        let next = plot.scale.pieces.iter().find(|p| p.folded && p.from >= piece.to);
        let room = next.map_or(layout.width, |p| plot.x(p.from)).min(layout.width) - 4.0;
        let fits = |text: &str| text_x >= end && text_x + layout.text_w(text) <= room;
        let label = [words.clone(), short].into_iter().find(|text| fits(text));
        if let Some(label) = &label {
            end = text_x + layout.text_w(label) + 8.0;
        }
        Some(view! {
            <g class="fold">
                <title>{words}</title>
                <rect class="fold-shade" x=x0 y=y - 2.0 width=x1 - x0 height=layout.bottom() - y + 2.0 />
                <path class="fold-zig" d=path />
                {label.map(|label| view! { <text class="fold-words" x=text_x y=y + zig * 1.3>{label}</text> })}
            </g>
        })
    };
    plot.scale
        .pieces
        .iter()
        .filter(|p| p.folded)
        .map(fold)
        .collect::<Vec<_>>()
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
