//! One workflow execution as the Service keeps it: its history, what is pending, and the rules for writing events.
//!
//! Every call from outside and every timer is one transaction: change the state, then [`Run::commit`]. Two kinds of
//! events: *direct* ones get an id at once (what closes or starts something of the Service's own, and whatever a
//! command produces); *bufferable* ones (what arrives from outside: activity results, fired timers) go through the
//! buffer and stay there while a workflow task is running, keeping the time at which they happened. The machines
//! for workflow tasks, activities and timers are in files of their own; this one owns the state they share.

use super::activity::PendingActivity;
use super::child::PendingChild;
use super::limits::{Limits, Warning};
use super::query::PendingQuery;
use super::queue::{QueuedWork, Queues};
use super::timer::TimerQueue;
use super::update::PendingUpdate;
use super::workflow_task::PendingWorkflowTask;
use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::Sticky;
use crate::contract::request::{Refusal, Reply, Ticket};
use crate::contract::task::RunKey;
use crate::history::timestamp::Timestamp;

use crate::history::log::EventLog;
use crate::history::payload;
use crate::history::proto::temporal::api::workflow::v1::ResetPointInfo;
use crate::history::proto::{
    Attributes, HistoryEvent, Memo, Payloads, SearchAttributes, TaskQueue, TaskQueueKind, UserMetadata, event_type,
};

/// The `taskId` of a run's first event. The real Service counts these over a whole shard; only their order means
/// anything.
const FIRST_TASK_ID: i64 = 1_048_576;

/// What a transaction may touch outside its run.
pub(super) struct Tx<'a> {
    pub(super) now: SimTime,
    /// Size of the run's history when the transaction began: what a task that starts in it says of the history.
    pub(super) size_before: u64,
    /// What is restored if the run turns out to be over a limit.
    pub(super) before: Before,
    pub(super) limits: Limits,
    pub(super) chance: Chance,
    pub(super) queues: &'a mut Queues,
    pub(super) timers: &'a mut TimerQueue,
    pub(super) replies: &'a mut Vec<Reply>,
    /// How many runs there were when the transaction began.
    pub(super) runs: u32,
    /// Runs that begin in this transaction.
    pub(super) born: &'a mut Vec<Run>,
}

impl Tx<'_> {
    /// Tells a client what came of its question or update.
    pub(super) fn reply(&mut self, ticket: Ticket, outcome: Result<Option<Payloads>, Refusal>) {
        let at = self.now;
        self.replies.push(Reply { ticket, at, outcome });
    }

    /// The same transaction, for a run that begins in it.
    pub(super) fn of_new_run(&mut self) -> Tx<'_> {
        Tx {
            now: self.now,
            size_before: 0,
            before: Before::default(),
            limits: self.limits,
            chance: self.chance,
            queues: self.queues,
            timers: self.timers,
            runs: self.runs,
            born: self.born,
            replies: self.replies,
        }
    }

    /// The name of the next run that begins.
    pub(super) fn next_key(&self) -> RunKey {
        RunKey(self.runs + u32::try_from(self.born.len()).expect("few runs begin at once"))
    }
}

/// A run as it was when a transaction began.
#[derive(Default)]
pub(super) struct Before {
    pub(super) last_event_id: i64,
    pub(super) buffer: Vec<HistoryEvent>,
    pub(super) workflow_task: Option<PendingWorkflowTask>,
}

/// Whether a run is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It can still write events.
    Running,
    /// The workflow returned.
    Completed,
    /// The workflow failed.
    Failed,
    /// The workflow stopped because it was asked to.
    Canceled,
    /// Somebody ended it from outside.
    Terminated,
    /// Another run goes on with its work.
    ContinuedAsNew,
    /// One of its limits ran out.
    TimedOut,
}

impl RunStatus {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Running,
        Self::Completed,
        Self::Failed,
        Self::Canceled,
        Self::Terminated,
        Self::ContinuedAsNew,
        Self::TimedOut,
    ];

    /// Temporal's word for it: `WorkflowExecutionStatus` as its tools print it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Running => "Running",
            Self::Completed => "Completed",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
            Self::Terminated => "Terminated",
            Self::ContinuedAsNew => "ContinuedAsNew",
            Self::TimedOut => "TimedOut",
        }
    }
}

