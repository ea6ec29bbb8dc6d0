//! The crash sweep: one run for every worker and every step, with a crash at that moment and a restart after it.
//!
//! A run with a crash must keep every promise that the run without it keeps, and come to the same result and the same
//! outside as the run without. What the run without breaks as well is not the crash's doing. Two things are told apart
//! from that: a run that is merely later, and one in which the crash used up the last attempt that a retry policy allows.
//! The second is Temporal's own rule, not a fault of the workflow's: the Service counts a lost attempt like a failed one.
//! `report.rs` says what was found, for people.
//!
//! What comes before a crash is played once for all of them: the run without a crash goes on from one crash point to the
//! next, and each run with a crash begins there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::promise::{Promised, promises};
use crate::base::time::SimTime;
use crate::history::proto::{Attributes, HistoryEvent, RetryState};
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
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Judgement {
    /// Every promise kept; same result, same outside, same time.
    Holds,
    /// The same, later.
    Slower,
    /// It comes to an end, or keeps a promise, where the run without the crash does not.
    Better,
    /// It breaks a promise or comes to no end, and so does the run without the crash; if both end, with the same outcome.
    AsBad,
    /// The crash used up the last attempt of an activity: the workflow took its way of failing.
    LastAttemptLost,
    /// A promise that is kept without the crash is not, or there is another result or another outside, worse or not.
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

/// How a workflow stands at the end: its last run.
#[derive(Clone, Debug, PartialEq)]
struct End {
    workflow_id: String,
    open: bool,
    /// Temporal's word for it.
    status: &'static str,
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

impl Judgement {
    /// All of them, the harmless first.
    pub const ALL: [Self; 7] = [
        Self::Holds,
        Self::Slower,
        Self::Better,
        Self::AsBad,
        Self::LastAttemptLost,
        Self::Broken,
        Self::Unsettled,
    ];

    /// What is said of so many of that kind: `27 slower`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Holds => "hold",
            Self::Slower => "slower",
            Self::Better => "better than without a crash",
            Self::AsBad => "as bad as without a crash",
            Self::LastAttemptLost => "lost the last attempt",
            Self::Broken => "broken",
            Self::Unsettled => "without an end",
        }
    }
}

impl CrashPoint {
    /// What came of it, in a sentence.
    pub fn sentence(&self) -> String {
        let what = match self.judgement {
            Judgement::Holds => "the same outcome, at the same time".to_owned(),
            Judgement::Slower => "the same outcome, only later".to_owned(),
            Judgement::LastAttemptLost => format!(
                "the crash used up the last attempt that the retry policy allows; {}",
                self.seen
            ),
            Judgement::Better | Judgement::AsBad | Judgement::Broken | Judgement::Unsettled => self.seen.clone(),
        };
        format!("Worker {} dies after step {}: {what}.", self.worker, self.step)
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
            open: run.is_open(),
            status: run.status().name(),
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
    let ends = (plain.verdict == Verdict::Settled, crashed.verdict == Verdict::Settled);
    let newly = |promise: &&Promised| plain.broken.iter().all(|other| other.sentence != promise.sentence);
    let not_kept = |promise: &Promised| format!("not kept: {}: {}", promise.sentence, promise.seen);
    let newly_broken: Vec<String> = crashed.broken.iter().filter(newly).map(not_kept).collect();
    let mut seen = Vec::new();
    if ends == (true, true) {
        seen.extend(plain.ends.iter().filter_map(|end| other_end(end, crashed)));
    } else {
        seen.push(other_verdict(plain, crashed));
    }
    let besides = crashed.ends.iter().filter(|end| plain.end(&end.workflow_id).is_none());
    seen.extend(besides.map(|end| format!("workflow {} was started besides", end.workflow_id)));
    if plain.outside != crashed.outside {
        seen.push(difference(&plain.outside, &crashed.outside));
    }
    let used_up = crashed.attempts_used_up > plain.attempts_used_up;
    let differs = !seen.is_empty();
    let breaks_anew = !newly_broken.is_empty();
    seen.extend(newly_broken);
    let judgement = match ends {
        (true, false) => Judgement::Unsettled,
        (false, false) => Judgement::AsBad,
        (_, true) if breaks_anew => {
            if used_up {
                seen.push("the crash used up the last attempt that the retry policy allows".to_owned());
            }
            Judgement::Broken
        }
        (false, true) => Judgement::Better,
        (true, true) if crashed.broken.is_empty() && !plain.broken.is_empty() => {
            seen.push("every promise is kept, which it is not without the crash".to_owned());
            Judgement::Better
        }
        (true, true) if !crashed.broken.is_empty() => {
            let kept_by_neither = crashed.broken.iter().map(not_kept);
            seen.extend(kept_by_neither.map(|text| format!("{text}; and so without the crash")));
            if differs { Judgement::Broken } else { Judgement::AsBad }
        }
        (true, true) if !differs && crashed.closed > plain.closed => Judgement::Slower,
        (true, true) if !differs => Judgement::Holds,
        (true, true) if used_up => Judgement::LastAttemptLost,
        (true, true) => Judgement::Broken,
    };
    (judgement, seen.join("; "))
}

impl Summary {
    fn end(&self, workflow_id: &str) -> Option<&End> {
        self.ends.iter().find(|end| end.workflow_id == workflow_id)
    }

