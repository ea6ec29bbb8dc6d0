//! An alert: too large a share of what ended lately has failed. When it goes off in a run, for workflows and for attempts
//! of activities.

use std::fmt::Write;

use super::Watch;
use super::rate::{Ends, Of};
use crate::base::time::{SimTime, Span};

/// When an alert goes off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// More than so many percent failed, 0 to 100,
    pub percent: u32,
    /// of what ended within this time,
    pub window: Span,
    /// if that is at least so much.
    pub least: u32,
}

impl Default for Rule {
    /// A fifth of at least three within a minute: an alert that one lost attempt does not set off.
    fn default() -> Self {
        Self {
            percent: 20,
            window: Span::secs(60),
            least: 3,
        }
    }
}

/// What became of a rule in a run.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Alerts {
    /// When too many workflow runs had failed.
    pub workflows: Option<SimTime>,
    /// When too many attempts of activities had failed.
    pub activities: Option<SimTime>,
    text: String,
}

impl Alerts {
    /// Looks at all that has happened so far.
    pub fn of(watch: &Watch, rule: Rule) -> Self {
        let (workflows, activities) = (watch.ends(Of::Workflows(None)), watch.ends(Of::Activities(None)));
        let first = |ends: &Ends| ends.first_over(rule.window, rule.percent, rule.least);
        let mut text = format!(
            "{:<22} more than {} % of at least {} that ended within {} failed\n",
            "rule", rule.percent, rule.least, rule.window
        );
        for (what, ends) in [("workflow runs", &workflows), ("attempts at activities", &activities)] {
            let all = ends.rate(watch.sim().now(), Span(u64::MAX));
            let alert = first(ends).map_or_else(
                || "no alert".to_owned(),
                |at| {
                    let then = ends.rate(at, rule.window);
                    format!(
                        "ALERT at {at}: {} of {} within {}",
                        then.failed, then.ended, rule.window
                    )
                },
            );
            writeln!(text, "{what:<22} {} of {} failed; {alert}", all.failed, all.ended)
                .expect("a string can be written");
        }
        Self {
            workflows: first(&workflows),
            activities: first(&activities),
            text,
        }
    }

    /// Whether it goes off at all.
    pub const fn any(&self) -> bool {
        self.workflows.is_some() || self.activities.is_some()
    }

    /// As lines.
    pub fn text(&self) -> &str {
        &self.text
    }
}
