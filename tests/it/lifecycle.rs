//! How a run begins, how it ends, and which run follows: as a real server has written it, where it was recorded.

#![expect(deprecated, reason = "real clients and workers still say these")]

use sagascope::base::time::{SimTime, Span};
use sagascope::contract::answer::{Command, ContinueAsNew};
use sagascope::contract::request::{Refusal, StartWorkflow, Target};
use sagascope::history::payload;
use sagascope::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use sagascope::history::proto::{
    Attributes, ContinueAsNewInitiator, RetryPolicy, RetryState, WorkflowExecutionContinuedAsNewEventAttributes,
    WorkflowExecutionStartedEventAttributes, WorkflowIdReusePolicy,
};
use sagascope::history::timestamp::{Timestamp, duration, span};
use sagascope::service::run::{Run, RunStatus};
use sagascope::service::timer::TimerTask;
use serde_json::json;

use crate::script::{Script, application, policy, returns, start_timer};

fn started(run: &Run) -> &WorkflowExecutionStartedEventAttributes {
    match &run.log.events()[0].attributes {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started,
        other => panic!("a run begins with {other:?}"),
    }
}

/// A workflow that a client wants.
fn wanted(change: impl FnOnce(&mut StartWorkflow)) -> StartWorkflow {
    let mut start = StartWorkflow {
        workflow_id: "it".to_owned(),
        workflow_type: "Work".to_owned(),
        task_queue: "queue".to_owned(),
        identity: "client".to_owned(),
        ..StartWorkflow::default()
    };
    change(&mut start);
    start
}

/// The run that follows the one at hand is at hand.
fn turn_to_next(script: &mut Script) {
    script.run = script.run().next.expect("another run follows");
}

fn new_execution_run_id(run: &Run) -> &str {
    match &run.log.events().last().unwrap().attributes {
        Some(Attributes::WorkflowExecutionCompletedEventAttributes(a)) => &a.new_execution_run_id,
        Some(Attributes::WorkflowExecutionFailedEventAttributes(a)) => &a.new_execution_run_id,
        Some(Attributes::WorkflowExecutionTimedOutEventAttributes(a)) => &a.new_execution_run_id,
        Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(a)) => &a.new_execution_run_id,
        other => panic!("no run follows {other:?}"),
    }
}

/// Two runs know each other: in the history and out of it.
fn check_linked(script: &Script) {
    let run = script.run();
    let next = script.service.run(run.next.expect("another run follows"));
    assert_eq!(next.previous, Some(run.key));
    assert_eq!(new_execution_run_id(run), next.run_id);
    let next = started(next);
    assert_eq!(next.continued_execution_run_id, run.run_id);
    assert_eq!(next.first_execution_run_id, started(run).first_execution_run_id);
    assert_eq!(next.original_execution_run_id, new_execution_run_id(run));
}

fn retry_state(run: &Run) -> RetryState {
    match &run.log.events().last().unwrap().attributes {
        Some(Attributes::WorkflowExecutionFailedEventAttributes(a)) => a.retry_state(),
        Some(Attributes::WorkflowExecutionTimedOutEventAttributes(a)) => a.retry_state(),
        other => panic!("{other:?} says nothing of retries"),
    }
}

// ---- Starting.

#[test]
fn limits_of_time_are_cut_to_each_other() {
    #[track_caller]
    fn check(chain: u64, run: u64, task: u64, expected: [u64; 3]) {
        let script = Script::started(wanted(|start| {
            start.execution_timeout = Span::secs(chain);
            start.run_timeout = Span::secs(run);
            start.task_timeout = Span::secs(task);
        }));
        let event = started(script.run());
        let limits = [
            event.workflow_execution_timeout,
            event.workflow_run_timeout,
            event.workflow_task_timeout,
        ];
        assert_eq!(limits.map(|limit| span(limit.as_ref())), expected.map(Span::secs));
        assert!(
            limits.iter().flatten().all(|limit| limit.seconds > 0),
            "none is no limit"
        );
        let expiration = (chain > 0).then(|| Timestamp::of(SimTime::ZERO + Span::secs(chain)));
        assert_eq!(event.workflow_execution_expiration_time, expiration);
        assert_eq!(script.task_timeout(), Span::secs(expected[2]));
    }
    check(0, 0, 0, [0, 0, 10]);
    check(0, 0, 300, [0, 0, 120]);
    check(0, 5, 0, [0, 5, 5]);
    check(60, 0, 0, [60, 60, 10]);
    check(60, 90, 70, [60, 60, 60]);
}

