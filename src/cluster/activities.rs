//! The world's activities on a worker of the official SDK: every attempt does in real time what `World::plan` says of
//! it. One implementation for all activity types, also for the tests that compare the lab with a real server.
//!
//! What an activity does to the world, and when, is the world's business; here are the clock, the sleeping, the
//! heartbeats, the cancellation, and the SDK's types.

use std::convert::Infallible;
use std::future::pending;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use temporalio_common::ActivityDefinition;
use temporalio_common::data_converters::RawValue;
use temporalio_protos::temporal::api::common::v1::Payload;
use temporalio_sdk::ApplicationFailure;
use temporalio_sdk::activities::{
    ActivityContext, ActivityDefinitions, ActivityError, ActivityImplementer, ExecutableActivity,
};
use tokio::time::{Instant, sleep, sleep_until};

use crate::base::chance::Chance;
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::{ACTIVITY_TYPES, World};
use crate::sim::outside::{self, Call, OnCancel, Outside as _, Plan};

/// A world in real time, which a worker's activities share. Its time begins when it is made.
pub struct Stage {
    world: Mutex<World>,
    chance: Chance,
    began: Instant,
    tell: Box<dyn Fn(&str) + Send + Sync>,
}

impl Stage {
    /// Puts a world on the stage. `tell` gets a line for all that happens in it.
    pub fn new(world: World, chance: Chance, tell: impl Fn(&str) + Send + Sync + 'static) -> Self {
        Self {
            world: Mutex::new(world),
            chance,
            began: Instant::now(),
            tell: Box::new(tell),
        }
    }

