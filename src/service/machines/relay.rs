//! Carries out what runs have left to be done to others, and knows when that means nothing any more.

use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::service::Service;
use crate::service::run::Run;
use crate::service::timer::TimerTask;
use crate::service::transaction::Tx;
use crate::service::transfer::{TRANSFER_LATENCY, Transfer};

impl Run {
    /// Leaves something to be done to another run.
    pub(super) fn leave(&self, tx: &mut Tx<'_>, what: Transfer) {
        let task = TimerTask::Transfer { run: self.key, what };
        tx.set_timer(tx.now + TRANSFER_LATENCY, task);
    }
}

impl Service {
    /// Leaves something to be done to another run than that.
    pub(super) fn leave(&mut self, now: SimTime, from: RunKey, what: Transfer) {
        let task = TimerTask::Transfer { run: from, what };
        self.timers.set(now + TRANSFER_LATENCY, task);
    }

    /// Does what the run `from` has left to be done.
    pub(in crate::service) fn carry_out(&mut self, now: SimTime, from: RunKey, what: Transfer) {
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
    pub(in crate::service) fn transfer_is_live(&self, from: RunKey, what: Transfer) -> bool {
        let run = self.run(from);
        match what {
            Transfer::FirstTask => run.is_open() && !run.had_task(),
            Transfer::TellParent => self.parent_listens(from),
            Transfer::ApplyClosePolicy { initiated_event_id } => {
                self.child_left_behind(from, initiated_event_id).is_some()
            }
            Transfer::StartChild { initiated_event_id } | Transfer::RecordChild { initiated_event_id, .. } => {
                let child = run.state.children.get(&initiated_event_id);
                run.is_open() && child.is_some_and(|child| child.first_run_id.is_none())
            }
            Transfer::SignalExternal { initiated_event_id } => run.state.signals_out.contains_key(&initiated_event_id),
            Transfer::CancelExternal { initiated_event_id } => run.state.cancels_out.contains_key(&initiated_event_id),
        }
    }
}
