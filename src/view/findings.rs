//! What the linter and the crash-risk report find in a history, as rows for a panel.

use serde::{Deserialize, Serialize};

use crate::history::proto::HistoryEvent;
use crate::study::lint::{DOCS, Extent, Finding, lint};
use crate::study::risk::{ASSUMPTIONS, Report, risks};

/// So many activities are told of.
const MOST_RISKS: usize = 50;

/// So many findings are told.
const MOST_FINDINGS: usize = 200;

/// All that was found.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Findings {
    /// What the linter found, by event.
    pub lint: Vec<LintRow>,
    /// How many more there are.
    pub more_lint: u32,
    /// What a crash would have done, the most dangerous activity first.
    pub risks: Vec<RiskRow>,
    /// How many more there are.
    pub more_risks: u32,
    /// What the risks take for granted.
    pub assumptions: Vec<String>,
}

/// Something that a rule of the linter found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct LintRow {
    /// The rule's name.
    pub rule: String,
    /// `error`, `warning`, `note`.
    pub severity: String,
    /// The event to look at.
    pub event: Option<u32>,
    /// What was found.
    pub what: String,
    /// Why it matters.
    pub why: String,
    /// What to do about it.
    pub todo: String,
    /// Temporal's page about it.
    pub page: String,
}

/// What a crash would have done to an activity.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RiskRow {
    /// The event that scheduled it.
    pub event: Option<u32>,
    /// Its type.
    pub name: String,
    /// Names and values.
    pub rows: Vec<(String, String)>,
}

/// Judges a history; `complete` is false if it goes on after its last event here.
pub fn findings(events: &[HistoryEvent], complete: bool) -> Findings {
    let extent = if complete { Extent::Whole } else { Extent::Beginning };
    let found = lint(events, extent);
    let report = risks(events);
    let dangers = report
        .dangers
        .iter()
        .filter_map(|place| report.activities.get(*place as usize));
    let more = |all: usize, most: usize| u32::try_from(all.saturating_sub(most)).unwrap_or(u32::MAX);
    Findings {
        more_lint: more(found.len(), MOST_FINDINGS),
        lint: found.into_iter().take(MOST_FINDINGS).map(lint_row).collect(),
        more_risks: more(report.dangers.len(), MOST_RISKS),
        risks: dangers
            .take(MOST_RISKS)
            .map(|activity| risk_row(&report, activity))
            .collect(),
        assumptions: ASSUMPTIONS.map(str::to_owned).to_vec(),
    }
}

fn lint_row(finding: Finding) -> LintRow {
    let rule = finding.rule;
    let also = match finding.also.len() {
        0 => String::new(),
        more => format!(" The same holds for {more} more."),
    };
    LintRow {
        rule: rule.id.to_owned(),
        severity: rule.severity.name().to_owned(),
        event: finding.event.and_then(|id| u32::try_from(id).ok()),
        what: format!("{}{also}", finding.what),
        why: rule.why.to_owned(),
        todo: finding.todo,
        page: format!("{DOCS}{}", rule.page),
    }
}

fn risk_row(report: &Report, activity: &crate::study::risk::ActivityRisk) -> RiskRow {
    let rows = report.rows(activity).into_iter();
    RiskRow {
        event: u32::try_from(activity.event).ok(),
        name: activity.activity_type.clone(),
        rows: rows.map(|(name, says)| (name.to_owned(), says)).collect(),
    }
}
