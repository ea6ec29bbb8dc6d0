//! What the Service allows: the limits of its configuration, with their defaults (server 1.32, dynamic config), and
//! what becomes of a run that is over one.
//!
//! What makes a single answer unacceptable is in [`super::objection`].

use super::run::{Run, Tx, event_bytes};
use super::terminate::HISTORY_SERVICE;
use crate::base::time::{SimTime, Span};
use crate::history::proto::Attributes;
use crate::history::proto::temporal::api::enums::v1::SuggestContinueAsNewReason;

const TOO_LARGE: &str = "Workflow history size exceeds limit.";
const TOO_LONG: &str = "Workflow history count exceeds limit.";

/// Buffered events may have so many bytes (server 1.32, `history.maximumBufferedEventsSizeInBytes`).
const BUFFERED_BYTES: u64 = 2 * 1_024 * 1_024;

/// The limits of a namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// A history of more events ends the run (`limit.historyCount.error`).
    pub history_events: u32,
    /// A history of more bytes ends the run (`limit.historySize.error`).
    pub history_bytes: u64,
    /// From so many events on, continue-as-new is suggested (`limit.historyCount.suggestContinueAsNew`).
    pub suggest_events: u32,
    /// From so many bytes on, continue-as-new is suggested (`limit.historySize.suggestContinueAsNew`).
    pub suggest_bytes: u64,
    /// From so many events on, the operator is warned (`limit.historyCount.warn`).
    pub warn_events: u32,
    /// From so many bytes on, the operator is warned (`limit.historySize.warn`).
    pub warn_bytes: u64,
    /// One payload set may have so many bytes (`limit.blobSize.error`).
    pub payload_bytes: u64,
    /// From so many bytes in one payload set on, the operator is warned (`limit.blobSize.warn`).
    pub warn_payload_bytes: u64,
    /// Activities that may be pending (`limit.numPendingActivities.error`).
    pub pending_activities: u32,
    /// Child workflows that may be pending (`limit.numPendingChildExecutions.error`).
    pub pending_children: u32,
    /// Signals to other workflows that may be pending (`limit.numPendingSignals.error`).
    pub pending_signals: u32,
    /// Cancel requests to other workflows that may be pending (`limit.numPendingCancelRequests.error`).
    pub pending_cancels: u32,
    /// Signals that one run may receive (`history.maximumSignalsPerExecution`).
    pub signals: u32,
    /// Updates that one run may have accepted (`history.maxTotalUpdates`).
    pub updates: u32,
    /// Updates that one run may have in flight (`history.maxInFlightUpdates`).
    pub updates_in_flight: u32,
    /// Events that may be buffered while a workflow task runs (`history.maximumBufferedEventsBatch`).
    pub buffered_events: u32,
    /// Length of an id or a name, in bytes (`limit.maxIDLength`).
    pub id_bytes: u32,
    /// How long a worker may do nothing but prolong a workflow task (`history.workflowTaskHeartbeatTimeout`).
    pub prolonging: Span,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            history_events: 51_200,
            history_bytes: 50 * 1_024 * 1_024,
            suggest_events: 4_096,
            suggest_bytes: 4 * 1_024 * 1_024,
            warn_events: 10_240,
            warn_bytes: 10 * 1_024 * 1_024,
            payload_bytes: 2 * 1_024 * 1_024,
            warn_payload_bytes: 512 * 1_024,
            pending_activities: 2_000,
            pending_children: 2_000,
            pending_signals: 2_000,
            pending_cancels: 2_000,
            signals: 10_000,
            updates: 2_000,
            updates_in_flight: 10,
            buffered_events: 100,
            id_bytes: 1_000,
            prolonging: Span::secs(30 * 60),
        }
    }
}

/// Something large that an operator should look at. It leaves no event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Warning {
    /// When it was noticed first.
    pub at: SimTime,
    /// What is large.
    pub what: Large,
    /// How large: a number of events or of bytes.
    pub size: u64,
}

/// What can become too large.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Large {
    /// The number of events.
    History,
    /// The bytes of all events.
    HistoryBytes,
    /// The bytes of one set of payloads.
    Payload,
}

impl Limits {
    /// Why a workflow should continue as new, if it should. `next_event_id` is that of the WorkflowTaskStarted that
    /// says so, `bytes` the size of the history before.
    pub(super) fn reasons_to_continue_as_new(&self, next_event_id: i64, bytes: u64, updates: u32) -> Vec<i32> {
        let reasons = [
            (
                bytes >= self.suggest_bytes,
                SuggestContinueAsNewReason::HistorySizeTooLarge,
            ),
            (
                next_event_id >= i64::from(self.suggest_events),
                SuggestContinueAsNewReason::TooManyHistoryEvents,
            ),
            (
                // From nine tenths on (server 1.32, `history.maxTotalUpdates.suggestContinueAsNewThreshold`).
                u64::from(updates) * 10 >= u64::from(self.updates) * 9,
                SuggestContinueAsNewReason::TooManyUpdates,
            ),
        ];
        let holds = reasons.into_iter().filter(|(holds, _)| *holds);
        holds.map(|(_, reason)| reason.into()).collect()
    }
}

impl Run {
    /// What an operator would be warned of.
    pub fn warnings(&self) -> &[Warning] {
        &self.warnings
    }

    /// Takes note of something large, once for each kind.
    pub(super) fn warn(&mut self, at: SimTime, what: Large, size: u64, limit: u64) {
        if size > limit && !self.warnings.iter().any(|warning| warning.what == what) {
            self.warnings.push(Warning { at, what, size });
        }
    }

    /// Ends the run if the transaction made its history too long, or found it too large: what the transaction did is
    /// taken back. Returns whether the run goes on.
    pub(super) fn keep_limits(&mut self, tx: &mut Tx<'_>) -> bool {
        if !self.is_open() || tx.before.last_event_id == 0 {
            return true;
        }
        let limits = tx.limits;
        let events = self.log.len();
        let reason = if tx.size_before > limits.history_bytes {
            TOO_LARGE
        } else if events > limits.history_events {
            TOO_LONG
        } else {
            self.warn(tx.now, Large::History, events.into(), limits.warn_events.into());
            self.warn(tx.now, Large::HistoryBytes, tx.size_before, limits.warn_bytes);
            self.keep_buffer_small(tx);
            return true;
        };
        self.take_back(tx);
        self.terminate(tx, reason, None, HISTORY_SERVICE);
        false
    }

    /// Which limit of its history the run was ended by.
    pub(super) fn ended_by_limit(&self) -> Option<String> {
        match &self.log.events().last()?.attributes {
            Some(Attributes::WorkflowExecutionTerminatedEventAttributes(end))
                if end.reason == TOO_LARGE || end.reason == TOO_LONG =>
            {
                Some(end.reason.clone())
            }
            _ => None,
        }
    }

    /// If too much has arrived while a workflow task runs, the task fails, so that it can be written.
    fn keep_buffer_small(&mut self, tx: &mut Tx<'_>) {
        let few = u32::try_from(self.buffer.len()).is_ok_and(|events| events <= tx.limits.buffered_events);
        let bytes: u64 = self.buffer.iter().map(event_bytes).sum();
        if few && bytes <= BUFFERED_BYTES {
            return;
        }
        if self.force_close_workflow_task(tx) {
            self.schedule_workflow_task(tx);
        }
    }
}