#[test]
fn a_request_that_makes_no_sense_is_refused() {
    #[track_caller]
    fn check(change: impl FnOnce(&mut StartWorkflow), expected: &str) {
        let mut script = Script::unrecorded();
        let refused = script.service.start_workflow(script.now, wanted(change));
        assert_eq!(refused, Err(Refusal::Invalid(expected.to_owned())));
    }
    check(|start| start.workflow_id.clear(), "WorkflowId is not set on request.");
    check(
        |start| start.workflow_id = "x".repeat(1_001),
        "WorkflowId exceeds maximum allowed length (1001/1000)",
    );
    check(
        |start| start.workflow_type.clear(),
        "WorkflowType is not set on request.",
    );
    check(|start| start.task_queue.clear(), "taskQueue is not set");
    check(
        |start| {
            start.cron_schedule = "@daily".to_owned();
            start.start_delay = Span::secs(1);
        },
        "CronSchedule and WorkflowStartDelay may not be used together.",
    );
    check(
        |start| start.cron_schedule = "daily".to_owned(),
        "invalid CronSchedule.",
    );
    check(
        |start| {
            start.retry_policy = Some(RetryPolicy {
                backoff_coefficient: 0.5,
                ..RetryPolicy::default()
            });
        },
        "BackoffCoefficient cannot be less than 1 on retry policy.",
    );
    check(
        |start| start.input = Some(payload::json(&"x".repeat(3 << 20).into())),
        "Blob data size exceeds limit.",
    );
}

#[test]
fn a_start_is_delayed() {
    let mut script = Script::of("sem-startdelay");
    assert_eq!(script.waits_in(), None);
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    assert_eq!(script.now, SimTime::ZERO + Span::secs(2));
    script.take_and_return("cron");
    script.is_like_the_recording();
}

// ---- Ids that were used before.

fn start_again(
    script: &mut Script,
    reuse: WorkflowIdReusePolicy,
    conflict: WorkflowIdConflictPolicy,
) -> Result<(), Refusal> {
    script.a_moment_later();
    let before = script.run;
    let again = wanted(|start| {
        start.workflow_id.clone_from(&script.run().workflow_id);
        start.reuse = reuse;
        start.conflict = conflict;
    });
    script.run = script.service.start_workflow(script.now, again)?;
    assert_eq!(
        script.service.latest(&script.run().workflow_id.clone()),
        Some(script.run)
    );
    if script.run != before {
        script.check_since(0, "WorkflowExecutionStarted WorkflowTaskScheduled");
    }
    Ok(())
}

#[test]
fn an_open_run_is_in_the_way() {
    use {WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse};
    let mut script = Script::unrecorded();
    let first = script.run;
    let (id, run_id) = (script.run().workflow_id.clone(), script.run().run_id.clone());
    let refused = start_again(&mut script, Reuse::Unspecified, Conflict::Unspecified);
    let message = format!("Workflow execution is already running. WorkflowId: {id}, RunId: {run_id}.");
    assert_eq!(refused, Err(Refusal::AlreadyStarted { message, run_id }));

    start_again(&mut script, Reuse::Unspecified, Conflict::UseExisting).unwrap();
    assert_eq!(script.run, first);

    script.take();
    start_again(&mut script, Reuse::Unspecified, Conflict::TerminateExisting).unwrap();
    let new_run_id = script.run().run_id.clone();
    script.run = first;
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionTerminated");
    let Some(Attributes::WorkflowExecutionTerminatedEventAttributes(end)) = &script.run().log.events()[4].attributes
    else {
        panic!("the run is terminated");
    };
    assert_eq!(end.reason, "TerminateIfRunning WorkflowIdReusePolicy");
    let details = format!("terminated by new runID: {new_run_id}");
    assert_eq!(payload::first_value(end.details.as_ref()), details);
    assert_eq!(end.identity, "history-service");

    start_again(&mut script, Reuse::TerminateIfRunning, Conflict::Unspecified).unwrap();
    assert_eq!(script.service.runs().len(), 3);
    for conflict in [Conflict::UseExisting, Conflict::Fail] {
        let refused = start_again(&mut script, Reuse::TerminateIfRunning, conflict);
        assert!(matches!(refused, Err(Refusal::Invalid(_))), "{refused:?}");
    }
}

