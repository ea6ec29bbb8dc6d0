//! Makes a [`Recording`]: steps a world to its end and notes what is new at each step.
//!
//! Sliceable, so that a page can record a long run without blocking: [`Recorder::advance`] does at most so many steps.
//!
//! A run that begins as a recorded one did need not be recorded from its start: [`Past::fork`] goes on from a moment that
//! was kept. Of what was seen, nearly all tells by which step it came; only what was still open then has to be kept too.

use std::sync::Arc;

use super::chronicle::{self, Chronicle};
use super::code::{self, CodeMarks};
use super::marks::lanes;
use super::recording::{Ending, Promise, Recording, RunRow, Source, StoryCard, Waiting, WorkerState};
use super::track::Track;
use super::waiting::{self, Waits};
use super::workers::worker;
use super::world::WorldRows;
use crate::base::time::SimTime;
use crate::check::promise::promises;
use crate::service::run::Run;
use crate::sim::choice::{At, Deed};
use crate::sim::spec::{Choice, SpecError};
use crate::sim::step::{Record, Step};
use crate::sim::story::{Catalogue, Story};
use crate::sim::timeline::Timeline;
use crate::sim::{Sim, Verdict, text};
use crate::worker::registry::Registry;

/// Records one run.
pub struct Recorder {
    timeline: Timeline<Then>,
    seen: Seen,
    /// The world has to warm up before it can go on.
    cold: bool,
}

/// A run that was recorded, kept for recording others that begin as it did.
pub struct Past(Timeline<Then>);

/// What was seen so far.
struct Seen {
    times: Vec<SimTime>,
    chronicle: Chronicle,
    code: CodeMarks,
    waits: Waits,
    workers: Vec<Track<Arc<WorkerState>>>,
    world: WorldRows,
}

/// What it takes to have it as it was at a moment: what was still open then. All else is in the recording.
#[derive(Clone, Debug)]
struct Then {
    step: u32,
    chronicle: chronicle::Then,
    code: code::Held,
    waits: waiting::Then,
}

/// While a world warms up, so much of each thing counts as a step.
const WARM_UP_A_STEP: usize = 16;

/// The cards of all stories, in order.
pub fn stories(catalogue: Catalogue) -> Vec<StoryCard> {
    catalogue.all().iter().map(card).collect()
}

/// The activities that the source text of each story's workflow names, story by story.
pub fn activities(catalogue: Catalogue) -> Vec<Vec<String>> {
    let of = |story: &Story| {
        let code = story.setup.code.first().map(|code| code());
        let source = code.and_then(|code| code.source(story.workflow_type()));
        source.map_or_else(Vec::new, |source| activities_in(source.text))
    };
    catalogue.all().iter().map(of).collect()
}

/// `Shop::process_payment` after `…_activity(` is `ProcessPayment`, as its definition names it.
fn activities_in(source: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for called in source.split("_activity(").skip(1) {
        let name = called.trim_start().split("::").nth(1).unwrap_or_default();
        let name = name
            .split(|c: char| !c.is_alphanumeric() && c != '_')
            .next()
            .unwrap_or_default();
        let camel: String = name.split('_').map(capital).collect();
        if !camel.is_empty() && !found.contains(&camel) {
            found.push(camel);
        }
    }
    found
}

