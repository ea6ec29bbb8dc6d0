//! Makes a [`Recording`] of a history that came in a file, of its events alone, so that everything that shows our own runs
//! shows it too. What is known beside the events is in [`opened`](super::opened).
//!
//! A step is an event. The clock begins with the run: each event has the lab's time, and [`Opened::begun`] gives it its date
//! back. Events that the file has not are filled in as such, so that an event's id is still its place.

use std::sync::Arc;

use super::chronicle::told::{RUN, Teller, Told};
use super::opened::{MISSING, Opened};
use super::opened_waiting::waiting;
use super::recording::{Ending, Lane, LaneKind, Presence, Recording, RunRow, StoryCard, Waiting, WorkerState};
use super::track::Track;
use crate::base::time::{SimTime, Span};
use crate::history::class::Category;
use crate::history::execution::ExecutionState;
use crate::history::json::{Kept, MAX_EVENTS, ReadHistory};
use crate::history::log::EventLog;
use crate::history::operation::Operations;
use crate::history::proto::{Attributes as A, HistoryEvent};
use crate::history::timestamp::Timestamp;
use crate::sim::node::WorkerName;
use crate::study::outlook::outlook;

/// Events that are further apart are no run.
const LONGEST: Span = Span::secs(300 * 365 * 24 * 3_600);

/// A history that was read: what is known of it, and its events, each with the lab's time and its place for an id.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What is known of it.
    pub opened: Opened,
    /// The events.
    pub events: Vec<HistoryEvent>,
}

/// Takes a history that was read from a file of that name and size for opening.
///
/// # Errors
///
/// If its times are no run's, with what to do.
pub fn read(name: &str, bytes: u64, read: ReadHistory) -> Result<Read, String> {
    let complete = read.is_complete();
    let not_for_replay = read.not_for_replay().map(ToString::to_string);
    let notes = read.notes.iter().map(ToString::to_string).collect();
    let outlook = outlook(&read.history.events, complete);
    let begun = begin(&read.history.events)?;
    let tasks = || {
        read.history.events.iter().filter_map(|event| match &event.attributes {
            Some(A::WorkflowTaskStartedEventAttributes(started)) => Some((event.event_id, started)),
            _ => None,
        })
    };
    let history_bytes = tasks()
        .filter_map(|(_, started)| u64::try_from(started.history_size_bytes).ok())
        .max();
    let history_bytes = history_bytes.unwrap_or(0);
    let suggested = tasks()
        .find(|(_, started)| started.suggest_continue_as_new)
        .map(|(id, _)| id);
    let all = u32::try_from(read.history.events.len()).unwrap_or(u32::MAX);
    let (mut events, kept) = filled(read);
    for event in &mut events {
        if let Some(at) = event.event_time {
            event.event_time = Some(Timestamp::of(SimTime::ZERO + at.since(begun)));
        }
    }
    let opened = Opened {
        name: name.to_owned(),
        notes,
        begun,
        outlook,
        complete,
        not_for_replay,
        bytes,
        events: all,
        history_bytes,
        suggested,
        kept,
    };
    Ok(Read { opened, events })
}

/// The recording of a history that was read.
pub fn open(read: Read) -> Recording {
    let mut opening = Opening::of(read);
    while !opening.advance(u32::MAX) {}
    opening.finish()
}

/// When the run began: with the earliest of its events.
fn begin(events: &[HistoryEvent]) -> Result<Timestamp, String> {
    let dated = || {
        events
            .iter()
            .filter_map(|event| Some((event.event_id, event.event_time?)))
    };
    let begun = dated().map(|(_, at)| at).min().unwrap_or_default();
    match dated().find(|(_, at)| at.since(begun) > LONGEST) {
        Some((id, at)) => Err(format!(
            "Event {id} is dated {at}, and the history begins at {begun}: they are centuries apart, and no picture shows \
             both. Mend the date, or export the history again."
        )),
        None => Ok(begun),
    }
}

/// The events with their places: of those that the file has not, as many as there is room for.
fn filled(read: ReadHistory) -> (Vec<HistoryEvent>, Kept) {
    let mut kept = Kept::default();
    let mut events: Vec<HistoryEvent> = Vec::with_capacity(read.history.events.len());
    for (place, event) in (0..).zip(read.history.events) {
        let next = i64::try_from(events.len()).unwrap_or(i64::MAX) + 1;
        // Without ids, or with two of one: the order is all there is.
        let id = if event.event_id < next { next } else { event.event_id };
        let Ok(missing) = u32::try_from(id - next) else { break };
        if u64::from(missing) + events.len() as u64 >= u64::from(MAX_EVENTS) {
            break;
        }
        for id in next..id {
            events.push(HistoryEvent {
                event_id: id,
                event_type: MISSING,
                ..HistoryEvent::default()
            });
        }
        if let Some(unknown) = read.kept.of(place) {
            kept.keep(u32::try_from(id - 1).unwrap_or_default(), unknown.clone());
        }
        events.push(HistoryEvent { event_id: id, ..event });
    }
    (events, kept)
}

/// A recording in the making. Sliceable, so that a page stays quick with the longest history there is.
pub struct Opening {
    opened: Opened,
    events: Vec<HistoryEvent>,
    times: Vec<SimTime>,
    operations: Operations,
    state: ExecutionState,
    last_task: Option<u32>,
    waits: Track<Arc<Waiting>>,
    log: EventLog,
    teller: Option<Teller>,
}

