//! How things stand at the end of all entries: in numbers for checking promises, in words for showing.

use super::payments::Amounts;
use super::stock::{Pieces, counted};
use super::{World, money};

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
}

/// One fact about the world, in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fact {
    /// `customer charged`.
    pub label: &'static str,
    /// `€89.00`; `none` for zero.
    pub value: String,
}

pub(super) fn balance(world: &World) -> Balance {
    let total = |amounts: Amounts| {
        amounts
            .values()
            .fold(0, |total: u64, amount| total.saturating_add(*amount))
    };
    Balance {
        on_hand: world.stock.on_hand().clone(),
        reserved: world.stock.reserved(),
        sold: world.stock.sold().clone(),
        captured_minor: total(world.payments.captured()),
        refunded_minor: total(world.payments.refunded()),
        parcels: world.carrier.parcels(),
        mails: world.mail.sent(),
    }
}

pub(super) fn facts(world: &World) -> Vec<Fact> {
    let amounts = |amounts: Amounts| {
        let amounts: Vec<_> = amounts
            .iter()
            .map(|(currency, minor)| money(*minor, currency))
            .collect();
        if amounts.is_empty() {
            "none".to_owned()
        } else {
            amounts.join(" + ")
        }
    };
    let number = |count: u32| {
        if count == 0 {
            "none".to_owned()
        } else {
            count.to_string()
        }
    };
    vec![
        Fact {
            label: "stock on hand",
            value: counted(world.stock.on_hand()),
        },
        Fact {
            label: "stock reserved",
            value: counted(&world.stock.reserved()),
        },
        Fact {
            label: "stock sold",
            value: counted(world.stock.sold()),
        },
        Fact {
            label: "customer charged",
            value: amounts(world.payments.captured()),
        },
        Fact {
            label: "customer refunded",
            value: amounts(world.payments.refunded()),
        },
        Fact {
            label: "parcels",
            value: number(world.carrier.parcels()),
        },
        Fact {
            label: "mails",
            value: number(world.mail.sent()),
        },
    ]
}
