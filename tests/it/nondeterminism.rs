//! Code that has changed meets a history of what it was: the official worker's verdict on every case of the matrix, and
//! what is said beside it.

use sagascope::history::json;
use sagascope::history::proto::HistoryEvent;
use sagascope::worker::nondeterminism::{Cause, Mismatch};
use sagascope::worker::replay::{ReplayError, replay};
use serde_json::{Value, json};

use crate::program::{self, play};

/// Recorded program, replayed program and the official replayer's verdict, by name.
fn matrix() -> serde_json::Map<String, Value> {
    let text = include_str!("../nd-matrix.json");
    serde_json::from_str(text).unwrap()
}

/// What the code of this program comes to when it meets these events.
fn met(program: &Value, events: &[HistoryEvent]) -> Result<(), Box<Mismatch>> {
    match program::with(program, || replay(&program::registry(), events, None)) {
        Ok(_) => Ok(()),
        Err(ReplayError::Nondeterministic(mismatch)) => Err(mismatch),
        Err(other) => panic!("{other:?}"),
    }
}

fn verdict(outcome: &Result<(), Box<Mismatch>>) -> &str {
    match outcome {
        Ok(()) => "OK",
        Err(mismatch) => &mismatch.message,
    }
}

#[test]
fn the_official_verdict_on_every_case() {
    let cases = matrix();
    assert_eq!(cases.len(), 32);
    let mut wrong = Vec::new();
    for (name, case) in &cases {
        let events = play(&case["recorded"]);
        assert_eq!(
            verdict(&met(&case["recorded"], &events)),
            "OK",
            "{name}: unchanged code"
        );
        let outcome = met(&case["replayed"], &events);
        if verdict(&outcome) != case["message"] {
            wrong.push(format!("{name}: {} instead of {}", verdict(&outcome), case["message"]));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_official_verdict_on_the_histories_of_a_real_server() {
    let mut tried = 0;
    for (name, case) in matrix() {
        let Some(text) = crate::histories::find(&format!("sem-nd-{}", name.replace('_', "-"))) else {
            continue;
        };
        let events = json::read(&text).unwrap().history.events;
        assert_eq!(
            verdict(&met(&case["recorded"], &events)),
            "OK",
            "{name}: unchanged code"
        );
        assert_eq!(verdict(&met(&case["replayed"], &events)), case["message"], "{name}");
        tried += 1;
    }
    assert!(tried >= 12, "{tried} histories");
}

/// What is said beside the official message. Where code awaits one thing after the other, only its next request is
/// known: what was added first may look changed, what was moved may look removed.
#[test]
fn what_has_happened_to_the_code() {
    use Cause::{Added, EndsEarly, IdChanged, PatchRemoved, Removed, Reordered, Replaced, TypeChanged};
    let causes = [
        ("activity_removed_first", Removed),
        ("activity_added_end", Added),
        ("activity_added_start", TypeChanged),
        ("activities_reordered", Removed),
        ("parallel_reordered", Reordered),
        ("parallel_missing", Removed),
        ("timer_vs_activity", Replaced),
        ("timer_added_before", Replaced),
        ("activity_id_explicit_vs_auto", IdChanged),
        ("activity_vs_child", Replaced),
        ("child_type_changed", TypeChanged),
        ("la_vs_activity", Replaced),
        ("activity_vs_la", Added),
        ("la_removed", Removed),
        ("la_added", Added),
        ("patch_removed", PatchRemoved),
        ("patch_removed_with_new_branch_kept", PatchRemoved),
        ("patch_id_changed", PatchRemoved),
        ("completes_early", EndsEarly),
        ("complete_vs_can", TypeChanged),
        ("timer_cancel_removed", Removed),
        ("fire_and_forget_extra", Added),
        ("open_removed_pending_act", Removed),
    ];
    let cases = matrix();
    let disagreements = cases.values().filter(|case| case["message"] != "OK").count();
    assert_eq!(causes.len(), disagreements);
    let mut wrong = Vec::new();
    for (name, cause) in causes {
        let mismatch = met(&cases[name]["replayed"], &play(&cases[name]["recorded"])).unwrap_err();
        if mismatch.cause != cause {
            wrong.push(format!("{name}: {:?} instead of {cause:?}\n{mismatch}", mismatch.cause));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_mismatch_says_what_history_has_and_what_the_code_asks_for() {
    let events = play(&json!([["a", "Charge"], ["t", 1]]));
    let mismatch = met(&json!([["a", "Refund"]]), &events).unwrap_err();
    assert_eq!(
        (mismatch.event_id, mismatch.recorded.as_str()),
        (5, "activity Charge (id 1)")
    );
    assert_eq!(mismatch.asked, Some(("activity Refund (id 1)".to_owned(), 0)));
    assert!(mismatch.advice.contains("ctx.patched"), "{}", mismatch.advice);
}
