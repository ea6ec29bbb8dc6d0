//! One world, stepped: the Service, the workers and the outside wired together on a virtual clock.
//!
//! [`Sim::step`] finds the next thing that is due, does it and records it; nothing happens outside a step. Every hop is
//! a step of its own, so that a crash can fall between any two. A run is a pure function of its [`RunSpec`]: going back
//! in time is running again. A world neither judges itself (`check` does) nor draws itself (`view` does).

pub mod agenda;
pub mod fault;
pub mod node;
pub mod report;
pub mod script;
pub mod setup;
pub mod spec;
pub mod step;
pub mod story;
pub mod text;

use self::agenda::{Agenda, Due};
use self::fault::{Fault, RESTART_AFTER, Target, Trigger, Verb};
use self::node::{Attempt, Node, Process, WorkerName};
use self::setup::Setup;
use self::spec::{Choice, RunSpec, SpecError};
use self::step::{Answered, Record, Step};
use self::story::Story;
use crate::base::chance::Chance;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::{ActivityAnswer, WorkflowTaskAnswer};
use crate::contract::task::{ActivityTask, ActivityTaskToken, RunKey, WorkflowTask};
use crate::history::payload;
use crate::history::proto::{ApplicationFailureInfo, Failure, FailureInfo};
use crate::service::queue::{QueuedTask, QueuedWork};
use crate::service::run::{Run, RunStatus};
use crate::service::timer::TimerTask;
use crate::service::{Polled, Service};
use crate::worker::registry::Registry;
use crate::world::{ActivityError, Call, World};

/// No run has more steps than this. One that wants more is reported as not settling.
pub const MAX_STEPS: u32 = 5_000;

/// The task queue that all stories use.
pub const TASK_QUEUE: &str = "orders";

/// How it stands with a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// There is more to do.
    Running,
    /// The workflow is closed and nothing is left to do.
    Settled,
    /// The workflow is open and nothing will happen by itself.
    Stuck,
    /// The limit of steps was reached.
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
    world: World,
    agenda: Agenda,
    faults: Vec<Fault>,
    records: Vec<Record>,
    next_choice: usize,
}

