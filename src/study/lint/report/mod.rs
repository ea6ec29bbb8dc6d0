//! Findings for people and for programs: [`text`], [`json`], and [`sarif`] for what shows the findings of linters.

mod json;
mod sarif;
mod text;

pub use self::json::json;
pub use self::sarif::{Artifact, sarif};
pub use self::text::{rules_text, text};

use super::{DOCS, Finding, Rule, Severity};

/// Where to read more about what a rule finds.
fn page(rule: &Rule) -> String {
    format!("{DOCS}{}", rule.page)
}

/// How many findings weigh so much.
fn count(findings: &[Finding], severity: Severity) -> u32 {
    let found = findings.iter().filter(|finding| finding.rule.severity == severity);
    u32::try_from(found.count()).unwrap_or(u32::MAX)
}
