//! What the large events say of somebody's word: the start of a run and of the next one, activities, child workflows; and
//! what others have in common with them.

use std::collections::BTreeMap;

use super::{Aspect, Comparison};
use crate::history::enums::short_name;
use crate::history::proto::{
    ActivityTaskScheduledEventAttributes, ActivityType, Memo, Priority,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowExecution,
    WorkflowExecutionContinuedAsNewEventAttributes, WorkflowExecutionStartedEventAttributes, WorkflowType,
};

impl Comparison {
    pub(super) fn started(
        &mut self,
        a: &WorkflowExecutionStartedEventAttributes,
        b: &WorkflowExecutionStartedEventAttributes,
    ) {
        use Aspect::{Attempts, Id, Input, Option, Result};
        self.text(
            Option,
            "type",
            &workflow(a.workflow_type.as_ref()),
            &workflow(b.workflow_type.as_ref()),
        );
        // Older servers did not write it.
        if !a.workflow_id.is_empty() && !b.workflow_id.is_empty() {
            self.text(Id, "", &a.workflow_id, &b.workflow_id);
        }
        self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
        self.header(a.header.as_ref(), b.header.as_ref());
        let queue =
            |started: &WorkflowExecutionStartedEventAttributes| started.task_queue.clone().unwrap_or_default().name;
        self.text(Option, "task queue", &queue(a), &queue(b));
        let limits = [
            (
                "execution timeout",
                &a.workflow_execution_timeout,
                &b.workflow_execution_timeout,
            ),
            ("run timeout", &a.workflow_run_timeout, &b.workflow_run_timeout),
            ("task timeout", &a.workflow_task_timeout, &b.workflow_task_timeout),
            (
                "first task after",
                &a.first_workflow_task_backoff,
                &b.first_workflow_task_backoff,
            ),
        ];
        for (place, from, to) in limits {
            self.limit(place, from.as_ref(), to.as_ref());
        }
        self.retry_policy(a.retry_policy.as_ref(), b.retry_policy.as_ref());
        self.text(Option, "cron schedule", &a.cron_schedule, &b.cron_schedule);
        self.memo(a.memo.as_ref(), b.memo.as_ref());
        self.search_attributes(a.search_attributes.as_ref(), b.search_attributes.as_ref());
        self.priority(a.priority.as_ref(), b.priority.as_ref());
        // 0 and 1 are both the first.
        self.word(Attempts, "", a.attempt.max(1), b.attempt.max(1), |attempt| {
            attempt.to_string()
        });
        self.payloads(
            Result,
            "of the run before",
            a.last_completion_result.as_ref(),
            b.last_completion_result.as_ref(),
        );
        self.failure(
            "of the run before",
            a.continued_failure.as_ref(),
            b.continued_failure.as_ref(),
        );
    }

    pub(super) fn continued(
        &mut self,
        a: &WorkflowExecutionContinuedAsNewEventAttributes,
        b: &WorkflowExecutionContinuedAsNewEventAttributes,
    ) {
        use Aspect::{Input, Option, Result};
        self.text(
            Option,
            "type",
            &workflow(a.workflow_type.as_ref()),
            &workflow(b.workflow_type.as_ref()),
        );
        self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
        self.header(a.header.as_ref(), b.header.as_ref());
        self.queue(a.task_queue.as_ref(), b.task_queue.as_ref());
        let limits = [
            ("run timeout", &a.workflow_run_timeout, &b.workflow_run_timeout),
            ("task timeout", &a.workflow_task_timeout, &b.workflow_task_timeout),
            ("next run after", &a.backoff_start_interval, &b.backoff_start_interval),
        ];
        for (place, from, to) in limits {
            self.limit(place, from.as_ref(), to.as_ref());
        }
        self.memo(a.memo.as_ref(), b.memo.as_ref());
        self.search_attributes(a.search_attributes.as_ref(), b.search_attributes.as_ref());
        self.payloads(
            Result,
            "",
            a.last_completion_result.as_ref(),
            b.last_completion_result.as_ref(),
        );
    }

    pub(super) fn activity(
        &mut self,
        a: &ActivityTaskScheduledEventAttributes,
        b: &ActivityTaskScheduledEventAttributes,
    ) {
        use Aspect::{Input, Option};
        let kind = |of: std::option::Option<&ActivityType>| of.map(|of| of.name.clone()).unwrap_or_default();
        self.text(
            Option,
            "type",
            &kind(a.activity_type.as_ref()),
            &kind(b.activity_type.as_ref()),
        );
        self.counted_id(&a.activity_id, &b.activity_id);
        self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
        self.header(a.header.as_ref(), b.header.as_ref());
        self.queue(a.task_queue.as_ref(), b.task_queue.as_ref());
        let limits = [
            (
                "schedule-to-close",
                &a.schedule_to_close_timeout,
                &b.schedule_to_close_timeout,
            ),
            (
                "schedule-to-start",
                &a.schedule_to_start_timeout,
                &b.schedule_to_start_timeout,
            ),
            ("start-to-close", &a.start_to_close_timeout, &b.start_to_close_timeout),
            ("heartbeat", &a.heartbeat_timeout, &b.heartbeat_timeout),
        ];
        for (place, from, to) in limits {
            self.limit(place, from.as_ref(), to.as_ref());
        }
        self.retry_policy(a.retry_policy.as_ref(), b.retry_policy.as_ref());
        self.priority(a.priority.as_ref(), b.priority.as_ref());
    }

