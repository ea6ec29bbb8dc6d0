//! From a recording's marks to shapes with places, and labels that never meet. Plain arithmetic, drawn by
//! `time_picture.rs`.

use super::branch::Run;
use super::icons::{Icon, of_category, of_outcome};
use super::time_layout::{Layout, Plot};
use crate::base::time::SimTime;
use crate::view::recording::{Mark, MarkKind, Outcome};

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// What it is, and how it ended: classes.
    pub class: String,
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, at least [`MIN_W`].
    pub w: f64,
    /// Height.
    pub h: f64,
    /// A dot rather than a bar.
    pub dot: bool,
    /// The glyph of its outcome, where there is room.
    pub glyph: Option<Icon>,
    /// Its label, where there is room.
    pub label: Option<Label>,
    /// The sentence for the tooltip.
    pub tip: String,
    /// The event it belongs to.
    pub event: Option<u32>,
    /// Where a line leads from it to the worker that did it.
    pub from_y: Option<f64>,
}

/// A placed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Left edge.
    pub x: f64,
    /// Middle of the line.
    pub y: f64,
    /// The words.
    pub text: String,
    /// It stands on the bar, not beside it.
    pub on_bar: bool,
}

/// Narrower marks are drawn so wide.
pub const MIN_W: f64 = 6.0;

/// Draws what has begun by `step`; what has not ended reaches to `now`.
pub fn shapes(run: &Run, plot: &Plot, step: u32, now: SimTime) -> Vec<Shape> {
    let layout = &plot.layout;
    let mut shapes: Vec<Shape> = vec![];
    let mut at: Vec<(u32, MarkKind, String)> = vec![];
    for mark in run.marks.iter().filter(|m| m.from_step <= step) {
        let open = mark.to_step > step;
        // A danger that has passed without a crash is nothing to look at.
        if mark.kind == MarkKind::Danger && !open && mark.outcome == Outcome::Ok {
            continue;
        }
        let (from, to) = (mark.from, if open { now.max(mark.from) } else { mark.to });
        let (x0, x1) = (plot.x(from), plot.x(to).max(plot.x(from) + MIN_W));
        if !plot.sees(x0, x1) {
            continue;
        }
        let edge = layout.plot_x - 8.0;
        let (x0, x1) = (x0.max(edge), x1.min(layout.width + 8.0));
        let outcome = if open && mark.kind != MarkKind::Dead {
            Outcome::Running
        } else {
            mark.outcome
        };
        let from_y = if mark.kind == MarkKind::Effect {
            doer(run, mark).map(|lane| layout.lane_mid(lane))
        } else {
            None
        };
        let (y, h) = place(layout, mark);
        let shape = Shape {
            class: class(mark.kind, outcome),
            x: x0,
            y,
            w: x1 - x0,
            h,
            dot: matches!(mark.kind, MarkKind::Event(_)),
            glyph: None,
            label: None,
            tip: mark.tip.clone(),
            event: mark.event,
            from_y,
        };
        at.push((mark.lane, mark.kind, mark.label.clone()));
        shapes.push(glyphed(shape, mark.kind, outcome, layout));
    }
    stack_dots(&mut shapes, layout);
    place_labels(&mut shapes, &at, layout);
    shapes
}

fn class(kind: MarkKind, outcome: Outcome) -> String {
    let kind = match kind {
        MarkKind::Event(category) => return format!("mark mark-event {}", of_category(category).1),
        MarkKind::TaskWaits => "mark-waits is-workflow",
        MarkKind::ActivityWaits => "mark-waits is-activity",
        MarkKind::Backoff => return "mark mark-backoff is-timed-out".into(),
        MarkKind::WorkflowTask => "mark-bar is-workflow",
        MarkKind::Replay => "mark-replay is-workflow",
        MarkKind::Activity => "mark-bar is-activity",
        MarkKind::Dead => return "mark mark-dead is-lost".into(),
        MarkKind::Effect => "mark-effect",
        MarkKind::Danger => return "mark mark-danger is-failed".into(),
    };
    format!("mark {kind} {}", of_outcome(outcome).1.replacen("is-", "ended-", 1))
}

/// Top and height.
fn place(layout: &Layout, mark: &Mark) -> (f64, f64) {
    let (top, mid, bar) = (
        layout.lane_top(mark.lane as usize),
        layout.lane_mid(mark.lane as usize),
        layout.bar_h(),
    );
    match mark.kind {
        MarkKind::Danger => (layout.lanes_y, layout.bottom() - layout.lanes_y),
        MarkKind::Dead => (top + 2.0, layout.lane_h - 4.0),
        MarkKind::Event(_) => (mid - 4.5 * layout.unit, 9.0 * layout.unit),
        MarkKind::TaskWaits | MarkKind::ActivityWaits | MarkKind::Backoff => (mid - bar * 0.42, bar * 0.84),
        _ => (mid - bar / 2.0, bar),
    }
}

