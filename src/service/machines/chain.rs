//! The chain of runs of one workflow: when another run follows, and what it begins with.
//!
//! | the run | another follows | with |
//! | --- | --- | --- |
//! | continues as new | at once, after the backoff it asks for | what it says |
//! | fails, or has reached its limit of time | while its retry policy allows | the same input, and why it failed |
//! | fails or has reached its limit without that, or returns | while it has a schedule | the same input, and the last result |
//! | is cancelled or terminated, or its chain has reached its limit | never | |
//!
//! The run that follows begins in the transaction that closes the one before, which names it. Between the beginnings of
//! two runs there is at least a second (server 1.32, `ContinueAsNewMinBackoff`).

use super::start::Started;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::ContinueAsNew;
use crate::history::proto::temporal::api::workflow::v1::ResetPoints;
use crate::history::proto::{ContinueAsNewInitiator, Failure, Payloads, RetryState};
use crate::history::timestamp::{Timestamp, duration, span};
use crate::service::cron::Schedule;
use crate::service::namespace;
use crate::service::retry::{Decision, decide_run};
use crate::service::run::{Name, Run};
use crate::service::transaction::Tx;

/// A run that is about to follow.
pub(super) struct Next {
    pub(super) run_id: String,
    name: Name,
    why: Why,
}

/// Why a run follows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Why {
    /// The run before asked for it.
    Continues,
    /// The run before failed; the next attempt is made after this long.
    Retry(Span),
    /// It is time again after this long.
    Schedule(Span),
}

impl Run {
    /// What follows a run that failed like this.
    pub(super) fn after_failure(&self, now: SimTime, failure: &Failure) -> (RetryState, Option<Why>) {
        let started = self.started();
        let decision = match &started.retry_policy {
            None => Decision::GiveUp(RetryState::RetryPolicyNotSet),
            Some(policy) => {
                let attempt = u32::try_from(started.attempt).unwrap_or(1);
                decide_run(policy, attempt, failure, now, self.execution_expiration)
            }
        };
        match decision {
            Decision::Retry(wait) => (RetryState::InProgress, Some(Why::Retry(wait))),
            Decision::GiveUp(state) => (state, self.next_of_schedule(now)),
        }
    }

    /// What follows a run that returned.
    pub(super) fn next_of_schedule(&self, now: SimTime) -> Option<Why> {
        let schedule = Schedule::parse(&self.started().cron_schedule)?;
        schedule.wait(self.execution_time, now).map(Why::Schedule)
    }

    /// Names the run that is going to follow.
    pub(super) fn name_next(&mut self, tx: &Tx<'_>, why: Why) -> Next {
        // This run is the latest of its workflow id.
        let name = Name {
            key: tx.next_key(),
            word: self.next_word(),
        };
        self.next = Some(name.key);
        let run_id = tx.chance.uuid("run id", &[name.word]);
        Next { run_id, name, why }
    }

    /// Begins the run that follows a failure, or a return.
    pub(super) fn begin_next(&self, tx: &mut Tx<'_>, next: Next, failure: Option<Failure>, result: Option<Payloads>) {
        let mut started = self.passed_on(tx, &next);
        started.continued_failure = failure;
        started.last_completion_result = result;
        self.begin_named(tx, next.name, started);
    }

    /// Begins the run that goes on with the work of this one.
    pub(super) fn begin_continued(&self, tx: &mut Tx<'_>, next: Next, request: ContinueAsNew) {
        let mut started = self.passed_on(tx, &next);
        let said = request.attributes;
        started.workflow_type = said.workflow_type;
        started.task_queue = said.task_queue;
        started.input = said.input;
        started.header = said.header;
        started.workflow_run_timeout = said.workflow_run_timeout;
        started.workflow_task_timeout = said.workflow_task_timeout;
        started.retry_policy = request.retry_policy;
        started.cron_schedule = String::new();
        started.memo = said.memo;
        started.search_attributes = said.search_attributes;
        started.continued_failure = said.failure;
        started.last_completion_result = said.last_completion_result;
        let wait = said.backoff_start_interval.as_ref().map(|wait| span(Some(wait)));
        started.first_workflow_task_backoff = self.spaced(tx.now, wait).map(duration);
        self.begin_named(tx, next.name, started);
    }

    fn begin_named(&self, tx: &mut Tx<'_>, name: Name, started: Box<Started>) {
        let mut own = tx.of_new_run();
        let mut run = Self::begin(&mut own, name, started, None);
        run.previous = Some(self.key);
        run.schedule_first_task(&mut own);
        let stage = own.into_stage();
        tx.bear(run, stage);
    }

    /// What every run of a chain hands on to the next.
    fn passed_on(&self, tx: &Tx<'_>, next: &Next) -> Box<Started> {
        let mut started = Box::new(self.started().clone());
        let (initiator, wait) = match next.why {
            Why::Continues => (ContinueAsNewInitiator::Workflow, None),
            Why::Retry(wait) => (ContinueAsNewInitiator::Retry, Some(wait)),
            Why::Schedule(wait) => (ContinueAsNewInitiator::CronSchedule, Some(wait)),
        };
        started.attempt = if initiator == ContinueAsNewInitiator::Retry {
            started.attempt.saturating_add(1)
        } else {
            1
        };
        started.initiator = initiator.into();
        started.continued_execution_run_id.clone_from(&self.run_id);
        started.original_execution_run_id.clone_from(&next.run_id);
        started.identity = String::new();
        started.first_workflow_task_backoff = self.spaced(tx.now, wait).map(duration);
        started.prev_auto_reset_points = Some(self.reset_points_at_close(tx.now));
        started
    }

    /// The wait that was asked for, or a longer one if the run was too short.
    fn spaced(&self, now: SimTime, wait: Option<Span>) -> Option<Span> {
        // A run that ends while its first task is held back has lived less than no time.
        let begun = self.execution_time;
        if now + wait.unwrap_or_default() < begun + namespace::MINIMAL_INTERVAL {
            Some((begun + namespace::MINIMAL_INTERVAL).since(now))
        } else {
            wait
        }
    }

    /// The points to which the chain could be reset, told to the next run: those of this run expire with it.
    fn reset_points_at_close(&self, now: SimTime) -> ResetPoints {
        let mut points = self.state.reset_points.clone();
        for point in points.iter_mut().filter(|point| point.run_id.is_empty()) {
            point.run_id.clone_from(&self.run_id);
            point.expire_time = Some(Timestamp::of(now + namespace::RETENTION));
        }
        ResetPoints { points }
    }
}
