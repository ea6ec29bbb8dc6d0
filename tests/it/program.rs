//! A workflow that does what a program in JSON says, step by step, so that tests are tables.
//!
//! | step | what it does |
//! | --- | --- |
//! | `["a", type, {id, tq, ma, arg}]` | an activity, awaited; `ma` is its maximum of attempts |
//! | `["l", type, {attempts, threshold}]` | a local activity, awaited; spans in milliseconds |
//! | `["c", type, {id}]` | a child workflow, awaited to its end |
//! | `["t", seconds]` | a timer |
//! | `["p", id, step, step]`, `["dp", id]` | `patched` with its two branches, `deprecate_patch` |
//! | `["par", [steps]]`, `["fire", step]` | all at once; an activity that nobody awaits |
//! | `["wait"]` | the next signal `go` |
//! | `["ret", v]`, `["fail"]`, `["can"]` | returns, fails, continues as new |
//! | `["cancel_t"]`, `["nocancel_t"]` | a 60 s timer, a second, and the timer is cancelled or not, a second |
//! | `["cancel_a", type, how, seconds, arg, ma]` | an activity that is cancelled after a timer, or at once with 0 |
//! | `["cancel_l", type, how, seconds, arg]` | the same with a local activity |
//! | `["cancel_c", type, how, seconds, {id}]` | the same with a child; null: as soon as it has started |
//! | `["sig", id]`, `["stop", id]` | a signal `go`, a request to stop, to another workflow |
//! | `["memo", key, v]`, `["uuid"]`, `["info"]` | sets the memo; a random id; what the run knows of itself |
//!
//! It returns what came of each step.

use std::cell::RefCell;
use std::time::Duration;

use sagascope::catalogue::world::{World, WorldConfig};
use sagascope::contract::request::StartWorkflow;
use sagascope::history::proto::HistoryEvent;
use sagascope::sim::Sim;
use sagascope::sim::setup::Setup;
use sagascope::worker::registry::Registry;
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::common::data_converters::{PayloadConverter, RawValue};
use temporalio_workflow::common::error::ApplicationFailure;
use temporalio_workflow::common::{UntypedActivity, UntypedWorkflow};
use temporalio_workflow::{
    ActivityCancellationType, ActivityOptions, CancellableFuture, ChildWorkflowCancellationType, ChildWorkflowOptions,
    ContinueAsNewOptions, LocalActivityOptions, MemoValue, RetryPolicy, SignalWorkflowOptions, SyncWorkflowContext,
    WorkflowContext, WorkflowContextView, WorkflowResult, WorkflowTermination, join_all,
};

thread_local! {
    /// The program is code, not input: a history may be met by another one than it was written by.
    static PROGRAM: RefCell<Value> = const { RefCell::new(Value::Null) };
}

/// What happens while the code is this program.
pub(crate) fn with<T>(program: &Value, happens: impl FnOnce() -> T) -> T {
    PROGRAM.set(program.clone());
    happens()
}

/// With the lab's activities, in a world without a shop.
pub(crate) fn in_the_world(mut setup: Setup) -> Setup {
    setup.outside = Box::new(World::new(WorldConfig::of(&[])));
    setup
}

/// The world after the program has been played in it, by itself, to its end.
pub(crate) fn played(program: &Value) -> Sim {
    let start = StartWorkflow {
        workflow_id: "program-1".to_owned(),
        workflow_type: "ND".to_owned(),
        task_queue: "stage".to_owned(),
        ..StartWorkflow::default()
    };
    with(program, || {
        let mut sim = Sim::with(in_the_world(Setup::new(start, registry)), 7, Vec::new()).unwrap();
        sim.run_to_end();
        sim
    })
}

/// The history of that.
pub(crate) fn play(program: &Value) -> Vec<HistoryEvent> {
    played(program).runs()[0].log.events().to_vec()
}

pub(crate) fn registry() -> Registry {
    Registry::new().with::<Program>().with::<Kid>().with::<Kid2>()
}

#[workflow]
#[derive(Default)]
struct Program {
    gone: u64,
    waited: u64,
    sum: u64,
}

#[workflow_methods]
impl Program {
    #[run(name = "ND")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<Value> {
        let program = PROGRAM.with_borrow(Clone::clone);
        let mut said = Vec::new();
        for step in program.as_array().cloned().unwrap_or_default() {
            match step[0].as_str() {
                Some("ret") => return Ok(step[1].clone()),
                Some("fail") => return Err(ApplicationFailure::new("failed as told").into()),
                Some("can") => {
                    ctx.continue_as_new((), ContinueAsNewOptions::default())?;
                }
                _ => said.push(perform(ctx, step).await?),
            }
        }
        Ok(json!(said))
    }

    #[signal(name = "go")]
    fn go(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.gone += 1;
    }

    #[query(name = "sum")]
    fn sum(&self, _ctx: &WorkflowContextView) -> u64 {
        self.sum
    }

    #[update(name = "add")]
    async fn add(ctx: &mut WorkflowContext<Self>, n: u64) -> u64 {
        ctx.timer(Duration::from_secs(1)).await;
        ctx.state_mut(|state| {
            state.sum += n;
            state.sum
        })
    }

    #[update_validator(add)]
    fn may_add(&self, _ctx: &WorkflowContextView, n: &u64) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        if *n == 0 { Err("nothing to add".into()) } else { Ok(()) }
    }
}

