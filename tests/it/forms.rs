//! Files that other tools write, and files that are broken: read as what they are, or refused with what to do.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use sagascope::history::file::{bytes, read};
use sagascope::history::json::{Note, ReadError, ReadHistory};
use sagascope::history::text::file_lines;
use serde_json::{Value, json};

use crate::histories;

fn case(name: &str) -> Vec<u8> {
    std::fs::read(format!("tests/cases/{name}.json")).unwrap()
}

#[track_caller]
fn opened(file: &[u8]) -> ReadHistory {
    read(file).unwrap_or_else(|error| panic!("{error}"))
}

/// A history of a real server, and a few ways to spell it.
fn recording() -> Value {
    serde_json::from_str(include_str!("../histories/sem-act-retry.json")).unwrap()
}

fn events(history: &Value) -> Vec<Value> {
    history["events"].as_array().unwrap().clone()
}

/// Reads as the recording does, with these notes.
#[track_caller]
fn check_same(file: &[u8], notes: &[Note]) {
    let (plain, other) = (opened(recording().to_string().as_bytes()), opened(file));
    assert_eq!(other.write(), plain.write());
    assert_eq!(other.notes, notes);
}

fn text(value: &Value) -> Vec<u8> {
    value.to_string().into_bytes()
}

#[test]
fn packed_and_wide_files_are_read() {
    let plain = text(&recording());
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(&plain).unwrap();
    let packed = packed.finish().unwrap();
    check_same(&packed, &[]);
    let damaged = read(&packed[..packed.len() / 2]).unwrap_err();
    assert_eq!(
        damaged.to_string(),
        "This file is packed with gzip and damaged. Unpack it and open what is in it."
    );

    let letters: Vec<u16> = String::from_utf8(plain).unwrap().encode_utf16().collect();
    let wide = |to_bytes: fn(u16) -> [u8; 2]| {
        let mark = std::iter::once(0xfeff);
        mark.chain(letters.iter().copied())
            .flat_map(to_bytes)
            .collect::<Vec<u8>>()
    };
    check_same(&wide(u16::to_le_bytes), &[]);
    check_same(&wide(u16::to_be_bytes), &[]);
}

#[test]
fn every_real_history_comes_back_from_protobuf() {
    for (name, text) in histories::all() {
        let read_text = opened(text.as_bytes());
        let back = opened(&bytes(&read_text.history));
        assert_eq!(back.history, read_text.history, "{name}");
        assert_eq!(back.notes, [], "{name}");
    }
}

#[test]
fn events_are_put_in_order() {
    let all = events(&recording());
    let with = |events: Vec<Value>| text(&json!({ "events": events }));
    check_same(&with(all.iter().rev().cloned().collect()), &[Note::NewestFirst]);
    let mut shuffled = all.clone();
    shuffled.swap(2, 5);
    check_same(&with(shuffled), &[Note::Reordered]);
    let overlapping = [&all[..4], &all[2..]].concat();
    check_same(&with(overlapping), &[Note::Reordered, Note::Repeated { events: 2 }]);
    let lines: Vec<String> = all.iter().map(Value::to_string).collect();
    check_same(lines.join("\n").as_bytes(), &[]);
}

#[test]
fn pages_are_put_together() {
    let all = events(&recording());
    let page = |events: &[Value], token: &str| json!({ "history": { "events": events }, "nextPageToken": token });
    let (first, second) = (page(&all[..5], "more"), page(&all[5..], ""));
    check_same(format!("{first}\n{second}").as_bytes(), &[Note::Joined { parts: 2 }]);
    check_same(&text(&json!([first, second])), &[Note::Joined { parts: 2 }]);
}

#[test]
fn what_is_missing_is_said() {
    let mut all = events(&recording());
    all.drain(3..5);
    all.remove(0);
    let read = opened(&text(&json!(all)));
    assert_eq!(
        read.notes,
        [Note::Missing { first: 1, last: 1 }, Note::Missing { first: 4, last: 5 }]
    );
    assert!(read.not_for_replay().is_some());

    let whole = recording().to_string();
    let cut = opened(&whole.as_bytes()[..whole.len() / 2]);
    let [Note::CutOff { after, .. }] = cut.notes[..] else {
        panic!("{:?}", cut.notes);
    };
    assert_eq!((after, cut.is_complete()), (cut.last_id(), false));
    assert!(after > 2);
}

