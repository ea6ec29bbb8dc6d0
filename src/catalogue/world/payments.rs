//! A payment provider: what customers were charged, and what of it they got back. There are two of them.

use crate::base::sorted::SortedMap;
use crate::catalogue::workflows::order_activities::{Payment, PaymentRequest};

use super::idempotency::{Answers, again, cancelled_before};
use super::journal::{Pen, System};
use super::{ActivityError, EntryKind, money};

/// Minor units by currency.
pub(super) type Amounts = SortedMap<String, u64>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Payments {
    /// `tx-1` is the first; `alt-1` at the other provider.
    charges: Vec<Charge>,
    /// Orders that nothing is taken for any more.
    cancelled: Vec<String>,
    system: System,
    answers: Answers,
}

#[derive(Clone, Debug, PartialEq)]
struct Charge {
    order_id: String,
    amount: u64,
    currency: String,
    refunded: bool,
}

impl Payments {
    pub(super) fn new(system: System, keys: bool) -> Self {
        Self {
            charges: Vec::new(),
            cancelled: Vec::new(),
            system,
            answers: Answers::new(keys),
        }
    }

    /// Takes the customer's money.
    pub(super) fn capture(&mut self, pen: &mut Pen, request: &PaymentRequest) -> Result<Payment, ActivityError> {
        if self.cancelled.contains(&request.order_id) {
            return Err(cancelled_before(pen, self.system, &request.order_id));
        }
        if let Some(transaction_id) = self.answers.recall(pen, self.system) {
            return Ok(Payment { transaction_id });
        }
        let prefix = if self.system == System::Fallback { "alt" } else { "tx" };
        let transaction_id = format!("{prefix}-{}", self.charges.len() + 1);
        let kind = self.answers.remember(pen, &transaction_id);
        let amount = money(request.amount, &request.currency);
        pen.write(
            self.system,
            kind,
            format!("captured {amount}{} ({transaction_id})", again(kind)),
        );
        self.charges.push(Charge {
            order_id: request.order_id.clone(),
            amount: request.amount,
            currency: request.currency.clone(),
            refunded: false,
        });
        Ok(Payment { transaction_id })
    }

    /// Gives back everything that was taken for an order, and takes nothing for it from now on.
    pub(super) fn cancel(&mut self, pen: &mut Pen, order_id: &str) {
        let mut back = Amounts::new();
        let of_order = |charge: &&mut Charge| charge.order_id == order_id && !charge.refunded;
        for charge in self.charges.iter_mut().filter(of_order) {
            charge.refunded = true;
            let amount = back.get_or_default(charge.currency.clone());
            *amount = amount.saturating_add(charge.amount);
        }
        if !self.cancelled.iter().any(|cancelled| cancelled == order_id) {
            self.cancelled.push(order_id.to_owned());
        }
        if back.is_empty() {
            let text = format!("cancelled {order_id}: nothing was taken");
            pen.write(self.system, EntryKind::Moot, text);
        }
        for (currency, amount) in &back {
            let text = format!("cancelled {order_id}: refunded {}", money(*amount, currency));
            pen.write(self.system, EntryKind::Undid, text);
        }
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
        pen.write(self.system, kind, text);
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
