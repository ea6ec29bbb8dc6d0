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

use super::speculative;
use crate::base::time::Span;
use crate::contract::task::{Poller, WorkflowTask, WorkflowTaskToken};
use crate::contract::written::normal_queue;
use crate::history::proto::{
    Attributes, Failure, TaskQueue, TaskQueueKind, TimeoutType, WorkerVersionStamp, WorkflowTaskFailedCause,
    WorkflowTaskFailedEventAttributes, WorkflowTaskScheduledEventAttributes, WorkflowTaskStartedEventAttributes,
    WorkflowTaskTimedOutEventAttributes,
};
use crate::history::timestamp::duration;
use crate::service::namespace::HISTORY_SERVICE;
use crate::service::queue::QueuedWork;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::service::transaction::{Tx, event};
use crate::service::unwritten::{PendingWorkflowTask, StartedBy};

/// First attempt whose start-to-close timeout grows (server 1.32: three attempts at the usual timeout).
const FIRST_LONGER_ATTEMPT: u32 = 4;

impl PendingWorkflowTask {
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
        let attempt = self.unwritten.hand.workflow_task_attempt;
        let sticky = self.unwritten.hand.sticky.clone();
        let queue = match &sticky {
            Some(sticky) => TaskQueue {
                name: sticky.queue.clone(),
                kind: TaskQueueKind::Sticky.into(),
                normal_name: self.task_queue.clone(),
            },
            None => normal_queue(&self.task_queue),
        };
        let mut task = PendingWorkflowTask {
            scheduled_event_id: self.last_event_id(tx) + 1,
            attempt,
            scheduled_at: tx.now,
            first_scheduled_at: tx.now,
            queue,
            start_to_close: self.start_to_close_timeout(tx, attempt),
            speculative,
            started: None,
        };
        if task.is_written() {
            task.scheduled_event_id = self.write(tx, task.scheduled_attributes());
        }
        let scheduled_event_id = task.scheduled_event_id;
        let work = self.queued_task(&task);
        self.unwritten.hand.workflow_task = Some(task);

