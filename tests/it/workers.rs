//! What workers are for and what befalls them: slots, caches, queues of their own; stopped, launched, cut off, slow.

use std::collections::BTreeSet;

use sagascope::base::time::Span;
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::catalogue::world::{World, WorldConfig};
use sagascope::check::promise::promises;
use sagascope::history::{json, rules};
use sagascope::sim::fault::{Fault, Target, Trigger, Verb};
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Action, WorkerSetup};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{Choice, RunSpec};
use sagascope::sim::step::{Answered, Step};
use sagascope::sim::{Sim, Verdict};

use crate::lab::{Scene, act, begun, first, names, played, seconds, seen, setup};

const A: WorkerName = WorkerName(0);
const B: WorkerName = WorkerName(1);

fn takes(ms: u64) -> Scene {
    Scene::of(Rehearsal {
        takes_ms: ms,
        ..Rehearsal::default()
    })
}

// ---- What workers are for.

#[test]
fn a_worker_runs_no_more_activities_at_once_than_it_has_slots() {
    let mut setup = setup("RehearsesAtOnce", vec![takes(1_000); 5]);
    setup.workers[0].activity_slots = 2;
    let mut sim = Sim::with(setup, 7, Vec::new()).unwrap();
    let mut most = 0;
    while sim.step().is_some() {
        most = most.max(sim.nodes()[0].process.as_ref().unwrap().activities.len());
    }
    assert_eq!(most, 2);
    assert_eq!(sim.verdict(), Verdict::Settled);
    assert_eq!(sim.run().unwrap().result(), Some(5.into()));
    let eager = seen(&sim, |step| match step {
        Step::WorkflowTaskAnswered { eager, .. } => Some(eager.len()),
        _ => None,
    });
    assert_eq!(eager[0], 2, "only what there is room for starts at once");
}

#[test]
fn at_most_three_activities_start_at_once_with_an_answer() {
    let (sim, _) = played(setup("RehearsesAtOnce", vec![takes(1_000); 5]));
    let eager = seen(&sim, |step| match step {
        Step::WorkflowTaskAnswered { eager, .. } => Some(eager.len()),
        _ => None,
    });
    assert_eq!(eager[0], 3);
}

#[test]
fn one_worker_may_be_for_workflows_and_another_for_activities() {
    let mut setup = setup("Rehearses", vec![takes(100); 2]);
    setup.workers.push(setup.workers[0].clone());
    setup.workers[0].activities = false;
    setup.workers[1].workflows = false;
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Settled);
    let tasks = seen(&sim, |step| match step {
        Step::WorkflowTaskPolled { worker, .. } => Some(*worker),
        _ => None,
    });
    let attempts = seen(&sim, |step| match step {
        Step::ActivityPolled { worker, .. } => Some(*worker),
        _ => None,
    });
    assert_eq!((tasks, attempts), (vec![A; 3], vec![B; 2]));
}

#[test]
fn nobody_takes_what_is_in_a_queue_that_nobody_polls() {
    let mut setup = setup("Rehearses", [takes(100)]);
    setup.workers[0] = WorkerSetup::on("elsewhere");
    let (sim, verdict) = played(setup);
    assert_eq!((verdict, sim.steps()), (Verdict::Stuck, 1));
}

#[test]
fn a_worker_without_a_cache_replays_for_every_task() {
    let mut setup = setup("Rehearses", vec![takes(100); 2]);
    setup.workers[0].cache = 0;
    let (sim, _) = played(setup);
    let polled = seen(&sim, |step| match step {
        Step::WorkflowTaskPolled { sticky, events, .. } => Some((*sticky, *events)),
        _ => None,
    });
    assert_eq!(polled, [(false, 3), (false, 9), (false, 15)]);
}

// ---- What befalls them.

#[test]
fn a_worker_that_is_stopped_finishes_what_it_has_in_hand() {
    let mut setup = setup("Rehearses", vec![takes(3_000); 2]);
    setup.workers.push(setup.workers[0].clone());
    setup.script = vec![act(begun(1), Action::Stop(A)), act(begun(1), Action::Stop(B))];
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Stuck, "nobody is left");
    let events = names(sim.run().unwrap().log.events());
    assert_eq!(
        events[5..],
        [
            "ActivityTaskStarted",
            "ActivityTaskCompleted",
            "WorkflowTaskScheduled",
            "WorkflowTaskTimedOut",
            "WorkflowTaskScheduled"
        ],
        "the activity in hand is reported; the next task is meant for its worker first, and waits"
    );
    assert_eq!(
        seen(&sim, |step| matches!(step, Step::Left { .. }).then_some(())).len(),
        2
    );
}

#[test]
fn a_deployment_replays_with_the_new_code() {
    let mut setup = setup("Rehearses", vec![takes(3_000); 2]);
    setup.code.push(setup.code[0]);
    setup.script = vec![act(begun(1), Action::Launch(A, 1))];
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Settled);
    let history = json::write(&sim.run().unwrap().log.to_history());
    let builds: BTreeSet<&str> = history.lines().filter(|line| line.contains("buildId")).collect();
    assert_eq!(builds.len(), 2, "{builds:?}");
    assert!(seconds(first(&sim, |step| matches!(step, Step::Restarted { code: Some(1), .. })).at) >= 4);
}

#[test]
fn a_slow_workflow_answers_too_late_until_it_is_given_the_time() {
    let (sim, verdict) = played(setup("Thinks", 12));
    assert_eq!(verdict, Verdict::Settled);
    let answers = seen(&sim, |step| match step {
        Step::WorkflowTaskAnswered { how, .. } => Some(how.clone()),
        _ => None,
    });
    let (last, late) = answers.split_last().unwrap();
    assert_eq!(*last, Answered::Accepted);
    assert!(
        late.len() >= 3 && late.iter().all(|how| *how == Answered::NotFound),
        "{late:?}"
    );
    let events = names(sim.run().unwrap().log.events());
    assert_eq!(events.iter().filter(|name| **name == "WorkflowTaskTimedOut").count(), 1);
}

