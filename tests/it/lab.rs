//! Runs that are in no catalogue: workflows that only rehearse, and what tests ask of their steps.

use std::time::Duration;

use sagascope::base::probe;
use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::catalogue::workflows::rehearsal::{Rehearsal, Stage};
use sagascope::contract::request::StartWorkflow;
use sagascope::history::proto::{Attributes, HistoryEvent, event_name};
use sagascope::history::{payload, rules};
use sagascope::service::run::Run;
use sagascope::sim::script::{Act, Action, When};
use sagascope::sim::setup::Setup;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::step::{Record, Step};
use sagascope::sim::{Sim, Verdict};
use sagascope::worker::registry::Registry;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use temporalio_macros::{workflow, workflow_methods};
use temporalio_workflow::{
    ActivityOptions, ChildWorkflowOptions, LocalActivityOptions, RetryPolicy, SyncWorkflowContext, WorkflowContext,
    WorkflowContextView, WorkflowResult, join_all,
};

pub(crate) const WORKFLOW: &str = "rehearsal-1";

/// An activity and what the workflow allows it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct Scene {
    pub(crate) rehearsal: Rehearsal,
    pub(crate) start_to_close_s: u64,
    /// 0 for none.
    pub(crate) heartbeat_ms: u64,
    /// 0 for no limit.
    pub(crate) attempts: u32,
}

impl Scene {
    pub(crate) fn of(rehearsal: Rehearsal) -> Self {
        Self {
            rehearsal,
            start_to_close_s: 60,
            heartbeat_ms: 0,
            attempts: 0,
        }
    }

    fn options(&self) -> ActivityOptions {
        let policy = RetryPolicy::builder().maximum_attempts(self.attempts).build();
        ActivityOptions::with_start_to_close_timeout(Duration::from_secs(self.start_to_close_s))
            .maybe_heartbeat_timeout((self.heartbeat_ms > 0).then(|| Duration::from_millis(self.heartbeat_ms)))
            .retry_policy(policy)
            .build()
    }
}

/// One activity after the other.
#[workflow]
#[derive(Default)]
struct Rehearses;

#[workflow_methods]
impl Rehearses {
    #[run(name = "Rehearses")]
    async fn run(ctx: &mut WorkflowContext<Self>, scenes: Vec<Scene>) -> WorkflowResult<u64> {
        for scene in &scenes {
            ctx.execute_activity(Stage::rehearse, scene.rehearsal.clone(), scene.options())
                .await?;
        }
        Ok(scenes.len() as u64)
    }
}

/// The same activity over and over, so many times.
#[workflow]
#[derive(Default)]
struct RehearsesOften;

#[workflow_methods]
impl RehearsesOften {
    #[run(name = "RehearsesOften")]
    async fn run(ctx: &mut WorkflowContext<Self>, (scene, times): (Scene, u64)) -> WorkflowResult<u64> {
        for _ in 0..times {
            ctx.execute_activity(Stage::rehearse, scene.rehearsal.clone(), scene.options())
                .await?;
        }
        Ok(times)
    }
}

/// All activities at once.
#[workflow]
#[derive(Default)]
struct RehearsesAtOnce;

#[workflow_methods]
impl RehearsesAtOnce {
    #[run(name = "RehearsesAtOnce")]
    async fn run(ctx: &mut WorkflowContext<Self>, scenes: Vec<Scene>) -> WorkflowResult<u64> {
        let all = scenes
            .iter()
            .map(|scene| ctx.execute_activity(Stage::rehearse, scene.rehearsal.clone(), scene.options()));
        let ended = join_all(all.collect::<Vec<_>>()).await;
        Ok(ended.iter().filter(|outcome| outcome.is_ok()).count() as u64)
    }
}

/// One local activity after the other.
#[workflow]
#[derive(Default)]
struct RehearsesLocally;

#[workflow_methods]
impl RehearsesLocally {
    #[run(name = "RehearsesLocally")]
    async fn run(ctx: &mut WorkflowContext<Self>, scenes: Vec<Scene>) -> WorkflowResult<u64> {
        for scene in &scenes {
            let options = LocalActivityOptions::builder()
                .start_to_close_timeout(Duration::from_secs(scene.start_to_close_s))
                .build();
            ctx.execute_local_activity(Stage::rehearse, scene.rehearsal.clone(), options)
                .await?;
        }
        Ok(scenes.len() as u64)
    }
}

/// Keeps a sum; done when it reaches ten.
#[workflow]
#[derive(Default)]
struct Sums {
    sum: i64,
}

#[workflow_methods]
impl Sums {
    #[run(name = "Sums")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<i64> {
        ctx.wait_condition(|state| state.sum >= 10).await?;
        Ok(ctx.state(|state| state.sum))
    }

    #[signal(name = "add")]
    fn add(&mut self, _ctx: &mut SyncWorkflowContext<Self>, n: i64) {
        self.sum += n;
    }

    #[query(name = "sum")]
    fn sum(&self, _ctx: &WorkflowContextView) -> i64 {
        self.sum
    }

    #[update(name = "add_slowly")]
    async fn add_slowly(ctx: &mut WorkflowContext<Self>, n: i64) -> i64 {
        ctx.timer(Duration::from_secs(1)).await;
        ctx.state_mut(|state| state.sum += n);
        ctx.state(|state| state.sum)
    }
}

