//! The worker alone, given histories: how it cuts them, that replay finds its place again, and what it says when it
//! cannot. The histories are those of real servers and of the stories; the messages are the official worker's.

use std::time::Duration;

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::{LAB, registry};
use sagascope::contract::answer::{Command, WorkflowTaskAnswer};
use sagascope::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use sagascope::history::proto::{Attributes, EventType, Failure, HistoryEvent, WorkflowTaskFailedCause};
use sagascope::history::{json, payload};
use sagascope::sim::spec::RunSpec;
use sagascope::worker::Worker;
use sagascope::worker::cut::cut;
use sagascope::worker::execution::Activated;
use sagascope::worker::registry::Registry;
use serde_json::json;
use temporalio_macros::{activity_definitions, workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{ActivityOptions, CancellableFuture, RetryPolicy, WorkflowContext, WorkflowResult, join};

use crate::histories;

const RUN: RunKey = RunKey(0);

// ---- Histories.

fn recording(name: &str) -> Vec<HistoryEvent> {
    json::read(&histories::one(name)).unwrap().history.events
}

fn starts_task(event: &HistoryEvent) -> bool {
    event.event_type() == EventType::WorkflowTaskStarted
}

/// The ids of the WorkflowTaskStarted that somebody has answered with commands.
fn answered(events: &[HistoryEvent]) -> Vec<i64> {
    let pairs = events.windows(2);
    pairs
        .filter(|pair| starts_task(&pair[0]) && pair[1].event_type() == EventType::WorkflowTaskCompleted)
        .map(|pair| pair[0].event_id)
        .collect()
}

/// The events after `after`, up to `last`.
fn between(events: &[HistoryEvent], after: i64, last: i64) -> Vec<HistoryEvent> {
    let wanted = |event: &&HistoryEvent| event.event_id > after && event.event_id <= last;
    events.iter().filter(wanted).cloned().collect()
}

/// The task that starts with event `started`; a worker that has seen the run up to `seen` is told the news only.
fn task_at(events: &[HistoryEvent], seen: i64, started: i64) -> WorkflowTask {
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(start)) = &events[0].attributes else {
        panic!("a history begins with its start");
    };
    let previous = answered(events).into_iter().rfind(|id| *id < started);
    WorkflowTask {
        token: WorkflowTaskToken {
            run: RUN,
            scheduled_event_id: started - 1,
            attempt: 1,
        },
        workflow_id: start.workflow_id.clone(),
        run_id: start.original_execution_run_id.clone(),
        workflow_type: start.workflow_type.clone().unwrap().name,
        task_queue: start.task_queue.clone().unwrap().name,
        events: between(events, seen, started),
        previous_started_event_id: previous.unwrap_or(0),
        started_event_id: started,
        attempt: 1,
        start_to_close: Span::secs(10),
        queries: Vec::new(),
        updates: Vec::new(),
    }
}

/// The last task of a recording.
fn last_task(name: &str) -> WorkflowTask {
    let events = recording(name);
    let started = events.iter().rfind(|event| starts_task(event)).unwrap().event_id;
    task_at(&events, 0, started)
}

fn worker(registry: Registry) -> Worker {
    Worker::new(registry, "sticky".to_owned())
}

/// Everything the worker does with a task, up to its answer or its failure.
fn run(worker: &mut Worker, task: WorkflowTask) -> Result<Vec<Activated>, String> {
    worker.take(task);
    let mut activations = Vec::new();
    while worker.has_more(RUN) {
        match worker.activate(RUN, SimTime::ZERO) {
            Some(activated) => activations.push(activated),
            None => return Err(worker.failure_message(RUN).unwrap()),
        }
    }
    Ok(activations)
}

fn commands(worker: &mut Worker) -> Vec<Command> {
    match worker.answer(RUN) {
        Some((_, Some(WorkflowTaskAnswer::Completed { commands, .. }))) => commands,
        other => panic!("{other:?} brings no commands"),
    }
}

// ---- Cutting.