/// A child that returns after so many seconds.
#[workflow]
#[derive(Default)]
pub(crate) struct Kid;

#[workflow_methods]
impl Kid {
    #[run(name = "Kid")]
    pub(crate) async fn run(ctx: &mut WorkflowContext<Self>, seconds: u64) -> WorkflowResult<u64> {
        if seconds > 0 {
            ctx.timer(Duration::from_secs(seconds)).await;
            if ctx.cancellation_token().is_cancelled() {
                return Err(WorkflowTermination::cancelled());
            }
        }
        Ok(seconds)
    }
}

/// Another child.
#[workflow]
#[derive(Default)]
pub(crate) struct Kid2;

#[workflow_methods]
impl Kid2 {
    #[run(name = "Kid2")]
    pub(crate) async fn run(_ctx: &mut WorkflowContext<Self>, seconds: u64) -> WorkflowResult<u64> {
        Ok(seconds)
    }
}

type Said = Result<Value, WorkflowTermination>;

/// A workflow that programs can run in: it counts the signals `go`.
pub(crate) trait Waits: 'static {
    /// There was a signal that no step has waited for.
    fn was_signaled(&self) -> bool;
    /// A step has waited for one.
    fn has_waited(&mut self);
}

impl Waits for Program {
    fn was_signaled(&self) -> bool {
        self.gone > self.waited
    }

    fn has_waited(&mut self) {
        self.waited += 1;
    }
}

/// Does one step, and says what came of it.
pub(crate) fn perform<'a, W: Waits>(
    ctx: &'a WorkflowContext<W>,
    step: Value,
) -> std::pin::Pin<Box<dyn Future<Output = Said> + 'a>> {
    Box::pin(async move {
        let name = step[1].as_str().unwrap_or_default();
        Ok(match step[0].as_str().unwrap_or_default() {
            "a" => said(activity(ctx, &step).await),
            "l" => said(
                ctx.execute_local_activity(UntypedActivity::new(name), argument(&step), local_options(&step[2]))
                    .await,
            ),
            "c" => {
                let options = child_options(&step[2]);
                let seconds = raw(&step[2]["seconds"].as_u64().unwrap_or_default());
                match ctx
                    .start_child_workflow(UntypedWorkflow::new(name), seconds, options)
                    .await
                {
                    Ok(child) => said(child.result().await),
                    Err(error) => json!(error.to_string()),
                }
            }
            "t" => {
                ctx.timer(seconds(&step[1])).await;
                json!("fired")
            }
            "p" => {
                let patched = ctx.patched(name);
                let branch = step[if patched { 2 } else { 3 }].clone();
                if !branch.is_null() {
                    perform(ctx, branch).await?;
                }
                json!(patched)
            }
            "dp" => json!(ctx.deprecate_patch(name)),
            "par" => {
                let all = step[1].as_array().cloned().unwrap_or_default();
                let all: Vec<_> = all.into_iter().map(|step| perform(ctx, step)).collect();
                json!(join_all(all).await.into_iter().collect::<Result<Vec<_>, _>>()?)
            }
            "fire" => {
                std::mem::forget(activity(ctx, &step[1]));
                json!("fired")
            }
            "wait" => {
                ctx.wait_condition(Waits::was_signaled).await?;
                ctx.state_mut(Waits::has_waited);
                json!("gone")
            }
            "cancel_t" | "nocancel_t" => {
                let first = ctx.timer(Duration::from_secs(1));
                let long = ctx.timer(Duration::from_secs(60));
                first.await;
                let short = ctx.timer(Duration::from_secs(1));
                if step[0] == "cancel_t" {
                    long.cancel();
                }
                short.await;
                json!("done")
            }
            "cancel_a" => {
                let mut options = step.clone();
                options[2] = json!({ "cancel": step[2], "arg": step[4], "ma": step[5] });
                let activity = activity(ctx, &options);
                if step[3].as_u64().unwrap_or_default() > 0 {
                    ctx.timer(seconds(&step[3])).await;
                }
                activity.cancel();
                said(activity.await)
            }
            "cancel_l" => {
                let options = json!({ "cancel": step[2] });
                let activity =
                    ctx.execute_local_activity(UntypedActivity::new(name), raw(&step[4]), local_options(&options));
                ctx.timer(seconds(&step[3])).await;
                activity.cancel();
                said(activity.await)
            }
            "cancel_c" => {
                let mut options = step[4].clone();
                options["cancel"] = step[2].clone();
                let kid = UntypedWorkflow::new(name);
                let start = ctx.start_child_workflow(kid, raw(&100_u64), child_options(&options));
                if step[3] == 0 {
                    start.cancel();
                    match start.await {
                        Ok(_) => json!("started"),
                        Err(error) => json!(error.to_string()),
                    }
                } else {
                    match start.await {
                        Ok(child) => {
                            if !step[3].is_null() {
                                ctx.timer(seconds(&step[3])).await;
                            }
                            child.cancel("enough".to_owned());
                            said(child.result().await)
                        }
                        Err(error) => json!(error.to_string()),
                    }
                }
            }
            "sig" => {
                let target = ctx.external_workflow(name, None);
                match target.signal(Program::go, (), SignalWorkflowOptions::default()).await {
                    Ok(()) => json!("signaled"),
                    Err(error) => json!(error.to_string()),
                }
            }
            "stop" => match ctx
                .external_workflow(name, None)
                .cancel(Some("enough".to_owned()))
                .await
            {
                Ok(()) => json!("asked"),
                Err(error) => json!(error.to_string()),
            },
            "memo" => {
                ctx.upsert_memo([(name, Some(MemoValue::new(step[2].clone())))])
                    .map_err(WorkflowTermination::from)?;
                json!("set")
            }
            "uuid" => json!(ctx.uuid4()),
            "info" => json!([
                ctx.history_length(),
                ctx.continue_as_new_suggested(),
                ctx.is_replaying()
            ]),
            other => json!(format!("unknown step {other}")),
        })
    })
}

