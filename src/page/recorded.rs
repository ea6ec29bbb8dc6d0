//! A finished recording, as the page holds it: cheap to hand around, and asked by step, time and event.

use std::sync::Arc;

use super::mark_index::{MarkIndex, Seen, View};
use super::time_scale::{Gap, folded_gaps};
use crate::base::time::SimTime;
use crate::view::recording::{Code, Ending, EventRow, Mark, MarkKind, Moment, Recording, StepKind, StoryCard, Waiting};

/// A finished recording that is cheap to hand around; two are equal if they are the same one.
#[derive(Clone, Debug)]
pub struct Recorded(Arc<Indexed>);

/// A recording, and where things are in it, found once so that no frame and no key walks through the run.
#[derive(Debug)]
struct Indexed {
    recording: Recording,
    marks: MarkIndex,
    folds: Vec<Gap>,
    /// Attempts of activities: the event that each belongs to, and its place among the marks; in order.
    runs_of: Vec<(Option<u32>, u32)>,
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
    /// Wraps a finished recording.
    pub fn new(recording: Recording) -> Self {
        let marks = MarkIndex::new(&recording.marks);
        let is_backoff = |place: u32| recording.marks[place as usize].kind == MarkKind::Backoff;
        let worthy = |(from, to)| marks.covering(&recording.marks, from, to).into_iter().any(is_backoff);
        let folds = folded_gaps(recording.moments.iter().map(|m| m.at), worthy);
        let activities = (0..)
            .zip(&recording.marks)
            .filter(|(_, m)| m.kind == MarkKind::Activity);
        let mut runs_of: Vec<(Option<u32>, u32)> = activities.map(|(place, m)| (m.event, place)).collect();
        runs_of.sort_unstable();
        let interesting = recording.moments.iter().filter(|m| m.interesting).map(|m| m.step);
        let begun = recording.marks.iter().filter(|m| m.kind == MarkKind::Activity);
        let mut attempts: Vec<u32> = begun.map(|m| m.from_step).collect();
        attempts.sort_unstable();
        Self(Arc::new(Indexed {
            interesting: interesting.collect(),
            folds,
            marks,
            runs_of,
            attempts,
            recording,
        }))
    }

    /// What is shown before the first run is computed: one moment, nothing in it.
    pub fn blank() -> Self {
        let none = String::new;
        Self::new(Recording {
            story: StoryCard {
                id: none(),
                chapter: none(),
                title: none(),
                sentence: none(),
                workflow_type: none(),
            },
            seed: 0,
            choices: vec![],
            sources: vec![],
            runs: vec![],
            shown: 0,
            moments: vec![Moment {
                step: 0,
                at: SimTime::ZERO,
                text: none(),
                kind: StepKind::Client,
                interesting: false,
                events_len: 0,
                unwritten: vec![],
                workers: vec![],
                world: vec![],
                waiting: Waiting {
                    text: "The run is being worked out.".into(),
                    until: None,
                    stuck: false,
                    closed: false,
                },
                code: Code {
                    version: 0,
                    holder: none(),
                    here: None,
                    lines: vec![],
                },
                attempts: None,
            }],
            events: vec![],
            lanes: vec![],
            marks: vec![],
            end: Ending {
                settled: false,
                text: none(),
                result: None,
                unheeded: vec![],
                promises: vec![],
            },
        })
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

    /// An event, by its id from 1.
    pub fn event(&self, id: u32) -> Option<EventRow> {
        self.events.get((id as usize).wrapping_sub(1)).cloned()
    }

    /// The workflow task that an event belongs to.
    pub fn task_of(&self, id: u32) -> Option<u32> {
        Some(self.events.get((id as usize).wrapping_sub(1))?.task)
    }

    /// The events of a workflow task, as far as they are among the first `written`.
    pub fn events_of(&self, task: u32, written: u32) -> &[EventRow] {
        let written = &self.events[..self.events.len().min(written as usize)];
        let first = written.partition_point(|event| event.task < task);
        &written[first..written.partition_point(|event| event.task <= task)]
    }

    /// An event as the Temporal CLI prints it.
    pub fn event_json(&self, id: u32) -> Option<String> {
        Some(self.event(id)?.json)
    }

    /// The number of the last moment.
    pub fn last(&self) -> u32 {
        self.moments.len().saturating_sub(1) as u32
    }

    /// The moment after so many steps, or the last one there is.
    pub fn moment(&self, step: u32) -> &Moment {
        &self.moments[step.min(self.last()) as usize]
    }

    /// When the run ends.
    pub fn end_time(&self) -> SimTime {
        self.moment(self.last()).at
    }

    /// The moment that an instant of virtual time belongs to: the last one not after it.
    pub fn at_time(&self, time: SimTime) -> u32 {
        self.moments.partition_point(|m| m.at <= time).saturating_sub(1) as u32
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

    /// The gaps of time in which so little happens that the time picture may fold them.
    pub fn folds(&self) -> &[Gap] {
        &self.0.folds
    }

    /// The marks that last as long as that gap, or longer.
    pub fn marks_covering(&self, (from, to): Gap) -> impl Iterator<Item = &Mark> {
        let found = self.0.marks.covering(&self.marks, from, to);
        found.into_iter().map(move |place| &self.marks[place as usize])
    }

    /// The lane of the worker that did an effect: there an activity runs at that time. `place` is the effect's among the
    /// marks; none for anything else.
    pub fn doer(&self, place: u32) -> Option<u32> {
        let effect = &self.marks[place as usize];
        let runs_of = &self.0.runs_of;
        let first = runs_of.partition_point(|(event, _)| *event < effect.event);
        let runs = |m: &&Mark| m.from <= effect.from && effect.from <= m.to;
        let same = runs_of[first..].iter().take_while(|(event, _)| *event == effect.event);
        let mut ran = same.map(|(_, place)| &self.marks[*place as usize]);
        (effect.kind == MarkKind::Effect)
            .then(|| ran.find(runs).map(|m| m.lane))
            .flatten()
    }

    /// What of the time picture is in sight.
    pub fn look<X: Fn(SimTime) -> f64>(&self, view: &View<X>) -> Vec<Seen> {
        self.0.marks.look(&self.marks, view)
    }
}

/// The first of some steps, in order, that comes after `step`.
fn after(steps: &[u32], step: u32) -> Option<u32> {
    steps.get(steps.partition_point(|s| *s <= step)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::stories::LAB;
    use crate::page::engine::{Recorder, RunSpec};

    #[test]
    fn a_saved_history_is_what_the_command_line_writes() {
        let mut recorder = Recorder::of(LAB.sim(&RunSpec::of("all-goes-well")).unwrap());
        while !recorder.advance(64) {}
        let run = Recorded::new(recorder.finish());
        let written = run.moment(run.last()).events_len;
        assert_eq!(
            run.history_json(written).collect::<String>(),
            include_str!("../../tests/stories/all-goes-well.json")
        );
        assert_eq!(run.history_json(0).collect::<String>(), "{\n  \"events\": []\n}\n");
    }
}
