//! A run as plain data, recorded to its end: everything a front end shows, worded and measured.
//!
//! The engine is not here: a [`Recording`] holds no handle to it, so a front end can keep one, compare two, and
//! move its cursor freely. The cursor is a *moment*: the number of steps done, from 0 (nothing has happened yet) to
//! the last. All workflow runs of the world are recorded; which one is looked at is said with each question.
//!
//! What is kept is what is new: steps, events, the chronicle, and for all else the changes. A moment, a row, a label, a
//! text is made when it is asked for, in the time of a few binary searches and of what is open then. `recorder.rs` in
//! this folder makes recordings; this file says what is in one.

use std::sync::Arc;

use super::attempts;
use super::chronicle::Chronicle;
use super::code::CodeMarks;
use super::events;
use super::mark_words;
use super::marks;
use super::opened::{self, Opened};
use super::steps;
use super::track::Track;
use super::world::WorldRows;
use crate::base::growing::GrowingList;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::json::event_text;
use crate::history::log::EventLog;
use crate::history::proto::{Attributes, HistoryEvent, event_name};
use crate::history::timestamp::Timestamp;
use crate::sim::step::Record;
use crate::sim::text;

pub use super::chronicle::messages::MessageKind;
pub use super::moment::{
    AttemptRow, Attempts, Code, CodeLine, Ending, EventDetails, EventRow, Lane, LaneKind, LineMark, Mark, MarkFacts,
    MarkKind, Moment, Outcome, Presence, Promise, RunRow, Source, StepKind, StoryCard, Unwritten, Waiting, WorkerState,
    WorldRow,
};

pub use crate::history::class::{Category, Class};
use crate::history::class::{Part, Thing};

/// A whole run from its first step to its last.
#[derive(Clone, Debug, PartialEq)]
pub struct Recording {
    /// The story that was run.
    pub story: StoryCard,
    /// The seed it was run with.
    pub seed: u64,
    /// The interventions made, in order, as the address spells them: `41:kill:A`.
    pub choices: Vec<String>,
    /// Every run of a workflow that was started, in the order of their starts.
    pub runs: Vec<RunRow>,
    /// The lanes of the time picture, top to bottom.
    pub lanes: Vec<Lane>,
    /// How it ended.
    pub end: Ending,
    /// The virtual time of each moment, never empty: `times[n]` is that of the last step of moment `n`.
    pub times: Vec<SimTime>,
    pub(super) records: GrowingList<Record>,
    pub(super) histories: Vec<EventLog>,
    pub(super) chronicle: Chronicle,
    pub(super) code: CodeMarks,
    /// What each workflow run waits for, once it has begun.
    pub(super) waiting: Vec<Track<Arc<Waiting>>>,
    /// What is waited for before.
    pub(super) before: Waiting,
    pub(super) workers: Vec<Track<Arc<WorkerState>>>,
    pub(super) world: WorldRows,
    /// The source text of each workflow type, in each version of the code.
    pub(super) sources: Vec<(String, Vec<Source>)>,
    /// What is known of it beside its events, if it came in a file and was not lived here.
    pub opened: Option<Arc<Opened>>,
}

impl Recording {
    /// What is shown while a run is being worked out: one moment, nothing in it, and a sentence that says so.
    pub fn blank(waiting: &str) -> Self {
        Self {
            story: StoryCard::default(),
            seed: 0,
            choices: Vec::new(),
            runs: Vec::new(),
            lanes: Vec::new(),
            end: Ending::default(),
            times: vec![SimTime::ZERO],
            records: GrowingList::new(),
            histories: Vec::new(),
            chronicle: Chronicle::default(),
            code: CodeMarks::default(),
            waiting: Vec::new(),
            before: Waiting::for_something(waiting),
            workers: Vec::new(),
            world: WorldRows::default(),
            sources: Vec::new(),
            opened: None,
        }
    }

    // ---- Moments.

    /// The number of the last moment.
    pub fn last(&self) -> u32 {
        u32::try_from(self.times.len()).expect("bounded by the steps") - 1
    }

