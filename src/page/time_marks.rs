//! From a recording's marks to shapes with places, and labels that never meet. Plain arithmetic, drawn by
//! `time_shapes.rs`. Which marks are in sight, and where they are too many to be told apart, is `mark_index.rs`'s to say.

use super::icons::{Icon, of_category, of_outcome};
use super::mark_index::{Seen, Sum, View};
use super::recorded::Recorded;
use super::time_layout::{Layout, Plot};
use crate::base::time::SimTime;
use crate::view::recording::{MarkKind, Outcome};

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The mark that it is, as a place in the run's list; `u32::MAX` for many marks in one.
    pub id: u32,
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
    /// How many marks it stands for.
    pub count: u32,
    /// How many of those did not end well.
    bad: u32,
}

impl Shape {
    /// A span that lies behind the others.
    pub fn is_band(&self) -> bool {
        self.class.contains("danger") || self.class.contains("dead")
    }

    /// Its look in few words: two shapes with the same one are drawn the same.
    pub fn key(&self) -> (u32, [u64; 6], String) {
        let label = self.label.as_ref().map_or((0.0, 0.0), |label| (label.x, label.y));
        let places = [self.x, self.y, self.w, self.h, label.0, label.1].map(f64::to_bits);
        (self.id, places, format!("{} {}", self.class, self.count))
    }
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

/// Marks that begin within so many pixels are drawn as one where there are very many.
const FINE_PX: f64 = 4.0;

/// Draws what has begun by `step` and is in sight; what has not ended reaches to `now`.
pub fn shapes(run: &Recorded, plot: &Plot, step: u32, now: SimTime) -> Vec<Shape> {
    let layout = &plot.layout;
    let (mut shapes, mut labels): (Vec<Shape>, Vec<(MarkKind, String)>) = (vec![], vec![]);
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
                let mark = run.mark(place);
                if let Some(shape) = one(run, plot, place, step, now) {
                    labels.push((mark.kind, run.label(mark)));
                    shapes.push(shape);
                }
            }
            Seen::Many { lane, kind, sum } => {
                let Some(shape) = many(plot, lane, kind, &sum, step, now) else {
                    continue;
                };
                match shapes.last_mut().filter(|last| last.goes_on_as(&shape)) {
                    Some(last) => last.grow(&shape),
                    None => {
                        labels.push((kind, String::new()));
                        shapes.push(shape);
                    }
                }
            }
        }
    }
    for (shape, (kind, label)) in shapes.iter_mut().zip(&mut labels).filter(|(shape, _)| shape.count > 1) {
        shape.tip = tip(*kind, shape.count, shape.bad);
        *label = format!("{}", shape.count);
    }
    stack_dots(&mut shapes, layout);
    place_labels(&mut shapes, &labels, layout);
    shapes
}

/// The shape of one mark, if it is in sight.
fn one(run: &Recorded, plot: &Plot, place: u32, step: u32, now: SimTime) -> Option<Shape> {
    let (layout, mark) = (&plot.layout, run.mark(place));
    let open = mark.to_step > step;
    let to = if open { now.max(mark.from) } else { mark.to };
    let outcome = if open && mark.kind != MarkKind::Dead {
        Outcome::Running
    } else {
        mark.outcome
    };
    let mut shape = laid(plot, mark.lane, mark.kind, (mark.from, to), outcome)?;
    shape.id = place;
    shape.dot = matches!(mark.kind, MarkKind::Event(_));
    shape.tip = run.tip(mark);
    shape.event = mark.event;
    shape.from_y = mark.by.map(|lane| layout.lane_mid(lane as usize));
    Some(glyphed(shape, mark.kind, outcome, layout))
}

