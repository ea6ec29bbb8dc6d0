//! The commands that the code has asked for and no event has met yet, in order: in replay the next event that came from
//! a command must be the event of the first of them, and what is left when history ends is what the worker answers.

use std::collections::VecDeque;

use super::roster::{Key, Roster};
use crate::contract::answer::Command;

/// A command, and whose it is.
#[derive(Clone, Debug)]
pub(in crate::worker) struct Asked {
    /// What.
    pub(in crate::worker) command: Command,
    /// The source line it was asked for on; 0 if unknown.
    pub(in crate::worker) line: u32,
    pub(super) machine: Key,
}

/// The commands of a run that no event has met.
#[derive(Clone, Debug, Default)]
pub(super) struct Commands {
    queue: VecDeque<Asked>,
    fresh: Vec<Asked>,
    rejected: Vec<Command>,
}

impl Commands {
    /// Asked for in this activation: it joins the queue when that is over.
    pub(super) fn ask(&mut self, asked: Asked) {
        self.fresh.push(asked);
    }

    /// A word to the Service that an update is rejected. It becomes no event.
    pub(super) fn reject(&mut self, rejection: Command) {
        self.rejected.push(rejection);
    }

    /// The activation is over: what was asked for in it joins the queue, what was cancelled while it was there leaves
    /// it.
    pub(super) fn settle(&mut self, roster: &mut Roster) {
        for asked in self.fresh.drain(..) {
            roster.change(asked.machine, |machine| machine.any_mut().sent());
            self.queue.push_back(asked);
        }
        self.queue
            .retain(|asked| !roster.slot(asked.machine).machine.any().cancelled_before_sent());
    }

    /// The one that the next event must meet.
    pub(super) fn front(&self) -> Option<&Asked> {
        self.queue.front()
    }

    /// That one has been met, or will not be sent.
    pub(super) fn pop(&mut self) -> Option<Asked> {
        self.queue.pop_front()
    }

    /// All of them.
    pub(super) fn iter(&self) -> impl Iterator<Item = &Asked> {
        self.queue.iter()
    }

    /// What is to be said of rejected updates; it is said once.
    pub(super) fn take_rejected(&mut self) -> Vec<Command> {
        std::mem::take(&mut self.rejected)
    }
}
