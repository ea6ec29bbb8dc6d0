//! Workflow tasks: lost, slow, failed; from the sticky queue and from the normal one.

use sagascope::base::time::Span;
use sagascope::history::proto::EventType;
use sagascope::sim::script::{Action, When};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{SyncWorkflowContext, WorkflowContext, WorkflowResult};

use crate::scenario::{Code, Scenario, code, event, events, signal, task_started, terminate, worker};
use crate::think::think;

/// How a [`Thinker`] goes about it. Spans are in milliseconds.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
struct Thoughts {
    at_first_ms: u64,
    /// After how many signals it returns.
    nudges: u32,
    after_each_ms: u64,
}

/// Thinks; then waits for so many signals `nudge`, and thinks after each.
#[workflow]
#[derive(Default)]
struct Thinker {
    nudged: u32,
}

#[workflow_methods]
impl Thinker {
    #[run(name = "Thinker")]
    async fn run(ctx: &mut WorkflowContext<Self>, thoughts: Thoughts) -> WorkflowResult<u32> {
        think(ctx, thoughts.at_first_ms);
        for nudge in 1..=thoughts.nudges {
            ctx.wait_condition(|state| state.nudged >= nudge).await?;
            think(ctx, thoughts.after_each_ms);
        }
        Ok(ctx.state(|state| state.nudged))
    }

    #[signal]
    fn nudge(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.nudged += 1;
    }
}

/// A thinker with less to think about.
#[workflow]
#[derive(Default)]
struct QuickThinker;

#[workflow_methods]
impl QuickThinker {
    #[run(name = "Thinker")]
    async fn run(_ctx: &mut WorkflowContext<Self>, _thoughts: Thoughts) -> WorkflowResult<String> {
        Ok("no thought".to_owned())
    }
}

const THINKER: Code = code!(Thinker);
const QUICK: Code = code!(QuickThinker);

/// Longer than any scenario.
const FOREVER: u64 = 3_600_000;

pub(super) fn scenarios() -> Vec<Scenario> {
    let mut all = ordinary();
    all.extend(signalled());
    all.extend(lost());
    all.extend(failed());
    all
}

fn thinker(name: &'static str, says: &'static str, thoughts: Value) -> Scenario {
    Scenario::new(name, says, THINKER, thoughts)
}

fn nudge() -> Action {
    signal("nudge", Value::Null)
}

fn launch() -> Action {
    Action::Launch(worker('A'), 0)
}

fn kill() -> Action {
    Action::Kill(worker('A'))
}

fn completed(tasks: u32) -> When {
    events(EventType::WorkflowTaskCompleted, tasks)
}

fn ordinary() -> Vec<Scenario> {
    vec![
        thinker(
            "task-first-and-last",
            "A workflow completes with its first task.",
            json!({}),
        ),
        thinker(
            "task-takes-time",
            "A task takes a while, within its limit.",
            json!({ "at_first_ms": 1_500 }),
        ),
        thinker(
            "task-own-timeout",
            "A workflow's tasks have a limit of their own.",
            json!({ "nudges": 1 }),
        )
        .start(|start| start.task_timeout = Span::secs(7))
        .then(completed(1), nudge()),
        thinker(
            "task-timeout-bounded",
            "No task may take longer than two minutes.",
            json!({}),
        )
        .start(|start| start.task_timeout = Span::secs(600)),
        thinker("task-within-run", "No task may take longer than the run.", json!({}))
            .start(|start| start.run_timeout = Span::secs(6)),
        thinker(
            "task-no-worker-at-first",
            "There is no worker for the first two seconds.",
            json!({}),
        )
        .worker(|worker| worker.code = None)
        .after(When::Next, Span::secs(2), launch()),
        thinker(
            "tasks-sticky",
            "From the second task on, the worker that knows the run gets them.",
            json!({ "nudges": 3 }),
        )
        .then(completed(1), nudge())
        .then(completed(2), nudge())
        .then(completed(3), nudge()),
        thinker(
            "tasks-no-cache",
            "A worker that keeps no runs in memory replays them at every task.",
            json!({ "nudges": 2 }),
        )
        .worker(|worker| worker.cache = 0)
        .then(completed(1), nudge())
        .then(completed(2), nudge()),
    ]
}

