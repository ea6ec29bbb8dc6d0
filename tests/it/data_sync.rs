//! The stories of data sync: which pages were loaded when, and what was known of them.

use sagascope::catalogue::world::World;
use sagascope::sim::Sim;
use sagascope::sim::outside::EntryKind;
use sagascope::sim::step::Step;

use crate::lab::{names, result, seen, told};

/// Attempt, page, and what became of it.
fn pages(sim: &Sim) -> Vec<(u32, String, EntryKind)> {
    let page = |text: &str| text.split(' ').nth(1).unwrap().to_owned();
    let entries = sim.outside().entries().iter();
    entries
        .filter(|entry| entry.text.starts_with("page"))
        .map(|entry| (entry.attempt, page(&entry.text), entry.kind))
        .collect()
}

fn did(attempt: u32, pages: &[&str]) -> Vec<(u32, String, EntryKind)> {
    did_as(EntryKind::Did, attempt, pages)
}

fn did_as(kind: EntryKind, attempt: u32, pages: &[&str]) -> Vec<(u32, String, EntryKind)> {
    pages.iter().map(|page| (attempt, (*page).to_owned(), kind)).collect()
}

fn beats(sim: &Sim) -> Vec<(u32, u64)> {
    seen(sim, |step| match step {
        Step::Heartbeat { token, count, .. } => Some((token.attempt, *count)),
        _ => None,
    })
}

fn copied(sim: &Sim) -> (u64, u64) {
    let counts = World::of(&sim).balance().counts;
    let count = |what| *counts.get(what).unwrap();
    (count("records copied"), count("their sum"))
}

/// 1.02 + 2.04 + … + 23.46.
const CUSTOMERS: (u64, u64) = (23, 28_152);

#[test]
fn pages_are_copied_one_by_one_and_told_of_later() {
    let sim = told("sync-goes-well");
    assert_eq!(pages(&sim), did(1, &["1", "2", "3", "4", "5"]));
    assert_eq!(beats(&sim), [(1, 1), (1, 2), (1, 4)]);
    assert_eq!(copied(&sim), CUSTOMERS);
    assert_eq!(result(&sim)["records"], 23);
}

#[test]
fn the_next_attempt_goes_on_after_the_last_heartbeat() {
    let sim = told("sync-worker-dies");
    let expected = [
        did(1, &["1", "2", "3", "4"]),
        did_as(EntryKind::Repeated, 2, &["3", "4"]),
        did(2, &["5"]),
    ];
    assert_eq!(pages(&sim), expected.concat());
    assert_eq!(copied(&sim), CUSTOMERS);
}

#[test]
fn without_keys_what_was_not_told_is_there_twice() {
    let sim = told("sync-worker-dies-no-keys");
    let twice = did_as(EntryKind::Doubled, 2, &["3", "4"]);
    assert_eq!(pages(&sim)[4..6], twice);
    assert_eq!(copied(&sim).0, 33);
}

#[test]
fn a_source_that_fails_costs_no_page() {
    let sim = told("sync-source-down");
    let attempts: Vec<_> = pages(&sim).iter().map(|(_, page, _)| page.clone()).collect();
    assert_eq!(attempts, ["1", "2", "3", "4", "5"]);
    let last = pages(&sim).last().unwrap().0;
    assert!(last > 4, "{last} attempts");
    assert_eq!(copied(&sim), CUSTOMERS);
}

#[test]
fn a_long_sync_is_handed_on_from_run_to_run() {
    let sim = told("sync-continues-as-new");
    assert_eq!(sim.runs().len(), 3);
    for run in &sim.runs()[..2] {
        assert_eq!(names(run.log.events()).last(), Some(&"WorkflowExecutionContinuedAsNew"));
    }
    assert_eq!(pages(&sim).len(), 12);
    assert_eq!(result(&sim)["records"], 58);
}
