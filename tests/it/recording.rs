//! What the page is given: a recording must hang together, and say what a user wants to know.

use sagascope::base::time::Span;
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::contract::request::Update;
use sagascope::contract::task::RunKey;
use sagascope::history::payload;
use sagascope::sim::Sim;
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Act, Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{Choice, RunSpec};
use sagascope::view::conclusion::conclusion;
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::{LineMark, Mark, MarkKind, Moment, Outcome, Recording, StepKind};

use crate::lab::{Scene, setup};
use crate::{golden, truth};

fn recorded(address: &str) -> Recording {
    let mut recorder = Recorder::of(LAB.sim(&RunSpec::parse(address).unwrap()).unwrap());
    while !recorder.advance(7) {}
    recorder.finish()
}

fn moment(recording: &Recording, says: &str) -> Moment {
    let found = moments(recording).find(|moment| moment.text.contains(says));
    found.unwrap_or_else(|| panic!("no step says “{says}”"))
}

/// Every moment, for somebody who looks at the first workflow run.
fn moments(recording: &Recording) -> impl DoubleEndedIterator<Item = Moment> {
    (0..=recording.last()).map(|step| recording.moment(0, step))
}

#[test]
fn every_recording_hangs_together() {
    let mut conclusions = String::new();
    for story in LAB.all() {
        let recording = recorded(story.id);
        hangs_together(&recording);
        truth::is_told_truly(&recording);
        assert!(recording.end.settled, "{}", story.id);
        conclusions.push_str(&format!("{}: {}\n", story.id, conclusion(&recording)));
    }
    golden::check("golden/conclusions.txt", &conclusions);
}

fn hangs_together(recording: &Recording) {
    let of = &recording.story.id;
    let steps = recording.last();
    assert!(recording.times.is_sorted());
    // One more than there are: nobody is kept from asking.
    for run in 0..=u32::try_from(recording.runs.len()).unwrap() {
        for number in 0..=steps {
            let moment = recording.moment(run, number);
            assert_eq!(moment.step, number);
            assert!(!moment.waiting.text.is_empty());
            let until = moment.waiting.until;
            assert!(
                until.is_none_or(|until| until >= moment.at),
                "{of}, step {number}: {:?}",
                moment.waiting
            );
            assert!(moment.code.lines.is_sorted_by_key(|line| line.line));
        }
        let written = |step: &u32| recording.events_len(run, *step);
        assert!((0..=steps).collect::<Vec<_>>().is_sorted_by_key(written));
        let events = recording.history(RunKey(run)).len();
        assert_eq!(usize::try_from(written(&steps)).unwrap(), events);
        for mark in recording.marks(run) {
            assert!(mark.from <= mark.to && mark.from_step <= mark.to_step, "{of}: {mark:?}");
            assert!(mark.to_step <= steps + 1 && mark.lane < u32::try_from(recording.lanes.len()).unwrap());
            let labels = recording.labels(&mark, mark.from);
            assert!(
                !labels.is_empty() && labels.iter().all(|label| !label.is_empty()),
                "{of}: {mark:?}"
            );
            assert!(
                !recording.facts(run, &mark, mark.from_step).title.is_empty(),
                "{of}: {mark:?}"
            );
        }
    }
}

#[test]
fn slices_of_any_size_record_the_same() {
    let whole = {
        let mut recorder = Recorder::of(LAB.sim(&RunSpec::of("crash-after-charge")).unwrap());
        assert!(recorder.advance(u32::MAX));
        recorder.finish()
    };
    assert_eq!(whole, recorded("crash-after-charge"));
}

/// Something done at a moment of a recorded run is recorded from there on, and comes to what its address names.
#[test]
fn a_fork_records_what_its_address_names() {
    for story in LAB.ids() {
        let spec = RunSpec::of(story);
        let mut recorder = Recorder::of(LAB.sim(&spec).unwrap());
        while !recorder.advance(u32::MAX) {}
        let (recording, past) = recorder.finish_and_keep();
        for step in [recording.last() / 3, recording.last() - 1] {
            let choice = Choice::to_worker(step, Verb::Crash, WorkerName(0));
            let mut other = spec.clone();
            other.choose(choice.clone());
            let mut fork = past.fork(&recording, vec![choice]).unwrap();
            let begun = fork.steps();
            assert!(begun <= step && step - begun <= 2 * step.isqrt().max(16));
            while !fork.advance(7) {}
            let (fork, past) = fork.finish_and_keep();
            assert!(fork == recorded(&other.to_string()), "{other}");
            // A fork of a fork, back to what was told first.
            let mut back = past.fork(&fork, Vec::new()).unwrap();
            while !back.advance(7) {}
            assert!(back.finish() == recording, "{other}");
        }
    }
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
    let stuck = recorded("all-goes-well?do=1:kill:A,1:kill:B");
    let stuck = stuck.moment(0, stuck.last()).waiting;
    assert!(stuck.stuck);
    assert_eq!(
        stuck.text,
        "A workflow task waits in the task queue: no worker is running. Nothing will happen by itself: start a worker."
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
            .marks(0)
            .iter()
            .any(|mark| mark.kind == kind && mark.outcome == outcome)
    };
    assert!(has(MarkKind::Dead, Outcome::Running));
    assert!(has(MarkKind::Replay, Outcome::Ok));
    assert!(has(MarkKind::Backoff, Outcome::Ok));
    assert!(has(MarkKind::Danger, Outcome::Lost));
    assert!(has(MarkKind::Activity, Outcome::Lost));
}

