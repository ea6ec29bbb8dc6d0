//! Local activities as the worker has to see to them: which to begin, which to ask to stop, which are under way; and
//! when the code is told of an end, be it one that was lived or one that history knows.

use super::Machines;
use super::error::MachineError;
use super::local_activity::{self, Ending, LocalActivity, LocalResult};
use super::machine::Machine;
use super::roster::Name;
use crate::base::sorted::SortedMap;
use crate::base::time::Span;

/// What the worker is to do about local activities.
#[derive(Clone, Debug, Default)]
pub(in crate::worker) struct LocalWork {
    /// To be begun.
    pub(in crate::worker) begin: Vec<u32>,
    /// To be asked to stop.
    pub(in crate::worker) cancel: Vec<u32>,
    /// Begun or to be begun, and not over.
    pub(in crate::worker) outstanding: SortedMap<u32, ()>,
}

impl LocalWork {
    /// One is to be run.
    pub(super) fn run(&mut self, seq: u32) {
        self.begin.push(seq);
        self.outstanding.insert(seq, ());
    }

    /// Nothing waits for it any more.
    pub(super) fn abandon(&mut self, seq: u32) {
        self.begin.retain(|begin| *begin != seq);
        self.outstanding.remove(&seq);
    }
}

impl Machines {
    /// A local activity has ended. Nothing happens if nobody waits for it any more.
    pub(in crate::worker) fn end_locally(&mut self, seq: u32, mut ending: Ending) -> Result<(), MachineError> {
        self.local.outstanding.remove(&seq);
        ending.activation_index = Some(self.ahead.activation_index());
        self.end(seq, ending, false)
    }

    /// What a local activity is, and when the code learns of its end if that is after so long.
    pub(in crate::worker) fn local_task(&self, seq: u32) -> Option<&LocalActivity> {
        self.roster.local(seq)
    }

    /// A local activity that replay waits for in vain: its type and line.
    pub(in crate::worker) fn awaits_locally(&self) -> Option<(String, u32)> {
        self.roster.awaits_locally()
    }

    /// No marker will come any more for the local activities that replay has left waiting.
    pub(super) fn run_what_replay_left(&mut self) -> Result<(), MachineError> {
        for key in self.roster.take_asked_in_replay() {
            let reactions = self.roster.change(key, |machine| {
                if let Machine::Local(local) = machine {
                    local.replay_is_over()
                } else {
                    Vec::new()
                }
            });
            self.react(key, 0, reactions)?;
        }
        Ok(())
    }

    /// Tells the code of the ends that history knows, as far as it has asked for them and their activation has come.
    pub(super) fn tell_ends_that_lie_ahead(&mut self, even_held: bool) -> Result<(), MachineError> {
        while let Some(seq) = self.ahead.next(even_held) {
            if self.roster.find(Name::LocalActivity(seq)).is_none() {
                break;
            }
            let Some(ending) = self.ahead.take(seq) else { break };
            self.end(seq, ending, true)?;
        }
        Ok(())
    }

    /// With nothing to tell there is no later activation to wait for: the code has changed.
    pub(super) fn release_if_idle(&mut self) -> Result<(), MachineError> {
        if self.has_jobs() {
            return Ok(());
        }
        self.tell_ends_that_lie_ahead(true)
    }

    /// The code stops waiting for a local activity: it may be over, not begun yet, or running.
    pub(super) fn cancel_locally(&mut self, seq: u32) -> Result<(), MachineError> {
        if self.ahead.holds(seq) {
            return Ok(());
        }
        if let Some(ending) = self.ahead.take(seq) {
            return self.end(seq, ending, true);
        }
        if !self.local.begin.contains(&seq) {
            self.local.cancel.push(seq);
            return Ok(());
        }
        self.local.abandon(seq);
        let Some(local) = self.roster.local(seq) else {
            return Ok(());
        };
        let ending = Ending {
            result: LocalResult::Canceled(local_activity::canceled()),
            complete_time: Some(local.complete_time(Span::ZERO)),
            attempt: local.task.attempt,
            backoff: None,
            original_schedule: local.task.original_schedule,
            activation_index: Some(self.ahead.activation_index()),
        };
        self.end(seq, ending, false)
    }

    fn end(&mut self, seq: u32, ending: Ending, from_marker: bool) -> Result<(), MachineError> {
        let ended = self.roster.change_local(seq, |local| local.end(ending, from_marker));
        let (key, reactions) = ended?;
        self.react(key, 0, reactions)
    }
}
