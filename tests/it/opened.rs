//! Histories from files, shown as recordings: every moment, mark and word of them; what a history cannot tell is said.

use sagascope::base::time::{SimTime, Span};
use sagascope::history::file;
use sagascope::view::opening::{open, read};
use sagascope::view::recording::{Lane, LaneKind, MarkKind, Outcome, Recording};
use sagascope::view::state::{Folded, state};
use serde_json::{Value, json};

use crate::histories;

fn opened(bytes: &[u8]) -> Recording {
    let history = file::read(bytes).unwrap_or_else(|error| panic!("{error}"));
    open(read("file.json", bytes.len() as u64, history).unwrap())
}

fn case(name: &str) -> Recording {
    opened(&std::fs::read(format!("tests/cases/{name}.json")).unwrap())
}

/// Looks at everything there is to see of it.
fn look_at_all(recording: &Recording) {
    let marks = recording.marks(0);
    let mut folded = Folded::default();
    for step in 0..=recording.last() {
        let moment = recording.moment(0, step);
        assert!(!moment.text.is_empty() && !moment.waiting.text.is_empty());
        state(recording, 0, step, &mut folded);
    }
    let end = recording.last();
    for mark in &marks {
        assert!(mark.from <= mark.to && mark.from_step <= mark.to_step, "{mark:?}");
        assert!((mark.lane as usize) < recording.lanes.len(), "{mark:?}");
        assert!(!recording.labels(mark, recording.end_time()).is_empty());
        recording.facts(0, mark, end);
    }
    for id in 1..=recording.events_len(0, end) {
        assert!(recording.event(0, id).is_some() && recording.event_details(0, id).is_some());
        recording.attempts_of(0, end, id);
    }
    assert!(recording.times.is_sorted());
}

#[test]
fn every_history_can_be_looked_at_in_full() {
    for (name, text) in histories::all() {
        let recording = opened(text.as_bytes());
        look_at_all(&recording);
        // As the file has it, event for event.
        let original: Value = serde_json::from_str(&text).unwrap();
        let original = original.get("history").unwrap_or(&original)["events"].clone();
        for (id, event) in (1..).zip(original.as_array().unwrap()) {
            let json: Value = serde_json::from_str(&recording.event_json(0, id).unwrap()).unwrap();
            assert_eq!(
                json["eventTime"].as_str(),
                event["eventTime"].as_str(),
                "{name}, event {id}"
            );
        }
    }
}

/// The lanes, by their names.
fn lanes(recording: &Recording, kind: LaneKind) -> Vec<&str> {
    let of_kind = recording.lanes.iter().filter(|lane| lane.kind == kind);
    of_kind.map(|Lane { name, .. }| name.as_str()).collect()
}

/// The marks of a kind: from when until when, how they ended, and the longest words on them.
fn marks(recording: &Recording, kind: MarkKind) -> Vec<(SimTime, SimTime, Outcome, String)> {
    let marks = recording.marks(0).into_iter().filter(|mark| mark.kind == kind);
    let told = |mark| {
        let words = recording.labels(&mark, recording.end_time()).swap_remove(0);
        (mark.from, mark.to, mark.outcome, words)
    };
    marks.map(told).collect()
}

#[test]
fn an_activity_is_drawn_from_its_last_attempt_with_the_backoffs_before_it() {
    let recording = opened(histories::one("sem-act-retry").as_bytes());
    let [(from, to, Outcome::Ok, words)] = &marks(&recording, MarkKind::Activity)[..] else {
        panic!("one attempt is in the history");
    };
    // Its start stands behind all that came before in the file, with its own time.
    assert_eq!(words, "flaky(3) attempt 3");
    assert_eq!(
        (to.since(*from).0 / 1_000_000, from.since(SimTime::ZERO).0 / 1_000_000),
        (4, 2_028)
    );
    let backoffs = marks(&recording, MarkKind::Backoff);
    let lengths: Vec<Span> = backoffs.iter().map(|(from, to, ..)| to.since(*from)).collect();
    assert_eq!(lengths, [Span::millis(300), Span::millis(600)]);
    let attempts = recording.attempts_of(0, recording.last(), 5).unwrap();
    let told: Vec<&str> = attempts.rows.iter().map(|row| row.text.as_str()).collect();
    assert_eq!(
        told[..2],
        ["failed: a history keeps only the last attempt", "failed: Flaky: boom 2"]
    );
    assert_eq!(lanes(&recording, LaneKind::Queue), ["Queue sem-tq4"]);
    assert_eq!(lanes(&recording, LaneKind::Worker), ["Worker A sem-worker"]);
}