    /// The virtual time of a moment, or of the last one there is.
    pub fn at(&self, step: u32) -> SimTime {
        self.times[step.min(self.last()) as usize]
    }

    /// When it ends.
    pub fn end_time(&self) -> SimTime {
        self.at(self.last())
    }

    /// The moment that an instant of virtual time belongs to: the last one not after it.
    pub fn at_time(&self, time: SimTime) -> u32 {
        let past = self.times.partition_point(|at| *at <= time);
        u32::try_from(past).unwrap_or(u32::MAX).saturating_sub(1)
    }

    /// The moment after so many steps, or the last one there is, as it concerns workflow run number `run`, from 0.
    pub fn moment(&self, run: u32, step: u32) -> Moment {
        let (key, step) = (RunKey(run), step.min(self.last()));
        let record = self.record(step);
        let (text, kind) = match (record, self.event_of_step(step)) {
            (Some(record), _) => {
                let told = text::told(record, key, |run| self.workflow_id(run));
                (told, steps::kind(&record.what))
            }
            (None, Some((opened, event))) => opened::step(opened, event),
            (None, None) => ("nothing has happened yet".to_owned(), StepKind::Client),
        };
        Moment {
            step,
            at: self.at(step),
            text,
            kind,
            interesting: self.interesting(run, step),
            events_len: self.events_len(run, step),
            unwritten: self.unwritten(key, step),
            workers: self
                .workers
                .iter()
                .filter_map(|worker| worker.at(step))
                .map(|state| (**state).clone())
                .collect(),
            world: self.world.at(step),
            waiting: self.waiting(key, step).clone(),
            code: self.code.shown(&self.chronicle, self.history(key), key, step),
            attempts: attempts::attempts(&self.chronicle, self.history(key), key, step),
        }
    }

    /// Whether "next interesting" stops at a moment, for somebody who looks at that workflow run.
    pub fn interesting(&self, run: u32, step: u32) -> bool {
        let line = self.chronicle.runs.get(RunKey(run));
        let closes = line.is_some_and(|line| line.closed.is_some_and(|(closed, _)| closed == step));
        closes
            || self.record(step).is_some_and(|record| steps::interesting(&record.what))
            || self
                .event_of_step(step)
                .is_some_and(|(_, event)| opened::is_interesting(event))
    }

    /// The event that a step is, of a history that came in a file.
    fn event_of_step(&self, step: u32) -> Option<(&Opened, &HistoryEvent)> {
        let opened = self.opened.as_deref()?;
        let event = self.history(RunKey(0)).get((step as usize).checked_sub(1)?)?;
        Some((opened, event))
    }

    /// The date of a time of its clock.
    pub fn date(&self, at: SimTime) -> Timestamp {
        match &self.opened {
            Some(opened) => opened.date(at),
            None => Timestamp::of(at),
        }
    }

    /// The activity whose attempts are looked at after so many steps, as the event that scheduled it, and which of them
    /// began last.
    pub fn attempt(&self, run: u32, step: u32) -> Option<(u32, u32)> {
        attempts::latest_attempt(&self.chronicle, RunKey(run), step)
    }

    /// The attempts of the activity that an event is about, as they stand after so many steps; `None` if it is about none.
    pub fn attempts_of(&self, run: u32, step: u32, event: u32) -> Option<Attempts> {
        let event = self.event_itself(run, event)?;
        let scheduled = match event.class().part {
            Part::Opens(Thing::Activity) => event.event_id,
            _ => event.opened_by()?.to,
        };
        let activity = self.chronicle.activities.get(RunKey(run), scheduled)?;
        attempts::attempts_of(&self.chronicle, self.history(RunKey(run)), activity, step)
    }

    pub(super) fn record(&self, step: u32) -> Option<&Record> {
        self.records.get((step as usize).checked_sub(1)?)
    }

    fn waiting(&self, run: RunKey, step: u32) -> &Waiting {
        let track = self.waiting.get(run.0 as usize);
        track
            .and_then(|track| track.at(step))
            .map_or(&self.before, |waiting| &**waiting)
    }

