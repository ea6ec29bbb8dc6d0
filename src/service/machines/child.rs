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
use super::start::{Started, expiration, initiator_of};
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::proto::temporal::api::enums::v1::WorkflowIdConflictPolicy;
use crate::history::proto::{
    Attributes, ChildWorkflowExecutionCanceledEventAttributes, ChildWorkflowExecutionCompletedEventAttributes,
    ChildWorkflowExecutionFailedEventAttributes, ChildWorkflowExecutionStartedEventAttributes,
    ChildWorkflowExecutionTerminatedEventAttributes, ChildWorkflowExecutionTimedOutEventAttributes, ParentClosePolicy,
    Priority, StartChildWorkflowExecutionFailedCause, StartChildWorkflowExecutionFailedEventAttributes,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowExecution,
};
use crate::history::timestamp::{duration, span};
use crate::service::cron::first_wait;
use crate::service::namespace::{HISTORY_SERVICE, RESETTER};
use crate::service::run::Run;
use crate::service::transaction::Tx;
use crate::service::transfer::Transfer;
use crate::service::{Service, namespace};

/// From so many pending children on, a system workflow applies the parent close policy (`history.parentClosePolicyThreshold`).
const MANY_CHILDREN: usize = 10;

/// Who acts in that workflow's name.
const CLOSE_POLICY_WORKER: &str = "temporal-sys-parent-close-policy-workflow";

/// What a parent wants of a child.
type Initiated = StartChildWorkflowExecutionInitiatedEventAttributes;

impl Run {
    /// Carries out the command: writes StartChildWorkflowExecutionInitiated and leaves the start to be done.
    pub(super) fn initiate_child(&mut self, tx: &mut Tx<'_>, mut request: Initiated, completed: i64) {
        namespace::NAME.clone_into(&mut request.namespace);
        namespace::ID.clone_into(&mut request.namespace_id);
        request.workflow_task_completed_event_id = completed;
        self.options().complete_child(&mut request);
        let event = Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(Box::new(request));
        let initiated_event_id = self.write(tx, event);
        self.leave(tx, Transfer::StartChild { initiated_event_id });
    }

    /// What the run leaves to be done to its parent and its children when it closes. A run that is followed by another
    /// is not over for its parent; one that was reset is not over for anybody.
    pub(super) fn leave_relatives(&self, tx: &mut Tx<'_>) {
        if is_by_reset(tx.last_written()) {
            return;
        }
        if self.next.is_none() && self.started().parent_workflow_execution.is_some() {
            self.leave(tx, Transfer::TellParent);
        }
        for (initiated_event_id, child) in &self.state.children {
            if child.policy != ParentClosePolicy::Abandon {
                let initiated_event_id = *initiated_event_id;
                self.leave(tx, Transfer::ApplyClosePolicy { initiated_event_id });
            }
        }
    }

