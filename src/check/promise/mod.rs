//! What workflows promise about the outside world, checked at the end of a run.
//!
//! A promise compares the ledgers with what the workflow said it had done. One file a family of workflows; this one
//! finds the file. While a run is open nothing is promised but that nothing is doubled.

mod order;
mod payment;

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
    let Some(result) = sim.run().and_then(|run| run.result()) else {
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
        _ => Vec::new(),
    }
}

/// The status that the closed workflow returned.
pub fn status(sim: &Sim) -> Option<String> {
    sim.run()?.result()?["status"].as_str().map(str::to_owned)
}

/// A workflow that has returned.
struct End<'a> {
    sim: &'a Sim,
    input: Value,
    result: Value,
}

impl End<'_> {
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
