//! Meets what workflow code asks for against what history says.
//!
//! Everything the code asks for is a small machine, and what it wants sent is a command in a queue. Where history has
//! events that came from commands, each must be the event of the command at the front: that is how replay finds its
//! place again, and how it finds out that the code has changed. Commands that no event has met are the new ones.
//!
//! [`recorded`] is what history says, [`requested`] what the code asks for; [`roster`] keeps the machines, [`commands`]
//! the queue, [`local_work`] what the worker must see to by itself, and [`lookahead`] what replay knows beforehand. What
//! all machines have in common is in [`machine`]; each kind has its file and its table: [`activity`], [`timer`],
//! [`child`], [`external`], [`patch`], [`local_activity`], [`update`], [`terminal`]. [`error`] says why they do not go
//! together, [`judged`] in what they differ where they do. The order of things follows Core's `WorkflowMachines`.
//!
//! Taking in an event costs the same however long the run is: no step here goes through all machines or all events.

mod activity;
mod child;
mod commands;
pub(in crate::worker) mod error;
mod external;
pub(in crate::worker) mod judged;
pub(in crate::worker) mod local_activity;
mod local_work;
mod lookahead;
mod machine;
mod patch;
mod recorded;
mod requested;
mod roster;
mod terminal;
mod timer;
mod update;

pub(super) use self::commands::Asked;
use self::commands::Commands;
use self::error::MachineError;
use self::external::External;
use self::judged::Judged;
use self::local_work::LocalWork;
use self::lookahead::Lookahead;
use self::machine::{Machine, Reaction};
use self::roster::{Key, Roster};
use super::activation::{Fed, Job, JobKind};
use crate::base::sorted::SortedMap;
use crate::contract::answer::Command;
use crate::history::proto::{SearchAttributes, UserMetadata, WorkflowExecutionStartedEventAttributes};
use crate::history::timestamp::Timestamp;

/// What the code may know about its history at some point.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Facts {
    pub(super) time: Timestamp,
    pub(super) replaying: bool,
    pub(super) last_event_id: i64,
    pub(super) size_bytes: u64,
    pub(super) suggests_continue_as_new: bool,
    pub(super) reasons: Vec<i32>,
}

/// An event that history and code do not agree on: its place among the events given, and why.
pub(super) struct Unmet {
    pub(super) at: usize,
    pub(super) why: MachineError,
}

/// The requests of one run and what became of them.
#[derive(Clone, Debug, Default)]
pub(super) struct Machines {
    roster: Roster,
    commands: Commands,
    jobs: Vec<Fed>,
    /// The patches met so far, and whether the code has asked for their markers.
    patches: SortedMap<String, bool>,
    ahead: Lookahead,
    facts: Facts,
    skips_next: bool,
    /// Where the code asks otherwise than history has it, if anybody wants to know.
    judged: Option<Box<Judged>>,
    pub(super) local: LocalWork,
    /// When the run was started.
    pub(super) started_at: Timestamp,
    /// What the run was started with.
    pub(super) started: Option<Box<WorkflowExecutionStartedEventAttributes>>,
    /// Search attributes that the code has set since.
    pub(super) upserted: SearchAttributes,
}

impl Machines {
    /// What the code may know now.
    pub(super) fn facts(&self) -> &Facts {
        &self.facts
    }

    /// From now on what the code asks for is also compared with what history has of it.
    pub(super) fn judge(&mut self) {
        self.judged = Some(Box::default());
    }

    /// What that has come to.
    pub(super) fn take_judged(&mut self) -> Judged {
        self.judged.take().map(|judged| *judged).unwrap_or_default()
    }

    /// Whether the code has something to be told.
    pub(super) fn has_jobs(&self) -> bool {
        !self.jobs.is_empty()
    }

    /// What the code is to be told now, in the order of an activation.
    pub(super) fn take_jobs(&mut self) -> Vec<Fed> {
        let mut jobs = std::mem::take(&mut self.jobs);
        jobs.sort_by_key(|fed| fed.job.what.place());
        if !jobs.is_empty() {
            self.ahead.activation_begins();
        }
        jobs
    }

    /// The task's events are going to be news from here on, unless they were answered before.
    pub(super) fn task_taken(&mut self, previous_started_event_id: i64) {
        self.facts.replaying = previous_started_event_id > 0;
    }

    /// The new commands: everything asked for that no event has met, each with what was written for people beside it.
    /// They stay asked for; their events will come. Updates that were refused are told once.
    pub(super) fn commands(&mut self) -> Vec<(Command, Option<Box<UserMetadata>>)> {
        let asked = self.commands.iter();
        let roster = &self.roster;
        let asked = asked.map(|asked| (asked.command.clone(), roster.slot(asked.machine).user_metadata.clone()));
        let mut commands: Vec<_> = asked.collect();
        let end = commands.iter().position(|(command, _)| command.closes_run());
        let end = end.unwrap_or(commands.len());
        let rejected = self.commands.take_rejected();
        commands.splice(end..end, rejected.into_iter().map(|command| (command, None)));
        commands
    }

    /// The commands that no event has met yet.
    pub(super) fn unmet(&self) -> impl Iterator<Item = &Asked> {
        self.commands.iter()
    }

    /// Source lines that wait for something.
    pub(super) fn waiting_lines(&self) -> Vec<u32> {
        self.roster.waiting_lines().collect()
    }

    fn time_is(&mut self, time: Timestamp) {
        self.facts.time = self.facts.time.max(time);
    }

    fn tell(&mut self, event_id: i64, line: Option<u32>, what: JobKind) {
        let job = Job { event_id, what };
        self.jobs.push(Fed { job, line });
    }

    /// Does what a machine wants done about an event (0 for none); its commands are those of the line that asked for it.
    fn react(&mut self, key: Key, event_id: i64, reactions: Vec<Reaction>) -> Result<(), MachineError> {
        let line = self.roster.slot(key).line;
        reactions
            .into_iter()
            .try_for_each(|reaction| self.react_one(key, line, event_id, reaction))
    }

    /// The same for something that the code does on another line.
    fn react_on(&mut self, key: Key, line: u32, reactions: Vec<Reaction>) -> Result<(), MachineError> {
        reactions
            .into_iter()
            .try_for_each(|reaction| self.react_one(key, line, 0, reaction))
    }

    fn react_one(&mut self, key: Key, line: u32, event_id: i64, reaction: Reaction) -> Result<(), MachineError> {
        match reaction {
            Reaction::Job(what) => self.tell(event_id, Some(self.roster.slot(key).line), what),
            Reaction::Command(command) => self.commands.ask(Asked {
                command,
                line,
                machine: key,
            }),
            Reaction::CancelChild(request) => {
                let machine = Machine::External(External::of_child());
                let user_metadata = self.roster.slot(key).user_metadata.clone();
                let first = self.roster.len();
                self.add_with(line, machine, None, Command::RequestCancelExternal(request));
                self.roster.describe(first, &user_metadata);
            }
            Reaction::Time(time) => self.time_is(time.unwrap_or_default()),
            Reaction::RunLocally(seq) => self.local.run(seq),
            Reaction::CancelLocally(seq) => self.cancel_locally(seq)?,
            Reaction::AbandonLocally(seq) => self.local.abandon(seq),
        }
        Ok(())
    }
}
