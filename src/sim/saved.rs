//! A run in a file: its address, and how far it had come. A run is a pure function of its address, so nothing else is
//! needed; the time on the virtual clock only tells whether the code that is here still makes the same run of it.

use serde_json::{Value, json};

use super::Sim;
use super::spec::RunSpec;
use super::story::Catalogue;
use crate::base::time::SimTime;

/// The version of the file's form that is written, and the only one that is read.
const VERSION: u64 = 1;

/// How far a run has come.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SavedRun {
    /// Which run.
    pub spec: RunSpec,
    /// How many steps were done.
    pub steps: u32,
    /// When the last of them was done.
    pub at: SimTime,
}

impl SavedRun {
    /// A run as it stands.
    pub fn of(sim: &Sim) -> Self {
        Self {
            spec: sim.spec().clone(),
            steps: sim.steps(),
            at: sim.now(),
        }
    }

    /// The file's text.
    pub fn write(&self) -> String {
        let Self { spec, steps, at } = self;
        format!(
            "{:#}\n",
            json!({ "sagascopeRun": VERSION, "run": spec.to_string(), "steps": steps, "atNanos": at.0 })
        )
    }

    /// Whether a text means to be such a file, of whatever version.
    pub fn is_one(text: &str) -> bool {
        serde_json::from_str::<Value>(text).is_ok_and(|file| file.get("sagascopeRun").is_some())
    }

    /// Reads the file's text.
    ///
    /// # Errors
    ///
    /// Says what is wrong, and what to do, if it is no such file, of another version, or names no run.
    pub fn read(text: &str) -> Result<Self, String> {
        const AGAIN: &str = "write it again with `sagascope run … --save FILE`";
        let file: Value =
            serde_json::from_str(text).map_err(|error| format!("this is no saved run: {error}; {AGAIN}"))?;
        match file.get("sagascopeRun").map(|version| (version.as_u64(), version)) {
            Some((Some(VERSION), _)) => {}
            Some((_, version)) => {
                return Err(format!(
                    "this is a saved run of version {version}, and only {VERSION} is known here; {AGAIN}"
                ));
            }
            None => return Err(format!("this is no saved run: it has no “sagascopeRun”; {AGAIN}")),
        }
        let missing = |name: &str| format!("this saved run is broken: it has no “{name}”; {AGAIN}");
        let number = |name: &str| file[name].as_u64().ok_or_else(|| missing(name));
        let spec = RunSpec::parse(file["run"].as_str().ok_or_else(|| missing("run"))?);
        Ok(Self {
            spec: spec.map_err(|error| format!("the saved run is not known here: {error}"))?,
            steps: u32::try_from(number("steps")?).unwrap_or(u32::MAX),
            at: SimTime(number("atNanos")?),
        })
    }

    /// The run, as far as it had come.
    ///
    /// # Errors
    ///
    /// If the code that is here makes another run of it.
    pub fn open(&self, catalogue: Catalogue) -> Result<Sim, String> {
        let mut sim = catalogue.sim(&self.spec).map_err(|error| error.to_string())?;
        while sim.steps() < self.steps && sim.step().is_some() {}
        if (sim.steps(), sim.now()) == (self.steps, self.at) {
            return Ok(sim);
        }
        Err(format!(
            "the saved run is stale: it stood at {} after {} steps, and with the code that is here it stands at {} after \
             {}; save it again with `sagascope run '{}' --save FILE`",
            self.at,
            self.steps,
            sim.now(),
            sim.steps(),
            self.spec
        ))
    }
}
