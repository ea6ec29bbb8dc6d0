//! The chronicle of a run that was not lived here: what its history tells, with hindsight.
//!
//! A step is an event. A history keeps of an activity its last attempt only, and writes that down when it is over: here it
//! begins when it began. Of the attempts before it the number and the last failure are known; the backoffs between them
//! follow from the retry policy and are put where they fit. What no event tells is not here: effects, heartbeats, replays,
//! the deaths of workers.

use super::activities::{Activity, Between, Earlier};
use super::messages::{Heard, Message, MessageKind};
use super::outside::{Outage, OutageKind, Wait};
use super::runs::RunLine;
use super::things::Lasting;
use super::work::{Attempt, End, Memory, Task, Trouble, What, Work};
use super::{Chronicle, Point};
use crate::base::time::{SimTime, Span};
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::class::{End as Ending, Thing};
use crate::history::enums::timeout_name;
use crate::history::execution::RunStatus;
use crate::history::operation::Operation;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, Attributes as A, Failure, FailureInfo, HistoryEvent, TaskQueue,
    TaskQueueKind, TimeoutType, WorkflowTaskFailedCause, outcome,
};
use crate::history::timestamp::Timestamp;
use crate::service::queue::QueuedWork;
use crate::service::retry;
use crate::sim::node::{MOST_WORKERS, WorkerName};

/// So many inferred backoffs of an activity are told.
const MOST_BACKOFFS: u32 = 50;

/// The queues of a history that have a lane of their own; what is in others is drawn in the last.
pub(in crate::view) const MOST_QUEUES: usize = 12;

/// The only run there is.
pub(in crate::view) const RUN: RunKey = RunKey(0);

/// A chronicle, and whom the history names.
#[derive(Default)]
pub(in crate::view) struct Told {
    /// What happened.
    pub chronicle: Chronicle,
    /// The workers' identities, in the order in which they appear.
    pub workers: Vec<String>,
    /// The names of task queues, in the order in which they appear.
    pub queues: Vec<String>,
}

/// Tells a history, operation by operation.
pub(in crate::view) struct Teller {
    told: Told,
    operations: std::vec::IntoIter<Operation>,
    closed: Option<Point>,
}

/// A history, and the time before its first event and that of each as the picture goes along, never falling.
#[derive(Clone, Copy)]
struct Pages<'a> {
    events: &'a [HistoryEvent],
    times: &'a [SimTime],
}

impl Teller {
    /// Of a history with these operations.
    pub(in crate::view) fn new(events: &[HistoryEvent], times: &[SimTime], operations: Vec<Operation>) -> Self {
        let mut teller = Self {
            told: Told::default(),
            operations: operations.into_iter(),
            closed: None,
        };
        teller.run(Pages { events, times });
        teller
    }

    /// Tells the next operation of that history. True once there is none.
    pub(in crate::view) fn tell_next(&mut self, events: &[HistoryEvent], times: &[SimTime]) -> bool {
        let pages = Pages { events, times };
        let Some(operation) = self.operations.next() else {
            self.messages(pages);
            self.told.chronicle.activities.index();
            return true;
        };
        match operation.thing {
            Thing::WorkflowTask => self.task(pages, &operation),
            Thing::Activity => self.activity(pages, &operation),
            Thing::Update => {
                self.thing(pages, &operation);
                self.update(pages, &operation);
            }
            Thing::Run => {}
            Thing::Timer
            | Thing::Child
            | Thing::SignalOut
            | Thing::CancelOut
            | Thing::NexusOperation
            | Thing::NexusCancel => self.thing(pages, &operation),
        }
        false
    }

    /// All that was told.
    pub(in crate::view) fn finish(self) -> Told {
        self.told
    }
}

impl<'a> Pages<'a> {
    /// The moment of an event, by its place.
    fn point(self, place: u32) -> Point {
        let step = place + 1;
        Point {
            step,
            at: self.times.get(step as usize).copied().unwrap_or_default(),
        }
    }

