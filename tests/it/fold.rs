//! The state of a run is a fold of its history: what it says of recordings, and that the Service says the same.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sagascope::catalogue::stories::LAB;
use sagascope::history::execution::ExecutionState;
use sagascope::history::json;
use sagascope::history::proto::{EventType, HistoryEvent};
use sagascope::history::refs::references;
use sagascope::sim::spec::RunSpec;
use serde_json::Value;

use crate::agreement::disagreement;
use crate::{histories, pending};

/// Every history of a real server that the tests have.
fn recorded() -> Vec<(String, Vec<HistoryEvent>)> {
    let read = |text: &str| json::read(text).unwrap().history.events;
    let files = histories::all().into_iter().chain(histories::real());
    let mut found: Vec<_> = files.map(|(name, text)| (name, read(&text))).collect();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/recordings");
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let recording: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        for run in recording["runs"].as_array().unwrap() {
            found.push((path.display().to_string(), read(&run.to_string())));
        }
    }
    found
}

/// What an event of one of these types began and no later event of the history has ended, by the references alone.
fn open(events: &[HistoryEvent], begins: EventType, ends: &[EventType]) -> BTreeSet<i64> {
    let mut open = BTreeSet::new();
    for event in events {
        if event.event_type() == begins {
            open.insert(event.event_id);
        }
        if event.class().ends_run() {
            open.clear();
        }
        if ends.contains(&event.event_type()) {
            for reference in event.attributes.iter().flat_map(references) {
                if reference.wants == [begins] {
                    open.remove(&reference.to);
                }
            }
        }
    }
    open
}

#[test]
fn of_every_recording_the_fold_knows_what_is_pending_after_each_event() {
    use EventType as T;
    let recorded = recorded();
    assert!(recorded.len() > 300, "{}", recorded.len());
    for (name, events) in recorded {
        let mut state = ExecutionState::default();
        for (index, event) in events.iter().enumerate() {
            state.apply(event);
            // Every event of a short history; of a long one, some.
            if events.len() > 500 && index % 97 != 0 && index + 1 != events.len() {
                continue;
            }
            let so_far = &events[..=index];
            let activities = open(
                so_far,
                T::ActivityTaskScheduled,
                &[
                    T::ActivityTaskCompleted,
                    T::ActivityTaskFailed,
                    T::ActivityTaskTimedOut,
                    T::ActivityTaskCanceled,
                ],
            );
            let timers = open(so_far, T::TimerStarted, &[T::TimerFired, T::TimerCanceled]);
            let at = format!("{name} at event {}", event.event_id);
            assert_eq!(
                state.activities.iter().map(|(id, _)| id).collect::<BTreeSet<_>>(),
                activities,
                "{at}"
            );
            assert_eq!(
                state.timers.iter().map(|(id, _)| id).collect::<BTreeSet<_>>(),
                timers,
                "{at}"
            );
            let signals = open(
                so_far,
                T::SignalExternalWorkflowExecutionInitiated,
                &[
                    T::SignalExternalWorkflowExecutionFailed,
                    T::ExternalWorkflowExecutionSignaled,
                ],
            );
            assert_eq!(
                state.signals_out.keys().copied().collect::<BTreeSet<_>>(),
                signals,
                "{at}"
            );
            assert_eq!(
                state.is_open(),
                !so_far.iter().any(|event| event.class().ends_run()),
                "{at}"
            );
            // One that was cancelled may still wait for its end to be written while the next of its name begins.
            let names = state
                .activities
                .iter()
                .all(|(id, a)| state.activities.named(&a.activity_id) >= Some(id));
            assert!(names, "{at}");
        }
    }
}

#[test]
fn the_service_and_the_fold_agree_at_every_step_of_every_story() {
    for story in LAB.all() {
        let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
        while sim.step().is_some() {
            for run in sim.runs() {
                let wrong = disagreement(run);
                assert!(wrong.is_none(), "{} at step {}: {wrong:?}", story.id, sim.steps());
            }
        }
    }
}

/// What a real server has said is pending, at a moment of a scenario.
#[test]
fn the_fold_says_what_a_real_server_has_described() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance/moments");
    let mut scenarios = 0;
    let (mut activities, mut children) = (0, 0);
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let moments: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
        scenarios += 1;
        for moment in moments.as_array().unwrap() {
            let events = json::read(&moment.to_string()).unwrap().history.events;
            let described = &moment["described"];
            assert_eq!(
                pending::of(&events),
                *described,
                "{} before act {}",
                path.display(),
                moment["act"]
            );
            activities += described["activities"].as_array().unwrap().len();
            children += described["children"].as_array().unwrap().len();
        }
    }
    assert!(
        scenarios >= 10 && activities >= 10 && children >= 3,
        "{scenarios}, {activities}, {children}"
    );
}
