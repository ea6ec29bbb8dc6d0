//! What is open at the end of a history, and why: the sentences that end it for people, the most important first.
//!
//! - `task`: what became of the last workflow task
//! - `pending`: activities, timers, children, updates and what else has begun and not ended
//! - `closed`: how a closed run ended, and what it left behind
//!
//! Nobody here knows what time it is: what is said of the future has its date, what was heard last its time.

mod closed;
mod pending;
mod task;

use super::run_limit::{LimitOf, RunLimit, started};
use super::words::{short, since_begin, with_date};
use crate::history::execution::ExecutionState;
use crate::history::proto::{Attributes as A, ContinueAsNewInitiator, EventType, HistoryEvent, event_name};
use crate::history::timestamp::{Timestamp, span};

/// How many of each kind are told one by one.
const TOLD: usize = 3;

/// Longest name or reason, in characters.
const NAME_CHARS: usize = 100;

/// What there is to say of the end of a history. `complete` is false if events after the last one are known to be missing:
/// then nothing is concluded from it.
pub fn outlook(events: &[HistoryEvent], complete: bool) -> Vec<String> {
    let (Some(first), Some(last)) = (events.first(), events.last()) else {
        return vec!["There are no events.".to_owned()];
    };
    if !complete {
        return vec![format!(
            "The events after {} are missing: how the run stands, this part of its history does not say.",
            last.event_id
        )];
    }
    let view = View {
        events,
        first,
        last,
        begin: first.event_time.unwrap_or_default(),
        state: ExecutionState::of(events),
    };
    let mut sentences = Vec::new();
    if view.state.is_open() {
        view.open(&mut sentences);
    } else {
        view.closed(&mut sentences);
    }
    if first.event_type() != EventType::WorkflowExecutionStarted {
        sentences.push(format!(
            "The events before {} are missing: what began there is not known here.",
            first.event_id
        ));
    }
    sentences
}

/// A history and what it amounts to.
struct View<'a> {
    events: &'a [HistoryEvent],
    first: &'a HistoryEvent,
    last: &'a HistoryEvent,
    begin: Timestamp,
    state: ExecutionState,
}

impl<'a> View<'a> {
    fn open(&self, sentences: &mut Vec<String>) {
        sentences.extend(self.paused());
        self.workflow_task(sentences);
        sentences.extend(self.held_back());
        sentences.extend(self.stop_not_heeded());
        let before = sentences.len();
        self.pending(sentences);
        if sentences.len() == before && self.is_idle() {
            sentences.push(
                "Open, and nothing is pending: it waits for something from outside, such as a signal or an update."
                    .to_owned(),
            );
        }
        sentences.extend(self.limits());
        sentences.push(format!(
            "Last heard of at {} (event {}: {}).",
            self.date(self.last.event_time),
            self.last.event_id,
            event_name(self.last.event_type())
        ));
    }

    fn paused(&self) -> Option<String> {
        if !self.state.paused {
            return None;
        }
        let event = self.latest(EventType::WorkflowExecutionPaused)?;
        let (reason, identity) = match &event.attributes {
            Some(A::WorkflowExecutionPausedEventAttributes(a)) => (a.reason.as_str(), a.identity.as_str()),
            _ => ("", ""),
        };
        let by = by(identity, reason);
        Some(format!(
            "The run is paused since event {}{by}: it goes on when somebody unpauses it.",
            event.event_id
        ))
    }

    /// Why there has been no workflow task yet, and when the first one comes.
    fn held_back(&self) -> Option<String> {
        if self.has_had_a_task() {
            return None;
        }
        let Some(started) = started(self.first) else {
            return Some("No workflow task has been scheduled.".to_owned());
        };
        let backoff = span(started.first_workflow_task_backoff.as_ref());
        if backoff.is_zero() {
            let why = if started.parent_workflow_execution.is_some() {
                "it comes when the parent has recorded that this child began"
            } else {
                "it comes with the start"
            };
            return Some(format!("The first workflow task has not been scheduled yet: {why}."));
        }
        let why = match started.initiator() {
            ContinueAsNewInitiator::CronSchedule => "by its cron schedule",
            ContinueAsNewInitiator::Retry => "by the backoff of its retry policy",
            ContinueAsNewInitiator::Workflow => "by the run before, which continued as new",
            ContinueAsNewInitiator::Unspecified if !started.cron_schedule.is_empty() => "by its cron schedule",
            ContinueAsNewInitiator::Unspecified => "by a start delay",
        };
        let at = self.first.event_time.map(|at| at.plus(backoff));
        let meanwhile = match self.state.signals {
            0 => String::new(),
            1 => " The signal that has come is in the history and is given to it then.".to_owned(),
            many => format!(" The {many} signals that have come are in the history and are given to it then."),
        };
        Some(format!(
            "Not hung: the first workflow task is held back for {backoff} {why}, until {}.{meanwhile}",
            self.date(at)
        ))
    }

    /// The run was asked to stop, and goes on.
    fn stop_not_heeded(&self) -> Option<String> {
        if !self.state.cancel_requested {
            return None;
        }
        let asked = self
            .events
            .iter()
            .rposition(|event| is(event, EventType::WorkflowExecutionCancelRequested))?;
        let after = self.events.get(asked..)?;
        let id = after.first()?.event_id;
        let heard = after.iter().find(|event| is(event, EventType::WorkflowTaskCompleted));
        Some(match heard {
            Some(heard) => format!(
                "The run was asked to stop (event {id}); its code has heard of it (event {}) and goes on.",
                heard.event_id
            ),
            None => format!("The run was asked to stop (event {id}); its code has not heard of it yet."),
        })
    }

    /// Until when it may go on.
    fn limits(&self) -> Option<String> {
        let limits = RunLimit::all(self.first);
        let told: Vec<String> = limits
            .iter()
            .map(|limit| {
                let what = match limit.of {
                    LimitOf::Run => "the run",
                    LimitOf::Execution => "the whole execution",
                };
                format!("{what} at {} ({})", self.date(Some(limit.at)), limit.words())
            })
            .collect();
        (!told.is_empty()).then(|| format!("A limit of time ends {}.", told.join(", ")))
    }

    fn has_had_a_task(&self) -> bool {
        self.events
            .iter()
            .any(|event| is(event, EventType::WorkflowTaskScheduled))
    }

    fn latest(&self, event_type: EventType) -> Option<&'a HistoryEvent> {
        self.events.iter().rfind(|event| is(event, event_type))
    }

    /// A point in time as the lines above it have it.
    fn at(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(
            || "a time that is not told".to_owned(),
            |at| since_begin(at, self.begin),
        )
    }

    /// The same with its date.
    fn date(&self, at: Option<Timestamp>) -> String {
        at.map_or_else(|| "a time that is not told".to_owned(), |at| with_date(at, self.begin))
    }
}

fn is(event: &HistoryEvent, event_type: EventType) -> bool {
    event.event_type() == event_type
}

/// ` by ann: maintenance`, or as much as there is of it.
fn by(identity: &str, reason: &str) -> String {
    let mut told = String::new();
    if !identity.is_empty() {
        told.push_str(&format!(" by {}", short(identity, NAME_CHARS)));
    }
    if !reason.is_empty() {
        told.push_str(&format!(" ({})", short(reason, NAME_CHARS).trim_end_matches('.')));
    }
    told
}
