//! The first of several: whichever comes first decides, and the others are called off.

use std::time::Duration;

use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::{
    ActivityOptions, TimerOptions, WorkflowCancellationToken, WorkflowContext, WorkflowResult, select,
};

use crate::catalogue::workflows::supplier_activities::{Purchase, QuoteRequest, Suppliers};

/// Asks two suppliers and orders from the one that answers first, if one does within a minute.
#[workflow]
#[derive(Default)]
pub struct Select;

#[workflow_methods]
impl Select {
    #[run(name = "Select")]
    pub async fn run(ctx: &mut WorkflowContext<Self>, asked: (QuoteRequest, QuoteRequest)) -> WorkflowResult<Purchase> {
        let race = ctx.cancellation_token().child_token();
        let mut one = ctx.execute_activity(Suppliers::ask_for_quote, asked.0, until_over(&race));
        let mut other = ctx.execute_activity(Suppliers::ask_for_quote, asked.1, until_over(&race));
        let minute = TimerOptions::builder(Duration::from_secs(60)).cancellation_token(race.clone());
        let mut deadline = ctx.timer(minute.build());
        let first = select! {
            answer = one => Some(answer),
            answer = other => Some(answer),
            _ = deadline => None,
        };

        // Without this the loser would work on, and somebody would pay for it.
        race.cancel();
        let Some(answer) = first else {
            return Err(ApplicationFailure::new("nobody has answered within a minute").into());
        };
        let within = ActivityOptions::start_to_close_timeout(Duration::from_secs(60));
        Ok(ctx.execute_activity(Suppliers::place_order, answer?, within).await?)
    }
}

/// The heartbeat is how a running activity learns that it has lost, and how the Service learns that its worker has died.
fn until_over(race: &WorkflowCancellationToken) -> ActivityOptions {
    ActivityOptions::with_start_to_close_timeout(Duration::from_secs(600))
        .heartbeat_timeout(Duration::from_secs(5))
        .cancellation_token(race.clone())
        .build()
}