/// The shape of many marks that cannot be told apart, if it is in sight.
fn many(plot: &Plot, lane: u32, kind: MarkKind, sum: &Sum, step: u32, now: SimTime) -> Option<Shape> {
    let to = if sum.to_step > step { now.min(sum.to) } else { sum.to };
    let mut shape = laid(plot, lane, kind, (sum.from, to), sum.outcome(step))?;
    if let (MarkKind::Event(_), 1..) = (kind, sum.bad) {
        // What they are about is many things; that something went wrong among them must be seen.
        shape.class = format!("mark mark-event {}", of_outcome(sum.worst).1);
    }
    (shape.count, shape.bad) = (sum.count, sum.bad);
    Some(shape)
}

/// A bar over that time, as far as it is near the frame; none if it is not.
fn laid(plot: &Plot, lane: u32, kind: MarkKind, (from, to): (SimTime, SimTime), outcome: Outcome) -> Option<Shape> {
    let layout = &plot.layout;
    let (x0, x1) = (plot.x(from), plot.x(to).max(plot.x(from) + MIN_W));
    if !plot.sees(x0, x1) {
        return None;
    }
    let (x0, x1) = (x0.max(layout.plot_x - 8.0), x1.min(layout.width + 8.0));
    let (y, h) = place(layout, lane, kind);
    Some(Shape {
        id: u32::MAX,
        class: class(kind, outcome),
        x: x0,
        y,
        w: x1 - x0,
        h,
        dot: false,
        glyph: None,
        label: None,
        tip: String::new(),
        event: None,
        from_y: None,
        count: 1,
        bad: 0,
    })
}

impl Shape {
    /// Whether another one right of it looks like its end: then they are one to the eye.
    fn goes_on_as(&self, next: &Self) -> bool {
        let alike = (self.y, self.h, &self.class) == (next.y, next.h, &next.class);
        alike && self.count > 1 && next.x >= self.x && next.x <= self.x + self.w + 1.0
    }

    fn grow(&mut self, next: &Self) {
        self.w = self.w.max(next.x + next.w - self.x);
        self.count += next.count;
        self.bad += next.bad;
    }
}