#[test]
fn a_closed_run_may_be_in_the_way() {
    use {WorkflowIdConflictPolicy as Conflict, WorkflowIdReusePolicy as Reuse};
    #[track_caller]
    fn check(reuse: Reuse, close: Command, expected: Option<&str>) {
        let mut script = Script::unrecorded();
        script.take();
        script.complete(vec![close]);
        let run_id = script.run().run_id.clone();
        let again = start_again(&mut script, reuse, Conflict::Unspecified);
        let expected = expected.map(|words| Refusal::AlreadyStarted {
            message: words.replace("IDS", &format!("WorkflowId: sem-simple, RunId: {run_id}.")),
            run_id,
        });
        assert_eq!(again.err(), expected);
    }
    let fails = || Command::FailWorkflow {
        failure: application("no", "").into(),
    };
    check(Reuse::Unspecified, returns("done"), None);
    check(Reuse::AllowDuplicate, returns("done"), None);
    check(Reuse::AllowDuplicateFailedOnly, fails(), None);
    check(
        Reuse::AllowDuplicateFailedOnly,
        Command::CancelWorkflow { details: None },
        None,
    );
    check(
        Reuse::AllowDuplicateFailedOnly,
        returns("done"),
        Some(
            "Workflow execution already finished successfully. IDS Workflow Id reuse policy: allow duplicate workflow \
             Id if last run failed.",
        ),
    );
    check(
        Reuse::RejectDuplicate,
        fails(),
        Some("Workflow execution already finished. IDS Workflow Id reuse policy: reject duplicate workflow Id."),
    );
}

// ---- Limits of time.

#[test]
fn a_run_reaches_its_limit() {
    let mut script = Script::of("sem-wf-runtimeout");
    script.take();
    script.complete(vec![]);
    assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
    assert_eq!(script.now, SimTime::ZERO + Span::secs(2));
    script.is_like_the_recording();
    assert_eq!((script.run().status(), script.run().next), (RunStatus::TimedOut, None));

    let mut script = Script::of("sem-runtimeout-2");
    script.take();
    script.complete(vec![start_timer("1", Span::secs(100))]);
    script.wait();
    script.is_like_the_recording();
    assert_eq!(script.service.next_timer(), None, "nothing of a closed run is left");
}

#[test]
fn a_run_that_nobody_works_for_is_retried() {
    let mut script = Script::of("sem-nobody-run1");
    assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
    script.is_like_the_recording();
    check_linked(&script);
    script.turn_to("sem-nobody", "sem-nobody-run2");
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
    script.is_like_the_recording();
}

#[test]
fn a_task_that_runs_at_the_limit_fails() {
    let mut script = Script::of("sem-wf-runtimeout");
    script.pass(Span::millis(1_000));
    script.take();
    script.wait();
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionTimedOut");
    assert!(script.try_complete(vec![]).is_err(), "the task is gone");
}

#[test]
fn a_chain_reaches_its_limit_and_is_not_retried() {
    let mut script = Script::started(wanted(|start| {
        start.execution_timeout = Span::secs(3);
        start.run_timeout = Span::secs(2);
        start.retry_policy = policy(200, 0);
    }));
    script.wait();
    assert_eq!(retry_state(script.run()), RetryState::InProgress);
    check_linked(&script);
    script.turn_to("it", "sem-wf-exectimeout-retry");
    script.recording[0] = as_ours(&script);
    script.is_like_the_recording_up_to(1);
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
    assert_eq!(script.now, SimTime::ZERO + Span::secs(3));
    assert_eq!(retry_state(script.run()), RetryState::Timeout);
    assert_eq!(script.run().next, None);
}

