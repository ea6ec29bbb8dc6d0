//! What an order needs of the stockroom: the activities' types, inputs and outputs. Declarations only.

use temporalio_macros::activity_definitions;

use crate::catalogue::workflows::order_activities::ReservationRequest;

/// The stockroom's activities.
pub struct Stockroom;

#[activity_definitions]
impl Stockroom {
    /// Whether all items are there and promised to nobody else, at this moment. Changes nothing.
    #[activity(name = "CheckStock")]
    pub async fn check_stock(request: ReservationRequest) -> bool {
        unimplemented!()
    }

    /// Takes the items off the shelf, all of them or none.
    #[activity(name = "DeductStock")]
    pub async fn deduct_stock(request: ReservationRequest) {
        unimplemented!()
    }

    /// Packs the items, piece by piece, and reports each piece. Goes on after the last piece that was reported.
    #[activity(name = "PackOrder")]
    pub async fn pack_order(request: ReservationRequest) {
        unimplemented!()
    }

    /// Undoes whatever the stockroom has done for the order of this id, and keeps it from doing more: also what was done
    /// without an answer, and what is still on its way.
    #[activity(name = "ReturnStock")]
    pub async fn return_stock(order_id: String) {
        unimplemented!()
    }
}
