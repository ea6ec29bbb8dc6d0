//! One activity and what the death of its worker would do to it: when, with which arguments, noticed by whom.
//!
//! The Service writes ActivityTaskStarted only when an activity is about to end (server 1.32), for its last attempt. So of an
//! activity that has ended the last attempt is known from its beginning to its end, and of one that has not ended nothing but
//! when it was scheduled: then the interval begins there.

use super::super::limits::Limits;
use super::super::words::{failure, short};
use super::crash::{Crash, Notice, Situation};
use super::done::Standing;
use super::interval::Interval;
use super::key::{Key, OwnIds, look};
use crate::base::time::Span;
use crate::history::class::End;
use crate::history::operation::Operation;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, ActivityTaskStartedEventAttributes, Attributes as A, Failure, FailureInfo,
    HistoryEvent, TimeoutType,
};
use crate::history::text::payload_preview;
use crate::history::timestamp::Timestamp;

/// Longest text of the arguments, in characters.
const INPUT_CHARS: usize = 200;

/// An activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ActivityRisk {
    /// Its ActivityTaskScheduled.
    pub event: i64,
    /// Its type.
    pub activity_type: String,
    /// Its activity id.
    pub activity_id: String,
    /// The arguments that every attempt gets, cut to a readable length.
    pub input: String,
    /// Who had the last attempt; empty if the history does not say.
    pub worker: String,
    /// The number of the last attempt; `None` if the history does not say.
    pub attempt: Option<u32>,
    /// The attempts before that one.
    pub earlier: Option<Earlier>,
    /// When the last attempt could be lost by a crash; `None` if no worker had it.
    pub interval: Option<Interval>,
    /// How it ended.
    pub ending: Ending,
    /// What a crash in the interval comes to.
    pub crash: Crash,
    /// Who would notice.
    pub notice: Notice,
    /// How often it is tried, and with what waits, in words.
    pub policy: String,
    /// How many attempts there are at most; `None` for as many as it takes.
    pub maximum_attempts: Option<u32>,
    /// How long all its attempts may take together; zero if there is no such limit.
    pub schedule_to_close: Span,
    /// Whether it looks as if it carried an idempotency key.
    pub key: Key,
    /// What stood when it was scheduled.
    pub before: Standing,
}

/// Attempts that are over. The history has nothing of them but what the last attempt was told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Earlier {
    /// How many; `None` if the history does not say.
    pub count: Option<u32>,
    /// How the latest of them failed; empty if the history does not say.
    pub last_failure: String,
    /// Whether that was a timeout: then nobody knows what it had done by then, or did later.
    pub unheard: bool,
}

/// How an activity ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ending {
    /// This event says how.
    Recorded {
        /// Which.
        event: i64,
        /// How.
        end: End,
    },
    /// It is open.
    Open,
    /// The run closed while it was open.
    LeftOpen {
        /// The run's last event.
        event: i64,
    },
}

/// What is the same for all activities of a run.
pub(super) struct Context<'a> {
    pub(super) events: &'a [HistoryEvent],
    pub(super) ids: OwnIds<'a>,
    pub(super) run_ends: Option<Timestamp>,
    pub(super) closing: Option<&'a HistoryEvent>,
}

