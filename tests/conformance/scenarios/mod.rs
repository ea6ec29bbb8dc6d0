//! The catalogue: small workflows on the public SDK, as anybody would write them, and what happens to them. A file a
//! theme; each has its workflows and its `scenarios`. `catalogue` has those of the lab itself.

#[expect(clippy::unimplemented, reason = "what the SDK's macro wants for a body")]
mod activities;
mod attributes;
pub(crate) mod call;
mod cancellation;
mod catalogue;
mod children;
mod external;
mod heartbeats;
mod lifecycle;
mod limits;
mod local_activities;
mod nondeterminism;
mod partitions;
mod patches;
mod queries;
mod reset;
mod signals;
mod timers;
mod updates;
mod workflow_tasks;

use crate::scenario::Scenario;

/// Every scenario. The names are unique, and so are what they say.
pub(crate) fn all() -> Vec<Scenario> {
    [
        workflow_tasks::scenarios(),
        partitions::scenarios(),
        activities::scenarios(),
        heartbeats::scenarios(),
        cancellation::scenarios(),
        local_activities::scenarios(),
        timers::scenarios(),
        signals::scenarios(),
        queries::scenarios(),
        updates::scenarios(),
        children::scenarios(),
        external::scenarios(),
        lifecycle::scenarios(),
        reset::scenarios(),
        patches::scenarios(),
        nondeterminism::scenarios(),
        limits::scenarios(),
        attributes::scenarios(),
        catalogue::scenarios(),
    ]
    .into_iter()
    .flatten()
    .collect()
}
