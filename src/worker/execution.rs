//! One run in a worker's memory, driven one activation at a time.
//!
//! A task of a run that is in memory has one stretch of history: the news. A task of a run that is not has all of it,
//! and every stretch but the last is replay. Each call of [`Execution::activate`] does one stretch, or tells the code
//! what came of its own requests, or asks it the task's queries; so a crash can fall between any two. The events stay
//! with whoever has the task, and are lent for each call.
//!
//! This is the hot path of replay. Each event is looked at in place, once by [`cut`] and once by the machines; what is
//! copied of it is what the code is told. Most of the time goes into the SDK's own runtime, the next most into putting
//! payloads into its types and commands out of them (`sdk`).

use std::collections::VecDeque;

use super::TaskFailure;
use super::activation::{Fed, Job, JobKind};
use super::cut::{Stretch, cut};
use super::local::{LocalActivityTask, LocalOutcome};
use super::local_attempts::{LocalAttempts, Over};
use super::machines::error::MachineError;
use super::machines::judged::Judged;
use super::machines::local_activity::Ending;
use super::machines::{Facts, Machines, Unmet};
use super::nondeterminism::{Scene, message, mismatch};
use super::registry::Registry;
use super::request::WorkflowRequest;
use super::sdk::{Instance, Ran, RunFacts};
use crate::base::time::SimTime;
use crate::contract::answer::{Command, QueryAnswer};
use crate::contract::task::{AskedQuery, AskedUpdate, RunKey, WorkflowTask};
use crate::history::proto::{
    ApplicationFailureInfo, Failure, FailureInfo, HistoryEvent, UserMetadata, WorkflowTaskFailedCause,
};
use crate::history::timestamp::Timestamp;

/// A run in memory.
pub struct Execution {
    facts: RunFacts,
    workflow_type: String,
    instance: Option<Instance>,
    machines: Machines,
    /// What is left of the task's events, as places among them.
    ahead: VecDeque<Stretch>,
    updates: Vec<AskedUpdate>,
    queries: Vec<AskedQuery>,
    answers: Vec<QueryAnswer>,
    attempts: LocalAttempts,
    /// Ends of local activities that the code cannot be told yet.
    deferred: Vec<Over>,
    previous_started_event_id: i64,
    started_event_id: i64,
    seen_event_id: i64,
}

/// What one activation did.
#[derive(Clone, Debug, PartialEq)]
pub struct Activated {
    /// True if some worker has answered this task before: nothing new happens, the code only finds its place again.
    pub replaying: bool,
    /// Why the code ran.
    pub why: Why,
    /// The events of the stretch, first and last id; twice the last one seen if there was none.
    pub events: (i64, i64),
    /// The jobs, in the order the code saw them, and the line each one feeds.
    pub fed: Vec<Fed>,
    /// The source lines that ran, in order, repeats included.
    pub lines: Vec<u32>,
    /// What the code asked for.
    pub requests: Vec<WorkflowRequest>,
    /// The lines that wait for something now.
    pub waiting: Vec<u32>,
    /// The workflow's function has returned.
    pub returned: bool,
}

