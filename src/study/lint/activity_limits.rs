//! Rules about what an activity was given: its limits of time, and how often it may be tried.

use crate::base::time::Span;
use crate::history::proto::{RetryPolicy, TimeoutType};
use crate::history::timestamp::span;

use super::evidence::{Activity, Evidence, between};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, name};

/// An attempt that runs so long should report that it is alive.
const LONG: Span = Span::secs(120);

/// A limit that leaves no room for the way to the worker and back.
const SHORT: Span = Span::secs(1);

/// No more retries than so many are added up.
const COUNTED: i32 = 10_000;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "max-attempts-1",
        severity: Severity::Warning,
        title: "an activity may be tried only once",
        why: "When a worker dies, or its answer is lost, the Service does not try again, and nobody knows whether the work \
              was done: at most once is also perhaps never.",
        todo: "Let it be retried, and make it idempotent. Errors after which a retry is of no use belong into the policy's \
               non-retryable types, or are thrown as non-retryable.",
        page: "encyclopedia/retry-policies#maximum-attempts",
        look: max_attempts_1,
    },
    Rule {
        id: "heartbeat-not-below-start-to-close",
        severity: Severity::Warning,
        title: "an activity's heartbeat timeout is no shorter than its start-to-close timeout",
        why: "Start-to-close ends an attempt before a missing heartbeat can. (The Service cuts a longer heartbeat timeout \
              down to start-to-close.)",
        todo: "Let start-to-close be as long as the work may take, and the heartbeat timeout as long as a worker may be \
               silent.",
        page: "encyclopedia/detecting-activity-failures#heartbeat-timeout",
        look: heartbeat_not_below_start_to_close,
    },
    Rule {
        id: "heartbeat-close-to-start-to-close",
        severity: Severity::Note,
        title: "an activity's heartbeat timeout is hardly shorter than its start-to-close timeout",
        why: "A missing heartbeat tells of a dead worker hardly sooner than start-to-close would have done.",
        todo: "Make the heartbeat timeout much shorter: as long as a worker may be silent.",
        page: "encyclopedia/detecting-activity-failures#heartbeat-timeout",
        look: heartbeat_close_to_start_to_close,
    },
    Rule {
        id: "no-heartbeat",
        severity: Severity::Warning,
        title: "an activity that runs for minutes has no heartbeat timeout",
        why: "If its worker dies, nobody notices before start-to-close is over. It hears of a cancellation only when it \
              heartbeats, too.",
        todo: "Heartbeat in the activity, with its progress, and set a heartbeat timeout: the next attempt comes sooner, and \
               can go on from there.",
        page: "encyclopedia/detecting-activity-failures#activity-heartbeat",
        look: no_heartbeat,
    },
    Rule {
        id: "start-to-close-missing",
        severity: Severity::Warning,
        title: "one attempt of an activity may take all the time there is for it",
        why: "An attempt whose worker died uses up all of schedule-to-close, and no time is left to try again. (Where no \
              start-to-close is given, the Service sets it to schedule-to-close.)",
        todo: "Set start-to-close to what one attempt may take; let schedule-to-close be several times as long, or leave it \
               out.",
        page: "encyclopedia/detecting-activity-failures#start-to-close-timeout",
        look: start_to_close_missing,
    },
    Rule {
        id: "start-to-close-short",
        severity: Severity::Warning,
        title: "an activity's start-to-close timeout is a second or less",
        why: "It covers the way to the worker and back too: a slow network or a busy worker is enough for an attempt that did \
              its work to be taken for lost, and done again.",
        todo: "Give it some seconds; a hanging call is better ended in the activity itself.",
        page: "encyclopedia/detecting-activity-failures#start-to-close-timeout",
        look: start_to_close_short,
    },
    Rule {
        id: "start-to-close-reaches-run-timeout",
        severity: Severity::Warning,
        title: "one attempt of an activity may take as long as the whole run",
        why: "If its worker dies, the run times out before the activity is tried again. (The Service cuts an activity's \
              limits down to the run timeout without saying so.)",
        todo: "Set a start-to-close that leaves room for a retry, or a longer run timeout, or none.",
        page: "encyclopedia/detecting-activity-failures#start-to-close-timeout",
        look: start_to_close_reaches_run_timeout,
    },
    Rule {
        id: "schedule-to-close-tight",
        severity: Severity::Warning,
        title: "an activity's schedule-to-close timeout leaves no time for a second full attempt",
        why: "After an attempt that was lost with its worker, another one may start and not be allowed to finish.",
        todo: "Make schedule-to-close several times start-to-close, or leave it out and limit the attempts.",
        page: "encyclopedia/detecting-activity-failures#schedule-to-close-timeout",
        look: schedule_to_close_tight,
    },
    Rule {
        id: "schedule-to-close-cuts-attempts",
        severity: Severity::Warning,
        title: "an activity's schedule-to-close timeout is too short for its retry policy",
        why: "The Service gives up as soon as the next wait would reach beyond schedule-to-close, however many attempts the \
              policy allows.",
        todo: "Make schedule-to-close longer than all waits and attempts together, or let one of the two decide: time or \
               number.",
        page: "encyclopedia/retry-policies",
        look: schedule_to_close_cuts_attempts,
    },
    Rule {
        id: "schedule-to-start-set",
        severity: Severity::Warning,
        title: "an activity has a schedule-to-start timeout",
        why: "When no worker takes it in time, it fails for good: this timeout is never retried. A deployment or a busy hour \
              is enough.",
        todo: "Leave it out, and watch how long tasks wait (activity_schedule_to_start_latency). It is for workflows that \
               then try another task queue.",
        page: "encyclopedia/detecting-activity-failures#schedule-to-start-timeout",
        look: schedule_to_start_set,
    },
    Rule {
        id: "unlimited-retries",
        severity: Severity::Note,
        title: "an activity is pending, and nothing ends its retries",
        why: "Its policy has no maximum of attempts, and there is no schedule-to-close timeout: if it cannot succeed, it is \
              tried until somebody ends the run. A history does not tell how often it has been tried.",
        todo: "See what `temporal workflow describe` says of its attempts and last failure. If it should give up one day, set \
               a schedule-to-close timeout.",
        page: "encyclopedia/retry-policies",
        look: unlimited_retries,
    },
];

