//! The crash sweep: one run for every worker and every step, with a crash at that moment and a restart after it.
//!
//! A run with a crash must come to the same result and the same ledgers as the run without. Two things are told apart
//! from a broken promise: a run that is merely later, and one in which the crash used up the last attempt that a retry
//! policy allows. The second is Temporal's own rule, not a fault of the saga's: the Service counts a lost attempt like a
//! failed one.

use serde_json::Value;

use crate::base::time::SimTime;
use crate::history::proto::{Attributes, HistoryEvent, RetryState, event_name};
use crate::history::timestamp::Timestamp;
use crate::sim::fault::Verb;
use crate::sim::node::WorkerName;
use crate::sim::setup::Setup;
use crate::sim::spec::{Choice, RunSpec, SpecError};
use crate::sim::step::Step;
use crate::sim::{Sim, Verdict};
use crate::world::Balance;

/// What became of a run with a crash, compared with the run without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Finding {
    /// Same result, same ledgers, same time.
    Holds,
    /// Same result, same ledgers, later.
    Slower,
    /// The crash used up the last attempt of an activity: the saga took its way of failing.
    LastAttemptLost,
    /// Another result or other ledgers.
    Broken,
    /// The run did not come to an end, and the one without the crash did.
    Unsettled,
}

/// One crash.
#[derive(Clone, Debug, PartialEq)]
pub struct CrashPoint {
    /// The run with the crash, for looking at it.
    pub spec: RunSpec,
    /// When so many steps were done.
    pub step: u32,
    /// Who died.
    pub worker: WorkerName,
    /// What became of it.
    pub finding: Finding,
    /// What differs, in words; empty if nothing does.
    pub seen: String,
}

/// A sweep that is under way.
pub struct Sweep {
    setup: Setup,
    base: RunSpec,
    plain: Summary,
    ahead: Vec<(u32, WorkerName)>,
    points: Vec<CrashPoint>,
}

/// How a workflow ended.
#[derive(Clone, Debug, PartialEq)]
struct End {
    workflow_id: String,
    /// The type of its last event.
    closing: &'static str,
    result: Option<Value>,
}

/// What is compared.
#[derive(Clone, Debug, PartialEq)]
struct Summary {
    verdict: Verdict,
    ends: Vec<End>,
    balance: Balance,
    closed: SimTime,
    attempts_used_up: usize,
}

impl Sweep {
    /// Runs the story without a crash and lists the crash points: every worker that is alive, at every step.
    pub fn new(base: &RunSpec) -> Result<Self, SpecError> {
        let setup = base.check()?.setup;
        let sweep = Self::with(setup, base.seed, base.choices.clone())?;
        Ok(Self {
            base: base.clone(),
            ..sweep
        })
    }

    /// The same for a set-up that is no story.
    pub fn with(setup: Setup, seed: u64, choices: Vec<Choice>) -> Result<Self, SpecError> {
        let mut sim = Sim::with(setup.clone(), seed, choices)?;
        let mut ahead = Vec::new();
        loop {
            let alive = sim.nodes().iter().filter(|node| node.process.is_some());
            let step = sim.steps();
            ahead.extend(alive.map(|node| (step, node.name)));
            if sim.step().is_none() {
                break;
            }
        }
        ahead.reverse();
        Ok(Self {
            base: sim.spec().clone(),
            setup,
            plain: summary(&mut sim),
            ahead,
            points: Vec::new(),
        })
    }

    /// How many crash points there are.
    pub fn len(&self) -> usize {
        self.ahead.len() + self.points.len()
    }

    /// True if there is nothing to crash.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The runs that are still to be tried.
    pub fn ahead(&self) -> impl Iterator<Item = RunSpec> {
        self.ahead
            .iter()
            .rev()
            .map(|(step, worker)| self.crashed(*step, *worker))
    }

    fn crashed(&self, step: u32, worker: WorkerName) -> RunSpec {
        let mut spec = self.base.clone();
        spec.choose(Choice::to_worker(step, Verb::Crash, worker));
        spec
    }

    /// Tries the next crash point. `None` when all are done.
    pub fn advance(&mut self) -> Option<&CrashPoint> {
        let (step, worker) = self.ahead.pop()?;
        let spec = self.crashed(step, worker);
        let mut sim = Sim::with(self.setup.clone(), spec.seed, spec.choices.clone())
            .expect("the set-up has run already and the worker is one of its own");
        sim.run_to_end();
        let crashed = summary(&mut sim);
        let (finding, seen) = compare(&self.plain, &crashed);
        debug_assert!(
            sim.records()
                .iter()
                .any(|r| matches!(r.what, Step::Crashed { worker: w, .. } if w == worker)),
            "a crash point crashes"
        );
        self.points.push(CrashPoint {
            spec,
            step,
            worker,
            finding,
            seen,
        });
        self.points.last()
    }