    fn now(&self) -> SimTime {
        SimTime(u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX))
    }

    fn with_world<T>(&self, act: impl FnOnce(&mut World) -> T) -> T {
        act(&mut self.world.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn attempt(&self, ctx: ActivityContext, input: RawValue) -> Result<RawValue, ActivityError> {
        let began = Instant::now();
        let info = ctx.info();
        let arguments: Vec<Value> = input.payloads.iter().map(|payload| decoded(Some(payload))).collect();
        let call = Call {
            activity_type: &info.activity_type,
            arguments: &arguments,
            workflow_id: info.workflow_id.as_deref().unwrap_or_default(),
            activity_id: &info.activity_id,
            attempt: info.attempt,
            last_heartbeat: &decoded(ctx.heartbeat_details().raw().first()),
            part: 1,
        };
        let plan = self.with_world(|world| world.plan(self.chance, self.now(), &call));
        tokio::select! {
            outcome = self.work(&call, &plan, began) => outcome.map(|value| encoded(&value)).map_err(failure),
            stopped = stop(&ctx, &plan.on_cancel) => Err(stopped),
            never = report(&ctx, &plan, began) => match never? {},
        }
    }

    async fn work(&self, call: &Call<'_>, plan: &Plan, began: Instant) -> Result<Value, outside::ActivityError> {
        if plan.answer_after.is_none() {
            return pending().await;
        }
        let mut outcome = Ok(Value::Null);
        for part in 1..=plan.parts() {
            sleep_until(began + real(plan.part_after(part))).await;
            outcome = self.perform(&Call { part, ..*call });
            if outcome.is_err() {
                break;
            }
        }
        sleep(real(plan.returns_within())).await;
        outcome
    }

    /// Does one part of the work, and tells of it.
    fn perform(&self, call: &Call<'_>) -> Result<Value, outside::ActivityError> {
        let (outcome, lines) = self.with_world(|world| {
            let before = world.entries().len();
            let outcome = world.perform(self.chance, self.now(), call);
            let lines: Vec<String> = world.entries()[before..]
                .iter()
                .map(|entry| format!("{} {}", entry.system, entry.text))
                .collect();
            (outcome, lines)
        });
        let who = format!("{} {}, attempt {}", call.workflow_id, call.activity_type, call.attempt);
        // An activity can be started without a workflow.
        let who = who.trim_start();
        match lines.as_slice() {
            [] => (self.tell)(who),
            lines => lines.iter().for_each(|line| (self.tell)(&format!("{who}: {line}"))),
        }
        outcome
    }
}

/// Ends the attempt once the Service has told that it was cancelled, if that is the plan.
async fn stop(ctx: &ActivityContext, plan: &OnCancel) -> ActivityError {
    let after = match plan {
        OnCancel::GoesOn => return pending().await,
        OnCancel::Confirms { after } | OnCancel::Fails { after, .. } => *after,
    };
    ctx.cancelled().await;
    sleep(real(after)).await;
    match plan {
        OnCancel::Fails { error, .. } => failure(error.clone()),
        _ => ActivityError::cancelled(),
    }
}

/// Reports progress as planned, and does not end unless it cannot.
async fn report(ctx: &ActivityContext, plan: &Plan, began: Instant) -> Result<Infallible, ActivityError> {
    let Some(beats) = plan.beats else {
        return pending().await;
    };
    for number in 1.. {
        let at = beats.time(number);
        if plan.beats_made(at) < number {
            break;
        }
        sleep_until(began + real(at)).await;
        let details = beats.details(number);
        ctx.record_heartbeat(details).await.map_err(ApplicationFailure::new)?;
    }
    pending().await
}

fn real(span: Span) -> Duration {
    Duration::from_nanos(span.0)
}

fn failure(error: outside::ActivityError) -> ActivityError {
    let failure = ApplicationFailure::builder(error.message)
        .type_name(error.error_type)
        .non_retryable(error.non_retryable)
        .maybe_next_retry_delay(error.next_retry_delay.map(real))
        .maybe_details(error.details.map(|details| *details))
        .build();
    ActivityError::Application(Box::new(failure))
}

/// A value that is JSON; null for all others.
pub(super) fn decoded(payload: Option<&Payload>) -> Value {
    payload
        .and_then(|payload| serde_json::from_slice(&payload.data).ok())
        .unwrap_or_default()
}

/// A value as the SDKs encode it by default: `null` has an encoding of its own, and no data.
pub(super) fn encoded(value: &Value) -> RawValue {
    let (encoding, data) = match value {
        Value::Null => ("binary/null", Vec::new()),
        value => ("json/plain", value.to_string().into_bytes()),
    };
    RawValue::new(vec![Payload {
        metadata: [("encoding".to_owned(), encoding.into())].into(),
        data,
        ..Default::default()
    }])
}

/// The activity type at a place of [`ACTIVITY_TYPES`]: the SDK wants a Rust type for each.
struct Act<const TYPE: usize>;

impl<const TYPE: usize> ActivityDefinition for Act<TYPE> {
    type Input = RawValue;
    type Output = RawValue;

    fn name(&self) -> &str {
        ACTIVITY_TYPES[TYPE]
    }
}

impl<const TYPE: usize> ExecutableActivity for Act<TYPE> {
    type Implementer = Stage;
    const REQUIRES_INSTANCE: bool = true;

    fn definition() -> Self {
        Self
    }

    fn execute(
        receiver: Option<Arc<Stage>>,
        ctx: ActivityContext,
        input: RawValue,
    ) -> Pin<Box<dyn Future<Output = Result<RawValue, ActivityError>> + Send>> {
        let stage = receiver.expect("an activity that requires an instance has one");
        Box::pin(async move { stage.attempt(ctx, input).await })
    }
}

impl ActivityImplementer for Stage {
    fn register_all(self: Arc<Self>, defs: &mut ActivityDefinitions) {
        macro_rules! register {
            ($($place:literal)*) => {
                const REGISTERED: &[usize] = &[$($place),*];
                const { assert!(REGISTERED.len() >= ACTIVITY_TYPES.len(), "there are more activity types than numbers here") };
                $(if $place < ACTIVITY_TYPES.len() {
                    defs.register_activity::<Act<$place>>(self.clone());
                })*
            };
        }
        register!(0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35 36 37 38 39
            40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59);
    }
}
