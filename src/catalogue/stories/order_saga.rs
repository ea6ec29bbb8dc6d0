//! The order saga, its failures, and workers that die.

use serde_json::json;

use super::{InWorld as _, Story, attempt, done, shop, started};
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::{self, Obstacle, WorldConfig};
use crate::sim::fault::{Target, Verb};
use crate::sim::node::WorkerName;

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        order("all-goes-well", "All goes well", "Five activities, one after the other; kill a worker anywhere and see the order arrive all the same."),
        order(
            "order-invalid",
            "Order invalid",
            "The total does not match the items: the saga ends after its first step and has nothing to undo.",
        )
        .asks(|order| order["total"] = json!(8_800)),
        order(
            "out-of-stock",
            "Out of stock",
            "The warehouse has one piece and the order wants two; the policy names InsufficientStock, so nothing is retried.",
        )
        .world(|world| world.stock = SortedMap::from([(PRODUCT.to_owned(), 1)])),
        order(
            "payment-times-out-twice",
            "Payment gateway times out twice",
            "The first call to the gateway is never answered, the second fails; the third works, after backoffs of 2 s and 4 s.",
        )
        .world(|world| {
            world.faults = vec![
                attempt("ProcessPayment", 1, Obstacle::Hang),
                attempt("ProcessPayment", 2, gateway_timeout()),
            ];
        }),
        order(
            "card-declined",
            "Card declined",
            "The payment fails for good and the saga gives the reserved stock back.",
        )
        .world(|world| world.faults = vec![world::Mishap::CardDeclined]),
        order(
            "address-rejected",
            "Address rejected at shipment",
            "The carrier refuses the parcel after the charge: both compensations run, the last step undone first.",
        )
        .world(|world| world.faults = vec![world::Mishap::AddressRejected]),
        order(
            "worker-dies",
            "Worker dies while an activity runs",
            "The Service learns of it only by the start-to-close timeout; then the other worker gets the next attempt.",
        )
        .strikes(started("ProcessPayment", 1), vec![(Span::millis(120), Target::Doer, Verb::Kill)]),
        order(
            "crash-after-charge",
            "Worker dies after the charge",
            "The payment is taken and its worker dies before it can say so; the idempotency key makes the second attempt harmless.",
        )
        .strikes(done("ProcessPayment", 1), vec![(Span::ZERO, Target::Doer, Verb::Kill)]),
        order(
            "crash-after-charge-no-keys",
            "Worker dies after the charge, no keys",
            "The same crash without idempotency keys: the second attempt charges the customer again.",
        )
        .mended_by("crash-after-charge")
        .world(|world| world.idempotency_keys = false)
        .strikes(done("ProcessPayment", 1), vec![(Span::ZERO, Target::Doer, Verb::Kill)])
        .not_crash_proof(),
        order(
            "both-workers-dead",
            "Both workers dead for a minute",
            "Nobody is left while the payment runs; a minute later both are back, with empty memories, and the order goes on.",
        )
        .strikes(
            started("ProcessPayment", 1),
            vec![
                (Span::millis(50), Target::Worker(WorkerName(0)), Verb::Kill),
                (Span::millis(50), Target::Worker(WorkerName(1)), Verb::Kill),
                (Span::secs(60), Target::Worker(WorkerName(0)), Verb::Restart),
                (Span::secs(60), Target::Worker(WorkerName(1)), Verb::Restart),
            ],
        ),
        order(
            "mail-server-down",
            "Mail server down",
            "The last step is retried for five minutes with growing backoff; the order is safe all the while.",
        )
        .world(|world| world.faults = vec![world::Mishap::MailDownUntil(SimTime::ZERO + Span::secs(300))]),
        order(
            "mail-bounces",
            "Mail bounces",
            "The notification fails for good; the goods are on their way, so the order completes without it.",
        )
        .world(|world| world.faults = vec![world::Mishap::MailBounces]),
    ]
}

const PRODUCT: &str = "SKU-7";

fn order(id: &'static str, title: &'static str, sentence: &'static str) -> Story {
    ordinary([id, title, sentence])
}

/// Two pieces for €89.00, for a customer with an address; the warehouse has ten. Two workers, nothing goes wrong.
pub(super) fn ordinary(texts: [&'static str; 3]) -> Story {
    let order = json!({
        "order_id": "order-1001",
        "user_id": "user-42",
        "items": [{ "product_id": PRODUCT, "quantity": 2, "unit_price": 4_450 }],
        "total": 8_900,
        "currency": "EUR",
        "shipping_address": "1 Quay Street, Haarlem"
    });
    shop(texts, "OrderOrchestration", "order-1001")
        .input_is(&order)
        .world(|world| *world = WorldConfig::stocked(PRODUCT, 10))
}

fn gateway_timeout() -> Obstacle {
    Obstacle::Fail {
        error_type: "GatewayTimeout".to_owned(),
        message: "the payment gateway gave no answer within 15 s".to_owned(),
        after: Span::secs(15),
    }
}
