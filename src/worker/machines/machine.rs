//! The machine of one request, whatever was asked for: what all machines can do, and what they want done.

use super::activity::Activity;
use super::child::Child;
use super::error::MachineError;
use super::external::External;
use super::local_activity::LocalActivity;
use super::patch::Patch;
use super::terminal::Single;
use super::timer::Timer;
use super::update::Update;
use crate::contract::answer::Command;
use crate::history::proto::{HistoryEvent, RequestCancelExternalWorkflowExecutionInitiatedEventAttributes};
use crate::history::timestamp::Timestamp;
use crate::worker::activation::JobKind;

/// What a machine wants to be done.
pub(super) enum Reaction {
    /// Tell the code.
    Job(JobKind),
    /// Send this on the machine's behalf.
    Command(Command),
    /// Send this, and let nobody wait for its answer.
    CancelChild(Box<RequestCancelExternalWorkflowExecutionInitiatedEventAttributes>),
    /// Workflow time is at least this.
    Time(Option<Timestamp>),
    /// Run a local activity.
    RunLocally(u32),
    /// Ask a local activity to stop.
    CancelLocally(u32),
    /// Let nothing wait for a local activity any more.
    AbandonLocally(u32),
}

/// The code does not want any more what it asked for.
pub(super) struct Cancellation {
    /// Why, for people.
    pub(super) reason: String,
    /// In which activation of its task the code says so.
    pub(super) activation_index: u64,
}

/// What every machine can do.
pub(super) trait StateMachine {
    /// Takes in an event that is its own.
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError>;

    /// The code cancels it.
    fn cancel(&mut self, _cancellation: Cancellation) -> Vec<Reaction> {
        Vec::new()
    }

    /// Its command is among those to be sent.
    fn sent(&mut self) {}

    /// Whether the code waits for it.
    fn is_awaited(&self) -> bool {
        false
    }

    /// Whether it was cancelled while its command was still in the queue: then the command is never sent.
    fn cancelled_before_sent(&self) -> bool {
        false
    }
}

/// The machine of one request.
#[derive(Clone, Debug)]
pub(super) enum Machine {
    Activity(Activity),
    Timer(Timer),
    Child(Child),
    External(External),
    Local(LocalActivity),
    Patch(Patch),
    Update(Update),
    Single(Single),
}

impl Machine {
    /// As what all machines are.
    pub(super) fn any(&self) -> &dyn StateMachine {
        match self {
            Self::Activity(machine) => machine,
            Self::Timer(machine) => machine,
            Self::Child(machine) => machine,
            Self::External(machine) => machine,
            Self::Local(machine) => machine,
            Self::Patch(machine) => machine,
            Self::Update(machine) => machine,
            Self::Single(machine) => machine,
        }
    }

    /// The same, to be changed.
    pub(super) fn any_mut(&mut self) -> &mut dyn StateMachine {
        match self {
            Self::Activity(machine) => machine,
            Self::Timer(machine) => machine,
            Self::Child(machine) => machine,
            Self::External(machine) => machine,
            Self::Local(machine) => machine,
            Self::Patch(machine) => machine,
            Self::Update(machine) => machine,
            Self::Single(machine) => machine,
        }
    }
}
