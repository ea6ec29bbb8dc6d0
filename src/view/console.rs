//! A command line within a front end: what can be asked of a run at a moment of it, and done to it, in words.
//!
//! The words are those of the `sagascope` program: its commands for questions, its `--do` for deeds. Where it wants an id
//! and none is given, the workflow shown is meant. A deed without a moment is done at the moment shown.

use serde::{Deserialize, Serialize};

use super::filter::Filter;
use super::watch::alert::{Alerts, Rule};
use super::watch::{Watch, prometheus, table};
use super::{description, listing, task_queue};
use crate::base::time::SimTime;
use crate::sim::Sim;
use crate::sim::choice::{At, Choice, ClientVerb, Deed};
use crate::sim::fault::Verb;
use crate::sim::spec::SpecError;
use crate::sim::step::Step;
use crate::sim::text;

/// What somebody has typed.
#[derive(Clone, Debug, PartialEq)]
pub enum Line {
    /// Something to be answered.
    Ask(Question),
    /// Something to be done.
    Do(Choice),
}

/// What can be asked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Question {
    /// Which workflows there are; with a list filter, empty for all.
    List(String),
    /// How a workflow stands: its id.
    Describe(String),
    /// Who polls a task queue and what waits there: its name.
    TaskQueue(String),
    /// What was measured so far, as a table.
    Metrics,
    /// The same as text in Prometheus' exposition format.
    Prometheus,
    /// Whether too much has failed so far.
    Alert,
    /// The trace so far, as OTLP JSON.
    Trace,
    /// What can be said here.
    Help,
}

impl Question {
    /// A name for a file that the answer is saved in.
    pub const fn file(&self) -> &'static str {
        match self {
            Self::List(_) => "list.txt",
            Self::Describe(_) => "describe.txt",
            Self::TaskQueue(_) => "task-queue.txt",
            Self::Metrics => "metrics.txt",
            Self::Prometheus => "metrics.prom",
            Self::Alert => "alert.txt",
            Self::Trace => "trace.json",
            Self::Help => "help.txt",
        }
    }
}

/// Where the line was typed: what is meant where nothing is said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// How many steps are done.
    pub step: u32,
    /// What the virtual clock says.
    pub at: SimTime,
    /// The workflow shown.
    pub workflow_id: String,
    /// Its task queue.
    pub task_queue: String,
}

/// The words for questions.
pub const QUESTIONS: [&str; 7] = ["list", "describe", "task-queue", "metrics", "alert", "trace", "help"];

/// What can be said.
const HELP: &str = "\
To ask:
  list [FILTER]            which workflows there are
  describe [ID]            how a workflow stands, and what is pending
  task-queue [NAME]        who polls a task queue, and what waits there
  metrics [prometheus]     what was measured so far
  alert                    whether too much has failed
  trace                    the trace so far, as OTLP JSON
  help                     this

To a workflow, through the Service; INPUT is JSON, and what stands in brackets may be left out:
  signal ID NAME [INPUT]   query ID NAME [INPUT]   update ID NAME [INPUT]
  cancel ID [REASON]       terminate ID [REASON]
  reset ID EVENT [REASON]  EVENT is an event's number, FirstWorkflowTask or LastWorkflowTask

To a worker:
  kill A       its process is gone until it is started
  crash A      the same, and a supervisor starts it after 5 s
  restart A    its process starts, with an empty memory
  stop A       it finishes what it has in hand, and leaves
  launch A     it starts with the newest version of the code
  partition A  it cannot reach the Service, and goes on
  heal A       it can again

What is done is done at the moment shown; later with “at 12s kill A” or “at step 40 kill A”. ↑ and ↓ bring back what was
typed before.
";

