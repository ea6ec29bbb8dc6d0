//! What clients and operators do, when, and what they are told.

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::check::sweep::{Judgement, Sweep};
use sagascope::contract::request::{Query, Refusal, Signal, Update};
use sagascope::history::payload;
use sagascope::history::proto::EventType;
use sagascope::sim::client::Told;
use sagascope::sim::fault::Verb;
use sagascope::sim::node::WorkerName;
use sagascope::sim::report::report;
use sagascope::sim::script::{Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::Choice;
use sagascope::sim::step::Step;
use sagascope::sim::{Sim, Verdict};

use crate::lab::{Scene, WORKFLOW, act, begun, first, names, played, seconds, seen, setup};

fn takes(ms: u64) -> Scene {
    Scene::of(Rehearsal {
        takes_ms: ms,
        ..Rehearsal::default()
    })
}

fn terminate() -> Action {
    Action::Terminate(WORKFLOW.to_owned(), "enough".to_owned())
}

fn closed() -> When {
    When::Closed {
        workflow: WORKFLOW.to_owned(),
    }
}

#[test]
fn acts_follow_each_other_and_each_is_told_what_came_of_it() {
    let mut setup = setup("Rehearses", [takes(1_000)]);
    let again = Action::Start(Box::new(setup.start.clone()));
    setup.script = vec![
        act(When::Next, again.clone()),
        act(closed(), again),
        act(closed(), terminate()),
    ];
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Settled);
    assert_eq!(sim.runs_of(WORKFLOW).count(), 2);
    let told = |act| sim.client().told(act).unwrap();
    assert!(matches!(told(1), Err(Refusal::AlreadyStarted { .. })), "{:?}", told(1));
    assert!(matches!(told(2), Ok(Told::Run(_))), "{:?}", told(2));
    assert!(matches!(told(3), Err(Refusal::NotFound(_))), "{:?}", told(3));
    let acts = seen(&sim, |step| match step {
        Step::Acted { act, refused, .. } => Some((*act, refused.is_some())),
        _ => None,
    });
    assert_eq!(acts, [(1, true), (2, false), (3, true)]);
}

#[test]
fn an_act_waits_for_what_a_client_can_see() {
    let mut scene = takes(1_000);
    scene.rehearsal.fails = 9;
    let failed = |attempt| When::AttemptFailed {
        workflow: WORKFLOW.to_owned(),
        activity_id: "1".to_owned(),
        attempt,
    };
    let ended_at = |when: When| {
        let mut setup = setup("Rehearses", [scene.clone()]);
        setup.script = vec![act(when, terminate())];
        let (sim, verdict) = played(setup);
        assert_eq!(verdict, Verdict::Settled);
        seconds(first(&sim, |step| matches!(step, Step::Acted { act: 1, .. })).at)
    };
    // Attempts begin at 0, 2, 5 and 10 s: each takes 1 s, and the pauses double.
    assert_eq!(ended_at(begun(2)), 2);
    assert_eq!(ended_at(failed(2)), 3);
    assert_eq!(ended_at(failed(3)), 6);
    let scheduled = When::Event {
        workflow: WORKFLOW.to_owned(),
        event_type: EventType::ActivityTaskScheduled,
        count: 1,
    };
    assert_eq!(ended_at(scheduled), 0);
}

#[test]
fn an_act_can_wait_for_an_attempt_at_a_workflow_task() {
    let mut setup = setup("Thinks", 12);
    let third = When::TaskStarted {
        workflow: WORKFLOW.to_owned(),
        attempt: 3,
    };
    setup.script = vec![act(third, terminate())];
    let (sim, _) = played(setup);
    assert_eq!(seconds(first(&sim, |step| matches!(step, Step::Acted { .. })).at), 20);
    assert_eq!(
        names(sim.run().unwrap().log.events()).last(),
        Some(&"WorkflowExecutionTerminated")
    );
}

#[test]
fn an_act_whose_moment_never_comes_leaves_the_client_waiting() {
    let mut setup = setup("Rehearses", [takes(100)]);
    setup.script = vec![act(begun(2), terminate())];
    let (sim, verdict) = played(setup);
    assert_eq!(verdict, Verdict::Stuck);
    assert_eq!(sim.client().watches(), Some(1));
}

