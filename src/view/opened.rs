//! A recording of a history that came in a file: made of its events alone, so that everything that shows our own runs
//! shows it too, and says so where a history cannot tell.
//!
//! A step is an event. The clock begins with the run: in the recording each event has the lab's time, and
//! [`Opened::begun`] gives it its date back. Events that the file has not are filled in as such, so that an event's id is
//! still its place.

use std::borrow::Cow;
use std::sync::Arc;

use serde::{Deserialize, Serialize};

use super::chronicle::told::{RUN, Teller, Told, is_trouble};
use super::opened_waiting::waiting;
use super::recording::{
    Ending, Lane, LaneKind, Outcome, Presence, Recording, RunRow, StepKind, StoryCard, Waiting, WorkerState,
};
use super::track::Track;
use crate::base::time::{SimTime, Span};
use crate::history::class::{Category, Part, Thing};
use crate::history::execution::ExecutionState;
use crate::history::json::{Kept, MAX_EVENTS, ReadHistory};
use crate::history::log::EventLog;
use crate::history::operation::Operations;
use crate::history::proto::{Attributes as A, EventType, HistoryEvent};
use crate::history::text::key_fact;
use crate::history::timestamp::Timestamp;
use crate::sim::node::WorkerName;
use crate::study::outlook::outlook;

/// Events that are further apart are no run.
const LONGEST: Span = Span::secs(300 * 365 * 24 * 3_600);

/// What is known of a history beside its events.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Opened {
    /// The name of its file.
    pub name: String,
    /// What was done to the file to read it, one sentence each.
    pub notes: Vec<String>,
    /// When it began, as the Service's clock had it: the lab's time zero.
    pub begun: Timestamp,
    /// How it ended, or what is open at its end and why: one sentence each, the most important first.
    pub outlook: Vec<String>,
    /// The file has all that had happened.
    pub complete: bool,
    /// Why it cannot be replayed, if it cannot.
    pub not_for_replay: Option<String>,
    /// How many bytes the file had.
    pub bytes: u64,
    /// How many events it holds.
    pub events: u32,
    /// How large the Service said last that the history was, in bytes; 0 if it never did.
    pub history_bytes: u64,
    /// The first event with which the Service suggested to continue as new.
    pub suggested: Option<i64>,
    /// What is unknown in the events, as JSON in a text.
    #[serde(with = "as_text")]
    kept: Kept,
}

/// A history that was read: what is known of it, and its events, each with the lab's time and its place for an id.
#[derive(Clone, Debug, PartialEq)]
pub struct Read {
    /// What is known of it.
    pub opened: Opened,
    /// The events.
    pub events: Vec<HistoryEvent>,
}

impl Opened {
    /// How much of Temporal's limits the run had used up: what, and how much of how much.
    pub fn gauges(&self) -> Vec<(&'static str, String)> {
        let share = |used: u64, limit: u64| 100.0 * used as f64 / limit as f64;
        let mut gauges = vec![(
            "events",
            format!("{} of 51,200 ({:.1} %)", self.events, share(self.events.into(), 51_200)),
        )];
        if self.history_bytes > 0 {
            let mib = self.history_bytes as f64 / f64::from(1 << 20);
            gauges.push(("size", format!("{mib:.2} of 50 MiB, as the Service counted it last")));
        }
        gauges.push(("the file", format!("{} KB", self.bytes.div_ceil(1_000))));
        if let Some(event) = self.suggested {
            gauges.push(("continue-as-new", format!("suggested first by event {event}")));
        }
        gauges
    }

    /// The date of a time of the recording.
    pub fn date(&self, at: SimTime) -> Timestamp {
        self.begun.plus(at.since(SimTime::ZERO))
    }

    /// An event as the file has it.
    fn original(&self, event: &HistoryEvent) -> HistoryEvent {
        HistoryEvent {
            event_time: event.event_time.map(|at| self.date(at.sim_time())),
            ..event.clone()
        }
    }