/// Reads a line.
///
/// # Errors
///
/// Says what is wrong and what can be said instead.
pub fn read(line: &str, here: &Place) -> Result<Line, String> {
    let line = line.trim();
    let (word, rest) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let rest = rest.trim();
    let or = |default: &String| {
        if rest.is_empty() {
            default.clone()
        } else {
            rest.to_owned()
        }
    };
    let question = match word {
        "list" => Question::List(rest.to_owned()),
        "describe" => Question::Describe(or(&here.workflow_id)),
        "task-queue" => Question::TaskQueue(or(&here.task_queue)),
        "metrics" if matches!(rest, "prometheus" | "--prometheus") => Question::Prometheus,
        "metrics" | "alert" | "trace" | "help" if !rest.is_empty() => {
            return Err(format!(
                "“{line}” says too much: write metrics, metrics prometheus, alert, trace, or help."
            ));
        }
        "help" => Question::Help,
        "metrics" => Question::Metrics,
        "alert" => Question::Alert,
        "trace" => Question::Trace,
        _ => return deed(line, word, here).map(Line::Do),
    };
    Ok(Line::Ask(question))
}

fn deed(line: &str, word: &str, here: &Place) -> Result<Choice, String> {
    let is_deed = word == "at" || ClientVerb::named(word).is_some() || Verb::named(word).is_some();
    if !is_deed {
        let questions = QUESTIONS.join(", ");
        let client = ClientVerb::ALL.map(ClientVerb::name).join(", ");
        let worker = Verb::ALL.map(Verb::name).join(", ");
        return Err(format!(
            "“{word}” is no command. To ask: {questions}. To a workflow: {client}. To a worker: {worker}."
        ));
    }
    let choice = if word == "at" {
        Choice::parse_words(line)
    } else {
        Choice::parse_words(&format!("at step {} {line}", here.step))
    };
    let choice = choice.map_err(|error| match error {
        // Without the moment, which nobody has typed.
        SpecError::BadChoice { why, .. } => format!("“{line}” cannot be done: {why}."),
        error => error.to_string(),
    })?;
    let is_past = match choice.at {
        At::Step(step) => step < here.step,
        At::Time(time) => time <= here.at,
    };
    if is_past {
        return Err(format!(
            "“{line}” cannot be done: that moment is past. Go back to it first."
        ));
    }
    Ok(choice)
}

/// A world on its way to the moment that a question is about. Sliceable, like a recording.
pub struct Asked {
    watch: Watch,
    until: u32,
}

impl Asked {
    /// A world before its first step, to be asked when so many steps are done.
    pub fn of(sim: Sim, until: u32) -> Self {
        let watch = Watch::of(sim);
        Self { watch, until }
    }

    /// Does at most `steps` steps. True once the moment is reached, or the run is at its end.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            if self.watch.sim().steps() >= self.until || self.watch.advance(1) {
                return true;
            }
        }
        false
    }

    /// The answer, as the `sagascope` program prints it.
    ///
    /// # Errors
    ///
    /// If there is nothing of that name, or the filter cannot be read.
    pub fn answer(&self, question: &Question) -> Result<String, String> {
        let sim = self.watch.sim();
        match question {
            Question::List(filter) => {
                let filter = Filter::parse(filter, &listing::custom_attributes(sim))?;
                let rows = listing::list(sim, &filter);
                Ok(if rows.is_empty() {
                    "no workflow, or none that the filter lets through".to_owned()
                } else {
                    listing::text(&rows)
                })
            }
            Question::Describe(workflow_id) => Ok(description::describe(sim, workflow_id, None)?.text()),
            Question::TaskQueue(name) => Ok(task_queue::describe(sim, name).text()),
            Question::Metrics => Ok(table::text(&self.watch.metrics())),
            Question::Prometheus => Ok(prometheus::text(&self.watch.metrics())),
            Question::Alert => Ok(Alerts::of(&self.watch, Rule::default()).text().to_owned()),
            Question::Trace => Ok(self.watch.otlp().to_string()),
            Question::Help => Ok(HELP.to_owned()),
        }
    }
}

/// A deed, tried out in a world of its own, before anybody is shown the future that it makes. Sliceable, like a recording.
pub struct Tried {
    sim: Sim,
    choice: Choice,
    /// The number under which clients speak of it.
    act: Option<u32>,
    /// How many steps were looked at.
    seen: usize,
    /// What the Service or the worker made of it, and what a client heard afterwards.
    done: Option<Result<String, String>>,
    heard: Option<Result<String, String>>,
}

