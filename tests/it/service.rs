//! The Service alone, told what happens and when. What it writes has the shape of what a real server has written in the
//! same scenario (`tests/histories`); where there is no recording, the events are named.

mod cancelled_activities;
mod heartbeats;
mod limits;
mod notes;
mod refused;
mod timers;

use sagascope::base::time::{SimTime, Span};
use sagascope::contract::answer::{ActivityAnswer, Command, ScheduleActivity, TaskNotFound};
use sagascope::history::proto::{Attributes, Failure, FailureInfo, RetryPolicy, TimeoutType, WorkflowTaskFailedCause};
use sagascope::service::timer::TimerTask;
use serde_json::json;

use crate::script::*;

// ---- Activities.

#[test]
fn an_activity_that_succeeds() {
    let mut script = Script::of("sem-simple");
    script.take();
    let eager = |request: &mut ScheduleActivity| {
        within(10)(request);
        request.request_eager = true;
    };
    script.complete(vec![activity("1", "ok", json!("a"), eager)]);
    script.succeed("1", json!("ok a"));
    script.take_and_return("ok a");
    script.is_like_the_recording();
}

/// Nothing is left out of this comparison: it is the same SDK.
#[test]
fn ten_activities_in_a_row() {
    let mut script = Script::of(RUST);
    for step in 0..10 {
        script.take();
        let id = (step + 1).to_string();
        script.complete(vec![activity(&id, "Acts::step", json!(step), |request| {
            within(10)(request);
            request.request_eager = true;
        })]);
        script.succeed(&id, json!(step));
    }
    script.take();
    script.complete(vec![returns(45)]);
    script.is_like_the_recording();
}

#[test]
fn a_failed_attempt_writes_nothing_and_the_next_one_says_why() {
    let mut script = Script::of("sem-act-default");
    script.take();
    script.complete(vec![activity("1", "flaky", json!(2), within(10))]);
    assert_eq!(script.take_activity("1").last_failure, None);
    script.fail("1", flaky(1));
    script.check_since(5, "");
    script.wait();
    assert_eq!(script.take_activity("1").last_failure, Some(flaky(1)));
    script.succeed("1", json!("attempt 2"));
    script.take_and_return("attempt 2");
    script.is_like_the_recording();
}

#[test]
fn only_the_last_attempt_and_the_failure_before_it_are_written() {
    let mut script = Script::of("sem-act-retry");
    script.take();
    let start = script.now;
    script.complete(vec![activity("1", "flaky", json!(3), |request| {
        within(10)(request);
        request.retry_policy = policy(300, 0);
    })]);
    for attempt in 1..=2 {
        script.take_activity("1");
        script.fail("1", flaky(attempt));
        script.wait();
    }
    assert_eq!(script.now.since(start), Span::millis(300 + 600 + 5));
    script.take_activity("1");
    script.succeed("1", json!("attempt 3"));
    script.take_and_return("attempt 3");
    script.is_like_the_recording();
}

