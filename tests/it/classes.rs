//! The one classification of events, against every history there is: stories, recordings of a real server, ours of
//! stories and scenarios.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use sagascope::catalogue::stories::LAB;
use sagascope::history::class::{Category, Part};
use sagascope::history::json;
use sagascope::history::proto::{EventType, HistoryEvent, event_name};
use sagascope::history::refs::references;
use sagascope::history::task_number::TaskNumbers;
use sagascope::sim::spec::RunSpec;
use sagascope::view::why::why;

use crate::histories;

/// Every history that the tests have, by name.
fn all() -> Vec<(String, Vec<HistoryEvent>)> {
    let mut all = Vec::new();
    for (name, text) in histories::all().into_iter().chain(histories::real()) {
        all.push((name, json::read(&text).unwrap().history.events));
    }
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/recordings");
    let mut paths: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    for path in paths {
        let recording: serde_json::Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for run in recording["runs"].as_array().unwrap() {
            let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
            all.push((name, json::read(&run.to_string()).unwrap().history.events));
        }
    }
    for story in LAB.all() {
        let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
        sim.run_to_end();
        let runs = sim.runs().iter();
        all.extend(runs.map(|run| (story.id.to_owned(), run.log.events().to_vec())));
    }
    assert!(all.len() > 400, "{}", all.len());
    all
}

fn tasks(events: &[HistoryEvent]) -> Vec<u32> {
    let mut numbers = TaskNumbers::default();
    events.iter().map(|event| numbers.next(event.event_type())).collect()
}

/// The event that completed the workflow task an answer's event stands in, as the event itself says.
fn answered_by(event: &HistoryEvent) -> Option<i64> {
    let all = references(event.attributes.as_ref()?);
    let task = all
        .iter()
        .find(|reference| reference.field == "workflowTaskCompletedEventId");
    task.map(|reference| reference.to)
}

/// What events say of themselves is where they stand: a command under the task whose answer it names, a task's events
/// under one number, and what was news for a task under that task.
#[test]
fn every_event_stands_under_its_workflow_task() {
    let mut commands = BTreeSet::new();
    for (name, events) in all() {
        let tasks = tasks(&events);
        let task_of = |id: i64| tasks[usize::try_from(id).unwrap() - 1];
        let completed = |event: &&HistoryEvent| event.event_type() == EventType::WorkflowTaskCompleted;
        let mut next = u32::try_from(events.iter().filter(completed).count()).unwrap() + 1;
        for (event, task) in events.iter().zip(&tasks).rev() {
            let told = format!("{name}, event {}: {}", event.event_id, event_name(event.event_type()));
            if completed(&event) {
                next -= 1;
            }
            match answered_by(event).filter(|_| event.class().is_answer()) {
                Some(by) => {
                    commands.insert(event.event_type().as_str_name());
                    assert_eq!(*task, task_of(by), "{told}");
                }
                None if event.class().is_answer() => assert_eq!(*task + 1, next, "{told}"),
                None => assert_eq!(*task, next, "{told}"),
            }
            if event.class().category == Category::WorkflowTask
                && let Some(opened) = event.opened_by()
            {
                assert_eq!(*task, task_of(opened.to), "{told}");
            }
        }
    }
    assert!(commands.len() >= 14, "{commands:?}");
}

/// Whatever goes on or ends leads back to what began it, and to that by an attribute of its own.
#[test]
fn every_event_that_ends_something_leads_to_what_began_it() {
    for (name, events) in all() {
        for event in &events {
            let told = format!("{name}, event {}: {}", event.event_id, event_name(event.event_type()));
            let began = |id: i64| events[usize::try_from(id).unwrap() - 1].event_type();
            match event.class().part {
                Part::Closes(thing, _) | Part::Starts(thing) | Part::Changes(thing) if !event.class().ends_run() => {
                    let to = event.opened_by().unwrap_or_else(|| panic!("{told}")).to;
                    assert_eq!(began(to), thing.opening(), "{told}");
                }
                _ => assert_eq!(event.opened_by(), None, "{told}"),
            }
            assert!(!event.class().ends_run() || event == events.last().unwrap(), "{told}");
        }
    }
}

#[test]
fn every_event_has_a_why() {
    let mut told: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (name, events) in all() {
        for event in &events {
            let why = why(&events, event);
            let type_name = event_name(event.event_type());
            assert!(
                why.ends_with('.'),
                "{name}, event {}: {type_name}: “{why}”",
                event.event_id
            );
            told.entry(type_name).or_default().insert(why);
        }
    }
    assert!(told.len() >= 40, "{:?}", told.keys());
}

/// The story's runs of one workflow id, each as its events with their tasks and names.
fn grouped(story: &str, run: usize) -> Vec<(u32, &'static str)> {
    let mut sim = LAB.sim(&RunSpec::of(story)).unwrap();
    sim.run_to_end();
    let events = sim.runs()[run].log.events();
    let names = events.iter().map(|event| event_name(event.event_type()));
    tasks(events).into_iter().zip(names).collect()
}

#[test]
fn children_stand_under_the_task_that_asked_for_them() {
    let groups = grouped("children", 0);
    assert_eq!(
        groups[..13],
        [
            (1, "WorkflowExecutionStarted"),
            (1, "WorkflowTaskScheduled"),
            (1, "WorkflowTaskStarted"),
            (1, "WorkflowTaskCompleted"),
            (1, "StartChildWorkflowExecutionInitiated"),
            (1, "StartChildWorkflowExecutionInitiated"),
            (1, "StartChildWorkflowExecutionInitiated"),
            (2, "ChildWorkflowExecutionStarted"),
            (2, "WorkflowTaskScheduled"),
            (2, "ChildWorkflowExecutionStarted"),
            (2, "ChildWorkflowExecutionStarted"),
            (2, "WorkflowTaskStarted"),
            (2, "WorkflowTaskCompleted"),
        ]
    );
}

#[test]
fn a_run_that_continues_as_new_has_no_task_left() {
    let groups = grouped("sync-continues-as-new", 0);
    assert_eq!(
        groups[14..],
        [
            (3, "WorkflowTaskStarted"),
            (3, "WorkflowTaskCompleted"),
            (3, "WorkflowExecutionContinuedAsNew"),
        ]
    );
}

/// The error of `parallel-all-fail` is not retryable, the policy of the other has no attempt left.
#[test]
fn why_an_activity_is_not_tried_again_is_what_the_event_says() {
    let why_of = |story: &str, wanted: EventType| {
        let mut sim = LAB.sim(&RunSpec::of(story)).unwrap();
        sim.run_to_end();
        let events = sim.runs()[0].log.events();
        let found = events.iter().find(|event| event.event_type() == wanted);
        why(events, found.unwrap())
    };
    assert_eq!(
        why_of("parallel-all-fail", EventType::ActivityTaskFailed),
        "The activity that event 5 asked for failed, and its worker said that NothingToSell is not to be retried."
    );
    assert_eq!(
        why_of("sync-continues-as-new", EventType::WorkflowExecutionContinuedAsNew),
        "The code asked to go on in a new run with an empty history, in the workflow task that event 16 completed. \
         Nothing can be added to this history."
    );
    assert_eq!(
        why_of("children", EventType::StartChildWorkflowExecutionInitiated),
        "The code asked for a child workflow in the workflow task that event 4 completed. The Service starts it as a \
         run with a history of its own."
    );
}
