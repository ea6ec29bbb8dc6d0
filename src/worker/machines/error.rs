//! Why history and code do not go together, in the words of the official worker.

use crate::history::proto::{HistoryEvent, event_name};

/// What a machine says when it cannot go on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::worker) enum MachineError {
    /// The code asks for something else than history says.
    Nondeterminism(String),
    /// A history that no code could have made, or a gap in the machines themselves.
    Fatal(String),
}

impl MachineError {
    /// A machine is given an event of a kind that it does not know.
    pub(super) fn foreign(machine: &str, event: &HistoryEvent) -> Self {
        Self::Nondeterminism(format!("{machine} does not handle this event: {}", spelled(event)))
    }

    /// A machine is given an event that it knows, in a state in which it cannot come.
    pub(super) fn impossible(machine: &str, state: &str, event: &HistoryEvent) -> Self {
        let (id, name) = (event.event_id, event_name(event.event_type()));
        Self::Fatal(format!(
            "{machine} in state {state} says the transition is invalid during event EventInfo {{ event_id: {id}, event_type: {name} }}"
        ))
    }

    /// Something that history and code must agree on differs.
    pub(super) fn differs(
        what: &str,
        whose: &str,
        recorded: &str,
        of: &str,
        what_of: &str,
        asked: &str,
    ) -> Result<(), Self> {
        if recorded == asked {
            return Ok(());
        }
        Err(Self::Nondeterminism(format!(
            "{what} of {whose} '{recorded}' does not match {what_of} of {of} '{asked}'"
        )))
    }
}

/// An event as the official messages spell it.
pub(in crate::worker) fn spelled(event: &HistoryEvent) -> String {
    format!(
        "HistoryEvent(id: {}, {})",
        event.event_id,
        event_name(event.event_type())
    )
}
