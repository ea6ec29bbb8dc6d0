//! Starting again from a point in the past, as a real server has done it.

use sagascope::base::time::Span;
use sagascope::contract::answer::Command;
use sagascope::contract::request::{Refusal, Reset, Signal, Target, Update};
use sagascope::contract::task::RunKey;
use sagascope::history::payload;
use sagascope::history::proto::{StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowType};
use sagascope::service::run::RunStatus;
use serde_json::json;

use crate::script::{Script, recorded, returns, start_timer};

fn target(script: &Script) -> Target {
    Target::latest(&script.run().workflow_id)
}

fn reset(script: &mut Script, event_id: i64, reason: &str, reapply: bool) -> Result<RunKey, Refusal> {
    script.a_moment_later();
    let reset = Reset {
        event_id,
        reason: reason.to_owned(),
        reapply_signals: reapply,
        reapply_updates: reapply,
    };
    let target = target(script);
    script.service.reset(script.now, &target, reset)
}

fn signal(script: &mut Script, name: &str, value: &str) {
    script.a_moment_later();
    let signal = Signal {
        name: name.to_owned(),
        input: (!value.is_empty()).then(|| payload::json(&json!(value))),
        identity: "client".to_owned(),
        ..Signal::default()
    };
    let target = target(script);
    script.service.signal(script.now, &target, signal).unwrap();
}

fn update(script: &mut Script) {
    script.a_moment_later();
    let update = Update {
        update_id: "U".to_owned(),
        name: "up".to_owned(),
        args: Some(payload::json(&json!("u"))),
        identity: "client".to_owned(),
    };
    let target = target(script);
    script.service.update(script.now, &target, update).unwrap();
}

fn update_is_done() -> [Command; 2] {
    let update_id = "U".to_owned();
    [
        Command::AcceptUpdate {
            update_id: update_id.clone(),
        },
        Command::CompleteUpdate {
            update_id,
            outcome: Ok(Some(payload::json(&json!("u")))),
        },
    ]
}

/// The recorded run as it was when it was reset.
fn base() -> Script {
    let mut script = Script::of("sem-reset-base");
    script.take();
    let slow = script.recorded_activity(5);
    script.complete(vec![slow, start_timer("1", Span::secs(3))]);
    signal(&mut script, "s", "one");
    script.take();
    script.complete(vec![start_timer("2", Span::millis(100))]);
    update(&mut script);
    script.take();
    script.complete(update_is_done().into());
    signal(&mut script, "s", "two");
    script.take();
    script.complete(vec![]);
    script
}

/// From now on it is about that run, which a real server has recorded under that name.
fn look_at(script: &mut Script, run: RunKey, recording: &str) {
    script.run = run;
    script.recording = recorded(recording);
}

#[test]
fn the_old_run_ends_and_the_new_one_is_given_what_came_after_the_point() {
    let mut script = base();
    let new = reset(&mut script, 4, "because", true).unwrap();
    script.is_like_the_recording();
    assert_eq!(script.run().status(), RunStatus::Terminated);
    assert_eq!(script.run().reset_into, Some(new));

    look_at(&mut script, new, "sem-reset-reapply");
    let task = script.take();
    assert_eq!((task.events.len(), task.previous_started_event_id), (9, 0));
    assert_eq!(task.updates, []);
    let slow = script.recorded_activity(13);
    let mut commands = Vec::from(update_is_done());
    commands.extend([
        slow,
        start_timer("1", Span::secs(3)),
        start_timer("2", Span::millis(100)),
    ]);
    script.complete(commands);
    script.is_like_the_recording_up_to(15);
}

#[test]
fn a_task_that_nobody_had_taken_is_taken_by_the_service() {
    let mut script = base();
    script.run = reset(&mut script, 4, "because", true).unwrap();
    script.take();
    script.complete(update_is_done().into());
    let new = reset(&mut script, 3, "second", true).unwrap();
    look_at(&mut script, new, "sem-reset-not-started");
    script.is_like_the_recording_up_to(8);
}

#[test]
fn what_is_not_wanted_is_not_given_again() {
    let mut script = base();
    script.run = reset(&mut script, 4, "because", false).unwrap();
    script.check_since(3, "WorkflowTaskFailed WorkflowTaskScheduled");
}

#[test]
fn what_was_pending_goes_on() {
    let mut script = base();
    script.take_activity("1");
    script.run = reset(&mut script, 10, "because", false).unwrap();
    script.check_since(9, "WorkflowTaskFailed WorkflowTaskScheduled");
    script.take();
    script.complete(vec![]);
    script.take_activity("1");
    script.succeed("1", json!("done"));
    script.wait();
    script.check_since(
        12,
        "WorkflowTaskCompleted ActivityTaskStarted ActivityTaskCompleted WorkflowTaskScheduled TimerFired",
    );
}

#[test]
fn a_closed_run_can_be_reset() {
    let mut script = base();
    signal(&mut script, "go", "");
    script.take();
    script.complete(vec![returns("x")]);
    let events = script.last_id();
    let new = reset(&mut script, 4, "because", true).unwrap();
    assert_eq!(script.last_id(), events);
    script.run = new;
    script.check_since(
        3,
        "WorkflowTaskFailed WorkflowExecutionSignaled WorkflowExecutionUpdateAdmitted WorkflowExecutionSignaled \
         WorkflowExecutionSignaled WorkflowTaskScheduled",
    );
}

#[test]
fn a_child_reports_to_the_run_that_goes_on() {
    let mut script = Script::unrecorded();
    script.take();
    let kid = StartChildWorkflowExecutionInitiatedEventAttributes {
        workflow_id: "kid".to_owned(),
        workflow_type: Some(WorkflowType { name: "Kid".to_owned() }),
        ..Default::default()
    };
    script.complete(vec![Command::StartChild(Box::new(kid))]);
    for _ in 0..3 {
        script.wait();
    }
    let kid = script.service.latest("kid").unwrap();
    script.take();
    script.complete(vec![]);
    let new = reset(&mut script, 9, "because", true).unwrap();
    script.run = kid;
    script.take_and_return("done");
    script.wait();
    script.run = new;
    script.check_since(
        8,
        "WorkflowTaskFailed WorkflowTaskScheduled ChildWorkflowExecutionCompleted",
    );
}

#[test]
fn not_every_point_can_be_gone_back_to() {
    let mut script = base();
    let words = |event_id, refused: Result<RunKey, Refusal>| match refused {
        Err(Refusal::Invalid(words)) => words,
        other => panic!("{event_id}: {other:?}"),
    };
    for (event_id, beginning) in [
        (1, "Workflow task finish ID must be > 1"),
        (99, "Workflow task finish ID must be > 1"),
        (2, "StateRebuilder unable to Rebuild mutable state to event ID: 1"),
        (7, "Can only reset workflow to event ID in range"),
    ] {
        let told = words(event_id, reset(&mut script, event_id, "because", true));
        assert!(told.starts_with(beginning), "{event_id}: {told}");
    }
    assert_eq!(script.run().status(), RunStatus::Running);
}
