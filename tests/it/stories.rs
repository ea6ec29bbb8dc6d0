//! Every story, golden; and its history must be one that a real server could have written.

use prost::Message;
use sagascope::catalogue::stories::LAB;
use sagascope::check::promise::promises;
use sagascope::history::proto::{Attributes, History};
use sagascope::history::{json, rules};
use sagascope::service::run::Run;
use sagascope::sim::report::report;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::story::Story;
use sagascope::sim::{Sim, Verdict};

use crate::golden;
use crate::oracle;
use crate::telling::status;

fn told(story: &Story) -> Sim {
    let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled, "{}", story.id);
    sim
}

#[test]
fn every_story_runs_as_it_was_told_last_time() {
    for story in LAB.all() {
        let sim = told(&story);
        golden::check(&format!("stories/{}.txt", story.id), &report(&sim));
    }
}

/// For people to read; of the others the traces have the digests.
#[test]
fn the_sagas_histories_are_as_they_were_last_time() {
    for story in LAB.all().iter().filter(|story| story.chapter == "Order saga") {
        let history = json::write(&told(story).run().unwrap().log.to_history());
        golden::check(&format!("stories/{}.json", story.id), &(history + "\n"));
    }
}

#[test]
fn no_two_stories_have_the_same_name() {
    let mut ids: Vec<_> = LAB.ids();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), LAB.all().len());
}

#[test]
fn the_page_of_the_stories_names_every_one() {
    let readme = include_str!("../../src/catalogue/README.md");
    let missing: Vec<_> = LAB
        .ids()
        .into_iter()
        .filter(|id| !readme.contains(&format!("`{id}`")))
        .collect();
    assert_eq!(missing, Vec::<&str>::new());
    let count = format!("{} stories in", LAB.all().len());
    assert!(readme.contains(&count) && include_str!("../../README.md").contains(&count));
}

#[test]
fn telling_a_story_twice_is_telling_it_once() {
    for story in LAB.all() {
        assert_eq!(report(&told(&story)), report(&told(&story)), "{}", story.id);
    }
}

#[test]
fn every_history_is_well_formed() {
    for (name, history) in histories() {
        let findings = rules::check(&history.events);
        assert!(findings.is_empty(), "{name}: {findings:?}");
    }
}

#[test]
fn every_history_decodes_strictly_as_temporals_own_type() {
    for (name, history) in histories() {
        oracle::agrees(&name, &json::write(&history));
    }
}

#[test]
fn a_history_reads_back_as_it_was_written() {
    for (name, history) in histories() {
        assert_eq!(json::read(&json::write(&history)).unwrap().history, history, "{name}");
    }
}

/// Where a task starts in the transaction which scheduled it, the server says less; the saga has no such task.
#[test]
fn a_history_says_how_large_it_is_as_protobuf() {
    for story in LAB.all().iter().filter(|story| story.chapter == "Order saga") {
        let mut so_far = History::default();
        for event in told(story).run().unwrap().log.to_history().events {
            if let Some(Attributes::WorkflowTaskStartedEventAttributes(started)) = &event.attributes {
                let size = i64::try_from(so_far.encoded_len()).unwrap();
                assert_eq!(
                    started.history_size_bytes, size,
                    "{}, event {}",
                    story.id, event.event_id
                );
            }
            so_far.events.push(event);
        }
    }
}

/// Every run of every story, with a name for messages.
fn histories() -> impl Iterator<Item = (String, History)> {
    LAB.all().into_iter().flat_map(|story| {
        let sim = told(&story);
        let named = |run: &Run| (format!("{}, {}", story.id, run.workflow_id), run.log.to_history());
        sim.runs().iter().map(named).collect::<Vec<_>>()
    })
}

/// These are there to break theirs.
#[test]
fn all_promises_are_kept_but_where_the_story_is_their_breaking() {
    let broken: Vec<_> = LAB
        .all()
        .into_iter()
        .filter(|story| promises(&told(story)).iter().any(|promise| !promise.held))
        .map(|story| (story.id, story.crash_proof))
        .collect();
    let faults = [
        "crash-after-charge-no-keys",
        "payment-fails-stock-gone",
        "parcel-and-refund",
        "charged-twice",
        "answer-lost-no-keys",
        "reservation-leaks",
        "charge-kept",
        "money-in-floats",
        "breaker-per-call",
        "sync-worker-dies-no-keys",
    ];
    // The breaker that never opens does so whatever crashes.
    assert_eq!(broken, faults.map(|id| (id, id == "breaker-per-call")));
}

#[test]
fn the_outcomes_are_those_of_the_table() {
    let outcome = |id: &str| {
        let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
        sim.run_to_end();
        let status = status(&sim);
        let types: Vec<String> = sim
            .run()
            .unwrap()
            .log
            .events()
            .iter()
            .filter_map(|event| match event.attributes.as_ref()? {
                sagascope::history::proto::Attributes::ActivityTaskScheduledEventAttributes(a) => {
                    a.activity_type.as_ref().map(|t| t.name.clone())
                }
                _ => None,
            })
            .collect();
        format!("{status}: {}", types.join(" "))
    };
    assert_eq!(outcome("order-invalid"), "validation_failed: ValidateOrder");
    assert_eq!(outcome("out-of-stock"), "out_of_stock: ValidateOrder ReserveInventory");
    assert_eq!(
        outcome("card-declined"),
        "payment_failed: ValidateOrder ReserveInventory ProcessPayment ReleaseInventory"
    );
    assert_eq!(
        outcome("address-rejected"),
        "shipment_failed: ValidateOrder ReserveInventory ProcessPayment CreateShipment RefundPayment ReleaseInventory"
    );
    assert_eq!(
        outcome("mail-bounces"),
        "completed: ValidateOrder ReserveInventory ProcessPayment CreateShipment SendNotification"
    );
}

/// The browser test compares with this file too: large numbers, crashes, and another seed.
#[test]
fn a_run_with_crashes_is_golden() {
    let address = "mail-server-down?seed=18446744073709551615&do=5:crash:A,5:crash:B,40:kill:B";
    let mut sim = LAB.sim(&RunSpec::parse(address).unwrap()).unwrap();
    sim.run_to_end();
    golden::check("golden/crashes.txt", &report(&sim));
}