fn max_attempts_1(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in evidence.activities.iter().filter(|a| a.most_attempts() == 1) {
        finds.at(activity.id(), format!("{}: at most 1 attempt", name(activity.kind())));
    }
}

fn heartbeat_not_below_start_to_close(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (heartbeat, limit) = (activity.heartbeat(), activity.start_to_close());
        if !heartbeat.is_zero() && !limit.is_zero() && heartbeat >= limit {
            let what = format!(
                "{}: heartbeat timeout {heartbeat}, start-to-close {limit}",
                name(activity.kind())
            );
            finds.at(activity.id(), what);
        }
    }
}

fn heartbeat_close_to_start_to_close(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (heartbeat, limit) = (activity.heartbeat(), activity.start_to_close());
        if heartbeat < limit && heartbeat.0 > limit.0 / 5 * 4 {
            let what = format!(
                "{}: heartbeat timeout {heartbeat}, start-to-close {limit}",
                name(activity.kind())
            );
            finds.at(activity.id(), what);
        }
    }
}

fn no_heartbeat(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in evidence.activities.iter().filter(|a| a.heartbeat().is_zero()) {
        let limit = activity.start_to_close();
        let ran = match (activity.started, activity.closed) {
            (Some((started, _)), Some((closed, _))) => between(started, closed),
            _ => continue,
        };
        let how = if !activity.attempts_lost_to(TimeoutType::StartToClose).is_empty() && limit >= LONG {
            format!("an attempt was lost, and nobody knew for {limit}")
        } else if ran >= LONG {
            format!("its last attempt ran for {}; start-to-close is {limit}", ran.rounded())
        } else {
            continue;
        };
        finds.like(
            activity.kind(),
            activity.id(),
            format!("{}: {how}", name(activity.kind())),
        );
    }
}

/// The schedule-to-close that an activity was given, if it was: without one the Service sets it to the run timeout.
fn own_schedule_to_close(evidence: &Evidence<'_>, activity: &Activity<'_>) -> Option<Span> {
    let limit = activity.schedule_to_close();
    (!limit.is_zero() && limit != evidence.run_timeout()).then_some(limit)
}

