//! The stories of user registration: what wakes a workflow that waits for a day.

use sagascope::sim::Sim;
use serde_json::Value;

use crate::lab::{lasted, names, result, scheduled, told};

fn status(sim: &Sim) -> Value {
    result(sim)["status"].clone()
}

#[test]
fn a_click_after_hours_makes_the_account_active() {
    let sim = told("registration-verified");
    assert_eq!(status(&sim), "active");
    assert_eq!(
        scheduled(sim.run().unwrap()),
        ["CreateAccount", "SendMail", "ActivateAccount"]
    );
    assert_eq!(lasted(sim.run().unwrap()), 5 * 3_600);
}

#[test]
fn after_a_day_the_account_is_gone() {
    let sim = told("registration-never-verified");
    assert_eq!(status(&sim), "deleted");
    assert_eq!(
        scheduled(sim.run().unwrap()),
        ["CreateAccount", "SendMail", "DeleteAccount"]
    );
    assert_eq!(lasted(sim.run().unwrap()), 24 * 3_600);
}

#[test]
fn if_click_and_deadline_come_in_one_task_the_user_wins() {
    let sim = told("registration-last-moment");
    assert_eq!(status(&sim), "active");
    let names = names(sim.run().unwrap().log.events());
    let fired = names.iter().position(|name| *name == "TimerFired").unwrap();
    let signaled = names
        .iter()
        .position(|name| *name == "WorkflowExecutionSignaled")
        .unwrap();
    assert!(fired < signaled, "{names:?}");
    assert!(!names[fired..signaled].contains(&"WorkflowTaskStarted"), "{names:?}");
}

#[test]
fn a_click_after_the_decision_changes_nothing() {
    let sim = told("registration-too-late");
    assert_eq!(status(&sim), "deleted");
    assert!(names(sim.run().unwrap().log.events()).contains(&"WorkflowExecutionSignaled"));
    assert!(!scheduled(sim.run().unwrap()).contains(&"ActivateAccount".to_owned()));
}

#[test]
fn a_click_is_kept_while_nobody_is_awake() {
    let sim = told("registration-nobody-awake");
    assert_eq!(status(&sim), "active");
    assert_eq!(lasted(sim.run().unwrap()), 6 * 3_600);
}

#[test]
fn who_is_called_off_cleans_up_all_the_same() {
    let sim = told("registration-called-off");
    assert_eq!(status(&sim), "deleted");
    assert_eq!(lasted(sim.run().unwrap()), 3_600);
}
