//! What an order needs from the outside: the activities' types, inputs and outputs. Declarations only; a worker brings
//! the implementations.
//!
//! What a step returns is what its compensation takes, so undoing needs nothing but the step's own answer.

use serde::{Deserialize, Serialize};
use temporalio_macros::activity_definitions;

use crate::catalogue::workflows::order::{Order, OrderItem};

/// The shop's activities.
pub struct Shop;

#[activity_definitions]
impl Shop {
    /// Checks an order for contradictions. Changes nothing.
    #[activity(name = "ValidateOrder")]
    pub async fn validate_order(order: Order) -> Validation {
        unimplemented!()
    }

    /// Sets the items aside, all of them or none.
    #[activity(name = "ReserveInventory")]
    pub async fn reserve_inventory(request: ReservationRequest) -> Reservation {
        unimplemented!()
    }

    /// Checks whether an order looks like fraud. Changes nothing.
    #[activity(name = "CheckFraud")]
    pub async fn check_fraud(order: Order) -> Validation {
        unimplemented!()
    }

    /// Charges the customer.
    #[activity(name = "ProcessPayment")]
    pub async fn process_payment(request: PaymentRequest) -> Payment {
        unimplemented!()
    }

    /// Hands the reserved items to the carrier.
    #[activity(name = "CreateShipment")]
    pub async fn create_shipment(request: ShipmentRequest) -> Shipment {
        unimplemented!()
    }

    /// Mails the customer.
    #[activity(name = "SendNotification")]
    pub async fn send_notification(notification: Notification) {
        unimplemented!()
    }

    /// Undoes [`Shop::process_payment`].
    #[activity(name = "RefundPayment")]
    pub async fn refund_payment(payment: Payment) {
        unimplemented!()
    }

    /// Undoes [`Shop::reserve_inventory`].
    #[activity(name = "ReleaseInventory")]
    pub async fn release_inventory(reservation: Reservation) {
        unimplemented!()
    }
}

/// The answer to `ValidateOrder` and `CheckFraud`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Validation {
    /// Whether the order can be fulfilled as it is written.
    pub valid: bool,
    /// Why not, in words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// The input of `ReserveInventory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReservationRequest {
    /// For which order.
    pub order_id: String,
    /// What to set aside.
    pub items: Vec<OrderItem>,
}

/// Items set aside: the answer to `ReserveInventory`, the input of `ReleaseInventory`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reservation {
    /// The warehouse's name for it.
    pub reservation_id: String,
}

/// The input of `ProcessPayment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaymentRequest {
    /// For which order.
    pub order_id: String,
    /// Who pays.
    pub user_id: String,
    /// How much, in minor units.
    pub amount: u64,
    /// ISO 4217 code.
    pub currency: String,
}

/// Money taken: the answer to `ProcessPayment`, the input of `RefundPayment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payment {
    /// The payment provider's name for it.
    pub transaction_id: String,
}

/// The input of `CreateShipment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShipmentRequest {
    /// For which order.
    pub order_id: String,
    /// What goes into the parcel.
    pub items: Vec<OrderItem>,
    /// Where it goes.
    pub address: String,
}

/// A parcel on its way: the answer to `CreateShipment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shipment {
    /// The carrier's name for it.
    pub shipment_id: String,
}

/// The input of `SendNotification`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notification {
    /// Who gets it.
    pub user_id: String,
    /// About which order.
    pub order_id: String,
    /// What it says.
    pub message: String,
}

// From references throughout: a workflow keeps what it knows, and each activity copies out of it what it needs.

impl From<&Self> for Order {
    fn from(order: &Self) -> Self {
        order.clone()
    }
}

impl From<&Self> for Reservation {
    fn from(reservation: &Self) -> Self {
        reservation.clone()
    }
}

impl From<&Self> for Payment {
    fn from(payment: &Self) -> Self {
        payment.clone()
    }
}

impl From<&Order> for ReservationRequest {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            items: order.items.clone(),
        }
    }
}

impl From<&Order> for PaymentRequest {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            user_id: order.user_id.clone(),
            amount: order.total,
            currency: order.currency.clone(),
        }
    }
}

impl From<&Order> for ShipmentRequest {
    fn from(order: &Order) -> Self {
        Self {
            order_id: order.order_id.clone(),
            items: order.items.clone(),
            address: order.shipping_address.clone(),
        }
    }
}

impl From<&Order> for Notification {
    fn from(order: &Order) -> Self {
        Self {
            user_id: order.user_id.clone(),
            order_id: order.order_id.clone(),
            message: format!("Order {} confirmed", order.order_id),
        }
    }
}
