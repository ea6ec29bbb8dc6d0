//! Rules about what became of activities: attempts that were lost, retries that did not help, and what a run left behind.

use crate::history::proto::{Failure, FailureInfo, RetryState, TimeoutType};

use super::evidence::{Activity, ActivityEnd, Ending, Evidence, between, how, timeout_type};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{application_type, counted, failure, name};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "retries-exhausted",
        severity: Severity::Warning,
        title: "an activity was given up after its retries",
        why: "The Service tries no more: the workflow gets the last failure, and what the activity was for has not been done, \
              or nobody knows that it was.",
        todo: "Mend what the failure tells of. If it passes with time, allow more attempts or more time; if not, make it \
               non-retryable, so that nobody waits for it. The workflow must handle this failure in any case.",
        page: "encyclopedia/retry-policies",
        look: retries_exhausted,
    },
    Rule {
        id: "activity-not-retried",
        severity: Severity::Note,
        title: "an activity failed with an error that is not retried",
        why: "The error said so itself, or its type is in the policy's list: the workflow got it at once.",
        todo: "If that is meant, nothing. If the error may pass, do not mark it as non-retryable, or take its type from the \
               list.",
        page: "encyclopedia/retry-policies#non-retryable-errors",
        look: activity_not_retried,
    },
    Rule {
        id: "start-to-close-timed-out",
        severity: Severity::Warning,
        title: "an attempt of an activity was not heard of within start-to-close",
        why: "Its worker has died, or it took too long: then it may still be at work while the next attempt is, and its \
              result will be refused.",
        todo: "Compare start-to-close with how long the activity takes; heartbeat, to hear of a dead worker sooner; make the \
               activity idempotent.",
        page: "encyclopedia/detecting-activity-failures#start-to-close-timeout",
        look: start_to_close_timed_out,
    },
    Rule {
        id: "heartbeat-timed-out",
        severity: Severity::Warning,
        title: "an attempt of an activity missed its heartbeat",
        why: "Its worker has died or was cut off, or the activity did not heartbeat often enough. The attempt may still be at \
              work while the next one is.",
        todo: "See that the activity heartbeats all the time that it works, also while it waits for others. SDKs send a \
               heartbeat at most every 0.8 heartbeat timeouts.",
        page: "encyclopedia/detecting-activity-failures#heartbeat-timeout",
        look: heartbeat_timed_out,
    },
    Rule {
        id: "activity-not-taken",
        severity: Severity::Warning,
        title: "no worker took an activity before its limit was over",
        why: "This is not retried: the workflow gets a timeout, though nothing has been tried.",
        todo: "Run workers that poll its task queue (compare the name letter by letter), and enough of them; leave out \
               schedule-to-start.",
        page: "encyclopedia/detecting-activity-failures#schedule-to-start-timeout",
        look: activity_not_taken,
    },
    Rule {
        id: "activity-not-registered",
        severity: Severity::Warning,
        title: "a worker took an activity and has no such activity",
        why: "Every worker of a task queue gets tasks of every activity in it, whether it knows the activity or not. The attempt \
              fails, and the next one may come to a worker that does.",
        todo: "Register the activity, by this very name, in every worker of the task queue, or give it a task queue of its own.",
        page: "workers#worker-process",
        look: activity_not_registered,
    },
    Rule {
        id: "activity-retried",
        severity: Severity::Note,
        title: "an activity succeeded after retries",
        why: "What it did in the attempts before may have been done too, for all that is known. The history keeps only the \
              last failure.",
        todo: "See that the activity is idempotent. If the same failure comes again and again, mend it, or make its type \
               non-retryable if a retry cannot help.",
        page: "encyclopedia/retry-policies",
        look: activity_retried,
    },
    Rule {
        id: "activity-left-behind",
        severity: Severity::Warning,
        title: "a run ended while an activity was pending",
        why: "It is not tried again, and nobody waits for it: an attempt that is running hears of the end with its next \
              heartbeat at the earliest, and its result is refused.",
        todo: "Wait for it before the workflow returns, or cancel it and wait until it has stopped. What must outlive the \
               workflow belongs into a child workflow that is abandoned.",
        page: "activity-execution#cancellation",
        look: activity_left_behind,
    },
    Rule {
        id: "activity-cancel-not-heeded",
        severity: Severity::Note,
        title: "an activity was asked to stop and did not",
        why: "An activity hears of its cancellation only in the answer to a heartbeat, and may then go on all the same. The \
              workflow may have gone on without waiting for it.",
        todo: "Heartbeat in it, and stop when the SDK says that it is cancelled. If the workflow relies on its having \
               stopped, let it wait for the cancellation to be completed.",
        page: "activity-execution#cancellation",
        look: activity_cancel_not_heeded,
    },
];

