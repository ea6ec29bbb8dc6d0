//! Findings for programs.

use serde_json::{Value, json};

use super::super::{Finding, Severity};
use super::{count, page};

/// All findings, and how many of each severity.
pub fn json(findings: &[Finding]) -> Value {
    let all: Vec<Value> = findings
        .iter()
        .map(|finding| {
            json!({
                "rule": finding.rule.id,
                "severity": finding.rule.severity.name(),
                "event": finding.event,
                "otherEvents": finding.also,
                "title": finding.rule.title,
                "found": finding.what,
                "why": finding.rule.why,
                "todo": finding.todo,
                "docs": page(finding.rule),
            })
        })
        .collect();
    json!({
        "findings": all,
        "errors": count(findings, Severity::Error),
        "warnings": count(findings, Severity::Warning),
        "notes": count(findings, Severity::Note),
    })
}
