//! The outside world: what calls do to it, once and twice, with and without idempotency keys, and what goes wrong.

use sagascope::base::chance::Chance;
use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::workflows::order_activities::Shop;
use sagascope::catalogue::world::{HANG, Mishap, Obstacle, System, World, WorldConfig};
use sagascope::sim::outside::{ActivityError, Call, EntryKind, Outside as _, Plan};
use serde_json::{Value, json};
use temporalio_workflow::common::ActivityDefinition;

const ORDER_KEY: &str = "order-1001";

/// Calls of order 1001's workflow: type, activity id.
const VALIDATE: (&str, &str) = ("ValidateOrder", "1");
const RESERVE: (&str, &str) = ("ReserveInventory", "2");
const PAY: (&str, &str) = ("ProcessPayment", "3");
const SHIP: (&str, &str) = ("CreateShipment", "4");
const MAIL: (&str, &str) = ("SendNotification", "5");
const REFUND: (&str, &str) = ("RefundPayment", "6");
const RELEASE: (&str, &str) = ("ReleaseInventory", "7");

fn order() -> Value {
    json!({
        "order_id": "1001",
        "user_id": "ada",
        "items": [{ "product_id": "SKU-7", "quantity": 2, "unit_price": 4450 }],
        "total": 8900,
        "currency": "EUR",
        "shipping_address": "1 Analytical Row",
    })
}

fn input(activity_type: &str) -> Value {
    let order = order();
    match activity_type {
        "ValidateOrder" => order,
        "ReserveInventory" => json!({ "order_id": "1001", "items": order["items"] }),
        "ProcessPayment" => json!({ "order_id": "1001", "user_id": "ada", "amount": 8900, "currency": "EUR" }),
        "CreateShipment" => json!({ "order_id": "1001", "items": order["items"], "address": "1 Analytical Row" }),
        "SendNotification" => json!({ "order_id": "1001", "user_id": "ada", "message": "Order 1001 confirmed" }),
        "RefundPayment" => json!({ "transaction_id": "tx-1" }),
        "ReleaseInventory" => json!({ "reservation_id": "res-1" }),
        _ => Value::Null,
    }
}

/// One world and a clock that moves a second at each call.
struct Lab {
    world: World,
    now: SimTime,
}

impl Lab {
    fn new(idempotency_keys: bool, faults: &[Mishap]) -> Self {
        let config = WorldConfig {
            idempotency_keys,
            faults: faults.to_vec(),
            ..WorldConfig::stocked("SKU-7", 10)
        };
        Self {
            world: World::new(config),
            now: SimTime::ZERO,
        }
    }

    fn call_with(&mut self, activity: (&str, &str), attempt: u32, input: &Value) -> Result<Value, ActivityError> {
        self.now += Span::secs(1);
        let (activity_type, activity_id) = activity;
        self.world.perform(
            Chance::new(7),
            self.now,
            &Call {
                activity_type,
                arguments: std::slice::from_ref(input),
                workflow_id: ORDER_KEY,
                activity_id,
                attempt,
                last_heartbeat: &Value::Null,
                part: 1,
            },
        )
    }

    fn call(&mut self, activity: (&str, &str), attempt: u32) -> Result<Value, ActivityError> {
        self.call_with(activity, attempt, &input(activity.0))
    }

    fn calls(&mut self, activities: &[(&str, &str)]) {
        for activity in activities {
            self.call(*activity, 1).expect("nothing is in its way");
        }
    }

    fn plan(&self, activity: (&str, &str), attempt: u32) -> Plan {
        let (activity_type, activity_id) = activity;
        let input = input(activity_type);
        let call = Call {
            activity_type,
            arguments: std::slice::from_ref(&input),
            workflow_id: ORDER_KEY,
            activity_id,
            attempt,
            last_heartbeat: &Value::Null,
            part: 1,
        };
        self.world.plan(Chance::new(7), self.now, &call)
    }

