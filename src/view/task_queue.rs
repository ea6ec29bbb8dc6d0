//! One task queue as `temporal task-queue describe` shows it: who polls it, and what waits in it.

use serde_json::{Value, json};

use super::columns::{date, seen_from, table, without_nulls};
use crate::base::time::{SimTime, Span};
use crate::history::timestamp::duration;
use crate::service::queue::QueuedWork;
use crate::sim::Sim;
use crate::sim::node::Node;
use crate::sim::step::Step;

/// How long the Service remembers a worker that polls no more (server 1.32, `pollerHistoryTTL`).
const REMEMBERED: Span = Span::secs(300);

/// A task queue.
#[derive(Clone, Debug, PartialEq)]
pub struct TaskQueue {
    /// When that is.
    pub now: SimTime,
    /// Its name.
    pub name: String,
    /// Who polls it, or did lately.
    pub pollers: Vec<Poller>,
    /// What waits in it, by kind.
    pub backlogs: Vec<Backlog>,
    /// The queues that some worker polls now.
    pub polled: Vec<String>,
}

/// Somebody who polls for tasks of one kind.
#[derive(Clone, Debug, PartialEq)]
pub struct Poller {
    /// `workflow` or `activity`.
    pub kind: &'static str,
    /// `worker-A@lab`.
    pub identity: String,
    /// When it polled last.
    pub last_access: SimTime,
}

/// The tasks of one kind that wait.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// `workflow` or `activity`.
    pub kind: &'static str,
    /// How many.
    pub count: u32,
    /// Since when the oldest waits; zero if there is none.
    pub age: Span,
}

/// Describes a task queue. One that nobody knows is empty, as on a real server.
pub fn describe(sim: &Sim, name: &str) -> TaskQueue {
    let now = sim.now();
    let of_queue = sim.nodes().iter().filter(|node| node.setup.task_queue == name);
    let seen = of_queue.filter_map(|node| last_access(sim, node).map(|at| (node, at)));
    let lately: Vec<(&Node, SimTime)> = seen.filter(|(_, at)| now.since(*at) < REMEMBERED).collect();
    let pollers_of = |kind, serves: fn(&Node) -> bool| {
        let serving = lately.iter().filter(move |(node, _)| serves(node));
        serving.map(move |(node, at)| Poller {
            kind,
            identity: node.identity(),
            last_access: *at,
        })
    };
    let activities = pollers_of("activity", |node| node.setup.activities);
    let polling = sim.nodes().iter().filter(|node| node.polling().is_some());
    let mut polled: Vec<String> = polling.map(|node| node.setup.task_queue.clone()).collect();
    polled.sort();
    polled.dedup();
    TaskQueue {
        now,
        name: name.to_owned(),
        pollers: activities
            .chain(pollers_of("workflow", |node| node.setup.workflows))
            .collect(),
        backlogs: vec![
            backlog(sim, name, "activity", |work| {
                matches!(work, QueuedWork::Activity { .. })
            }),
            backlog(sim, name, "workflow", |work| {
                matches!(work, QueuedWork::Workflow { .. })
            }),
        ],
        polled,
    }
}

/// When a worker polled last: now, if it does; or when it died, was asked to leave or was partitioned.
fn last_access(sim: &Sim, node: &Node) -> Option<SimTime> {
    if node.polling().is_some() {
        return Some(sim.now());
    }
    let mut last = None;
    for record in sim
        .records()
        .iter()
        .rev()
        .filter(|record| record.what.worker() == Some(node.name))
    {
        match record.what {
            Step::Crashed { .. } | Step::Stopping { .. } | Step::Partitioned { .. } => last = Some(record.at),
            Step::Restarted { .. } | Step::Healed { .. } => break,
            _ => {}
        }
    }
    last
}

fn backlog(sim: &Sim, name: &str, kind: &'static str, is_it: fn(&QueuedWork) -> bool) -> Backlog {
    let waiting = sim.service().queues().waiting();
    let since: Vec<SimTime> = waiting
        .filter(|(queue, task)| *queue == name && is_it(&task.what))
        .map(|(_, task)| task.since)
        .collect();
    Backlog {
        kind,
        count: u32::try_from(since.len()).unwrap_or(u32::MAX),
        age: since.iter().min().map_or(Span::ZERO, |since| sim.now().since(*since)),
    }
}

impl TaskQueue {
    /// In sections, as the CLI prints it.
    pub fn text(&self) -> String {
        let backlog = |backlog: &Backlog| {
            vec![
                backlog.kind.to_owned(),
                backlog.count.to_string(),
                backlog.age.to_string(),
            ]
        };
        let poller = |poller: &Poller| {
            vec![
                poller.kind.to_owned(),
                poller.identity.clone(),
                seen_from(poller.last_access, self.now),
            ]
        };
        let backlogs: Vec<_> = self.backlogs.iter().map(backlog).collect();
        let pollers: Vec<_> = self.pollers.iter().map(poller).collect();
        let mut text = format!(
            "Task Queue Statistics:\n{}Pollers:\n{}",
            table(
                &["TaskQueueType", "ApproximateBacklogCount", "ApproximateBacklogAge"],
                &backlogs
            ),
            table(&["TaskQueueType", "Identity", "LastAccessTime"], &pollers)
        );
        if self.pollers.is_empty() {
            let polled = match self.polled.as_slice() {
                [] => "no worker polls any".to_owned(),
                polled => format!("workers poll {}", polled.join(", ")),
            };
            text.push_str(&format!("\nNo worker polls {}; {polled}.\n", self.name));
        }
        text
    }

    /// As `temporal task-queue describe --output json` has it, without the rates.
    pub fn json(&self) -> Value {
        let poller = |poller: &Poller| {
            json!({
                "taskQueueType": poller.kind,
                "identity": poller.identity,
                "lastAccessTime": date(poller.last_access),
            })
        };
        let stats = |backlog: &Backlog| {
            json!({
                "taskQueueType": backlog.kind,
                "approximateBacklogCount": backlog.count,
                "approximateBacklogAge": duration(backlog.age).to_string(),
            })
        };
        without_nulls(json!({
            "pollers": self.pollers.iter().map(poller).collect::<Vec<_>>(),
            "stats": self.backlogs.iter().map(stats).collect::<Vec<_>>(),
        }))
    }
}
