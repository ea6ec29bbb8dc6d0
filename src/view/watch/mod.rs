//! A run as the tools of operators see it: a trace as OTLP JSON, metrics as a table or as Prometheus text, failure rates.
//!
//! [`Watch`] steps a world and has a [`book`] of all [`work`] that is done in it; everything else is made of that and of
//! the histories. [`trace`] makes [`span`]s, [`otlp`] writes them. [`sdk`] and [`server`] say which [`metric`]s there
//! are, [`table`] and [`prometheus`] write them. [`rate`] is what an [`alert`] is made of.

pub mod alert;
pub mod book;
pub mod metric;
pub mod otlp;
pub mod prometheus;
pub mod rate;
pub mod sdk;
pub mod server;
pub mod span;
pub mod table;
pub mod trace;
pub mod work;

use self::book::WorkBook;
use self::metric::Metrics;
use self::rate::{Ends, Of};
use self::span::TraceSpan;
use crate::sim::{Sim, Verdict};

/// A world that is watched.
pub struct Watch {
    sim: Sim,
    book: WorkBook,
}

impl Watch {
    /// Watches a world in which nothing has happened yet.
    pub fn of(sim: Sim) -> Self {
        Self {
            sim,
            book: WorkBook::default(),
        }
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            let Some(record) = self.sim.step().cloned() else {
                return true;
            };
            self.book.see(&self.sim, &record);
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

    /// All work that was done so far.
    pub fn book(&self) -> &WorkBook {
        &self.book
    }

    /// The trace so far, of all runs.
    pub fn spans(&self) -> Vec<TraceSpan> {
        trace::spans(&self.sim, &self.book)
    }

    /// The trace so far as an OTLP request.
    pub fn otlp(&self) -> serde_json::Value {
        otlp::request(&self.sim, &self.spans())
    }

    /// What workers and Service have measured so far.
    pub fn metrics(&self) -> Metrics {
        let mut metrics = Metrics::default();
        sdk::measure(&self.sim, &self.book, &mut metrics);
        server::measure(&self.sim, &self.book, &mut metrics);
        metrics
    }

    /// What has ended so far and how, for failure rates.
    pub fn ends(&self, of: Of<'_>) -> Ends {
        Ends::new(&self.sim, &self.book, of)
    }
}