    fn entries(&self) -> Vec<(EntryKind, &str)> {
        self.world
            .entries()
            .iter()
            .map(|entry| (entry.kind, entry.text.as_str()))
            .collect()
    }

    fn facts(&self) -> String {
        let facts: Vec<_> = self
            .world
            .facts()
            .iter()
            .map(|fact| format!("{}: {}", fact.label, fact.value))
            .collect();
        facts.join("; ")
    }
}

#[track_caller]
fn refused(result: Result<Value, ActivityError>, error_type: &str, non_retryable: bool) {
    let error = result.expect_err("the world says no");
    assert_eq!(
        (error.error_type.as_str(), error.non_retryable),
        (error_type, non_retryable)
    );
    assert!(!error.message.is_empty());
}

#[test]
fn an_order_goes_through() {
    let mut lab = Lab::new(true, &[]);
    assert_eq!(lab.call(VALIDATE, 1), Ok(json!({ "valid": true })));
    assert_eq!(lab.call(RESERVE, 1), Ok(json!({ "reservation_id": "res-1" })));
    assert_eq!(lab.call(PAY, 1), Ok(json!({ "transaction_id": "tx-1" })));
    let reserved = "stock on hand: 10 × SKU-7; stock reserved: 2 × SKU-7; stock sold: none; \
                    customer charged: €89.00; customer refunded: none; parcels: none; mails: none";
    assert_eq!(lab.facts(), reserved);
    assert_eq!(lab.call(SHIP, 1), Ok(json!({ "shipment_id": "ship-1" })));
    assert_eq!(lab.call(MAIL, 1), Ok(Value::Null));
    let sold = "stock on hand: 8 × SKU-7; stock reserved: none; stock sold: 2 × SKU-7; \
                customer charged: €89.00; customer refunded: none; parcels: 1; mails: 1";
    assert_eq!(lab.facts(), sold);
    let told = [
        (EntryKind::Did, "reserved 2 × SKU-7 (res-1)"),
        (EntryKind::Did, "captured €89.00 (tx-1)"),
        (EntryKind::Did, "took a parcel for order 1001 (ship-1)"),
        (EntryKind::Did, "sold 2 × SKU-7"),
        (EntryKind::Did, "mailed ada: Order 1001 confirmed (mail-1)"),
    ];
    assert_eq!(lab.entries(), told);
    let charge = &lab.world.entries()[1];
    assert_eq!(
        (charge.at, charge.system.as_str(), charge.attempt),
        (SimTime(3_000_000_000), System::Payments.name(), 1)
    );
    assert_eq!(
        (charge.activity_type.as_str(), charge.key.as_str()),
        ("ProcessPayment", "order-1001/3")
    );
}

#[test]
fn with_keys_a_second_call_changes_nothing_and_answers_the_same() {
    let mut once = Lab::new(true, &[]);
    let mut twice = Lab::new(true, &[]);
    for activity in [RESERVE, PAY, SHIP, MAIL] {
        let first = once.call(activity, 1);
        assert_eq!(twice.call(activity, 1), first);
        assert_eq!(twice.call(activity, 2), first);
        let last = twice.world.entries().last().unwrap();
        assert_eq!((last.kind, last.attempt), (EntryKind::Repeated, 2));
    }
    assert_eq!(twice.world.balance(), once.world.balance());
    assert_eq!(twice.world.facts(), once.world.facts());
    assert!(
        twice
            .entries()
            .contains(&(EntryKind::Repeated, "same key: returned tx-1 again"))
    );
    assert_eq!(twice.world.entries().len(), once.world.entries().len() + 4);
}

