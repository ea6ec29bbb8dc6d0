//! What the Service would have measured: the metrics of the Temporal server.
//!
//! Names, labels and buckets are those of server 1.32 (`common/metrics/metric_defs.go`, `tags.go`, `config.go`), recorded
//! where it does so (`service/history/workflow/metrics.go`, `service/history/timer_queue_active_task_executor.go`,
//! `service/history/api/…`), in seconds, as its usual Prometheus reporter writes them. Labels that always have the same
//! value here are left out (`namespace_state`, `versioning_behavior`, `service_name`).
//!
//! There is no metric "retries": they are `activity_task_fail` without `activity_fail`, and `activity_task_timeout`
//! without `activity_timeout`. `activity_end_to_end_latency` is deprecated in 1.32 and left out;
//! `activity_start_to_close_latency` is its new name. Of the several hundred others most are about what is not
//! simulated: persistence, shards, caches, requests.

use super::metric::{Kind, Labels, Metric, Metrics, Unit};
use crate::base::time::SimTime;
use crate::history::enums::timeout_name;
use crate::history::proto::{Attributes, HistoryEvent, TimeoutType, WorkflowTaskFailedCause};
use crate::history::timestamp::Timestamp;
use crate::service::namespace;
use crate::service::run::{Run, RunStatus};
use crate::service::timer::TimerTask;
use crate::sim::Sim;
use crate::sim::step::{Record, Step};
use crate::view::chronicle::Chronicle;
use crate::view::chronicle::activities::ActivityTimeout;
use crate::view::chronicle::work::{Attempt, End, Task, What, Work};

/// The server's buckets for all times.
const SECONDS: Kind = Kind::Histogram(
    Unit::Seconds,
    &[
        1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
        1_000_000,
    ],
);

macro_rules! metrics {
    ($($constant:ident $name:literal $kind:expr, $help:literal;)*) => {
        $(static $constant: Metric = Metric { name: $name, help: $help, kind: $kind };)*
    };
}

metrics! {
    WORKFLOW_SUCCESS "workflow_success" Kind::Counter, "Number of workflows that completed";
    WORKFLOW_CANCEL "workflow_cancel" Kind::Counter, "Number of workflows that were cancelled";
    WORKFLOW_FAILED "workflow_failed" Kind::Counter, "Number of workflows that failed";
    WORKFLOW_TIMEOUT "workflow_timeout" Kind::Counter, "Number of workflows that ran into a limit of time";
    WORKFLOW_TERMINATE "workflow_terminate" Kind::Counter, "Number of workflows that were terminated";
    WORKFLOW_CONTINUED "workflow_continued_as_new" Kind::Counter, "Number of workflows that continued as new";
    WORKFLOW_LATENCY "workflow_schedule_to_close_latency" SECONDS, "Duration of a workflow run";
    ACTIVITY_SUCCESS "activity_success" Kind::Counter, "Number of activities that succeeded (doesn't include retries).";
    ACTIVITY_FAIL "activity_fail" Kind::Counter,
        "Number of activities that failed and won't be retried anymore.";
    ACTIVITY_TASK_FAIL "activity_task_fail" Kind::Counter, "Number of activity task failures (includes retries).";
    ACTIVITY_CANCEL "activity_cancel" Kind::Counter, "Number of activities that are cancelled.";
    ACTIVITY_TASK_TIMEOUT "activity_task_timeout" Kind::Counter,
        "Number of activity task timeouts (including retries).";
    ACTIVITY_TIMEOUT "activity_timeout" Kind::Counter, "Number of terminal activity timeouts.";
    ACTIVITY_ATTEMPT_LATENCY "activity_start_to_close_latency" SECONDS,
        "Duration of a single activity attempt. Doesn't include retries or backoffs.";
    ACTIVITY_LATENCY "activity_schedule_to_close_latency" SECONDS,
        "Duration of activity execution from scheduled time to terminal state. Includes retries and backoffs.";
    SCHEDULE_TO_START "schedule_to_start_timeout" Kind::Counter, "Number of schedule-to-start timeouts";
    SCHEDULE_TO_CLOSE "schedule_to_close_timeout" Kind::Counter, "Number of schedule-to-close timeouts";
    START_TO_CLOSE "start_to_close_timeout" Kind::Counter, "Number of start-to-close timeouts";
    HEARTBEAT "heartbeat_timeout" Kind::Counter, "Number of heartbeat timeouts";
    FAILED_TASKS "failed_workflow_tasks" Kind::Counter, "Number of workflow tasks that failed";
    TASK_WAITED "task_schedule_to_start_latency" SECONDS, "How long a task waited for a worker";
    EAGER "activity_eager_execution" Kind::Counter, "Number of activities handed out with the answer to a workflow task";
}

