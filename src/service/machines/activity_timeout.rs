//! The limits of activities: when each runs out, and what becomes of the activity then.
//!
//! | limit | counts from | holds while |
//! | --- | --- | --- |
//! | schedule-to-start | the attempt went into its queue | it waits |
//! | start-to-close | a worker took it | it runs |
//! | heartbeat | a worker took it, or its last heartbeat | it runs |
//! | schedule-to-close | the activity was scheduled | it has not ended |
//!
//! Whatever has run out at one moment is dealt with in one transaction, by time, then by activity, then by the number
//! that the protocol gives the limit; a limit of an attempt that another limit has just ended is passed over.

use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::history::enums::timeout_name;
use crate::history::proto::{
    ActivityTaskTimedOutEventAttributes, Attributes, Failure, FailureInfo, RetryState, TimeoutType,
};
use crate::service::failure;
use crate::service::retry::Decision;
use crate::service::run::{PendingActivity, Run};
use crate::service::timer::{TimerTask, is_due};
use crate::service::transaction::Tx;
use crate::service::unwritten::{AttemptState, PendingAttempt};

impl PendingActivity<'_> {
    /// When a limit runs out, if it is set and holds now.
    pub fn due(&self, kind: TimeoutType) -> Option<SimTime> {
        let Self { told, attempt, .. } = self;
        let (limit, from) = match (kind, &attempt.state) {
            (TimeoutType::ScheduleToClose, _) => return self.deadline(),
            (TimeoutType::ScheduleToStart, AttemptState::Waiting { since }) => (told.schedule_to_start, *since),
            (TimeoutType::StartToClose, AttemptState::Running { at, .. }) => (told.start_to_close, *at),
            (TimeoutType::Heartbeat, AttemptState::Running { at, .. }) => (
                told.heartbeat,
                attempt.last_heartbeat_at.map_or(*at, |beat| beat.max(*at)),
            ),
            _ => return None,
        };
        (!limit.is_zero()).then(|| from + limit)
    }
}

impl Run {
    /// Makes sure that somebody looks when the limit runs out.
    pub(super) fn arm(&self, tx: &mut Tx<'_>, scheduled_event_id: i64, kind: TimeoutType) {
        let Some(activity) = self.activity(scheduled_event_id) else {
            return;
        };
        if let Some(at) = activity.due(kind) {
            let timer = TimerTask::ActivityTimeout {
                run: self.key,
                scheduled_event_id,
                attempt: activity.attempt.number,
                kind,
            };
            tx.set_timer(at, timer);
        }
    }

    /// Whether a limit that was to run out at `at` still does.
    pub(in crate::service) fn activity_timeout_is_live(
        &self,
        at: SimTime,
        scheduled_event_id: i64,
        kind: TimeoutType,
    ) -> bool {
        let activity = self.activity(scheduled_event_id);
        activity.is_some_and(|activity| activity.due(kind) == Some(at))
    }

    /// Limits of activities ran out, among them all that have run out now: deals with them.
    pub(in crate::service) fn time_out_activities(&mut self, tx: &mut Tx<'_>, limits: &[(i64, TimeoutType)]) {
        let mut due = SortedMap::new();
        for (id, kind) in limits {
            if let Some(activity) = self.activity(*id)
                && let Some(at) = activity.due(*kind)
                && is_due(at, tx.now)
            {
                due.insert((at, *id, i32::from(*kind)), (*kind, activity.attempt.number));
            }
        }
        let mut ended = false;
        for ((_, id, _), (kind, attempt)) in due {
            ended |= self.time_out_activity(tx, id, attempt, kind);
        }
        self.settle(tx, ended);
    }

    /// Returns whether the activity has ended.
    fn time_out_activity(&mut self, tx: &mut Tx<'_>, id: i64, attempt: u32, kind: TimeoutType) -> bool {
        let Some(activity) = self.activity(id).filter(|activity| activity.attempt.number == attempt) else {
            return false;
        };
        let failure = failure::timeout(kind, format!("activity {} timeout", timeout_name(kind)));
        match activity.after(&failure, tx.now) {
            Decision::Retry(wait) => {
                self.back_off(tx, id, wait, failure);
                false
            }
            Decision::GiveUp(retry_state) => {
                let failure = told(activity.attempt, kind, failure, retry_state);
                self.write_start(tx, id, false);
                self.end_activity(
                    tx,
                    id,
                    Attributes::ActivityTaskTimedOutEventAttributes(ActivityTaskTimedOutEventAttributes {
                        failure: Some(failure),
                        scheduled_event_id: id,
                        retry_state: retry_state.into(),
                        ..Default::default()
                    }),
                );
                true
            }
        }
    }
}

/// The failure as it is written when it ends the activity: with the last heartbeat and the failure before. An attempt
/// that ran out of time with no room for another is told as the overall limit's doing.
fn told(attempt: &PendingAttempt, kind: TimeoutType, mut failure: Failure, retry_state: RetryState) -> Failure {
    if retry_state == RetryState::Timeout && kind != TimeoutType::ScheduleToStart {
        failure = failure::timeout(
            TimeoutType::ScheduleToClose,
            "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
                .to_owned(),
        );
    }
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = &mut failure.failure_info {
        info.last_heartbeat_details.clone_from(&attempt.last_heartbeat);
    }
    failure.cause = attempt.last_failure.clone().map(Box::new);
    failure
}
