//! The machine of the workflow's own timers: started by a command, fired by the clock or cancelled by a command.

use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::contract::task::Poller;
use crate::contract::written::LONGEST;
use crate::history::proto::{
    Attributes, HistoryEvent, TimerCanceledEventAttributes, TimerFiredEventAttributes, TimerStartedEventAttributes,
};
use crate::history::timestamp::duration;
use crate::service::run::Run;
use crate::service::timer::{TimerTask, is_due};
use crate::service::transaction::Tx;

impl Run {
    /// Carries out the command.
    pub(super) fn start_timer(&mut self, tx: &mut Tx<'_>, timer_id: String, wait: Span, completed: i64) {
        let wait = wait.min(LONGEST);
        let started_event_id = self.write(
            tx,
            Attributes::TimerStartedEventAttributes(TimerStartedEventAttributes {
                timer_id,
                start_to_fire_timeout: Some(duration(wait)),
                workflow_task_completed_event_id: completed,
            }),
        );
        let run = self.key;
        tx.set_timer(tx.now + wait, TimerTask::UserTimer { run, started_event_id });
    }

    /// Carries out the command. The timer may have fired while the workflow task that cancels it was running: then the
    /// buffered TimerFired is never written.
    pub(super) fn cancel_timer(&mut self, tx: &mut Tx<'_>, timer_id: String, completed: i64, by: &Poller) {
        let fired = |event: &HistoryEvent| fired_timer(event).is_some_and(|fired| fired.timer_id == timer_id);
        let started = self.state.timers.named(&timer_id).or_else(|| {
            let event = self.unbuffer(tx, fired)?;
            fired_timer(&event).map(|fired| fired.started_event_id)
        });
        let Some(started_event_id) = started else { return };
        self.write(
            tx,
            Attributes::TimerCanceledEventAttributes(TimerCanceledEventAttributes {
                timer_id,
                started_event_id,
                workflow_task_completed_event_id: completed,
                identity: by.identity.clone(),
            }),
        );
    }

    /// Fires those of these timers that are due and still run, in order of expiry and then of start, in one transaction.
    pub(in crate::service) fn fire_timers(&mut self, tx: &mut Tx<'_>, timers: &[i64]) {
        let mut due = SortedMap::new();
        for id in timers {
            if let Some(timer) = self.state.timers.get(*id)
                && is_due(timer.expiry.sim_time(), tx.now)
            {
                due.insert((timer.expiry, *id), timer.timer_id.clone());
            }
        }
        for ((_, started_event_id), timer_id) in due {
            self.buffer(
                tx,
                Attributes::TimerFiredEventAttributes(TimerFiredEventAttributes {
                    timer_id,
                    started_event_id,
                }),
            );
        }
        self.settle(tx, true);
    }
}

/// The attributes of a TimerFired.
pub(super) fn fired_timer(event: &HistoryEvent) -> Option<&TimerFiredEventAttributes> {
    match &event.attributes {
        Some(Attributes::TimerFiredEventAttributes(fired)) => Some(fired),
        _ => None,
    }
}
