//! Updates: which events they leave, and which tasks never were.

use sagascope::base::time::Span;
use sagascope::contract::answer::{Accepted, Command};
use sagascope::contract::request::{Refusal, Signal, Target, Ticket, Update};
use sagascope::contract::task::WorkflowTask;
use sagascope::history::payload;
use sagascope::history::proto::{Attributes, FailureInfo, TimeoutType};
use sagascope::service::timer::TimerTask;
use serde_json::{Value, json};

use crate::script::{Script, application, returns, start_timer};

fn asks(id: &str, name: &str, arg: Value) -> Update {
    Update {
        update_id: id.to_owned(),
        name: name.to_owned(),
        args: (!arg.is_null()).then(|| payload::json(&arg)),
        identity: "client".to_owned(),
    }
}

fn ask(script: &mut Script, update: Update) -> Result<Ticket, Refusal> {
    script.a_moment_later();
    let target = Target::latest(&script.run().workflow_id);
    script.service.update(script.now, &target, update)
}

fn up(script: &mut Script, id: &str) -> Ticket {
    ask(script, asks(id, "up", json!("1"))).expect("it is admitted")
}

fn signal(script: &mut Script, name: &str, input: Value) {
    script.a_moment_later();
    let target = Target::latest(&script.run().workflow_id);
    let signal = Signal {
        name: name.to_owned(),
        input: (!input.is_null()).then(|| payload::json(&input)),
        identity: "client".to_owned(),
        ..Signal::default()
    };
    script.service.signal(script.now, &target, signal).unwrap();
}

fn accept(id: &str) -> Command {
    Command::AcceptUpdate {
        update_id: id.to_owned(),
    }
}

fn complete(id: &str, value: &str) -> Command {
    Command::CompleteUpdate {
        update_id: id.to_owned(),
        outcome: Ok(Some(payload::json(&json!(value)))),
    }
}

fn reject(id: &str) -> Command {
    Command::RejectUpdate {
        update_id: id.to_owned(),
        failure: Box::new(application("no", "V")),
    }
}

/// What was replied since the last look.
fn replies(script: &mut Script) -> Vec<(Ticket, Result<Value, Refusal>)> {
    let replies = script.service.take_replies().into_iter();
    let value = |outcome: Result<_, _>| outcome.map(|result: Option<_>| payload::first_value(result.as_ref()));
    replies.map(|reply| (reply.ticket, value(reply.outcome))).collect()
}

/// The type of the failure that a client is told.
fn failure_type(refusal: &Refusal) -> &str {
    let Refusal::Handler(failure) = refusal else {
        panic!("{refusal:?} is not about the handler")
    };
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) => &info.r#type,
        _ => "",
    }
}

/// An idle run, in the memory of its worker: four events.
fn idle() -> Script {
    let mut script = Script::unrecorded();
    script.take();
    script.complete(vec![]);
    script
}

fn ids(task: &WorkflowTask) -> Vec<i64> {
    task.events.iter().map(|event| event.event_id).collect()
}

// ---- As recorded.

#[test]
fn an_update_that_comes_before_the_first_task_goes_with_it() {
    let mut script = Script::of("sem-updates-1");
    let ticket = up(&mut script, "upd-1");
    let task = script.take();
    assert_eq!(task.updates[0].sequencing_event_id, 2);
    script.complete(vec![accept("upd-1"), start_timer("1", Span::millis(300))]);
    script.wait();
    script.take();
    script.complete(vec![complete("upd-1", "upd 1")]);
    script.is_like_the_recording();
    assert_eq!(replies(&mut script), [(ticket, Ok(json!("upd 1")))]);
}

