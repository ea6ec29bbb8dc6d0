//! What the death of the worker that has an activity's attempt comes to: who notices, when, and whether the activity is run
//! again.
//!
//! The order of the questions is the Service's own when an attempt has timed out (server 1.32, `RetryActivity`). The crash may
//! come at any time of an interval, so an answer may be "it depends": then it says on what.

use super::super::limits::Limits;
use super::interval::Interval;
use crate::base::time::Span;
use crate::history::proto::TimeoutType;
use crate::history::timestamp::Timestamp;

/// What a crash in the interval comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Crash {
    /// It is run again, with the same arguments.
    RunsAgain(Next),
    /// It is run again, unless this prevents it.
    MayRunAgain(Next, Obstacle),
    /// It is not run again, because of this, and whether it had its effect nobody knows.
    Lost(Obstacle),
    /// No limit is set: nobody ever notices.
    Unnoticed,
    /// No worker had it when it ended.
    NotTaken,
}

/// The attempt after the one that a crash would swallow.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    /// Its number, where the history tells that of the attempt before.
    pub attempt: Option<u32>,
    /// How long the Service waits before it; the shortest, where the number is not known.
    pub backoff: Span,
}

/// Why a lost attempt is not made up for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Obstacle {
    /// The policy allows no more attempts than this.
    MaximumAttempts(u32),
    /// There is no retry policy.
    NoPolicy,
    /// The policy lists the timeout that would tell among what is not retryable.
    Listed(TimeoutType),
    /// Schedule-to-close runs out before: at this time.
    ScheduleToClose(Timestamp),
    /// The run's own time is over before: at this time.
    RunTimeout(Timestamp),
    /// The workflow had asked for its end, with this event: the Service then tries it no more.
    CancelRequested(i64),
    /// The run closed with this event.
    RunClosed(i64),
}

/// How the Service comes to know of a crash.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The limit that tells first; `None` if there is none.
    pub by: Option<TimeoutType>,
    /// How long it is.
    pub limit: Span,
    /// When it tells of a crash right after the attempt began; `None` if the history does not say when that was.
    pub at: Option<Timestamp>,
    /// The heartbeat timeout; zero if there is none.
    pub heartbeat: Span,
}

/// What a crash depends on.
pub(super) struct Situation<'a> {
    pub(super) limits: &'a Limits,
    pub(super) scheduled_at: Timestamp,
    /// When the attempt began and ended, as far as it is known.
    pub(super) interval: &'a Interval,
    /// The number of the attempt; `None` if the history does not tell.
    pub(super) attempt: Option<u32>,
    /// When and by which event the workflow asked for the activity's end.
    pub(super) cancel_requested: Option<(Timestamp, i64)>,
    /// When the run times out.
    pub(super) run_ends: Option<Timestamp>,
    /// When and with which event the run closed while the activity was open.
    pub(super) run_closed: Option<(Timestamp, i64)>,
}

