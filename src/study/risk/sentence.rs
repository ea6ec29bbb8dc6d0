//! The sentences of the report: one for each thing that it has to say of an activity.
//!
//! `text` puts them in order.

use super::super::limits::limit_name;
use super::super::words::{counted, listed, since_begin};
use super::activity::{ActivityRisk, Ending};
use super::compensation::{Compensation, Reason};
use super::crash::{Crash, Obstacle};
use super::done::{Done, Standing};
use super::interval::Interval;
use super::key::{Key, Sign, SignKind, Silence};
use super::{Closed, Report};
use crate::history::class::End;
use crate::history::proto::{TimeoutType, event_name};
use crate::history::timestamp::Timestamp;

impl Report {
    fn at(&self, at: Timestamp) -> String {
        since_begin(at, self.begin)
    }

    /// `completed`, `open`.
    pub(super) fn status(&self) -> String {
        match self.closed {
            None => "open at its last event".to_owned(),
            Some(Closed { event, event_type, .. }) => format!("{} with event {event}", event_name(event_type)),
        }
    }

    /// What a crash comes to, and in which interval.
    pub(super) fn crash(&self, activity: &ActivityRisk) -> String {
        let Some(interval) = &activity.interval else {
            let before = match (&activity.earlier, activity.ending) {
                (None, Ending::Recorded { end: End::Canceled, .. }) => {
                    "; whether there were attempts before, a history cannot tell"
                }
                (None | Some(_), _) => "",
            };
            return format!("harmless at its end: no worker had it then{before}");
        };
        format!("{}: {}", self.when(activity, interval), self.what(activity.crash))
    }

    fn when(&self, activity: &ActivityRisk, interval: &Interval) -> String {
        let who = if activity.worker.is_empty() {
            String::new()
        } else {
            format!(" on {}", activity.worker)
        };
        let from = match activity.attempt {
            Some(attempt) => format!(
                "{} (event {}: attempt {attempt}{who})",
                self.at(interval.from),
                interval.from_event
            ),
            None => format!("{} (event {}: scheduled)", self.at(interval.from), interval.from_event),
        };
        let unknown = match activity.attempt {
            Some(_) => "",
            None => ", whenever a worker has it (a history cannot tell: it may be queued, running or between attempts)",
        };
        match (activity.ending, interval.to, interval.length()) {
            (Ending::Recorded { event, end }, Some(to), Some(length)) => format!(
                "for {length}, from {from} to {} (event {event}: {}){unknown}",
                self.at(to),
                end_word(end)
            ),
            (Ending::LeftOpen { event }, Some(to), Some(length)) => format!(
                "for {length}, from {from} to {} (event {event}: the run closed){unknown}",
                self.at(to)
            ),
            (Ending::Recorded { .. } | Ending::LeftOpen { .. } | Ending::Open, ..) => {
                format!("from {from} on, still open{unknown}")
            }
        }
    }

    fn what(&self, crash: Crash) -> String {
        let again = |attempt: Option<u32>| match attempt {
            Some(attempt) => format!("it is run again as attempt {attempt}, with the same arguments"),
            None => "it is run again, with the same arguments".to_owned(),
        };
        match crash {
            Crash::RunsAgain(next) => again(next.attempt),
            Crash::MayRunAgain(next, obstacle) => {
                format!("{}, unless {}", again(next.attempt), self.obstacle(obstacle))
            }
            Crash::Lost(obstacle) => {
                let lost = match obstacle {
                    Obstacle::RunTimeout(_) | Obstacle::CancelRequested(_) | Obstacle::RunClosed(_) => "it is lost",
                    Obstacle::MaximumAttempts(_)
                    | Obstacle::NoPolicy
                    | Obstacle::Listed(_)
                    | Obstacle::ScheduleToClose(_) => "it is lost and the workflow gets a timeout failure",
                };
                format!(
                    "it is not run again, for {}: {lost}, and nobody knows whether it had its effect",
                    self.obstacle(obstacle)
                )
            }
            Crash::Unnoticed => "nobody ever notices, for no timeout is set: it stays open".to_owned(),
            Crash::NotTaken => "no worker had it".to_owned(),
        }
    }

