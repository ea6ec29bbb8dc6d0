//! A call to a service that has a circuit breaker: ask it, call, tell it.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, RetryPolicy, SignalWorkflowOptions, SyncWorkflowContext, WorkflowContext, WorkflowResult,
};

use crate::catalogue::workflows::circuit_breaker::{CircuitBreaker, Report, breaker_of};
use crate::catalogue::workflows::partner_activities::{CallResult, Partner, ServiceCall};

/// Calls a service if its breaker lets it.
#[workflow]
#[derive(Default)]
pub struct GuardedCall {
    /// What the breaker says; nothing yet if it has not answered.
    may_call: Option<bool>,
}

#[workflow_methods]
impl GuardedCall {
    #[run(name = "GuardedCall")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, call: ServiceCall) -> WorkflowResult<CallResult> {
        let breaker = ctx.external_workflow(breaker_of(&call.service), None);
        let caller = ctx.workflow_id().to_owned();
        breaker
            .signal(CircuitBreaker::ask, caller.clone(), SignalWorkflowOptions::default())
            .await?;
        ctx.wait_condition(|state| state.may_call.is_some()).await?;
        if ctx.state(|state| state.may_call) == Some(false) {
            return Ok(CallResult::spared());
        }

        let answer = ctx.execute_activity(Partner::call_service, call, options()).await;
        let report = Report {
            caller,
            success: answer.is_ok(),
        };
        breaker
            .signal(CircuitBreaker::report, report, SignalWorkflowOptions::default())
            .await?;
        Ok(CallResult::made(answer))
    }

    /// The breaker's answer.
    #[signal(name = "answer")]
    pub fn answer(&mut self, _ctx: &mut SyncWorkflowContext<Self>, may_call: bool) {
        self.may_call = Some(may_call);
    }
}

/// A service that refuses has answered: no second attempt. A worker that dies has not.
fn options() -> ActivityOptions {
    let policy = RetryPolicy::builder()
        .non_retryable_error_types(["ServiceUnavailable"])
        .build();
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
        .retry_policy(policy)
        .build()
}