/// Event 1 of the recording, with what our client says otherwise.
fn as_ours(script: &Script) -> sagascope::history::proto::HistoryEvent {
    let mut event = script.recording[0].clone();
    let ours = started(script.run());
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(recorded)) = &mut event.attributes {
        recorded.workflow_id.clone_from(&ours.workflow_id);
        recorded.workflow_type.clone_from(&ours.workflow_type);
        recorded.task_queue.clone_from(&ours.task_queue);
        recorded.input.clone_from(&ours.input);
    }
    event
}

// ---- Retries.

#[test]
fn a_run_that_fails_is_retried() {
    let mut script = Script::of("sem-wfretry-run1");
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
    check_linked(&script);
    let first = script.run;

    turn_to_next(&mut script);
    let event = started(script.run());
    assert_eq!((event.attempt, event.initiator()), (2, ContinueAsNewInitiator::Retry));
    assert_eq!(event.continued_failure.as_ref().unwrap().message, "wf fail");
    assert_eq!(event.identity, "");
    assert_eq!(script.run().run_id.as_bytes()[14], b'4', "not a client's run");
    assert_eq!(script.run().log.len(), 1, "the next attempt waits");
    let begun = script.now;
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    assert_eq!(script.now.since(begun), Span::secs(1));
    script.take();
    script.complete(vec![Command::FailWorkflow {
        failure: application("wf fail", "WF").into(),
    }]);
    assert_eq!(retry_state(script.run()), RetryState::MaximumAttemptsReached);
    assert_eq!(script.run().next, None);
    assert_eq!(script.service.run(first).status(), RunStatus::Failed);
}

#[test]
fn a_failure_may_be_final() {
    let mut script = Script::of("sem-wfretry-nonretryable");
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
    assert_eq!(script.run().next, None);
}

// ---- Going on as a new run.

fn continues(input: serde_json::Value) -> Command {
    Command::ContinueAsNew(Box::new(ContinueAsNew {
        attributes: WorkflowExecutionContinuedAsNewEventAttributes {
            input: Some(input_of(input)),
            inherit_build_id: true,
            ..Default::default()
        },
        retry_policy: None,
    }))
}

fn input_of(values: serde_json::Value) -> sagascope::history::proto::Payloads {
    let values = values.as_array().unwrap().iter();
    sagascope::history::proto::Payloads {
        payloads: values.flat_map(|value| payload::json(value).payloads).collect(),
    }
}

#[test]
fn a_run_goes_on_as_another() {
    let mut script = Script::of("sem-can-run1");
    script.pass(Span::secs(1));
    script.take();
    script.complete(vec![continues(json!(["can", 1]))]);
    script.is_like_the_recording();
    check_linked(&script);
    let Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(said)) =
        &script.run().log.events()[4].attributes
    else {
        panic!("it goes on");
    };
    assert_eq!(
        said.workflow_run_timeout,
        Some(duration(Span::ZERO)),
        "written even if there is none"
    );

    turn_to_next(&mut script);
    script.pass(Span::secs(1));
    script.take();
    script.complete(vec![continues(json!(["can", 2]))]);
    script.turn_to("sem-can", "sem-can-run3-last");
    script.take_and_return("end");
    script.is_like_the_recording();
    assert_eq!(script.service.runs().len(), 3);
}

