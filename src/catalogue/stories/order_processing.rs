//! Order processing: one retry policy for four steps, what it leaves behind when it gives up, and the four limits of an
//! activity, each reached once.

use serde_json::{Value, json};

use super::TASK_QUEUE;
use super::{InWorld as _, Story, attempt, shop, started};
use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::catalogue::world::{self, Obstacle, System, WorldConfig};
use crate::contract::request::StartWorkflow;
use crate::history::payload;
use crate::sim::fault::{Target, Verb};
use crate::sim::script::{Action, When, WorkerSetup};

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        processing(
            "order-processed",
            "Check, deduct, charge, notify",
            "Four activities under one retry policy (1 s, doubled, at most 10 s, five attempts); none of them needs it.",
        ),
        processing(
            "stock-short",
            "Too few pieces",
            "The order wants two pieces and one is there: the check says so, which is an answer and no failure, and nothing is retried.",
        )
        .world(|world| world.stock = SortedMap::from([(PRODUCT.to_owned(), 1)])),
        // A crash during the fifth attempt takes the last one that the policy allows: then the order ends as unpaid.
        processing(
            "payment-flaky",
            "Payment works at the fifth attempt",
            "The payment fails four times and is tried again after 1, 2, 4 and 8 seconds: look at the attempts, since the history has only the last one.",
        )
        .world(|world| {
            world.faults = (1..=4).map(|n| attempt("ProcessPayment", n, gateway_down())).collect();
        })
        .not_crash_proof(),
        processing(
            "start-to-close",
            "Start-to-close: an attempt takes too long",
            "The gateway does not answer the first attempt; after ten seconds the Service gives that attempt up and, one second later, hands out the next.",
        )
        .world(|world| world.faults = vec![attempt("ProcessPayment", 1, Obstacle::Hang)]),
        processing(
            "payment-fails-stock-gone",
            "Payment fails, the stock is gone",
            "The fault in the document: the card is declined five times, the order ends as unpaid, and the two pieces that were deducted never come back.",
        )
        .world(|world| world.faults = vec![world::Mishap::CardDeclined])
        .not_crash_proof(),
        packing(
            "payment-fails-stock-back",
            "Payment fails, the stock comes back",
            "The same order done right: a declined card is not tried again, and whatever was done for the order is undone.",
        )
        .world(|world| world.faults = vec![world::Mishap::CardDeclined]),
        packing(
            "schedule-to-close",
            "Schedule-to-close: all attempts together take too long",
            "The gateway answers no attempt; the third is cut short when thirty seconds are over in all, and since it might have charged, the payment is cancelled.",
        )
        .world(|world| {
            world.faults = (1..=5).map(|n| attempt("ProcessPayment", n, Obstacle::Hang)).collect();
        }),
        several_orders(),
        packing(
            "heartbeat",
            "Heartbeat: the packer dies",
            "The worker at the packing station dies while it packs; ten seconds without a heartbeat tell, and the other station goes on after the last piece that was reported.",
        )
        .asks(|order| of_pieces(order, 12))
        .strikes(
            started("PackOrder", 1),
            vec![(Span::secs(15), Target::Doer, Verb::Kill)],
        )
        .stations(2),
    ]
}

const PRODUCT: &str = "SKU-7";

/// Two pieces for €89.00; the warehouse has a hundred.
fn order(order_id: &str) -> Value {
    json!({
        "order_id": order_id,
        "user_id": "user-42",
        "items": [{ "product_id": PRODUCT, "quantity": 2, "unit_price": 4_450 }],
        "total": 8_900,
        "currency": "EUR",
        "shipping_address": "1 Quay Street, Haarlem"
    })
}

fn of_pieces(order: &mut Value, pieces: u32) {
    order["items"][0]["quantity"] = json!(pieces);
    order["total"] = json!(pieces * 4_450);
}

fn processing(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    told([id, title, sentence], "OrderProcessing").world(|world| {
        world.systems = vec![System::Payments, System::Stock, System::Mail];
    })
}

/// With one packing station: a worker with room for one order, beside the two that do everything else.
fn packing(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    told([id, title, sentence], "OrderWithPacking").stations(1)
}

fn told(words: [&'static str; 3], workflow_type: &str) -> Story {
    shop(words, workflow_type, "order-1001")
        .input_is(&order("order-1001"))
        .world(|world| {
            *world = WorldConfig {
                systems: vec![System::Payments, System::Stock, System::Packing, System::Mail],
                ..WorldConfig::stocked(PRODUCT, 100)
            };
        })
}

/// Two orders come before the one that is shown; the first keeps the only station busy for a minute.
fn several_orders() -> Story {
    let mut story = packing(
        "schedule-to-start",
        "Schedule-to-start: the packers are busy",
        "Another order keeps the only packing station busy for a minute; after thirty seconds in the queue this one is packed by hand instead.",
    );
    story.setup.start.start_delay = Span::secs(5);
    let mut large = order("order-999");
    of_pieces(&mut large, 30);
    for order in [large, order("order-1000")] {
        let start = StartWorkflow {
            workflow_id: order["order_id"].as_str().unwrap_or_default().to_owned(),
            workflow_type: "OrderWithPacking".to_owned(),
            task_queue: TASK_QUEUE.to_owned(),
            input: Some(payload::json(&order)),
            ..Default::default()
        };
        story = story.act(When::Next, Span::ZERO, Action::Start(Box::new(start)));
    }
    story
}

fn gateway_down() -> Obstacle {
    Obstacle::Fail {
        error_type: "GatewayDown".to_owned(),
        message: "the payment gateway refused the connection".to_owned(),
        after: Span::millis(20),
    }
}

impl Story {
    fn stations(mut self, count: usize) -> Self {
        let station = WorkerSetup {
            workflows: false,
            activity_slots: 1,
            ..WorkerSetup::on("packing")
        };
        self.setup.workers.truncate(2);
        self.setup.workers.extend(vec![station; count]);
        self
    }
}
