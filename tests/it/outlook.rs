//! What is open at the end of a history, and why: golden for every history there is, with the right values for the cases.

use sagascope::catalogue::stories::LAB;
use sagascope::history::json::read;
use sagascope::history::proto::HistoryEvent;
use sagascope::sim::spec::RunSpec;
use sagascope::study::outlook::outlook;

use crate::{golden, histories};

fn case(name: &str) -> Vec<HistoryEvent> {
    let path = format!("{}/tests/cases/{name}.json", env!("CARGO_MANIFEST_DIR"));
    read(&std::fs::read_to_string(path).unwrap()).unwrap().history.events
}

#[test]
fn every_history_has_an_outlook() {
    let mut text = String::new();
    let mut tell = |name: &str, events: &[HistoryEvent]| {
        let sentences = outlook(events, true);
        assert!(!sentences.is_empty(), "{name}");
        text.push_str(&format!("{name}\n"));
        for sentence in sentences {
            assert!(
                sentence.ends_with(['.', ')']) && !sentence.contains('\n'),
                "{name}: {sentence}"
            );
            text.push_str(&format!("  {sentence}\n"));
        }
    };
    for (name, json) in histories::all().into_iter().chain(histories::real()) {
        tell(&name, &read(&json).unwrap().history.events);
    }
    for story in LAB.all() {
        let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
        sim.run_to_end();
        for run in sim.runs() {
            tell(&format!("{} {}", story.id, run.workflow_id), run.log.events());
        }
    }
    golden::check("golden/outlooks.txt", &text);
}

#[track_caller]
fn check(name: &str, expected: &[&str]) {
    let told = outlook(&case(name), true);
    assert_eq!(told, expected, "{told:#?}");
}

#[test]
fn the_cases_end_as_somebody_must_learn() {
    check(
        "05-wft-timeouts-collapsed",
        &[
            "The workflow task was not answered within 10 s (event 4). It is tried again and again without further events, from the \
         4th attempt on with a timeout that grows, by 5 s, 10 s, 20 s and so on, by 10 min at most. Look at the workers of q: \
         whether one is alive, and whether the code comes to a point where it waits (a loop or a call that never yields holds \
         the task; so do too much history or too many commands at once).",
            "Last heard of at 0:10.020, 2026-03-02T09:00:10.020Z (event 4: WorkflowTaskTimedOut).",
        ],
    );
    check(
        "06-activity-scheduled-last",
        &[
            "Activity Withdraw (event 5, id 1) is queued, running or between attempts: a history cannot tell, `temporal workflow \
         describe` can. At most 8 attempts, backoff from 5 s, times 2, up to 60 s; start-to-close 30 s, no heartbeat timeout.",
            "Last heard of at 0:00.030, 2026-03-02T09:00:00.030Z (event 5: ActivityTaskScheduled).",
        ],
    );
    check(
        "10-start-delay",
        &[
            "Not hung: the first workflow task is held back for 24 h by a start delay, until 24:00:00.000, 2026-03-03T09:00:00Z.",
            "A limit of time ends the run at 2 d 01:00:00.000, 2026-03-04T10:00:00Z (run timeout 25 h), the whole execution at \
             2 d 02:00:00.000, 2026-03-04T11:00:00Z (execution timeout 2 d 2 h).",
            "Last heard of at 0:00.000, 2026-03-02T09:00:00Z (event 1: WorkflowExecutionStarted).",
        ],
    );
    let looping = outlook(&case("18-unhandled-command-loop"), true);
    assert!(
        looping[0].starts_with("The run handed its work over at 0:04.200 (event 21)"),
        "{looping:?}"
    );
    assert!(
        looping[1]
            .starts_with("3 times in a row the Service refused to let the code close the run (events 8, 12 and 16:"),
        "{looping:?}"
    );
    assert!(looping[1].contains("Nothing is lost"), "{looping:?}");
    let parent = outlook(&case("28-reset-before-running-child"), true);
    assert!(
        parent[0].starts_with("Child workflow child-2 (Child, event 8) runs"),
        "{parent:?}"
    );
}

#[test]
fn from_a_page_nothing_is_concluded() {
    let page = case("02b-first-page-only");
    assert_eq!(
        outlook(&page, false),
        ["The events after 9 are missing: how the run stands, this part of its history does not say."]
    );
    assert!(outlook(&page, true)[0].starts_with("Worker worker-1@case has had the workflow task since 0:00.220"));
    assert_eq!(outlook(&[], true), ["There are no events."]);
    let rest = outlook(&page[3..], true);
    assert!(
        rest.iter()
            .any(|told| told.starts_with("The events before 4 are missing")),
        "{rest:?}"
    );
}

#[test]
fn an_outlook_of_any_list_of_events() {
    for (_, text) in histories::all() {
        let events = read(&text).unwrap().history.events;
        for cut in 0..events.len() {
            assert!(!outlook(&events[..cut], true).is_empty());
            assert!(!outlook(&events[cut..], true).is_empty());
        }
        let strange: Vec<HistoryEvent> = events
            .iter()
            .rev()
            .map(|event| HistoryEvent {
                event_id: -1,
                event_time: None,
                ..event.clone()
            })
            .collect();
        assert!(!outlook(&strange, true).is_empty());
    }
}
