//! How a run ends: the closing events, and what they say of the run that follows.
//!
//! | end | asked for by | another run may follow |
//! | --- | --- | --- |
//! | Completed | a command | on schedule |
//! | Failed | a command | by the retry policy, or on schedule |
//! | Canceled | a command | no |
//! | ContinuedAsNew | a command | yes |
//! | TimedOut | a timer | by the retry policy, or on schedule, unless the whole chain is out of time |
//!
//! Termination has a file of its own.

use super::chain::Why;
use crate::base::time::{SimTime, Span};
use crate::contract::answer::ContinueAsNew;
use crate::history::proto::{
    Attributes, Failure, FailureInfo, Payloads, RetryState, TimeoutFailureInfo, TimeoutType,
    WorkflowExecutionCanceledEventAttributes, WorkflowExecutionCompletedEventAttributes,
    WorkflowExecutionFailedEventAttributes, WorkflowExecutionTimedOutEventAttributes,
};
use crate::service::run::Run;
use crate::service::transaction::Tx;

impl Run {
    /// The workflow returned.
    pub(super) fn complete(&mut self, tx: &mut Tx<'_>, result: Option<Payloads>, completed: i64) {
        let next = self.next_of_schedule(tx.now).map(|why| self.name_next(tx, why));
        self.write(
            tx,
            Attributes::WorkflowExecutionCompletedEventAttributes(WorkflowExecutionCompletedEventAttributes {
                result: result.clone(),
                workflow_task_completed_event_id: completed,
                new_execution_run_id: next.as_ref().map_or_else(String::new, |next| next.run_id.clone()),
            }),
        );
        self.close(tx);
        if let Some(next) = next {
            self.begin_next(tx, next, None, result);
        }
    }

    /// The workflow failed.
    pub(super) fn fail(&mut self, tx: &mut Tx<'_>, failure: Failure, completed: i64) {
        let (retry_state, why) = self.after_failure(tx.now, &failure);
        let next = why.map(|why| self.name_next(tx, why));
        self.write(
            tx,
            Attributes::WorkflowExecutionFailedEventAttributes(WorkflowExecutionFailedEventAttributes {
                failure: Some(failure.clone()),
                retry_state: retry_state.into(),
                workflow_task_completed_event_id: completed,
                new_execution_run_id: next.as_ref().map_or_else(String::new, |next| next.run_id.clone()),
            }),
        );
        self.close(tx);
        if let (Some(next), Some(why)) = (next, why) {
            // Only the schedule keeps the last result; the real Service forgets it at a retry.
            let result = match why {
                Why::Schedule(_) => self.started().last_completion_result.clone(),
                Why::Retry(_) | Why::Continues => None,
            };
            self.begin_next(tx, next, Some(failure), result);
        }
    }

    /// The workflow stopped because it was asked to.
    pub(super) fn cancel_workflow(&mut self, tx: &mut Tx<'_>, details: Option<Payloads>, completed: i64) {
        self.write(
            tx,
            Attributes::WorkflowExecutionCanceledEventAttributes(WorkflowExecutionCanceledEventAttributes {
                workflow_task_completed_event_id: completed,
                details,
            }),
        );
        self.close(tx);
    }

    /// The workflow goes on in another run.
    pub(super) fn continue_as_new(&mut self, tx: &mut Tx<'_>, mut request: ContinueAsNew, completed: i64) {
        self.options().complete_next_run(&mut request);
        let next = self.name_next(tx, Why::Continues);
        let said = &mut request.attributes;
        said.new_execution_run_id.clone_from(&next.run_id);
        said.workflow_task_completed_event_id = completed;
        let event = Box::new(said.clone());
        self.write(tx, Attributes::WorkflowExecutionContinuedAsNewEventAttributes(event));
        self.close(tx);
        self.begin_continued(tx, next, request);
    }

    /// The run has reached its limit, or that of its chain.
    pub(in crate::service) fn time_out(&mut self, tx: &mut Tx<'_>) {
        let failure = Failure {
            message: "workflow timeout".to_owned(),
            source: "Server".to_owned(),
            failure_info: Some(FailureInfo::TimeoutFailureInfo(TimeoutFailureInfo {
                timeout_type: TimeoutType::StartToClose.into(),
                ..Default::default()
            })),
            ..Default::default()
        };
        let (retry_state, why) = if self.chain_is_out_of_time(tx.now) {
            (RetryState::Timeout, None)
        } else {
            self.after_failure(tx.now, &failure)
        };
        self.force_close_workflow_task(tx);
        let next = why.map(|why| self.name_next(tx, why));
        self.write(
            tx,
            Attributes::WorkflowExecutionTimedOutEventAttributes(WorkflowExecutionTimedOutEventAttributes {
                retry_state: retry_state.into(),
                new_execution_run_id: next.as_ref().map_or_else(String::new, |next| next.run_id.clone()),
            }),
        );
        self.close(tx);
        if let Some(next) = next {
            let result = self.started().last_completion_result.clone();
            self.begin_next(tx, next, Some(failure), result);
        }
    }

    /// The closing event is staged. What is still pending writes nothing any more.
    pub(super) fn close(&mut self, tx: &mut Tx<'_>) {
        tx.drop_buffer();
        self.unwritten.hand.workflow_task = None;
        self.unwritten.attempts.clear();
        tx.withdraw_tasks(self.key);
        self.send_waiting_queries(tx);
        self.leave_relatives(tx);
        self.abort_updates(tx);
    }

    /// The real Service's timers are late by some milliseconds, so that the end of a chain, which is rounded, is over
    /// when that of its run is.
    fn chain_is_out_of_time(&self, now: SimTime) -> bool {
        self.execution_expiration
            .is_some_and(|end| end.since(now) < Span::millis(1))
    }
}