fn capital(word: &str) -> String {
    let mut letters = word.chars();
    letters
        .next()
        .map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

impl Recorder {
    /// Records a world in which nothing has happened yet.
    pub fn of(sim: Sim) -> Self {
        let mut workers = Vec::new();
        for node in sim.nodes() {
            let mut track = Track::default();
            track.set_large(0, worker(&sim, node));
            workers.push(track);
        }
        let seen = Seen {
            times: vec![sim.now()],
            chronicle: Chronicle::new(&sim),
            code: CodeMarks::default(),
            waits: Waits::default(),
            workers,
            world: WorldRows::new(&sim),
        };
        let then = seen.then(0);
        Self {
            timeline: Timeline::watched(sim, then),
            seen,
            cold: false,
        }
    }

    /// How many steps were recorded.
    pub fn steps(&self) -> u32 {
        self.timeline.sim().steps()
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        let mut left = steps;
        while self.cold && left > 0 {
            self.cold = !self.timeline.sim_mut().warm_up(WARM_UP_A_STEP);
            left -= 1;
        }
        for _ in 0..left {
            if self.timeline.sim_mut().step().is_none() {
                return true;
            }
            self.see();
        }
        !self.cold && self.timeline.sim_mut().verdict() != Verdict::Running
    }

    /// Notes what the last step brought.
    fn see(&mut self) {
        let stuck = self.timeline.sim_mut().verdict() == Verdict::Stuck;
        self.seen.see(self.timeline.sim(), stuck);
        let seen = &self.seen;
        self.timeline.keep(|sim| seen.then(sim.steps()));
    }

    /// The recording of everything recorded so far.
    pub fn finish(self) -> Recording {
        self.finish_and_keep().0
    }

    /// The same, and what is needed to record another run that begins as this one did.
    pub fn finish_and_keep(mut self) -> (Recording, Past) {
        let end = self.ending();
        let Self { timeline, seen, .. } = self;
        let sim = timeline.sim();
        let rows = sim.runs().iter().zip(seen.chronicle.runs.all());
        let runs = rows.map(|(run, line)| RunRow {
            workflow_id: run.workflow_id.clone(),
            workflow_type: run.workflow_type.clone(),
            task_queue: run.task_queue.clone(),
            opened: line.opened,
            closed: line.closed.map(|(step, status)| (step, status.name())),
        });
        let runs: Vec<RunRow> = runs.collect();
        let recording = Recording {
            story: card_of(sim),
            seed: sim.spec().seed,
            choices: sim.spec().choices.iter().map(ToString::to_string).collect(),
            runs,
            lanes: lanes(sim, &seen.chronicle),
            end,
            times: seen.times,
            records: sim.shared_records(),
            histories: sim.runs().iter().map(|run| run.log.clone()).collect(),
            chronicle: seen.chronicle,
            code: seen.code,
            waiting: seen.waits.finish(),
            before: Waiting::for_something("Nothing has happened yet: a client is about to start the workflow."),
            workers: seen.workers,
            world: seen.world,
            sources: sources(sim),
            opened: None,
        };
        (recording, Past(timeline))
    }

    fn ending(&mut self) -> Ending {
        let verdict = self.timeline.sim_mut().verdict();
        let sim = self.timeline.sim();
        let at = sim.now();
        // A workflow that continued as new has its result in a later run.
        let last = sim.run().and_then(|run| sim.runs_of(&run.workflow_id).last());
        let result = last.and_then(Run::result).map(|result| result.to_string());
        let text = match verdict {
            Verdict::Settled if result.is_some() => format!("completed; nothing is left to do after {at}"),
            Verdict::Settled => format!("{}; nothing is left to do after {at}", text::ending(sim)),
            Verdict::Stuck => format!("stuck at {at}: {}", text::stuck(sim)),
            Verdict::Over => format!("the story ends at {at}; not all of it has come to an end"),
            Verdict::DidNotSettle => format!("did not settle within {} steps", sim.setup().most_steps),
            Verdict::Running => format!("recorded up to {at}"),
        };
        let judged = promises(sim).into_iter().map(|promise| Promise {
            sentence: promise.sentence.to_owned(),
            held: Some(promise.held),
            seen: promise.seen,
        });
        let mut promises: Vec<Promise> = judged.collect();
        if promises.is_empty() {
            let open = sim.setup().promises.iter().map(|promise| Promise {
                sentence: promise.sentence().to_owned(),
                held: None,
                seen: String::new(),
            });
            promises.extend(open);
        }
        let unused = sim.unused_choices().into_iter();
        let never = unused.map(|choice| text::never(sim, choice));
        let chosen = sim.act_of_choice(0);
        let refused = sim.records().iter().filter(|record| match &record.what {
            // A story's plan may find that the user was quicker; that is no choice that did nothing.
            Step::Refused { worker, verb } => {
                let deed = Deed::Worker(*verb, *worker);
                sim.spec().choices.iter().any(|choice| is_of(choice, &deed, record))
            }
            Step::Acted { act, refused, .. } => *act >= chosen && refused.is_some(),
            _ => false,
        });
        let unheeded = refused.map(|record| format!("Step {}: {}.", record.number, text::sentence(&record.what)));
        Ending {
            unheeded: unheeded.chain(never).collect(),
            settled: verdict == Verdict::Settled,
            stuck: verdict == Verdict::Stuck,
            text,
            result,
            promises,
        }
    }
}

impl Seen {
    /// Notes what the last step brought. `sim` is the world after it; `stuck` says that nothing will happen any more.
    fn see(&mut self, sim: &Sim, stuck: bool) {
        let Some(record) = sim.records().last() else { return };
        self.times.push(record.at);
        self.chronicle.see(sim, record);
        self.code.see(sim, record);
        self.waits.see(sim, record, stuck);
        self.world.see(sim, record);
        if let Some(name) = record.what.worker() {
            let place = usize::from(name.0);
            self.workers[place].set_large(record.number, worker(sim, &sim.nodes()[place]));
        }
    }

    /// Keeps the moment after so many steps: the one that was seen last.
    fn then(&self, step: u32) -> Then {
        Then {
            step,
            chronicle: self.chronicle.then(step),
            code: self.code.then(),
            waits: self.waits.then(),
        }
    }

    /// What was seen of a recorded run by a moment that was kept.
    fn back(recording: &Recording, then: &Then) -> Self {
        let step = then.step;
        let entries = recording.record(step).map_or(0, |record| record.entries_after);
        Self {
            times: recording.times[..=step as usize].to_vec(),
            chronicle: recording.chronicle.back(&then.chronicle, &recording.histories),
            code: recording.code.back(step, &then.code),
            waits: Waits::back(&recording.waiting, step, &then.waits),
            workers: recording.workers.iter().map(|track| track.until(step)).collect(),
            world: recording.world.until(step, entries as usize),
        }
    }
}

impl Past {
    /// How many steps need not be done again for another run of the same set-up and seed.
    pub fn shares(&self, choices: &[Choice]) -> u32 {
        self.0.shares(choices)
    }

    /// Records another run of the same set-up and seed from where its choices lead away from this one. `recording` is what
    /// was kept with this.
    ///
    /// # Errors
    ///
    /// If its choices are not possible.
    pub fn fork(&self, recording: &Recording, choices: Vec<Choice>) -> Result<Recorder, SpecError> {
        let timeline = self.0.fork(choices)?;
        Ok(Recorder {
            seen: Seen::back(recording, timeline.beside()),
            timeline,
            cold: true,
        })
    }
}

/// Whether a step is what came of a choice to do that.
fn is_of(choice: &Choice, deed: &Deed, record: &Record) -> bool {
    let is_then = match choice.at {
        At::Step(step) => record.number == step + 1,
        At::Time(time) => record.at == time,
    };
    is_then && choice.deed == *deed
}

fn card(story: &Story) -> StoryCard {
    StoryCard {
        id: story.id.to_owned(),
        chapter: story.chapter.to_owned(),
        title: story.title.to_owned(),
        sentence: story.sentence.to_owned(),
        workflow_type: story.workflow_type().to_owned(),
        mended_by: story.mended_by.map(str::to_owned),
    }
}

/// What a set-up that is no story has instead of a card: its workflow.
fn card_of(sim: &Sim) -> StoryCard {
    sim.story().map_or_else(
        || StoryCard {
            id: sim.spec().story.clone(),
            chapter: String::new(),
            title: sim.spec().story.clone(),
            sentence: String::new(),
            workflow_type: sim.setup().start.workflow_type.clone(),
            mended_by: None,
        },
        card,
    )
}

/// The source texts of all workflow types that there are runs of, first that of the one which is started first.
fn sources(sim: &Sim) -> Vec<(String, Vec<Source>)> {
    let mut types = vec![sim.setup().start.workflow_type.clone()];
    for run in sim.runs() {
        if !types.contains(&run.workflow_type) {
            types.push(run.workflow_type.clone());
        }
    }
    let of_type = |workflow_type: String| {
        let versions = sim.code().iter().map(|version| source(version, &workflow_type));
        let versions = versions.collect();
        (workflow_type, versions)
    };
    types.into_iter().map(of_type).collect()
}

/// The source text of a workflow in one version of the code; empty for one that is no traced twin.
fn source(version: &Registry, workflow_type: &str) -> Source {
    let Some(code) = version.source(workflow_type) else {
        return Source::default();
    };
    Source {
        file: code.file.to_owned(),
        lines: code.text.lines().map(str::to_owned).collect(),
        body: code.body,
    }
}
