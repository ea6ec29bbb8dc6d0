//! A branch: one run, its recording, and where its reader stood. How an intervention makes a new one from an old.

use std::sync::Arc;

use super::engine::{At, Choice, RunSpec};
use crate::base::time::SimTime;
use crate::view::recording::{Code, Ending, Moment, Recording, StepKind, StoryCard, Waiting};

/// A finished recording that is cheap to hand around; two are equal if they are the same one.
#[derive(Clone, Debug)]
pub struct Run(Arc<Recording>);

impl PartialEq for Run {
    fn eq(&self, other: &Self) -> bool {
        Arc::ptr_eq(&self.0, &other.0)
    }
}

impl std::ops::Deref for Run {
    type Target = Recording;
    fn deref(&self) -> &Recording {
        &self.0
    }
}

impl Run {
    /// Wraps a finished recording.
    pub fn new(recording: Recording) -> Self {
        Self(Arc::new(recording))
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

    /// The first `written` events as the Temporal CLI prints a history.
    pub fn history_json(&self, written: usize) -> String {
        let events: Vec<String> = self
            .events
            .iter()
            .take(written)
            .map(|event| event.json.replace('\n', "\n    "))
            .collect();
        if events.is_empty() {
            return "{\n  \"events\": []\n}\n".to_owned();
        }
        format!("{{\n  \"events\": [\n    {}\n  ]\n}}\n", events.join(",\n    "))
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

    /// Activity and number of the attempt that is running, or was the last to.
    pub fn attempt(&self, step: u32) -> Option<(u32, u32)> {
        let attempts = self.moment(step).attempts.as_ref()?;
        let begun = attempts
            .rows
            .iter()
            .filter(|row| row.outcome.is_some())
            .map(|row| row.number)
            .max()?;
        Some((attempts.scheduled_event, begun))
    }
}

/// One run among those the reader has made.
#[derive(Clone, Debug, PartialEq)]
pub struct Branch {
    /// Unique on this page, from 1.
    pub id: u32,
    /// What the run is.
    pub spec: RunSpec,
    /// Which of the workflow runs in it is shown, from 0 in the order of their starts.
    pub shown: u32,
    /// Its recording, once somebody looked at it.
    pub run: Option<Run>,
    /// Where the reader left it.
    pub cursor: u32,
    /// The branch it was forked from.
    pub parent: Option<u32>,
}

impl Branch {
    /// Short name: `as told`, or the last thing done, and how much came before it: `kill A at 41 (+1)`.
    pub fn label(&self) -> String {
        match self.spec.choices.as_slice() {
            [] => "as told".into(),
            [before @ .., last] => {
                let more = if before.is_empty() {
                    String::new()
                } else {
                    format!(" (+{})", before.len())
                };
                format!("{}{more}", last.label())
            }
        }
    }

    /// All that makes it different, for the tooltip.
    pub fn told(&self) -> String {
        self.spec.to_string()
    }
}

/// The run that comes of doing something once so many steps are done and the clock stands at `now`: what was done before
/// stays, what came after is another future.
pub fn forked(spec: &RunSpec, at: u32, now: SimTime, deeds: Vec<Choice>) -> RunSpec {
    let mut spec = spec.clone();
    spec.choices.retain(|choice| match choice.at {
        At::Step(step) => step < at,
        At::Time(time) => time <= now,
    });
    for deed in deeds {
        spec.choose(deed);
    }
    spec
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::Span;

    #[test]
    fn a_saved_history_is_what_the_command_line_writes() {
        let mut recorder = crate::view::recorder::Recorder::of(
            crate::catalogue::stories::LAB
                .sim(&RunSpec::of("all-goes-well"))
                .unwrap(),
        );
        while !recorder.advance(64) {}
        let run = Run::new(recorder.finish());
        assert_eq!(
            run.history_json(usize::MAX),
            include_str!("../../tests/stories/all-goes-well.json")
        );
        assert_eq!(run.history_json(0), "{\n  \"events\": []\n}\n");
    }

    #[test]
    fn a_fork_keeps_what_had_happened_and_drops_what_had_not() {
        let choice = |text: &str| Choice::parse(text).unwrap();
        let now = SimTime::ZERO + Span::secs(5);
        let spec = RunSpec::of("s");
        let killed = forked(&spec, 41, now, vec![choice("41:kill:A")]);
        let both = forked(&killed, 42, now, vec![choice("42:restart:A"), choice("43:kill:B")]);
        assert_eq!(both.to_string(), "s?seed=7&do=41:kill:A,42:restart:A,43:kill:B");
        let earlier = forked(&both, 42, now, vec![choice("42:kill:B")]);
        assert_eq!(earlier.to_string(), "s?seed=7&do=41:kill:A,42:kill:B");
        let first = forked(&both, 41, now, vec![choice("41:kill:B")]);
        assert_eq!(first.to_string(), "s?seed=7&do=41:kill:B");

        let mut timed = RunSpec::of("s");
        timed.choose(choice("5s:kill:A"));
        timed.choose(choice("6s:restart:A"));
        let forked = forked(&timed, 41, now, vec![choice("41:kill:B")]);
        assert_eq!(forked.to_string(), "s?seed=7&do=41:kill:B,5s:kill:A");
    }
}
