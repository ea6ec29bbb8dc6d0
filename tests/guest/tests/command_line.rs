//! The desk's own command line: its stories, and its mistake.

use std::process::Command;

/// What it prints, and the exit code.
fn desk(arguments: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_travel-desk")).args(arguments).output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    (String::from_utf8(output.stdout).unwrap(), output.status.code())
}

#[track_caller]
fn tells(arguments: &[&str], code: i32, told: &[&str]) {
    let (said, ended) = desk(arguments);
    for words in told {
        assert!(said.contains(words), "no “{words}” before:\n{}", end(&said));
    }
    assert_eq!(ended, Some(code), "{}", end(&said));
}

/// Its last lines.
fn end(said: &str) -> String {
    let lines: Vec<&str> = said.lines().collect();
    lines[lines.len().saturating_sub(20)..].join("\n")
}

#[test]
fn the_stories_are_the_guests_own() {
    let (said, _) = desk(&["stories"]);
    let ids: Vec<&str> = said.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert_eq!(ids, ["hasty", "careful", "grand-tour"]);
}

#[test]
fn a_run_ends_with_the_ledgers_and_the_promise() {
    tells(
        &["run", "careful"],
        0,
        &[
            "book-car",
            "[\"ines\"]",
            "kept                 a trip is booked in full or not at all: seat, room, car: [1, 1, 1]",
        ],
    );
}

#[test]
fn a_sweep_finds_the_mistake_and_its_run_can_be_told() {
    tells(&["sweep", "careful"], 0, &[" 0 broken"]);
    let (said, code) = desk(&["sweep", "hasty"]);
    assert_eq!(code, Some(1), "{said}");
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let told = lines.iter().position(|line| line.contains("not kept: a trip is booked in full or not at all"));
    let broken = lines[told.expect(&said) + 1];
    tells(
        &["run", broken],
        0,
        &["BROKEN               a trip is booked in full or not at all: seat, room, car: [0, 0, 1]"],
    );
}

#[test]
fn a_tour_is_ended_where_a_history_is_full() {
    tells(
        &["run", "grand-tour"],
        0,
        &["stamps               8533\n", " 51201 events", "outcome              terminated"],
    );
}
