//! A worker of the official SDK with all workflows of the catalogue and all activities of the world.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use temporalio_client::Client;
use temporalio_sdk::error::WorkflowRegistrationError;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use super::Trouble;
use super::activities::Stage;
use crate::base::impure;
use crate::workflows::approval::Approval;
use crate::workflows::breaker_per_call::BreakerPerCall;
use crate::workflows::careful_order::CarefulOrder;
use crate::workflows::charge::Charge;
use crate::workflows::charge_in_floats::ChargeInFloats;
use crate::workflows::circuit_breaker::CircuitBreaker;
use crate::workflows::data_sync::DataSync;
use crate::workflows::guarded_call::GuardedCall;
use crate::workflows::late_answer::LateAnswer;
use crate::workflows::order_fulfilment::OrderFulfilment;
use crate::workflows::order_orchestration::OrderOrchestration;
use crate::workflows::order_processing::OrderProcessing;
use crate::workflows::order_with_packing::OrderWithPacking;
use crate::workflows::pattern_children::Children;
use crate::workflows::pattern_condition::Condition;
use crate::workflows::pattern_loop::Looping;
use crate::workflows::pattern_parallel::Parallel;
use crate::workflows::pattern_select::Select;
use crate::workflows::pattern_sequence::Sequence;
use crate::workflows::payment_with_fallback::PaymentWithFallback;
use crate::workflows::reconciled_payment::ReconciledPayment;
use crate::workflows::spot_check::SpotCheck;
use crate::workflows::user_registration::UserRegistration;

/// What a worker of this crate offers on a task queue.
pub fn options(task_queue: &str, stage: Stage) -> Result<WorkerOptions, WorkflowRegistrationError> {
    impure::bring(machine);
    let mut options = WorkerOptions::new(task_queue).register_activities(stage).build();
    options.register_workflow::<OrderOrchestration>()?;
    options.register_workflow::<OrderProcessing>()?;
    options.register_workflow::<OrderWithPacking>()?;
    options.register_workflow::<OrderFulfilment>()?;
    options.register_workflow::<PaymentWithFallback>()?;
    options.register_workflow::<ReconciledPayment>()?;
    options.register_workflow::<CarefulOrder>()?;
    options.register_workflow::<Charge>()?;
    options.register_workflow::<ChargeInFloats>()?;
    options.register_workflow::<UserRegistration>()?;
    options.register_workflow::<Approval>()?;
    options.register_workflow::<BreakerPerCall>()?;
    options.register_workflow::<CircuitBreaker>()?;
    options.register_workflow::<GuardedCall>()?;
    options.register_workflow::<DataSync>()?;
    options.register_workflow::<Sequence>()?;
    options.register_workflow::<Parallel>()?;
    options.register_workflow::<Condition>()?;
    options.register_workflow::<Looping>()?;
    options.register_workflow::<Select>()?;
    options.register_workflow::<Children>()?;
    options.register_workflow::<SpotCheck>()?;
    options.register_workflow::<LateAnswer>()?;
    Ok(options)
}

/// The real clock, and a number that nobody can foresee.
fn machine() -> (Duration, u64) {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    (now, RandomState::new().build_hasher().finish())
}

/// Works until the first `asked_to_stop`, and then until what is under way is done, or until the second. Must run on
/// Tokio.
pub async fn work<F: Future<Output = ()>>(
    client: Client,
    options: WorkerOptions,
    asked_to_stop: impl Fn() -> F,
    tell: impl Fn(&str),
) -> Result<(), Trouble> {
    let in_words = |error: &dyn std::error::Error| Trouble(format!("the worker cannot go on: {error}"));
    let runtime = Runtime::from_current_tokio(Default::default()).map_err(|error| in_words(&error))?;
    let mut worker = Worker::new(&runtime, client, options).map_err(|error| in_words(&error))?;
    let stop = worker.shutdown_handle();
    let run = worker.run();
    tokio::pin!(run);
    tokio::select! {
        ended = &mut run => return ended.map_err(|error| in_words(&error)),
        () = asked_to_stop() => {}
    }
    tell("stops once the attempts under way are done; again to stop at once");
    stop();
    tokio::select! {
        ended = &mut run => ended.map_err(|error| in_words(&error)),
        () = asked_to_stop() => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::chance::Chance;
    use crate::workflows::CATALOGUE;
    use crate::world::{World, WorldConfig};

    #[tokio::test]
    async fn every_workflow_of_the_catalogue_is_registered() {
        let stage = Stage::new(World::new(WorldConfig::stocked("a", 1)), Chance::new(1), |_| {});
        let registered = format!("{:?}", options("q", stage).unwrap().workflows());
        for code in CATALOGUE {
            assert!(
                registered.contains(code.workflow_type),
                "{} in {registered}",
                code.workflow_type
            );
        }
    }
}
