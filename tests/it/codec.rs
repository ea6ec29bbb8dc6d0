//! Histories read and write back as they were; a second implementation of protobuf agrees; what is tolerated and what
//! is refused.

use prost::Message as _;
use sagascope::history::json::{MAX_BYTES, MAX_EVENTS, Note, ReadError, event_text, event_value, read, write};
use sagascope::history::proto::{Attributes, EventType, HistoryEvent, TaskQueueKind};
use serde_json::{Value, json};

use crate::histories;
use crate::oracle;

/// A history of one event, as the CLI prints it, with something in it changed.
fn one_event(change: impl FnOnce(&mut Value)) -> String {
    let mut event = json!({
        "eventId": "1",
        "eventTime": "2026-01-01T00:00:00Z",
        "eventType": "EVENT_TYPE_WORKFLOW_TASK_SCHEDULED",
        "workflowTaskScheduledEventAttributes": {
            "taskQueue": {"name": "q", "kind": "TASK_QUEUE_KIND_STICKY"},
            "startToCloseTimeout": "10s",
            "attempt": 1,
        },
    });
    change(&mut event);
    serde_json::to_string_pretty(&json!({ "events": [event] })).unwrap()
}

fn unchanged() -> String {
    one_event(|_| {})
}

#[test]
fn every_real_history_is_written_back_without_a_difference() {
    let mut events = 0;
    for (name, text) in histories::all() {
        let read = read(&text).unwrap_or_else(|e| panic!("{name}: {e}"));
        assert_eq!(read.notes, [], "{name}");
        assert_eq!(
            oracle::numbers_alike(&write(&read.history)),
            oracle::numbers_alike(&text),
            "{name}"
        );
        assert_eq!(read.write(), write(&read.history), "{name}");
        events += read.history.events.len();
    }
    assert_eq!(events, EVENTS);
}

/// How many events the real histories have in all.
const EVENTS: usize = 1_706;

/// Not a promise of proto3 JSON, which leaves order and spaces open, but what makes two exports easy to compare. Some
/// recordings went through Python, which indents by one space and writes 2.0.
#[test]
fn histories_of_the_cli_are_written_letter_by_letter() {
    let by_cli = |text: &String| text.starts_with("{\n  \"events\"");
    let mut files = 0;
    for (name, text) in histories::all().into_iter().filter(|(_, text)| by_cli(text)) {
        let ours = write(&read(&text).unwrap().history);
        for (number, (ours, theirs)) in (1..).zip(ours.lines().zip(text.lines())) {
            assert_eq!(ours, theirs, "{name}, line {number}");
        }
        assert_eq!(ours, text.trim_end(), "{name}");
        files += 1;
    }
    assert_eq!(files, 132);
}

#[test]
fn a_second_implementation_reads_our_text_strictly_and_writes_the_same() {
    for (name, text) in histories::all() {
        oracle::agrees(&name, &write(&read(&text).unwrap().history));
    }
}

/// Real histories use a fraction of the protocol.
#[test]
fn every_field_of_every_message_is_written_and_read_as_by_a_second_implementation() {
    let events = oracle::every_field();
    assert!(events.len() > 50);
    for (bytes, theirs) in events {
        let event = HistoryEvent::decode(bytes.as_slice()).unwrap();
        assert_eq!(
            oracle::numbers_alike(&event_text(&event)),
            oracle::numbers_alike(&theirs)
        );
        let mut read = read(&format!("[{theirs}]")).unwrap();
        // Its id is as large as ids can be.
        read.notes.retain(|note| !matches!(note, Note::Missing { .. }));
        assert_eq!((read.history.events, read.notes), (vec![event], vec![]));
    }
}

#[test]
fn an_event_alone_is_written_as_in_its_history() {
    let history = read(&histories::one("sem-act-retry")).unwrap().history;
    let whole: Value = serde_json::from_str(&write(&history)).unwrap();
    for (event, in_whole) in history.events.iter().zip(whole["events"].as_array().unwrap()) {
        assert_eq!(event_value(event), *in_whole);
        assert_eq!(serde_json::from_str::<Value>(&event_text(event)).unwrap(), *in_whole);
    }
    assert!(event_text(&history.events[4]).contains("\"backoffCoefficient\": 2,\n"));
}

/// A payload's metadata is a map: its order must not depend on the process.
#[test]
fn metadata_is_written_in_order() {
    let text = write(&read(&histories::one("sem-misc-patch")).unwrap().history);
    let (encoding, kind) = (
        text.find("\"encoding\": ").unwrap(),
        text.find("\"type\": \"S2V5").unwrap(),
    );
    assert!(encoding < kind);
    for _ in 0..10 {
        assert_eq!(write(&read(&text).unwrap().history), text);
    }
}

/// Reads as the same events as the canonical form, with nothing to note.
#[track_caller]
fn check_tolerated(text: &str) {
    let tolerated = read(text).unwrap();
    assert_eq!(tolerated.notes, []);
    assert_eq!(tolerated.write(), write(&read(&unchanged()).unwrap().history));
}

