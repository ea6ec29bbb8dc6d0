//! The stockroom's activities: what order processing asks shelf and packing tables to do.

use serde_json::Value;

use super::System;
use super::activities::{Activity, Course};
use super::shop::takes;
use crate::base::time::Span;
use crate::catalogue::workflows::order_activities::ReservationRequest;
use crate::sim::outside::{ActivityError, Beats, Call, OnCancel, Plan};

/// To pack one piece and to report it.
const PIECE: Span = Span::secs(2);

pub(super) const ACTIVITIES: &[Activity] = &[
    Activity {
        type_name: "CheckStock",
        system: Some(System::Stock),
        course: takes(20, 40),
        perform: |ledgers, _, call| {
            let request: ReservationRequest = call.decode()?;
            Ok(ledgers.stock.has(&request.items).into())
        },
    },
    Activity {
        type_name: "DeductStock",
        system: Some(System::Stock),
        course: takes(60, 120),
        perform: |ledgers, pen, call| {
            ledgers.stock.deduct(pen, &call.decode()?)?;
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "PackOrder",
        system: Some(System::Packing),
        course: Course::Planned(packing),
        perform: |ledgers, pen, call| {
            let request: ReservationRequest = call.decode()?;
            ledgers.packing.pack(pen, &request.order_id, pieces(&request));
            Ok(Value::Null)
        },
    },
    Activity {
        type_name: "ReturnStock",
        system: Some(System::Stock),
        course: takes(100, 300),
        perform: |ledgers, pen, call| {
            ledgers.stock.cancel(pen, &call.decode::<String>()?);
            Ok(Value::Null)
        },
    },
];

/// Piece by piece, from the one after the last that an earlier attempt has reported; then the lid.
fn packing(call: &Call) -> Result<Plan, ActivityError> {
    let packed = call.last_heartbeat.as_u64().unwrap_or(0);
    let left = pieces(&call.decode()?).saturating_sub(packed);
    let done = Span(PIECE.0.saturating_mul(left)) + Span::millis(500);
    Ok(Plan {
        effect_after: done,
        parts: None,
        answer_after: Some(done + Span::millis(20)),
        beats: Some(Beats {
            every: PIECE,
            times: None,
            after: packed,
        }),
        on_cancel: OnCancel::GoesOn,
    })
}

fn pieces(request: &ReservationRequest) -> u64 {
    request.items.iter().map(|item| u64::from(item.quantity)).sum()
}
