//! The catalogue of stories: each a set-up with a name. Listed once; tests, command line and page all read it from
//! here.
//!
//! One file a chapter, in the order of [`Chapter`]. Who adds a story calls [`Story::new`] and changes what is special
//! about it, adds its traces to `tests/stories`, and, if its workflow is new, says in `check/promise` what it promises.

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

use super::TASK_QUEUE;
use super::fault::{Fault, Target, Trigger, Verb};
use super::script::{Act, Action, When, WorkerSetup};
use super::setup::Setup;
use crate::base::time::Span;
use crate::contract::request::{Signal, StartWorkflow};
use crate::history::payload;
use crate::history::proto::EventType;
use crate::worker::registry::Registry;
use crate::workflows::traced::approval::Approval;
use crate::workflows::traced::breaker_per_call::BreakerPerCall;
use crate::workflows::traced::careful_order::CarefulOrder;
use crate::workflows::traced::charge::Charge;
use crate::workflows::traced::charge_in_floats::ChargeInFloats;
use crate::workflows::traced::circuit_breaker::CircuitBreaker;
use crate::workflows::traced::data_sync::DataSync;
use crate::workflows::traced::guarded_call::GuardedCall;
use crate::workflows::traced::late_answer::LateAnswer;
use crate::workflows::traced::order_fulfilment::OrderFulfilment;
use crate::workflows::traced::order_orchestration::OrderOrchestration;
use crate::workflows::traced::order_processing::OrderProcessing;
use crate::workflows::traced::order_with_packing::OrderWithPacking;
use crate::workflows::traced::pattern_children::Children;
use crate::workflows::traced::pattern_condition::Condition;
use crate::workflows::traced::pattern_loop::Looping;
use crate::workflows::traced::pattern_parallel::Parallel;
use crate::workflows::traced::pattern_select::Select;
use crate::workflows::traced::pattern_sequence::Sequence;
use crate::workflows::traced::payment_with_fallback::PaymentWithFallback;
use crate::workflows::traced::reconciled_payment::ReconciledPayment;
use crate::workflows::traced::spot_check::SpotCheck;
use crate::workflows::traced::user_registration::UserRegistration;
use crate::world::{self, Place, Trouble, WorldConfig};

/// A named scenario.
#[derive(Clone, Debug)]
pub struct Story {
    /// Stable name, used in addresses.
    pub id: &'static str,
    /// Short title.
    pub title: &'static str,
    /// What happens and what to look at, in one sentence.
    pub sentence: &'static str,
    /// Where in the catalogue it stands.
    pub chapter: Chapter,
    /// Whether it promises to come to the same end whenever a worker dies: the crash test holds it to that.
    pub crash_proof: bool,
    /// What its run begins with.
    pub setup: Setup,
}

/// A part of the catalogue, in the order in which a newcomer should meet them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Chapter {
    /// The order saga, its failures, and workers that die.
    OrderSaga,
    /// Order processing, its retries, and the four limits of an activity.
    OrderProcessing,
    /// Order fulfilment: approval, status, refund.
    Fulfilment,
    /// A payment through one of two providers.
    PaymentFallback,
    /// Doing a thing once in a world where answers get lost.
    Idempotency,
    /// An account that waits for its owner.
    Registration,
    /// Levels of approvers.
    Approval,
    /// A service that is dead, and those who call it.
    CircuitBreaker,
    /// A table that is copied.
    DataSync,
    /// What workflows are made of.
    Patterns,
    /// Several workers on one task queue.
    Workers,
    /// Workflows that do not go on, and why.
    Stuck,
    /// Code that does not do the same again.
    Determinism,
    /// Code that changes while runs are open.
    Versioning,
    /// What a look at many runs at once shows.
    Observability,
}

impl Chapter {
    /// As it is shown.
    pub const fn title(self) -> &'static str {
        match self {
            Self::OrderSaga => "Order saga",
            Self::OrderProcessing => "Order processing",
            Self::Fulfilment => "Order fulfilment",
            Self::PaymentFallback => "Payment with fallback",
            Self::Idempotency => "Idempotency",
            Self::Registration => "User registration",
            Self::Approval => "Approval",
            Self::CircuitBreaker => "Circuit breaker",
            Self::DataSync => "Data sync",
            Self::Patterns => "Patterns",
            Self::Workers => "Several workers",
            Self::Stuck => "Stuck workflows",
            Self::Determinism => "Determinism",
            Self::Versioning => "Versioning",
            Self::Observability => "Observability",
        }
    }
}