fn retries_exhausted(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let Some(attempt) = activity.attempt() else { continue };
        let tried = counted(u64::from(attempt.unsigned_abs()), "attempt");
        let why = match activity.retry_state() {
            RetryState::MaximumAttemptsReached if attempt > 1 => "the policy allows no more".to_owned(),
            RetryState::Timeout => format!(
                "schedule-to-close {} leaves no time for another",
                activity.schedule_to_close()
            ),
            _ => continue,
        };
        let last = activity.last_failure().map(failure).unwrap_or_default();
        let what = format!("{}: given up after {tried}, {why}; {last}", name(activity.kind()));
        finds.like(&format!("{} {why}", activity.kind()), activity.id(), what);
    }
}

fn activity_not_retried(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        if activity.retry_state() != RetryState::NonRetryableFailure {
            continue;
        }
        let Some(last) = activity.last_failure() else { continue };
        let listed = activity
            .policy()
            .map_or(&[][..], |policy| &policy.non_retryable_error_types);
        let why = match &last.failure_info {
            Some(FailureInfo::ApplicationFailureInfo(info)) if info.non_retryable => "it is marked as non-retryable",
            Some(FailureInfo::ApplicationFailureInfo(info)) if listed.contains(&info.r#type) => {
                "its type is in the policy's list"
            }
            Some(FailureInfo::TimeoutFailureInfo(_)) => "this timeout is in the policy's list",
            // A reset ends activities so; a cancellation is no mistake.
            Some(FailureInfo::ResetWorkflowFailureInfo(_) | FailureInfo::CanceledFailureInfo(_)) => continue,
            _ => "the Service does not retry it",
        };
        let what = format!("{}: {}; not retried, since {why}", name(activity.kind()), failure(last));
        let kind = application_type(last).unwrap_or_default();
        finds.like(&format!("{} {kind}", activity.kind()), activity.id(), what);
    }
}

fn lost(evidence: &Evidence<'_>, kind: TimeoutType, limit: impl Fn(&Activity<'_>) -> String, finds: &mut Finds) {
    for activity in &evidence.activities {
        let attempts = activity.attempts_lost_to(kind);
        if attempts.is_empty() {
            continue;
        }
        let told: Vec<String> = attempts.iter().map(ToString::to_string).collect();
        let plural = if told.len() == 1 { "" } else { "s" };
        let told = told.join(" and ");
        let what = format!("{}: attempt{plural} {told}; {}", name(activity.kind()), limit(activity));
        finds.like(activity.kind(), activity.id(), what);
    }
}

fn start_to_close_timed_out(evidence: &Evidence<'_>, finds: &mut Finds) {
    let limit = |activity: &Activity<'_>| format!("start-to-close {}", activity.start_to_close());
    lost(evidence, TimeoutType::StartToClose, limit, finds);
}