impl<'a> Context<'a> {
    fn event(&self, place: Option<u32>) -> Option<&'a HistoryEvent> {
        self.events.get(place? as usize)
    }

    /// What there is to say of an activity; `None` if the operation is none.
    pub(super) fn judge(&self, operation: &Operation, before: Standing) -> Option<ActivityRisk> {
        let opened = self.event(Some(operation.opened))?;
        let Some(A::ActivityTaskScheduledEventAttributes(scheduled)) = &opened.attributes else {
            return None;
        };
        let closed = self.event(operation.closed);
        let started_event = self.event(operation.started);
        let started = started_event.and_then(started);
        let ending = match (
            closed.and_then(|closed| Some((closed, closed.class().end()?))),
            self.closing,
        ) {
            (Some((closed, end)), _) => Ending::Recorded {
                event: closed.event_id,
                end,
            },
            (None, Some(closing)) => Ending::LeftOpen {
                event: closing.event_id,
            },
            (None, None) => Ending::Open,
        };
        let until = closed.or(self.closing);
        let interval = match (ending, started_event) {
            (_, Some(started)) => Some(Interval::between(started, until)),
            // These are written without a start only if no attempt was in a worker's hands.
            (
                Ending::Recorded {
                    end: End::TimedOut | End::Canceled,
                    ..
                },
                None,
            ) => None,
            (_, None) => Some(Interval::between(opened, until)),
        };
        let attempt = started
            .and_then(|started| u32::try_from(started.attempt).ok())
            .filter(|attempt| *attempt > 0);
        let limits = self.limits(operation, scheduled);
        let situation = interval.as_ref().map(|interval| Situation {
            limits: &limits,
            scheduled_at: opened.event_time.unwrap_or_default(),
            interval,
            attempt,
            cancel_requested: self.cancel_requested(operation),
            run_ends: self.run_ends,
            run_closed: match ending {
                Ending::LeftOpen { event } => interval.to.map(|at| (at, event)),
                Ending::Recorded { .. } | Ending::Open => None,
            },
        });
        let nobody = Notice {
            by: None,
            limit: Span::ZERO,
            at: None,
            heartbeat: limits.heartbeat,
        };
        let ids = OwnIds {
            activity_id: &scheduled.activity_id,
            ..self.ids
        };
        Some(ActivityRisk {
            event: opened.event_id,
            activity_type: short(
                scheduled.activity_type.as_ref().map_or("", |kind| kind.name.as_str()),
                INPUT_CHARS,
            ),
            activity_id: short(&scheduled.activity_id, INPUT_CHARS),
            input: arguments(scheduled),
            worker: started.map_or_else(String::new, |started| short(&started.identity, INPUT_CHARS)),
            attempt,
            earlier: earlier(started, closed),
            interval,
            ending,
            crash: situation.as_ref().map_or(Crash::NotTaken, Situation::crash),
            notice: situation.as_ref().map_or(nobody, Situation::notice),
            policy: limits.policy_words(),
            maximum_attempts: limits.maximum_attempts(),
            schedule_to_close: limits.schedule_to_close,
            key: look(scheduled.input.as_ref(), scheduled.header.as_ref(), ids),
            before,
        })
    }

    /// The limits, with the policy that it was given last.
    fn limits(&self, operation: &Operation, scheduled: &ActivityTaskScheduledEventAttributes) -> Limits {
        let mut limits = Limits::of(scheduled);
        for place in &operation.changes {
            if let Some(A::ActivityPropertiesModifiedExternallyEventAttributes(a)) =
                self.event(Some(*place)).and_then(|event| event.attributes.as_ref())
                && a.new_retry_policy.is_some()
            {
                limits.policy.clone_from(&a.new_retry_policy);
            }
        }
        limits
    }

    /// When and by which event the workflow asked for its end.
    fn cancel_requested(&self, operation: &Operation) -> Option<(Timestamp, i64)> {
        let changes = operation.changes.iter().filter_map(|place| self.event(Some(*place)));
        let mut requests =
            changes.filter(|event| matches!(event.attributes, Some(A::ActivityTaskCancelRequestedEventAttributes(_))));
        requests
            .next()
            .map(|event| (event.event_time.unwrap_or_default(), event.event_id))
    }
}

impl ActivityRisk {
    /// How dangerous a crash would be, the smaller the more: doubled effects nobody could recognise, then effects of which
    /// nobody knows, then those that carry something to be recognised by; among them the longest first.
    pub(super) fn danger(&self) -> (u8, std::cmp::Reverse<Span>, i64) {
        let keyless = matches!(self.key, Key::CannotTell(_));
        let kind = match self.crash {
            Crash::RunsAgain(_) | Crash::MayRunAgain(..) if keyless => 0,
            Crash::Unnoticed | Crash::Lost(_) => 1,
            Crash::RunsAgain(_) | Crash::MayRunAgain(..) => 2,
            Crash::NotTaken => 3,
        };
        let length = self
            .interval
            .map_or(Span::ZERO, |interval| interval.length().unwrap_or(Span(u64::MAX)));
        (kind, std::cmp::Reverse(length), self.event)
    }
}

fn started(event: &HistoryEvent) -> Option<&ActivityTaskStartedEventAttributes> {
    match &event.attributes {
        Some(A::ActivityTaskStartedEventAttributes(started)) => Some(started),
        _ => None,
    }
}

fn arguments(scheduled: &ActivityTaskScheduledEventAttributes) -> String {
    let payloads = scheduled.input.iter().flat_map(|input| &input.payloads);
    // More of them than there is room for is not even spelled.
    let previews: Vec<String> = payloads.take(INPUT_CHARS).map(payload_preview).collect();
    short(&previews.join(", "), INPUT_CHARS)
}

/// What is known of the attempts before the last one.
fn earlier(started: Option<&ActivityTaskStartedEventAttributes>, closed: Option<&HistoryEvent>) -> Option<Earlier> {
    if let Some(started) = started {
        let count = u32::try_from(started.attempt).ok().filter(|attempt| *attempt > 1)? - 1;
        return Some(told(Some(count), started.last_failure.as_ref()));
    }
    // A timeout of an attempt that nobody took has the failure of the one before as its cause.
    match closed.and_then(|closed| closed.attributes.as_ref()) {
        Some(A::ActivityTaskTimedOutEventAttributes(a)) => {
            let cause = a.failure.as_ref().and_then(|failure| failure.cause.as_deref())?;
            Some(told(None, Some(cause)))
        }
        _ => None,
    }
}

fn told(count: Option<u32>, last_failure: Option<&Failure>) -> Earlier {
    let timeout = last_failure.and_then(|failure| match &failure.failure_info {
        Some(FailureInfo::TimeoutFailureInfo(info)) => Some(info.timeout_type()),
        _ => None,
    });
    Earlier {
        count,
        last_failure: last_failure.map(failure).unwrap_or_default(),
        unheard: matches!(timeout, Some(TimeoutType::StartToClose | TimeoutType::Heartbeat)),
    }
}
