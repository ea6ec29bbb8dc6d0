//! The partner's one activity: a call to a service that is not ours.

use super::System;
use super::activities::Activity;
use super::shop::{json, takes};
use crate::catalogue::workflows::partner_activities::ServiceCall;

pub(super) const ACTIVITIES: &[Activity] = &[Activity {
    type_name: "CallService",
    system: Some(System::Partner),
    course: takes(100, 300),
    perform: |ledgers, pen, call| {
        let ServiceCall { order_id, service } = call.decode()?;
        let what = format!("{service} answered {order_id}");
        Ok(json(&ledgers.partner.enter(pen, &what)))
    },
}];
