//! Findings for people: a line each, with why it matters and what to do below it; the rules, a line each.

use std::collections::BTreeMap;

use super::super::{Finding, Severity, rules};
use super::{count, page};

/// Longest line of what is wrapped.
const WIDTH: usize = 110;

/// What stands below a finding's line.
const INDENT: &str = "    ";

/// So many other events are named.
const ALSO: usize = 8;

/// All findings, and a line that counts them. Why something matters is told once for each rule.
pub fn text(findings: &[Finding]) -> String {
    let places: Vec<String> = findings.iter().map(place).collect();
    let places_width = places.iter().map(String::len).max().unwrap_or_default();
    let rules_width = findings
        .iter()
        .map(|finding| finding.rule.id.len())
        .max()
        .unwrap_or_default();
    let mut text = String::new();
    let mut told: BTreeMap<&str, &str> = BTreeMap::new();
    for (finding, place) in findings.iter().zip(&places) {
        let rule = finding.rule;
        let line = format!(
            "{place:places_width$}  {:7}  {:rules_width$}  {}",
            rule.severity.name(),
            rule.id,
            finding.what
        );
        text.push_str(line.trim_end());
        text.push('\n');
        if !finding.also.is_empty() {
            below("also", &also(&finding.also), &mut text);
        }
        let before = told.insert(rule.id, &finding.todo);
        if before.is_none() {
            below("why", rule.why, &mut text);
        }
        if before != Some(finding.todo.as_str()) {
            below("do", &finding.todo, &mut text);
        }
        if before.is_none() {
            below("see", &page(rule), &mut text);
        }
    }
    text.push_str(&summary(findings));
    text
}

fn place(finding: &Finding) -> String {
    finding
        .event
        .map_or_else(|| "history".to_owned(), |event| format!("event {event}"))
}

fn also(events: &[i64]) -> String {
    let named: Vec<String> = events.iter().take(ALSO).map(ToString::to_string).collect();
    let plural = if events.len() == 1 { "" } else { "s" };
    let more = events.len().saturating_sub(ALSO);
    let more = if more > 0 {
        format!(" and {more} more")
    } else {
        String::new()
    };
    format!("event{plural} {}{more}", named.join(", "))
}

/// A paragraph with a word before it.
fn below(label: &str, paragraph: &str, text: &mut String) {
    let mut line = format!("{INDENT}{label:4} ");
    let margin = line.len();
    let mut empty = true;
    for word in paragraph.split_whitespace() {
        if !empty && line.chars().count() + 1 + word.chars().count() > WIDTH {
            text.push_str(line.trim_end());
            text.push('\n');
            line = " ".repeat(margin);
            empty = true;
        }
        line.push_str(if empty { "" } else { " " });
        line.push_str(word);
        empty = false;
    }
    text.push_str(line.trim_end());
    text.push('\n');
}

fn summary(findings: &[Finding]) -> String {
    let counts = Severity::ALL.map(|severity| (count(findings, severity), severity));
    let told = counts.iter().filter(|(count, _)| *count > 0);
    let told: Vec<String> = told
        .map(|(count, severity)| format!("{count} {}{}", severity.name(), if *count == 1 { "" } else { "s" }))
        .collect();
    if told.is_empty() {
        "Nothing to find fault with.\n".to_owned()
    } else {
        format!("{}.\n", told.join(", "))
    }
}

/// Every rule: its severity, its id, and what it finds.
pub fn rules_text() -> String {
    let width = rules().map(|rule| rule.id.len()).max().unwrap_or_default();
    let lines = rules().map(|rule| format!("{:7}  {:width$}  {}\n", rule.severity.name(), rule.id, rule.title));
    lines.collect()
}
