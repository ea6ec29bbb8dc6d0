//! A story told to its end, and what tests ask of it.

use sagascope::catalogue::stories::LAB;
use sagascope::check::promise::promises;
use sagascope::history::proto::{ActivityTaskScheduledEventAttributes, Attributes, FailureInfo, HistoryEvent};
use sagascope::service::run::Run;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::{Sim, Verdict};

pub(crate) fn told(id: &str) -> Sim {
    let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
    assert_eq!(sim.run_to_end(), Verdict::Settled, "{id}");
    sim
}

/// The activities of the run that is shown: `CheckStock ProcessPayment@3 PackOrder!ScheduleToStart`, that is, the attempt
/// if it was not the first, and the failure if it was one.
pub(crate) fn activities(sim: &Sim) -> String {
    activities_of(sim.run().unwrap())
}

pub(crate) fn activities_of(run: &Run) -> String {
    let events = run.log.events();
    let scheduled = events.iter().filter_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => Some((event.event_id, scheduled)),
        _ => None,
    });
    let words: Vec<String> = scheduled.map(|(id, scheduled)| word(events, id, scheduled)).collect();
    words.join(" ")
}

fn word(events: &[HistoryEvent], id: i64, scheduled: &ActivityTaskScheduledEventAttributes) -> String {
    let mut word = scheduled.activity_type.as_ref().unwrap().name.clone();
    for event in events {
        let failure = match &event.attributes {
            Some(Attributes::ActivityTaskStartedEventAttributes(a)) if a.scheduled_event_id == id && a.attempt > 1 => {
                word += &format!("@{}", a.attempt);
                continue;
            }
            Some(Attributes::ActivityTaskFailedEventAttributes(a)) if a.scheduled_event_id == id => &a.failure,
            Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) if a.scheduled_event_id == id => &a.failure,
            _ => continue,
        };
        let why = match failure.as_ref().unwrap().failure_info.as_ref().unwrap() {
            FailureInfo::TimeoutFailureInfo(info) => format!("{:?}", info.timeout_type()),
            FailureInfo::ApplicationFailureInfo(info) => info.r#type.clone(),
            other => format!("{other:?}"),
        };
        word += &format!("!{why}");
    }
    word
}

/// The value of a fact about the world: `customer charged` is `€89.00`.
#[track_caller]
pub(crate) fn fact(sim: &Sim, label: &str) -> String {
    let facts = sim.outside().facts();
    let fact = facts.iter().find(|fact| fact.label == label);
    fact.unwrap_or_else(|| panic!("no fact “{label}” in {facts:?}"))
        .value
        .clone()
}

/// What was seen where a promise was not kept.
pub(crate) fn broken(sim: &Sim) -> Vec<String> {
    let promises = promises(sim);
    assert!(!promises.is_empty(), "{} promises nothing", sim.spec());
    promises
        .into_iter()
        .filter(|promise| !promise.held)
        .map(|promise| promise.seen)
        .collect()
}

/// The entries in the journal of the world, without their times.
pub(crate) fn journal(sim: &Sim) -> Vec<String> {
    let entries = sim.outside().entries().iter();
    entries
        .map(|entry| format!("{} {}", entry.system, entry.text))
        .collect()
}

/// The status that the workflow returned.
pub(crate) fn status(sim: &Sim) -> String {
    let last = sim.runs_of(&sim.setup().start.workflow_id).last().unwrap();
    last.result().unwrap()["status"].as_str().unwrap().to_owned()
}

/// Whole seconds of virtual time between the attempts of an activity, as workers took them.
pub(crate) fn pauses(sim: &Sim, activity_type: &str) -> Vec<u64> {
    use sagascope::sim::step::Step;
    let taken = |what: &Step| match what {
        Step::ActivityPolled {
            activity_type: taken, ..
        } => taken == activity_type,
        Step::WorkflowTaskAnswered { eager, .. } => eager.iter().any(|(_, taken)| taken == activity_type),
        _ => false,
    };
    let starts: Vec<_> = sim
        .records()
        .iter()
        .filter(|record| taken(&record.what))
        .map(|record| record.at)
        .collect();
    starts
        .windows(2)
        .map(|pair| pair[1].since(pair[0]).0 / 1_000_000_000)
        .collect()
}

/// What an activity of the run that is shown is allowed: seconds an attempt, seconds in all, attempts, first pause, factor,
/// longest pause.
#[track_caller]
pub(crate) fn limits(sim: &Sim, activity_type: &str) -> (i64, i64, i32, i64, f64, i64) {
    let seconds = |span: Option<prost_types::Duration>| span.map_or(0, |span| span.seconds);
    let events = sim.run().unwrap().log.events();
    let scheduled = events.iter().find_map(|event| match &event.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(a))
            if a.activity_type.as_ref().is_some_and(|of| of.name == activity_type) =>
        {
            Some(a)
        }
        _ => None,
    });
    let scheduled = scheduled.unwrap_or_else(|| panic!("{activity_type} is never asked for"));
    let policy = scheduled.retry_policy.clone().unwrap();
    (
        seconds(scheduled.start_to_close_timeout),
        seconds(scheduled.schedule_to_close_timeout),
        policy.maximum_attempts,
        seconds(policy.initial_interval),
        policy.backoff_coefficient,
        seconds(policy.maximum_interval),
    )
}
