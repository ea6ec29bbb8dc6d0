//! What the Service allows: the limits of its configuration, with their defaults (server 1.32, dynamic config).
//!
//! What becomes of a run that is over one is in `machines::settle`, what makes a single answer unacceptable in
//! `machines::objection`.

use crate::base::time::{SimTime, Span};
use crate::history::proto::HistoryEvent;
use crate::history::proto::temporal::api::enums::v1::SuggestContinueAsNewReason;

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

/// The bytes of an event by itself.
pub(super) fn event_bytes(event: &HistoryEvent) -> u64 {
    bytes(prost::Message::encoded_len(event))
}

pub(super) fn bytes(size: usize) -> u64 {
    u64::try_from(size).expect("sizes fit u64")
}