    /// An event as canonical JSON, with what is unknown in it.
    pub(super) fn json(&self, event: &HistoryEvent) -> String {
        let place = u32::try_from(event.event_id - 1).unwrap_or(u32::MAX);
        self.kept.event_text(place, &self.original(event))
    }

    /// The name of an event's type, also of one that is unknown here.
    pub(super) fn type_name(&self, event: &HistoryEvent) -> Cow<'static, str> {
        let place = u32::try_from(event.event_id - 1).ok();
        match place.and_then(|place| self.kept.type_name(place)) {
            Some(name) if event.event_type() == EventType::Unspecified => Cow::Owned(name),
            _ if is_missing(event) => Cow::Borrowed("(not in the file)"),
            _ => Cow::Borrowed(crate::history::proto::event_name(event.event_type())),
        }
    }

    /// The attributes of an event of a type that is unknown here, as rows.
    pub(super) fn unknown(&self, event: &HistoryEvent) -> Vec<(String, String)> {
        let place = u32::try_from(event.event_id - 1).ok();
        let attributes = place.and_then(|place| self.kept.attributes(place));
        attributes.map(crate::history::text::flatten_value).unwrap_or_default()
    }

    /// The history as the file has it, in order, without the events that it has not.
    pub fn history(&self, events: &[HistoryEvent]) -> Vec<HistoryEvent> {
        let there = events.iter().filter(|event| !is_missing(event));
        there.map(|event| self.original(event)).collect()
    }
}

/// Whether an event only stands for one that the file has not.
pub(super) fn is_missing(event: &HistoryEvent) -> bool {
    event.event_type == MISSING
}

/// No type of the protocol.
const MISSING: i32 = -1;

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

/// What an event is as a step: what is told of it, and its kind.
pub(super) fn step(opened: &Opened, event: &HistoryEvent) -> (String, StepKind) {
    let class = event.class();
    let name = opened.type_name(event);
    let fact = key_fact(event);
    let text = if fact.is_empty() {
        format!("event {}: {name}", event.event_id)
    } else {
        format!("event {}: {name}, {fact}", event.event_id)
    };
    let kind = match (class.category, class.part) {
        (Category::WorkflowTask, Part::Opens(_)) => StepKind::Timer,
        (Category::WorkflowTask, Part::Starts(_)) => StepKind::Poll,
        (Category::WorkflowTask, _) if Outcome::of(class) == Outcome::Ok => StepKind::Answer,
        (Category::WorkflowTask, _) => StepKind::Refused,
        (Category::Activity, Part::Starts(_)) => StepKind::Poll,
        (Category::Activity, Part::Closes(..)) => StepKind::ActivityAnswer,
        (Category::Timer, Part::Closes(..)) => StepKind::Timer,
        (Category::Signal, _) | (Category::Workflow, Part::Opens(_)) => StepKind::Client,
        (Category::Workflow | Category::Activity | Category::Timer | Category::Other, _) => StepKind::Answer,
    };
    (text, kind)
}

/// Whether "next interesting" stops at an event: something failed or is tried again, the run ends, an event is not there.
pub(super) fn is_interesting(event: &HistoryEvent) -> bool {
    let class = event.class();
    let again = match &event.attributes {
        Some(A::ActivityTaskStartedEventAttributes(started)) => started.attempt > 1,
        Some(A::WorkflowTaskScheduledEventAttributes(scheduled)) => scheduled.attempt > 1,
        _ => false,
    };
    again
        || is_missing(event)
        || class.end().is_some_and(is_trouble)
        || matches!(class.part, Part::Closes(Thing::Run, _))
        || event.event_type() == EventType::WorkflowExecutionCancelRequested
}

/// What was kept, as JSON in a text: no other form carries every number and every order of keys.
mod as_text {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::history::json::Kept;

    pub(super) fn serialize<S: Serializer>(kept: &Kept, to: S) -> Result<S::Ok, S::Error> {
        kept.to_text().serialize(to)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Kept, D::Error> {
        Kept::from_text(&String::deserialize(from)?).map_err(serde::de::Error::custom)
    }
}
