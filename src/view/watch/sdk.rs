//! What the workers would have measured: the metrics of Temporal's SDKs.
//!
//! Names, help, labels, units and buckets are those of SDK Core, which the Rust, Python, TypeScript, .NET and Ruby SDKs
//! share (temporalio-sdk-core 0.10.1, `src/telemetry/metrics.rs`; temporalio-common 1.1.1, `src/telemetry/metrics.rs`),
//! with its defaults: prefix `temporal_`, milliseconds, no suffixes. When each is recorded is taken from the places in
//! Core that do it. The label `instance` is what Prometheus adds when it asks each worker on its own; a worker that was
//! restarted goes on counting here.
//!
//! Not there: what is not simulated (pollers, slots for workflow tasks, requests to the Service and how long they take,
//! Nexus), and polls that came back with nothing.

use super::metric::{Kind, Labels, Metric, Metrics, Unit};
use crate::base::time::SimTime;
use crate::history::proto::{
    ApplicationErrorCategory, Attributes, Failure, FailureInfo, HistoryEvent, WorkflowTaskFailedCause,
};
use crate::history::timestamp::Timestamp;
use crate::service::namespace;
use crate::service::run::{Run, RunStatus};
use crate::sim::Sim;
use crate::sim::node::Node;
use crate::view::chronicle::hands::Hands;
use crate::view::chronicle::work::{Attempt, End, Memory, Task, What, Work};

const MINUTE: u64 = 60_000;

const fn milliseconds(bounds: &'static [u64]) -> Kind {
    Kind::Histogram(Unit::Milliseconds, bounds)
}

/// For whatever has no buckets of its own.
const USUAL: Kind = milliseconds(&[50, 100, 500, 1_000, 2_500, 10_000]);
const WAITING: Kind = milliseconds(&[100, 500, 1_000, 5_000, 10_000, 100_000, 1_000_000]);
const TASK: Kind = milliseconds(&[1, 10, 20, 50, 100, 200, 500, 1_000]);
const ACTIVITY: Kind = milliseconds(&[50, 100, 500, 1_000, 5_000, 10_000, 60_000]);
/// The last but one says ten hours in Core's comment, and is half an hour less.
const WORKFLOW: Kind = milliseconds(&[
    100,
    500,
    1_000,
    1_500,
    2_000,
    5_000,
    10_000,
    30_000,
    MINUTE,
    2 * MINUTE,
    5 * MINUTE,
    10 * MINUTE,
    30 * MINUTE,
    60 * MINUTE,
    510 * MINUTE,
    1_440 * MINUTE,
]);

macro_rules! metrics {
    ($($constant:ident $name:literal $kind:expr, $help:literal;)*) => {
        $(static $constant: Metric = Metric { name: concat!("temporal_", $name), help: $help, kind: $kind };)*
    };
}

metrics! {
    WORKFLOW_COMPLETED "workflow_completed" Kind::Counter, "Count of successfully completed workflows";
    WORKFLOW_CANCELED "workflow_canceled" Kind::Counter, "Count of canceled workflows";
    WORKFLOW_FAILED "workflow_failed" Kind::Counter, "Count of failed workflows";
    WORKFLOW_CONTINUED "workflow_continue_as_new" Kind::Counter, "Count of continued-as-new workflows";
    WORKFLOW_LATENCY "workflow_endtoend_latency" WORKFLOW, "Histogram of total workflow execution latencies";
    TASK_POLLED "workflow_task_queue_poll_succeed" Kind::Counter, "Count of workflow task queue poll successes";
    TASK_FAILED "workflow_task_execution_failed" Kind::Counter, "Count of workflow task execution failures";
    TASK_WAITED "workflow_task_schedule_to_start_latency" WAITING,
        "Histogram of workflow task schedule-to-start latencies";
    TASK_REPLAYED "workflow_task_replay_latency" TASK, "Histogram of workflow task replay latencies";
    TASK_TOOK "workflow_task_execution_latency" TASK,
        "Histogram of workflow task execution (not replay) latencies";
    ACTIVITY_RECEIVED "activity_task_received" Kind::Counter, "Count of activity task queue poll successes";
    ACTIVITY_FAILED "activity_execution_failed" Kind::Counter, "Count of activity task execution failures";
    ACTIVITY_WAITED "activity_schedule_to_start_latency" WAITING, "Histogram of activity schedule-to-start latencies";
    ACTIVITY_TOOK "activity_execution_latency" ACTIVITY, "Histogram of activity execution latencies";
    ACTIVITY_SUCCEEDED "activity_succeed_endtoend_latency" USUAL,
        "Histogram of activity execution latencies for successful activities";
    LOCAL_TOTAL "local_activity_total" Kind::Counter, "Count of local activities executed";
    LOCAL_CANCELLED "local_activity_execution_cancelled" Kind::Counter,
        "Count of local activity executions that were cancelled";
    LOCAL_FAILED "local_activity_execution_failed" Kind::Counter, "Count of local activity executions that failed";
    LOCAL_TOOK "local_activity_execution_latency" USUAL, "Histogram of local activity execution latencies";
    LOCAL_SUCCEEDED "local_activity_succeed_endtoend_latency" USUAL,
        "Histogram of local activity execution latencies for successful local activities";
    WORKER_STARTED "worker_start" Kind::Counter, "Count of the number of initialized workers";
    SLOTS_AVAILABLE "worker_task_slots_available" Kind::Gauge, "Current number of available slots per task type";
    SLOTS_USED "worker_task_slots_used" Kind::Gauge, "Current number of used slots per task type";
    CACHE_HIT "sticky_cache_hit" Kind::Counter,
        "Count of times the workflow cache was used for a new workflow task";
    CACHE_MISS "sticky_cache_miss" Kind::Counter,
        "Count of times the workflow cache was missing a workflow for a sticky task";
    CACHE_SIZE "sticky_cache_size" Kind::Gauge, "Current number of cached workflows";
    CACHE_EVICTED "sticky_cache_total_forced_eviction" Kind::Counter, "Count of evictions of cached workflows";
}