#[test]
fn updates_of_an_idle_run_make_tasks_of_their_own_and_a_rejected_one_leaves_no_trace() {
    let mut script = Script::of("sem-updates2");
    script.take();
    script.complete(vec![]);
    signal(&mut script, "add", json!("s"));
    let update = asks("upd-2", "up", json!("2"));
    ask(&mut script, update).unwrap();
    script.take();
    script.complete(vec![accept("upd-2"), start_timer("1", Span::millis(300))]);
    script.wait();
    script.take();
    script.complete(vec![complete("upd-2", "upd 2")]);

    let refused = asks("upd-r", "up", json!("bad"));
    ask(&mut script, refused).unwrap();
    assert_eq!(ids(&script.take()), [14, 15, 16, 17]);
    script.complete(vec![reject("upd-r")]);

    let failing = asks("upd-f", "upfail", Value::Null);
    ask(&mut script, failing).unwrap();
    let task = script.take();
    assert_eq!(ids(&task), [14, 15, 16, 17]);
    let Some(Attributes::WorkflowExecutionUpdateCompletedEventAttributes(recorded)) =
        script.recording[19].attributes.clone()
    else {
        panic!("it completed");
    };
    let Some(sagascope::history::proto::outcome::Value::Failure(failure)) = recorded.outcome.unwrap().value else {
        panic!("it failed");
    };
    let outcome = Err(Box::new(failure));
    let update_id = "upd-f".to_owned();
    script.complete(vec![accept("upd-f"), Command::CompleteUpdate { update_id, outcome }]);

    let update = asks("upd-3", "up", json!("3"));
    ask(&mut script, update).unwrap();
    script.take();
    script.complete(vec![accept("upd-3"), start_timer("2", Span::millis(300))]);
    script.wait();
    script.take();
    script.complete(vec![complete("upd-3", "upd 3")]);
    signal(&mut script, "add", json!("s2"));
    script.take_and_return_value(json!(["s", "u2", "u3", "s2"]));
    script.is_like_the_recording();

    let told: Vec<_> = replies(&mut script)
        .iter()
        .map(|(_, outcome)| {
            outcome
                .as_ref()
                .map(Value::to_string)
                .map_err(|e| failure_type(e).to_owned())
        })
        .collect();
    let v = |type_name: &str| Err(type_name.to_owned());
    let ok = |text: &str| Ok(json!(text).to_string());
    assert_eq!(told, [ok("upd 2"), v("V"), v("UF"), ok("upd 3")]);
}

// ---- Tasks that never were, until something happens.

#[test]
fn nothing_is_written_until_an_update_is_accepted() {
    let mut script = idle();
    up(&mut script, "u");
    script.check_since(4, "");
    let task = script.take();
    script.check_since(4, "");
    assert_eq!(ids(&task), [4, 5, 6]);
    assert_eq!((task.started_event_id, task.previous_started_event_id), (6, 3));
    script.complete(vec![accept("u"), complete("u", "done")]);
    script.check_since(
        4,
        "WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskCompleted WorkflowExecutionUpdateAccepted \
         WorkflowExecutionUpdateCompleted",
    );
}

#[test]
fn the_limit_of_a_task_that_never_was_does_not_hit_the_next_one() {
    let mut script = idle();
    up(&mut script, "one");
    script.take();
    script.complete(vec![reject("one")]);
    script.pass(Span::secs(8));
    up(&mut script, "two");
    script.take();
    script.pass(Span::secs(4));
    script.complete(vec![reject("two")]);
    script.check_since(4, "");
    assert_eq!(script.service.next_timer(), None);
}

#[test]
fn a_signal_makes_a_waiting_task_real() {
    let mut script = idle();
    up(&mut script, "u");
    signal(&mut script, "add", Value::Null);
    script.check_since(4, "WorkflowTaskScheduled WorkflowExecutionSignaled");
    let task = script.take();
    assert_eq!(task.updates[0].sequencing_event_id, 6);
    script.complete(vec![reject("u")]);
    script.check_since(6, "WorkflowTaskStarted WorkflowTaskCompleted");
}

#[test]
fn a_signal_makes_a_running_task_real_and_comes_after_it() {
    let mut script = idle();
    up(&mut script, "u");
    script.take();
    signal(&mut script, "add", Value::Null);
    script.check_since(4, "WorkflowTaskScheduled WorkflowTaskStarted");
    let Some(Attributes::WorkflowTaskStartedEventAttributes(started)) = &script.run().log.events()[5].attributes else {
        panic!("it started");
    };
    assert_eq!(started.identity, "");
    script.complete(vec![reject("u")]);
    script.check_since(
        6,
        "WorkflowTaskCompleted WorkflowExecutionSignaled WorkflowTaskScheduled WorkflowTaskStarted",
    );
}

#[test]
fn a_task_that_takes_too_long_becomes_real_by_that() {
    let mut script = idle();
    let ticket = up(&mut script, "u");
    script.take();
    script.dies();
    let fired = script.wait();
    let start_to_close = |task: &TimerTask| matches!(task, TimerTask::WorkflowTaskTimeout { kind, .. } if *kind == TimeoutType::StartToClose);
    assert!(start_to_close(&fired));
    script.check_since(
        4,
        "WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskTimedOut WorkflowTaskScheduled",
    );
    script.starts();
    let task = script.take();
    assert_eq!(task.updates.len(), 1);
    script.complete(vec![accept("u"), complete("u", "late")]);
    assert_eq!(replies(&mut script), [(ticket, Ok(json!("late")))]);
}

#[test]
fn a_task_that_nobody_takes_becomes_real_after_a_while() {
    let mut script = Script::unrecorded();
    script.take();
    script.complete_without_cache();
    up(&mut script, "u");
    let from = script.now;
    script.wait();
    assert_eq!(script.now.since(from), Span::secs(5));
    script.check_since(4, "WorkflowTaskScheduled WorkflowTaskTimedOut WorkflowTaskScheduled");
}

