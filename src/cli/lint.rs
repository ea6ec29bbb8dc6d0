//! `sagascope lint`: what is unwise in a history, has gone wrong in it, or is about to.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::study::lint::report::{self, Artifact};
use crate::study::lint::{self, Extent, Finding, Severity};

use super::{Exit, Unusable, history_file};

#[derive(clap::Args)]
pub struct Arguments {
    /// A history as the Temporal CLI or Web UI exports it.
    #[arg(required_unless_present = "rules")]
    file: Option<PathBuf>,
    /// Say nothing of what this rule finds. May be given several times.
    #[arg(long, value_name = "RULE")]
    allow: Vec<String>,
    /// List the rules instead: severity, id, what they find.
    #[arg(long, conflicts_with_all = ["file", "allow", "json", "sarif"])]
    rules: bool,
    /// As JSON.
    #[arg(long)]
    json: bool,
    /// As SARIF 2.1.0.
    #[arg(long, conflicts_with = "json")]
    sarif: bool,
}

pub(crate) fn lint(arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let Some(file) = arguments.file.as_ref().filter(|_| !arguments.rules) else {
        write!(out, "{}", report::rules_text())?;
        return Ok(Exit::Done);
    };
    for id in &arguments.allow {
        known(id)?;
    }
    let read = history_file::read(file)?;
    let extent = if read.is_complete() {
        Extent::Whole
    } else {
        Extent::Beginning
    };
    let mut findings = lint::lint(&read.history.events, extent);
    findings.retain(|finding| !arguments.allow.iter().any(|id| id == finding.rule.id));
    if arguments.sarif {
        let text = fs::read_to_string(file).ok();
        let artifact = Artifact::of(&file.to_string_lossy(), text.as_deref());
        writeln!(out, "{:#}", report::sarif(&findings, &artifact))?;
    } else if arguments.json {
        writeln!(out, "{:#}", report::json(&findings))?;
    } else {
        write!(out, "{}", report::text(&findings))?;
    }
    let grave = |finding: &Finding| finding.rule.severity >= Severity::Warning;
    Ok(if findings.iter().any(grave) {
        Exit::Unsettled
    } else {
        Exit::Done
    })
}

fn known(id: &str) -> Result<(), Unusable> {
    if lint::rule(id).is_some() {
        return Ok(());
    }
    let meant = lint::nearest_id(id);
    let meant = meant
        .map(|meant| format!(" Perhaps you mean {meant}."))
        .unwrap_or_default();
    Err(Unusable(format!(
        "there is no rule “{id}”.{meant} `sagascope lint --rules` lists them."
    )))
}