#[test]
fn the_last_attempt_that_is_allowed_fails() {
    let mut script = Script::of("sem-act-maxattempts");
    script.take();
    script.complete(vec![activity("1", "flaky", json!(99), |request| {
        within(10)(request);
        request.retry_policy = policy(200, 3);
    })]);
    for attempt in 1..=3 {
        script.take_activity("1");
        script.fail("1", flaky(attempt));
        if attempt < 3 {
            script.wait();
        }
    }
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

/// One attempt that fails for good.
#[track_caller]
fn check_fails_at_once(recording: &str, command: Command, failure: Failure) {
    let mut script = Script::of(recording);
    script.take();
    script.complete(vec![command]);
    script.take_activity("1");
    script.fail("1", failure);
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

#[test]
fn a_failure_that_must_not_be_retried() {
    let mut failure = application("nope", "Fatal");
    if let Some(FailureInfo::ApplicationFailureInfo(info)) = &mut failure.failure_info {
        info.non_retryable = true;
    }
    check_fails_at_once(
        "sem-act-nonret",
        activity("1", "nonret", json!(null), within(10)),
        failure,
    );
}

#[test]
fn a_failure_whose_type_must_not_be_retried() {
    let command = activity("1", "flaky", json!(9), |request| {
        within(10)(request);
        request.retry_policy = Some(RetryPolicy {
            non_retryable_error_types: vec!["Flaky".to_owned()],
            ..RetryPolicy::default()
        });
    });
    check_fails_at_once("sem-act-nonrettype", command, flaky(1));
}

#[test]
fn a_failure_with_one_attempt() {
    let command = activity("1", "pyerr", json!(null), |request| {
        within(10)(request);
        request.retry_policy = policy(1_000, 1);
    });
    check_fails_at_once(
        "sem-act-pyerr1",
        command,
        application("plain python error", "ValueError"),
    );
}

#[test]
fn a_failure_with_no_time_left_for_another_attempt() {
    let command = activity("1", "bad", json!(null), |request| {
        request.schedule_to_close = Span::secs(3);
        request.retry_policy = policy(5_000, 0);
    });
    check_fails_at_once(
        "sem-act-s2c-fail-retrystate-timeout",
        command,
        application("bad", "Bad"),
    );
}

#[test]
fn attempts_that_take_too_long() {
    let mut script = Script::of("sem-act-stc2");
    script.take();
    script.complete(vec![activity("1", "sleeper", json!(5), |request| {
        within(1)(request);
        request.retry_policy = policy(100, 2);
    })]);
    script.take_activity("1");
    script.wait();
    script.wait();
    script.take_activity("1");
    script.wait();
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

#[test]
fn an_activity_out_of_time_while_it_runs() {
    let mut script = Script::of("sem-act-sched2close-running");
    script.take();
    let whole = |request: &mut ScheduleActivity| request.schedule_to_close = Span::secs(2);
    script.complete(vec![activity("1", "sleeper", json!(30), whole)]);
    script.take_activity("1");
    script.wait();
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

/// Both limits run out at the same time; the Service names the smaller one.
#[test]
fn an_activity_out_of_time_that_nobody_took() {
    let mut script = Script::of("sem-act-sched2close-nobody");
    script.take();
    script.complete(vec![activity("1", "ok", json!("x"), |request| {
        request.schedule_to_close = Span::secs(2);
        request.task_queue = "sem-nobody".to_owned();
    })]);
    script.wait();
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

#[test]
fn an_activity_out_of_time_after_failures() {
    let mut script = Script::of("sem-act-sched2close-backoff");
    script.take();
    script.complete(vec![activity("1", "flaky", json!(99), |request| {
        request.schedule_to_close = Span::secs(2);
        request.retry_policy = policy(300, 0);
    })]);
    for attempt in 1..=2 {
        script.take_activity("1");
        script.fail("1", flaky(attempt));
        script.wait();
    }
    script.take_activity("1");
    script.wait();
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

#[test]
fn an_activity_that_nobody_takes_in_time() {
    let mut script = Script::of("sem-act-sts");
    script.take();
    script.complete(vec![activity("1", "ok", json!("x"), |request| {
        within(10)(request);
        request.schedule_to_start = Span::secs(1);
        request.task_queue = "sem-nobody".to_owned();
    })]);
    script.wait();
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
    assert!(script.service.queues().waiting().next().is_none());
}

/// Results that arrive while a task is scheduled are written after it, and belong to it.
#[test]
fn activities_side_by_side() {
    let mut script = Script::of("sem-act-parallel");
    script.take();
    let ids = ["1", "2", "3"];
    let commands = ids.into_iter().zip(["0", "1", "2"]).map(|(id, input)| {
        activity(id, "ok", json!(input), |request| {
            within(10)(request);
            request.request_eager = true;
        })
    });
    script.complete(commands.collect());
    for (id, result) in ids.into_iter().zip(["ok 0", "ok 1", "ok 2"]) {
        script.succeed(id, json!(result));
    }
    script.take_and_return("ok 0,ok 1,ok 2");
    script.is_like_the_recording();
}

// ---- Timers.

#[test]
fn timers_that_are_due_together_fire_together() {
    let mut script = Script::of("sem-timers-same");
    script.take();
    let seconds = [("1", 1), ("2", 1), ("3", 2)];
    let timers = seconds.map(|(id, seconds)| start_timer(id, Span::secs(seconds)));
    script.complete(timers.into());
    script.wait();
    script.take();
    script.complete(Vec::new());
    script.wait();
    script.take_and_return("t");
    script.is_like_the_recording();
}

/// Timer 3 was cancelled before its command left the worker.
#[test]
fn a_timer_is_cancelled() {
    let mut script = Script::of("sem-timer-seq-cancelled-before-sent");
    script.take();
    script.complete(vec![start_timer("1", Span::secs(1)), start_timer("2", Span::secs(50))]);
    script.wait();
    script.take();
    script.complete(vec![start_timer("4", Span::secs(1)), cancel_timer("2")]);
    script.wait();
    script.take_and_return("x");
    script.is_like_the_recording();
    assert!(script.service.next_timer().is_none());
}

// ---- Workflow tasks that are lost.

#[test]
fn a_first_task_lost_three_times_leaves_one_timeout_and_a_late_fourth_attempt() {
    let mut script = Script::of("sem-crash-first");
    for _ in 0..3 {
        script.take();
        script.dies();
        script.wait();
        script.starts();
        script.check_since(4, "");
    }
    assert!(script.now.since(SimTime::ZERO) >= Span::secs(30));
    let task = script.take();
    assert_eq!((task.token.attempt, task.started_event_id), (4, 6));
    let made_up: Vec<_> = task.events[4..].iter().map(|event| event.event_id).collect();
    assert_eq!(made_up, [5, 6]);
    script.complete(vec![activity("1", "ok", json!("a"), within(5))]);
    script.take_activity("1");
    script.succeed("1", json!("ok a"));
    script.take_and_return("alive");
    script.is_like_the_recording();
}

#[test]
fn a_task_lost_once_is_written_with_its_second_attempt() {
    let mut script = Script::of("sem-buggy");
    script.take();
    script.dies();
    script.wait();
    script.starts();
    script.take_and_return("fixed");
    script.is_like_the_recording();
}

/// A script up to the answer of its first activity.
fn after_one_activity(recording: &str, seconds: u64) -> Script {
    let mut script = Script::of(recording);
    script.take();
    script.complete(vec![activity("1", "ok", json!("a"), within(seconds))]);
    script.take_activity("1");
    script.succeed("1", json!("ok a"));
    script
}

#[test]
fn a_sticky_task_that_is_lost_is_a_first_attempt_again() {
    let mut script = after_one_activity("sem-crash-sticky", 5);
    script.take();
    script.dies();
    script.wait();
    script.starts();
    assert_eq!(script.run().unwritten.hand.sticky, None);
    script.take_and_return("alive");
    script.is_like_the_recording();
}

/// The recorded event was a signal, for which a timer stands here; compared is what the Service makes of it.
#[test]
fn a_task_for_a_dead_worker_goes_back_to_the_normal_queue_after_ten_seconds() {
    let mut script = after_one_activity("sem-crash-idle", 5);
    script.take();
    script.complete(vec![start_timer("1", Span::secs(5))]);
    script.dies();
    script.wait();
    assert_eq!(script.waits_in().as_deref(), Some("worker-1"));
    let scheduled = script.now;
    script.starts();
    script.wait();
    assert_eq!(script.now.since(scheduled), Span::secs(10));
    let task = script.take();
    assert_eq!(
        task.events.first().map(|event| event.event_id),
        Some(1),
        "a new worker gets it all"
    );
    script.complete(vec![returns("alive")]);
    script.is_like_the_recording_from(13, 12);
}

#[test]
fn an_attempt_whose_worker_died_is_found_out_by_its_timeout() {
    let mut script = Script::of("sem-crash-activity");
    script.take();
    script.complete(vec![activity("1", "die", json!(1), within(3))]);
    script.take_activity("1");
    script.dies();
    script.wait();
    script.wait();
    script.take_activity("1");
    script.succeed("1", json!("survived on 2"));
    script.wait();
    script.starts();
    script.take_and_return("survived on 2");
    script.is_like_the_recording();
}

/// Like events 12 and 13 of sem-nd-live: a sticky queue in the history, and no timeout.
#[test]
fn a_worker_long_gone_is_passed_over_without_a_trace() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![start_timer("1", Span::secs(11))]);
    script.dies();
    script.wait();
    assert_eq!(script.waits_in(), Some(script.run().task_queue.clone()));
    assert!(script.run().workflow_task().unwrap().is_sticky());
    script.starts();
    assert!(script.run().unwritten.hand.sticky.is_some());
    let task = script.take();
    assert_eq!(script.run().unwritten.hand.sticky, None);
    assert_eq!(task.events.first().map(|event| event.event_id), Some(1));
    script.complete(vec![returns("x")]);
    script.check_since(
        5,
        "TimerFired WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskCompleted \
         WorkflowExecutionCompleted",
    );
}

#[test]
fn a_worker_heard_of_in_the_last_ten_seconds_is_still_waited_for() {
    for (seconds, queue) in [(9, "worker-1"), (11, "sem-tq")] {
        let mut script = Script::unrecorded();
        script.take();
        script.complete(vec![start_timer("1", Span::secs(seconds))]);
        script.dies();
        script.wait();
        assert_eq!(script.waits_in().as_deref(), Some(queue), "{seconds} s");
    }
}

/// The limit of the sticky queue stays armed, though the task does not wait there.
#[test]
fn a_task_that_was_passed_on_still_times_out_if_nobody_takes_it() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![start_timer("1", Span::secs(11))]);
    script.dies();
    script.wait();
    script.wait();
    script.check_since(
        5,
        "TimerFired WorkflowTaskScheduled WorkflowTaskTimedOut WorkflowTaskScheduled",
    );
    assert!(script.service.next_timer().is_none());
    assert_eq!(script.waits_in().as_deref(), Some("sem-tq"));
}

#[test]
fn a_worker_gets_longer_from_the_fourth_attempt_on() {
    let mut script = Script::unrecorded();
    for attempt in 1..=16 {
        let task = script.take();
        assert_eq!(task.token.attempt, attempt);
        let extra = match attempt {
            ..=3 => 0,
            4..=10 => 5 << (attempt - 4),
            _ => 600,
        };
        let (least, most) = (Span::secs(10) + Span::millis(800 * extra), Span::secs(10 + extra));
        let found = script.task_timeout();
        assert!((least..=most).contains(&found), "attempt {attempt}: {found}");
        let started = script.now;
        script.dies();
        script.wait();
        assert_eq!(script.now.since(started), found);
    }
    script.check_since(4, "");
}

// ---- Workflow tasks that fail.

#[test]
fn code_that_fails_leaves_one_failure_however_often_it_is_tried() {
    let mut script = Script::of("sem-buggy2-failing");
    script.take();
    script.fail_task("bug in workflow code", "RuntimeError");
    script.is_like_the_recording();
    for _ in 2..=9 {
        script.take();
        script.wait();
        script.is_like_the_recording();
    }
}

#[test]
fn code_that_is_repaired_goes_on_with_the_attempt_that_is_due() {
    let mut script = Script::of("sem-buggy2");
    script.take();
    script.fail_task("bug in workflow code", "RuntimeError");
    for _ in 2..=4 {
        script.take();
        script.wait();
    }
    script.take_and_return("fixed");
    script.is_like_the_recording();
}

#[test]
fn code_that_fails_in_a_sticky_task_leaves_two_failures() {
    let mut script = Script::of("sem-sticky-bug-failing");
    script.take();
    script.complete(vec![activity("1", "ok", json!(null), within(9))]);
    script.take_activity("1");
    script.succeed("1", json!("x"));
    for _ in 0..2 {
        script.take();
        script.fail_task("bug after first task", "RuntimeError");
    }
    script.is_like_the_recording();
    script.take();
    script.wait();
    script.is_like_the_recording();
}

#[test]
fn a_workflow_that_fails() {
    let mut script = Script::of("sem-misc-fail");
    script.take_and_fail_as_recorded();
    script.is_like_the_recording();
}

// ---- What arrives while a task runs.

/// A run whose second task is running, with activity `2` in a worker's hands and timer `1` due in a second.
fn busy() -> Script {
    let mut script = Script::unrecorded();
    script.take();
    let one = activity("1", "ok", json!("a"), within(10));
    let two = activity("2", "ok", json!("b"), within(10));
    script.complete(vec![one, two, start_timer("1", Span::secs(1))]);
    script.take_activity("1");
    script.take_activity("2");
    script.succeed("1", json!("x"));
    script.take();
    script.check_since(10, "WorkflowTaskStarted");
    script
}

#[test]
fn what_arrives_while_a_task_runs_waits_and_is_the_next_tasks() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    script.check_since(11, "");
    let arrived = script.run().unwritten.buffer[1].event_time;
    let accepted = script.complete(Vec::new());
    script.check_since(
        11,
        "WorkflowTaskCompleted ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled \
         WorkflowTaskStarted",
    );
    let log = &script.run().log;
    assert_eq!(
        log.get(14).unwrap().event_time,
        arrived,
        "with the time at which it arrived"
    );
    assert!(log.get(13).unwrap().event_time < log.get(12).unwrap().event_time);
    let Some(Attributes::WorkflowTaskStartedEventAttributes(started)) = &log.get(16).unwrap().attributes else {
        panic!("event 16 starts the next task");
    };
    assert_eq!(started.request_id, "request-from-RespondWorkflowTaskCompleted");
    let next = accepted.next_task.unwrap();
    let news: Vec<_> = next.events.iter().map(|event| event.event_id).collect();
    assert_eq!(news, [12, 13, 14, 15, 16]);
    assert_eq!(script.waits_in(), None);
    script.complete(vec![returns("done")]);
    script.check_since(16, "WorkflowTaskCompleted WorkflowExecutionCompleted");
}

#[test]
fn what_closes_an_activity_is_written_last() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    script.wait();
    script.complete(Vec::new());
    script.check_since(
        11,
        "WorkflowTaskCompleted ActivityTaskStarted TimerFired ActivityTaskCompleted WorkflowTaskScheduled \
         WorkflowTaskStarted",
    );
}

