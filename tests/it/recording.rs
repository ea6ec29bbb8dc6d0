//! What the page is given: a recording must hang together, and say what a user wants to know.

use sagascope::sim::spec::RunSpec;
use sagascope::sim::story;
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::{LineMark, MarkKind, Moment, Outcome, Recording, StepKind};

fn recorded(address: &str) -> Recording {
    let mut recorder = Recorder::new(&RunSpec::parse(address).unwrap()).unwrap();
    while !recorder.advance(7) {}
    recorder.finish()
}

fn moment(recording: &Recording, says: &str) -> Moment {
    let found = recording.moments.iter().find(|moment| moment.text.contains(says));
    found.unwrap_or_else(|| panic!("no step says “{says}”")).clone()
}

#[test]
fn every_recording_hangs_together() {
    for story in story::all() {
        let recording = recorded(story.id);
        let steps = u32::try_from(recording.moments.len()).unwrap() - 1;
        for (number, moment) in (0..).zip(&recording.moments) {
            assert_eq!(moment.step, number);
            assert!(!moment.waiting.text.is_empty());
            assert!(moment.code.lines.is_sorted_by_key(|line| line.line));
        }
        assert!(
            recording
                .moments
                .is_sorted_by_key(|moment| (moment.at, moment.events_len))
        );
        assert_eq!(
            usize::try_from(recording.moments.last().unwrap().events_len).unwrap(),
            recording.events.len()
        );
        for mark in &recording.marks {
            assert!(
                mark.from <= mark.to && mark.from_step <= mark.to_step,
                "{}: {mark:?}",
                story.id
            );
            assert!(mark.to_step <= steps + 1 && mark.lane < u32::try_from(recording.lanes.len()).unwrap());
        }
        assert!(recording.end.settled && recording.end.result.is_some(), "{}", story.id);
    }
}

#[test]
fn slices_of_any_size_record_the_same() {
    let whole = {
        let mut recorder = Recorder::new(&RunSpec::of("crash-after-charge")).unwrap();
        assert!(recorder.advance(u32::MAX));
        recorder.finish()
    };
    assert_eq!(whole, recorded("crash-after-charge"));
}

#[test]
fn a_replay_feeds_recorded_results_into_the_lines_that_wait_for_them() {
    let recording = recorded("crash-after-charge");
    let before = moment(&recording, "takes ProcessPayment, attempt 2");
    assert_eq!(before.code.holder, "in no worker's memory: only the history knows");
    assert!(before.code.lines.iter().all(|line| line.mark == LineMark::Forgotten));

    let replay = moment(&recording, "replays the code over events 10-15");
    assert_eq!(replay.kind, StepKind::Replay);
    let line = |number: u32| {
        replay
            .code
            .lines
            .iter()
            .find(|line| line.line == number)
            .unwrap()
            .clone()
    };
    assert_eq!(line(20).mark, LineMark::Replayed);
    assert_eq!(line(20).note.as_deref(), Some("{\"valid\":true} ← event 7"));
    assert_eq!(
        line(25).note.as_deref(),
        Some("{\"reservation_id\":\"res-1\"} ← event 13")
    );
    assert_eq!(line(30).mark, LineMark::Awaiting);
}

#[test]
fn the_waiting_line_names_the_cause_and_the_cure() {
    let waits = |address: &str, says: &str| moment(&recorded(address), says).waiting.text;
    assert_eq!(
        waits("crash-after-charge", "worker A dies"),
        "ProcessPayment, attempt 1 of 3, was lost with worker A. The Service does not know and waits until 1:00.129 \
         (start-to-close 60 s); then it tries again."
    );
    assert_eq!(
        waits(
            "payment-times-out-twice",
            "reports the failure of ProcessPayment, attempt 2"
        ),
        "ProcessPayment: attempt 3 of 3 is due at 1:21.131, after a backoff of 4 s. The attempt before failed: the \
         payment gateway gave no answer within 15 s."
    );
    let stuck = recorded("all-goes-well?do=1:kill:A,1:kill:B")
        .moments
        .pop()
        .unwrap()
        .waiting;
    assert!(stuck.stuck);
    assert_eq!(
        stuck.text,
        "A workflow task waits in the task queue: no worker is alive. Nothing will happen by itself: restart a worker."
    );
}

#[test]
fn a_backoff_shows_its_attempts_and_its_sum() {
    let recording = recorded("payment-times-out-twice");
    let attempts = moment(&recording, "reports the failure of ProcessPayment, attempt 2")
        .attempts
        .unwrap();
    assert_eq!(
        attempts.policy,
        "2 s × 2.0, at most 10 s, 3 attempts; never on InsufficientFunds, InvalidPaymentMethod"
    );
    let rows: Vec<_> = attempts
        .rows
        .iter()
        .map(|row| (row.number, row.outcome, row.text.as_str()))
        .collect();
    assert_eq!(
        rows,
        [
            (1, Some(Outcome::TimedOut), "timed out after 60 s"),
            (
                2,
                Some(Outcome::Failed),
                "failed after 15 s: GatewayTimeout: the payment gateway gave no answer within 15 s"
            ),
            (3, None, "due at 1:21.131: 4 s after the failure (2 s × 2.0¹)"),
        ]
    );
}

#[test]
fn the_time_picture_shows_outage_replay_backoff_and_danger() {
    let recording = recorded("crash-after-charge");
    let has = |kind: MarkKind, outcome: Outcome| {
        recording
            .marks
            .iter()
            .any(|mark| mark.kind == kind && mark.outcome == outcome)
    };
    assert!(has(MarkKind::Dead, Outcome::Running));
    assert!(has(MarkKind::Replay, Outcome::Ok));
    assert!(has(MarkKind::Backoff, Outcome::Ok));
    assert!(has(MarkKind::Danger, Outcome::Lost));
    assert!(has(MarkKind::Activity, Outcome::Lost));
}

#[test]
fn a_double_charge_is_an_alarm_at_the_step_that_made_it() {
    let recording = recorded("crash-after-charge-no-keys");
    let alarmed = recording
        .moments
        .iter()
        .find(|moment| moment.world.iter().any(|row| row.alarm))
        .unwrap();
    let row = alarmed.world.iter().find(|row| row.alarm).unwrap();
    assert_eq!(
        (row.label.as_str(), row.value.as_str(), row.changed),
        ("customer charged", "€178.00", true)
    );
    assert!(recording.end.promises.iter().any(|promise| !promise.held));
}
