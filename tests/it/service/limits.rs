//! Too much of something: what ends a run, what fails a task, what is cut.

use sagascope::base::time::Span;
use sagascope::contract::answer::{ActivityAnswer, Command};
use sagascope::contract::request::{Refusal, Target, Update};
use sagascope::history::proto::temporal::api::enums::v1::SuggestContinueAsNewReason;
use sagascope::history::proto::{
    Attributes, Failure, MarkerRecordedEventAttributes, Memo, WorkflowTaskStartedEventAttributes,
};
use sagascope::history::{payload, rules};
use sagascope::service::Polled;
use sagascope::service::limits::Large;
use sagascope::service::run::RunStatus;
use serde_json::json;

use crate::agreement::disagreement;
use crate::script::{Script, activity, application, returns, start_timer, within};

/// The last event is the end of the run by the Service itself.
#[track_caller]
fn check_ended(script: &Script, reason: &str) {
    assert_eq!(script.run().status(), RunStatus::Terminated);
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

/// Nothing of the answer has ever been.
#[test]
fn a_history_of_too_many_events_ends_the_run() {
    let mut script = Script::bare("bare-long-history");
    script.take();
    let timers = |count: u32| {
        (0..count)
            .map(|id| start_timer(&id.to_string(), Span::secs(100)))
            .collect()
    };
    let accepted = script.complete(timers(60));
    assert_eq!(
        accepted.refused.as_deref(),
        Some("Workflow history count exceeds limit.")
    );
    script.is_like_the_recording();
    check_ended(&script, "Workflow history count exceeds limit.");
    assert!(script.service.next_timer().is_none());

    let mut script = Script::bare("bare-long-history");
    script.take();
    assert_eq!(script.complete(timers(56)).refused, None);
    script.wait();
    script.check_since(60, "WorkflowExecutionTerminated");
}

/// Also not what a client would have been told.
#[test]
fn an_update_that_such_an_answer_completes_has_failed() {
    for accepted_before in [false, true] {
        let mut script = Script::unrecorded_under(|limits| limits.history_events = 12);
        script.take();
        let update = Update {
            update_id: "u".to_owned(),
            name: "add".to_owned(),
            ..Update::default()
        };
        let target = Target::latest(&script.run().workflow_id);
        let ticket = script.service.update(script.now, &target, update).unwrap();
        script.complete(Vec::new());
        let update_id = || "u".to_owned();
        let accept = Command::AcceptUpdate { update_id: update_id() };
        let done = Command::CompleteUpdate {
            update_id: update_id(),
            outcome: Ok(Some(payload::json(&json!(1)))),
        };
        let mut commands = vec![accept, done];
        if accepted_before {
            script.complete(vec![commands.remove(0)]);
            script.is_told(1);
            script.take();
        }
        let timers = (0..10).map(|id| start_timer(&id.to_string(), Span::secs(100)));
        commands.extend(timers);
        let accepted = script.complete(commands);
        assert_eq!(
            accepted.refused.as_deref(),
            Some("Workflow history count exceeds limit.")
        );
        check_ended(&script, "Workflow history count exceeds limit.");
        let replies = script.service.take_replies();
        let [reply] = replies.as_slice() else {
            panic!("one client, one reply: {replies:?}");
        };
        assert_eq!(reply.ticket, ticket);
        match (&reply.outcome, accepted_before) {
            (Err(Refusal::NotFound(_)), false) | (Err(Refusal::Handler(_)), true) => {}
            other => panic!("{other:?}"),
        }
        assert!(script.run().state.updates_done.is_empty());
        assert_eq!(disagreement(script.run()), None);
    }
}

/// The limits are those of a real server. Each activity has six events.
#[test]
fn ten_thousand_activities_are_too_many_for_one_run() {
    let mut script = Script::unrecorded();
    script.take();
    let mut activities = 0;
    loop {
        let id = activities.to_string();
        let accepted = script.complete(vec![activity(&id, "a", json!(null), within(5))]);
        assert_eq!(accepted.refused, None);
        script.take_activity(&id);
        script.succeed(&id, json!(null));
        activities += 1;
        let (_, task) = script.waiting(|_| true).expect("the workflow has to hear of it");
        match script.service.poll(script.now, task, &script.poller()) {
            Some(Polled::Workflow(task)) => script.task = Some(task.token),
            other => {
                assert_eq!(other, None, "its start is one event too many");
                break;
            }
        }
    }
    check_ended(&script, "Workflow history count exceeds limit.");
    assert_eq!((activities, script.run().log.len()), (8_533, 51_201));
    assert_eq!(disagreement(script.run()), None);
    assert!(rules::check(script.run().log.events()).is_empty());
}

#[test]
fn a_history_may_grow_beyond_the_limit_by_its_end() {
    let mut script = Script::unrecorded_under(|limits| limits.history_events = 3);
    script.take();
    script.complete(vec![returns("x")]);
    assert_eq!(script.run().status(), RunStatus::Completed);
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
    let mut script = Script::bare("bare-suggest");
    script.take_and_go_on();
    script.wait();
    script.take_and_go_on();
    script.is_like_the_recording();
}

#[test]
fn so_is_a_large_one() {
    use SuggestContinueAsNewReason as Reason;
    let mut script = Script::unrecorded_under(|limits| {
        limits.suggest_events = 8;
        limits.suggest_bytes = 900;
        limits.warn_events = 7;
    });
    script.take();
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

/// Payloads over the limit end the run, with the task that brought them.
#[test]
fn payloads_that_are_too_large_end_the_run() {
    let large = json!("x".repeat(30_000));
    let note = payload::json(&large);
    let fields = [("a".to_owned(), note.payloads[0].clone())].into();
    let marker = MarkerRecordedEventAttributes {
        marker_name: "m".to_owned(),
        details: [("d".to_owned(), note)].into(),
        ..Default::default()
    };
    for (name, command) in [
        ("bare-large-input", activity("1", "a", large.clone(), within(5))),
        ("bare-large-result", returns(large)),
        ("bare-large-marker", Command::RecordMarker(marker.into())),
        (
            "bare-large-memo",
            Command::ModifyProperties {
                upserted_memo: Memo { fields },
            },
        ),
    ] {
        let mut script = Script::bare(name);
        script.take();
        let accepted = script.complete(vec![start_timer("1", Span::secs(9)), command]);
        script.is_like_the_recording();
        check_ended(&script, &accepted.refused.unwrap());
    }
}

/// Those of activities make a failure of whatever brought them.
#[test]
fn payloads_of_activities_that_are_too_large() {
    let mut script = Script::bare("bare-large-answers");
    script.take_and_go_on();
    for id in ["a", "b", "c", "d"] {
        script.take_activity(id);
    }
    let large = json!("x".repeat(30_000));
    script.succeed("a", large.clone());
    assert!(script.heartbeat("b", large.clone()), "it need not go on");
    script.fail("c", application(&"m".repeat(30_000), "T"));
    let answer = ActivityAnswer::Failed {
        failure: application("small", "T").into(),
        last_heartbeat: Some(payload::json(&large)),
    };
    script.answer_activity("d", answer).unwrap();
    script.is_like_the_recording();
}

/// Only so much of a failure is kept for the next attempt: first the type, then the message, then the stack trace.
#[test]
fn a_long_failure_is_cut_before_it_is_kept() {
    let mut script = Script::bare("bare-kept-failure");
    script.foreign = false;
    script.take_and_go_on();
    script.take_activity("1");
    let long = Failure {
        stack_trace: "ä".repeat(3_000),
        ..application("m", "T")
    };
    script.fail("1", long);
    script.wait();
    script.take_activity("1");
    script.succeed("1", json!(1));
    script.is_like_the_recording_from(4, 4);
}

#[test]
fn only_so_many_activities_may_be_pending() {
    let mut script = Script::bare("bare-pending");
    script.take();
    let activities = (0..6).map(|id| activity(&id.to_string(), "a", json!(null), within(5)));
    script.complete(activities.collect());
    script.is_like_the_recording();
}

/// What has arrived has to be written some time: the task that keeps it back is given up.
#[test]
fn too_much_may_not_arrive_while_a_task_runs() {
    let mut script = Script::bare("bare-buffered");
    script.take();
    (0..6).for_each(|number| script.is_told(number));
    script.is_like_the_recording();
    assert_eq!(script.take().attempt, 2);

    let mut script = Script::bare("bare-buffered-sticky");
    script.keeps = true;
    script.take_and_go_on();
    script.wait();
    script.take();
    (0..6).for_each(|number| script.is_told(number));
    script.is_like_the_recording();
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
