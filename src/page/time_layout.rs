//! The measures of the time picture: where the axis, the lanes and the plot are. Plain numbers in pixels.

use super::frame::Frame;
use super::recorded::Recorded;
use super::time_scale::{Gap, Tick, TimeScale};
use crate::base::time::{SimTime, Span};
use crate::view::recording::MarkKind;

/// What begins or ends so far beside the frame may still reach into it.
const MARGIN_PX: f64 = 24.0;

/// Everything that decides where something is drawn, apart from the run itself.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Layout {
    /// Width of the whole picture.
    pub width: f64,
    /// Its height.
    pub height: f64,
    /// How much bigger than at the normal text size everything is.
    pub unit: f64,
    /// Where the plot begins; left of it stand the lanes' names.
    pub plot_x: f64,
    /// How wide the plot is.
    pub plot_w: f64,
    /// Where the lanes begin; above is the axis.
    pub lanes_y: f64,
    /// Height of a lane.
    pub lane_h: f64,
    /// How many lanes.
    pub lanes: usize,
    /// How wide a letter of a label is, on average.
    pub letter_w: f64,
}

impl Layout {
    /// Divides a picture of that size, with type so much bigger than usual and letters so wide.
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    pub fn new((width, height): (f64, f64), (unit, letter_w): (f64, f64), lanes: usize) -> Self {
        let narrow = width < 560.0 * unit;
        let gutter = if narrow { 74.0 } else { 112.0 } * unit;
        let plot_x = gutter + 10.0 * unit;
        let lanes_y = 48.0 * unit;
        // The floor below the lanes holds the labels of spans that go through all of them.
        let floor = 20.0 * unit;
        let lane_h = ((height - lanes_y - floor) / (lanes.max(1) as f64)).clamp(22.0 * unit, 120.0 * unit);
        Self {
            width,
            // Where there is no room for all lanes, the picture is higher than its frame, and the frame scrolls.
            height: height.max(lanes_y + lane_h * lanes as f64 + floor),
            unit,
            plot_x,
            plot_w: (width - plot_x - 18.0 * unit).max(40.0),
            lanes_y,
            lane_h,
            lanes,
            letter_w,
        }
    }

    /// Top of a lane.
    #[expect(clippy::cast_precision_loss, reason = "a handful of lanes")]
    pub fn lane_top(&self, lane: usize) -> f64 {
        self.lanes_y + self.lane_h * lane as f64
    }

    /// Middle of a lane.
    pub fn lane_mid(&self, lane: usize) -> f64 {
        self.lane_top(lane) + self.lane_h / 2.0
    }

    /// Below the last lane.
    pub fn bottom(&self) -> f64 {
        self.lane_top(self.lanes)
    }

    /// Height of a bar.
    pub fn bar_h(&self) -> f64 {
        (self.lane_h * 0.42).clamp(12.0 * self.unit, 18.0 * self.unit)
    }

    /// About how wide a short text is, in the picture's own small type; rather too wide than too narrow.
    #[expect(clippy::cast_precision_loss, reason = "a label")]
    pub fn text_w(&self, text: &str) -> f64 {
        text.chars().count() as f64 * self.letter_w * 1.06 + 2.0
    }
}

/// A scale, and the part of it that the frame shows.
#[derive(Clone, Debug, PartialEq)]
pub struct Plot {
    /// The measures.
    pub layout: Layout,
    /// The scale, over the whole zoomed picture.
    pub scale: TimeScale,
    /// What is left of the frame, in pixels.
    pub hidden: f64,
}

impl Plot {
    /// The plot of a run.
    pub fn new(run: &Recorded, layout: Layout, frame: Frame) -> Self {
        let width = layout.plot_w * frame.zoom;
        let folds = if frame.fold { run.folds() } else { &[] };
        Self {
            layout,
            scale: TimeScale::new(run.end_time(), folds, width),
            hidden: frame.left * width,
        }
    }

    /// Where a time is drawn, in the picture.
    pub fn x(&self, time: SimTime) -> f64 {
        self.layout.plot_x + self.scale.x(time) - self.hidden
    }

    /// Which time is drawn there.
    pub fn time(&self, x: f64) -> SimTime {
        self.scale.time(x - self.layout.plot_x + self.hidden)
    }

    /// The part of the zoomed picture that the frame shows, with a little on both sides.
    pub fn window(&self) -> (f64, f64) {
        (self.hidden - MARGIN_PX, self.hidden + self.layout.plot_w + MARGIN_PX)
    }

    /// The lines of the axis that are in sight, at least `apart` from one another.
    pub fn ticks(&self, apart: f64) -> Vec<Tick> {
        let (left, right) = self.window();
        self.scale.ticks(left, right, apart)
    }

    /// How much of the whole zoomed picture lies left of that time, 0 to 1.
    pub fn share(&self, time: SimTime) -> f64 {
        self.scale.x(time) / self.scale.width().max(1.0)
    }

    /// Whether something between the two is in sight.
    pub fn sees(&self, x0: f64, x1: f64) -> bool {
        x1 >= self.layout.plot_x - 8.0 && x0 <= self.layout.width
    }
}

/// What a folded gap says: how long, and what is the case meanwhile.
pub fn fold_words(run: &Recorded, (from, to): Gap) -> String {
    let worker = |i: u32| {
        let name = run.lanes.get(i as usize).map_or("", |l| l.name.as_str());
        name.strip_prefix("Worker ")
            .map_or_else(|| name.to_owned(), |name| format!("worker {name}"))
    };
    let (mut busy, mut dead) = (vec![], vec![]);
    for mark in run.marks_covering((from, to)) {
        match mark.kind {
            MarkKind::Dead => dead.push(format!("{} is dead", worker(mark.lane))),
            MarkKind::Backoff => busy.push("backoff".to_owned()),
            MarkKind::Activity | MarkKind::WorkflowTask => busy.push(format!("{} works", worker(mark.lane))),
            MarkKind::TaskWaits | MarkKind::ActivityWaits => busy.push("a task waits".to_owned()),
            _ => {}
        }
    }
    if busy.is_empty() {
        busy.push("nothing runs".into());
    }
    busy.dedup();
    busy.extend(dead);
    format!("{} folded: {}", long_span(to.since(from)), busy.join(", "))
}

/// `52 ms`, `90.5 s`; from two minutes on to the second: `1 h`, `2 min 5 s`.
pub fn long_span(span: Span) -> String {
    let seconds = (span.0 + 500_000_000) / 1_000_000_000;
    if seconds < 120 {
        return span.to_string();
    }
    let parts = [(seconds / 3_600, "h"), (seconds / 60 % 60, "min"), (seconds % 60, "s")];
    let told: Vec<String> = parts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, unit)| format!("{count} {unit}"))
        .collect();
    told.join(" ")
}