#[test]
fn without_keys_a_second_call_is_a_new_one() {
    let mut lab = Lab::new(false, &[]);
    lab.calls(&[RESERVE, RESERVE, PAY]);
    assert_eq!(lab.call(PAY, 2), Ok(json!({ "transaction_id": "tx-2" })));
    assert_eq!(lab.world.balance().reserved["SKU-7"], 4);
    assert_eq!(lab.world.balance().captured_minor, 17_800);

    lab.calls(&[SHIP, MAIL, MAIL]);
    let balance = lab.world.balance();
    assert_eq!(
        (
            balance.reserved["SKU-7"],
            balance.on_hand["SKU-7"],
            balance.sold["SKU-7"]
        ),
        (2, 8, 2)
    );
    assert_eq!((balance.parcels, balance.mails), (1, 2));

    lab.calls(&[SHIP, SHIP]);
    let balance = lab.world.balance();
    assert_eq!(
        (balance.on_hand["SKU-7"], balance.sold["SKU-7"], balance.parcels),
        (4, 6, 3)
    );
    let told = lab.entries();
    assert!(
        told.contains(&(EntryKind::Doubled, "captured €89.00 again (tx-2)")),
        "{told:?}"
    );
    assert!(
        told.contains(&(EntryKind::Doubled, "sold 2 × SKU-7 that nobody had reserved")),
        "{told:?}"
    );
    assert!(
        told.contains(&(EntryKind::Doubled, "mailed ada again: Order 1001 confirmed (mail-2)")),
        "{told:?}"
    );
}

#[test]
fn another_workflow_has_other_keys() {
    let mut lab = Lab::new(true, &[]);
    lab.calls(&[PAY]);
    let input = input("ProcessPayment");
    let call = Call {
        activity_type: "ProcessPayment",
        arguments: std::slice::from_ref(&input),
        workflow_id: "other",
        activity_id: "3",
        attempt: 1,
        last_heartbeat: &Value::Null,
        part: 1,
    };
    assert_eq!(
        lab.world.perform(Chance::new(7), lab.now, &call),
        Ok(json!({ "transaction_id": "tx-2" }))
    );
}

#[test]
fn compensations_undo_once_with_or_without_keys() {
    for keys in [true, false] {
        let mut lab = Lab::new(keys, &[]);
        lab.calls(&[RESERVE, PAY, REFUND, RELEASE]);
        let after = lab.world.balance();
        assert_eq!(
            (after.captured_minor, after.refunded_minor, after.reserved.len()),
            (8_900, 8_900, 0)
        );
        lab.calls(&[REFUND, RELEASE]);
        assert_eq!(lab.world.balance(), after);
        let told = [
            (EntryKind::Undid, "refunded €89.00 (tx-1)"),
            (EntryKind::Undid, "released 2 × SKU-7 (res-1)"),
            (EntryKind::Repeated, "tx-1 was refunded before"),
            (EntryKind::Repeated, "res-1 was released before"),
        ];
        assert_eq!(lab.entries()[2..], told);
    }
}

#[test]
fn undoing_what_is_not_there_is_harmless_and_told() {
    let mut lab = Lab::new(true, &[]);
    lab.calls(&[REFUND, RELEASE]);
    for id in ["", "res-0", "res-99999999999999999999", "nonsense"] {
        assert_eq!(
            lab.call_with(RELEASE, 1, &json!({ "reservation_id": id })),
            Ok(Value::Null)
        );
    }
    assert_eq!(
        lab.entries()[0],
        (EntryKind::Moot, "no transaction tx-1: nothing to refund")
    );
    assert!(lab.entries().iter().all(|(kind, _)| *kind == EntryKind::Moot));

    let mut shipped = Lab::new(true, &[]);
    shipped.calls(&[RESERVE, SHIP, RELEASE]);
    assert_eq!(
        shipped.entries().last(),
        Some(&(EntryKind::Moot, "res-1 has shipped: nothing to release"))
    );
    assert_eq!(shipped.world.balance().on_hand["SKU-7"], 8);
}