/// A replay says what is true of it: how often the code has run, and how often what it does not do again was done.
#[test]
fn a_replay_counts_what_it_runs_again_and_what_it_does_not() {
    let words = |address: &str| {
        let recording = recorded(address);
        let replays = recording
            .marks(0)
            .into_iter()
            .filter(|mark| mark.kind == MarkKind::Replay);
        replays
            .map(|mark| recording.labels(&mark, mark.from).swap_remove(0))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words("crash-after-charge"),
        ["replay of events 1–15: code runs 2×, effects 1×"]
    );
    assert!(words("all-goes-well").is_empty());
}

/// What goes on at the same time lies in different rows of its lane.
#[test]
fn marks_of_a_row_follow_each_other() {
    for story in [
        "parallel",
        "workers-one",
        "heartbeat",
        "children",
        "approval-nobody-answers",
    ] {
        let recording = recorded(story);
        let lasting = |mark: &Mark| {
            let whole = matches!(mark.kind, MarkKind::Dead | MarkKind::Away | MarkKind::Danger);
            !whole && !matches!(mark.kind, MarkKind::Event(_) | MarkKind::Heartbeat | MarkKind::Effect)
        };
        let mut marks: Vec<Mark> = recording.marks(0).into_iter().filter(lasting).collect();
        marks.sort_by_key(|mark| (mark.lane, mark.row, mark.from, mark.to));
        for pair in marks
            .windows(2)
            .filter(|pair| (pair[0].lane, pair[0].row) == (pair[1].lane, pair[1].row))
        {
            assert!(pair[0].to <= pair[1].from, "{story}: {pair:?}");
        }
    }
    let rows = |story: &str| {
        let marks = recorded(story).marks(0);
        let work = marks.iter().filter(|mark| mark.kind == MarkKind::Activity);
        work.map(|mark| mark.row + 1).max().unwrap()
    };
    assert_eq!(rows("parallel"), 3);
    assert!(rows("workers-one") > 1);
}

#[test]
fn a_double_charge_is_an_alarm_at_the_step_that_made_it() {
    let recording = recorded("crash-after-charge-no-keys");
    let alarmed = moments(&recording)
        .find(|moment| moment.world.iter().any(|row| row.alarm))
        .unwrap();
    let row = alarmed.world.iter().find(|row| row.alarm).unwrap();
    assert_eq!(
        (row.label.as_str(), row.value.as_str(), row.changed),
        ("customer charged", "€178.00", true)
    );
    assert!(recording.end.promises.iter().any(|promise| promise.held == Some(false)));
}

/// One recording answers for all workflow runs of the world: nothing is run again to look at another one.
#[test]
fn a_child_can_be_looked_at_as_well_as_its_parent() {
    let recording = recorded("children");
    let told = |run, step| recording.moment(run, step).text;
    assert_eq!(
        told(0, 29),
        "worker A runs the code over events 4-9: event 7 feeds line 19 a result; asks for PlaceOrder (line 20) (purchase-1/SKU-1)"
    );
    assert_eq!(
        told(1, 29),
        "worker A runs the code over events 4-9: event 7 feeds line 19 a result; asks for PlaceOrder (line 20)"
    );
    let child = recording.moment(1, 29);
    assert_eq!((child.events_len, recording.events_len(0, 29)), (9, 13));
    assert_eq!(child.code.holder, "in the memory of worker A");
    assert_eq!(recording.source(1, 0).unwrap().file, "pattern_sequence.rs");
    assert_eq!(recording.source(0, 0).unwrap().file, "pattern_children.rs");
    let attempts = recording.moment(1, 34).attempts.unwrap();
    assert_eq!(
        (attempts.activity.as_str(), attempts.scheduled_event),
        ("PlaceOrder", 11)
    );
    assert_eq!(
        recording.moment(1, 41).waiting.text,
        "Nothing: the workflow has completed."
    );
    assert!(recording.interesting(1, 41) && !recording.interesting(2, 41));
}

