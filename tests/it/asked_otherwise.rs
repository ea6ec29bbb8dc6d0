//! What replay tells beside its verdict: that the code asks for the same, but otherwise. It tells it where it is so, and
//! never where it is not.

use sagascope::base::time::Span;
use sagascope::catalogue::stories::LAB;
use sagascope::history::json;
use sagascope::history::proto::{Attributes, HistoryEvent};
use sagascope::history::timestamp::duration;
use sagascope::sim::spec::RunSpec;
use sagascope::worker::replay::{AskedOtherwise, Replayed, replay};
use serde_json::{Value, json};

use crate::program::{self, play};
use crate::{histories, lab};

fn file(path: &str) -> Vec<HistoryEvent> {
    json::read(&std::fs::read_to_string(path).unwrap())
        .unwrap()
        .history
        .events
}

fn words(otherwise: &[AskedOtherwise]) -> Vec<String> {
    let lines = otherwise.iter().flat_map(|one| {
        let differences = one.differences.iter();
        differences.map(move |difference| format!("{}: {difference}", one.what))
    });
    lines.collect()
}

/// A run of one program, met by another that replay has nothing against.
#[track_caller]
fn check(recorded: Value, replayed: Value, told: &[&str]) {
    let events = play(&recorded);
    let meet = |program: &Value| program::with(program, || replay(&program::registry(), &events, None)).unwrap();
    assert_eq!(meet(&recorded).otherwise, [], "{recorded}");
    assert_eq!(words(&meet(&replayed).otherwise), told, "{recorded} | {replayed}");
}

#[test]
fn what_no_worker_compares() {
    check(
        json!([["t", 1]]),
        json!([["t", 5]]),
        &["a timer (id 1): wait: 1 s → 5 s"],
    );
    check(
        json!([["a", "Rehearse", {"arg": {"n": 1}}]]),
        json!([["a", "Rehearse", {"arg": {"n": 2}}]]),
        &["activity Rehearse (id 1): input [0].n: 1 → 2"],
    );
    check(
        json!([["a", "Rehearse", {"ma": 2}]]),
        json!([["a", "Rehearse", {"ma": 3, "tq": "elsewhere"}]]),
        &[
            "activity Rehearse (id 1): task queue: stage → elsewhere",
            "activity Rehearse (id 1): maximum attempts: 2 → 3",
        ],
    );
    check(
        json!([["ret", [1, 2]]]),
        json!([["ret", [1, 3]]]),
        &["the end of the run: completed: result [1]: 2 → 3"],
    );
    check(
        json!([["memo", "k", "a"]]),
        json!([["memo", "k", "b"]]),
        &["a new memo: memo k: \"a\" → \"b\""],
    );
}

/// Two values of a program's step that nobody compares.
#[test]
fn the_matrixs_changes_that_replay_allows_are_told() {
    let matrix: serde_json::Map<String, Value> = serde_json::from_str(include_str!("../nd-matrix.json")).unwrap();
    let mut told = Vec::new();
    for (name, case) in matrix.iter().filter(|(_, case)| case["message"] == "OK") {
        let events = play(&case["recorded"]);
        let met = program::with(&case["replayed"], || replay(&program::registry(), &events, None)).unwrap();
        told.extend(words(&met.otherwise).into_iter().map(|word| format!("{name}: {word}")));
    }
    crate::golden::check("golden/asked-otherwise.txt", &(told.join("\n") + "\n"));
}

/// A Python worker on a real server ran these; our program asks for the same with the options that it has. What differs is
/// what the two programs differ in, and nothing that server, SDK or language put there.
#[test]
fn of_a_real_servers_histories_only_the_programs_own_choices_are_told() {
    let matrix: serde_json::Map<String, Value> = serde_json::from_str(include_str!("../nd-matrix.json")).unwrap();
    let mut told = std::collections::BTreeSet::new();
    for (name, case) in &matrix {
        let Some(text) = histories::find(&format!("sem-nd-{}", name.replace('_', "-"))) else {
            continue;
        };
        let events = json::read(&text).unwrap().history.events;
        let program = &case["recorded"];
        let met = program::with(program, || replay(&program::registry(), &events, None)).unwrap();
        told.extend(words(&met.otherwise).into_iter().map(|word| format!("{name}: {word}")));
    }
    let told: Vec<String> = told.into_iter().collect();
    crate::golden::check("golden/asked-otherwise-real.txt", &(told.join("\n") + "\n"));
}

