//! The crash sweep: one run for every worker and every step, with a crash at that moment and a restart after it.
//!
//! A run with a crash must keep every promise that the run without it keeps, and come to the same result and the same outside as the run
//! without. Two things are told apart from that: a run that is merely later, and one in which the crash used up the last
//! attempt that a retry policy allows. The second is Temporal's own rule, not a fault of the workflow's: the Service
//! counts a lost attempt like a failed one. `report.rs` says what was found, for people.
//!
//! What comes before a crash is played once for all of them: the run without a crash goes on from one crash point to the
//! next, and each run with a crash begins there.

use serde_json::Value;

use super::promise::{Promised, promises};
use crate::base::time::SimTime;
use crate::history::proto::{Attributes, HistoryEvent, RetryState, event_name};
use crate::history::timestamp::Timestamp;
use crate::sim::checkpoint::Checkpoint;
use crate::sim::fault::Verb;
use crate::sim::node::WorkerName;
use crate::sim::outside::Fact;
use crate::sim::setup::Setup;
use crate::sim::spec::{Choice, DEFAULT_SEED, RunSpec, SpecError};
use crate::sim::step::Step;
use crate::sim::story::Catalogue;
use crate::sim::{Sim, Verdict};

/// What became of a run with a crash, compared with the run without.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Judgement {
    /// Every promise kept; same result, same outside, same time.
    Holds,
    /// The same, later.
    Slower,
    /// The crash used up the last attempt of an activity: the workflow took its way of failing.
    LastAttemptLost,
    /// A promise that was not kept, another result or another outside.
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
    pub judgement: Judgement,
    /// What differs, in words; empty if nothing does.
    pub seen: String,
    /// The promises that were not kept, with or without the crash.
    pub broken: Vec<Promised>,
    /// How many steps the run has, the crash included.
    pub steps: u32,
}

/// The run without a crash, which comes before the sweep. It can be played in slices.
pub struct PlainRun {
    base: RunSpec,
    sim: Sim,
    begin: Checkpoint,
    /// Who was alive at each step.
    alive: Vec<(u32, WorkerName)>,
}

/// A sweep that is under way.
pub struct Sweep {
    base: RunSpec,
    plain: Summary,
    /// The run without a crash, as it was at the latest crash point.
    here: Sim,
    ahead: Vec<(u32, WorkerName)>,
    /// The crash point that is being tried.
    under_way: Option<Trial>,
    points: Vec<CrashPoint>,
    steps_played: u64,
}

/// A run with a crash, being played.
struct Trial {
    step: u32,
    worker: WorkerName,
    sim: Sim,
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
    outside: Vec<Fact>,
    closed: SimTime,
    attempts_used_up: usize,
    broken: Vec<Promised>,
}

impl PlainRun {
    /// Makes the story ready, without a crash.
    ///
    /// # Errors
    ///
    /// If there is no such story, or not every choice fits it.
    pub fn new(catalogue: Catalogue, base: &RunSpec) -> Result<Self, SpecError> {
        let plain = Self::with(catalogue.story(base)?.setup, base.seed, base.choices.clone())?;
        Ok(Self {
            base: base.clone(),
            ..plain
        })
    }

    fn with(setup: Setup, seed: u64, choices: Vec<Choice>) -> Result<Self, SpecError> {
        let sim = Sim::with(setup, seed, choices)?;
        Ok(Self {
            base: sim.spec().clone(),
            begin: sim.checkpoint(),
            sim,
            alive: Vec::new(),
        })
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            let step = self.sim.steps();
            let alive = self.sim.nodes().iter().filter(|node| node.process.is_some());
            self.alive.extend(alive.map(|node| (step, node.name)));
            if self.sim.step().is_none() {
                return true;
            }
        }
        false
    }

    /// The sweep, once the run has come to its end: its crash points are every worker that is alive, at every step.
    pub fn sweep(mut self) -> Sweep {
        self.alive.reverse();
        Sweep {
            base: self.base,
            steps_played: self.sim.steps().into(),
            plain: summary(&mut self.sim),
            here: self.sim.back_at(self.begin),
            ahead: self.alive,
            under_way: None,
            points: Vec::new(),
        }
    }
}

impl Sweep {
    /// Runs the story without a crash and lists the crash points: every worker that is alive, at every step.
    ///
    /// # Errors
    ///
    /// If there is no such story, or not every choice fits it.
    pub fn new(catalogue: Catalogue, base: &RunSpec) -> Result<Self, SpecError> {
        PlainRun::new(catalogue, base).map(Self::after)
    }

    /// The same for a set-up of one's own, with the default seed and nothing done to it.
    ///
    /// # Panics
    ///
    /// If the set-up contradicts itself. With what is wrong.
    #[track_caller]
    pub fn of(setup: Setup) -> Self {
        Self::with(setup, DEFAULT_SEED, Vec::new()).unwrap_or_else(|error| panic!("{error}"))
    }

    /// The same for a set-up that is no story.
    ///
    /// # Errors
    ///
    /// If the set-up contradicts itself, or not every choice fits it.
    pub fn with(setup: Setup, seed: u64, choices: Vec<Choice>) -> Result<Self, SpecError> {
        PlainRun::with(setup, seed, choices).map(Self::after)
    }