#[test]
fn two_runs_in_one_file_are_no_history() {
    let one = recording();
    let refused = |file: &[u8]| assert_eq!(read(file), Err(ReadError::SeveralHistories { histories: 2 }));
    let mut other = events(&one);
    other[0]["workflowExecutionStartedEventAttributes"]["workflowId"] = json!("another");
    refused(format!("{one}{}", json!({ "events": other })).as_bytes());
    refused(&text(&json!([one, { "events": other }])));
    refused(&text(&json!([events(&one), other].concat())));
}

#[test]
fn the_rust_sdks_private_form_is_read() {
    let file = json!({"events": [{
        "event_id": 1, "event_time": {"seconds": 1_767_225_600, "nanos": 0}, "event_type": 1, "version": 0, "task_id": 1,
        "attributes": {"WorkflowExecutionStartedEventAttributes": {
            "workflow_type": {"name": "Transfer"},
            "workflow_task_timeout": {"seconds": 10, "nanos": 0},
            "input": {"payloads": [{"metadata": {"encoding": b"json/plain"}, "data": b"\"order-7\""}]},
        }},
    }]});
    let read = opened(&text(&file));
    assert_eq!(read.notes, [Note::RustSdk]);
    assert!(
        file_lines(&read).contains("0:00.000  ◆ WorkflowExecutionStarted          Transfer · (\"order-7\")"),
        "{}",
        file_lines(&read)
    );
    let written: Value = serde_json::from_str(&read.write()).unwrap();
    assert_eq!(written["events"][0]["eventTime"], "2026-01-01T00:00:00Z");
}

#[test]
fn the_readable_download_is_looked_at_in_full_and_not_replayed() {
    let read = opened(&case("01-decoded-payloads"));
    assert_eq!(read.notes, [Note::Readable { event: 1 }]);
    assert!(read.not_for_replay().unwrap().to_string().contains("\"encoded\""));
    assert!(
        file_lines(&read).contains("Transfer · (\"order-7\", 18) · queue q"),
        "{}",
        file_lines(&read)
    );
    // A second reading finds nothing to put right.
    assert_eq!(opened(read.write().as_bytes()).notes, []);
}

/// What the Web UI shows for a payload may stand in its place, in its data, or beside its encoding.
#[test]
fn plain_payloads_are_known_wherever_they_stand() {
    let result = |payloads: Value| {
        let event = json!({
            "eventId": "1",
            "eventType": "EVENT_TYPE_ACTIVITY_TASK_COMPLETED",
            "activityTaskCompletedEventAttributes": {"result": payloads},
        });
        let read = opened(&text(&json!([event])));
        let shown = file_lines(&read);
        let fact = shown
            .lines()
            .next()
            .unwrap()
            .split("Completed")
            .nth(1)
            .unwrap()
            .trim()
            .to_owned();
        (fact, read.notes.len())
    };
    let encoded = "anNvbi9wbGFpbg==";
    let of = |encoding: &str, data: Value| json!({"payloads": [{"metadata": {"encoding": encoding}, "data": data}]});
    let plain = |shown: &str| (shown.to_owned(), 1);
    assert_eq!(result(json!({"payloads": ["paid", 7]})), plain("\"paid\", 7"));
    assert_eq!(result(json!(["paid"])), plain("\"paid\""));
    assert_eq!(result(of("json/plain", json!("paid"))), plain("\"paid\""));
    assert_eq!(result(of(encoded, json!({"paid": true}))), plain("{\"paid\":true}"));
    // `paid` is base64 too, of nothing that is JSON; a number beside it gives the form away.
    let both = json!({"payloads": [
        {"metadata": {"encoding": encoded}, "data": "paid"}, {"metadata": {"encoding": encoded}, "data": 7},
    ]});
    assert_eq!(result(both), plain("\"paid\", 7"));
    assert_eq!(result(of(encoded, json!("InBhaWQi"))), ("\"paid\"".to_owned(), 0));
    let beside = json!({"payloads": [
        {"metadata": {"encoding": encoded, "encodingDecoded": "json/plain"}, "data": "InBhaWQi"},
    ]});
    assert_eq!(result(beside), ("\"paid\"".to_owned(), 0));
}

#[test]
fn the_old_web_uis_export_has_its_attributes_in_their_place() {
    let read = opened(&case("03-web-v1-export"));
    assert_eq!(read.notes, [Note::OldWebUi]);
    let shown = file_lines(&read);
    assert!(shown.contains("Transfer · (\"order-7\", 18) · queue q"), "{shown}");
    let all: Value = serde_json::from_slice(&case("03-web-v1-export")).unwrap();
    let pairs = json!([{
        "eventId": "1", "eventTime": all[0]["eventTime"], "eventType": "WorkflowExecutionStarted",
        "kvps": [{"key": "workflowType.name", "value": "Transfer"}, {"key": "input", "value": ["order-7", 18]}],
    }]);
    let read = opened(&text(&pairs));
    assert!(
        file_lines(&read).contains("Transfer · (\"order-7\", 18)"),
        "{}",
        file_lines(&read)
    );
}

