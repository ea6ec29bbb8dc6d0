//! From a recording's marks to shapes with places. Plain arithmetic, drawn by `time_shapes.rs`. Which marks are in sight,
//! and where they are too many to be told apart, is `mark_index.rs`'s to say; where their words go is `time_labels.rs`'s.

use std::sync::Arc;

use super::mark_index::{Seen, Sum, View};
use super::time_form::{Form, MIN_W, Shape, Words};
use super::time_labels::place_labels;
use super::time_layout::{Layout, Plot};
use crate::base::time::SimTime;
use crate::page::session::recorded::Recorded;
use crate::page::words::icons::{Icon, of_category, of_outcome};
use crate::view::recording::{Category, LaneKind, MarkKind, MessageKind, Outcome};

/// Marks that begin within so many pixels are drawn as one where there are very many.
const FINE_PX: f64 = 4.0;

/// So far beside a shape it is still meant, by a pointer and by a finger.
const NEAR_PX: f64 = 3.0;

/// Draws what has begun by `step` and is in sight; what has not ended reaches to `now`.
pub fn shapes(run: &Recorded, plot: &Plot, step: u32, now: SimTime) -> Vec<Shape> {
    let layout = &plot.layout;
    let (mut shapes, mut words): (Vec<Shape>, Vec<Words>) = (vec![], vec![]);
    let (left, right) = plot.window();
    let view = View {
        step,
        from: plot.scale.time(left),
        to: plot.scale.time(right),
        x: |time| plot.scale.x(time),
        fine: FINE_PX * layout.unit,
    };
    for seen in run.look(&view) {
        match seen {
            Seen::One(place) => {
                if let Some(shape) = one(run, plot, place, step, now) {
                    words.push(run.labels(place, now));
                    shapes.push(shape);
                }
            }
            Seen::Many { lane, row, kind, sum } => {
                let Some(shape) = many(plot, (lane, row), kind, &sum, step, now) else {
                    continue;
                };
                match shapes.last_mut().filter(|last| last.goes_on_as(&shape)) {
                    Some(last) => last.grow(&shape),
                    None => {
                        words.push(Arc::default());
                        shapes.push(shape);
                    }
                }
            }
        }
    }
    for (shape, words) in shapes.iter().zip(&mut words).filter(|(shape, _)| shape.count > 1) {
        *words = Arc::from([Arc::from(shape.count.to_string())]);
    }
    stack_dots(&mut shapes, layout);
    place_labels(&mut shapes, &words, plot);
    shapes
}

/// The shape that is meant at that place: the smallest of those that are there, bands last.
pub fn hit(shapes: &[Shape], x: f64, y: f64) -> Option<usize> {
    let near = |s: &Shape| {
        let (dx, dy) = ((s.x - x).max(x - s.x - s.w), (s.y - y).max(y - s.y - s.h));
        dx.max(dy)
    };
    let meant = shapes.iter().enumerate().filter(|(_, s)| near(s) <= NEAR_PX);
    let order = |s: &Shape| (s.form == Form::Band, near(s).max(0.0), s.w * s.h);
    meant
        .min_by(|(_, a), (_, b)| {
            let (a, b) = (order(a), order(b));
            a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)).then(a.2.total_cmp(&b.2))
        })
        .map(|(place, _)| place)
}

/// A line from a recorded result to the replay that takes it.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Its path.
    pub path: String,
    /// The colour of what it brings.
    pub class: &'static str,
}