impl Sim {
    /// A world in which nothing has happened yet.
    pub fn new(spec: &RunSpec) -> Result<Self, SpecError> {
        let story = spec.check()?;
        Ok(Self::of(spec.clone(), story.setup(), Some(story)))
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

    fn of(spec: RunSpec, setup: Setup, story: Option<Story>) -> Self {
        let chance = Chance::new(spec.seed);
        let code: Vec<Registry> = setup.code.iter().map(|version| version()).collect();
        let mut service = Service::new(chance);
        let mut nodes = Vec::new();
        for (name, worker) in (0..).zip(&setup.workers) {
            let mut node = Node::new(WorkerName(name));
            if let Some(version) = worker.code {
                let sticky_queue = node.start(SimTime::ZERO, chance, code[usize::from(version)].clone());
                service.sticky_poll_began(&sticky_queue);
            }
            nodes.push(node);
        }
        Self {
            spec,
            chance,
            code,
            now: SimTime::ZERO,
            service,
            nodes,
            world: World::new(setup.world.clone()),
            agenda: Agenda::default(),
            faults: setup.faults.clone(),
            records: Vec::new(),
            next_choice: 0,
            story,
            setup,
        }
    }

    /// What was asked for.
    pub fn spec(&self) -> &RunSpec {
        &self.spec
    }

    /// The story that is told, if it is one of the catalogue.
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

    /// The story's run, once the client has started it.
    pub fn run(&self) -> Option<&Run> {
        self.service.runs().first()
    }

    /// The machines.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The outside.
    pub fn world(&self) -> &World {
        &self.world
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
        u32::try_from(self.records.len()).expect("bounded by MAX_STEPS")
    }

    /// Choices whose step never came.
    pub fn unused_choices(&self) -> &[Choice] {
        &self.spec.choices[self.next_choice..]
    }

    /// How it stands.
    pub fn verdict(&mut self) -> Verdict {
        if self.steps() >= MAX_STEPS {
            return Verdict::DidNotSettle;
        }
        let something_is_due = self.run().is_none()
            || self.choice_is_due()
            || self.agenda.first().is_some()
            || self.service.next_timer().is_some();
        match (something_is_due, self.run().is_some_and(|run| !run.is_open())) {
            (true, _) => Verdict::Running,
            (false, true) => Verdict::Settled,
            (false, false) => Verdict::Stuck,
        }
    }

    /// Does the next thing that is due. `None` if nothing is, or the limit is reached.
    pub fn step(&mut self) -> Option<&Record> {
        if self.verdict() != Verdict::Running {
            return None;
        }
        let what = self.next();
        self.arm_faults(&what);
        let number = self.steps() + 1;
        let events_after = self.run().map_or(0, |run| {
            u32::try_from(run.log.last_id()).expect("histories are bounded")
        });
        let entries_after = u32::try_from(self.world.entries().len()).expect("the journal is bounded by the steps");
        self.records.push(Record {
            number,
            at: self.now,
            what,
            events_after,
            entries_after,
        });
        self.match_tasks();
        self.records.last()
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
            .is_some_and(|choice| choice.step <= self.steps())
    }

    fn next(&mut self) -> Step {
        if self.choice_is_due() {
            let choice = self.spec.choices[self.next_choice];
            self.next_choice += 1;
            return self.intervene(choice.worker, choice.verb);
        }
        if self.run().is_none() {
            return self.start_workflow();
        }
        let timer = self.service.next_timer().map(|(at, _)| at);
        let entry = self.agenda.first();
        // At the same time: faults, then the Service's timers, then the workers.
        let timer_first = match (timer, entry) {
            (Some(timer), Some((at, Due::Intervene { .. }))) => timer < at,
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
            Due::Poll { worker, task } => self.poll(worker, task),
            Due::Activate { worker, run } => self.activate(worker, run),
            Due::AnswerWorkflowTask { worker, run } => self.answer_workflow_task(worker, run),
            Due::Effect { worker, token } => self.effect(worker, token),
            Due::AnswerActivity { worker, token } => self.answer_activity(worker, token),
            Due::Intervene { worker, verb } => self.intervene(worker, verb),
        }
    }

    fn advance_to(&mut self, at: SimTime) {
        assert!(at >= self.now, "the virtual clock never goes back");
        self.now = at;
    }

    fn start_workflow(&mut self) -> Step {
        let run = self.service.start_workflow(self.now, self.setup.start.clone());
        let run = run.expect("the first workflow of a run has no rival");
        Step::WorkflowStarted { run }
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
                .map(|activity| activity.activity_type.clone()),
            TimerTask::WorkflowTaskTimeout { .. }
            | TimerTask::UserTimer { .. }
            | TimerTask::FirstTask { .. }
            | TimerTask::RunTimeout { .. }
            | TimerTask::Transfer { .. } => None,
        };
        self.service.fire_next_timer();
        Step::TimerFired { task, activity_type }
    }

    fn poll(&mut self, worker: WorkerName, task: u64) -> Step {
        let (queue, waiting_since) = self
            .service
            .queues()
            .waiting()
            .find(|(_, queued)| queued.number == task)
            .map(|(queue, queued)| (queue.to_owned(), queued.since))
            .expect("an assigned task leaves the queue only by a poll, or takes its assignment with it");
        let poller = self.node(worker).poller();
        match self
            .service
            .poll(self.now, task, &poller)
            .expect("queues hold no pointless tasks")
        {
            Polled::Workflow(task) => {
                let step = Step::WorkflowTaskPolled {
                    worker,
                    run: task.token.run,
                    waiting_since,
                    sticky: queue != TASK_QUEUE,
                    attempt: task.token.attempt,
                    events: u32::try_from(task.events.len()).expect("histories are bounded"),
                };
                self.take_workflow_task(worker, *task);
                step
            }
            Polled::Query(_) => unreachable!("nobody asks yet"),
            Polled::Activity(task) => {
                let step = Step::ActivityPolled {
                    worker,
                    token: task.token,
                    activity_type: task.activity_type.clone(),
                    waiting_since,
                };
                self.take_activity(worker, *task);
                step
            }
        }
    }

    fn take_workflow_task(&mut self, worker: WorkerName, task: WorkflowTask) {
        let run = task.token.run;
        let event = task.started_event_id.unsigned_abs();
        let now = self.now;
        let process = self.process(worker);
        process.workflow_tasks.insert(run, now);
        process.worker.take(task);
        self.go_on(worker, run, event);
    }