#[test]
fn a_run_lasts_as_long_as_it_is_said_to() {
    let mut setup = setup("Rehearses", [takes(100)]);
    setup.workers[0].code = None;
    setup.script = vec![act(When::Next, Action::Launch(WorkerName(0), 0))];
    setup.lasts = Span::millis(50);
    let (sim, verdict) = played(setup.clone());
    assert_eq!((verdict, sim.run().unwrap().is_open()), (Verdict::Over, true));
    setup.lasts = Span::secs(5);
    let (sim, verdict) = played(setup);
    assert_eq!((verdict, sim.run().unwrap().is_open()), (Verdict::Settled, false));
}

#[test]
fn a_script_that_names_who_is_not_there_is_refused() {
    let mut setup = setup("Rehearses", [takes(100)]);
    setup.script = vec![act(When::Next, Action::Kill(WorkerName(3)))];
    let error = Sim::with(setup, 7, Vec::new()).err().unwrap().to_string();
    assert!(error.contains("the script names worker D, and there are 1"), "{error}");
}

fn add(n: i64) -> Action {
    let signal = Signal {
        name: "add".to_owned(),
        input: Some(payload::json(&n.into())),
        ..Signal::default()
    };
    Action::Signal(WORKFLOW.to_owned(), signal)
}

fn sum() -> Action {
    let query = Query {
        name: "sum".to_owned(),
        args: None,
    };
    Action::Query(WORKFLOW.to_owned(), query)
}

fn add_slowly(id: &str, n: i64) -> Update {
    Update {
        update_id: id.to_owned(),
        name: "add_slowly".to_owned(),
        args: Some(payload::json(&n.into())),
        ..Update::default()
    }
}

/// A sum that is signalled, asked, and updated until it is done, and asked again.
fn summing() -> Setup {
    let mut setup = setup("Sums", ());
    let update = |id, n| Action::Update(WORKFLOW.to_owned(), add_slowly(id, n));
    setup.script = vec![
        act(When::Next, add(1)),
        act(When::Next, sum()),
        act(When::Next, update("first", 2)),
        act(
            When::Next,
            Action::SendUpdate(WORKFLOW.to_owned(), add_slowly("second", 7)),
        ),
        act(When::Next, sum()),
        act(closed(), sum()),
    ];
    setup
}

#[test]
fn a_client_hears_what_its_questions_and_updates_come_to() {
    let (sim, verdict) = played(summing());
    assert_eq!(verdict, Verdict::Settled);
    let told = |act: u32| match sim.client().told(act) {
        Some(Ok(Told::Outcome(outcome))) => payload::first_value(outcome.as_ref()),
        other => panic!("{act}: {other:?}"),
    };
    assert_eq!([2, 3, 4, 5, 6].map(told), [1, 3, 10, 3, 10]);
    assert!(sim.client().is_done());
}

#[test]
fn a_worker_that_crashes_under_a_script_changes_no_answer() {
    let told = |sim: &Sim| {
        (1..=6)
            .map(|act| format!("{:?}", sim.client().told(act)))
            .collect::<Vec<_>>()
    };
    let (plain, _) = played(summing());
    for step in 0..plain.steps() {
        let crash = Choice::to_worker(step, Verb::Crash, WorkerName(0));
        let mut sim = Sim::with(summing(), 7, vec![crash.clone()]).unwrap();
        let verdict = sim.run_to_end();
        assert_eq!(verdict, Verdict::Settled, "{crash}\n{}", report(&sim));
        let (last, others) = told(&sim).split_last().map(|(l, o)| (l.clone(), o.to_vec())).unwrap();
        assert_eq!(last, *told(&plain).last().unwrap(), "{crash}");
        assert!(others.iter().all(|told| told != "None"), "{crash}: {others:?}");
    }
}

#[test]
fn a_crash_at_any_step_of_a_script_changes_nothing() {
    let mut setup = setup("Rehearses", vec![takes(2_000); 2]);
    let other = {
        let mut start = setup.start.clone();
        "rehearsal-2".clone_into(&mut start.workflow_id);
        Action::Start(Box::new(start))
    };
    setup.script = vec![act(begun(1), other)];
    let mut sweep = Sweep::with(setup, 7, Vec::new()).unwrap();
    assert!(sweep.len() > 20);
    for point in sweep.run_to_end() {
        assert!(
            matches!(point.judgement, Judgement::Holds | Judgement::Slower),
            "{}: {:?}",
            point.spec,
            point.judgement
        );
    }
}
