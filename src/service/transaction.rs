//! The transaction, which is the only way to change a run: what it writes and what it sets going is staged, and becomes
//! true all together or not at all.
//!
//! Two kinds of events: *direct* ones get an id at once (what closes or starts something of the Service's own, and
//! whatever a command produces); *bufferable* ones (what arrives from outside: activity results, fired timers) wait while
//! a workflow task is running, keeping the time at which they happened. Both are applied to the run's state when they
//! happen, so that each decision knows what was decided before.
//!
//! A transaction that makes the history too long, or finds it too large, is dropped with everything that it staged. The
//! run is then loaded again, as a real server loads it from its store: its state is the fold of what is written. And it
//! is ended.

use super::limits::{Limits, bytes};
use super::queue::{QueuedWork, Queues};
use super::run::Run;
use super::timer::TimerTask;
use super::unwritten::{InHand, Unwritten};
use super::{Service, namespace};
use crate::base::chance::Chance;
use crate::base::time::SimTime;
use crate::contract::request::{Refusal, Reply, Ticket};
use crate::contract::task::RunKey;
use crate::history::execution::ExecutionState;
use crate::history::proto::{Attributes, HistoryEvent, Payloads, UserMetadata, event_type};
use crate::history::timestamp::Timestamp;

/// The `taskId` of a run's first event. The real Service counts these over a whole shard; only their order means
/// anything.
const FIRST_TASK_ID: i64 = 1_048_576;

/// One transaction.
pub(super) struct Tx<'a> {
    pub(super) now: SimTime,
    pub(super) limits: Limits,
    pub(super) chance: Chance,
    pub(super) queues: &'a Queues,
    /// Size of the run's history when the transaction began: what a task that starts in it says of the history.
    pub(super) size_before: u64,
    /// The run begins in this transaction.
    pub(super) is_first: bool,
    /// What was written for people beside the command that is being carried out: goes with the event that it becomes.
    pub(super) user_metadata: Option<Box<UserMetadata>>,
    /// The limit of its history that the run turned out to be over: nothing of this transaction will be true.
    pub(super) over: Option<&'static str>,
    /// How many runs there were when the transaction began.
    runs: u32,
    stage: Stage,
}

/// What a transaction is going to do.
#[derive(Default)]
pub(super) struct Stage {
    /// Events with their ids.
    events: Vec<HistoryEvent>,
    /// Events without: in addition to those that wait already, or instead of them.
    waiting: Vec<HistoryEvent>,
    instead: bool,
    effects: Vec<Effect>,
    /// Runs that begin.
    born: Vec<Run>,
}

/// What it does outside its run, in order.
enum Effect {
    SetTimer(SimTime, TimerTask),
    /// The limits of a workflow task's time are forgotten: the next task may have the same id.
    ForgetTimeouts {
        run: RunKey,
        scheduled_event_id: i64,
    },
    Enqueue(String, QueuedWork),
    Withdraw(QueuedWork),
    /// All of a run, but queries: those are answered for closed runs too.
    WithdrawTasks(RunKey),
    Reply(Reply),
}

impl Tx<'_> {
    /// The same transaction, for a run that begins in it.
    pub(super) fn of_new_run(&self) -> Tx<'_> {
        Tx {
            now: self.now,
            limits: self.limits,
            chance: self.chance,
            queues: self.queues,
            size_before: 0,
            is_first: true,
            user_metadata: None,
            over: None,
            runs: self.runs,
            stage: Stage::default(),
        }
    }

    /// The name of the next run that begins.
    pub(super) fn next_key(&self) -> RunKey {
        RunKey(self.runs + u32::try_from(self.stage.born.len()).expect("few runs begin at once"))
    }

    /// What a run that begins has staged becomes part of this transaction, and so does the run.
    pub(super) fn bear(&mut self, mut run: Run, mut stage: Stage) {
        run.take_in(&mut stage);
        self.stage.effects.append(&mut stage.effects);
        self.stage.born.push(run);
    }

    pub(super) fn into_stage(self) -> Stage {
        self.stage
    }

    /// The last event that the transaction has written.
    pub(super) fn last_written(&self) -> Option<&Attributes> {
        self.stage.events.last()?.attributes.as_ref()
    }

    /// What waits is never written.
    pub(super) fn drop_buffer(&mut self) {
        self.stage.instead = true;
        self.stage.waiting.clear();
    }

    /// Makes something due.
    pub(super) fn set_timer(&mut self, at: SimTime, task: TimerTask) {
        self.stage.effects.push(Effect::SetTimer(at, task));
    }

    /// Forgets the limits of a workflow task's time.
    pub(super) fn forget_timeouts(&mut self, run: RunKey, scheduled_event_id: i64) {
        let forget = Effect::ForgetTimeouts {
            run,
            scheduled_event_id,
        };
        self.stage.effects.push(forget);
    }

    /// Puts a task at the end of a queue.
    pub(super) fn enqueue(&mut self, queue: &str, work: QueuedWork) {
        self.stage.effects.push(Effect::Enqueue(queue.to_owned(), work));
    }

    /// Takes a task out of its queue, if it waits.
    pub(super) fn withdraw(&mut self, work: QueuedWork) {
        self.stage.effects.push(Effect::Withdraw(work));
    }

    /// Takes all tasks of a run out of their queues, but queries.
    pub(super) fn withdraw_tasks(&mut self, run: RunKey) {
        self.stage.effects.push(Effect::WithdrawTasks(run));
    }

    /// Tells a client what came of its query or update.
    pub(super) fn reply(&mut self, ticket: Ticket, outcome: Result<Option<Payloads>, Refusal>) {
        let at = self.now;
        self.stage.effects.push(Effect::Reply(Reply { ticket, at, outcome }));
    }
}

