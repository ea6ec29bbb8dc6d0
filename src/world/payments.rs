//! The payment provider: what customers were charged, and what of it they got back.

use crate::base::sorted::SortedMap;
use crate::workflows::order_activities::{Payment, PaymentRequest};

use super::idempotency::{Answers, again};
use super::journal::{Pen, Place};
use super::{EntryKind, money};

/// Minor units by currency.
pub(super) type Amounts = SortedMap<String, u64>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Payments {
    /// `tx-1` is the first.
    charges: Vec<Charge>,
    answers: Answers,
}

#[derive(Clone, Debug, PartialEq)]
struct Charge {
    amount: u64,
    currency: String,
    refunded: bool,
}

impl Payments {
    pub(super) fn new(keys: bool) -> Self {
        Self {
            charges: Vec::new(),
            answers: Answers::new(keys),
        }
    }

    /// Takes the customer's money.
    pub(super) fn capture(&mut self, pen: &mut Pen, request: &PaymentRequest) -> Payment {
        if let Some(transaction_id) = self.answers.recall(pen, Place::Payments) {
            return Payment { transaction_id };
        }
        let transaction_id = format!("tx-{}", self.charges.len() + 1);
        let kind = self.answers.remember(pen, &transaction_id);
        let amount = money(request.amount, &request.currency);
        pen.write(
            Place::Payments,
            kind,
            format!("captured {amount}{} ({transaction_id})", again(kind)),
        );
        self.charges.push(Charge {
            amount: request.amount,
            currency: request.currency.clone(),
            refunded: false,
        });
        Payment { transaction_id }
    }

    /// Gives the whole of a charge back, once. A charge that does not exist is nothing to give back.
    pub(super) fn refund(&mut self, pen: &mut Pen, Payment { transaction_id }: &Payment) {
        let number = transaction_id
            .strip_prefix("tx-")
            .and_then(|number| number.parse::<usize>().ok());
        let charge = number.and_then(|number| self.charges.get_mut(number.checked_sub(1)?));
        let (kind, text) = match charge {
            None => (
                EntryKind::Moot,
                format!("no transaction {transaction_id}: nothing to refund"),
            ),
            Some(Charge { refunded: true, .. }) => {
                (EntryKind::Repeated, format!("{transaction_id} was refunded before"))
            }
            Some(charge) => {
                charge.refunded = true;
                let amount = money(charge.amount, &charge.currency);
                (EntryKind::Undid, format!("refunded {amount} ({transaction_id})"))
            }
        };
        pen.write(Place::Payments, kind, text);
    }

    /// Everything ever taken; refunds do not lessen it.
    pub(super) fn captured(&self) -> Amounts {
        Self::sum(self.charges.iter())
    }

    /// Everything given back.
    pub(super) fn refunded(&self) -> Amounts {
        Self::sum(self.charges.iter().filter(|charge| charge.refunded))
    }

    /// Sums stop at the largest amount: a sum that wrapped around would hide the very thing it is there to show.
    fn sum<'a>(charges: impl Iterator<Item = &'a Charge>) -> Amounts {
        let mut sum = Amounts::new();
        for charge in charges {
            let amount = sum.get_or_default(charge.currency.clone());
            *amount = amount.saturating_add(charge.amount);
        }
        sum
    }
}
