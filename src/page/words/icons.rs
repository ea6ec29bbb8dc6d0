//! The page's glyphs, drawn by hand so that they look the same under every font: one shape a meaning.

use leptos::prelude::*;

use crate::view::recording::{Category, LineMark, Outcome, StepKind};

/// A glyph. Its path lives in a box of 16 × 16.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Icon {
    /// To the start.
    First,
    /// A step back.
    Back,
    /// Let the clock run.
    Play,
    /// Stop it; also: waits.
    Pause,
    /// A step on.
    Forward,
    /// To the next thing of its kind.
    Next,
    /// A worker is or gets killed.
    Skull,
    /// Start again; replay.
    Again,
    /// Ended well.
    Check,
    /// Failed; close.
    Cross,
    /// Ran out of time.
    Hourglass,
    /// Is going on.
    Dot,
    /// Not begun.
    Ring,
    /// Replayed.
    Ghost,
    /// Workflow.
    Flag,
    /// Workflow task.
    Square,
    /// Activity.
    Diamond,
    /// Timer.
    Clock,
    /// Signal.
    Bolt,
    /// Forgotten.
    Dash,
    /// Dark and light.
    Contrast,
    /// Address.
    Link,
    /// A file.
    Open,
    /// Large type.
    Large,
    /// More below.
    Down,
}

impl Icon {
    /// The path, and whether it is filled rather than stroked.
    fn path(self) -> (&'static str, bool) {
        match self {
            Self::First => ("M3 3h2v10H3zM13 3v10L6 8z", true),
            Self::Back => ("M11 3v10L4 8z", true),
            Self::Play => ("M4 2.5 13 8l-9 5.5z", true),
            Self::Pause => ("M4 3h3v10H4zM9 3h3v10H9z", true),
            Self::Forward => ("M5 3l7 5-7 5z", true),
            Self::Next => ("M3 3l7 5-7 5zM11 3h2v10h-2z", true),
            Self::Skull => (
                "M8 1C4.7 1 2.2 3.4 2.2 6.5c0 2 .9 3.4 2.3 4.3V14h1.8v-1.6h1V14h1.4v-1.6h1V14h1.8v-3.2c1.4-.9 2.3-2.3 \
                 2.3-4.3C13.8 3.4 11.3 1 8 1zM5.6 5.4a1.5 1.5 0 1 1 0 3 1.5 1.5 0 0 1 0-3zm4.8 0a1.5 1.5 0 1 1 0 3 1.5 \
                 1.5 0 0 1 0-3z",
                true,
            ),
            Self::Again => ("M12.6 5A5.3 5.3 0 1 0 13.3 8M13 2v3.4H9.6", false),
            Self::Check => ("M2.8 8.6 6.4 12 13.2 4.4", false),
            Self::Cross => ("M3.8 3.8l8.4 8.4M12.2 3.8l-8.4 8.4", false),
            Self::Hourglass => ("M3.5 2.5h9L8 8l4.5 5.5h-9L8 8z", false),
            Self::Dot => ("M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z", true),
            Self::Ring => ("M8 3.5a4.5 4.5 0 1 1 0 9 4.5 4.5 0 0 1 0-9z", false),
            Self::Ghost => (
                "M8 3a5 5 0 0 1 2.9.9M12.4 5.6a5 5 0 0 1 .6 2.9M12 10.9a5 5 0 0 1-2.3 1.8M6.8 12.9A5 5 0 0 1 4 11.1M3 \
                 8.6a5 5 0 0 1 .6-2.9M5.1 3.9A5 5 0 0 1 5.9 3.4",
                false,
            ),
            Self::Flag => ("M3.5 14V2.5h9L10 6l2.5 3.5h-7V14z", true),
            Self::Square => ("M3 3h10v10H3zM6 6v4h4V6z", true),
            Self::Diamond => ("M8 2l6 6-6 6-6-6z", true),
            Self::Clock => ("M8 2.5a5.5 5.5 0 1 1 0 11 5.5 5.5 0 0 1 0-11zM8 5v3l2 1.6", false),
            Self::Bolt => ("M9.5 1.5 3 9h4l-.5 5.5L13 7H9z", true),
            Self::Dash => ("M4 8h8", false),
            Self::Contrast => (
                "M8 1.8a6.2 6.2 0 1 1 0 12.4A6.2 6.2 0 0 1 8 1.8zM8 3.4v9.2a4.6 4.6 0 0 0 0-9.2z",
                true,
            ),
            Self::Link => (
                "M6.5 9.5l3-3M7 4.5 8.7 2.8a3.2 3.2 0 0 1 4.5 4.5L11.5 9M4.5 7 2.8 8.7a3.2 3.2 0 0 0 4.5 4.5L9 11.5",
                false,
            ),
            Self::Open => ("M8 10.5V2.5M4.8 5.5 8 2.3l3.2 3.2M2.5 10v3.5h11V10", false),
            Self::Large => ("M1.5 13 5.5 3l4 10M3 9.5h5M10 13l2.5-6.5L15 13M11 11h3.2", false),
            Self::Down => ("M3.5 6 8 10.5 12.5 6", false),
        }
    }
}

