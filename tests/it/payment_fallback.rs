//! The stories of a payment through one of two providers.

use crate::telling::{activities, broken, fact, journal, limits, pauses, status, told};

const GOOD: [&str; 0] = [];

#[test]
fn the_other_channel_is_asked_if_the_first_fails_twice() {
    let sim = told("primary-pays");
    assert_eq!(activities(&sim), "PrimaryPayment");
    assert_eq!(broken(&sim), GOOD);

    let sim = told("fallback-pays");
    assert_eq!(activities(&sim), "PrimaryPayment@2!ServiceUnavailable FallbackPayment");
    assert_eq!(pauses(&sim, "PrimaryPayment"), [1]);
    assert_eq!(limits(&sim, "PrimaryPayment"), (30, 0, 2, 1, 2.0, 5));
    assert_eq!(fact(&sim, "charged by fallback"), "€89.00");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn temporals_own_policy_never_gives_up() {
    let sim = told("both-channels-down");
    let pauses = pauses(&sim, "FallbackPayment");
    assert_eq!(pauses[..7], [1, 2, 4, 8, 16, 32, 64]);
    assert!(pauses[7..].iter().all(|pause| *pause == 100), "{pauses:?}");
    assert!(sim.now().0 / 1_000_000_000 > 300);
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn a_silent_channel_that_has_charged_makes_two_charges() {
    let sim = told("charged-twice");
    assert_eq!(
        (fact(&sim, "customer charged"), fact(&sim, "charged by fallback")),
        ("€89.00".into(), "€89.00".into())
    );
    assert_eq!(broken(&sim), ["charged €178.00, refunded €0.00, owed €89.00"]);
}

#[test]
fn what_a_silent_channel_has_charged_is_given_back() {
    let sim = told("charged-once-after-silence");
    assert_eq!(
        activities(&sim),
        "PrimaryPayment@2!StartToClose FallbackPayment CancelPayment"
    );
    assert_eq!(fact(&sim, "customer refunded"), "€89.00");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn a_charge_that_arrives_after_its_cancellation_is_refused() {
    let sim = told("charge-arrives-late");
    assert_eq!(
        journal(&sim),
        [
            "Fallback captured €89.00 (alt-1)",
            "Payments cancelled order-1001: nothing was taken",
            "Payments refused: order order-1001 was cancelled before",
            "Payments refused: order order-1001 was cancelled before",
        ]
    );
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn a_payment_is_given_up_and_its_cancellations_are_not() {
    let sim = told("neither-channel-pays");
    assert_eq!(status(&sim), "payment_failed");
    let given_up = "PrimaryPayment@2!ServiceUnavailable FallbackPayment@2!ServiceUnavailable";
    let activities = activities(&sim);
    assert!(activities.starts_with(given_up), "{activities}");
    assert!(!activities[given_up.len()..].contains('!'), "{activities}");
    assert_eq!(broken(&sim), GOOD);
}
