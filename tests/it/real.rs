//! Our stories as a real server wrote them (`tests/real`, see its README): the same events with the same attributes,
//! and the same waits wherever a timeout or a backoff fixes how long they are.
//!
//! What may differ is said in one place each: [`shape`], which holds for every comparison of histories,
//! [`CHOSEN`] and [`UNNAMED`]; for times, [`TOLERANCE`] and [`LONG`].

use std::collections::{BTreeMap, BTreeSet};

use sagascope::base::time::Span;
use sagascope::catalogue::stories::LAB;
use sagascope::history::proto::{HistoryEvent, event_name};
use sagascope::history::{json, rules};
use sagascope::sim::Verdict;
use sagascope::sim::spec::RunSpec;
use serde_json::Value;

use crate::histories;
use crate::oracle::numbers_alike;
use crate::shape::{self, VARIES};

/// Each recording and the address of ours in which the same happens.
const RECORDINGS: [(&str, &str); 17] = [
    ("address-rejected", "address-rejected"),
    ("all-goes-well", "all-goes-well"),
    ("all-goes-well-client-with-identity", "all-goes-well"),
    ("both-workers-dead", "both-workers-dead"),
    ("card-declined", "card-declined"),
    ("crash-after-charge", "crash-after-charge"),
    ("crash-after-charge-no-keys", "crash-after-charge-no-keys"),
    ("first-task-lost", "all-goes-well?do=2:kill:A"),
    (
        "first-task-lost-thrice",
        "all-goes-well?do=2:crash:A,6:crash:B,10:crash:A",
    ),
    ("mail-bounces", "mail-bounces"),
    ("mail-server-down", "mail-server-down"),
    ("order-invalid", "order-invalid"),
    ("out-of-stock", "out-of-stock"),
    ("payment-times-out-twice", "payment-times-out-twice"),
    ("sticky-task-lost", "all-goes-well?do=17:kill:A"),
    ("sticky-worker-dead", "all-goes-well?do=16:kill:A"),
    ("worker-dies", "worker-dies"),
];

/// Names that whoever starts the workflow chooses. Each is replaced where it is the name that the run's first event
/// gives, so that all events must agree on it.
const CHOSEN: [(&str, &str); 3] = [
    ("workflowId", "the recordings share one server"),
    ("name", "of a queue: the recordings share one server"),
    ("normalName", "of a queue: the recordings share one server"),
];

/// Left out where the recording has none: the Rust client gives none unless it is told one, ours always does.
const UNNAMED: &str = "workflowExecutionStartedEventAttributes.identity";

/// The long waits: recording, event, seconds since the event before it, and what fixes them.
const WAITS: [(&str, i64, u64, &str); 11] = [
    ("both-workers-dead", 18, 62, "start-to-close 60 + backoff 2"),
    ("crash-after-charge", 18, 62, "start-to-close 60 + backoff 2"),
    ("crash-after-charge-no-keys", 18, 62, "start-to-close 60 + backoff 2"),
    ("first-task-lost", 4, 10, "workflow task timeout 10"),
    ("first-task-lost-thrice", 4, 10, "workflow task timeout 10"),
    (
        "first-task-lost-thrice",
        5,
        20,
        "workflow task timeout 10, twice, unwritten",
    ),
    ("mail-server-down", 30, 327, "backoffs 1+2+4+8+16+32+64+100+100"),
    (
        "payment-times-out-twice",
        18,
        81,
        "start-to-close 60 + backoff 2 + the gateway's silence 15 + backoff 4",
    ),
    ("sticky-task-lost", 22, 10, "workflow task timeout 10"),
    ("sticky-worker-dead", 21, 10, "sticky schedule-to-start 10"),
    ("worker-dies", 18, 62, "start-to-close 60 + backoff 2"),
];

/// What processes and networks may add to a wait, over several attempts; on both sides.
const TOLERANCE: Span = Span::millis(1500);

/// A shorter wait is just the time that work takes, which differs; a longer one must be in [`WAITS`].
const LONG: Span = Span::secs(5);

fn ours(address: &str) -> String {
    let mut sim = LAB.sim(&RunSpec::parse(address).unwrap()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled, "{address}");
    assert!(sim.unused_choices().is_empty(), "{address}");
    json::write(&sim.run().unwrap().log.to_history())
}

fn events(text: &str) -> Vec<HistoryEvent> {
    json::read(text).unwrap().history.events
}

