//! Doing a thing once in a world where answers get lost: keys, undoing what may have been done, and two mistakes with
//! numbers. Where workers die beside it, the order saga's chapter has the stories.

use serde_json::{Value, json};

use super::TASK_QUEUE;
use super::{InWorld as _, Story, attempt, shop};
use crate::base::time::Span;
use crate::catalogue::world::{self, Obstacle, System, WorldConfig};
use crate::contract::request::StartWorkflow;
use crate::history::payload;
use crate::sim::script::{Action, When};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        charge(
            "answer-lost",
            "Answer lost, with a key",
            "The charge is made and its answer gets lost; the retry carries the same idempotency key, and the provider gives the first answer again.",
        )
        .world(|world| world.faults = vec![attempt("ProcessPayment", 1, answer_lost())]),
        charge(
            "answer-lost-no-keys",
            "Answer lost, no keys",
            "The same without keys: the provider takes the retry for another charge, and the customer pays twice.",
        )
        .mended_by("answer-lost")
        .world(|world| {
            world.idempotency_keys = false;
            world.faults = vec![attempt("ProcessPayment", 1, answer_lost())];
        })
        .not_crash_proof(),
        order(
            "reservation-leaks",
            "Reservation without an answer",
            "A fault in the order saga: the stock is reserved and no attempt brings the answer, so the saga ends as out of stock and two pieces stay reserved for nobody.",
            "OrderOrchestration",
        )
        .mended_by("reservation-returned")
        .world(|world| world.faults = three_times("ReserveInventory"))
        .not_crash_proof(),
        order(
            "reservation-returned",
            "Reservation without an answer, undone",
            "The same order done right: what undoes the step names the order and not the reservation, of which nobody has heard.",
            "CarefulOrder",
        )
        .world(|world| world.faults = three_times("ReserveInventory")),
        order(
            "charge-kept",
            "Charge without an answer",
            "The same fault with money: the customer is charged and no attempt brings the answer, so the saga ends as unpaid and keeps the €89.00.",
            "OrderOrchestration",
        )
        .mended_by("charge-returned")
        .world(|world| world.faults = three_times("ProcessPayment"))
        .not_crash_proof(),
        order(
            "charge-returned",
            "Charge without an answer, undone",
            "The same order done right: a payment that failed is cancelled too, and that finds the charge.",
            "CarefulOrder",
        )
        .world(|world| world.faults = three_times("ProcessPayment")),
        order(
            "parcel-asked-for-again",
            "Parcel without an answer",
            "What cannot be undone is asked for until it answers: three answers of the carrier get lost, the fourth names the parcel that was taken at first.",
            "CarefulOrder",
        )
        .world(|world| world.faults = three_times("CreateShipment")),
        // The run that is shown is ended by the operator; the next one of its id is told the limit.
        charge(
            "no-limit",
            "An activity without a limit",
            "The bill has no time limit (the document's code leaves it out, the SDK's types do not let you): the Service refuses the task and will for ever, until an operator ends the run and starts it with a limit.",
        )
        .asks(|bill| bill["seconds"] = json!(0))
        .act(
            When::TaskStarted {
                workflow: CHARGE.to_owned(),
                attempt: 3,
            },
            Span::secs(10),
            Action::Terminate(CHARGE.to_owned(), "its bill has no time limit".to_owned()),
        )
        .act(When::Next, Span::secs(5), with_limit()),
        charge_of(
            "ChargeInFloats",
            "money-in-floats",
            "Money as floating point",
            "The document counts in floats: €19.99 and €4.35 make 24.339999999999996, of which 2433 cents are charged and one is missing.",
        )
        .mended_by("money-in-cents")
        .input_is(&json!({ "order_id": "order-1001", "user_id": "user-42", "prices": [19.99, 4.35], "currency": "EUR" }))
        .not_crash_proof(),
        charge(
            "money-in-cents",
            "Money in cents",
            "The same bill in whole cents: 1999 and 435 make 2434.",
        ),
    ]
}

const CHARGE: &str = "charge-1001";

/// €24.34.
fn bill() -> Value {
    json!({
        "order_id": "order-1001",
        "user_id": "user-42",
        "prices": [1_999, 435],
        "currency": "EUR",
        "seconds": 10
    })
}

fn charge(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    charge_of("Charge", id, title, sentence)
}

fn charge_of(workflow_type: &str, id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    shop([id, title, sentence], workflow_type, CHARGE)
        .input_is(&bill())
        .world(|world| *world = WorldConfig::of(&[System::Payments]))
}

/// The order of the saga's chapter: two pieces for €89.00; the warehouse has ten.
fn order(id: &'static str, title: &'static str, sentence: &'static str, workflow_type: &str) -> Story {
    let order = json!({
        "order_id": "order-1001",
        "user_id": "user-42",
        "items": [{ "product_id": "SKU-7", "quantity": 2, "unit_price": 4_450 }],
        "total": 8_900,
        "currency": "EUR",
        "shipping_address": "1 Quay Street, Haarlem"
    });
    shop([id, title, sentence], workflow_type, "order-1001")
        .input_is(&order)
        .world(|world| *world = WorldConfig::stocked("SKU-7", 10))
}

fn with_limit() -> Action {
    Action::Start(Box::new(StartWorkflow {
        workflow_id: CHARGE.to_owned(),
        workflow_type: "Charge".to_owned(),
        task_queue: TASK_QUEUE.to_owned(),
        input: Some(payload::json(&bill())),
        ..Default::default()
    }))
}

fn three_times(activity_type: &str) -> Vec<world::Mishap> {
    (1..=3).map(|n| attempt(activity_type, n, answer_lost())).collect()
}

fn answer_lost() -> Obstacle {
    Obstacle::AnswerLost {
        effect_after: Span::millis(400),
        answer_after: Span::millis(900),
    }
}
