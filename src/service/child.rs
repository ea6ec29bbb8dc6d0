//! Child workflows: how a run starts others, hears of their ends, and what becomes of them when it closes.
//!
//! | state, as the parent keeps it | event | next |
//! | --- | --- | --- |
//! | none | the command | Initiated |
//! | Initiated | the id is taken by another workflow | none: StartChildWorkflowExecutionFailed |
//! | Initiated | the child has begun | Started |
//! | Started | the last run of the child's chain is closed | none: ChildWorkflowExecutionCompleted, …Failed, … |
//! | any | the parent closes, even to go on as a new run | none: the parent close policy decides over the child |
//!
//! Three transactions start a child: its own WorkflowExecutionStarted, the parent's ChildWorkflowExecutionStarted, and
//! the child's first WorkflowTaskScheduled. If the parent closes before the second, the third never comes.

use super::admission::Admission;
use super::cancel::CancelRequest;
use super::reset::RESETTER;
use super::retry::with_defaults;
use super::run::{Run, Tx, normal_queue, shorter};
use super::start::{Started, expiration, first_wait, initiator_of, task_timeout};
use super::terminate::HISTORY_SERVICE;
use super::transfer::Transfer;
use super::{Service, namespace};
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Attributes, ChildWorkflowExecutionCanceledEventAttributes, ChildWorkflowExecutionCompletedEventAttributes,
    ChildWorkflowExecutionFailedEventAttributes, ChildWorkflowExecutionStartedEventAttributes,
    ChildWorkflowExecutionTerminatedEventAttributes, ChildWorkflowExecutionTimedOutEventAttributes, ParentClosePolicy,
    Priority, StartChildWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedEventAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowExecution, WorkflowIdReusePolicy,
};
use crate::history::timestamp::{duration, span};

/// From so many pending children on, a system workflow applies the parent close policy (`history.parentClosePolicyThreshold`).
const MANY_CHILDREN: usize = 10;

/// Who acts in that workflow's name.
const CLOSE_POLICY_WORKER: &str = "temporal-sys-parent-close-policy-workflow";

/// What a parent wants of a child.
type Initiated = StartChildWorkflowExecutionInitiatedEventAttributes;

/// A child that has not ended, as its parent keeps it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PendingChild {
    /// Its workflow id.
    pub workflow_id: String,
    /// The first run of its chain, once the parent has recorded that it began.
    pub first_run_id: Option<String>,
    /// What becomes of it when the parent closes.
    pub policy: ParentClosePolicy,
}