    /// The moment of an instant that an event tells of, which may be one before its own, but none before `from`.
    fn point_at(self, event: &HistoryEvent, from: Point, to: Point) -> Point {
        let at = event.event_time.map_or(to.at, Timestamp::sim_time);
        let at = at.clamp(from.at, to.at.max(from.at));
        let past = self.times.partition_point(|time| *time <= at);
        let step = u32::try_from(past).unwrap_or(u32::MAX).saturating_sub(1);
        Point {
            step: step.clamp(from.step, to.step.max(from.step)),
            at,
        }
    }

    fn attributes(self, place: u32) -> Option<&'a A> {
        self.events.get(place as usize)?.attributes.as_ref()
    }
}

impl Teller {
    fn worker(&mut self, identity: &str) -> WorkerName {
        let known = &mut self.told.workers;
        let place = known.iter().position(|other| other == identity).unwrap_or_else(|| {
            if known.len() < MOST_WORKERS {
                known.push(identity.to_owned());
            }
            known.len() - 1
        });
        WorkerName(u8::try_from(place).unwrap_or_default())
    }

    fn queue(&mut self, queue: Option<&TaskQueue>) -> u32 {
        let normal = |queue: &&TaskQueue| queue.kind() == TaskQueueKind::Sticky && !queue.normal_name.is_empty();
        let name = match queue.filter(normal) {
            Some(sticky) => &sticky.normal_name,
            None => queue.map_or("", |queue| &queue.name),
        };
        let known = &mut self.told.queues;
        let place = known.iter().position(|other| other == name).unwrap_or_else(|| {
            if known.len() < MOST_QUEUES {
                known.push(name.to_owned());
            }
            known.len() - 1
        });
        u32::try_from(place).unwrap_or_default()
    }

    fn run(&mut self, pages: Pages<'_>) {
        let closed = (0..).zip(pages.events).find_map(|(place, event)| {
            let status = match &event.attributes {
                Some(A::WorkflowExecutionCompletedEventAttributes(_)) => RunStatus::Completed,
                Some(A::WorkflowExecutionFailedEventAttributes(_)) => RunStatus::Failed,
                Some(A::WorkflowExecutionTimedOutEventAttributes(_)) => RunStatus::TimedOut,
                Some(A::WorkflowExecutionCanceledEventAttributes(_)) => RunStatus::Canceled,
                Some(A::WorkflowExecutionTerminatedEventAttributes(_)) => RunStatus::Terminated,
                Some(A::WorkflowExecutionContinuedAsNewEventAttributes(_)) => RunStatus::ContinuedAsNew,
                _ => return None,
            };
            Some((pages.point(place).step, status))
        });
        self.closed = closed.map(|(step, _)| pages.point(step - 1));
        self.told.chronicle.runs.push(RunLine::told(pages.events, closed));
        if let Some(A::WorkflowExecutionStartedEventAttributes(started)) = pages.attributes(0) {
            let queue = started.task_queue.clone();
            self.queue(queue.as_ref());
        }
    }

