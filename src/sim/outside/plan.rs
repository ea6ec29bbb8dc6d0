//! When things happen during an attempt of an activity: its effect in the outside, its reports of progress, its answer.

use super::ActivityError;
use crate::base::time::Span;

/// When things happen during an attempt, measured from its start.
#[derive(Clone, Debug, PartialEq)]
pub struct Plan {
    /// When the world changes: the time for [`Outside::perform`](super::Outside::perform), of the last part if there are several.
    pub effect_after: Span,
    /// The parts that the work is done in; `None` if it is done all at once.
    pub parts: Option<Parts>,
    /// When the activity function returns what [`Outside::perform`](super::Outside::perform) said, never before the effect. `None` if it hangs for
    /// good; there is no effect then either. A part that fails is the last one, and the function returns as soon after
    /// it.
    pub answer_after: Option<Span>,
    /// How it reports progress; `None` if it does not.
    pub beats: Option<Beats>,
    /// What it does if it learns that it was cancelled.
    pub on_cancel: OnCancel,
}

/// Work that is done part by part, at regular intervals. What an attempt has done before it fails or its worker dies
/// stays done; that the world has changed and that somebody was told of it are two things.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Parts {
    /// The interval.
    pub every: Span,
    /// How many there are, from 1.
    pub count: u64,
}

/// Progress at regular intervals. The details are a count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Beats {
    /// The interval; the first report comes after one.
    pub every: Span,
    /// How often at most; `None` for as long as the attempt runs.
    pub times: Option<u64>,
    /// The count that was reached before: the first report says one more.
    pub after: u64,
}

/// What an activity function does when it learns that it was cancelled.
#[derive(Clone, Debug, PartialEq)]
pub enum OnCancel {
    /// Goes on as if nothing had happened.
    GoesOn,
    /// Stops and says so, so long after it has learned of it.
    Confirms {
        /// How long.
        after: Span,
    },
    /// Fails, so long after it has learned of it.
    Fails {
        /// How long.
        after: Span,
        /// With what.
        error: ActivityError,
    },
}

impl Plan {
    /// An attempt that does its work at one moment and says so at another.
    pub const fn simple(effect_after: Span, answer_after: Span) -> Self {
        Self {
            effect_after,
            parts: None,
            answer_after: Some(answer_after),
            beats: None,
            on_cancel: OnCancel::GoesOn,
        }
    }

    /// How many parts the work has.
    pub fn parts(&self) -> u64 {
        self.parts.map_or(1, |parts| parts.count)
    }

    /// When part number `n` is done, from 1.
    pub fn part_after(&self, n: u64) -> Span {
        let to_come = self
            .parts
            .map_or(0, |parts| parts.every.0.saturating_mul(parts.count.saturating_sub(n)));
        Span(self.effect_after.0.saturating_sub(to_come))
    }

    /// How long the function takes to return after the last of its work.
    pub fn returns_within(&self) -> Span {
        let answer = self.answer_after.unwrap_or(self.effect_after);
        Span(answer.0.saturating_sub(self.effect_after.0))
    }

    /// The same on a worker that is so fast, in percent of an ordinary one.
    #[must_use]
    pub fn at_pace(mut self, percent: u32) -> Self {
        let takes = |span: Span| Span(span.0.saturating_mul(100) / u64::from(percent.max(1)));
        self.effect_after = takes(self.effect_after);
        if let Some(parts) = &mut self.parts {
            parts.every = takes(parts.every);
        }
        self.answer_after = self.answer_after.map(takes);
        if let Some(beats) = &mut self.beats {
            beats.every = takes(beats.every);
        }
        self
    }

    /// How many reports the function has made when so much time has passed; nobody reports at its very end.
    pub fn beats_made(&self, passed: Span) -> u64 {
        let Some(beats) = self.beats else { return 0 };
        let last = self
            .answer_after
            .map_or(u64::MAX, |end| end.0.saturating_sub(1) / beats.every.0);
        (passed.0 / beats.every.0)
            .min(last)
            .min(beats.times.unwrap_or(u64::MAX))
    }
}

impl Beats {
    /// When report number `n` is made, from 1.
    pub const fn time(self, n: u64) -> Span {
        Span(self.every.0.saturating_mul(n))
    }

    /// What report number `n` says, from 1.
    pub const fn details(self, n: u64) -> u64 {
        self.after + n
    }
}
