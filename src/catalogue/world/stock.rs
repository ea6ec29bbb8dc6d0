//! The warehouse: pieces on hand, pieces set aside, pieces gone.
//!
//! A reserved piece is still on hand: reserving only promises it. A reservation ends when it is released or when its
//! order ships. Shipping uses up the latest reservation that its order still holds, the one the workflow knows of;
//! earlier ones, left by calls that were taken for new ones, stay, and that is the leak to be seen. What is deducted is
//! off the shelf and counts as sold at once.

use crate::base::sorted::SortedMap;
use crate::catalogue::workflows::order::OrderItem;
use crate::catalogue::workflows::order_activities::{Reservation, ReservationRequest};

use super::idempotency::{Answers, again, cancelled_before};
use super::journal::{Pen, System};
use super::{ActivityError, EntryKind};

/// Pieces by product id.
pub(super) type Pieces = SortedMap<String, u32>;

#[derive(Clone, Debug, PartialEq)]
pub(super) struct Stock {
    on_hand: Pieces,
    sold: Pieces,
    /// `res-1` is the first, or `out-1` if it was taken off the shelf at once.
    reservations: Vec<Held>,
    /// Orders that nothing is held for any more.
    cancelled: Vec<String>,
    answers: Answers,
}

#[derive(Clone, Debug, PartialEq)]
struct Held {
    order_id: String,
    pieces: Pieces,
    state: HeldState,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum HeldState {
    Reserved,
    /// Off the shelf, and could be put back.
    Deducted,
    Released,
    Shipped,
}

impl Stock {
    pub(super) fn new(on_hand: &Pieces, keys: bool) -> Self {
        Self {
            on_hand: on_hand.clone(),
            sold: Pieces::new(),
            reservations: Vec::new(),
            cancelled: Vec::new(),
            answers: Answers::new(keys),
        }
    }

    /// Sets the items aside, all of them or none.
    pub(super) fn reserve(
        &mut self,
        pen: &mut Pen,
        request: &ReservationRequest,
    ) -> Result<Reservation, ActivityError> {
        let (reservation_id, _) = self.hold(pen, request, HeldState::Reserved)?;
        Ok(Reservation { reservation_id })
    }

    /// Takes the items off the shelf, all of them or none.
    pub(super) fn deduct(&mut self, pen: &mut Pen, request: &ReservationRequest) -> Result<(), ActivityError> {
        if let (_, Some(pieces)) = self.hold(pen, request, HeldState::Deducted)? {
            for (product, count) in &pieces {
                self.take(product, *count);
            }
        }
        Ok(())
    }

    /// Whether all the items are there and promised to nobody.
    pub(super) fn has(&self, items: &[OrderItem]) -> bool {
        pieces(items)
            .iter()
            .all(|(product, wanted)| self.free(product) >= *wanted)
    }

    /// Holds the items for an order, and names what is held. The pieces only if they are held anew.
    fn hold(
        &mut self,
        pen: &mut Pen,
        request: &ReservationRequest,
        state: HeldState,
    ) -> Result<(String, Option<Pieces>), ActivityError> {
        if self.cancelled.contains(&request.order_id) {
            return Err(cancelled_before(pen, System::Stock, &request.order_id));
        }
        if let Some(id) = self.answers.recall(pen, System::Stock) {
            return Ok((id, None));
        }
        let pieces = pieces(&request.items);
        for (product, &wanted) in &pieces {
            let free = self.free(product);
            if free < wanted {
                pen.write(
                    System::Stock,
                    EntryKind::Refused,
                    format!("refused: {free} × {product} free, not {wanted}"),
                );
                let message = format!("only {free} of {wanted} pieces of {product} are free");
                return Err(ActivityError::retryable("InsufficientStock", message));
            }
        }
        let (did, prefix) = match state {
            HeldState::Deducted => ("deducted", "out"),
            _ => ("reserved", "res"),
        };
        let id = format!("{prefix}-{}", self.reservations.len() + 1);
        let kind = self.answers.remember(pen, &id);
        pen.write(
            System::Stock,
            kind,
            format!("{did} {}{} ({id})", counted(&pieces), again(kind)),
        );
        self.reservations.push(Held {
            order_id: request.order_id.clone(),
            pieces: pieces.clone(),
            state,
        });
        Ok((id, Some(pieces)))
    }