    fn obstacle(&self, obstacle: Obstacle) -> String {
        match obstacle {
            Obstacle::MaximumAttempts(1) => "its policy allows one attempt only".to_owned(),
            Obstacle::MaximumAttempts(most) => format!("no attempt is left of {most}"),
            Obstacle::NoPolicy => "it has no retry policy".to_owned(),
            Obstacle::Listed(timeout) => format!("its policy lists {} as not retryable", limit_name(timeout)),
            Obstacle::ScheduleToClose(at) => format!("schedule-to-close leaves no room: it ends at {}", self.at(at)),
            Obstacle::RunTimeout(at) => format!("the run times out first, at {}", self.at(at)),
            Obstacle::CancelRequested(event) => format!("its cancellation was requested before (event {event})"),
            Obstacle::RunClosed(event) => format!("the run is closed by then, as it was with event {event}"),
        }
    }

    /// Who notices, when, and what the Service does then.
    pub(super) fn notice(&self, activity: &ActivityRisk) -> String {
        let notice = &activity.notice;
        let Some(by) = notice.by else {
            return "never: no timeout is set".to_owned();
        };
        let at = notice.at.map_or_else(String::new, |at| format!(", at {}", self.at(at)));
        let mut told = match by {
            TimeoutType::Heartbeat => format!(
                "within {} of its last heartbeat or its start (heartbeat timeout)",
                notice.limit
            ),
            TimeoutType::ScheduleToClose => {
                format!("{} after it was scheduled{at} (schedule-to-close)", notice.limit)
            }
            TimeoutType::StartToClose | TimeoutType::ScheduleToStart | TimeoutType::Unspecified => {
                format!("{} after the attempt began{at} ({})", notice.limit, limit_name(by))
            }
        };
        if notice.heartbeat.is_zero() {
            told.push_str("; there is no heartbeat timeout");
        } else if by != TimeoutType::Heartbeat {
            told.push_str(&format!(
                "; the heartbeat timeout of {} tells no sooner",
                notice.heartbeat
            ));
        }
        if let Crash::RunsAgain(next) | Crash::MayRunAgain(next, _) = activity.crash {
            match next.attempt {
                Some(attempt) => told.push_str(&format!("; then {} of backoff, then attempt {attempt}", next.backoff)),
                None => told.push_str(&format!("; then at least {} of backoff", next.backoff)),
            }
        }
        told
    }

    /// What stood before it.
    pub(super) fn standing(&self, standing: &Standing) -> String {
        if standing.count == 0 {
            return "nothing".to_owned();
        }
        let done = standing
            .latest
            .iter()
            .rev()
            .filter_map(|place| self.done.get(*place as usize));
        let mut names: Vec<String> = done.map(done_words).collect();
        let others = standing
            .count
            .saturating_sub(u32::try_from(names.len()).unwrap_or(u32::MAX));
        if others > 0 {
            names.insert(0, format!("{others} others before"));
        }
        listed(&names)
    }

    /// Why something looks like a compensation, and of what.
    pub(super) fn compensation(&self, compensation: &Compensation) -> String {
        let of = compensation.of.and_then(|place| self.done.get(place as usize));
        let of = of.map(done_words).unwrap_or_default();
        let because = match &compensation.because {
            Reason::Names { undoing, about } => format!("its name says {undoing} and both are about {about}"),
            Reason::Returned { undoing, value } => {
                format!("its name says {undoing} and its argument {value} is what that returned")
            }
            Reason::Reverse { value } => format!(
                "after a failure the results of earlier activities are its arguments and its neighbours', in reverse order; \
                 here {value}"
            ),
            Reason::OnlyName { undoing } => format!("its name says {undoing}"),
        };
        let looks = if of.is_empty() {
            format!("looks like a compensation, because {because}; of what, its history does not tell")
        } else {
            format!("looks like the compensation of {of}, because {because}")
        };
        let end = match compensation.end {
            None => "still open".to_owned(),
            Some(end) => end_word(end).to_owned(),
        };
        format!("{looks}; it follows event {}, and {end}", compensation.after)
    }
}

