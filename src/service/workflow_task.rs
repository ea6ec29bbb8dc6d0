//! The machine of workflow tasks.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | something wants a task | Scheduled |
//! | Scheduled | a worker takes it | Started |
//! | Scheduled (sticky) | schedule-to-start runs out | Scheduled on the normal queue, attempt 1 |
//! | Started | answered with commands | none, or Started again at once if there is news or the worker wants it |
//! | Started | answered with a failure, or start-to-close runs out | Scheduled on the normal queue |
//! | Started | answered with commands that the Service refuses | the same, or the run ends |
//! | Started | somebody ends the run, or too much arrives meanwhile | none: it is forced to fail |
//!
//! Attempt 1 writes its events as they happen. Later attempts are *transient*: nothing is written until one is
//! answered with commands, and then all three events appear at once. An event that arrives while a transient task
//! waits makes it an ordinary one again. A failure clears stickiness; if the failed task was sticky, the next attempt
//! counts as the first.

use super::activity::PendingActivity;
use super::queue::QueuedWork;
use super::run::{Run, Tx, event, normal_queue};
use super::speculative;
use super::terminate::HISTORY_SERVICE;
use super::timer::TimerTask;
use crate::base::time::{SimTime, Span};
use crate::contract::task::{Poller, WorkflowTask, WorkflowTaskToken};
use crate::history::proto::{
    Attributes, Failure, HistoryEvent, TaskQueue, TaskQueueKind, TimeoutType, WorkerVersionStamp,
    WorkflowTaskFailedCause, WorkflowTaskFailedEventAttributes, WorkflowTaskScheduledEventAttributes,
    WorkflowTaskStartedEventAttributes, WorkflowTaskTimedOutEventAttributes,
};
use crate::history::timestamp::duration;

/// First attempt whose start-to-close timeout grows (server 1.32: three attempts at the usual timeout).
const FIRST_LONGER_ATTEMPT: u32 = 4;

/// A workflow task that is not answered yet.
#[derive(Clone, Debug, PartialEq)]
pub struct PendingWorkflowTask {
    /// Id of its WorkflowTaskScheduled, written or to be written.
    pub scheduled_event_id: i64,
    /// From 1; above 1 the task is transient.
    pub attempt: u32,
    /// When it was scheduled.
    pub scheduled_at: SimTime,
    /// When the first of the tasks was scheduled that a worker has only prolonged since.
    pub first_scheduled_at: SimTime,
    /// The queue it was scheduled on, as the history names it.
    pub queue: TaskQueue,
    /// How long a worker may take.
    pub start_to_close: Span,
    /// It only brings updates, and is not written ([`super::speculative`]).
    pub speculative: bool,
    /// Set once a worker has it.
    pub started: Option<StartedBy>,
}

/// Who took a workflow task, and when.
#[derive(Clone, Debug, PartialEq)]
pub struct StartedBy {
    /// Id of its WorkflowTaskStarted, written or to be written.
    pub event_id: i64,
    /// When.
    pub at: SimTime,
    /// By whom.
    pub by: Poller,
    /// Written into the Started event.
    request_id: String,
    /// Size of the history before the transaction that started it.
    history_size_bytes: u64,
    /// Why the workflow should continue as new, as numbers of the protocol.
    suggest: Vec<i32>,
}

impl PendingWorkflowTask {
    /// True while a worker has it.
    pub fn is_started(&self) -> bool {
        self.started.is_some()
    }

    fn is_transient(&self) -> bool {
        self.attempt > 1
    }

    /// Whether its Scheduled, and its Started if it was, stand in the history.
    pub(super) fn is_written(&self) -> bool {
        !self.is_transient() && !self.speculative
    }

    /// Whether it was scheduled on a worker's own queue.
    pub fn is_sticky(&self) -> bool {
        self.queue.kind() == TaskQueueKind::Sticky
    }

    pub(super) fn scheduled_attributes(&self) -> Attributes {
        Attributes::WorkflowTaskScheduledEventAttributes(WorkflowTaskScheduledEventAttributes {
            task_queue: Some(self.queue.clone()),
            start_to_close_timeout: Some(duration(self.start_to_close)),
            attempt: signed(self.attempt),
        })
    }
}

impl StartedBy {
    pub(super) fn attributes(&self, scheduled_event_id: i64) -> Attributes {
        self.attributes_by(scheduled_event_id, &self.by.identity, Some(&self.by))
    }

