//! A worker of the official SDK with all workflows of the catalogue and all activities of the world.

use std::future::Future;
use std::hash::{BuildHasher, Hasher, RandomState};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use temporalio_client::Client;
use temporalio_sdk::error::WorkflowRegistrationError;
use temporalio_sdk::{Runtime, Worker, WorkerOptions};

use super::ClusterError;
use super::activities::Stage;
use crate::base::impure;
use crate::catalogue::workflows;
use crate::catalogue::workflows::traced::each_workflow;

/// What a worker of this crate offers on a task queue.
pub fn options(task_queue: &str, stage: Stage) -> Result<WorkerOptions, WorkflowRegistrationError> {
    impure::bring(machine);
    let mut options = WorkerOptions::new(task_queue).register_activities(stage).build();
    macro_rules! register {
        ($(($file:ident, $workflow:ident))*) => {
            $(options.register_workflow::<workflows::$file::$workflow>()?;)*
        };
    }
    each_workflow!(register);
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
) -> Result<(), ClusterError> {
    let in_words = |error: &dyn std::error::Error| ClusterError(format!("the worker cannot go on: {error}"));
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
    use crate::catalogue::workflows::traced::SOURCES;
    use crate::catalogue::world::{World, WorldConfig};

    #[tokio::test]
    async fn every_workflow_of_the_catalogue_is_registered() {
        let stage = Stage::new(World::new(WorldConfig::stocked("a", 1)), Chance::new(1), |_| {});
        let registered = format!("{:?}", options("q", stage).unwrap().workflows());
        for (workflow_type, _) in SOURCES {
            assert!(registered.contains(workflow_type), "{workflow_type} in {registered}");
        }
    }
}