/// What becomes of it when no attempt is left.
pub(super) fn used_up(activity: &ActivityRisk) -> String {
    let within = activity.schedule_to_close;
    let ends = match (activity.maximum_attempts, within.is_zero()) {
        (None, true) => return format!("{}; it is tried until it is done or the run ends", activity.policy),
        (Some(_), true) => "when none is left".to_owned(),
        (Some(_), false) => format!("when none is left, or after {within} in all (schedule-to-close),"),
        (None, false) => format!("after {within} in all (schedule-to-close)"),
    };
    format!(
        "{}; {ends} the workflow gets the failure, which is a timeout where the attempt was lost",
        activity.policy
    )
}

/// What looks like a key.
pub(super) fn key_words(key: &Key) -> String {
    match key {
        Key::Seen(signs) => {
            let signs: Vec<String> = signs.iter().map(sign).collect();
            format!(
                "{}: whether anybody uses it as a key, a history cannot tell",
                listed(&signs)
            )
        }
        Key::CannotTell(Silence::NoArguments) => "cannot tell: it has no arguments".to_owned(),
        Key::CannotTell(Silence::Unreadable(encoding)) => {
            format!("cannot tell: its arguments cannot be read here ({encoding})")
        }
        Key::CannotTell(Silence::Nothing) => {
            "cannot tell: none of its arguments or headers looks like a key".to_owned()
        }
    }
}

fn sign(Sign { kind, place, value }: &Sign) -> String {
    match kind {
        SignKind::Header => format!("header {place}"),
        SignKind::Name => format!("argument {place} ({value})"),
        SignKind::ActivityId => format!("argument {place} ({value}), with the activity id"),
        SignKind::RunId => format!("argument {place} ({value}), with the run id"),
        SignKind::WorkflowId => format!("argument {place} ({value}), with the workflow id"),
        SignKind::Uuid => format!("argument {place} ({value}), with a UUID"),
    }
}

/// What there was before the last attempt.
pub(super) fn earlier(activity: &ActivityRisk) -> Option<String> {
    let earlier = activity.earlier.as_ref()?;
    let mut told = match earlier.count {
        Some(count) => format!("{} before this one", counted(count, "attempt")),
        None => "at least 1 attempt before".to_owned(),
    };
    let which = if earlier.count == Some(1) {
        "it"
    } else {
        "the last of them"
    };
    let failure = &earlier.last_failure;
    told.push_str(&match (failure.is_empty(), earlier.unheard) {
        (true, _) => format!("; how {which} ended is not told"),
        (false, true) => {
            format!("; {which} was not heard of again ({failure}): it may have had its effect, and the next one again")
        }
        (false, false) => format!("; {which} failed: {failure}"),
    });
    Some(told)
}

/// What holds from its end on.
pub(super) fn afterwards(activity: &ActivityRisk) -> String {
    match activity.ending {
        Ending::Recorded {
            event,
            end: End::TimedOut,
        } if activity.interval.is_some() => format!(
            "never run again: event {event} has recorded its timeout; whether the last attempt had its effect nobody knows, \
             and its worker may still be at it"
        ),
        Ending::Recorded { event, .. } => format!("never run again: event {event} has recorded its end"),
        Ending::Open => "its end is not recorded".to_owned(),
        Ending::LeftOpen { event } => format!(
            "never run again: the run closed with event {event}; a worker may still be at it, and nobody hears its answer"
        ),
    }
}

/// `ProcessPayment (event 17)`.
pub(super) fn done_words(done: &Done) -> String {
    let perhaps = match done.end {
        End::Ok => "",
        End::TimedOut => ", timed out: perhaps",
        End::Failed => ", failed",
        End::Canceled => ", cancelled",
        End::Terminated => ", terminated",
    };
    format!("{} (event {}{perhaps})", done.name, done.event)
}

pub(super) const fn end_word(end: End) -> &'static str {
    match end {
        End::Ok => "completed",
        End::Failed => "failed",
        End::TimedOut => "timed out",
        End::Canceled => "was cancelled",
        End::Terminated => "was terminated",
    }
}
