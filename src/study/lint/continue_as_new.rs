//! Rules about continuing as new: too late, or too often.

use crate::base::time::Span;
use crate::history::proto::temporal::api::enums::v1::SuggestContinueAsNewReason as Reason;
use crate::history::proto::{Attributes, ContinueAsNewInitiator, HistoryEvent, WorkflowTaskStartedEventAttributes};

use super::evidence::{Ending, Evidence, between};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, number};

/// So many events after the first suggestion, nobody has listened to it.
const IGNORED: i64 = 1_000;

/// From here on the Service suggests it (`limit.historyCount.suggestContinueAsNew`).
const SUGGESTED: u64 = 4_096;

/// Far from that.
const EARLY: u64 = SUGGESTED / 2;

/// A run that is shorter costs more than it does.
const AT_ONCE: Span = Span::secs(2);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "continue-as-new-late",
        severity: Severity::Warning,
        title: "the Service suggests to continue as new, and the run has gone on for long since",
        why: "A long history is slow to load and replay, and at 51,200 events or 50 MiB the Service ends the run.",
        todo: "Ask the SDK in the workflow's main loop whether it is suggested, and continue as new when nothing is under way.",
        page: "workflow-execution/continue-as-new",
        look: continue_as_new_late,
    },
    Rule {
        id: "continue-as-new-at-once",
        severity: Severity::Warning,
        title: "a run continued as new within two seconds",
        why: "Each run is a workflow of its own to the Service, and all runs of one workflow id are one shard's work. It holds up \
              a run that follows one of less than a second until the second is over.",
        todo: "Loop in the workflow's code, and continue as new when the Service suggests it.",
        page: "workflow-execution/continue-as-new",
        look: continue_as_new_at_once,
    },
    Rule {
        id: "continue-as-new-early",
        severity: Severity::Note,
        title: "a run continued as new with a short history, before the Service suggested it",
        why: "A history is no trouble before it has some thousand events, and each run has its cost: what is pending has to be \
              carried over, and children are ended.",
        todo: "Continue as new when the Service suggests it, unless the runs are meant to be looked at one by one.",
        page: "workflow-execution/continue-as-new",
        look: continue_as_new_early,
    },
];

/// The first workflow task with which the Service suggested it.
fn suggestion<'a>(evidence: &Evidence<'a>) -> Option<(&'a HistoryEvent, &'a WorkflowTaskStartedEventAttributes)> {
    let mut started = evidence.tasks.iter().filter_map(|task| task.started);
    started.find(|(_, started)| started.suggest_continue_as_new)
}

fn continue_as_new_late(evidence: &Evidence<'_>, finds: &mut Finds) {
    let (Some((suggested, attributes)), Some(last)) = (suggestion(evidence), evidence.events.last()) else {
        return;
    };
    let since = last.event_id.saturating_sub(suggested.event_id);
    if since < IGNORED {
        return;
    }
    let reasons: Vec<&str> = attributes.suggest_continue_as_new_reasons().map(told).collect();
    let because = if reasons.is_empty() {
        String::new()
    } else {
        format!(" ({})", reasons.join(", "))
    };
    let what = format!(
        "suggested by event {}{because}; {} since",
        suggested.event_id,
        counted(since.unsigned_abs(), "event")
    );
    finds.at(suggested.event_id, what);
}

fn told(reason: Reason) -> &'static str {
    match reason {
        Reason::HistorySizeTooLarge => "the history is large",
        Reason::TooManyHistoryEvents => "it has many events",
        Reason::TooManyUpdates => "it has many updates",
        Reason::Unspecified => "no reason told",
    }
}

/// The event with which the workflow's own code ended the run so, and how long the run had been at work.
fn continued<'a>(evidence: &Evidence<'a>) -> Option<(&'a HistoryEvent, Span)> {
    let (Ending::Closed(close), Some(start)) = (evidence.ending, evidence.start) else {
        return None;
    };
    match &close.attributes {
        Some(Attributes::WorkflowExecutionContinuedAsNewEventAttributes(a))
            if matches!(
                a.initiator(),
                ContinueAsNewInitiator::Workflow | ContinueAsNewInitiator::Unspecified
            ) =>
        {
            Some((close, between(start.event, close) - start.backoff()))
        }
        _ => None,
    }
}

fn continue_as_new_at_once(evidence: &Evidence<'_>, finds: &mut Finds) {
    if let Some((close, lived)) = continued(evidence).filter(|(_, lived)| *lived < AT_ONCE) {
        let events = counted(evidence.events.len() as u64, "event");
        finds.at(close.event_id, format!("after {lived} and {events}"));
    }
}

fn continue_as_new_early(evidence: &Evidence<'_>, finds: &mut Finds) {
    let events = evidence.events.len() as u64;
    if suggestion(evidence).is_some() || events >= EARLY {
        return;
    }
    if let Some((close, lived)) = continued(evidence).filter(|(_, lived)| *lived >= AT_ONCE) {
        let what = format!(
            "after {} and {}; suggested from {} events on",
            lived.rounded(),
            counted(events, "event"),
            number(SUGGESTED)
        );
        finds.at(close.event_id, what);
    }
}
