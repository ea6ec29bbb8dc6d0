//! Every worker crashed at every step of every story, and restarted: the order must come to the same end.

use sagascope::check::sweep::{Finding, Sweep};
use sagascope::history::rules;
use sagascope::sim::Sim;
use sagascope::sim::spec::{At, RunSpec};
use sagascope::sim::story::{self, Story};

fn swept(story: &Story) -> Sweep {
    let mut sweep = Sweep::new(&RunSpec::of(story.id)).unwrap();
    sweep.run_to_end();
    sweep
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was tried is part of the result")]
fn no_crash_changes_the_outcome_of_a_story_that_promises_so() {
    let mut tried = 0;
    for story in story::all().iter().filter(|story| story.crash_proof) {
        let sweep = swept(story);
        tried += sweep.len();
        for point in sweep.points() {
            let same = matches!(point.finding, Finding::Holds | Finding::Slower);
            assert!(
                same || ends_by_the_policy(&point.spec),
                "{}: {:?} {}",
                point.spec,
                point.finding,
                point.seen
            );
        }
    }
    println!("{tried} crash points tried");
    assert!(tried > 682, "the sagas alone have so many");
}

/// The one exception, and it is Temporal's own: two attempts of the payment have failed already, its policy allows
/// three, and the Service counts the one that the crash swallowed. No server would try a fourth time.
fn ends_by_the_policy(spec: &RunSpec) -> bool {
    spec.story == "payment-times-out-twice" && matches!(spec.choices[0].at, At::Step(21 | 22))
}

#[test]
fn the_policys_exception_is_found_and_named() {
    let story = story::named("payment-times-out-twice").unwrap();
    let sweep = swept(&story);
    assert_eq!(sweep.count(Finding::LastAttemptLost), 2);
    assert_eq!(sweep.count(Finding::Broken), 0);
}

/// A sweep that finds nothing must be able to find something.
#[test]
fn without_keys_the_sweep_finds_what_is_doubled() {
    let sweep = swept(&story::named("crash-after-charge-no-keys").unwrap());
    let seen: Vec<&str> = sweep
        .points()
        .iter()
        .filter(|p| p.finding == Finding::Broken)
        .map(|p| p.seen.as_str())
        .collect();
    assert_eq!(
        seen,
        [
            "other stock",
            "another result; charged 8900 instead of 17800",
            "another result; charged 26700 instead of 17800",
            "another result; parcels 2 instead of 1, other stock",
            "mails 2 instead of 1",
        ]
    );
}

#[test]
fn histories_stay_well_formed_whatever_crashes() {
    for story in story::all() {
        for spec in Sweep::new(&RunSpec::of(story.id)).unwrap().ahead() {
            let mut sim = Sim::with(story.setup.clone(), spec.seed, spec.choices.clone()).unwrap();
            sim.run_to_end();
            for run in sim.runs() {
                let findings = rules::check(run.log.events());
                assert!(findings.is_empty(), "{spec}: {findings:?}");
            }
        }
    }
}

/// The point just after the charge is where everything goes wrong without a key; it must be among those tried.
#[test]
fn a_crash_falls_between_the_effect_and_its_answer() {
    let sweep = swept(&story::named("all-goes-well").unwrap());
    let between = sweep.points().iter().filter(|point| {
        let mut sim = Sim::new(&point.spec).unwrap();
        sim.run_to_end();
        sim.records().iter().any(|record| match &record.what {
            sagascope::sim::step::Step::Crashed { lost_attempts, .. } => lost_attempts.iter().any(|(.., done)| *done),
            _ => false,
        })
    });
    assert_eq!(between.count(), 5, "one for each activity");
}