#[test]
fn the_web_uis_wrapper_is_taken_off() {
    check_tolerated(&format!("{{\"history\": {} }}", unchanged()));
}

#[test]
fn a_bare_list_of_events_is_a_history() {
    let whole: Value = serde_json::from_str(&unchanged()).unwrap();
    check_tolerated(&whole["events"].to_string());
}

#[test]
fn a_byte_order_mark_is_skipped() {
    check_tolerated(&format!("\u{feff}{}", unchanged()));
}

#[test]
fn enums_are_read_by_short_name_and_number() {
    for (event_type, kind) in [(json!("WorkflowTaskScheduled"), json!("Sticky")), (json!(5), json!(2))] {
        check_tolerated(&one_event(|e| {
            e["eventType"] = event_type;
            e["workflowTaskScheduledEventAttributes"]["taskQueue"]["kind"] = kind;
        }));
    }
}

#[test]
fn int64_is_read_as_a_number() {
    check_tolerated(&one_event(|e| e["eventId"] = json!(1)));
}

#[test]
fn snake_case_is_read() {
    check_tolerated(
        &unchanged()
            .replace("eventId", "event_id")
            .replace("eventTime", "event_time")
            .replace("eventType", "event_type")
            .replace(
                "workflowTaskScheduledEventAttributes",
                "workflow_task_scheduled_event_attributes",
            )
            .replace("taskQueue", "task_queue")
            .replace("startToCloseTimeout", "start_to_close_timeout"),
    );
}

#[test]
fn null_means_not_set() {
    check_tolerated(&one_event(|e| {
        e["userMetadata"] = Value::Null;
        e["taskId"] = Value::Null;
        e["links"] = Value::Null;
        e["workflowTaskScheduledEventAttributes"]["taskQueue"]["normalName"] = Value::Null;
    }));
    let without_type = read(&one_event(|e| e["eventType"] = Value::Null)).unwrap();
    assert_eq!(without_type.history.events[0].event_type(), EventType::Unspecified);
}

#[test]
fn defaults_that_are_spelled_out_are_not_written_back() {
    check_tolerated(&one_event(|e| {
        e["taskId"] = json!("0");
        e["version"] = json!(0);
        e["workerMayIgnore"] = json!(false);
        e["links"] = json!([]);
        e["workflowTaskScheduledEventAttributes"]["taskQueue"]["normalName"] = json!("");
    }));
}

#[test]
fn any_offset_of_time_is_read() {
    check_tolerated(&one_event(|e| e["eventTime"] = json!("2026-01-01T01:30:00.000+01:30")));
}

#[test]
fn names_are_read_as_what_they_are() {
    let read = read(&unchanged()).unwrap();
    let Some(Attributes::WorkflowTaskScheduledEventAttributes(a)) = &read.history.events[0].attributes else {
        panic!("other attributes");
    };
    assert_eq!(a.task_queue.as_ref().unwrap().kind(), TaskQueueKind::Sticky);
}

/// Is written back as it came, and said to be unknown.
#[track_caller]
fn check_kept(text: &str, fields: &[&str]) {
    let kept = read(text).unwrap();
    let fields = fields.iter().map(|f| (*f).to_owned()).collect();
    assert_eq!(kept.notes, [Note::Unknown { event: 1, fields }]);
    assert!(kept.kept.of(0).is_some());
    assert_eq!(oracle::numbers_alike(&kept.write()), oracle::numbers_alike(text));
    assert_eq!(read(&kept.write()).unwrap(), kept, "a second time");
}

#[test]
fn unknown_fields_are_kept() {
    check_kept(
        &one_event(|e| {
            e["inventedIn2030"] = json!({"deep": [1, {}]});
            e["workflowTaskScheduledEventAttributes"]["taskQueue"]["shard"] = json!("7");
        }),
        &[
            "workflowTaskScheduledEventAttributes.taskQueue.shard",
            "inventedIn2030.deep",
        ],
    );
}

#[test]
fn unknown_fields_within_a_list_are_kept() {
    check_kept(
        &one_event(|e| e["links"] = json!([{"workflowEvent": {"namespace": "a"}}, {"star": {"name": "b"}}])),
        &["links.1.star.name"],
    );
}

#[test]
fn unknown_event_types_are_kept() {
    let unknown = one_event(|e| {
        *e = json!({
            "eventId": "1",
            "eventTime": "2026-01-01T00:00:00Z",
            "eventType": "EVENT_TYPE_WORKFLOW_DREAMED",
            "workflowDreamedEventAttributes": {"of": "electric sheep"},
        });
    });
    let read = read(&unknown).unwrap();
    let note = Note::UnknownType {
        event: 1,
        name: "WorkflowDreamed".to_owned(),
        ignorable: false,
    };
    assert_eq!(read.notes, [note]);
    assert_eq!(read.history.events[0].attributes, None);
    assert_eq!(oracle::numbers_alike(&read.write()), oracle::numbers_alike(&unknown));
}