impl Tried {
    /// A world before its first step, in which the choice is made.
    pub fn of(sim: Sim, choice: Choice) -> Self {
        let place = sim.spec().choices.iter().position(|made| *made == choice);
        Self {
            act: place.map(|place| sim.act_of_choice(place)),
            sim,
            choice,
            seen: 0,
            done: None,
            heard: None,
        }
    }

    /// Does at most `steps` steps. True once it is known what comes of it.
    pub fn advance(&mut self, steps: u32) -> bool {
        for _ in 0..steps {
            if self.is_known() || self.sim.step().is_none() {
                return true;
            }
            self.look();
        }
        self.is_known()
    }

    /// What came of it.
    ///
    /// # Errors
    ///
    /// If nothing was done, or a client got no answer. With the reason.
    pub fn outcome(&self) -> Result<String, String> {
        let Some(done) = &self.done else {
            return Err(text::never(&self.sim, &self.choice));
        };
        let done = done.clone()?;
        match &self.heard {
            None if self.waits() => Ok(format!("{done}\nNobody hears an answer as long as this run lasts.")),
            None => Ok(done),
            Some(heard) => Ok(format!("{done}\n{}", heard.clone()?)),
        }
    }

    /// A client waits for an answer.
    fn waits(&self) -> bool {
        matches!(&self.choice.deed, Deed::Client(request) if matches!(request.verb, ClientVerb::Query | ClientVerb::Update))
    }

    fn is_known(&self) -> bool {
        match &self.done {
            None => false,
            Some(Err(_)) => true,
            Some(Ok(_)) => !self.waits() || self.heard.is_some(),
        }
    }

    fn look(&mut self) {
        for record in &self.sim.records()[self.seen..] {
            let told = format!(
                "step {}, {}: {}",
                record.number,
                record.at,
                text::sentence(&record.what)
            );
            match &record.what {
                Step::Heard { act, ok, .. } if Some(*act) == self.act => {
                    self.heard = Some(if *ok { Ok(told) } else { Err(told) });
                }
                _ if self.done.is_some() => {}
                Step::Acted { act, refused, .. } if Some(*act) == self.act => {
                    self.done = Some(if refused.is_none() { Ok(told) } else { Err(told) });
                }
                what if self.is_deed(what, record.number, record.at) => {
                    let refused = matches!(what, Step::Refused { .. });
                    self.done = Some(if refused { Err(told) } else { Ok(told) });
                }
                _ => {}
            }
        }
        self.seen = self.sim.records().len();
    }

    /// Whether a step is what was to be done to a worker.
    fn is_deed(&self, what: &Step, number: u32, at: SimTime) -> bool {
        let Deed::Worker(_, worker) = &self.choice.deed else {
            return false;
        };
        let then = match self.choice.at {
            At::Step(step) => number == step + 1,
            At::Time(time) => at == time,
        };
        let befalls = matches!(
            what,
            Step::Crashed { .. }
                | Step::Restarted { .. }
                | Step::Stopping { .. }
                | Step::Left { .. }
                | Step::Partitioned { .. }
                | Step::Healed { .. }
                | Step::Refused { .. }
        );
        then && befalls && what.worker() == Some(*worker)
    }
}

/// Beginnings of lines that make sense for a workflow: its handlers, as far as its source text tells them.
pub fn suggestions(workflow_id: &str, source: &[String]) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for (number, line) in source.iter().enumerate() {
        let line = line.trim();
        let verb = [
            ("#[signal", "signal"),
            ("#[query", "query"),
            ("#[update]", "update"),
            ("#[update(", "update"),
        ]
        .into_iter()
        .find(|(attribute, _)| line.starts_with(attribute));
        let Some((_, verb)) = verb else { continue };
        let given = line
            .split_once("name = \"")
            .and_then(|(_, rest)| rest.split('"').next());
        let function = || {
            let rest = source[number..].iter().find_map(|line| line.split_once("fn "))?.1;
            rest.split(|c: char| !c.is_alphanumeric() && c != '_').next()
        };
        if let Some(name) = given.or_else(function) {
            lines.push(format!("{verb} {workflow_id} {name}"));
        }
    }
    lines.extend(["cancel", "terminate"].map(|verb| format!("{verb} {workflow_id}")));
    lines.push(format!("reset {workflow_id} FirstWorkflowTask"));
    lines
}
