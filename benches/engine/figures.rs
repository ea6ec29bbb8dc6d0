//! What was measured, as data: read, written, looked up.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// One figure.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figure {
    /// What was done: `replay`, `step`.
    pub(crate) kernel: String,
    /// On what: `in-sequence`, `order-saga`.
    pub(crate) work: String,
    /// How many events that work has; 0 where events are not counted.
    pub(crate) events: u32,
    /// Who did it: `engine`, `official`, `limit`.
    pub(crate) who: String,
    /// Nanoseconds; for the kernels that measure memory, bytes.
    pub(crate) value: f64,
}

/// All figures of one run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Figures(pub(crate) Vec<Figure>);

impl Figures {
    /// Notes a time.
    pub(crate) fn time(&mut self, kernel: &str, work: &str, events: u32, who: &str, took: Duration) {
        self.note(kernel, work, events, who, took.as_secs_f64() * 1e9);
    }

    /// Notes any figure.
    pub(crate) fn note(&mut self, kernel: &str, work: &str, events: u32, who: &str, value: f64) {
        self.0.push(Figure {
            kernel: kernel.to_owned(),
            work: work.to_owned(),
            events,
            who: who.to_owned(),
            value,
        });
    }

    /// The figure of somebody, if there is one.
    pub(crate) fn of(&self, kernel: &str, work: &str, events: u32, who: &str) -> Option<f64> {
        let wanted = |figure: &&Figure| {
            figure.kernel == kernel && figure.work == work && figure.events == events && figure.who == who
        };
        self.0.iter().find(wanted).map(|figure| figure.value)
    }

    /// These figures, measured elsewhere or at another time, as this machine now would have measured them. What the
    /// SDK's bare runtime took each time tells how fast it was; bytes stay bytes.
    pub(crate) fn on_the_machine_of(mut self, other: &Self) -> Self {
        let unit = |figures: &Self| figures.of("replay", "in-sequence", 6_005, "limit");
        let (Some(own), Some(others)) = (unit(&self), unit(other)) else {
            return self;
        };
        for figure in self.0.iter_mut().filter(|figure| !figure.kernel.ends_with("bytes")) {
            figure.value *= others / own;
        }
        self
    }
}
