//! Two histories compared: what must not differ, what must, and how it is told.

use std::collections::BTreeSet;

use sagascope::catalogue::stories::LAB;
use sagascope::history::json::{self, read};
use sagascope::history::proto::{Attributes, HistoryEvent, Payloads};
use sagascope::history::timestamp::Timestamp;
use sagascope::history::{payload, proto};
use sagascope::sim::spec::RunSpec;
use sagascope::study::diff::{Diff, Verdict, diff};
use serde_json::json;

use crate::{golden, histories};

fn story(id: &str) -> Vec<HistoryEvent> {
    let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
    sim.run_to_end();
    sim.run().unwrap().log.events().to_vec()
}

fn file(path: &str) -> Vec<HistoryEvent> {
    read(&std::fs::read_to_string(path).unwrap()).unwrap().history.events
}

/// What differs, in words, without the numbers of events.
fn told(diff: &Diff) -> Vec<String> {
    let lines = diff.changes.iter().flat_map(|change| {
        let itself = (change.verdict != Verdict::Changed).then(|| format!("{}: {:?}", change.name(), change.verdict));
        let parts = change.differences.iter();
        itself
            .into_iter()
            .chain(parts.map(|placed| format!("{}: {}", change.name(), placed.difference)))
            .collect::<Vec<_>>()
    });
    lines.collect()
}

/// The same with its sides exchanged, as a set: which of two histories comes first makes no other difference.
fn mirrored(diff: &Diff) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for change in &diff.changes {
        let verdict = match change.verdict {
            Verdict::OnlyInFrom => Verdict::OnlyInTo,
            Verdict::OnlyInTo => Verdict::OnlyInFrom,
            same => same,
        };
        words.insert(format!("{} {verdict:?} {:?} {:?}", change.what, change.to, change.from));
        for placed in &change.differences {
            let difference = &placed.difference;
            words.insert(format!(
                "{} {} {:?} {:?} {:?} {:?}",
                change.what,
                difference.name(),
                placed.to_event,
                placed.from_event,
                difference.to,
                difference.from
            ));
        }
    }
    words
}

fn plain(diff: &Diff) -> BTreeSet<String> {
    let mut words = BTreeSet::new();
    for change in &diff.changes {
        words.insert(format!(
            "{} {:?} {:?} {:?}",
            change.what, change.verdict, change.from, change.to
        ));
        for placed in &change.differences {
            let difference = &placed.difference;
            words.insert(format!(
                "{} {} {:?} {:?} {:?} {:?}",
                change.what,
                difference.name(),
                placed.from_event,
                placed.to_event,
                difference.from,
                difference.to
            ));
        }
    }
    words
}

#[test]
fn a_history_does_not_differ_from_itself() {
    for (name, text) in histories::all().into_iter().chain(histories::real()) {
        let events = read(&text).unwrap().history.events;
        let diff = diff(&events, &events);
        assert!(diff.is_same(), "{name}: {:?}", told(&diff));
        assert_eq!(diff.sealed, 0, "{name}");
        assert!(diff.first().is_none());
    }
}

#[test]
fn which_comes_first_makes_no_difference() {
    let all: Vec<(String, Vec<HistoryEvent>)> = histories::all()
        .into_iter()
        .map(|(name, text)| (name, read(&text).unwrap().history.events))
        .collect();
    for pair in all.windows(2) {
        let [(one, from), (other, to)] = pair else {
            unreachable!()
        };
        let (there, back) = (diff(from, to), diff(to, from));
        assert_eq!(plain(&there), mirrored(&back), "{one} | {other}");
        assert_eq!(there.same, back.same, "{one} | {other}");
    }
}

#[test]
fn stories_against_their_variants() {
    let pairs = [
        ("retries", "all-goes-well", "payment-times-out-twice"),
        ("crash", "all-goes-well", "crash-after-charge"),
        ("keys", "crash-after-charge", "crash-after-charge-no-keys"),
        ("saga", "all-goes-well", "address-rejected"),
        ("declined", "all-goes-well", "card-declined"),
        ("patch", "deploy-unpatched", "deploy-patched"),
        ("children", "children", "children-one-fails"),
        ("approval", "approval-superior", "approval-refused"),
        ("loop", "loop", "loop-gives-up"),
        ("wait", "all-goes-well", "no-worker"),
    ];
    for (name, a, b) in pairs {
        let diff = diff(&story(a), &story(b));
        golden::check(&format!("golden/diff/{name}.txt"), &diff.text([a, b], false));
    }
    let whole = story("address-rejected");
    let open = diff(&whole[..24], &whole);
    golden::check(
        "golden/diff/open.txt",
        &open.text(["while it was open", "at its end"], true),
    );
}

