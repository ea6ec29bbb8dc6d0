//! The patterns of which workflows are made: what each story is there to show.

use sagascope::service::run::RunStatus;
use sagascope::sim::Sim;
use serde_json::Value;

use crate::lab::{count, names, scheduled, told};

fn supplier(sim: &Sim) -> Value {
    sim.run().unwrap().result().unwrap()["supplier"].clone()
}

#[test]
fn a_sequence_passes_on_what_it_gets() {
    let sim = told("sequence");
    assert_eq!(scheduled(sim.run().unwrap()), ["AskForQuote", "PlaceOrder"]);
    assert_eq!(supplier(&sim), "Alder");
}

#[test]
fn a_join_waits_for_all_branches_and_they_begin_together() {
    let sim = told("parallel");
    let events = names(sim.run().unwrap().log.events());
    assert_eq!(events[4..7], ["ActivityTaskScheduled"; 3]);
    assert_eq!(supplier(&sim), "Cedar", "the slowest is the cheapest");
}

#[test]
fn a_branch_that_fails_takes_no_other_with_it() {
    let sim = told("parallel-one-fails");
    assert_eq!(count(sim.run().unwrap(), "ActivityTaskFailed"), 1);
    assert_eq!(supplier(&sim), "Birch");

    let sim = told("parallel-all-fail");
    assert_eq!(sim.run().unwrap().status(), RunStatus::Failed);
    assert_eq!(scheduled(sim.run().unwrap()), ["AskForQuote"; 2]);
}

#[test]
fn a_condition_is_decided_by_what_has_come_back() {
    let small = told("condition-small");
    assert_eq!(scheduled(small.run().unwrap()), ["AskForQuote", "PlaceOrder"]);
    let large = told("condition-large");
    assert_eq!(
        scheduled(large.run().unwrap()),
        ["AskForQuote", "AskForQuote", "PlaceOrder"]
    );
}

#[test]
fn a_loop_ends_with_or_without_success() {
    let sim = told("loop");
    assert_eq!(count(sim.run().unwrap(), "TimerFired"), 2);
    assert_eq!(sim.run().unwrap().result().unwrap()["price"], 11_500);

    let sim = told("loop-gives-up");
    assert_eq!(count(sim.run().unwrap(), "TimerFired"), 5);
    assert_eq!(sim.run().unwrap().status(), RunStatus::Failed);
}

#[test]
fn the_loser_of_a_select_is_cancelled_and_learns_of_it() {
    let sim = told("select");
    let run = sim.run().unwrap();
    assert_eq!(supplier(&sim), "Alder");
    for event in ["ActivityTaskCancelRequested", "ActivityTaskCanceled", "TimerCanceled"] {
        assert_eq!(count(run, event), 1, "{event}");
    }
}

#[test]
fn a_select_with_a_deadline_ends_at_the_deadline() {
    let sim = told("select-deadline");
    let run = sim.run().unwrap();
    assert_eq!(run.status(), RunStatus::Failed);
    assert_eq!(count(run, "ActivityTaskCancelRequested"), 2);
    assert_eq!(scheduled(run), ["AskForQuote"; 2], "nothing is ordered");
}

#[test]
fn children_have_histories_of_their_own_and_one_may_fail() {
    for (id, statuses, bought) in [
        ("children", vec![RunStatus::Completed; 4], 3),
        (
            "children-one-fails",
            vec![RunStatus::Completed, RunStatus::Completed, RunStatus::Failed],
            1,
        ),
    ] {
        let sim = told(id);
        let ended: Vec<RunStatus> = sim.runs().iter().map(|run| run.status()).collect();
        assert_eq!(ended, statuses, "{id}");
        assert_eq!(sim.run().unwrap().result().unwrap().as_array().unwrap().len(), bought);
    }
}
