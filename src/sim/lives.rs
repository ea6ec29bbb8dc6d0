//! What befalls workers: they are started, killed, asked to leave, partitioned.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | not started, dead, gone | restart, launch | running, with an empty memory |
//! | running | kill, crash | dead; after a crash a supervisor restarts it |
//! | running | stop, launch | leaving: takes nothing new |
//! | leaving | nothing is in hand any more | gone, in good order; after a launch it is started with the new code |
//! | leaving | kill, crash | dead |
//!
//! Beside that, a machine is partitioned from the Service or not. A process that is partitioned goes on with what it has in
//! hand and acts on the world; what it has to say to the Service waits, and is given up after a while, as Core does.

use super::Sim;
use super::agenda::Due;
use super::fault::{RESTART_AFTER, Verb};
use super::node::{ActivityEnd, Leaving, Unsaid, WorkerName};
use super::step::Step;
use crate::base::time::Span;

/// How long Core tries to say something to a Service that it cannot reach.
const GIVES_UP_AFTER: Span = Span::secs(10);

/// How long a deployment takes from the end of one process to the start of the next.
const DEPLOYS_WITHIN: Span = Span::secs(1);

impl Sim {
    /// Starts the workers that are running from the beginning.
    pub(super) fn start_workers(&mut self) {
        for at in 0..self.nodes.len() {
            if let Some(code) = self.nodes[at].setup.code {
                let worker = self.nodes[at].name;
                self.start(worker, code);
            }
        }
    }

    pub(super) fn intervene(&mut self, worker: WorkerName, verb: Verb) -> Step {
        let node = self.node(worker);
        let runs = node.process.is_some();
        let leaves = node.process.as_ref().is_some_and(|process| process.leaving.is_some());
        match verb {
            Verb::Kill | Verb::Crash if runs => self.crash(worker, verb == Verb::Crash),
            Verb::Restart if !runs => {
                let code = self.node(worker).code;
                self.start(worker, code)
            }
            Verb::Stop if runs && !leaves => self.stop(worker, Leaving::ForGood),
            Verb::Launch => {
                let newest = u8::try_from(self.code.len() - 1).unwrap_or(u8::MAX);
                self.launch(worker, newest)
            }
            Verb::Partition if node.partitioned.is_none() => self.partition(worker),
            Verb::Heal if node.partitioned.is_some() => self.heal(worker),
            Verb::Kill | Verb::Crash | Verb::Restart | Verb::Stop | Verb::Partition | Verb::Heal => {
                Step::Refused { worker, verb }
            }
        }
    }

    fn start(&mut self, worker: WorkerName, code: u8) -> Step {
        let (now, chance) = (self.now, self.chance);
        let registry = self.code[usize::from(code)].clone();
        let node = self.node_mut(worker);
        let before = (node.starts > 0).then_some(node.code);
        let sticky_queue = node.start(now, chance, code, registry);
        if node.partitioned.is_none() {
            self.service.sticky_poll_began(&sticky_queue);
        }
        let code = (before != Some(code)).then_some(code);
        Step::Restarted { worker, code }
    }

    /// The process is gone with everything it had in memory and in hand. The Service notices nothing but that a
    /// connection broke.
    fn crash(&mut self, worker: WorkerName, supervised: bool) -> Step {
        let now = self.now;
        let node = self.node_mut(worker);
        let process = node.process.take().expect("the caller has looked");
        node.since = now;
        let unclaimed = self.agenda.forget(worker);
        self.unclaim(unclaimed);
        self.service.sticky_poll_ended(now, process.worker.sticky_queue());
        let restart_at = supervised.then(|| now + RESTART_AFTER);
        if let Some(at) = restart_at {
            // What was to be deployed is what the supervisor finds.
            let due = match process.leaving {
                Some(Leaving::For(code)) => Due::Launch { worker, code },
                _ => Due::Intervene {
                    worker,
                    verb: Verb::Restart,
                },
            };
            self.agenda.add(at, due);
        }
        Step::Crashed {
            worker,
            restart_at,
            lost_workflow_tasks: process.workflow_tasks.into_keys().collect(),
            lost_attempts: process
                .activities
                .into_iter()
                .map(|(token, attempt)| {
                    let done = matches!(attempt.outcome, Some(ActivityEnd::Returned(_) | ActivityEnd::Failed(_)));
                    (token, attempt.task.activity_type, done)
                })
                .collect(),
            lost_local: process
                .local_activities
                .into_values()
                .map(|attempt| (attempt.task.activity_type, attempt.outcome.is_some()))
                .collect(),
        }
    }

