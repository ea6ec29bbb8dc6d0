//! Approval: levels of approvers, their votes, and what becomes of silence.

use serde_json::json;

use super::{InWorld as _, Story, event, shop};
use crate::base::time::Span;
use crate::catalogue::world::{System, WorldConfig};
use crate::contract::request::{Query, Update};
use crate::history::payload;
use crate::history::proto::EventType;
use crate::sim::script::{Action, When};

const WORKFLOW: &str = "request-7";

const HOUR: Span = Span::secs(60 * 60);

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        approval(
            "approval-all-levels",
            "Approved through all levels",
            "Alice is asked and agrees, then Bob; each vote is an update, a query tells between them who is waited for, and then the laptop is ordered.",
        )
        .act(mailed(1), HOUR, vote("alice-1", "alice", true))
        .act(mailed(2), HOUR, status())
        .act(When::Next, HOUR, vote("bob-1", "bob", true)),
        approval(
            "approval-refused",
            "Refused at the second level",
            "Alice agrees and Bob does not: nothing is ordered, and the applicant is told.",
        )
        .act(mailed(1), HOUR, vote("alice-1", "alice", true))
        .act(mailed(2), HOUR, vote("bob-1", "bob", false)),
        approval(
            "approval-wrong-votes",
            "The wrong person, and twice",
            "Bob votes before he is asked and Alice votes again: the validator turns both away, and the history has no trace of either.",
        )
        .act(mailed(1), HOUR, vote("bob-1", "bob", true))
        .act(When::Next, HOUR, vote("alice-1", "alice", true))
        .act(When::Next, HOUR, vote("alice-2", "alice", true))
        .act(mailed(2), HOUR, vote("bob-2", "bob", true)),
        approval(
            "approval-superior",
            "The superior decides",
            "Bob answers neither the request nor two reminders; after three days Carol is asked in his place, and agrees.",
        )
        .act(mailed(1), HOUR, vote("alice-1", "alice", true))
        .act(mailed(5), HOUR, vote("carol-1", "carol", true)),
        approval(
            "approval-nobody-answers",
            "Nobody answers",
            "Reminders go to Alice, then to Carol above her; after six days the request is refused, and one look at the time axis shows the week.",
        ),
    ]
}

/// A laptop that two people must agree to, two workers, nothing goes wrong.
fn approval(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    let request = json!({
        "applicant": "dora",
        "what": "a laptop",
        "amount": 180_000,
        "currency": "EUR",
        "approvers": ["alice", "bob"],
        "superior": "carol"
    });
    shop([id, title, sentence], "Approval", WORKFLOW)
        .input_is(&request)
        .world(|world| *world = WorldConfig::of(&[System::Mail, System::Purchases]))
}

/// So many mails are out.
fn mailed(count: u32) -> When {
    event(WORKFLOW, EventType::ActivityTaskCompleted, count)
}

fn vote(update_id: &str, by: &str, approve: bool) -> Action {
    let update = Update {
        update_id: update_id.to_owned(),
        name: "vote".to_owned(),
        args: Some(payload::json(&json!({ "by": by, "approve": approve }))),
        ..Update::default()
    };
    Action::Update(WORKFLOW.to_owned(), update)
}

fn status() -> Action {
    let query = Query {
        name: "status".to_owned(),
        args: None,
    };
    Action::Query(WORKFLOW.to_owned(), query)
}
