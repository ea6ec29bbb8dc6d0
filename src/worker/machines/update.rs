//! One update: a client's wish for a change, accepted or rejected by the code, and then carried out.
//!
//! | state | what happens | next |
//! | --- | --- | --- |
//! | Asked | the code accepts | Accepted: a command |
//! | | the code rejects | Closed: a word to the Service, no command, no event |
//! | Accepted | the handler ends | Completed: a command |
//! | | UpdateAccepted | the same |
//! | Completed | UpdateAccepted, UpdateCompleted | the same, Closed |

use super::error::MachineError;
use super::machine::{Reaction, StateMachine};
use crate::contract::answer::Command;
use crate::history::proto::{Attributes, Failure, HistoryEvent, Payloads};

#[derive(Clone, Debug)]
pub(super) struct Update {
    update_id: String,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Accepted { recorded: bool },
    Completed { recorded: bool },
    Closed,
}

impl Update {
    pub(super) fn new(update_id: &str) -> Self {
        Self {
            update_id: update_id.to_owned(),
            state: State::Asked,
        }
    }

    pub(super) fn accept(&mut self) -> Result<Vec<Reaction>, MachineError> {
        if self.state != State::Asked {
            return Err(self.out_of_turn());
        }
        self.state = State::Accepted { recorded: false };
        let update_id = self.update_id.clone();
        Ok(vec![Reaction::Command(Command::AcceptUpdate { update_id })])
    }

    /// A word to the Service, outside of the queue of commands.
    pub(super) fn reject(&mut self, failure: Box<Failure>) -> Result<Command, MachineError> {
        if self.state != State::Asked {
            return Err(self.out_of_turn());
        }
        self.state = State::Closed;
        let update_id = self.update_id.clone();
        Ok(Command::RejectUpdate { update_id, failure })
    }

    pub(super) fn complete(
        &mut self,
        outcome: Result<Option<Payloads>, Box<Failure>>,
    ) -> Result<Vec<Reaction>, MachineError> {
        let State::Accepted { recorded } = self.state else {
            return Err(self.out_of_turn());
        };
        self.state = State::Completed { recorded };
        let update_id = self.update_id.clone();
        Ok(vec![Reaction::Command(Command::CompleteUpdate { update_id, outcome })])
    }

    fn out_of_turn(&self) -> MachineError {
        MachineError::Nondeterminism(format!(
            "Invalid transition while handling update response (id {}) in state {}",
            self.update_id,
            self.state.name()
        ))
    }
}

impl StateMachine for Update {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        use Attributes as A;
        self.state = match (self.state, event.attributes.as_ref()) {
            (State::Accepted { recorded: false }, Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(_))) => {
                State::Accepted { recorded: true }
            }
            (State::Completed { recorded: false }, Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(_))) => {
                State::Completed { recorded: true }
            }
            (State::Completed { recorded: true }, Some(A::WorkflowExecutionUpdateCompletedEventAttributes(_))) => {
                State::Closed
            }
            (
                _,
                Some(
                    A::WorkflowExecutionUpdateAcceptedEventAttributes(_)
                    | A::WorkflowExecutionUpdateCompletedEventAttributes(_),
                ),
            ) => return Err(MachineError::impossible("UpdateMachine", self.state.name(), event)),
            _ => return Err(MachineError::foreign("Update machine", event)),
        };
        Ok(Vec::new())
    }
}

impl State {
    /// What Core calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Asked => "RequestInitiated",
            Self::Accepted { recorded: false } => "AcceptCommandCreated",
            Self::Accepted { recorded: true } => "AcceptCommandRecorded",
            Self::Completed { recorded: false } => "CompletedImmediatelyCompleteCreated",
            Self::Completed { recorded: true } => "CompletedCommandCreated",
            Self::Closed => "CompletedCommandRecorded",
        }
    }
}