// ---- What no story shows yet.

fn recorded_of(setup: Setup) -> Recording {
    let mut recorder = Recorder::of(Sim::with(setup, 7, Vec::new()).unwrap());
    while !recorder.advance(7) {}
    recorder.finish()
}

fn waits_of(recording: &Recording, says: &str) -> String {
    moment(recording, says).waiting.text
}

#[test]
fn what_is_cut_off_or_silent_is_told_with_the_limit_that_ends_it() {
    let scene = Scene {
        heartbeat_ms: 2_000,
        ..Scene::of(Rehearsal {
            takes_ms: 30_000,
            beats_every_ms: 1_000,
            ..Rehearsal::default()
        })
    };
    let mut setup = setup("Rehearses", [scene]);
    let act = |after, what| Act {
        when: When::Next,
        after: Span::secs(after),
        what,
    };
    let worker = WorkerName(0);
    setup.script = vec![act(3, Action::Partition(worker)), act(9, Action::Heal(worker))];
    let recording = recorded_of(setup);
    assert_eq!(
        waits_of(&recording, "reports that Rehearse, attempt 1, is at 1"),
        "Rehearse, attempt 1, runs on worker A, until 0:03.003 (heartbeat timeout 2 s) at the latest."
    );
    assert_eq!(
        waits_of(&recording, "worker A is partitioned"),
        "Rehearse, attempt 1, runs on worker A, which is partitioned from the Service since 0:03.001; the Service waits until \
         0:04.603 (heartbeat timeout 2 s)."
    );
    assert_eq!(
        waits_of(&recording, "Rehearse is due again"),
        "Rehearse, attempt 2, waits in the task queue: worker A is partitioned from the Service."
    );
    assert!(moments(&recording).any(|moment| moment.workers[0].doing.contains("partitioned from the Service since")));
    assert!(recording.end.settled);
}

#[test]
fn what_a_workflow_waits_for_is_said_of_messages_too() {
    let mut setup = setup("Sums", ());
    let update = Update {
        update_id: "first".to_owned(),
        name: "add_slowly".to_owned(),
        args: Some(payload::json(&10.into())),
        ..Update::default()
    };
    setup.script = vec![Act {
        when: When::Next,
        after: Span::secs(1),
        what: Action::Update("rehearsal-1".to_owned(), update),
    }];
    let recording = recorded_of(setup);
    assert_eq!(
        waits_of(&recording, "worker A answers the workflow task"),
        "The workflow waits for something from outside, and somebody is about to act."
    );
    let asked = moment(&recording, "a client sends rehearsal-1 an update: add_slowly");
    assert_eq!(asked.kind, StepKind::Client);
    let heard = moment(&recording, "a client hears the answer: 10");
    assert!(heard.interesting);
    let timer = moments(&recording).find(|moment| moment.waiting.text.contains("Timer 1 fires at"));
    assert_eq!(
        timer.unwrap().waiting.text,
        "Timer 1 fires at 0:02.006. A client waits for update add_slowly."
    );
}

/// Nothing that can befall a run may break its picture.
#[test]
fn a_recording_hangs_together_whatever_happens() {
    let scene = |takes_ms| Scene {
        start_to_close_s: 4,
        ..Scene::of(Rehearsal {
            takes_ms,
            beats_every_ms: 700,
            fails: 1,
            ..Rehearsal::default()
        })
    };
    let kinds = ["Rehearses", "RehearsesAtOnce", "RehearsesLocally"];
    let verbs = [Verb::Crash, Verb::Stop, Verb::Launch, Verb::Partition, Verb::Heal];
    for kind in kinds {
        let mut setup = setup(kind, [scene(500), scene(2_000), scene(3_900)]);
        setup.workers.push(setup.workers[0].clone());
        setup.workers[1].activity_slots = 1;
        for step in 0..40_u32 {
            let choice = |(later, verb): (u32, Verb)| {
                let worker = WorkerName(u8::try_from((step + later) % 2).unwrap());
                Choice::to_worker(step + later, verb, worker)
            };
            let choices = (0..).step_by(3).zip(verbs).map(choice).collect();
            let mut recorder = Recorder::of(Sim::with(setup.clone(), 7, choices).unwrap());
            while !recorder.advance(100) {}
            let recording = recorder.finish();
            hangs_together(&recording);
        }
    }
}