/// The recorded results that flow into the replays which go on after `step` steps, and into the shape looked at.
pub fn flows(run: &Recorded, plot: &Plot, shapes: &[Shape], step: u32, looked_at: Option<u32>) -> Vec<Flow> {
    let service = run
        .lanes
        .iter()
        .position(|lane| lane.kind == LaneKind::Service)
        .and_then(|lane| u32::try_from(lane).ok());
    let Some(service) = service else { return vec![] };
    let mut flows = vec![];
    for ghost in shapes.iter().filter(|s| s.kind == MarkKind::Replay) {
        let Some(place) = ghost.mark else { continue };
        let mark = run.mark(place);
        let task = shapes.iter().filter(|s| s.kind == MarkKind::WorkflowTask);
        let mut tasks = task.filter_map(|s| s.mark).map(|place| run.mark(place));
        let goes_on = tasks.any(|task| task.of == mark.of && (mark.from_step..=task.to_step).contains(&step));
        if !goes_on && looked_at != Some(place) {
            continue;
        }
        let events = run.replayed(place);
        let apart = ghost.w / (events.len().max(1) as f64 + 1.0);
        for (n, event) in (1..).map(f64::from).zip(events) {
            let dot = shapes.iter().find(|s| s.form == Form::Dot && s.event == Some(event));
            let (x0, y0) = match (dot, run.event(event)) {
                (Some(dot), _) => (dot.x + dot.w / 2.0, dot.y + dot.h),
                (None, Some(row)) => (
                    plot.x(run.at(row.step)).max(plot.layout.plot_x),
                    plot.layout.lane_mid(service),
                ),
                (None, None) => continue,
            };
            let class = run
                .event(event)
                .map_or("is-other", |row| of_category(row.class.category).1);
            let (x1, y1) = (ghost.x + n * apart, ghost.y);
            let bend = (y1 - y0) * 0.6;
            let path = format!(
                "M{x0:.1} {y0:.1}C{x0:.1} {:.1} {x1:.1} {:.1} {x1:.1} {y1:.1}",
                y0 + bend,
                y1 - bend
            );
            flows.push(Flow { path, class });
        }
    }
    flows
}

/// The shape of one mark, if it is in sight.
fn one(run: &Recorded, plot: &Plot, place: u32, step: u32, now: SimTime) -> Option<Shape> {
    let (layout, mark) = (&plot.layout, run.mark(place));
    let open = mark.to_step > step;
    let to = match (open, mark.due) {
        (true, Some(due)) => due.max(mark.from),
        (true, None) => now.max(mark.from),
        (false, _) => mark.to,
    };
    let outcome = if open && !matches!(mark.kind, MarkKind::Dead | MarkKind::Away) {
        Outcome::Running
    } else {
        mark.outcome
    };
    let mut shape = laid(plot, (mark.lane, mark.row), mark.kind, (mark.from, to), outcome)?;
    shape.mark = Some(place);
    shape.event = mark.event;
    shape.from_y = mark.by.map(|lane| layout.lane_mid(lane));
    if open && mark.due.is_some() {
        shape.left = Some(plot.x(now).clamp(shape.x, shape.x + shape.w));
    }
    Some(glyphed(shape, outcome, layout))
}

/// The shape of many marks that cannot be told apart, if it is in sight.
fn many(plot: &Plot, place: (u32, u32), kind: MarkKind, sum: &Sum, step: u32, now: SimTime) -> Option<Shape> {
    let to = if sum.to_step > step { now.min(sum.to) } else { sum.to };
    let mut shape = laid(plot, place, kind, (sum.from, to), sum.outcome(step))?;
    if let (MarkKind::Event(_), 1..) = (kind, sum.bad) {
        // What they are about is many things; that something went wrong among them must be seen.
        shape.class = ("mark mark-event", of_outcome(sum.worst).1);
    }
    if shape.form == Form::Dot {
        shape.form = Form::Bar;
    }
    (shape.count, shape.bad) = (sum.count, sum.bad);
    Some(shape)
}

