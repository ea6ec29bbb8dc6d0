//! Every history of a real server is well-formed; every rule catches what it is for.

use sagascope::history::json::read;
use sagascope::history::proto::{Attributes, EventType, HistoryEvent};
use sagascope::history::rules::{BadReference, Finding, RULES, TaskState, check};

use crate::histories;

#[test]
fn every_real_history_keeps_every_rule() {
    for (name, text) in histories::all() {
        let history = read(&text).unwrap().history;
        assert_eq!(check(&history.events), [], "{name}");
    }
}

#[test]
fn rules_have_names_of_their_own() {
    let mut names: Vec<_> = RULES.iter().map(|r| r.name).collect();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), RULES.len());
    assert!(RULES.iter().all(|r| !r.sentence.is_empty()));
}

/// Changes a well-formed history, and expects exactly these findings of exactly this rule.
#[track_caller]
fn check_caught(rule: &str, history: &str, change: impl FnOnce(&mut Vec<HistoryEvent>), expected: &[Finding]) {
    let mut events = read(&histories::one(history)).unwrap().history.events;
    change(&mut events);
    let rule = RULES.iter().find(|r| r.name == rule).unwrap();
    let found = (rule.findings)(&events);
    let shown: Vec<_> = found.iter().map(ToString::to_string).collect();
    assert_eq!(found, expected, "{shown:#?}");
    let all = check(&events);
    assert!(found.iter().all(|f| all.contains(f) && !f.to_string().is_empty()));
}

/// Appends a copy of event `id`, with the next id.
fn repeat(events: &mut Vec<HistoryEvent>, id: i64) {
    let next = events.last().unwrap().event_id + 1;
    let copy = events.iter().find(|e| e.event_id == id).unwrap().clone();
    events.push(HistoryEvent { event_id: next, ..copy });
}

/// The first event of a type.
fn first(history: &str, wanted: EventType) -> i64 {
    let events = read(&histories::one(history)).unwrap().history.events;
    events.iter().find(|e| e.event_type() == wanted).unwrap().event_id
}

#[test]
fn ids() {
    check_caught(
        "ids",
        "sem-simple",
        |e| drop(e.remove(4)),
        &[Finding::Id { expected: 5, found: 6 }],
    );
    check_caught(
        "ids",
        "sem-simple",
        |e| e[0].event_id = 0,
        &[
            Finding::Id { expected: 1, found: 0 },
            Finding::Id { expected: 1, found: 2 },
        ],
    );
}

#[test]
fn begin() {
    check_caught("begin", "sem-simple", Vec::clear, &[Finding::NoEvents]);
    let found = EventType::WorkflowTaskScheduled;
    check_caught(
        "begin",
        "sem-simple",
        |e| drop(e.remove(0)),
        &[Finding::FirstIsNotStarted { found }],
    );
    check_caught(
        "begin",
        "sem-simple",
        |e| repeat(e, 1),
        &[Finding::StartedAgain { event: 12 }],
    );
}

#[test]
fn types() {
    let event_type = EventType::TimerFired;
    check_caught(
        "type",
        "sem-simple",
        |e| e[1].set_event_type(event_type),
        &[Finding::TypeAndAttributes {
            event: 2,
            event_type,
            attributes: Some(EventType::WorkflowTaskScheduled),
        }],
    );
    check_caught(
        "type",
        "sem-simple",
        |e| e[1].attributes = None,
        &[Finding::TypeAndAttributes {
            event: 2,
            event_type: EventType::WorkflowTaskScheduled,
            attributes: None,
        }],
    );
    let unknown = |e: &mut Vec<HistoryEvent>| {
        e[1].attributes = None;
        e[1].set_event_type(EventType::Unspecified);
    };
    check_caught("type", "sem-simple", unknown, &[]);
}

