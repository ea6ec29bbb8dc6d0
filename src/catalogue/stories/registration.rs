//! User registration: an account, a mail, and a day in which to answer it.

use serde_json::{Value, json};

use super::{InWorld as _, Story, event, shop, signal};
use crate::base::time::Span;
use crate::catalogue::world::{System, WorldConfig};
use crate::history::proto::EventType;
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When};

const WORKFLOW: &str = "registration-ada";

const HOUR: Span = Span::secs(60 * 60);

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        registration(
            "registration-verified",
            "Verified after some hours",
            "The workflow sleeps for five hours and holds no worker meanwhile; the signal of the click wakes it, and the account becomes active.",
        )
        .act(waiting(), Span::secs(5 * 60 * 60), verified()),
        registration(
            "registration-never-verified",
            "Never verified",
            "Nobody clicks: a day passes in a blink, the timer fires, and the account is cleaned up.",
        ),
        // The client notices the timer 50 ms after its start and takes a moment: the signal comes just as it fires.
        registration(
            "registration-last-moment",
            "Verified in the last moment",
            "Timer and signal come together and reach the workflow in one task; it looks at the signal first, so the user wins.",
        )
        .act(waiting(), Span::millis(24 * 60 * 60 * 1_000 - 51), verified()),
        registration(
            "registration-too-late",
            "Verified a moment too late",
            "The click comes while the account is being deleted: the signal is in the history, and the decision stands.",
        )
        .act(event(WORKFLOW, EventType::ActivityTaskScheduled, 3), Span::ZERO, verified()),
        registration(
            "registration-nobody-awake",
            "All workers dead for the night",
            "The click comes while no worker runs; the Service keeps it for four hours, and the first worker that is back replays the history and goes on.",
        )
        .act(waiting(), HOUR, Action::Kill(WorkerName(0)))
        .act(When::Next, Span::ZERO, Action::Kill(WorkerName(1)))
        .act(When::Next, HOUR, verified())
        .act(When::Next, Span::secs(4 * 60 * 60), Action::Launch(WorkerName(0), 0))
        .act(When::Next, Span::ZERO, Action::Launch(WorkerName(1), 0)),
        registration(
            "registration-called-off",
            "Registration called off",
            "A client cancels the workflow after an hour; it still cleans up, in a scope that the cancellation does not reach.",
        )
        .act(waiting(), HOUR, Action::Cancel(WORKFLOW.to_owned(), "a typing error in the address".to_owned())),
    ]
}

/// A new user, two workers, nothing goes wrong.
fn registration(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    shop([id, title, sentence], "UserRegistration", WORKFLOW)
        .input_is(&json!("ada@example.org"))
        .world(|world| *world = WorldConfig::of(&[System::Accounts, System::Mail]))
}

/// The mail is out and the day has begun.
fn waiting() -> When {
    event(WORKFLOW, EventType::TimerStarted, 1)
}

fn verified() -> Action {
    signal(WORKFLOW, "verified", &Value::Null)
}