fn start_to_close_missing(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in evidence.activities.iter().filter(|a| a.most_attempts() != 1) {
        let Some(whole) = own_schedule_to_close(evidence, activity) else {
            continue;
        };
        let one = activity.start_to_close();
        if one.is_zero() || one == whole {
            let what = format!(
                "{}: schedule-to-close {whole}, and no shorter start-to-close",
                name(activity.kind())
            );
            finds.at(activity.id(), what);
        }
    }
}

fn start_to_close_short(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let limit = activity.start_to_close();
        if !limit.is_zero() && limit <= SHORT {
            finds.at(
                activity.id(),
                format!("{}: start-to-close {limit}", name(activity.kind())),
            );
        }
    }
}

fn start_to_close_reaches_run_timeout(evidence: &Evidence<'_>, finds: &mut Finds) {
    let run_timeout = evidence.run_timeout();
    if run_timeout.is_zero() {
        return;
    }
    for activity in &evidence.activities {
        let limit = activity.start_to_close();
        if limit >= run_timeout {
            let what = format!(
                "{}: start-to-close {limit}, run timeout {run_timeout}",
                name(activity.kind())
            );
            finds.at(activity.id(), what);
        }
    }
}

fn schedule_to_close_tight(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in evidence.activities.iter().filter(|a| a.most_attempts() != 1) {
        let one = activity.start_to_close();
        let Some(whole) = own_schedule_to_close(evidence, activity).filter(|whole| *whole > one) else {
            continue;
        };
        if !one.is_zero() && whole < one + one {
            let what = format!(
                "{}: schedule-to-close {whole}, start-to-close {one}",
                name(activity.kind())
            );
            finds.at(activity.id(), what);
        }
    }
}

fn schedule_to_close_cuts_attempts(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (Some(whole), Some(policy)) = (own_schedule_to_close(evidence, activity), activity.policy()) else {
            continue;
        };
        let most = policy.maximum_attempts;
        let Some(fitting) = attempts_within(policy, whole).filter(|fitting| *fitting < most) else {
            continue;
        };
        let what = format!(
            "{}: {most} attempts are allowed, and {whole} of schedule-to-close has room for {} at most, even if each fails \
             at once",
            name(activity.kind()),
            counted(u64::from(fitting.unsigned_abs()), "attempt")
        );
        finds.at(activity.id(), what);
    }
}

/// How many attempts begin within a time if each of them fails at once; `None` if it is more than is worth counting. The
/// waits are those of `service/history/workflow/retry.go`.
fn attempts_within(policy: &RetryPolicy, whole: Span) -> Option<i32> {
    let longest = span(policy.maximum_interval.as_ref());
    let mut interval = span(policy.initial_interval.as_ref()).as_secs_f64();
    if interval <= 0.0 {
        return None;
    }
    let (whole, longest) = (whole.as_secs_f64(), longest.as_secs_f64());
    let mut waited = 0.0;
    for attempts in 1..COUNTED {
        waited += if longest > 0.0 { interval.min(longest) } else { interval };
        if waited > whole {
            return Some(attempts);
        }
        interval *= policy.backoff_coefficient.max(1.0);
    }
    None
}

fn schedule_to_start_set(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let limit = activity.schedule_to_start();
        // Where none is given, the Service fills in the next longer limit.
        let filled_in = limit == activity.schedule_to_close() || limit == evidence.run_timeout();
        if !limit.is_zero() && !filled_in {
            let what = format!("{}: schedule-to-start {limit}", name(activity.kind()));
            finds.at(activity.id(), what);
        }
    }
}

fn unlimited_retries(evidence: &Evidence<'_>, finds: &mut Finds) {
    if !evidence.is_open() {
        return;
    }
    let pending = evidence.activities.iter().filter(|a| a.closed.is_none());
    for activity in pending.filter(|a| a.most_attempts() == 0 && a.schedule_to_close().is_zero()) {
        let what = format!(
            "{} is pending: no maximum of attempts, no schedule-to-close timeout",
            name(activity.kind())
        );
        finds.at(activity.id(), what);
    }
}