/// A shape over that time, as far as it is near the frame; none if it is not.
fn laid(
    plot: &Plot,
    place: (u32, u32),
    kind: MarkKind,
    (from, to): (SimTime, SimTime),
    outcome: Outcome,
) -> Option<Shape> {
    let layout = &plot.layout;
    let form = form(kind);
    let least = match kind {
        MarkKind::Heartbeat => 2.0,
        MarkKind::Replay => 24.0 * layout.unit,
        MarkKind::Message(_) => 16.0 * layout.unit,
        _ => MIN_W,
    };
    let (x0, x1) = (plot.x(from), plot.x(to).max(plot.x(from) + least));
    if !plot.sees(x0, x1) {
        return None;
    }
    let (x0, x1) = (x0.max(layout.plot_x - 8.0), x1.min(layout.width + 8.0));
    let (y, h) = row_of(layout, place, kind);
    Some(Shape {
        mark: None,
        kind,
        class: class(kind, outcome),
        x: x0,
        y,
        w: x1 - x0,
        h,
        form,
        glyph: None,
        label: None,
        event: None,
        from_y: None,
        left: None,
        count: 1,
        bad: 0,
    })
}

/// One of its kind for the legend, in a box of 44 × 16.
pub fn sample(kind: MarkKind, outcome: Outcome) -> Shape {
    let least = if kind == MarkKind::Heartbeat { 2.0 } else { 36.0 };
    let timer = kind == MarkKind::Timer;
    Shape {
        mark: None,
        kind,
        class: class(kind, outcome),
        x: 4.0,
        y: 2.0,
        w: least,
        h: 12.0,
        form: form(kind),
        glyph: None,
        label: None,
        event: None,
        from_y: None,
        left: timer.then_some(18.0),
        count: 1,
        bad: 0,
    }
}

const fn form(kind: MarkKind) -> Form {
    match kind {
        MarkKind::Dead | MarkKind::Away | MarkKind::Danger => Form::Band,
        MarkKind::Event(_) => Form::Dot,
        MarkKind::Heartbeat => Form::Tick,
        _ => Form::Bar,
    }
}

/// What a heap of marks is, in words.
pub fn heap_words(shape: &Shape) -> String {
    let what = match shape.kind {
        MarkKind::Event(_) => "events",
        MarkKind::TaskWaits => "workflow tasks that wait",
        MarkKind::ActivityWaits => "activity tasks that wait",
        MarkKind::Backoff => "backoffs",
        MarkKind::WorkflowTask => "workflow tasks",
        MarkKind::Replay => "replays",
        MarkKind::Activity => "attempts of activities",
        MarkKind::Heartbeat => "heartbeats",
        MarkKind::Timer => "timers",
        MarkKind::Child => "child workflows",
        MarkKind::Call => "calls to other workflows",
        MarkKind::Message(_) => "messages",
        MarkKind::Dead => "outages",
        MarkKind::Away => "times away",
        MarkKind::Effect => "effects outside",
        MarkKind::Danger => "times of danger",
    };
    let (count, bad) = (shape.count, shape.bad);
    if bad > 0 {
        format!("{count} {what}, {bad} of them not well")
    } else {
        format!("{count} {what}")
    }
}

/// Classes of what it is, and of how it ended.
fn class(kind: MarkKind, outcome: Outcome) -> (&'static str, &'static str) {
    let ended = match outcome {
        Outcome::Running => "ended-running",
        Outcome::Ok => "ended-ok",
        Outcome::Failed => "ended-failed",
        Outcome::TimedOut => "ended-timed-out",
        Outcome::Canceled => "ended-canceled",
        Outcome::Lost => "ended-lost",
    };
    match kind {
        MarkKind::Event(category) => ("mark mark-event", of_category(category).1),
        MarkKind::TaskWaits => ("mark mark-waits is-workflow", ended),
        MarkKind::ActivityWaits => ("mark mark-waits is-activity", ended),
        MarkKind::Backoff => ("mark mark-backoff is-timed-out", ended),
        MarkKind::WorkflowTask => ("mark mark-bar is-workflow", ended),
        MarkKind::Replay => ("mark mark-replay", ended),
        MarkKind::Activity => ("mark mark-bar is-activity", ended),
        MarkKind::Heartbeat => ("mark mark-heartbeat", ended),
        MarkKind::Timer => ("mark mark-bar mark-timer is-timer", ended),
        MarkKind::Child => ("mark mark-bar is-child", ended),
        MarkKind::Call => ("mark mark-bar is-signal", ended),
        MarkKind::Message(MessageKind::Start | MessageKind::Reset) => ("mark mark-bar is-workflow", ended),
        MarkKind::Message(MessageKind::Cancel | MessageKind::Terminate) => ("mark mark-bar is-other", ended),
        MarkKind::Message(_) => ("mark mark-bar is-signal", ended),
        MarkKind::Dead => ("mark mark-dead is-lost", ended),
        MarkKind::Away => ("mark mark-away is-other", ended),
        MarkKind::Effect => ("mark mark-effect", ended),
        MarkKind::Danger => ("mark mark-danger is-failed", ended),
    }
}

