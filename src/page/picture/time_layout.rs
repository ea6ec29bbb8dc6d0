//! The measures of the time picture: where the axis, the lanes and the plot are. Plain numbers in pixels.

use std::sync::Arc;

use super::frame::Frame;
use super::time_scale::{Fold, Gap, Tick, TimeScale};
use crate::base::time::SimTime;
use crate::page::session::recorded::Recorded;
use crate::view::recording::{LaneKind, MarkKind};

/// What begins or ends so far beside the frame may still reach into it.
const MARGIN_PX: f64 = 24.0;

/// Between a lane's edge and its first row.
const LANE_PAD: f64 = 4.0;
/// A row is never lower: its text could not be read. Where that is too much for the window, the lanes scroll.
const ROW_MIN: f64 = 17.0;
/// Higher ones only take the eye further.
const ROW_MAX: f64 = 72.0;
/// Free space on both sides of the words in a fold, together.
const FOLD_PAD: f64 = 16.0;
/// Between two labels of the axis.
const TICKS_APART: f64 = 14.0;

/// Everything that decides where something is drawn, apart from the run itself.
#[derive(Clone, Debug, PartialEq)]
pub struct Layout {
    /// Width of the whole picture.
    pub width: f64,
    /// The height that it needs: no less than what there is.
    pub height: f64,
    /// How much bigger than at the normal text size everything is.
    pub unit: f64,
    /// Where the plot begins; left of it stand the lanes' names.
    pub plot_x: f64,
    /// How wide the plot is.
    pub plot_w: f64,
    /// Where the lanes begin; above is the axis.
    pub lanes_y: f64,
    /// Height of a row.
    pub row_h: f64,
    /// Where each lane begins, and where the last ends.
    pub tops: Arc<[f64]>,
    /// How wide a letter of a label is, on average.
    pub letter_w: f64,
}

impl Layout {
    /// Divides a picture of that size, with type so much bigger than usual and letters so wide, among lanes of so many
    /// rows.
    pub fn new((width, height): (f64, f64), (unit, letter_w): (f64, f64), rows: &[u32]) -> Self {
        let narrow = width < 560.0 * unit;
        let gutter = if narrow { 74.0 } else { 112.0 } * unit;
        let plot_x = gutter + 10.0 * unit;
        let lanes_y = 48.0 * unit;
        // The floor below the lanes holds the labels of spans that go through all of them.
        let floor = 20.0 * unit;
        let pad = 2.0 * LANE_PAD * unit;
        let all: u32 = rows.iter().sum();
        let pads = f64::from(u32::try_from(rows.len()).unwrap_or(0)) * pad;
        let row_h = ((height - lanes_y - floor - pads) / f64::from(all.max(1))).clamp(ROW_MIN * unit, ROW_MAX * unit);
        let mut tops = vec![lanes_y];
        let mut top = lanes_y;
        for rows in rows {
            top += pad + f64::from(*rows) * row_h;
            tops.push(top);
        }
        Self {
            width,
            height: height.max(top + floor),
            unit,
            plot_x,
            plot_w: (width - plot_x - 18.0 * unit).max(40.0),
            lanes_y,
            row_h,
            tops: tops.into(),
            letter_w,
        }
    }

    /// Top of a lane.
    pub fn lane_top(&self, lane: u32) -> f64 {
        self.tops.get(lane as usize).copied().unwrap_or_else(|| self.bottom())
    }

    /// Height of a lane.
    pub fn lane_h(&self, lane: u32) -> f64 {
        self.lane_top(lane + 1) - self.lane_top(lane)
    }

    /// Middle of a lane.
    pub fn lane_mid(&self, lane: u32) -> f64 {
        (self.lane_top(lane) + self.lane_top(lane + 1)) / 2.0
    }

    /// Middle of a row of a lane.
    pub fn row_mid(&self, lane: u32, row: u32) -> f64 {
        self.lane_top(lane) + LANE_PAD * self.unit + (f64::from(row) + 0.5) * self.row_h
    }

    /// Below the last lane.
    pub fn bottom(&self) -> f64 {
        self.tops.last().copied().unwrap_or(self.lanes_y)
    }

