//! The order saga: all its stories, and a crash at every moment of each.

use prost::Message;
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::order_orchestration::OrderOrchestration;
use sagascope::check::sweep::Sweep;
use sagascope::history::proto::{Attributes, History};
use sagascope::sim::Sim;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::story::Story;
use temporalio_sdk::workflow_replayer::WorkflowReplayerOptions;

use crate::{official, python};

const SAGA: &str = "OrderOrchestration";

/// Every history of the saga that a crash can lead to, and every one that is still open, each once.
fn histories() -> Vec<(String, History)> {
    let sagas = || {
        LAB.all()
            .into_iter()
            .filter(|story: &Story| story.workflow_type() == SAGA && story.setup.code.len() == 1)
    };
    let mut histories = Vec::new();
    for story in sagas() {
        let mut sim = LAB.sim(&RunSpec::of(story.id)).expect("a story of the catalogue");
        while sim.step().is_some() {
            histories.push((format!("{} after {} steps", story.id, sim.steps()), history(&sim)));
        }
        let sweep = Sweep::new(LAB, &RunSpec::of(story.id)).expect("a story of the catalogue");
        for spec in sweep.ahead() {
            let mut sim = LAB.sim(&spec).expect("a point of the sweep");
            sim.run_to_end();
            histories.push((spec.to_string(), history(&sim)));
        }
    }
    let mut seen = std::collections::BTreeSet::new();
    histories.retain(|(_, history)| seen.insert(history.encode_to_vec()));
    histories
}

fn history(sim: &Sim) -> History {
    sim.run().expect("a story starts its workflow").log.to_history()
}

fn rust() -> WorkflowReplayerOptions {
    let options = WorkflowReplayerOptions::new().register_workflow::<OrderOrchestration>();
    options.expect("a workflow of its own name").build()
}

/// The first scheduled activity with another name, as if the code had changed.
fn doctored(mut history: History) -> History {
    let scheduled = history.events.iter_mut().find_map(|event| match &mut event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => Some(scheduled),
        _ => None,
    });
    let activity_type = scheduled.and_then(|scheduled| scheduled.activity_type.as_mut());
    activity_type.expect("the saga begins with an activity").name = "ValidateParcel".to_owned();
    history
}

fn all_goes_well() -> History {
    let mut sim = LAB
        .sim(&RunSpec::of("all-goes-well"))
        .expect("a story of the catalogue");
    sim.run_to_end();
    history(&sim)
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was tried is part of the result")]
fn the_rust_replayer_accepts_every_history_of_the_saga() {
    let (names, histories): (Vec<_>, Vec<_>) = histories().into_iter().unzip();
    let verdicts = official::verdicts(&rust(), &histories);
    for (name, verdict) in names.iter().zip(&verdicts) {
        assert_eq!(verdict, &None, "{name}");
    }
    println!("{} histories accepted", verdicts.len());
    assert!(verdicts.len() > 250, "{}", verdicts.len());
}

#[test]
fn the_rust_replayer_refuses_a_doctored_one() {
    let verdicts = official::verdicts(&rust(), &[doctored(all_goes_well())]);
    let said = verdicts[0].as_deref().expect("refused");
    assert!(
        said.contains("Activity type of scheduled event 'ValidateParcel' does not match"),
        "{said}"
    );
}

#[test]
fn the_python_replayer_accepts_every_history_of_the_saga() {
    let Some(refused) = python::refused("saga", &histories()) else {
        return;
    };
    assert_eq!(refused, Vec::<String>::new());
}

#[test]
fn the_python_replayer_refuses_a_doctored_one() {
    let doctored = [("doctored".to_owned(), doctored(all_goes_well()))];
    let Some(refused) = python::refused("doctored", &doctored) else {
        return;
    };
    assert_eq!(refused.len(), 1);
    assert!(refused[0].contains("does not match activity type"), "{}", refused[0]);
}
