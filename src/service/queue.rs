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
    /// A query.
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
    /// By number, queue by queue.
    waiting: SortedMap<String, SortedMap<u64, QueuedTask>>,
    /// In which queue a number waits.
    places: SortedMap<u64, String>,
    /// Under which number a task waits, with its run in front: nothing waits twice.
    numbers: SortedMap<(RunKey, QueuedWork), u64>,
    sticky_polls: SortedMap<String, LastPoll>,
    next: u64,
    /// The tasks that have left since somebody asked.
    gone: Vec<u64>,
}

impl Queues {
    /// Puts a task at the end of a queue.
    pub(super) fn push(&mut self, queue: &str, since: SimTime, what: QueuedWork) {
        let number = self.next;
        self.next += 1;
        self.places.insert(number, queue.to_owned());
        self.numbers.insert((what.run(), what), number);
        let task = QueuedTask { number, since, what };
        self.waiting.get_or_default(queue.to_owned()).insert(number, task);
    }

    /// Every waiting task with its queue, queue by queue, oldest first in each.
    pub fn waiting(&self) -> impl Iterator<Item = (&str, &QueuedTask)> {
        self.waiting
            .iter()
            .flat_map(|(queue, tasks)| tasks.values().map(move |task| (queue.as_str(), task)))
    }

    /// The tasks among them that have this number or a later one, in the same order.
    pub fn since(&self, number: u64) -> impl Iterator<Item = (&str, &QueuedTask)> {
        self.waiting.iter().flat_map(move |(queue, tasks)| {
            let tasks = tasks.iter_from(&number);
            tasks.map(move |(_, task)| (queue.as_str(), task))
        })
    }

    /// The number that the next task will get.
    pub const fn next_number(&self) -> u64 {
        self.next
    }

    /// A task with its queue, if it still waits.
    pub fn find(&self, number: u64) -> Option<(&str, &QueuedTask)> {
        let queue = self.places.get(&number)?;
        Some((queue.as_str(), self.waiting.get(queue)?.get(&number)?))
    }

    /// Takes a task out, if it still waits, with the name of its queue.
    pub(super) fn take(&mut self, number: u64) -> Option<(String, QueuedTask)> {
        let queue = self.places.remove(&number)?;
        let task = self.waiting.get_mut(&queue)?.remove(&number)?;
        self.numbers.remove(&(task.what.run(), task.what));
        self.gone.push(number);
        Some((queue, task))
    }

    /// Takes out this task, which is pointless now.
    pub(super) fn withdraw(&mut self, work: &QueuedWork) {
        if let Some(number) = self.numbers.get(&(work.run(), *work)) {
            self.take(*number);
        }
    }

    /// Takes out all tasks of a run, but queries.
    pub(super) fn withdraw_tasks(&mut self, run: RunKey) {
        let first = QueuedWork::Workflow {
            run,
            scheduled_event_id: i64::MIN,
            attempt: 0,
        };
        let first = (run, first);
        let of_run = self.numbers.iter_from(&first).take_while(|((of, _), _)| *of == run);
        let tasks = of_run.filter(|((_, work), _)| !matches!(work, QueuedWork::Query { .. }));
        let numbers: Vec<u64> = tasks.map(|(_, number)| *number).collect();
        for number in numbers {
            self.take(number);
        }
    }

    /// The numbers of the tasks that have been taken or dropped since this was asked last.
    pub fn take_gone(&mut self) -> Vec<u64> {
        std::mem::take(&mut self.gone)
    }

    /// A worker polls its sticky queue.
    pub(super) fn sticky_poll_began(&mut self, queue: &str) {
        self.sticky_polls.insert(queue.to_owned(), LastPoll::Now);
    }

    /// The connection of a worker that polled its sticky queue broke.
    pub(super) fn sticky_poll_ended(&mut self, queue: &str, now: SimTime) {
        self.sticky_polls.insert(queue.to_owned(), LastPoll::Ended(now));
    }

    /// The worker that polled a sticky queue has said that it leaves.
    pub(super) fn sticky_poller_left(&mut self, queue: &str) {
        self.sticky_polls.remove(queue);
    }

    /// Whether a task may be put into this sticky queue at all.
    pub(super) fn sticky_available(&self, queue: &str, now: SimTime) -> bool {
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
