//! Workflow tasks: lost, slow, failed; from the sticky queue and from the normal one.

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, signal, task_started, terminate, worker};
use crate::think::think;

/// Thinks for so long, then waits for a signal, thinks again, and returns.
#[workflow]
#[derive(Default)]
struct Thinker {
    nudged: bool,
}

#[workflow_methods]
impl Thinker {
    #[run(name = "Thinker")]
    async fn run(ctx: &mut WorkflowContext<Self>, thoughts: (u64, u64)) -> WorkflowResult<Value> {
        think(ctx, thoughts.0);
        ctx.wait_condition(|state| state.nudged).await?;
        think(ctx, thoughts.1);
        Ok(json!("thought"))
    }

    #[signal(name = "nudge")]
    fn nudge(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.nudged = true;
    }
}

/// A thinker that returns at once.
#[workflow]
#[derive(Default)]
struct QuickThinker;

#[workflow_methods]
impl QuickThinker {
    #[run(name = "Thinker")]
    async fn run(_ctx: &mut WorkflowContext<Self>, _thoughts: (u64, u64)) -> WorkflowResult<Value> {
        Ok(json!("no thought"))
    }
}

const THINKER: Code = code![Thinker];

/// Longer than any scenario.
const FOREVER: u64 = 3_600_000;

pub(super) fn scenarios() -> Vec<Scenario> {
    let thinker = |name, says, first: u64, second: u64| Scenario::new(name, says, THINKER, json!([first, second]));
    vec![
        thinker(
            "worker-killed-in-workflow-task",
            "The first workflow task is lost with its worker; another worker with other code gets it 10 s later.",
            FOREVER,
            0,
        )
        .version(code![QuickThinker])
        .then(task_started(1), Action::Kill(worker('A')))
        .then(When::Next, Action::Launch(worker('A'), 1)),
        thinker(
            "sticky-worker-killed",
            "A worker dies between two tasks: the next waits 10 s on its queue, then goes to the normal one.",
            0,
            0,
        )
        .after(
            event(EventType::WorkflowTaskCompleted),
            Span::millis(300),
            Action::Kill(worker('A')),
        )
        .then(When::Next, signal("nudge", Value::Null))
        .then(When::Next, Action::Launch(worker('A'), 0)),
        thinker(
            "slow-workflow-task",
            "A worker takes 12 s over a task that may take 10: its answer comes too late, and it begins once more.",
            12_000,
            0,
        )
        .after(
            event(EventType::WorkflowTaskTimedOut),
            Span::secs(4),
            terminate("too slow"),
        ),
    ]
}
