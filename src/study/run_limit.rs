//! When a run times out, as its first event states it.
//!
//! The run's timeout begins after what holds its first workflow task back, the whole execution's with the first run of the
//! chain (server 1.32).

use crate::base::time::Span;
use crate::history::proto::{Attributes, HistoryEvent, WorkflowExecutionStartedEventAttributes};
use crate::history::timestamp::{Timestamp, span};

/// The end of a run's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct RunLimit {
    /// When it comes.
    pub(super) at: Timestamp,
    /// Whose timeout it is.
    pub(super) of: LimitOf,
    /// How long that is; zero if the event does not say.
    pub(super) length: Span,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LimitOf {
    Run,
    Execution,
}

impl RunLimit {
    /// The limit that comes first, if any is set.
    pub(super) fn of(first: &HistoryEvent) -> Option<Self> {
        Self::all(first).into_iter().min_by_key(|limit| limit.at)
    }

    /// All that are set: the run's own, then that of the execution.
    pub(super) fn all(first: &HistoryEvent) -> Vec<Self> {
        let (Some(started), Some(begin)) = (started(first), first.event_time) else {
            return Vec::new();
        };
        let run = span(started.workflow_run_timeout.as_ref());
        let held_back = span(started.first_workflow_task_backoff.as_ref());
        let by_run = (!run.is_zero()).then(|| Self {
            at: begin.plus(held_back).plus(run),
            of: LimitOf::Run,
            length: run,
        });
        // The date is that of the chain; old servers write none, and then its first run tells.
        let execution = span(started.workflow_execution_timeout.as_ref());
        let is_first = started.continued_execution_run_id.is_empty();
        let expiration = started.workflow_execution_expiration_time;
        let by_begin = (is_first && !execution.is_zero()).then(|| begin.plus(execution));
        // A date before the run is how "none" was written once.
        let at = expiration.filter(|at| *at > begin).or(by_begin);
        let by_execution = at.map(|at| Self {
            at,
            of: LimitOf::Execution,
            length: execution,
        });
        by_run.into_iter().chain(by_execution).collect()
    }

    /// `run timeout 25 h`.
    pub(super) fn words(&self) -> String {
        let name = match self.of {
            LimitOf::Run => "run timeout",
            LimitOf::Execution => "execution timeout",
        };
        if self.length.is_zero() {
            name.to_owned()
        } else {
            format!("{name} {}", self.length)
        }
    }
}

/// What the first event of a whole history says.
pub(super) fn started(first: &HistoryEvent) -> Option<&WorkflowExecutionStartedEventAttributes> {
    match &first.attributes {
        Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) => Some(started),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::time::SimTime;
    use crate::history::timestamp::duration;

    #[test]
    fn the_first_limit_counts() {
        let at = |seconds| Timestamp::of(SimTime::ZERO + Span::secs(seconds));
        let limit = |run, execution, backoff, expiration: Option<u64>| {
            let started = WorkflowExecutionStartedEventAttributes {
                workflow_run_timeout: Some(duration(Span::secs(run))),
                workflow_execution_timeout: Some(duration(Span::secs(execution))),
                first_workflow_task_backoff: Some(duration(Span::secs(backoff))),
                workflow_execution_expiration_time: expiration.map(at),
                ..Default::default()
            };
            let first = HistoryEvent {
                event_time: Some(at(0)),
                attributes: Some(Attributes::WorkflowExecutionStartedEventAttributes(Box::new(started))),
                ..Default::default()
            };
            RunLimit::of(&first).map(|limit| (limit.at, limit.words()))
        };
        assert_eq!(limit(0, 0, 9, None), None);
        assert_eq!(limit(60, 0, 9, None), Some((at(69), "run timeout 60 s".to_owned())));
        assert_eq!(
            limit(60, 65, 9, Some(65)),
            Some((at(65), "execution timeout 65 s".to_owned()))
        );
        assert_eq!(
            limit(0, 65, 9, None),
            Some((at(65), "execution timeout 65 s".to_owned()))
        );
    }
}