fn activity<W: Waits>(
    ctx: &WorkflowContext<W>,
    step: &Value,
) -> impl CancellableFuture<Output = Result<RawValue, temporalio_workflow::common::error::ActivityExecutionError>> {
    let options = &step[2];
    let text = |name: &str| options[name].as_str().map(str::to_owned);
    let attempts = options["ma"].as_u64().unwrap_or(1);
    let options = ActivityOptions::with_start_to_close_timeout(Duration::from_secs(10))
        .maybe_activity_id(text("id"))
        .maybe_task_queue(text("tq"))
        .cancellation_type(cancellation(options))
        .retry_policy(
            RetryPolicy::builder()
                .maximum_attempts(u32::try_from(attempts).unwrap_or(1))
                .build(),
        )
        .build();
    let name = step[1].as_str().unwrap_or_default();
    ctx.execute_activity(UntypedActivity::new(name), argument(step), options)
}

fn local_options(options: &Value) -> LocalActivityOptions {
    let policy = RetryPolicy::builder()
        .maximum_attempts(
            options["attempts"]
                .as_u64()
                .and_then(|n| u32::try_from(n).ok())
                .unwrap_or(1),
        )
        .build();
    let threshold = options["threshold"].as_u64().map(Duration::from_millis);
    LocalActivityOptions::builder()
        .start_to_close_timeout(Duration::from_secs(60))
        .retry_policy(policy)
        .maybe_timer_backoff_threshold(threshold)
        .cancel_type(cancellation(options))
        .build()
}

fn cancellation(options: &Value) -> ActivityCancellationType {
    match options["cancel"].as_str() {
        Some("wait") => ActivityCancellationType::WaitCancellationCompleted,
        Some("abandon") => ActivityCancellationType::Abandon,
        _ => ActivityCancellationType::TryCancel,
    }
}

fn child_options(options: &Value) -> ChildWorkflowOptions {
    ChildWorkflowOptions::builder()
        .maybe_workflow_id(options["id"].as_str().map(str::to_owned))
        .cancel_type(match options["cancel"].as_str() {
            Some("try") => ChildWorkflowCancellationType::TryCancel,
            Some("wait") => ChildWorkflowCancellationType::WaitCancellationCompleted,
            _ => ChildWorkflowCancellationType::Abandon,
        })
        .build()
}

fn argument(step: &Value) -> RawValue {
    raw(&step[2]["arg"])
}

fn raw<T>(value: &T) -> RawValue
where
    T: temporalio_workflow::common::data_converters::TemporalSerializable + 'static,
{
    RawValue::from_value(value, &PayloadConverter::default())
}

fn seconds(value: &Value) -> Duration {
    Duration::from_secs(value.as_u64().unwrap_or_default())
}

fn said<E: std::fmt::Display>(outcome: Result<RawValue, E>) -> Value {
    match outcome {
        Ok(value) => {
            let payload = value.payloads.first();
            payload.map_or(Value::Null, |payload| {
                serde_json::from_slice(&payload.data).unwrap_or_default()
            })
        }
        Err(error) => json!(error.to_string()),
    }
}