/// Adds what the workers measured.
pub(super) fn measure(sim: &Sim, hands: &Hands, metrics: &mut Metrics) {
    for node in sim.nodes() {
        of_worker(node, hands, metrics);
    }
    for work in hands.work() {
        let node = &sim.nodes()[usize::from(work.worker.0)];
        let run = sim.service().run(work.run);
        match &work.what {
            What::WorkflowTask(task) => of_task(run, node, work, task, metrics),
            What::Activity(attempt) => of_attempt(run, node, work, attempt, metrics),
            What::LocalActivity(attempt) => {
                let labels = of_activity(node, run, &attempt.activity_type);
                of_local(hands, work, labels, metrics);
            }
        }
    }
}

/// What Core puts on every metric, and the worker.
fn base(node: &Node) -> Labels {
    vec![
        ("namespace", namespace::NAME.to_owned()),
        ("task_queue", node.setup.task_queue.clone()),
        ("service_name", "temporal-core-sdk".to_owned()),
        ("instance", node.identity()),
    ]
}

fn with(mut labels: Labels, key: &'static str, value: &str) -> Labels {
    labels.push((key, value.to_owned()));
    labels
}

fn of_workflow(node: &Node, run: &Run) -> Labels {
    with(base(node), "workflow_type", &run.workflow_type)
}

fn of_activity(node: &Node, run: &Run, activity_type: &str) -> Labels {
    with(of_workflow(node, run), "activity_type", activity_type)
}

fn of_worker(node: &Node, hands: &Hands, metrics: &mut Metrics) {
    metrics.count(&WORKER_STARTED, base(node), node.starts.into());
    metrics.count(&CACHE_EVICTED, base(node), hands.evictions(node.name).into());
    let Some(process) = &node.process else { return };
    let cached = u64::try_from(process.worker.cached().count()).unwrap_or(u64::MAX);
    metrics.count(&CACHE_SIZE, base(node), cached);
    if node.setup.activities {
        let slots = with(base(node), "worker_type", "ActivityWorker");
        let used = u64::try_from(process.activities.len()).unwrap_or(u64::MAX);
        metrics.count(&SLOTS_USED, slots.clone(), used);
        metrics.count(&SLOTS_AVAILABLE, slots, node.free_slots().into());
    }
}

fn of_task(run: &Run, node: &Node, work: &Work, task: &Task, metrics: &mut Metrics) {
    if task.polled {
        metrics.count(&TASK_POLLED, base(node), 1);
        let waited = work.began.at.since(work.waiting_since);
        metrics.observe(&TASK_WAITED, base(node), waited);
    }
    match task.memory {
        // A task that brings nothing but a query does not count.
        Memory::Hit if !task.query => metrics.count(&CACHE_HIT, of_workflow(node, run), 1),
        Memory::Miss => metrics.count(&CACHE_MISS, base(node), 1),
        Memory::Hit | Memory::New | Memory::Untold => {}
    }
    if let Some(replay) = task.replay {
        metrics.observe(
            &TASK_REPLAYED,
            of_workflow(node, run),
            replay.ended.at.since(work.began.at),
        );
    }
    let Some(ended) = work.ended.map(|ended| ended.at) else {
        return;
    };
    match &work.end {
        End::Failed(_) => {
            let reason = match task.cause {
                Some(WorkflowTaskFailedCause::NonDeterministicError) => "NonDeterminismError",
                _ => "WorkflowError",
            };
            let labels = with(of_workflow(node, run), "failure_reason", reason);
            metrics.count(&TASK_FAILED, labels, 1);
        }
        // Nobody is left who could have measured it.
        End::Lost | End::Open => return,
        End::Ok | End::Cancelled | End::Refused(_) | End::Unwanted | End::GaveUp => {}
    }
    metrics.observe(&TASK_TOOK, of_workflow(node, run), ended.since(work.began.at));
    if work.end == End::Ok {
        of_end(run, node, ended, metrics);
    }
}

