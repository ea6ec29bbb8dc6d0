//! The machine of the workflow's own timers: started by a command, fired by the clock or cancelled by a command.

use super::run::{PendingTimer, Run, Tx};
use super::timer::{TimerTask, is_due};
use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::history::proto::{Attributes, HistoryEvent, TimerFiredEventAttributes};

impl Run {
    pub(super) fn begin_timer(&mut self, tx: &mut Tx<'_>, started_event_id: i64, timer_id: String, wait: Span) {
        let expiry = tx.now + wait;
        self.timers.insert(started_event_id, PendingTimer { timer_id, expiry });
        tx.timers.set(
            expiry,
            TimerTask::UserTimer {
                run: self.key,
                started_event_id,
            },
        );
    }

    /// Forgets a timer, also one that has fired while the workflow task that cancels it was running: then the
    /// buffered TimerFired is taken back. Returns the id of its TimerStarted.
    pub(super) fn cancel_timer(&mut self, timer_id: &str) -> Option<i64> {
        let pending = self
            .timers
            .iter()
            .find(|(_, timer)| timer.timer_id == timer_id)
            .map(|(id, _)| *id);
        if let Some(started_event_id) = pending {
            self.timers.remove(&started_event_id);
            return Some(started_event_id);
        }
        let fired = self
            .buffer
            .iter()
            .position(|event| fired_timer(event).is_some_and(|fired| fired.timer_id == timer_id));
        let event = self.buffer.remove(fired?);
        fired_timer(&event).map(|fired| fired.started_event_id)
    }

    /// Fires every timer that is due, in order of expiry and then of start, in one transaction.
    pub(super) fn fire_timers(&mut self, tx: &mut Tx<'_>) {
        let due: SortedMap<(SimTime, i64), ()> = self
            .timers
            .iter()
            .filter(|(_, timer)| is_due(timer.expiry, tx.now))
            .map(|(id, timer)| ((timer.expiry, *id), ()))
            .collect();
        for (_, started_event_id) in due.into_keys() {
            let Some(timer) = self.timers.remove(&started_event_id) else {
                continue;
            };
            self.buffer(
                tx.now,
                Attributes::TimerFiredEventAttributes(TimerFiredEventAttributes {
                    timer_id: timer.timer_id,
                    started_event_id,
                }),
            );
        }
        self.commit(tx, true);
    }
}

/// The attributes of a TimerFired.
pub(super) fn fired_timer(event: &HistoryEvent) -> Option<&TimerFiredEventAttributes> {
    match &event.attributes {
        Some(Attributes::TimerFiredEventAttributes(fired)) => Some(fired),
        _ => None,
    }
}
