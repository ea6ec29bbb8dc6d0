//! Findings as a log in SARIF 2.1.0 (OASIS), which code hosts and editors show beside a file.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::{Finding, rules};
use super::page;

/// The file that was looked at.
#[derive(Clone, Debug, Default)]
pub struct Artifact {
    /// A URI reference to it.
    uri: String,
    /// On which line an event stands, as far as that is known.
    lines: BTreeMap<i64, u32>,
}

impl Artifact {
    /// The file at this path, as it was named; `text` if it is text.
    pub fn of(path: &str, text: Option<&str>) -> Self {
        Self {
            uri: uri(path),
            lines: text.map(event_lines).unwrap_or_default(),
        }
    }
}

/// All findings as a log with one run. Every rule is in it, found or not.
pub fn sarif(findings: &[Finding], artifact: &Artifact) -> Value {
    let all: Vec<Value> = rules()
        .map(|rule| {
            json!({
                "id": rule.id,
                "shortDescription": { "text": format!("{}.", capital(rule.title)) },
                "fullDescription": { "text": rule.why },
                "help": { "text": if rule.todo.is_empty() { rule.why } else { rule.todo } },
                "helpUri": page(rule),
                "defaultConfiguration": { "level": rule.severity.name() },
            })
        })
        .collect();
    let results: Vec<Value> = findings.iter().map(|finding| result(finding, artifact)).collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": { "driver": {
                "name": "sagascope lint",
                "version": env!("CARGO_PKG_VERSION"),
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "rules": all,
            } },
            "results": results,
        }],
    })
}

fn result(finding: &Finding, artifact: &Artifact) -> Value {
    let place = finding
        .event
        .map(|event| format!("event {event}: "))
        .unwrap_or_default();
    let related: Vec<Value> = finding
        .also
        .iter()
        .map(|event| location(Some(*event), artifact))
        .collect();
    let mut result = json!({
        "ruleId": finding.rule.id,
        "ruleIndex": rules().position(|rule| rule == finding.rule),
        "level": finding.rule.severity.name(),
        "message": { "text": format!("{place}{}. {}", finding.what, finding.todo) },
        "locations": [location(finding.event, artifact)],
    });
    if !related.is_empty() {
        result["relatedLocations"] = Value::Array(related);
    }
    result
}

fn location(event: Option<i64>, artifact: &Artifact) -> Value {
    let line = event.and_then(|event| artifact.lines.get(&event)).copied().unwrap_or(1);
    let mut location = json!({
        "physicalLocation": {
            "artifactLocation": { "uri": artifact.uri },
            "region": { "startLine": line },
        },
    });
    if let Some(event) = event {
        let name = format!("event {event}");
        location["logicalLocations"] = json!([{ "name": name, "fullyQualifiedName": name, "kind": "object" }]);
    }
    location
}

fn capital(sentence: &str) -> String {
    let mut letters = sentence.chars();
    letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .chain(letters)
        .collect()
}

/// A path as a URI reference: everything but what may stand in its path is escaped.
fn uri(path: &str) -> String {
    let mut uri = String::new();
    for byte in path.replace('\\', "/").bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b'/' => uri.push(byte.into()),
            _ => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    uri
}

/// The lines on which events say which they are, in JSON that has more than one line.
fn event_lines(text: &str) -> BTreeMap<i64, u32> {
    let mut lines = BTreeMap::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim_start();
        let id = ["\"eventId\"", "\"event_id\""]
            .iter()
            .find_map(|name| line.strip_prefix(name));
        let id = id.map(|rest| rest.trim_matches(|c: char| !c.is_ascii_digit() && c != '-'));
        if let Some(id) = id.and_then(|id| id.parse().ok()) {
            lines.entry(id).or_insert(number);
        }
    }
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_is_found_on_its_line() {
        let text = "{\n  \"events\": [\n    {\n      \"eventId\": \"1\",\n    },\n    {\n      \"event_id\": 7\n";
        assert_eq!(event_lines(text), BTreeMap::from([(1, 4), (7, 7)]));
        assert!(event_lines("{\"eventId\":\"1\"}").is_empty());
    }

    #[test]
    fn a_path_becomes_a_uri() {
        assert_eq!(uri("my runs/ä#1.json"), "my%20runs/%C3%A4%231.json");
    }
}