/// Adds what the Service measured.
pub(super) fn measure(sim: &Sim, chronicle: &Chronicle, metrics: &mut Metrics) {
    for run in sim.runs() {
        of_run(run, metrics);
    }
    for work in chronicle.hands.work() {
        let run = sim.service().run(work.run);
        match &work.what {
            What::WorkflowTask(task) => of_task(run, work, task, metrics),
            What::Activity(attempt) => {
                let activity = chronicle.activities.get(work.run, attempt.token.scheduled_event_id);
                let over = activity.and_then(|activity| activity.over);
                of_attempt(run, (work, attempt), over, metrics);
            }
            What::LocalActivity(_) => {}
        }
    }
    for timeout in chronicle.activities.timeouts() {
        of_timeout(sim.service().run(timeout.token.run), timeout, metrics);
    }
    for record in sim.records() {
        of_task_timeout(record, metrics);
    }
}

fn base(operation: &str) -> Labels {
    vec![
        ("operation", operation.to_owned()),
        ("namespace", namespace::NAME.to_owned()),
    ]
}

fn with(mut labels: Labels, key: &'static str, value: &str) -> Labels {
    labels.push((key, value.to_owned()));
    labels
}

fn of_run(run: &Run, metrics: &mut Metrics) {
    let metric = match run.status() {
        RunStatus::Running => return,
        RunStatus::Completed => &WORKFLOW_SUCCESS,
        RunStatus::Failed => &WORKFLOW_FAILED,
        RunStatus::Canceled => &WORKFLOW_CANCEL,
        RunStatus::Terminated => &WORKFLOW_TERMINATE,
        RunStatus::ContinuedAsNew => &WORKFLOW_CONTINUED,
        RunStatus::TimedOut => &WORKFLOW_TIMEOUT,
    };
    let labels = with(base("CompletionStats"), "taskqueue", &run.task_queue);
    let labels = with(labels, "workflowType", &run.workflow_type);
    metrics.count(metric, labels.clone(), 1);
    let events = run.log.events();
    if let (Some(first), Some(last)) = (events.first(), events.last()) {
        metrics.observe(&WORKFLOW_LATENCY, labels, time(last).since(time(first)));
    }
}

fn of_task(run: &Run, work: &Work, task: &Task, metrics: &mut Metrics) {
    if !task.query {
        let partition = if task.sticky { "__sticky__" } else { "__normal__" };
        let labels = with(base("RecordWorkflowTaskStarted"), "taskqueue", &run.task_queue);
        let labels = with(with(labels, "task_type", "Workflow"), "partition", partition);
        metrics.observe(&TASK_WAITED, labels, work.began.at.since(work.waiting_since));
    }
    let (operation, failure) = match &work.end {
        // A worker tells only of the first failure; the Service is not asked about the others.
        End::Failed(_) if task.attempt == 1 && !task.query => {
            let cause = task
                .cause
                .unwrap_or(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure);
            ("RespondWorkflowTaskFailed", cause)
        }
        End::Refused(_) => {
            let cause = work.ended.and_then(|ended| refused_for(run, ended.at));
            ("RespondWorkflowTaskCompleted", cause.unwrap_or_default())
        }
        End::Open | End::Ok | End::Cancelled | End::Failed(_) | End::Unwanted | End::Lost | End::GaveUp => return,
    };
    let failure = pascal(failure.as_str_name().trim_start_matches("WORKFLOW_TASK_FAILED_CAUSE_"));
    let first = if task.attempt == 1 { "true" } else { "false" };
    let labels = with(with(base(operation), "failure", &failure), "first_attempt", first);
    metrics.count(&FAILED_TASKS, labels, 1);
}

/// Why the Service did not take the answer to a workflow task; nothing if it was not the first attempt, of which
/// nothing is written.
fn refused_for(run: &Run, at: SimTime) -> Option<WorkflowTaskFailedCause> {
    run.log.events().iter().find_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) if time(event) == at => Some(failed.cause()),
        _ => None,
    })
}

fn of_activity(run: &Run, operation: &str, scheduled_event_id: i64) -> Labels {
    let (activity_type, queue) = match run
        .log
        .get(scheduled_event_id)
        .and_then(|event| event.attributes.as_ref())
    {
        Some(Attributes::ActivityTaskScheduledEventAttributes(a)) => (
            a.activity_type.as_ref().map_or("", |named| &named.name),
            a.task_queue.as_ref().map_or("", |queue| &queue.name),
        ),
        _ => ("", ""),
    };
    let labels = with(base(operation), "taskqueue", queue);
    with(
        with(labels, "workflowType", &run.workflow_type),
        "activityType",
        activity_type,
    )
}

