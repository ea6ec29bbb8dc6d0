//! The shop's activities: what the order workflows ask stock, payments, carrier and mail to do.

use serde::Serialize;
use serde_json::Value;

use super::activities::{Activity, Course};
use super::{EntryKind, System};
use crate::base::time::Span;
use crate::catalogue::workflows::order::Order;
use crate::catalogue::workflows::order_activities::{Notification, Validation};

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "ValidateOrder",
        system: None,
        course: takes(20, 40),
        perform: |_, _, call| {
            let reason = call.decode::<Order>()?.flaw();
            Ok(json(&Validation {
                valid: reason.is_none(),
                reason,
            }))
        },
    },
    Activity {
        type_name: "ReserveInventory",
        system: Some(System::Stock),
        course: takes(60, 120),
        perform: |ledgers, pen, call| Ok(json(&ledgers.stock.reserve(pen, &call.decode()?)?)),
    },
    Activity {
        type_name: "CheckFraud",
        system: None,
        course: takes(80, 200),
        perform: |_, _, call| {
            let order = call.decode::<Order>()?;
            let suspicious = order.shipping_address.trim().is_empty();
            Ok(json(&Validation {
                valid: !suspicious,
                reason: suspicious.then(|| "nobody knows where the parcel would go".to_owned()),
            }))
        },
    },
    Activity {
        type_name: "ProcessPayment",
        system: Some(System::Payments),
        course: takes(300, 900),
        perform: |ledgers, pen, call| Ok(json(&ledgers.payments.capture(pen, &call.decode()?)?)),
    },
    Activity {
        type_name: "CreateShipment",
        system: Some(System::Carrier),
        course: takes(200, 500),
        perform: |ledgers, pen, call| {
            let request = call.decode()?;
            let (shipment, kind) = ledgers.carrier.accept(pen, &request);
            if kind != EntryKind::Repeated {
                ledgers.stock.ship(pen, kind, &request.order_id, &request.items);
            }
            Ok(json(&shipment))
        },
    },
    Activity {
        type_name: "SendNotification",
        system: Some(System::Mail),
        course: takes(50, 150),
        perform: |ledgers, pen, call| {
            let Notification { user_id, message, .. } = call.decode()?;
            ledgers.mail.send(pen, &user_id, &message);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "RefundPayment",
        system: Some(System::Payments),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.payments.refund(pen, &call.decode()?);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "ReleaseInventory",
        system: Some(System::Stock),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.stock.release(pen, &call.decode()?);
            Ok(Value::Null)
        },
    },
];

/// From the shortest to the longest time, in milliseconds.
pub(super) const fn takes(shortest: u64, longest: u64) -> Course {
    Course::Takes(Span::millis(shortest), Span::millis(longest))
}

/// An activity's answer as it goes into the history.
pub(super) fn json(answer: &impl Serialize) -> Value {
    serde_json::to_value(answer).expect("the answers hold only what JSON can say")
}
