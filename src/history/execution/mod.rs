//! The state of a run, which is a fold of its history: [`ExecutionState::apply`] takes one event after the other.
//!
//! What a server's mutable state holds and a history tells: whether the run is open, what it has begun and not ended,
//! what it was asked and what it says about itself. The Service writes with it: what it writes it applies, and what it
//! decides it reads here. An opened history has the same state, and a reset begins with that of a prefix.
//!
//! What no event tells is not here: attempts and their backoffs, what a heartbeat reported, which worker has the run in
//! memory, workflow tasks that are not written. The Service keeps that beside it.
//!
//! Any list of events has a state, also one that no server would write: what is ended without having begun is passed
//! over. What is pending is in `pending`, the end of a run in `status`.

mod pending;
mod status;

pub use self::pending::{Activity, Child, Named, NexusOperation, Pending, Timer, Update, WorkflowTask};
pub use self::status::RunStatus;

use super::payload;
use super::proto::temporal::api::workflow::v1::ResetPointInfo;
use super::proto::{
    Attributes as A, HistoryEvent, MarkerRecordedEventAttributes, Memo, Payload, Request, SearchAttributes,
    WorkflowExecution, WorkflowExecutionStartedEventAttributes, WorkflowTaskCompletedEventAttributes,
};
use super::timestamp::Timestamp;
use crate::base::sorted::SortedMap;

/// How many points of a chain are remembered to which it could be reset (`history.maxAutoResetPoints`).
const MOST_RESET_POINTS: usize = 20;

/// The marker by which Core notes a patch.
const PATCH_MARKER: &str = "core_patch";

/// The detail of that marker which says which patch it is.
const PATCH_DATA: &str = "patch-data";

/// What the events of a run so far amount to.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ExecutionState {
    /// Open, or how it was closed.
    pub status: RunStatus,
    /// When it began.
    pub begun: Timestamp,
    /// The workflow task that is scheduled or running; at most one.
    pub workflow_task: Option<WorkflowTask>,
    /// Id of the last WorkflowTaskStarted that was answered with Completed; 0 if none.
    pub previous_started_event_id: i64,
    /// Activities that have not ended, by their ActivityTaskScheduled.
    pub activities: Pending<Activity>,
    /// Timers that have not fired, by their TimerStarted.
    pub timers: Pending<Timer>,
    /// Child workflows that have not ended, by their StartChildWorkflowExecutionInitiated. Those of a closed run are the
    /// ones it left behind.
    pub children: SortedMap<i64, Child>,
    /// Signals to other workflows that are not delivered, by their …Initiated: to whom.
    pub signals_out: SortedMap<i64, WorkflowExecution>,
    /// Requests to stop to other workflows that are not delivered, by their …Initiated: to whom.
    pub cancels_out: SortedMap<i64, WorkflowExecution>,
    /// Nexus operations that have not ended, by their NexusOperationScheduled.
    pub nexus_operations: SortedMap<i64, NexusOperation>,
    /// Updates that stand in the history and have no outcome, by update id.
    pub updates: SortedMap<String, Update>,
    /// The WorkflowExecutionUpdateCompleted of updates, by update id.
    pub updates_done: SortedMap<String, i64>,
    /// How many signals it has received.
    pub signals: u32,
    /// The request ids of those that had one: a second request with the same id is no news.
    pub signal_requests: SortedMap<String, ()>,
    /// Whether it was asked to stop.
    pub cancel_requested: bool,
    /// Whether an operator holds it up.
    pub paused: bool,
    /// The changes of its code that it has been marked with, by patch id; true if the code calls the patch deprecated.
    pub patches: SortedMap<String, bool>,
    /// What people are told about it.
    pub memo: Option<Memo>,
    /// What it is found by.
    pub search_attributes: Option<SearchAttributes>,
    /// The first workflow task that each version of the workers completed, in this run (then without a run id) or in one
    /// before it in its chain: to these points it could be reset.
    pub reset_points: Vec<ResetPointInfo>,
    /// The SDK of the worker that said last which it is.
    pub sdk: Option<Sdk>,
}

/// An SDK, as its workers name it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sdk {
    /// `temporal-rust`.
    pub name: String,
    /// `1.1.1`.
    pub version: String,
}

