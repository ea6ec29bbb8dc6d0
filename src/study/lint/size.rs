//! Rules about Temporal's limits: how long and large a history gets, how large what is in it, and how much is pending at
//! once. The numbers are the Service's defaults (`common/dynamicconfig/constants.go`).

#![warn(clippy::wildcard_enum_match_arm)]

use prost::Message as _;

use crate::history::class::Thing;
use crate::history::proto::{Attributes as A, HistoryEvent, Payload, Payloads, event_name, outcome};

use super::evidence::{Ending, Evidence};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{bytes, counted, name, number};

const MOST_EVENTS: u64 = 51_200;
const WARNED_EVENTS: u64 = 10_240;
const MOST_BYTES: u64 = 50 << 20;
const WARNED_BYTES: u64 = 10 << 20;

/// One set of payloads.
const MOST_PAYLOAD: u64 = 2 << 20;
/// From here on Temporal's documentation calls it large.
const LARGE_PAYLOAD: u64 = 256 << 10;

/// Of each kind.
const MOST_PENDING: u64 = 2_000;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "history-long",
        severity: Severity::Warning,
        title: "a history is long or large",
        why: "The Service warns from 10,240 events or 10 MiB on, and ends a run at 51,200 events or 50 MiB. A worker that does \
              not have the run in its memory has to load and replay all of it.",
        todo: "Continue as new, at the latest when the Service suggests it; hand parts of the work to child workflows.",
        page: "workflow-execution/limits",
        look: history_long,
    },
    Rule {
        id: "history-near-limit",
        severity: Severity::Error,
        title: "a history is near the limit at which the Service ends the run",
        why: "At 51,200 events or 50 MiB the Service terminates it, without any code of the workflow's running.",
        todo: "Make the run continue as new or end, now; a signal that its code knows may do. If it cannot, start another with \
               its state.",
        page: "workflow-execution/limits",
        look: history_near_limit,
    },
    Rule {
        id: "limit-exceeded",
        severity: Severity::Error,
        title: "the Service ended the run because one of its limits was exceeded",
        why: "No code of the workflow's ran at the end: nothing was cleaned up, and what was pending is left behind.",
        todo: "Undo by hand what has to be undone. Continue as new in time; keep large data elsewhere and pass on where it is.",
        page: "workflow-execution/limits",
        look: limit_exceeded,
    },
    Rule {
        id: "payload-large",
        severity: Severity::Warning,
        title: "a payload is large",
        why: "The Service refuses more than 2 MiB at once. Each payload is stored, and sent to a worker again at each replay; all \
              together may have 50 MiB.",
        todo: "Keep large data elsewhere and pass on where it is, or compress in a payload codec.",
        page: "troubleshooting/blob-size-limit-error",
        look: |evidence, finds| large_payloads(evidence, LARGE_PAYLOAD, MOST_PAYLOAD / 10 * 8, finds),
    },
    Rule {
        id: "payload-near-limit",
        severity: Severity::Error,
        title: "a payload is almost as large as the Service allows",
        why: "At 2 MiB the Service refuses it: an activity's result fails the activity, a signal is not taken, and what the \
              workflow asks for fails its workflow task or ends the run.",
        todo: "Keep large data elsewhere and pass on where it is, or compress in a payload codec.",
        page: "troubleshooting/blob-size-limit-error",
        look: |evidence, finds| large_payloads(evidence, MOST_PAYLOAD / 10 * 8, u64::MAX, finds),
    },
    Rule {
        id: "many-pending",
        severity: Severity::Warning,
        title: "nearly as much is pending at once as the Service allows",
        why: "Of activities, children, signals to others and requests to stop, 2,000 each may be pending in a run; a workflow \
              task that asks for more fails.",
        todo: "Do it in batches, or hand the work to child workflows.",
        page: "workflow-execution/limits",
        look: many_pending,
    },
];

fn size(evidence: &Evidence<'_>) -> u64 {
    // As the Service has counted itself: before each workflow task that was started.
    let counted = evidence.tasks.iter().filter_map(|task| task.started);
    let counted = counted
        .filter_map(|(_, started)| u64::try_from(started.history_size_bytes).ok())
        .max();
    let counted = counted.unwrap_or_default();
    if counted > 0 {
        return counted;
    }
    evidence.events.iter().map(|event| event.encoded_len() as u64).sum()
}

/// What is told of a history, if it is at least as long or as large as this.
fn long(evidence: &Evidence<'_>, events: u64, of_bytes: u64) -> Option<String> {
    let (count, size) = (evidence.events.len() as u64, size(evidence));
    (count >= events || size >= of_bytes).then(|| {
        format!(
            "{} of {}, {} of {}",
            counted(count, "event"),
            number(MOST_EVENTS),
            bytes(size),
            bytes(MOST_BYTES)
        )
    })
}