#[test]
fn a_history_against_a_run() {
    let case = file("tests/cases/13-arguments-changed.json");
    let found = diff(&case, &story("all-goes-well"));
    assert_eq!(
        told(&found),
        [
            "activity ProcessPayment: input [0].user_id: \"somebody-else\" → \"user-42\"",
            "activity ProcessPayment: input [0].amount: 1 → 8900",
        ]
    );
    assert_eq!((found.changes[0].from, found.changes[0].to), (Some(17), Some(17)));
    assert_eq!(found.same, 4);
    // Of a real server: other ids, identities, times and versions, and nothing of it is a difference.
    let real = file("tests/real/crash-after-charge.json");
    let found = diff(&real, &story("crash-after-charge"));
    golden::check("golden/diff/real.txt", &found.text(["real", "ours"], true));
}

/// The inputs of all activities, to be changed.
fn inputs(events: &mut [HistoryEvent]) -> impl Iterator<Item = &mut Option<Payloads>> {
    events.iter_mut().filter_map(|event| match &mut event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(a)) => Some(&mut a.input),
        _ => None,
    })
}

#[test]
fn what_is_random_or_only_the_time_is_no_difference() {
    let one = story("all-goes-well");
    let text = json::write(&proto::History { events: one.clone() });
    let mut other = read(&text.replace("worker-A@lab", "w-9@box").replace("019b76da", "729b76da"))
        .unwrap()
        .history
        .events;
    for (event, later) in other.iter_mut().zip(1..) {
        let at: Timestamp = event.event_time.unwrap();
        event.event_time = Some(at.plus(sagascope::base::time::Span::millis(later * 3)));
        event.task_id = later.try_into().unwrap();
    }
    let found = diff(&one, &other);
    assert!(found.is_same(), "{:?}", told(&found));
    assert!(
        found
            .durations
            .iter()
            .any(|lasted| lasted.from_nanos != lasted.to_nanos)
    );
    // An argument that names the run itself, and one that says the same in other words.
    let mut renamed = other.clone();
    let mut own = one.clone();
    let set = |events: &mut [HistoryEvent], json: &str| *inputs(events).next().unwrap() = Some(payload::written(json));
    set(
        &mut own,
        "{ \"key\": \"019b76da-a800-72cf-a3c8-bad473c99ce7/1\",\n \"n\": 1 }",
    );
    set(
        &mut renamed,
        "{\"n\":1.0,\"key\":\"729b76da-a800-72cf-a3c8-bad473c99ce7/1\"}",
    );
    let found = diff(&own, &renamed);
    assert!(found.is_same(), "{:?}", told(&found));
}

#[test]
fn what_moved_came_in_or_went_is_told() {
    let one = story("all-goes-well");
    let names = |events: &mut [HistoryEvent], from: &str, to: &str| {
        for event in events {
            if let Some(Attributes::ActivityTaskScheduledEventAttributes(a)) = &mut event.attributes {
                let kind = a.activity_type.as_mut().unwrap();
                if kind.name == from {
                    to.clone_into(&mut kind.name);
                }
            }
        }
    };
    let mut other = one.clone();
    names(&mut other, "ReserveInventory", "TakeFromStock");
    let found = diff(&one, &other);
    assert_eq!(
        told(&found),
        [
            "activity ReserveInventory: OnlyInFrom",
            "activity TakeFromStock: OnlyInTo"
        ]
    );
    assert_eq!(
        found.first().unwrap().words(),
        "activity ReserveInventory (event 11) is only in A"
    );

    // Two scheduled events change places, with what belongs to them.
    let mut other = one.clone();
    let ids = |event: &HistoryEvent| event.event_id;
    let swap = |events: &mut [HistoryEvent], a: usize, b: usize| {
        let (first, second) = (ids(&events[a]), ids(&events[b]));
        let attributes = events[a].attributes.take();
        events[a].attributes = events[b].attributes.take();
        events[b].attributes = attributes;
        events[a].event_id = first;
        events[b].event_id = second;
    };
    for (a, b) in [(4, 10), (6, 12)] {
        swap(&mut other, a, b);
    }
    let found = diff(&one, &other);
    let moved: Vec<&str> = found
        .changes
        .iter()
        .filter(|change| change.verdict == Verdict::Moved)
        .map(|change| change.what.as_str())
        .collect();
    assert_eq!(moved.len(), 1, "{:?}", told(&found));
    assert!(found.text(["a", "b"], false).contains(", moved\n"));
}