    /// What no event says yet: attempts, workflow tasks that are retried in silence, and what is held back.
    fn unwritten(&self, run: RunKey, step: u32) -> Vec<Unwritten> {
        let mut facts = attempts::unwritten(&self.chronicle, run, step);
        let Some(line) = self.chronicle.runs.get(run) else {
            return facts;
        };
        if let Some(task) = line.retried(step) {
            let what = if task.started { "started" } else { "scheduled" };
            facts.push(Unwritten {
                known: true,
                at: task.since,
                text: format!("workflow task attempt {} {what}", task.attempt),
                chip: "written only if it is answered".to_owned(),
                outcome: Outcome::Running,
            });
        }
        facts.extend(line.buffered(step).iter().map(|event| Unwritten {
            known: true,
            at: event.at,
            text: event_name(event.event_type).to_owned(),
            chip: "buffered while a workflow task runs".to_owned(),
            outcome: Outcome::Running,
        }));
        facts
    }

    // ---- Histories.

    /// The events of a workflow run, as they stand at the end.
    pub fn history(&self, run: RunKey) -> &[HistoryEvent] {
        self.histories.get(run.0 as usize).map_or(&[], |log| log.events())
    }

    /// The same, by the run's number.
    pub fn events(&self, run: u32) -> &[HistoryEvent] {
        self.history(RunKey(run))
    }

    /// How many events the history of a workflow run holds after so many steps.
    pub fn events_len(&self, run: u32, step: u32) -> u32 {
        let line = self.chronicle.runs.get(RunKey(run));
        line.map_or(0, |line| line.events_len(step))
    }

    /// The row of an event.
    pub fn event(&self, run: u32, id: u32) -> Option<EventRow> {
        let (step, task) = self.chronicle.runs.get(RunKey(run))?.of_event(id)?;
        let event = self.event_itself(run, id)?;
        let row = events::row(event, step, task);
        Some(match &self.opened {
            Some(opened) => EventRow {
                name: opened.type_name(event),
                ..row
            },
            None => row,
        })
    }

    /// The workflow task that an event belongs to.
    pub fn task_of(&self, run: u32, id: u32) -> Option<u32> {
        let (_, task) = self.chronicle.runs.get(RunKey(run))?.of_event(id)?;
        Some(task)
    }

    /// The event that began what an event continues or ends; for what begins something, or stands for itself, the event
    /// itself; for those of the run, the first.
    pub fn opener(&self, run: u32, id: u32) -> u32 {
        let Some(event) = self.event_itself(run, id) else {
            return id;
        };
        match (event.class().part, event.opened_by()) {
            (Part::Starts(Thing::Run) | Part::Changes(Thing::Run) | Part::Closes(Thing::Run, _), _) => 1,
            (_, Some(opened)) if opened.to > 0 => u32::try_from(opened.to).unwrap_or(id),
            _ => id,
        }
    }

    /// The rows of a workflow task's events, as far as they are among the first `written` of the history.
    pub fn events_of(&self, run: u32, task: u32, written: u32) -> Vec<EventRow> {
        let Some(line) = self.chronicle.runs.get(RunKey(run)) else {
            return Vec::new();
        };
        let ids = line.events_of_task(task).filter(|id| *id <= written);
        ids.filter_map(|id| self.event(run, id)).collect()
    }

    /// What there is to say about an event beside its row.
    pub fn event_details(&self, run: u32, id: u32) -> Option<EventDetails> {
        let event = self.event_itself(run, id)?;
        let mut details = events::details(self.history(RunKey(run)), event);
        if let Some(opened) = &self.opened {
            details.attributes.extend(opened.unknown(event));
        }
        Some(details)
    }

    /// An event as canonical JSON, as `temporal workflow show --output json` prints it.
    pub fn event_json(&self, run: u32, id: u32) -> Option<String> {
        let event = self.event_itself(run, id)?;
        Some(match &self.opened {
            Some(opened) => opened.json(event),
            None => event_text(event),
        })
    }

    fn event_itself(&self, run: u32, id: u32) -> Option<&HistoryEvent> {
        self.history(RunKey(run)).get((id as usize).checked_sub(1)?)
    }

