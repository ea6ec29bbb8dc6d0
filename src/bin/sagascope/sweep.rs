//! `sagascope sweep`: a crash at every step.

use std::io::Write;

use sagascope::check::sweep::{Finding, Sweep};
use sagascope::sim::spec::RunSpec;

use crate::{Outcome, Unusable};

#[derive(clap::Args)]
pub(crate) struct Arguments {
    /// Story id or address.
    story: String,
}

pub(crate) fn sweep(arguments: &Arguments, out: &mut impl Write) -> Result<Outcome, Unusable> {
    let unusable = |error: sagascope::sim::spec::SpecError| Unusable(error.to_string());
    let spec = RunSpec::parse(&arguments.story).map_err(unusable)?;
    let mut sweep = Sweep::new(&spec).map_err(unusable)?;
    sweep.run_to_end();
    for point in sweep.points() {
        if !matches!(point.finding, Finding::Holds | Finding::Slower) {
            writeln!(
                out,
                "step {:>3}, worker {}: {:?}: {}",
                point.step, point.worker, point.finding, point.seen
            )?;
            writeln!(out, "    {}", point.spec)?;
        }
    }
    let count = |finding| sweep.count(finding);
    writeln!(
        out,
        "{} crash points: {} hold, {} slower, {} lost the last attempt, {} broken, {} unsettled",
        sweep.len(),
        count(Finding::Holds),
        count(Finding::Slower),
        count(Finding::LastAttemptLost),
        count(Finding::Broken),
        count(Finding::Unsettled)
    )?;
    let broken = count(Finding::Broken) + count(Finding::Unsettled);
    Ok(if broken == 0 { Outcome::Done } else { Outcome::Unsettled })
}