/// First event, last event and task of each stretch, and how many events are left.
#[track_caller]
fn check_cut(events: Vec<HistoryEvent>, expected: &[(i64, i64)], left: usize) {
    let count = events.len();
    let times: Vec<_> = events.iter().map(|event| event.event_time.unwrap()).collect();
    let (cut, rest) = cut(events);
    let ends = |stretch: &[HistoryEvent]| (stretch[0].event_id, stretch[stretch.len() - 1].event_id);
    assert_eq!(cut.iter().map(|s| ends(&s.events)).collect::<Vec<_>>(), expected);
    assert_eq!(rest.len(), left);
    assert_eq!(count - cut.iter().map(|s| s.events.len()).sum::<usize>(), left);
    for stretch in cut {
        assert_eq!(stretch.started_event_id, ends(&stretch.events).1);
        let started = times[usize::try_from(stretch.started_event_id).unwrap() - 1];
        assert_eq!(stretch.time, started);
    }
}

#[test]
fn a_stretch_ends_with_a_task_that_was_answered() {
    check_cut(recording("sem-simple"), &[(1, 3), (4, 9)], 2);
    check_cut(recording("sem-timers-same"), &[(1, 3), (4, 11), (12, 15)], 2);
    check_cut(Vec::new(), &[], 0);
}

#[test]
fn tasks_that_failed_or_timed_out_are_invisible() {
    check_cut(recording("sem-crash-first"), &[(1, 6), (7, 12)], 2);
    check_cut(recording("sem-crash-sticky"), &[(1, 3), (4, 12)], 2);
    check_cut(recording("sem-crash-activity"), &[(1, 3), (4, 11)], 2);
    check_cut(recording("sem-nd-live"), &[(1, 3), (4, 9), (10, 16), (17, 22)], 2);
    check_cut(recording("sem-sticky-bug-failing"), &[(1, 3)], 10);
}

#[test]
fn the_last_task_is_the_one_at_hand() {
    let live = recording("sem-nd-live");
    check_cut(between(&live, 0, 9), &[(1, 3), (4, 9)], 0);
    check_cut(between(&live, 0, 13), &[(1, 3), (4, 9), (10, 13)], 0);
    check_cut(between(&live, 0, 16), &[(1, 3), (4, 9), (10, 16)], 0);
}

// ---- Finding one's place again.

/// Goes through a history twice: with one worker that has the run in memory and is told the news, and with a new
/// worker for every task. Both must ask for the same, on the same lines, and wait for the same.
fn check_every_prefix(registry: &Registry, events: &[HistoryEvent]) -> usize {
    let mut cached = worker(registry.clone());
    let (mut seen, mut lived) = (0, Vec::new());
    let tasks = answered(events);
    for started in &tasks {
        let news = run(&mut cached, task_at(events, seen, *started)).unwrap();
        assert_eq!(news.len(), 1, "one stretch of news before event {started}");
        assert!(news.iter().all(|activated| !activated.replaying));

        let mut fresh = worker(registry.clone());
        let mut all = run(&mut fresh, task_at(events, 0, *started)).unwrap();
        let last = all.pop().unwrap();
        assert_eq!(last, news[0], "at event {started}");
        assert!(all.iter().all(|activated| activated.replaying));
        for activated in &mut all {
            activated.replaying = false;
        }
        assert_eq!(all, lived, "what was replayed before event {started}");

        assert_eq!(fresh.answer(RUN), cached.answer(RUN));
        lived.extend(news);
        seen = *started;
    }
    tasks.len()
}

#[test]
fn replaying_any_part_of_a_story_is_having_lived_it() {
    let mut tasks = 0;
    // Elsewhere the code changes, or goes on by itself within a task.
    for story in LAB.all().iter().filter(|story| story.chapter == "Order saga") {
        let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
        sim.run_to_end();
        tasks += check_every_prefix(&registry(), sim.run().unwrap().log.events());
    }
    assert!(tasks > 40, "{tasks} tasks");
}

