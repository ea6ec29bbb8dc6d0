//! What the rules of `rules.rs` find: where a history breaks one, as values and in words.

use std::fmt;

use super::proto::{EventType, event_name};

/// One place where a history breaks a rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// There is no event at all.
    NoEvents,
    /// An event's id is not one more than the one before.
    Id {
        /// The id it should have.
        expected: i64,
        /// The id it has.
        found: i64,
    },
    /// The first event does not start the run.
    FirstIsNotStarted {
        /// What it is.
        found: EventType,
    },
    /// The run starts again.
    StartedAgain {
        /// Where.
        event: i64,
    },
    /// An event's type and attributes differ, or it has none.
    TypeAndAttributes {
        /// Where.
        event: i64,
        /// What its type says.
        event_type: EventType,
        /// What its attributes say.
        attributes: Option<EventType>,
    },
    /// An id in the attributes leads nowhere useful.
    Reference {
        /// Where.
        event: i64,
        /// The attribute.
        field: &'static str,
        /// The id it holds.
        to: i64,
        /// What is wrong with it.
        why: BadReference,
    },
    /// A workflow task's event comes at the wrong time.
    WorkflowTask {
        /// Where.
        event: i64,
        /// What it is.
        found: EventType,
        /// How far the workflow task was before.
        state: TaskState,
    },
    /// An event between a workflow task's start and its end.
    WithinStartedTask {
        /// Where.
        event: i64,
        /// The workflow task's WorkflowTaskStarted.
        started: i64,
    },
    /// Something happened twice that can happen only once.
    Twice {
        /// Where.
        event: i64,
        /// The event before, of which it is the second.
        first: i64,
        /// The event that began it: scheduled, started, initiated, accepted.
        of: i64,
    },
    /// An event after the run's end.
    AfterTheEnd {
        /// Where.
        event: i64,
        /// The closing event.
        end: i64,
    },
}

/// What is wrong with an id.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BadReference {
    /// It has to be set.
    Missing,
    /// It leads to the event itself, or to a later one.
    NotBack,
    /// There is no such event.
    Nowhere,
    /// The event there has another type.
    ToWrongType(EventType),
}

/// How far the open workflow task is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TaskState {
    /// There is none.
    None,
    /// Scheduled by this event.
    Scheduled(i64),
    /// Started: scheduled by the first event, started by the second.
    Started(i64, i64),
}

impl Finding {
    /// The id of the event to look at.
    pub fn event(&self) -> i64 {
        match *self {
            Self::NoEvents => 0,
            Self::FirstIsNotStarted { .. } => 1,
            Self::Id { found, .. } => found,
            Self::StartedAgain { event }
            | Self::TypeAndAttributes { event, .. }
            | Self::Reference { event, .. }
            | Self::WorkflowTask { event, .. }
            | Self::WithinStartedTask { event, .. }
            | Self::Twice { event, .. }
            | Self::AfterTheEnd { event, .. } => event,
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoEvents => write!(f, "no events at all"),
            Self::Id { expected, found } => write!(f, "event {found}: its id should be {expected}"),
            Self::FirstIsNotStarted { found } => {
                write!(f, "event 1: {} instead of WorkflowExecutionStarted", event_name(*found))
            }
            Self::StartedAgain { event } => write!(f, "event {event}: the run starts a second time"),
            Self::TypeAndAttributes {
                event,
                event_type,
                attributes,
            } => {
                let attributes = attributes.map_or("nothing", event_name);
                write!(
                    f,
                    "event {event}: {} with the attributes of {attributes}",
                    event_name(*event_type)
                )
            }
            Self::Reference { event, field, to, why } => match why {
                BadReference::Missing => write!(f, "event {event}: {field} is not set"),
                BadReference::NotBack => write!(f, "event {event}: {field} {to} is not an earlier event"),
                BadReference::Nowhere => write!(f, "event {event}: {field} {to} is no event"),
                BadReference::ToWrongType(found) => {
                    write!(f, "event {event}: {field} {to} leads to {}", event_name(*found))
                }
            },
            Self::WorkflowTask { event, found, state } => {
                write!(f, "event {event}: {} while ", event_name(*found))?;
                match state {
                    TaskState::None => write!(f, "no workflow task is open"),
                    TaskState::Scheduled(id) => write!(f, "the workflow task of event {id} waits to be started"),
                    TaskState::Started(_, id) => write!(f, "the workflow task started by event {id} is open"),
                }
            }
            Self::WithinStartedTask { event, started } => {
                write!(
                    f,
                    "event {event}: written while the workflow task started by event {started} was open"
                )
            }
            Self::Twice { event, first, of } => {
                write!(f, "event {event}: the same as event {first} already said of event {of}")
            }
            Self::AfterTheEnd { event, end } => write!(f, "event {event}: the run ended with event {end}"),
        }
    }
}