/// The glyph inside text, as tall as it. Always beside words that say the same, so it is hidden from screen readers.
pub fn icon(icon: Icon) -> impl IntoView {
    let (path, filled) = icon.path();
    let class = if filled { "icon icon-filled" } else { "icon" };
    view! {
        <svg class=class viewBox="0 0 16 16" aria-hidden="true">
            <path d=path fill-rule="evenodd" />
        </svg>
    }
}

/// The glyph inside the time picture, `size` wide, its top left corner there.
pub fn icon_at(icon: Icon, x: f64, y: f64, size: f64, class: &'static str) -> impl IntoView {
    let (path, filled) = icon.path();
    let class = format!("icon {} {class}", if filled { "icon-filled" } else { "" });
    let at = format!("translate({x:.1} {y:.1}) scale({:.3})", size / 16.0);
    view! { <path class=class d=path fill-rule="evenodd" transform=at /> }
}

/// Glyph and colour class of what an event is about.
pub fn of_category(category: Category) -> (Icon, &'static str) {
    match category {
        Category::Workflow => (Icon::Flag, "is-workflow"),
        Category::WorkflowTask => (Icon::Square, "is-workflow"),
        Category::Activity => (Icon::Diamond, "is-activity"),
        Category::Timer => (Icon::Clock, "is-timer"),
        Category::Signal => (Icon::Bolt, "is-signal"),
        Category::Other => (Icon::Ring, "is-other"),
    }
}

/// Glyph and colour class of how something ended; the third is the word for it.
pub fn of_outcome(outcome: Outcome) -> (Icon, &'static str, &'static str) {
    match outcome {
        Outcome::Running => (Icon::Dot, "is-running", "running"),
        Outcome::Ok => (Icon::Check, "is-ok", "ok"),
        Outcome::Failed => (Icon::Cross, "is-failed", "failed"),
        Outcome::TimedOut => (Icon::Hourglass, "is-timed-out", "timed out"),
        Outcome::Canceled => (Icon::Dash, "is-other", "cancelled"),
        Outcome::Lost => (Icon::Skull, "is-lost", "lost"),
    }
}

/// Glyph and colour class of a step.
pub fn of_step(kind: StepKind) -> (Icon, &'static str) {
    match kind {
        StepKind::Client => (Icon::Flag, "is-workflow"),
        StepKind::Poll => (Icon::Down, "is-other"),
        StepKind::Execute => (Icon::Play, "is-workflow"),
        StepKind::Replay => (Icon::Ghost, "is-ok"),
        StepKind::Answer => (Icon::Square, "is-workflow"),
        StepKind::Effect => (Icon::Bolt, "is-timer"),
        StepKind::ActivityAnswer => (Icon::Diamond, "is-activity"),
        StepKind::Timer => (Icon::Hourglass, "is-timed-out"),
        StepKind::Crash => (Icon::Skull, "is-lost"),
        StepKind::Leave => (Icon::Dash, "is-other"),
        StepKind::Partition => (Icon::Bolt, "is-lost"),
        StepKind::Restart => (Icon::Again, "is-ok"),
        StepKind::Refused => (Icon::Cross, "is-other"),
    }
}

/// Glyph, colour class and word of a mark beside the source text.
pub fn of_line(mark: LineMark) -> (Icon, &'static str, &'static str) {
    match mark {
        LineMark::Done => (Icon::Check, "line-done", "done"),
        LineMark::Replayed => (Icon::Ghost, "line-replayed", "replayed"),
        LineMark::Executing => (Icon::Dot, "line-executing", "executing"),
        LineMark::Awaiting => (Icon::Pause, "line-awaiting", "awaiting"),
        LineMark::Forgotten => (Icon::Dash, "line-forgotten", "forgotten"),
    }
}
