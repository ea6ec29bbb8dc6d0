//! The stories of user registration: what wakes a workflow that waits for a day.

use sagascope::sim::Sim;
use serde_json::Value;

use crate::told::{event_names, result, scheduled, seconds, told};

fn status(sim: &Sim) -> Value {
    result(sim)["status"].clone()
}

#[test]
fn a_click_after_hours_makes_the_account_active() {
    let sim = told("registration-verified");
    assert_eq!(status(&sim), "active");
    assert_eq!(scheduled(&sim), ["CreateAccount", "SendMail", "ActivateAccount"]);
    assert_eq!(seconds(&sim), 5 * 3_600);
}

#[test]
fn after_a_day_the_account_is_gone() {
    let sim = told("registration-never-verified");
    assert_eq!(status(&sim), "deleted");
    assert_eq!(scheduled(&sim), ["CreateAccount", "SendMail", "DeleteAccount"]);
    assert_eq!(seconds(&sim), 24 * 3_600);
}

#[test]
fn if_click_and_deadline_come_in_one_task_the_user_wins() {
    let sim = told("registration-last-moment");
    assert_eq!(status(&sim), "active");
    let names = event_names(&sim);
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
    assert!(event_names(&sim).contains(&"WorkflowExecutionSignaled"));
    assert!(!scheduled(&sim).contains(&"ActivateAccount".to_owned()));
}

#[test]
fn a_click_is_kept_while_nobody_is_awake() {
    let sim = told("registration-nobody-awake");
    assert_eq!(status(&sim), "active");
    assert_eq!(seconds(&sim), 6 * 3_600);
}

#[test]
fn who_is_called_off_cleans_up_all_the_same() {
    let sim = told("registration-called-off");
    assert_eq!(status(&sim), "deleted");
    assert_eq!(seconds(&sim), 3_600);
}
