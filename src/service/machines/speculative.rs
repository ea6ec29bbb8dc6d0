//! Workflow tasks that may turn out never to have been: those that only bring updates to an idle run.
//!
//! | state | event | next |
//! | --- | --- | --- |
//! | none | an update is admitted and no task is pending | Speculative: nothing is written |
//! | Speculative | something else has to be written | ordinary: its Scheduled, and its Started, are written first |
//! | Speculative | it fails or times out | the same, and then its end |
//! | Speculative | answered with rejections only | none, without a trace |
//! | Speculative | answered with anything else | all its events are written at once |
//!
//! Its events have the ids that they would get, as those of a transient task do. It is the machine of
//! [`super::workflow_task`] that runs it; this file owns what is different.

use crate::base::time::Span;
use crate::contract::answer::Command;
use crate::contract::task::Poller;
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::unwritten::PendingWorkflowTask;

/// How long a speculative task may wait for a worker in the normal queue (server 1.32,
/// `SpeculativeWorkflowTaskScheduleToStartTimeout`). Other tasks wait there for ever.
pub(super) const SCHEDULE_TO_START: Span = Span::secs(5);

/// A task that brought more events than this is written even if it led to nothing (server 1.32,
/// `history.discardSpeculativeWorkflowTaskMaximumEventsCount`).
const MAY_BE_SHIPPED_AGAIN: i64 = 10;

impl Run {
    /// Schedules a task that is not written.
    pub(super) fn schedule_speculative_task(&mut self, tx: &mut Tx<'_>) {
        self.schedule(tx, true);
    }

    /// Something is written, so the pending task has to be written too. The real Service does not know by then who has
    /// taken it.
    pub(in crate::service) fn make_task_real(&mut self, tx: &mut Tx<'_>) {
        let Some(mut task) = self.unwritten.hand.workflow_task.take_if(|task| task.speculative) else {
            return;
        };
        self.write_speculative(tx, &task, "", None);
        task.speculative = false;
        self.unwritten.hand.workflow_task = Some(task);
    }

    /// Writes what was not written: the Scheduled, and the Started if it was.
    pub(super) fn write_speculative(
        &mut self,
        tx: &mut Tx<'_>,
        task: &PendingWorkflowTask,
        identity: &str,
        version: Option<&Poller>,
    ) {
        if !task.speculative {
            return;
        }
        self.write_at(tx, task.scheduled_at, task.scheduled_attributes());
        if let Some(started) = &task.started {
            let attributes = started.attributes_by(task.scheduled_event_id, identity, version);
            self.write_at(tx, started.at, attributes);
        }
    }

    /// Whether this answer to the task leaves no trace. Its limits of time are forgotten then: the next task may have
    /// the same id.
    pub(super) fn discards(
        &self,
        tx: &mut Tx<'_>,
        task: &PendingWorkflowTask,
        commands: &[Command],
        wants_next_task: bool,
    ) -> bool {
        let only_rejects = commands
            .iter()
            .all(|command| matches!(command, Command::RejectUpdate { .. }));
        let shipped = self.last_event_id(tx) - 1 - self.state.previous_started_event_id;
        if !task.speculative || !only_rejects || wants_next_task || shipped > MAY_BE_SHIPPED_AGAIN {
            return false;
        }
        tx.forget_timeouts(self.key, task.scheduled_event_id);
        true
    }
}