#[test]
fn a_task_that_fails_is_written_with_its_failure() {
    let mut script = idle();
    up(&mut script, "u");
    script.take();
    script.fail_task("broken", "Broken");
    script.check_since(
        4,
        "WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskFailed WorkflowTaskScheduled",
    );
}

#[test]
fn an_update_that_comes_while_a_task_runs_gets_the_next_one() {
    let mut script = idle();
    up(&mut script, "one");
    assert_eq!(script.take().updates.len(), 1);
    up(&mut script, "two");
    let accepted = script.complete(vec![reject("one")]);
    let next = accepted.next_task.expect("another update waits");
    assert_eq!(next.updates[0].update.update_id, "two");
    script.check_since(4, "");
    script.complete(vec![accept("two"), complete("two", "done")]);
    script.check_since(
        4,
        "WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskCompleted WorkflowExecutionUpdateAccepted \
         WorkflowExecutionUpdateCompleted",
    );
}

// ---- Fates of updates.

#[test]
fn an_update_that_the_worker_does_not_mention_is_rejected() {
    let mut script = idle();
    up(&mut script, "u");
    script.take();
    script.complete(vec![start_timer("1", Span::secs(1))]);
    let told = replies(&mut script);
    assert_eq!(failure_type(told[0].1.as_ref().unwrap_err()), "UnprocessedUpdate");
}

#[test]
fn the_same_id_shares_the_same_fate() {
    let mut script = idle();
    let first = up(&mut script, "u");
    let second = up(&mut script, "u");
    script.take();
    script.complete(vec![accept("u"), complete("u", "once")]);
    let third = up(&mut script, "u");
    let told = [first, second, third].map(|ticket| (ticket, Ok(json!("once"))));
    assert_eq!(replies(&mut script), told);
    signal(&mut script, "go", Value::Null);
    script.take_and_return("done");
    let late = up(&mut script, "u");
    assert_eq!(replies(&mut script), [(late, Ok(json!("once")))]);
}

#[test]
fn a_run_that_closes_takes_its_updates_with_it() {
    let mut script = idle();
    up(&mut script, "accepted");
    script.take();
    let open = vec![accept("accepted"), start_timer("1", Span::secs(100))];
    script.complete(open);
    signal(&mut script, "go", Value::Null);
    script.take();
    let waiting = up(&mut script, "waiting");
    script.complete(vec![returns("done")]);
    let told = replies(&mut script);
    let aborted = Refusal::NotFound("workflow update was aborted by closing workflow".to_owned());
    assert_eq!(told[0], (waiting, Err(aborted)));
    assert_eq!(
        failure_type(told[1].1.as_ref().unwrap_err()),
        "AcceptedUpdateCompletedWorkflow"
    );
    up(&mut script, "accepted");
    let told = replies(&mut script);
    assert_eq!(
        failure_type(told[0].1.as_ref().unwrap_err()),
        "AcceptedUpdateCompletedWorkflow"
    );
    let refused = ask(&mut script, asks("new", "up", Value::Null)).unwrap_err();
    assert_eq!(
        refused,
        Refusal::NotFound("workflow execution already completed".to_owned())
    );
}

#[test]
fn a_run_closed_while_such_a_task_runs() {
    let mut script = idle();
    up(&mut script, "u");
    script.take();
    let target = Target::latest(&script.run().workflow_id);
    script.service.terminate(script.now, &target, "", "client").unwrap();
    script.check_since(
        4,
        "WorkflowTaskScheduled WorkflowTaskStarted WorkflowTaskFailed WorkflowExecutionTerminated",
    );
    assert_eq!(replies(&mut script).len(), 1);
}

#[test]
fn ten_updates_may_be_in_flight() {
    let mut script = idle();
    for number in 0..10 {
        up(&mut script, &format!("u{number}"));
    }
    let refused = ask(&mut script, asks("one more", "up", Value::Null)).unwrap_err();
    let words = "limit on number of concurrent in-flight updates has been reached (10)";
    assert_eq!(refused, Refusal::Exhausted(words.to_owned()));
    assert_eq!(script.take().updates.len(), 10);
}

#[test]
fn an_answer_about_an_update_that_nobody_asked_for_is_refused() {
    let mut script = Script::unrecorded();
    script.take();
    let Accepted { refused, .. } = script.complete(vec![accept("u")]);
    let words = "BadUpdateWorkflowExecutionMessage: update u wasn't found on the server";
    assert!(refused.unwrap().starts_with(words));
    script.check_since(3, "WorkflowTaskFailed");
}
