//! Activities that the workflow wants to end.

use sagascope::base::time::Span;
use sagascope::contract::answer::{ActivityAnswer, Command, TaskNotFound};
use sagascope::history::proto::{Attributes, RetryState};
use serde_json::json;

use crate::script::{Script, activity, application, policy, returns, start_timer, within};

/// The recorded workflow starts an activity and a timer of a second, and then cancels the activity.
fn recorded(name: &str, is_running: bool) -> Script {
    let mut script = Script::of(name);
    script.take_and_go_on();
    if is_running {
        script.take_activity("1");
    }
    script.wait();
    script
}

#[test]
fn an_activity_that_nobody_has_is_cancelled_at_once_and_the_workflow_hears_of_it() {
    let mut script = recorded("sem-cancelact-wait-cancellation-completed-notstarted", false);
    let accepted = script.take_and_go_on();
    assert!(accepted.next_task.is_some());
    assert!(script.service.queues().waiting().next().is_none());
    script.go_on();
    script.is_like_the_recording();
}

#[test]
fn an_activity_at_work_hears_of_it_with_its_next_heartbeat_and_agrees() {
    let mut script = recorded("sem-cancelact-wait-cancellation-completed-running", true);
    assert!(!script.heartbeat("1", json!(1)));
    assert_eq!(script.take_and_go_on().next_task, None);
    assert!(script.heartbeat("1", json!(2)));
    script
        .answer_activity("1", ActivityAnswer::Canceled { details: None })
        .unwrap();
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn a_workflow_that_does_not_wait_goes_on_in_the_same_task() {
    for (name, is_running) in [
        ("sem-cancelact-try-cancel-notstarted", false),
        ("sem-cancelact-try-cancel-running", true),
        ("sem-cancelact-abandon-notstarted", false),
        ("sem-cancelact-abandon-running", true),
    ] {
        let mut script = recorded(name, is_running);
        script.take_and_go_on();
        script.is_like_the_recording();
    }
}

#[test]
fn an_activity_cancelled_before_it_was_asked_for_leaves_nothing() {
    for name in [
        "sem-cancelact-abandon-same",
        "sem-cancelact-wait-cancellation-completed-same",
    ] {
        let mut script = Script::of(name);
        script.take_and_go_on();
        script.is_like_the_recording();
    }
}

/// A run whose activity is in a worker's hands and whose second task has just been answered with its cancellation.
fn cancelled_at_work() -> Script {
    let mut script = Script::unrecorded();
    script.take();
    let busy = activity("1", "hb", json!(null), |request| {
        within(5)(request);
        request.retry_policy = policy(100, 0);
    });
    script.complete(vec![busy, start_timer("1", Span::secs(1))]);
    script.take_activity("1");
    script.wait();
    script.take();
    script.complete(vec![CANCEL]);
    script.check_since(9, "WorkflowTaskCompleted ActivityTaskCancelRequested");
    script
}

const CANCEL: Command = Command::RequestCancelActivity { scheduled_event_id: 5 };

#[test]
fn an_activity_may_finish_all_the_same() {
    let mut script = cancelled_at_work();
    script.succeed("1", json!("done"));
    script.check_since(11, "ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled");
}

#[test]
fn an_activity_that_fails_instead_is_not_tried_again() {
    let mut script = cancelled_at_work();
    script.fail("1", application("stopped", "Stopped"));
    script.check_since(11, "ActivityTaskStarted ActivityTaskFailed WorkflowTaskScheduled");
    let Some(Attributes::ActivityTaskFailedEventAttributes(failed)) = &script.run().log.get(13).unwrap().attributes
    else {
        panic!("checked a line ago");
    };
    assert_eq!(failed.retry_state(), RetryState::CancelRequested);
}

#[test]
fn an_activity_that_never_listens_runs_out() {
    let mut script = cancelled_at_work();
    script.wait();
    script.check_since(11, "ActivityTaskStarted ActivityTaskTimedOut WorkflowTaskScheduled");
    let Some(Attributes::ActivityTaskTimedOutEventAttributes(out)) = &script.run().log.get(13).unwrap().attributes
    else {
        panic!("checked a line ago");
    };
    assert_eq!(out.retry_state(), RetryState::CancelRequested);
    assert_eq!(out.failure.as_ref().unwrap().message, "activity StartToClose timeout");
}

#[test]
fn an_activity_that_waits_for_its_next_attempt_has_not_been_started() {
    let mut script = Script::unrecorded();
    script.take();
    let weak = activity("1", "weak", json!(null), |request| {
        within(5)(request);
        request.retry_policy = policy(5_000, 0);
    });
    script.complete(vec![weak, start_timer("1", Span::secs(1))]);
    script.take_activity("1");
    script.fail("1", application("no", "No"));
    script.wait();
    script.take();
    script.complete(vec![CANCEL]);
    script.check_since(
        9,
        "WorkflowTaskCompleted ActivityTaskCancelRequested ActivityTaskCanceled WorkflowTaskScheduled \
         WorkflowTaskStarted",
    );
    script.complete(vec![returns("x")]);
}

/// The result is on its way to the workflow already. The request stands in the history and does nothing.
#[test]
fn an_activity_that_has_ended_meanwhile() {
    let mut script = Script::unrecorded();
    script.take();
    let quick = activity("1", "quick", json!(null), within(5));
    script.complete(vec![quick, start_timer("1", Span::secs(1))]);
    script.take_activity("1");
    script.wait();
    script.take();
    script.succeed("1", json!("done"));
    script.complete(vec![CANCEL]);
    script.check_since(
        9,
        "WorkflowTaskCompleted ActivityTaskCancelRequested ActivityTaskStarted ActivityTaskCompleted \
         WorkflowTaskScheduled WorkflowTaskStarted",
    );
}

#[test]
fn nobody_can_agree_to_what_nobody_asked_for() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "hb", json!(null), within(5))]);
    script.take_activity("1");
    let answer = ActivityAnswer::Canceled { details: None };
    assert_eq!(script.answer_activity("1", answer), Err(TaskNotFound));
    script.succeed("1", json!("done"));
}