/// The workflows that the lab's workers have: the traced twins, which say on which line they are.
pub fn registry() -> Registry {
    Registry::new()
        .with::<OrderOrchestration>()
        .with::<OrderProcessing>()
        .with::<OrderWithPacking>()
        .with::<OrderFulfilment>()
        .with::<PaymentWithFallback>()
        .with::<ReconciledPayment>()
        .with::<CarefulOrder>()
        .with::<Charge>()
        .with::<ChargeInFloats>()
        .with::<UserRegistration>()
        .with::<Approval>()
        .with::<BreakerPerCall>()
        .with::<CircuitBreaker>()
        .with::<GuardedCall>()
        .with::<DataSync>()
        .with::<Sequence>()
        .with::<Parallel>()
        .with::<Condition>()
        .with::<Looping>()
        .with::<Select>()
        .with::<Children>()
        .with::<SpotCheck>()
        .with::<LateAnswer>()
}

/// The chapters, in the order in which a newcomer should meet them.
const CHAPTERS: [fn() -> Vec<Story>; 15] = [
    order_saga::stories,
    order_processing::stories,
    fulfilment::stories,
    payment_fallback::stories,
    idempotency::stories,
    registration::stories,
    approval::stories,
    circuit_breaker::stories,
    data_sync::stories,
    patterns::stories,
    workers::stories,
    stuck::stories,
    determinism::stories,
    versioning::stories,
    observability::stories,
];

/// The story of that id.
pub fn named(id: &str) -> Option<Story> {
    // One chapter after the other: whoever wants one story need not have them all written out.
    CHAPTERS
        .iter()
        .find_map(|chapter| chapter().into_iter().find(|story| story.id == id))
}

/// The ids of all stories, in order.
pub fn ids() -> impl Iterator<Item = &'static str> {
    all().into_iter().map(|story| story.id)
}

/// All stories, in order.
pub fn all() -> Vec<Story> {
    CHAPTERS.iter().flat_map(|chapter| chapter()).collect()
}

impl Story {
    /// A story in which two ordinary workers run a workflow of that type, in a shop's world with nothing in stock, and
    /// nothing goes wrong.
    fn new(chapter: Chapter, [id, title, sentence]: [&'static str; 3], workflow_type: &str, workflow_id: &str) -> Self {
        let start = StartWorkflow {
            workflow_id: workflow_id.to_owned(),
            workflow_type: workflow_type.to_owned(),
            task_queue: TASK_QUEUE.to_owned(),
            ..Default::default()
        };
        Self {
            id,
            title,
            sentence,
            chapter,
            crash_proof: true,
            setup: Setup {
                workers: vec![WorkerSetup::on(TASK_QUEUE); 2],
                world: WorldConfig::of(&Place::SHOP),
                ..Setup::new(start, registry)
            },
        }
    }

    /// The workflow's type.
    pub fn workflow_type(&self) -> &str {
        &self.setup.start.workflow_type
    }

    /// The workflow's argument.
    pub fn input(&self) -> Value {
        payload::first_value(self.setup.start.input.as_ref())
    }

    /// With that argument for the workflow.
    fn input_is(mut self, input: &Value) -> Self {
        self.setup.start.input = Some(payload::json(input));
        self
    }

    /// With another argument for the workflow.
    fn asks(self, change: impl FnOnce(&mut Value)) -> Self {
        let mut input = self.input();
        change(&mut input);
        self.input_is(&input)
    }

    /// With another outside.
    fn world(mut self, change: impl FnOnce(&mut WorldConfig)) -> Self {
        change(&mut self.setup.world);
        self
    }

    /// With a fault that strikes by plan.
    fn strikes(mut self, when: Trigger, then: Vec<(Span, Target, Verb)>) -> Self {
        self.setup.faults.push(Fault { when, then });
        self
    }

    /// With one more thing that a client or operator does, after those before.
    fn act(mut self, when: When, after: Span, what: Action) -> Self {
        self.setup.script.push(Act { when, after, what });
        self
    }

    /// With another worker in that place, from 0.
    fn worker(mut self, place: usize, change: impl FnOnce(&mut WorkerSetup)) -> Self {
        change(&mut self.setup.workers[place]);
        self
    }

    /// With these versions of the code, oldest first.
    fn versions(mut self, versions: &[fn() -> Registry]) -> Self {
        self.setup.code = versions.to_vec();
        self
    }

    /// A crash may change the end, and that is the point.
    fn not_crash_proof(mut self) -> Self {
        self.crash_proof = false;
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

fn attempt(activity_type: &str, attempt: u32, trouble: Trouble) -> world::Fault {
    world::Fault::Attempt {
        activity_type: activity_type.to_owned(),
        attempt,
        trouble,
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
