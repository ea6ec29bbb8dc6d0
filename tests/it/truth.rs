//! What is said of a run is true: at every moment of every story, of whichever workflow run; and in the places where it
//! once was not.

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::{Judgement, Sweep};
use sagascope::contract::task::RunKey;
use sagascope::history::proto::event_name;
use sagascope::sim::spec::RunSpec;
use sagascope::view::conclusion::{Verdict, conclusion};
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::{MarkKind, Moment, Outcome, Presence, Recording, StepKind};

fn recorded(address: &str) -> Recording {
    let mut recorder = Recorder::of(LAB.sim(&RunSpec::parse(address).unwrap()).unwrap());
    while !recorder.advance(100) {}
    recorder.finish()
}

/// Whatever is shown of a run, at any moment, is no nonsense.
pub(crate) fn is_told_truly(recording: &Recording) {
    for run in (0..).take(recording.runs.len()) {
        for step in 0..=recording.last() {
            let moment = recording.moment(run, step);
            let told = || format!("{}, run {run}, step {step}: {moment:?}", recording.story.id);
            let open = recording.runs[run as usize].status(step);
            assert_eq!(
                moment.waiting.closed.is_some(),
                !matches!(open, None | Some("Running")),
                "{}",
                told()
            );
            if moment.waiting.closed.is_some() {
                assert!(moment.unwritten.is_empty(), "{}", told());
            }
            for (word, at) in times(&moment.waiting.text) {
                let is_past = at < moment.at;
                assert!(!is_past || word == "since", "{word} {at} {}", told());
            }
            for fact in &moment.unwritten {
                assert!(!fact.known || !fact.text.contains("died"), "{}", told());
            }
            for worker in &moment.workers {
                assert_eq!(
                    worker.doing.contains("dead"),
                    worker.presence == Presence::Dead,
                    "{}",
                    told()
                );
            }
        }
        for event in recording.history(RunKey(run)) {
            let id = u32::try_from(event.event_id).unwrap();
            let why = recording.event_details(run, id).unwrap().why;
            assert!(why.ends_with('.'), "{}: {why}", event_name(event.event_type()));
        }
    }
    let green = Verdict::of(recording).outcome() == Outcome::Ok;
    let kept = recording.end.promises.iter().all(|promise| promise.held == Some(true));
    assert!(!green || (kept && recording.end.settled), "{}", recording.story.id);
}

/// Every point in time that a text names, with the word before it. A millisecond is added: what is told is cut off.
fn times(text: &str) -> Vec<(&str, SimTime)> {
    let words: Vec<&str> = text.split_whitespace().collect();
    let at = |place: usize| {
        let at = time(words[place])?;
        // `3 d 02:00:01.000`
        if place > 2 && words[place - 1] == "d" {
            let days: u64 = words[place - 2].parse().ok()?;
            return Some((words[place - 3], at + Span::secs(days * 86_400)));
        }
        Some((words[place.checked_sub(1)?], at))
    };
    (0..words.len()).filter_map(at).collect()
}

/// `1:00.129`, with or without something behind it.
fn time(word: &str) -> Option<SimTime> {
    let word = word.trim_end_matches(|c: char| !c.is_ascii_digit());
    let (minutes, seconds) = word.rsplit_once(':')?;
    let (whole, thousandths) = seconds.split_once('.')?;
    let minutes = minutes
        .split(':')
        .try_fold(0, |all, part| Some(all * 60 + part.parse::<u64>().ok()?))?;
    let ms = (minutes * 60 + whole.parse::<u64>().ok()?) * 1_000 + thousandths.parse::<u64>().ok()?;
    Some(SimTime::ZERO + Span::millis(ms + 1))
}

#[test]
fn times_are_found_in_what_is_told() {
    let found = times("waits until 1:00.129 (start-to-close 60 s), since 3 d 02:00:00.000.");
    let found: Vec<(&str, String)> = found.into_iter().map(|(word, at)| (word, at.to_string())).collect();
    assert_eq!(
        found,
        [
            ("until", "1:00.130".to_owned()),
            ("since", "3 d 02:00:00.001".to_owned())
        ]
    );
}