        // A sticky worker that is long gone is passed over without a trace in the history, but the limit of waiting
        // stays armed.
        let sticky_queue = sticky.as_ref().map(|sticky| sticky.queue.as_str());
        let queue = sticky_queue.filter(|queue| tx.queues.sticky_available(queue, tx.now));
        tx.enqueue(queue.unwrap_or(&self.task_queue), work);
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
        tx.set_timer(tx.now + may_wait, timer);
    }

    /// A worker takes the scheduled task from `queue`. `None` if there is no such task any more.
    pub(in crate::service) fn start_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        scheduled_event_id: i64,
        attempt: u32,
        queue: &str,
        by: &Poller,
    ) -> Option<WorkflowTask> {
        let normal = normal_queue(&self.task_queue);
        let hand = &mut self.unwritten.hand;
        let pending = hand.workflow_task.as_mut()?;
        if pending.is_started() || pending.scheduled_event_id != scheduled_event_id || pending.attempt != attempt {
            return None;
        }
        let from_sticky_queue = pending.is_sticky() && pending.queue.name == queue;
        if pending.is_sticky() && !from_sticky_queue {
            hand.sticky = None;
            if pending.speculative {
                pending.queue = normal;
            }
        }
        let request_id = tx.chance.uuid(
            "workflow task",
            &[self.word, unsigned(scheduled_event_id), u64::from(attempt)],
        );
        self.begin_workflow_task(tx, by, request_id);
        if !self.keep_limits(tx) {
            return None;
        }
        Some(self.workflow_task_for_worker(tx, from_sticky_queue, true))
    }

    /// One of the task's limits ran out. Nothing happens if the task is over, or was not what the limit was for.
    pub(in crate::service) fn time_out_workflow_task(&mut self, tx: &mut Tx<'_>, kind: TimeoutType) {
        let Some(task) = self.unwritten.hand.workflow_task.take() else {
            return;
        };
        self.unwritten.hand.close_attempted &= !task.is_started();
        tx.withdraw(self.queued_task(&task));
        self.write_timeout(tx, &task, kind);
        self.next_attempt(tx, kind == TimeoutType::ScheduleToStart);
    }

    /// Whether a limit of a workflow task still means anything.
    pub(in crate::service) fn workflow_task_timeout_is_live(
        &self,
        scheduled_event_id: i64,
        attempt: u32,
        kind: TimeoutType,
    ) -> bool {
        self.workflow_task().is_some_and(|task| {
            task.scheduled_event_id == scheduled_event_id
                && task.attempt == attempt
                && task.is_started() == (kind == TimeoutType::StartToClose)
        })
    }

    /// If a worker has the task in hand, it fails for a reason that the worker has nothing to do with, and what was
    /// buffered is written. Returns whether there was one.
    pub(super) fn force_close_workflow_task(&mut self, tx: &mut Tx<'_>) -> bool {
        if !self.has_task_running() {
            return false;
        }
        let Some(task) = self.unwritten.hand.workflow_task.take() else {
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
        self.flush(tx);
        true
    }

    /// The task in hand fails; nothing is scheduled yet.
    pub(super) fn fail_workflow_task(&mut self, tx: &mut Tx<'_>, cause: WorkflowTaskFailedCause, failure: Failure) {
        let Some(task) = self.unwritten.hand.workflow_task.take() else {
            return;
        };
        let by = task.started.as_ref().map(|started| started.by.identity.clone());
        self.write_failure(tx, &task, cause, Some(failure), &by.unwrap_or_default());
        self.unwritten.hand.close_attempted = cause == WorkflowTaskFailedCause::UnhandledCommand;
    }

    fn write_failure(
        &mut self,
        tx: &mut Tx<'_>,
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
        self.write_speculative(tx, task, identity, version);
        self.write(
            tx,
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

    pub(super) fn write_timeout(&mut self, tx: &mut Tx<'_>, task: &PendingWorkflowTask, kind: TimeoutType) {
        if task.is_transient() {
            return;
        }
        self.write_speculative(tx, task, "", None);
        self.write(
            tx,
            Attributes::WorkflowTaskTimedOutEventAttributes(WorkflowTaskTimedOutEventAttributes {
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: task.started.as_ref().map_or(0, |started| started.event_id),
                timeout_type: kind.into(),
            }),
        );
    }

    /// Decides which attempt the next task is: a sticky task that was lost does not count, and clears stickiness.
    pub(super) fn count_attempt(&mut self, counts_as_first: bool) {
        let was_sticky = self.unwritten.hand.sticky.take().is_some();
        self.unwritten.hand.workflow_task_attempt = if was_sticky || counts_as_first {
            1
        } else {
            self.unwritten.hand.workflow_task_attempt + 1
        };
    }

    /// Schedules the task again after a failure or timeout. What was buffered meanwhile is written first and makes the
    /// next task an ordinary one.
    pub(super) fn next_attempt(&mut self, tx: &mut Tx<'_>, counts_as_first: bool) {
        let news_arrived = self.buffered(tx).next().is_some();
        self.count_attempt(counts_as_first || news_arrived);
        self.settle(tx, true);
    }

    /// Marks the scheduled task as started, and writes what has to be written for that.
    pub(super) fn begin_workflow_task(&mut self, tx: &mut Tx<'_>, by: &Poller, request_id: String) {
        let hand = &mut self.unwritten.hand;
        let mut task = hand
            .workflow_task
            .take()
            .expect("the caller checked that a task is scheduled");
        let next = self.last_event_id(tx) + 1;
        let suggest = tx
            .limits
            .reasons_to_continue_as_new(next, tx.size_before, self.updates_so_far());
        let overtaken = !task.is_written() && self.last_event_id(tx) + 1 != task.scheduled_event_id;
        if overtaken {
            task.attempt = 1;
            task.speculative = false;
            task.scheduled_at = tx.now;
            task.scheduled_event_id = self.write(tx, task.scheduled_attributes());
            self.unwritten.hand.workflow_task_attempt = 1;
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
            started.event_id = self.write(tx, started.attributes(task.scheduled_event_id));
        }
        tx.set_timer(
            tx.now + task.start_to_close,
            TimerTask::WorkflowTaskTimeout {
                run: self.key,
                scheduled_event_id: task.scheduled_event_id,
                attempt: task.attempt,
                kind: TimeoutType::StartToClose,
            },
        );
        task.started = Some(started);
        self.unwritten.hand.workflow_task = Some(task);
    }

    /// What the worker gets: the history from the beginning, or what is new if it has the run in memory.
    /// Updates that were sent in vain come again, unless the task only prolongs the one before.
    pub(super) fn workflow_task_for_worker(
        &mut self,
        tx: &Tx<'_>,
        worker_has_it: bool,
        once_more: bool,
    ) -> WorkflowTask {
        let started = self.workflow_task().and_then(|task| task.started.as_ref());
        let before = started.map_or(0, |started| started.event_id - 1);
        let updates = self.send_updates(before, once_more);
        let task = self.workflow_task().expect("the caller has just started the task");
        let started = task.started.as_ref().expect("the caller has just started the task");
        let seen = if worker_has_it {
            self.state.previous_started_event_id
        } else {
            0
        };
        let mut events = self.events_since(tx, seen);
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
            previous_started_event_id: self.state.previous_started_event_id,
            started_event_id: started.event_id,
            attempt: task.attempt,
            start_to_close: task.start_to_close,
            queries: self.riding_queries(),
            updates,
        }
    }

    /// The task that was just scheduled goes straight to the worker that answers: it never waits in a queue.
    pub(super) fn take_from_queue(&self, tx: &mut Tx<'_>) {
        if let Some(task) = self.workflow_task() {
            tx.withdraw(self.queued_task(task));
        }
    }

    /// How a workflow task stands in a task queue.
    const fn queued_task(&self, task: &PendingWorkflowTask) -> QueuedWork {
        QueuedWork::Workflow {
            run: self.key,
            scheduled_event_id: task.scheduled_event_id,
            attempt: task.attempt,
        }
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
            + tx.chance
                .span("workflow task timeout", &[self.word, u64::from(attempt)], low, extra)
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
