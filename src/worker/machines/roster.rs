//! All machines of a run, and how they are found: by the name the code has for what it asked for, by the event that
//! their command became, by the update's id. It keeps count of the source lines that wait, and of the local activities
//! that replay has not told their end, so that nobody has to go through all machines for that: a run of ten thousand
//! activities has as many machines.

use super::error::MachineError;
use super::local_activity::LocalActivity;
use super::machine::Machine;
use super::update::Update;
use crate::base::sorted::SortedMap;
use crate::history::proto::UserMetadata;

/// Names a machine of a run.
pub(super) type Key = u32;

/// How the code names what it asked for: by its number among those of its kind.
#[derive(Clone, Copy, Debug)]
pub(super) enum Name {
    Timer(u32),
    Activity(u32),
    LocalActivity(u32),
    ChildWorkflowStart(u32),
    SignalExternal(u32),
    CancelExternal(u32),
}

const KINDS: usize = 6;

impl Name {
    /// The place of its kind among [`KINDS`], and its number.
    const fn parts(self) -> (usize, u32) {
        match self {
            Self::Timer(seq) => (0, seq),
            Self::Activity(seq) => (1, seq),
            Self::LocalActivity(seq) => (2, seq),
            Self::ChildWorkflowStart(seq) => (3, seq),
            Self::SignalExternal(seq) => (4, seq),
            Self::CancelExternal(seq) => (5, seq),
        }
    }
}

/// A machine and what goes with it.
#[derive(Clone, Debug)]
pub(super) struct Slot {
    /// The source line it was asked for on; 0 if unknown.
    pub(super) line: u32,
    pub(super) machine: Machine,
    /// What the code wrote for people beside what it asked for: goes with all commands of the machine.
    pub(super) user_metadata: Option<Box<UserMetadata>>,
}

/// All machines of a run.
#[derive(Clone, Debug, Default)]
pub(super) struct Roster {
    slots: Vec<Slot>,
    /// Kept kind by kind: within a kind numbers only grow, so that a name is added at the end.
    names: [SortedMap<u32, Key>; KINDS],
    updates: SortedMap<String, Key>,
    events: SortedMap<i64, Key>,
    /// How many machines wait on a source line.
    waiting: SortedMap<u32, u32>,
    /// Local activities that were asked for in replay; some may have been told their end.
    asked_in_replay: Vec<Key>,
}

impl Roster {
    /// A machine more.
    pub(super) fn add(&mut self, line: u32, machine: Machine) -> Key {
        let key = Key::try_from(self.slots.len()).expect("a history ends long before");
        if let Machine::Local(local) = &machine
            && local.waits_for_marker()
        {
            self.asked_in_replay.push(key);
        }
        self.count(line, false, machine.any().is_awaited());
        self.slots.push(Slot {
            line,
            machine,
            user_metadata: None,
        });
        key
    }

    /// How many machines there are; the next one is added behind them.
    pub(super) fn len(&self) -> usize {
        self.slots.len()
    }

    /// From now on the code has this name for it.
    pub(super) fn name(&mut self, name: Name, key: Key) {
        let (kind, seq) = name.parts();
        self.names[kind].insert(seq, key);
    }

    /// From now on the update is its own.
    pub(super) fn name_update(&mut self, update_id: String, key: Key) {
        self.updates.insert(update_id, key);
    }

    /// From now on the event is what its command became.
    pub(super) fn name_event(&mut self, event_id: i64, key: Key) {
        self.events.insert(event_id, key);
    }

    /// What the code wrote for people goes with the machines from `first` on that have no such words yet.
    pub(super) fn describe(&mut self, first: usize, user_metadata: &Option<Box<UserMetadata>>) {
        for slot in &mut self.slots[first..] {
            slot.user_metadata = slot.user_metadata.take().or_else(|| user_metadata.clone());
        }
    }

    /// The machine that the code has this name for.
    pub(super) fn find(&self, name: Name) -> Option<Key> {
        let (kind, seq) = name.parts();
        self.names[kind].get(&seq).copied()
    }

    /// The same where the code must have asked for it.
    pub(super) fn named(&self, name: Name) -> Result<Key, MachineError> {
        let missing = || MachineError::Nondeterminism(format!("Missing associated machine for {name:?}"));
        self.find(name).ok_or_else(missing)
    }

    /// The machine whose command became this event.
    pub(super) fn of_event(&self, event_id: i64) -> Option<Key> {
        self.events.get(&event_id).copied()
    }

    /// A machine and what goes with it.
    pub(super) fn slot(&self, key: Key) -> &Slot {
        &self.slots[key as usize]
    }

    /// Lets something happen to a machine.
    pub(super) fn change<T>(&mut self, key: Key, change: impl FnOnce(&mut Machine) -> T) -> T {
        let slot = &mut self.slots[key as usize];
        let line = slot.line;
        let waited = slot.machine.any().is_awaited();
        let changed = change(&mut slot.machine);
        let waits = slot.machine.any().is_awaited();
        self.count(line, waited, waits);
        changed
    }

    /// A local activity.
    pub(super) fn local(&self, seq: u32) -> Option<&LocalActivity> {
        let slot = self.slot(self.find(Name::LocalActivity(seq))?);
        if let Machine::Local(local) = &slot.machine {
            Some(local)
        } else {
            None
        }
    }

    /// Lets something happen to a local activity, which must be one.
    pub(super) fn change_local<T>(
        &mut self,
        seq: u32,
        change: impl FnOnce(&mut LocalActivity) -> Result<T, MachineError>,
    ) -> Result<(Key, T), MachineError> {
        let key = self.named(Name::LocalActivity(seq))?;
        let changed = self.change(key, |machine| {
            let Machine::Local(local) = machine else {
                return Err(MachineError::Fatal(
                    "Encountered local activity marker but the associated machine was of the wrong type!".to_owned(),
                ));
            };
            change(local)
        });
        Ok((key, changed?))
    }

    /// Lets something happen to an update, which must be there.
    pub(super) fn change_update<T>(
        &mut self,
        update_id: &str,
        change: impl FnOnce(&mut Update) -> Result<T, MachineError>,
    ) -> Result<(Key, T), MachineError> {
        let missing = || MachineError::Fatal(format!("Missing associated machine for protocol message {update_id}"));
        let key = self.updates.get(update_id).copied().ok_or_else(missing)?;
        let changed = self.change(key, |machine| {
            let Machine::Update(update) = machine else {
                return Err(missing());
            };
            change(update)
        });
        Ok((key, changed?))
    }

    /// The local activities that were asked for in replay, each once. Whoever takes them says that replay is over.
    pub(super) fn take_asked_in_replay(&mut self) -> Vec<Key> {
        std::mem::take(&mut self.asked_in_replay)
    }

    /// A local activity that replay waits for in vain: its type and line.
    pub(super) fn awaits_locally(&self) -> Option<(String, u32)> {
        self.asked_in_replay.iter().find_map(|key| {
            let slot = self.slot(*key);
            if let Machine::Local(local) = &slot.machine
                && local.waits_for_marker()
            {
                return Some((local.task.activity_type.clone(), slot.line));
            }
            None
        })
    }

    /// The source lines that wait for something.
    pub(super) fn waiting_lines(&self) -> impl Iterator<Item = u32> {
        self.waiting.keys().copied()
    }

    fn count(&mut self, line: u32, waited: bool, waits: bool) {
        if waits == waited {
            return;
        }
        let count = self.waiting.get_or_default(line);
        if waits {
            *count += 1;
        } else {
            *count -= 1;
            if *count == 0 {
                self.waiting.remove(&line);
            }
        }
    }
}