fn heartbeat_timed_out(evidence: &Evidence<'_>, finds: &mut Finds) {
    let limit = |activity: &Activity<'_>| {
        let details = activity.last_failure().and_then(|last| match &last.failure_info {
            Some(FailureInfo::TimeoutFailureInfo(info)) => Some(info.last_heartbeat_details.is_some()),
            _ => None,
        });
        let heard = match details {
            Some(true) => "; a heartbeat had come before",
            Some(false) => "; no heartbeat with details had ever come",
            // The failure before the last attempt is kept without what the heartbeat said.
            None => "",
        };
        format!("heartbeat timeout {}{heard}", activity.heartbeat())
    };
    lost(evidence, TimeoutType::Heartbeat, limit, finds);
}

fn activity_not_taken(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (Some((closed, ActivityEnd::TimedOut(_))), None) = (activity.closed, activity.started) else {
            continue;
        };
        let kind = activity.last_failure().and_then(timeout_type);
        if !matches!(kind, Some(TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose)) {
            continue;
        }
        let queue = activity.scheduled.task_queue.as_ref().map_or("", |queue| &queue.name);
        let what = format!(
            "{}: no worker of task queue {} took it, {} after it was scheduled",
            name(activity.kind()),
            name(queue),
            between(activity.opened, closed)
        );
        finds.like(&format!("{} {queue}", activity.kind()), activity.id(), what);
    }
}

fn activity_not_registered(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let before = activity.started.and_then(|(_, started)| started.last_failure.as_ref());
        let failures = before.into_iter().chain(activity.last_failure());
        let unknown = |failure: &&Failure| {
            let said = failure.message.to_lowercase();
            let says = [
                "is not registered",
                "unable to find activitytype",
                "activity type is not known",
            ];
            said.contains("activity") && says.iter().any(|words| said.contains(words))
                || application_type(failure) == Some("ActivityNotRegisteredError")
        };
        if failures.into_iter().any(|failure| unknown(&failure)) {
            let queue = activity.scheduled.task_queue.as_ref().map_or("", |queue| &queue.name);
            let what = format!(
                "{}: unknown to a worker of task queue {}",
                name(activity.kind()),
                name(queue)
            );
            finds.at(activity.id(), what);
        }
    }
}

fn activity_retried(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (Some((started, attributes)), Some((_, ActivityEnd::Completed))) = (activity.started, activity.closed)
        else {
            continue;
        };
        if attributes.attempt < 2 {
            continue;
        }
        let before = attributes.last_failure.as_ref().map(failure);
        let before = before.map(|before| format!("; before: {before}")).unwrap_or_default();
        let what = format!(
            "{}: succeeded in attempt {}, which began {} after it was scheduled{before}",
            name(activity.kind()),
            attributes.attempt,
            between(activity.opened, started).rounded()
        );
        finds.like(activity.kind(), activity.id(), what);
    }
}

fn activity_left_behind(evidence: &Evidence<'_>, finds: &mut Finds) {
    let Ending::Closed(close) = evidence.ending else { return };
    let pending = evidence.activities.iter().filter(|a| a.closed.is_none());
    for activity in pending.filter(|a| a.cancel_requested.is_none() && a.id() < close.event_id) {
        let what = format!(
            "{}: pending when the run ended ({}, event {}); queued, running or between attempts, a history cannot tell",
            name(activity.kind()),
            how(close),
            close.event_id
        );
        finds.like(activity.kind(), activity.id(), what);
    }
}

fn activity_cancel_not_heeded(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let (Some(asked), Some((closed, end))) = (activity.cancel_requested, activity.closed) else {
            continue;
        };
        let ended = match end {
            ActivityEnd::Completed => "it completed",
            ActivityEnd::TimedOut(_) => "it timed out",
            ActivityEnd::Failed(_) | ActivityEnd::Canceled => continue,
        };
        let what = format!(
            "{}: asked to stop by event {}; {} later {ended} (event {})",
            name(activity.kind()),
            asked.event_id,
            between(asked, closed).rounded(),
            closed.event_id
        );
        finds.like(activity.kind(), activity.id(), what);
    }
}
