//! The lab's own stories. Listed once, in [`LAB`]; tests, command line and page all read them from there.
//!
//! One file a chapter. Who adds a story calls [`shop`] and changes what is special about it, adds its traces to
//! `tests/stories`, and, if its workflow is new, says in `promises` what it promises.

mod approval;
mod circuit_breaker;
mod data_sync;
mod determinism;
mod fulfilment;
mod idempotency;
mod observability;
mod order_processing;
mod order_saga;
mod patterns;
mod payment_fallback;
mod registration;
mod stuck;
mod versioning;
mod workers;

use serde_json::Value;

use super::lessons::LESSONS;
use super::promises;
pub use crate::catalogue::workflows::traced::registry;
use crate::catalogue::world::{self, Obstacle, System, World, WorldConfig};
use crate::contract::request::{Signal, StartWorkflow};
use crate::history::payload;
use crate::history::proto::EventType;
use crate::sim::fault::Trigger;
use crate::sim::script::{Action, When, WorkerSetup};
use crate::sim::setup::Setup;
use crate::sim::story::{Catalogue, Chapter, Story};
use crate::worker::registry::Registry;

/// The task queue that all stories use.
pub const TASK_QUEUE: &str = "orders";

/// Everything that the lab tells, in the order in which a newcomer should meet it.
pub const LAB: Catalogue = Catalogue::new(&[
    Chapter {
        title: "Order saga",
        stories: order_saga::stories,
    },
    Chapter {
        title: "Order processing",
        stories: order_processing::stories,
    },
    Chapter {
        title: "Order fulfilment",
        stories: fulfilment::stories,
    },
    Chapter {
        title: "Payment with fallback",
        stories: payment_fallback::stories,
    },
    Chapter {
        title: "Idempotency",
        stories: idempotency::stories,
    },
    Chapter {
        title: "User registration",
        stories: registration::stories,
    },
    Chapter {
        title: "Approval",
        stories: approval::stories,
    },
    Chapter {
        title: "Circuit breaker",
        stories: circuit_breaker::stories,
    },
    Chapter {
        title: "Data sync",
        stories: data_sync::stories,
    },
    Chapter {
        title: "Patterns",
        stories: patterns::stories,
    },
    Chapter {
        title: "Several workers",
        stories: workers::stories,
    },
    Chapter {
        title: "Stuck workflows",
        stories: stuck::stories,
    },
    Chapter {
        title: "Determinism",
        stories: determinism::stories,
    },
    Chapter {
        title: "Versioning",
        stories: versioning::stories,
    },
    Chapter {
        title: "Observability",
        stories: observability::stories,
    },
])
.opening_with("crash-after-charge")
.teaching(LESSONS);

/// A story in which two ordinary workers run a workflow of that type, in a shop's world with nothing in stock, and
/// nothing goes wrong.
fn shop([id, title, sentence]: [&'static str; 3], workflow_type: &str, workflow_id: &str) -> Story {
    let start = StartWorkflow {
        workflow_id: workflow_id.to_owned(),
        workflow_type: workflow_type.to_owned(),
        task_queue: TASK_QUEUE.to_owned(),
        ..Default::default()
    };
    let setup = Setup {
        workers: vec![WorkerSetup::on(TASK_QUEUE); 2],
        outside: Box::new(World::new(WorldConfig::of(&System::SHOP))),
        promises: promises::of(workflow_type),
        ..Setup::new(start, registry)
    };
    Story::new(id, title, sentence, setup)
}

/// What only stories of the catalogue have: its world.
trait InWorld {
    /// With another world.
    fn world(self, change: impl FnOnce(&mut WorldConfig)) -> Self;
}

impl InWorld for Story {
    fn world(mut self, change: impl FnOnce(&mut WorldConfig)) -> Self {
        let mut config = World::config_of(&self.setup).clone();
        change(&mut config);
        self.setup.outside = Box::new(World::new(config));
        self
    }
}

fn started(activity_type: &str, attempt: u32) -> Trigger {
    Trigger::ActivityStarted {
        activity_type: activity_type.to_owned(),
        attempt,
    }
}

fn done(activity_type: &str, attempt: u32) -> Trigger {
    Trigger::EffectDone {
        activity_type: activity_type.to_owned(),
        attempt,
    }
}

fn attempt(activity_type: &str, attempt: u32, obstacle: Obstacle) -> world::Mishap {
    world::Mishap::Attempt {
        activity_type: activity_type.to_owned(),
        attempt,
        obstacle,
    }
}

fn event(workflow: &str, event_type: EventType, count: u32) -> When {
    When::Event {
        workflow: workflow.to_owned(),
        event_type,
        count,
    }
}

fn closed(workflow: &str) -> When {
    When::Closed {
        workflow: workflow.to_owned(),
    }
}

fn signal(workflow: &str, name: &str, input: &Value) -> Action {
    let signal = Signal {
        name: name.to_owned(),
        input: (!input.is_null()).then(|| payload::json(input)),
        ..Signal::default()
    };
    Action::Signal(workflow.to_owned(), signal)
}