impl Run {
    /// Carries out the command: writes StartChildWorkflowExecutionInitiated and leaves the start to be done.
    pub(super) fn initiate_child(&mut self, tx: &mut Tx<'_>, mut request: Initiated, completed: i64) {
        namespace::NAME.clone_into(&mut request.namespace);
        namespace::ID.clone_into(&mut request.namespace_id);
        request.workflow_task_completed_event_id = completed;
        let queue = request.task_queue.take().unwrap_or_default().name;
        let queue = if queue.is_empty() { &self.task_queue } else { &queue };
        request.task_queue = Some(normal_queue(queue));
        let chain = span(request.workflow_execution_timeout.as_ref());
        let run = shorter(span(request.workflow_run_timeout.as_ref()), chain);
        let task = task_timeout(span(request.workflow_task_timeout.as_ref()), run);
        request.workflow_run_timeout = Some(duration(run));
        request.workflow_task_timeout = Some(duration(task));
        request.retry_policy = request.retry_policy.map(|policy| with_defaults(Some(&policy)));
        if request.parent_close_policy() == ParentClosePolicy::Unspecified {
            request.set_parent_close_policy(ParentClosePolicy::Terminate);
        }
        if request.workflow_id_reuse_policy() == WorkflowIdReusePolicy::Unspecified {
            request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate);
        }
        let child = PendingChild {
            workflow_id: request.workflow_id.clone(),
            first_run_id: None,
            policy: request.parent_close_policy(),
        };
        let event = Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(Box::new(request));
        let initiated_event_id = self.write(tx.now, event);
        self.children.insert(initiated_event_id, child);
        self.leave(tx, Transfer::StartChild { initiated_event_id });
    }

    /// What the run leaves to be done to its parent and its children when it closes. A run that is followed by another
    /// is not over for its parent; one that was reset is not over for anybody.
    pub(super) fn leave_relatives(&self, tx: &mut Tx<'_>) {
        if self.was_reset() {
            return;
        }
        if self.next.is_none() && self.started().parent_workflow_execution.is_some() {
            self.leave(tx, Transfer::TellParent);
        }
        for (initiated_event_id, child) in &self.children {
            if child.policy != ParentClosePolicy::Abandon {
                let initiated_event_id = *initiated_event_id;
                self.leave(tx, Transfer::ApplyClosePolicy { initiated_event_id });
            }
        }
    }

    fn was_reset(&self) -> bool {
        let last = self.log.events().last().and_then(|event| event.attributes.as_ref());
        matches!(last, Some(Attributes::WorkflowExecutionTerminatedEventAttributes(a)) if a.identity == RESETTER)
    }

    fn initiated(&self, initiated_event_id: i64) -> Option<&Initiated> {
        match self.log.get(initiated_event_id)?.attributes.as_ref()? {
            Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(request) => Some(request),
            _ => None,
        }
    }

    /// Writes that a child has begun.
    fn record_started(&mut self, tx: &Tx<'_>, initiated_event_id: i64, first_run_id: String) {
        let Some(request) = self.initiated(initiated_event_id) else {
            return;
        };
        let event = ChildWorkflowExecutionStartedEventAttributes {
            namespace: namespace::NAME.to_owned(),
            namespace_id: namespace::ID.to_owned(),
            initiated_event_id,
            workflow_execution: Some(WorkflowExecution {
                workflow_id: request.workflow_id.clone(),
                run_id: first_run_id.clone(),
            }),
            workflow_type: request.workflow_type.clone(),
            header: request.header.clone(),
        };
        if let Some(child) = self.children.get_mut(&initiated_event_id) {
            child.first_run_id = Some(first_run_id);
        }
        self.buffer(tx.now, Attributes::ChildWorkflowExecutionStartedEventAttributes(event));
    }

    /// The event 1 of a child of this run.
    fn started_for_child(&self, initiated_event_id: i64, run_id: String, now: SimTime) -> Option<Box<Started>> {
        let request = self.initiated(initiated_event_id)?.clone();
        let own = self.started();
        let chain = span(request.workflow_execution_timeout.as_ref());
        Some(Box::new(Started {
            workflow_type: request.workflow_type,
            parent_workflow_namespace: namespace::NAME.to_owned(),
            parent_workflow_namespace_id: namespace::ID.to_owned(),
            parent_workflow_execution: Some(self.execution()),
            parent_initiated_event_id: initiated_event_id,
            task_queue: request.task_queue,
            input: request.input,
            workflow_execution_timeout: request.workflow_execution_timeout,
            workflow_run_timeout: request.workflow_run_timeout,
            workflow_task_timeout: request.workflow_task_timeout,
            initiator: initiator_of(&request.cron_schedule).into(),
            original_execution_run_id: run_id.clone(),
            first_execution_run_id: run_id,
            retry_policy: request.retry_policy,
            attempt: 1,
            workflow_execution_expiration_time: expiration(chain, now),
            first_workflow_task_backoff: Some(duration(first_wait(&request.cron_schedule, now).unwrap_or_default())),
            cron_schedule: request.cron_schedule,
            memo: request.memo,
            search_attributes: request.search_attributes,
            header: request.header,
            workflow_id: request.workflow_id,
            root_workflow_execution: own.root_workflow_execution.clone().or_else(|| Some(self.execution())),
            priority: merged(own.priority.as_ref(), request.priority),
            ..Default::default()
        }))
    }
}

impl Service {
    /// First transaction: the child begins, or its parent hears why it cannot.
    pub(super) fn start_child(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64) {
        let key = self.next_key();
        let run_id = self.chance.uuid_at("run id", &[u64::from(key.0)], now);
        let Some(request) = self.run(parent).initiated(initiated_event_id) else {
            return;
        };
        let Some(started) = self.run(parent).started_for_child(initiated_event_id, run_id, now) else {
            return;
        };
        let admission = self.admit(
            &request.workflow_id,
            request.workflow_id_reuse_policy(),
            WorkflowIdConflictPolicy::Fail,
        );
        match admission {
            Err(_) => return self.refuse_child(now, parent, initiated_event_id),
            Ok(Admission::Terminate(existing)) => {
                self.terminate_for(now, existing, &started.original_execution_run_id);
            }
            Ok(Admission::Start | Admission::UseExisting(_)) => {}
        }
        let user_metadata = self.run(parent).user_metadata_at(initiated_event_id);
        let child = Run::begin(&mut self.open_new(now), key, started, user_metadata);
        self.runs.push(child);
        let (parent, mut tx) = self.open(now, parent);
        parent.leave(
            &mut tx,
            Transfer::RecordChild {
                initiated_event_id,
                child: key,
            },
        );
    }

