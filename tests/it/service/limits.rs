//! Too much of something: what ends a run, what fails a task, what is cut.

use sagascope::base::time::Span;
use sagascope::contract::answer::{ActivityAnswer, Command};
use sagascope::history::payload;
use sagascope::history::proto::temporal::api::enums::v1::SuggestContinueAsNewReason;
use sagascope::history::proto::{
    Attributes, Failure, FailureInfo, WorkflowTaskFailedCause, WorkflowTaskStartedEventAttributes,
};
use sagascope::service::limits::Large;
use sagascope::service::run::RunStatus;
use serde_json::json;

use crate::script::{Script, activity, application, returns, start_timer, within};

/// The last event is the end of the run by the Service itself.
#[track_caller]
fn check_ended(script: &Script, reason: &str) {
    assert_eq!(script.run().status, RunStatus::Terminated);
    let Some(Attributes::WorkflowExecutionTerminatedEventAttributes(end)) =
        &script.run().log.events().last().unwrap().attributes
    else {
        panic!("the run was terminated");
    };
    assert_eq!(
        (end.reason.as_str(), end.identity.as_str()),
        (reason, "history-service")
    );
}

/// What the answer did is taken back.
#[test]
fn a_history_of_too_many_events_ends_the_run() {
    let mut script = Script::unrecorded_under(|limits| limits.history_events = 6);
    script.take();
    let timers = |ids: &[&str]| ids.iter().map(|id| start_timer(id, Span::ZERO)).collect();
    let accepted = script.complete(timers(&["1", "2", "3"]));
    assert_eq!(
        accepted.refused.as_deref(),
        Some("Workflow history count exceeds limit.")
    );
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionTerminated");
    check_ended(&script, "Workflow history count exceeds limit.");
    assert!(script.service.next_timer().is_none());

    let mut script = Script::unrecorded_under(|limits| limits.history_events = 6);
    script.take();
    assert_eq!(script.complete(timers(&["1", "2"])).refused, None);
    script.wait();
    script.check_since(6, "WorkflowExecutionTerminated");
}

#[test]
fn a_history_may_grow_beyond_the_limit_by_its_end() {
    let mut script = Script::unrecorded_under(|limits| limits.history_events = 3);
    script.take();
    script.complete(vec![returns("x")]);
    assert_eq!(script.run().status, RunStatus::Completed);
}

/// The size is looked at with the next transaction.
#[test]
fn a_history_of_too_many_bytes_ends_the_run() {
    let mut script = Script::unrecorded_under(|limits| limits.history_bytes = 1_500);
    script.take();
    script.complete(vec![activity("1", "a", json!("x".repeat(1_500)), within(5))]);
    assert!(script.run().is_open());
    assert!(script.run().size_bytes > 1_500);
    script.a_moment_later();
    let waiting = script.waiting(|_| true).expect("the activity waits");
    assert_eq!(script.service.poll(script.now, waiting.1, &script.poller()), None);
    script.check_since(5, "WorkflowExecutionTerminated");
    check_ended(&script, "Workflow history size exceeds limit.");
}

fn last_start(script: &Script) -> &WorkflowTaskStartedEventAttributes {
    let started = script
        .run()
        .log
        .events()
        .iter()
        .rev()
        .find_map(|event| match &event.attributes {
            Some(Attributes::WorkflowTaskStartedEventAttributes(started)) => Some(started),
            _ => None,
        });
    started.expect("a task was started")
}

#[test]
fn a_long_history_is_told_to_continue_as_new() {
    use SuggestContinueAsNewReason as Reason;
    let mut script = Script::unrecorded_under(|limits| {
        limits.suggest_events = 8;
        limits.suggest_bytes = 900;
        limits.warn_events = 7;
    });
    script.take();
    assert!(!last_start(&script).suggest_continue_as_new);
    script.complete(vec![start_timer("1", Span::ZERO)]);
    script.wait();
    script.take();
    let started = last_start(&script);
    assert_eq!(script.last_id(), 8);
    assert!(started.suggest_continue_as_new);
    assert_eq!(
        started.suggest_continue_as_new_reasons,
        [i32::from(Reason::TooManyHistoryEvents)]
    );
    script.complete(vec![activity("1", "a", json!("x".repeat(900)), |request| {
        within(5)(request);
        request.request_eager = true;
    })]);
    script.succeed("1", json!(1));
    script.take();
    assert_eq!(
        last_start(&script).suggest_continue_as_new_reasons,
        [
            i32::from(Reason::HistorySizeTooLarge),
            i32::from(Reason::TooManyHistoryEvents)
        ]
    );
    let warnings: Vec<_> = script.run().warnings().iter().map(|w| (w.what, w.size)).collect();
    assert_eq!(warnings, [(Large::History, 8)]);
}