/// Waits for a sum that another workflow keeps.
#[workflow]
#[derive(Default)]
struct Delegates;

#[workflow_methods]
impl Delegates {
    #[run(name = "Delegates")]
    async fn run(ctx: &mut WorkflowContext<Self>) -> WorkflowResult<i64> {
        let options = ChildWorkflowOptions::workflow_id("delegated".to_owned());
        let sum = ctx.start_child_workflow(Sums::run, (), options).await?;
        Ok(sum.result().await?)
    }
}

/// Starts a child of that id after so many seconds, and waits for it.
#[workflow]
#[derive(Default)]
struct StartsLater;

#[workflow_methods]
impl StartsLater {
    #[run(name = "StartsLater")]
    async fn run(ctx: &mut WorkflowContext<Self>, (child, seconds): (String, u64)) -> WorkflowResult<u64> {
        ctx.timer(Duration::from_secs(seconds)).await;
        let options = ChildWorkflowOptions::workflow_id(child);
        let child = ctx.start_child_workflow(Thinks::run, 0_u64, options).await?;
        Ok(child.result().await?)
    }
}

/// Computes for so many seconds, then returns.
#[workflow]
#[derive(Default)]
struct Thinks;

#[workflow_methods]
impl Thinks {
    #[run(name = "Thinks")]
    async fn run(_ctx: &mut WorkflowContext<Self>, seconds: u64) -> WorkflowResult<u64> {
        probe::hold(Span::secs(seconds));
        Ok(seconds)
    }
}

fn registry() -> Registry {
    Registry::new()
        .with::<Rehearses>()
        .with::<RehearsesOften>()
        .with::<RehearsesAtOnce>()
        .with::<RehearsesLocally>()
        .with::<Sums>()
        .with::<Delegates>()
        .with::<StartsLater>()
        .with::<Thinks>()
}

/// One worker, one workflow, nothing else.
pub(crate) fn setup(workflow_type: &str, input: impl Serialize) -> Setup {
    let start = StartWorkflow {
        workflow_id: WORKFLOW.to_owned(),
        workflow_type: workflow_type.to_owned(),
        task_queue: "stage".to_owned(),
        input: Some(json!(input))
            .filter(|input| !input.is_null())
            .as_ref()
            .map(payload::json),
        ..StartWorkflow::default()
    };
    crate::program::in_the_world(Setup::new(start, registry))
}

/// The run to its end. Its histories are well-formed in any case.
pub(crate) fn played(setup: Setup) -> (Sim, Verdict) {
    let mut sim = Sim::with(setup, 7, Vec::new()).unwrap();
    let verdict = sim.run_to_end();
    for run in sim.runs() {
        let findings = rules::check(run.log.events());
        assert!(findings.is_empty(), "{}: {findings:?}", run.workflow_id);
    }
    (sim, verdict)
}

/// A story of the catalogue, told to its end.
pub(crate) fn told(id: &str) -> Sim {
    let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled, "{id}");
    sim
}

/// The types of all activities that a run has scheduled, in order.
pub(crate) fn scheduled(run: &Run) -> Vec<String> {
    let types = run.log.events().iter().filter_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(a)) => a.activity_type.as_ref(),
        _ => None,
    });
    types.map(|activity_type| activity_type.name.clone()).collect()
}

/// How often a run has an event of that type.
pub(crate) fn count(run: &Run, name: &str) -> usize {
    names(run.log.events()).iter().filter(|event| **event == name).count()
}

/// Something that a client does when something is the case.
pub(crate) fn act(when: When, what: Action) -> Act {
    Act {
        when,
        after: Span::ZERO,
        what,
    }
}

/// The attempt of the first activity has begun.
pub(crate) fn begun(attempt: u32) -> When {
    When::AttemptStarted {
        workflow: WORKFLOW.to_owned(),
        activity_id: "1".to_owned(),
        attempt,
    }
}

/// What `wanted` finds in the steps.
pub(crate) fn seen<T>(sim: &Sim, wanted: impl Fn(&Step) -> Option<T>) -> Vec<T> {
    sim.records().iter().filter_map(|record| wanted(&record.what)).collect()
}

/// The first step that `wanted` is true for.
pub(crate) fn first(sim: &Sim, wanted: impl Fn(&Step) -> bool) -> &Record {
    let found = sim.records().iter().find(|record| wanted(&record.what));
    found.expect("some step is like that")
}

/// The types of the events of a history.
pub(crate) fn names(events: &[HistoryEvent]) -> Vec<&'static str> {
    events.iter().map(|event| event_name(event.event_type())).collect()
}

/// Whole seconds of a time.
pub(crate) fn seconds(at: SimTime) -> u64 {
    at.since(SimTime::ZERO).0 / Span::secs(1).0
}

/// What the story's workflow returned, in the last of its runs.
#[track_caller]
pub(crate) fn result(sim: &Sim) -> Value {
    let last = sim.runs_of(&sim.setup().start.workflow_id).last().unwrap();
    last.result().expect("the workflow returned something")
}

/// How many seconds a run took.
pub(crate) fn lasted(run: &Run) -> i64 {
    let events = run.log.events();
    let time = |event: &HistoryEvent| event.event_time.unwrap().seconds;
    time(events.last().unwrap()) - time(&events[0])
}
