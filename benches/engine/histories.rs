//! Histories of the measured workflows, as a server writes them. Written here and not by the engine, so that they can
//! be of any length and that nobody judges his own work: the official replayer accepts each of them.

use sagascope::history::payload;
use sagascope::history::proto::{
    ActivityTaskCompletedEventAttributes, ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes,
    ActivityType, Attributes, Duration, History, HistoryEvent, TaskQueue, WorkflowExecutionCompletedEventAttributes,
    WorkflowExecutionSignaledEventAttributes, WorkflowExecutionStartedEventAttributes,
    WorkflowTaskCompletedEventAttributes, WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
    WorkflowType, event_type,
};
use sagascope::history::timestamp::Timestamp;
use serde_json::json;

const RUN_ID: &str = "3f1c8a56-2a94-4a2e-9b0e-6f6f2a1f7c11";
const QUEUE: &str = "bench";
const IDENTITY: &str = "4711@bench";
/// When they begin: some day in 2026.
const EPOCH: i64 = 1_790_000_000;

/// How many activities of a parallel run end before the workflow task that tells of them.
pub(crate) const BATCH: u32 = 100;

/// So many activities, one after the other.
pub(crate) fn in_sequence(count: u32) -> History {
    let mut scribe = Scribe::begin("InSequence", count);
    let mut answer = scribe.task();
    for number in 1..=count {
        let scheduled = scribe.schedule(number, answer);
        scribe.run(scheduled);
        answer = scribe.task();
    }
    scribe.complete(count, answer)
}

/// So many activities at once, which end [`BATCH`] by [`BATCH`].
pub(crate) fn in_parallel(count: u32) -> History {
    let mut scribe = Scribe::begin("InParallel", count);
    let mut answer = scribe.task();
    let scheduled: Vec<i64> = (1..=count).map(|number| scribe.schedule(number, answer)).collect();
    for batch in scheduled.chunks(BATCH as usize) {
        scribe.run(batch[0]);
        let task = scribe.schedule_task();
        batch[1..].iter().for_each(|scheduled| scribe.run(*scheduled));
        answer = scribe.answer_task(task);
    }
    scribe.complete(count, answer)
}

/// So many signals, each with its own workflow task.
pub(crate) fn signalled(count: u32) -> History {
    let mut scribe = Scribe::begin("Signalled", count);
    let mut answer = scribe.task();
    for number in 1..=count {
        scribe.put(Attributes::WorkflowExecutionSignaledEventAttributes(
            WorkflowExecutionSignaledEventAttributes {
                signal_name: "go".to_owned(),
                input: Some(payload::json(&json!(number))),
                identity: IDENTITY.to_owned(),
                ..Default::default()
            },
        ));
        answer = scribe.task();
    }
    scribe.complete(count, answer)
}

/// Writes events, one a millisecond.
struct Scribe {
    events: Vec<HistoryEvent>,
}

impl Scribe {
    fn begin(workflow_type: &str, count: u32) -> Self {
        let mut scribe = Self { events: Vec::new() };
        scribe.put(Attributes::WorkflowExecutionStartedEventAttributes(Box::new(
            WorkflowExecutionStartedEventAttributes {
                workflow_type: Some(WorkflowType {
                    name: workflow_type.to_owned(),
                }),
                task_queue: Some(queue()),
                input: Some(payload::json(&json!(count))),
                workflow_task_timeout: Some(seconds(10)),
                original_execution_run_id: RUN_ID.to_owned(),
                first_execution_run_id: RUN_ID.to_owned(),
                identity: IDENTITY.to_owned(),
                attempt: 1,
                workflow_id: "bench".to_owned(),
                ..Default::default()
            },
        )));
        scribe
    }

    fn put(&mut self, attributes: Attributes) -> i64 {
        let event_id = i64::try_from(self.events.len()).expect("few events") + 1;
        self.events.push(HistoryEvent {
            event_id,
            event_time: Some(Timestamp {
                seconds: EPOCH + event_id / 1_000,
                nanos: i32::try_from(event_id % 1_000).expect("below 1,000") * 1_000_000,
            }),
            event_type: event_type(&attributes).into(),
            task_id: 1_048_576 + event_id,
            attributes: Some(attributes),
            ..Default::default()
        });
        event_id
    }

    fn schedule_task(&mut self) -> i64 {
        self.put(Attributes::WorkflowTaskScheduledEventAttributes(
            WorkflowTaskScheduledEventAttributes {
                task_queue: Some(queue()),
                start_to_close_timeout: Some(seconds(10)),
                attempt: 1,
            },
        ))
    }

    /// The task is taken and answered; its answer is returned.
    fn answer_task(&mut self, scheduled_event_id: i64) -> i64 {
        let started_event_id = self.put(Attributes::WorkflowTaskStartedEventAttributes(
            WorkflowTaskStartedEventAttributes {
                scheduled_event_id,
                identity: IDENTITY.to_owned(),
                request_id: "b2f5d3c0-0f52-4c55-9c5e-0d6c2a1f7c11".to_owned(),
                history_size_bytes: 200 * scheduled_event_id,
                ..Default::default()
            },
        ));
        self.put(Attributes::WorkflowTaskCompletedEventAttributes(
            WorkflowTaskCompletedEventAttributes {
                scheduled_event_id,
                started_event_id,
                identity: IDENTITY.to_owned(),
                ..Default::default()
            },
        ))
    }

    fn task(&mut self) -> i64 {
        let scheduled = self.schedule_task();
        self.answer_task(scheduled)
    }

    fn schedule(&mut self, number: u32, workflow_task_completed_event_id: i64) -> i64 {
        self.put(Attributes::ActivityTaskScheduledEventAttributes(
            ActivityTaskScheduledEventAttributes {
                activity_id: number.to_string(),
                activity_type: Some(ActivityType {
                    name: "Rehearse".to_owned(),
                }),
                task_queue: Some(queue()),
                input: Some(payload::json(&json!({ "takes_ms": 0 }))),
                start_to_close_timeout: Some(seconds(60)),
                workflow_task_completed_event_id,
                ..Default::default()
            },
        ))
    }

    fn run(&mut self, scheduled_event_id: i64) {
        let started_event_id = self.put(Attributes::ActivityTaskStartedEventAttributes(
            ActivityTaskStartedEventAttributes {
                scheduled_event_id,
                identity: IDENTITY.to_owned(),
                request_id: "5f3c0c1e-7d3b-4d0b-8f43-0d6c2a1f7c11".to_owned(),
                attempt: 1,
                ..Default::default()
            },
        ));
        self.put(Attributes::ActivityTaskCompletedEventAttributes(
            ActivityTaskCompletedEventAttributes {
                result: Some(payload::json(&json!(1))),
                scheduled_event_id,
                started_event_id,
                identity: IDENTITY.to_owned(),
                ..Default::default()
            },
        ));
    }

    fn complete(mut self, count: u32, workflow_task_completed_event_id: i64) -> History {
        self.put(Attributes::WorkflowExecutionCompletedEventAttributes(
            WorkflowExecutionCompletedEventAttributes {
                result: Some(payload::json(&json!(count))),
                workflow_task_completed_event_id,
                ..Default::default()
            },
        ));
        History { events: self.events }
    }
}

fn queue() -> TaskQueue {
    TaskQueue {
        name: QUEUE.to_owned(),
        ..Default::default()
    }
}

fn seconds(seconds: i64) -> Duration {
    Duration { seconds, nanos: 0 }
}
