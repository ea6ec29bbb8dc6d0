//! Local activities' ends that replay knows beforehand: the markers that lie ahead, and when the code is told of each.
//!
//! A marker is a command of the answer that comes after the activation it was made in. Replay therefore looks at the
//! events up to the next task before it lets the code run, and tells the code of each end in the activation of the
//! task in which it was told when it was lived.

use std::collections::VecDeque;

use super::local_activity::{Ending, Marked};

#[derive(Clone, Debug, Default)]
pub(super) struct Lookahead {
    ends: VecDeque<(u32, Ending)>,
    activation_index: u64,
}

impl Lookahead {
    pub(super) fn add(&mut self, marked: Marked) {
        self.ends.push_back((marked.seq, marked.ending));
    }

    /// A task begins: its activations are counted from here.
    pub(super) fn task_began(&mut self) {
        self.activation_index = 0;
    }

    /// The code is about to run.
    pub(super) fn activation_begins(&mut self) {
        self.activation_index += 1;
    }

    /// The place of the activation that runs now, or is next, within its task.
    pub(super) fn activation_index(&self) -> u64 {
        self.activation_index
    }

    /// The end that is to be told next: not yet, if it was told in a later activation (`even_held` tells it anyway).
    pub(super) fn next(&self, even_held: bool) -> Option<u32> {
        let (seq, ending) = self.ends.front()?;
        (even_held || !self.is_held(ending)).then_some(*seq)
    }

    /// Whether the end of this one is known and its time has not come.
    pub(super) fn holds(&self, seq: u32) -> bool {
        self.ends.iter().any(|(of, ending)| *of == seq && self.is_held(ending))
    }

    /// Takes the end of this one.
    pub(super) fn take(&mut self, seq: u32) -> Option<Ending> {
        let at = self.ends.iter().position(|(of, _)| *of == seq)?;
        self.ends.remove(at).map(|(_, ending)| ending)
    }

    fn is_held(&self, ending: &Ending) -> bool {
        ending
            .activation_index
            .is_some_and(|told_in| told_in > self.activation_index)
    }
}
