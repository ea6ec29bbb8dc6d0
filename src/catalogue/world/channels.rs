//! The payment channels' activities: what payments ask the usual provider and the other one to do.

use serde_json::Value;

use super::System;
use super::activities::Activity;
use super::shop::{json, takes};

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "PrimaryPayment",
        system: Some(System::Payments),
        course: takes(300, 900),
        perform: |ledgers, pen, call| Ok(json(&ledgers.payments.capture(pen, &call.decode()?)?)),
    },
    Activity {
        type_name: "FallbackPayment",
        system: Some(System::Fallback),
        course: takes(300, 900),
        perform: |ledgers, pen, call| Ok(json(&ledgers.fallback.capture(pen, &call.decode()?)?)),
    },
    Activity {
        type_name: "CancelPayment",
        system: Some(System::Payments),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.payments.cancel(pen, &call.decode::<String>()?);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "CancelFallbackPayment",
        system: Some(System::Fallback),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.fallback.cancel(pen, &call.decode::<String>()?);
            Ok(Value::Null)
        },
    },
];