/// Arguments over the limit end the run, with the task that brought them.
#[test]
fn arguments_that_are_too_large_end_the_run() {
    let mut script = Script::unrecorded_under(|limits| limits.payload_bytes = 100);
    script.take();
    let accepted = script.complete(vec![activity("1", "a", json!("x".repeat(100)), within(5))]);
    let reason = "BadScheduleActivityAttributes: ScheduleActivityTaskCommandAttributes.Input exceeds size limit.";
    assert_eq!(accepted.refused.as_deref(), Some(reason));
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionTerminated");
    check_ended(&script, reason);
}

#[test]
fn a_result_that_is_too_large_is_a_failure() {
    let mut script = Script::unrecorded_under(|limits| limits.payload_bytes = 100);
    script.take();
    script.complete(vec![activity("1", "a", json!(null), within(5))]);
    script.take_activity("1");
    script.succeed("1", json!("x".repeat(100)));
    script.check_since(5, "ActivityTaskStarted ActivityTaskFailed WorkflowTaskScheduled");
    let Some(Attributes::ActivityTaskFailedEventAttributes(failed)) = &script.run().log.get(7).unwrap().attributes
    else {
        panic!("checked a line ago");
    };
    assert_eq!(
        failed.failure.as_ref().unwrap().message,
        "Complete result exceeds size limit."
    );
}

#[test]
fn a_heartbeat_that_is_too_large_ends_the_activity() {
    let mut script = Script::unrecorded_under(|limits| limits.payload_bytes = 100);
    script.take();
    script.complete(vec![activity("1", "a", json!(null), within(5))]);
    script.take_activity("1");
    assert!(script.heartbeat("1", json!("x".repeat(100))));
    script.check_since(5, "ActivityTaskStarted ActivityTaskFailed WorkflowTaskScheduled");
}

/// Only so much of a failure is kept for the next attempt: first the type, then the message, then the stack trace.
#[test]
fn a_long_failure_is_cut_before_it_is_kept() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "a", json!(null), within(5))]);
    script.take_activity("1");
    let long = Failure {
        stack_trace: "ä".repeat(3_000),
        ..application("no", "No")
    };
    script.fail("1", long);
    script.wait();
    let kept = script.take_activity("1").last_failure.unwrap();
    assert_eq!(kept.message, "Failure exceeds size limit.");
    assert!(matches!(kept.failure_info, Some(FailureInfo::ServerFailureInfo(_))));
    let cause = kept.cause.unwrap();
    assert_eq!(cause.message, "no");
    // 4096 bytes less the type, the message, and what they cost besides, in whole letters.
    assert_eq!(cause.stack_trace.len(), (4_096 - (2 + 4) - 8 - (2 + 4)) / 2 * 2);
}

#[test]
fn only_so_many_activities_may_be_pending() {
    let mut script = Script::unrecorded_under(|limits| limits.pending_activities = 2);
    script.take();
    let ids = ["1", "2", "3"];
    let commands = ids.map(|id| activity(id, "a", json!(null), within(5)));
    let accepted = script.complete(commands.into());
    assert_eq!(
        accepted.refused.as_deref(),
        Some(
            "PendingActivitiesLimitExceeded: the number of pending activities, 2, has reached the per-workflow limit \
             of 2"
        )
    );
    script.check_since(3, "WorkflowTaskFailed");
}

/// What has arrived has to be written some time: the task that keeps it back is given up.
#[test]
fn too_much_may_not_arrive_while_a_task_runs() {
    let mut script = Script::unrecorded_under(|limits| limits.buffered_events = 4);
    script.take();
    let ids = ["1", "2", "3"];
    let mut commands: Vec<Command> = ids.iter().map(|id| activity(id, "a", json!(null), within(9))).collect();
    commands.push(start_timer("1", Span::secs(1)));
    script.complete(commands);
    for id in ids {
        script.take_activity(id);
    }
    script.wait();
    let started = script.take().started_event_id;
    script.succeed("1", json!(1));
    script.succeed("2", json!(1));
    script.check_since(started, "");
    script.succeed("3", json!(1));
    script.check_since(
        started,
        "WorkflowTaskFailed ActivityTaskStarted ActivityTaskStarted ActivityTaskStarted ActivityTaskCompleted \
         ActivityTaskCompleted ActivityTaskCompleted WorkflowTaskScheduled",
    );
    let Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) =
        &script.run().log.get(started + 1).unwrap().attributes
    else {
        panic!("checked a line ago");
    };
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::ForceCloseCommand);
    assert_eq!((failed.identity.as_str(), &failed.failure), ("history-service", &None));
}

#[test]
fn a_large_payload_is_only_remarked_on() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "a", json!("x".repeat(600_000)), within(5))]);
    script.take_activity("1");
    let answer = ActivityAnswer::Completed {
        result: Some(payload::json(&json!("x".repeat(700_000)))),
    };
    script.answer_activity("1", answer).unwrap();
    let warnings: Vec<_> = script.run().warnings().iter().map(|w| w.what).collect();
    assert_eq!(warnings, [Large::Payload]);
}
