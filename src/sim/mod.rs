//! One world, stepped: the Service, the workers, their clients and the outside wired together on a virtual clock.
//!
//! [`Sim::step`] finds the next thing that is due, does it and records it; nothing happens outside a step. Every hop is
//! a step of its own, so that a crash can fall between any two. A run is a pure function of its [`RunSpec`]. A world
//! neither judges itself (`check` does) nor draws itself (`view` does).
//!
//! This file owns the order of things. What they are is elsewhere: `matching` sends workers towards tasks,
//! `workflow_tasks`, `attempts` and `local_activities` are what workers do with them, `lives` is what befalls the workers themselves,
//! [`client`] plays the [`script`]. What the user does beside it is a [`choice`].
//!
//! Going back in time, and to another run that has the same past, is for a [`timeline`]: it keeps a [`checkpoint`] now and
//! then, and `tape` has what the workers' memory is rebuilt from.
//!
//! A step costs no more in a long run than in a short one, but for the logarithm of what is due and what waits: whatever
//! is looked for is found by an index ([`agenda`], `matching`), and a history that a client watches is read once.

pub mod agenda;
mod attempts;
pub mod checkpoint;
pub mod choice;
pub mod client;
pub mod fault;
pub mod lesson;
mod lives;
mod local_activities;
mod matching;
pub mod node;
mod nonsense;
pub mod outside;
pub mod promise;
pub mod report;
pub mod saved;
pub mod script;
pub mod setup;
pub mod spec;
pub mod step;
pub mod story;
mod tape;
pub mod text;
pub mod timeline;
mod workflow_tasks;

use self::agenda::{Agenda, Due};
use self::client::Client;
use self::fault::{Fault, Target, Trigger};
use self::matching::Unclaimed;
use self::node::{Node, Process, WorkerName};
use self::outside::Outside;
use self::setup::Setup;
use self::spec::{At, Choice, Deed, RunSpec, SpecError};
use self::step::{Record, Step, Wrote};
use self::story::Story;
use self::tape::Tape;
use crate::base::chance::Chance;
use crate::base::growing::GrowingList;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::service::Service;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::worker::registry::Registry;

/// How it stands with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is more to do.
    Running,
    /// The workflow is closed and nothing is left to do.
    Settled,
    /// The workflow is open, or a client still waits, and nothing will happen by itself.
    Stuck,
    /// The time that the set-up gives is over.
    Over,
    /// The set-up's limit of steps was reached.
    DidNotSettle,
}

/// One world.
pub struct Sim {
    spec: RunSpec,
    story: Option<Story>,
    setup: Setup,
    chance: Chance,
    code: Vec<Registry>,
    now: SimTime,
    service: Service,
    nodes: Vec<Node>,
    outside: Box<dyn Outside>,
    client: Client,
    agenda: Agenda,
    unclaimed: Unclaimed,
    faults: Vec<Fault>,
    records: GrowingList<Record>,
    tape: Tape,
    next_choice: usize,
    /// What was known of each run's events after the last step.
    events: Vec<Wrote>,
    /// The runs that can still be written to.
    open: Vec<RunKey>,
    /// Workers whose memory is not rebuilt yet, and from which place of the tape on.
    asleep: Vec<(WorkerName, usize)>,
}

impl Sim {
    /// A world in which nothing has happened yet.
    ///
    /// # Errors
    ///
    /// If not every choice fits the story.
    pub fn new(story: Story, spec: &RunSpec) -> Result<Self, SpecError> {
        spec.fits(&story.setup)?;
        Ok(Self::of(spec.clone(), story.setup.clone(), Some(story)))
    }

    /// The same for a set-up that is no story. In the run's spec the workflow id stands for the story's.
    pub fn with(setup: Setup, seed: u64, choices: Vec<Choice>) -> Result<Self, SpecError> {
        let spec = RunSpec {
            story: setup.start.workflow_id.clone(),
            seed,
            choices,
        };
        spec.fits(&setup)?;
        Ok(Self::of(spec, setup, None))
    }

