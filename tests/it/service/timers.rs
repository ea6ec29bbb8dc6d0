//! Timers, and the limits of activities where they meet.

use sagascope::base::time::Span;
use sagascope::history::proto::{Attributes, RetryState, event_name};
use sagascope::history::timestamp::span;
use sagascope::service::timer::TimerTask;
use serde_json::json;

use crate::script::{Script, activity, policy, start_timer, within};

#[test]
fn timers_of_all_lengths_also_of_none() {
    for name in ["sem-timers2", "sem-timers-short"] {
        let mut script = Script::of(name);
        script.take_and_go_on();
        while script.run().is_open() {
            script.wait();
            script.take_and_go_on();
        }
        script.is_like_the_recording();
    }
}

#[test]
fn a_timer_is_never_longer_than_a_hundred_years() {
    const CENTURY: Span = Span::secs(3_153_600_000);
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![start_timer("1", CENTURY + Span::secs(1))]);
    let start = script.now;
    let Some(Attributes::TimerStartedEventAttributes(timer)) = &script.run().log.get(5).unwrap().attributes else {
        panic!("event 5 starts the timer");
    };
    assert_eq!(span(timer.start_to_fire_timeout.as_ref()), CENTURY);
    script.wait();
    assert_eq!(script.now.since(start), CENTURY);
}

/// Limits that run out together are one transaction: by activity, and in each by the number of the limit. What one of
/// them has ended the others pass over.
#[test]
fn limits_that_run_out_together() {
    let mut script = Script::unrecorded();
    script.take();
    let whole = |id| {
        activity(id, "slow", json!(null), |request| {
            request.schedule_to_close = Span::secs(2)
        })
    };
    script.complete(vec![whole("1"), whole("2")]);
    script.wait();
    script.check_since(6, "ActivityTaskTimedOut ActivityTaskTimedOut WorkflowTaskScheduled");
    for (event, scheduled) in [(7, 5), (8, 6)] {
        let Some(Attributes::ActivityTaskTimedOutEventAttributes(out)) =
            &script.run().log.get(event).unwrap().attributes
        else {
            panic!("checked a line ago");
        };
        assert_eq!(out.scheduled_event_id, scheduled);
        assert_eq!(
            out.failure.as_ref().unwrap().message,
            "activity ScheduleToStart timeout"
        );
        assert_eq!(out.retry_state(), RetryState::Timeout);
    }
    let limits = script.service.live_timers().map(|(_, task)| task.clone());
    assert!(
        limits
            .into_iter()
            .all(|task| matches!(task, TimerTask::WorkflowTaskTimeout { .. }))
    );
}

/// Of two attempts that run out, one may be tried again and the other not.
#[test]
fn an_attempt_that_is_tried_again_ends_nothing() {
    let mut script = Script::unrecorded();
    script.take();
    let attempts = |id: &'static str, most| {
        activity(id, "slow", json!(null), move |request| {
            within(2)(request);
            request.retry_policy = policy(100, most);
        })
    };
    script.complete(vec![attempts("1", 2), attempts("2", 1)]);
    script.take_activity("1");
    script.take_activity("2");
    script.wait();
    script.check_since(6, "");
    script.wait();
    let names: Vec<_> = script
        .run()
        .log
        .since(6)
        .iter()
        .map(|e| event_name(e.event_type()))
        .collect();
    assert_eq!(
        names,
        ["ActivityTaskStarted", "ActivityTaskTimedOut", "WorkflowTaskScheduled"]
    );
    assert!(
        script
            .run()
            .activity(5)
            .is_some_and(|activity| activity.attempt.number == 2)
    );
}

/// No limit of an activity is longer than that of its run, which stands in for those that are not set.
#[test]
fn the_limit_of_a_run_is_one_of_its_activities() {
    let mut script = Script::unrecorded_within(Span::secs(30));
    assert_eq!(script.run().task_timeout, Span::secs(10));
    script.take();
    script.complete(vec![
        activity("1", "a", json!(null), within(60)),
        activity("2", "a", json!(null), |request| {
            request.schedule_to_close = Span::secs(20);
            request.heartbeat = Span::secs(90);
        }),
    ]);
    let limits = |id| {
        let Some(Attributes::ActivityTaskScheduledEventAttributes(a)) = &script.run().log.get(id).unwrap().attributes
        else {
            panic!("event {id} schedules an activity");
        };
        [
            &a.schedule_to_close_timeout,
            &a.schedule_to_start_timeout,
            &a.start_to_close_timeout,
            &a.heartbeat_timeout,
        ]
        .map(|limit| span(limit.as_ref()).0 / 1_000_000_000)
    };
    assert_eq!(limits(5), [30, 30, 30, 0]);
    assert_eq!(limits(6), [20, 20, 20, 20]);
}

#[test]
fn a_client_may_give_workers_more_time_or_less() {
    for (task, run, expected) in [(0, 0, 10), (30, 0, 30), (500, 0, 120), (30, 20, 20), (0, 2, 2)] {
        let script = Script::unrecorded_with(|start| {
            start.task_timeout = Span::secs(task);
            start.run_timeout = Span::secs(run);
        });
        assert_eq!(
            script.run().task_timeout,
            Span::secs(expected),
            "{task} s in a run of {run} s"
        );
        assert_eq!(script.task_timeout(), Span::secs(expected));
    }
}
