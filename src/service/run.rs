//! One workflow execution as the Service keeps it: its history, the state that is the fold of it, and what is written
//! nowhere.
//!
//! This file is for looking only. Events are written by `transaction`; what is written when, the machines decide.

use super::limits::{Large, Warning};
use super::unwritten::{PendingAttempt, PendingWorkflowTask, Unwritten};
use crate::base::time::{SimTime, Span};
use crate::contract::task::RunKey;
use crate::contract::written::RunOptions;
use crate::history::execution::{Activity, ExecutionState};
use crate::history::log::EventLog;
use crate::history::payload;
use crate::history::proto::{
    Attributes, UserMetadata, WorkflowExecution, WorkflowExecutionStartedEventAttributes as Started,
};

pub use crate::history::execution::RunStatus;

/// What a run that is going to begin is called inside the Service: see the fields of [`Run`].
#[derive(Clone, Copy)]
pub(super) struct Name {
    pub(super) key: RunKey,
    pub(super) word: u64,
}

/// One workflow execution.
#[derive(Clone, Debug, PartialEq)]
pub struct Run {
    /// Its name inside the Service; says in which order runs were started, so nothing may be drawn by it.
    pub key: RunKey,
    /// Its workflow id.
    pub workflow_id: String,
    /// What stands for it in draws of chance: the same whatever else was started before it.
    pub word: u64,
    /// Its run id.
    pub run_id: String,
    /// Its workflow type.
    pub workflow_type: String,
    /// Its task queue.
    pub task_queue: String,
    /// Limit of the run, from the time it may work; zero for none.
    pub run_timeout: Span,
    /// Limit of each of its workflow tasks.
    pub task_timeout: Span,
    /// When its first workflow task is due: later than its beginning if that is held back.
    pub execution_time: SimTime,
    /// When the run has to be closed.
    pub run_expiration: Option<SimTime>,
    /// When its chain has to be closed.
    pub execution_expiration: Option<SimTime>,
    /// The run before it in its chain.
    pub previous: Option<RunKey>,
    /// The run after it in its chain.
    pub next: Option<RunKey>,
    /// The run that goes on with a part of its history.
    pub reset_into: Option<RunKey>,
    /// The history.
    pub log: EventLog,
    /// Bytes of all events written, as protobuf writes them in a `History`.
    pub size_bytes: u64,
    /// What the history amounts to, buffered events included.
    pub state: ExecutionState,
    /// What no event tells.
    pub unwritten: Unwritten,
    pub(super) warnings: Vec<Warning>,
}

/// An activity that has not ended: what the history tells of it, and its attempt.
#[derive(Clone, Copy, Debug)]
pub struct PendingActivity<'a> {
    /// Id of its ActivityTaskScheduled.
    pub scheduled_event_id: i64,
    /// What was asked for.
    pub told: &'a Activity,
    /// How far it is.
    pub attempt: &'a PendingAttempt,
}

impl Run {
    /// True until the run is closed.
    pub fn is_open(&self) -> bool {
        self.state.is_open()
    }

    /// Open, or how it was closed.
    pub const fn status(&self) -> RunStatus {
        self.state.status
    }

    /// The workflow task that is scheduled or running.
    pub const fn workflow_task(&self) -> Option<&PendingWorkflowTask> {
        self.unwritten.hand.workflow_task.as_ref()
    }

    /// Whether a worker has a workflow task of it.
    pub(super) fn has_task_running(&self) -> bool {
        self.workflow_task().is_some_and(PendingWorkflowTask::is_started)
    }

    /// The activities that have not ended, in the order in which they were scheduled.
    pub fn activities(&self) -> impl Iterator<Item = PendingActivity<'_>> {
        self.state.activities.iter().filter_map(|(id, _)| self.activity(id))
    }

    /// One of them, by the id of its ActivityTaskScheduled.
    pub fn activity(&self, scheduled_event_id: i64) -> Option<PendingActivity<'_>> {
        Some(PendingActivity {
            scheduled_event_id,
            told: self.state.activities.get(scheduled_event_id)?,
            attempt: self.unwritten.attempts.get(&scheduled_event_id)?,
        })
    }

    /// Whether it has a workflow task, or had one.
    pub(super) fn had_task(&self) -> bool {
        self.workflow_task().is_some() || self.state.previous_started_event_id > 0
    }

    /// True while its first workflow task is held back: it was started with a delay, and no task was ever scheduled.
    pub fn waits_for_its_first_task(&self) -> bool {
        !self.had_task() && self.execution_time > self.state.begun.sim_time()
    }

    /// The workflow has tried to close while there was news, and is about to try again.
    pub(super) fn is_closing(&self) -> bool {
        self.unwritten.hand.close_attempted && self.has_task_running()
    }

    /// What the run was told about itself at its beginning.
    pub fn started(&self) -> &Started {
        match self.log.events().first().and_then(|event| event.attributes.as_ref()) {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => started,
            _ => unreachable!("a run begins with its WorkflowExecutionStarted"),
        }
    }

    /// What it was started with, as far as it says what is filled in.
    pub(super) fn options(&self) -> RunOptions<'_> {
        RunOptions::of(self.started())
    }

    /// The run id of the first run of its chain.
    pub fn first_run_id(&self) -> &str {
        &self.started().first_execution_run_id
    }

    /// Its ids, as histories name it.
    pub(super) fn execution(&self) -> WorkflowExecution {
        WorkflowExecution {
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
        }
    }

    /// What an event says.
    pub(super) fn attributes_of(&self, event_id: i64) -> Option<&Attributes> {
        self.log.get(event_id)?.attributes.as_ref()
    }

    /// What was written for people beside an event.
    pub(super) fn user_metadata_at(&self, event_id: i64) -> Option<Box<UserMetadata>> {
        self.log.get(event_id)?.user_metadata.clone().map(Box::new)
    }

    /// What the workflow returned; `None` while it is open, or if it failed.
    pub fn result(&self) -> Option<serde_json::Value> {
        match &self.log.events().last()?.attributes {
            Some(Attributes::WorkflowExecutionCompletedEventAttributes(completed)) => {
                Some(payload::first_value(completed.result.as_ref()))
            }
            _ => None,
        }
    }

    /// What an operator would be warned of.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Takes note of something large, once for each kind.
    pub(super) fn warn(&mut self, at: SimTime, what: Large, size: u64, limit: u64) {
        if size > limit && !self.warnings.iter().any(|warning| warning.what == what) {
            self.warnings.push(Warning { at, what, size });
        }
    }

    /// The word of the next run of its workflow id, if this one is the latest.
    pub(super) const fn next_word(&self) -> u64 {
        self.word.wrapping_add(1)
    }
}