    /// The same, told by somebody who may not know who took the task.
    pub(super) fn attributes_by(
        &self,
        scheduled_event_id: i64,
        identity: &str,
        version: Option<&Poller>,
    ) -> Attributes {
        Attributes::WorkflowTaskStartedEventAttributes(WorkflowTaskStartedEventAttributes {
            scheduled_event_id,
            identity: identity.to_owned(),
            request_id: self.request_id.clone(),
            history_size_bytes: i64::try_from(self.history_size_bytes).unwrap_or(i64::MAX),
            worker_version: version.map(worker_version),
            suggest_continue_as_new: !self.suggest.is_empty(),
            suggest_continue_as_new_reasons: self.suggest.clone(),
            ..Default::default()
        })
    }
}

impl Run {
    /// Schedules a task on the sticky queue if there is one, else on the normal one.
    pub(super) fn schedule_workflow_task(&mut self, tx: &mut Tx<'_>) {
        self.schedule(tx, false);
    }

    /// Schedules a task, which may be speculative.
    pub(super) fn schedule(&mut self, tx: &mut Tx<'_>, speculative: bool) {
        let attempt = self.workflow_task_attempt;
        let sticky = self.sticky.clone();
        let queue = match &sticky {
            Some(sticky) => TaskQueue {
                name: sticky.queue.clone(),
                kind: TaskQueueKind::Sticky.into(),
                normal_name: self.task_queue.clone(),
            },
            None => normal_queue(&self.task_queue),
        };
        let mut task = PendingWorkflowTask {
            scheduled_event_id: self.log.last_id() + 1,
            attempt,
            scheduled_at: tx.now,
            first_scheduled_at: tx.now,
            queue,
            start_to_close: self.start_to_close_timeout(tx, attempt),
            speculative,
            started: None,
        };
        if task.is_written() {
            task.scheduled_event_id = self.write(tx.now, task.scheduled_attributes());
        }
        let scheduled_event_id = task.scheduled_event_id;
        self.workflow_task = Some(task);

        let work = QueuedWork::Workflow {
            run: self.key,
            scheduled_event_id,
            attempt,
        };
        // A sticky worker that is long gone is passed over without a trace in the history, but the limit of waiting
        // stays armed.
        let sticky_queue = sticky.as_ref().map(|sticky| &sticky.queue);
        let queue = sticky_queue.filter(|queue| tx.queues.sticky_available(queue, tx.now));
        tx.queues.push(queue.unwrap_or(&self.task_queue), tx.now, work);
        let may_wait = match &sticky {
            Some(sticky) => sticky.schedule_to_start,
            None if speculative => speculative::SCHEDULE_TO_START,
            None => return,
        };
        let timer = TimerTask::WorkflowTaskTimeout {
            run: self.key,
            scheduled_event_id,
            attempt,
            kind: TimeoutType::ScheduleToStart,
        };
        tx.timers.set(tx.now + may_wait, timer);
    }