#[test]
fn the_events_of_commands_come_before_what_arrived_meanwhile() {
    let mut script = busy();
    script.wait();
    script.complete(vec![start_timer("2", Span::secs(9))]);
    script.check_since(
        11,
        "WorkflowTaskCompleted TimerStarted TimerFired WorkflowTaskScheduled WorkflowTaskStarted",
    );
}

#[test]
fn a_workflow_cannot_close_over_what_it_has_not_seen() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    let accepted = script.complete(vec![start_timer("2", Span::secs(9)), returns("done")]);
    assert_eq!(accepted.refused.as_deref(), Some("UnhandledCommand"));
    assert_eq!(accepted.next_task, None);
    script.check_since(
        11,
        "WorkflowTaskFailed ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled",
    );
    let Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) = &script.run().log.get(12).unwrap().attributes
    else {
        panic!("event 12 is the failure");
    };
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::UnhandledCommand);
    let failure = failed.failure.as_ref().unwrap();
    assert_eq!(failure.message, "UnhandledCommand");
    assert!(matches!(failure.failure_info, Some(FailureInfo::ServerFailureInfo(_))));
    assert_eq!(script.waits_in().as_deref(), Some("sem-tq"), "it is no longer sticky");
    script.take_and_return("done");
    script.check_since(
        15,
        "WorkflowTaskStarted WorkflowTaskCompleted WorkflowExecutionCompleted",
    );
}

