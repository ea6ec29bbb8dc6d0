//! Answers to workflow tasks that the Service does not take. The words are those of server 1.32.

use sagascope::base::time::Span;
use sagascope::contract::answer::{ActivityAnswer, Command, ScheduleActivity, Sticky, WorkflowTaskAnswer};
use sagascope::history::payload;
use sagascope::history::proto::{
    Attributes, Memo, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes, RetryPolicy, SearchAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, TaskQueueKind, WorkflowExecution, WorkflowTaskFailedCause,
};
use sagascope::history::timestamp::duration;
use serde_json::json;

use crate::script::{Script, activity, cancel_timer, policy, returns, start_timer, within};

/// What becomes of a first task that is answered with `commands`, after a first activity `a` (event 5) and a timer `t`
/// have been asked for.
#[track_caller]
fn check(commands: Vec<Command>, cause: WorkflowTaskFailedCause, message: &str) {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![
        activity("a", "a", json!(null), within(60)),
        activity("b", "b", json!(null), within(60)),
        start_timer("t", Span::secs(60)),
        start_timer("soon", Span::secs(1)),
    ]);
    script.take_activity("b");
    script.wait();
    let before = script.take().started_event_id;
    let accepted = script.complete(commands);
    assert_eq!(accepted.refused.as_deref(), Some(message));
    script.check_since(before, "WorkflowTaskFailed WorkflowTaskScheduled");
    let log = &script.run().log;
    let Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) = &log.get(before + 1).unwrap().attributes else {
        panic!("checked a line ago");
    };
    assert_eq!(failed.cause(), cause);
    assert_eq!(failed.failure.as_ref().unwrap().message, message);
    let Some(Attributes::WorkflowTaskScheduledEventAttributes(next)) = &log.get(before + 2).unwrap().attributes else {
        panic!("checked a line ago");
    };
    assert_eq!(next.task_queue.as_ref().unwrap().kind(), TaskQueueKind::Normal);
    // Nothing of it has been done, and the code may do it right the next time.
    script.take();
    script.complete(vec![returns("x")]);
}

#[track_caller]
fn check_activity(change: impl FnOnce(&mut ScheduleActivity), wrong: &str) {
    let command = activity("c", "c", json!(null), |request| {
        within(9)(request);
        change(request);
    });
    check(
        vec![start_timer("2", Span::secs(1)), command],
        WorkflowTaskFailedCause::BadScheduleActivityAttributes,
        &format!("BadScheduleActivityAttributes: {wrong}"),
    );
}

/// Each was recorded: the one answer, the failure, and nothing after it.
#[test]
fn answers_that_were_refused_on_a_real_server() {
    let one = |id, queue: &'static str, seconds| {
        activity(id, "a", json!(null), move |request| {
            request.task_queue = queue.to_owned();
            request.start_to_close = Span::secs(seconds);
        })
    };
    let weak = activity("1", "a", json!(null), |request| {
        within(5)(request);
        request.retry_policy = Some(RetryPolicy {
            backoff_coefficient: 0.5,
            ..Default::default()
        });
    });
    let own = [("WorkflowId".to_owned(), payload::json(&json!("x")).payloads.remove(0))];
    let cancel = |id| Command::RequestCancelActivity { scheduled_event_id: id };
    for (name, commands) in [
        ("no-limit", vec![one("1", "", 0)]),
        ("duplicate-activity", vec![one("1", "", 5), one("1", "", 5)]),
        (
            "duplicate-timer",
            vec![start_timer("1", Span::secs(5)), start_timer("1", Span::secs(5))],
        ),
        ("cancel-timer", vec![cancel_timer("9")]),
        ("cancel-activity", vec![cancel(99)]),
        ("cancel-activity-zero", vec![cancel(0)]),
        ("policy", vec![weak]),
        ("queue", vec![one("1", "/_sys/x", 5)]),
        ("marker", vec![Command::RecordMarker(Box::default())]),
        (
            "sa-empty",
            vec![Command::UpsertSearchAttributes(SearchAttributes::default())],
        ),
        (
            "sa-system",
            vec![Command::UpsertSearchAttributes(SearchAttributes {
                indexed_fields: own.into(),
            })],
        ),
        (
            "memo-empty",
            vec![Command::ModifyProperties {
                upserted_memo: Memo::default(),
            }],
        ),
    ] {
        let mut script = Script::bare(&format!("bare-refused-{name}"));
        script.take();
        script.complete(commands);
        script.is_like_the_recording();
    }
}

#[test]
fn a_queue_with_too_long_a_name() {
    let mut script = Script::of("sem-act-badact");
    script.take();
    script.complete(vec![activity("1", "ok", json!("x"), |request| {
        within(5)(request);
        request.task_queue = "q".repeat(1_001);
    })]);
    script.is_like_the_recording_up_to(4);
}