impl Run {
    /// The id of the last event, as the transaction sees it.
    pub(super) fn last_event_id(&self, tx: &Tx<'_>) -> i64 {
        self.log.last_id() + i64::try_from(tx.stage.events.len()).expect("counts fit i64")
    }

    /// The events after `event_id`, as the transaction sees them.
    pub(super) fn events_since(&self, tx: &Tx<'_>, event_id: i64) -> Vec<HistoryEvent> {
        let staged = tx.stage.events.iter().filter(|event| event.event_id > event_id);
        self.log.since(event_id).iter().chain(staged).cloned().collect()
    }

    /// What an event says, as the transaction sees it.
    pub(super) fn attributes_at<'a>(&'a self, tx: &'a Tx<'_>, event_id: i64) -> Option<&'a Attributes> {
        let staged = || tx.stage.events.iter().find(|event| event.event_id == event_id);
        self.log.get(event_id).or_else(staged)?.attributes.as_ref()
    }

    /// Writes a direct event: it gets the next id. Returns the id.
    pub(super) fn write(&mut self, tx: &mut Tx<'_>, attributes: Attributes) -> i64 {
        let at = tx.now;
        self.write_at(tx, at, attributes)
    }

    /// The same for one that happened before.
    pub(super) fn write_at(&mut self, tx: &mut Tx<'_>, at: SimTime, attributes: Attributes) -> i64 {
        let mut event = event(at, attributes);
        event.user_metadata = tx.user_metadata.take().map(|written| *written);
        self.number(tx, &mut event);
        self.state.apply(&event);
        tx.stage.events.push(event);
        self.last_event_id(tx)
    }

    fn number(&self, tx: &Tx<'_>, event: &mut HistoryEvent) {
        event.event_id = self.last_event_id(tx) + 1;
        event.task_id = FIRST_TASK_ID + event.event_id;
    }

    /// An event comes from outside, and waits until it can be written.
    pub(super) fn buffer(&mut self, tx: &mut Tx<'_>, attributes: Attributes) {
        let at = tx.now;
        self.buffer_at(tx, at, attributes);
    }

    /// The same for one that happened before.
    pub(super) fn buffer_at(&mut self, tx: &mut Tx<'_>, at: SimTime, attributes: Attributes) {
        let mut event = event(at, attributes);
        if let Some((initiated_event_id, started_event_id)) = event.attributes.as_mut().and_then(end_of) {
            // Of an activity it is never known yet, of a child it is not known if its start waits too.
            let child = self.state.children.get(&initiated_event_id);
            *started_event_id = child.map_or(0, |child| child.started_event_id);
        }
        self.state.apply(&event);
        tx.stage.waiting.push(event);
    }

    /// The events that wait, as the transaction sees them.
    pub(super) fn buffered<'a>(&'a self, tx: &'a Tx<'_>) -> impl Iterator<Item = &'a HistoryEvent> {
        let before = if tx.stage.instead {
            &[][..]
        } else {
            self.unwritten.buffer.as_slice()
        };
        before.iter().chain(&tx.stage.waiting)
    }

    /// The first event that waits and of which this is so does not happen after all.
    pub(super) fn unbuffer(&self, tx: &mut Tx<'_>, is_it: impl Fn(&HistoryEvent) -> bool) -> Option<HistoryEvent> {
        let at = self.buffered(tx).position(is_it)?;
        let mut waiting = self.take_buffer(tx);
        let event = waiting.remove(at);
        tx.stage.waiting = waiting;
        Some(event)
    }

    fn take_buffer(&self, tx: &mut Tx<'_>) -> Vec<HistoryEvent> {
        let waiting = self.buffered(tx).cloned().collect();
        tx.stage.instead = true;
        tx.stage.waiting.clear();
        waiting
    }

    /// Gives the events that wait their ids: first what does not end an activity or a child, then what does, each in the
    /// order of arrival. The Started event that goes with a close event is looked up among those just written.
    pub(super) fn flush(&mut self, tx: &mut Tx<'_>) {
        if self.buffered(tx).next().is_none() {
            return;
        }
        let from = tx.stage.events.len();
        let mut closing = Vec::new();
        for mut event in self.take_buffer(tx) {
            if event.attributes.as_mut().and_then(end_of).is_some() {
                closing.push(event);
            } else {
                self.append(tx, event);
            }
        }
        for mut event in closing {
            if let Some((asked_for, started)) = event.attributes.as_mut().and_then(end_of)
                && *started == 0
            {
                *started = started_by(&tx.stage.events[from..], asked_for);
            }
            self.append(tx, event);
        }
    }

    fn append(&mut self, tx: &mut Tx<'_>, mut event: HistoryEvent) {
        self.number(tx, &mut event);
        self.state.has_id(&event);
        tx.stage.events.push(event);
    }

    /// What was staged of the run becomes true.
    pub(super) fn take_in(&mut self, stage: &mut Stage) {
        for event in stage.events.drain(..) {
            self.size_bytes += size_in_history(&event);
            self.log.push(event);
        }
        if stage.instead {
            self.unwritten.buffer.clear();
        }
        self.unwritten.buffer.append(&mut stage.waiting);
    }

    /// What was staged of the run has never been. Its attempts are not brought back: the run is about to end.
    fn load_again(&mut self, hand: InHand) {
        let buffer = std::mem::take(&mut self.unwritten.buffer);
        self.state = ExecutionState::of(self.log.events().iter().chain(&buffer));
        self.unwritten = Unwritten {
            buffer,
            hand,
            ..Unwritten::default()
        };
    }
}