/// What a heap of marks is, in words.
fn tip(kind: MarkKind, count: u32, bad: u32) -> String {
    let what = match kind {
        MarkKind::Event(_) => "events",
        MarkKind::TaskWaits => "workflow tasks that wait",
        MarkKind::ActivityWaits => "activity tasks that wait",
        MarkKind::Backoff => "backoffs",
        MarkKind::WorkflowTask => "workflow tasks",
        MarkKind::Replay => "replays",
        MarkKind::Activity => "attempts of activities",
        MarkKind::Dead => "times of death",
        MarkKind::Effect => "effects outside",
        MarkKind::Danger => "times of danger",
    };
    let bad = if bad > 0 {
        format!(", {bad} of them not well")
    } else {
        String::new()
    };
    format!("{count} {what}{bad}: zoom in to see each")
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
fn place(layout: &Layout, lane: u32, kind: MarkKind) -> (f64, f64) {
    let (top, mid, bar) = (
        layout.lane_top(lane as usize),
        layout.lane_mid(lane as usize),
        layout.bar_h(),
    );
    match kind {
        MarkKind::Danger => (layout.lanes_y, layout.bottom() - layout.lanes_y),
        MarkKind::Dead => (top + 2.0, layout.lane_h - 4.0),
        MarkKind::Event(_) => (mid - 4.5 * layout.unit, 9.0 * layout.unit),
        MarkKind::TaskWaits | MarkKind::ActivityWaits | MarkKind::Backoff => (mid - bar * 0.42, bar * 0.84),
        _ => (mid - bar / 2.0, bar),
    }
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
fn place_labels(shapes: &mut [Shape], labels: &[(MarkKind, String)], layout: &Layout) {
    let line = 8.0 * layout.unit;
    let mut taken = Taken::default();
    for (s, _) in shapes.iter().zip(labels).filter(|(_, l)| l.0 != MarkKind::Danger) {
        // A dot is lower than a line of text.
        let reach = if s.dot { 1.25 } else { 1.5 } * line;
        taken.take(s.x, s.x + s.w, s.y + s.h / 2.0, reach);
    }
    let right = layout.width - 4.0;
    for (shape, (kind, text)) in shapes.iter_mut().zip(labels) {
        if text.is_empty() {
            continue;
        }
        let w = layout.text_w(text);
        let inset = if shape.glyph.is_some() { 21.0 } else { 6.0 } * layout.unit;
        let mid = shape.y + shape.h / 2.0;
        let on_bar = !matches!(kind, MarkKind::Effect | MarkKind::Danger) && shape.w >= w + inset + 4.0;
        let beside = (shape.x + shape.w + 5.0, mid);
        let before = (shape.x - w - 5.0, mid);
        let over = (shape.x + shape.w / 2.0 - w / 2.0).clamp(layout.plot_x, (right - w).max(layout.plot_x));
        let spots = match kind {
            _ if on_bar => vec![],
            MarkKind::Danger => vec![(over, layout.bottom() + 10.0 * layout.unit)],
            MarkKind::Effect if layout.lane_h >= 44.0 * layout.unit => {
                vec![(over, shape.y - line), beside, before]
            }
            _ => vec![beside, before],
        };
        let free = |(x, y): &(f64, f64)| *x >= layout.plot_x - 6.0 && x + w <= right && taken.is_free(*x, x + w, *y);
        let spot = if on_bar {
            Some((shape.x + inset, mid))
        } else {
            spots.into_iter().find(free)
        };
        if let Some((x, y)) = spot {
            taken.take(x, x + w, y, line * 1.5);
            shape.label = Some(Label {
                x,
                y,
                text: text.clone(),
                on_bar,
            });
        }
    }
}

/// Where there is something already, line by line: each line by the height of its middle and how far it reaches up and
/// down, with the stretches that are taken, in order and apart.
#[derive(Default)]
struct Taken {
    lines: Vec<(f64, f64, Vec<Stretch>)>,
}

/// From one x to another.
type Stretch = (f64, f64);

impl Taken {
    /// Takes a line from one x to another.
    fn take(&mut self, from: f64, to: f64, y: f64, reach: f64) {
        let known = self.lines.iter().position(|line| (line.0, line.1) == (y, reach));
        let known = known.unwrap_or_else(|| {
            self.lines.push((y, reach, vec![]));
            self.lines.len() - 1
        });
        let line = &mut self.lines[known].2;
        let first = line.partition_point(|(_, end)| *end < from);
        let after = line.partition_point(|(start, _)| *start <= to);
        let met = line[first..after]
            .iter()
            .fold((from, to), |all, it| (all.0.min(it.0), all.1.max(it.1)));
        line.splice(first..after, [met]);
    }

    /// Whether nothing is near a line of text there.
    fn is_free(&self, from: f64, to: f64, y: f64) -> bool {
        self.lines.iter().all(|(line_y, reach, line)| {
            let first = line.partition_point(|(_, end)| *end < from);
            (line_y - y).abs() >= *reach || line.get(first).is_none_or(|(start, _)| *start > to)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_is_taken_and_nothing_else() {
        let mut taken = Taken::default();
        for (from, to) in [(10.0, 20.0), (40.0, 50.0), (15.0, 25.0), (24.0, 30.0), (60.0, 70.0)] {
            taken.take(from, to, 100.0, 12.0);
        }
        assert_eq!(taken.lines[0].2, [(10.0, 30.0), (40.0, 50.0), (60.0, 70.0)]);
        assert!(taken.is_free(31.0, 39.0, 100.0));
        assert!(taken.is_free(71.0, 99.0, 100.0));
        assert!(!taken.is_free(5.0, 80.0, 100.0));
        assert!(!taken.is_free(29.0, 35.0, 95.0));
        assert!(taken.is_free(29.0, 35.0, 88.0), "another line");
    }
}