fn history_long(evidence: &Evidence<'_>, finds: &mut Finds) {
    if long(evidence, MOST_EVENTS / 10 * 8, MOST_BYTES / 10 * 8).is_none()
        && let Some(what) = long(evidence, WARNED_EVENTS, WARNED_BYTES)
    {
        finds.whole(what);
    }
}

fn history_near_limit(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some(what) = long(evidence, MOST_EVENTS / 10 * 8, MOST_BYTES / 10 * 8) {
        finds.whole(what);
    }
}

/// The reason with which the Service ended a run itself, because of a limit.
pub(super) fn limit_reason<'a>(ending: &Ending<'a>) -> Option<(i64, &'a str)> {
    let Ending::Closed(close) = ending else { return None };
    match &close.attributes {
        Some(A::WorkflowExecutionTerminatedEventAttributes(a))
            if a.reason.contains("exceeds limit") || a.reason.contains("exceeds size limit") =>
        {
            Some((close.event_id, &a.reason))
        }
        _ => None,
    }
}

fn limit_exceeded(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((event, reason)) = limit_reason(&evidence.ending) {
        finds.at(event, format!("terminated: {}", name(reason)));
    }
}

fn large_payloads(evidence: &Evidence<'_>, least: u64, less_than: u64, finds: &mut Finds) {
    for event in evidence.events {
        // Most events are small as a whole, and need not be looked into.
        if (event.encoded_len() as u64) < least {
            continue;
        }
        for (part, size) in event.attributes.iter().flat_map(payload_sizes) {
            if size >= least && size < less_than {
                let kind = event_name(event.event_type());
                finds.like(
                    &format!("{kind} {part}"),
                    event.event_id,
                    format!("{} of {part} in {kind}", bytes(size)),
                );
            }
        }
    }
}