impl Service {
    /// Does something to a run, in one transaction.
    ///
    /// # Errors
    ///
    /// If the run was over a limit of its history, which: then it was ended instead.
    pub(super) fn transact<T>(
        &mut self,
        now: SimTime,
        key: RunKey,
        act: impl FnOnce(&mut Run, &mut Tx<'_>) -> T,
    ) -> Result<T, &'static str> {
        let runs = self.next_key().0;
        let run = &mut self.runs[key.0 as usize];
        let hand = run.unwritten.hand.clone();
        let begin = |run: &Run| Tx {
            now,
            limits: self.limits,
            chance: self.chance,
            queues: &self.queues,
            size_before: run.size_bytes,
            is_first: false,
            user_metadata: None,
            over: None,
            runs,
            stage: Stage::default(),
        };
        let mut tx = begin(run);
        let said = act(run, &mut tx);
        let limit = tx.over;
        if let Some(limit) = limit {
            run.load_again(hand);
            tx = begin(run);
            run.terminate(&mut tx, limit, None, namespace::HISTORY_SERVICE);
        }
        let mut stage = tx.stage;
        run.take_in(&mut stage);
        self.carry_through(now, stage);
        limit.map_or(Ok(said), Err)
    }

    /// A transaction in which a run begins.
    pub(super) fn first_tx(&self, now: SimTime) -> Tx<'_> {
        Tx {
            now,
            limits: self.limits,
            chance: self.chance,
            queues: &self.queues,
            size_before: 0,
            is_first: true,
            user_metadata: None,
            over: None,
            runs: self.next_key().0,
            stage: Stage::default(),
        }
    }

    /// The run that such a transaction has staged begins.
    pub(super) fn take_up(&mut self, now: SimTime, mut run: Run, mut stage: Stage) -> RunKey {
        let key = run.key;
        run.take_in(&mut stage);
        self.add(run);
        self.carry_through(now, stage);
        key
    }

    fn carry_through(&mut self, now: SimTime, stage: Stage) {
        for run in stage.born {
            self.add(run);
        }
        for effect in stage.effects {
            match effect {
                Effect::SetTimer(at, task) => self.timers.set(at, task),
                Effect::ForgetTimeouts {
                    run,
                    scheduled_event_id,
                } => self.timers.forget_timeouts(run, scheduled_event_id),
                Effect::Enqueue(queue, work) => self.queues.push(&queue, now, work),
                Effect::Withdraw(work) => self.queues.withdraw(&work),
                Effect::WithdrawTasks(run) => self.queues.withdraw_tasks(run),
                Effect::Reply(reply) => self.replies.push(reply),
            }
        }
    }
}

/// What an event says that ends an activity or a child: by which event it was asked for, and by which it started.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "nothing else ends what began with a Started"
)]
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

/// The Started event, among these, of what was asked for by that event; 0 if it is not there.
fn started_by(events: &[HistoryEvent], asked_for: i64) -> i64 {
    let started = events.iter().rev().find(|event| match &event.attributes {
        Some(Attributes::ActivityTaskStartedEventAttributes(a)) => a.scheduled_event_id == asked_for,
        Some(Attributes::ChildWorkflowExecutionStartedEventAttributes(a)) => a.initiated_event_id == asked_for,
        _ => false,
    });
    started.map_or(0, |event| event.event_id)
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

/// What the event adds to the history's size: a repeated field of `History` costs a tag and a length besides.
pub(super) fn size_in_history(event: &HistoryEvent) -> u64 {
    let size = prost::Message::encoded_len(event);
    bytes(1 + prost::length_delimiter_len(size) + size)
}