#[test]
fn references() {
    let point_to = |to: i64| {
        move |events: &mut Vec<HistoryEvent>| {
            let Some(Attributes::ActivityTaskCompletedEventAttributes(a)) = &mut events[6].attributes else {
                panic!("event 7 completes the activity");
            };
            a.started_event_id = to;
        }
    };
    for (to, why) in [
        (0, BadReference::Missing),
        (7, BadReference::NotBack),
        (99, BadReference::NotBack),
        (-1, BadReference::Nowhere),
        (5, BadReference::ToWrongType(EventType::ActivityTaskScheduled)),
    ] {
        check_caught(
            "references",
            "sem-simple",
            point_to(to),
            &[Finding::Reference {
                event: 7,
                field: "startedEventId",
                to,
                why,
            }],
        );
    }
}

#[test]
fn workflow_tasks() {
    let wrong = |event, found, state| Finding::WorkflowTask { event, found, state };
    // Events 2, 3, 4 of every history: Scheduled, Started, Completed.
    check_caught(
        "workflow-task",
        "sem-simple",
        |e| drop(e.remove(1)),
        &[
            wrong(3, EventType::WorkflowTaskStarted, TaskState::None),
            wrong(4, EventType::WorkflowTaskCompleted, TaskState::Started(0, 3)),
        ],
    );
    check_caught(
        "workflow-task",
        "sem-simple",
        |e| drop(e.remove(2)),
        &[wrong(4, EventType::WorkflowTaskCompleted, TaskState::Scheduled(2))],
    );
    // Never ended, and the next one scheduled.
    check_caught(
        "workflow-task",
        "sem-simple",
        |e| drop(e.remove(3)),
        &[wrong(8, EventType::WorkflowTaskScheduled, TaskState::Started(2, 3))],
    );
    // Ended twice.
    check_caught(
        "workflow-task",
        "sem-simple",
        |e| e.insert(4, e[3].clone()),
        &[wrong(4, EventType::WorkflowTaskCompleted, TaskState::None)],
    );
    // Two at once.
    check_caught(
        "workflow-task",
        "sem-simple",
        |e| {
            e.insert(
                2,
                HistoryEvent {
                    event_id: 20,
                    ..e[1].clone()
                },
            )
        },
        &[
            wrong(20, EventType::WorkflowTaskScheduled, TaskState::Scheduled(2)),
            wrong(3, EventType::WorkflowTaskStarted, TaskState::Scheduled(20)),
            wrong(4, EventType::WorkflowTaskCompleted, TaskState::Started(20, 3)),
        ],
    );
}

#[test]
fn task_alone() {
    check_caught(
        "task-alone",
        "sem-simple",
        |e| e.swap(3, 4),
        &[Finding::WithinStartedTask { event: 5, started: 3 }],
    );
}

/// An event told twice is caught by the rule for its kind.
#[track_caller]
fn check_told_twice(rule: &str, history: &str, wanted: EventType, of: i64) {
    let told = first(history, wanted);
    let events = read(&histories::one(history)).unwrap().history.events.len();
    let event = i64::try_from(events).unwrap() + 1;
    check_caught(
        rule,
        history,
        |e| repeat(e, told),
        &[Finding::Twice { event, first: told, of }],
    );
}

#[test]
fn told_twice() {
    check_told_twice("activity", "sem-simple", EventType::ActivityTaskStarted, 5);
    check_told_twice("activity", "sem-simple", EventType::ActivityTaskCompleted, 5);
    check_told_twice("timer", "sem-timers2", EventType::TimerFired, 5);
    check_told_twice("timer", "sem-timers2", EventType::TimerCanceled, 11);
    check_told_twice("child", "sem-parent-ok", EventType::ChildWorkflowExecutionStarted, 5);
    check_told_twice("child", "sem-parent-ok", EventType::ChildWorkflowExecutionCompleted, 5);
    check_told_twice(
        "external",
        "sem-parent-extsig",
        EventType::ExternalWorkflowExecutionSignaled,
        5,
    );
    check_told_twice(
        "update",
        "sem-updates-1",
        EventType::WorkflowExecutionUpdateCompleted,
        5,
    );
}

#[test]
fn end() {
    check_caught(
        "end",
        "sem-simple",
        |e| repeat(e, 5),
        &[Finding::AfterTheEnd { event: 12, end: 11 }],
    );
}