/// A timer of the workflow's that has not fired.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingTimer {
    /// The name the worker gave it.
    pub timer_id: String,
    /// When it is due.
    pub expiry: SimTime,
}

/// One workflow execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name inside the Service.
    pub key: RunKey,
    /// Its workflow id.
    pub workflow_id: String,
    /// Its run id.
    pub run_id: String,
    /// Its workflow type.
    pub workflow_type: String,
    /// Its task queue.
    pub task_queue: String,
    /// Limit of the run, from the time it may work; zero for none.
    pub run_timeout: Span,
    /// Limit of each of its workflow tasks.
    pub task_timeout: Span,
    /// When its first workflow task is due: later than its beginning if that is held back.
    pub execution_time: SimTime,
    /// When the run has to be closed.
    pub run_expiration: Option<SimTime>,
    /// When its chain has to be closed.
    pub execution_expiration: Option<SimTime>,
    /// The run before it in its chain.
    pub previous: Option<RunKey>,
    /// The run after it in its chain.
    pub next: Option<RunKey>,
    /// The run that goes on with a part of its history.
    pub reset_into: Option<RunKey>,
    /// What people are told about it; changed by the workflow's own commands.
    pub memo: Option<Memo>,
    /// What it is found by; changed by the workflow's own commands.
    pub search_attributes: Option<SearchAttributes>,
    /// Open or how it was closed.
    pub status: RunStatus,
    /// The history.
    pub log: EventLog,
    /// Events that happened while a workflow task was running and have no id yet.
    pub buffer: Vec<HistoryEvent>,
    /// The workflow task that is scheduled or running; at most one.
    pub workflow_task: Option<PendingWorkflowTask>,
    /// Attempt number of the next workflow task, from 1.
    pub workflow_task_attempt: u32,
    /// Id of the last WorkflowTaskStarted that was answered with Completed; 0 if none.
    pub previous_started_event_id: i64,
    /// Where the worker that has the run in memory wants its tasks.
    pub sticky: Option<Sticky>,
    /// Activities that have not ended, by the id of their ActivityTaskScheduled.
    pub activities: SortedMap<i64, PendingActivity>,
    /// Timers that have not fired, by the id of their TimerStarted.
    pub timers: SortedMap<i64, PendingTimer>,
    /// Child workflows that have not ended, by the id of their StartChildWorkflowExecutionInitiated. Those of a closed run
    /// are the ones it left behind.
    pub children: SortedMap<i64, PendingChild>,
    /// Updates that have no outcome yet, in the order in which they were admitted.
    pub updates: Vec<PendingUpdate>,
    /// The WorkflowExecutionUpdateCompleted of updates, by update id.
    pub updates_done: SortedMap<String, i64>,
    /// Questions that have no answer yet, in the order in which they were asked.
    pub queries: Vec<PendingQuery>,
    /// How many times a question was given a number to travel under.
    pub queries_sent: u64,
    /// Signals to other workflows that are not delivered, by the id of their …Initiated.
    pub signals_out: SortedMap<i64, ()>,
    /// Requests to stop to other workflows that are not delivered, by the id of their …Initiated.
    pub cancels_out: SortedMap<i64, ()>,
    /// The request ids of the signals it has taken.
    pub signals_taken: SortedMap<String, ()>,
    /// Whether it was asked to stop.
    pub cancel_requested: bool,
    /// The workflow tried to close while there was news; until its next answer, no more news is taken.
    pub close_attempted: bool,
    /// To which points it could be reset, and runs before it in its chain.
    pub(super) reset_points: Vec<ResetPointInfo>,
    /// What was written for people beside the command that is being carried out: goes with the event that it becomes.
    pub(super) user_metadata: Option<Box<UserMetadata>>,
    /// Bytes of all events written, as protobuf writes them in a `History`.
    pub size_bytes: u64,
    pub(super) warnings: Vec<Warning>,
}

