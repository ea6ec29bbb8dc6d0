//! Signs of life: of activities, whose limit begins anew with each, and of workers that prolong a workflow task.

use sagascope::base::time::{SimTime, Span};
use sagascope::contract::answer::{ActivityAnswer, TaskNotFound};
use sagascope::history::payload;
use sagascope::history::proto::{Attributes, FailureInfo, TimeoutType};
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

/// A script with one attempt in a worker's hands, which must be heard of each second.
fn beating(seconds: u64) -> Script {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "hb", json!(null), |request| {
        within(seconds)(request);
        request.heartbeat = Span::secs(1);
        request.retry_policy = policy(500, 3);
    })]);
    let task = script.take_activity("1");
    assert_eq!((task.heartbeat, task.last_heartbeat), (Span::secs(1), None));
    script
}

#[test]
fn the_next_attempt_is_given_what_the_one_before_said() {
    let mut script = beating(60);
    script.heartbeat("1", json!("half"));
    script.wait();
    script.wait();
    let task = script.take_activity("1");
    assert_eq!(task.last_heartbeat, Some(payload::json(&json!("half"))));
    let failure = task.last_failure.expect("the first attempt ran out");
    let Some(FailureInfo::TimeoutFailureInfo(info)) = failure.failure_info else {
        panic!("{failure:?} is no timeout");
    };
    assert_eq!(info.last_heartbeat_details, None, "it is not told twice");
    // The limit counts from the attempt's own start, not from the heartbeat of the one before.
    let start = script.now;
    script.wait();
    assert_eq!(script.now.since(start), Span::secs(1));
}

#[test]
fn a_failed_attempt_brings_what_was_held_back() {
    let mut script = beating(60);
    script.heartbeat("1", json!(1));
    let answer = ActivityAnswer::Failed {
        failure: application("no", "No").into(),
        last_heartbeat: Some(payload::json(&json!(2))),
    };
    script.answer_activity("1", answer).unwrap();
    script.wait();
    let task = script.take_activity("1");
    assert_eq!(task.last_heartbeat, Some(payload::json(&json!(2))));
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

/// For half an hour, and not a moment longer. What is started then is told to nobody, and runs out.
#[test]
fn a_worker_that_only_prolongs_is_given_up() {
    let mut script = Script::unrecorded();
    script.take();
    let mut times = 0;
    let given_up = loop {
        script.pass(Span::secs(8));
        times += 1;
        if script.prolong().is_err() {
            break script.now;
        }
    };
    assert!(given_up.since(SimTime::ZERO) > Span::secs(30 * 60));
    let before = i64::from(times * 3);
    script.check_since(before, "WorkflowTaskTimedOut WorkflowTaskScheduled WorkflowTaskStarted");
    let Some(Attributes::WorkflowTaskTimedOutEventAttributes(timeout)) =
        &script.run().log.get(before + 1).unwrap().attributes
    else {
        panic!("checked a line ago");
    };
    assert_eq!(timeout.timeout_type(), TimeoutType::StartToClose);
    assert_eq!(script.waits_in(), None);
    script.wait();
    script.check_since(before + 3, "WorkflowTaskTimedOut WorkflowTaskScheduled");
}