    /// Gives back everything that an order holds and has not shipped, and holds nothing for it from now on.
    pub(super) fn cancel(&mut self, pen: &mut Pen, order_id: &str) {
        let mut back = Pieces::new();
        for held in &mut self.reservations {
            if held.order_id != order_id || !matches!(held.state, HeldState::Reserved | HeldState::Deducted) {
                continue;
            }
            for (product, count) in &held.pieces {
                *back.get_or_default(product.clone()) += count;
                if held.state == HeldState::Deducted {
                    *self.on_hand.get_or_default(product.clone()) += count;
                    *self.sold.get_or_default(product.clone()) -= count;
                }
            }
            held.state = HeldState::Released;
        }
        if !self.cancelled.iter().any(|cancelled| cancelled == order_id) {
            self.cancelled.push(order_id.to_owned());
        }
        let (kind, text) = if back.is_empty() {
            (EntryKind::Moot, format!("cancelled {order_id}: it holds nothing"))
        } else {
            (
                EntryKind::Undid,
                format!("cancelled {order_id}: gave back {}", counted(&back)),
            )
        };
        pen.write(System::Stock, kind, text);
    }

    /// Gives back what a reservation holds. One that holds nothing (any more) is left as it is.
    pub(super) fn release(&mut self, pen: &mut Pen, Reservation { reservation_id }: &Reservation) {
        let number = reservation_id
            .strip_prefix("res-")
            .and_then(|number| number.parse::<usize>().ok());
        let held = number.and_then(|number| self.reservations.get_mut(number.checked_sub(1)?));
        let (kind, text) = match held {
            None => (
                EntryKind::Moot,
                format!("no reservation {reservation_id}: nothing to release"),
            ),
            Some(held) => match held.state {
                HeldState::Released => (EntryKind::Repeated, format!("{reservation_id} was released before")),
                HeldState::Shipped | HeldState::Deducted => (
                    EntryKind::Moot,
                    format!("{reservation_id} has shipped: nothing to release"),
                ),
                HeldState::Reserved => {
                    held.state = HeldState::Released;
                    (
                        EntryKind::Undid,
                        format!("released {} ({reservation_id})", counted(&held.pieces)),
                    )
                }
            },
        };
        pen.write(System::Stock, kind, text);
    }

    /// Fills a parcel. What no reservation covers comes out of the free stock, as far as it goes. `kind` is what the
    /// parcel itself is.
    pub(super) fn ship(&mut self, pen: &mut Pen, kind: EntryKind, order_id: &str, items: &[OrderItem]) {
        let of_order = |held: &&mut Held| held.order_id == order_id && held.state == HeldState::Reserved;
        let (gone, from) = match self.reservations.iter_mut().rev().find(of_order) {
            Some(held) => {
                held.state = HeldState::Shipped;
                (held.pieces.clone(), "")
            }
            None => {
                let mut gone = pieces(items);
                for (product, wanted) in &mut gone {
                    *wanted = (*wanted).min(self.free(product));
                }
                (gone, " that nobody had reserved")
            }
        };
        for (product, count) in &gone {
            self.take(product, *count);
        }
        pen.write(System::Stock, kind, format!("sold {}{from}", counted(&gone)));
    }

    pub(super) fn on_hand(&self) -> &Pieces {
        &self.on_hand
    }

    pub(super) fn sold(&self) -> &Pieces {
        &self.sold
    }

    pub(super) fn reserved(&self) -> Pieces {
        let mut reserved = Pieces::new();
        for held in self
            .reservations
            .iter()
            .filter(|held| held.state == HeldState::Reserved)
        {
            for (product, count) in &held.pieces {
                *reserved.get_or_default(product.clone()) += count;
            }
        }
        reserved
    }

    fn take(&mut self, product: &str, count: u32) {
        let on_hand = self.on_hand.get_or_default(product.to_owned());
        *on_hand = on_hand.saturating_sub(count);
        let sold = self.sold.get_or_default(product.to_owned());
        *sold = sold.saturating_add(count);
    }

    /// On hand and promised to nobody.
    fn free(&self, product: &str) -> u32 {
        let on_hand = self.on_hand.get(product).copied().unwrap_or_default();
        on_hand.saturating_sub(self.reserved().get(product).copied().unwrap_or_default())
    }
}

/// How many pieces of what, if a product stands on several lines of the order. More than can be counted is more than
/// there is, so it may as well stop there.
fn pieces(items: &[OrderItem]) -> Pieces {
    let mut pieces = Pieces::new();
    for item in items {
        let count = pieces.get_or_default(item.product_id.clone());
        *count = count.saturating_add(item.quantity);
    }
    pieces
}

/// `2 × SKU-7, 1 × SKU-9`, or `none`.
pub(super) fn counted(pieces: &Pieces) -> String {
    let counted: Vec<_> = pieces
        .iter()
        .filter(|(_, count)| **count > 0)
        .map(|(product, count)| format!("{count} × {product}"))
        .collect();
    if counted.is_empty() {
        "none".to_owned()
    } else {
        counted.join(", ")
    }
}
