//! The carrier: parcels handed over. A parcel cannot be called back.

use crate::catalogue::workflows::order_activities::{Shipment, ShipmentRequest};

use super::EntryKind;
use super::idempotency::{Answers, again};
use super::journal::{Pen, System};

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Carrier {
    /// `ship-1` is the first.
    parcels: u32,
    answers: Answers,
}

impl Carrier {
    pub(super) fn new(keys: bool) -> Self {
        Self {
            parcels: 0,
            answers: Answers::new(keys),
        }
    }

    /// Takes a parcel, and says what that means: after a repetition there is no new parcel to fill.
    pub(super) fn accept(&mut self, pen: &mut Pen, request: &ShipmentRequest) -> (Shipment, EntryKind) {
        if let Some(shipment_id) = self.answers.recall(pen, System::Carrier) {
            return (Shipment { shipment_id }, EntryKind::Repeated);
        }
        self.parcels += 1;
        let shipment_id = format!("ship-{}", self.parcels);
        let kind = self.answers.remember(pen, &shipment_id);
        let order = &request.order_id;
        pen.write(
            System::Carrier,
            kind,
            format!("took a parcel for order {order}{} ({shipment_id})", again(kind)),
        );
        (Shipment { shipment_id }, kind)
    }

    pub(super) fn parcels(&self) -> u32 {
        self.parcels
    }
}