#[test]
fn an_order_that_contradicts_itself_is_invalid() {
    let mut lab = Lab::new(true, &[]);
    let mut wrong = order();
    wrong["total"] = json!(8_901);
    let answer = json!({ "valid": false, "reason": "the total is 8901, but the items cost 8900" });
    assert_eq!(lab.call_with(VALIDATE, 1, &wrong), Ok(answer));
    wrong["items"] = json!([]);
    assert_eq!(
        lab.call_with(VALIDATE, 1, &wrong).unwrap()["reason"],
        "the order has no items"
    );
    refused(
        lab.call_with(VALIDATE, 1, &json!({ "total": -1 })),
        "InvalidInput",
        true,
    );
    assert!(lab.world.entries().is_empty(), "a check is no event");
}

#[test]
fn short_stock_is_refused_whole() {
    let mut lab = Lab::new(true, &[]);
    let item = |product: &str, quantity: u32| json!({ "product_id": product, "quantity": quantity, "unit_price": 1 });
    let mut wants = |items: Value| lab.call_with(RESERVE, 1, &json!({ "order_id": "1001", "items": items }));
    refused(wants(json!([item("SKU-7", 11)])), "InsufficientStock", false);
    refused(
        wants(json!([item("SKU-7", 6), item("SKU-7", 5)])),
        "InsufficientStock",
        false,
    );
    refused(
        wants(json!([item("SKU-7", u32::MAX), item("SKU-7", 2)])),
        "InsufficientStock",
        false,
    );
    refused(
        wants(json!([item("SKU-7", 1), item("SKU-9", 1)])),
        "InsufficientStock",
        false,
    );
    assert_eq!(
        wants(json!([item("SKU-7", 10)])),
        Ok(json!({ "reservation_id": "res-1" }))
    );
    assert_eq!(
        lab.entries()[0],
        (EntryKind::Refused, "refused: 10 × SKU-7 free, not 11")
    );
    assert_eq!(lab.world.balance().reserved["SKU-7"], 10);
}

#[test]
fn a_refused_payment_takes_nothing() {
    let mut lab = Lab::new(true, &[Mishap::CardDeclined]);
    refused(lab.call(PAY, 1), "InsufficientFunds", false);
    assert_eq!(lab.entries(), [(EntryKind::Refused, "declined: InsufficientFunds")]);
    assert_eq!(lab.world.balance().captured_minor, 0);

    refused(
        Lab::new(true, &[Mishap::InvalidPaymentMethod]).call(PAY, 1),
        "InvalidPaymentMethod",
        false,
    );
}

#[test]
fn a_refused_parcel_leaves_the_stock_alone() {
    let mut lab = Lab::new(true, &[Mishap::AddressRejected]);
    lab.calls(&[RESERVE]);
    let before = lab.world.balance();
    refused(lab.call(SHIP, 1), "AddressRejected", true);
    assert_eq!(lab.world.balance(), before);
}

#[test]
fn the_mail_server_comes_back_and_a_bounce_does_not() {
    let mut lab = Lab::new(true, &[Mishap::MailDownUntil(SimTime::ZERO + Span::secs(3))]);
    assert!(
        lab.plan(MAIL, 1).answer_after.unwrap() < Span::millis(5),
        "a refused connection comes at once"
    );
    refused(lab.call(MAIL, 1), "MailServerDown", false);
    refused(lab.call(MAIL, 2), "MailServerDown", false);
    assert_eq!(lab.call(MAIL, 3), Ok(Value::Null));
    assert_eq!(lab.world.balance().mails, 1);

    refused(
        Lab::new(true, &[Mishap::MailBounces]).call(MAIL, 1),
        "MailBounced",
        true,
    );
}

