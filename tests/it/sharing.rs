//! Several workers on one task queue: who got which task, and how long the others waited.

use std::collections::BTreeMap;

use sagascope::base::time::{SimTime, Span};
use sagascope::catalogue::stories::LAB;
use sagascope::contract::task::ActivityTaskToken;
use sagascope::service::queue::QueuedWork;
use sagascope::sim::Sim;
use sagascope::sim::node::WorkerName;
use sagascope::sim::spec::RunSpec;
use sagascope::sim::step::Step;

use crate::lab::told;

const A: WorkerName = WorkerName(0);
const B: WorkerName = WorkerName(1);
const C: WorkerName = WorkerName(2);

/// Every attempt that was made, and by whom.
fn attempts(sim: &Sim) -> Vec<(WorkerName, ActivityTaskToken)> {
    let mut made = Vec::new();
    for record in sim.records() {
        match &record.what {
            Step::ActivityPolled { worker, token, .. } => made.push((*worker, *token)),
            Step::WorkflowTaskAnswered { worker, eager, .. } => {
                made.extend(eager.iter().map(|(token, _)| (*worker, *token)));
            }
            _ => {}
        }
    }
    made
}

fn by_worker(sim: &Sim) -> BTreeMap<WorkerName, usize> {
    let mut shares = BTreeMap::new();
    for (worker, _) in attempts(sim) {
        *shares.entry(worker).or_default() += 1;
    }
    shares
}

/// How many activities wait after a second.
fn queue_length(id: &str) -> usize {
    let mut sim = LAB.sim(&RunSpec::of(id)).unwrap();
    while sim.now() < SimTime::ZERO + Span::secs(1) && sim.step().is_some() {}
    let waiting = sim.service().queues().waiting();
    waiting
        .filter(|(_, task)| matches!(task.what, QueuedWork::Activity { .. }))
        .count()
}

#[test]
fn every_task_goes_to_one_worker_and_each_gets_some() {
    let sim = told("workers-share");
    let mut tokens: Vec<_> = attempts(&sim).into_iter().map(|(_, token)| token).collect();
    assert_eq!(tokens.len(), 11, "ten quotes and an order");
    tokens.sort_unstable();
    tokens.dedup();
    assert_eq!(tokens.len(), 11);
    let shares = by_worker(&sim);
    assert!(
        shares.len() == 3 && shares.values().all(|share| *share >= 2),
        "{shares:?}"
    );
}

#[test]
fn with_more_workers_the_queue_is_shorter_and_the_end_comes_sooner() {
    assert_eq!((queue_length("workers-one"), queue_length("workers-four")), (9, 6));
    let took = |id: &str| told(id).now().since(SimTime::ZERO);
    assert!(took("workers-four") + took("workers-four") < took("workers-one"));
}

#[test]
fn a_slow_worker_gets_less_to_do() {
    let sim = told("workers-slow-and-dead");
    let first_minute: Vec<WorkerName> = sim
        .records()
        .iter()
        .take_while(|record| record.at < SimTime::ZERO + Span::secs(30))
        .filter_map(|record| match &record.what {
            Step::ActivityAnswered { worker, .. } => Some(*worker),
            _ => None,
        })
        .collect();
    let of = |worker: WorkerName| first_minute.iter().filter(|by| **by == worker).count();
    assert!(of(B) * 2 < of(A), "{first_minute:?}");
}

#[test]
fn what_a_dead_worker_had_in_its_hands_is_done_by_others_when_its_time_is_over() {
    let sim = told("workers-slow-and-dead");
    let tries = attempts(&sim);
    let lost: Vec<_> = tries.iter().filter(|(worker, _)| *worker == C).collect();
    assert_eq!(lost.len(), 2);
    for (_, token) in lost {
        let again = tries.iter().find(|(_, other)| {
            other.scheduled_event_id == token.scheduled_event_id && other.attempt == token.attempt + 1
        });
        assert!(again.is_some_and(|(worker, _)| *worker != C), "{token:?}");
    }
    assert!(sim.now() > SimTime::ZERO + Span::secs(60));
}
