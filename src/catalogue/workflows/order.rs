//! An order and what became of it: the input and the result of the order workflow.
//!
//! All amounts are whole numbers of the currency's minor unit (cents), and one order has one currency, so that sums are
//! exact and two currencies can never be added up.

use serde::{Deserialize, Serialize};

/// What a customer wants: the workflow's input.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Order {
    /// Unique among all orders.
    pub order_id: String,
    /// Who pays and gets the mail.
    pub user_id: String,
    /// What is bought.
    pub items: Vec<OrderItem>,
    /// What the customer has agreed to pay, in minor units.
    pub total: u64,
    /// ISO 4217 code of every amount in this order: `EUR`.
    pub currency: String,
    /// Where the parcel goes.
    pub shipping_address: String,
}

/// A number of pieces of one product.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderItem {
    /// The shop's name for the product: `SKU-7`.
    pub product_id: String,
    /// How many pieces.
    pub quantity: u32,
    /// The price of one piece, in minor units of the order's currency.
    pub unit_price: u64,
}

/// What became of an order: the workflow's result.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OrderResult {
    /// The order it is about.
    pub order_id: String,
    /// How it ended.
    pub status: Status,
    /// The payment, if one was made; kept when it was refunded, so that the refund can be traced.
    pub transaction_id: Option<String>,
    /// The parcel, if there is one.
    pub shipment_id: Option<String>,
}

/// How an order ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Paid and shipped.
    Completed,
    /// The order contradicts itself; nothing was done.
    ValidationFailed,
    /// The stock could not be reserved; nothing was done.
    OutOfStock,
    /// The customer could not be charged; the reservation was released.
    PaymentFailed,
    /// The carrier did not take the parcel; the payment was refunded and the reservation released.
    ShipmentFailed,
    /// A large order that nobody approved in time, or somebody refused; nothing was done.
    NotApproved,
}

impl Order {
    /// What the items cost together, or `None` if that is more than an amount can hold.
    pub fn items_total(&self) -> Option<u64> {
        self.items.iter().try_fold(0_u64, |total, item| {
            let price = item.unit_price.checked_mul(u64::from(item.quantity))?;
            total.checked_add(price)
        })
    }

    /// Why this order cannot be fulfilled as it is written, in words, or `None` if it can.
    pub fn flaw(&self) -> Option<String> {
        if self.items.is_empty() {
            return Some("the order has no items".to_owned());
        }
        if let Some(item) = self.items.iter().find(|item| item.quantity == 0) {
            return Some(format!("the quantity of {} is zero", item.product_id));
        }
        match self.items_total() {
            None => Some("the items cost more than an amount can hold".to_owned()),
            Some(total) if total != self.total => {
                Some(format!("the total is {}, but the items cost {total}", self.total))
            }
            Some(_) => None,
        }
    }

    /// The result of an order that ended with neither payment nor parcel.
    pub fn ended(self, status: Status) -> OrderResult {
        OrderResult {
            order_id: self.order_id,
            status,
            transaction_id: None,
            shipment_id: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn order(items: &[(u32, u64)], total: u64) -> Order {
        Order {
            order_id: "1001".to_owned(),
            user_id: "ada".to_owned(),
            items: items
                .iter()
                .map(|&(quantity, unit_price)| OrderItem {
                    product_id: "SKU-7".to_owned(),
                    quantity,
                    unit_price,
                })
                .collect(),
            total,
            currency: "EUR".to_owned(),
            shipping_address: "1 Analytical Row".to_owned(),
        }
    }

    #[track_caller]
    fn check(items: &[(u32, u64)], total: u64, flaw: Option<&str>) {
        assert_eq!(order(items, total).flaw().as_deref(), flaw);
    }

    #[test]
    fn an_order_is_checked_against_its_items() {
        check(&[(2, 4_450)], 8_900, None);
        check(&[(2, 4_450), (1, 100)], 9_000, None);
        check(&[], 0, Some("the order has no items"));
        check(&[(1, 100), (0, 100)], 100, Some("the quantity of SKU-7 is zero"));
        check(&[(2, 4_450)], 8_901, Some("the total is 8901, but the items cost 8900"));
    }

    #[test]
    fn a_sum_that_does_not_fit_is_a_flaw_and_not_a_small_number() {
        let too_much = Some("the items cost more than an amount can hold");
        check(&[(2, 1 << 63)], 0, too_much);
        check(&[(1, u64::MAX), (1, 1)], 0, too_much);
        check(&[(1, u64::MAX)], u64::MAX, None);
    }

    #[test]
    fn statuses_are_spelled_as_agreed() {
        let spelled = [
            (Status::Completed, "completed"),
            (Status::ValidationFailed, "validation_failed"),
            (Status::OutOfStock, "out_of_stock"),
            (Status::PaymentFailed, "payment_failed"),
            (Status::ShipmentFailed, "shipment_failed"),
            (Status::NotApproved, "not_approved"),
        ];
        for (status, text) in spelled {
            assert_eq!(serde_json::to_value(status).unwrap(), text);
        }
        let result = order(&[], 0).ended(Status::OutOfStock);
        let json = r#"{"order_id":"1001","status":"out_of_stock","transaction_id":null,"shipment_id":null}"#;
        assert_eq!(serde_json::to_string(&result).unwrap(), json);
    }
}
