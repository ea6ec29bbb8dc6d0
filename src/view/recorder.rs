//! Makes a [`Recording`]: steps a world to its end and notes everything a front end may want to show of each moment.
//!
//! Sliceable, so that a page can record a long run without blocking: [`Recorder::advance`] does at most so many steps.

use super::attempts::AttemptBook;
use super::code::CodeMarks;
use super::events::EventRows;
use super::marks::Marks;
use super::recording::{
    Ending, Moment, Outcome, Promise, Recording, RunRow, Source, StepKind, StoryCard, Unwritten, WorkerState, WorldRow,
};
use super::waiting::waiting;
use super::words::clock;
use crate::check::promise::promises;
use crate::contract::task::RunKey;
use crate::history::proto::{HistoryEvent, event_name};
use crate::history::timestamp::Timestamp;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::sim::outside::Fact;
use crate::sim::step::{Answered, Record, Step};
use crate::sim::story::{Catalogue, Story};
use crate::sim::{MAX_STEPS, Sim, Verdict, text};
use crate::worker::registry::Registry;

/// Records one run.
pub struct Recorder {
    sim: Sim,
    moments: Vec<Moment>,
    events: EventRows,
    events_seen: usize,
    marks: Marks,
    code: CodeMarks,
    attempts: AttemptBook,
    facts: Vec<Fact>,
    runs: Vec<RunRow>,
    shown: u32,
}

/// The cards of all stories, in order.
pub fn stories(catalogue: Catalogue) -> Vec<StoryCard> {
    catalogue.all().iter().map(card).collect()
}

impl Recorder {
    /// Records a world in which nothing has happened yet; of all workflow runs that will be started it shows number
    /// `shown`, from 0.
    pub fn showing(sim: Sim, shown: u32) -> Self {
        let mut recorder = Self::of(sim.showing(RunKey(shown)));
        recorder.shown = shown;
        recorder
    }

    /// Records a world in which nothing has happened yet. It shows the first workflow run.
    pub fn of(sim: Sim) -> Self {
        let mut recorder = Self {
            moments: Vec::new(),
            events: EventRows::default(),
            events_seen: 0,
            marks: Marks::new(&sim),
            code: CodeMarks::default(),
            attempts: AttemptBook::default(),
            facts: sim.outside().facts(),
            runs: Vec::new(),
            shown: 0,
            sim,
        };
        let beginning = recorder.moment(None);
        recorder.moments.push(beginning);
        recorder
    }

