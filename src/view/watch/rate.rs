//! How much of what ended in a stretch of time failed: what alerts are made of.
//!
//! An attempt has ended when the Service knows its end: an answer that it took, or a limit that ran out. So a worker's
//! death counts when it is found out. A workflow has failed unless it completed, continued as new, or stopped because it
//! was asked to.

use crate::base::time::{SimTime, Span};
use crate::history::timestamp::Timestamp;
use crate::service::run::{Run, RunStatus};
use crate::sim::Sim;
use crate::view::chronicle::Chronicle;
use crate::view::chronicle::work::{End, What};

/// What is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of<'a> {
    /// Attempts of activities: of this type, or of any.
    Activities(Option<&'a str>),
    /// Workflow runs: of this type, or of any.
    Workflows(Option<&'a str>),
}

/// How many ended, and how many of them badly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct FailureRate {
    /// All that ended.
    pub ended: u32,
    /// Those that failed.
    pub failed: u32,
}

impl FailureRate {
    /// Whether more than `percent` of them failed. Nothing is not too much.
    pub const fn is_over(self, percent: u32) -> bool {
        self.failed as u64 * 100 > percent as u64 * self.ended as u64
    }
}

/// Everything that ended, with whether it failed, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ends(Vec<(SimTime, bool)>);

impl Ends {
    pub(super) fn new(sim: &Sim, chronicle: &Chronicle, of: Of<'_>) -> Self {
        let mut ends: Vec<(SimTime, bool)> = match of {
            Of::Activities(wanted) => attempts(chronicle, wanted),
            Of::Workflows(wanted) => {
                let runs = sim.runs().iter();
                runs.filter(|run| wanted.is_none_or(|wanted| run.workflow_type == wanted))
                    .filter_map(closed)
                    .collect()
            }
        };
        ends.sort_unstable();
        Self(ends)
    }

    /// Of what ended within `window` up to and including `until`.
    pub fn rate(&self, until: SimTime, window: Span) -> FailureRate {
        let from = SimTime(until.0.saturating_sub(window.0));
        let mut rate = FailureRate::default();
        for (at, failed) in &self.0 {
            // At the very beginning nothing lies before the window.
            if *at <= until && (*at > from || from == SimTime::ZERO) {
                rate.ended += 1;
                rate.failed += u32::from(*failed);
            }
        }
        rate
    }

    /// When an alert first goes off: more than `percent` failed of at least `least` that ended within the window.
    pub fn first_over(&self, window: Span, percent: u32, least: u32) -> Option<SimTime> {
        self.0.iter().map(|(at, _)| *at).find(|at| {
            let rate = self.rate(*at, window);
            rate.ended >= least && rate.is_over(percent)
        })
    }
}

fn attempts(chronicle: &Chronicle, wanted: Option<&str>) -> Vec<(SimTime, bool)> {
    let attempts = chronicle.hands.work().iter().filter_map(|work| match &work.what {
        What::Activity(attempt) if wanted.is_none_or(|wanted| attempt.activity_type == wanted) => Some((work, attempt)),
        What::WorkflowTask(_) | What::Activity(_) | What::LocalActivity(_) => None,
    });
    attempts
        .filter_map(|(work, attempt)| match attempt.timed_out {
            Some((point, _)) => Some((point.at, true)),
            None => {
                let ended = work.ended.filter(|_| attempt.accepted)?;
                Some((ended.at, matches!(work.end, End::Failed(_))))
            }
        })
        .collect()
}

fn closed(run: &Run) -> Option<(SimTime, bool)> {
    let failed = match run.status() {
        RunStatus::Running => return None,
        RunStatus::Completed | RunStatus::ContinuedAsNew | RunStatus::Canceled => false,
        RunStatus::Failed | RunStatus::Terminated | RunStatus::TimedOut => true,
    };
    let last = run.log.events().last()?.event_time?;
    Some((Timestamp::sim_time(last), failed))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_ends_where_it_is_looked_from_and_an_alert_needs_enough_to_go_by() {
        let at = |second| SimTime::ZERO + Span::secs(second);
        let ends = Ends(vec![(at(1), false), (at(2), true), (at(3), true), (at(9), false)]);
        let rate = |until, window| ends.rate(at(until), Span::secs(window));
        assert_eq!(rate(3, 2), FailureRate { ended: 2, failed: 2 });
        assert_eq!(rate(3, 60), FailureRate { ended: 3, failed: 2 });
        assert_eq!(rate(8, 2), FailureRate::default());
        assert!(!rate(8, 2).is_over(0));
        assert!(rate(3, 60).is_over(66) && !rate(3, 60).is_over(67));
        assert_eq!(ends.first_over(Span::secs(60), 50, 1), Some(at(3)));
        assert_eq!(ends.first_over(Span::secs(1), 50, 1), Some(at(2)));
        assert_eq!(ends.first_over(Span::secs(60), 50, 4), None);
    }
}
