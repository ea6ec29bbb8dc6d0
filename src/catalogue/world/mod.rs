//! The outside: the services that workflows touch, and what each activity really does to them.
//!
//! A [`World`] is the [`Outside`] of every story of the catalogue: it is called, it changes a ledger, it answers. Start with [`WorldConfig`] (what may go wrong), then `activities.rs`
//! and the lists it joins (what each activity does); one file a ledger tells what that service keeps.
//!
//! All is counted in whole pieces and minor units. What happened, including what was refused or recognised as a
//! repetition, is told in order by [`Outside::entries`]; how things stand, by [`Outside::facts`] and [`World::balance`].

mod accounts;
mod activities;
mod balance;
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

pub use activities::ACTIVITY_TYPES;
pub use balance::Balance;
pub use config::{HANG, Mishap, Obstacle, WorldConfig};
pub use journal::System;
pub use money::money;

use serde_json::Value;

use crate::base::chance::Chance;
use crate::base::time::SimTime;
use crate::sim::Sim;
use crate::sim::outside::{ActivityError, Call, Entry, EntryKind, Fact, Outside, Plan};
use crate::sim::setup::Setup;

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
                payments: payments::Payments::new(System::Payments, keys),
                carrier: carrier::Carrier::new(keys),
                mail: mail::Mail::new(keys),
                fallback: payments::Payments::new(System::Fallback, keys),
                packing: packing::Packing::default(),
                accounts: accounts::Accounts::new(keys),
                purchases: register::Register::new(System::Purchases, "po", keys),
                partner: register::Register::new(System::Partner, "call", keys),
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

    /// How things stand, in numbers.
    pub fn balance(&self) -> Balance {
        balance::balance(&self.ledgers)
    }

    /// The world of a run.
    ///
    /// # Panics
    ///
    /// If the run has another outside than this.
    pub fn of(sim: &Sim) -> &Self {
        sim.outside().downcast().expect("a run of the catalogue has its world")
    }

    /// What the world of a set-up is made from.
    ///
    /// # Panics
    ///
    /// If the set-up has another outside than this.
    pub fn config_of(setup: &Setup) -> &WorldConfig {
        let world: Option<&Self> = setup.outside.downcast();
        world.expect("a story of the catalogue has its world").config()
    }
}

impl Outside for World {
    fn plan(&self, chance: Chance, now: SimTime, call: &Call<'_>) -> Plan {
        activities::plan(&self.config, chance, now, call)
    }

    fn perform(&mut self, _: Chance, now: SimTime, call: &Call<'_>) -> Result<Value, ActivityError> {
        activities::perform(self, now, call)
    }

    fn entries(&self) -> &[Entry] {
        self.journal.entries()
    }

    fn facts(&self) -> Vec<Fact> {
        balance::facts(&self.config.systems, &self.ledgers, self.entries())
    }

    fn systems(&self) -> Vec<String> {
        self.config
            .systems
            .iter()
            .map(|system| system.name().to_owned())
            .collect()
    }

    fn snapshot(&self) -> Vec<Fact> {
        let charged = self.ledgers.payments.captured();
        let currency = charged.keys().next().map_or("EUR", String::as_str);
        self.balance().facts(currency)
    }

    fn copy(&self) -> Box<dyn Outside> {
        Box::new(self.clone())
    }
}
