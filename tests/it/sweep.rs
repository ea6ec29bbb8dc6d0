//! Every worker crashed at every step of every story, and restarted: the order must come to the same end.

use sagascope::catalogue::stories::LAB;
use sagascope::check::sweep::{CrashPoint, Judgement, Sweep};
use sagascope::history::rules;
use sagascope::sim::Sim;
use sagascope::sim::spec::{At, RunSpec};
use sagascope::sim::story::Story;

fn swept(story: &Story) -> Sweep {
    let mut sweep = Sweep::new(LAB, &RunSpec::of(story.id)).unwrap();
    sweep.run_to_end();
    sweep
}

#[test]
#[expect(clippy::print_stdout, reason = "how much was tried is part of the result")]
fn no_crash_changes_the_outcome_of_a_story_that_promises_so() {
    let mut tried = 0;
    for story in LAB.all().iter().filter(|story| story.crash_proof) {
        let sweep = swept(story);
        comes_to_the_same_from_the_start(&sweep);
        tried += sweep.len();
        for point in sweep.points() {
            // Promises aside: a story whose fault it is to break one may promise that a crash adds nothing to it.
            let same = matches!(point.judgement, Judgement::Holds | Judgement::Slower | Judgement::AsBad);
            assert!(
                same || ends_by_the_policy(&point.spec),
                "{}: {:?} {}",
                point.spec,
                point.judgement,
                point.seen
            );
        }
    }
    println!("{tried} crash points tried");
    assert!(tried > 682, "the sagas alone have so many");
}

/// A run with a crash begins where the crash is: how many steps that spared.
#[test]
fn a_sweep_plays_only_what_comes_after_each_crash() {
    let (mut played, mut from_the_start) = (0, 0);
    for story in LAB.all().iter().filter(|story| !story.crash_proof) {
        let sweep = swept(story);
        comes_to_the_same_from_the_start(&sweep);
        let of_points = |count: fn(&CrashPoint) -> u32| sweep.points().iter().map(count).map(u64::from).sum::<u64>();
        let mut plain = LAB.sim(sweep.base()).unwrap();
        plain.run_to_end();
        let last = sweep.points().last().map_or(0, |point| point.step);
        let only = u64::from(plain.steps() + last) + of_points(|point| point.steps - point.step);
        assert_eq!(sweep.steps_played(), only, "{}", story.id);
        played += only;
        from_the_start += of_points(|point| point.steps);
    }
    assert!(played * 3 < from_the_start * 2, "{played} of {from_the_start} steps");
}

/// Some of its runs, played from their start, are judged as it judged them.
fn comes_to_the_same_from_the_start(sweep: &Sweep) {
    for point in sweep.points().iter().step_by(23) {
        let mut sim = LAB.sim(&point.spec).unwrap();
        sim.run_to_end();
        assert_eq!(sweep.judged(point.step, point.worker, sim), *point);
    }
}

/// The one exception, and it is Temporal's own: two attempts of the payment have failed already, its policy allows
/// three, and the Service counts the one that the crash swallowed. No server would try a fourth time.
fn ends_by_the_policy(spec: &RunSpec) -> bool {
    spec.story == "payment-times-out-twice" && matches!(spec.choices[0].at, At::Step(21 | 22))
}

#[test]
fn the_policys_exception_is_found_and_named() {
    let story = LAB.named("payment-times-out-twice").unwrap();
    let sweep = swept(&story);
    assert_eq!(sweep.count(Judgement::LastAttemptLost), 1);
    // The attempt that the crash swallowed had charged the customer, and nobody gives it back.
    let broken: Vec<&str> = broken_ones(&sweep).collect();
    assert_eq!(broken.len(), 1);
    assert!(
        broken[0].ends_with("the crash used up the last attempt that the retry policy allows"),
        "{}",
        broken[0]
    );
}

fn broken_ones(sweep: &Sweep) -> impl Iterator<Item = &str> {
    let broken = sweep
        .points()
        .iter()
        .filter(|point| point.judgement == Judgement::Broken);
    broken.map(|point| point.seen.as_str())
}

/// A sweep that finds nothing must be able to find something.
#[test]
fn without_keys_the_sweep_finds_what_is_doubled() {
    let sweep = swept(&LAB.named("crash-after-charge-no-keys").unwrap());
    let seen: Vec<&str> = broken_ones(&sweep).collect();
    assert_eq!(
        seen,
        [
            "stock reserved 2 × SKU-7 instead of none; not kept: stock leaves the warehouse for this order once, and \
             nothing stays reserved: 2 sold, 2 still reserved, 2 owed",
            "result transaction_id tx-3 instead of tx-2; charged €267.00 instead of €178.00; not kept: the customer pays \
             exactly what the outcome says: charged €267.00, refunded €0.00, owed €89.00; and so without the crash",
            "result shipment_id ship-2 instead of ship-1; parcels 2 instead of 1, stock on hand 6 × SKU-7 instead of 8 × \
             SKU-7, stock sold 4 × SKU-7 instead of 2 × SKU-7; not kept: stock leaves the warehouse for this order once, and \
             nothing stays reserved: 4 sold, 0 still reserved, 2 owed; not kept: one parcel for a completed order, none \
             otherwise: 2 sent, 1 owed",
            "mails 2 instead of 1; not kept: the customer is told at most once, and only of a completed order: 2 sent",
        ]
    );
}

#[test]
fn histories_stay_well_formed_whatever_crashes() {
    for story in LAB.all() {
        for spec in Sweep::new(LAB, &RunSpec::of(story.id)).unwrap().ahead() {
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
    let sweep = swept(&LAB.named("all-goes-well").unwrap());
    let between = sweep.points().iter().filter(|point| {
        let mut sim = LAB.sim(&point.spec).unwrap();
        sim.run_to_end();
        sim.records().iter().any(|record| match &record.what {
            sagascope::sim::step::Step::Crashed { lost_attempts, .. } => lost_attempts.iter().any(|(.., done)| *done),
            _ => false,
        })
    });
    assert_eq!(between.count(), 5, "one for each activity");
}
