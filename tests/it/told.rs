//! Stories told to their end, and what tests ask of them.

use sagascope::history::proto::{Attributes, event_name};
use sagascope::service::run::Run;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::{Sim, Verdict};
use serde_json::Value;

/// A story that has come to its end.
#[track_caller]
pub(crate) fn told(id: &str) -> Sim {
    let mut sim = Sim::new(&RunSpec::of(id)).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled, "{id}");
    sim
}

/// What the story's workflow returned, in the last of its runs.
#[track_caller]
pub(crate) fn result(sim: &Sim) -> Value {
    let last = sim.runs_of(&sim.setup().start.workflow_id).last().unwrap();
    last.result().expect("the workflow returned something")
}

/// How many seconds the first run took.
pub(crate) fn seconds(sim: &Sim) -> u64 {
    let last = sim.run().unwrap().log.events().last().unwrap();
    u64::try_from(last.event_time.unwrap().seconds - first_second(sim)).unwrap()
}

fn first_second(sim: &Sim) -> i64 {
    sim.run().unwrap().log.events()[0].event_time.unwrap().seconds
}

/// The types of the first run's activities, in the order in which they were asked for.
pub(crate) fn scheduled(sim: &Sim) -> Vec<String> {
    let events = sim.run().unwrap().log.events().iter();
    events
        .filter_map(|event| match event.attributes.as_ref()? {
            Attributes::ActivityTaskScheduledEventAttributes(a) => a.activity_type.as_ref().map(|t| t.name.clone()),
            _ => None,
        })
        .collect()
}

/// The types of the first run's events.
pub(crate) fn event_names(sim: &Sim) -> Vec<&'static str> {
    event_names_of(sim.run().unwrap())
}

/// The types of a run's events.
pub(crate) fn event_names_of(run: &Run) -> Vec<&'static str> {
    run.log
        .events()
        .iter()
        .map(|event| event_name(event.event_type()))
        .collect()
}

/// What happened in the world, in words.
pub(crate) fn journal(sim: &Sim) -> Vec<&str> {
    sim.world().entries().iter().map(|entry| entry.text.as_str()).collect()
}