impl Situation<'_> {
    /// Each limit that is set: its kind, its length, when it tells of a crash at the interval's beginning, and when of one
    /// at its end.
    fn alarms(&self) -> impl Iterator<Item = (TimeoutType, Span, Timestamp, Option<Timestamp>)> {
        let Interval { from, to, .. } = *self.interval;
        let Limits {
            heartbeat,
            start_to_close,
            schedule_to_close,
            ..
        } = *self.limits;
        let by_attempt = from.plus(start_to_close);
        let by_all = self.scheduled_at.plus(schedule_to_close);
        let alarms = [
            (
                TimeoutType::Heartbeat,
                heartbeat,
                from.plus(heartbeat),
                to.map(|to| to.plus(heartbeat)),
            ),
            (TimeoutType::StartToClose, start_to_close, by_attempt, Some(by_attempt)),
            (TimeoutType::ScheduleToClose, schedule_to_close, by_all, Some(by_all)),
        ];
        alarms.into_iter().filter(|(_, limit, ..)| !limit.is_zero())
    }

    /// Who notices.
    pub(super) fn notice(&self) -> Notice {
        let first = self.alarms().min_by_key(|(_, _, earliest, _)| *earliest);
        Notice {
            by: first.map(|(kind, ..)| kind),
            limit: first.map_or(Span::ZERO, |(_, limit, ..)| limit),
            at: first.and_then(|(_, _, earliest, _)| self.attempt.map(|_| earliest)),
            heartbeat: self.limits.heartbeat,
        }
    }

    /// What the crash comes to.
    pub(super) fn crash(&self) -> Crash {
        let Some((by, _, earliest, _)) = self.alarms().min_by_key(|(_, _, earliest, _)| *earliest) else {
            return Crash::Unnoticed;
        };
        let latest = self
            .alarms()
            .filter_map(|(.., latest)| latest)
            .min()
            .unwrap_or(earliest);
        let limits = self.limits;
        if limits.policy.is_none() {
            return Crash::Lost(Obstacle::NoPolicy);
        }
        let mut perhaps = None;
        let closed = self.run_closed.map(|(at, event)| (at, Obstacle::RunClosed(event)));
        let cancelled = self
            .cancel_requested
            .map(|(at, event)| (at, Obstacle::CancelRequested(event)));
        for (at, obstacle) in [closed, cancelled].into_iter().flatten() {
            if at <= earliest {
                return Crash::Lost(obstacle);
            }
            perhaps = perhaps.or(Some(obstacle));
        }
        if by == TimeoutType::ScheduleToClose {
            return Crash::Lost(Obstacle::ScheduleToClose(earliest));
        }
        if limits.lists(by) {
            return Crash::Lost(Obstacle::Listed(by));
        }
        if let Some(most) = limits.maximum_attempts() {
            let obstacle = Obstacle::MaximumAttempts(most);
            match self.attempt {
                Some(attempt) if attempt >= most => return Crash::Lost(obstacle),
                None if most == 1 => return Crash::Lost(obstacle),
                None => perhaps = perhaps.or(Some(obstacle)),
                Some(_) => {}
            }
        }
        let backoff = limits.backoff_after(self.attempt.unwrap_or(1));
        let deadline = self.scheduled_at.plus(limits.schedule_to_close);
        let ends = [
            (!limits.schedule_to_close.is_zero()).then_some((deadline, Obstacle::ScheduleToClose(deadline))),
            self.run_ends.map(|at| (at, Obstacle::RunTimeout(at))),
        ];
        for (end, obstacle) in ends.into_iter().flatten() {
            if earliest.plus(backoff) > end {
                return Crash::Lost(obstacle);
            }
            // Of an attempt that is still open nobody knows when it began.
            if self.attempt.is_none() || latest.plus(backoff) > end {
                perhaps = perhaps.or(Some(obstacle));
            }
        }
        let next = Next {
            attempt: self.attempt.map(|attempt| attempt.saturating_add(1)),
            backoff,
        };
        perhaps.map_or(Crash::RunsAgain(next), |obstacle| Crash::MayRunAgain(next, obstacle))
    }
}

