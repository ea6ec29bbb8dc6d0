//! How a closed run ended, and what it left behind: work whose answers nobody hears, children that go on.

use super::super::run_limit::RunLimit;
use super::super::words::{counted, failure, listed, short};
use super::{NAME_CHARS, TOLD, View, by};
use crate::history::class::Thing;
use crate::history::execution::Update;
use crate::history::operation::operations;
use crate::history::proto::{Attributes as A, HistoryEvent, ParentClosePolicy, RetryState};
use crate::history::text::payload_preview;
use crate::history::timestamp::span;

/// Longest result, in characters.
const RESULT_CHARS: usize = 200;

/// Who ends a run that is reset (server 1.32).
const RESETTER: &str = "history-resetter";

impl View<'_> {
    /// What there is to say of a closed run.
    pub(super) fn closed(&self, sentences: &mut Vec<String>) {
        let closing = self.events.iter().rfind(|event| event.class().ends_run());
        sentences.extend(closing.and_then(|closing| self.ending(closing)));
        sentences.extend(self.refused_before());
        self.left_open(sentences);
        self.children_left(sentences);
        for (id, update) in self.state.updates.iter().take(TOLD) {
            let how = match update {
                Update::Accepted { .. } => "accepted",
                Update::Admitted { .. } => "admitted",
            };
            sentences.push(format!(
                "Update {} was {how} (event {}) and never completed: its caller hears that the run has closed.",
                short(id, NAME_CHARS),
                update.event_id()
            ));
        }
    }

    fn ending(&self, closing: &HistoryEvent) -> Option<String> {
        let id = closing.event_id;
        let at = self.at(closing.event_time);
        Some(match closing.attributes.as_ref()? {
            A::WorkflowExecutionCompletedEventAttributes(a) => {
                let result = a.result.iter().flat_map(|result| &result.payloads);
                let result: Vec<String> = result.take(TOLD).map(payload_preview).collect();
                let with = if result.is_empty() {
                    String::new()
                } else {
                    format!(" with {}", short(&result.join(", "), RESULT_CHARS))
                };
                format!(
                    "The workflow completed at {at} (event {id}){with}.{}",
                    next(&a.new_execution_run_id)
                )
            }
            A::WorkflowExecutionFailedEventAttributes(a) => {
                let why = a.failure.as_ref().map(failure).filter(|why| !why.is_empty());
                let why = why.map_or_else(String::new, |why| format!(": {why}"));
                let tried = match a.retry_state() {
                    RetryState::MaximumAttemptsReached => " Its retry policy allows no further run.",
                    RetryState::NonRetryableFailure => " The failure is not retryable.",
                    RetryState::Timeout => " There is no time for another run.",
                    RetryState::Unspecified
                    | RetryState::InProgress
                    | RetryState::RetryPolicyNotSet
                    | RetryState::InternalServerError
                    | RetryState::CancelRequested => "",
                };
                format!(
                    "The workflow failed at {at} (event {id}){why}.{tried}{}",
                    next(&a.new_execution_run_id)
                )
            }
            A::WorkflowExecutionTimedOutEventAttributes(a) => {
                let limit = RunLimit::of(self.first).map_or_else(String::new, |limit| format!(" ({})", limit.words()));
                format!(
                    "The run timed out at {at} (event {id}){limit}: its code was not asked, and nothing of it cleaned up.{}",
                    next(&a.new_execution_run_id)
                )
            }
            A::WorkflowExecutionCanceledEventAttributes(_) => {
                format!("The workflow stopped at {at} (event {id}), as it had been asked to.")
            }
            A::WorkflowExecutionTerminatedEventAttributes(a) if a.identity == RESETTER => format!(
                "The run was reset at {at} (event {id}){}: it ended here, and another run goes on from an earlier point of \
                 this history.",
                by("", &a.reason)
            ),
            A::WorkflowExecutionTerminatedEventAttributes(a) => format!(
                "The run was terminated at {at} (event {id}){}: its code was not asked, and nothing of it cleaned up.",
                by(&a.identity, &a.reason)
            ),
            A::WorkflowExecutionContinuedAsNewEventAttributes(a) => {
                let backoff = span(a.backoff_start_interval.as_ref());
                let after = if backoff.is_zero() {
                    String::new()
                } else {
                    format!(", which begins {backoff} later")
                };
                format!(
                    "The run handed its work over at {at} (event {id}) to run {}{after}.",
                    short(&a.new_execution_run_id, NAME_CHARS)
                )
            }
            _ => return None,
        })
    }

    /// Activities and others whose end was not waited for.
    fn left_open(&self, sentences: &mut Vec<String>) {
        let operations = operations(self.events);
        let of = |thing| -> Vec<i64> {
            let open = operations.iter().filter(|operation| operation.closed.is_none());
            let of_thing = open.filter(|operation| operation.thing == thing);
            let events = of_thing.filter_map(|operation| self.events.get(operation.opened as usize));
            events.map(|event| event.event_id).collect()
        };
        let activities = of(Thing::Activity);
        if !activities.is_empty() {
            sentences.push(format!(
                "{} had not ended ({}): a worker may still be at it, and nobody hears its answer.",
                plural(activities.len(), "activity", "activities"),
                events_words(&activities)
            ));
        }
        let nexus = of(Thing::NexusOperation);
        if !nexus.is_empty() {
            sentences.push(format!(
                "{} had not ended ({}).",
                plural(nexus.len(), "Nexus operation", "Nexus operations"),
                events_words(&nexus)
            ));
        }
    }

    fn children_left(&self, sentences: &mut Vec<String>) {
        for (event, child) in self.state.children.iter().take(TOLD) {
            let then = match child.policy {
                ParentClosePolicy::Abandon => "goes on without it",
                ParentClosePolicy::RequestCancel => "is asked to stop",
                ParentClosePolicy::Terminate | ParentClosePolicy::Unspecified => "is terminated with it",
            };
            sentences.push(format!(
                "Child workflow {} (event {event}) had not ended, and {then} (parent close policy).",
                short(&child.workflow_id, NAME_CHARS)
            ));
        }
        let others = self.state.children.len().saturating_sub(TOLD);
        if others > 0 {
            sentences.push(format!(
                "And {} had not ended.",
                plural(others, "more child", "more children")
            ));
        }
    }
}

fn next(run_id: &str) -> String {
    if run_id.is_empty() {
        String::new()
    } else {
        format!(" Run {} goes on.", short(run_id, NAME_CHARS))
    }
}

fn plural(count: usize, one: &str, many: &str) -> String {
    match count {
        1 => format!("1 {one}"),
        _ => format!("{count} {many}"),
    }
}

/// `event 5`, `events 5, 7 and 3 more`.
fn events_words(events: &[i64]) -> String {
    const NAMED: usize = 6;
    let mut words: Vec<String> = events.iter().take(NAMED).map(ToString::to_string).collect();
    let others = u32::try_from(events.len().saturating_sub(NAMED)).unwrap_or(u32::MAX);
    if others > 0 {
        words.push(counted(others, "other"));
    }
    let noun = if events.len() == 1 { "event" } else { "events" };
    format!("{noun} {}", listed(&words))
}