#[test]
fn cadences_spelling_is_read_as_temporals() {
    let file = json!([
        {"eventId": 1, "timestamp": 1_600_000_000_123_456_789_i64, "eventType": "WorkflowExecutionStarted",
         "workflowExecutionStartedEventAttributes": {
            "workflowType": {"name": "Transfer"}, "taskList": {"name": "q"}, "input": "Im9yZGVyLTciCg==",
            "executionStartToCloseTimeoutSeconds": 60, "taskStartToCloseTimeoutSeconds": 10}},
        {"eventId": 2, "timestamp": 1_600_000_000_123_456_789_i64, "eventType": "DecisionTaskScheduled",
         "decisionTaskScheduledEventAttributes": {"taskList": {"name": "q"}, "startToCloseTimeoutSeconds": 10}},
        {"eventId": 3, "timestamp": 1_600_000_001_123_456_789_i64, "eventType": "WorkflowExecutionFailed",
         "workflowExecutionFailedEventAttributes": {"reason": "declined", "decisionTaskCompletedEventId": 2}},
    ]);
    let read = opened(&text(&file));
    assert_eq!(read.notes, [Note::Cadence]);
    let shown = file_lines(&read);
    assert!(shown.contains("Transfer · (\"order-7\") · queue q"), "{shown}");
    assert!(shown.contains("◇ WorkflowTaskScheduled"), "{shown}");
    assert!(
        shown.contains("0:01.000  ◆ WorkflowExecutionFailed           declined (declined)"),
        "{shown}"
    );
}

#[test]
fn newest_first_is_put_in_order_and_one_page_concludes_nothing() {
    let read = opened(&case("02-reversed-order"));
    assert_eq!(read.notes, [Note::NewestFirst]);
    assert_eq!((read.history.events[0].event_id, read.last_id()), (1, 17));
    let page = opened(&case("02b-first-page-only"));
    assert!(matches!(page.notes[..], [Note::MorePages { after }] if after == page.last_id()));
}

#[test]
fn an_unknown_event_is_shown_by_its_name_with_what_it_says() {
    let read = opened(&case("04-unknown-event-ignorable"));
    let shown = file_lines(&read);
    let line = "· WorkflowExecutionRelocated        unknown here; a worker may ignore it · to cell-9";
    assert!(shown.contains(line), "{shown}");
    assert!(
        read.notes[0]
            .to_string()
            .contains("WorkflowExecutionRelocated is unknown here; a worker may ignore it")
    );
    assert!(read.write().contains("EVENT_TYPE_WORKFLOW_EXECUTION_RELOCATED"));
}

/// Is refused, with these words.
#[track_caller]
fn check_refused(file: &[u8], words: &str) {
    let error = read(file).unwrap_err().to_string();
    assert!(error.contains(words), "{error}");
}

#[test]
fn what_is_no_history_is_refused_with_what_to_do() {
    check_refused(b"PK\x03\x04....", "This file is a zip archive. Unpack it");
    check_refused(b"\x89PNG\r\n\x1a\n", "byte 0 is no part of any letter");
    check_refused(&[0x0a, 0xff, 0xff, 0xff, 0xff, 0x0f], "byte 1 is no part of any letter");
    check_refused("[".repeat(1_000_000).as_bytes(), "nested deeper than 64 levels");
    check_refused(
        b"{\"events\": [{\"eventTime\": \"10000-01-01T00:00:00Z\"}]}",
        "line 1, column 27",
    );
}

/// A leap second, the last year there is, markup: all of it is only text.
#[test]
fn odd_values_are_values() {
    let file = json!([
        {"eventId": 1, "eventTime": "2016-12-31T23:59:60Z", "eventType": "WorkflowExecutionStarted",
         "workflowExecutionStartedEventAttributes": {"workflowType": {"name": "<img src=x onerror=alert(1)>"}}},
        {"eventId": 2, "eventTime": "9999-12-31T23:59:59.999999999Z", "eventType": "WorkflowTaskScheduled",
         "workflowTaskScheduledEventAttributes": {}},
    ]);
    let read = opened(&text(&file));
    assert!(file_lines(&read).contains("<img src=x onerror=alert(1)>"));
    assert_eq!(read.notes, []);
}
