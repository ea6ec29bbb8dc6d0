//! Faults: what can be done to a worker, by a story's plan or by the user.

use super::node::WorkerName;
use crate::base::time::Span;

/// How long a supervisor takes to start a crashed worker again.
pub const RESTART_AFTER: Span = Span::secs(5);

/// What can be done to a worker.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verb {
    /// Kill the process; it stays dead until it is restarted.
    Kill,
    /// Kill the process; a supervisor starts it again after [`RESTART_AFTER`].
    Crash,
    /// Start the process again, with an empty memory.
    Restart,
    /// Ask the process to finish what it has in hand, and to leave.
    Stop,
    /// Start the process with the newest version of the code; one that runs is asked to leave first.
    Launch,
    /// Partition the machine from the Service. The process does not notice and goes on acting on the world.
    Partition,
    /// End that.
    Heal,
}

impl Verb {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Kill,
        Self::Crash,
        Self::Restart,
        Self::Stop,
        Self::Launch,
        Self::Partition,
        Self::Heal,
    ];

    /// As addresses spell it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Kill => "kill",
            Self::Crash => "crash",
            Self::Restart => "restart",
            Self::Stop => "stop",
            Self::Launch => "launch",
            Self::Partition => "partition",
            Self::Heal => "heal",
        }
    }

    /// The verb of that name; `cut` is an older spelling of `partition`.
    pub fn named(name: &str) -> Option<Self> {
        let name = if name == "cut" { "partition" } else { name };
        Self::ALL.into_iter().find(|verb| verb.name() == name)
    }
}

/// A fault that is part of a story: it strikes right after the step it waits for, once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The step it waits for.
    pub when: Trigger,
    /// What it does, and how long after.
    pub then: Vec<(Span, Target, Verb)>,
}

/// The step that a fault waits for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Trigger {
    /// A worker has taken this attempt of an activity.
    ActivityStarted {
        /// `ProcessPayment`.
        activity_type: String,
        /// From 1.
        attempt: u32,
    },
    /// This attempt has done its work in the world and its worker has not said so yet.
    EffectDone {
        /// `ProcessPayment`.
        activity_type: String,
        /// From 1.
        attempt: u32,
    },
}

/// Whom a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Target {
    /// The worker that did the step.
    Doer,
    /// A certain one.
    Worker(WorkerName),
}
