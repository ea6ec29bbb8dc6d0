//! Random seeds and random crashes. A failure prints the run's address: `sagascope run ADDRESS` and the page show it.

use sagascope::base::chance::Chance;
use sagascope::base::time::Span;
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::check::promise::promises;
use sagascope::contract::request::StartWorkflow;
use sagascope::history::proto::{Attributes, RetryState};
use sagascope::history::{payload, rules};
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::report::report;
use sagascope::sim::script::{Act, Action, When, WorkerSetup};
use sagascope::sim::spec::{At, Choice, RunSpec};
use sagascope::sim::{Sim, Verdict};
use sagascope::view::watch::Watch;
use serde_json::json;

use crate::lab::{Scene, act, setup};

const RUNS: u64 = 1_500;

/// One to four crashes at random steps, on top of whatever the story does.
fn random_spec(number: u64) -> RunSpec {
    let chance = Chance::new(number);
    let draw = |what: &str, key: u64, below: u64| chance.draw(what, &[key]) % below;
    let stories = LAB.all();
    let story = &stories[usize::try_from(draw("story", 0, stories.len() as u64)).unwrap()];
    let mut spec = RunSpec {
        story: story.id.to_owned(),
        seed: number,
        choices: Vec::new(),
    };
    for key in 0..=draw("crashes", 0, 4) {
        let workers = story.setup.workers.len() as u64;
        let worker = WorkerName(u8::try_from(draw("worker", key, workers)).unwrap());
        let step = u32::try_from(draw("step", key, 60)).unwrap();
        spec.choose(Choice::to_worker(step, Verb::Crash, worker));
    }
    spec
}

#[test]
fn whatever_crashes_the_run_settles_and_keeps_its_promises() {
    let faults = told_of_faults();
    let mut kept = 0;
    for number in 0..RUNS {
        let spec = random_spec(number);
        let mut sim = LAB.sim(&spec).unwrap();
        let verdict = sim.run_to_end();
        // Where code is wrong on purpose, a crash may be what nobody in the story has reckoned with.
        let crash_proof = sim.story().unwrap().crash_proof;
        assert!(verdict == Verdict::Settled || !crash_proof, "{spec}: {verdict:?}");

        let events = || sim.runs().iter().flat_map(|run| run.log.events());
        for run in sim.runs() {
            let findings = rules::check(run.log.events());
            assert!(findings.is_empty(), "{spec}: {findings:?}");
        }

        let used_up = events().any(|event| {
            matches!(&event.attributes, Some(Attributes::ActivityTaskTimedOutEventAttributes(a))
                if a.retry_state() == RetryState::MaximumAttemptsReached)
        });
        if !faults.contains(&sim.story().unwrap().id) && !used_up {
            let broken: Vec<_> = promises(&sim).into_iter().filter(|promise| !promise.held).collect();
            assert!(broken.is_empty(), "{spec}: {broken:?}");
            kept += 1;
        }
    }
    assert!(
        kept > RUNS / 2,
        "most runs must be ones that promise something: {kept} of {RUNS}"
    );
}

/// The stories that break a promise with no crash at all.
fn told_of_faults() -> Vec<&'static str> {
    let is_fault = |id: &&str| {
        let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
        sim.run_to_end();
        promises(&sim).iter().any(|promise| !promise.held)
    };
    LAB.ids().into_iter().filter(is_fault).collect()
}

#[test]
fn the_same_address_is_the_same_run() {
    for number in 0..100 {
        let spec = random_spec(number);
        let run = || {
            let mut sim = LAB.sim(&RunSpec::parse(&spec.to_string()).unwrap()).unwrap();
            sim.run_to_end();
            report(&sim)
        };
        assert_eq!(run(), run(), "{spec}");
    }
}

/// Draws have keys and no order: what happened before an intervention is what would have happened without it.
#[test]
fn a_fork_shares_its_past() {
    for number in 0..100 {
        let mut forked = random_spec(number);
        forked.choices.truncate(1);
        let At::Step(at) = forked.choices[0].at else {
            unreachable!("it was drawn so")
        };
        let plain = RunSpec {
            choices: Vec::new(),
            ..forked.clone()
        };
        let past = |spec: &RunSpec| {
            let mut sim = LAB.sim(spec).unwrap();
            while sim.steps() < at && sim.step().is_some() {}
            format!("{:?}", sim.records())
        };
        assert_eq!(past(&plain), past(&forked), "{forked}");
    }
}

/// Two workflows each start a child, the crash turns the order around, and a third begins between the two.
#[test]
fn a_crash_that_reorders_starts_leaves_the_latencies_of_others_alone() {
    let start = |workflow_id: &str, workflow_type: &str, input: serde_json::Value| {
        Action::Start(Box::new(StartWorkflow {
            workflow_id: workflow_id.to_owned(),
            workflow_type: workflow_type.to_owned(),
            task_queue: "elsewhere".to_owned(),
            input: Some(payload::json(&input)),
            ..StartWorkflow::default()
        }))
    };
    let scene = Scene::of(Rehearsal {
        takes_ms: 100,
        ..Rehearsal::default()
    });
    let mut setup = setup("StartsLater", ("child-1", 1));
    setup.workers.push(WorkerSetup::on("elsewhere"));
    setup.script = vec![
        act(When::Next, start("other", "StartsLater", json!(["child-2", 2]))),
        Act {
            when: When::Next,
            after: Span::secs(3),
            what: start("third", "RehearsesOften", json!([scene, 3])),
        },
    ];
    let run = |choices: &[&str]| {
        let choices = choices.iter().map(|choice| Choice::parse(choice).unwrap()).collect();
        let mut watch = Watch::of(Sim::with(setup.clone(), 7, choices).unwrap());
        assert_eq!(watch.run_to_end(), Verdict::Settled);
        let sim = watch.sim();
        let order: Vec<String> = sim.runs().iter().map(|run| run.workflow_id.clone()).collect();
        let third = sim.runs_of("third").next().unwrap();
        let mut spans = watch.spans();
        spans.retain(|span| span.trace_id == third.run_id.replace('-', ""));
        assert!(spans.len() > 5);
        (order, third.log.events().to_vec(), spans)
    };
    let (plain, crashed) = (run(&[]), run(&["900ms:crash:A"]));
    assert_eq!(plain.0, ["rehearsal-1", "other", "child-1", "child-2", "third"]);
    assert_eq!(crashed.0, ["rehearsal-1", "other", "child-2", "third", "child-1"]);
    assert_eq!(
        crashed.1, plain.1,
        "the third workflow, to the nanosecond and with its run id"
    );
    assert_eq!(crashed.2, plain.2, "and so are its spans");
}