    fn of(mut spec: RunSpec, setup: Setup, story: Option<Story>) -> Self {
        spec.sort();
        let chance = Chance::new(spec.seed);
        let nodes = (0..)
            .zip(&setup.workers)
            .map(|(name, worker)| Node::new(WorkerName(name), worker.clone()))
            .collect();
        let mut sim = Self {
            spec,
            chance,
            code: setup.code.iter().map(|version| version()).collect(),
            now: SimTime::ZERO,
            service: Service::new(chance).with_limits(setup.limits),
            nodes,
            outside: setup.outside.clone(),
            client: Client::default(),
            agenda: Agenda::default(),
            unclaimed: Unclaimed::default(),
            faults: setup.faults.clone(),
            records: GrowingList::new(),
            tape: Tape::default(),
            next_choice: 0,
            events: Vec::new(),
            open: Vec::new(),
            asleep: Vec::new(),
            story,
            setup,
        };
        for (choice, Choice { at, .. }) in (0..).zip(&sim.spec.choices) {
            if let At::Time(time) = at {
                sim.agenda.add(*time, Due::Choose { choice });
            }
        }
        sim.start_workers();
        sim
    }

    /// What was asked for.
    pub fn spec(&self) -> &RunSpec {
        &self.spec
    }

    /// The story that is told, if it is one of a catalogue.
    pub fn story(&self) -> Option<&Story> {
        self.story.as_ref()
    }

    /// What the run began with.
    pub fn setup(&self) -> &Setup {
        &self.setup
    }

    /// The virtual clock.
    pub fn now(&self) -> SimTime {
        self.now
    }

    /// The Service.
    pub fn service(&self) -> &Service {
        &self.service
    }

    /// The first run, once it has been started: what the set-up starts.
    pub fn run(&self) -> Option<&Run> {
        self.runs().first()
    }

    /// All runs, in the order of their starts.
    pub fn runs(&self) -> &[Run] {
        self.service.runs()
    }

    /// The runs of a workflow id, oldest first.
    pub fn runs_of(&self, workflow_id: &str) -> impl Iterator<Item = &Run> {
        self.runs().iter().filter(move |run| run.workflow_id == workflow_id)
    }

    /// The clients and operators, and what they were told.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The versions of the workflow code, oldest first.
    pub fn code(&self) -> &[Registry] {
        &self.code
    }

    /// The machines.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The outside.
    pub fn outside(&self) -> &dyn Outside {
        &*self.outside
    }

    /// What the workers and faults are going to do.
    pub fn agenda(&self) -> &Agenda {
        &self.agenda
    }

    /// Every step so far.
    pub fn records(&self) -> &[Record] {
        &self.records
    }

    /// How many steps were done.
    pub fn steps(&self) -> u32 {
        u32::try_from(self.records.len()).expect("bounded by the set-up")
    }

    /// Choices whose step or time has not come.
    pub fn unused_choices(&self) -> Vec<&Choice> {
        let by_step = self.spec.choices[self.next_choice..]
            .iter()
            .filter(|choice| matches!(choice.at, At::Step(_)));
        let by_time = self.agenda.iter().filter_map(|(_, due)| self.choice(due));
        by_step.chain(by_time).collect()
    }

    /// What the user is going to do, if that is what is due.
    pub fn choice(&self, due: Due) -> Option<&Choice> {
        match due {
            Due::Choose { choice } => self.spec.choices.get(choice as usize),
            _ => None,
        }
    }

    /// How it stands.
    pub fn verdict(&mut self) -> Verdict {
        if self.steps() >= self.setup.most_steps {
            return Verdict::DidNotSettle;
        }
        if !self.client.started || self.choice_is_due() {
            return Verdict::Running;
        }
        match self.next_time() {
            Some(at) if self.last_moment().is_some_and(|last| at > last) => Verdict::Over,
            Some(_) => Verdict::Running,
            None if self.is_closed() && self.client.is_done() => Verdict::Settled,
            None => Verdict::Stuck,
        }
    }

