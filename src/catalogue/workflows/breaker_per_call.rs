//! A circuit breaker that lives in the call which it is to guard: it is born closed with every call and dies with it,
//! so what it learns it never uses. `circuit_breaker.rs` beside it does it right.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{ActivityOptions, RetryPolicy, WorkflowContext, WorkflowResult};

use crate::catalogue::workflows::partner_activities::{CallResult, Partner, ServiceCall};

const MAX_FAILURES: u32 = 3;

/// Calls a service unless its circuit is open, which it never is.
#[workflow]
#[derive(Default)]
pub struct BreakerPerCall;

#[workflow_methods]
impl BreakerPerCall {
    #[run(name = "BreakerPerCall")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, call: ServiceCall) -> WorkflowResult<CallResult> {
        let mut breaker = Breaker::default();
        if breaker.is_open() {
            return Ok(CallResult::spared());
        }
        let answer = ctx.execute_activity(Partner::call_service, call, options()).await;
        // The third failure would open it. But this is the first, always.
        breaker.count(answer.is_ok());
        Ok(CallResult::made(answer))
    }
}

/// It would close again after a minute, and never comes so far.
#[derive(Default)]
struct Breaker {
    failures: u32,
}

impl Breaker {
    fn is_open(&self) -> bool {
        self.failures >= MAX_FAILURES
    }

    fn count(&mut self, success: bool) {
        self.failures = if success { 0 } else { self.failures + 1 };
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
