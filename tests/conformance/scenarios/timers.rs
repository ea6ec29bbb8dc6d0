//! Timers.

use sagascope::base::time::Span;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::history::proto::EventType;
use sagascope::sim::script::Action;
use serde_json::json;
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::workflows::{join_all, select};
use temporalio_workflow::{TimerOptions, WorkflowContext, WorkflowResult};

use super::call::{Call, millis};
use crate::scenario::{Scenario, code, event, worker};

pub(super) fn scenarios() -> Vec<Scenario> {
    let alone = |name, says, spans: serde_json::Value| Scenario::new(name, says, code!(WaitsForAll), spans);
    let started = || event(EventType::TimerStarted);
    vec![
        alone("timer-fires", "A timer of two seconds.", json!([2_000])),
        alone("timer-zero", "A timer of no time at all is a timer too.", json!([0])),
        alone(
            "timer-fractions",
            "A timer of an odd number of milliseconds.",
            json!([1_234]),
        ),
        alone(
            "timers-equal",
            "Timers that are due at the same moment fire together, in the order of their starts.",
            json!([2_000, 2_000, 2_000]),
        ),
        alone(
            "timers-various",
            "Timers that are due at different moments, the longest first.",
            json!([6_000, 2_000, 4_000]),
        ),
        Scenario::new(
            "timers-in-turn",
            "Timers one after another.",
            code!(WaitsInTurn),
            json!([1_000, 1_500, 1_000]),
        ),
        Scenario::new(
            "timer-loses-race",
            "The shorter of two timers wins; the longer is still running when the workflow completes.",
            code!(WaitsForFirst),
            json!([60_000, 1_500]),
        ),
        Scenario::new(
            "timer-beats-activity",
            "A timer fires before an activity answers; the workflow fails the activity's caller, not the activity.",
            code!(WaitsOrCalls),
            json!([1_000, 4_000]),
        )
        .lasts(Span::secs(5)),
        Scenario::new(
            "activity-beats-timer",
            "An activity answers before a timer fires.",
            code!(WaitsOrCalls),
            json!([60_000, 200]),
        ),
        Scenario::new(
            "timer-summary",
            "A timer with a few words for people.",
            code!(Explains),
            json!(null),
        ),
        alone(
            "timer-worker-dead",
            "A timer fires while the worker is dead; after ten seconds any worker may have the task.",
            json!([1_500]),
        )
        .then(started(), Action::Kill(worker('A')))
        .then(event(EventType::WorkflowTaskTimedOut), Action::Launch(worker('A'), 0)),
        alone(
            "timers-worker-away",
            "Two timers fire while no worker is there: they come together, in one task.",
            json!([1_500, 3_000]),
        )
        .worker(|worker| worker.cache = 0)
        .then(started(), Action::Stop(worker('A')))
        .after(
            event(EventType::TimerFired),
            Span::secs(3),
            Action::Launch(worker('A'), 0),
        ),
        alone(
            "timer-within-run",
            "A timer longer than the run may take: the run ends first.",
            json!([60_000]),
        )
        .start(|start| start.run_timeout = Span::secs(3)),
    ]
}

/// Starts timers of so many milliseconds all at once, and waits for all.
#[workflow]
#[derive(Default)]
struct WaitsForAll;

#[workflow_methods]
impl WaitsForAll {
    #[run(name = "WaitsForAll")]
    async fn run(ctx: &mut WorkflowContext<Self>, spans: Vec<u64>) -> WorkflowResult<usize> {
        Ok(join_all(spans.into_iter().map(|ms| ctx.timer(millis(ms)))).await.len())
    }
}

/// Waits for one timer after another.
#[workflow]
#[derive(Default)]
struct WaitsInTurn;

#[workflow_methods]
impl WaitsInTurn {
    #[run(name = "WaitsInTurn")]
    async fn run(ctx: &mut WorkflowContext<Self>, spans: Vec<u64>) -> WorkflowResult<()> {
        for ms in spans {
            ctx.timer(millis(ms)).await;
        }
        Ok(())
    }
}

/// Waits for the first of two timers.
#[workflow]
#[derive(Default)]
struct WaitsForFirst;

#[workflow_methods]
impl WaitsForFirst {
    #[run(name = "WaitsForFirst")]
    async fn run(ctx: &mut WorkflowContext<Self>, spans: (u64, u64)) -> WorkflowResult<String> {
        let mut first = ctx.timer(millis(spans.0));
        let mut second = ctx.timer(millis(spans.1));
        let winner = select! {
            _ = first => "the first",
            _ = second => "the second",
        };
        Ok(winner.to_owned())
    }
}

/// A timer of so long, an activity of so long: what is first?
#[workflow]
#[derive(Default)]
struct WaitsOrCalls;

#[workflow_methods]
impl WaitsOrCalls {
    #[run(name = "WaitsOrCalls")]
    async fn run(ctx: &mut WorkflowContext<Self>, spans: (u64, u64)) -> WorkflowResult<String> {
        let mut call = Call::default();
        call.what.takes_ms = spans.1;
        let mut timer = ctx.timer(millis(spans.0));
        let mut answer = ctx.execute_activity(Stage::rehearse, call.what.clone(), call.options());
        let winner = select! {
            _ = timer => "the timer",
            _ = answer => "the activity",
        };
        Ok(winner.to_owned())
    }
}

/// Waits for a timer and an activity that say what they are for.
#[workflow]
#[derive(Default)]
struct Explains;

#[workflow_methods]
impl Explains {
    #[run(name = "Explains")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        let options = TimerOptions::builder(millis(1_000))
            .summary("gives the customer time".to_owned())
            .build();
        ctx.timer(options).await;
        let mut options = Call::default().options();
        options.summary = Some("then does it".to_owned());
        ctx.execute_activity(Stage::rehearse, Rehearsal::default(), options)
            .await?;
        Ok(())
    }
}