    /// Does the next thing that is due. `None` if nothing is, or the limit is reached.
    pub fn step(&mut self) -> Option<&Record> {
        if self.verdict() != Verdict::Running {
            return None;
        }
        self.wake(usize::MAX);
        let what = self.next();
        self.arm_faults(&what);
        let number = self.steps() + 1;
        let wrote = self.written();
        let entries_after = u32::try_from(self.outside.entries().len()).expect("the journal is bounded by the steps");
        self.records.push(Record {
            number,
            at: self.now,
            what,
            wrote,
            entries_after,
        });
        self.match_tasks();
        self.let_leave();
        self.watch();
        self.records.last()
    }

    /// Steps until so many steps are done, or until the clock stands at that time and all is done that was due by then.
    pub fn run_to(&mut self, at: At) {
        match at {
            At::Step(steps) => while self.steps() < steps && self.step().is_some() {},
            At::Time(time) => {
                while self.is_due_by(time) && self.step().is_some() {}
                self.now = self.now.max(time);
            }
        }
    }

    fn is_due_by(&mut self, time: SimTime) -> bool {
        let at_once = !self.client.started || self.choice_is_due();
        (at_once && self.now <= time) || self.next_time().is_some_and(|at| at <= time)
    }

    /// Steps until nothing is due any more.
    pub fn run_to_end(&mut self) -> Verdict {
        while self.step().is_some() {}
        self.verdict()
    }

    fn choice_is_due(&self) -> bool {
        self.spec
            .choices
            .get(self.next_choice)
            .is_some_and(|choice| choice.at <= At::Step(self.steps()))
    }

    /// When the next thing is due that does not depend on the user.
    fn next_time(&mut self) -> Option<SimTime> {
        let timer = self.service.next_timer().map(|(at, _)| at);
        let entry = self.agenda.first().map(|(at, _)| at);
        timer.into_iter().chain(entry).min()
    }

    /// The end of the time that the set-up gives, once it is known.
    fn last_moment(&self) -> Option<SimTime> {
        let done = self.client.done_at.filter(|_| !self.setup.lasts.is_zero())?;
        Some(done + self.setup.lasts)
    }

    /// Whether the workflow that the run is about has come to an end, in whichever of its runs.
    fn is_closed(&self) -> bool {
        let latest = self.service.latest(&self.setup.start.workflow_id);
        latest.is_some_and(|key| !self.service.run(key).is_open())
    }

    /// The events that came since this was asked last.
    fn written(&mut self) -> Vec<Wrote> {
        let runs = self.service.runs();
        for run in &runs[self.events.len()..] {
            self.open.push(run.key);
            self.events.push(Wrote {
                run: run.key,
                first: 1,
                last: 0,
                buffered: 0,
            });
        }
        let mut wrote = Vec::new();
        let events = &mut self.events;
        self.open.retain(|key| {
            let run = self.service.run(*key);
            let known = &mut events[key.0 as usize];
            let now = Wrote {
                run: *key,
                first: known.last + 1,
                last: u32::try_from(run.log.last_id()).expect("histories are bounded"),
                buffered: u32::try_from(run.unwritten.buffer.len()).expect("histories are bounded"),
            };
            if (now.last, now.buffered) != (known.last, known.buffered) {
                wrote.push(now);
                *known = now;
            }
            run.is_open()
        });
        wrote
    }

    /// Every step so far, to be kept: it shares them.
    pub fn shared_records(&self) -> GrowingList<Record> {
        self.records.clone()
    }

