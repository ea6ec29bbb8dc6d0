//! Which worker takes which waiting task: the one matter that the Service leaves open.
//!
//! A worker takes what waits in its sticky queue or in the task queue it polls, if it is there, can reach the Service, is
//! not about to leave and has room. Which of several, and how long the way takes, is drawn for the task.

use super::Sim;
use super::agenda::Due;
use super::node::{Node, WorkerName};
use super::step::Step;
use crate::base::sorted::SortedMap;
use crate::base::time::Span;
use crate::service::Polled;
use crate::service::queue::{QueuedTask, QueuedWork};

/// The waiting tasks that no worker is on its way to. Those that one is on its way to are on the agenda.
#[derive(Clone, Debug, Default)]
pub(super) struct Unclaimed {
    /// By queue, and whether they are activities; oldest first.
    tasks: SortedMap<(String, bool), SortedMap<u64, QueuedWork>>,
    /// The number of the first task that has not been looked at.
    next: u64,
}

impl Unclaimed {
    fn add(&mut self, queue: &str, task: &QueuedTask) {
        let activity = matches!(task.what, QueuedWork::Activity { .. });
        let tasks = self.tasks.get_or_default((queue.to_owned(), activity));
        tasks.insert(task.number, task.what);
    }

    /// Whether it was here.
    fn remove(&mut self, number: u64) -> bool {
        self.tasks.values_mut().any(|tasks| tasks.remove(&number).is_some())
    }
}

impl Sim {
    /// Sends a worker towards every waiting task.
    pub(super) fn match_tasks(&mut self) {
        for number in self.service.take_gone_tasks() {
            if !self.unclaimed.remove(number) {
                self.agenda.forget_task(number);
            }
        }
        let queues = self.service.queues();
        for (queue, task) in queues.since(self.unclaimed.next) {
            self.unclaimed.add(queue, task);
        }
        self.unclaimed.next = queues.next_number();
        self.unclaimed.tasks.retain(|_, tasks| !tasks.is_empty());
        let groups: Vec<(String, bool)> = self.unclaimed.tasks.keys().cloned().collect();
        for (queue, activity) in groups {
            self.match_group((queue, activity));
        }
    }

    /// Sends workers towards the tasks of one queue and kind for as long as one has room.
    fn match_group(&mut self, group: (String, bool)) {
        let (queue, activity) = &group;
        loop {
            let polling: Vec<WorkerName> = self
                .nodes
                .iter()
                .filter(|node| self.takes(node, queue, *activity))
                .map(|node| node.name)
                .collect();
            let tasks = self.unclaimed.tasks.get_mut(&group);
            let Some((task, what)) = tasks.filter(|_| !polling.is_empty()).and_then(SortedMap::pop_first) else {
                return;
            };
            let keys = keys(self.service.run(what.run()).word, what);
            let count = u64::try_from(polling.len()).expect("few workers");
            let pick = usize::try_from(self.chance.draw("which worker", &keys) % count).expect("few workers");
            let takes = self.chance.span("poll", &keys, Span::micros(800), Span::micros(2_500));
            let poll = Due::Poll {
                worker: polling[pick],
                task,
                activity: *activity,
            };
            self.agenda.add(self.now + takes, poll);
        }
    }

    /// Nobody is on the way to these tasks any more.
    pub(super) fn unclaim(&mut self, tasks: Vec<u64>) {
        for number in tasks {
            if let Some((queue, task)) = self.service.queues().find(number) {
                self.unclaimed.add(queue, task);
            }
        }
    }

    fn takes(&self, node: &Node, queue: &str, activity: bool) -> bool {
        let Some(process) = node.polling() else { return false };
        if activity {
            return queue == node.setup.task_queue && node.free_slots() > self.agenda.activity_polls(node.name);
        }
        node.setup.workflows && (queue == node.setup.task_queue || queue == process.worker.sticky_queue())
    }

    pub(super) fn poll(&mut self, worker: WorkerName, task: u64) -> Step {
        let found = self.service.queues().find(task);
        let Some((queue, waiting_since)) = found.map(|(queue, queued)| (queue.to_owned(), queued.since)) else {
            return Step::TaskGone { worker };
        };
        let poller = self.node(worker).poller();
        let polled = self.service.poll(self.now, task, &poller);
        match polled {
            None => Step::TaskGone { worker },
            Some(Polled::Workflow(task) | Polled::Query(task)) => {
                let step = Step::WorkflowTaskPolled {
                    worker,
                    run: task.token.run,
                    waiting_since,
                    sticky: queue != self.node(worker).setup.task_queue,
                    query: task.started_event_id == 0,
                    attempt: task.token.attempt,
                    events: u32::try_from(task.events.len()).expect("histories are bounded"),
                };
                self.take_workflow_task(worker, *task);
                step
            }
            Some(Polled::Activity(task)) => {
                let step = Step::ActivityPolled {
                    worker,
                    token: task.token,
                    activity_type: task.activity_type.clone(),
                    waiting_since,
                };
                self.take_activity(worker, *task);
                step
            }
        }
    }
}

/// What tells the draws for a task apart from those for others. `run` stands for the run.
fn keys(run: u64, what: QueuedWork) -> [u64; 3] {
    match what {
        QueuedWork::Workflow {
            scheduled_event_id,
            attempt,
            ..
        }
        | QueuedWork::Activity {
            scheduled_event_id,
            attempt,
            ..
        } => [run, scheduled_event_id.unsigned_abs(), u64::from(attempt)],
        QueuedWork::Query { query_id, .. } => [run, query_id, 0],
    }
}
