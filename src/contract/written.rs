//! What the Service makes of a request before it writes it down: what was left open is filled in, limits are capped.
//!
//! The Service writes by it; who compares a request with what was written of another must go by it too.

use super::answer::{ContinueAsNew, ScheduleActivity};
use crate::base::time::Span;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, ActivityType, ParentClosePolicy,
    StartChildWorkflowExecutionInitiatedEventAttributes, TaskQueue, TaskQueueKind,
    WorkflowExecutionStartedEventAttributes, WorkflowIdReusePolicy, WorkflowType,
};
use crate::history::retry_policy::with_defaults;
use crate::history::timestamp::{duration, span};

/// Nothing is set for longer: a hundred years (server 1.32, `common/primitives/timestamp`).
pub const LONGEST: Span = Span::secs(100 * 365 * 24 * 60 * 60);

/// How long a worker may take over a workflow task, where nobody says otherwise (server default).
const WORKFLOW_TASK_TIMEOUT: Span = Span::secs(10);

/// The longest that anybody may allow for a workflow task.
const LONGEST_WORKFLOW_TASK_TIMEOUT: Span = Span::secs(120);

/// What a run was started with, as far as it says what is filled in. A zero limit is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RunOptions<'a> {
    /// Its type.
    pub workflow_type: &'a str,
    /// Its task queue.
    pub task_queue: &'a str,
    /// The limit of its chain.
    pub execution_timeout: Span,
    /// Its own limit.
    pub run_timeout: Span,
    /// The limit of its workflow tasks.
    pub task_timeout: Span,
}

impl<'a> RunOptions<'a> {
    /// As a run's first event says.
    pub fn of(started: &'a WorkflowExecutionStartedEventAttributes) -> Self {
        Self {
            workflow_type: started.workflow_type.as_ref().map_or("", |of| of.name.as_str()),
            task_queue: started.task_queue.as_ref().map_or("", |queue| queue.name.as_str()),
            execution_timeout: span(started.workflow_execution_timeout.as_ref()),
            run_timeout: span(started.workflow_run_timeout.as_ref()),
            task_timeout: span(started.workflow_task_timeout.as_ref()),
        }
    }

    /// What ActivityTaskScheduled says of this request, but for the event that it belongs to (server 1.32,
    /// `chasm/lib/activity/validator.go`).
    #[expect(
        deprecated,
        reason = "useWorkflowBuildId is deprecated in the API, and the Service still writes it"
    )]
    pub fn activity(self, mut request: ScheduleActivity) -> ActivityTaskScheduledEventAttributes {
        let run_timeout = self.run_timeout;
        for limit in [
            &mut request.schedule_to_close,
            &mut request.schedule_to_start,
            &mut request.start_to_close,
            &mut request.heartbeat,
        ] {
            *limit = (*limit).min(LONGEST);
        }
        let whole = request.schedule_to_close;
        if whole.is_zero() {
            request.schedule_to_close = run_timeout;
            request.schedule_to_start = shorter(request.schedule_to_start, run_timeout);
        } else {
            request.schedule_to_close = shorter(whole, run_timeout);
            request.schedule_to_start = shorter(shorter(request.schedule_to_start, whole), run_timeout);
            request.start_to_close = shorter(request.start_to_close, whole);
        }
        request.start_to_close = shorter(request.start_to_close, run_timeout);
        request.heartbeat = request.heartbeat.min(request.start_to_close);
        ActivityTaskScheduledEventAttributes {
            activity_id: request.activity_id,
            activity_type: Some(ActivityType {
                name: request.activity_type,
            }),
            use_workflow_build_id: request.task_queue == self.task_queue,
            task_queue: Some(normal_queue(&request.task_queue)),
            header: Some(request.header),
            input: request.input,
            schedule_to_close_timeout: Some(duration(request.schedule_to_close)),
            schedule_to_start_timeout: Some(duration(request.schedule_to_start)),
            start_to_close_timeout: Some(duration(request.start_to_close)),
            heartbeat_timeout: Some(duration(request.heartbeat)),
            retry_policy: Some(with_defaults(request.retry_policy.as_ref())),
            ..Default::default()
        }
    }

    /// Fills in what a workflow has left open about a child.
    pub fn complete_child(self, request: &mut StartChildWorkflowExecutionInitiatedEventAttributes) {
        let queue = request.task_queue.take().unwrap_or_default().name;
        request.task_queue = Some(normal_queue(if queue.is_empty() { self.task_queue } else { &queue }));
        let chain = span(request.workflow_execution_timeout.as_ref());
        let run = shorter(span(request.workflow_run_timeout.as_ref()), chain);
        let task = task_timeout(span(request.workflow_task_timeout.as_ref()), run);
        request.workflow_run_timeout = Some(duration(run));
        request.workflow_task_timeout = Some(duration(task));
        request.retry_policy = request.retry_policy.take().map(|policy| with_defaults(Some(&policy)));
        if request.parent_close_policy() == ParentClosePolicy::Unspecified {
            request.set_parent_close_policy(ParentClosePolicy::Terminate);
        }
        if request.workflow_id_reuse_policy() == WorkflowIdReusePolicy::Unspecified {
            request.set_workflow_id_reuse_policy(WorkflowIdReusePolicy::AllowDuplicate);
        }
    }

    /// Fills in what a workflow has left open about the run that goes on.
    pub fn complete_next_run(self, request: &mut ContinueAsNew) {
        let said = &mut request.attributes;
        let type_name = &mut said.workflow_type.get_or_insert_with(WorkflowType::default).name;
        if type_name.is_empty() {
            self.workflow_type.clone_into(type_name);
        }
        let queue = said.task_queue.take().unwrap_or_default().name;
        said.task_queue = Some(normal_queue(if queue.is_empty() { self.task_queue } else { &queue }));
        let or = |limit: Span, own: Span| if limit.is_zero() { own } else { limit };
        let run = or(span(said.workflow_run_timeout.as_ref()), self.run_timeout);
        let run = shorter(run, self.execution_timeout);
        let task = task_timeout(or(span(said.workflow_task_timeout.as_ref()), self.task_timeout), run);
        said.workflow_run_timeout = Some(duration(run));
        said.workflow_task_timeout = Some(duration(task));
        request.retry_policy = request.retry_policy.as_ref().map(|policy| with_defaults(Some(policy)));
    }
}

/// The limit of a workflow task: never more than that of its run.
pub fn task_timeout(task: Span, run: Span) -> Span {
    let task = if task.is_zero() { WORKFLOW_TASK_TIMEOUT } else { task };
    shorter(task.min(LONGEST_WORKFLOW_TASK_TIMEOUT), run)
}

/// The shorter of two limits, of which zero is none.
pub fn shorter(one: Span, other: Span) -> Span {
    if one.is_zero() || other.is_zero() {
        one.max(other)
    } else {
        one.min(other)
    }
}

/// A task queue of the ordinary kind, as histories name it.
pub fn normal_queue(name: &str) -> TaskQueue {
    TaskQueue {
        name: name.to_owned(),
        kind: TaskQueueKind::Normal.into(),
        ..Default::default()
    }
}