fn signalled() -> Vec<Scenario> {
    vec![
        thinker(
            "task-signalled",
            "A signal comes while a task is being worked on: it has to wait.",
            json!({ "at_first_ms": 1_500, "nudges": 1 }),
        )
        .then(task_started(1), nudge()),
        thinker(
            "task-signalled-often",
            "Three signals come while a task is being worked on.",
            json!({ "at_first_ms": 1_500, "nudges": 3 }),
        )
        .then(task_started(1), nudge())
        .then(When::Next, nudge())
        .then(When::Next, nudge()),
        thinker(
            "task-unhandled-command",
            "A signal comes while the task that completes the workflow is being worked on: it must be repeated.",
            json!({ "at_first_ms": 1_500 }),
        )
        .then(task_started(1), nudge()),
        thinker(
            "task-unhandled-command-sticky",
            "The same in a later task, from the sticky queue.",
            json!({ "nudges": 1, "after_each_ms": 1_500 }),
        )
        .then(completed(1), nudge())
        .then(task_started(1), nudge()),
        thinker(
            "task-signals-before-first",
            "Signals come before there is a worker: the first task has them all.",
            json!({ "nudges": 2 }),
        )
        .worker(|worker| worker.code = None)
        .then(When::Next, nudge())
        .then(When::Next, nudge())
        .then(When::Next, launch()),
        thinker(
            "task-terminated",
            "A run is terminated while a task is being worked on.",
            json!({ "at_first_ms": 2_000 }),
        )
        .then(task_started(1), terminate("no more")),
    ]
}

fn lost() -> Vec<Scenario> {
    let short = |scenario: Scenario| scenario.start(|start| start.task_timeout = Span::secs(3));
    vec![
        short(thinker(
            "task-lost",
            "The worker dies while it works on the first task; when the task's time is over, another may try.",
            json!({ "at_first_ms": 1_500 }),
        ))
        .then(task_started(1), kill())
        .then(When::Next, launch()),
        short(thinker(
            "task-lost-sticky",
            "The worker dies while it works on a task from its sticky queue: the next goes to the normal queue, for everybody.",
            json!({ "nudges": 1, "after_each_ms": 1_500 }),
        ))
        .then(completed(1), nudge())
        .then(task_started(1), kill())
        .then(When::Next, launch()),
        short(thinker(
            "task-lost-four-times",
            "Four workers in a row die over a task: from the fourth attempt on, it gets more time.",
            json!({ "at_first_ms": 1_500 }),
        ))
        .then(task_started(1), kill())
        .then(When::Next, launch())
        .then(task_started(2), kill())
        .then(When::Next, launch())
        .then(task_started(3), kill())
        .then(When::Next, launch())
        .then(task_started(4), kill())
        .then(When::Next, launch()),
        short(thinker(
            "task-lost-then-signalled",
            "After a lost task a signal comes, before anybody has tried again: the next task is an ordinary one.",
            json!({ "at_first_ms": 1_000, "nudges": 1 }),
        ))
        .then(task_started(1), kill())
        .then(event(EventType::WorkflowTaskTimedOut), nudge())
        .then(When::Next, launch()),
        short(thinker(
            "task-too-slow",
            "A worker takes longer over a task than it may: its answer is refused. Other code is quicker.",
            json!({ "at_first_ms": 4_000 }),
        ))
        .version(QUICK)
        .then(event(EventType::WorkflowTaskTimedOut), kill())
        .then(When::Next, Action::Launch(worker('A'), 1)),
        short(thinker(
            "task-never-answered",
            "A worker hangs for ever; other code does not.",
            json!({ "at_first_ms": FOREVER }),
        ))
        .version(QUICK)
        .then(task_started(2), kill())
        .then(When::Next, Action::Launch(worker('A'), 1)),
        thinker(
            "sticky-worker-killed",
            "A worker dies between two tasks: the next waits 10 s on its queue, then goes to the normal one.",
            json!({ "nudges": 1 }),
        )
        .after(completed(1), Span::millis(300), kill())
        .then(When::Next, nudge())
        .then(When::Next, launch()),
        thinker(
            "sticky-worker-long-dead",
            "A worker has not been heard of for long: the Service does not wait for it.",
            json!({ "nudges": 2 }),
        )
        .after(completed(1), Span::millis(300), kill())
        .after(When::Next, Span::secs(12), nudge())
        .after(When::Next, Span::secs(1), launch())
        .then(completed(2), nudge()),
        thinker(
            "worker-stopped",
            "A worker that keeps no runs in memory leaves between two tasks: the next waits for another worker.",
            json!({ "nudges": 1 }),
        )
        .worker(|worker| worker.cache = 0)
        .after(completed(1), Span::millis(300), Action::Stop(worker('A')))
        .after(When::Next, Span::secs(2), nudge())
        .after(When::Next, Span::secs(2), launch()),
        // Sooner than that, it is chance whether the Service takes the old sticky queue for one that is still polled.
        thinker(
            "worker-restarted",
            "A worker is restarted and replays what its predecessor did.",
            json!({ "nudges": 3 }),
        )
        .then(completed(1), nudge())
        .then(completed(2), launch())
        .after(When::Next, Span::secs(12), nudge())
        .then(completed(3), nudge()),
    ]
}

