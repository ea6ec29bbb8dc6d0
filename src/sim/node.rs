//! A machine that runs a worker process: what survives a crash of the process, and what does not.

use std::fmt;

use crate::base::chance::Chance;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTask, ActivityTaskToken, Poller, RunKey};
use crate::worker::Worker;
use crate::worker::registry::Registry;
use crate::world::ActivityError;

/// A worker's short name: `A`, `B`, … in the order of the machines.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct WorkerName(pub u8);

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
        write!(f, "{}", char::from(b'A' + self.0))
    }
}

/// A machine. The process on it comes and goes.
pub struct Node {
    /// Its worker's name.
    pub name: WorkerName,
    /// When the process was started or killed last.
    pub since: SimTime,
    /// How often it was started.
    pub starts: u32,
    /// The process; `None` while it is dead.
    pub process: Option<Process>,
}

/// A worker process: all of it is lost in a crash.
pub struct Process {
    /// The worker with its cache.
    pub worker: Worker,
    /// Workflow tasks it has taken and not answered.
    pub workflow_tasks: SortedMap<RunKey, SimTime>,
    /// Activity attempts it has taken and not answered.
    pub activities: SortedMap<ActivityTaskToken, Attempt>,
}

/// An activity attempt in a worker's hands.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// The task.
    pub task: ActivityTask,
    /// What the activity function returned, once it has touched the world.
    pub outcome: Option<Result<serde_json::Value, ActivityError>>,
}

impl Node {
    /// A machine whose worker has not been started yet.
    pub fn new(name: WorkerName) -> Self {
        Self {
            name,
            since: SimTime::ZERO,
            starts: 0,
            process: None,
        }
    }

    /// What its worker says of itself in a poll.
    pub fn poller(&self) -> Poller {
        Poller {
            identity: self.identity(),
            build_id: BUILD_ID.to_owned(),
        }
    }

    /// Its worker's identity in histories.
    pub fn identity(&self) -> String {
        format!("worker-{}@lab", self.name)
    }

    /// Starts a new process with an empty memory. Returns the name of its sticky queue.
    pub fn start(&mut self, now: SimTime, chance: Chance, registry: Registry) -> String {
        self.starts += 1;
        self.since = now;
        let unique = chance
            .uuid("sticky queue", &[u64::from(self.name.0), u64::from(self.starts)])
            .replace('-', "");
        let sticky_queue = format!("{}-{unique}", self.identity());
        self.process = Some(Process {
            worker: Worker::new(registry, sticky_queue.clone()),
            workflow_tasks: SortedMap::new(),
            activities: SortedMap::new(),
        });
        sticky_queue
    }
}

/// Stands for the hash of the worker's code in histories. All workers of the lab run the same.
const BUILD_ID: &str = "5a6a5c09";