/// The sets of payloads of an event, with their sizes.
fn payload_sizes(attributes: &A) -> Vec<(&'static str, u64)> {
    let set = |name, payloads: &Option<Payloads>| (name, payloads.as_ref().map_or(0, |set| set.encoded_len() as u64));
    let one = |name, payload: &Option<Payload>| (name, payload.as_ref().map_or(0, |one| one.encoded_len() as u64));
    match attributes {
        A::WorkflowExecutionStartedEventAttributes(a) => vec![set("input", &a.input)],
        A::WorkflowExecutionCompletedEventAttributes(a) => vec![set("result", &a.result)],
        A::WorkflowExecutionContinuedAsNewEventAttributes(a) => vec![set("input", &a.input)],
        A::WorkflowExecutionCanceledEventAttributes(a) => vec![set("details", &a.details)],
        A::WorkflowExecutionTerminatedEventAttributes(a) => vec![set("details", &a.details)],
        A::WorkflowExecutionSignaledEventAttributes(a) => vec![set("input", &a.input)],
        A::ActivityTaskScheduledEventAttributes(a) => vec![set("input", &a.input)],
        A::ActivityTaskCompletedEventAttributes(a) => vec![set("result", &a.result)],
        A::ActivityTaskCanceledEventAttributes(a) => vec![set("details", &a.details)],
        A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => vec![set("input", &a.input)],
        A::ChildWorkflowExecutionCompletedEventAttributes(a) => vec![set("result", &a.result)],
        A::ChildWorkflowExecutionCanceledEventAttributes(a) => vec![set("details", &a.details)],
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => vec![set("input", &a.input)],
        A::MarkerRecordedEventAttributes(a) => {
            vec![("details", a.details.values().map(|set| set.encoded_len() as u64).sum())]
        }
        A::UpsertWorkflowSearchAttributesEventAttributes(a) => vec![(
            "search attributes",
            a.search_attributes.as_ref().map_or(0, |all| all.encoded_len() as u64),
        )],
        A::WorkflowPropertiesModifiedEventAttributes(a) => {
            vec![(
                "memo",
                a.upserted_memo.as_ref().map_or(0, |memo| memo.encoded_len() as u64),
            )]
        }
        A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => {
            let input = a.accepted_request.as_ref().and_then(|request| request.input.as_ref());
            vec![("input", input.map_or(0, |input| input.encoded_len() as u64))]
        }
        A::WorkflowExecutionUpdateAdmittedEventAttributes(a) => {
            let input = a.request.as_ref().and_then(|request| request.input.as_ref());
            vec![("input", input.map_or(0, |input| input.encoded_len() as u64))]
        }
        A::WorkflowExecutionUpdateCompletedEventAttributes(a) => {
            match a.outcome.as_ref().and_then(|outcome| outcome.value.as_ref()) {
                Some(outcome::Value::Success(result)) => vec![("result", result.encoded_len() as u64)],
                Some(outcome::Value::Failure(_)) | None => Vec::new(),
            }
        }
        A::NexusOperationScheduledEventAttributes(a) => vec![one("input", &a.input)],
        A::NexusOperationCompletedEventAttributes(a) => vec![one("result", &a.result)],
        // These have none, or only within a failure.
        A::WorkflowExecutionFailedEventAttributes(_)
        | A::WorkflowExecutionTimedOutEventAttributes(_)
        | A::WorkflowExecutionCancelRequestedEventAttributes(_)
        | A::WorkflowExecutionOptionsUpdatedEventAttributes(_)
        | A::WorkflowExecutionUpdateRejectedEventAttributes(_)
        | A::WorkflowExecutionPausedEventAttributes(_)
        | A::WorkflowExecutionUnpausedEventAttributes(_)
        | A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(_)
        | A::WorkflowPropertiesModifiedExternallyEventAttributes(_)
        | A::WorkflowTaskScheduledEventAttributes(_)
        | A::WorkflowTaskStartedEventAttributes(_)
        | A::WorkflowTaskCompletedEventAttributes(_)
        | A::WorkflowTaskTimedOutEventAttributes(_)
        | A::WorkflowTaskFailedEventAttributes(_)
        | A::ActivityTaskStartedEventAttributes(_)
        | A::ActivityTaskFailedEventAttributes(_)
        | A::ActivityTaskTimedOutEventAttributes(_)
        | A::ActivityTaskCancelRequestedEventAttributes(_)
        | A::ActivityPropertiesModifiedExternallyEventAttributes(_)
        | A::TimerStartedEventAttributes(_)
        | A::TimerFiredEventAttributes(_)
        | A::TimerCanceledEventAttributes(_)
        | A::StartChildWorkflowExecutionFailedEventAttributes(_)
        | A::ChildWorkflowExecutionStartedEventAttributes(_)
        | A::ChildWorkflowExecutionFailedEventAttributes(_)
        | A::ChildWorkflowExecutionTimedOutEventAttributes(_)
        | A::ChildWorkflowExecutionTerminatedEventAttributes(_)
        | A::SignalExternalWorkflowExecutionFailedEventAttributes(_)
        | A::ExternalWorkflowExecutionSignaledEventAttributes(_)
        | A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_)
        | A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(_)
        | A::ExternalWorkflowExecutionCancelRequestedEventAttributes(_)
        | A::NexusOperationStartedEventAttributes(_)
        | A::NexusOperationFailedEventAttributes(_)
        | A::NexusOperationCanceledEventAttributes(_)
        | A::NexusOperationTimedOutEventAttributes(_)
        | A::NexusOperationCancelRequestedEventAttributes(_)
        | A::NexusOperationCancelRequestCompletedEventAttributes(_)
        | A::NexusOperationCancelRequestFailedEventAttributes(_) => Vec::new(),
    }
}

/// How many of a kind were pending at once, at most, and with which event that was reached first.
pub(super) fn most_at_once(evidence: &Evidence<'_>, thing: Thing) -> Option<(u64, i64)> {
    let mut steps: Vec<(u32, i64)> = Vec::new();
    for operation in evidence.operations.iter().filter(|operation| operation.thing == thing) {
        steps.push((operation.opened, 1));
        steps.extend(operation.closed.map(|closed| (closed, -1)));
    }
    steps.sort_unstable();
    let (mut pending, mut most, mut place) = (0_i64, 0, 0);
    for (at, step) in steps {
        pending += step;
        if pending > most {
            (most, place) = (pending, at);
        }
    }
    let event: &HistoryEvent = evidence.event(place)?;
    (most > 0).then_some((most.unsigned_abs(), event.event_id))
}

fn many_pending(evidence: &Evidence<'_>, finds: &mut Finds) {
    let kinds = [
        (Thing::Activity, "activities"),
        (Thing::Child, "children"),
        (Thing::SignalOut, "signals to others"),
        (Thing::CancelOut, "requests to stop"),
    ];
    for (thing, kind) in kinds {
        if let Some((most, event)) = most_at_once(evidence, thing)
            && most >= MOST_PENDING / 10 * 8
        {
            let what = format!("{} {kind} pending at once, of {}", number(most), number(MOST_PENDING));
            finds.at(event, what);
        }
    }
}
