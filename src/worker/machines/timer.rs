//! One timer. The code needs no word of a cancellation: the SDK ends its wait by itself.
//!
//! | state | what happens | next |
//! | --- | --- | --- |
//! | Asked | TimerStarted | Running |
//! | | cancelled | Canceled, and the command is never sent |
//! | Running | TimerFired with the same timer id | Fired: the code is told |
//! | | cancelled | Canceling: a command to cancel it |
//! | Canceling | TimerCanceled | Canceled |

use super::error::MachineError;
use super::machine::{Cancellation, Reaction, StateMachine};
use crate::contract::answer::Command;
use crate::history::proto::{Attributes, HistoryEvent};
use crate::worker::activation::JobKind;

#[derive(Clone, Debug)]
pub(super) struct Timer {
    seq: u32,
    state: State,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Asked,
    Running,
    Fired,
    Canceling,
    Canceled { sent: bool },
}

impl State {
    /// What Core calls it.
    const fn name(self) -> &'static str {
        match self {
            Self::Asked => "StartCommandCreated",
            Self::Running => "StartCommandRecorded",
            Self::Fired => "Fired",
            Self::Canceling => "CancelTimerCommandSent",
            Self::Canceled { .. } => "Canceled",
        }
    }
}

impl Timer {
    pub(super) const fn new(seq: u32) -> Self {
        Self {
            seq,
            state: State::Asked,
        }
    }
}

impl StateMachine for Timer {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        use Attributes as A;
        let mut reactions = Vec::new();
        self.state = match (self.state, event.attributes.as_ref()) {
            (State::Asked, Some(A::TimerStartedEventAttributes(_))) => State::Running,
            (State::Running, Some(A::TimerFiredEventAttributes(fired))) => {
                if fired.timer_id != self.seq.to_string() {
                    return Err(MachineError::Nondeterminism(format!(
                        "Timer fired event did not have expected timer id {}, it was {}!",
                        self.seq, fired.timer_id
                    )));
                }
                reactions.push(Reaction::Job(JobKind::FireTimer { seq: self.seq }));
                State::Fired
            }
            (State::Canceling, Some(A::TimerCanceledEventAttributes(_))) => State::Canceled { sent: true },
            (
                state,
                Some(
                    A::TimerStartedEventAttributes(_)
                    | A::TimerFiredEventAttributes(_)
                    | A::TimerCanceledEventAttributes(_),
                ),
            ) => return Err(MachineError::impossible("TimerMachine", state.name(), event)),
            _ => return Err(MachineError::foreign("Timer machine", event)),
        };
        Ok(reactions)
    }

    fn cancel(&mut self, _cancellation: Cancellation) -> Vec<Reaction> {
        match self.state {
            State::Asked => {
                self.state = State::Canceled { sent: false };
                Vec::new()
            }
            State::Running => {
                self.state = State::Canceling;
                let timer_id = self.seq.to_string();
                vec![Reaction::Command(Command::CancelTimer { timer_id })]
            }
            State::Fired | State::Canceling | State::Canceled { .. } => Vec::new(),
        }
    }

    fn cancelled_before_sent(&self) -> bool {
        self.state == State::Canceled { sent: false }
    }

    fn is_awaited(&self) -> bool {
        matches!(self.state, State::Asked | State::Running)
    }
}