    /// The worker takes nothing new, and the Service is told that its sticky queue is closed.
    fn stop(&mut self, worker: WorkerName, then: Leaving) -> Step {
        let now = self.now;
        let process = self.process(worker);
        process.leaving = Some(then);
        let sticky_queue = process.worker.sticky_queue().to_owned();
        let unclaimed = self.agenda.forget_polls(worker);
        self.unclaim(unclaimed);
        if self.node(worker).partitioned.is_none() {
            self.service.worker_left(now, &sticky_queue);
        }
        Step::Stopping { worker }
    }

    /// Starts the worker with that code; one that runs leaves first.
    pub(super) fn launch(&mut self, worker: WorkerName, code: u8) -> Step {
        // The latest deployment counts.
        self.agenda.forget_launches(worker);
        match &mut self.node_mut(worker).process {
            None => self.start(worker, code),
            Some(process) if process.leaving.is_some() => {
                process.leaving = Some(Leaving::For(code));
                Step::Stopping { worker }
            }
            Some(_) => self.stop(worker, Leaving::For(code)),
        }
    }

    /// Lets those leave who want to and have nothing in hand any more.
    pub(super) fn let_leave(&mut self) {
        for node in &self.nodes {
            let worker = node.name;
            let done = node
                .process
                .as_ref()
                .is_some_and(|process| process.leaving.is_some() && process.is_idle());
            if done && !self.agenda.leaves(worker) {
                self.agenda.add(self.now + Span::millis(1), Due::Leave { worker });
            }
        }
    }

    pub(super) fn leave(&mut self, worker: WorkerName) -> Step {
        let now = self.now;
        let node = self.node_mut(worker);
        let process = node.process.take();
        node.since = now;
        node.left = true;
        let unclaimed = self.agenda.forget(worker);
        self.unclaim(unclaimed);
        if let Some(Leaving::For(code)) = process.and_then(|process| process.leaving) {
            self.agenda.add(now + DEPLOYS_WITHIN, Due::Launch { worker, code });
        }
        Step::Left { worker }
    }

    fn partition(&mut self, worker: WorkerName) -> Step {
        let now = self.now;
        let sticky_queue = self.node(worker).polled_sticky_queue().map(str::to_owned);
        self.node_mut(worker).partitioned = Some(now);
        let unclaimed = self.agenda.forget_polls(worker);
        self.unclaim(unclaimed);
        if let Some(sticky_queue) = sticky_queue {
            self.service.sticky_poll_ended(now, &sticky_queue);
        }
        Step::Partitioned { worker }
    }

    /// What could not be said is said now, in a moment, in the order in which it was to be said.
    fn heal(&mut self, worker: WorkerName) -> Step {
        self.node_mut(worker).partitioned = None;
        self.agenda.forget_giving_up(worker);
        if let Some(sticky_queue) = self.node(worker).polled_sticky_queue().map(str::to_owned) {
            self.service.sticky_poll_began(&sticky_queue);
        }
        let process = self.node_mut(worker).process.as_mut();
        let unsaid = process
            .map(|process| std::mem::take(&mut process.unsaid))
            .unwrap_or_default();
        let count = u32::try_from(unsaid.len()).unwrap_or(u32::MAX);
        for (place, what) in (1..).zip(unsaid) {
            let due = match what {
                Unsaid::WorkflowTask(run) => Due::AnswerWorkflowTask { worker, run },
                Unsaid::Activity(token) => Due::AnswerActivity { worker, token },
                Unsaid::Heartbeat(token) => {
                    let now = self.now;
                    let attempt = self.process(worker).activities.get(&token);
                    let beat = attempt.map_or(0, |attempt| attempt.plan.beats_made(now.since(attempt.began)));
                    Due::Heartbeat { worker, token, beat }
                }
            };
            self.agenda.add(self.now + Span::millis(place), due);
        }
        Step::Healed { worker, unsaid: count }
    }

    /// A worker that is partitioned has something to say.
    pub(super) fn cannot_say(&mut self, worker: WorkerName, what: Unsaid) -> Step {
        self.process(worker).unsaid.push(what);
        if !matches!(what, Unsaid::Heartbeat(_)) {
            self.agenda.add(self.now + GIVES_UP_AFTER, Due::GiveUp { worker, what });
        }
        Step::Unheard { worker, what }
    }

    pub(super) fn give_up(&mut self, worker: WorkerName, what: Unsaid) -> Step {
        let process = self.process(worker);
        process.unsaid.retain(|unsaid| *unsaid != what);
        match what {
            Unsaid::WorkflowTask(run) => {
                process.workflow_tasks.remove(&run);
                self.forget_run(worker, run);
                self.take_next(worker, run);
            }
            Unsaid::Activity(token) | Unsaid::Heartbeat(token) => {
                process.activities.remove(&token);
                self.agenda.forget_attempt(worker, token);
            }
        }
        Step::GaveUp { worker, what }
    }
}