impl Opening {
    /// Of a history that was read.
    pub fn of(Read { opened, events }: Read) -> Self {
        Self {
            opened,
            events,
            times: vec![SimTime::ZERO],
            operations: Operations::default(),
            state: ExecutionState::default(),
            last_task: None,
            waits: Track::default(),
            log: EventLog::new(),
            teller: None,
        }
    }

    /// Goes on with at most so many events. True once all is done.
    pub fn advance(&mut self, events: u32) -> bool {
        for _ in 0..events {
            if self.teller.is_none() {
                self.teller = self.take_event();
            } else if let Some(teller) = &mut self.teller
                && teller.tell_next(self.log.events(), &self.times)
            {
                return true;
            }
        }
        false
    }

    /// Takes in the next event; once there is none, everything is there to be told.
    fn take_event(&mut self) -> Option<Teller> {
        let place = self.times.len() - 1;
        let Some(event) = self.events.get_mut(place).map(std::mem::take) else {
            let operations = std::mem::take(&mut self.operations);
            return Some(Teller::new(self.log.events(), &self.times, operations.into_all()));
        };
        let step = u32::try_from(self.times.len()).expect("no more are read than are allowed");
        let before = self.times.last().copied().unwrap_or_default();
        let at = event.event_time.map_or(before, Timestamp::sim_time);
        self.times.push(at.max(before));
        self.operations.take(&event);
        self.state.apply(&event);
        if event.class().category == Category::WorkflowTask {
            self.last_task = Some(step - 1);
        }
        self.log.push(event);
        let is_last = self.times.len() > self.events.len();
        let last_task = self.last_task.and_then(|place| self.log.events().get(place as usize));
        let waits = waiting(&self.state, last_task, is_last && !self.opened.complete);
        self.waits.set_large(step, waits);
        None
    }

    /// The recording, once all is done.
    pub fn finish(self) -> Recording {
        let told = self.teller.map(Teller::finish).unwrap_or_default();
        let row = row(self.log.events(), &told);
        let mut recording = Recording::blank("The run has not begun.");
        recording.lanes = lanes(&told);
        recording.workers = workers(&told);
        let outlook = self.opened.outlook.first().cloned().unwrap_or_default();
        recording.story = StoryCard {
            id: String::new(),
            chapter: "Opened".to_owned(),
            title: self.opened.name.clone(),
            sentence: outlook.clone(),
            workflow_type: row.workflow_type.clone(),
            mended_by: None,
        };
        recording.end = Ending {
            settled: row.closed.is_some(),
            text: outlook,
            ..Ending::default()
        };
        recording.times = self.times;
        recording.runs = vec![row];
        recording.histories = vec![self.log];
        recording.chronicle = told.chronicle;
        recording.waiting = vec![self.waits];
        recording.opened = Some(Arc::new(self.opened));
        recording
    }
}

fn row(events: &[HistoryEvent], told: &Told) -> RunRow {
    let line = told.chronicle.runs.get(RUN);
    let closed = line.and_then(|line| line.closed);
    let started = match events.first().and_then(|event| event.attributes.as_ref()) {
        Some(A::WorkflowExecutionStartedEventAttributes(started)) => Some(started),
        _ => None,
    };
    let of = |text: Option<&String>, unknown: &str| {
        text.filter(|text| !text.is_empty())
            .map_or(unknown.to_owned(), Clone::clone)
    };
    RunRow {
        workflow_id: of(started.map(|started| &started.workflow_id), "workflow"),
        workflow_type: of(
            started
                .and_then(|started| started.workflow_type.as_ref())
                .map(|named| &named.name),
            "unknown type",
        ),
        task_queue: of(
            started
                .and_then(|started| started.task_queue.as_ref())
                .map(|queue| &queue.name),
            "",
        ),
        opened: 1,
        closed: closed.map(|(step, status)| (step, status.name())),
    }
}

fn lanes(told: &Told) -> Vec<Lane> {
    let lane = |name: String, kind| Lane { name, kind };
    let mut lanes = super::marks::lanes_of_history(&told.chronicle);
    let queues = told.queues.iter().map(|name| {
        let name = if name.is_empty() {
            "Queue".to_owned()
        } else {
            format!("Queue {name}")
        };
        lane(name, LaneKind::Queue)
    });
    lanes.extend(queues);
    if told.queues.is_empty() {
        lanes.push(lane("Queue".to_owned(), LaneKind::Queue));
    }
    for (number, identity) in (0..).zip(&told.workers) {
        lanes.push(lane(
            format!("Worker {} {identity}", WorkerName(number)),
            LaneKind::Worker,
        ));
    }
    lanes
}

/// Each worker by its identity: what it does is in the picture, and what it has in memory no history tells.
fn workers(told: &Told) -> Vec<Track<Arc<WorkerState>>> {
    let state = |(number, identity): (u8, &String)| WorkerState {
        name: WorkerName(number).to_string(),
        identity: identity.clone(),
        presence: Presence::Running,
        doing: identity.clone(),
        cached: "a history does not tell".to_owned(),
        slots: "its slots: a history does not tell".to_owned(),
    };
    let known = |state: WorkerState| {
        let mut track = Track::default();
        track.set_large(0, state);
        track
    };
    (0..).zip(&told.workers).map(state).map(known).collect()
}
