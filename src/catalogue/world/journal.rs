//! Everything that happened in the world, in order. Append-only: the ledgers say how things stand, this says how they
//! came to.

use crate::base::time::SimTime;

use super::{Call, Entry, EntryKind};

/// A service.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum System {
    /// The warehouse.
    Stock,
    /// The payment provider.
    Payments,
    /// The carrier.
    Carrier,
    /// The mail server.
    Mail,
    /// The payment provider that is asked when the usual one fails.
    Fallback,
    /// The packing tables.
    Packing,
    /// Where users have their accounts.
    Accounts,
    /// The purchasing department.
    Purchases,
    /// A partner's service.
    Partner,
    /// A copy of tables.
    Replica,
}

impl System {
    /// What an order touches, in the order in which it is shown.
    pub const SHOP: [Self; 4] = [Self::Payments, Self::Stock, Self::Carrier, Self::Mail];

    /// As it is shown: `Payments`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Stock => "Stock",
            Self::Payments => "Payments",
            Self::Carrier => "Carrier",
            Self::Mail => "Mail",
            Self::Fallback => "Fallback",
            Self::Packing => "Packing",
            Self::Accounts => "Accounts",
            Self::Purchases => "Purchases",
            Self::Partner => "Partner",
            Self::Replica => "Replica",
        }
    }

    /// The fact that something done twice makes wrong.
    pub const fn fact(self) -> &'static str {
        match self {
            Self::Stock => "stock reserved",
            Self::Payments => "customer charged",
            Self::Carrier => "parcels",
            Self::Mail => "mails",
            Self::Fallback => "charged by fallback",
            Self::Packing => "orders packed",
            Self::Accounts => "accounts waiting",
            Self::Purchases => "purchases",
            Self::Partner => "calls answered",
            Self::Replica => "records copied",
        }
    }
}

#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Journal(Vec<Entry>);

impl Journal {
    pub(super) fn entries(&self) -> &[Entry] {
        &self.0
    }

    /// A pen for what one call does.
    pub(super) fn pen(&mut self, at: SimTime, call: &Call) -> Pen<'_> {
        Pen {
            journal: self,
            at,
            activity_type: call.activity_type.to_owned(),
            key: call.key(),
            attempt: call.attempt,
        }
    }
}

/// Writes entries that all belong to one call.
pub(super) struct Pen<'a> {
    journal: &'a mut Journal,
    at: SimTime,
    activity_type: String,
    key: String,
    attempt: u32,
}

impl Pen<'_> {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    pub(super) fn write(&mut self, system: System, kind: EntryKind, text: impl Into<String>) {
        self.journal.0.push(Entry {
            at: self.at,
            system: system.name().to_owned(),
            kind,
            text: text.into(),
            spoils: (kind == EntryKind::Doubled).then(|| system.fact().to_owned()),
            activity_type: self.activity_type.clone(),
            key: self.key.clone(),
            attempt: self.attempt,
        });
    }
}