/// The worker lane where an effect was done: there an activity runs at that time.
fn doer(run: &Run, effect: &Mark) -> Option<usize> {
    let runs = |m: &&Mark| {
        m.kind == MarkKind::Activity && m.from <= effect.from && effect.from <= m.to && (m.event == effect.event)
    };
    run.marks.iter().find(runs).map(|m| m.lane as usize)
}

/// An outcome that is not plain success is told by a glyph too, never by colour alone.
fn glyphed(mut shape: Shape, kind: MarkKind, outcome: Outcome, layout: &Layout) -> Shape {
    let bad = matches!(outcome, Outcome::Failed | Outcome::TimedOut | Outcome::Lost);
    let tells = matches!(
        kind,
        MarkKind::Activity | MarkKind::WorkflowTask | MarkKind::Dead | MarkKind::Effect | MarkKind::Replay
    );
    let shown = tells && (bad || kind == MarkKind::Effect && outcome == Outcome::Ok);
    if kind == MarkKind::Effect {
        let w = shape.w.max(18.0 * layout.unit);
        shape.x -= (w - shape.w) / 2.0;
        shape.w = w;
    }
    if shown && shape.w >= 15.0 * layout.unit {
        shape.glyph = Some(of_outcome(outcome).0);
    }
    shape
}

/// Events written at once would hide one another: they stand in up to three rows.
fn stack_dots(shapes: &mut [Shape], layout: &Layout) {
    let row_h = (layout.lane_h / 3.4).min(11.0 * layout.unit);
    let mut ends = [f64::NEG_INFINITY; 3];
    for dot in shapes.iter_mut().filter(|s| s.dot) {
        dot.w = 9.0 * layout.unit;
        dot.x -= dot.w / 2.0;
        let order = [1, 0, 2];
        let free = order.into_iter().find(|r| ends[*r] <= dot.x);
        let row = free.unwrap_or_else(|| (0..3).min_by(|a, b| ends[*a].total_cmp(&ends[*b])).unwrap_or(1));
        // With every row taken it moves right, a little: order is worth more than a pixel.
        dot.x = dot
            .x
            .max(ends[row])
            .min(dot.x + 2.0 * dot.w)
            .min(layout.width - dot.w - 3.0);
        ends[row] = dot.x + dot.w + 1.0;
        dot.y += row_h * [-1.0, 0.0, 1.0][row];
    }
}

/// On the bar if it fits, else right of it, or above it for effects, if nothing is there; else not at all.
fn place_labels(shapes: &mut [Shape], marks: &[(u32, MarkKind, String)], layout: &Layout) {
    let line = 8.0 * layout.unit;
    // From where to where, in the middle of which line, and how far up and down. A dot is lower than a line of text.
    let mut taken: Vec<(f64, f64, f64, f64)> = shapes
        .iter()
        .zip(marks)
        .filter(|(_, m)| m.1 != MarkKind::Danger)
        .map(|(s, _)| {
            let reach = if s.dot { 1.25 } else { 1.5 } * line;
            (s.x, s.x + s.w, s.y + s.h / 2.0, reach)
        })
        .collect();
    let right = layout.width - 4.0;
    for (shape, (_, kind, text)) in shapes.iter_mut().zip(marks) {
        if text.is_empty() {
            continue;
        }
        let w = layout.text_w(text);
        let inset = if shape.glyph.is_some() { 21.0 } else { 6.0 } * layout.unit;
        let mid = shape.y + shape.h / 2.0;
        let free = |taken: &[(f64, f64, f64, f64)], x: f64, y: f64| {
            x >= layout.plot_x - 6.0
                && x + w <= right
                && taken
                    .iter()
                    .all(|(a, b, ty, reach)| (ty - y).abs() >= *reach || x + w < *a || x > *b)
        };
        let on_bar = !matches!(kind, MarkKind::Effect | MarkKind::Danger) && shape.w >= w + inset + 4.0;
        let spots = match kind {
            _ if on_bar => vec![],
            MarkKind::Danger => {
                let y = layout.bottom() + 10.0 * layout.unit;
                vec![(
                    (shape.x + shape.w / 2.0 - w / 2.0).clamp(layout.plot_x, (right - w).max(layout.plot_x)),
                    y,
                )]
            }
            MarkKind::Effect => {
                let x = (shape.x + shape.w / 2.0 - w / 2.0).clamp(layout.plot_x, (right - w).max(layout.plot_x));
                let beside = (shape.x + shape.w + 5.0, mid);
                let before = (shape.x - w - 5.0, mid);
                if layout.lane_h >= 44.0 * layout.unit {
                    vec![(x, shape.y - line), beside, before]
                } else {
                    vec![beside, before]
                }
            }
            _ => vec![(shape.x + shape.w + 5.0, mid), (shape.x - w - 5.0, mid)],
        };
        let spot = spots.into_iter().find(|(x, y)| free(&taken, *x, *y));
        if let Some((x, y)) = if on_bar { Some((shape.x + inset, mid)) } else { spot } {
            taken.push((x, x + w, y, line * 1.5));
            shape.label = Some(Label {
                x,
                y,
                text: text.clone(),
                on_bar,
            });
        }
    }
}
