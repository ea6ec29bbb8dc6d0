//! A finished recording, as the page holds it: cheap to hand around, and asked by step, time and event.

use std::pin::pin;
use std::sync::{Arc, OnceLock};
use std::task::{Context, Poll, Waker};

use crate::base::time::SimTime;
use crate::history::proto::HistoryEvent;
use crate::page::picture::mark_index::{MarkIndex, Seen, View};
use crate::page::picture::time_form::Words;
use crate::page::picture::time_scale::{Gap, folded_gaps};
use crate::view::recording::{Attempts, EventDetails, EventRow, Mark, MarkFacts, MarkKind, Moment, Recording, Source};

/// A fold that hides so much of an outage must not look like nothing.
const OUTAGE_SHARE: f64 = 0.2;

/// More outages are not drawn in the strip of the whole run.
const OUTAGES_MAX: usize = 200;

/// A finished recording that is cheap to hand around, and the workflow run that is looked at; two are equal if they are
/// the same one.
#[derive(Clone, Debug)]
pub struct Recorded(Arc<Indexed>);

/// A recording as one looks at it, and where things are in it, found once so that no frame and no key walks through the
/// run.
#[derive(Debug)]
struct Indexed {
    recording: Arc<Recording>,
    /// Which of the workflow runs is looked at, from 0.
    shown: u32,
    marks: Vec<Mark>,
    /// The words of each mark, made when it is first seen.
    labels: Vec<OnceLock<Words>>,
    /// How many rows each lane has.
    rows: Vec<u32>,
    index: MarkIndex,
    /// What may be folded, and whether a worker is dead or cut off meanwhile.
    folds: Vec<(Gap, bool)>,
    /// The steps worth stopping at, in order.
    interesting: Vec<u32>,
    /// The steps at which an attempt of an activity begins, in order.
    attempts: Vec<u32>,
}

impl PartialEq for Recorded {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for Recorded {
    type Target = Recording;
    fn deref(&self) -> &Recording {
        &self.0.recording
    }
}

impl Recorded {
    /// Wraps a finished recording; workflow run number `shown` is looked at, or the first if there is none. There is a
    /// `rest` after each part of the work: of a long run, each takes as long as a slice may.
    pub async fn new(recording: Recording, shown: u32, rest: impl AsyncFn()) -> Self {
        Self::of(Arc::new(recording), shown, rest).await
    }

    /// The same recording, with another workflow run looked at.
    pub async fn showing(&self, shown: u32, rest: impl AsyncFn()) -> Self {
        if shown == self.shown() {
            return self.clone();
        }
        Self::of(Arc::clone(&self.0.recording), shown, rest).await
    }

    async fn of(recording: Arc<Recording>, shown: u32, rest: impl AsyncFn()) -> Self {
        let shown = if (shown as usize) < recording.runs.len() {
            shown
        } else {
            0
        };
        let marks = recording.marks(shown);
        rest().await;
        let index = MarkIndex::new(&marks);
        rest().await;
        let is_backoff = |place: u32| marks[place as usize].kind == MarkKind::Backoff;
        let worthy = |(from, to)| index.covering(&marks, from, to).into_iter().any(is_backoff);
        // Of a longer outage the fold hides a part only, and the rest is seen.
        let hides = |(from, to): Gap, mark: &Mark| {
            let (hidden, whole) = (to.since(from), mark.to.since(mark.from));
            is_outage(mark.kind) && hidden.as_secs_f64() >= OUTAGE_SHARE * whole.as_secs_f64()
        };
        let outage = |gap: Gap| {
            let covering = index.covering(&marks, gap.0, gap.1).into_iter();
            covering
                .map(|place| &marks[place as usize])
                .any(|mark| hides(gap, mark))
        };
        let gaps = folded_gaps(recording.times.iter().copied(), worthy);
        let folds = gaps.into_iter().map(|gap| (gap, outage(gap))).collect();
        rest().await;
        let mut rows = vec![1; recording.lanes.len()];
        for mark in &marks {
            let rows = &mut rows[mark.lane as usize];
            *rows = (mark.row + 1).max(*rows);
        }
        let interesting = (0..=recording.last()).filter(|step| recording.interesting(shown, *step));
        let begun = marks.iter().filter(|m| m.kind == MarkKind::Activity);
        let mut attempts: Vec<u32> = begun.map(|m| m.from_step).collect();
        attempts.sort_unstable();
        Self(Arc::new(Indexed {
            interesting: interesting.collect(),
            shown,
            folds,
            rows,
            labels: marks.iter().map(|_| OnceLock::new()).collect(),
            marks,
            index,
            attempts,
            recording,
        }))
    }

