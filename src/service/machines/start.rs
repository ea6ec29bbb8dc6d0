//! How a run begins: what a client may ask for, what the Service fills in, and WorkflowExecutionStarted.
//!
//! | begun by | first workflow task |
//! | --- | --- |
//! | a client | at once, or after the start delay or the wait for the schedule |
//! | a parent | once the parent has recorded the start |
//! | the run before it | at once, or after a backoff |
//!
//! The order of the checks and their words are the real Service's (server 1.32).

use super::admission::Admission;
use super::attributes::{is_too_long, wrong_policy};
use crate::base::time::{SimTime, Span};
use crate::contract::request::{Refusal, Signal, StartWorkflow};
use crate::contract::task::RunKey;
use crate::contract::written::{normal_queue, shorter, task_timeout};
use crate::history::execution::ExecutionState;
use crate::history::log::EventLog;
use crate::history::payload;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Attributes, ContinueAsNewInitiator, Duration, Priority, UserMetadata, WorkflowExecutionStartedEventAttributes,
    WorkflowIdReusePolicy, WorkflowType,
};
use crate::history::retry_policy::with_defaults;
use crate::history::timestamp::{Timestamp, duration, span};
use crate::service::Service;
use crate::service::cron::first_wait;
use crate::service::limits::{Limits, bytes};
use crate::service::namespace::HISTORY_SERVICE;
use crate::service::run::{Name, Run};
use crate::service::timer::TimerTask;
use crate::service::transaction::Tx;
use crate::service::unwritten::Unwritten;

/// What a run is told about itself at its beginning, and what it keeps for ever.
pub(super) type Started = WorkflowExecutionStartedEventAttributes;

/// Looks at a client's request and turns it into the first event of a run with this id.
fn requested(start: StartWorkflow, run_id: String, now: SimTime, limits: &Limits) -> Result<Box<Started>, Refusal> {
    let policy = start.retry_policy.as_ref().map(|policy| with_defaults(Some(policy)));
    let backoff = wait_of(&start, now, limits)?;
    let run_timeout = shorter(start.run_timeout, start.execution_timeout);
    let task_timeout = task_timeout(start.task_timeout, run_timeout);
    Ok(Box::new(Started {
        workflow_type: Some(WorkflowType {
            name: start.workflow_type,
        }),
        task_queue: Some(normal_queue(&start.task_queue)),
        input: start.input,
        workflow_execution_timeout: if_set(start.execution_timeout),
        workflow_run_timeout: if_set(run_timeout),
        workflow_task_timeout: Some(duration(task_timeout)),
        initiator: initiator_of(&start.cron_schedule).into(),
        original_execution_run_id: run_id.clone(),
        identity: start.identity,
        first_execution_run_id: run_id,
        retry_policy: policy,
        attempt: 1,
        workflow_execution_expiration_time: expiration(start.execution_timeout, now),
        cron_schedule: start.cron_schedule,
        first_workflow_task_backoff: Some(duration(backoff)),
        memo: start.memo,
        search_attributes: start.search_attributes,
        header: start.header,
        workflow_id: start.workflow_id,
        priority: Some(Priority::default()),
        ..Default::default()
    }))
}

/// How long the first workflow task is held back, unless there is something wrong with the request.
fn wait_of(start: &StartWorkflow, now: SimTime, limits: &Limits) -> Result<Span, Refusal> {
    let id = &start.workflow_id;
    let wrong = if id.is_empty() {
        Some("WorkflowId is not set on request.".to_owned())
    } else if is_too_long(id, limits) {
        let (length, limit) = (id.len(), limits.id_bytes);
        Some(format!("WorkflowId exceeds maximum allowed length ({length}/{limit})"))
    } else if start.retry_policy.is_some() {
        wrong_policy(start.retry_policy.as_ref())
    } else {
        None
    };
    if let Some(wrong) = wrong {
        return Err(Refusal::Invalid(wrong));
    }
    let refuse = |message: &str| Err(Refusal::Invalid(message.to_owned()));
    if !start.cron_schedule.is_empty() && !start.start_delay.is_zero() {
        return refuse("CronSchedule and WorkflowStartDelay may not be used together.");
    }
    let wait = match first_wait(&start.cron_schedule, now) {
        Ok(wait) => wait.max(start.start_delay),
        Err(message) => return refuse(message),
    };
    if start.workflow_type.is_empty() {
        return refuse("WorkflowType is not set on request.");
    }
    if is_too_long(&start.workflow_type, limits) {
        return refuse("WorkflowType length exceeds limit.");
    }
    if start.task_queue.is_empty() {
        return refuse("taskQueue is not set");
    }
    if is_too_long(&start.task_queue, limits) {
        return refuse("taskQueue length exceeds limit");
    }
    policies_agree(start.reuse, start.conflict)?;
    if bytes(start.input.as_ref().map_or(0, prost::Message::encoded_len)) > limits.payload_bytes {
        return refuse("Blob data size exceeds limit.");
    }
    if bytes(start.memo.as_ref().map_or(0, prost::Message::encoded_len)) > limits.payload_bytes {
        return refuse("Memo size exceeds limit.");
    }
    Ok(wait)
}

/// Some policies exclude each other.
fn policies_agree(reuse: WorkflowIdReusePolicy, conflict: WorkflowIdConflictPolicy) -> Result<(), Refusal> {
    let message = match (reuse, conflict) {
        (_, WorkflowIdConflictPolicy::Unspecified) => return Ok(()),
        (WorkflowIdReusePolicy::TerminateIfRunning, _) => {
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_TERMINATE_IF_RUNNING cannot be used together with \
             a WorkflowIDConflictPolicy"
        }
        (WorkflowIdReusePolicy::RejectDuplicate, WorkflowIdConflictPolicy::TerminateExisting) => {
            "Invalid WorkflowIDReusePolicy: WORKFLOW_ID_REUSE_POLICY_REJECT_DUPLICATE cannot be used together with \
             WorkflowIdConflictPolicy WORKFLOW_ID_CONFLICT_POLICY_TERMINATE_EXISTING"
        }
        _ => return Ok(()),
    };
    Err(Refusal::Invalid(message.to_owned()))
}