/// `over` is the step with which the activity ended for good.
fn of_attempt(run: &Run, (work, attempt): (&Work, &Attempt), over: Option<u32>, metrics: &mut Metrics) {
    let id = attempt.token.scheduled_event_id;
    let queue = of_activity(run, "RecordActivityTaskStarted", id);
    let queue = queue.into_iter().filter(|(key, _)| !key.ends_with("Type")).collect();
    let labels = with(with(queue, "task_type", "Activity"), "partition", "__normal__");
    metrics.observe(&TASK_WAITED, labels, work.began.at.since(work.waiting_since));
    if attempt.eager {
        let labels = with(base("RespondWorkflowTaskCompleted"), "workflowType", &run.workflow_type);
        metrics.count(&EAGER, with(labels, "taskqueue", &run.task_queue), 1);
    }
    let (Some(ended), true) = (work.ended, attempt.accepted) else {
        return;
    };
    let closed = over == Some(ended.step);
    let ended = ended.at;
    let operation = match work.end {
        End::Ok => "RespondActivityTaskCompleted",
        End::Cancelled => "RespondActivityTaskCanceled",
        End::Open | End::Failed(_) | End::Refused(_) | End::Unwanted | End::Lost | End::GaveUp => {
            "RespondActivityTaskFailed"
        }
    };
    let labels = of_activity(run, operation, id);
    match work.end {
        End::Ok => metrics.count(&ACTIVITY_SUCCESS, labels.clone(), 1),
        End::Cancelled => metrics.count(&ACTIVITY_CANCEL, labels.clone(), 1),
        End::Open | End::Failed(_) | End::Refused(_) | End::Unwanted | End::Lost | End::GaveUp => {
            metrics.count(&ACTIVITY_TASK_FAIL, labels.clone(), 1);
            if closed {
                metrics.count(&ACTIVITY_FAIL, labels.clone(), 1);
            }
        }
    }
    metrics.observe(&ACTIVITY_ATTEMPT_LATENCY, labels.clone(), ended.since(work.began.at));
    if closed {
        let scheduled = run.log.get(id).map_or(work.began.at, time);
        metrics.observe(&ACTIVITY_LATENCY, labels, ended.since(scheduled));
    }
}

fn of_timeout(run: &Run, timeout: &ActivityTimeout, metrics: &mut Metrics) {
    const OPERATION: &str = "TimerActiveTaskActivityTimeout";
    let labels = of_activity(run, OPERATION, timeout.token.scheduled_event_id);
    let kind = with(labels.clone(), "timeout_type", timeout_name(timeout.kind));
    metrics.count(&ACTIVITY_TASK_TIMEOUT, kind.clone(), 1);
    if timeout.closed {
        metrics.count(&ACTIVITY_TIMEOUT, kind, 1);
        let scheduled = run.log.get(timeout.token.scheduled_event_id).map_or(timeout.at, time);
        metrics.observe(&ACTIVITY_LATENCY, labels, timeout.at.since(scheduled));
        count_limit(OPERATION, timeout.kind, metrics);
    }
}

fn of_task_timeout(record: &Record, metrics: &mut Metrics) {
    if let Step::TimerFired {
        task: TimerTask::WorkflowTaskTimeout { kind, .. },
        ..
    } = &record.what
    {
        count_limit("TimerActiveTaskWorkflowTaskTimeout", *kind, metrics);
    }
}

fn count_limit(operation: &str, kind: TimeoutType, metrics: &mut Metrics) {
    let metric = match kind {
        TimeoutType::ScheduleToStart => &SCHEDULE_TO_START,
        TimeoutType::ScheduleToClose => &SCHEDULE_TO_CLOSE,
        TimeoutType::StartToClose => &START_TO_CLOSE,
        TimeoutType::Heartbeat => &HEARTBEAT,
        TimeoutType::Unspecified => return,
    };
    metrics.count(metric, base(operation), 1);
}

/// `UNHANDLED_COMMAND` as the server's labels have it: `UnhandledCommand`.
fn pascal(name: &str) -> String {
    name.split('_')
        .map(|word| {
            let (first, rest) = word.split_at(word.len().min(1));
            first.to_owned() + &rest.to_ascii_lowercase()
        })
        .collect()
}

fn time(event: &HistoryEvent) -> SimTime {
    event.event_time.map_or(SimTime::ZERO, Timestamp::sim_time)
}