fn moment(recording: &Recording, says: &str) -> Moment {
    let mut moments = (0..=recording.last()).map(|step| recording.moment(0, step));
    let found = moments.find(|moment| moment.text.contains(says));
    found.unwrap_or_else(|| panic!("no step says “{says}”"))
}

#[test]
fn a_new_attempt_has_a_new_heartbeat_clock() {
    let recording = recorded("sync-worker-dies");
    assert_eq!(
        recording.moment(0, 20).waiting.text,
        "CopyPages, attempt 2, runs on worker B, until 0:14.246 (heartbeat timeout 4 s) at the latest."
    );
}

/// A worker has the workflow's code in hand only while it has the task.
#[test]
fn a_worker_that_has_dropped_the_task_or_is_a_new_process_runs_no_code() {
    let recording = recorded("dice-wrong");
    let waits = |step| recording.moment(0, step).waiting.text;
    for (step, told) in [
        (31, "Worker A could not run the workflow's code and is about to say so,"),
        (32, "Worker A has dropped the workflow task;"),
        (34, "Worker A had the workflow task and has left;"),
        (
            35,
            "Worker A had the workflow task; its new process, since 0:19.002, knows nothing of it.",
        ),
    ] {
        assert!(waits(step).starts_with(told), "step {step}: {}", waits(step));
    }
}

#[test]
fn after_the_last_attempt_nobody_tries_again() {
    let recording = recorded("payment-times-out-twice?do=21:kill:B");
    assert_eq!(
        moment(&recording, "worker B dies").waiting.text,
        "ProcessPayment, attempt 3 of 3, was lost with worker B. The Service does not know and waits until 2:21.132 \
         (start-to-close 60 s); then the activity has failed: no attempt is left."
    );
}

/// A worker that leaves finishes what it has in hand: nothing is lost, and nobody is dead.
#[test]
fn who_leaves_is_not_dead_and_who_was_never_started_starts() {
    let recording = recorded("all-goes-well?do=20:stop:A");
    let left = moment(&recording, "worker A has left");
    assert_eq!((left.kind, left.workers[0].presence), (StepKind::Leave, Presence::Left));
    assert!(
        left.workers[0].doing.starts_with("has left, at 0:01."),
        "{}",
        left.workers[0].doing
    );
    let marks = recording.marks(0);
    assert!(marks.iter().all(|mark| mark.kind != MarkKind::Dead));
    let away = marks.iter().find(|mark| mark.kind == MarkKind::Away).unwrap();
    let words = &recording.labels(away, left.at)[0];
    assert!(words.starts_with("left in good order"), "{words}");

    let recording = recorded("no-worker");
    let before = recording.moment(0, 1).workers[0].clone();
    assert_eq!(
        (before.presence, before.doing.as_str()),
        (Presence::NotStarted, "not started yet")
    );
}

/// What a worker that died took with it is known to nobody but the reader.
#[test]
fn the_service_does_not_know_of_a_death() {
    let moment = moment(&recorded("crash-after-charge"), "worker A dies");
    let facts: Vec<(bool, &str)> = moment
        .unwritten
        .iter()
        .map(|fact| (fact.known, fact.text.as_str()))
        .collect();
    assert_eq!(
        facts,
        [
            (true, "ProcessPayment attempt 1 started"),
            (false, "worker A died over it")
        ]
    );
}

/// As long as code and history disagree nothing is well, whatever comes of it in the end.
#[test]
fn a_task_that_fails_again_and_again_is_called_so() {
    let recording = recorded("deploy-unpatched");
    let failing = (0..=recording.last()).filter(|step| recording.moment(0, *step).waiting.failing);
    assert!(failing.count() > 3);
    assert!(!recording.moment(0, recording.last()).waiting.failing);
}

