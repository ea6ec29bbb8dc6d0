//! Every kind of request of the SDK: lived on the simulated Service, replayed from there, and replayed from the histories
//! of a real server.

use sagascope::base::time::SimTime;
use sagascope::contract::answer::{Command, WorkflowTaskAnswer};
use sagascope::contract::task::{RunKey, WorkflowTask, WorkflowTaskToken};
use sagascope::history::proto::{Attributes, EventType, HistoryEvent};
use sagascope::history::{json, payload, rules};
use sagascope::worker::Worker;
use sagascope::worker::replay::replay;
use serde_json::{Value, json};

use crate::{histories, lab, program};

// ---- Lived here.

/// What came of each step, and the events between the first task and the end, without the tasks' own.
#[track_caller]
fn check(program: Value, said: Value, events: &[&str]) {
    let sim = program::played(&program);
    let run = &sim.runs()[0];
    let found = rules::check(run.log.events());
    assert!(found.is_empty(), "{found:?}");
    let names = lab::names(run.log.events());
    let own = |name: &&str| !name.starts_with("WorkflowTask") && !name.starts_with("WorkflowExecution");
    let names: Vec<&str> = names.into_iter().filter(own).collect();
    assert_eq!(run.result(), Some(said), "{names:?}");
    assert_eq!(names, events);
    check_replays(&program, run.log.events());
}

/// The code goes together with the history wherever it is cut off.
fn check_cuts(code: &Value, events: &[HistoryEvent]) {
    program::with(code, || {
        for end in 1..=events.len() {
            if let Err(error) = replay(&program::registry(), &events[..end], Some("ND")) {
                panic!("{code} up to event {end}: {error:?}");
            }
        }
    });
}

/// The same, and a worker that has forgotten everything asks for the same as one that has not.
fn check_replays(code: &Value, events: &[HistoryEvent]) {
    check_cuts(code, events);
    program::with(code, || {
        let met = replay(&program::registry(), events, Some("ND")).unwrap();
        assert_eq!(met.otherwise, [], "{code}");
        let mut cached = Worker::new(program::registry(), "sticky".to_owned());
        let mut seen = 0;
        for pair in events.windows(2) {
            let answered = pair[0].event_type() == EventType::WorkflowTaskStarted
                && pair[1].event_type() == EventType::WorkflowTaskCompleted;
            if !answered {
                continue;
            }
            let started = pair[0].event_id;
            let mut fresh = Worker::new(program::registry(), "sticky".to_owned());
            let lived = commands(&mut cached, task(events, seen, started));
            let replayed = commands(&mut fresh, task(events, 0, started));
            assert_eq!(lived, replayed, "{code} at event {started}");
            seen = started;
        }
    });
}

fn commands(worker: &mut Worker, task: WorkflowTask) -> Vec<Command> {
    let run = task.token.run;
    worker.take(task);
    while worker.has_more(run) {
        worker.activate(run, SimTime::ZERO);
    }
    match worker.answer(run) {
        Some((_, Some(WorkflowTaskAnswer::Completed { commands, .. }))) => commands,
        other => panic!("{other:?} brings no commands"),
    }
}

fn task(events: &[HistoryEvent], seen: i64, started: i64) -> WorkflowTask {
    let Some(Attributes::WorkflowExecutionStartedEventAttributes(start)) = &events[0].attributes else {
        panic!("a history begins with its start");
    };
    let previous = events
        .windows(2)
        .filter(|pair| pair[1].event_type() == EventType::WorkflowTaskCompleted);
    let previous = previous.map(|pair| pair[0].event_id).rfind(|id| *id < started);
    WorkflowTask {
        token: WorkflowTaskToken {
            run: RunKey(0),
            scheduled_event_id: started - 1,
            attempt: 1,
        },
        workflow_id: start.workflow_id.clone(),
        run_id: start.original_execution_run_id.clone(),
        workflow_type: "ND".to_owned(),
        task_queue: start.task_queue.clone().unwrap().name,
        events: events
            .iter()
            .filter(|event| event.event_id > seen && event.event_id <= started)
            .cloned()
            .collect(),
        previous_started_event_id: previous.unwrap_or(0),
        started_event_id: started,
        attempt: 1,
        start_to_close: sagascope::base::time::Span::secs(10),
        queries: Vec::new(),
        updates: Vec::new(),
    }
}

#[test]
fn an_activity_cancelled_before_it_is_sent_leaves_no_trace() {
    for how in ["try", "wait", "abandon"] {
        check(
            json!([["cancel_a", "Rehearse", how, 0]]),
            json!(["Activity cancelled: "]),
            &[],
        );
    }
}

