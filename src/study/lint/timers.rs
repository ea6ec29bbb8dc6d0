//! Rules about timers.

use crate::base::time::Span;
use crate::history::proto::{Attributes, HistoryEvent};
use crate::history::timestamp::span;

use super::evidence::Evidence;
use super::found::Finds;
use super::rule::{Rule, Severity};

/// Who waits longer has most likely mistaken the unit.
const FAR: Span = Span::secs(400 * 86_400);

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "timer-zero",
        severity: Severity::Note,
        title: "a timer was started with no time to wait",
        why: "The Service writes two events for it, and it takes a workflow task more: up to a second passes before it fires. (A \
              timer of zero may be a time that was already over.)",
        todo: "Do not sleep when there is nothing to wait for.",
        page: "workflow-execution/timers-delays",
        look: timer_zero,
    },
    Rule {
        id: "timer-far",
        severity: Severity::Note,
        title: "a timer was started for more than a year",
        why: "The Service keeps it, but code and workers must still know this run then. Often the unit is mistaken: seconds for \
              milliseconds.",
        todo: "Compare the time with what was meant. For what happens once, far in the future, consider a schedule.",
        page: "workflow-execution/timers-delays",
        look: timer_far,
    },
];

fn timers<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = (&'a HistoryEvent, Span)> {
    evidence.events.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::TimerStartedEventAttributes(a)) => Some((event, span(a.start_to_fire_timeout.as_ref()))),
        _ => None,
    })
}

fn timer_zero(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, _) in timers(evidence).filter(|(_, wait)| wait.is_zero()) {
        finds.at(event.event_id, "0 s".to_owned());
    }
}

fn timer_far(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, wait) in timers(evidence).filter(|(_, wait)| *wait >= FAR) {
        finds.like("far", event.event_id, wait.rounded().to_string());
    }
}