#[test]
fn activities_that_lack_something() {
    check_activity(|request| request.activity_id = String::new(), "activityId is not set");
    check_activity(
        |request| request.activity_type = String::new(),
        "activityType is not set",
    );
    check_activity(
        |request| request.start_to_close = Span::ZERO,
        "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity. ActivityId=c ActivityType=c",
    );
    check_activity(
        |request| request.activity_id = "c".repeat(1_001),
        "activityId exceeds length limit. Length=1001 Limit=1000",
    );
    check_activity(
        |request| request.retry_policy = policy(1_000, -1),
        "MaximumAttempts cannot be negative on retry policy.",
    );
    let policy = |change: fn(&mut RetryPolicy)| {
        move |request: &mut ScheduleActivity| {
            let mut policy = RetryPolicy::default();
            change(&mut policy);
            request.retry_policy = Some(policy);
        }
    };
    check_activity(
        policy(|policy| policy.backoff_coefficient = 0.5),
        "BackoffCoefficient cannot be less than 1 on retry policy.",
    );
    check_activity(
        policy(|policy| policy.maximum_interval = Some(duration(Span::millis(1)))),
        "MaximumInterval cannot be less than InitialInterval on retry policy.",
    );
    check_activity(
        policy(|policy| policy.non_retryable_error_types = vec!["TemporalTimeout:Nap".to_owned()]),
        "Invalid timeout type value: Nap.",
    );
}

#[test]
fn things_that_are_there_already_or_are_not_there() {
    use WorkflowTaskFailedCause as Cause;
    let again = activity("a", "a", json!(null), within(9));
    check(
        vec![again],
        Cause::ScheduleActivityDuplicateId,
        "ScheduleActivityDuplicateId: invalid history builder state for action: add-activitytask-scheduled-event, \
         ActivityID: a",
    );
    check(
        vec![start_timer("t", Span::secs(1))],
        Cause::StartTimerDuplicateId,
        "StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: t",
    );
    check(
        vec![start_timer("u", Span::secs(1)), start_timer("u", Span::secs(1))],
        Cause::StartTimerDuplicateId,
        "StartTimerDuplicateId: invalid history builder state for action: add-timer-started-event, TimerID: u",
    );
    check(
        vec![cancel_timer("t"), cancel_timer("t")],
        Cause::BadCancelTimerAttributes,
        "BadCancelTimerAttributes: invalid history builder state for action: add-timer-canceled-event, TimerID: t",
    );
    check(
        vec![start_timer("", Span::secs(1))],
        Cause::BadStartTimerAttributes,
        "BadStartTimerAttributes: TimerId is not set on StartTimerCommand.",
    );
    for (ids, named) in [(&[99][..], 99), (&[6, 6], 6)] {
        let cancel = |id: &i64| Command::RequestCancelActivity {
            scheduled_event_id: *id,
        };
        check(
            ids.iter().map(cancel).collect(),
            Cause::BadRequestCancelActivityAttributes,
            &format!(
                "BadRequestCancelActivityAttributes: invalid history builder state for action: \
                 add-activitytask-cancel-requested-event, ScheduledEventID: {named}"
            ),
        );
    }
    check(
        vec![Command::RequestCancelActivity { scheduled_event_id: 0 }],
        Cause::BadRequestCancelActivityAttributes,
        "BadRequestCancelActivityAttributes: ScheduledEventId is not set on RequestCancelActivityTaskCommand.",
    );
}

/// The target of a signal or of a request to stop.
fn target(workflow_id: &str) -> Option<WorkflowExecution> {
    Some(WorkflowExecution {
        workflow_id: workflow_id.to_owned(),
        run_id: String::new(),
    })
}

#[test]
fn messages_to_other_workflows_that_lack_something() {
    use WorkflowTaskFailedCause as Cause;
    let signal = |workflow_id, name: &str| {
        let signal = SignalExternalWorkflowExecutionInitiatedEventAttributes {
            workflow_execution: target(workflow_id),
            signal_name: name.to_owned(),
            ..Default::default()
        };
        Command::SignalExternal(signal.into())
    };
    let cancel = |workflow_id| {
        let cancel = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
            workflow_execution: target(workflow_id),
            ..Default::default()
        };
        Command::RequestCancelExternal(cancel.into())
    };
    check(
        vec![signal("", "s")],
        Cause::BadSignalWorkflowExecutionAttributes,
        "BadSignalWorkflowExecutionAttributes: WorkflowId is not set on SignalExternalWorkflowExecutionCommand. \
         Namespace= RunId= SignalName=s",
    );
    check(
        vec![signal("w", "")],
        Cause::BadSignalWorkflowExecutionAttributes,
        "BadSignalWorkflowExecutionAttributes: SignalName is not set on SignalExternalWorkflowExecutionCommand. \
         WorkflowId=w Namespace= RunId=",
    );
    check(
        vec![cancel("")],
        Cause::BadRequestCancelExternalWorkflowExecutionAttributes,
        "BadRequestCancelExternalWorkflowExecutionAttributes: WorkflowId is not set on \
         RequestCancelExternalWorkflowExecutionCommand. Namespace= RunId=",
    );
    let mut script = Script::unrecorded_under(|limits| limits.pending_signals = 1);
    script.take();
    assert_eq!(
        script
            .complete(vec![signal("w", "s"), signal("w", "s")])
            .refused
            .as_deref(),
        Some(
            "PendingSignalsLimitExceeded: the number of pending signals to external workflows, 1, has reached the \
             per-workflow limit of 1"
        )
    );
}

