//! Which worker takes which waiting task: the one matter that the Service leaves open.
//!
//! A worker takes what waits in its own queue or in the task queue it polls, if it is there, can reach the Service, is
//! not about to leave and has room. Which of several, and how long the way takes, is drawn for the task.

use super::Sim;
use super::agenda::Due;
use super::node::{Node, WorkerName};
use super::step::Step;
use crate::base::time::Span;
use crate::service::Polled;
use crate::service::queue::{QueuedTask, QueuedWork};

impl Sim {
    /// Sends a worker towards every waiting task.
    pub(super) fn match_tasks(&mut self) {
        let waiting: Vec<(String, QueuedTask)> = self
            .service
            .queues()
            .waiting()
            .map(|(queue, task)| (queue.to_owned(), task.clone()))
            .collect();
        let alive: Vec<u64> = waiting.iter().map(|(_, task)| task.number).collect();
        self.agenda.forget_polls_except(&alive);
        for (queue, task) in waiting {
            if self.agenda.is_assigned(task.number) {
                continue;
            }
            let activity = matches!(task.what, QueuedWork::Activity { .. });
            let polling: Vec<WorkerName> = self
                .nodes
                .iter()
                .filter(|node| self.takes(node, &queue, activity))
                .map(|node| node.name)
                .collect();
            if polling.is_empty() {
                continue;
            }
            let keys = keys(task.what);
            let count = u64::try_from(polling.len()).expect("few workers");
            let pick = usize::try_from(self.chance.draw("which worker", &keys) % count).expect("few workers");
            let takes = self.chance.span("poll", &keys, Span::micros(800), Span::micros(2_500));
            self.agenda.add(
                self.now + takes,
                Due::Poll {
                    worker: polling[pick],
                    task: task.number,
                    activity,
                },
            );
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
        let found = self
            .service
            .queues()
            .waiting()
            .find(|(_, queued)| queued.number == task);
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

/// What tells the draws for a task apart from those for others.
fn keys(what: QueuedWork) -> [u64; 3] {
    match what {
        QueuedWork::Workflow {
            run,
            scheduled_event_id,
            attempt,
        }
        | QueuedWork::Activity {
            run,
            scheduled_event_id,
            attempt,
        } => [u64::from(run.0), scheduled_event_id.unsigned_abs(), u64::from(attempt)],
        QueuedWork::Query { run, query_id } => [u64::from(run.0), query_id, 0],
    }
}