#[test]
fn only_what_ended_well_and_kept_its_promises_is_green() {
    let verdict = |address: &str| {
        let verdict = Verdict::of(&recorded(address));
        (verdict.outcome(), verdict.words(true))
    };
    let said = |outcome, words: &str| (outcome, words.to_owned());
    assert_eq!(verdict("all-goes-well"), said(Outcome::Ok, "all 4 promises held"));
    assert_eq!(
        verdict("all-goes-well?do=14:terminate:order-1001:enough"),
        said(Outcome::Failed, "workflow terminated")
    );
    assert_eq!(
        verdict("crash-after-charge?do=21:kill:B"),
        said(Outcome::Failed, "stuck: promises not decided")
    );
    assert_eq!(
        verdict("crash-after-charge-no-keys"),
        said(Outcome::Failed, "1 of 4 promises broken")
    );
}

#[test]
fn an_event_of_an_activity_brings_that_activitys_attempts() {
    let recording = recorded("payment-flaky");
    let at = |event| {
        recording
            .attempts_of(0, 38, event)
            .map(|it| (it.activity, it.scheduled_event))
    };
    let shown = recording.moment(0, 38).attempts.unwrap();
    assert_eq!(shown.activity, "SendNotification");
    assert_eq!(at(17), Some(("ProcessPayment".to_owned(), 17)));
    assert_eq!(at(19), at(17), "whichever of its events is picked");
    assert_eq!(at(20), None, "a workflow task has no attempts of this kind");
}

#[test]
fn who_looks_at_a_run_goes_along_when_another_takes_over() {
    let recording = recorded("sync-continues-as-new");
    let opened = recording.runs[1].opened;
    assert_eq!(recording.followed(0, opened - 1, opened), 1);
    assert_eq!(recording.followed(1, opened, opened - 1), 0);
    assert_eq!(
        recording.followed(0, opened, opened + 1),
        0,
        "who wants to see the old one stays there"
    );
    assert_eq!(recording.run_label(1), "DataSync · sync-customers · run 2 of 3");
}

/// A sweep over a run that stays stuck says so, in words; one over a run that breaks a promise holds nothing.
#[test]
fn a_sweep_says_what_happened_to_whom() {
    let swept = |address: &str| {
        let mut sweep = Sweep::new(LAB, &RunSpec::parse(address).unwrap()).unwrap();
        sweep.run_to_end();
        sweep
    };
    let stuck = swept("crash-after-charge?do=21:kill:B");
    let said = Judgement::ALL.map(|judgement| stuck.count(judgement));
    assert_eq!(
        said,
        [0, 0, 13, 25, 0, 0, 0],
        "none is blamed for what is so without it"
    );
    let seen = |judgement| {
        stuck
            .points()
            .iter()
            .find(|point| point.judgement == judgement)
            .unwrap()
            .seen
            .as_str()
    };
    assert_eq!(
        seen(Judgement::AsBad),
        "the run gets stuck: order-1001 is still open, and nothing happens any more, as it does without the crash"
    );
    let better = "the run comes to an end; without the crash it gets stuck: order-1001 is still open";
    assert!(
        seen(Judgement::Better).starts_with(better),
        "{}",
        seen(Judgement::Better)
    );

    let broken = swept("crash-after-charge-no-keys");
    let said = Judgement::ALL.map(|judgement| broken.count(judgement));
    assert_eq!(said, [0, 0, 1, 49, 0, 4, 0]);
}

#[test]
fn a_run_that_comes_to_no_end_is_concluded_too() {
    assert_eq!(
        conclusion(&recorded("crash-after-charge?do=21:kill:B")),
        "Worker A died after ProcessPayment had done its work and before it could say so; worker B died; ProcessPayment \
         took 2 attempts; 1 repeated call was known by its key and changed nothing; OrderOrchestration was still open \
         at 1:12.617, and nothing happens any more. Nothing that was promised is decided."
    );
    assert_eq!(
        conclusion(&recorded("all-goes-well?do=14:terminate:order-1001:enough")),
        "OrderOrchestration was terminated at 0:00.129. Nothing that was promised is decided."
    );
}
