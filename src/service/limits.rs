//! What the Service allows: the limits of its configuration, with their defaults (server 1.32, dynamic config).

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
        }
    }
}
