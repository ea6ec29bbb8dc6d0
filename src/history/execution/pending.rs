//! What a run has begun and not ended: an activity, a timer, a child, an update; each as its events tell it.

use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, ParentClosePolicy, RetryPolicy, TaskQueue, TimerStartedEventAttributes,
};
use crate::history::timestamp::{Timestamp, span};

/// The workflow task that is scheduled or running, if it stands in the history.
#[derive(Clone, Debug, PartialEq)]
pub struct WorkflowTask {
    /// Id of its WorkflowTaskScheduled.
    pub scheduled_event_id: i64,
    /// When it was scheduled.
    pub scheduled_at: Timestamp,
    /// The queue it was scheduled on.
    pub queue: TaskQueue,
    /// From 1.
    pub attempt: i32,
    /// Id of its WorkflowTaskStarted, once a worker has it.
    pub started_event_id: Option<i64>,
}

/// An activity that has not ended. Its arguments and headers stay in its ActivityTaskScheduled.
#[derive(Clone, Debug, PartialEq)]
pub struct Activity {
    /// Unique among the run's pending activities.
    pub activity_id: String,
    /// Which activity.
    pub activity_type: String,
    /// Where workers poll for it.
    pub task_queue: String,
    /// Limit from the first scheduling to the end of the last attempt; zero for none.
    pub schedule_to_close: Span,
    /// Limit of waiting for a worker, for each attempt; zero for none.
    pub schedule_to_start: Span,
    /// Limit of one attempt; zero for none.
    pub start_to_close: Span,
    /// Limit between two heartbeats; zero for none.
    pub heartbeat: Span,
    /// The retry policy with its defaults filled in.
    pub policy: RetryPolicy,
    /// Id of its ActivityTaskStarted, which is written only when the activity is about to end.
    pub started_event_id: Option<i64>,
    /// Id of the ActivityTaskCancelRequested, once the workflow has asked for the activity's end.
    pub cancel_requested: Option<i64>,
}

impl Activity {
    pub(super) fn scheduled(a: &ActivityTaskScheduledEventAttributes) -> Self {
        Self {
            activity_id: a.activity_id.clone(),
            activity_type: a
                .activity_type
                .as_ref()
                .map_or_else(String::new, |kind| kind.name.clone()),
            task_queue: a
                .task_queue
                .as_ref()
                .map_or_else(String::new, |queue| queue.name.clone()),
            schedule_to_close: span(a.schedule_to_close_timeout.as_ref()),
            schedule_to_start: span(a.schedule_to_start_timeout.as_ref()),
            start_to_close: span(a.start_to_close_timeout.as_ref()),
            heartbeat: span(a.heartbeat_timeout.as_ref()),
            policy: a.retry_policy.clone().unwrap_or_default(),
            started_event_id: None,
            cancel_requested: None,
        }
    }
}

/// A timer of the workflow's that has neither fired nor been cancelled.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Timer {
    /// Unique among the run's running timers.
    pub timer_id: String,
    /// When it is due.
    pub expiry: Timestamp,
}

impl Timer {
    pub(super) fn started(at: Timestamp, a: &TimerStartedEventAttributes) -> Self {
        Self {
            timer_id: a.timer_id.clone(),
            expiry: at.plus(span(a.start_to_fire_timeout.as_ref())),
        }
    }
}

/// A child workflow that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Child {
    /// Its workflow id.
    pub workflow_id: String,
    /// Its workflow type.
    pub workflow_type: String,
    /// The first run of its chain, once the parent has recorded that it began.
    pub first_run_id: Option<String>,
    /// Id of the ChildWorkflowExecutionStarted that says so; 0 if there is none, or while that waits to be written.
    pub started_event_id: i64,
    /// What becomes of it when the parent closes.
    pub policy: ParentClosePolicy,
}

/// An update that has no outcome yet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Update {
    /// It was given to the run by an event, which happens at a reset only: usually an update that no worker has decided
    /// on is in no event.
    Admitted {
        /// Its WorkflowExecutionUpdateAdmitted; 0 while that waits to be written.
        event_id: i64,
    },
    /// The workflow is at it.
    Accepted {
        /// Its WorkflowExecutionUpdateAccepted.
        event_id: i64,
    },
}

impl Update {
    /// The event that says how far it is.
    pub const fn event_id(self) -> i64 {
        match self {
            Self::Admitted { event_id } | Self::Accepted { event_id } => event_id,
        }
    }
}

/// A Nexus operation that has not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NexusOperation {
    /// Whom it is asked of.
    pub endpoint: String,
    /// Which of its services.
    pub service: String,
    /// Which operation of that.
    pub operation: String,
    /// Whether the other side has said that it is at it.
    pub started: bool,
    /// Whether the workflow has asked for its end.
    pub cancel_requested: bool,
}

/// Something with a name that is unique among what is pending of its kind.
pub trait Named {
    /// The name.
    fn name(&self) -> &str;
}

impl Named for Activity {
    fn name(&self) -> &str {
        &self.activity_id
    }
}

impl Named for Timer {
    fn name(&self) -> &str {
        &self.timer_id
    }
}

/// What is pending of one kind, by the id of the event that began it, and by name.
#[derive(Clone, Debug, PartialEq)]
pub struct Pending<T> {
    by_event: SortedMap<i64, T>,
    by_name: SortedMap<String, i64>,
}

impl<T> Default for Pending<T> {
    fn default() -> Self {
        Self {
            by_event: SortedMap::new(),
            by_name: SortedMap::new(),
        }
    }
}

impl<T: Named> Pending<T> {
    /// How many.
    pub fn len(&self) -> usize {
        self.by_event.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.by_event.is_empty()
    }

    /// All, in the order in which they began.
    pub fn iter(&self) -> impl Iterator<Item = (i64, &T)> + Clone {
        self.by_event.iter().map(|(event_id, one)| (*event_id, one))
    }

    /// The one that began with this event.
    pub fn get(&self, event_id: i64) -> Option<&T> {
        self.by_event.get(&event_id)
    }

    /// Whether the one that began with this event is pending.
    pub fn contains(&self, event_id: i64) -> bool {
        self.by_event.contains_key(&event_id)
    }

    /// By which event the one with this name began.
    pub fn named(&self, name: &str) -> Option<i64> {
        self.by_name.get(name).copied()
    }

    pub(super) fn get_mut(&mut self, event_id: i64) -> Option<&mut T> {
        self.by_event.get_mut(&event_id)
    }

    pub(super) fn begin(&mut self, event_id: i64, one: T) {
        self.by_name.insert(one.name().to_owned(), event_id);
        self.by_event.insert(event_id, one);
    }

    pub(super) fn end(&mut self, event_id: i64) {
        let Some(ended) = self.by_event.remove(&event_id) else {
            return;
        };
        if self.named(ended.name()) == Some(event_id) {
            self.by_name.remove(ended.name());
        }
    }

    pub(super) fn clear(&mut self) {
        self.by_event.clear();
        self.by_name.clear();
    }
}
