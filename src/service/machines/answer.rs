//! The answer to a workflow task: taken, refused, or come too late.
//!
//! One transaction: WorkflowTaskCompleted, the events of the commands, what has arrived meanwhile, and, if there is
//! more to do, the next task, which begins in the same worker's hands at once.

use super::commands::Answered;
use super::objection::Objection;
use super::workflow_task::worker_version;
use crate::contract::answer::{Accepted, Command, Sticky, TaskNotFound, WorkflowTaskAnswer};
use crate::contract::task::WorkflowTaskToken;
use crate::history::proto::{
    Attributes, MeteringMetadata, TimeoutType, UserMetadata, WorkflowTaskCompletedEventAttributes,
    WorkflowTaskCompletedMetadata, WorkflowTaskFailedCause,
};
use crate::service::failure;
use crate::service::limits::bytes;
use crate::service::namespace::HISTORY_SERVICE;
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::unwritten::{PendingWorkflowTask, StartedBy};

/// The request id that the real Service writes when it starts a task inside the answer to the one before.
const INLINE_REQUEST_ID: &str = "request-from-RespondWorkflowTaskCompleted";

impl Run {
    /// Takes the answer of a worker.
    pub(in crate::service) fn answer_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        token: WorkflowTaskToken,
        answer: WorkflowTaskAnswer,
    ) -> Result<Accepted, TaskNotFound> {
        let is_current = self.workflow_task().is_some_and(|task| {
            task.is_started() && task.scheduled_event_id == token.scheduled_event_id && task.attempt == token.attempt
        });
        if !is_current {
            return Err(TaskNotFound);
        }
        match answer {
            WorkflowTaskAnswer::Completed {
                commands,
                user_metadata,
                sticky,
                first_of_run,
                queries,
                wants_next_task,
            } => {
                if wants_next_task && commands.is_empty() && self.has_prolonged_enough(tx) {
                    self.give_up_heartbeats(tx, sticky);
                    return Err(TaskNotFound);
                }
                if let Some(objection) = self.objection(tx, &commands) {
                    return Ok(self.refuse(tx, objection));
                }
                self.take_query_answers(tx, queries);
                Ok(self.complete_workflow_task(tx, commands, user_metadata, sticky, first_of_run, wants_next_task))
            }
            WorkflowTaskAnswer::Failed {
                cause: WorkflowTaskFailedCause::GrpcMessageTooLarge,
                ..
            } => {
                self.terminate(tx, "GrpcMessageTooLarge", None, HISTORY_SERVICE);
                Ok(Accepted::default())
            }
            WorkflowTaskAnswer::Failed { cause, failure } => {
                let failure = if bytes(prost::Message::encoded_len(&*failure)) > tx.limits.payload_bytes {
                    failure::shortened(&failure, true, tx.limits.warn_payload_bytes)
                } else {
                    *failure
                };
                self.fail_workflow_task(tx, cause, failure);
                self.next_attempt(tx, false);
                Ok(Accepted::default())
            }
        }
    }

    fn complete_workflow_task(
        &mut self,
        tx: &mut Tx<'_>,
        commands: Vec<Command>,
        user_metadata: Vec<Option<Box<UserMetadata>>>,
        sticky: Option<Sticky>,
        first_of_run: bool,
        wants_next_task: bool,
    ) -> Accepted {
        let hand = &mut self.unwritten.hand;
        let task = hand
            .workflow_task
            .take()
            .expect("the caller checked that a task is running");
        let started = task.started.clone().expect("the caller checked that a task is running");
        let discarded = self.discards(tx, &task, &commands, wants_next_task);
        let completed = if discarded {
            0
        } else {
            self.write_completed(tx, &task, &started, first_of_run)
        };
        self.unwritten.hand.workflow_task_attempt = 1;
        self.unwritten.hand.close_attempted = false;
        self.unwritten.hand.sticky = sticky;

        let prolonged = (wants_next_task && commands.is_empty()).then_some(task.first_scheduled_at);
        let mut answered = Answered {
            completed,
            by: &started.by,
            eager: Vec::new(),
            wants_task: wants_next_task,
        };
        let mut user_metadata = user_metadata.into_iter();
        for command in commands {
            tx.user_metadata = user_metadata.next().flatten();
            self.carry_out(tx, command, &mut answered);
            tx.user_metadata = None;
        }
        let Answered { eager, wants_task, .. } = answered;
        let mut accepted = Accepted::default();
        let starts = eager.into_iter();
        accepted.eager_activities = starts
            .filter_map(|scheduled_event_id| self.start_activity(tx, scheduled_event_id, 1, &started.by))
            .collect();
        if !wants_next_task {
            self.reject_unprocessed_updates(tx);
        }
        let mut has_next = self.is_open() && (wants_task || self.buffered(tx).next().is_some());
        if has_next {
            self.flush(tx);
            self.schedule_workflow_task(tx);
            if let (Some(first), Some(task)) = (prolonged, &mut self.unwritten.hand.workflow_task) {
                task.first_scheduled_at = first;
            }
            self.take_from_queue(tx);
            self.begin_workflow_task(tx, &started.by, INLINE_REQUEST_ID.to_owned());
        }
        self.settle(tx, false);
        if !has_next && self.is_open() && self.has_admitted_updates() {
            has_next = true;
            self.schedule_speculative_task(tx);
            self.take_from_queue(tx);
            self.begin_workflow_task(tx, &started.by, INLINE_REQUEST_ID.to_owned());
        }
        if has_next {
            accepted.next_task = Some(Box::new(self.workflow_task_for_worker(tx, true, !wants_next_task)));
        } else {
            self.send_waiting_queries(tx);
        }
        accepted
    }

    fn write_completed(
        &mut self,
        tx: &mut Tx<'_>,
        task: &PendingWorkflowTask,
        started: &StartedBy,
        first_of_run: bool,
    ) -> i64 {
        if !task.is_written() {
            self.write_at(tx, task.scheduled_at, task.scheduled_attributes());
            self.write_at(tx, started.at, started.attributes(task.scheduled_event_id));
        }
        self.write(
            tx,
            Attributes::WorkflowTaskCompletedEventAttributes(WorkflowTaskCompletedEventAttributes {
                scheduled_event_id: task.scheduled_event_id,
                started_event_id: started.event_id,
                identity: started.by.identity.clone(),
                worker_version: Some(worker_version(&started.by)),
                sdk_metadata: Some(sdk_metadata(first_of_run)),
                metering_metadata: Some(MeteringMetadata::default()),
                ..Default::default()
            }),
        )
    }

    /// The Service does not take the answer. A first attempt fails, and the run with it if the answer was beyond all
    /// limits; of a later one nothing is written, and it is left to run out.
    fn refuse(&mut self, tx: &mut Tx<'_>, objection: Objection) -> Accepted {
        let Objection {
            cause,
            message,
            ends_run,
        } = objection;
        let accepted = Accepted {
            refused: Some(message.clone()),
            ..Accepted::default()
        };
        let attempt = self.workflow_task().map_or(1, |task| task.attempt);
        if cause != WorkflowTaskFailedCause::Unspecified {
            self.fail_sent_updates(tx);
        }
        if cause == WorkflowTaskFailedCause::Unspecified
            || attempt > 1 && cause != WorkflowTaskFailedCause::UnhandledCommand
        {
            return accepted;
        }
        self.fail_workflow_task(tx, cause, failure::server(&message, false));
        if ends_run {
            self.flush(tx);
            self.terminate(tx, &message, None, HISTORY_SERVICE);
        } else {
            self.next_attempt(tx, false);
        }
        accepted
    }

    fn has_prolonged_enough(&self, tx: &Tx<'_>) -> bool {
        let task = self.workflow_task();
        task.is_some_and(|task| tx.now > task.first_scheduled_at + tx.limits.prolonging)
    }

    /// The worker has asked for more time for too long. The task times out; the next one is started for the same worker,
    /// which is not told of it: that one runs out too.
    fn give_up_heartbeats(&mut self, tx: &mut Tx<'_>, sticky: Option<Sticky>) {
        let Some(task) = self.unwritten.hand.workflow_task.take() else {
            return;
        };
        self.write_timeout(tx, &task, TimeoutType::StartToClose);
        self.count_attempt(false);
        self.unwritten.hand.sticky = sticky;
        self.flush(tx);
        self.schedule_workflow_task(tx);
        self.take_from_queue(tx);
        if let Some(started) = task.started {
            self.begin_workflow_task(tx, &started.by, INLINE_REQUEST_ID.to_owned());
        }
        self.settle(tx, false);
    }
}

/// What Core writes into the first completion of a run; later ones have nothing new to say.
fn sdk_metadata(first_of_run: bool) -> WorkflowTaskCompletedMetadata {
    if !first_of_run {
        return WorkflowTaskCompletedMetadata::default();
    }
    WorkflowTaskCompletedMetadata {
        core_used_flags: vec![1, 2, 3],
        sdk_name: "temporal-rust".to_owned(),
        sdk_version: "1.1.1".to_owned(),
        ..Default::default()
    }
}