    fn task(&mut self, pages: Pages<'_>, operation: &Operation) {
        let Some(A::WorkflowTaskScheduledEventAttributes(scheduled)) = pages.attributes(operation.opened).cloned()
        else {
            return;
        };
        let scheduled_event_id = pages.events[operation.opened as usize].event_id;
        let attempt = u32::try_from(scheduled.attempt).unwrap_or(0).max(1);
        let queue = self.queue(scheduled.task_queue.as_ref());
        let began = pages.point(operation.opened);
        let ended = operation.closed.map(|place| pages.point(place));
        let started = operation.started.map(|place| pages.point(place));
        self.told.chronicle.outside.push_wait(Wait {
            work: QueuedWork::Workflow {
                run: RUN,
                scheduled_event_id,
                attempt,
            },
            queue,
            began,
            ended: started.or(ended),
            timed_out: started.is_none() && ended.is_some(),
        });
        let sticky = scheduled
            .task_queue
            .as_ref()
            .is_some_and(|queue| queue.kind() == TaskQueueKind::Sticky);
        let Some(started_at) = started else {
            // The worker that it was meant for took nothing: the last one that had a task of the run.
            let last = self
                .told
                .chronicle
                .hands
                .work()
                .iter()
                .rev()
                .find(|work| matches!(work.what, What::WorkflowTask(_)));
            if let (true, Some(worker)) = (sticky && ended.is_some(), last.map(|work| work.worker)) {
                self.told.chronicle.outside.push_outage(Outage {
                    worker,
                    kind: OutageKind::Silent,
                    began,
                    ended,
                });
            }
            return;
        };
        let identity = match operation.started.and_then(|place| pages.attributes(place)) {
            Some(A::WorkflowTaskStartedEventAttributes(started)) => started.identity.clone(),
            _ => String::new(),
        };
        let worker = self.worker(&identity);
        let (mut end, mut cause) = (End::Open, None);
        match operation.closed.and_then(|place| pages.attributes(place)) {
            Some(A::WorkflowTaskCompletedEventAttributes(_)) => end = End::Ok,
            Some(A::WorkflowTaskFailedEventAttributes(failed)) => {
                cause = Some(failed.cause());
                end = End::Failed(task_trouble(failed.cause(), failed.failure.as_ref()));
            }
            Some(A::WorkflowTaskTimedOutEventAttributes(timed_out)) => {
                let limit = timeout_name(timed_out.timeout_type());
                end = End::Failed(Trouble::new("timeout", format!("workflow task {limit} timeout")));
            }
            _ => {}
        }
        self.told.chronicle.hands.push(Work {
            run: RUN,
            worker,
            process: 1,
            waiting_since: began.at,
            began: started_at,
            ended,
            end,
            what: What::WorkflowTask(Task {
                attempt,
                polled: true,
                sticky,
                query: false,
                memory: Memory::Untold,
                replay: None,
                cause,
            }),
        });
    }

    fn activity(&mut self, pages: Pages<'_>, operation: &Operation) {
        let Some(A::ActivityTaskScheduledEventAttributes(scheduled)) = pages.attributes(operation.opened).cloned()
        else {
            return;
        };
        let scheduled_event_id = pages.events[operation.opened as usize].event_id;
        let queue = self.queue(scheduled.task_queue.as_ref());
        let opened = pages.point(operation.opened);
        let over = operation.closed.map(|place| pages.point(place));
        let mut activity = Activity::told(RUN, scheduled_event_id, opened.step, over.map(|over| over.step));
        activity.state.set(
            opened.step,
            Between::Queued {
                since: opened.at,
                attempt: 1,
            },
        );
        let started = operation.started.and_then(|place| match pages.attributes(place) {
            Some(A::ActivityTaskStartedEventAttributes(started)) => Some((place, started.clone())),
            _ => None,
        });
        let token = |attempt| ActivityTaskToken {
            run: RUN,
            scheduled_event_id,
            attempt,
        };
        let Some((place, started)) = started else {
            self.told.chronicle.outside.push_wait(Wait {
                work: QueuedWork::Activity {
                    run: RUN,
                    scheduled_event_id,
                    attempt: 1,
                },
                queue,
                began: opened,
                ended: over,
                timed_out: over.is_some(),
            });
            return self.told.chronicle.activities.push(activity);
        };
        let number = u32::try_from(started.attempt).unwrap_or(0).max(1);
        let began = pages.point_at(
            &pages.events[place as usize],
            opened,
            over.unwrap_or_else(|| pages.point(place)),
        );
        let mut waited_since = opened;
        if number > 1 {
            let earlier = earlier(&scheduled, &started, opened.at, began.at);
            if let Some((_, until, _)) = earlier.backoffs.last() {
                waited_since = Point { at: *until, ..began };
            }
            activity.earlier = Some(Box::new(Earlier { queue, ..earlier }));
        }
        activity.state.set(began.step, Between::Started { attempt: number });
        self.told.chronicle.outside.push_wait(Wait {
            work: QueuedWork::Activity {
                run: RUN,
                scheduled_event_id,
                attempt: number,
            },
            queue,
            began: waited_since,
            ended: Some(began),
            timed_out: false,
        });
        let worker = self.worker(&started.identity);
        let (mut end, mut timed_out) = (End::Open, None);
        match operation.closed.and_then(|place| pages.attributes(place)) {
            Some(A::ActivityTaskCompletedEventAttributes(_)) => end = End::Ok,
            Some(A::ActivityTaskFailedEventAttributes(failed)) => {
                let trouble = failed.failure.as_ref().map(Trouble::of);
                end = End::Failed(trouble.unwrap_or_else(|| Trouble::new("_OTHER", "it failed")));
            }
            Some(A::ActivityTaskCanceledEventAttributes(_)) => end = End::Cancelled,
            Some(A::ActivityTaskTimedOutEventAttributes(ended)) => {
                let limit = limit(ended.failure.as_ref());
                timed_out = over.map(|over| (over, limit));
                let message = format!("activity {} timeout", timeout_name(limit));
                end = End::Failed(Trouble::new("timeout", message));
            }
            _ => {}
        }
        let chronicle = &mut self.told.chronicle;
        activity.attempts.push(chronicle.hands.count());
        chronicle.hands.push(Work {
            run: RUN,
            worker,
            process: 1,
            waiting_since: waited_since.at,
            began,
            ended: over,
            end,
            what: What::Activity(Attempt {
                token: token(number),
                activity_type: scheduled.activity_type.map_or_else(String::new, |named| named.name),
                activity_id: scheduled.activity_id,
                eager: false,
                heartbeats: Vec::new(),
                part_done: None,
                effect_done: None,
                // From here to the end it may have acted, and nobody has recorded it.
                changed: Some(began),
                known_gone: false,
                accepted: timed_out.is_none(),
                timed_out,
            }),
        });
        chronicle.activities.push(activity);
    }