/// A later attempt that cannot close leaves no failure, as no later attempt does.
#[test]
fn a_transient_task_that_cannot_close_leaves_no_failure() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![
        activity("1", "ok", json!("a"), within(60)),
        start_timer("1", Span::secs(1)),
    ]);
    script.take_activity("1");
    script.wait();
    for _ in 0..2 {
        script.take();
        script.fail_task("bug", "Bug");
    }
    let before = script.last_id();
    let task = script.take();
    assert_eq!(task.token.attempt, 2);
    script.succeed("1", json!("x"));
    script.complete(vec![returns("done")]);
    script.check_since(
        before,
        "ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled",
    );
    assert_eq!(script.take().token.attempt, 1);
}

#[test]
fn a_timer_that_fired_meanwhile_can_still_be_cancelled() {
    let mut script = busy();
    script.wait();
    let accepted = script.complete(vec![cancel_timer("1")]);
    assert_eq!(accepted.next_task, None);
    script.check_since(11, "WorkflowTaskCompleted TimerCanceled");
}

#[test]
fn a_workflow_can_close_over_a_timer_that_it_cancels() {
    let mut script = busy();
    script.wait();
    script.complete(vec![cancel_timer("1"), returns("done")]);
    script.check_since(11, "WorkflowTaskCompleted TimerCanceled WorkflowExecutionCompleted");
}