    /// Every point tried so far.
    pub fn points(&self) -> &[CrashPoint] {
        &self.points
    }

    /// Tries all that is left.
    pub fn run_to_end(&mut self) -> &[CrashPoint] {
        while self.advance().is_some() {}
        &self.points
    }

    /// How many points came to this finding.
    pub fn count(&self, finding: Finding) -> usize {
        self.points.iter().filter(|point| point.finding == finding).count()
    }
}

fn summary(sim: &mut Sim) -> Summary {
    let verdict = sim.run_to_end();
    let mut ends: Vec<End> = Vec::new();
    let mut attempts_used_up = 0;
    for run in sim.runs() {
        let used_up = |event: &&HistoryEvent| {
            matches!(&event.attributes, Some(Attributes::ActivityTaskTimedOutEventAttributes(timed_out))
                if timed_out.retry_state() == RetryState::MaximumAttemptsReached)
        };
        attempts_used_up += run.log.events().iter().filter(used_up).count();
        let end = End {
            workflow_id: run.workflow_id.clone(),
            closing: run
                .log
                .events()
                .last()
                .map_or("", |event| event_name(event.event_type())),
            result: run.result(),
        };
        // How many runs a workflow takes may differ; how the last of them ends may not.
        match ends.iter_mut().find(|known| known.workflow_id == end.workflow_id) {
            Some(known) => *known = end,
            None => ends.push(end),
        }
    }
    Summary {
        verdict,
        ends,
        balance: sim.world().balance(),
        closed: sim
            .run()
            .and_then(|run| run.log.events().last()?.event_time)
            .map_or(sim.now(), Timestamp::sim_time),
        attempts_used_up,
    }
}

fn compare(plain: &Summary, crashed: &Summary) -> (Finding, String) {
    if crashed.verdict != plain.verdict {
        return (Finding::Unsettled, format!("{:?}", crashed.verdict));
    }
    if plain.ends == crashed.ends && plain.balance == crashed.balance {
        let finding = if crashed.closed > plain.closed {
            Finding::Slower
        } else {
            Finding::Holds
        };
        return (finding, String::new());
    }
    let mut seen = Vec::new();
    for end in &plain.ends {
        let crashed = crashed
            .ends
            .iter()
            .find(|crashed| crashed.workflow_id == end.workflow_id);
        if crashed != Some(end) {
            seen.push(other_end(end, crashed));
        }
    }
    if plain.ends.len() < crashed.ends.len() {
        seen.push("more workflows".to_owned());
    }
    if plain.balance != crashed.balance {
        seen.push(difference(&plain.balance, &crashed.balance));
    }
    let finding = if crashed.attempts_used_up > plain.attempts_used_up {
        Finding::LastAttemptLost
    } else {
        Finding::Broken
    };
    (finding, seen.join("; "))
}

fn other_end(plain: &End, crashed: Option<&End>) -> String {
    let named = |end: Option<&End>| match end {
        None => "no such workflow".to_owned(),
        Some(End {
            result: Some(result), ..
        }) => result["status"].as_str().unwrap_or("some result").to_owned(),
        Some(end) => end.closing.to_owned(),
    };
    let (of, with) = (named(Some(plain)), named(crashed));
    if of == with {
        "another result".to_owned()
    } else {
        format!("result {with} instead of {of}")
    }
}

fn difference(plain: &Balance, crashed: &Balance) -> String {
    let mut seen = Vec::new();
    let mut number = |what: &str, plain: u64, crashed: u64| {
        if plain != crashed {
            seen.push(format!("{what} {crashed} instead of {plain}"));
        }
    };
    number("charged", plain.captured_minor, crashed.captured_minor);
    number("refunded", plain.refunded_minor, crashed.refunded_minor);
    number("parcels", plain.parcels.into(), crashed.parcels.into());
    number("mails", plain.mails.into(), crashed.mails.into());
    for (what, count) in &plain.counts {
        number(what, *count, crashed.counts.get(what).copied().unwrap_or(0));
    }
    if plain.on_hand != crashed.on_hand || plain.reserved != crashed.reserved || plain.sold != crashed.sold {
        seen.push("other stock".to_owned());
    }
    seen.join(", ")
}