    fn thing(&mut self, pages: Pages<'_>, operation: &Operation) {
        let event = &pages.events[operation.opened as usize];
        let opened = pages.point(operation.opened);
        let closed = operation.closed.map(|place| pages.point(place));
        let end = operation.closed.and_then(|place| {
            let event = pages.events.get(place as usize)?;
            Some((event.class().end()?, event.event_id))
        });
        // A run that is over has no timers and answers no updates; its children may go on without it.
        let started = operation.started.map(|place| pages.point(place));
        self.told.chronicle.things.push(Lasting {
            run: RUN,
            thing: operation.thing,
            opened_event_id: event.event_id,
            opened,
            started,
            closed: closed.or(self.closed),
            end,
            due: super::things::due(event, opened.at),
        });
    }

    fn update(&mut self, pages: Pages<'_>, operation: &Operation) {
        let Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(accepted)) = pages.attributes(operation.opened)
        else {
            return;
        };
        let input = accepted
            .accepted_request
            .as_ref()
            .and_then(|request| request.input.as_ref());
        let name = input.map_or_else(|| accepted.protocol_instance_id.clone(), |input| input.name.clone());
        let heard = operation.closed.and_then(|place| {
            let Some(A::WorkflowExecutionUpdateCompletedEventAttributes(done)) = pages.attributes(place) else {
                return None;
            };
            let value = done.outcome.as_ref().and_then(|outcome| outcome.value.as_ref());
            let (ok, what) = match value {
                Some(outcome::Value::Failure(failure)) => (false, failure.message.clone()),
                Some(outcome::Value::Success(_)) | None => (true, "completed".to_owned()),
            };
            Some(Heard {
                at: pages.point(place),
                ok,
                what,
            })
        });
        self.message(pages, operation.opened, MessageKind::Update, name, heard);
    }

    fn messages(&mut self, pages: Pages<'_>) {
        let mut found = Vec::new();
        for (place, event) in (0..).zip(pages.events) {
            let told = match &event.attributes {
                Some(A::WorkflowExecutionStartedEventAttributes(started)) => {
                    let name = started
                        .workflow_type
                        .as_ref()
                        .map_or_else(String::new, |named| named.name.clone());
                    (MessageKind::Start, name)
                }
                Some(A::WorkflowExecutionSignaledEventAttributes(signal)) => {
                    (MessageKind::Signal, signal.signal_name.clone())
                }
                Some(A::WorkflowExecutionCancelRequestedEventAttributes(_)) => (MessageKind::Cancel, String::new()),
                Some(A::WorkflowExecutionTerminatedEventAttributes(_)) => (MessageKind::Terminate, String::new()),
                Some(A::WorkflowTaskFailedEventAttributes(failed))
                    if failed.cause() == WorkflowTaskFailedCause::ResetWorkflow =>
                {
                    (MessageKind::Reset, String::new())
                }
                _ => continue,
            };
            found.push((place, told));
        }
        for (place, (kind, name)) in found {
            self.message(pages, place, kind, name, None);
        }
        self.told.chronicle.messages.sort();
    }

    fn message(&mut self, pages: Pages<'_>, place: u32, kind: MessageKind, name: String, heard: Option<Heard>) {
        let workflow_id = match pages.attributes(0) {
            Some(A::WorkflowExecutionStartedEventAttributes(started)) => started.workflow_id.clone(),
            _ => String::new(),
        };
        let event = pages
            .events
            .get(place as usize)
            .and_then(|event| u32::try_from(event.event_id).ok());
        let sent = pages.point(place);
        self.told.chronicle.messages.push(Message {
            act: u32::from(kind != MessageKind::Start),
            kind,
            name,
            workflow_id,
            sent,
            event: event.map(|event| (RUN, event)),
            refused: None,
            heard,
        });
    }
}