    /// What is shown before the first run is computed: one moment, nothing in it.
    pub fn blank() -> Self {
        at_once(Self::new(
            Recording::blank("The run is being worked out."),
            0,
            async || {},
        ))
    }

    /// Which of the workflow runs is looked at, from 0.
    pub fn shown(&self) -> u32 {
        self.0.shown
    }

    /// The first `written` events as the Temporal CLI prints a history, in parts to be put together.
    pub fn history_json(&self, written: u32) -> impl Iterator<Item = String> + use<> {
        let (run, before) = (self.clone(), |id| if id == 1 { "\n    " } else { ",\n    " });
        let events = (1..=written).map_while(move |id| {
            let json = run.event_json(id)?.replace('\n', "\n    ");
            Some(format!("{}{json}", before(id)))
        });
        let end = if written == 0 { "]\n}\n" } else { "\n  ]\n}\n" };
        let head = std::iter::once("{\n  \"events\": [".to_owned());
        head.chain(events).chain(std::iter::once(end.to_owned()))
    }

    /// The events of the workflow run that is looked at, as they stand at the end.
    pub fn events(&self) -> &[HistoryEvent] {
        self.0.recording.events(self.shown())
    }

    /// An event, by its id from 1.
    pub fn event(&self, id: u32) -> Option<EventRow> {
        self.0.recording.event(self.shown(), id)
    }

    /// What there is to say about an event beside its row.
    pub fn event_details(&self, id: u32) -> Option<EventDetails> {
        self.0.recording.event_details(self.shown(), id)
    }

    /// The workflow task that an event belongs to.
    pub fn task_of(&self, id: u32) -> Option<u32> {
        self.0.recording.task_of(self.shown(), id)
    }

    /// The event that began what an event continues or ends, or the event itself.
    pub fn opener(&self, id: u32) -> u32 {
        self.0.recording.opener(self.shown(), id)
    }

    /// The events of a workflow task, as far as they are among the first `written`.
    pub fn events_of(&self, task: u32, written: u32) -> Vec<EventRow> {
        self.0.recording.events_of(self.shown(), task, written)
    }

    /// An event as the Temporal CLI prints it.
    pub fn event_json(&self, id: u32) -> Option<String> {
        self.0.recording.event_json(self.shown(), id)
    }

    /// The moment after so many steps, or the last one there is.
    pub fn moment(&self, step: u32) -> Moment {
        self.0.recording.moment(self.shown(), step)
    }

    /// The attempts of the activity that an event is about; `None` if it is about none.
    pub fn attempts_of(&self, step: u32, event: u32) -> Option<Attempts> {
        self.0.recording.attempts_of(self.shown(), step, event)
    }

    /// The source text in a version of the code.
    pub fn source(&self, version: u32) -> Option<&Source> {
        self.0.recording.source(self.shown(), version)
    }

    /// The first step after `step` that is worth stopping at.
    pub fn interesting_after(&self, step: u32) -> Option<u32> {
        after(&self.0.interesting, step)
    }

    /// The last step before `step` that is worth stopping at.
    pub fn interesting_before(&self, step: u32) -> Option<u32> {
        let before = self.0.interesting.partition_point(|s| *s < step);
        self.0.interesting[..before].last().copied()
    }

