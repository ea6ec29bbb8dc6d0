//! Workers that are cut off: they go on, and nobody hears of it.

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When, WorkerSetup};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{WorkflowContext, WorkflowResult};

use super::call::Calls;
use crate::scenario::{QUEUE, Scenario, attempt_started, code, event, task_started, worker};
use crate::think::think;

pub(super) fn scenarios() -> Vec<Scenario> {
    vec![
        activity(
            "cut-off-in-activity",
            "A worker is cut off while it runs an activity: its time runs out, another worker runs it, and what the first \
             has to say comes too late.",
            json!({ "what": { "takes_ms": 2_000 }, "start_to_close_ms": 3_000 }),
        )
        .then(attempt_started("1", 1), Action::Partition(worker('A')))
        .then(When::Next, Action::Launch(worker('C'), 0))
        .after(
            attempt_started("1", 2),
            Span::millis(500),
            Action::Heal(worker('A')),
        ),
        activity(
            "cut-off-for-a-while",
            "A worker is cut off while it runs an activity, and reachable again in time: its answer comes late, and counts.",
            json!({ "what": { "takes_ms": 1_000 } }),
        )
        .then(attempt_started("1", 1), Action::Partition(worker('A')))
        .after(When::Next, Span::secs(4), Action::Heal(worker('A'))),
        activity(
            "cut-off-without-heartbeats",
            "A worker is cut off while it reports progress: the Service misses a heartbeat, and another worker goes on from \
             the last one that came through.",
            json!({
                "what": { "takes_ms": 60_000, "beats_every_ms": 500 },
                "heartbeat_ms": 2_000,
                "start_to_close_ms": 60_000,
                "retry": { "attempts": 1 },
            }),
        )
        .after(
            attempt_started("1", 1),
            Span::secs(1),
            Action::Partition(worker('A')),
        )
        .then(event(EventType::ActivityTaskTimedOut), Action::Heal(worker('A'))),
        Scenario::new(
            "cut-off-in-task",
            "A worker is cut off while it thinks about a workflow task: its time runs out, another worker gets the task, and \
             the first one's answer is refused.",
            code![Ponders],
            Value::Null,
        )
        .workers([
            WorkerSetup {
                cache: 0,
                ..WorkerSetup::on(QUEUE)
            },
            WorkerSetup {
                code: None,
                ..WorkerSetup::on(QUEUE)
            },
        ])
        .start(|start| start.task_timeout = Span::secs(4))
        .then(task_started(1), Action::Partition(worker('A')))
        .then(When::Next, Action::Launch(worker('B'), 0))
        .after(task_started(2), Span::secs(1), Action::Heal(worker('A'))),
    ]
}

/// Worker A runs one activity at a time, B the workflow; C is there for activities, if it is launched.
fn activity(name: &'static str, says: &'static str, call: Value) -> Scenario {
    let acts = |code| WorkerSetup {
        code,
        workflows: false,
        activity_slots: 1,
        ..WorkerSetup::on(QUEUE)
    };
    let thinks = WorkerSetup {
        activities: false,
        ..WorkerSetup::on(QUEUE)
    };
    Scenario::new(name, says, code![Calls], call).workers([acts(Some(0)), thinks, acts(None)])
}

/// Thinks for three seconds.
#[workflow]
#[derive(Default)]
struct Ponders;

#[workflow_methods]
impl Ponders {
    #[run(name = "Ponders")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<()> {
        think(ctx, 3_000);
        Ok(())
    }
}