    /// The next thing a worker does with the workflow task in its hands: run on, or answer.
    fn go_on(&mut self, worker: WorkerName, run: RunKey, key: u64) {
        let takes = self.chance.span(
            "activation",
            &[u64::from(run.0), key],
            Span::micros(600),
            Span::micros(1_800),
        );
        let due = if self.process(worker).worker.has_more(run) {
            Due::Activate { worker, run }
        } else {
            Due::AnswerWorkflowTask { worker, run }
        };
        self.agenda.add(self.now + takes, due);
    }

    fn activate(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let now = self.now;
        let activated = self.process(worker).worker.activate(run, now);
        match activated {
            Some(activated) => {
                self.go_on(worker, run, activated.events.1.unsigned_abs() + 1);
                Step::Activated {
                    worker,
                    run,
                    activated: Box::new(activated),
                }
            }
            None => {
                let message = self.process(worker).worker.failure_message(run).unwrap_or_default();
                self.go_on(worker, run, 0);
                Step::ActivationFailed { worker, run, message }
            }
        }
    }

    fn answer_workflow_task(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let process = self.process(worker);
        process.workflow_tasks.remove(&run);
        let (token, answer) = process.worker.answer(run).expect("a task is answered once");
        let mut eager = Vec::new();
        let mut next_task = false;
        let how = match answer {
            None => Answered::Silent,
            Some(answer) => {
                let failed = matches!(answer, WorkflowTaskAnswer::Failed { .. });
                match self.service.answer_workflow_task(self.now, token, answer) {
                    Ok(accepted) => {
                        for task in accepted.eager_activities {
                            eager.push((task.token, task.activity_type.clone()));
                            self.take_activity(worker, task);
                        }
                        if let Some(task) = accepted.next_task {
                            next_task = true;
                            self.take_workflow_task(worker, *task);
                        }
                        if failed { Answered::Failed } else { Answered::Accepted }
                    }
                    Err(_) => Answered::NotFound,
                }
            }
        };
        let status = self.service.run(run).status;
        if how != Answered::Accepted || status != RunStatus::Running {
            self.process(worker).worker.evict(run);
        }
        Step::WorkflowTaskAnswered {
            worker,
            run,
            how,
            eager,
            next_task,
            status,
        }
    }

    fn take_activity(&mut self, worker: WorkerName, task: ActivityTask) {
        let token = task.token;
        let input = payload::first_value(task.input.as_ref());
        let plan = self.world.plan(self.chance, self.now, &call(&task, &input));
        self.process(worker)
            .activities
            .insert(token, Attempt { task, outcome: None });
        self.agenda
            .add(self.now + plan.effect_after, Due::Effect { worker, token });
        self.agenda
            .add(self.now + plan.answer_after, Due::AnswerActivity { worker, token });
    }

