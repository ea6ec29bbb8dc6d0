//! How things stand at the end of all entries: in numbers for checking promises, in words for showing.

use super::payments::{Amounts, Payments};
use super::stock::{Pieces, counted};
use super::{Ledgers, Place, money};
use crate::base::sorted::SortedMap;

/// How things stand, in numbers. Where a product or a currency is missing, it is zero.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Balance {
    /// Pieces in the warehouse by product id, reserved ones included.
    pub on_hand: Pieces,
    /// Pieces promised to an order that neither shipped nor was released.
    pub reserved: Pieces,
    /// Pieces handed to the carrier.
    pub sold: Pieces,
    /// Everything ever charged, in minor units, all currencies in one: worlds are checked with one currency.
    pub captured_minor: u64,
    /// Everything given back, likewise.
    pub refunded_minor: u64,
    /// Parcels handed to the carrier.
    pub parcels: u32,
    /// Mails sent.
    pub mails: u32,
    /// Whatever else is counted, by what it is called.
    pub counts: SortedMap<&'static str, u64>,
}

/// One fact about the world, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `customer charged`.
    pub label: &'static str,
    /// `€89.00`; `none` for zero.
    pub value: String,
}

pub(super) fn balance(ledgers: &Ledgers) -> Balance {
    let total = |of: fn(&Payments) -> Amounts| {
        let both = [of(&ledgers.payments), of(&ledgers.fallback)];
        let amounts = both.iter().flat_map(|amounts| amounts.values());
        amounts.fold(0, |total: u64, amount| total.saturating_add(*amount))
    };
    Balance {
        on_hand: ledgers.stock.on_hand().clone(),
        reserved: ledgers.stock.reserved(),
        sold: ledgers.stock.sold().clone(),
        captured_minor: total(Payments::captured),
        refunded_minor: total(Payments::refunded),
        parcels: ledgers.carrier.parcels(),
        mails: ledgers.mail.sent(),
        counts: SortedMap::from([("orders packed", ledgers.packing.packed())]),
    }
}

/// The facts of these services. The stock's, which one looks at first, come first.
pub(super) fn facts(places: &[Place], ledgers: &Ledgers) -> Vec<Fact> {
    let mut places = places.to_vec();
    places.sort_by_key(|place| *place != Place::Stock);
    places.into_iter().flat_map(|place| of_place(place, ledgers)).collect()
}

fn of_place(place: Place, ledgers: &Ledgers) -> Vec<Fact> {
    let fact = |label, value| Fact { label, value };
    match place {
        Place::Stock => vec![
            fact("stock on hand", counted(ledgers.stock.on_hand())),
            fact("stock reserved", counted(&ledgers.stock.reserved())),
            fact("stock sold", counted(ledgers.stock.sold())),
        ],
        Place::Payments => vec![
            fact("customer charged", amounts(&ledgers.payments.captured())),
            fact("customer refunded", amounts(&ledgers.payments.refunded())),
        ],
        Place::Carrier => vec![fact("parcels", number(ledgers.carrier.parcels().into()))],
        Place::Mail => vec![fact("mails", number(ledgers.mail.sent().into()))],
        Place::Fallback => vec![
            fact("charged by fallback", amounts(&ledgers.fallback.captured())),
            fact("refunded by fallback", amounts(&ledgers.fallback.refunded())),
        ],
        Place::Packing => vec![fact("orders packed", number(ledgers.packing.packed()))],
    }
}

fn amounts(amounts: &Amounts) -> String {
    let amounts: Vec<_> = amounts
        .iter()
        .map(|(currency, minor)| money(*minor, currency))
        .collect();
    if amounts.is_empty() {
        "none".to_owned()
    } else {
        amounts.join(" + ")
    }
}

fn number(count: u64) -> String {
    if count == 0 {
        "none".to_owned()
    } else {
        count.to_string()
    }
}