/// A run that its own code closed with the answer that was given then.
fn of_end(run: &Run, node: &Node, at: SimTime, metrics: &mut Metrics) {
    let (Some(first), Some(last)) = (run.log.events().first(), run.log.events().last()) else {
        return;
    };
    if run.is_open() || time(last) != at {
        return;
    }
    let metric = match (run.status(), &last.attributes) {
        (RunStatus::Completed, _) => &WORKFLOW_COMPLETED,
        (RunStatus::Canceled, _) => &WORKFLOW_CANCELED,
        (RunStatus::ContinuedAsNew, _) => &WORKFLOW_CONTINUED,
        (RunStatus::Failed, Some(Attributes::WorkflowExecutionFailedEventAttributes(failed)))
            if !failed.failure.as_ref().is_some_and(is_benign) =>
        {
            &WORKFLOW_FAILED
        }
        _ => return,
    };
    metrics.count(metric, of_workflow(node, run), 1);
    let took = time(last).since(time(first));
    metrics.observe(&WORKFLOW_LATENCY, of_workflow(node, run), took);
}

fn of_attempt(run: &Run, node: &Node, work: &Work, attempt: &Attempt, metrics: &mut Metrics) {
    let labels = of_activity(node, run, &attempt.activity_type);
    let eager = if attempt.eager { "true" } else { "false" };
    metrics.count(&ACTIVITY_RECEIVED, with(labels.clone(), "eager", eager), 1);
    metrics.observe(&ACTIVITY_WAITED, base(node), work.began.at.since(work.waiting_since));
    let Some(ended) = work.ended.map(|ended| ended.at).filter(|_| work.end != End::Lost) else {
        return;
    };
    metrics.observe(&ACTIVITY_TOOK, labels.clone(), ended.since(work.began.at));
    if attempt.known_gone {
        return;
    }
    match work.end {
        End::Failed(_) => metrics.count(&ACTIVITY_FAILED, with(labels, "failure_reason", "ActivityError"), 1),
        End::Ok if attempt.accepted => {
            let scheduled = run
                .log
                .get(attempt.token.scheduled_event_id)
                .map_or(work.began.at, time);
            metrics.observe(&ACTIVITY_SUCCEEDED, labels, ended.since(scheduled));
        }
        End::Open | End::Ok | End::Cancelled | End::Refused(_) | End::Unwanted | End::Lost | End::GaveUp => {}
    }
}

fn of_local(hands: &Hands, work: &Work, labels: Labels, metrics: &mut Metrics) {
    metrics.count(&LOCAL_TOTAL, labels.clone(), 1);
    let Some(ended) = work.ended.map(|ended| ended.at).filter(|_| work.end != End::Lost) else {
        return;
    };
    metrics.observe(&LOCAL_TOOK, labels.clone(), ended.since(work.began.at));
    match work.end {
        End::Failed(_) => metrics.count(&LOCAL_FAILED, with(labels, "failure_reason", "ActivityError"), 1),
        End::Cancelled => metrics.count(&LOCAL_CANCELLED, labels, 1),
        End::Ok => metrics.observe(&LOCAL_SUCCEEDED, labels, ended.since(first_began(hands, work))),
        End::Open | End::Refused(_) | End::Unwanted | End::Lost | End::GaveUp => {}
    }
}

/// When the worker began with a local activity, in whichever attempt.
fn first_began(hands: &Hands, last: &Work) -> SimTime {
    let seq = |work: &Work| match &work.what {
        What::LocalActivity(attempt) => Some(attempt.seq),
        What::WorkflowTask(_) | What::Activity(_) => None,
    };
    let same = |work: &&Work| {
        (work.run, work.worker, work.process) == (last.run, last.worker, last.process) && seq(work) == seq(last)
    };
    hands.work().iter().find(same).unwrap_or(last).began.at
}

/// Failures that their author declared to be none are not counted.
fn is_benign(failure: &Failure) -> bool {
    matches!(&failure.failure_info, Some(FailureInfo::ApplicationFailureInfo(info))
        if info.category() == ApplicationErrorCategory::Benign)
}

fn time(event: &HistoryEvent) -> SimTime {
    event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time)
}