/// Top and height.
fn row_of(layout: &Layout, (lane, row): (u32, u32), kind: MarkKind) -> (f64, f64) {
    let (mid, bar) = (layout.row_mid(lane, row), layout.bar_h());
    match kind {
        MarkKind::Danger => (layout.lanes_y, layout.bottom() - layout.lanes_y),
        MarkKind::Dead | MarkKind::Away => (layout.lane_top(lane) + 2.0, layout.lane_h(lane) - 4.0),
        MarkKind::Event(_) => (layout.lane_mid(lane) - 4.5 * layout.unit, 9.0 * layout.unit),
        MarkKind::Heartbeat => (mid + bar * 0.5 - 4.0 * layout.unit, 4.0 * layout.unit),
        MarkKind::TaskWaits | MarkKind::ActivityWaits | MarkKind::Backoff => (mid - bar * 0.42, bar * 0.84),
        _ => (mid - bar / 2.0, bar),
    }
}

/// An outcome that is not plain success is told by a glyph too, never by colour alone; so is what a message is.
fn glyphed(mut shape: Shape, outcome: Outcome, layout: &Layout) -> Shape {
    let kind = shape.kind;
    if kind == MarkKind::Effect {
        let w = shape.w.max(18.0 * layout.unit);
        shape.x -= (w - shape.w) / 2.0;
        shape.w = w;
    }
    let ended = match outcome {
        Outcome::Failed | Outcome::TimedOut | Outcome::Lost => Some(of_outcome(outcome).0),
        Outcome::Ok if kind == MarkKind::Effect => Some(Icon::Check),
        Outcome::Running | Outcome::Ok | Outcome::Canceled => None,
    };
    let own = match kind {
        MarkKind::Replay => Some(Icon::Again),
        MarkKind::Dead if outcome == Outcome::Running || outcome == Outcome::Ok => Some(Icon::Skull),
        MarkKind::Timer => Some(of_category(Category::Timer).0),
        MarkKind::Message(message) => Some(of_message(message)),
        _ => None,
    };
    let tells = !matches!(kind, MarkKind::Danger | MarkKind::Event(_) | MarkKind::Heartbeat);
    if tells && shape.w >= 15.0 * layout.unit {
        shape.glyph = match kind {
            MarkKind::Dead | MarkKind::Replay => own,
            _ => ended.or(own),
        };
    }
    shape
}

const fn of_message(kind: MessageKind) -> Icon {
    match kind {
        MessageKind::Start => Icon::Flag,
        MessageKind::Signal => Icon::Bolt,
        MessageKind::Query => Icon::Ring,
        MessageKind::Update => Icon::Down,
        MessageKind::Cancel => Icon::Dash,
        MessageKind::Terminate => Icon::Cross,
        MessageKind::Reset => Icon::Again,
    }
}

/// Events written at once would hide one another: they stand in up to three rows.
fn stack_dots(shapes: &mut [Shape], layout: &Layout) {
    let row_h = 11.0 * layout.unit;
    let mut ends = [f64::NEG_INFINITY; 3];
    for dot in shapes.iter_mut().filter(|s| s.form == Form::Dot) {
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
