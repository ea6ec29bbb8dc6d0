//! What is pending at a moment of a recording, and what became different between two.

use sagascope::catalogue::stories::LAB;
use sagascope::sim::spec::RunSpec;
use sagascope::view::changes::{Change, Changes, changes};
use sagascope::view::description::describe;
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::Recording;
use sagascope::view::state::{Folded, State, state};

fn recorded(story: &str) -> Recording {
    let mut recorder = Recorder::of(LAB.sim(&RunSpec::of(story)).unwrap());
    while !recorder.advance(64) {}
    recorder.finish()
}

fn names(state: &State, part: &str) -> Vec<String> {
    let found = state.parts.iter().find(|it| it.title == part).unwrap();
    let mut names: Vec<String> = found.things.iter().map(|thing| thing.name.clone()).collect();
    names.sort_unstable();
    names
}

fn sorted(names: impl Iterator<Item = String>) -> Vec<String> {
    let mut names: Vec<String> = names.collect();
    names.sort_unstable();
    names
}

/// `temporal workflow describe` asks the Service as it is then; the recording must have kept all of it.
#[test]
fn the_state_of_every_moment_is_what_the_service_describes() {
    let mut seen = [0, 0, 0];
    for story in [
        "payment-times-out-twice",
        "parallel",
        "children",
        "large-order-forgotten",
        "heartbeat",
        "registration-verified",
    ] {
        let recording = recorded(story);
        let mut sim = LAB.sim(&RunSpec::of(story)).unwrap();
        let mut folded = Folded::default();
        for step in 0..=recording.last() {
            if step > 0 {
                sim.step();
            }
            let stands = state(&recording, 0, step, &mut folded);
            assert_eq!(
                stands,
                state(&recording, 0, step, &mut Folded::default()),
                "{story}, step {step}"
            );
            let Some(run) = sim.runs().first() else { continue };
            let (id, run_id) = (run.workflow_id.clone(), run.run_id.clone());
            let told = describe(&sim, &id, Some(&run_id)).unwrap();
            let activities = sorted(told.activities.iter().map(|it| it.activity_type.clone()));
            let timers = sorted(told.timers.iter().map(|it| format!("timer {}", it.timer_id)));
            let children = sorted(told.children.iter().map(|it| it.workflow_id.clone()));
            seen = [
                seen[0] + activities.len(),
                seen[1] + timers.len(),
                seen[2] + children.len(),
            ];
            assert_eq!(names(&stands, "Pending activities"), activities, "{story}, step {step}");
            assert_eq!(names(&stands, "Timers"), timers, "{story}, step {step}");
            assert_eq!(names(&stands, "Children"), children, "{story}, step {step}");
            assert_eq!(
                names(&stands, "Workflow task").len(),
                usize::from(told.task.is_some()),
                "{story}, step {step}"
            );
        }
    }
    assert!(
        seen.iter().all(|count| *count > 5),
        "some kind is never pending: {seen:?}"
    );
}

#[test]
fn an_activity_between_two_attempts_says_when_the_next_is_due() {
    let recording = recorded("payment-times-out-twice");
    let stands = state(&recording, 0, 15, &mut Folded::default());
    let activities = stands
        .parts
        .iter()
        .find(|part| part.title == "Pending activities")
        .unwrap();
    let [payment] = &activities.things[..] else {
        panic!("{activities:?}")
    };
    assert_eq!((payment.name.as_str(), payment.event), ("ProcessPayment", Some(17)));
    assert!(payment.says.starts_with("attempt 2 of 3 is due at"), "{}", payment.says);
    assert!(payment.says.contains("start-to-close 60 s"), "{}", payment.says);
}

fn of<'a>(changes: &'a Changes, group: &str) -> &'a [Change] {
    let found = changes.groups.iter().find(|it| it.title == group);
    found.map_or(&[], |group| &group.changes)
}

#[test]
fn a_step_that_charges_changes_the_world_and_writes_nothing() {
    let changes = changes(&recorded("all-goes-well"), 0, 14, 15);
    assert!(of(&changes, "Events").is_empty());
    let charged = of(&changes, "World")
        .iter()
        .find(|change| change.what == "customer charged")
        .unwrap();
    assert_eq!(
        (charged.before.as_deref(), charged.after.as_deref()),
        (Some("none"), Some("€89.00"))
    );
}

#[test]
fn the_way_back_takes_away_what_the_way_there_brings() {
    let recording = recorded("all-goes-well");
    let (there, back) = (changes(&recording, 0, 14, 29), changes(&recording, 0, 29, 14));
    assert_eq!(of(&there, "Events").len(), 35 - 17);
    assert_eq!(of(&there, "Events").len(), of(&back, "Events").len());
    for (there, back) in there.groups.iter().zip(&back.groups) {
        assert_eq!(there.title, back.title);
        for change in &there.changes {
            let turned = back
                .changes
                .iter()
                .any(|it| it.before == change.after && it.after == change.before);
            assert!(turned, "{}: {change:?}", there.title);
        }
    }
    assert_eq!(changes(&recording, 0, 20, 20), Changes::default());
}
