//! How things stand at the end of all entries: in numbers for checking promises, in words for showing.

use super::payments::{Amounts, Payments};
use super::stock::{Pieces, counted};
use super::{Entry, EntryKind, Fact, Ledgers, System, money};
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

impl Balance {
    /// Every number under its name, zero or not, so that two can be compared line by line; money in that currency.
    pub(super) fn facts(&self, currency: &str) -> Vec<Fact> {
        let number = |label: &str, number: u64| Fact {
            label: label.to_owned(),
            value: number.to_string(),
        };
        let stock = |label: &str, pieces: &Pieces| Fact {
            label: label.to_owned(),
            value: counted(pieces),
        };
        let amount = |label: &str, minor: u64| Fact {
            label: label.to_owned(),
            value: money(minor, currency),
        };
        let mut facts = vec![
            amount("charged", self.captured_minor),
            amount("refunded", self.refunded_minor),
            number("parcels", self.parcels.into()),
            number("mails", self.mails.into()),
        ];
        facts.extend(self.counts.iter().map(|(what, count)| number(what, *count)));
        facts.extend([
            stock("stock on hand", &self.on_hand),
            stock("stock reserved", &self.reserved),
            stock("stock sold", &self.sold),
        ]);
        facts
    }
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
        counts: SortedMap::from([
            ("orders packed", ledgers.packing.packed()),
            ("accounts waiting", ledgers.accounts.waiting()),
            ("accounts active", ledgers.accounts.active()),
            ("accounts deleted", ledgers.accounts.deleted()),
            ("purchases", ledgers.purchases.entries().into()),
            ("calls answered", ledgers.partner.entries().into()),
            ("records copied", ledgers.replica.records()),
            ("records copied twice", ledgers.replica.doubled()),
            ("their sum", ledgers.replica.cents()),
        ]),
    }
}

/// The facts of these services. The stock's, which one looks at first, come first.
pub(super) fn facts(systems: &[System], ledgers: &Ledgers, entries: &[Entry]) -> Vec<Fact> {
    let mut systems = systems.to_vec();
    systems.sort_by_key(|system| *system != System::Stock);
    let facts = systems
        .into_iter()
        .flat_map(|system| of_place(system, ledgers, entries));
    facts.collect()
}

fn of_place(system: System, ledgers: &Ledgers, entries: &[Entry]) -> Vec<Fact> {
    let fact = |label: &str, value| Fact {
        label: label.to_owned(),
        value,
    };
    match system {
        System::Stock => vec![
            fact("stock on hand", counted(ledgers.stock.on_hand())),
            fact("stock reserved", counted(&ledgers.stock.reserved())),
            fact("stock sold", counted(ledgers.stock.sold())),
        ],
        System::Payments => vec![
            fact("customer charged", amounts(&ledgers.payments.captured())),
            fact("customer refunded", amounts(&ledgers.payments.refunded())),
        ],
        System::Carrier => vec![fact("parcels", number(ledgers.carrier.parcels().into()))],
        System::Mail => vec![fact("mails", number(ledgers.mail.sent().into()))],
        System::Fallback => vec![
            fact("charged by fallback", amounts(&ledgers.fallback.captured())),
            fact("refunded by fallback", amounts(&ledgers.fallback.refunded())),
        ],
        System::Packing => vec![fact("orders packed", number(ledgers.packing.packed()))],
        System::Accounts => vec![
            fact("accounts waiting", number(ledgers.accounts.waiting())),
            fact("accounts active", number(ledgers.accounts.active())),
            fact("accounts deleted", number(ledgers.accounts.deleted())),
        ],
        System::Purchases => vec![fact("purchases", number(ledgers.purchases.entries().into()))],
        System::Partner => {
            let in_vain = |entry: &&Entry| entry.system == system.name() && entry.kind == EntryKind::Refused;
            vec![
                fact("calls answered", number(ledgers.partner.entries().into())),
                fact("calls in vain", number(entries.iter().filter(in_vain).count() as u64)),
            ]
        }
        System::Replica => vec![
            fact("records copied", number(ledgers.replica.records())),
            fact("records twice", number(ledgers.replica.doubled())),
            fact("sum copied", money(ledgers.replica.cents(), "EUR")),
        ],
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
