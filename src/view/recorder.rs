//! Makes a [`Recording`]: steps a world to its end and notes what is new at each step.
//!
//! Sliceable, so that a page can record a long run without blocking: [`Recorder::advance`] does at most so many steps.

use super::chronicle::Chronicle;
use super::code::CodeMarks;
use super::marks::lanes;
use super::recording::{Ending, Promise, Recording, RunRow, Source, StoryCard, Waiting, WorkerState};
use super::track::Track;
use super::waiting::Waits;
use super::words::clock;
use super::workers::worker;
use super::world::WorldRows;
use crate::base::time::SimTime;
use crate::check::promise::promises;
use crate::service::run::Run;
use crate::sim::step::Step;
use crate::sim::story::{Catalogue, Story};
use crate::sim::{Sim, Verdict, text};
use crate::worker::registry::Registry;

/// Records one run.
pub struct Recorder {
    sim: Sim,
    times: Vec<SimTime>,
    chronicle: Chronicle,
    code: CodeMarks,
    waits: Waits,
    workers: Vec<Track<WorkerState>>,
    world: WorldRows,
}

/// The cards of all stories, in order.
pub fn stories(catalogue: Catalogue) -> Vec<StoryCard> {
    catalogue.all().iter().map(card).collect()
}

impl Recorder {
    /// Records a world in which nothing has happened yet.
    pub fn of(sim: Sim) -> Self {
        let mut workers = Vec::new();
        for node in sim.nodes() {
            let mut track = Track::default();
            track.set(0, worker(&sim, node));
            workers.push(track);
        }
        Self {
            times: vec![sim.now()],
            chronicle: Chronicle::new(&sim),
            code: CodeMarks::default(),
            waits: Waits::default(),
            workers,
            world: WorldRows::new(&sim),
            sim,
        }
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            if self.sim.step().is_none() {
                return true;
            }
            self.see();
        }
        self.sim.verdict() != Verdict::Running
    }

    /// Notes what the last step brought.
    fn see(&mut self) {
        let stuck = self.sim.verdict() == Verdict::Stuck;
        let sim = &self.sim;
        let Some(record) = sim.records().last() else { return };
        self.times.push(record.at);
        self.chronicle.see(sim, record);
        self.code.see(sim, record);
        self.waits.see(sim, record, stuck);
        self.world.see(sim, record);
        if let Some(name) = record.what.worker() {
            let place = usize::from(name.0);
            self.workers[place].set(record.number, worker(sim, &sim.nodes()[place]));
        }
    }

    /// The recording of everything recorded so far.
    pub fn finish(mut self) -> Recording {
        let end = self.ending();
        let sim = self.sim;
        let rows = sim.runs().iter().zip(self.chronicle.runs.all());
        let runs = rows.map(|(run, line)| RunRow {
            workflow_id: run.workflow_id.clone(),
            workflow_type: run.workflow_type.clone(),
            task_queue: run.task_queue.clone(),
            opened: line.opened,
            closed: line.closed.map(|(step, status)| (step, status.name())),
        });
        let runs: Vec<RunRow> = runs.collect();
        let sources = sources(&sim);
        let (story, spec, lanes) = (card_of(&sim), sim.spec().clone(), lanes(&sim, &self.chronicle));
        let (records, past) = sim.into_past();
        Recording {
            story,
            seed: spec.seed,
            choices: spec.choices.iter().map(ToString::to_string).collect(),
            runs,
            lanes,
            end,
            times: self.times,
            records,
            histories: past.into_iter().map(|run| run.log).collect(),
            chronicle: self.chronicle,
            code: self.code,
            waiting: self.waits.finish(),
            before: Waiting::for_something("Nothing has happened yet: a client is about to start the workflow."),
            workers: self.workers,
            world: self.world,
            sources,
        }
    }

    fn ending(&mut self) -> Ending {
        let verdict = self.sim.verdict();
        let at = clock(self.sim.now());
        // A workflow that continued as new has its result in a later run.
        let last = self.sim.run().and_then(|run| self.sim.runs_of(&run.workflow_id).last());
        let result = last.and_then(Run::result).map(|result| result.to_string());
        let text = match verdict {
            Verdict::Settled if result.is_some() => format!("completed; nothing is left to do after {at}"),
            Verdict::Settled => format!("{}; nothing is left to do after {at}", text::ending(&self.sim)),
            Verdict::Stuck => format!("stuck at {at}: {}", text::stuck(&self.sim)),
            Verdict::Over => format!("the story ends at {at}; not all of it has come to an end"),
            Verdict::DidNotSettle => format!("did not settle within {} steps", self.sim.setup().most_steps),
            Verdict::Running => format!("recorded up to {at}"),
        };
        let promises = promises(&self.sim)
            .into_iter()
            .map(|promise| Promise {
                sentence: promise.sentence.to_owned(),
                held: promise.held,
                seen: promise.seen,
            })
            .collect();
        let unused = self.sim.unused_choices().into_iter();
        let never = unused.map(|choice| text::never(&self.sim, choice));
        let chosen = self.sim.act_of_choice(0);
        let refused = self.sim.records().iter().filter(|record| match &record.what {
            Step::Refused { .. } => true,
            Step::Acted { act, refused, .. } => *act >= chosen && refused.is_some(),
            _ => false,
        });
        let unheeded = refused.map(|record| format!("Step {}: {}.", record.number, text::sentence(&record.what)));
        Ending {
            unheeded: unheeded.chain(never).collect(),
            settled: verdict == Verdict::Settled,
            text,
            result,
            promises,
        }
    }
}

fn card(story: &Story) -> StoryCard {
    StoryCard {
        id: story.id.to_owned(),
        chapter: story.chapter.to_owned(),
        title: story.title.to_owned(),
        sentence: story.sentence.to_owned(),
        workflow_type: story.workflow_type().to_owned(),
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