#[test]
fn a_history_of_the_official_rust_worker_is_replayed_and_asked_for_again() {
    let events = recording("loop-10");
    let registry = Registry::new().with::<LoopWorkflow>();
    assert_eq!(check_every_prefix(&registry, &events), 11);
    for started in answered(&events) {
        let mut worker = worker(registry.clone());
        run(&mut worker, task_at(&events, 0, started)).unwrap();
        let recorded = events[usize::try_from(started).unwrap() + 1]
            .attributes
            .clone()
            .unwrap();
        match (&commands(&mut worker)[..], recorded) {
            ([Command::ScheduleActivity(asked)], Attributes::ActivityTaskScheduledEventAttributes(recorded)) => {
                assert_eq!(asked.activity_id, recorded.activity_id);
                assert_eq!(asked.activity_type, recorded.activity_type.unwrap().name);
                assert_eq!(asked.task_queue, recorded.task_queue.unwrap().name);
                assert_eq!(asked.input, recorded.input);
                assert_eq!(Some(asked.header.clone()), recorded.header);
                assert_eq!(asked.start_to_close, Span::secs(10));
                let unset = [asked.schedule_to_close, asked.schedule_to_start, asked.heartbeat];
                assert_eq!(unset, [Span::ZERO; 3]);
            }
            (
                [Command::CompleteWorkflow { result }],
                Attributes::WorkflowExecutionCompletedEventAttributes(recorded),
            ) => assert_eq!(*result, recorded.result),
            other => panic!("{other:?}"),
        }
    }
}

// ---- Workflows, in several versions of their code.

struct Acts;

#[expect(clippy::unimplemented, reason = "the SDK's macro wants a body")]
#[activity_definitions]
impl Acts {
    #[activity(name = "a1")]
    async fn a1(_: String) -> String {
        unimplemented!()
    }

    #[activity(name = "a2")]
    async fn a2(_: String) -> String {
        unimplemented!()
    }

    #[activity(name = "ok")]
    async fn ok(_: String) -> String {
        unimplemented!()
    }

    #[activity(name = "Acts::step")]
    async fn step(_: u64) -> u64 {
        unimplemented!()
    }
}

#[workflow]
#[derive(Default)]
struct LoopWorkflow;

#[workflow_methods]
impl LoopWorkflow {
    #[run(name = "LoopWorkflow")]
    async fn run(ctx: &mut WorkflowContext<Self>, steps: u64) -> WorkflowResult<u64> {
        let mut sum = 0;
        for step in 0..steps {
            sum += ctx.execute_activity(Acts::step, step, ten_seconds()).await?;
        }
        Ok(sum)
    }
}

fn ten_seconds() -> ActivityOptions {
    ActivityOptions::start_to_close_timeout(seconds(10))
}

fn seconds(n: u64) -> Duration {
    Duration::from_secs(n)
}

fn x() -> String {
    "x".to_owned()
}

/// Versions of workflows: a name for the version, the workflow type, the code.
macro_rules! versions {
    ($($version:ident is $workflow_type:literal: |$ctx:ident $(, $input:ident: $type:ty)?| $code:block)*) => {
        $(
            #[workflow]
            #[derive(Default)]
            struct $version;

            #[workflow_methods]
            impl $version {
                #[run(name = $workflow_type)]
                async fn run($ctx: &mut WorkflowContext<Self>, $($input: $type)?) -> WorkflowResult<String> $code
            }
        )*
    };
}