    /// Height of a bar.
    pub fn bar_h(&self) -> f64 {
        (self.row_h * 0.66).clamp(12.0 * self.unit, 20.0 * self.unit)
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
        let gaps = if frame.fold { run.folds() } else { &[] };
        let fold = |(gap, outage): &(Gap, bool)| {
            let length = gap.1.since(gap.0).rounded().to_string();
            // What is said of an outage in its hatch is never longer than this.
            let words = if *outage { format!("cut off {length}") } else { length };
            Fold {
                gap: *gap,
                px: layout.text_w(&words) + FOLD_PAD * layout.unit,
                outage: *outage,
            }
        };
        let folds: Vec<Fold> = gaps.iter().map(fold).collect();
        Self {
            scale: TimeScale::new(run.end_time(), &folds, width),
            hidden: frame.left * width,
            layout,
        }
    }

    /// What shows that part of time from edge to edge, as near as zooming comes.
    pub fn frame_of(run: &Recorded, layout: &Layout, fold: bool, (from, to): Gap) -> Frame {
        let fit = Frame { fold, ..Frame::FIT };
        let plot = |zoom: f64| Self::new(run, layout.clone(), fit.zoomed(zoom, 0.0));
        let px = |plot: &Self| plot.scale.x(to) - plot.scale.x(from);
        let (mut near, mut far) = (1.0_f64, Frame::ZOOM_MAX);
        // Folds do not grow with the zoom, so it is found by halving: to a pixel after so many times.
        for _ in 0..24 {
            let middle = (near * far).sqrt();
            if px(&plot(middle)) < layout.plot_w {
                near = middle;
            } else {
                far = middle;
            }
        }
        let left = plot(near).share(from);
        fit.zoomed(near, 0.0).panned_to(left)
    }

    /// The part of time that is in sight.
    pub fn sight(&self) -> Gap {
        let right = self.hidden + self.layout.plot_w;
        (self.scale.time(self.hidden), self.scale.time(right))
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

    /// The lines of the axis that are in sight, their places in the picture; none of their labels is cut or meets another.
    pub fn ticks(&self) -> Vec<Tick> {
        let layout = &self.layout;
        let (left, right) = (self.hidden, self.hidden + layout.plot_w);
        let all = self.scale.ticks(left, right, TICKS_APART * layout.unit, |text| {
            layout.text_w(text) * AXIS_LETTERS
        });
        let placed = all.into_iter().map(|tick| Tick {
            x: layout.plot_x + tick.x - self.hidden,
            ..tick
        });
        let fits = |tick: &Tick| tick.x + layout.text_w(&tick.label) * AXIS_LETTERS / 2.0 <= layout.width;
        placed.filter(fits).collect()
    }

    /// The words of each fold that is in sight, where there is room for them: the length of what is folded.
    pub fn folds(&self) -> Vec<FoldLabel> {
        let layout = &self.layout;
        let folded = self.scale.pieces.iter().filter(|piece| piece.folded);
        let label = |piece: &super::time_scale::Piece| {
            let (x0, x1) = (self.x(piece.from), self.x(piece.to));
            if !self.sees(x0, x1) {
                return None;
            }
            let length = piece.to.since(piece.from).rounded().to_string();
            let w = layout.text_w(&length);
            let x = (x0 + x1 - w) / 2.0;
            let fits = w <= x1 - x0 && x >= layout.plot_x - 4.0 && x + w <= layout.width;
            Some(FoldLabel {
                gap: (piece.from, piece.to),
                x0,
                x1,
                label: fits.then_some((x, length)),
            })
        };
        folded.filter_map(label).collect()
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

/// The letters of the axis are all of one width, and so a little wider than those of labels.
pub const AXIS_LETTERS: f64 = 1.12;

/// A fold as it is drawn.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldLabel {
    /// What is folded.
    pub gap: Gap,
    /// Left edge.
    pub x0: f64,
    /// Right edge.
    pub x1: f64,
    /// Its length in words and where they begin, if there is room.
    pub label: Option<(f64, String)>,
}

/// How many rows each lane of a run is given.
pub fn rows_of(run: &Recorded) -> Vec<u32> {
    let rows = run.lanes.iter().zip(run.rows());
    rows.map(|(lane, rows)| match lane.kind {
        // Its dots stand in three rows of their own.
        LaneKind::Service => 2,
        _ => *rows,
    })
    .collect()
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
            MarkKind::Away => dead.push(format!("{} is not there", worker(mark.lane))),
            MarkKind::Backoff => busy.push("backoff".to_owned()),
            MarkKind::Timer => busy.push("a timer runs".to_owned()),
            MarkKind::Child => busy.push("a child works".to_owned()),
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
    format!("{} folded: {}", to.since(from).rounded(), busy.join(", "))
}
