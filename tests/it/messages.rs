//! What reaches a run from outside, and what the Service writes of it: as a real server has, where it was recorded.

use sagascope::base::time::{SimTime, Span};
use sagascope::contract::request::{Refusal, Signal, StartWorkflow, Target};
use sagascope::history::payload;
use sagascope::history::proto::Attributes;
use sagascope::service::run::RunStatus;
use serde_json::{Value, json};

use crate::script::{Script, cancel_timer, returns, start_timer};

fn target(script: &Script) -> Target {
    Target::latest(&script.run().workflow_id)
}

fn says(name: &str, input: impl Into<Value>) -> Signal {
    let input = input.into();
    Signal {
        name: name.to_owned(),
        input: (!input.is_null()).then(|| payload::json(&input)),
        identity: "client".to_owned(),
        ..Signal::default()
    }
}

fn signal(script: &mut Script, name: &str, input: impl Into<Value>) -> Result<(), Refusal> {
    script.a_moment_later();
    let target = target(script);
    script.service.signal(script.now, &target, says(name, input))
}

fn cancel(script: &mut Script) {
    script.a_moment_later();
    let target = target(script);
    let asked = script.service.cancel(script.now, &target, "", "client");
    asked.expect("the run is known");
}

fn terminate(script: &mut Script, reason: &str) -> Result<(), Refusal> {
    script.a_moment_later();
    let target = target(script);
    script.service.terminate(script.now, &target, reason, "client")
}

// ---- Signals.

#[test]
fn signals_wake_the_workflow_and_share_a_task() {
    let mut script = Script::of_signal_with_start("sem-signals");
    script.take();
    script.complete(vec![]);
    signal(&mut script, "add", "b").unwrap();
    signal(&mut script, "add", "c").unwrap();
    script.take_and_return_value(json!(["sws", "b", "c"]));
    script.is_like_the_recording();
}

#[test]
fn what_arrives_while_a_task_runs_waits_and_closing_fails() {
    let mut script = Script::unrecorded();
    script.take();
    signal(&mut script, "add", "b").unwrap();
    script.check_since(2, "WorkflowTaskStarted");
    script.complete(vec![returns("too early")]);
    script.check_since(3, "WorkflowTaskFailed WorkflowExecutionSignaled WorkflowTaskScheduled");
    script.take();
    let refused = signal(&mut script, "add", "c").unwrap_err();
    let Refusal::Exhausted(message) = refused else {
        panic!("{refused:?}")
    };
    assert_eq!(
        message,
        "workflow operation can not be applied because workflow is closing"
    );
    script.complete(vec![start_timer("1", Span::secs(5))]);
    signal(&mut script, "add", "c").unwrap();
}

#[test]
fn a_signal_with_a_known_request_id_does_nothing() {
    let mut script = Script::unrecorded();
    let target = target(&script);
    let again = Signal {
        request_id: "same".to_owned(),
        ..says("add", "b")
    };
    script.service.signal(script.now, &target, again.clone()).unwrap();
    script.take_and_return("done");
    let events = script.last_id();
    script.service.signal(script.now, &target, again).unwrap();
    assert_eq!(script.last_id(), events);
    let refused = signal(&mut script, "add", "c").unwrap_err();
    assert_eq!(
        refused,
        Refusal::NotFound("workflow execution already completed".to_owned())
    );
}

#[test]
fn nobody_is_there() {
    let mut script = Script::unrecorded();
    let nope = Target::latest("nope");
    let refused = script.service.signal(script.now, &nope, says("add", "b")).unwrap_err();
    assert_eq!(refused, Refusal::NotFound("workflow not found for ID: nope".to_owned()));
    let run = Target {
        run_id: "r".to_owned(),
        ..nope
    };
    let refused = script.service.cancel(script.now, &run, "", "client").unwrap_err();
    let words = "workflow execution not found for workflow ID \"nope\" and run ID \"r\"";
    assert_eq!(refused, Refusal::NotFound(words.to_owned()));
}

#[test]
fn a_run_takes_ten_thousand_signals() {
    let mut script = Script::unrecorded();
    for _ in 0..10_000 {
        signal(&mut script, "add", Value::Null).unwrap();
    }
    let refused = signal(&mut script, "add", Value::Null).unwrap_err();
    let words = "exceeded workflow execution limit for signal events";
    assert_eq!(refused, Refusal::Invalid(words.to_owned()));
}

#[test]
fn signal_with_start_uses_the_open_run() {
    let mut script = Script::unrecorded();
    let start = StartWorkflow {
        workflow_id: script.run().workflow_id.clone(),
        ..StartWorkflow::default()
    };
    let key = script
        .service
        .signal_with_start(SimTime::ZERO, start, says("add", "b"))
        .unwrap();
    assert_eq!(key, script.run);
    script.check_since(2, "WorkflowExecutionSignaled");
}

// ---- Requests to stop.

#[test]
fn a_request_to_stop_is_one_event_and_the_workflow_cleans_up() {
    let mut script = Script::of("sem-cancel");
    script.take();
    script.complete(vec![start_timer("1", Span::secs(100))]);
    cancel(&mut script);
    cancel(&mut script);
    script.take();
    let cleanup = script.recorded_activity(11);
    script.complete(vec![cancel_timer("1"), cleanup]);
    script.take_activity("1");
    script.succeed("1", json!("ok cleanup"));
    script.is_like_the_recording_up_to(14);
}

#[test]
fn a_closed_run_is_asked_in_vain_without_a_complaint() {
    let mut script = Script::unrecorded();
    script.take_and_return("done");
    let events = script.last_id();
    cancel(&mut script);
    assert_eq!(script.last_id(), events);
}

// ---- Terminations.

#[test]
fn a_termination_is_the_last_event() {
    let mut script = Script::of("sem-terminate");
    script.take();
    script.complete(vec![]);
    terminate(&mut script, "terminated by user via frontend").unwrap();
    script.is_like_the_recording_up_to(4);
    let Some(Attributes::WorkflowExecutionTerminatedEventAttributes(ended)) =
        &script.run().log.events().last().unwrap().attributes
    else {
        panic!("it is terminated");
    };
    assert_eq!(ended.reason, "terminated by user via frontend");
    assert_eq!(script.run().status, RunStatus::Terminated);
    assert_eq!(
        terminate(&mut script, "again").unwrap_err(),
        Refusal::NotFound("workflow execution already completed".to_owned())
    );
}

#[test]
fn a_running_task_fails_before_the_termination_and_the_buffer_is_written() {
    let mut script = Script::unrecorded();
    script.take();
    signal(&mut script, "add", "b").unwrap();
    terminate(&mut script, "enough").unwrap();
    script.check_since(
        3,
        "WorkflowTaskFailed WorkflowExecutionSignaled WorkflowExecutionTerminated",
    );
    let Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) = &script.run().log.events()[3].attributes else {
        panic!("the task failed");
    };
    assert_eq!(failed.identity, "history-service");
    assert_eq!(failed.failure, None);
}