versions! {
    AsRecorded is "ND": |ctx| {
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        ctx.timer(seconds(1)).await;
        ctx.execute_activity(Acts::a2, x(), ten_seconds()).await?;
        Ok("end".to_owned())
    }

    OtherDetails is "ND": |ctx| {
        let policy = RetryPolicy::builder().maximum_attempts(7).build();
        let options = ActivityOptions::with_start_to_close_timeout(seconds(99))
            .task_queue("elsewhere")
            .retry_policy(policy)
            .build();
        ctx.execute_activity(Acts::a1, "another argument".to_owned(), options).await?;
        ctx.timer(seconds(7)).await;
        ctx.execute_activity(Acts::a2, x(), ten_seconds()).await?;
        Ok("another end".to_owned())
    }

    FirstRemoved is "ND": |ctx| {
        ctx.execute_activity(Acts::a2, x(), ten_seconds()).await?;
        Ok("end".to_owned())
    }

    OtherId is "ND": |ctx| {
        let options = ActivityOptions::with_start_to_close_timeout(seconds(10)).activity_id("x2").build();
        ctx.execute_activity(Acts::a1, x(), options).await?;
        Ok("end".to_owned())
    }

    OtherIdAndType is "ND": |ctx| {
        let options = ActivityOptions::with_start_to_close_timeout(seconds(10)).activity_id("x2").build();
        ctx.execute_activity(Acts::a2, x(), options).await?;
        Ok("end".to_owned())
    }

    TimerFirst is "ND": |ctx| {
        ctx.timer(seconds(1)).await;
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        Ok("end".to_owned())
    }

    AnotherActivity is "ND": |ctx| {
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        ctx.execute_activity(Acts::a2, x(), ten_seconds()).await?;
        Ok("end".to_owned())
    }

    WaitsForever is "ND": |ctx| {
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        std::future::pending().await
    }

    ReturnsEarly is "ND": |ctx| {
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        Ok("early".to_owned())
    }

    FailsEarly is "ND": |ctx| {
        ctx.execute_activity(Acts::a1, x(), ten_seconds()).await?;
        Err(ApplicationFailure::new("early").into())
    }

    CancelsItsTimer is "ND": |ctx| {
        let short = ctx.timer(seconds(1));
        let long = ctx.timer(seconds(60));
        short.await;
        let again = ctx.timer(seconds(1));
        long.cancel();
        again.await;
        Ok("end".to_owned())
    }

    KeepsItsTimer is "ND": |ctx| {
        let short = ctx.timer(seconds(1));
        let _long = ctx.timer(seconds(60));
        short.await;
        ctx.timer(seconds(1)).await;
        Ok("end".to_owned())
    }

    BreaksAfterwards is "StickyBug": |ctx| {
        ctx.execute_activity(Acts::ok, x(), ten_seconds()).await?;
        ctx.force_task_fail("bug after first task");
        std::future::pending().await
    }

    AllThree is "ActKinds": |ctx, _kind: String| {
        let [a, b, c] = ["0", "1", "2"].map(|n| ctx.execute_activity(Acts::ok, n.to_owned(), ten_seconds()));
        let (a, b, c) = join!(a, b, c);
        Ok(format!("{},{},{}", a?, b?, c?))
    }

    InAnotherOrder is "ActKinds": |ctx, _kind: String| {
        let [b, a] = [("2", "1"), ("1", "0")].map(|(id, n)| {
            let options = ActivityOptions::with_start_to_close_timeout(seconds(10)).activity_id(id).build();
            ctx.execute_activity(Acts::ok, n.to_owned(), options)
        });
        let (a, b) = join!(a, b);
        Ok(format!("{},{}", a?, b?))
    }

    OneOfThree is "ActKinds": |ctx, _kind: String| {
        Ok(ctx.execute_activity(Acts::ok, "0".to_owned(), ten_seconds()).await?)
    }

    SeqTest is "SeqTest": |ctx| {
        let first = ctx.timer(seconds(1));
        let second = ctx.timer(seconds(50));
        first.await;
        let third = ctx.timer(seconds(30));
        third.cancel();
        let fourth = ctx.timer(seconds(1));
        second.cancel();
        fourth.await;
        Ok("x".to_owned())
    }
}

// ---- Code that agrees with the history.

/// The last task of a recording, given to a worker that has this version of the code.
fn replayed(code: Registry, recording: &str) -> (Worker, Result<Vec<Activated>, String>) {
    let mut worker = worker(code);
    let found = run(&mut worker, last_task(recording));
    (worker, found)
}

/// The workflow returns this at the end of the recording.
#[track_caller]
fn check_returns(code: Registry, recording: &str, result: &str) {
    let (mut worker, found) = replayed(code, recording);
    assert!(found.unwrap().last().unwrap().returned);
    let result = Some(payload::json(&json!(result)));
    assert_eq!(commands(&mut worker), [Command::CompleteWorkflow { result }]);
}

#[test]
fn code_that_has_not_changed_goes_on_where_it_stopped() {
    check_returns(Registry::new().with::<AsRecorded>(), "sem-nd-same", "end");
    check_returns(
        Registry::new().with::<CancelsItsTimer>(),
        "sem-nd-timer-cancel-removed",
        "end",
    );
    check_returns(Registry::new().with::<AllThree>(), "sem-act-parallel", "ok 0,ok 1,ok 2");
}

