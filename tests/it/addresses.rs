//! How runs are spelled, and what is said about bad spellings.

use sagascope::catalogue::stories::LAB;
use sagascope::sim::spec::RunSpec;

#[test]
fn an_address_reads_back_as_it_is_written() {
    for text in [
        "all-goes-well?seed=7",
        "crash-after-charge?seed=0&do=41:kill:A",
        "both-workers-dead?seed=18446744073709551615&do=3:kill:A,3:kill:B,60:restart:A",
        "card-declined?seed=1&do=0:crash:B",
        "card-declined?seed=1&do=5:cancel:order-1001,3s:kill:B,3s:restart:A,24h:query:order-1001:status",
    ] {
        assert_eq!(RunSpec::parse(text).unwrap().to_string(), text);
    }
}

#[test]
fn an_older_spelling_is_read() {
    assert_eq!(
        RunSpec::parse("all-goes-well?do=4:cut:A").unwrap().to_string(),
        "all-goes-well?seed=7&do=4:partition:A"
    );
}

#[test]
fn what_is_left_out_has_a_default() {
    assert_eq!(
        RunSpec::parse("all-goes-well").unwrap().to_string(),
        "all-goes-well?seed=7"
    );
    assert_eq!(
        RunSpec::parse("all-goes-well?do=4:kill:a").unwrap().to_string(),
        "all-goes-well?seed=7&do=4:kill:A"
    );
    assert_eq!(
        RunSpec::parse("all-goes-well?do=1h:kill:A,60s:kill:B,9:kill:B,4:kill:A")
            .unwrap()
            .to_string(),
        "all-goes-well?seed=7&do=4:kill:A,9:kill:B,1m:kill:B,1h:kill:A"
    );
}

#[track_caller]
fn refused(text: &str, message: &str) {
    let said = LAB.spec(text).unwrap_err().to_string();
    assert!(said.contains(message), "{text}: {said}");
}

#[test]
fn bad_addresses_are_refused_with_what_to_do() {
    refused("no-such-story", "these come nearest: ");
    refused("all-goes-well?seed=-1", "a whole number from 0 to 18446744073709551615");
    refused("all-goes-well?seed=18446744073709551616", "a whole number from 0");
    refused("all-goes-well?do=4", "STEP:VERB:WORKER");
    refused("all-goes-well?do=4:kill:A:now", "STEP:VERB:WORKER");
    refused("all-goes-well?do=x:kill:A", "the step must be a whole number");
    refused(
        "all-goes-well?do=4:tickle:A",
        "kill, crash, restart, stop, launch, partition or heal",
    );
    refused("all-goes-well?do=4:kill:7", "the worker must be a letter");
    refused("all-goes-well?do=4:kill:C", "this story has 2 workers, A to B");
    refused(
        "all-goes-well?do=999999:kill:A",
        "the run has no more than 102400 steps",
    );
    refused("all-goes-well?speed=9", "known are seed=… and do=…");
}