    /// The type of an activity; empty if that event scheduled none.
    pub(super) fn activity_type(&self, run: RunKey, scheduled_event_id: i64) -> &str {
        let place = usize::try_from(scheduled_event_id - 1).ok();
        let event = place.and_then(|place| self.history(run).get(place));
        match event.map(|event| &event.attributes) {
            Some(Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled))) => {
                scheduled.activity_type.as_ref().map_or("", |named| named.name.as_str())
            }
            _ => "",
        }
    }

    // ---- Workflow runs.

    /// The run that has the work of a run after so many steps: itself, or the last one of the same workflow id that has
    /// begun after it, by a reset, a retry, a schedule, or because it continued as new.
    pub fn current(&self, run: u32, step: u32) -> u32 {
        let Some(id) = self.runs.get(run as usize).map(|row| &row.workflow_id) else {
            return run;
        };
        let begun = |(at, row): &(u32, &RunRow)| *at >= run && row.workflow_id == *id && row.opened <= step;
        (0..).zip(&self.runs).filter(begun).last().map_or(run, |(at, _)| at)
    }

    /// Which run somebody looks at who goes from one moment to another: along with the work, forth and back, unless it was
    /// an older run that they looked at.
    pub fn followed(&self, run: u32, from: u32, to: u32) -> u32 {
        let Some(row) = self.runs.get(run as usize) else {
            return run;
        };
        if self.current(run, from) != run {
            return run;
        }
        if row.opened <= to {
            return self.current(run, to);
        }
        let first = self.runs.iter().position(|other| other.workflow_id == row.workflow_id);
        let first = first.and_then(|at| u32::try_from(at).ok()).unwrap_or(run);
        self.current(first, to)
    }

    /// A run among the others: `DataSync · sync-1 · run 2 of 3`.
    pub fn run_label(&self, run: u32) -> String {
        let Some(row) = self.runs.get(run as usize) else {
            return String::new();
        };
        let same = |other: &&RunRow| other.workflow_id == row.workflow_id;
        let all = self.runs.iter().filter(same).count();
        let label = format!("{} · {}", row.workflow_type, row.workflow_id);
        if all < 2 {
            return label;
        }
        let number = self.runs[..=run as usize].iter().filter(same).count();
        format!("{label} · run {number} of {all}")
    }

    fn workflow_id(&self, run: RunKey) -> &str {
        self.runs.get(run.0 as usize).map_or("", |row| row.workflow_id.as_str())
    }

    /// The source text of a workflow run in a version of the code, as [`Code::version`] counts them. Before it has begun
    /// it is that of the workflow which the story starts.
    pub fn source(&self, run: u32, version: u32) -> Option<&Source> {
        let wanted = self.runs.get(run as usize).map(|row| row.workflow_type.as_str());
        let of_type = |of: &&(String, Vec<Source>)| wanted.is_some_and(|wanted| of.0 == wanted);
        let found = self.sources.iter().find(of_type).or(self.sources.first());
        found?.1.get(version as usize)
    }

    // ---- The time picture.

    /// Every mark in the time picture, in the order of their beginnings; of the events, those of one workflow run. A mark
    /// belongs to a moment once its `from_step` is reached.
    pub fn marks(&self, run: u32) -> Vec<Mark> {
        marks::marks(self, RunKey(run))
    }

    /// Words for a mark, the longest first: what is drawn is the first that there is room for. Only those of an outage
    /// depend on the time that is shown.
    pub fn labels(&self, mark: &Mark, now: SimTime) -> Vec<String> {
        mark_words::labels(self, mark, now)
    }

    /// What there is to say about a mark at a moment.
    pub fn facts(&self, run: u32, mark: &Mark, step: u32) -> MarkFacts {
        mark_words::facts(self, RunKey(run), mark, step.min(self.last()))
    }

    /// The results that a replay took from the history instead of from the world: their events, if it was one of that run.
    pub fn replayed(&self, run: u32, mark: &Mark) -> Vec<u32> {
        mark_words::replayed(self, RunKey(run), mark)
    }
}