    /// Does at most `steps` steps. True once the run has come to its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            let Some(record) = self.sim.step().cloned() else {
                return true;
            };
            self.see(&record);
        }
        self.sim.verdict() != Verdict::Running
    }

    /// The recording of everything recorded so far.
    pub fn finish(mut self) -> Recording {
        let end = self.ending();
        let (lanes, marks) = self.marks.finish(self.sim.now(), self.sim.steps());
        Recording {
            story: card_of(&self.sim),
            seed: self.sim.spec().seed,
            choices: self.sim.spec().choices.iter().map(ToString::to_string).collect(),
            sources: self.sim.code().iter().map(|code| source(&self.sim, code)).collect(),
            runs: self.runs,
            shown: self.shown,
            moments: self.moments,
            events: self.events.finish(),
            lanes,
            marks,
            end,
        }
    }

    fn see(&mut self, record: &Record) {
        let written: Vec<HistoryEvent> = self
            .sim
            .run()
            .map(|run| run.log.events()[self.events_seen..].to_vec())
            .unwrap_or_default();
        self.events_seen += written.len();
        for event in &written {
            self.events.see(event, record.number);
        }
        self.marks.see(&self.sim, record, &written);
        self.code.see(&self.sim, record);
        self.attempts.see(&self.sim, record);
        let moment = self.moment(Some(record));
        self.facts = self.sim.outside().facts();
        self.moments.push(moment);
        self.see_runs(record.number);
    }

    fn see_runs(&mut self, step: u32) {
        for run in &self.sim.runs()[self.runs.len()..] {
            self.runs.push(RunRow {
                workflow_id: run.workflow_id.clone(),
                workflow_type: run.workflow_type.clone(),
                task_queue: run.task_queue.clone(),
                opened: step,
                closed: None,
            });
        }
        for (row, run) in self.runs.iter_mut().zip(self.sim.runs()) {
            if row.closed.is_none() && !run.is_open() {
                row.closed = Some((step, run.status().name()));
            }
        }
    }

    fn moment(&mut self, record: Option<&Record>) -> Moment {
        let waiting = waiting(&mut self.sim);
        let closed_now = waiting.closed && self.moments.last().is_some_and(|moment| !moment.waiting.closed);
        Moment {
            step: self.sim.steps(),
            at: self.sim.now(),
            text: record.map_or_else(|| "nothing has happened yet".to_owned(), text::told),
            kind: record.map_or(StepKind::Client, |record| kind(&record.what)),
            interesting: closed_now || record.is_some_and(|record| interesting(&record.what)),
            events_len: self
                .sim
                .run()
                .map_or(0, |run| u32::try_from(run.log.last_id()).unwrap_or(u32::MAX)),
            unwritten: self.unwritten(),
            workers: self.workers(),
            world: self.world(),
            waiting,
            code: self.code.shown(&self.sim),
            attempts: self.attempts.current(),
        }
    }

    /// What no event says yet: attempts, and workflow tasks that are retried in silence.
    fn unwritten(&self) -> Vec<Unwritten> {
        let mut facts = self.attempts.unwritten(&self.sim);
        let task = self.sim.run().and_then(|run| run.workflow_task());
        if let Some(task) = task.filter(|task| task.attempt > 1) {
            let (at, what) = match &task.started {
                Some(started) => (started.at, "started"),
                None => (task.scheduled_at, "scheduled"),
            };
            facts.push(Unwritten {
                at,
                text: format!("workflow task attempt {} {what}", task.attempt),
                chip: "written only if it is answered".to_owned(),
                outcome: Outcome::Running,
            });
        }
        let buffered = self
            .sim
            .run()
            .map(|run| run.unwritten.buffer.as_slice())
            .unwrap_or_default();
        facts.extend(buffered.iter().map(|event| Unwritten {
            at: event.event_time.map(Timestamp::sim_time).unwrap_or_default(),
            text: event_name(event.event_type()).to_owned(),
            chip: "buffered while a workflow task runs".to_owned(),
            outcome: Outcome::Running,
        }));
        facts
    }

    fn workers(&self) -> Vec<WorkerState> {
        self.sim
            .nodes()
            .iter()
            .map(|node| {
                let (doing, cached) = match &node.process {
                    None if node.starts == 0 => ("not started yet".to_owned(), "nothing".to_owned()),
                    None => (
                        format!("dead since {}", clock(node.since)),
                        "nothing: its memory is lost".to_owned(),
                    ),
                    Some(process) => {
                        let mut doing: Vec<String> = Vec::new();
                        if !process.workflow_tasks.is_empty() {
                            let replays = process.worker.cached().any(|(_, execution)| execution.next_is_replay());
                            let verb = if replays {
                                "replays the workflow"
                            } else {
                                "runs a workflow task"
                            };
                            doing.push(verb.to_owned());
                        }
                        doing.extend(process.activities.iter().map(|(token, attempt)| {
                            format!("runs {}, attempt {}", attempt.task.activity_type, token.attempt)
                        }));
                        doing.extend(process.local_activities.iter().map(|(token, attempt)| {
                            format!(
                                "runs {} within the task, attempt {}",
                                attempt.task.activity_type, token.attempt
                            )
                        }));
                        if doing.is_empty() {
                            let setup = &node.setup;
                            doing.push(match (process.leaving, setup.workflows, setup.activities) {
                                (Some(_), ..) => "is about to leave".to_owned(),
                                (_, true, true) => format!("polls {}", setup.task_queue),
                                (_, true, false) => format!("polls {} for workflow tasks", setup.task_queue),
                                (_, false, _) => format!("polls {} for activities", setup.task_queue),
                            });
                        }
                        let cached: Vec<String> = process
                            .worker
                            .cached()
                            .map(|(run, execution)| {
                                let id = &self.sim.service().run(run).workflow_id;
                                match execution.seen_event_id() {
                                    0 => format!("{id}, from its beginning"),
                                    event => format!("{id} up to event {event}"),
                                }
                            })
                            .collect();
                        let cached = if cached.is_empty() {
                            "nothing".to_owned()
                        } else {
                            cached.join(", ")
                        };
                        let mut doing = doing.join(" and ");
                        if node.setup.pace < 100 {
                            doing.push_str(&format!(" at {} % of the usual pace", node.setup.pace));
                        }
                        if let Some(since) = node.cut {
                            doing.push_str(&format!("; cut off from the Service since {}", clock(since)));
                        }
                        (doing, cached)
                    }
                };
                WorkerState {
                    name: node.name.to_string(),
                    identity: node.identity(),
                    alive: node.process.is_some(),
                    doing,
                    cached,
                }
            })
            .collect()
    }

    fn world(&self) -> Vec<WorldRow> {
        let entries = self.sim.outside().entries().iter();
        let doubled: Vec<&str> = entries.filter_map(|entry| entry.spoils.as_deref()).collect();
        self.sim
            .outside()
            .facts()
            .into_iter()
            .map(|fact| WorldRow {
                changed: !self.facts.contains(&fact),
                expected: None,
                alarm: doubled.contains(&fact.label.as_str()),
                label: fact.label,
                value: fact.value,
            })
            .collect()
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
            Verdict::DidNotSettle => format!("did not settle within {MAX_STEPS} steps"),
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

/// The source text of the workflow that is shown, in one version of the code; empty for one that is no traced twin.
fn source(sim: &Sim, version: &Registry) -> Source {
    let started = &sim.setup().start.workflow_type;
    let workflow_type = sim.run().map_or(started, |run| &run.workflow_type);
    let code = version.source(workflow_type);
    let Some(code) = code else {
        return Source::default();
    };
    Source {
        file: code.file.to_owned(),
        lines: code.text.lines().map(str::to_owned).collect(),
        body: code.body,
    }
}

fn kind(step: &Step) -> StepKind {
    match step {
        Step::WorkflowStarted { .. } | Step::Acted { .. } | Step::Heard { .. } => StepKind::Client,
        Step::WorkflowTaskPolled { .. } | Step::ActivityPolled { .. } | Step::TaskGone { .. } => StepKind::Poll,
        Step::Activated { activated, .. } if activated.replaying => StepKind::Replay,
        Step::Activated { .. } | Step::ActivationFailed { .. } => StepKind::Execute,
        Step::WorkflowTaskAnswered { .. } | Step::QueryAnswered { .. } => StepKind::Answer,
        Step::Effect { .. } | Step::LocalEffect { .. } => StepKind::Effect,
        Step::ActivityAnswered { .. } | Step::Heartbeat { .. } | Step::LocalEnded { .. } => StepKind::ActivityAnswer,
        Step::TimerFired { .. } | Step::Alarm { .. } => StepKind::Timer,
        Step::Crashed { .. }
        | Step::Stopping { .. }
        | Step::Left { .. }
        | Step::CutOff { .. }
        | Step::Unheard { .. }
        | Step::GaveUp { .. } => StepKind::Crash,
        Step::Restarted { .. } | Step::Healed { .. } | Step::Refused { .. } => StepKind::Restart,
    }
}

/// A step that "next interesting" stops at.
fn interesting(step: &Step) -> bool {
    match step {
        Step::WorkflowStarted { .. }
        | Step::WorkflowTaskPolled { .. }
        | Step::ActivityPolled { .. }
        | Step::QueryAnswered { .. }
        | Step::Alarm { .. } => false,
        Step::Activated { activated, .. } => activated.replaying,
        Step::WorkflowTaskAnswered { how, .. } => *how != Answered::Accepted,
        Step::Effect { outcome, .. } | Step::LocalEffect { outcome, .. } => outcome.is_err(),
        Step::LocalEnded { ok, .. } => !ok,
        Step::ActivityAnswered { ok, accepted, .. } => !ok || !accepted,
        Step::Heartbeat { cancelled, .. } => cancelled.is_some(),
        Step::TimerFired { task, .. } => !matches!(task, TimerTask::UserTimer { .. } | TimerTask::Transfer { .. }),
        Step::ActivationFailed { .. }
        | Step::Crashed { .. }
        | Step::Restarted { .. }
        | Step::Stopping { .. }
        | Step::Left { .. }
        | Step::CutOff { .. }
        | Step::Unheard { .. }
        | Step::GaveUp { .. }
        | Step::Healed { .. }
        | Step::TaskGone { .. }
        | Step::Acted { .. }
        | Step::Heard { .. }
        | Step::Refused { .. } => true,
    }
}
