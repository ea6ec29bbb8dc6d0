//! The stories of order processing.

use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::{Judgement, Sweep};
use sagascope::sim::spec::RunSpec;
use sagascope::sim::step::Step;

use crate::telling::{activities, activities_of, broken, fact, journal, limits, pauses, status, told};

const GOOD: [&str; 0] = [];

#[test]
fn an_order_is_processed_in_four_steps() {
    let sim = told("order-processed");
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment SendNotification"
    );
    assert_eq!(fact(&sim, "stock sold"), "2 × SKU-7");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn every_step_has_the_documents_policy() {
    let sim = told("order-processed");
    for step in ["CheckStock", "DeductStock", "ProcessPayment", "SendNotification"] {
        assert_eq!(limits(&sim, step), (10, 0, 5, 1, 2.0, 10), "{step}");
    }
}

#[test]
fn a_shortage_is_an_answer_and_not_a_failure() {
    let sim = told("stock-short");
    assert_eq!(
        (status(&sim).as_str(), activities(&sim).as_str()),
        ("out_of_stock", "CheckStock")
    );
    assert!(journal(&sim).is_empty());
}

#[test]
fn a_payment_is_tried_five_times_with_growing_pauses() {
    let sim = told("payment-flaky");
    assert_eq!(pauses(&sim, "ProcessPayment"), [1, 2, 4, 8]);
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment@5 SendNotification"
    );
    assert_eq!(broken(&sim), GOOD);
}

/// Why the story does not promise to stand every crash.
#[test]
fn only_a_crash_during_the_fifth_attempt_changes_the_end() {
    let mut sweep = Sweep::new(LAB, &RunSpec::of("payment-flaky")).unwrap();
    sweep.run_to_end();
    assert_eq!(sweep.count(Judgement::Unsettled), 0);
    let mut broken = sweep
        .points()
        .iter()
        .filter(|point| point.judgement == Judgement::Broken)
        .peekable();
    assert!(broken.peek().is_some());
    let by_policy = |seen: &str| seen.ends_with("the crash used up the last attempt that the retry policy allows");
    assert!(broken.all(|point| by_policy(&point.seen)));
}

#[test]
fn an_attempt_without_an_answer_is_given_up_after_ten_seconds() {
    let sim = told("start-to-close");
    assert_eq!(pauses(&sim, "ProcessPayment"), [11]);
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment@2 SendNotification"
    );
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn the_document_leaves_the_stock_off_the_shelf() {
    let sim = told("payment-fails-stock-gone");
    assert_eq!(status(&sim), "payment_failed");
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment@5!InsufficientFunds"
    );
    assert_eq!(broken(&sim), ["2 sold, 0 still reserved, 0 owed"]);

    let sim = told("payment-fails-stock-back");
    assert_eq!(status(&sim), "payment_failed");
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment!InsufficientFunds CancelPayment ReturnStock"
    );
    assert_eq!(fact(&sim, "stock on hand"), "100 × SKU-7");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn all_attempts_together_have_thirty_seconds() {
    let sim = told("schedule-to-close");
    // From 0 to 10 s, from 11 to 21 s, and from 23 s to the end of what there is.
    assert_eq!(pauses(&sim, "ProcessPayment"), [11, 12]);
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment@3!ScheduleToClose CancelPayment ReturnStock"
    );
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn an_order_that_no_station_takes_is_packed_by_hand() {
    let sim = told("schedule-to-start");
    let orders: Vec<String> = sim.runs().iter().map(activities_of).collect();
    let paid = "CheckStock DeductStock ProcessPayment PackOrder";
    let by_hand = format!("{paid}!ScheduleToStart PackOrder SendNotification");
    assert_eq!(orders, [by_hand.clone(), format!("{paid} SendNotification"), by_hand]);
    assert_eq!(fact(&sim, "orders packed"), "3");
    assert_eq!(broken(&sim), GOOD);
}

#[test]
fn packing_goes_on_after_the_last_piece_that_was_reported() {
    let sim = told("heartbeat");
    let beats: Vec<(u8, u64)> = sim
        .records()
        .iter()
        .filter_map(|record| match &record.what {
            Step::Heartbeat { worker, count, .. } => Some((worker.0, *count)),
            _ => None,
        })
        .collect();
    let (first, second) = (beats[0].0, beats[beats.len() - 1].0);
    assert_ne!(first, second, "the other station");
    let told_by = |who| {
        beats
            .iter()
            .filter(move |(worker, _)| *worker == who)
            .map(|(_, count)| *count)
    };
    let (last, next) = (told_by(first).next_back().unwrap(), told_by(second).next().unwrap());
    assert!(last > 1 && next == last + 1, "{beats:?}");
    assert_eq!(
        activities(&sim),
        "CheckStock DeductStock ProcessPayment PackOrder@2 SendNotification"
    );
    assert_eq!(broken(&sim), GOOD);
}

/// The one attempt that times out by its heartbeat does so ten seconds after the last one.
#[test]
fn a_dead_packer_is_missed_ten_seconds_after_its_last_word() {
    let sim = told("heartbeat");
    let at = |matches: fn(&Step) -> bool| {
        let found = sim
            .records()
            .iter()
            .filter(|record| matches(&record.what))
            .map(|record| record.at);
        found.collect::<Vec<_>>()
    };
    let died = at(|step| matches!(step, Step::Crashed { .. }))[0];
    let said = at(|step| matches!(step, Step::Heartbeat { .. }));
    let last = said.into_iter().rfind(|at| *at < died).unwrap();
    let missed = sim
        .records()
        .iter()
        .find(|record| sagascope::sim::text::line(record, |_| "").contains("heartbeat limit"));
    assert_eq!(missed.unwrap().at.since(last).0 / 1_000_000_000, 10);
}

/// Another seed, another order of things; the promises are the same.
#[test]
fn several_orders_are_packed_whatever_the_seed() {
    for seed in 1..20 {
        let mut sim = LAB
            .sim(&RunSpec::parse(&format!("schedule-to-start?seed={seed}")).unwrap())
            .unwrap();
        sim.run_to_end();
        assert_eq!(broken(&sim), GOOD, "seed {seed}");
    }
}
