//! Code that does not do the same again, and the same done right.

use sagascope::base::impure;
use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::service::run::RunStatus;
use sagascope::sim::Sim;
use sagascope::sim::step::Step;
use sagascope::worker::nondeterminism::Finding;
use sagascope::worker::replay::{ReplayError, replay};

use crate::lab::{count, scheduled, seen, told};

fn replays(sim: &Sim) -> usize {
    seen(sim, |step| match step {
        Step::Activated { activated, .. } => activated.replaying.then_some(()),
        _ => None,
    })
    .len()
}

/// What the story's first version of the code makes of the history that it wrote itself.
fn replayed_again(id: &str) -> Result<(), Box<Finding>> {
    let sim = told(id);
    let code = LAB.named(id).unwrap().setup.code[0]();
    let events = sim.run().unwrap().log.events();
    let last = events.iter().rposition(|event| {
        matches!(
            &event.attributes,
            Some(sagascope::history::proto::Attributes::ActivityTaskCompletedEventAttributes(_))
        )
    });
    match replay(&code, &events[..=last.unwrap()], None) {
        Ok(_) => Ok(()),
        Err(ReplayError::Nondeterministic(finding)) => Err(finding),
        Err(other) => panic!("{id}: {other:?}"),
    }
}

#[test]
fn dice_fall_otherwise_at_the_replay() {
    let sim = told("dice-wrong");
    let [first, second] = sim.runs() else {
        panic!("a run and what it was reset into")
    };
    assert_eq!(count(first, "WorkflowTaskFailed"), 1);
    assert_eq!(
        (first.status(), second.status()),
        (RunStatus::Terminated, RunStatus::Completed)
    );
    assert_eq!(first.reset_into, Some(second.key));
}

#[test]
fn what_the_sdk_draws_is_drawn_again() {
    for id in ["dice-right", "dice-by-activity"] {
        let sim = told(id);
        assert!(replays(&sim) > 0, "{id}");
        assert_eq!(count(sim.run().unwrap(), "WorkflowTaskFailed"), 0, "{id}");
        assert!(replayed_again(id).is_ok(), "{id}");
    }
    assert_eq!(count(told("dice-by-activity").run().unwrap(), "MarkerRecorded"), 1);
}

#[test]
fn at_a_replay_the_machines_clock_says_that_nothing_took_any_time() {
    let sim = told("clock-wrong");
    let run = sim.run().unwrap();
    assert_eq!(count(run, "WorkflowTaskFailed"), 1);
    assert_eq!(
        run.result(),
        told("clock-right").run().unwrap().result(),
        "the right code goes on"
    );
    assert_eq!(scheduled(run), ["AskForQuote", "AskForQuote", "PlaceOrder"]);

    impure::show(SimTime::ZERO + Span::secs(3_600), 1);
    let finding = replayed_again("clock-wrong").unwrap_err();
    assert_eq!(finding.recorded, "activity AskForQuote (id 2)");
    assert_eq!(finding.asked.unwrap().0, "activity PlaceOrder (id 2)");
}

#[test]
fn the_sdks_clock_says_the_same_again() {
    assert!(replays(&told("clock-right")) > 0);
    assert!(replayed_again("clock-right").is_ok());
}