/// Why the code ran.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// A stretch of history.
    History,
    /// What came of the code's own requests within the task: a cancellation, a local activity.
    Again,
    /// Somebody asked.
    Queries,
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
            updates: Vec::new(),
            queries: Vec::new(),
            answers: Vec::new(),
            attempts: LocalAttempts::default(),
            deferred: Vec::new(),
            previous_started_event_id: 0,
            started_event_id: 0,
            seen_event_id: 0,
        }
    }

    /// Takes in a task. Its events are lent again for each activation; those that were seen before are passed over.
    pub fn begin(&mut self, task: &mut WorkflowTask, events: &[HistoryEvent]) {
        let has_task = task.started_event_id != 0;
        if has_task && task.previous_started_event_id < self.started_event_id {
            // The task before left no trace: its two events are gone, and others have their ids.
            self.seen_event_id = self.started_event_id - 2;
        }
        self.previous_started_event_id = task.previous_started_event_id;
        let passed = events.partition_point(|event| event.event_id <= self.seen_event_id);
        self.ahead = cut(&events[passed..]).into();
        for stretch in &mut self.ahead {
            stretch.events = stretch.events.start + passed..stretch.events.end + passed;
        }
        self.updates = std::mem::take(&mut task.updates);
        self.queries = std::mem::take(&mut task.queries);
        self.answers.clear();
        self.machines.task_taken(task.previous_started_event_id);
    }

    /// From now on what the code asks for is also compared with what history has of it.
    pub(super) fn judge(&mut self) {
        self.machines.judge();
    }

    /// What that has come to.
    pub(super) fn take_judged(&mut self) -> Judged {
        self.machines.take_judged()
    }

    /// Whether the code is to run (again) before the task can be answered.
    pub fn has_more(&self) -> bool {
        !self.ahead.is_empty() || self.machines.has_jobs() || !self.queries.is_empty()
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

    /// Runs the code once. `history` are the events that the task was [begun](Self::begin) with.
    pub(super) fn activate(
        &mut self,
        history: &[HistoryEvent],
        registry: &Registry,
        now: SimTime,
    ) -> Result<Activated, TaskFailure> {
        let mut events = (self.seen_event_id, self.seen_event_id);
        let mut why = Why::Again;
        if !self.machines.has_jobs() {
            if let Some(stretch) = self.ahead.pop_front() {
                why = Why::History;
                let own = &history[stretch.events.clone()];
                self.apply(&stretch, history)?;
                let first = own.first().map_or(0, |event| event.event_id);
                let last = own.last().map_or(0, |event| event.event_id);
                self.seen_event_id = last;
                if stretch.started_event_id > 0 {
                    self.started_event_id = stretch.started_event_id;
                }
                events = (first, last);
                if self.ahead.is_empty() {
                    self.tell_deferred()?;
                }
            } else if !self.queries.is_empty() {
                return self.ask_queries(registry);
            }
        }
        let fed = self.machines.take_jobs();
        let mut activated = Activated {
            replaying: self.machines.facts().replaying,
            why,
            events,
            fed,
            lines: Vec::new(),
            requests: Vec::new(),
            waiting: Vec::new(),
            returned: false,
        };
        self.make_instance(registry)?;
        if !activated.fed.is_empty() {
            let ran = run(
                &mut self.instance,
                &activated.fed,
                self.machines.facts(),
                self.machines.started_at,
            )?;
            activated.lines = ran.lines;
            activated.requests.clone_from(&ran.requests);
            self.machines.ask(ran.requests, now.into()).map_err(failed)?;
        }
        self.begin_locally(now)?;
        self.tell_deferred()?;
        activated.returned = activated.requests.iter().any(|request| request.what.is_terminal());
        activated.waiting = self.machines.waiting_lines();
        Ok(activated)
    }

    /// The new commands of the task that has just been run, each with what was written for people beside it.
    pub(super) fn take_commands(&mut self) -> Vec<(Command, Option<Box<UserMetadata>>)> {
        self.machines.commands()
    }

    /// The answers to the queries of the task that has just been run.
    pub(super) fn take_answers(&mut self) -> Vec<QueryAnswer> {
        std::mem::take(&mut self.answers)
    }

    /// Whether queries of the task have been answered.
    pub(super) fn has_answers(&self) -> bool {
        !self.answers.is_empty()
    }

    /// How long a workflow task of this run may take.
    pub(super) fn task_timeout(&self) -> Option<crate::base::time::Span> {
        let started = self.machines.started.as_ref()?;
        Some(crate::history::timestamp::span(started.workflow_task_timeout.as_ref()))
    }

    // ---- Local activities.

    /// Whether one is to be begun, runs, or waits to be tried again.
    pub(super) fn has_local_activities(&self) -> bool {
        !self.machines.local.outstanding.is_empty()
    }

    /// The attempts that are to hear that they are not wanted any more.
    pub(super) fn stopping_local_activities(&mut self) -> Vec<(u32, u32)> {
        self.attempts.stopping()
    }

    /// The attempts that begin now.
    pub(super) fn local_activities(&mut self, run: RunKey, now: SimTime) -> Vec<LocalActivityTask> {
        let begun = self.attempts.begin(now);
        let tasks = begun.into_iter().filter_map(|(seq, attempt)| {
            let task = &self.machines.local_task(seq)?.task;
            Some(LocalActivityTask {
                run,
                workflow_id: self.facts.workflow_id.clone(),
                seq,
                attempt,
                activity_id: task.activity_id.clone(),
                activity_type: task.activity_type.clone(),
                input: task.input.clone(),
                started: now,
                start_to_close: if task.start_to_close.is_zero() {
                    task.schedule_to_close
                } else {
                    task.start_to_close
                },
            })
        });
        tasks.collect()
    }

    /// An attempt has ended. `can_tell` says that the run has a task in which the code can be told.
    pub(super) fn end_locally(
        &mut self,
        (seq, attempt): (u32, u32),
        outcome: LocalOutcome,
        now: SimTime,
        can_tell: bool,
    ) -> Result<(), TaskFailure> {
        let Some(local) = self.machines.local_task(seq) else {
            return Ok(());
        };
        let over = self.attempts.end(seq, attempt, outcome, &local.task, now);
        self.deferred.extend(over);
        if can_tell { self.tell_if_idle() } else { Ok(()) }
    }

    /// When one is due by itself.
    pub(super) fn next_local_alarm(&self) -> Option<SimTime> {
        self.attempts
            .next_alarm(&|seq| self.machines.local_task(seq).map(|local| &local.task))
    }

    /// Whatever is due by now happens.
    pub(super) fn local_alarm(&mut self, now: SimTime, can_tell: bool) -> Result<(), TaskFailure> {
        let machines = &self.machines;
        let over = self
            .attempts
            .alarm(&|seq| machines.local_task(seq).map(|local| &local.task), now);
        self.deferred.extend(over);
        if can_tell { self.tell_if_idle() } else { Ok(()) }
    }

    fn begin_locally(&mut self, now: SimTime) -> Result<(), TaskFailure> {
        for seq in std::mem::take(&mut self.machines.local.begin) {
            if let Some(local) = self.machines.local_task(seq) {
                self.deferred.extend(self.attempts.add(seq, &local.task, now));
            }
        }
        for seq in std::mem::take(&mut self.machines.local.cancel) {
            self.deferred.extend(self.attempts.cancel(seq));
        }
        self.attempts.keep_only(&self.machines.local.outstanding);
        Ok(())
    }

    fn tell_if_idle(&mut self) -> Result<(), TaskFailure> {
        if self.has_more() { Ok(()) } else { self.tell_deferred() }
    }

    fn tell_deferred(&mut self) -> Result<(), TaskFailure> {
        for over in std::mem::take(&mut self.deferred) {
            let Some(local) = self.machines.local_task(over.seq) else {
                continue;
            };
            if !self.machines.local.outstanding.contains_key(&over.seq) {
                continue;
            }
            let ending = Ending {
                complete_time: Some(local.complete_time(over.ran)),
                result: over.result,
                attempt: over.attempt,
                backoff: over.backoff,
                original_schedule: over.original_schedule,
                activation_index: None,
            };
            self.machines.end_locally(over.seq, ending).map_err(failed)?;
        }
        Ok(())
    }

    // ---- Running.

    fn apply(&mut self, stretch: &Stretch, history: &[HistoryEvent]) -> Result<(), TaskFailure> {
        let ahead = self.ahead.front().map_or(&[][..], |next| &history[next.events.clone()]);
        let applied = self.machines.apply(
            stretch,
            &history[stretch.events.clone()],
            ahead,
            self.previous_started_event_id,
            &mut self.updates,
        );
        applied.map_err(|unmet| self.cannot_meet(stretch, history, &unmet))
    }

    fn ask_queries(&mut self, registry: &Registry) -> Result<Activated, TaskFailure> {
        self.make_instance(registry)?;
        let queries = std::mem::take(&mut self.queries);
        let fed: Vec<Fed> = queries
            .into_iter()
            .map(|query| Fed {
                job: Job {
                    event_id: 0,
                    what: JobKind::Query(Box::new(query)),
                },
                line: None,
            })
            .collect();
        let facts = Facts {
            replaying: true,
            ..self.machines.facts().clone()
        };
        let ran = run(&mut self.instance, &fed, &facts, self.machines.started_at)?;
        self.answers = ran.answers;
        Ok(Activated {
            replaying: false,
            why: Why::Queries,
            events: (self.seen_event_id, self.seen_event_id),
            fed,
            lines: ran.lines,
            requests: Vec::new(),
            waiting: self.machines.waiting_lines(),
            returned: false,
        })
    }

    fn make_instance(&mut self, registry: &Registry) -> Result<(), TaskFailure> {
        if self.instance.is_some() {
            return Ok(());
        }
        let Some(started) = &self.machines.started else {
            return Err(unhandled(
                "the history does not begin with WorkflowExecutionStarted".to_owned(),
            ));
        };
        let make = registry
            .get(&self.workflow_type)
            .ok_or_else(|| unhandled(format!("Workflow type {} not found", self.workflow_type)))?;
        self.instance = Some(Instance::new(make, &self.facts, started, self.machines.started_at)?);
        Ok(())
    }

    fn cannot_meet(&self, stretch: &Stretch, history: &[HistoryEvent], unmet: &Unmet) -> TaskFailure {
        let mut failure = failed(unmet.why.clone());
        let nothing = HistoryEvent::default();
        let scene = Scene {
            why: &unmet.why,
            event: history[stretch.events.clone()].get(unmet.at).unwrap_or(&nothing),
            rest: history[stretch.events.start..].iter().skip(unmet.at + 1).collect(),
            queue: self.machines.unmet().collect(),
            awaits_locally: self.machines.awaits_locally(),
        };
        failure.mismatch = Some(Box::new(mismatch(&scene)));
        failure
    }
}

/// Tells the code and lets it run.
fn run(instance: &mut Option<Instance>, fed: &[Fed], facts: &Facts, started_at: Timestamp) -> Result<Ran, TaskFailure> {
    let Some(instance) = instance else {
        return Err(unhandled("the run has not begun yet".to_owned()));
    };
    instance.activate(fed, facts, started_at)
}

fn failed(why: MachineError) -> TaskFailure {
    let cause = match why {
        MachineError::Nondeterminism(_) => WorkflowTaskFailedCause::NonDeterministicError,
        MachineError::Fatal(_) => WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure,
    };
    task_failure(cause, message(&why))
}

pub(super) fn unhandled(message: String) -> TaskFailure {
    task_failure(WorkflowTaskFailedCause::WorkflowWorkerUnhandledFailure, message)
}

pub(super) fn task_failure(cause: WorkflowTaskFailedCause, message: String) -> TaskFailure {
    let failure = Box::new(Failure {
        message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo::default())),
        ..Default::default()
    });
    TaskFailure {
        cause,
        failure,
        mismatch: None,
    }
}
