//! The outside: the services that workflows touch, and what each activity really does to them.
//!
//! A [`World`] knows no workflow, no worker, no task queue: it is called, it changes a ledger, it answers. Whether the
//! caller lives to hear the answer is none of its business, and that is the point. It reads no clock and draws no
//! chance of its own; both come in as arguments. Start with [`WorldConfig`] (what may go wrong), then `activities.rs`
//! and the lists it joins (what each activity does); one file a ledger tells what that service keeps.
//!
//! All is counted in whole pieces and minor units. What happened, including what was refused or recognised as a
//! repetition, is told in order by [`World::entries`]; how things stand, by [`World::facts`] and [`World::balance`].

mod accounts;
mod activities;
mod balance;
mod call;
mod carrier;
mod channels;
mod config;
mod idempotency;
mod journal;
mod mail;
mod money;
mod office;
mod packing;
mod partner;
mod payments;
mod register;
pub mod rehearsal;
mod replica;
mod shop;
mod stock;
mod stockroom;
mod suppliers;

pub use activities::{ACTIVITY_TYPES, unregistered};
pub use balance::{Balance, Fact};
pub use call::{ActivityError, Beats, Call, OnCancel, Parts, Plan};
pub use config::{Fault, HANG, Trouble, WorldConfig};
pub use journal::{Entry, EntryKind, Place};
pub use money::money;

use crate::base::chance::Chance;
use crate::base::time::SimTime;

/// What the services keep, and the journal of what happened there.
#[derive(Clone, Debug, PartialEq)]
pub struct World {
    config: WorldConfig,
    ledgers: Ledgers,
    journal: journal::Journal,
}

/// What each service keeps.
#[derive(Clone, Debug, PartialEq)]
struct Ledgers {
    stock: stock::Stock,
    payments: payments::Payments,
    carrier: carrier::Carrier,
    mail: mail::Mail,
    fallback: payments::Payments,
    packing: packing::Packing,
    accounts: accounts::Accounts,
    purchases: register::Register,
    partner: register::Register,
    replica: replica::Replica,
}

impl World {
    /// A world in which nothing has happened yet.
    pub fn new(config: WorldConfig) -> Self {
        let keys = config.idempotency_keys;
        Self {
            ledgers: Ledgers {
                stock: stock::Stock::new(&config.stock, keys),
                payments: payments::Payments::new(Place::Payments, keys),
                carrier: carrier::Carrier::new(keys),
                mail: mail::Mail::new(keys),
                fallback: payments::Payments::new(Place::Fallback, keys),
                packing: packing::Packing::default(),
                accounts: accounts::Accounts::new(keys),
                purchases: register::Register::new(Place::Purchases, "po", keys),
                partner: register::Register::new(Place::Partner, "call", keys),
                replica: replica::Replica::new(keys),
            },
            journal: journal::Journal::default(),
            config,
        }
    }

    /// What this world was made from.
    pub fn config(&self) -> &WorldConfig {
        &self.config
    }

    /// How long the activity function will take if it begins `now`. Drawn for the activity and the attempt, so that
    /// the same attempt takes as long in every fork of a run.
    pub fn plan(&self, chance: Chance, now: SimTime, call: &Call) -> Plan {
        activities::plan(&self.config, chance, now, call)
    }

    /// Does what the activity does to the world, once its effect is due, and says what the function will return. With
    /// several parts it is called for each, and the last one speaks for the function.
    pub fn perform(&mut self, now: SimTime, call: &Call) -> Result<serde_json::Value, ActivityError> {
        activities::perform(self, now, call)
    }

    /// Everything that happened, oldest first.
    pub fn entries(&self) -> &[Entry] {
        self.journal.entries()
    }

    /// How things stand, in words: always the same facts in the same order.
    pub fn facts(&self) -> Vec<Fact> {
        balance::facts(&self.config.places, &self.ledgers, self.entries())
    }

    /// How things stand, in numbers.
    pub fn balance(&self) -> Balance {
        balance::balance(&self.ledgers)
    }
}