// ---- What is compared.

fn attributes(event: &Value) -> &Value {
    let mut members = event.as_object().unwrap().iter();
    let found = members.find(|(key, _)| key.ends_with("EventAttributes"));
    found.map_or(&Value::Null, |(_, attributes)| attributes)
}

/// Who a worker is differs, and so does which worker does what: chance decides that. What does not: whoever starts a
/// task is who answers it, and a sticky queue is that of the worker who answered last.
fn whose(events: &[Value], at: usize) -> Option<&'static str> {
    let done = attributes(&events[at]);
    if let (Some(id), Some(identity)) = (done["startedEventId"].as_str(), done.get("identity")) {
        let started = events.get(id.parse::<usize>().ok()?.checked_sub(1)?)?;
        let same = attributes(started).get("identity") == Some(identity);
        return Some(if same { "of who started it" } else { "of another" });
    }
    if done["taskQueue"]["kind"] == "TASK_QUEUE_KIND_STICKY" {
        let mut before = events[..at].iter().rev();
        let answered = before.find(|event| event["eventType"] == "EVENT_TYPE_WORKFLOW_TASK_COMPLETED");
        let last = attributes(answered?)["identity"].as_str()?;
        let same = done["taskQueue"]["name"].as_str()?.starts_with(last);
        return Some(if same { "of who answered last" } else { "of another" });
    }
    None
}

fn replace_chosen(value: &mut Value, names: &[Value; 2]) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| replace_chosen(item, names)),
        Value::Object(members) => {
            for (key, value) in members {
                if CHOSEN.iter().any(|(chosen, _)| key == chosen) && names.contains(value) {
                    *value = "the run's".into();
                }
                replace_chosen(value, names);
            }
        }
        _ => {}
    }
}

/// Every value of an event by its path.
fn leaves(value: &Value, path: &str, found: &mut BTreeMap<String, Value>) {
    let below = |key: &str| format!("{path}{}{key}", if path.is_empty() { "" } else { "." });
    match value {
        Value::Object(members) if !members.is_empty() => {
            members
                .iter()
                .for_each(|(key, value)| leaves(value, &below(key), found));
        }
        Value::Array(items) if !items.is_empty() => {
            (0..)
                .zip(items)
                .for_each(|(i, item): (u32, _)| leaves(item, &below(&i.to_string()), found));
        }
        _ => {
            found.insert(path.to_owned(), value.clone());
        }
    }
}

/// What is left to compare of each event.
fn compared(history: &Value) -> Vec<BTreeMap<String, Value>> {
    let events = history["events"].as_array().unwrap();
    let start = attributes(&events[0]);
    let names = [start["workflowId"].clone(), start["taskQueue"]["name"].clone()];
    let each = (0..).zip(events).map(|(at, event)| {
        let mut neutral = event.clone();
        replace_chosen(&mut neutral, &names);
        shape::normalise(&mut neutral, shape::Parties::Strangers);
        let mut found = BTreeMap::new();
        leaves(&neutral, "", &mut found);
        if let Some(whose) = whose(events, at) {
            found.insert("the worker".to_owned(), whose.into());
        }
        found
    });
    each.collect()
}

/// One line for each value that differs. Where the events themselves differ, nothing is said about those after.
fn differences(ours: &Value, theirs: &Value) -> Vec<String> {
    let (mut ours, theirs) = (compared(ours), compared(theirs));
    if !theirs[0].contains_key(UNNAMED) {
        ours[0].remove(UNNAMED);
    }
    let mut lines = Vec::new();
    let nothing = BTreeMap::new();
    for at in 0..ours.len().max(theirs.len()) {
        let (ours, theirs) = (ours.get(at).unwrap_or(&nothing), theirs.get(at).unwrap_or(&nothing));
        let mut tell = |path: &String| {
            let show = |side: &BTreeMap<String, Value>| side.get(path).map_or("nothing".to_owned(), Value::to_string);
            let same = ours.get(path) == theirs.get(path);
            if !same {
                let id = at + 1;
                lines.push(format!(
                    "event {id}, {path}: ours {}, theirs {}",
                    show(ours),
                    show(theirs)
                ));
            }
            same
        };
        if !tell(&"eventType".to_owned()) {
            break;
        }
        let paths: BTreeSet<_> = ours.keys().chain(theirs.keys()).collect();
        for path in paths {
            tell(path);
        }
    }
    lines
}

