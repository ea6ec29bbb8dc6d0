//! Task queues: tasks that wait for a worker, and who has polled lately. The Service's matching.
//!
//! A queue holds references only; what a task says is worked out when a worker takes it, so a task that has become
//! pointless meanwhile simply vanishes. Which worker gets a task is not decided here but by whoever runs the workers.

use crate::base::sorted::SortedMap;
use crate::base::time::{SimTime, Span};
use crate::contract::task::RunKey;

/// A sticky queue whose worker has not polled for this long is passed over at once: the task goes to the normal
/// queue, and the history does not say so (server 1.32, `stickyPollerUnavailableWindow`).
pub const STICKY_POLLER_WINDOW: Span = Span::secs(10);

/// A task that waits for a worker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueuedTask {
    /// Order of arrival over all queues, from 0.
    pub number: u64,
    /// Since when it waits here.
    pub since: SimTime,
    /// What it is.
    pub what: QueuedWork,
}

/// What waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum QueuedWork {
    /// A workflow task.
    Workflow {
        /// The run.
        run: RunKey,
        /// The task.
        scheduled_event_id: i64,
        /// Its attempt.
        attempt: u32,
    },
    /// An activity attempt.
    Activity {
        /// The run.
        run: RunKey,
        /// The activity.
        scheduled_event_id: i64,
        /// The attempt.
        attempt: u32,
    },
    /// A question.
    Query {
        /// The run.
        run: RunKey,
        /// The number under which it travels.
        query_id: u64,
    },
}

/// When a sticky queue's worker was last heard of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum LastPoll {
    /// It has a poll open now.
    Now,
    /// Its last poll ended then.
    Ended(SimTime),
}

/// All task queues, by name.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Queues {
    waiting: SortedMap<String, Vec<QueuedTask>>,
    sticky_polls: SortedMap<String, LastPoll>,
    next: u64,
    /// The tasks that have left since somebody asked.
    gone: Vec<u64>,
}

impl Queues {
    /// Puts a task at the end of a queue.
    pub fn push(&mut self, queue: &str, since: SimTime, what: QueuedWork) {
        let task = QueuedTask {
            number: self.next,
            since,
            what,
        };
        self.next += 1;
        self.waiting.get_or_default(queue.to_owned()).push(task);
    }

    /// Every waiting task with its queue, queue by queue, oldest first in each.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, &QueuedTask)> {
        self.waiting
            .iter()
            .flat_map(|(queue, tasks)| tasks.iter().map(move |task| (queue.as_str(), task)))
    }

    /// The tasks among them that have this number or a later one, in the same order.
    pub fn since(&self, number: u64) -> impl Iterator<Item = (&str, &QueuedTask)> {
        self.waiting.iter().flat_map(move |(queue, tasks)| {
            let from = tasks.partition_point(|task| task.number < number);
            tasks[from..].iter().map(move |task| (queue.as_str(), task))
        })
    }

    /// The number that the next task will get.
    pub const fn next_number(&self) -> u64 {
        self.next
    }

    /// A task with its queue, if it still waits.
    pub fn find(&self, number: u64) -> Option<(&str, &QueuedTask)> {
        self.waiting.iter().find_map(|(queue, tasks)| {
            let at = tasks.binary_search_by_key(&number, |task| task.number).ok()?;
            Some((queue.as_str(), &tasks[at]))
        })
    }

    /// Takes a task out, if it still waits.
    pub fn take(&mut self, number: u64) -> Option<QueuedTask> {
        for tasks in self.waiting.values_mut() {
            if let Ok(at) = tasks.binary_search_by_key(&number, |task| task.number) {
                self.gone.push(number);
                return Some(tasks.remove(at));
            }
        }
        None
    }

    /// Takes out whatever `gone` says is pointless.
    pub fn drop_where(&mut self, gone: impl Fn(&QueuedWork) -> bool) {
        for tasks in self.waiting.values_mut() {
            let left = &mut self.gone;
            tasks.retain(|task| {
                let goes = gone(&task.what);
                if goes {
                    left.push(task.number);
                }
                !goes
            });
        }
    }

    /// The numbers of the tasks that have been taken or dropped since this was asked last.
    pub fn take_gone(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.gone)
    }

    /// A worker polls its sticky queue.
    pub fn sticky_poll_began(&mut self, queue: &str) {
        self.sticky_polls.insert(queue.to_owned(), LastPoll::Now);
    }

    /// The connection of a worker that polled its sticky queue broke.
    pub fn sticky_poll_ended(&mut self, queue: &str, now: SimTime) {
        self.sticky_polls.insert(queue.to_owned(), LastPoll::Ended(now));
    }

    /// The worker that polled a sticky queue has said that it leaves.
    pub fn sticky_poller_left(&mut self, queue: &str) {
        self.sticky_polls.remove(queue);
    }

    /// Whether a task may be put into this sticky queue at all.
    pub fn sticky_available(&self, queue: &str, now: SimTime) -> bool {
        match self.sticky_polls.get(queue) {
            Some(LastPoll::Now) => true,
            Some(LastPoll::Ended(at)) => now.since(*at) < STICKY_POLLER_WINDOW,
            None => false,
        }
    }
}

impl QueuedWork {
    /// The run it belongs to.
    pub const fn run(&self) -> RunKey {
        match self {
            Self::Workflow { run, .. } | Self::Activity { run, .. } | Self::Query { run, .. } => *run,
        }
    }
}
