//! Rules about child workflows: those that could not begin, and those that a run leaves behind.

use crate::history::class::Thing;
use crate::history::proto::{
    Attributes, EventType, HistoryEvent, ParentClosePolicy, StartChildWorkflowExecutionFailedCause as Cause,
    StartChildWorkflowExecutionInitiatedEventAttributes, WorkflowIdReusePolicy,
};

use super::evidence::{Ending, Evidence, how, is};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::name;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "child-start-not-awaited",
        severity: Severity::Error,
        title: "a run ended before its child had begun",
        why: "A child is begun after the workflow task that asked for it. If the parent is closed by then, and the policy is \
              not to abandon it, the child never begins.",
        todo: "Wait until the child has started, before the workflow returns or continues as new; a child that is to outlive \
               it is abandoned besides.",
        page: "child-workflows",
        look: child_start_not_awaited,
    },
    Rule {
        id: "child-terminated-with-parent",
        severity: Severity::Warning,
        title: "a run ended while a child was running, and took it along",
        why: "The default parent close policy terminates the child at once: no code of its own runs, nothing is cleaned up. \
              That is so when the parent continues as new, too.",
        todo: "Wait for the child, or choose another policy: to request its cancellation, or to abandon it.",
        page: "parent-close-policy",
        look: child_terminated_with_parent,
    },
    Rule {
        id: "child-left-running",
        severity: Severity::Note,
        title: "a run ended while a child was running, which goes on",
        why: "Nobody waits for it any more, and how it ends stands in its own history only. A parent that continued as new \
              does not know it in its next run.",
        todo: "If that is meant, nothing.",
        page: "parent-close-policy",
        look: child_left_running,
    },
    Rule {
        id: "child-start-failed",
        severity: Severity::Warning,
        title: "a child could not be started",
        why: "The workflow gets a failure in place of the child; what the child was for is not done.",
        todo: "Give each child an id of its own, or handle the failure: the one that runs under this id may be what was \
               wanted.",
        page: "child-workflows",
        look: child_start_failed,
    },
    Rule {
        id: "child-retry-policy",
        severity: Severity::Note,
        title: "a child has a retry policy",
        why: "A retry of a workflow begins at its beginning: all that it has done is done again.",
        todo: "Let activities be retried, and handle failures in the child's code; a child that failed can be reset.",
        page: "encyclopedia/retry-policies",
        look: child_retry_policy,
    },
    Rule {
        id: "child-terminates-running",
        severity: Severity::Warning,
        title: "a child is started with the policy to terminate the run that has its id",
        why: "If a workflow of this id is running, the Service ends it: none of its code runs, nothing is cleaned up.",
        todo: "Use another id, or let the start fail and handle that; cancel the running one if it has to go.",
        page: "workflow-execution/workflowid-runid",
        look: child_terminates_running,
    },
    Rule {
        id: "child-id-reuse-limited",
        severity: Severity::Note,
        title: "a child relies on its id not being used again",
        why: "The Service knows of a closed run until the namespace's retention period is over: after that the id can be used \
              again.",
        todo: "If it must not happen twice, ever, keep track of it outside of Temporal.",
        page: "workflow-execution/workflowid-runid",
        look: child_id_reuse_limited,
    },
];

type Initiated = StartChildWorkflowExecutionInitiatedEventAttributes;

/// Every child that was asked for.
fn children<'a>(evidence: &Evidence<'a>) -> impl Iterator<Item = (&'a HistoryEvent, &'a Initiated)> {
    evidence.events.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(initiated)) => Some((event, &**initiated)),
        _ => None,
    })
}

fn kind(initiated: &Initiated) -> &str {
    initiated.workflow_type.as_ref().map_or("", |kind| &kind.name)
}

/// A child whose end a closed run has not seen.
struct Left<'a> {
    event: &'a HistoryEvent,
    initiated: &'a Initiated,
    started: bool,
    close: &'a HistoryEvent,
}

/// The children whose end the run has not seen. What becomes of those of a run that was reset, the operator has decided.
fn left<'a>(evidence: &Evidence<'a>) -> Vec<Left<'a>> {
    let Ending::Closed(close) = evidence.ending else {
        return Vec::new();
    };
    let children = evidence
        .operations
        .iter()
        .filter(|operation| operation.thing == Thing::Child && operation.closed.is_none());
    let left = children.filter_map(|child| {
        let event = evidence.event(child.opened)?;
        let Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(initiated)) = &event.attributes else {
            return None;
        };
        Some(Left {
            event,
            initiated,
            started: child.started.is_some(),
            close,
        })
    });
    left.filter(|left| left.event.event_id < close.event_id).collect()
}

