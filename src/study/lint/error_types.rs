//! Rules about which errors a retry policy stops at. The Service looks at the outermost failure only, and compares types
//! letter by letter (`common/retrypolicy/retry_policy.go`).

use crate::history::proto::{Failure, FailureInfo, TimeoutType};

use super::evidence::{Activity, Evidence, timeout_type};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::spelling::alike;
use super::words::{application_type, name, names};

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "non-retryable-type-misspelt",
        severity: Severity::Warning,
        title: "an error was retried whose type the policy lists in another spelling",
        why: "The Service compares the type of the error with the policy's list letter by letter. How a type is spelled \
              depends on the SDK: with its package in Java, without its module in Python and TypeScript, as the name of a Go \
              type in Go.",
        todo: "Put the type into the list as it came.",
        page: "encyclopedia/retry-policies#non-retryable-errors",
        look: non_retryable_type_misspelt,
    },
    Rule {
        id: "non-retryable-type-unmatched",
        severity: Severity::Note,
        title: "an activity lists non-retryable error types, and what came is not among them",
        why: "Only a type that is in the list, letter by letter, stops the retries; this one did not.",
        todo: "If this error should not be retried, put its type into the list as it came, or throw it as non-retryable.",
        page: "encyclopedia/retry-policies#non-retryable-errors",
        look: non_retryable_type_unmatched,
    },
    Rule {
        id: "non-retryable-cause",
        severity: Severity::Warning,
        title: "an error was retried though a cause of it is non-retryable",
        why: "The Service looks at the outermost failure only: what is said of its causes, by a flag or in the policy's list, \
              counts for nothing.",
        todo: "Throw the non-retryable error itself, or mark the one that wraps it as non-retryable too.",
        page: "references/failures#application-failure",
        look: non_retryable_cause,
    },
];

/// An error that came, by the name under which a policy can list it.
fn listable(failure: &Failure) -> Option<String> {
    match timeout_type(failure) {
        Some(TimeoutType::StartToClose) => Some("TemporalTimeout:StartToClose".to_owned()),
        Some(TimeoutType::Heartbeat) => Some("TemporalTimeout:Heartbeat".to_owned()),
        Some(TimeoutType::ScheduleToStart | TimeoutType::ScheduleToClose | TimeoutType::Unspecified) => None,
        None => application_type(failure).map(str::to_owned),
    }
}

fn listed<'a>(activity: &Activity<'a>) -> &'a [String] {
    activity
        .policy()
        .map_or(&[], |policy| &policy.non_retryable_error_types)
}

/// An entry of the list that is most likely meant for an error that came.
fn meant<'a>(list: &'a [String], came: &str) -> Option<&'a String> {
    let is_timeout = came.starts_with("TemporalTimeout:");
    let kind = came.rsplit(':').next().unwrap_or_default().to_lowercase();
    list.iter().find(|entry| {
        if is_timeout {
            let entry = entry.to_lowercase();
            entry.contains("timeout") && !entry.starts_with("temporaltimeout:") || entry == kind
        } else {
            alike(entry, came)
        }
    })
}

fn non_retryable_type_misspelt(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let list = listed(activity);
        for came in activity.retried_failures().filter_map(listable) {
            let Some(entry) = meant(list, &came).filter(|_| !list.contains(&came)) else {
                continue;
            };
            let what = format!(
                "{}: the policy lists “{}”, what came is “{}”",
                name(activity.kind()),
                name(entry),
                name(&came)
            );
            finds.at(activity.id(), what);
        }
    }
}

fn non_retryable_type_unmatched(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let list = listed(activity);
        if list.is_empty() {
            continue;
        }
        for came in activity.retried_failures().filter_map(listable) {
            if list.contains(&came) || meant(list, &came).is_some() || came.starts_with("TemporalTimeout:") {
                continue;
            }
            let what = format!(
                "{}: what came is “{}”, the policy lists {}",
                name(activity.kind()),
                name(&came),
                names(list.iter().map(String::as_str))
            );
            finds.at(activity.id(), what);
        }
    }
}

fn non_retryable_cause(evidence: &Evidence<'_>, finds: &mut Finds) {
    for activity in &evidence.activities {
        let list = listed(activity);
        for failure in activity.retried_failures() {
            // The failure of an earlier attempt is what a timeout has for a cause.
            if timeout_type(failure).is_some() {
                continue;
            }
            let Some((cause, why)) = causes(failure).find_map(|cause| Some((cause, non_retryable(cause, list)?)))
            else {
                continue;
            };
            let what = format!(
                "{}: {} around {}, which is {why}",
                name(activity.kind()),
                kind(failure),
                kind(cause)
            );
            finds.at(activity.id(), what);
        }
    }
}

fn causes(failure: &Failure) -> impl Iterator<Item = &Failure> {
    std::iter::successors(failure.cause.as_deref(), |cause| cause.cause.as_deref())
}

/// Why a failure would not be retried if it were the outermost.
fn non_retryable(failure: &Failure, list: &[String]) -> Option<&'static str> {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) if info.non_retryable => Some("marked as non-retryable"),
        Some(FailureInfo::ApplicationFailureInfo(info)) if list.contains(&info.r#type) => Some("in the policy's list"),
        _ => None,
    }
}

fn kind(failure: &Failure) -> String {
    match application_type(failure) {
        Some(kind) if !kind.is_empty() => format!("“{}”", name(kind)),
        _ => format!("“{}”", name(&failure.message)),
    }
}