/// An id is free again once its activity or timer has ended, also within one answer.
#[test]
fn ids_can_be_used_again() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![
        activity("a", "a", json!(null), within(60)),
        start_timer("t", Span::secs(60)),
        start_timer("now", Span::ZERO),
    ]);
    script.wait();
    script.take();
    let accepted = script.complete(vec![
        cancel_timer("t"),
        start_timer("t", Span::secs(1)),
        Command::RequestCancelActivity { scheduled_event_id: 5 },
        activity("a", "a", json!(null), within(60)),
    ]);
    assert_eq!(accepted.refused, None);
}

/// A later attempt that is refused leaves nothing, and is not known to have ended: it runs out.
#[test]
fn a_later_attempt_is_left_to_run_out() {
    let mut script = Script::unrecorded();
    script.take();
    script.fail_task("bug", "Bug");
    let before = script.last_id();
    assert_eq!(script.take().attempt, 2);
    let accepted = script.complete(vec![cancel_timer("9")]);
    assert!(accepted.refused.is_some());
    assert!(script.run().workflow_task().unwrap().is_started());
    script.wait();
    script.check_since(before, "");
    assert_eq!(script.take().attempt, 3);
}

/// Unless it is because of what arrived meanwhile.
#[test]
fn a_later_attempt_that_has_not_seen_everything() {
    let mut script = Script::bare("bare-unhandled-transient");
    script.take();
    script.fail_task("bug", "Bug");
    script.take();
    script.is_told(1);
    assert_eq!(
        script.complete(vec![returns(1)]).refused.as_deref(),
        Some("UnhandledCommand")
    );
    script.take_and_go_on();
    script.is_like_the_recording_from(5, 5);
}

/// Commands after the one that ends the run are beyond words: not even a failure is written.
#[test]
fn nothing_comes_after_the_end() {
    let mut script = Script::unrecorded();
    script.take();
    let accepted = script.complete(vec![returns("x"), start_timer("1", Span::secs(1))]);
    assert_eq!(
        accepted.refused.as_deref(),
        Some(
            "invalid command sequence: [CompleteWorkflowExecution, StartTimer], command CompleteWorkflowExecution must \
             be the last command."
        )
    );
    script.check_since(3, "");
    script.wait();
    script.check_since(3, "WorkflowTaskTimedOut");
}

/// What a worker could not even send ends the run.
#[test]
fn an_answer_too_large_to_be_sent() {
    let mut script = Script::unrecorded();
    script.take();
    let answer = WorkflowTaskAnswer::Failed {
        cause: WorkflowTaskFailedCause::GrpcMessageTooLarge,
        failure: Box::default(),
    };
    script.answer(answer).unwrap();
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionTerminated");
}

/// An eager activity that is cancelled in the same answer is not handed out.
#[test]
fn an_eager_activity_is_handed_out_with_the_answer() {
    let mut script = Script::unrecorded();
    script.take();
    let accepted = script.complete(vec![activity("1", "a", json!(null), |request| {
        within(5)(request);
        request.request_eager = true;
    })]);
    assert_eq!(accepted.eager_activities.len(), 1);
    script
        .answer_activity(
            "1",
            ActivityAnswer::Completed {
                result: Some(payload::json(&json!(1))),
            },
        )
        .unwrap();
}

/// A worker that leaves in good order is not waited for.
#[test]
fn a_worker_that_says_goodbye_is_passed_over_at_once() {
    let mut script = Script::unrecorded();
    script.take();
    let Ok(_) = script.answer(WorkflowTaskAnswer::Completed {
        commands: vec![start_timer("1", Span::secs(1))],
        user_metadata: Vec::new(),
        sticky: Some(Sticky {
            queue: "worker-1".to_owned(),
            schedule_to_start: Span::secs(10),
        }),
        first_of_run: true,
        queries: Vec::new(),
        wants_next_task: false,
    }) else {
        panic!("the task is known");
    };
    script.service.worker_left(script.now, "worker-1");
    script.wait();
    assert_eq!(script.waits_in().as_deref(), Some("sem-tq"));
    assert!(script.run().workflow_task().unwrap().is_sticky());
    script.starts();
    let task = script.take();
    assert_eq!(task.events.first().map(|event| event.event_id), Some(1));
}
