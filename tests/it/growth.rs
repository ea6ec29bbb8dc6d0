//! Long runs: Temporal's own limits can be reached, and a set-up says how long a run may be.

use sagascope::history::proto::EventType;
use sagascope::history::{json, rules};
use sagascope::sim::{Sim, Verdict};
use sagascope::workflows::rehearsal::Rehearsal;
use serde_json::Value;

use crate::histories;
use crate::lab::{Scene, setup};

fn takes(ms: u64) -> Scene {
    Scene::of(Rehearsal {
        takes_ms: ms,
        ..Rehearsal::default()
    })
}

/// How the real server ends a run whose history is too long: the last two events that it wrote.
fn real_end() -> Vec<(EventType, Value)> {
    end(&json::read(&histories::one("bare-long-history")).unwrap().history.events)
}

fn end(events: &[sagascope::history::proto::HistoryEvent]) -> Vec<(EventType, Value)> {
    let said = |event: &sagascope::history::proto::HistoryEvent| {
        let history = sagascope::history::proto::History {
            events: vec![event.clone()],
        };
        let json: Value = serde_json::from_str(&json::write(&history)).unwrap();
        let event = json["events"][0].as_object().unwrap();
        let attributes = event.values().find_map(Value::as_object).unwrap();
        let mut attributes = attributes.clone();
        // Which task it was depends on the length.
        attributes.remove("scheduledEventId");
        attributes.remove("startedEventId");
        Value::Object(attributes)
    };
    let last = &events[events.len() - 2..];
    last.iter().map(|event| (event.event_type(), said(event))).collect()
}

#[test]
fn ten_thousand_activities_are_ended_by_the_limit_of_events() {
    let mut sim = Sim::with(setup("RehearsesOften", (takes(10), 10_000)), 7, Vec::new()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled);
    let run = sim.run().unwrap();
    let events = run.log.events();
    assert_eq!(end(events), real_end());
    assert!((51_199..=51_202).contains(&events.len()), "{} events", events.len());
    assert_eq!(rules::check(events), []);
    // Six events and six steps for each activity.
    assert!(sim.steps() < run.log.len() + 100, "{} steps", sim.steps());
}

#[test]
fn results_of_fifty_mebibytes_are_ended_by_the_limit_of_size() {
    let large = Scene::of(Rehearsal {
        takes_ms: 10,
        returns: Value::String("x".repeat(2_000_000)),
        ..Rehearsal::default()
    });
    let mut sim = Sim::with(setup("RehearsesOften", (large, 100)), 7, Vec::new()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled);
    let run = sim.run().unwrap();
    let last = run.log.events().last().unwrap();
    assert_eq!(last.event_type(), EventType::WorkflowExecutionTerminated);
    assert!(run.size_bytes > 50 * 1_024 * 1_024, "{} bytes", run.size_bytes);
}

#[test]
fn a_run_ends_at_the_set_ups_limit_of_steps() {
    let mut setup = setup("RehearsesOften", (takes(10), 100));
    setup.most_steps = 50;
    let mut sim = Sim::with(setup, 7, Vec::new()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::DidNotSettle);
    assert_eq!(sim.steps(), 50);
}
