//! `sagascope trace` and `sagascope metrics`: a run for the tools that operators have.

use std::fs;
use std::io::Write;
use std::path::PathBuf;

use crate::base::time::Span;
use crate::sim::spec::SpecError;
use crate::sim::story::Catalogue;
use crate::sim::text;
use crate::view::watch::alert::{Alerts, Rule};
use crate::view::watch::{Watch, prometheus, table};

use super::{Exit, Unusable};

#[derive(clap::Args)]
pub struct TraceArguments {
    /// Story id or address.
    story: String,
    /// Write it there, not to standard output.
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
}

#[derive(clap::Args)]
pub struct MetricsArguments {
    /// Story id or address.
    story: String,
    /// As text in Prometheus' exposition format, not as a table.
    #[arg(long)]
    prometheus: bool,
}

#[derive(clap::Args)]
pub struct AlertArguments {
    /// Story id or address.
    story: String,
    /// The alert goes off when more than so many percent failed.
    #[arg(long, value_name = "PERCENT", default_value_t = Rule::default().percent, value_parser = clap::value_parser!(u32).range(..=100))]
    over: u32,
    /// Of what ended within this time: 30s, 5m, 1h.
    #[arg(long, value_name = "TIME", default_value = "1m")]
    within: String,
    /// If that is at least so much.
    #[arg(long, value_name = "COUNT", default_value_t = Rule::default().least)]
    least: u32,
}

pub(crate) fn trace(catalogue: Catalogue, arguments: &TraceArguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let otlp = watched(catalogue, &arguments.story)?.otlp();
    // On one line, as OpenTelemetry's file exporters write it: some readers go by the line.
    let line = otlp.to_string() + "\n";
    match &arguments.out {
        Some(path) => {
            fs::write(path, line).map_err(|error| Unusable(format!("cannot write {}: {error}", path.display())))?;
        }
        None => write!(out, "{line}")?,
    }
    Ok(Exit::Done)
}

pub(crate) fn metrics(
    catalogue: Catalogue,
    arguments: &MetricsArguments,
    out: &mut dyn Write,
) -> Result<Exit, Unusable> {
    let metrics = watched(catalogue, &arguments.story)?.metrics();
    if arguments.prometheus {
        write!(out, "{}", prometheus::text(&metrics))?;
        return Ok(Exit::Done);
    }
    write!(out, "{}", table::text(&metrics))?;
    Ok(Exit::Done)
}

pub(crate) fn alert(catalogue: Catalogue, arguments: &AlertArguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let within = &arguments.within;
    let window = Span::parse(within).filter(|span| !span.is_zero());
    let window = window.ok_or_else(|| Unusable(format!("“{within}” is no time: write 30s, 5m or 1h")))?;
    let alerts = Alerts::of(
        &watched(catalogue, &arguments.story)?,
        Rule {
            percent: arguments.over,
            window,
            least: arguments.least,
        },
    );
    write!(out, "{}", alerts.text())?;
    Ok(if alerts.any() { Exit::Unsettled } else { Exit::Done })
}

/// The run of an address, watched to its end.
fn watched(catalogue: Catalogue, address: &str) -> Result<Watch, Unusable> {
    let unusable = |error: SpecError| Unusable(error.to_string());
    let spec = catalogue.spec(address).map_err(unusable)?;
    let mut watch = Watch::of(catalogue.sim(&spec).map_err(unusable)?);
    watch.run_to_end();
    let sim = watch.sim();
    match sim.unused_choices().first() {
        Some(unused) => Err(Unusable(format!(
            "{} Choose an earlier moment.",
            text::never(sim, unused)
        ))),
        None => Ok(watch),
    }
}