impl Run {
    /// True until the run is closed.
    pub fn is_open(&self) -> bool {
        self.status == RunStatus::Running
    }

    /// True while its first workflow task is held back: it was started with a delay, and no task was ever scheduled.
    pub fn waits_for_its_first_task(&self) -> bool {
        let begun = self.log.events().first().and_then(|event| event.event_time);
        !self.had_task() && begun.is_some_and(|begun| self.execution_time > begun.sim_time())
    }

    /// The workflow has tried to close while there was news, and is about to try again.
    pub(super) fn is_closing(&self) -> bool {
        self.close_attempted && self.workflow_task.as_ref().is_some_and(PendingWorkflowTask::is_started)
    }

    /// What an event says.
    pub(super) fn attributes_of(&self, event_id: i64) -> Option<&Attributes> {
        self.log.get(event_id)?.attributes.as_ref()
    }

    /// What was written for people beside an event.
    pub(super) fn user_metadata_at(&self, event_id: i64) -> Option<Box<UserMetadata>> {
        self.log.get(event_id)?.user_metadata.clone().map(Box::new)
    }

    /// What the workflow returned; `None` while it is open, or if it failed.
    pub fn result(&self) -> Option<serde_json::Value> {
        match self.log.events().last()?.attributes.as_ref()? {
            Attributes::WorkflowExecutionCompletedEventAttributes(completed) => {
                Some(payload::first_value(completed.result.as_ref()))
            }
            _ => None,
        }
    }

    /// Writes a direct event: it gets the next id. Returns the id.
    pub(super) fn write(&mut self, at: SimTime, attributes: Attributes) -> i64 {
        let mut event = event(at, attributes);
        event.user_metadata = self.user_metadata.take().map(|written| *written);
        self.append(event)
    }

    /// Writes or buffers an event that came from outside; [`Run::commit`] decides which.
    pub(super) fn buffer(&mut self, at: SimTime, attributes: Attributes) {
        self.buffer.push(event(at, attributes));
    }

    /// Ends a transaction: schedules a workflow task if the transaction wants one and none is pending, and writes the
    /// buffered events unless a workflow task is running. A run that is over a limit ends instead.
    pub(super) fn commit(&mut self, tx: &mut Tx<'_>, wants_task: bool) {
        if wants_task && self.is_open() && self.workflow_task.is_none() {
            self.flush();
            self.schedule_workflow_task(tx);
        }
        if self.keep_limits(tx) {
            self.make_task_real();
        }
        let task_runs = self.workflow_task.as_ref().is_some_and(PendingWorkflowTask::is_started);
        if !task_runs {
            self.flush();
        }
    }

    /// Gives the buffered events their ids: first what does not end an activity or a child, then what does, each in the
    /// order of arrival. The Started event that goes with a close event is looked up among those just written.
    pub(super) fn flush(&mut self) {
        let mut closing = Vec::new();
        for mut event in std::mem::take(&mut self.buffer) {
            if event.attributes.as_mut().and_then(end_of).is_some() {
                closing.push(event);
            } else {
                self.append(event);
            }
        }
        for mut event in closing {
            self.point_to_started(&mut event);
            self.append(event);
        }
    }

    /// Closes the run. What is still pending writes nothing any more.
    pub(super) fn close(&mut self, tx: &mut Tx<'_>, status: RunStatus) {
        self.status = status;
        self.buffer.clear();
        self.workflow_task = None;
        self.activities.clear();
        self.timers.clear();
        self.signals_out.clear();
        self.cancels_out.clear();
        let key = self.key;
        tx.queues
            .drop_where(|work| work.run() == key && !matches!(work, QueuedWork::Query { .. }));
        self.send_waiting_queries(tx);
        self.leave_relatives(tx);
        self.abort_updates(tx);
    }