    /// A worker takes the scheduled task from `queue`. `None` if there is no such task any more.
    pub(super) fn start_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_event_id: i64,
        attempt: u32,
        queue: &str,
        by: &Poller,
    ) -> Option<WorkflowTask> {
        let normal = normal_queue(&self.task_queue);
        let pending = self.workflow_task.as_mut()?;
        if pending.is_started() || pending.scheduled_event_id != scheduled_event_id || pending.attempt != attempt {
            return None;
        }
        let from_sticky_queue = pending.is_sticky() && pending.queue.name == queue;
        if pending.is_sticky() && !from_sticky_queue {
            self.sticky = None;
            if pending.speculative {
                pending.queue = normal;
            }
        }
        let request_id = tx.chance.uuid(
            "workflow task",
            &[self.key_word(), unsigned(scheduled_event_id), u64::from(attempt)],
        );
        self.begin_workflow_task(tx, by, request_id);
        if !self.keep_limits(tx) {
            return None;
        }
        Some(self.workflow_task_for_worker(from_sticky_queue, true))
    }

    /// One of the task's limits ran out. Nothing happens if the task is over, or was not what the limit was for.
    pub(super) fn time_out_workflow_task(&mut self, tx: &mut Tx<'_>, kind: TimeoutType) {
        let Some(task) = self.workflow_task.take() else { return };
        self.close_attempted &= !task.is_started();
        tx.queues.drop_where(|work| {
            matches!(work, QueuedWork::Workflow { run, scheduled_event_id, .. }
                if *run == self.key && *scheduled_event_id == task.scheduled_event_id)
        });
        self.write_timeout(tx, &task, kind);
        self.next_attempt(tx, kind == TimeoutType::ScheduleToStart);
    }

    /// Whether a limit of a workflow task still means anything.
    pub(super) fn workflow_task_timeout_is_live(
        &self,
        scheduled_event_id: i64,
        attempt: u32,
        kind: TimeoutType,
    ) -> bool {
        self.workflow_task.as_ref().is_some_and(|task| {
            task.scheduled_event_id == scheduled_event_id
                && task.attempt == attempt
                && task.is_started() == (kind == TimeoutType::StartToClose)
        })
    }

    /// If a worker has the task in hand, it fails for a reason that the worker has nothing to do with, and what was
    /// buffered is written. Returns whether there was one.
    pub(super) fn force_close_workflow_task(&mut self, tx: &mut Tx<'_>) -> bool {
        if !self.workflow_task.as_ref().is_some_and(PendingWorkflowTask::is_started) {
            return false;
        }
        let Some(task) = self.workflow_task.take() else {
            return false;
        };
        self.write_failure(
            tx,
            &task,
            WorkflowTaskFailedCause::ForceCloseCommand,
            None,
            HISTORY_SERVICE,
        );
        self.count_attempt(false);
        self.flush();
        true
    }

    /// The task in hand fails; nothing is scheduled yet.
    pub(super) fn fail_workflow_task(&mut self, tx: &mut Tx<'_>, cause: WorkflowTaskFailedCause, failure: Failure) {
        let Some(task) = self.workflow_task.take() else { return };
        let by = task.started.as_ref().map(|started| started.by.identity.clone());
        self.write_failure(tx, &task, cause, Some(failure), &by.unwrap_or_default());
        self.close_attempted = cause == WorkflowTaskFailedCause::UnhandledCommand;
    }

    fn write_failure(
        &mut self,
        tx: &Tx<'_>,
        task: &PendingWorkflowTask,
        cause: WorkflowTaskFailedCause,
        failure: Option<Failure>,
        identity: &str,
    ) {
        if task.is_transient() {
            return;
        }
        let version = task
            .started
            .as_ref()
            .filter(|_| failure.is_some())
            .map(|started| &started.by);
        self.write_speculative(task, identity, version);
        self.write(
            tx.now,
            Attributes::WorkflowTaskFailedEventAttributes(WorkflowTaskFailedEventAttributes {
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started.as_ref().map_or(0, |started| started.event_id),
                cause: cause.into(),
                failure,
                identity: identity.to_owned(),
                ..Default::default()
            }),
        );
    }

    pub(super) fn write_timeout(&mut self, tx: &Tx<'_>, task: &PendingWorkflowTask, kind: TimeoutType) {
        if task.is_transient() {
            return;
        }
        self.write_speculative(task, "", None);
        self.write(
            tx.now,
            Attributes::WorkflowTaskTimedOutEventAttributes(WorkflowTaskTimedOutEventAttributes {
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started.as_ref().map_or(0, |started| started.event_id),
                timeout_type: kind.into(),
            }),
        );
    }

    /// Decides which attempt the next task is: a sticky task that was lost does not count, and clears stickiness.
    pub(super) fn count_attempt(&mut self, counts_as_first: bool) {
        let was_sticky = self.sticky.take().is_some();
        self.workflow_task_attempt = if was_sticky || counts_as_first {
            1
        } else {
            self.workflow_task_attempt + 1
        };
    }

    /// Schedules the task again after a failure or timeout. What was buffered meanwhile is written first and makes the
    /// next task an ordinary one.
    pub(super) fn next_attempt(&mut self, tx: &mut Tx<'_>, counts_as_first: bool) {
        let news_arrived = !self.buffer.is_empty();
        self.count_attempt(counts_as_first || news_arrived);
        self.commit(tx, true);
    }

    /// Marks the scheduled task as started, and writes what has to be written for that.
    pub(super) fn begin_workflow_task(&mut self, tx: &mut Tx<'_>, by: &Poller, request_id: String) {
        let mut task = self
            .workflow_task
            .take()
            .expect("the caller checked that a task is scheduled");
        let suggest =
            tx.limits
                .reasons_to_continue_as_new(self.log.last_id() + 1, tx.size_before, self.updates_so_far());
        let overtaken = !task.is_written() && self.log.last_id() + 1 != task.scheduled_event_id;
        if overtaken {
            task.attempt = 1;
            task.speculative = false;
            task.scheduled_at = tx.now;
            task.scheduled_event_id = self.write(tx.now, task.scheduled_attributes());
            self.workflow_task_attempt = 1;
        }
        let mut started = StartedBy {
            event_id: task.scheduled_event_id + 1,
            at: tx.now,
            by: by.clone(),
            request_id,
            history_size_bytes: tx.size_before,
            suggest,
        };
        if task.is_written() {
            started.event_id = self.write(tx.now, started.attributes(task.scheduled_event_id));
        }
        tx.timers.set(
            tx.now + task.start_to_close,
            TimerTask::WorkflowTaskTimeout {
                run: self.key,
                scheduled_event_id: task.scheduled_event_id,
                attempt: task.attempt,
                kind: TimeoutType::StartToClose,
            },
        );
        task.started = Some(started);
        self.workflow_task = Some(task);
    }

    /// What the worker gets: the history from the beginning, or what is new if it has the run in memory.
    /// Updates that were sent in vain come again, unless the task only prolongs the one before.
    pub(super) fn workflow_task_for_worker(&mut self, worker_has_it: bool, once_more: bool) -> WorkflowTask {
        let started = self.workflow_task.as_ref().and_then(|task| task.started.as_ref());
        let before = started.map_or(0, |started| started.event_id - 1);
        let updates = self.send_updates(before, once_more);
        let task = self
            .workflow_task
            .as_ref()
            .expect("the caller has just started the task");
        let started = task.started.as_ref().expect("the caller has just started the task");
        let seen = if worker_has_it {
            self.previous_started_event_id
        } else {
            0
        };
        let mut events: Vec<HistoryEvent> = self.log.since(seen).to_vec();
        if !task.is_written() {
            let mut made_up = event(task.scheduled_at, task.scheduled_attributes());
            made_up.event_id = task.scheduled_event_id;
            events.push(made_up);
            let mut made_up = event(started.at, started.attributes(task.scheduled_event_id));
            made_up.event_id = started.event_id;
            events.push(made_up);
        }
        WorkflowTask {
            token: WorkflowTaskToken {
                run: self.key,
                scheduled_event_id: task.scheduled_event_id,
                attempt: task.attempt,
            },
            workflow_id: self.workflow_id.clone(),
            run_id: self.run_id.clone(),
            workflow_type: self.workflow_type.clone(),
            task_queue: self.task_queue.clone(),
            events,
            previous_started_event_id: self.previous_started_event_id,
            started_event_id: started.event_id,
            attempt: task.attempt,
            start_to_close: task.start_to_close,
            queries: self.riding_queries(),
            updates,
        }
    }

    /// The task that was just scheduled goes straight to the worker that answers: it never waits in a queue.
    pub(super) fn take_from_queue(&self, tx: &mut Tx<'_>) {
        let key = self.key;
        tx.queues
            .drop_where(|work| matches!(work, QueuedWork::Workflow { run, .. } if *run == key));
    }

    /// From the fourth attempt on, a worker gets longer: 5 s, doubling to at most 10 min, of which four fifths are
    /// certain and the rest is drawn.
    fn start_to_close_timeout(&self, tx: &Tx<'_>, attempt: u32) -> Span {
        if attempt < FIRST_LONGER_ATTEMPT {
            return self.task_timeout;
        }
        let doublings = (attempt - FIRST_LONGER_ATTEMPT).min(10);
        let extra = Span(Span::secs(5).0 << doublings).min(Span::secs(600));
        let low = Span(extra.0 / 10 * 8);
        self.task_timeout
            + tx.chance.span(
                "workflow task timeout",
                &[self.key_word(), u64::from(attempt)],
                low,
                extra,
            )
    }

    pub(super) fn key_word(&self) -> u64 {
        u64::from(self.key.0)
    }

    /// The activity, if it is still pending.
    pub fn activity(&self, scheduled_event_id: i64) -> Option<&PendingActivity> {
        self.activities.get(&scheduled_event_id)
    }
}

/// `workerVersion` of a poller.
pub(super) fn worker_version(by: &Poller) -> WorkerVersionStamp {
    WorkerVersionStamp {
        build_id: by.build_id.clone(),
        ..Default::default()
    }
}

fn signed(attempt: u32) -> i32 {
    i32::try_from(attempt).unwrap_or(i32::MAX)
}

fn unsigned(event_id: i64) -> u64 {
    event_id.unsigned_abs()
}
