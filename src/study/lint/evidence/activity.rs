//! An activity with all its events: what was asked for, the last attempt, how it ended.

use crate::base::time::Span;
use crate::history::operation::Operation;
use crate::history::proto::{
    ActivityTaskFailedEventAttributes, ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes,
    ActivityTaskTimedOutEventAttributes, Attributes, EventType, Failure, FailureInfo, HistoryEvent, RetryPolicy,
    RetryState, TimeoutType,
};
use crate::history::timestamp::span;

/// What the Service calls a failure that was too large to be kept, around what is left of it (`common/util.go`).
const TOO_LARGE: &str = "Failure exceeds size limit.";

/// An activity, all its attempts together.
pub(in crate::study::lint) struct Activity<'a> {
    /// Its ActivityTaskScheduled.
    pub(in crate::study::lint) opened: &'a HistoryEvent,
    /// What was asked for.
    pub(in crate::study::lint) scheduled: &'a ActivityTaskScheduledEventAttributes,
    /// The start of its last attempt, which is written together with the end.
    pub(in crate::study::lint) started: Option<(&'a HistoryEvent, &'a ActivityTaskStartedEventAttributes)>,
    /// How it ended; `None` while it is pending, and for what only ended with its run.
    pub(in crate::study::lint) closed: Option<(&'a HistoryEvent, ActivityEnd<'a>)>,
    /// The workflow's request that it stop.
    pub(in crate::study::lint) cancel_requested: Option<&'a HistoryEvent>,
}

/// How an activity ended.
#[derive(Clone, Copy)]
pub(in crate::study::lint) enum ActivityEnd<'a> {
    Completed,
    Canceled,
    Failed(&'a ActivityTaskFailedEventAttributes),
    TimedOut(&'a ActivityTaskTimedOutEventAttributes),
}

impl<'a> Activity<'a> {
    pub(super) fn of(events: &'a [HistoryEvent], operation: &Operation) -> Option<Self> {
        let at = |place: u32| events.get(place as usize);
        let opened = at(operation.opened)?;
        let Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) = &opened.attributes else {
            return None;
        };
        let started = operation
            .started
            .and_then(at)
            .and_then(|event| match &event.attributes {
                Some(Attributes::ActivityTaskStartedEventAttributes(started)) => Some((event, started)),
                _ => None,
            });
        let closed = operation.closed.and_then(at).and_then(|event| {
            let end = match event.attributes.as_ref()? {
                Attributes::ActivityTaskCompletedEventAttributes(_) => ActivityEnd::Completed,
                Attributes::ActivityTaskCanceledEventAttributes(_) => ActivityEnd::Canceled,
                Attributes::ActivityTaskFailedEventAttributes(a) => ActivityEnd::Failed(a),
                Attributes::ActivityTaskTimedOutEventAttributes(a) => ActivityEnd::TimedOut(a),
                _ => return None,
            };
            Some((event, end))
        });
        let changes = operation.changes.iter().filter_map(|place| at(*place));
        Some(Self {
            opened,
            scheduled,
            started,
            closed,
            cancel_requested: changes
                .into_iter()
                .find(|event| event.event_type() == EventType::ActivityTaskCancelRequested),
        })
    }

    /// Id of the event that scheduled it.
    pub(in crate::study::lint) fn id(&self) -> i64 {
        self.opened.event_id
    }

    /// Its type.
    pub(in crate::study::lint) fn kind(&self) -> &'a str {
        self.scheduled.activity_type.as_ref().map_or("", |kind| &kind.name)
    }

    pub(in crate::study::lint) fn start_to_close(&self) -> Span {
        span(self.scheduled.start_to_close_timeout.as_ref())
    }

    pub(in crate::study::lint) fn schedule_to_close(&self) -> Span {
        span(self.scheduled.schedule_to_close_timeout.as_ref())
    }

    pub(in crate::study::lint) fn schedule_to_start(&self) -> Span {
        span(self.scheduled.schedule_to_start_timeout.as_ref())
    }

    pub(in crate::study::lint) fn heartbeat(&self) -> Span {
        span(self.scheduled.heartbeat_timeout.as_ref())
    }

    pub(in crate::study::lint) fn policy(&self) -> Option<&'a RetryPolicy> {
        self.scheduled.retry_policy.as_ref()
    }

    /// At most so many attempts; 0 for as many as it takes.
    pub(in crate::study::lint) fn most_attempts(&self) -> i32 {
        self.policy().map_or(0, |policy| policy.maximum_attempts)
    }

    /// The number of its last attempt, if one was recorded.
    pub(in crate::study::lint) fn attempt(&self) -> Option<i32> {
        self.started.map(|(_, started)| started.attempt)
    }

    /// Why it was not tried again.
    pub(in crate::study::lint) fn retry_state(&self) -> RetryState {
        match self.closed {
            Some((_, ActivityEnd::Failed(a))) => a.retry_state(),
            Some((_, ActivityEnd::TimedOut(a))) => a.retry_state(),
            Some((_, ActivityEnd::Completed | ActivityEnd::Canceled)) | None => RetryState::Unspecified,
        }
    }

    /// The failure that it ended with.
    pub(in crate::study::lint) fn last_failure(&self) -> Option<&'a Failure> {
        match self.closed {
            Some((_, ActivityEnd::Failed(a))) => a.failure.as_ref(),
            Some((_, ActivityEnd::TimedOut(a))) => a.failure.as_ref(),
            Some((_, ActivityEnd::Completed | ActivityEnd::Canceled)) | None => None,
        }
    }

    /// The failures after which the Service decided to try again, or would have: as it judged them.
    pub(in crate::study::lint) fn retried_failures(&self) -> impl Iterator<Item = &'a Failure> {
        let before = self.started.and_then(|(_, started)| started.last_failure.as_ref());
        let retryable = matches!(
            self.retry_state(),
            RetryState::InProgress | RetryState::Timeout | RetryState::MaximumAttemptsReached
        );
        let last = self.last_failure().filter(|_| retryable);
        before.into_iter().chain(last).map(unwrapped)
    }

    /// The attempts that a limit of this kind has ended, by their numbers, as far as the history tells.
    pub(in crate::study::lint) fn attempts_lost_to(&self, kind: TimeoutType) -> Vec<i32> {
        let attempt = self.attempt().unwrap_or(1);
        let before = self.started.and_then(|(_, started)| started.last_failure.as_ref());
        let mut lost = Vec::new();
        if before.and_then(timeout_type) == Some(kind) {
            lost.push(attempt.saturating_sub(1));
        }
        if self.last_failure().and_then(timeout_type) == Some(kind) {
            lost.push(attempt);
        }
        lost
    }
}

/// The limit that a failure tells of, if it is one of those.
pub(in crate::study::lint) fn timeout_type(failure: &Failure) -> Option<TimeoutType> {
    match &failure.failure_info {
        Some(FailureInfo::TimeoutFailureInfo(info)) => Some(info.timeout_type()),
        _ => None,
    }
}

/// A failure as it was before the Service cut it short.
fn unwrapped(failure: &Failure) -> &Failure {
    match (&failure.failure_info, failure.cause.as_deref()) {
        (Some(FailureInfo::ServerFailureInfo(_)), Some(cause)) if failure.message == TOO_LARGE => cause,
        _ => failure,
    }
}