impl Crash {
    /// Whether the activity may be run again.
    pub const fn runs_again(self) -> bool {
        matches!(self, Self::RunsAgain(_) | Self::MayRunAgain(..))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::SimTime;
    use crate::history::proto::RetryPolicy;
    use crate::history::timestamp::duration;

    fn at(seconds: u64) -> Timestamp {
        Timestamp::of(SimTime::ZERO + Span::secs(seconds))
    }

    /// Scheduled at 0 s, attempt 2 from 10 s to 14 s; start-to-close 60 s, backoff 1 s, 2 s, 4 s, …
    fn judged(change: impl FnOnce(&mut Limits, &mut Situation<'_>)) -> (Crash, Notice) {
        let mut limits = Limits {
            schedule_to_close: Span::ZERO,
            schedule_to_start: Span::ZERO,
            start_to_close: Span::secs(60),
            heartbeat: Span::ZERO,
            policy: Some(RetryPolicy {
                initial_interval: Some(duration(Span::secs(1))),
                backoff_coefficient: 2.0,
                maximum_interval: Some(duration(Span::secs(100))),
                ..RetryPolicy::default()
            }),
        };
        let interval = Interval {
            from_event: 6,
            to_event: Some(7),
            from: at(10),
            to: Some(at(14)),
        };
        let plain = limits.clone();
        let mut situation = Situation {
            limits: &plain,
            scheduled_at: at(0),
            interval: &interval,
            attempt: Some(2),
            cancel_requested: None,
            run_ends: None,
            run_closed: None,
        };
        change(&mut limits, &mut situation);
        let situation = Situation {
            limits: &limits,
            ..situation
        };
        (situation.crash(), situation.notice())
    }

    const NEXT: Next = Next {
        attempt: Some(3),
        backoff: Span::secs(2),
    };

    #[test]
    fn it_runs_again_after_the_timeout_and_the_backoff() {
        let (crash, notice) = judged(|_, _| {});
        assert_eq!(crash, Crash::RunsAgain(NEXT));
        assert_eq!((notice.by, notice.at), (Some(TimeoutType::StartToClose), Some(at(70))));
        let (_, notice) = judged(|limits, _| limits.heartbeat = Span::secs(5));
        assert_eq!((notice.by, notice.at), (Some(TimeoutType::Heartbeat), Some(at(15))));
    }

    #[test]
    fn attempts_may_be_used_up() {
        let most = |limits: &mut Limits, most| limits.policy.as_mut().unwrap().maximum_attempts = most;
        assert_eq!(judged(|l, _| most(l, 2)).0, Crash::Lost(Obstacle::MaximumAttempts(2)));
        assert_eq!(judged(|l, _| most(l, 3)).0, Crash::RunsAgain(NEXT));
        let (crash, notice) = judged(|limits, situation| {
            most(limits, 3);
            situation.attempt = None;
        });
        assert!(matches!(
            crash,
            Crash::MayRunAgain(Next { attempt: None, .. }, Obstacle::MaximumAttempts(3))
        ));
        assert_eq!(notice.at, None);
        let one = judged(|limits, situation| {
            most(limits, 1);
            situation.attempt = None;
        });
        assert_eq!(one.0, Crash::Lost(Obstacle::MaximumAttempts(1)));
        assert_eq!(judged(|l, _| l.policy = None).0, Crash::Lost(Obstacle::NoPolicy));
    }

    #[test]
    fn schedule_to_close_may_leave_no_room() {
        let within = |seconds| judged(|limits, _| limits.schedule_to_close = Span::secs(seconds)).0;
        let lost = |seconds| Crash::Lost(Obstacle::ScheduleToClose(at(seconds)));
        assert_eq!(
            [within(69), within(71), within(72)],
            [lost(69), lost(71), Crash::RunsAgain(NEXT)]
        );
        // A heartbeat tells of a crash at 10 s by 15 s and of one at 14 s by 19 s; 2 s later the next attempt is due.
        let beating = |seconds| {
            let judged = judged(|limits, _| {
                limits.heartbeat = Span::secs(5);
                limits.schedule_to_close = Span::secs(seconds);
            });
            judged.0
        };
        let depends = Crash::MayRunAgain(NEXT, Obstacle::ScheduleToClose(at(20)));
        assert_eq!(
            [beating(16), beating(20), beating(21)],
            [lost(16), depends, Crash::RunsAgain(NEXT)]
        );
    }

    #[test]
    fn other_things_may_be_in_the_way() {
        let (crash, _) = judged(|limits, _| {
            let policy = limits.policy.as_mut().unwrap();
            policy.non_retryable_error_types = vec!["TemporalTimeout:StartToClose".to_owned()];
        });
        assert_eq!(crash, Crash::Lost(Obstacle::Listed(TimeoutType::StartToClose)));
        let (crash, _) = judged(|_, situation| situation.run_ends = Some(at(71)));
        assert_eq!(crash, Crash::Lost(Obstacle::RunTimeout(at(71))));
        let (crash, _) = judged(|_, situation| situation.cancel_requested = Some((at(12), 9)));
        assert_eq!(crash, Crash::Lost(Obstacle::CancelRequested(9)));
        let (crash, _) = judged(|_, situation| situation.run_closed = Some((at(14), 9)));
        assert_eq!(crash, Crash::Lost(Obstacle::RunClosed(9)));
        let (crash, _) = judged(|_, situation| situation.run_closed = Some((at(90), 9)));
        assert_eq!(crash, Crash::MayRunAgain(NEXT, Obstacle::RunClosed(9)));
        let (crash, notice) = judged(|limits, _| limits.start_to_close = Span::ZERO);
        assert_eq!((crash, notice.by), (Crash::Unnoticed, None));
    }
}