#[test]
fn arguments_limits_queues_policies_and_durations_may_change() {
    check_returns(Registry::new().with::<OtherDetails>(), "sem-nd-same", "another end");
}

/// Timer 3 is cancelled before it leaves the worker: there is no event of it, and the next timer is number 4.
#[test]
fn a_timer_cancelled_before_it_was_sent_leaves_nothing_but_a_gap() {
    let name = "sem-timer-seq-cancelled-before-sent";
    let code = || Registry::new().with::<SeqTest>();
    let events = recording(name);
    let start = |id: &str, seconds| Command::StartTimer {
        timer_id: id.to_owned(),
        start_to_fire: Span::secs(seconds),
    };
    let expected = [
        vec![start("1", 1), start("2", 50)],
        vec![
            start("4", 1),
            Command::CancelTimer {
                timer_id: "2".to_owned(),
            },
        ],
    ];
    for (started, expected) in answered(&events).into_iter().zip(expected) {
        let mut worker = worker(code());
        run(&mut worker, task_at(&events, 0, started)).unwrap();
        assert_eq!(commands(&mut worker), expected, "at event {started}");
    }
    check_returns(code(), name, "x");
    assert_eq!(check_every_prefix(&code(), &events), 3);
}

#[test]
fn a_new_command_at_the_end_of_the_history_is_just_new() {
    let events = recording("sem-nd-activity-removed-first");
    let mut worker = worker(Registry::new().with::<AsRecorded>());
    run(&mut worker, task_at(&events, 0, 9)).unwrap();
    let wait = Command::StartTimer {
        timer_id: "1".to_owned(),
        start_to_fire: Span::secs(1),
    };
    assert_eq!(commands(&mut worker), [wait]);
}

// ---- What the worker says when history and code disagree.

#[track_caller]
fn check_says(code: Registry, recording: &str, expected: &str) {
    let message = replayed(code, recording).1.expect_err("history and code disagree");
    assert_eq!(message, format!("[TMPRL1100] Nondeterminism error: {expected}"));
}

#[test]
fn another_activity() {
    let message = "Activity type of scheduled event 'a1' does not match activity type of activity command 'a2'";
    check_says(
        Registry::new().with::<FirstRemoved>(),
        "sem-nd-activity-removed-first",
        message,
    );
    check_says(Registry::new().with::<FirstRemoved>(), "sem-nd-live-failing", message);
}

#[test]
fn another_id_is_found_before_another_type() {
    let message = "Activity id of scheduled event 'x1' does not match activity id of activity command 'x2'";
    check_says(Registry::new().with::<OtherId>(), "sem-nd-activity-id-changed", message);
    check_says(
        Registry::new().with::<OtherIdAndType>(),
        "sem-nd-activity-id-changed",
        message,
    );
}

#[test]
fn activities_in_another_order() {
    let message = "Activity id of scheduled event '1' does not match activity id of activity command '2'";
    check_says(Registry::new().with::<InAnotherOrder>(), "sem-act-parallel", message);
}

#[test]
fn an_activity_where_a_timer_was() {
    let says = |id| format!("Activity machine does not handle this event: HistoryEvent(id: {id}, TimerStarted)");
    check_says(
        Registry::new().with::<AnotherActivity>(),
        "sem-nd-timer-cancel-removed",
        &says(5),
    );
    check_says(Registry::new().with::<AnotherActivity>(), "sem-nd-same", &says(11));
}

#[test]
fn a_timer_where_an_activity_was() {
    check_says(
        Registry::new().with::<TimerFirst>(),
        "sem-nd-same",
        "Timer machine does not handle this event: HistoryEvent(id: 5, ActivityTaskScheduled)",
    );
}

#[test]
fn a_command_that_is_missing() {
    let says = |event| format!("No command scheduled for event HistoryEvent(id: {event})");
    check_says(
        Registry::new().with::<OneOfThree>(),
        "sem-act-parallel",
        &says("6, ActivityTaskScheduled"),
    );
    check_says(
        Registry::new().with::<WaitsForever>(),
        "sem-nd-same",
        &says("11, TimerStarted"),
    );
    check_says(
        Registry::new().with::<KeepsItsTimer>(),
        "sem-nd-timer-cancel-removed",
        &says("12, TimerCanceled"),
    );
}

