//! Long runs: Temporal's own limits can be reached, and a set-up says how long a run may be.

use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::contract::task::RunKey;
use sagascope::history::proto::{Attributes, EventType, HistoryEvent};
use sagascope::history::{json, rules};
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::spec::Choice;
use sagascope::sim::{Sim, Verdict};
use sagascope::view::recorder::Recorder;
use serde_json::Value;

use crate::histories;
use crate::lab::{Scene, setup};

fn takes(ms: u64) -> Scene {
    Scene::of(Rehearsal {
        takes_ms: ms,
        ..Rehearsal::default()
    })
}

/// What the last event of a history says, and of which type it is.
fn end(events: &[HistoryEvent]) -> (EventType, Option<Attributes>) {
    let last = events.last().unwrap();
    (last.event_type(), last.attributes.clone())
}

#[test]
fn ten_thousand_activities_are_ended_by_the_limit_of_events_and_recorded_to_the_end() {
    let sim = Sim::with(setup("RehearsesOften", (takes(10), 10_000)), 7, Vec::new()).unwrap();
    let mut recorder = Recorder::of(sim);
    while !recorder.advance(u32::MAX) {}
    let (recording, past) = recorder.finish_and_keep();
    assert!(recording.end.settled);
    let events = recording.history(RunKey(0));
    let real = json::read(&histories::one("bare-long-history")).unwrap().history.events;
    assert_eq!(end(events), end(&real));
    // 8,533 activities fit in, to the event; the workflow task after the last of them would have been one more.
    assert_eq!(events.len(), 51_200 + 1);
    assert_eq!(rules::check(events), []);
    // Six events and six steps for each activity.
    let steps = recording.last();
    assert!((steps as usize) < events.len() + 100, "{steps} steps");

    // What is shown does not grow: all that is at any time of the first activities is at any time of the last.
    let shown = |from: u32| {
        let moments = (from..from + 12).map(|step| recording.moment(0, step));
        let sizes = moments.map(|moment| {
            (
                moment.unwritten.len(),
                moment.attempts.map_or(0, |told| told.rows.len()),
            )
        });
        sizes.max()
    };
    assert_eq!(shown(60), shown(steps - 60));

    // A dot for each event; for each activity two tasks, which wait and are worked on, and what is done outside.
    let marks = recording.marks(0).len();
    assert!(marks < events.len() + 8 * 8_533, "{marks} marks");

    // Who goes back, or does something near the end, begins near there.
    let choice = Choice::to_worker(steps - 1_000, Verb::Crash, WorkerName(0));
    let fork = past.fork(&recording, vec![choice]).unwrap();
    let again = steps - 1_000 - fork.steps();
    assert!(again <= 2 * steps.isqrt(), "{again} steps are done again");
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