    pub(super) fn child(
        &mut self,
        a: &StartChildWorkflowExecutionInitiatedEventAttributes,
        b: &StartChildWorkflowExecutionInitiatedEventAttributes,
    ) {
        use Aspect::{Id, Input, Option};
        self.text(
            Option,
            "type",
            &workflow(a.workflow_type.as_ref()),
            &workflow(b.workflow_type.as_ref()),
        );
        if !(is_uuid(&a.workflow_id) && is_uuid(&b.workflow_id)) {
            self.text(Id, "", &a.workflow_id, &b.workflow_id);
        }
        self.payloads(Input, "", a.input.as_ref(), b.input.as_ref());
        self.header(a.header.as_ref(), b.header.as_ref());
        self.queue(a.task_queue.as_ref(), b.task_queue.as_ref());
        let limits = [
            (
                "execution timeout",
                &a.workflow_execution_timeout,
                &b.workflow_execution_timeout,
            ),
            ("run timeout", &a.workflow_run_timeout, &b.workflow_run_timeout),
            ("task timeout", &a.workflow_task_timeout, &b.workflow_task_timeout),
        ];
        for (place, from, to) in limits {
            self.limit(place, from.as_ref(), to.as_ref());
        }
        self.word(
            Option,
            "parent close policy",
            a.parent_close_policy(),
            b.parent_close_policy(),
            |policy| short(policy.as_str_name()),
        );
        self.word(
            Option,
            "id reuse policy",
            a.workflow_id_reuse_policy(),
            b.workflow_id_reuse_policy(),
            |policy| short(policy.as_str_name()),
        );
        self.retry_policy(a.retry_policy.as_ref(), b.retry_policy.as_ref());
        self.text(Option, "cron schedule", &a.cron_schedule, &b.cron_schedule);
        self.memo(a.memo.as_ref(), b.memo.as_ref());
        self.search_attributes(a.search_attributes.as_ref(), b.search_attributes.as_ref());
        self.priority(a.priority.as_ref(), b.priority.as_ref());
    }

    /// An id that an SDK may have counted or drawn by itself says nothing; one that somebody chose does.
    pub(super) fn counted_id(&mut self, from: &str, to: &str) {
        let is_counted = |id: &str| is_uuid(id) || !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_digit());
        if !(is_counted(from) && is_counted(to)) {
            self.text(Aspect::Id, "", from, to);
        }
    }

    pub(super) fn workflow_id(&mut self, from: Option<&WorkflowExecution>, to: Option<&WorkflowExecution>) {
        let id = |execution: Option<&WorkflowExecution>| execution.map(|of| of.workflow_id.clone()).unwrap_or_default();
        let (from, to) = (id(from), id(to));
        if !(is_uuid(&from) && is_uuid(&to)) {
            self.text(Aspect::Option, "to workflow", &from, &to);
        }
    }

    pub(super) fn memo(&mut self, from: Option<&Memo>, to: Option<&Memo>) {
        let nothing = BTreeMap::new();
        let from = from.map_or(&nothing, |memo| &memo.fields);
        let to = to.map_or(&nothing, |memo| &memo.fields);
        self.fields(Aspect::Option, "memo", from, to);
    }

    pub(super) fn priority(&mut self, from: Option<&Priority>, to: Option<&Priority>) {
        let nothing = Priority::default();
        let (from, to) = (from.unwrap_or(&nothing), to.unwrap_or(&nothing));
        self.word(Aspect::Option, "priority", from.priority_key, to.priority_key, |key| {
            key.to_string()
        });
        self.text(Aspect::Option, "fairness key", &from.fairness_key, &to.fairness_key);
        let weight = |priority: &Priority| priority.fairness_weight.to_bits();
        self.word(Aspect::Option, "fairness weight", weight(from), weight(to), |bits| {
            f32::from_bits(bits).to_string()
        });
    }
}

/// `AllowDuplicate`.
pub(super) fn short(name: &str) -> String {
    short_name(name).unwrap_or_else(|| name.to_owned())
}

fn workflow(workflow_type: Option<&WorkflowType>) -> String {
    workflow_type.map(|of| of.name.clone()).unwrap_or_default()
}

/// Whether an id is one that a machine has drawn.
fn is_uuid(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_so = |(at, byte): (usize, &u8)| match at {
        8 | 13 | 18 | 23 => *byte == b'-',
        _ => byte.is_ascii_hexdigit(),
    };
    bytes.len() == 36 && bytes.iter().enumerate().all(is_so)
}
