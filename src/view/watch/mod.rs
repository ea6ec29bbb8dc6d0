//! A run as the tools of operators see it: a trace as OTLP JSON, metrics as a table or as Prometheus text, failure rates.
//!
//! [`Watch`] steps a world and has its [chronicle](super::chronicle) written down; everything else is made of that and of
//! the histories. [`trace`] makes [`span`]s, [`otlp`] writes them. [`sdk`] and [`server`] say which [`metric`]s there
//! are, [`table`] and [`prometheus`] write them. [`rate`] is what an [`alert`] is made of.

#![warn(clippy::wildcard_enum_match_arm)]

pub mod alert;
pub mod metric;
pub mod otlp;
pub mod prometheus;
pub mod rate;
pub mod sdk;
pub mod server;
pub mod span;
pub mod table;
pub mod trace;

use self::metric::Metrics;
use self::rate::{Ends, Of};
use self::span::TraceSpan;
use super::chronicle::Chronicle;
use crate::sim::{Sim, Verdict};

/// A world that is watched.
pub struct Watch {
    sim: Sim,
    chronicle: Chronicle,
}

impl Watch {
    /// Watches a world in which nothing has happened yet.
    pub fn of(sim: Sim) -> Self {
        Self {
            chronicle: Chronicle::new(&sim),
            sim,
        }
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            if self.sim.step().is_none() {
                return true;
            }
            if let Some(record) = self.sim.records().last() {
                self.chronicle.see(&self.sim, record);
            }
        }
        self.sim.verdict() != Verdict::Running
    }

    /// Steps until nothing is due any more.
    pub fn run_to_end(&mut self) -> Verdict {
        while !self.advance(u32::MAX) {}
        self.sim.verdict()
    }

    /// The world as it stands now.
    pub fn sim(&self) -> &Sim {
        &self.sim
    }

    /// What happened so far.
    pub fn chronicle(&self) -> &Chronicle {
        &self.chronicle
    }

    /// The trace so far, of all runs.
    pub fn spans(&self) -> Vec<TraceSpan> {
        trace::spans(&self.sim, &self.chronicle.hands)
    }

    /// The trace so far as an OTLP request.
    pub fn otlp(&self) -> serde_json::Value {
        otlp::request(&self.sim, &self.spans())
    }

    /// What workers and Service have measured so far.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        sdk::measure(&self.sim, &self.chronicle.hands, &mut metrics);
        server::measure(&self.sim, &self.chronicle, &mut metrics);
        metrics
    }

    /// What has ended so far and how, for failure rates.
    pub fn ends(&self, of: Of<'_>) -> Ends {
        Ends::new(&self.sim, &self.chronicle, of)
    }
}