#[test]
fn unknown_enum_values_are_kept() {
    let kind = |kind: Value| one_event(|e| e["workflowTaskScheduledEventAttributes"]["taskQueue"]["kind"] = kind);
    let path = ["workflowTaskScheduledEventAttributes.taskQueue.kind"];
    check_kept(&kind(json!("TASK_QUEUE_KIND_QUANTUM")), &path);
    check_kept(&kind(json!(4711)), &path);
}

#[test]
fn unknown_enum_values_in_a_list_are_kept() {
    let text = one_event(|e| {
        *e = json!({
            "eventId": "1",
            "eventType": "EVENT_TYPE_WORKFLOW_TASK_STARTED",
            "workflowTaskStartedEventAttributes": {"suggestContinueAsNewReasons": [
                "SUGGEST_CONTINUE_AS_NEW_REASON_TOO_MANY_UPDATES", "SUGGEST_CONTINUE_AS_NEW_REASON_BOREDOM",
            ]},
        });
    });
    check_kept(
        &text,
        &["workflowTaskStartedEventAttributes.suggestContinueAsNewReasons.1"],
    );
}

#[test]
fn one_page_of_many_is_noted() {
    let page = format!("{{\"history\": {}, \"nextPageToken\": \"Zm9v\"}}", unchanged());
    let read = read(&page).unwrap();
    assert_eq!(read.notes, [Note::MorePages { after: 1 }]);
    assert!(!read.is_complete());
    assert!(read.notes[0].to_string().contains("events after 1 are missing"));
}

/// Is refused with exactly this message, but for the advice after it.
#[track_caller]
fn check_refused(text: &str, message: &str) -> ReadError {
    let error = read(text).unwrap_err();
    let shown = error.to_string();
    assert!(shown.starts_with(message), "{shown}");
    let says_what_to_do = ["temporal workflow show", "cut the history", "Cut it"]
        .iter()
        .any(|d| shown.contains(d));
    assert!(says_what_to_do, "{shown}");
    error
}

#[test]
fn nothing_is_no_history() {
    check_refused("", "There is nothing to read.");
    check_refused(" \n", "There is nothing to read.");
    check_refused("{\"events\": []}", "The history has no events");
    check_refused("[]", "The history has no events");
}

#[test]
fn what_is_not_json_is_refused_with_its_place() {
    check_refused(
        "Progress:\n  ID  Time",
        "This is not JSON: at line 1, column 1, expected value",
    );
    check_refused(
        "{\n \"events\": [\n",
        "This is not JSON: at line 3, column 0, EOF while parsing a list",
    );
}

#[test]
fn other_json_is_refused_with_what_it_is() {
    let refused = |text: &str, found: &str| {
        check_refused(
            text,
            &format!("This is not a workflow history: expected an object with \"events\", found {found}."),
        );
    };
    refused("7", "a number");
    refused("{}", "an empty object");
    refused("{\"events\": 7}", "\"events\" that is not a list");
    refused(
        "{\"executionConfig\": {}, \"workflowExecutionInfo\": {}}",
        "an object with \"executionConfig\", \"workflowExecutionInfo\"",
    );
}

#[test]
fn limits_are_kept() {
    let long = " ".repeat(usize::try_from(MAX_BYTES).unwrap() + 1);
    check_refused(&long, "The text is 97 MB; at most 96 MB are read.");

    let deep = format!("{{\"events\": [\n{}{}]}}", "[".repeat(63), "]".repeat(63));
    check_refused(&deep, "At line 2, column 63 the JSON is nested deeper than 64 levels");

    let events = |n: u32| format!("[{}]", vec!["{}"; n as usize].join(","));
    check_refused(
        &events(MAX_EVENTS + 1),
        "The history has 65537 events; at most 65536 are read",
    );
    assert_eq!(read(&events(MAX_EVENTS)).unwrap().history.events.len(), 65_536);
}

#[test]
fn a_broken_event_is_named_with_its_field_and_place() {
    check_refused(
        &one_event(|e| e["workflowTaskScheduledEventAttributes"]["taskQueue"]["name"] = json!(7)),
        "Event 1, field workflowTaskScheduledEventAttributes.taskQueue.name (line 9, column 19): invalid type: \
         integer `7`, expected a string",
    );
    check_refused(
        &one_event(|e| e["eventTime"] = json!("yesterday")),
        "Event 1, field eventTime (line 5, column 20): invalid value: string \"yesterday\", expected a time such as",
    );
    check_refused(
        &one_event(|e| e["eventType"] = json!(true)),
        "Event 1, field eventType (line 6, column 20): invalid type: boolean `true`, expected a name such as \
         \"EVENT_TYPE_…\", or its number",
    );
    check_refused(
        &one_event(|e| e["workflowTaskScheduledEventAttributes"]["startToCloseTimeout"] = json!("10")),
        "Event 1, field workflowTaskScheduledEventAttributes.startToCloseTimeout (line 12, column 32): missing 's'",
    );
    check_refused(
        &one_event(|e| e["timerFiredEventAttributes"] = json!({})),
        "Event 1, field workflowTaskScheduledEventAttributes (line 7, column 47): duplicate field `timerFired",
    );
    check_refused("[{}, 7]", "Event 2 (line 1, column 6): an event is an object");
}