    fn next(&mut self) -> Step {
        if self.choice_is_due() {
            self.next_choice += 1;
            return self.choose(self.next_choice - 1);
        }
        if !self.client.started {
            return self.start_workflow();
        }
        let timer = self.service.next_timer().map(|(at, _)| at);
        let entry = self.agenda.first();
        // At the same time: faults and the user, then the Service's timers, then the workers.
        let timer_first = match (timer, entry) {
            (Some(timer), Some((at, due))) if due.comes_first() => timer < at,
            (Some(timer), Some((at, _))) => timer <= at,
            (Some(_), None) => true,
            (None, _) => false,
        };
        if timer_first {
            return self.fire_timer();
        }
        let (at, due) = self.agenda.pop().expect("the verdict said that something is due");
        self.advance_to(at);
        match due {
            Due::Poll { worker, task, .. } => self.poll(worker, task),
            Due::Activate { worker, run } => self.activate(worker, run),
            Due::AnswerWorkflowTask { worker, run } => self.answer_workflow_task(worker, run),
            Due::Effect { worker, token } => self.effect(worker, token),
            Due::Heartbeat { worker, token, beat } => self.heartbeat(worker, token, beat),
            Due::AnswerActivity { worker, token } => self.answer_activity(worker, token),
            Due::LocalEffect { worker, token } => self.local_effect(worker, token),
            Due::LocalEnd { worker, token } => self.local_end(worker, token),
            Due::Alarm { worker, run } => self.alarm(worker, run),
            Due::GiveUp { worker, what } => self.give_up(worker, what),
            Due::Leave { worker } => self.leave(worker),
            Due::Launch { worker, code } => self.launch(worker, code),
            Due::Act => self.act(),
            Due::Hear { reply } => self.hear(reply),
            Due::StopWaiting { ticket } => self.stop_waiting(ticket),
            Due::Choose { choice } => self.choose(choice as usize),
            Due::Intervene { worker, verb } => self.intervene(worker, verb),
        }
    }

    /// The user does something.
    fn choose(&mut self, choice: usize) -> Step {
        match self.spec.choices[choice].deed.clone() {
            Deed::Worker(verb, worker) => self.intervene(worker, verb),
            Deed::Client(request) => self.ask(choice, request),
        }
    }

    fn advance_to(&mut self, at: SimTime) {
        assert!(at >= self.now, "the virtual clock never goes back");
        self.now = at;
    }

    fn fire_timer(&mut self) -> Step {
        let (at, task) = self.service.next_timer().expect("the caller has looked");
        self.advance_to(at);
        let activity_type = match &task {
            TimerTask::ActivityTimeout {
                run,
                scheduled_event_id,
                ..
            }
            | TimerTask::ActivityRetry {
                run,
                scheduled_event_id,
                ..
            } => self
                .service
                .run(*run)
                .activity(*scheduled_event_id)
                .map(|activity| activity.told.activity_type.clone()),
            _ => None,
        };
        self.service.fire_next_timer();
        Step::TimerFired { task, activity_type }
    }

    /// Finds the faults that have waited for this step.
    fn arm_faults(&mut self, step: &Step) {
        let (worker, seen) = match step {
            Step::ActivityPolled {
                worker,
                token,
                activity_type,
                ..
            } => (
                *worker,
                vec![Trigger::ActivityStarted {
                    activity_type: activity_type.clone(),
                    attempt: token.attempt,
                }],
            ),
            Step::WorkflowTaskAnswered { worker, eager, .. } => {
                let started = eager.iter().map(|(token, activity_type)| Trigger::ActivityStarted {
                    activity_type: activity_type.clone(),
                    attempt: token.attempt,
                });
                (*worker, started.collect())
            }
            Step::Effect {
                worker,
                token,
                activity_type,
                left: 0,
                ..
            } => (
                *worker,
                vec![Trigger::EffectDone {
                    activity_type: activity_type.clone(),
                    attempt: token.attempt,
                }],
            ),
            _ => return,
        };
        let (struck, waiting) = std::mem::take(&mut self.faults)
            .into_iter()
            .partition(|fault| seen.contains(&fault.when));
        self.faults = waiting;
        for (after, target, verb) in struck.into_iter().flat_map(|fault: Fault| fault.then) {
            let target = match target {
                Target::Doer => worker,
                Target::Worker(worker) => worker,
            };
            self.agenda
                .add(self.now + after, Due::Intervene { worker: target, verb });
        }
    }

    fn node(&self, worker: WorkerName) -> &Node {
        &self.nodes[usize::from(worker.0)]
    }

    fn node_mut(&mut self, worker: WorkerName) -> &mut Node {
        &mut self.nodes[usize::from(worker.0)]
    }

    /// The process of a worker that does something.
    fn process(&mut self, worker: WorkerName) -> &mut Process {
        self.node_mut(worker)
            .process
            .as_mut()
            .expect("the agenda holds nothing for dead workers")
    }
}