#[test]
fn cancelling_a_timer_does_not_excuse_anything_else() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    script.wait();
    script.complete(vec![cancel_timer("1"), returns("done")]);
    script.check_since(
        11,
        "WorkflowTaskFailed ActivityTaskStarted TimerFired ActivityTaskCompleted WorkflowTaskScheduled",
    );
}

#[test]
fn what_arrives_during_a_lost_task_makes_the_next_one_a_first_attempt() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    script.dies();
    script.wait();
    script.wait();
    script.check_since(
        11,
        "WorkflowTaskTimedOut ActivityTaskStarted TimerFired ActivityTaskCompleted WorkflowTaskScheduled",
    );
}

/// Like sem-crash-then-signal-pending, with a timer for the signal.
#[test]
fn what_arrives_before_a_later_attempt_makes_it_a_first_one() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![
        activity("1", "ok", json!("a"), within(60)),
        start_timer("1", Span::secs(1)),
    ]);
    script.take_activity("1");
    script.wait();
    for _ in 0..2 {
        script.take();
        script.fail_task("bug", "Bug");
    }
    let before = script.last_id();
    assert_eq!(script.run().unwritten.hand.workflow_task_attempt, 2);
    script.succeed("1", json!("x"));
    script.check_since(before, "ActivityTaskStarted ActivityTaskCompleted");
    let task = script.take();
    assert_eq!(task.token.attempt, 1);
    let log = &script.run().log;
    assert_eq!(
        log.get(before + 3).unwrap().event_time,
        log.get(before + 4).unwrap().event_time
    );
    script.complete(vec![returns("done")]);
    script.check_since(
        before,
        "ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled WorkflowTaskStarted \
         WorkflowTaskCompleted WorkflowExecutionCompleted",
    );
}