    fn effect(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Step {
        let task = self.process(worker).activities[&token].task.clone();
        let input = payload::first_value(task.input.as_ref());
        let outcome = self.world.perform(self.now, &call(&task, &input));
        let attempt = self
            .process(worker)
            .activities
            .get_mut(&token)
            .expect("it was there a line ago");
        attempt.outcome = Some(outcome.clone());
        Step::Effect {
            worker,
            token,
            activity_type: task.activity_type,
            outcome,
        }
    }

    fn answer_activity(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Step {
        let attempt = self
            .process(worker)
            .activities
            .remove(&token)
            .expect("an attempt is answered once");
        let outcome = attempt.outcome.expect("the effect comes before the answer");
        let ok = outcome.is_ok();
        let answer = match outcome {
            Ok(value) => ActivityAnswer::Completed {
                result: Some(payload::json(&value)),
            },
            Err(error) => ActivityAnswer::Failed {
                failure: Box::new(failure(error)),
                last_heartbeat: None,
            },
        };
        let accepted = self.service.answer_activity(self.now, token, answer).is_ok();
        Step::ActivityAnswered {
            worker,
            token,
            activity_type: attempt.task.activity_type,
            ok,
            accepted,
        }
    }

    fn intervene(&mut self, worker: WorkerName, verb: Verb) -> Step {
        match (verb, self.node(worker).process.is_some()) {
            (Verb::Kill | Verb::Crash, true) => self.crash(worker, verb == Verb::Crash),
            (Verb::Restart, false) => self.restart(worker),
            (Verb::Kill | Verb::Crash, false) | (Verb::Restart, true) => Step::Refused { worker, verb },
        }
    }

    /// The process is gone with everything it had in memory and in hand. The Service notices nothing but that a
    /// connection broke.
    fn crash(&mut self, worker: WorkerName, supervised: bool) -> Step {
        let now = self.now;
        let node = &mut self.nodes[usize::from(worker.0)];
        let process = node.process.take().expect("the caller has looked");
        node.since = now;
        self.agenda.forget(worker);
        self.service.sticky_poll_ended(now, process.worker.sticky_queue());
        let restart_at = supervised.then(|| now + RESTART_AFTER);
        if let Some(at) = restart_at {
            self.agenda.add(
                at,
                Due::Intervene {
                    worker,
                    verb: Verb::Restart,
                },
            );
        }
        Step::Crashed {
            worker,
            restart_at,
            lost_workflow_tasks: process.workflow_tasks.into_keys().collect(),
            lost_attempts: process
                .activities
                .into_iter()
                .map(|(token, attempt)| (token, attempt.task.activity_type, attempt.outcome.is_some()))
                .collect(),
        }
    }

    fn restart(&mut self, worker: WorkerName) -> Step {
        let (now, chance, registry) = (self.now, self.chance, self.code[0].clone());
        let sticky_queue = self.nodes[usize::from(worker.0)].start(now, chance, registry);
        self.service.sticky_poll_began(&sticky_queue);
        Step::Restarted { worker }
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

    /// Sends a living worker towards every waiting task.
    fn match_tasks(&mut self) {
        let waiting: Vec<(String, QueuedTask)> = self
            .service
            .queues()
            .waiting()
            .map(|(queue, task)| (queue.to_owned(), task.clone()))
            .collect();
        let alive: Vec<u64> = waiting.iter().map(|(_, task)| task.number).collect();
        self.agenda.forget_polls_except(&alive);
        for (queue, task) in waiting {
            if self.agenda.is_assigned(task.number) {
                continue;
            }
            let polling: Vec<WorkerName> = self
                .nodes
                .iter()
                .filter(|node| {
                    let sticky_queue = node.process.as_ref().map(|process| process.worker.sticky_queue());
                    sticky_queue.is_some_and(|sticky_queue| queue == TASK_QUEUE || queue == sticky_queue)
                })
                .map(|node| node.name)
                .collect();
            if polling.is_empty() {
                continue;
            }
            let keys = match task.what {
                QueuedWork::Workflow {
                    run,
                    scheduled_event_id,
                    attempt,
                } => [u64::from(run.0), scheduled_event_id.unsigned_abs(), u64::from(attempt)],
                QueuedWork::Activity {
                    run,
                    scheduled_event_id,
                    attempt,
                } => [u64::from(run.0), scheduled_event_id.unsigned_abs(), u64::from(attempt)],
            };
            let count = u64::try_from(polling.len()).expect("few workers");
            let pick = usize::try_from(self.chance.draw("which worker", &keys) % count).expect("few workers");
            let takes = self.chance.span("poll", &keys, Span::micros(800), Span::micros(2_500));
            self.agenda.add(
                self.now + takes,
                Due::Poll {
                    worker: polling[pick],
                    task: task.number,
                },
            );
        }
    }

    fn node(&self, worker: WorkerName) -> &Node {
        &self.nodes[usize::from(worker.0)]
    }

    fn process(&mut self, worker: WorkerName) -> &mut Process {
        self.nodes[usize::from(worker.0)]
            .process
            .as_mut()
            .expect("the agenda holds nothing for dead workers")
    }
}

fn call<'a>(task: &'a ActivityTask, input: &'a serde_json::Value) -> Call<'a> {
    Call {
        activity_type: &task.activity_type,
        input,
        workflow_id: &task.workflow_id,
        activity_id: &task.activity_id,
        attempt: task.token.attempt,
    }
}

/// An activity's error as the SDK reports it.
fn failure(error: ActivityError) -> Failure {
    Failure {
        message: error.message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: error.error_type,
            non_retryable: error.non_retryable,
            ..Default::default()
        })),
        ..Default::default()
    }
}
