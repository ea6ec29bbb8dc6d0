//! The run that `list`, `describe`, `show` and `task-queue describe` look at: a saved one or an address, at some moment.

use std::fs;
use std::path::Path;

use crate::history::file as histories;
use crate::sim::Sim;
use crate::sim::saved::SavedRun;
use crate::sim::spec::At;
use crate::sim::story::Catalogue;

use super::Unusable;

#[derive(clap::Args, Default)]
pub(super) struct Moment {
    /// The moment to look at: so many steps, `41`, or a time of the virtual clock, `12s`. Otherwise as far as the run was
    /// saved, or its end.
    #[arg(long, value_name = "STEP|TIME")]
    at: Option<String>,
}

/// A file that `run --save` wrote, or an address; at the moment that is asked for.
pub(crate) fn open(catalogue: Catalogue, run: &str, moment: &Moment) -> Result<Sim, Unusable> {
    let at = moment.at.as_ref().map(|text| {
        let at = At::parse(text);
        at.ok_or_else(|| {
            Unusable(format!(
                "“{text}” is no moment: write a number of steps, or a time like 12s or 1h30m"
            ))
        })
    });
    let at = at.transpose()?;
    let spec = if Path::new(run).is_file() {
        let text = fs::read_to_string(run).map_err(|error| Unusable(format!("cannot read {run}: {error}")))?;
        let named = |why: String| Unusable(format!("{run}: {why}"));
        let saved = SavedRun::read(&text).map_err(|why| {
            named(match histories::read(text.as_bytes()) {
                Ok(_) => {
                    "this is a history, and this needs a run that the lab can play. `show`, `lint`, `risk`, `diff` and \
                          `replay` take histories"
                        .to_owned()
                }
                Err(_) => why,
            })
        })?;
        let sim = saved.open(catalogue).map_err(named)?;
        if at.is_none() {
            return Ok(sim);
        }
        saved.spec
    } else {
        catalogue
            .spec(run)
            .map_err(|error| Unusable(format!("“{run}” is neither a file nor the address of a run. {error}")))?
    };
    let mut sim = catalogue.sim(&spec).map_err(|error| Unusable(error.to_string()))?;
    match at {
        Some(at) => sim.run_to(at),
        None => _ = sim.run_to_end(),
    }
    match at {
        Some(At::Step(step)) if step > sim.steps() => Err(Unusable(format!(
            "there is no step {step}: the run has {}",
            sim.steps()
        ))),
        _ => Ok(sim),
    }
}
