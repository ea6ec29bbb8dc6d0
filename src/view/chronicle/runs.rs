//! Each workflow run: its beginning and end, which step wrote which of its events, and what the Service holds back.

use super::super::track::Track;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::log::EventLog;
use crate::history::proto::{EventType, HistoryEvent};
use crate::history::task_number::TaskNumbers;
use crate::history::timestamp::Timestamp;
use crate::service::run::{Run, RunStatus};
use crate::sim::Sim;
use crate::sim::step::Record;

/// All workflow runs, in the order of their starts.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunLines {
    all: Vec<RunLine>,
}

/// One workflow run.
#[derive(Clone, Debug, PartialEq)]
pub struct RunLine {
    /// The step that started it.
    pub opened: u32,
    /// The step that closed it, and its status since.
    pub closed: Option<(u32, RunStatus)>,
    /// For each event, in order: the step that wrote it, and its workflow task.
    events: Vec<(u32, u32)>,
    numbers: TaskNumbers,
    buffered: Vec<Buffered>,
    /// The steps with which the buffer became empty, and how many events had been through it by then.
    flushed: Vec<(u32, u32)>,
    retried: Track<Option<RetriedTask>>,
}

/// An event that the Service holds back while a workflow task runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Buffered {
    /// The step that brought it.
    pub step: u32,
    /// When it happened: its event time.
    pub at: SimTime,
    /// What it is.
    pub event_type: EventType,
}

/// A workflow task that is tried again without an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetriedTask {
    /// Which attempt, from 2.
    pub attempt: u32,
    /// Since when it waits, or runs.
    pub since: SimTime,
    /// A worker has it.
    pub started: bool,
}

impl RunLines {
    /// All, in the order of their starts.
    pub fn all(&self) -> &[RunLine] {
        &self.all
    }

    /// One of them.
    pub fn get(&self, run: RunKey) -> Option<&RunLine> {
        self.all.get(run.0 as usize)
    }

    /// The runs as they were after so many steps. `histories` are their events, perhaps with later ones.
    pub(super) fn until(&self, step: u32, histories: &[EventLog]) -> Self {
        let begun = self.all.partition_point(|line| line.opened <= step);
        let lines = self.all[..begun].iter().zip(histories);
        Self {
            all: lines.map(|(line, log)| line.until(step, log)).collect(),
        }
    }

    /// One more, of a history.
    pub(super) fn push(&mut self, line: RunLine) {
        self.all.push(line);
    }

    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        for _ in self.all.len()..sim.runs().len() {
            self.all.push(RunLine {
                opened: record.number,
                closed: None,
                events: Vec::new(),
                numbers: TaskNumbers::default(),
                buffered: Vec::new(),
                flushed: Vec::new(),
                retried: Track::default(),
            });
        }
        for key in super::touched(record) {
            let run = sim.service().run(key);
            if let Some(line) = self.all.get_mut(key.0 as usize) {
                line.see(run, record.number);
            }
        }
    }
}

impl RunLine {
    /// A run that only its history tells of: a step wrote each event.
    pub(super) fn told(events: &[HistoryEvent], closed: Option<(u32, RunStatus)>) -> Self {
        let mut numbers = TaskNumbers::default();
        let events = (1..)
            .zip(events)
            .map(|(step, event)| (step, numbers.next(event.event_type())));
        Self {
            opened: 1,
            closed,
            events: events.collect(),
            numbers,
            buffered: Vec::new(),
            flushed: Vec::new(),
            retried: Track::default(),
        }
    }

    /// How many events it had after so many steps.
    pub fn events_len(&self, step: u32) -> u32 {
        let written = self.events.partition_point(|(wrote, _)| *wrote <= step);
        u32::try_from(written).unwrap_or(u32::MAX)
    }

    /// The step that wrote an event, and the number of its workflow task.
    pub fn of_event(&self, event_id: u32) -> Option<(u32, u32)> {
        self.events.get((event_id as usize).checked_sub(1)?).copied()
    }

    /// The ids of a workflow task's events. They stand together, but for what a server writes between the commands of an
    /// answer.
    pub fn events_of_task(&self, task: u32) -> impl Iterator<Item = u32> {
        let first = self.events.partition_point(|(_, of)| *of < task);
        let (events, next) = (&self.events, task + 1);
        let near = (first..events.len()).take_while(move |place| events[*place].1 <= next);
        let of_task = near.filter(move |place| events[*place].1 == task);
        of_task.filter_map(|place| u32::try_from(place + 1).ok())
    }

    /// The events that were held back after so many steps.
    pub fn buffered(&self, step: u32) -> &[Buffered] {
        let came = self.buffered.partition_point(|event| event.step <= step);
        let flushes = self.flushed.partition_point(|(flushed, _)| *flushed <= step);
        let gone = flushes.checked_sub(1).map_or(0, |last| self.flushed[last].1);
        self.buffered.get(gone as usize..came).unwrap_or_default()
    }

    /// The workflow task that was tried again without an event, after so many steps.
    pub fn retried(&self, step: u32) -> Option<RetriedTask> {
        self.retried.at(step).copied().flatten()
    }

    /// Temporal's word for how it stands after so many steps; `None` while it has not begun.
    pub fn status(&self, step: u32) -> Option<RunStatus> {
        match self.closed {
            _ if step < self.opened => None,
            Some((closed, status)) if closed <= step => Some(status),
            _ => Some(RunStatus::Running),
        }
    }

    fn until(&self, step: u32, log: &EventLog) -> Self {
        let written = self.events.partition_point(|(wrote, _)| *wrote <= step);
        let mut numbers = TaskNumbers::default();
        for event in &log.events()[..written] {
            numbers.next(event.event_type());
        }
        let came = self.buffered.partition_point(|event| event.step <= step);
        let flushes = self.flushed.partition_point(|(flushed, _)| *flushed <= step);
        Self {
            opened: self.opened,
            closed: self.closed.filter(|(closed, _)| *closed <= step),
            events: self.events[..written].to_vec(),
            numbers,
            buffered: self.buffered[..came].to_vec(),
            flushed: self.flushed[..flushes].to_vec(),
            retried: self.retried.until(step),
        }
    }

    fn see(&mut self, run: &Run, step: u32) {
        for event in &run.log.events()[self.events.len()..] {
            let task = self.numbers.next(event.event_type());
            self.events.push((step, task));
        }
        if self.closed.is_none() && !run.is_open() {
            self.closed = Some((step, run.status()));
        }
        let through = |flushed: &[(u32, u32)]| flushed.last().map_or(0, |(_, count)| *count as usize);
        if run.unwritten.buffer.len() < self.buffered.len() - through(&self.flushed) {
            let count = u32::try_from(self.buffered.len()).unwrap_or(u32::MAX);
            self.flushed.push((step, count));
        }
        let known = self.buffered.len() - through(&self.flushed);
        self.buffered
            .extend(run.unwritten.buffer[known..].iter().map(|event| Buffered {
                step,
                at: event.event_time.map(Timestamp::sim_time).unwrap_or_default(),
                event_type: event.event_type(),
            }));
        let task = run.workflow_task().filter(|task| task.attempt > 1);
        let retried = task.map(|task| RetriedTask {
            attempt: task.attempt,
            since: task.started.as_ref().map_or(task.scheduled_at, |started| started.at),
            started: task.is_started(),
        });
        self.retried.set(step, retried);
    }
}
