//! Activities that report progress: what the worker passes on and when, what the next attempt is told, and how an
//! activity learns that nobody wants it any more.

use sagascope::catalogue::workflows::rehearsal::{Rehearsal, WhenCancelled};
use sagascope::sim::node::CancelReason;
use sagascope::sim::script::Action;
use sagascope::sim::step::Step;
use sagascope::sim::{Sim, Verdict};

use crate::lab::{Scene, WORKFLOW, act, begun, names, played, seen, setup};

fn counts(sim: &Sim) -> Vec<(u32, u64)> {
    seen(sim, |step| match step {
        Step::Heartbeat { token, count, .. } => Some((token.attempt, *count)),
        _ => None,
    })
}

/// Every second, but passed on only every 1.6 s, four fifths of the limit.
fn beating() -> Scene {
    Scene {
        heartbeat_ms: 2_000,
        ..Scene::of(Rehearsal {
            takes_ms: 4_000,
            beats_every_ms: 1_000,
            ..Rehearsal::default()
        })
    }
}

#[test]
fn an_attempt_goes_on_where_the_one_before_fell_silent() {
    let mut scene = beating();
    scene.rehearsal.hangs = 1;
    scene.rehearsal.beats = 3;
    let (sim, verdict) = played(setup("Rehearses", [scene]));
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(counts(&sim), [(1, 1), (1, 2), (1, 3), (2, 4), (2, 5)]);
}

#[test]
fn the_newest_report_goes_with_a_failure() {
    let mut scene = beating();
    scene.heartbeat_ms = 30_000;
    scene.rehearsal.fails = 1;
    let (sim, _) = played(setup("Rehearses", [scene]));
    assert_eq!(counts(&sim), [(1, 1), (2, 4)]);
}

#[test]
fn without_a_limit_progress_is_passed_on_every_half_minute() {
    let mut scene = beating();
    scene.heartbeat_ms = 0;
    scene.start_to_close_s = 100;
    scene.rehearsal.takes_ms = 70_000;
    let (sim, _) = played(setup("Rehearses", [scene]));
    assert_eq!(counts(&sim), [(1, 1), (1, 30), (1, 60)]);
}

#[test]
fn an_activity_learns_by_a_heartbeat_that_its_workflow_is_gone() {
    let mut scene = beating();
    scene.rehearsal.when_cancelled = WhenCancelled::Confirm;
    let mut setup = setup("Rehearses", [scene]);
    let terminate = Action::Terminate(WORKFLOW.to_owned(), "enough".to_owned());
    setup.script = vec![act(begun(1), terminate)];
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Settled);
    let learned = seen(&sim, |step| match step {
        Step::Heartbeat { cancelled, .. } => Some(*cancelled),
        _ => None,
    });
    assert_eq!(learned, [Some(CancelReason::Gone)]);
    let told = seen(&sim, |step| match step {
        Step::ActivityAnswered {
            cancelled, accepted, ..
        } => Some((*cancelled, *accepted)),
        _ => None,
    });
    assert_eq!(told, [(true, false)]);
    assert_eq!(
        names(sim.run().unwrap().log.events()).last(),
        Some(&"WorkflowExecutionTerminated")
    );
}