#[test]
fn trouble_strikes_the_attempts_it_names() {
    let attempt = |attempt, obstacle| Mishap::Attempt {
        activity_type: "ProcessPayment".to_owned(),
        attempt,
        obstacle,
    };
    let timeout = Obstacle::Fail {
        error_type: "GatewayTimeout".to_owned(),
        message: "no answer from the bank".to_owned(),
        after: Span::secs(15),
    };
    let mut lab = Lab::new(true, &[attempt(1, Obstacle::Hang), attempt(2, timeout)]);
    assert_eq!(lab.plan(PAY, 1), Plan::simple(HANG, HANG));
    assert_eq!(lab.plan(PAY, 2), Plan::simple(Span::secs(15), Span::secs(15)));
    assert!(lab.plan(PAY, 3).answer_after.unwrap() < Span::millis(900));

    refused(lab.call(PAY, 1), "NoAnswer", false);
    refused(lab.call(PAY, 2), "GatewayTimeout", false);
    let told = [
        (EntryKind::Refused, "not reached: NoAnswer"),
        (EntryKind::Refused, "not reached: GatewayTimeout"),
    ];
    assert_eq!(lab.entries(), told);
    assert_eq!(lab.world.balance().captured_minor, 0);
    assert_eq!(lab.call(PAY, 3), Ok(json!({ "transaction_id": "tx-1" })));
    assert_eq!(
        lab.call(RESERVE, 1),
        Ok(json!({ "reservation_id": "res-1" })),
        "other activities are not struck"
    );
}

#[test]
fn an_unknown_activity_fails_as_an_unregistered_one() {
    let mut lab = Lab::new(true, &[]);
    let error = lab.call(("Teleport", "9"), 1).unwrap_err();
    assert_eq!(
        (error.error_type.as_str(), error.non_retryable),
        ("NotFoundError", false)
    );
    assert!(
        error
            .message
            .starts_with("Activity Teleport is not registered on this worker, available activities: ")
    );
    assert!(lab.world.entries().is_empty());
}

#[test]
fn plans_are_drawn_for_the_attempt_within_its_bounds() {
    let lab = Lab::new(true, &[]);
    let bounds = [
        (VALIDATE, 20, 40),
        (RESERVE, 60, 120),
        (PAY, 300, 900),
        (SHIP, 200, 500),
        (MAIL, 50, 150),
        (REFUND, 100, 300),
        (RELEASE, 100, 300),
    ];
    for (activity, low, high) in bounds {
        for attempt in 1..50 {
            let plan = lab.plan(activity, attempt);
            assert!(
                (Span::millis(low)..Span::millis(high)).contains(&plan.answer_after.unwrap()),
                "{activity:?} {plan:?}"
            );
            assert_eq!(plan.effect_after, Span(plan.answer_after.unwrap().0 / 5 * 3));
            assert_eq!(lab.plan(activity, attempt), plan);
        }
        assert_ne!(lab.plan(activity, 1), lab.plan(activity, 2));
    }
}

#[test]
fn sums_of_money_do_not_wrap_around() {
    let mut lab = Lab::new(false, &[]);
    let all = json!({ "order_id": "1001", "user_id": "ada", "amount": u64::MAX, "currency": "EUR" });
    lab.call_with(PAY, 1, &all).unwrap();
    lab.call_with(PAY, 2, &all).unwrap();
    assert_eq!(lab.world.balance().captured_minor, u64::MAX);
}

#[test]
fn two_currencies_are_not_added_up_in_words() {
    let mut lab = Lab::new(false, &[]);
    for currency in ["EUR", "USD"] {
        let request = json!({ "order_id": "1001", "user_id": "ada", "amount": 100, "currency": currency });
        lab.call_with(PAY, 1, &request).unwrap();
    }
    assert_eq!(lab.world.facts()[3].value, "€1.00 + $1.00");
}

#[test]
fn the_world_answers_every_activity_that_the_shop_declares() {
    let declared = [
        (Shop::validate_order.name(), VALIDATE),
        (Shop::reserve_inventory.name(), RESERVE),
        (Shop::process_payment.name(), PAY),
        (Shop::create_shipment.name(), SHIP),
        (Shop::send_notification.name(), MAIL),
        (Shop::refund_payment.name(), REFUND),
        (Shop::release_inventory.name(), RELEASE),
    ];
    let mut lab = Lab::new(true, &[]);
    for (declared, activity) in declared {
        assert_eq!(declared, activity.0);
        lab.call(activity, 1)
            .expect("it is registered, and its input is what the shop declares");
    }
}
