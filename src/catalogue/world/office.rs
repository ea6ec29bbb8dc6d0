//! The office's activities: what registrations and approvals ask accounts, mail and purchasing to do.

use serde_json::Value;

use super::activities::Activity;
use super::shop::{json, takes};
use super::{System, money};
use crate::catalogue::workflows::office_activities::{Mail, Request};

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "CreateAccount",
        system: Some(System::Accounts),
        course: takes(60, 120),
        perform: |ledgers, pen, call| Ok(json(&ledgers.accounts.create(pen, &call.decode::<String>()?))),
    },
    Activity {
        type_name: "ActivateAccount",
        system: Some(System::Accounts),
        course: takes(60, 120),
        perform: |ledgers, pen, call| {
            ledgers.accounts.activate(pen, &call.decode::<String>()?);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "DeleteAccount",
        system: Some(System::Accounts),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.accounts.delete(pen, &call.decode::<String>()?);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "SendMail",
        system: Some(System::Mail),
        course: takes(50, 150),
        perform: |ledgers, pen, call| {
            let Mail { to, text } = call.decode()?;
            ledgers.mail.send(pen, &to, &text);
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "Purchase",
        system: Some(System::Purchases),
        course: takes(300, 900),
        perform: |ledgers, pen, call| {
            let request: Request = call.decode()?;
            let price = money(request.amount, &request.currency);
            let what = format!("ordered {} for {price}", request.what);
            Ok(json(&ledgers.purchases.enter(pen, &what)))
        },
    },
];
