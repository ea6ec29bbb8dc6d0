//! What a crash sweep found, for whoever has to mend it: the promise that breaks, the shortest run that breaks it, its
//! last steps, and the words that bring that run back.

use super::promise::Promised;
use super::sweep::{CrashPoint, Judgement, Sweep};
use crate::sim::spec::RunSpec;
use crate::sim::{Sim, Verdict, text};

/// So many steps before the end of a run are told.
const LAST_STEPS: usize = 12;

impl Sweep {
    /// Crashes a worker at every moment, and panics with a report if that can hurt the workflow, or if it comes to grief
    /// without a crash. A crash that uses up the last attempt of an activity is no fault as long as every promise is kept.
    ///
    /// # Panics
    ///
    /// With the report.
    #[track_caller]
    pub fn assert_holds(mut self) {
        self.run_to_end();
        if let Some(report) = self.report() {
            panic!("{report}");
        }
    }

    /// What was found at the points tried so far; `None` if there is nothing to complain of.
    pub fn report(&self) -> Option<String> {
        let base = self.base();
        if self.verdict() != Verdict::Settled {
            let what = format!("{base} does not come to an end, even if no worker dies");
            return Some(self.with_steps(&what, base));
        }
        if let Some(promise) = self.broken_without_crash().first() {
            let what = format!("{base} breaks a promise, even if no worker dies\n\n{}", about(promise));
            return Some(self.with_steps(&what, base));
        }
        let hurt: Vec<&CrashPoint> = self.points().iter().filter(|point| point.hurts()).collect();
        let shortest = hurt.iter().min_by_key(|point| (point.steps, point.step))?;
        let seen = match shortest.broken.first() {
            Some(promise) => about(promise),
            None => format!("  seen      {}", shortest.seen),
        };
        let what = format!(
            "{} of {} crash points hurt {base}\n\n{seen}\n  how       worker {} dies when {} steps are done, and is restarted",
            hurt.len(),
            self.points().len(),
            shortest.worker,
            shortest.step
        );
        Some(self.with_steps(&what, &shortest.spec))
    }

    fn with_steps(&self, what: &str, spec: &RunSpec) -> String {
        let sim = Sim::with(self.setup().clone(), spec.seed, spec.choices.clone());
        let mut sim = sim.expect("it has been run before");
        sim.run_to_end();
        let mut lines = vec![what.to_owned(), String::new()];
        let records = sim.records();
        let from = records.len().saturating_sub(LAST_STEPS);
        if from > 0 {
            lines.push(format!("  … {from} steps before these"));
        }
        let name = |run| sim.service().run(run).workflow_id.as_str();
        lines.extend(
            records[from..]
                .iter()
                .map(|record| format!("  {}", text::line(record, name))),
        );
        lines.extend([String::new(), format!("repro: {spec}")]);
        lines.join("\n")
    }
}

fn about(Promised { sentence, seen, .. }: &Promised) -> String {
    format!("  promise   {sentence}\n  seen      {seen}")
}

impl CrashPoint {
    /// Whether it is a fault of the workflow's. A crash that only uses up the last attempt of an activity is none, as long
    /// as every promise is kept.
    pub fn hurts(&self) -> bool {
        !self.broken.is_empty() || matches!(self.judgement, Judgement::Broken | Judgement::Unsettled)
    }
}
