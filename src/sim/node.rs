//! A machine that runs a worker process: what survives a crash of the process, and what does not.

use std::fmt;

use super::agenda::LocalToken;
use super::outside::{ActivityError, OnCancel, Plan};
use super::script::WorkerSetup;
use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller, RunKey};
use crate::worker::Worker;
use crate::worker::local::LocalActivityTask;
use crate::worker::registry::Registry;

/// A worker's short name: `A`, `B`, … in the order of the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkerName(pub u8);

/// So many workers have a name.
pub const MOST_WORKERS: usize = 26;

impl WorkerName {
    /// The worker of that letter, in either case.
    pub const fn named(letter: &str) -> Option<Self> {
        match letter.as_bytes() {
            [letter @ (b'A'..=b'Z' | b'a'..=b'z')] => Some(Self(letter.to_ascii_uppercase() - b'A')),
            _ => None,
        }
    }
}

impl fmt::Display for WorkerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if usize::from(self.0) < MOST_WORKERS {
            write!(f, "{}", char::from(b'A' + self.0))
        } else {
            // No set-up has such a worker; a complaint about one that has names it all the same.
            write!(f, "number {}", u32::from(self.0) + 1)
        }
    }
}

/// A machine. The process on it comes and goes.
pub struct Node {
    /// Its worker's name.
    pub name: WorkerName,
    /// What its worker is for.
    pub setup: WorkerSetup,
    /// The version of the code that its worker has, or had last.
    pub code: u8,
    /// When the process was started or killed last.
    pub since: SimTime,
    /// How often it was started.
    pub starts: u32,
    /// The last process left in good order; it did not die.
    pub left: bool,
    /// The process; `None` while there is none.
    pub process: Option<Process>,
    /// Since when it is partitioned from the Service; `None` while it is not.
    pub partitioned: Option<SimTime>,
}

/// A worker process: all of it is lost in a crash.
pub struct Process {
    /// The worker with its cache.
    pub worker: Worker,
    /// Workflow tasks it has taken and not answered.
    pub workflow_tasks: SortedMap<RunKey, SimTime>,
    /// Activity attempts it has taken and not answered.
    pub activities: SortedMap<ActivityTaskToken, RunningActivity>,
    /// Attempts at local activities that go on in it.
    pub local_activities: SortedMap<LocalToken, RunningLocalActivity>,
    /// What it could not say to the Service because it is partitioned.
    pub unsaid: Vec<Unsaid>,
    /// It finishes what it has in hand and takes nothing new; what comes after it.
    pub leaving: Option<Leaving>,
}

/// What comes after a worker that leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Leaving {
    /// Nothing.
    ForGood,
    /// The same worker with this version of the code.
    For(u8),
}

/// Something that a worker has to say to the Service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unsaid {
    /// The answer to a workflow task.
    WorkflowTask(RunKey),
    /// The answer to an activity attempt.
    Activity(ActivityTaskToken),
    /// That an attempt goes on.
    Heartbeat(ActivityTaskToken),
}

impl Unsaid {
    /// The run it is about.
    pub const fn run(self) -> RunKey {
        match self {
            Self::WorkflowTask(run) => run,
            Self::Activity(token) | Self::Heartbeat(token) => token.run,
        }
    }
}

/// An activity attempt in a worker's hands.
#[derive(Clone, Debug)]
pub struct RunningActivity {
    /// The task.
    pub task: ActivityTask,
    /// When it began.
    pub began: SimTime,
    /// What happens when.
    pub plan: Plan,
    /// Why nothing comes of it in any case: its worker does not have the activity, or the plan for it made no sense.
    pub refused: Option<ActivityError>,
    /// How many parts of its work it has done.
    pub parts_done: u64,
    /// How many reports of its progress were passed on; the others wait, or were overtaken.
    pub beats_sent: u64,
    /// The activity function knows that nobody wants its result any more.
    pub cancelled: Option<CancelReason>,
    /// What the activity function is going to say, once it has touched the world or was stopped.
    pub outcome: Option<ActivityEnd>,
}

