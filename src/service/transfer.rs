//! What one run leaves to be done to another: the Service's transfer queue.
//!
//! A transaction writes into one run only. What it means for other runs it leaves behind as a [`Transfer`], durable
//! like a timer, which is done a moment later in transactions of its own. So there is a time when a child has been
//! asked for and does not exist, or is closed and its parent does not know it. Each kind is carried out in the file
//! of its noun; this one owns only the list.

use super::Service;
use super::run::{Run, Tx};
use super::timer::TimerTask;
use crate::base::time::{SimTime, Span};
use crate::contract::task::RunKey;

/// How long a transfer takes to begin. The real Service needs some milliseconds.
pub const TRANSFER_LATENCY: Span = Span::millis(1);

/// What is to be done, said by the run that left it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transfer {
    /// Start the child of a StartChildWorkflowExecutionInitiated.
    StartChild {
        /// That event.
        initiated_event_id: i64,
    },
    /// Record in the parent that its child has begun.
    RecordChild {
        /// The StartChildWorkflowExecutionInitiated.
        initiated_event_id: i64,
        /// The child's first run.
        child: RunKey,
    },
    /// Schedule the first workflow task of this run, a child.
    FirstTask,
    /// Tell the parent of this run, which is closed.
    TellParent,
    /// Apply the parent close policy of this run, which is closed, to a child.
    ApplyClosePolicy {
        /// The StartChildWorkflowExecutionInitiated.
        initiated_event_id: i64,
    },
    /// Deliver the signal of a SignalExternalWorkflowExecutionInitiated.
    SignalExternal {
        /// That event.
        initiated_event_id: i64,
    },
    /// Deliver the request of a RequestCancelExternalWorkflowExecutionInitiated.
    CancelExternal {
        /// That event.
        initiated_event_id: i64,
    },
}

impl Run {
    /// Leaves something to be done to another run.
    pub(super) fn leave(&self, tx: &mut Tx<'_>, what: Transfer) {
        let task = TimerTask::Transfer { run: self.key, what };
        tx.timers.set(tx.now + TRANSFER_LATENCY, task);
    }
}

impl Service {
    /// Does what the run `from` has left to be done.
    pub(super) fn carry_out(&mut self, now: SimTime, from: RunKey, what: Transfer) {
        match what {
            Transfer::StartChild { initiated_event_id } => self.start_child(now, from, initiated_event_id),
            Transfer::RecordChild {
                initiated_event_id,
                child,
            } => self.record_child(now, from, initiated_event_id, child),
            Transfer::FirstTask => self.schedule_first_task_of(now, from),
            Transfer::TellParent => self.tell_parent(now, from),
            Transfer::ApplyClosePolicy { initiated_event_id } => self.apply_close_policy(now, from, initiated_event_id),
            Transfer::SignalExternal { initiated_event_id } => self.signal_external(now, from, initiated_event_id),
            Transfer::CancelExternal { initiated_event_id } => self.cancel_external(now, from, initiated_event_id),
        }
    }

    /// Whether a transfer still means anything.
    pub(super) fn transfer_is_live(&self, from: RunKey, what: Transfer) -> bool {
        match what {
            Transfer::FirstTask => self.run(from).is_open() && !self.run(from).had_task(),
            Transfer::TellParent => self.parent_listens(from),
            Transfer::ApplyClosePolicy { initiated_event_id } => {
                self.child_left_behind(from, initiated_event_id).is_some()
            }
            Transfer::StartChild { initiated_event_id } | Transfer::RecordChild { initiated_event_id, .. } => {
                let parent = self.run(from);
                let child = parent.children.get(&initiated_event_id);
                parent.is_open() && child.is_some_and(|child| child.first_run_id.is_none())
            }
            Transfer::SignalExternal { initiated_event_id } => {
                self.run(from).signals_out.contains_key(&initiated_event_id)
            }
            Transfer::CancelExternal { initiated_event_id } => {
                self.run(from).cancels_out.contains_key(&initiated_event_id)
            }
        }
    }
}
