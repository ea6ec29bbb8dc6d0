//! What the catalogue's workflows promise about the outside world.
//!
//! A promise compares the ledgers with what the workflow said it had done. One file a family of workflows; this one
//! finds the file.

mod approval;
mod breaker;
mod order;
mod payment;
mod registration;
mod sync;

use crate::catalogue::world::World;
use crate::sim::promise::{End, Promise};

/// What a workflow of this type promises; nothing for one that does nothing to the outside.
pub fn of(workflow_type: &str) -> Vec<Promise> {
    match workflow_type {
        "OrderOrchestration" | "OrderFulfilment" | "CarefulOrder" => order::shipped(),
        "OrderProcessing" => order::processed(),
        "OrderWithPacking" => order::packed(),
        "PaymentWithFallback" | "ReconciledPayment" | "Charge" | "ChargeInFloats" => vec![payment::money()],
        "UserRegistration" => vec![registration::account()],
        "Approval" => vec![approval::purchase()],
        "CircuitBreaker" => vec![breaker::spared(), breaker::answered()],
        "BreakerPerCall" => vec![breaker::spared()],
        "DataSync" => vec![sync::copy()],
        _ => Vec::new(),
    }
}

/// How many of that there are in the world.
fn count(end: &End<'_>, what: &str) -> u64 {
    let counts = World::of(end.sim()).balance().counts;
    counts.get(what).copied().unwrap_or(0)
}
