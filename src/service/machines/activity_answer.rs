//! What a worker says about an attempt at an activity: that it goes on, or how it ended.
//!
//! What is over the limit turns into a failure of the Service's own.

use prost::Message as _;

use crate::contract::answer::{ActivityAnswer, HeartbeatAnswer, TaskNotFound};
use crate::contract::task::ActivityTaskToken;
use crate::history::proto::{
    ActivityTaskCanceledEventAttributes, ActivityTaskCompletedEventAttributes, ActivityTaskFailedEventAttributes,
    Attributes, Failure, Payloads, TimeoutType,
};
use crate::service::failure;
use crate::service::limits::{Large, bytes};
use crate::service::retry::Decision;
use crate::service::run::Run;
use crate::service::transaction::Tx;

/// How an attempt failed.
struct Shortfall {
    failure: Failure,
    last_heartbeat: Option<Payloads>,
    /// False if the Service has made a failure of something else.
    by_worker: bool,
}

impl Shortfall {
    fn of_service(message: &str) -> Self {
        Self {
            failure: failure::server(message, true),
            last_heartbeat: None,
            by_worker: false,
        }
    }
}

impl Run {
    /// A worker says that it is still at it. What it reports is kept, also for the next attempt.
    pub(in crate::service) fn heartbeat(
        &mut self,
        tx: &mut Tx<'_>,
        token: ActivityTaskToken,
        details: Option<Payloads>,
    ) -> Result<HeartbeatAnswer, TaskNotFound> {
        if self.is_too_large(tx, details.as_ref()) {
            self.fail_attempt(tx, token, Shortfall::of_service("Heartbeat details exceed size limit."))?;
            return Ok(HeartbeatAnswer { cancel_requested: true });
        }
        let attempt = self.running_attempt(token)?;
        attempt.last_heartbeat = details;
        attempt.last_heartbeat_at = Some(tx.now);
        let activity = self.activity(token.scheduled_event_id);
        let cancel_requested = activity.is_some_and(|activity| activity.told.cancel_requested.is_some());
        self.arm(tx, token.scheduled_event_id, TimeoutType::Heartbeat);
        if self.keep_limits(tx) {
            self.make_task_real(tx);
        }
        Ok(HeartbeatAnswer { cancel_requested })
    }

    /// Takes the answer of a worker. Payloads over the limit turn it into a failure.
    pub(in crate::service) fn answer_activity(
        &mut self,
        tx: &mut Tx<'_>,
        token: ActivityTaskToken,
        answer: ActivityAnswer,
    ) -> Result<(), TaskNotFound> {
        let too_large = Shortfall::of_service;
        match answer {
            ActivityAnswer::Completed { result } if self.is_too_large(tx, result.as_ref()) => {
                self.fail_attempt(tx, token, too_large("Complete result exceeds size limit."))
            }
            ActivityAnswer::Canceled { details } if self.is_too_large(tx, details.as_ref()) => {
                self.fail_attempt(tx, token, too_large("Cancel details exceed size limit."))
            }
            ActivityAnswer::Completed { result } => {
                self.running_attempt(token)?;
                let identity = self.write_start(tx, token.scheduled_event_id, true);
                self.end_activity(
                    tx,
                    token.scheduled_event_id,
                    Attributes::ActivityTaskCompletedEventAttributes(ActivityTaskCompletedEventAttributes {
                        result,
                        scheduled_event_id: token.scheduled_event_id,
                        identity,
                        ..Default::default()
                    }),
                );
                self.settle(tx, true);
                Ok(())
            }
            ActivityAnswer::Canceled { details } => {
                self.running_attempt(token)?;
                let activity = self.activity(token.scheduled_event_id).ok_or(TaskNotFound)?;
                // Nobody asked for it: the Service does not take the answer, and the attempt goes on.
                let requested = activity.told.cancel_requested.ok_or(TaskNotFound)?;
                let identity = self.write_start(tx, token.scheduled_event_id, false);
                self.end_activity(
                    tx,
                    token.scheduled_event_id,
                    Attributes::ActivityTaskCanceledEventAttributes(ActivityTaskCanceledEventAttributes {
                        details,
                        latest_cancel_requested_event_id: requested,
                        scheduled_event_id: token.scheduled_event_id,
                        identity,
                        ..Default::default()
                    }),
                );
                self.settle(tx, true);
                Ok(())
            }
            ActivityAnswer::Failed {
                failure,
                last_heartbeat,
            } => {
                let size = bytes(failure.encoded_len());
                let failure = if size > tx.limits.payload_bytes {
                    failure::shortened(&failure, true, tx.limits.warn_payload_bytes)
                } else {
                    *failure
                };
                let last_heartbeat = last_heartbeat.filter(|details| !self.is_too_large(tx, Some(details)));
                let shortfall = Shortfall {
                    failure,
                    last_heartbeat,
                    by_worker: true,
                };
                self.fail_attempt(tx, token, shortfall)
            }
        }
    }

    fn fail_attempt(
        &mut self,
        tx: &mut Tx<'_>,
        token: ActivityTaskToken,
        shortfall: Shortfall,
    ) -> Result<(), TaskNotFound> {
        let Shortfall {
            failure,
            last_heartbeat,
            by_worker,
        } = shortfall;
        let attempt = self.running_attempt(token)?;
        if last_heartbeat.is_some() {
            attempt.last_heartbeat = last_heartbeat;
            attempt.last_heartbeat_at = Some(tx.now);
        }
        let activity = self.activity(token.scheduled_event_id).ok_or(TaskNotFound)?;
        match activity.after(&failure, tx.now) {
            Decision::Retry(wait) => {
                self.back_off(tx, token.scheduled_event_id, wait, failure);
                self.settle(tx, false);
            }
            Decision::GiveUp(retry_state) => {
                let identity = self.write_start(tx, token.scheduled_event_id, by_worker);
                self.end_activity(
                    tx,
                    token.scheduled_event_id,
                    Attributes::ActivityTaskFailedEventAttributes(ActivityTaskFailedEventAttributes {
                        failure: Some(failure),
                        scheduled_event_id: token.scheduled_event_id,
                        identity,
                        retry_state: retry_state.into(),
                        ..Default::default()
                    }),
                );
                self.settle(tx, true);
            }
        }
        Ok(())
    }

    fn is_too_large(&mut self, tx: &mut Tx<'_>, payloads: Option<&Payloads>) -> bool {
        let size = payloads.map_or(0, |payloads| bytes(payloads.encoded_len()));
        self.warn(tx.now, Large::Payload, size, tx.limits.warn_payload_bytes);
        size > tx.limits.payload_bytes
    }
}