#[test]
fn code_that_has_not_changed_asks_for_nothing_otherwise() {
    let mut tried = 0;
    for story in LAB.all() {
        // Several versions may lawfully ask for several things; who reads the machine's clock gets another time.
        if story.setup.code.len() > 1 || story.id.ends_with("-wrong") {
            continue;
        }
        let mut sim = LAB.sim(&RunSpec::of(story.id)).unwrap();
        sim.run_to_end();
        let code = story.setup.code[0]();
        for run in sim.runs() {
            let events = run.log.events();
            if let Ok(Replayed { otherwise, sealed, .. }) = replay(&code, events, None) {
                assert_eq!(
                    (words(&otherwise), sealed),
                    (Vec::new(), 0),
                    "{} {}",
                    story.id,
                    run.run_id
                );
                tried += 1;
            }
        }
    }
    assert!(tried > 100, "{tried} runs");
    for (name, text) in histories::real() {
        let events = json::read(&text).unwrap().history.events;
        let met = replay(&LAB.code(), &events, None).unwrap();
        assert_eq!(words(&met.otherwise), Vec::<String>::new(), "{name}");
    }
}

/// Case 13: the payment was asked for with another user and another amount.
#[test]
fn arguments_that_have_changed() {
    let events = file("tests/cases/13-arguments-changed.json");
    let met = replay(&LAB.code(), &events, None).unwrap();
    assert!(met.closed);
    let [otherwise] = met.otherwise.as_slice() else {
        panic!("{:?}", met.otherwise)
    };
    assert_eq!(otherwise.event_id, 17);
    assert!(otherwise.line > 0);
    assert_eq!(
        words(&met.otherwise),
        [
            "activity ProcessPayment (id 3): input [0].user_id: \"somebody-else\" → \"user-42\"",
            "activity ProcessPayment (id 3): input [0].amount: 1 → 8900",
        ]
    );
    // The same while the run is still open.
    let met = replay(&LAB.code(), &events[..20], None).unwrap();
    assert_eq!((met.closed, met.otherwise.len()), (false, 1));
}

/// What the code leaves open the Service fills in, each server in its way.
#[test]
fn what_the_service_fills_in_is_not_told() {
    let mut events = file("tests/stories/all-goes-well.json");
    for event in &mut events {
        if let Some(Attributes::ActivityTaskScheduledEventAttributes(a)) = &mut event.attributes {
            // A namespace that fills in no policy writes none; an older server writes the limit above for one that is open.
            a.schedule_to_start_timeout.clone_from(&a.schedule_to_close_timeout);
            a.priority = Some(Default::default());
        }
    }
    let met = replay(&LAB.code(), &events, None).unwrap();
    assert_eq!(words(&met.otherwise), Vec::<String>::new());

    // A run with a limit of its own caps all others.
    let mut setup = LAB.named("all-goes-well").unwrap().setup;
    setup.start.run_timeout = Span::secs(20);
    let code = setup.code[0]();
    let (sim, _) = lab::played(setup);
    let events = sim.run().unwrap().log.events();
    let capped = events.iter().filter(|event| match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(a)) => {
            a.schedule_to_close_timeout == Some(duration(Span::secs(20)))
        }
        _ => false,
    });
    assert!(capped.count() > 3);
    let met = replay(&code, events, None).unwrap();
    assert_eq!(words(&met.otherwise), Vec::<String>::new());
}

#[test]
fn every_version_of_the_code_is_known_once() {
    let versions = LAB.versions("OrderOrchestration");
    let files: Vec<&str> = versions
        .iter()
        .map(|version| version.source("OrderOrchestration").unwrap().file)
        .collect();
    assert_eq!(
        files,
        [
            "order_orchestration.rs",
            "order_orchestration_2.rs",
            "order_orchestration_2_patched.rs",
            "order_orchestration_2_deprecating.rs",
        ]
    );
    assert!(versions[0].has_same_code(&LAB.code(), "OrderOrchestration"));
    assert!(LAB.versions("Nobody").is_empty());
    for workflow_type in LAB.code().types() {
        assert!(!LAB.versions(workflow_type).is_empty(), "{workflow_type}");
    }
}
