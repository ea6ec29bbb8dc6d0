//! The requests that are met by one event and over with it: the ends of a run, search attributes, the memo.
//!
//! | state | what happens | next |
//! | --- | --- | --- |
//! | Asked | its event | Closed |

use super::error::{MachineError, spelled};
use super::machine::{Reaction, StateMachine};
use crate::history::proto::{EventType, HistoryEvent};

/// Which event it waits for, and how the official worker complains about another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Single(EventType);

impl Single {
    pub(super) const fn new(met_by: EventType) -> Self {
        Self(met_by)
    }
}

impl StateMachine for Single {
    #[expect(clippy::wildcard_enum_match_arm, reason = "it is made for six types only")]
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        if event.event_type() == self.0 {
            return Ok(Vec::new());
        }
        let machine = match self.0 {
            EventType::WorkflowExecutionCompleted => "Complete workflow machine",
            EventType::WorkflowExecutionFailed => "Fail workflow machine",
            EventType::WorkflowExecutionContinuedAsNew => "Continue as new workflow machine",
            EventType::WorkflowExecutionCanceled => "Cancel workflow machine",
            EventType::UpsertWorkflowSearchAttributes => {
                return Err(MachineError::Nondeterminism(format!(
                    "UpsertWorkflowSearchAttributesMachine does not handle {}",
                    spelled(event)
                )));
            }
            _ => {
                return Err(MachineError::Nondeterminism(format!(
                    "ModifyWorkflowPropertiesMachine does not handle {}",
                    spelled(event)
                )));
            }
        };
        Err(MachineError::foreign(machine, event))
    }
}
