//! Order fulfilment: a person's approval in the middle of a workflow, a query at any time, and a refund on failure.

use serde_json::{Value, json};

use super::{InWorld as _, Story, attempt, shop};
use crate::base::time::Span;
use crate::catalogue::world::{self, Obstacle, System, WorldConfig};
use crate::contract::request::{Query, Signal};
use crate::history::payload;
use crate::history::proto::EventType;
use crate::sim::script::{Action, When};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        fulfilment(
            "order-fulfilled",
            "Validate, charge, ship, notify",
            "A client asks for the status while the payment runs: the answer comes from the workflow's memory and leaves no trace in the history.",
        )
        .act(scheduled(2), Span::millis(50), status()),
        large(
            "large-order-approved",
            "Large order approved",
            "The order waits for somebody to approve it, an hour long, without keeping any worker busy; the signal wakes it.",
        )
        .act(asked_for_approval(), Span::secs(60), status())
        .act(When::Next, Span::secs(3_600), approval(true))
        .act(scheduled(3), Span::millis(50), status()),
        large(
            "large-order-refused",
            "Large order refused",
            "The signal says no: the order ends before anything was paid, and the timer of its deadline is cancelled.",
        )
        .act(asked_for_approval(), Span::secs(3_600), approval(false)),
        large(
            "large-order-forgotten",
            "Large order nobody approves",
            "Nobody says anything for a day; the timer fires and ends the order, and the approval that comes an hour later finds it closed.",
        )
        .act(
            When::Closed {
                workflow: ORDER.to_owned(),
            },
            Span::secs(3_600),
            approval(true),
        ),
        fulfilment(
            "shipping-fails-refund",
            "Shipping fails: refund",
            "The carrier refuses the parcel after the charge: the customer gets the money back.",
        )
        .world(|world| world.faults = vec![world::Mishap::AddressRejected]),
        fulfilment(
            "parcel-and-refund",
            "Parcel and refund",
            "A fault that three attempts allow: the carrier takes the parcel and its answer is lost each time, so the customer gets the goods and the money back.",
        )
        .world(|world| world.faults = (1..=3).map(|n| attempt("CreateShipment", n, answer_lost())).collect())
        .not_crash_proof(),
    ]
}

const ORDER: &str = "order-1001";

/// Two pieces for €89.00; the warehouse has ten.
fn fulfilment(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    let order = json!({
        "order_id": ORDER,
        "user_id": "user-42",
        "items": [{ "product_id": "SKU-7", "quantity": 2, "unit_price": 4_450 }],
        "total": 8_900,
        "currency": "EUR",
        "shipping_address": "1 Quay Street, Haarlem"
    });
    shop([id, title, sentence], "OrderFulfilment", ORDER)
        .input_is(&order)
        .world(|world| {
            *world = WorldConfig {
                systems: vec![System::Payments, System::Stock, System::Carrier, System::Mail],
                ..WorldConfig::stocked("SKU-7", 10)
            };
        })
}

/// One piece for €1,200.00.
fn large(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    fulfilment(id, title, sentence).asks(|order| {
        order["items"] = json!([{ "product_id": "SKU-7", "quantity": 1, "unit_price": 120_000 }]);
        order["total"] = json!(120_000);
    })
}

fn answer_lost() -> Obstacle {
    Obstacle::AnswerLost {
        effect_after: Span::millis(300),
        answer_after: Span::secs(5),
    }
}

/// So many activities have been asked for.
fn scheduled(count: u32) -> When {
    event(EventType::ActivityTaskScheduled, count)
}

fn asked_for_approval() -> When {
    event(EventType::TimerStarted, 1)
}

fn event(event_type: EventType, count: u32) -> When {
    When::Event {
        workflow: ORDER.to_owned(),
        event_type,
        count,
    }
}

fn approval(approved: bool) -> Action {
    let signal = Signal {
        name: "approval".to_owned(),
        input: Some(payload::json(&Value::Bool(approved))),
        ..Default::default()
    };
    Action::Signal(ORDER.to_owned(), signal)
}

fn status() -> Action {
    let query = Query {
        name: "status".to_owned(),
        args: None,
    };
    Action::Query(ORDER.to_owned(), query)
}
