//! Workflows that do not go on: at the moment when they are stuck, the page names the cause and the cure.

use sagascope::catalogue::stories::LAB;
use sagascope::sim::spec::RunSpec;
use sagascope::view::recorder::Recorder;
use sagascope::view::recording::Recording;

fn recorded(id: &str) -> Recording {
    let mut recorder = Recorder::of(LAB.sim(&RunSpec::of(id)).unwrap());
    while !recorder.advance(100) {}
    let recording = recorder.finish();
    assert!(recording.end.settled, "{id}");
    recording
}

/// What is waited for right after the first step that says so.
fn waits(id: &str, says: &str) -> String {
    let recording = recorded(id);
    let found = (0..=recording.last())
        .map(|step| recording.moment(0, step))
        .find(|moment| moment.text.contains(says));
    found
        .unwrap_or_else(|| panic!("no step of {id} says “{says}”"))
        .waiting
        .text
        .clone()
}

#[test]
fn without_a_worker_the_task_waits() {
    assert_eq!(
        waits("no-worker", "a client starts the workflow"),
        "A workflow task waits in the task queue: no worker polls orders: start one."
    );
}

#[test]
fn with_a_worker_on_another_queue_both_names_are_told() {
    assert_eq!(
        waits("queue-misspelt", "a client starts the workflow"),
        "A workflow task waits in the task queue: no worker polls orders; worker A polls ordres: if one of the names is \
         wrong, correct it, or start a worker that polls orders."
    );
}

#[test]
fn an_activity_that_nobody_has_needs_a_deployment() {
    assert_eq!(
        waits(
            "activity-not-registered",
            "reports the failure of CreateShipment, attempt 3"
        ),
        "CreateShipment: attempt 4 is due at 0:07.610, after a backoff of 4 s. The attempt before failed: Activity \
         CreateShipment is not registered on this worker, available activities: ProcessPayment, RefundPayment, \
         ReleaseInventory, ReserveInventory, SendNotification, ValidateOrder. No retry helps: deploy a worker that has \
         CreateShipment."
    );
}

#[test]
fn a_lost_attempt_waits_for_its_timeout_and_a_heartbeat_would_tell() {
    let text = waits("waits-for-timeout", "worker A dies");
    assert!(
        text.starts_with("PlaceOrder, attempt 1, was lost with worker A."),
        "{text}"
    );
    assert!(text.contains("(start-to-close 60 min); then it tries again."), "{text}");
    assert!(
        text.ends_with("A heartbeat timeout would let it know much sooner."),
        "{text}"
    );

    let text = waits("heartbeat-tells", "worker A dies");
    assert!(
        text.contains("waits until 0:06.003 (heartbeat timeout 5 s); then it tries again."),
        "{text}"
    );
}

#[test]
fn code_that_does_not_fit_the_history_needs_other_code() {
    let text = waits("deploy-unpatched", "reports that the workflow task failed");
    assert!(text.contains("[TMPRL1100] Nondeterminism error"), "{text}");
    assert!(
        text.contains("Other code helps, or a reset: on line 29, choose by `if ctx.patched(\"…\")`"),
        "{text}"
    );
}

#[test]
fn a_full_worker_is_named_and_not_every_waiting_task() {
    let text = waits("workers-one", "and starts AskForQuote at once");
    assert!(text.contains("worker A has no free slot"), "{text}");
    assert!(text.contains("And so for 7 more."), "{text}");
}
