//! The stories of order fulfilment.

use sagascope::catalogue::stories::LAB;
use sagascope::contract::request::Refusal;
use sagascope::history::payload;
use sagascope::history::proto::EventType;
use sagascope::sim::client::Told;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::{Sim, Verdict};
use serde_json::{Value, json};

use crate::telling::{activities, broken, fact, limits, status, told};

const GOOD: [&str; 0] = [];

/// What the client was told about an act of the script.
fn answer(sim: &Sim, act: u32) -> Value {
    match sim.client().told(act) {
        Some(Ok(Told::Outcome(outcome))) => payload::first_value(outcome.as_ref()),
        other => panic!("{other:?}"),
    }
}

fn count(sim: &Sim, event_type: EventType) -> usize {
    let events = sim.run().unwrap().log.events();
    events.iter().filter(|event| event.event_type() == event_type).count()
}

#[test]
fn a_small_order_needs_no_approval_and_tells_its_status() {
    let sim = told("order-fulfilled");
    assert_eq!(
        activities(&sim),
        "ValidateOrder ProcessPayment CreateShipment SendNotification"
    );
    assert_eq!(answer(&sim, 1), json!("paying"));
    assert_eq!(count(&sim, EventType::TimerStarted), 0);
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn every_step_has_ten_seconds_an_attempt_a_minute_in_all_and_three_attempts() {
    let sim = told("order-fulfilled");
    for step in ["ValidateOrder", "ProcessPayment", "CreateShipment", "SendNotification"] {
        assert_eq!(limits(&sim, step), (10, 60, 3, 1, 2.0, 60), "{step}");
    }
}

#[test]
fn a_large_order_waits_for_a_yes() {
    let sim = told("large-order-approved");
    assert_eq!(answer(&sim, 1), json!("waiting for approval"));
    assert_eq!(answer(&sim, 3), json!("shipping"));
    assert_eq!(status(&sim), "completed");
    assert_eq!(count(&sim, EventType::TimerCanceled), 1);
    assert_eq!(broken(&sim), GOOD);
}

/// Its worker was the one that had the run in memory no more, so nobody else is asked.
#[test]
fn a_question_that_died_with_its_worker_is_given_up_after_thirty_seconds() {
    let lost = "large-order-approved?seed=709&do=9:crash:A,16:crash:A";
    let mut sim = LAB.sim(&RunSpec::parse(lost).unwrap()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled);
    assert!(matches!(sim.client().told(1), Some(Err(Refusal::Deadline(_)))));
    assert_eq!(answer(&sim, 3), json!("shipping"));
    assert_eq!(status(&sim), "completed");
}

#[test]
fn a_no_and_silence_cost_nothing() {
    for (id, fired, cancelled) in [("large-order-refused", 0, 1), ("large-order-forgotten", 1, 0)] {
        let sim = told(id);
        assert_eq!(
            (status(&sim).as_str(), activities(&sim).as_str()),
            ("not_approved", "ValidateOrder")
        );
        assert_eq!(count(&sim, EventType::TimerFired), fired, "{id}");
        assert_eq!(count(&sim, EventType::TimerCanceled), cancelled, "{id}");
        assert_eq!(broken(&sim), GOOD);
    }
    // It came too late.
    assert!(told("large-order-forgotten").client().told(1).unwrap().is_err());
}

#[test]
fn what_is_not_shipped_is_paid_back() {
    let sim = told("shipping-fails-refund");
    assert_eq!(
        activities(&sim),
        "ValidateOrder ProcessPayment CreateShipment!AddressRejected CancelPayment"
    );
    assert_eq!(fact(&sim, "customer refunded"), "€89.00");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn three_lost_answers_of_the_carrier_give_the_goods_away() {
    let sim = told("parcel-and-refund");
    assert_eq!(status(&sim), "shipment_failed");
    assert_eq!(
        (fact(&sim, "parcels"), fact(&sim, "customer refunded")),
        ("1".into(), "€89.00".into())
    );
    assert_eq!(broken(&sim), ["2 sold, 0 still reserved, 0 owed", "1 sent, 0 owed"]);
}
