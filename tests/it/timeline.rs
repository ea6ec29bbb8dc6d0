//! Going back in time: a world that was taken back goes on to the byte like the one that ran through, and a fork like one
//! that was begun anew.

use sagascope::base::chance::Chance;
use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::contract::request::{Query, Signal, Update};
use sagascope::history::payload;
use sagascope::history::proto::EventType;
use sagascope::sim::Sim;
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::report::report;
use sagascope::sim::script::{Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{At, Choice, RunSpec};
use sagascope::sim::timeline::Timeline;
use serde_json::json;

use crate::lab::{Scene, WORKFLOW, act, setup};

const CHANCE: Chance = Chance::new(2_026);

fn whole(mut timeline: Timeline) -> (Timeline, String) {
    timeline.run_to_end();
    let report = report(timeline.sim());
    (timeline, report)
}

fn to_the_end(mut sim: Sim) -> String {
    sim.run_to_end();
    report(&sim)
}

/// Some steps of a run, drawn for it: never the same in two stories.
fn moments(of: &str, steps: u32, count: u64) -> impl Iterator<Item = u32> {
    (0..count).map(move |key| u32::try_from(CHANCE.draw(of, &[key]) % u64::from(steps + 1)).unwrap())
}

#[test]
fn every_story_goes_on_from_any_moment_as_it_went() {
    for story in LAB.ids() {
        let (timeline, whole) = whole(Timeline::new(LAB.sim(&RunSpec::of(story)).unwrap()));
        for step in moments(story, timeline.sim().steps(), 3) {
            let sim = timeline.at(step);
            assert_eq!(sim.steps(), step, "{story}");
            assert_eq!(to_the_end(sim), whole, "{story} from step {step}");
        }
    }
}

#[test]
fn a_fork_is_the_run_that_its_address_names() {
    for story in LAB.ids() {
        let spec = RunSpec::of(story);
        let (timeline, _) = whole(Timeline::new(LAB.sim(&spec).unwrap()));
        for step in moments(story, timeline.sim().steps(), 2) {
            for verb in [Verb::Crash, Verb::Partition] {
                let choice = Choice::to_worker(step, verb, WorkerName(0));
                let mut other = spec.clone();
                other.choose(choice.clone());
                let fork = timeline.fork(vec![choice]).unwrap();
                assert!(fork.sim().steps() <= step);
                assert_eq!(whole(fork).1, to_the_end(LAB.sim(&other).unwrap()), "{other}");
            }
        }
    }
}

#[track_caller]
fn goes_on_from_everywhere(setup: Setup) {
    let mut sim = Sim::with(setup, 7, Vec::new()).unwrap();
    let mut checkpoints = vec![sim.checkpoint()];
    while sim.step().is_some() {
        checkpoints.push(sim.checkpoint());
    }
    let whole = report(&sim);
    for checkpoint in &checkpoints {
        let back = sim.back_at(checkpoint.clone());
        assert_eq!(back.steps(), checkpoint.steps());
        assert_eq!(to_the_end(back), whole, "from step {}", checkpoint.steps());
    }
}

fn rehearsal(takes_ms: u64, fails: u32) -> Scene {
    Scene::of(Rehearsal {
        takes_ms,
        fails,
        ..Rehearsal::default()
    })
}

#[test]
fn within_tasks_that_wait_for_local_activities() {
    // The second takes longer than a workflow task may: the task is prolonged meanwhile.
    let scenes = [rehearsal(200, 0), rehearsal(15_000, 0), rehearsal(100, 3)];
    goes_on_from_everywhere(setup("RehearsesLocally", scenes));
}

#[test]
fn with_updates_and_queries_under_way() {
    let mut setup = setup("Sums", ());
    let workflow = WORKFLOW.to_owned();
    let done = |count| When::Event {
        workflow: WORKFLOW.to_owned(),
        event_type: EventType::WorkflowTaskCompleted,
        count,
    };
    let slowly = |update_id: &str, n: i64| Update {
        update_id: update_id.to_owned(),
        name: "add_slowly".to_owned(),
        args: Some(payload::json(&json!(n))),
        ..Update::default()
    };
    let sum = Query {
        name: "sum".to_owned(),
        args: None,
    };
    let add = Signal {
        name: "add".to_owned(),
        input: Some(payload::json(&json!(3))),
        ..Signal::default()
    };
    setup.script = vec![
        act(done(1), Action::SendUpdate(workflow.clone(), slowly("u-1", 3))),
        act(When::Next, Action::Query(workflow.clone(), sum.clone())),
        act(When::Next, Action::Signal(workflow.clone(), add)),
        act(When::Next, Action::Query(workflow.clone(), sum)),
        act(When::Next, Action::Update(workflow, slowly("u-2", 4))),
    ];
    goes_on_from_everywhere(setup);
}

#[test]
fn with_a_worker_that_forgets() {
    let mut setup = setup("RehearsesAtOnce", vec![rehearsal(700, 1); 4]);
    setup.workers[0].cache = 0;
    setup.workers.push(setup.workers[0].clone());
    setup.workers[1].cache = 1;
    goes_on_from_everywhere(setup);
}

#[test]
fn a_fork_may_differ_by_the_clock_and_by_what_clients_do() {
    let choices = |texts: &[&str]| {
        texts
            .iter()
            .map(|text| Choice::parse(text).unwrap())
            .collect::<Vec<_>>()
    };
    let before = choices(&["500ms:signal:rehearsal-1:add:2", "2s:update:rehearsal-1:add_slowly:3"]);
    let (timeline, _) = whole(Timeline::new(Sim::with(setup("Sums", ()), 7, before.clone()).unwrap()));
    for more in [
        "1s:signal:rehearsal-1:add:1",
        "2s:kill:A",
        "0s:kill:A",
        "24h:signal:rehearsal-1:add:1",
        // The number under which the log speaks of the deeds for a time changes with this one.
        "12:update:rehearsal-1:add_slowly:4",
        "1:signal:rehearsal-1:add:4",
    ] {
        let after = [before.clone(), choices(&[more])].concat();
        let anew = to_the_end(Sim::with(setup("Sums", ()), 7, after.clone()).unwrap());
        assert_eq!(whole(timeline.fork(after).unwrap()).1, anew, "{more}");
    }
    let without = whole(timeline.fork(Vec::new()).unwrap()).1;
    assert_eq!(
        without,
        to_the_end(Sim::with(setup("Sums", ()), 7, Vec::new()).unwrap())
    );
    assert!(
        timeline.fork(choices(&["3:kill:B"])).is_err(),
        "there is no such worker"
    );
}

#[test]
fn a_moment_is_never_far_from_one_that_is_kept() {
    let (timeline, _) = whole(Timeline::new(
        Sim::with(setup("RehearsesOften", (rehearsal(10, 0), 300)), 7, Vec::new()).unwrap(),
    ));
    let steps = timeline.sim().steps();
    let kept: Vec<u32> = timeline.kept().collect();
    let root = steps.isqrt();
    assert!(
        kept.len() <= 2 * root as usize,
        "{} moments of {steps} are kept",
        kept.len()
    );
    let gaps = kept.iter().zip(kept.iter().skip(1).chain([&steps]));
    let widest = gaps.map(|(from, to)| to - from).max().unwrap();
    assert!(widest <= 2 * root, "{widest} of {steps} steps lie between two");
}

#[test]
fn a_world_taken_back_shares_the_past_and_leaves_it_alone() {
    let (timeline, before) = whole(Timeline::new(LAB.sim(&RunSpec::of("crash-after-charge")).unwrap()));
    let mut sim = timeline.at(20);
    sim.run_to(At::Time(SimTime::ZERO + Span::secs(100)));
    let mut other = timeline
        .fork(vec![Choice::to_worker(20, Verb::Kill, WorkerName(0))])
        .unwrap();
    other.run_to_end();
    assert_ne!(report(other.sim()), before);
    assert_eq!(report(timeline.sim()), before);
    assert_eq!(to_the_end(timeline.at(0)), before);
}
