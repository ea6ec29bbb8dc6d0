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

use super::activity::{ActivityState, PendingActivity};
use super::failure;
use super::retry::Decision;
use super::run::{Run, Tx};
use super::timer::{TimerTask, is_due};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::history::enums::timeout_name;
use crate::history::proto::{
    ActivityTaskTimedOutEventAttributes, Attributes, Failure, FailureInfo, RetryState, TimeoutType,
};

const KINDS: [TimeoutType; 4] = [
    TimeoutType::StartToClose,
    TimeoutType::ScheduleToStart,
    TimeoutType::ScheduleToClose,
    TimeoutType::Heartbeat,
];

impl PendingActivity {
    /// When a limit runs out, if it is set and holds now.
    pub fn due(&self, kind: TimeoutType) -> Option<SimTime> {
        let (limit, from) = match (kind, &self.state) {
            (TimeoutType::ScheduleToClose, _) => (self.schedule_to_close, self.first_scheduled_at),
            (TimeoutType::ScheduleToStart, ActivityState::Waiting { since }) => (self.schedule_to_start, *since),
            (TimeoutType::StartToClose, ActivityState::Running { at, .. }) => (self.start_to_close, *at),
            (TimeoutType::Heartbeat, ActivityState::Running { at, .. }) => {
                (self.heartbeat, self.last_heartbeat_at.map_or(*at, |beat| beat.max(*at)))
            }
            _ => return None,
        };
        (!limit.is_zero()).then(|| from + limit)
    }
}

impl Run {
    /// Makes sure that somebody looks when the limit runs out.
    pub(super) fn arm(&self, tx: &mut Tx<'_>, activity: &PendingActivity, kind: TimeoutType) {
        if let Some(at) = activity.due(kind) {
            let timer = TimerTask::ActivityTimeout {
                run: self.key,
                scheduled_event_id: activity.scheduled_event_id,
                attempt: activity.attempt,
                kind,
            };
            tx.timers.set(at, timer);
        }
    }

    /// Whether a limit that was to run out at `at` still does.
    pub(super) fn activity_timeout_is_live(&self, at: SimTime, scheduled_event_id: i64, kind: TimeoutType) -> bool {
        let activity = self.activities.get(&scheduled_event_id);
        activity.is_some_and(|activity| activity.due(kind) == Some(at))
    }

    /// Some activity's limit ran out: deals with all that have.
    pub(super) fn time_out_activities(&mut self, tx: &mut Tx<'_>) {
        let mut due = SortedMap::new();
        for (id, activity) in &self.activities {
            for kind in KINDS {
                if let Some(at) = activity.due(kind)
                    && is_due(at, tx.now)
                {
                    due.insert((at, *id, i32::from(kind)), (kind, activity.attempt));
                }
            }
        }
        let mut ended = false;
        for ((_, id, _), (kind, attempt)) in due {
            ended |= self.time_out_activity(tx, id, attempt, kind);
        }
        self.commit(tx, ended);
    }

    /// Returns whether the activity has ended.
    fn time_out_activity(&mut self, tx: &mut Tx<'_>, id: i64, attempt: u32, kind: TimeoutType) -> bool {
        let Some(activity) = self.activities.get(&id).filter(|activity| activity.attempt == attempt) else {
            return false;
        };
        let activity = activity.clone();
        let failure = failure::timeout(kind, format!("activity {} timeout", timeout_name(kind)));
        match activity.after(&failure, tx.now) {
            Decision::Retry(wait) => {
                self.back_off(tx, id, wait, failure);
                false
            }
            Decision::GiveUp(retry_state) => {
                let failure = told(&activity, kind, failure, retry_state);
                self.write_start(&activity, false);
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
fn told(activity: &PendingActivity, kind: TimeoutType, mut failure: Failure, retry_state: RetryState) -> Failure {
    if retry_state == RetryState::Timeout && kind != TimeoutType::ScheduleToStart {
        failure = failure::timeout(
            TimeoutType::ScheduleToClose,
            "Not enough time to schedule next retry before activity ScheduleToClose timeout, giving up retrying"
                .to_owned(),
        );
    }
    if let Some(FailureInfo::TimeoutFailureInfo(info)) = &mut failure.failure_info {
        info.last_heartbeat_details.clone_from(&activity.last_heartbeat);
    }
    failure.cause = activity.last_failure.clone().map(Box::new);
    failure
}