/// What the first run of a chain owes its beginning to.
pub(super) const fn initiator_of(cron_schedule: &str) -> ContinueAsNewInitiator {
    if cron_schedule.is_empty() {
        ContinueAsNewInitiator::Unspecified
    } else {
        ContinueAsNewInitiator::CronSchedule
    }
}

/// When a chain that begins now ends, in whole milliseconds.
pub(super) fn expiration(chain: Span, now: SimTime) -> Option<Timestamp> {
    const MILLI: u64 = 1_000_000;
    let at = (now + chain).0.saturating_add(MILLI / 2) / MILLI * MILLI;
    (!chain.is_zero()).then(|| Timestamp::of(SimTime(at)))
}

fn if_set(limit: Span) -> Option<Duration> {
    (!limit.is_zero()).then(|| duration(limit))
}

impl Service {
    /// A client starts a workflow. If the conflict policy says so, an open run of the same id is the answer.
    ///
    /// # Errors
    ///
    /// If the request makes no sense, or another run of this id is in the way.
    pub fn start_workflow(&mut self, now: SimTime, start: StartWorkflow) -> Result<RunKey, Refusal> {
        self.start_workflow_with(now, start, None)
    }

    /// Starts a workflow, perhaps with a first signal in the same transaction. Then the run id is of another kind.
    pub(super) fn start_workflow_with(
        &mut self,
        now: SimTime,
        start: StartWorkflow,
        signal: Option<Signal>,
    ) -> Result<RunKey, Refusal> {
        let name = self.next_name(&start.workflow_id);
        let run_id = match signal {
            Some(_) => self.chance.uuid("run id", &[name.word]),
            None => self.chance.uuid_at("run id", &[name.word], now),
        };
        let (reuse, conflict) = (start.reuse, start.conflict);
        let user_metadata = start.user_metadata.clone();
        let started = requested(start, run_id, now, &self.limits)?;
        match self.admit(&started.workflow_id, reuse, conflict)? {
            Admission::Start => {}
            Admission::UseExisting(key) => return Ok(key),
            Admission::Terminate(key) => {
                self.terminate_for(now, key, &started.original_execution_run_id);
            }
        }
        let mut tx = self.first_tx(now);
        let mut run = Run::begin(&mut tx, name, started, user_metadata);
        if let Some(signal) = signal {
            run.signal(&mut tx, signal, None, false)?;
        }
        run.schedule_first_task(&mut tx);
        let stage = tx.into_stage();
        Ok(self.take_up(now, run, stage))
    }

    /// Ends a run because another takes its place.
    pub(super) fn terminate_for(&mut self, now: SimTime, key: RunKey, new_run_id: &str) {
        let details = payload::json(&format!("terminated by new runID: {new_run_id}").into());
        let reason = "TerminateIfRunning WorkflowIdReusePolicy";
        self.end(now, key, reason, Some(details), HISTORY_SERVICE);
    }
}

impl Run {
    /// A run begins: WorkflowExecutionStarted is written and the limits of its time are set. Its first workflow task
    /// is another matter. What was written for people beside the request goes with the event; a chain does not hand it on.
    pub(super) fn begin(
        tx: &mut Tx<'_>,
        name: Name,
        started: Box<Started>,
        user_metadata: Option<Box<UserMetadata>>,
    ) -> Self {
        let mut run = Self::named(tx, name, &started);
        tx.user_metadata = user_metadata;
        run.write(tx, Attributes::WorkflowExecutionStartedEventAttributes(started));
        run
    }

    /// A run without events, as its first one is going to describe it. The limits of its time are set.
    pub(super) fn named(tx: &mut Tx<'_>, Name { key, word }: Name, started: &Started) -> Self {
        let backoff = span(started.first_workflow_task_backoff.as_ref());
        let run_timeout = span(started.workflow_run_timeout.as_ref());
        let execution_expiration = started.workflow_execution_expiration_time.map(Timestamp::sim_time);
        let execution_time = tx.now + backoff;
        let run_expiration = (!run_timeout.is_zero())
            .then(|| execution_time + run_timeout)
            .into_iter()
            .chain(execution_expiration)
            .min();
        if let Some(at) = run_expiration {
            tx.set_timer(at, TimerTask::RunTimeout { run: key });
        }
        Self {
            key,
            workflow_id: started.workflow_id.clone(),
            word,
            run_id: started.original_execution_run_id.clone(),
            workflow_type: started.workflow_type.clone().unwrap_or_default().name,
            task_queue: started.task_queue.clone().unwrap_or_default().name,
            run_timeout,
            task_timeout: span(started.workflow_task_timeout.as_ref()),
            execution_time,
            run_expiration,
            execution_expiration,
            previous: None,
            next: None,
            reset_into: None,
            log: EventLog::default(),
            size_bytes: 0,
            state: ExecutionState::default(),
            unwritten: Unwritten::default(),
            warnings: Vec::new(),
        }
    }

    /// Schedules the first workflow task, unless it is held back: then a timer will.
    pub(in crate::service) fn schedule_first_task(&mut self, tx: &mut Tx<'_>) {
        if self.had_task() {
            return;
        }
        if self.execution_time > tx.now {
            let task = TimerTask::FirstTask { run: self.key };
            tx.set_timer(self.execution_time, task);
        } else {
            self.settle(tx, true);
        }
    }
}
