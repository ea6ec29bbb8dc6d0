//! How a transaction on a run comes to its end: the workflow task that it wants is scheduled, what waits is written if it
//! may be, and the limits of the history are kept.

use crate::service::limits::{Large, event_bytes};
use crate::service::run::Run;
use crate::service::transaction::Tx;

const TOO_LARGE: &str = "Workflow history size exceeds limit.";
const TOO_LONG: &str = "Workflow history count exceeds limit.";

/// Buffered events may have so many bytes (server 1.32, `history.maximumBufferedEventsSizeInBytes`).
const BUFFERED_BYTES: u64 = 2 * 1_024 * 1_024;

impl Run {
    /// Schedules a workflow task if the transaction wants one and none is pending, and writes the buffered events unless
    /// a workflow task is running.
    pub(in crate::service) fn settle(&mut self, tx: &mut Tx<'_>, wants_task: bool) {
        if wants_task && self.is_open() && self.workflow_task().is_none() {
            self.flush(tx);
            self.schedule_workflow_task(tx);
        }
        if !self.keep_limits(tx) {
            return;
        }
        self.make_task_real(tx);
        if !self.has_task_running() {
            self.flush(tx);
        }
    }

    /// Looks whether the transaction makes the history too long, or found it too large: then it is going to be dropped.
    /// Returns whether the run goes on. A run that begins or closes may be as long as it likes.
    pub(in crate::service) fn keep_limits(&mut self, tx: &mut Tx<'_>) -> bool {
        if !self.is_open() || tx.is_first {
            return true;
        }
        let limits = tx.limits;
        let events = self.last_event_id(tx).unsigned_abs();
        if tx.size_before > limits.history_bytes {
            tx.over = Some(TOO_LARGE);
        } else if events > limits.history_events.into() {
            tx.over = Some(TOO_LONG);
        } else {
            self.warn(tx.now, Large::History, events, limits.warn_events.into());
            self.warn(tx.now, Large::HistoryBytes, tx.size_before, limits.warn_bytes);
            self.keep_buffer_small(tx);
        }
        tx.over.is_none()
    }

    /// If too much has arrived while a workflow task runs, the task fails, so that it can be written.
    fn keep_buffer_small(&mut self, tx: &mut Tx<'_>) {
        let (events, bytes) = self.buffered(tx).fold((0, 0), |(events, bytes), event| {
            (events + 1, bytes + event_bytes(event))
        });
        if events <= tx.limits.buffered_events && bytes <= BUFFERED_BYTES {
            return;
        }
        if self.force_close_workflow_task(tx) {
            self.schedule_workflow_task(tx);
        }
    }
}
