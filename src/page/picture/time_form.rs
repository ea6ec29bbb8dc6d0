//! What a mark becomes in the time picture: a form in its place, with its words. `time_marks.rs` makes them,
//! `time_labels.rs` places the words, `time_shapes.rs` draws them.

use std::sync::Arc;

use crate::page::words::icons::Icon;
use crate::view::recording::MarkKind;

/// A shape.
#[derive(Clone, Debug, PartialEq)]
pub struct Shape {
    /// The mark that it is, as a place in the run's list; `None` for many marks in one.
    pub mark: Option<u32>,
    /// What it is.
    pub kind: MarkKind,
    /// What it is and how it ended: classes.
    pub class: (&'static str, &'static str),
    /// Left edge.
    pub x: f64,
    /// Top edge.
    pub y: f64,
    /// Width, at least [`MIN_W`] for what is no tick.
    pub w: f64,
    /// Height.
    pub h: f64,
    /// How it is drawn.
    pub form: Form,
    /// The glyph of what it is or how it ended, where there is room.
    pub glyph: Option<Icon>,
    /// Its label, where there is room.
    pub label: Option<Label>,
    /// The event it belongs to.
    pub event: Option<u32>,
    /// Where a line leads from it to the worker that did it.
    pub from_y: Option<f64>,
    /// From here on it is still to come: a timer that drains.
    pub left: Option<f64>,
    /// How many marks it stands for.
    pub count: u32,
    /// How many of those did not end well.
    pub bad: u32,
}

/// How a shape is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Form {
    /// A span that lies behind the others.
    Band,
    /// A bar in its row.
    Bar,
    /// A round dot.
    Dot,
    /// A thin line on a bar.
    Tick,
}

/// What decides how a shape looks: two shapes with the same one are drawn the same.
pub type Looks = (Option<u32>, [u64; 8], [&'static str; 2], Option<Arc<str>>, u32);

impl Shape {
    /// Its look in few words.
    pub fn looks(&self) -> Looks {
        let label = self.label.as_ref();
        let (x, y) = label.map_or((0.0, 0.0), |label| (label.x, label.y));
        let left = self.left.unwrap_or(-1.0);
        let from = self.from_y.unwrap_or(-1.0);
        let places = [self.x, self.y, self.w, self.h, x, y, left, from].map(f64::to_bits);
        let text = label.map(|label| Arc::clone(&label.text));
        (self.mark, places, [self.class.0, self.class.1], text, self.count)
    }

    /// Its middle.
    pub fn middle(&self) -> (f64, f64) {
        (self.x + self.w / 2.0, self.y + self.h / 2.0)
    }

    /// Whether another one right of it looks like its end: then they are one to the eye.
    pub(super) fn goes_on_as(&self, next: &Self) -> bool {
        let alike = (self.y, self.h, self.class) == (next.y, next.h, next.class);
        alike && self.count > 1 && next.x >= self.x && next.x <= self.x + self.w + 1.0
    }

    /// Takes another one in.
    pub(super) fn grow(&mut self, next: &Self) {
        self.w = self.w.max(next.x + next.w - self.x);
        self.count += next.count;
        self.bad += next.bad;
    }
}

/// Narrower marks are drawn so wide.
pub const MIN_W: f64 = 6.0;

/// A placed text.
#[derive(Clone, Debug, PartialEq)]
pub struct Label {
    /// Left edge.
    pub x: f64,
    /// Middle of the line.
    pub y: f64,
    /// How wide it is.
    pub w: f64,
    /// The words.
    pub text: Arc<str>,
    /// It stands on the bar, not beside it.
    pub on_bar: bool,
}

/// The words of a mark, the longest first.
pub type Words = Arc<[Arc<str>]>;