    fn refuse_child(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64) {
        let (parent, mut tx) = self.open(now, parent);
        let Some(request) = parent.initiated(initiated_event_id) else {
            return;
        };
        let event = StartChildWorkflowExecutionFailedEventAttributes {
            namespace: namespace::NAME.to_owned(),
            namespace_id: namespace::ID.to_owned(),
            workflow_id: request.workflow_id.clone(),
            workflow_type: request.workflow_type.clone(),
            cause: StartChildWorkflowExecutionFailedCause::WorkflowAlreadyExists.into(),
            control: request.control.clone(),
            initiated_event_id,
            ..Default::default()
        };
        parent.children.remove(&initiated_event_id);
        parent.buffer(
            tx.now,
            Attributes::StartChildWorkflowExecutionFailedEventAttributes(event),
        );
        parent.commit(&mut tx, true);
    }

    /// Second transaction: the parent records that the child has begun.
    pub(super) fn record_child(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64, child: RunKey) {
        let first_run_id = self.run(child).run_id.clone();
        let (parent, mut tx) = self.open(now, parent);
        parent.record_started(&tx, initiated_event_id, first_run_id);
        parent.commit(&mut tx, true);
        let (child, mut tx) = self.open(now, child);
        child.leave(&mut tx, Transfer::FirstTask);
    }

    /// Third transaction: the child gets its first workflow task.
    pub(super) fn schedule_first_task_of(&mut self, now: SimTime, child: RunKey) {
        let (child, mut tx) = self.open(now, child);
        child.schedule_first_task(&mut tx);
    }

    /// The parent, if it is still open, hears how the child ended. Should it not know yet that the child has begun, it
    /// hears both.
    pub(super) fn tell_parent(&mut self, now: SimTime, child: RunKey) {
        let Some(parent) = self.parent_of(child) else { return };
        let child = self.run(child);
        let initiated_event_id = child.started().parent_initiated_event_id;
        let first_run_id = child.first_run_id().to_owned();
        let Some(event) = ended(child, initiated_event_id) else {
            return;
        };
        let (parent, mut tx) = self.open(now, parent);
        let known = parent
            .children
            .get(&initiated_event_id)
            .map(|child| child.first_run_id.clone());
        match known {
            None => return,
            Some(None) => parent.record_started(&tx, initiated_event_id, first_run_id),
            Some(Some(known)) if known != first_run_id => return,
            Some(Some(_)) => {}
        }
        parent.children.remove(&initiated_event_id);
        parent.buffer(tx.now, event);
        parent.commit(&mut tx, true);
    }

    /// Whether there is an open parent that waits for this child.
    pub(super) fn parent_listens(&self, child: RunKey) -> bool {
        self.parent_of(child).is_some_and(|parent| self.run(parent).is_open())
    }

    fn parent_of(&self, child: RunKey) -> Option<RunKey> {
        let parent = self.run(child).started().parent_workflow_execution.as_ref()?;
        let mut runs = self.runs.iter();
        let mut run = runs.find(|run| run.run_id == parent.run_id)?;
        while let Some(goes_on) = run.reset_into {
            run = self.run(goes_on);
        }
        Some(run.key)
    }