// ---- What comes too late.

#[test]
fn the_answer_to_a_lost_task_is_refused() {
    let mut script = Script::unrecorded();
    let lost = script.take().token;
    script.wait();
    let before = script.last_id();
    script.task = Some(lost);
    assert_eq!(script.try_complete(vec![returns("late")]), Err(TaskNotFound));
    let next = script.take().token;
    script.task = Some(lost);
    assert_eq!(script.try_complete(vec![returns("late")]), Err(TaskNotFound));
    script.check_since(before, "");
    script.task = Some(next);
    script.complete(vec![returns("in time")]);
    script.task = Some(next);
    assert_eq!(script.try_complete(vec![returns("twice")]), Err(TaskNotFound));
}

const DONE: ActivityAnswer = ActivityAnswer::Completed { result: None };

#[test]
fn the_answer_to_a_lost_attempt_is_refused() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![activity("1", "slow", json!(null), within(1))]);
    let lost = script.take_activity("1").token;
    script.wait();
    assert_eq!(
        script.answer_activity("1", DONE),
        Err(TaskNotFound),
        "while the retry waits for its time"
    );
    script.wait();
    assert_eq!(
        script.answer_activity("1", DONE),
        Err(TaskNotFound),
        "while it waits for a worker"
    );
    script.take_activity("1");
    script.attempts.insert("lost".to_owned(), lost);
    assert_eq!(script.answer_activity("lost", DONE), Err(TaskNotFound), "while it runs");
    assert_eq!(script.answer_activity("1", DONE), Ok(()));
    assert_eq!(
        script.answer_activity("1", DONE),
        Err(TaskNotFound),
        "after it has ended"
    );
    assert_eq!(script.run().log.last_id(), 8);
}

#[test]
fn the_work_of_a_closed_run_vanishes() {
    let mut script = busy();
    let third = activity("3", "ok", json!("c"), within(10));
    script.complete(vec![third, returns("done")]);
    assert!(!script.run().is_open());
    assert!(
        script.service.queues().waiting().next().is_none(),
        "nobody is sent to activity 3"
    );
    assert!(script.service.next_timer().is_none(), "no timer means anything");
    assert_eq!(script.answer_activity("2", DONE), Err(TaskNotFound));
    script.check_since(
        11,
        "WorkflowTaskCompleted ActivityTaskScheduled WorkflowExecutionCompleted",
    );
}

/// A timer that lost its meaning is passed over, not fired.
#[test]
fn limits_that_were_kept_do_not_fire() {
    let mut script = busy();
    script.succeed("2", json!("y"));
    assert!(matches!(script.wait(), TimerTask::UserTimer { .. }));
    script.complete(Vec::new());
    script.complete(Vec::new());
    assert!(script.service.next_timer().is_none());
    let mut kinds = Vec::new();
    let mut script = busy();
    while let Some((_, task)) = script.service.fire_next_timer() {
        if let TimerTask::WorkflowTaskTimeout { kind, .. } | TimerTask::ActivityTimeout { kind, .. } = task {
            kinds.push(kind);
        }
        if kinds.len() == 2 {
            break;
        }
    }
    assert_eq!(kinds, [TimeoutType::StartToClose; 2]);
}