impl ExecutionState {
    /// The state after all these events.
    pub fn of<'a>(events: impl IntoIterator<Item = &'a HistoryEvent>) -> Self {
        let mut state = Self::default();
        for event in events {
            state.apply(event);
        }
        state
    }

    /// True until the run is closed.
    pub fn is_open(&self) -> bool {
        self.status == RunStatus::Running
    }

    /// One more event has happened. It may have the id 0, if it has to wait until it can be written: then
    /// [`Self::has_id`] follows.
    pub fn apply(&mut self, event: &HistoryEvent) {
        let Some(attributes) = &event.attributes else { return };
        let id = event.event_id;
        let at = event.event_time.unwrap_or_default();
        match attributes {
            A::WorkflowExecutionStartedEventAttributes(a) => self.begin(at, a),
            A::WorkflowExecutionCompletedEventAttributes(_) => self.close(RunStatus::Completed),
            A::WorkflowExecutionFailedEventAttributes(_) => self.close(RunStatus::Failed),
            A::WorkflowExecutionTimedOutEventAttributes(_) => self.close(RunStatus::TimedOut),
            A::WorkflowExecutionCanceledEventAttributes(_) => self.close(RunStatus::Canceled),
            A::WorkflowExecutionTerminatedEventAttributes(_) => self.close(RunStatus::Terminated),
            A::WorkflowExecutionContinuedAsNewEventAttributes(_) => self.close(RunStatus::ContinuedAsNew),

            A::WorkflowTaskScheduledEventAttributes(a) => {
                self.workflow_task = Some(WorkflowTask {
                    scheduled_event_id: id,
                    scheduled_at: at,
                    queue: a.task_queue.clone().unwrap_or_default(),
                    attempt: a.attempt,
                    started_event_id: None,
                });
            }
            A::WorkflowTaskStartedEventAttributes(_) => {
                if let Some(task) = &mut self.workflow_task {
                    task.started_event_id = Some(id);
                }
            }
            A::WorkflowTaskCompletedEventAttributes(a) => self.complete_task(at, id, a),
            A::WorkflowTaskFailedEventAttributes(_) | A::WorkflowTaskTimedOutEventAttributes(_) => {
                self.workflow_task = None;
            }

            A::ActivityTaskScheduledEventAttributes(a) => self.activities.begin(id, Activity::scheduled(a)),
            A::ActivityTaskStartedEventAttributes(a) => {
                if let Some(activity) = self.activities.get_mut(a.scheduled_event_id) {
                    activity.started_event_id = Some(id);
                }
            }
            A::ActivityTaskCancelRequestedEventAttributes(a) => {
                if let Some(activity) = self.activities.get_mut(a.scheduled_event_id) {
                    activity.cancel_requested = Some(id);
                }
            }
            A::ActivityPropertiesModifiedExternallyEventAttributes(a) => {
                if let Some(activity) = self.activities.get_mut(a.scheduled_event_id) {
                    activity.policy = a.new_retry_policy.clone().unwrap_or_default();
                }
            }
            A::ActivityTaskCompletedEventAttributes(a) => self.activities.end(a.scheduled_event_id),
            A::ActivityTaskFailedEventAttributes(a) => self.activities.end(a.scheduled_event_id),
            A::ActivityTaskTimedOutEventAttributes(a) => self.activities.end(a.scheduled_event_id),
            A::ActivityTaskCanceledEventAttributes(a) => self.activities.end(a.scheduled_event_id),

            A::TimerStartedEventAttributes(a) => self.timers.begin(id, Timer::started(at, a)),
            A::TimerFiredEventAttributes(a) => self.timers.end(a.started_event_id),
            A::TimerCanceledEventAttributes(a) => self.timers.end(a.started_event_id),

            A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => {
                let child = Child {
                    workflow_id: a.workflow_id.clone(),
                    workflow_type: a.workflow_type.as_ref().map_or_else(String::new, |kind| kind.name.clone()),
                    first_run_id: None,
                    started_event_id: 0,
                    policy: a.parent_close_policy(),
                };
                self.children.insert(id, child);
            }
            A::ChildWorkflowExecutionStartedEventAttributes(a) => {
                if let Some(child) = self.children.get_mut(&a.initiated_event_id) {
                    let execution = a.workflow_execution.as_ref();
                    child.first_run_id = Some(execution.map_or_else(String::new, |child| child.run_id.clone()));
                    child.started_event_id = id;
                }
            }
            A::StartChildWorkflowExecutionFailedEventAttributes(a) => self.end_child(a.initiated_event_id),
            A::ChildWorkflowExecutionCompletedEventAttributes(a) => self.end_child(a.initiated_event_id),
            A::ChildWorkflowExecutionFailedEventAttributes(a) => self.end_child(a.initiated_event_id),
            A::ChildWorkflowExecutionCanceledEventAttributes(a) => self.end_child(a.initiated_event_id),
            A::ChildWorkflowExecutionTimedOutEventAttributes(a) => self.end_child(a.initiated_event_id),
            A::ChildWorkflowExecutionTerminatedEventAttributes(a) => self.end_child(a.initiated_event_id),

            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => {
                self.signals_out.insert(id, a.workflow_execution.clone().unwrap_or_default());
            }
            A::ExternalWorkflowExecutionSignaledEventAttributes(a) => {
                self.signals_out.remove(&a.initiated_event_id);
            }
            A::SignalExternalWorkflowExecutionFailedEventAttributes(a) => {
                self.signals_out.remove(&a.initiated_event_id);
            }
            A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a) => {
                self.cancels_out.insert(id, a.workflow_execution.clone().unwrap_or_default());
            }
            A::ExternalWorkflowExecutionCancelRequestedEventAttributes(a) => {
                self.cancels_out.remove(&a.initiated_event_id);
            }
            A::RequestCancelExternalWorkflowExecutionFailedEventAttributes(a) => {
                self.cancels_out.remove(&a.initiated_event_id);
            }

            A::WorkflowExecutionSignaledEventAttributes(a) => {
                self.signals += 1;
                if !a.request_id.is_empty() {
                    self.signal_requests.insert(a.request_id.clone(), ());
                }
            }
            A::WorkflowExecutionCancelRequestedEventAttributes(_) => self.cancel_requested = true,
            A::WorkflowExecutionPausedEventAttributes(_) => self.paused = true,
            A::WorkflowExecutionUnpausedEventAttributes(_) => self.paused = false,

            A::WorkflowExecutionUpdateAdmittedEventAttributes(a) => {
                self.updates.insert(update_id(a.request.as_ref()), Update::Admitted { event_id: id });
            }
            A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => {
                self.updates
                    .insert(a.protocol_instance_id.clone(), Update::Accepted { event_id: id });
            }
            A::WorkflowExecutionUpdateRejectedEventAttributes(a) => {
                self.updates.remove(&a.protocol_instance_id);
            }
            A::WorkflowExecutionUpdateCompletedEventAttributes(a) => {
                let update_id = a.meta.as_ref().map_or_else(String::new, |meta| meta.update_id.clone());
                self.updates.remove(&update_id);
                self.updates_done.insert(update_id, id);
            }

            A::MarkerRecordedEventAttributes(a) => self.mark(a),
            A::UpsertWorkflowSearchAttributesEventAttributes(a) => {
                if let Some(upserted) = &a.search_attributes {
                    let own = self.search_attributes.get_or_insert_default();
                    upsert(&mut own.indexed_fields, &upserted.indexed_fields);
                }
            }
            A::WorkflowPropertiesModifiedEventAttributes(a) => self.upsert_memo(a.upserted_memo.as_ref()),
            A::WorkflowPropertiesModifiedExternallyEventAttributes(a) => self.upsert_memo(a.upserted_memo.as_ref()),

            A::NexusOperationScheduledEventAttributes(a) => {
                let operation = NexusOperation {
                    endpoint: a.endpoint.clone(),
                    service: a.service.clone(),
                    operation: a.operation.clone(),
                    started: false,
                    cancel_requested: false,
                };
                self.nexus_operations.insert(id, operation);
            }
            A::NexusOperationStartedEventAttributes(a) => {
                if let Some(operation) = self.nexus_operations.get_mut(&a.scheduled_event_id) {
                    operation.started = true;
                }
            }
            A::NexusOperationCancelRequestedEventAttributes(a) => {
                if let Some(operation) = self.nexus_operations.get_mut(&a.scheduled_event_id) {
                    operation.cancel_requested = true;
                }
            }
            A::NexusOperationCompletedEventAttributes(a) => self.end_operation(a.scheduled_event_id),
            A::NexusOperationFailedEventAttributes(a) => self.end_operation(a.scheduled_event_id),
            A::NexusOperationCanceledEventAttributes(a) => self.end_operation(a.scheduled_event_id),
            A::NexusOperationTimedOutEventAttributes(a) => self.end_operation(a.scheduled_event_id),

            // Whether the request to stop has arrived changes nothing: the operation ends by an event of its own.
            A::NexusOperationCancelRequestCompletedEventAttributes(_)
            | A::NexusOperationCancelRequestFailedEventAttributes(_)
            // These change where and when its tasks run, not what is pending.
            | A::WorkflowExecutionOptionsUpdatedEventAttributes(_)
            | A::WorkflowExecutionTimeSkippingTransitionedEventAttributes(_) => {}
        }
    }

    /// An event that was applied without an id is written now, and has got one.
    pub fn has_id(&mut self, event: &HistoryEvent) {
        // No other event that may have to wait is referred to by its id.
        if let Some(A::ActivityTaskStartedEventAttributes(a)) = &event.attributes {
            if let Some(activity) = self.activities.get_mut(a.scheduled_event_id) {
                activity.started_event_id = Some(event.event_id);
            }
        } else if let Some(A::ChildWorkflowExecutionStartedEventAttributes(a)) = &event.attributes {
            if let Some(child) = self.children.get_mut(&a.initiated_event_id) {
                child.started_event_id = event.event_id;
            }
        } else if let Some(A::WorkflowExecutionUpdateAdmittedEventAttributes(a)) = &event.attributes
            && let Some(Update::Admitted { event_id }) = self.updates.get_mut(&update_id(a.request.as_ref()))
        {
            *event_id = event.event_id;
        }
    }

    fn begin(&mut self, at: Timestamp, started: &WorkflowExecutionStartedEventAttributes) {
        self.begun = at;
        self.memo.clone_from(&started.memo);
        self.search_attributes.clone_from(&started.search_attributes);
        self.reset_points = started
            .prev_auto_reset_points
            .as_ref()
            .map_or_else(Vec::new, |before| before.points.clone());
    }

    /// What is still pending writes nothing any more. Children go on by themselves.
    fn close(&mut self, how: RunStatus) {
        self.status = how;
        self.workflow_task = None;
        self.activities.clear();
        self.timers.clear();
        self.signals_out.clear();
        self.cancels_out.clear();
        self.nexus_operations.clear();
    }

    fn complete_task(&mut self, at: Timestamp, id: i64, a: &WorkflowTaskCompletedEventAttributes) {
        self.workflow_task = None;
        self.previous_started_event_id = a.started_event_id;
        if let Some(metadata) = a.sdk_metadata.as_ref().filter(|metadata| !metadata.sdk_name.is_empty()) {
            self.sdk = Some(Sdk {
                name: metadata.sdk_name.clone(),
                version: metadata.sdk_version.clone(),
            });
        }
        #[expect(deprecated, reason = "every server still writes it")]
        let build_id = a.worker_version.as_ref().map_or("", |version| &version.build_id);
        if self.reset_points.iter().any(|point| point.build_id == build_id) {
            return;
        }
        self.reset_points.push(ResetPointInfo {
            build_id: build_id.to_owned(),
            first_workflow_task_completed_id: id,
            create_time: Some(at),
            resettable: true,
            ..Default::default()
        });
        if self.reset_points.len() > MOST_RESET_POINTS {
            self.reset_points.remove(0);
        }
    }

    fn end_child(&mut self, initiated_event_id: i64) {
        self.children.remove(&initiated_event_id);
    }

    fn end_operation(&mut self, scheduled_event_id: i64) {
        self.nexus_operations.remove(&scheduled_event_id);
    }

    fn mark(&mut self, marker: &MarkerRecordedEventAttributes) {
        if marker.marker_name != PATCH_MARKER {
            return;
        }
        let data = payload::first_value(marker.details.get(PATCH_DATA));
        if let Some(id) = data["id"].as_str() {
            let deprecated = data["deprecated"].as_bool().unwrap_or_default();
            self.patches.insert(id.to_owned(), deprecated);
        }
    }

    fn upsert_memo(&mut self, upserted: Option<&Memo>) {
        if let Some(upserted) = upserted {
            upsert(&mut self.memo.get_or_insert_default().fields, &upserted.fields);
        }
    }
}

fn update_id(request: Option<&Request>) -> String {
    let meta = request.and_then(|request| request.meta.as_ref());
    meta.map_or_else(String::new, |meta| meta.update_id.clone())
}

type Fields = std::collections::BTreeMap<String, Payload>;

fn upsert(own: &mut Fields, upserted: &Fields) {
    for (key, value) in upserted {
        if is_nothing(value) {
            own.remove(key);
        } else {
            own.insert(key.clone(), value.clone());
        }
    }
}

/// A value that stands for taking the field away.
fn is_nothing(payload: &Payload) -> bool {
    matches!(payload.data.as_slice(), b"" | b"null" | b"[]")
}