/// An attempt at a local activity.
#[derive(Clone, Debug)]
pub struct RunningLocalActivity {
    /// What was asked for.
    pub task: LocalActivityTask,
    /// How many parts its work has. They are done at the same moment: progress is for activities that last.
    pub parts: u64,
    /// What it does when it learns that it is not wanted any more.
    pub on_cancel: OnCancel,
    /// Why nothing comes of it in any case: the plan for it made no sense.
    pub refused: Option<ActivityError>,
    /// What the activity function is going to say, once it has touched the world.
    pub outcome: Option<ActivityEnd>,
}

/// How an activity function learned that it is not wanted any more: by the answer to a heartbeat.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CancelReason {
    /// The workflow asked for its end.
    Requested,
    /// The Service does not know the attempt any more. The worker will not even report its end.
    Gone,
}

/// What an activity function says at its end.
#[derive(Clone, Debug, PartialEq)]
pub enum ActivityEnd {
    /// It returned.
    Returned(serde_json::Value),
    /// It failed.
    Failed(ActivityError),
    /// It stopped because it was asked to.
    Cancelled,
}

impl RunningActivity {
    /// The latest progress that the function has reported by then, passed on or not.
    pub fn progress(&self, now: SimTime) -> Option<u64> {
        let made = self.plan.beats_made(now.since(self.began));
        self.plan.beats.filter(|_| made > 0).map(|beats| beats.details(made))
    }
}

impl Process {
    /// True if it has nothing left to finish.
    pub fn is_idle(&self) -> bool {
        self.workflow_tasks.is_empty() && self.activities.is_empty()
    }
}

impl Node {
    /// A machine whose worker has not been started yet.
    pub fn new(name: WorkerName, setup: WorkerSetup) -> Self {
        Self {
            name,
            code: setup.code.unwrap_or_default(),
            setup,
            since: SimTime::ZERO,
            starts: 0,
            left: false,
            process: None,
            partitioned: None,
        }
    }

    /// What its worker says of itself in a poll.
    pub fn poller(&self) -> Poller {
        Poller {
            identity: self.identity(),
            build_id: build_id(self.code),
        }
    }

    /// Its worker's identity in histories.
    pub fn identity(&self) -> String {
        format!("worker-{}@lab", self.name)
    }

    /// The worker's sticky queue, if it takes tasks now.
    pub fn polled_sticky_queue(&self) -> Option<&str> {
        self.polling().map(|process| process.worker.sticky_queue())
    }

    /// The process, if it takes tasks now: it is there, can reach the Service and is not about to leave.
    pub fn polling(&self) -> Option<&Process> {
        let process = self.process.as_ref().filter(|process| process.leaving.is_none());
        process.filter(|_| self.partitioned.is_none())
    }

    /// How many activities it may take besides those it has.
    pub fn free_slots(&self) -> u32 {
        let taken = self.process.as_ref().map_or(0, |process| process.activities.len());
        let slots = if self.setup.activities {
            self.setup.activity_slots
        } else {
            0
        };
        slots.saturating_sub(u32::try_from(taken).unwrap_or(u32::MAX))
    }

    /// Starts a new process with an empty memory. Returns the name of its sticky queue.
    pub fn start(&mut self, now: SimTime, chance: Chance, code: u8, registry: Registry) -> String {
        self.starts += 1;
        self.since = now;
        self.left = false;
        self.code = code;
        let unique = chance
            .uuid("sticky queue", &[u64::from(self.name.0), u64::from(self.starts)])
            .replace('-', "");
        let sticky_queue = format!("{}-{unique}", self.identity());
        self.process = Some(Process {
            worker: Worker::new(registry, sticky_queue.clone()).with_cache(self.setup.cache),
            workflow_tasks: SortedMap::new(),
            activities: SortedMap::new(),
            local_activities: SortedMap::new(),
            unsaid: Vec::new(),
            leaving: None,
        });
        sticky_queue
    }
}

/// Stands for the hash of the worker's code in histories: one for each version.
fn build_id(code: u8) -> String {
    format!("{:08x}", 0x5a6a_5c09_u32.wrapping_add(u32::from(code) * 0x0101_0101))
}