    fn after(mut plain: PlainRun) -> Self {
        while !plain.advance(u32::MAX) {}
        plain.sweep()
    }

    /// How many crash points there are.
    pub fn len(&self) -> usize {
        self.ahead.len() + usize::from(self.under_way.is_some()) + self.points.len()
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
        let tried = self.points.len();
        while self.points.len() == tried {
            if self.play(u32::MAX) {
                return None;
            }
        }
        self.points.last()
    }

    /// Plays at most `steps` steps, of one crash point only. True when all are done.
    pub fn play(&mut self, steps: u32) -> bool {
        let mut left = steps;
        let Some(mut trial) = self.under_way.take().or_else(|| self.next(&mut left)) else {
            return self.ahead.is_empty();
        };
        let before = trial.sim.steps();
        let over = (0..left).any(|_| trial.sim.step().is_none());
        self.steps_played += u64::from(trial.sim.steps() - before);
        if over {
            self.points.push(self.judged(trial.step, trial.worker, trial.sim));
        } else {
            self.under_way = Some(trial);
        }
        false
    }

    /// Goes on to the next crash point. `None` if there is none, or if no more steps may be played before it is reached.
    fn next(&mut self, left: &mut u32) -> Option<Trial> {
        let (step, worker) = *self.ahead.last()?;
        while self.here.steps() < step {
            *left = left.checked_sub(1)?;
            self.here.step().expect("it has come further before");
            self.steps_played += 1;
        }
        self.ahead.pop();
        let sim = self.here.fork(self.crashed(step, worker).choices);
        let sim = sim.expect("the run without the crash fits and the worker is one of its own");
        Some(Trial { step, worker, sim })
    }

    /// What became of the run in which this worker crashes at this step; it is played to its end.
    pub fn judged(&self, step: u32, worker: WorkerName, mut sim: Sim) -> CrashPoint {
        let crashed = summary(&mut sim);
        let (judgement, seen) = compare(&self.plain, &crashed);
        debug_assert!(
            sim.records()
                .iter()
                .any(|r| matches!(r.what, Step::Crashed { worker: w, .. } if w == worker)),
            "a crash point crashes"
        );
        CrashPoint {
            spec: self.crashed(step, worker),
            step,
            worker,
            judgement,
            seen,
            broken: crashed.broken,
            steps: sim.steps(),
        }
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

    /// How many steps were played for it so far.
    pub const fn steps_played(&self) -> u64 {
        self.steps_played
    }

    /// The set-up that is swept.
    pub fn setup(&self) -> &Setup {
        self.here.setup()
    }

    /// The run without a crash, by its name.
    pub const fn base(&self) -> &RunSpec {
        &self.base
    }

    /// The promises that the run without a crash does not keep.
    pub fn broken_without_crash(&self) -> &[Promised] {
        &self.plain.broken
    }

    /// How the run without a crash ended.
    pub const fn verdict(&self) -> Verdict {
        self.plain.verdict
    }

    /// How many points came to this judgement.
    pub fn count(&self, judgement: Judgement) -> usize {
        self.points.iter().filter(|point| point.judgement == judgement).count()
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
        outside: sim.outside().snapshot(),
        closed: sim
            .run()
            .and_then(|run| run.log.events().last()?.event_time)
            .map_or(sim.now(), Timestamp::sim_time),
        attempts_used_up,
        broken: promises(sim).into_iter().filter(|promise| !promise.held).collect(),
    }
}

fn compare(plain: &Summary, crashed: &Summary) -> (Judgement, String) {
    if crashed.verdict != plain.verdict {
        return (Judgement::Unsettled, format!("{:?}", crashed.verdict));
    }
    // What is broken without a crash as well is not the crash's doing.
    let kept_without = |promise: &&Promised| plain.broken.iter().all(|other| other.sentence != promise.sentence);
    let broken: Vec<&Promised> = crashed.broken.iter().filter(kept_without).collect();
    if plain.ends == crashed.ends && plain.outside == crashed.outside && broken.is_empty() {
        let judgement = if crashed.closed > plain.closed {
            Judgement::Slower
        } else {
            Judgement::Holds
        };
        return (judgement, String::new());
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
    if plain.outside != crashed.outside {
        seen.push(difference(&plain.outside, &crashed.outside));
    }
    let not_kept = |promise: &Promised| format!("not kept: {}: {}", promise.sentence, promise.seen);
    seen.extend(broken.into_iter().map(not_kept));
    let judgement = if crashed.attempts_used_up > plain.attempts_used_up {
        Judgement::LastAttemptLost
    } else {
        Judgement::Broken
    };
    (judgement, seen.join("; "))
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

fn difference(plain: &[Fact], crashed: &[Fact]) -> String {
    let value = |of: &[Fact], label: &str| {
        let fact = of.iter().find(|fact| fact.label == label);
        fact.map_or_else(|| "nothing".to_owned(), |fact| fact.value.clone())
    };
    let gone = plain
        .iter()
        .filter(|fact| crashed.iter().all(|other| other.label != fact.label));
    let seen: Vec<String> = crashed
        .iter()
        .chain(gone)
        .map(|fact| (&fact.label, value(crashed, &fact.label), value(plain, &fact.label)))
        .filter(|(_, with, without)| with != without)
        .map(|(label, with, without)| format!("{label} {with} instead of {without}"))
        .collect();
    seen.join(", ")
}
