//! What an open run has begun and not ended, one sentence for each, and one for all that are too many.

use std::collections::BTreeMap;

use super::super::limits::Limits;
use super::super::words::{counted, short};
use super::{NAME_CHARS, TOLD, View};
use crate::history::execution::{Activity, Timer, Update};
use crate::history::proto::{Attributes as A, HistoryEvent};

impl View<'_> {
    /// Appends them.
    pub(super) fn pending(&self, sentences: &mut Vec<String>) {
        self.activities(sentences);
        self.timers(sentences);
        self.children(sentences);
        self.nexus_operations(sentences);
        self.updates(sentences);
        for (event, to) in self.state.signals_out.iter().take(TOLD) {
            sentences.push(format!(
                "A signal to workflow {} is on its way (event {event}).",
                short(&to.workflow_id, NAME_CHARS)
            ));
        }
        more(
            sentences,
            self.state.signals_out.len(),
            "signal to others",
            "signals to others",
        );
        for (event, to) in self.state.cancels_out.iter().take(TOLD) {
            sentences.push(format!(
                "A request to stop to workflow {} is on its way (event {event}).",
                short(&to.workflow_id, NAME_CHARS)
            ));
        }
        more(
            sentences,
            self.state.cancels_out.len(),
            "request to stop",
            "requests to stop",
        );
    }

    fn activities(&self, sentences: &mut Vec<String>) {
        if self.state.activities.is_empty() {
            return;
        }
        let by_id: BTreeMap<i64, &HistoryEvent> = self.events.iter().map(|event| (event.event_id, event)).collect();
        for (event, activity) in self.state.activities.iter().take(TOLD) {
            let begin = by_id.get(&event).copied();
            let started = activity.started_event_id.and_then(|id| by_id.get(&id).copied());
            sentences.push(self.activity(event, activity, begin, started));
        }
        more(sentences, self.state.activities.len(), "activity", "activities");
    }

    fn activity(
        &self,
        event: i64,
        activity: &Activity,
        begin: Option<&HistoryEvent>,
        started: Option<&HistoryEvent>,
    ) -> String {
        let how = match started.map(|started| (started.event_id, started.event_time)) {
            Some((id, at)) => format!("runs since {} (event {id})", self.at(at)),
            None => "is queued, running or between attempts: a history cannot tell, `temporal workflow describe` can"
                .to_owned(),
        };
        let mut told = format!(
            "Activity {} (event {event}, id {}) {how}.",
            short(&activity.activity_type, NAME_CHARS),
            short(&activity.activity_id, NAME_CHARS)
        );
        if let Some((limits, at)) = begin.and_then(|begin| match &begin.attributes {
            Some(A::ActivityTaskScheduledEventAttributes(a)) => Some((Limits::of(a), begin.event_time)),
            _ => None,
        }) {
            let mut policy = limits.policy_words();
            policy.replace_range(..1, &policy[..1].to_uppercase());
            told.push_str(&format!(" {policy}; {}.", limits.limit_words()));
            if !limits.schedule_to_close.is_zero() {
                let until = at.map(|at| at.plus(limits.schedule_to_close));
                told.push_str(&format!(" It is given up at {} (schedule-to-close).", self.date(until)));
            } else if limits.maximum_attempts().is_none() {
                told.push_str(" It is tried until it is done or the run ends.");
            }
        }
        if let Some(requested) = activity.cancel_requested {
            told.push_str(&format!(
                " Its cancellation was requested (event {requested}): a worker that has it hears of that when it sends a \
                 heartbeat."
            ));
        }
        told
    }

    fn timers(&self, sentences: &mut Vec<String>) {
        let mut timers: Vec<(i64, &Timer)> = self.state.timers.iter().collect();
        timers.sort_by_key(|(event, timer)| (timer.expiry, *event));
        for (event, timer) in timers.iter().take(TOLD) {
            sentences.push(format!(
                "Timer {} (event {event}) fires at {}.",
                short(&timer.timer_id, NAME_CHARS),
                self.date(Some(timer.expiry))
            ));
        }
        more(sentences, timers.len(), "timer", "timers");
    }

    fn children(&self, sentences: &mut Vec<String>) {
        for (event, child) in self.state.children.iter().take(TOLD) {
            let how = match child.first_run_id {
                Some(_) => "runs",
                None => "is about to begin",
            };
            sentences.push(format!(
                "Child workflow {} ({}, event {event}) {how}.",
                short(&child.workflow_id, NAME_CHARS),
                short(&child.workflow_type, NAME_CHARS)
            ));
        }
        more(
            sentences,
            self.state.children.len(),
            "child workflow",
            "child workflows",
        );
    }

    fn nexus_operations(&self, sentences: &mut Vec<String>) {
        for (event, operation) in self.state.nexus_operations.iter().take(TOLD) {
            let how = if operation.started {
                "runs"
            } else {
                "has been asked for and has not begun, as far as the history tells"
            };
            let asked = if operation.cancel_requested {
                "; its cancellation was requested"
            } else {
                ""
            };
            sentences.push(format!(
                "Nexus operation {} of {} at {} (event {event}) {how}{asked}.",
                short(&operation.operation, NAME_CHARS),
                short(&operation.service, NAME_CHARS),
                short(&operation.endpoint, NAME_CHARS)
            ));
        }
        more(
            sentences,
            self.state.nexus_operations.len(),
            "Nexus operation",
            "Nexus operations",
        );
    }

    fn updates(&self, sentences: &mut Vec<String>) {
        for (id, update) in self.state.updates.iter().take(TOLD) {
            let id = short(id, NAME_CHARS);
            let event = update.event_id();
            sentences.push(match update {
                Update::Accepted { .. } => {
                    format!(
                        "Update {id} was accepted (event {event}) and is not completed: its handler is still at it."
                    )
                }
                Update::Admitted { .. } => {
                    format!("Update {id} was admitted (event {event}), and the code has not decided on it yet.")
                }
            });
        }
        more(sentences, self.state.updates.len(), "update", "updates");
    }
}

/// That there are more than were told.
fn more(sentences: &mut Vec<String>, all: usize, one: &str, many: &str) {
    let others = all.saturating_sub(TOLD);
    let others = u32::try_from(others).unwrap_or(u32::MAX);
    match others {
        0 => {}
        1 => sentences.push(format!("And {}.", counted(1, &format!("more {one}")))),
        _ => sentences.push(format!("And {others} more {many}.")),
    }
}
