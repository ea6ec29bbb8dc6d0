//! The stories of the circuit breaker: who was let through, who was spared, and what the service had of it.

use sagascope::catalogue::stories::LAB;
use sagascope::history::proto::EventType;
use sagascope::sim::outside::EntryKind;
use sagascope::sim::script::{Action, When};
use sagascope::sim::{Sim, Verdict};
use serde_json::Value;

use crate::lab::{act, names, played, result, told};

/// How each order ended, in the order of their numbers: `answered`, `failed`, `spared`.
fn ends(sim: &Sim) -> Vec<String> {
    let mut orders: Vec<_> = sim
        .runs()
        .iter()
        .filter(|run| run.workflow_id.starts_with("order-"))
        .collect();
    orders.sort_by_key(|run| run.workflow_id.clone());
    let end = |result: Option<Value>| result.unwrap()["status"].as_str().unwrap().to_owned();
    orders.into_iter().map(|run| end(run.result())).collect()
}

fn in_vain(sim: &Sim) -> usize {
    let entries = sim.outside().entries().iter();
    entries.filter(|entry| entry.kind == EntryKind::Refused).count()
}

#[track_caller]
fn check(id: &str, expected: &[&str], calls_in_vain: usize) -> Sim {
    let sim = told(id);
    assert_eq!(ends(&sim), expected);
    assert_eq!(in_vain(&sim), calls_in_vain);
    sim
}

#[test]
fn a_breaker_that_lives_in_the_call_never_opens() {
    check("breaker-per-call", &["failed"; 5], 5);
}

#[test]
fn one_breaker_for_all_opens_and_spares_the_service() {
    let sim = check("breaker-opens", &["failed", "failed", "failed", "spared", "spared"], 3);
    let breaker = result(&sim);
    assert_eq!((&breaker["circuit"], &breaker["spared"]), (&"open".into(), &2.into()));
}

#[test]
fn a_probe_that_succeeds_closes_it() {
    let sim = check(
        "breaker-probe-succeeds",
        &["failed", "failed", "failed", "answered", "answered"],
        3,
    );
    assert_eq!(result(&sim)["circuit"], "closed");
}

#[test]
fn a_probe_that_fails_opens_it_again() {
    let sim = check(
        "breaker-probe-fails",
        &["failed", "failed", "failed", "failed", "spared", "answered"],
        4,
    );
    let breaker = result(&sim);
    assert_eq!((&breaker["circuit"], &breaker["opened"]), (&"closed".into(), &2.into()));
}

#[test]
fn it_is_still_open_after_its_worker_has_died() {
    check(
        "breaker-dies-while-open",
        &["failed", "failed", "failed", "spared", "answered"],
        3,
    );
}

#[test]
fn it_continues_as_new_and_loses_nobody() {
    let sim = check("breaker-continues-as-new", &["failed", "failed", "failed", "spared"], 3);
    let first = names(sim.runs()[0].log.events());
    assert_eq!(first.last(), Some(&"WorkflowExecutionContinuedAsNew"));
    let reports = |names: &[&str]| {
        names
            .iter()
            .filter(|name| **name == "WorkflowExecutionSignaled")
            .count()
    };
    assert!(
        reports(&first) < 6,
        "three have asked, and not all have told: {first:?}"
    );
    let breaker = result(&sim);
    assert_eq!((&breaker["let_through"], &breaker["spared"]), (&3.into(), &1.into()));
}

/// The probe is terminated in the middle of its call: the breaker must not wait for it for ever.
#[test]
fn a_probe_that_is_never_heard_of_opens_it_again() {
    let mut setup = LAB.named("breaker-probe-succeeds").unwrap().setup;
    let called = When::AttemptStarted {
        workflow: "order-4".to_owned(),
        activity_id: "1".to_owned(),
        attempt: 1,
    };
    let lost = Action::Terminate("order-4".to_owned(), "an operator's mistake".to_owned());
    setup.script.insert(4, act(called, lost));
    setup.script[5].when = When::Event {
        workflow: "breaker-rates".to_owned(),
        event_type: EventType::TimerFired,
        count: 3,
    };
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Settled);
    let breaker = result(&sim);
    assert_eq!((&breaker["circuit"], &breaker["opened"]), (&"closed".into(), &2.into()));
}