#[test]
fn a_timer_that_is_cancelled_is_seen_to_be() {
    let events = [
        "TimerStarted",
        "TimerStarted",
        "TimerFired",
        "TimerStarted",
        "TimerCanceled",
        "TimerFired",
    ];
    check(json!([["cancel_t"]]), json!(["done"]), &events);
}

#[test]
fn a_patch_is_marked_once_and_listed() {
    let program = json!([["p", "new", ["t", 1], null], ["p", "new", null, null], ["dp", "old"]]);
    check(
        program,
        json!([true, true, true]),
        &[
            "MarkerRecorded",
            "UpsertWorkflowSearchAttributes",
            "TimerStarted",
            "TimerFired",
            "MarkerRecorded",
            "UpsertWorkflowSearchAttributes",
        ],
    );
}

#[test]
fn a_child_is_started_and_ends() {
    check(
        json!([["c", "Kid", { "id": "kid", "seconds": 2 }]]),
        json!([2]),
        &[
            "StartChildWorkflowExecutionInitiated",
            "ChildWorkflowExecutionStarted",
            "ChildWorkflowExecutionCompleted",
        ],
    );
}

#[test]
fn a_child_cancelled_before_it_is_sent_leaves_no_trace() {
    let program = json!([["cancel_c", "Kid", "wait", 0, { "id": "kid" }], ["uuid"]]);
    let sim = program::played(&program);
    let result = sim.runs()[0].result().unwrap();
    assert!(result[0].as_str().unwrap().contains("cancelled before"), "{result}");
    check_replays(&program, sim.runs()[0].log.events());
}

#[test]
fn nobody_is_there_to_be_signaled_or_stopped() {
    let program = json!([["sig", "nobody"], ["stop", "nobody"], ["memo", "note", "said"]]);
    let sim = program::played(&program);
    let names = lab::names(sim.runs()[0].log.events());
    let failed = names.iter().filter(|name| name.ends_with("Failed")).count();
    assert_eq!(failed, 2, "{names:?}");
    check_replays(&program, sim.runs()[0].log.events());
}

#[test]
fn a_child_that_is_cancelled_goes_on_is_asked_to_stop_or_is_waited_for() {
    let started = ["StartChildWorkflowExecutionInitiated", "ChildWorkflowExecutionStarted"];
    let timer = ["TimerStarted", "TimerFired"];
    let asked = ["RequestCancelExternalWorkflowExecutionInitiated"];
    let stopped = [
        "ExternalWorkflowExecutionCancelRequested",
        "ChildWorkflowExecutionCanceled",
    ];
    let expected = |parts: &[&[&'static str]]| parts.concat();
    for (how, events) in [
        ("abandon", expected(&[&started, &timer])),
        ("try", expected(&[&started, &timer, &asked])),
        ("wait", expected(&[&started, &timer, &asked, &stopped])),
    ] {
        let program = json!([["cancel_c", "Kid", how, 1, { "id": "kid" }]]);
        let sim = program::played(&program);
        let log = sim.runs()[0].log.events();
        let own = |name: &&str| !name.starts_with("WorkflowTask") && !name.starts_with("WorkflowExecution");
        assert_eq!(
            lab::names(log).into_iter().filter(own).collect::<Vec<_>>(),
            events,
            "{how}"
        );
        let result = sim.runs()[0].result().unwrap();
        assert!(result[0].as_str().unwrap().contains("cancelled"), "{how}: {result}");
        check_replays(&program, log);
    }
}

// ---- Inside the worker.

/// What came of each step, and the numbers of the attempts that the markers tell of.
#[track_caller]
fn check_local(program: Value, said: Value, attempts: &[u64], events: &[&str]) {
    let sim = program::played(&program);
    let log = sim.runs()[0].log.events();
    let own = |name: &&str| !name.starts_with("WorkflowTask") && !name.starts_with("WorkflowExecution");
    let names: Vec<&str> = lab::names(log).into_iter().filter(own).collect();
    assert_eq!(sim.runs()[0].result(), Some(said), "{names:?}");
    assert_eq!(names, events);
    let told = log.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::MarkerRecordedEventAttributes(marker)) => {
            payload::first_value(marker.details.get("data"))["attempt"].as_u64()
        }
        _ => None,
    });
    assert_eq!(told.collect::<Vec<_>>(), attempts);
    check_cuts(&program, log);
}

