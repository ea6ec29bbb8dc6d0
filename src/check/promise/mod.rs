//! What workflows promise about the outside world, checked at the end of a run.
//!
//! A promise compares the ledgers with what the workflow said it had done. One file a family of workflows; this one
//! finds the file. While a run is open nothing is promised but that nothing is doubled.

mod approval;
mod breaker;
mod order;
mod payment;
mod registration;
mod sync;

use serde_json::Value;

use crate::history::payload;
use crate::history::proto::Attributes;
use crate::sim::Sim;

/// A promise and whether it was kept.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Promise {
    /// What is promised.
    pub sentence: &'static str,
    /// Whether it was kept.
    pub held: bool,
    /// What was seen.
    pub seen: String,
}

/// Checks every promise of the workflow that the story is about. Empty while the run is open, nothing has been promised
/// yet, and for a workflow that promises nothing about the outside.
pub fn promises(sim: &Sim) -> Vec<Promise> {
    let Some(result) = result(sim) else {
        return Vec::new();
    };
    // Several may share what is looked at.
    if sim.runs().iter().any(|run| run.is_open()) {
        return Vec::new();
    }
    let end = End {
        sim,
        input: payload::first_value(sim.setup().start.input.as_ref()),
        result,
    };
    match sim.setup().start.workflow_type.as_str() {
        "OrderOrchestration" | "OrderFulfilment" | "CarefulOrder" => order::promises(&end),
        "OrderProcessing" => order::processed(&end),
        "OrderWithPacking" => order::packed(&end),
        "PaymentWithFallback" | "ReconciledPayment" | "Charge" | "ChargeInFloats" => payment::promises(&end),
        "UserRegistration" => registration::promises(&end),
        "Approval" => approval::promises(&end),
        "CircuitBreaker" | "BreakerPerCall" => breaker::promises(&end),
        "DataSync" => sync::promises(&end),
        _ => Vec::new(),
    }
}

/// The status that the closed workflow returned.
pub fn status(sim: &Sim) -> Option<String> {
    result(sim)?["status"].as_str().map(str::to_owned)
}

/// What the workflow that the story is about has returned: one that continues as new does so in a later run.
fn result(sim: &Sim) -> Option<Value> {
    sim.runs_of(&sim.setup().start.workflow_id).last()?.result()
}

/// A workflow that has returned.
struct End<'a> {
    sim: &'a Sim,
    input: Value,
    result: Value,
}

impl End<'_> {
    /// How many of that there are in the world.
    fn count(&self, what: &str) -> u64 {
        self.sim.world().balance().counts.get(what).copied().unwrap_or(0)
    }

    /// The input and result of every workflow of this type that has returned.
    fn all(&self) -> impl Iterator<Item = (Value, Value)> {
        let runs = self
            .sim
            .runs()
            .iter()
            .filter(|run| run.workflow_type == self.sim.setup().start.workflow_type);
        runs.filter_map(|run| match &run.log.events().first()?.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => {
                Some((payload::first_value(started.input.as_ref()), run.result()?))
            }
            _ => None,
        })
    }
}
