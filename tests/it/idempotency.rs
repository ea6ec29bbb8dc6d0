//! The stories about doing a thing once.

use sagascope::history::proto::{Attributes, WorkflowTaskFailedCause};

use crate::telling::{activities, activities_of, broken, fact, journal, status, told};

const GOOD: [&str; 0] = [];

#[test]
fn the_key_makes_a_retry_harmless() {
    let sim = told("answer-lost");
    assert_eq!(
        journal(&sim),
        [
            "Payments captured €24.34 (tx-1)",
            "Payments same key: returned tx-1 again"
        ]
    );
    assert_eq!(broken(&sim), GOOD);

    let sim = told("answer-lost-no-keys");
    assert_eq!(
        journal(&sim),
        [
            "Payments captured €24.34 (tx-1)",
            "Payments captured €24.34 again (tx-2)"
        ]
    );
    assert_eq!(broken(&sim), ["charged €48.68, refunded €0.00, owed €24.34"]);
}

#[test]
fn a_reservation_nobody_heard_of_leaks_unless_it_is_undone_by_the_orders_id() {
    let sim = told("reservation-leaks");
    assert_eq!(activities(&sim), "ValidateOrder ReserveInventory@3!NoAnswer");
    assert_eq!(
        (status(&sim), fact(&sim, "stock reserved")),
        ("out_of_stock".into(), "2 × SKU-7".into())
    );
    assert_eq!(broken(&sim), ["0 sold, 2 still reserved, 0 owed"]);

    let sim = told("reservation-returned");
    assert_eq!(
        activities(&sim),
        "ReserveInventory@3!NoAnswer CancelPayment ReturnStock"
    );
    assert_eq!(
        (status(&sim), fact(&sim, "stock reserved")),
        ("out_of_stock".into(), "none".into())
    );
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn a_charge_nobody_heard_of_is_kept_unless_it_is_undone_by_the_orders_id() {
    let sim = told("charge-kept");
    assert_eq!(
        activities(&sim),
        "ValidateOrder ReserveInventory ProcessPayment@3!NoAnswer ReleaseInventory"
    );
    assert_eq!(broken(&sim), ["charged €89.00, refunded €0.00, owed €0.00"]);

    let sim = told("charge-returned");
    assert_eq!(
        activities(&sim),
        "ReserveInventory ProcessPayment@3!NoAnswer CancelPayment ReturnStock"
    );
    assert_eq!(status(&sim), "payment_failed");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn a_parcel_is_asked_for_until_the_carrier_answers() {
    let sim = told("parcel-asked-for-again");
    assert_eq!(
        activities(&sim),
        "ReserveInventory ProcessPayment CreateShipment@4 SendNotification"
    );
    assert_eq!(fact(&sim, "parcels"), "1");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn an_activity_without_a_limit_is_refused_in_the_servers_words() {
    let sim = told("no-limit");
    let failed = sim
        .run()
        .unwrap()
        .log
        .events()
        .iter()
        .find_map(|event| match &event.attributes {
            Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) => Some(failed),
            _ => None,
        });
    let failed = failed.unwrap();
    assert_eq!(failed.cause(), WorkflowTaskFailedCause::BadScheduleActivityAttributes);
    let message = &failed.failure.as_ref().unwrap().message;
    let words = "a valid StartToCloseTimeout or ScheduleToCloseTimeout must be set on the activity";
    assert!(message.contains(words), "{message}");
    assert_eq!(activities(&sim), "");

    // The next run of the id, with a limit.
    let latest = sim.runs_of("charge-1001").last().unwrap();
    assert_eq!(activities_of(latest), "ProcessPayment");
    assert_eq!(fact(&sim, "customer charged"), "€24.34");
}

#[test]
fn floats_lose_a_cent() {
    let sim = told("money-in-floats");
    assert_eq!(broken(&sim), ["charged €24.33, refunded €0.00, owed €24.34"]);
    assert_eq!(broken(&told("money-in-cents")), GOOD);
}
