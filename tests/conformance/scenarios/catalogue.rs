//! Workflows of the lab itself (`src/workflows`), as they are, with the world's activities. Both sides have the same world,
//! and its activities take the same times.

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::workflows::approval::Approval;
use sagascope::catalogue::workflows::circuit_breaker::CircuitBreaker;
use sagascope::catalogue::workflows::data_sync::DataSync;
use sagascope::catalogue::workflows::order_fulfilment::OrderFulfilment;
use sagascope::catalogue::workflows::order_orchestration::OrderOrchestration;
use sagascope::catalogue::workflows::pattern_select::Select;
use sagascope::catalogue::workflows::payment_with_fallback::PaymentWithFallback;
use sagascope::catalogue::workflows::user_registration::UserRegistration;
use sagascope::catalogue::world::{Mishap, System, WorldConfig};
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde_json::{Value, json};

use crate::scenario::{Scenario, attempt_started, cancel, closed, code, event, events, query, signal, update, worker};

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "catalogue-order",
            "The order saga: an order is checked, reserved, charged, shipped, and the customer is told.",
            code![OrderOrchestration],
            order(8_900),
        )
        .world(shop()),
        Scenario::new(
            "catalogue-order-address-rejected",
            "The order saga: the carrier knows no such address, so charge and reservation are undone, the last one first.",
            code![OrderOrchestration],
            order(8_900),
        )
        .world(WorldConfig {
            faults: vec![Mishap::AddressRejected],
            ..shop()
        }),
        Scenario::new(
            "catalogue-fulfilment-approved",
            "A large order waits to be approved; it says where it stands while it waits, while it is paid, and when it is done.",
            code![OrderFulfilment],
            order(120_000),
        )
        .world(shop())
        .then(event(EventType::TimerStarted), query("status", Value::Null))
        .then(When::Next, signal("approval", json!(true)))
        .then(
            events(EventType::ActivityTaskScheduled, 2),
            query("status", Value::Null),
        )
        .then(closed("w"), query("status", Value::Null)),
        Scenario::new(
            "catalogue-payment-falls-back",
            "The usual provider of payments refuses the connection twice, and the other one charges.",
            code![PaymentWithFallback],
            json!({ "order_id": "order-1001", "user_id": "user-42", "amount": 8_900, "currency": "EUR" }),
        )
        .world(WorldConfig {
            faults: vec![Mishap::Down {
                activity_type: "PrimaryPayment".to_owned(),
                from: SimTime::ZERO,
                until: SimTime::ZERO + Span::secs(3_600),
            }],
            ..WorldConfig::of(&[System::Payments, System::Fallback])
        }),
        Scenario::new(
            "catalogue-registration-verified",
            "A new user clicks the link in the mail: the account is active, and the timer of its deadline is left alone.",
            code![UserRegistration],
            json!("ada@example.org"),
        )
        .world(WorldConfig::of(&[System::Accounts, System::Mail]))
        .then(event(EventType::TimerStarted), signal("verified", Value::Null)),
        Scenario::new(
            "catalogue-registration-called-off",
            "A registration is cancelled while it waits: the account is deleted, in a scope that the cancellation does not reach.",
            code![UserRegistration],
            json!("ada@example.org"),
        )
        .world(WorldConfig::of(&[System::Accounts, System::Mail]))
        .then(event(EventType::TimerStarted), cancel("a typing error in the address")),
        approval(),
        breaker(),
        sync_worker_dies(),
        Scenario::new(
            "catalogue-sync-continues-as-new",
            "The rest of a table is copied: one batch of pages in this run, and one in the next, as the Service suggests.",
            code![DataSync],
            json!({ "table": "invoices", "pages": 5, "records": 25 }),
        )
        .world(WorldConfig::of(&[System::Replica]))
        .limits(|limits| limits.suggest_events = 12),
        Scenario::new(
            "catalogue-select",
            "Two suppliers are asked; the first answer counts, and the slow one learns at its next heartbeat that it has lost.",
            code![Select],
            json!([asked("Alder"), asked("Cedar")]),
        ),
    ]
}

/// A warehouse with ten pieces.
fn shop() -> WorldConfig {
    WorldConfig::stocked("SKU-7", 10)
}

/// One piece at that price, in cents.
fn order(price: u64) -> Value {
    json!({
        "order_id": "order-1001",
        "user_id": "user-42",
        "items": [{ "product_id": "SKU-7", "quantity": 1, "unit_price": price }],
        "total": price,
        "currency": "EUR",
        "shipping_address": "1 Quay Street, Haarlem"
    })
}

fn asked(supplier: &str) -> Value {
    json!({ "supplier": supplier, "product": "lamps", "pieces": 40 })
}

/// Each begins to wait with a timer: then the mail is out, and no task is under way.
fn approval() -> Scenario {
    let request = json!({
        "applicant": "dora",
        "what": "a laptop",
        "amount": 180_000,
        "currency": "EUR",
        "approvers": ["alice", "bob"],
        "superior": "carol"
    });
    let vote = |id, by| update(id, "vote", json!({ "by": by, "approve": true }));
    Scenario::new(
        "catalogue-approval-wrong-votes",
        "Bob votes before he is asked and Alice votes twice: the validator turns both away; then the laptop is ordered.",
        code![Approval],
        request,
    )
    .world(WorldConfig::of(&[System::Mail, System::Purchases]))
    .then(event(EventType::TimerStarted), vote("bob-1", "bob"))
    .then(When::Next, vote("alice-1", "alice"))
    .then(events(EventType::TimerStarted, 2), vote("alice-2", "alice"))
    .then(When::Next, query("status", Value::Null))
    .then(When::Next, vote("bob-2", "bob"))
}

/// The pages are 2 s apart, and the reports of them 3.2 s: when the worker is killed, the second page is reported and the
/// third is copied. It keeps nothing in memory, so that no task waits for the dead.
fn sync_worker_dies() -> Scenario {
    Scenario::new(
        "catalogue-sync-worker-dies",
        "The worker that copies a table is killed in the fourth page: the next attempt goes on after the last that was reported.",
        code![DataSync],
        json!({ "table": "customers" }),
    )
    .world(WorldConfig::of(&[System::Replica]))
    .worker(|worker| worker.cache = 0)
    .after(attempt_started("2", 1), Span::millis(6_800), Action::Kill(worker('A')))
    .then(When::Next, Action::Launch(worker('A'), 0))
}

/// One report a task: a signal comes when the task of the one before is answered.
fn breaker() -> Scenario {
    let answered = |count| events(EventType::WorkflowTaskCompleted, count);
    let failed = |by| signal("report", json!({ "caller": by, "success": false }));
    Scenario::new(
        "catalogue-breaker-opens",
        "Three failures open a circuit breaker; the caller that asks next is gone before it hears so; then the breaker retires.",
        code![CircuitBreaker],
        json!({}),
    )
    .then(answered(1), failed("call-1"))
    .then(answered(2), failed("call-2"))
    .then(answered(3), failed("call-3"))
    .then(answered(4), query("status", Value::Null))
    .then(When::Next, signal("ask", json!("call-4")))
    .then(answered(6), signal("retire", Value::Null))
}