    /// How it came out as a whole: which workflows are open, if it does not come to an end.
    fn came_out(&self) -> String {
        let open = self.ends.iter().filter(|end| end.open);
        let open: Vec<&str> = open.map(|end| end.workflow_id.as_str()).collect();
        let left = match open.as_slice() {
            [] => "a client still waits".to_owned(),
            [one] => format!("{one} is still open"),
            [first, ..] => format!("{first} and {} more are still open", open.len() - 1),
        };
        match self.verdict {
            Verdict::Settled => "comes to an end".to_owned(),
            Verdict::Stuck => format!("gets stuck: {left}, and nothing happens any more"),
            Verdict::Over => format!("is over before its end: {left}"),
            Verdict::DidNotSettle | Verdict::Running => format!("goes on and on: {left}"),
        }
    }
}

/// What is to be said where one of the two runs, or both, come to no end.
fn other_verdict(plain: &Summary, crashed: &Summary) -> String {
    let (with, without) = (crashed.came_out(), plain.came_out());
    if with == without {
        format!("the run {with}, as it does without the crash")
    } else {
        format!("the run {with}; without the crash it {without}")
    }
}

/// What differs in how a workflow ended, in words; `None` if nothing does.
fn other_end(plain: &End, crashed: &Summary) -> Option<String> {
    let id = &plain.workflow_id;
    let Some(with) = crashed.end(id) else {
        return Some(format!("workflow {id} was never started"));
    };
    if with.status != plain.status {
        let (with, without) = (with.status, plain.status);
        return Some(format!("workflow {id} is {with} instead of {without}"));
    }
    let mut differences = Vec::new();
    differing("result", with.result.as_ref(), plain.result.as_ref(), &mut differences);
    (!differences.is_empty()).then(|| differences.join(", "))
}

/// Lists what differs between two values, member by member: `result status failed instead of completed`.
fn differing(name: &str, with: Option<&Value>, without: Option<&Value>, told: &mut Vec<String>) {
    if with == without {
        return;
    }
    if let (Some(Value::Object(a)), Some(Value::Object(b))) = (with, without) {
        let names: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
        for member in names {
            differing(&format!("{name} {member}"), a.get(member), b.get(member), told);
        }
        return;
    }
    let shown = |value: Option<&Value>| match value {
        None => "nothing".to_owned(),
        Some(Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
    };
    told.push(format!("{name} {} instead of {}", shown(with), shown(without)));
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
