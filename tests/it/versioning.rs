//! Code that changes while runs are open.

use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows;
use sagascope::history::payload;
use sagascope::history::proto::Attributes;
use sagascope::service::run::Run;
use sagascope::sim::Sim;
use sagascope::sim::spec::RunSpec;
use sagascope::view::recorder::Recorder;
use sagascope::worker::replay::{ReplayError, replay};
use serde_json::{Value, json};

use crate::lab::{count, scheduled, told};

const WITHOUT: [&str; 5] = [
    "ValidateOrder",
    "ReserveInventory",
    "ProcessPayment",
    "CreateShipment",
    "SendNotification",
];

const WITH: [&str; 6] = [
    "ValidateOrder",
    "ReserveInventory",
    "CheckFraud",
    "ProcessPayment",
    "CreateShipment",
    "SendNotification",
];

fn marks(run: &Run) -> Vec<Value> {
    let marks = run.log.events().iter().filter_map(|event| match &event.attributes {
        Some(Attributes::MarkerRecordedEventAttributes(marker)) => marker.details.get("patch-data"),
        _ => None,
    });
    marks.map(|data| payload::first_value(Some(data))).collect()
}

fn failures(sim: &Sim) -> Vec<String> {
    let events = sim.runs().iter().flat_map(|run| run.log.events());
    let failures = events.filter_map(|event| match &event.attributes {
        Some(Attributes::WorkflowTaskFailedEventAttributes(failed)) => failed.failure.as_ref(),
        _ => None,
    });
    failures.map(|failure| failure.message.clone()).collect()
}

#[test]
fn without_a_patch_an_open_run_cannot_go_on_until_the_code_is_mended() {
    let sim = told("deploy-unpatched");
    let [failure] = failures(&sim).try_into().unwrap();
    assert!(failure.contains("'ProcessPayment' does not match"), "{failure}");
    let run = sim.run().unwrap();
    assert_eq!(scheduled(run), WITHOUT);
    assert_eq!(run.result().unwrap()["status"], "completed");

    let versions = LAB.named("deploy-unpatched").unwrap().setup.code;
    let until_payment = &run.log.events()[..20];
    assert!(replay(&versions[0](), until_payment, None).is_ok());
    assert!(replay(&versions[2](), until_payment, None).is_ok());
    let Err(ReplayError::Nondeterministic(finding)) = replay(&versions[1](), until_payment, None) else {
        panic!("version 2 fits");
    };
    assert_eq!(finding.recorded, "activity ProcessPayment (id 3)");
    assert_eq!(finding.asked, Some(("activity CheckFraud (id 3)".to_owned(), 29)));
    assert!(finding.advice.contains("ctx.patched"), "{finding}");
}

#[test]
fn with_a_patch_old_runs_go_the_old_way_and_new_ones_the_new() {
    let sim = told("deploy-patched");
    assert!(failures(&sim).is_empty());
    let [old, new] = sim.runs() else { panic!("two orders") };
    assert_eq!(scheduled(old), WITHOUT);
    assert_eq!(scheduled(new), WITH);
    assert!(marks(old).is_empty());
    assert_eq!(marks(new), [json!({ "id": "check-fraud", "deprecated": false })]);
}

#[test]
fn a_patch_that_is_removed_while_its_mark_counts_is_missed() {
    let sim = told("patch-removed-too-early");
    let [failure] = failures(&sim).try_into().unwrap();
    assert!(
        failure.contains("Non-deprecated patch marker encountered for change check-fraud"),
        "{failure}"
    );
    assert_eq!(scheduled(sim.run().unwrap()), WITH);
}

#[test]
fn a_deprecated_patch_may_be_forgotten() {
    let sim = told("patch-deprecated");
    assert!(failures(&sim).is_empty());
    let [first, second] = sim.runs() else {
        panic!("two orders")
    };
    assert_eq!(marks(first), [json!({ "id": "check-fraud", "deprecated": false })]);
    assert_eq!(marks(second), [json!({ "id": "check-fraud", "deprecated": true })]);
    assert!(count(second, "ActivityTaskScheduled") == WITH.len());
}

#[test]
fn the_page_shows_the_code_that_the_worker_has() {
    let mut recorder = Recorder::of(LAB.sim(&RunSpec::of("deploy-unpatched")).unwrap());
    while !recorder.advance(100) {}
    let recording = recorder.finish();
    let shown = |says: &str| {
        let found = recording.moments.iter().find(|moment| moment.text.contains(says));
        let version = found.unwrap().code.version;
        recording.sources[usize::try_from(version).unwrap()].file.as_str()
    };
    assert_eq!(shown("asks for ProcessPayment"), "order_orchestration.rs");
    assert_eq!(shown("cannot run the workflow"), "order_orchestration_2.rs");
    assert_eq!(shown("asks for CreateShipment"), "order_orchestration_2_patched.rs");

    let failing = recording
        .moments
        .iter()
        .find(|moment| moment.code.version == 1)
        .unwrap();
    assert!(
        failing.code.lines.iter().all(|line| line.line < 30),
        "no mark is left of the longer version"
    );
}

#[test]
fn a_version_brings_its_source() {
    let mut others = 0;
    for code in LAB.all().iter().flat_map(|story| &story.setup.code) {
        let registry = code();
        for workflow_type in registry.types() {
            let source = registry.source(workflow_type).unwrap();
            assert!(
                source.text.contains(&format!("name = \"{workflow_type}\"")),
                "{}",
                source.file
            );
            others += u32::from(workflows::source(workflow_type) != Some(source));
        }
    }
    assert!(others > 0);
}