#[test]
fn local_activities_are_told_in_the_activations_they_ended_in() {
    let takes = |ms: u64| json!(["l", "Rehearse", { "arg": { "takes_ms": ms, "returns": ms } }]);
    check_local(
        json!([
            takes(20_000),
            ["par", [takes(2_000), takes(1_000)]],
            ["t", 1],
            takes(10)
        ]),
        json!([20_000, [2_000, 1_000], "fired", 10]),
        &[1, 1, 1, 1],
        &[
            "MarkerRecorded",
            "MarkerRecorded",
            "MarkerRecorded",
            "TimerStarted",
            "TimerFired",
            "MarkerRecorded",
        ],
    );
}

#[test]
fn a_short_wait_between_attempts_is_the_workers_and_a_long_one_a_timer() {
    let fails = json!({ "fails": 2, "returns": "done" });
    check_local(
        json!([["l", "Rehearse", { "arg": fails, "attempts": 5 }]]),
        json!(["done"]),
        &[3],
        &["MarkerRecorded"],
    );
    check_local(
        json!([["l", "Rehearse", { "arg": fails, "attempts": 5, "threshold": 1_500 }]]),
        json!(["done"]),
        &[2, 3],
        &["MarkerRecorded", "TimerStarted", "TimerFired", "MarkerRecorded"],
    );
}

#[test]
fn a_cancelled_local_activity_is_over_at_once_unless_it_is_waited_for() {
    let takes = json!({ "takes_ms": 30_000, "returns": "done" });
    let events = ["TimerStarted", "TimerFired", "MarkerRecorded"];
    for (how, said) in [
        ("try", "Activity cancelled: Activity cancelled"),
        ("abandon", "Activity cancelled: Activity cancelled"),
        ("wait", "done"),
    ] {
        check_local(
            json!([["cancel_l", "Rehearse", how, 1, takes]]),
            json!([said]),
            &[1],
            &events,
        );
    }
}

// ---- Lived on a real server.

/// A program that asks for what the recorded workflow asked for.
#[track_caller]
fn check_recorded(name: &str, program: Value) {
    let mut events = json::read(&histories::one(name)).unwrap().history.events;
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = &mut events[0].attributes {
        // Our program is in the code.
        started.input = None;
    }
    check_cuts(&program, &events);
}

#[test]
fn cancelled_activities_of_a_real_server() {
    for (how, full) in [
        ("try", "try-cancel"),
        ("wait", "wait-cancellation-completed"),
        ("abandon", "abandon"),
    ] {
        for phase in ["notstarted", "running"] {
            check_recorded(
                &format!("sem-cancelact-{full}-{phase}"),
                json!([["cancel_a", "hb", how, 1]]),
            );
        }
    }
    for full in ["wait-cancellation-completed", "abandon"] {
        check_recorded(
            &format!("sem-cancelact-{full}-same"),
            json!([["cancel_a", "hb", "wait", 0]]),
        );
    }
}

#[test]
fn children_and_others_of_a_real_server() {
    let id_of = |name: &str| {
        let events = json::read(&histories::one(name)).unwrap().history.events;
        let child = events.iter().find_map(|event| match &event.attributes {
            Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(child)) => {
                Some(child.workflow_id.clone())
            }
            _ => None,
        });
        child.unwrap()
    };
    for name in [
        "sem-parent-ok",
        "sem-parent-fail",
        "sem-parent-timeout",
        "sem-parent-dup",
        "sem-parent-explicitid",
    ] {
        check_recorded(name, json!([["c", "Child", { "id": id_of(name) }]]));
    }
    let name = "sem-parent-cancel";
    check_recorded(
        name,
        json!([["cancel_c", "Child", "wait", null, { "id": id_of(name) }]]),
    );
    check_recorded("sem-parent-extsig", json!([["sig", "whoever"]]));
    check_recorded("sem-parent-extsig-missing", json!([["sig", "whoever"]]));
    check_recorded("sem-parent-extcancel-missing", json!([["stop", "whoever"]]));
}

#[test]
fn markers_of_a_real_server() {
    check_recorded(
        "sem-misc-patch",
        json!([
            ["p", "p1", null, null],
            ["t", 1],
            ["p", "p2", null, null],
            ["dp", "p3"],
            ["t", 1]
        ]),
    );
    check_recorded("sem-misc-la", json!([["l", "ok"], ["par", [["l", "ok"], ["l", "ok"]]]]));
    check_recorded("sem-misc-lafail", json!([["l", "flaky"], ["fail"]]));
}