// ---- Local activities.

fn recorded(sim: &Sim, name: &str) -> usize {
    let events = names(sim.run().unwrap().log.events());
    events.iter().filter(|event| **event == name).count()
}

#[test]
fn local_activities_run_within_the_workflow_task() {
    let (sim, verdict) = played(setup("RehearsesLocally", vec![takes(1_000); 2]));
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(seconds(sim.now()), 2);
    assert_eq!(
        (
            recorded(&sim, "WorkflowTaskCompleted"),
            recorded(&sim, "MarkerRecorded")
        ),
        (1, 2)
    );
}

#[test]
fn a_local_activity_that_outlasts_the_task_is_given_more_time() {
    let (sim, verdict) = played(setup("RehearsesLocally", [takes(20_000)]));
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(
        (
            recorded(&sim, "WorkflowTaskCompleted"),
            recorded(&sim, "MarkerRecorded")
        ),
        (3, 1)
    );
}

#[test]
fn a_crash_loses_a_local_activity_and_what_it_did_is_done_again() {
    let mut setup = setup("RehearsesLocally", [takes(3_000)]);
    setup.workers.push(setup.workers[0].clone());
    let mut sim = Sim::with(setup.clone(), 7, Vec::new()).unwrap();
    sim.run_to_end();
    let mut lost = 0;
    for step in 0..sim.steps() {
        let crash = |worker| Choice::to_worker(step, Verb::Crash, worker);
        let mut sim = Sim::with(setup.clone(), 7, vec![crash(A), crash(B)]).unwrap();
        assert_eq!(sim.run_to_end(), Verdict::Settled, "{step}");
        let lost_here = seen(&sim, |step| match step {
            Step::Crashed { lost_local, .. } => Some(lost_local.len()),
            _ => None,
        });
        lost += lost_here.iter().sum::<usize>();
    }
    assert!(lost > 0);
}

// ---- Cut off.

/// The order, whose payment worker is cut off when the customer is charged and nobody knows, for so long.
fn cut_after_charge(keys: bool, heals_after: Span) -> Setup {
    let mut setup = LAB.named("all-goes-well").unwrap().setup;
    let config = WorldConfig {
        idempotency_keys: keys,
        ..World::config_of(&setup).clone()
    };
    setup.outside = Box::new(World::new(config));
    setup.faults = vec![Fault {
        when: Trigger::EffectDone {
            activity_type: "ProcessPayment".to_owned(),
            attempt: 1,
        },
        then: vec![
            (Span::ZERO, Target::Doer, Verb::Cut),
            (heals_after, Target::Doer, Verb::Heal),
        ],
    }];
    setup
}

#[test]
fn an_answer_that_comes_late_is_as_good_as_one_in_time() {
    let (sim, verdict) = played(cut_after_charge(false, Span::secs(5)));
    assert_eq!(verdict, Verdict::Settled);
    assert!(promises(&sim).iter().all(|promise| promise.held));
    let heard = seen(&sim, |step| match step {
        Step::Healed { unsaid, .. } => Some(*unsaid),
        _ => None,
    });
    assert_eq!(heard, [1]);
}

#[test]
fn a_worker_that_is_cut_off_for_long_has_charged_the_customer_in_vain() {
    for keys in [true, false] {
        let (sim, verdict) = played(cut_after_charge(keys, Span::secs(70)));
        assert_eq!(verdict, Verdict::Settled);
        assert_eq!(promises(&sim).iter().all(|promise| promise.held), keys);
        assert_eq!(
            seen(&sim, |step| matches!(step, Step::GaveUp { .. }).then_some(())).len(),
            1
        );
        let charged = if keys { 8_900 } else { 17_800 };
        assert_eq!(World::of(&sim).balance().captured_minor, charged);
    }
}

// ---- Whenever.

#[test]
fn whatever_befalls_one_worker_at_whatever_step_the_order_comes_to_an_end() {
    let plain = {
        let mut sim = LAB.sim(&RunSpec::of("payment-times-out-twice")).unwrap();
        sim.run_to_end();
        sim.steps()
    };
    let deeds: [&[(u32, Verb)]; 6] = [
        &[(0, Verb::Stop)],
        &[(0, Verb::Launch)],
        &[(0, Verb::Cut)],
        &[(0, Verb::Cut), (4, Verb::Heal)],
        &[(0, Verb::Stop), (1, Verb::Kill), (2, Verb::Restart)],
        &[(0, Verb::Cut), (2, Verb::Crash), (9, Verb::Heal), (9, Verb::Launch)],
    ];
    let mut tried = 0;
    for step in 0..plain {
        for (worker, deeds) in [A, B].into_iter().flat_map(|worker| deeds.map(|deeds| (worker, deeds))) {
            let choice = |(later, verb): &(u32, Verb)| Choice::to_worker(step + later, *verb, worker);
            let spec = RunSpec {
                choices: deeds.iter().map(choice).collect(),
                ..RunSpec::of("payment-times-out-twice")
            };
            let mut sim = LAB.sim(&spec).unwrap();
            assert_eq!(sim.run_to_end(), Verdict::Settled, "{spec}");
            let findings = rules::check(sim.run().unwrap().log.events());
            assert!(findings.is_empty(), "{spec}: {findings:?}");
            tried += 1;
        }
    }
    assert!(tried > 300, "{tried}");
}
