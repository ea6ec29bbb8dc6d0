//! The Service's own timers: what will happen by itself, and when. Durable; the Service never forgets one.
//!
//! A timer is not removed when it becomes pointless (an activity that completed keeps its timeout in the queue): like
//! the real Service, the run looks at it when it comes up and lets the stale ones pass.

use super::transfer::Transfer;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::proto::TimeoutType;

/// Times are compared in whole milliseconds: what falls into the same one is due together.
const TICK_NANOS: u64 = 1_000_000;

/// Whether something that is due at `at` is due now.
pub(super) fn is_due(at: SimTime, now: SimTime) -> bool {
    at.0 / TICK_NANOS <= now.0 / TICK_NANOS
}

/// Something that is due at a certain time.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TimerTask {
    /// A workflow task has waited too long in a sticky queue, or is running for too long.
    WorkflowTaskTimeout {
        /// The run.
        run: RunKey,
        /// The task.
        scheduled_event_id: i64,
        /// Its attempt.
        attempt: u32,
        /// Which limit.
        kind: TimeoutType,
    },
    /// An activity has used up one of its limits.
    ActivityTimeout {
        /// The run.
        run: RunKey,
        /// The activity.
        scheduled_event_id: i64,
        /// The attempt it is about. Schedule-to-close is about all of them and comes true whatever the attempt.
        attempt: u32,
        /// Which limit.
        kind: TimeoutType,
    },
    /// A retry's backoff is over.
    ActivityRetry {
        /// The run.
        run: RunKey,
        /// The activity.
        scheduled_event_id: i64,
        /// The attempt that is due.
        attempt: u32,
    },
    /// A timer of the workflow's fires.
    UserTimer {
        /// The run.
        run: RunKey,
        /// Its TimerStarted event.
        started_event_id: i64,
    },
    /// A query has waited too long for the worker of a sticky queue.
    QueryTimeout {
        /// The run.
        run: RunKey,
        /// The number under which the query travels.
        query_id: u64,
    },
    /// The first workflow task of a run has been held back long enough.
    FirstTask {
        /// The run.
        run: RunKey,
    },
    /// A run has reached its limit of time, or that of its chain.
    RunTimeout {
        /// The run.
        run: RunKey,
    },
    /// The Service does something to another run.
    Transfer {
        /// The run that left it to be done.
        run: RunKey,
        /// What.
        what: Transfer,
    },
}

impl TimerTask {
    /// The run it is about.
    pub const fn run(&self) -> RunKey {
        match self {
            Self::WorkflowTaskTimeout { run, .. }
            | Self::ActivityTimeout { run, .. }
            | Self::ActivityRetry { run, .. }
            | Self::UserTimer { run, .. }
            | Self::QueryTimeout { run, .. }
            | Self::FirstTask { run }
            | Self::RunTimeout { run }
            | Self::Transfer { run, .. } => *run,
        }
    }
}

/// All timers, by time and then by order of creation.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct TimerQueue {
    timers: SortedMap<(SimTime, u64), TimerTask>,
    next: u64,
}

impl TimerQueue {
    /// Makes `task` due at `at`.
    pub(super) fn set(&mut self, at: SimTime, task: TimerTask) {
        self.timers.insert((at, self.next), task);
        self.next += 1;
    }

    /// The earliest timer.
    pub(super) fn first(&self) -> Option<(SimTime, &TimerTask)> {
        self.timers.iter().next().map(|((at, _), task)| (*at, task))
    }

    /// Takes the earliest timer out.
    pub(super) fn pop(&mut self) -> Option<(SimTime, TimerTask)> {
        self.timers.pop_first().map(|((at, _), task)| (at, task))
    }

    /// Takes out the limits of a workflow task that never was: they would be taken for those of the next one.
    pub(super) fn forget_timeouts(&mut self, run: RunKey, scheduled_event_id: i64) {
        let is_one = |task: &TimerTask| {
            matches!(task, TimerTask::WorkflowTaskTimeout { run: of, scheduled_event_id: id, .. }
                if *of == run && *id == scheduled_event_id)
        };
        self.timers.retain(|_, task| !is_one(task));
    }

    /// What is due now, or was.
    pub(super) fn due(&self, now: SimTime) -> impl Iterator<Item = &TimerTask> {
        self.iter()
            .take_while(move |(at, _)| is_due(*at, now))
            .map(|(_, task)| task)
    }

    /// All timers in order.
    pub fn iter(&self) -> impl Iterator<Item = (SimTime, &TimerTask)> {
        self.timers.iter().map(|((at, _), task)| (*at, task))
    }
}