fn failed() -> Vec<Scenario> {
    vec![
        Scenario::new(
            "task-fails",
            "The code fails its first task: that is told once. Mended code gets a later attempt.",
            code!(FlawedSteps),
            json!(0),
        )
        .version(code!(Steps))
        .start(|start| start.task_timeout = Span::secs(4))
        .then(task_started(2), kill())
        .then(When::Next, Action::Launch(worker('A'), 1)),
        Scenario::new(
            "task-fails-sticky",
            "The code fails a later task: that is told twice, once from the sticky queue, once from the normal one.",
            code!(FlawedSteps),
            json!(1),
        )
        .version(code!(Steps))
        .start(|start| start.task_timeout = Span::secs(4))
        .then(completed(1), signal("step", Value::Null))
        .then(task_started(2), kill())
        .then(When::Next, Action::Launch(worker('A'), 1)),
        Scenario::new(
            "task-fails-signalled",
            "A signal comes while a second attempt is under way: what follows it is a first attempt again.",
            code!(FlawedSteps),
            json!(0),
        )
        .version(code!(Steps))
        .start(|start| start.task_timeout = Span::secs(4))
        .then(task_started(2), signal("step", Value::Null))
        .then(events(EventType::WorkflowTaskFailed, 2), kill())
        .then(When::Next, Action::Launch(worker('A'), 1)),
        Scenario::new(
            "task-unknown-type",
            "No worker knows the workflow's type.",
            THINKER,
            json!({}),
        )
        .start(|start| {
            start.workflow_type = "Unheard".to_owned();
            start.task_timeout = Span::secs(4);
        })
        .after(task_started(2), Span::secs(1), terminate("nobody knows it")),
        Scenario::new(
            "task-unreadable-input",
            "The workflow's input is not what its code takes.",
            code!(Steps),
            json!("not a number"),
        )
        .start(|start| start.task_timeout = Span::secs(4))
        .after(task_started(2), Span::secs(1), terminate("nobody can read it")),
    ]
}

/// Takes so many steps, each at the signal `step`, and returns.
#[workflow]
#[derive(Default)]
struct Steps {
    taken: u32,
}

#[workflow_methods]
impl Steps {
    #[run(name = "Steps")]
    async fn run(ctx: &mut WorkflowContext<Self>, steps: u32) -> WorkflowResult<u32> {
        ctx.wait_condition(|state| state.taken >= steps).await?;
        Ok(ctx.state(|state| state.taken))
    }

    #[signal]
    fn step(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.taken += 1;
    }
}

/// [`Steps`], but it stumbles over the end.
#[workflow]
#[derive(Default)]
struct FlawedSteps {
    taken: u32,
}

#[workflow_methods]
impl FlawedSteps {
    #[run(name = "Steps")]
    async fn run(ctx: &mut WorkflowContext<Self>, steps: u32) -> WorkflowResult<u32> {
        ctx.wait_condition(|state| state.taken >= steps).await?;
        ctx.force_task_fail("stumbled");
        Ok(ctx.state(|state| state.taken))
    }

    #[signal]
    fn step(&mut self, _ctx: &mut SyncWorkflowContext<Self>) {
        self.taken += 1;
    }
}