    fn initiated(&self, initiated_event_id: i64) -> Option<&Initiated> {
        match &self.log.get(initiated_event_id)?.attributes {
            Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(request)) => Some(request),
            _ => None,
        }
    }

    /// Writes that a child has begun.
    fn record_started(&mut self, tx: &mut Tx<'_>, initiated_event_id: i64, first_run_id: String) {
        let Some(request) = self.initiated(initiated_event_id) else {
            return;
        };
        let event = ChildWorkflowExecutionStartedEventAttributes {
            namespace: namespace::NAME.to_owned(),
            namespace_id: namespace::ID.to_owned(),
            initiated_event_id,
            workflow_execution: Some(WorkflowExecution {
                workflow_id: request.workflow_id.clone(),
                run_id: first_run_id,
            }),
            workflow_type: request.workflow_type.clone(),
            header: request.header.clone(),
        };
        self.buffer(tx, Attributes::ChildWorkflowExecutionStartedEventAttributes(event));
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
        let Some(request) = self.run(parent).initiated(initiated_event_id) else {
            return;
        };
        let name = self.next_name(&request.workflow_id);
        let run_id = self.chance.uuid_at("run id", &[name.word], now);
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
        let mut tx = self.first_tx(now);
        let child = Run::begin(&mut tx, name, started, user_metadata);
        let stage = tx.into_stage();
        let child = self.take_up(now, child, stage);
        let what = Transfer::RecordChild {
            initiated_event_id,
            child,
        };
        self.leave(now, parent, what);
    }

    fn refuse_child(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64) {
        let Some(request) = self.run(parent).initiated(initiated_event_id) else {
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
        let event = Attributes::StartChildWorkflowExecutionFailedEventAttributes(event);
        self.bring_news(now, parent, event);
    }

    /// Second transaction: the parent records that the child has begun.
    pub(super) fn record_child(&mut self, now: SimTime, parent: RunKey, initiated_event_id: i64, child: RunKey) {
        let first_run_id = self.run(child).run_id.clone();
        let recorded = self.transact(now, parent, |parent, tx| {
            parent.record_started(tx, initiated_event_id, first_run_id);
            parent.settle(tx, true);
        });
        // The child begins to work even if that was too much for its parent.
        recorded.unwrap_or(());
        self.leave(now, child, Transfer::FirstTask);
    }

    /// Third transaction: the child gets its first workflow task.
    pub(super) fn schedule_first_task_of(&mut self, now: SimTime, child: RunKey) {
        self.transact(now, child, Run::schedule_first_task).unwrap_or(());
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
        let Some(known) = self.run(parent).state.children.get(&initiated_event_id) else {
            return;
        };
        let knows_start = known.first_run_id.as_ref();
        if knows_start.is_some_and(|known| *known != first_run_id) {
            return;
        }
        let knows_start = knows_start.is_some();
        let told = self.transact(now, parent, |parent, tx| {
            if !knows_start {
                parent.record_started(tx, initiated_event_id, first_run_id);
            }
            parent.buffer(tx, event);
            parent.settle(tx, true);
        });
        told.unwrap_or(());
    }

    /// Whether there is an open parent that waits for this child.
    pub(super) fn parent_listens(&self, child: RunKey) -> bool {
        self.parent_of(child).is_some_and(|parent| self.run(parent).is_open())
    }

    fn parent_of(&self, child: RunKey) -> Option<RunKey> {
        let parent = self.run(child).started().parent_workflow_execution.as_ref()?;
        let mut run = self.run(self.run_with_id(&parent.workflow_id, &parent.run_id)?);
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
        let from = self.run(parent);
        let execution = from.execution();
        let many = from.state.children.len() >= MANY_CHILDREN;
        let identity = if many { CLOSE_POLICY_WORKER } else { HISTORY_SERVICE };
        match from.state.children.get(&initiated_event_id).map(|child| child.policy) {
            Some(ParentClosePolicy::Terminate) => self.end(now, child, "by parent close policy", None, identity),
            Some(ParentClosePolicy::RequestCancel) => {
                let request = CancelRequest {
                    reason: String::new(),
                    identity: identity.to_owned(),
                    from: Some((execution, 0)),
                };
                self.request_cancel(now, child, request);
            }
            Some(ParentClosePolicy::Abandon | ParentClosePolicy::Unspecified) | None => {}
        }
    }

    /// The open run of a child whose parent is closed, in whichever run of its chain it is by now.
    pub(super) fn child_left_behind(&self, parent: RunKey, initiated_event_id: i64) -> Option<RunKey> {
        let parent = self.run(parent);
        let child = parent.state.children.get(&initiated_event_id)?;
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

/// Whether a run was ended only to go on as another with a part of its history.
fn is_by_reset(end: Option<&Attributes>) -> bool {
    matches!(end, Some(Attributes::WorkflowExecutionTerminatedEventAttributes(a)) if a.identity == RESETTER)
}

/// How the parent's history tells a child's end.
#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "a child that goes on as new has not ended, and nothing else closes a run"
)]
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
