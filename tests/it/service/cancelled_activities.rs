//! Activities that the workflow wants to end.

use sagascope::contract::answer::{ActivityAnswer, TaskNotFound};
use sagascope::history::payload;
use serde_json::json;

use crate::script::{Script, activity, application, within};

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

/// The same, recorded by hand.
fn recorded_by_hand(name: &str, is_running: bool) -> Script {
    let mut script = Script::bare(name);
    script.take_and_go_on();
    if is_running {
        script.take_activity("1");
    }
    script
}

#[test]
fn what_an_activity_says_about_its_end_is_written() {
    let mut script = recorded_by_hand("bare-cancel-details", true);
    script.wait();
    script.take_and_go_on();
    let details = Some(payload::json(&json!("why")));
    script
        .answer_activity("1", ActivityAnswer::Canceled { details })
        .unwrap();
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn an_activity_may_finish_all_the_same() {
    let mut script = recorded_by_hand("bare-cancel-then-fail", true);
    script.wait();
    script.take_and_go_on();
    script.succeed("1", json!("done"));
    script.check_since(11, "ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled");
}

#[test]
fn an_activity_that_fails_instead_is_not_tried_again() {
    let mut script = recorded_by_hand("bare-cancel-then-fail", true);
    script.wait();
    script.take_and_go_on();
    assert!(script.heartbeat("1", json!(1)));
    script.fail("1", application("m", "T"));
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn an_activity_that_never_listens_runs_out() {
    let mut script = recorded_by_hand("bare-cancel-then-silence", true);
    script.wait();
    script.take_and_go_on();
    script.wait();
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn an_activity_that_waits_for_its_next_attempt_has_not_been_started() {
    let mut script = recorded_by_hand("bare-cancel-in-backoff", true);
    script.fail("1", application("m", "T"));
    script.wait();
    assert!(script.take_and_go_on().next_task.is_some());
    script.go_on();
    script.is_like_the_recording();
}

/// The result is on its way to the workflow already. The request stands in the history and does nothing.
#[test]
fn an_activity_that_has_ended_meanwhile() {
    let mut script = recorded_by_hand("bare-cancel-after-end", true);
    script.wait();
    script.take();
    script.succeed("1", json!(1));
    script.go_on();
    script.go_on();
    script.is_like_the_recording();
}

/// A second request finds the activity ended; its id is free for another one.
#[test]
fn an_activity_is_cancelled_twice_or_replaced() {
    for name in ["bare-cancel-twice", "bare-cancel-and-again"] {
        let mut script = recorded_by_hand(name, false);
        script.wait();
        script.take_and_go_on();
        script.is_like_the_recording();
    }
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