    /// Takes back what the transaction did, as far as it can be seen.
    pub(super) fn take_back(&mut self, tx: &mut Tx<'_>) {
        self.log.retract(tx.before.last_event_id);
        self.buffer = std::mem::take(&mut tx.before.buffer);
        self.size_bytes = tx.size_before;
        self.workflow_task = tx.before.workflow_task.take();
    }

    pub(super) fn append(&mut self, mut event: HistoryEvent) -> i64 {
        event.event_id = self.log.last_id() + 1;
        event.task_id = FIRST_TASK_ID + event.event_id;
        self.size_bytes += size_in_history(&event);
        let id = event.event_id;
        self.log.push(event);
        id
    }

    /// An activity's Started event is buffered with its close event and has no id until now; a child's may be.
    fn point_to_started(&self, event: &mut HistoryEvent) {
        let Some((asked_for, started)) = event.attributes.as_mut().and_then(end_of) else {
            return;
        };
        let started_event = self.log.events().iter().rev().find(|e| match &e.attributes {
            Some(Attributes::ActivityTaskStartedEventAttributes(a)) => a.scheduled_event_id == asked_for,
            Some(Attributes::ChildWorkflowExecutionStartedEventAttributes(a)) => a.initiated_event_id == asked_for,
            _ => false,
        });
        if let Some(found) = started_event {
            *started = found.event_id;
        }
    }
}

/// What an event says that ends an activity or a child: by which event it was asked for, and by which it started.
fn end_of(attributes: &mut Attributes) -> Option<(i64, &mut i64)> {
    Some(match attributes {
        Attributes::ActivityTaskCompletedEventAttributes(a) => (a.scheduled_event_id, &mut a.started_event_id),
        Attributes::ActivityTaskFailedEventAttributes(a) => (a.scheduled_event_id, &mut a.started_event_id),
        Attributes::ActivityTaskTimedOutEventAttributes(a) => (a.scheduled_event_id, &mut a.started_event_id),
        Attributes::ActivityTaskCanceledEventAttributes(a) => (a.scheduled_event_id, &mut a.started_event_id),
        Attributes::ChildWorkflowExecutionCompletedEventAttributes(a) => {
            (a.initiated_event_id, &mut a.started_event_id)
        }
        Attributes::ChildWorkflowExecutionFailedEventAttributes(a) => (a.initiated_event_id, &mut a.started_event_id),
        Attributes::ChildWorkflowExecutionCanceledEventAttributes(a) => (a.initiated_event_id, &mut a.started_event_id),
        Attributes::ChildWorkflowExecutionTimedOutEventAttributes(a) => (a.initiated_event_id, &mut a.started_event_id),
        Attributes::ChildWorkflowExecutionTerminatedEventAttributes(a) => {
            (a.initiated_event_id, &mut a.started_event_id)
        }
        _ => return None,
    })
}

/// The shorter of two limits, of which zero is none.
pub(super) fn shorter(one: Span, other: Span) -> Span {
    if one.is_zero() || other.is_zero() {
        one.max(other)
    } else {
        one.min(other)
    }
}

/// An event without an id.
pub(super) fn event(at: SimTime, attributes: Attributes) -> HistoryEvent {
    HistoryEvent {
        event_time: Some(Timestamp::from(at)),
        event_type: event_type(&attributes).into(),
        attributes: Some(attributes),
        ..Default::default()
    }
}

/// The bytes of an event by itself.
pub(super) fn event_bytes(event: &HistoryEvent) -> u64 {
    bytes(prost::Message::encoded_len(event))
}

/// What the event adds to the history's size: a repeated field of `History` costs a tag and a length besides.
fn size_in_history(event: &HistoryEvent) -> u64 {
    let size = prost::Message::encoded_len(event);
    bytes(1 + prost::length_delimiter_len(size) + size)
}

pub(super) fn bytes(size: usize) -> u64 {
    u64::try_from(size).expect("sizes fit u64")
}

/// A task queue of the ordinary kind, as histories name it.
pub(super) fn normal_queue(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        kind: TaskQueueKind::Normal.into(),
        ..Default::default()
    }
}