fn abandoned(initiated: &Initiated) -> bool {
    initiated.parent_close_policy() == ParentClosePolicy::Abandon
}

fn terminated(initiated: &Initiated) -> bool {
    matches!(
        initiated.parent_close_policy(),
        ParentClosePolicy::Terminate | ParentClosePolicy::Unspecified
    )
}

/// What is told of a child that was left behind.
fn tell(left: &Left<'_>, what: &str, finds: &mut Finds) {
    let told = format!(
        "{} (id {}) {what}; the parent: {} by event {}",
        name(kind(left.initiated)),
        name(&left.initiated.workflow_id),
        how(left.close),
        left.close.event_id
    );
    finds.like(kind(left.initiated), left.event.event_id, told);
}

fn child_start_not_awaited(evidence: &Evidence<'_>, finds: &mut Finds) {
    for child in left(evidence)
        .iter()
        .filter(|child| !child.started && !abandoned(child.initiated))
    {
        tell(child, "had not begun", finds);
    }
}

fn child_terminated_with_parent(evidence: &Evidence<'_>, finds: &mut Finds) {
    for child in left(evidence)
        .iter()
        .filter(|child| child.started && terminated(child.initiated))
    {
        tell(child, "is terminated", finds);
    }
}

fn child_left_running(evidence: &Evidence<'_>, finds: &mut Finds) {
    for child in left(evidence).iter().filter(|child| !terminated(child.initiated)) {
        match (abandoned(child.initiated), child.started) {
            (true, true) => tell(child, "is abandoned", finds),
            (true, false) => tell(child, "is abandoned, and had not begun", finds),
            (false, true) => tell(child, "is asked to stop", finds),
            // Never begun: another rule.
            (false, false) => {}
        }
    }
}

fn child_start_failed(evidence: &Evidence<'_>, finds: &mut Finds) {
    for event in evidence
        .events
        .iter()
        .filter(|event| is(event, EventType::StartChildWorkflowExecutionFailed))
    {
        let Some(Attributes::StartChildWorkflowExecutionFailedEventAttributes(failed)) = &event.attributes else {
            continue;
        };
        let why = match failed.cause() {
            Cause::WorkflowAlreadyExists => "its id is in use",
            Cause::NamespaceNotFound => "there is no such namespace",
            Cause::InvalidVersioningOverride => "its versioning override is not valid",
            Cause::Unspecified => "the cause is not told",
        };
        let kind = failed.workflow_type.as_ref().map_or("", |kind| &kind.name);
        let what = format!("{} (id {}): {why}", name(kind), name(&failed.workflow_id));
        finds.like(&format!("{kind} {why}"), event.event_id, what);
    }
}

fn child_retry_policy(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, initiated) in children(evidence).filter(|(_, initiated)| initiated.retry_policy.is_some()) {
        let most = initiated
            .retry_policy
            .as_ref()
            .map_or(0, |policy| policy.maximum_attempts);
        let most = if most > 0 {
            format!("at most {most} attempts")
        } else {
            "as often as it takes".to_owned()
        };
        finds.at(event.event_id, format!("{}: {most}", name(kind(initiated))));
    }
}

/// What is asked of the id of a child.
enum IdPolicy {
    /// A run of this id that is open is terminated.
    TerminatesRunning,
    /// The Service has to know of the runs of this id that were before.
    Looks(&'static str),
    Any,
}

fn id_policy(initiated: &Initiated) -> IdPolicy {
    #[expect(
        deprecated,
        reason = "children have no other way to ask for it, and histories have it"
    )]
    match initiated.workflow_id_reuse_policy() {
        WorkflowIdReusePolicy::TerminateIfRunning => IdPolicy::TerminatesRunning,
        WorkflowIdReusePolicy::RejectDuplicate => IdPolicy::Looks("no run of this id before"),
        WorkflowIdReusePolicy::AllowDuplicateFailedOnly => IdPolicy::Looks("no run of this id before that succeeded"),
        WorkflowIdReusePolicy::AllowDuplicate | WorkflowIdReusePolicy::Unspecified => IdPolicy::Any,
    }
}

fn child_terminates_running(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, initiated) in children(evidence) {
        if let IdPolicy::TerminatesRunning = id_policy(initiated) {
            let what = format!("{} (id {})", name(kind(initiated)), name(&initiated.workflow_id));
            finds.like(kind(initiated), event.event_id, what);
        }
    }
}

fn child_id_reuse_limited(evidence: &Evidence<'_>, finds: &mut Finds) {
    for (event, initiated) in children(evidence) {
        if let IdPolicy::Looks(policy) = id_policy(initiated) {
            finds.at(event.event_id, format!("{}: {policy}", name(kind(initiated))));
        }
    }
}