#[test]
fn a_run_that_goes_on_at_once_has_to_wait() {
    let mut script = Script::of("sem-can-fast-run1");
    script.take();
    script.complete(vec![continues(json!(["can", 1]))]);
    script.is_like_the_recording();

    script.turn_to("sem-can-fast", "sem-can-fast-run2");
    let wait = started(script.run()).first_workflow_task_backoff;
    assert_eq!(wait, Some(duration(Span::millis(998))), "what is left of a second");
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(recorded)) = &mut script.recording[0].attributes {
        recorded.first_workflow_task_backoff = wait;
    }
    script.wait();
    script.take();
    script.complete(vec![continues(json!(["can", 2]))]);
    script.is_like_the_recording();
    turn_to_next(&mut script);
    let wait = started(script.run()).first_workflow_task_backoff;
    assert_eq!(
        wait,
        Some(duration(Span::millis(998))),
        "counted from when the run before could begin"
    );
}

#[test]
fn the_limit_of_a_chain_is_one_for_all_its_runs() {
    let mut script = Script::started(wanted(|start| start.execution_timeout = Span::secs(5)));
    for _ in 0..3 {
        script.pass(Span::millis(1_200));
        script.take();
        script.complete(vec![continues(json!([]))]);
        turn_to_next(&mut script);
    }
    assert_eq!(
        started(script.run()).workflow_run_timeout,
        Some(duration(Span::secs(5)))
    );
    script.wait();
    assert_eq!(script.now, SimTime::ZERO + Span::secs(5));
    assert_eq!(retry_state(script.run()), RetryState::Timeout);
}

#[test]
fn what_arrived_meanwhile_keeps_a_run_from_going_on() {
    let mut script = Script::unrecorded();
    script.take();
    let target = Target::latest(&script.run().workflow_id);
    script.service.cancel(script.now, &target, "", "client").unwrap();
    script.complete(vec![continues(json!([]))]);
    script.check_since(
        3,
        "WorkflowTaskFailed WorkflowExecutionCancelRequested WorkflowTaskScheduled",
    );
    assert_eq!(script.service.runs().len(), 1);
}

// ---- Schedules.

#[test]
fn a_schedule_brings_one_run_after_another() {
    let mut script = Script::of("sem-cron-run1");
    let first = script.run().run_id.clone();
    assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
    script.take_and_return("cron");
    script.is_like_the_recording();
    check_linked(&script);

    turn_to_next(&mut script);
    script.wait();
    assert_eq!(
        script.now,
        SimTime::ZERO + Span(4_002_000_000),
        "its second began when the first run was over"
    );
    script.take_and_return("cron");
    script.turn_to("sem-cron", "sem-cron-last-terminated");
    script.is_like_the_recording_up_to(1);
    let points = &started(script.run()).prev_auto_reset_points.as_ref().unwrap().points;
    assert_eq!(
        (points.len(), &points[0].run_id),
        (1, &first),
        "one for each kind of worker"
    );
}

#[test]
fn a_scheduled_run_that_takes_too_long_misses_a_time() {
    let mut script = Script::of("sem-cron-timeout-run1");
    for recording in ["sem-cron-timeout-run1", "sem-cron-timeout-run2"] {
        script.turn_to("sem-cron-timeout", recording);
        assert!(matches!(script.wait(), TimerTask::FirstTask { .. }));
        script.take();
        script.complete(vec![start_timer("1", Span::secs(1_000))]);
        assert!(matches!(script.wait(), TimerTask::RunTimeout { .. }));
        script.is_like_the_recording();
        check_linked(&script);
    }
}

#[test]
fn a_scheduled_run_that_fails_leaves_the_last_result_alone() {
    let mut script = Script::started(wanted(|start| start.cron_schedule = "@every 10s".to_owned()));
    script.wait();
    script.take_and_return("first");
    turn_to_next(&mut script);
    script.wait();
    script.take();
    script.complete(vec![Command::FailWorkflow {
        failure: application("no", "").into(),
    }]);
    assert_eq!(retry_state(script.run()), RetryState::RetryPolicyNotSet);
    turn_to_next(&mut script);
    let event = started(script.run());
    assert_eq!(event.initiator(), ContinueAsNewInitiator::CronSchedule);
    assert_eq!(payload::first_value(event.last_completion_result.as_ref()), "first");
    assert_eq!(event.continued_failure.as_ref().unwrap().message, "no");
    assert_eq!(event.attempt, 1);
}
