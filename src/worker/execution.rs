//! One run in a worker's memory, driven one activation at a time.
//!
//! A task of a run that is in memory has one stretch of history: the news. A task of a run that is not has all of it,
//! and every stretch but the last is replay. Each call of [`Execution::activate`] does one stretch, so that a crash can
//! fall between any two.

use std::collections::VecDeque;

use super::TaskFailure;
use super::activation::{JobKind, Stretch, stretches};
use super::machines::{Fed, Machines, Nondeterminism, Request, RequestKind};
use super::registry::Registry;
use super::sdk::{Instance, RunFacts};
use crate::contract::answer::Command;
use crate::contract::task::WorkflowTask;
use crate::history::proto::FailureInfo;
use crate::history::proto::{ApplicationFailureInfo, Failure, WorkflowTaskFailedCause};

/// A run in memory.
pub struct Execution {
    facts: RunFacts,
    workflow_type: String,
    instance: Option<Instance>,
    machines: Machines,
    ahead: VecDeque<Stretch>,
    previous_started_event_id: i64,
    seen_event_id: i64,
}

/// What one activation did.
#[derive(Clone, Debug, PartialEq)]
pub struct Activated {
    /// True if some worker has answered this task before: nothing new happens, the code only finds its place again.
    pub replaying: bool,
    /// The events of the stretch, first and last id.
    pub events: (i64, i64),
    /// The jobs, in the order the code saw them, and the line each one feeds.
    pub fed: Vec<Fed>,
    /// The source lines that ran, in order, repeats included.
    pub lines: Vec<u32>,
    /// What the code asked for.
    pub requests: Vec<Request>,
    /// The lines that wait for an activity or timer now.
    pub waiting: Vec<u32>,
    /// The workflow's function has returned.
    pub returned: bool,
}

impl Execution {
    /// An execution with nothing run yet.
    pub fn new(task: &WorkflowTask) -> Self {
        Self {
            facts: RunFacts {
                workflow_id: task.workflow_id.clone(),
                run_id: task.run_id.clone(),
                task_queue: task.task_queue.clone(),
            },
            workflow_type: task.workflow_type.clone(),
            instance: None,
            machines: Machines::default(),
            ahead: VecDeque::new(),
            previous_started_event_id: 0,
            seen_event_id: 0,
        }
    }

    /// Takes in a task's history. Stretches that were seen before are passed over.
    pub fn begin(&mut self, task: WorkflowTask) {
        self.previous_started_event_id = task.previous_started_event_id;
        let seen = self.seen_event_id;
        let news = task.events.into_iter().filter(|event| event.event_id > seen).collect();
        self.ahead = stretches(news).into();
    }

    /// Whether a stretch is left to run.
    pub fn has_more(&self) -> bool {
        !self.ahead.is_empty()
    }

    /// Whether the stretch that comes next is replay.
    pub fn next_is_replay(&self) -> bool {
        self.ahead
            .front()
            .is_some_and(|stretch| stretch.started_event_id <= self.previous_started_event_id)
    }

    /// Up to which event the code has run.
    pub fn seen_event_id(&self) -> i64 {
        self.seen_event_id
    }

    /// Runs the code over the next stretch.
    pub(super) fn activate(&mut self, registry: &Registry) -> Result<Activated, TaskFailure> {
        let replaying = self.next_is_replay();
        let stretch = self.ahead.pop_front().expect("callers ask has_more first");
        let first = stretch.events.first().map_or(0, |event| event.event_id);
        let mut fed = Vec::new();
        for event in &stretch.events {
            fed.extend(self.machines.see(event).map_err(nondeterminism)?);
        }
        self.seen_event_id = stretch.started_event_id;
        let mut activated = Activated {
            replaying,
            events: (first, stretch.started_event_id),
            fed,
            lines: Vec::new(),
            requests: Vec::new(),
            waiting: Vec::new(),
            returned: false,
        };
        self.make_instance(registry, &activated.fed)?;
        let instance = self
            .instance
            .as_mut()
            .expect("made from the first event, which every history has");
        if !activated.fed.is_empty() {
            let jobs: Vec<_> = activated.fed.iter().map(|fed| fed.job.clone()).collect();
            let ran = instance.activate(
                jobs,
                stretch.time,
                replaying,
                u64::try_from(stretch.started_event_id).unwrap_or(0),
            )?;
            activated.lines = ran.lines;
            activated.requests.clone_from(&ran.requests);
            self.machines.ask(ran.requests);
        }
        activated.returned = activated.requests.iter().any(|request| match request.what {
            RequestKind::CompleteWorkflow { .. } | RequestKind::FailWorkflow { .. } => true,
            RequestKind::ScheduleActivity { .. } | RequestKind::StartTimer { .. } | RequestKind::CancelTimer { .. } => {
                false
            }
        });
        activated.waiting = self.machines.waiting_lines();
        Ok(activated)
    }

    /// The new commands of the task that has just been run.
    pub(super) fn take_commands(&mut self) -> Vec<Command> {
        self.machines.commands()
    }

    fn make_instance(&mut self, registry: &Registry, fed: &[Fed]) -> Result<(), TaskFailure> {
        if self.instance.is_some() {
            return Ok(());
        }
        let started = fed.iter().find_map(|fed| match &fed.job.what {
            JobKind::Initialize(started) => Some(started),
            JobKind::FireTimer { .. } | JobKind::ResolveActivity { .. } => None,
        });
        let Some(started) = started else {
            return Err(unhandled(
                "the history does not begin with WorkflowExecutionStarted".to_owned(),
            ));
        };
        let make = registry.get(&self.workflow_type).ok_or_else(|| {
            let known: Vec<_> = registry.types().collect();
            unhandled(format!(
                "Workflow type {} is not registered on this worker; it knows {}",
                self.workflow_type,
                known.join(", ")
            ))
        })?;
        self.instance = Some(Instance::new(make, &self.facts, started)?);
        Ok(())
    }
}

fn nondeterminism(found: Nondeterminism) -> TaskFailure {
    task_failure(
        WorkflowTaskFailedCause::NonDeterministicError,
        format!("[TMPRL1100] Nondeterminism error: {}", found.message),
    )
}

pub(super) fn unhandled(message: String) -> TaskFailure {
    task_failure(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure, message)
}

fn task_failure(cause: WorkflowTaskFailedCause, message: String) -> TaskFailure {
    let failure = Box::new(Failure {
        message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo::default())),
        ..Default::default()
    });
    TaskFailure { cause, failure }
}
