//! The circuit breaker: as it is often drawn, and as it works. The partner's service is dead for a while in all of them.

use serde_json::{Value, json};

use super::TASK_QUEUE;
use super::{InWorld as _, Story, closed, event, shop, signal};
use crate::base::time::{SimTime, Span};
use crate::catalogue::world::{self, System, WorldConfig};
use crate::contract::request::{Query, StartWorkflow};
use crate::history::payload;
use crate::history::proto::EventType;
use crate::sim::node::WorkerName;
use crate::sim::script::{Action, When};

const BREAKER: &str = "breaker-rates";

/// The chapter.
pub(super) fn stories() -> Vec<Story> {
    vec![
        per_call(),
        breaker(
            "breaker-opens",
            "The breaker opens",
            "One breaker for all: three orders call the dead service and tell, the circuit opens, and the next two are spared the call; a query tells how it stands.",
            50,
        )
        .three_fail()
        .act(opened(), Span::ZERO, order(4))
        .act(When::Next, Span::ZERO, order(5))
        .act(closed("order-4"), Span::ZERO, status())
        .act(closed("order-5"), Span::ZERO, retire()),
        breaker(
            "breaker-probe-succeeds",
            "The probe succeeds",
            "After a minute the circuit is half-open: the next order is the probe, the service answers it, and the circuit closes again.",
            50,
        )
        .three_fail()
        .act(half_open(1), Span::ZERO, order(4))
        .act(closed("order-4"), Span::ZERO, order(5))
        .act(closed("order-5"), Span::ZERO, retire()),
        breaker(
            "breaker-probe-fails",
            "The probe fails",
            "The first probe meets a service that is still dead, and an order that comes meanwhile is spared; the circuit opens for another minute, and the second probe closes it.",
            100,
        )
        .three_fail()
        .act(half_open(1), Span::ZERO, order(4))
        .act(event(BREAKER, EventType::TimerStarted, 2), Span::ZERO, order(5))
        .act(half_open(2), Span::ZERO, order(6))
        .act(closed("order-6"), Span::ZERO, retire()),
        breaker(
            "breaker-dies-while-open",
            "The breaker's worker dies while it is open",
            "All workers are dead for twenty seconds; the breaker is rebuilt from its history, still open, and its minute runs on.",
            50,
        )
        .three_fail()
        .act(opened(), Span::ZERO, Action::Kill(WorkerName(0)))
        .act(When::Next, Span::ZERO, Action::Kill(WorkerName(1)))
        .act(When::Next, Span::secs(20), Action::Launch(WorkerName(0), 0))
        .act(When::Next, Span::ZERO, Action::Launch(WorkerName(1), 0))
        .act(When::Next, Span::ZERO, order(4))
        .act(half_open(1), Span::ZERO, order(5))
        .act(closed("order-5"), Span::ZERO, retire()),
        continues_as_new(),
    ]
}

/// The document's way.
fn per_call() -> Story {
    let mut story = shop([
            "breaker-per-call",
            "A breaker in every call",
            "The fault first: each call has a breaker of its own, which begins closed and forgets with it, so five orders make five calls to a dead service.",
        ],
        "BreakerPerCall",
        "order-1",
    )
    .mended_by("breaker-opens")
    .input_is(&call(1))
    .world(|world| *world = partner_is_dead_for(50));
    for number in 2..=5 {
        let before = closed(&format!("order-{}", number - 1));
        story = story.act(before, Span::ZERO, start("BreakerPerCall", number));
    }
    story
}

/// The Service suggests to continue as new after a dozen events here, and in earnest after thousands.
fn continues_as_new() -> Story {
    let mut story = breaker(
        "breaker-continues-as-new",
        "The breaker continues as new",
        "The breaker goes on in a new run while three orders are between their question and their report: what it knows is handed on, the reports find the new run, and the third still opens the circuit.",
        50,
    )
    .three_fail()
    .act(opened(), Span::ZERO, order(4))
    .act(closed("order-4"), Span::ZERO, retire());
    story.setup.limits.suggest_events = 12;
    story
}

/// A breaker that guards a service which is dead for so many seconds; two workers.
fn breaker(id: &'static str, title: &'static str, sentence: &'static str, dead_s: u64) -> Story {
    shop([id, title, sentence], "CircuitBreaker", BREAKER)
        .input_is(&json!({}))
        .world(|world| *world = partner_is_dead_for(dead_s))
}

impl Story {
    /// Three orders call the service in vain.
    fn three_fail(self) -> Self {
        (1..=3).fold(self, |story, number| story.act(When::Next, Span::ZERO, order(number)))
    }
}

fn partner_is_dead_for(seconds: u64) -> WorldConfig {
    WorldConfig {
        faults: vec![world::Mishap::Down {
            activity_type: "CallService".to_owned(),
            from: SimTime::ZERO,
            until: SimTime::ZERO + Span::secs(seconds),
        }],
        ..WorldConfig::of(&[System::Partner])
    }
}

/// The circuit has just opened.
fn opened() -> When {
    event(BREAKER, EventType::TimerStarted, 1)
}

/// A minute after it opened so many times.
fn half_open(times: u32) -> When {
    event(BREAKER, EventType::TimerFired, times)
}

fn order(number: u32) -> Action {
    start("GuardedCall", number)
}

fn start(workflow_type: &str, number: u32) -> Action {
    Action::Start(Box::new(StartWorkflow {
        workflow_id: format!("order-{number}"),
        workflow_type: workflow_type.to_owned(),
        task_queue: TASK_QUEUE.to_owned(),
        input: Some(payload::json(&call(number))),
        ..Default::default()
    }))
}

fn call(number: u32) -> Value {
    json!({ "order_id": format!("order-{number}"), "service": "rates" })
}

fn status() -> Action {
    let query = Query {
        name: "status".to_owned(),
        args: None,
    };
    Action::Query(BREAKER.to_owned(), query)
}

fn retire() -> Action {
    signal(BREAKER, "retire", &Value::Null)
}