#[test]
fn what_is_encrypted_cannot_be_told() {
    let sealed = |data: u8| Payloads {
        payloads: vec![proto::Payload {
            metadata: [("encoding".to_owned(), b"binary/encrypted".to_vec())].into(),
            data: vec![data; 8],
            ..Default::default()
        }],
    };
    let mut one = story("all-goes-well");
    let mut other = one.clone();
    for (events, data) in [(&mut one, 1), (&mut other, 2)] {
        inputs(events).for_each(|input| *input = Some(sealed(data)));
    }
    let found = diff(&one, &other);
    assert!(found.is_same());
    assert_eq!(found.sealed, 5);
    assert!(found.text(["a", "b"], false).contains("\ncannot tell: 5 values "));
}

#[test]
fn options_differ_by_name() {
    let one = story("all-goes-well");
    let mut other = one.clone();
    for event in &mut other {
        match &mut event.attributes {
            Some(Attributes::ActivityTaskScheduledEventAttributes(a)) if a.activity_id == "3" => {
                a.start_to_close_timeout.as_mut().unwrap().seconds = 5;
                a.retry_policy.as_mut().unwrap().maximum_attempts = 9;
                a.task_queue.as_mut().unwrap().name = "elsewhere".to_owned();
            }
            Some(Attributes::WorkflowExecutionStartedEventAttributes(a)) => a.cron_schedule = "@daily".to_owned(),
            _ => {}
        }
    }
    assert_eq!(
        told(&diff(&one, &other)),
        [
            "the start of the run: cron schedule: nothing → @daily",
            "activity ProcessPayment: task queue: orders → elsewhere",
            "activity ProcessPayment: start-to-close: 60 s → 5 s",
            "activity ProcessPayment: maximum attempts: 3 → 9",
        ]
    );
}

/// Whatever is done to a history, it is compared.
#[test]
fn broken_histories_are_compared_too() {
    let whole = story("address-rejected");
    let signals = read(&histories::one("sem-signals")).unwrap().history.events;
    for from in [&whole, &signals] {
        for cut in 0..=whole.len() {
            drop(diff(&whole[..cut], from));
            drop(diff(from, &whole[cut..]));
        }
    }
    let mut broken = whole.clone();
    broken.reverse();
    for (at, event) in broken.iter_mut().enumerate() {
        match at % 5 {
            0 => event.event_id = 7,
            1 => event.event_time = None,
            2 => event.attributes = None,
            3 => event.event_id = -event.event_id,
            _ => event.event_time.as_mut().unwrap().seconds = i64::MAX,
        }
    }
    let found = diff(&broken, &whole);
    assert!(!found.is_same());
    assert_eq!(plain(&found), mirrored(&diff(&whole, &broken)));
    assert!(diff(&broken, &broken).is_same());
    assert!(diff(&[], &[]).is_same());
    assert!(!found.text(["a", "b"], true).is_empty() && found.json().contains("\"changes\""));
}

/// As long as a history may be, on both sides, and with every argument changed.
#[test]
fn histories_at_temporals_limit() {
    let round = &story("all-goes-well")[..34];
    let long = |factor: u64, skip: u64| -> Vec<HistoryEvent> {
        let mut events: Vec<HistoryEvent> = Vec::new();
        for turn in skip..1_506 {
            let shift = i64::try_from(events.len()).unwrap();
            for event in round.iter().skip(usize::from(turn > skip) * 4) {
                let mut event = event.clone();
                event.event_id = i64::try_from(events.len()).unwrap() + 1;
                match &mut event.attributes {
                    Some(Attributes::ActivityTaskScheduledEventAttributes(a)) => {
                        a.input = Some(payload::json(&json!({ "turn": turn * factor })));
                    }
                    Some(Attributes::ActivityTaskStartedEventAttributes(a)) => {
                        a.scheduled_event_id = event.event_id - 1
                    }
                    Some(Attributes::ActivityTaskCompletedEventAttributes(a)) => {
                        a.scheduled_event_id = event.event_id - 2;
                    }
                    _ => {}
                }
                events.push(event);
            }
            assert!(shift < 51_200);
        }
        events
    };
    let one = long(1, 0);
    assert!(one.len() > 45_000, "{}", one.len());
    let found = diff(&one, &long(1, 3));
    let only = found
        .changes
        .iter()
        .filter(|change| change.verdict == Verdict::OnlyInFrom);
    assert_eq!(only.count(), 15, "what is missing at the beginning shifts nothing");
    let found = diff(&one, &long(1_000_000, 1));
    assert!(found.changes.len() > 7_000);
    assert!(found.text(["a", "b"], false).contains("\n  and "));
}
