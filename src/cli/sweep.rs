//! `sagascope sweep`: a crash at every step.

use std::io::Write;

use crate::check::sweep::{Judgement, Sweep};
use crate::sim::story::Catalogue;

use super::{Exit, Unusable};

#[derive(clap::Args)]
pub struct Arguments {
    /// Story id or address.
    story: String,
}

pub(crate) fn sweep(catalogue: Catalogue, arguments: &Arguments, out: &mut dyn Write) -> Result<Exit, Unusable> {
    let unusable = |error: crate::sim::spec::SpecError| Unusable(error.to_string());
    let spec = catalogue.spec(&arguments.story).map_err(unusable)?;
    let mut sweep = Sweep::new(catalogue, &spec).map_err(unusable)?;
    sweep.run_to_end();
    for point in sweep.points() {
        if !matches!(point.judgement, Judgement::Holds | Judgement::Slower) {
            writeln!(
                out,
                "step {:>3}, worker {}: {}: {}",
                point.step,
                point.worker,
                point.judgement.word(),
                point.seen
            )?;
            writeln!(out, "    {}", point.spec)?;
        }
    }
    let count = |judgement| sweep.count(judgement);
    let told = Judgement::ALL.map(|judgement| format!("{} {}", count(judgement), judgement.word()));
    writeln!(out, "{} crash points: {}", sweep.len(), told.join(", "))?;
    let hurt = sweep.points().iter().any(|point| point.hurts());
    Ok(if hurt { Exit::Unsettled } else { Exit::Done })
}