#[track_caller]
fn all_well(wrong: &[String]) {
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

// ---- The tests.

#[test]
fn every_recording_has_its_address() {
    let files: Vec<_> = histories::real().into_iter().map(|(name, _)| name).collect();
    assert_eq!(files, RECORDINGS.map(|(name, _)| name));
}

#[test]
fn our_histories_are_those_of_a_real_server() {
    let mut wrong = Vec::new();
    let mut count = 0;
    for ((name, theirs), (_, address)) in histories::real().iter().zip(RECORDINGS) {
        let (ours, theirs) = (numbers_alike(&ours(address)), numbers_alike(theirs));
        count += theirs["events"].as_array().unwrap().len();
        wrong.extend(differences(&ours, &theirs).iter().map(|line| format!("{name}: {line}")));
    }
    all_well(&wrong);
    assert_eq!(count, 564, "a recording was added or lost: say so here");
}

#[test]
fn what_must_be_waited_for_takes_as_long_as_on_a_real_server() {
    let mut wrong = Vec::new();
    for ((name, theirs), (_, address)) in histories::real().iter().zip(RECORDINGS) {
        for (side, text) in [("ours", &ours(address)), ("theirs", theirs)] {
            for pair in events(text).windows(2) {
                let [before, event] = pair else {
                    unreachable!("windows of two")
                };
                let took = event.event_time.unwrap().since(before.event_time.unwrap());
                let fixed = WAITS.iter().find(|(n, id, ..)| n == name && *id == event.event_id);
                let (expected, why) = fixed.map_or((Span::ZERO, "work alone"), |(.., s, why)| (Span::secs(*s), *why));
                let tolerance = if fixed.is_some() { TOLERANCE } else { LONG };
                if took.0.abs_diff(expected.0) > tolerance.0 {
                    let (id, kind) = (event.event_id, event_name(event.event_type()));
                    let (took, expected) = (took.as_secs_f64(), expected.as_secs_f64());
                    wrong.push(format!(
                        "{name}: event {id}, {kind}: {side} {took:.3} s, not {expected} s ({why})"
                    ));
                }
            }
        }
    }
    all_well(&wrong);
}

#[test]
fn the_recordings_are_well_formed_and_written_back_letter_by_letter() {
    for (name, text) in histories::real() {
        let read = json::read(&text).unwrap();
        assert_eq!(rules::check(&read.history.events), [], "{name}");
        assert_eq!(read.write(), text.trim_end(), "{name}");
    }
}

/// A comparison that finds nothing must be able to find something.
#[test]
fn other_events_are_found() {
    let [declined, well] = ["card-declined", "all-goes-well"].map(|story| numbers_alike(&ours(story)));
    let found = differences(&declined, &well);
    assert_eq!(
        found,
        [concat!(
            "event 19, eventType: ours \"EVENT_TYPE_ACTIVITY_TASK_FAILED\", ",
            "theirs \"EVENT_TYPE_ACTIVITY_TASK_COMPLETED\""
        )]
    );
}

/// Each value of a history changed in turn: only what the tables name goes unnoticed.
#[test]
fn every_other_value_is_found() {
    let ours = numbers_alike(&ours("all-goes-well?do=17:kill:A"));
    let mut unnoticed = BTreeSet::new();
    let mut all = BTreeMap::new();
    leaves(&ours["events"], "", &mut all);
    for path in all.keys() {
        let mut theirs = ours.clone();
        let pointer = format!("/events/{}", path.replace('.', "/"));
        let value = theirs.pointer_mut(&pointer).unwrap();
        *value = match &*value {
            Value::String(text) => match text.parse::<u64>() {
                // An event id must still be that of an event.
                Ok(number) => (if number > 1 { number - 1 } else { 2 }).to_string().into(),
                Err(_) => format!("{text}, changed").into(),
            },
            Value::Number(number) => (number.as_f64().unwrap() + 8.0).into(),
            _ => "changed".into(),
        };
        if differences(&ours, &theirs).is_empty() {
            unnoticed.insert(path.rsplit('.').next().unwrap());
        }
    }
    let mut tables: BTreeSet<_> = VARIES.iter().map(|(varies, _)| *varies).collect();
    tables.remove("name of a sticky queue");
    tables.extend(["name", "workflowId"]);
    assert_eq!(unnoticed, tables);
}
