//! Files that chance has broken: bytes changed, parts of the JSON swapped, left out, doubled, replaced by others. Whatever
//! can still be read is looked at in full and judged; nothing panics, nothing hangs. A failure prints a repro string.
//!
//! `BROKEN=1000000 cargo test … broken_files` tries as many files; `BROKEN_FROM=17` begins with that seed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use sagascope::base::chance::Chance;
use sagascope::history::file;
use sagascope::history::json::ReadHistory;
use sagascope::history::text::file_lines;
use sagascope::view::findings::findings;
use sagascope::view::opening::{open, read};
use sagascope::view::state::{Folded, state};
use serde_json::{Value, json};

use crate::histories;

/// So many files are tried unless more are asked for.
const FILES: u64 = 600;

/// One draw after the other.
struct Draws {
    chance: Chance,
    drawn: u64,
}

impl Draws {
    fn next(&mut self) -> u64 {
        self.drawn += 1;
        self.chance.draw("broken", &[self.drawn])
    }

    fn below(&mut self, limit: usize) -> usize {
        usize::try_from(self.next() % limit.max(1) as u64).unwrap()
    }
}

fn number(name: &str, otherwise: u64) -> u64 {
    std::env::var(name)
        .ok()
        .and_then(|text| text.parse().ok())
        .unwrap_or(otherwise)
}

#[test]
fn whatever_is_in_a_file_nothing_panics() {
    let all: Vec<(String, String)> = histories::all()
        .into_iter()
        .filter(|(_, text)| text.len() < 60_000)
        .collect();
    let from = number("BROKEN_FROM", 1);
    let mut readable = 0;
    for seed in from..from + number("BROKEN", FILES) {
        let mut draws = Draws {
            chance: Chance::new(seed),
            drawn: 0,
        };
        let (name, text) = &all[draws.below(all.len())];
        let bytes = broken(text, &mut draws);
        match catch_unwind(AssertUnwindSafe(|| look_at(&bytes))) {
            Ok(was_read) => readable += u64::from(was_read),
            Err(_) => panic!("repro: BROKEN_FROM={seed} BROKEN=1, made of {name}"),
        }
    }
    // Broken too much, nothing would be tried but the reader's first lines.
    if from == 1 && number("BROKEN", FILES) == FILES {
        assert!(readable > FILES / 5, "{readable} of {FILES} could be read");
    }
}

fn look_at(bytes: &[u8]) -> bool {
    let Ok(history) = file::read(bytes) else { return false };
    // What is written reads back.
    let again = file::read(history.write().as_bytes());
    assert!(again.is_ok(), "{again:?}");
    file_lines(&history);
    findings(&history.history.events, history.is_complete());
    show(history, bytes.len() as u64)
}

fn show(history: ReadHistory, bytes: u64) -> bool {
    let Ok(read) = read("broken.json", bytes, history) else {
        return true;
    };
    let recording = open(read);
    let marks = recording.marks(0);
    let mut folded = Folded::default();
    let last = recording.last();
    // Of what was filled in there may be very much.
    for step in (0..=last).filter(|step| *step < 100 || *step + 100 > last) {
        recording.moment(0, step);
        state(&recording, 0, step, &mut folded);
        recording.event_details(0, step);
        recording.event_json(0, step);
    }
    for mark in marks.iter().take(500) {
        recording.labels(mark, recording.end_time());
        recording.facts(0, mark, last);
    }
    true
}

fn broken(text: &str, draws: &mut Draws) -> Vec<u8> {
    match draws.below(8) {
        0 => with_other_bytes(text.as_bytes().to_vec(), draws),
        1 => {
            let history = file::read(text.as_bytes()).unwrap().history;
            with_other_bytes(file::bytes(&history), draws)
        }
        2 => text.as_bytes()[..draws.below(text.len())].to_vec(),
        _ => {
            let mut value: Value = serde_json::from_str(text).unwrap();
            for _ in 0..=draws.below(6) {
                change(&mut value, draws, 0);
            }
            value.to_string().into_bytes()
        }
    }
}

fn with_other_bytes(mut bytes: Vec<u8>, draws: &mut Draws) -> Vec<u8> {
    for _ in 0..=draws.below(12) {
        let at = draws.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte = u8::try_from(draws.next() % 256).unwrap();
        }
    }
    bytes
}

/// Changes something somewhere in it.
fn change(value: &mut Value, draws: &mut Draws, depth: u32) {
    let deeper = depth < 3 || draws.below(3) > 0;
    match value {
        Value::Object(members) if !members.is_empty() && deeper => {
            let key = members.keys().nth(draws.below(members.len())).unwrap().clone();
            match draws.below(12) {
                0 => _ = members.remove(&key),
                1 => {
                    let moved = members.remove(&key).unwrap();
                    members.insert(odd_name(draws), moved);
                }
                _ => change(&mut members[&key], draws, depth + 1),
            }
        }
        Value::Array(items) if !items.is_empty() && deeper => {
            let (at, other) = (draws.below(items.len()), draws.below(items.len()));
            match draws.below(10) {
                0 => _ = items.remove(at),
                1 => items.swap(at, other),
                2 => items.insert(at, items[other].clone()),
                3 => items[at] = items[other].clone(),
                4 => items.reverse(),
                _ => change(&mut items[at], draws, depth + 1),
            }
        }
        _ => *value = odd(draws),
    }
}

fn odd_name(draws: &mut Draws) -> String {
    const NAMES: [&str; 8] = [
        "details",
        "attributes",
        "timestamp",
        "activityTaskScheduledEventAttributes",
        "activityTaskStartedEventAttributes",
        "workflowTaskFailedEventAttributes",
        "taskList",
        "x",
    ];
    NAMES[draws.below(NAMES.len())].to_owned()
}

fn odd(draws: &mut Draws) -> Value {
    match draws.below(18) {
        0 => Value::Null,
        1 => json!({}),
        2 => json!([]),
        3 => json!(""),
        4 => json!("0"),
        5 => json!(i64::MAX.to_string()),
        6 => json!(i64::MIN.to_string()),
        7 => json!(-1),
        8 => json!(draws.below(40).to_string()),
        9 => json!("9999-12-31T23:59:59.999999999Z"),
        10 => json!("0001-01-01T00:00:00Z"),
        11 => json!("2026-03-02T09:00:00Z"),
        12 => json!("315576000000s"),
        13 => json!("-5s"),
        14 => json!(1e300),
        15 => json!("EVENT_TYPE_ACTIVITY_TASK_STARTED"),
        16 => json!("<b>é\u{202e}\n</b>"),
        _ => json!(draws.below(1_000)),
    }
}
