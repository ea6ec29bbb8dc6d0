//! Signs of life: of activities, whose limit begins anew with each, and of workers that prolong a workflow task.

use sagascope::base::time::Span;
use sagascope::contract::answer::{ActivityAnswer, TaskNotFound};
use sagascope::history::payload;
use sagascope::history::proto::TimeoutType;
use sagascope::service::timer::TimerTask;
use serde_json::json;

use crate::script::{Script, activity, application, policy, start_timer, within};

#[test]
fn a_silent_attempt_runs_out_and_the_last_it_said_is_written() {
    let mut script = Script::of("sem-act-hb1");
    script.take_and_go_on();
    script.take_activity("1");
    for step in 1..=3 {
        script.pass(Span::millis(900));
        script.heartbeat("1", json!(step));
    }
    let beat = script.now;
    assert!(matches!(
        script.wait(),
        TimerTask::ActivityTimeout {
            kind: TimeoutType::Heartbeat,
            ..
        }
    ));
    assert_eq!(script.now.since(beat), Span::secs(1));
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn the_next_attempt_is_given_what_the_one_before_said() {
    let mut script = Script::bare("bare-beats");
    script.take_and_go_on();
    assert_eq!(script.take_activity("1").last_heartbeat, None);
    script.heartbeat("1", json!(1));
    script.wait();
    script.wait();
    let task = script.take_activity("1");
    assert_eq!(
        (task.heartbeat, task.last_heartbeat),
        (Span::secs(2), Some(payload::json(&json!(1))))
    );
    script.pass(Span::secs(1));
    script.heartbeat("1", json!(2));
    script.wait();
    script.take_and_go_on();
    script.is_like_the_recording();
}

/// What an earlier attempt said does not count as a sign of life of a later one.
#[test]
fn an_attempt_that_never_says_anything_runs_out() {
    let mut script = beating(60);
    script.heartbeat("1", json!(1));
    script.wait();
    script.wait();
    script.take_activity("1");
    let start = script.now;
    script.wait();
    assert_eq!(script.now.since(start), Span::secs(1));
}

#[test]
fn a_failed_attempt_brings_what_was_held_back() {
    let mut script = Script::bare("bare-beats-failed");
    script.take_and_go_on();
    script.take_activity("1");
    let answer = ActivityAnswer::Failed {
        failure: application("m", "T").into(),
        last_heartbeat: Some(payload::json(&json!(7))),
    };
    script.answer_activity("1", answer).unwrap();
    script.wait();
    assert_eq!(script.take_activity("1").last_heartbeat, Some(payload::json(&json!(7))));
    script.wait();
    script.take_and_go_on();
    script.is_like_the_recording();
}

/// A script with one attempt in a worker's hands, which must be heard of each second.
fn beating(seconds: u64) -> Script {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "hb", json!(null), |request| {
        within(seconds)(request);
        request.heartbeat = Span::secs(1);
        request.retry_policy = policy(500, 3);
    })]);
    script.take_activity("1");
    script
}

#[test]
fn a_heartbeat_that_comes_too_late_is_refused() {
    let mut script = beating(60);
    script.wait();
    let token = script.attempts["1"];
    assert_eq!(script.service.heartbeat(script.now, token, None), Err(TaskNotFound));
}

/// Heartbeats do not prolong the attempt itself; an activity's heartbeat limit is never longer than that.
#[test]
fn a_lively_attempt_runs_out_all_the_same() {
    let mut script = beating(1);
    let start = script.now;
    for _ in 0..3 {
        script.pass(Span::millis(300));
        script.heartbeat("1", json!(0));
    }
    script.wait();
    assert!(script.now.since(start) == Span::secs(1));
}

#[test]
fn a_worker_prolongs_its_task() {
    let mut script = Script::unrecorded();
    script.take();
    script.pass(Span::secs(8));
    let accepted = script.prolong().unwrap();
    script.check_since(3, "WorkflowTaskCompleted WorkflowTaskScheduled WorkflowTaskStarted");
    let next = accepted.next_task.expect("the next one comes with the answer");
    assert_eq!(
        next.events.iter().map(|event| event.event_id).collect::<Vec<_>>(),
        [4, 5, 6]
    );
    script.complete(vec![start_timer("1", Span::secs(1))]);
    script.check_since(6, "WorkflowTaskCompleted TimerStarted");
}

/// The limit is half an hour; it was five seconds in the recording. What is started then is told to nobody, and runs
/// out.
#[test]
fn a_worker_that_only_prolongs_is_given_up() {
    let mut script = Script::bare("bare-prolonged");
    script.keeps = true;
    script.take();
    for _ in 0..2 {
        script.pass(Span::secs(2));
        assert!(script.prolong().unwrap().next_task.is_some());
    }
    script.pass(Span::secs(2));
    assert_eq!(script.prolong(), Err(TaskNotFound));
    script.is_like_the_recording();
    assert_eq!(script.waits_in(), None);
    script.wait();
    script.check_since(12, "WorkflowTaskTimedOut WorkflowTaskScheduled");
}
