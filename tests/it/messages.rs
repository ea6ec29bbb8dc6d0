//! What reaches a run from outside, and what the Service writes of it: as a real server has, where it was recorded.

use sagascope::base::time::{SimTime, Span};
use sagascope::contract::answer::Command;
use sagascope::contract::request::{Refusal, Signal, StartWorkflow, Target};
use sagascope::contract::task::RunKey;
use sagascope::history::payload;
use sagascope::history::proto::{
    Attributes, HistoryEvent, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes,
    SignalExternalWorkflowExecutionInitiatedEventAttributes, WorkflowExecution,
};
use sagascope::service::run::RunStatus;
use sagascope::service::timer::TimerTask;
use serde_json::{Value, json};

use crate::script::{Script, cancel_timer, recorded, returns, start_of, start_timer};

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
    assert_eq!(script.run().status(), RunStatus::Terminated);
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

// ---- From workflow to workflow.

/// A second workflow, idle, that others can reach.
fn beside(script: &mut Script, recording: &[HistoryEvent]) -> RunKey {
    let target = script.service.start_workflow(script.now, start_of(recording)).unwrap();
    let first = script.run;
    script.run = target;
    script.take();
    script.complete(vec![]);
    script.run = first;
    target
}

fn signal_to(workflow_id: &str, child_workflow_only: bool) -> Command {
    Command::SignalExternal(Box::new(SignalExternalWorkflowExecutionInitiatedEventAttributes {
        workflow_execution: Some(WorkflowExecution {
            workflow_id: workflow_id.to_owned(),
            run_id: String::new(),
        }),
        signal_name: "add".to_owned(),
        input: Some(payload::json(&json!("hello"))),
        child_workflow_only,
        ..Default::default()
    }))
}

#[test]
fn a_signal_to_another_workflow_is_an_event_in_both() {
    let mut script = Script::of("sem-parent-extsig");
    let target = recorded("sem-ext-target");
    let target_run = beside(&mut script, &target);
    script.take();
    script.complete(vec![signal_to("sem-ext-target", false)]);
    assert!(matches!(script.wait(), TimerTask::Transfer { .. }));
    script.take_and_return("sent");
    script.is_like_the_recording();
    script.run = target_run;
    script.recording = target;
    script.take_and_return_value(json!(["hello"]));
    script.is_like_the_recording();
}

#[test]
fn a_signal_to_nobody_fails() {
    let mut script = Script::of("sem-parent-extsig-missing");
    script.take();
    script.complete(vec![signal_to("sem-no-such", false)]);
    script.wait();
    script.take();
    script.is_like_the_recording_up_to(8);
}

#[test]
fn a_request_to_stop_to_nobody_fails() {
    let mut script = Script::of("sem-parent-extcancel-missing");
    script.take();
    let Some(Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(request)) =
        script.recording[4].attributes.clone()
    else {
        panic!("it asks");
    };
    script.complete(vec![Command::RequestCancelExternal(Box::new(request))]);
    script.wait();
    script.take();
    script.is_like_the_recording_up_to(8);
}

#[test]
fn a_request_to_stop_reaches_another_workflow() {
    let mut script = Script::of("sem-parent-extsig");
    let target = beside(&mut script, &recorded("sem-ext-target"));
    script.take();
    let request = RequestCancelExternalWorkflowExecutionInitiatedEventAttributes {
        workflow_execution: Some(WorkflowExecution {
            workflow_id: "sem-ext-target".to_owned(),
            run_id: String::new(),
        }),
        reason: "enough".to_owned(),
        ..Default::default()
    };
    script.complete(vec![Command::RequestCancelExternal(Box::new(request))]);
    script.wait();
    script.check_since(5, "ExternalWorkflowExecutionCancelRequested WorkflowTaskScheduled");
    script.run = target;
    script.check_since(4, "WorkflowExecutionCancelRequested WorkflowTaskScheduled");
    let Some(Attributes::WorkflowExecutionCancelRequestedEventAttributes(asked)) =
        &script.run().log.events()[4].attributes
    else {
        panic!("it is asked to stop");
    };
    assert_eq!((asked.cause.as_str(), asked.external_initiated_event_id), ("enough", 5));
    assert_eq!(asked.identity, "history-service");
}

#[test]
fn what_is_meant_for_a_child_reaches_no_other() {
    let mut script = Script::of("sem-parent-extsig");
    let target = beside(&mut script, &recorded("sem-ext-target"));
    script.take();
    script.complete(vec![signal_to("sem-ext-target", true)]);
    script.wait();
    script.check_since(5, "SignalExternalWorkflowExecutionFailed WorkflowTaskScheduled");
    script.run = target;
    script.check_since(4, "");
}