#[test]
fn a_pending_activity_may_be_anything() {
    let recording = case("06-activity-scheduled-last");
    let end = recording.moment(0, recording.last());
    assert!(
        end.waiting
            .text
            .contains("(event 5): queued, running or between attempts"),
        "{}",
        end.waiting.text
    );
    let waits = recording
        .marks(0)
        .into_iter()
        .find(|mark| mark.kind == MarkKind::ActivityWaits)
        .unwrap();
    let facts = recording.facts(0, &waits, recording.last());
    assert!(facts.text.contains("a history cannot tell"), "{facts:?}");
}

#[test]
fn an_unknown_event_has_its_name_and_what_it_says() {
    let recording = case("04-unknown-event-ignorable");
    let row = recording.event(0, 8).unwrap();
    assert_eq!(row.name, "WorkflowExecutionRelocated");
    let details = recording.event_details(0, 8).unwrap();
    assert!(details.attributes.contains(&("to".to_owned(), "cell-9".to_owned())));
    let json: Value = serde_json::from_str(&recording.event_json(0, 8).unwrap()).unwrap();
    assert_eq!(json["workflowExecutionRelocatedEventAttributes"]["to"], "cell-9");
}

#[test]
fn events_that_are_missing_have_their_place() {
    let all: Value = serde_json::from_str(&histories::one("sem-act-retry")).unwrap();
    let mut events = all["events"].as_array().unwrap().clone();
    events.drain(0..4);
    events.remove(1);
    let recording = opened(json!(events).to_string().as_bytes());
    look_at_all(&recording);
    let names: Vec<String> = (1..=7)
        .map(|id| recording.event(0, id).unwrap().name.into_owned())
        .collect();
    let missing = "(not in the file)";
    let expected = [
        missing,
        missing,
        missing,
        missing,
        "ActivityTaskScheduled",
        missing,
        "ActivityTaskCompleted",
    ];
    assert_eq!(names, expected);
    assert_eq!(recording.opened.as_ref().unwrap().notes.len(), 2);
}

#[test]
fn the_clock_begins_with_the_run_and_the_date_is_kept() {
    let file = json!([
        {"eventId": 1, "eventTime": "1970-01-01T00:00:10Z", "eventType": "WorkflowExecutionStarted",
         "workflowExecutionStartedEventAttributes": {"workflowType": {"name": "Old"}}},
        {"eventId": 2, "eventTime": "1970-01-01T00:00:12Z", "eventType": "WorkflowTaskScheduled",
         "workflowTaskScheduledEventAttributes": {}},
    ]);
    let recording = opened(file.to_string().as_bytes());
    assert_eq!(recording.end_time(), SimTime::ZERO + Span::secs(2));
    assert_eq!(recording.date(recording.end_time()).to_string(), "1970-01-01T00:00:12Z");
    let mut far = file;
    far[1]["eventTime"] = json!("9999-12-31T23:59:59Z");
    let text = far.to_string();
    let refused = read("far.json", 1, file::read(text.as_bytes()).unwrap()).unwrap_err();
    assert!(refused.contains("Event 2 is dated 9999-12-31T23:59:59Z"), "{refused}");
}

#[test]
fn a_page_of_more_concludes_nothing_from_its_end() {
    let recording = case("02b-first-page-only");
    let end = recording.moment(0, recording.last());
    assert_eq!(
        end.waiting.text,
        "The file ends here, and the history does not: what comes next is not in it."
    );
}