    /// Does to a child what its parent has laid down for the time after it.
    pub(super) fn apply_close_policy(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64) {
        let Some(child) = self.child_left_behind(parent, initiated_event_id) else {
            return;
        };
        let execution = self.run(parent).execution();
        let many = self.run(parent).children.len() >= MANY_CHILDREN;
        let identity = if many { CLOSE_POLICY_WORKER } else { HISTORY_SERVICE };
        let policy = self
            .run(parent)
            .children
            .get(&initiated_event_id)
            .map(|child| child.policy);
        let (child, mut tx) = self.open(now, child);
        match policy {
            Some(ParentClosePolicy::Terminate) => {
                child.terminate(&mut tx, "by parent close policy", None, identity);
            }
            Some(ParentClosePolicy::RequestCancel) => {
                let request = CancelRequest {
                    reason: String::new(),
                    identity: identity.to_owned(),
                    from: Some((execution, 0)),
                };
                child.request_cancel(&mut tx, request);
            }
            Some(ParentClosePolicy::Abandon | ParentClosePolicy::Unspecified) | None => {}
        }
    }

    /// The open run of a child whose parent is closed, in whichever run of its chain it is by now.
    pub(super) fn child_left_behind(&self, parent: RunKey, initiated_event_id: i64) -> Option<RunKey> {
        let parent = self.run(parent);
        let child = parent.children.get(&initiated_event_id)?;
        let run = self.run(self.latest(&child.workflow_id)?);
        let started = run.started();
        let is_it = started.parent_workflow_execution.as_ref() == Some(&parent.execution())
            && child
                .first_run_id
                .as_ref()
                .is_none_or(|first| first == run.first_run_id());
        (run.is_open() && is_it).then_some(run.key)
    }
}

/// How the parent's history tells a child's end.
fn ended(child: &Run, initiated_event_id: i64) -> Option<Attributes> {
    let namespace = namespace::NAME.to_owned();
    let namespace_id = namespace::ID.to_owned();
    let workflow_execution = Some(child.execution());
    let workflow_type = child.started().workflow_type.clone();
    // The id of ChildWorkflowExecutionStarted is found when the event is written.
    let started_event_id = 0;
    let last = child.log.events().last()?.attributes.as_ref()?;
    #[rustfmt::skip]
    let told = match last {
        Attributes::WorkflowExecutionCompletedEventAttributes(end) => {
            Attributes::ChildWorkflowExecutionCompletedEventAttributes(ChildWorkflowExecutionCompletedEventAttributes {
                result: end.result.clone(),
                namespace, namespace_id, workflow_execution, workflow_type, initiated_event_id, started_event_id,
            })
        }
        Attributes::WorkflowExecutionFailedEventAttributes(end) => {
            Attributes::ChildWorkflowExecutionFailedEventAttributes(ChildWorkflowExecutionFailedEventAttributes {
                failure: end.failure.clone(),
                retry_state: end.retry_state,
                namespace, namespace_id, workflow_execution, workflow_type, initiated_event_id, started_event_id,
            })
        }
        Attributes::WorkflowExecutionCanceledEventAttributes(end) => {
            Attributes::ChildWorkflowExecutionCanceledEventAttributes(ChildWorkflowExecutionCanceledEventAttributes {
                details: end.details.clone(),
                namespace, namespace_id, workflow_execution, workflow_type, initiated_event_id, started_event_id,
            })
        }
        Attributes::WorkflowExecutionTimedOutEventAttributes(end) => {
            Attributes::ChildWorkflowExecutionTimedOutEventAttributes(ChildWorkflowExecutionTimedOutEventAttributes {
                retry_state: end.retry_state,
                namespace, namespace_id, workflow_execution, workflow_type, initiated_event_id, started_event_id,
            })
        }
        Attributes::WorkflowExecutionTerminatedEventAttributes(_) => {
            Attributes::ChildWorkflowExecutionTerminatedEventAttributes(
                ChildWorkflowExecutionTerminatedEventAttributes {
                    namespace, namespace_id, workflow_execution, workflow_type, initiated_event_id, started_event_id,
                },
            )
        }
        _ => return None,
    };
    Some(told)
}

/// A child's priority: its own words where it has some, else its parent's.
fn merged(base: Option<&Priority>, own: Option<Priority>) -> Option<Priority> {
    let (Some(base), Some(own)) = (base, &own) else {
        return own.or_else(|| base.cloned());
    };
    let mut merged = own.clone();
    if merged.priority_key == 0 {
        merged.priority_key = base.priority_key;
    }
    if merged.fairness_key.is_empty() {
        merged.fairness_key.clone_from(&base.fairness_key);
    }
    if merged.fairness_weight == 0.0 {
        merged.fairness_weight = base.fairness_weight;
    }
    Some(merged)
}
