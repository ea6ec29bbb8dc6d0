//! Set-ups: what is refused before a run begins, and with what words; and how many workers there may be.

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::Rehearsal;
use sagascope::sim::fault::{Fault, Target, Trigger, Verb};
use sagascope::sim::node::WorkerName;
use sagascope::sim::script::{Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::{Choice, SpecError};
use sagascope::sim::{Sim, Verdict};
use sagascope::view::recorder::Recorder;

use crate::lab::{Scene, WORKFLOW, act, begun, setup};

const C: WorkerName = WorkerName(2);

fn two_workers() -> Setup {
    let scene = Scene::of(Rehearsal {
        takes_ms: 1_000,
        ..Rehearsal::default()
    });
    let mut setup = setup("RehearsesAtOnce", vec![scene; 30]);
    setup.workers.push(setup.workers[0].clone());
    setup
}

#[track_caller]
fn refused(change: impl FnOnce(&mut Setup), with: &str) {
    let mut setup = two_workers();
    change(&mut setup);
    match Sim::with(setup, 7, Vec::new()) {
        Err(SpecError::BadSetup(why)) => assert_eq!(why, with),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("it is accepted; expected: {with}"),
    }
}

fn fault(attempt: u32, target: Target) -> Fault {
    Fault {
        when: Trigger::ActivityStarted {
            activity_type: "Rehearse".to_owned(),
            attempt,
        },
        then: vec![(Span::ZERO, target, Verb::Kill)],
    }
}

#[test]
fn a_fault_strikes_workers_that_are_there() {
    refused(
        |setup| setup.faults.push(fault(1, Target::Worker(C))),
        "a fault names worker C, and there are 2",
    );
    refused(
        |setup| setup.faults.push(fault(1, Target::Worker(WorkerName(200)))),
        "a fault names worker number 201, and there are 2",
    );
    refused(
        |setup| setup.faults.push(fault(0, Target::Doer)),
        "a fault waits for attempt 0 of an activity: attempts are counted from 1",
    );
}

#[test]
fn a_script_is_about_workers_and_code_that_are_there() {
    for action in [
        Action::Kill(C),
        Action::Stop(C),
        Action::Launch(C, 0),
        Action::Partition(C),
        Action::Heal(C),
    ] {
        refused(
            |setup| setup.script.push(act(When::Next, action)),
            "the script names worker C, and there are 2",
        );
    }
    refused(
        |setup| setup.script.push(act(When::Next, Action::Launch(WorkerName(1), 1))),
        "the script names version 1 of the code, and there are 1",
    );
    let zero = "the script waits for number 0 of something: events and attempts are counted from 1";
    refused(
        |setup| {
            setup
                .script
                .push(act(begun(0), Action::Cancel(WORKFLOW.to_owned(), String::new())))
        },
        zero,
    );
}

#[test]
fn workers_can_do_what_they_are_for() {
    refused(
        |setup| setup.workers[1].activity_slots = 0,
        "worker B takes activities and has no slot for one",
    );
    refused(
        |setup| setup.workers[0].pace = 0,
        "worker A never gets done: its pace is at least 1 percent",
    );
    refused(
        |setup| setup.workers[1].code = Some(3),
        "worker B names version 3 of the code, and there are 1",
    );
    refused(
        |setup| setup.workers[1].task_queue.clear(),
        "worker B polls a task queue without a name",
    );
    refused(
        |setup| setup.code.clear(),
        "the first start names version 0 of the code, and there are 0",
    );
    refused(|setup| setup.most_steps = 0, "the run has no steps");
}

#[test]
fn what_looks_odd_and_works_is_not_refused() {
    let mut setup = two_workers();
    // Every task a replay; a worker without slots that takes no activities; one that is not there at first.
    setup.workers[0].cache = 0;
    setup.workers[1].activities = false;
    setup.workers[1].activity_slots = 0;
    setup.workers.push(setup.workers[0].clone());
    setup.workers[2].code = None;
    let mut sim = Sim::with(setup, 7, Vec::new()).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled);
}

#[test]
fn there_are_letters_for_26_workers_and_all_of_them_work() {
    let mut setup = two_workers();
    setup.workers = vec![setup.workers[0].clone(); 26];
    for worker in &mut setup.workers {
        worker.activity_slots = 1;
    }
    let last = Choice::parse("5s:kill:Z").unwrap();
    let mut recorder = Recorder::of(Sim::with(setup.clone(), 7, vec![last]).unwrap());
    while !recorder.advance(100) {}
    let recording = recorder.finish();
    assert!(recording.end.settled);
    let moments = || (0..=recording.last()).map(|step| recording.moment(0, step));
    let names: String = recording
        .moment(0, 0)
        .workers
        .iter()
        .map(|worker| worker.name.as_str())
        .collect();
    assert_eq!(names, "ABCDEFGHIJKLMNOPQRSTUVWXYZ");
    for name in names.chars() {
        let reports = format!("worker {name} reports the result of Rehearse");
        assert!(
            moments().any(|moment| moment.text.starts_with(&reports)),
            "worker {name} is idle"
        );
    }
    assert!(recording.lanes.iter().any(|lane| lane.name == "Worker Z"));
    setup.workers.push(setup.workers[0].clone());
    let why = Sim::with(setup, 7, Vec::new()).err().unwrap().to_string();
    assert!(why.contains("there are letters for 26 workers only"), "{why}");
}