#[test]
fn an_end_that_comes_too_early() {
    let says = |machine| format!("{machine} machine does not handle this event: HistoryEvent(id: 11, TimerStarted)");
    check_says(
        Registry::new().with::<ReturnsEarly>(),
        "sem-nd-same",
        &says("Complete workflow"),
    );
    check_says(
        Registry::new().with::<FailsEarly>(),
        "sem-nd-same",
        &says("Fail workflow"),
    );
}

// ---- What it does with a failure.

/// The answer to the last task of a recording, if the task is this attempt.
fn answer_to(code: Registry, recording: &str, attempt: u32) -> Option<WorkflowTaskAnswer> {
    let mut task = last_task(recording);
    task.token.attempt = attempt;
    let token = task.token;
    let mut worker = worker(code);
    run(&mut worker, task).expect_err("this code cannot be run");
    assert!(!worker.has_more(RUN));
    let (answered, answer) = worker.answer(RUN).unwrap();
    assert_eq!(answered, token);
    assert_eq!(
        worker.cached().count(),
        0,
        "the run is forgotten: next time it is told from the beginning"
    );
    assert_eq!(worker.answer(RUN), None);
    answer
}

/// The recorded worker's last words about the same thing.
fn recorded_failure(recording_name: &str) -> (WorkflowTaskFailedCause, Failure) {
    let events = recording(recording_name);
    let failure = events.iter().rev().find_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskFailedEventAttributes(a)) => Some((a.cause(), a.failure.clone().unwrap())),
        _ => None,
    });
    failure.unwrap()
}

#[test]
fn a_failure_is_reported_on_the_first_attempt_in_the_official_words() {
    let recording = "sem-nd-live-failing";
    let (cause, failure) = recorded_failure(recording);
    let failure = Box::new(failure);
    let answer = answer_to(Registry::new().with::<FirstRemoved>(), recording, 1);
    assert_eq!(answer, Some(WorkflowTaskAnswer::Failed { cause, failure }));
}

#[test]
fn code_that_breaks_is_reported_as_such() {
    let recording = "sem-sticky-bug-failing";
    let answer = answer_to(Registry::new().with::<BreaksAfterwards>(), recording, 1);
    let Some(WorkflowTaskAnswer::Failed { cause, failure }) = answer else {
        panic!("{answer:?} is no failure");
    };
    let (recorded_cause, recorded) = recorded_failure(recording);
    assert_eq!((cause, &failure.message), (recorded_cause, &recorded.message));
}

#[test]
fn code_that_is_not_there_is_reported() {
    let answer = answer_to(Registry::new().with::<SeqTest>().with::<AllThree>(), "sem-nd-same", 1);
    let Some(WorkflowTaskAnswer::Failed { cause, failure }) = answer else {
        panic!("{answer:?} is no failure");
    };
    assert_eq!(cause, WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure);
    assert_eq!(failure.message, "Workflow type ND not found");
}

#[test]
fn a_failure_is_not_reported_again() {
    for attempt in [2, 3, 100] {
        let answer = answer_to(Registry::new().with::<FirstRemoved>(), "sem-nd-live-failing", attempt);
        assert_eq!(answer, None);
        let answer = answer_to(
            Registry::new().with::<BreaksAfterwards>(),
            "sem-sticky-bug-failing",
            attempt,
        );
        assert_eq!(answer, None);
    }
}

/// The worker has forgotten the run, and is told it from the beginning: repaired code goes on.
#[test]
fn repaired_code_goes_on_where_the_broken_code_stopped() {
    let events = recording("sem-nd-live");
    let mut broken = worker(Registry::new().with::<FirstRemoved>());
    run(&mut broken, task_at(&events, 0, 13)).unwrap_err();
    let mut repaired = worker(Registry::new().with::<WaitsForever>());
    let activations = run(&mut repaired, task_at(&events, 0, 16)).unwrap();
    assert_eq!(activations.len(), 3);
    assert_eq!(commands(&mut repaired), []);
}