    /// The first step from `step` on that is worth stopping at.
    pub fn interesting_from(&self, step: u32) -> Option<u32> {
        match step.checked_sub(1) {
            Some(before) => self.interesting_after(before),
            None => self.0.interesting.first().copied(),
        }
    }

    /// The first step after `step` at which an attempt of an activity begins.
    pub fn attempt_after(&self, step: u32) -> Option<u32> {
        after(&self.0.attempts, step)
    }

    /// The gaps of time in which so little happens that the time picture may fold them, and whether a worker is dead or
    /// cut off meanwhile.
    pub fn folds(&self) -> &[(Gap, bool)] {
        &self.0.folds
    }

    /// From when until when workers are dead or cut off, of very many only some.
    pub fn outages(&self) -> impl Iterator<Item = (SimTime, SimTime)> {
        let dead = self.0.marks.iter().filter(|mark| is_outage(mark.kind));
        dead.take(OUTAGES_MAX).map(|mark| (mark.from, mark.to))
    }

    /// How many rows each lane of the time picture has.
    pub fn rows(&self) -> &[u32] {
        &self.0.rows
    }

    /// A mark of the time picture, by its place.
    pub fn mark(&self, place: u32) -> &Mark {
        &self.0.marks[place as usize]
    }

    /// The words of a mark, the longest first; kept for all whose words do not depend on the time shown.
    pub fn labels(&self, place: u32, now: SimTime) -> Words {
        let (mark, recording) = (self.mark(place), &self.0.recording);
        let made = || -> Words { recording.labels(mark, now).into_iter().map(Arc::from).collect() };
        if is_outage(mark.kind) {
            return made();
        }
        Arc::clone(self.0.labels[place as usize].get_or_init(made))
    }

    /// What there is to say about a mark at a moment.
    pub fn facts(&self, place: u32, step: u32) -> MarkFacts {
        self.0.recording.facts(self.shown(), self.mark(place), step)
    }

    /// The events whose results a replay took from the history.
    pub fn replayed(&self, place: u32) -> Vec<u32> {
        self.0.recording.replayed(self.shown(), self.mark(place))
    }

    /// The marks that last as long as that gap, or longer.
    pub fn marks_covering(&self, (from, to): Gap) -> impl Iterator<Item = &Mark> {
        let found = self.0.index.covering(&self.0.marks, from, to);
        found.into_iter().map(move |place| &self.0.marks[place as usize])
    }

    /// What of the time picture is in sight.
    pub fn look<X: Fn(SimTime) -> f64>(&self, view: &View<X>) -> Vec<Seen> {
        self.0.index.look(&self.0.marks, view)
    }
}

/// Does something that waits for nothing.
pub fn at_once<T>(work: impl Future<Output = T>) -> T {
    match pin!(work).poll(&mut Context::from_waker(Waker::noop())) {
        Poll::Ready(done) => done,
        Poll::Pending => unreachable!("it waits for nothing"),
    }
}

/// Whether a worker is no help meanwhile, for whatever reason.
fn is_outage(kind: MarkKind) -> bool {
    matches!(kind, MarkKind::Dead | MarkKind::Away)
}

/// The first of some steps, in order, that comes after `step`.
fn after(steps: &[u32], step: u32) -> Option<u32> {
    steps.get(steps.partition_point(|s| *s <= step)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::stories::LAB;
    use crate::page::session::engine::{Recorder, RunSpec};

    #[test]
    fn a_saved_history_is_what_the_command_line_writes() {
        let mut recorder = Recorder::of(LAB.sim(&RunSpec::of("all-goes-well")).unwrap());
        while !recorder.advance(64) {}
        let run = at_once(Recorded::new(recorder.finish(), 0, async || {}));
        let written = run.moment(run.last()).events_len;
        assert_eq!(
            run.history_json(written).collect::<String>(),
            include_str!("../../../tests/stories/all-goes-well.json")
        );
        assert_eq!(run.history_json(0).collect::<String>(), "{\n  \"events\": []\n}\n");
    }
}