/// What is known of the attempts before the last one: each backoff has the length that the policy gives, and what is left
/// of the time between is shared by the attempts.
fn earlier(
    scheduled: &ActivityTaskScheduledEventAttributes,
    started: &crate::history::proto::ActivityTaskStartedEventAttributes,
    from: SimTime,
    to: SimTime,
) -> Earlier {
    let attempts = u32::try_from(started.attempt).unwrap_or(1).saturating_sub(1);
    let policy = scheduled.retry_policy.clone().unwrap_or_default();
    let told = attempts.min(MOST_BACKOFFS);
    let lengths: Vec<Span> = (1..=told).map(|attempt| retry::interval(&policy, attempt)).collect();
    let all = lengths.iter().fold(Span::ZERO, |all, length| all + *length);
    let between = to.since(from);
    let mut backoffs = Vec::new();
    // A worker may have asked for another delay, or the policy was changed: then nothing can be inferred.
    if told == attempts && all <= between {
        let share = Span((between.0 - all.0) / u64::from(attempts.max(1)));
        let mut at = from;
        for (length, attempt) in lengths.into_iter().zip(2..) {
            let since = at + share;
            at = since + length;
            backoffs.push((since, at, attempt));
        }
    }
    Earlier {
        attempts,
        last_failure: started
            .last_failure
            .as_ref()
            .map(|failure| Trouble::of(failure).to_string()),
        queue: 0,
        backoffs,
    }
}

fn limit(failure: Option<&Failure>) -> TimeoutType {
    match failure.and_then(|failure| failure.failure_info.as_ref()) {
        Some(FailureInfo::TimeoutFailureInfo(info)) => info.timeout_type(),
        _ => TimeoutType::Unspecified,
    }
}

fn task_trouble(cause: WorkflowTaskFailedCause, failure: Option<&Failure>) -> Trouble {
    let name = crate::history::enums::short_name(cause.as_str_name()).unwrap_or_else(|| "_OTHER".to_owned());
    let message = failure.map_or("", |failure| failure.message.as_str());
    Trouble::new(&name, message)
}

/// The outcome of what ended like that.
pub(in crate::view) const fn is_trouble(end: Ending) -> bool {
    match end {
        Ending::Failed | Ending::TimedOut | Ending::Terminated => true,
        Ending::Ok | Ending::Canceled => false,
    }
}
