//! What a worker does with a workflow task: runs the code activation by activation, and answers.
//!
//! A run has one task at a time in a worker's hands; what comes meanwhile waits in the worker, as in Core. The worker
//! keeps as many runs in memory as its set-up says, those used last; a run that it has forgotten is replayed from the
//! history, which it fetches.

use super::Sim;
use super::agenda::Due;
use super::node::{Unsaid, WorkerName};
use super::step::{Answered, Step};
use crate::base::probe;
use crate::base::time::Span;
use crate::contract::answer::{Command, QueryAnswer, WorkflowTaskAnswer};
use crate::contract::task::{RunKey, WorkflowTask};
use crate::history::proto::Failure;
use crate::service::run::RunStatus;

/// So many activities at most does a worker offer to run at once in one answer (Core's default).
const EAGER_MAX: u32 = 3;

impl Sim {
    pub(super) fn take_workflow_task(&mut self, worker: WorkerName, task: WorkflowTask) {
        let run = task.token.run;
        if self.process(worker).workflow_tasks.contains_key(&run) {
            self.process(worker).next_tasks.push(task);
            return;
        }
        let task = self.with_history(worker, task);
        let event = task.started_event_id.unsigned_abs();
        let room = self.node(worker).setup.cache.max(1);
        let now = self.now;
        let process = self.process(worker);
        process.make_room(run, usize::try_from(room).unwrap_or(usize::MAX));
        process.workflow_tasks.insert(run, now);
        if let Some(asked) = task.queries.first().filter(|_| task.started_event_id == 0) {
            process.questions.insert(run, asked.query_id);
        }
        process.worker.take(task);
        self.look_after(worker, run);
        self.go_on(worker, run, event, Span::ZERO);
    }

    /// A task from the worker's own queue brings news only. If the worker has forgotten the run, it fetches the rest.
    fn with_history(&mut self, worker: WorkerName, mut task: WorkflowTask) -> WorkflowTask {
        if !self.process(worker).worker.needs_history(&task) {
            return task;
        }
        let run = task.token.run;
        let first = task.events.first().map_or(i64::MAX, |event| event.event_id);
        let log = self.service.run(run).log.events();
        let mut events: Vec<_> = log.iter().filter(|event| event.event_id < first).cloned().collect();
        events.append(&mut task.events);
        task.events = events;
        task
    }

    /// The next thing a worker does with the workflow task in its hands: run on, or answer, unless it waits for local
    /// activities.
    pub(super) fn go_on(&mut self, worker: WorkerName, run: RunKey, key: u64, held: Span) {
        let process = self.process(worker);
        let more = process.worker.has_more(run);
        if !more && process.worker.waits_for_local(run) {
            return;
        }
        let takes = self.chance.span(
            "activation",
            &[u64::from(run.0), key],
            Span::micros(600),
            Span::micros(1_800),
        );
        let due = if more {
            Due::Activate { worker, run }
        } else {
            Due::AnswerWorkflowTask { worker, run }
        };
        self.agenda.add(self.now + takes + held, due);
    }

    pub(super) fn activate(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let now = self.now;
        probe::take_held();
        let activated = self.process(worker).worker.activate(run, now);
        let held = probe::take_held();
        self.look_after(worker, run);
        match activated {
            Some(activated) => {
                self.go_on(worker, run, activated.events.1.unsigned_abs() + 1, held);
                Step::Activated {
                    worker,
                    run,
                    activated: Box::new(activated),
                }
            }
            None => {
                let message = self.process(worker).worker.failure_message(run).unwrap_or_default();
                self.go_on(worker, run, 0, held);
                Step::ActivationFailed { worker, run, message }
            }
        }
    }

    pub(super) fn answer_workflow_task(&mut self, worker: WorkerName, run: RunKey) -> Step {
        if self.node(worker).cut.is_some() {
            return self.cannot_say(worker, Unsaid::WorkflowTask(run));
        }
        let process = self.process(worker);
        process.workflow_tasks.remove(&run);
        let question = process.questions.remove(&run);
        let Some((token, answer)) = process.worker.answer(run) else {
            self.forget_run(worker, run);
            return Step::TaskGone { worker };
        };
        let answer = answer.map(|answer| self.affordable(worker, answer));
        if let Some(query_id) = question {
            return self.answer_question(worker, run, query_id, answer);
        }
        let mut eager = Vec::new();
        let mut next_task = None;
        let how = match answer {
            None => Answered::Silent,
            Some(answer) => {
                let failed = matches!(answer, WorkflowTaskAnswer::Failed { .. });
                match self.service.answer_workflow_task(self.now, token, answer) {
                    Ok(accepted) => {
                        for task in accepted.eager_activities {
                            eager.push((task.token, task.activity_type.clone()));
                            self.take_activity(worker, task);
                        }
                        next_task = accepted.next_task;
                        match accepted.refused {
                            Some(why) => Answered::Refused(why),
                            None if failed => Answered::Failed,
                            None => Answered::Accepted,
                        }
                    }
                    Err(_) => Answered::NotFound,
                }
            }
        };
        let status = self.service.run(run).status;
        let keeps = self.node(worker).setup.cache > 0;
        if how != Answered::Accepted || status != RunStatus::Running || !keeps {
            self.forget_run(worker, run);
        }
        let has_next = next_task.is_some();
        if let Some(task) = next_task {
            self.take_workflow_task(worker, *task);
        }
        self.take_next(worker, run);
        Step::WorkflowTaskAnswered {
            worker,
            run,
            how,
            eager,
            next_task: has_next,
            status,
        }
    }

    /// A worker offers to run at once only what it has room for, and asks for tasks of its own only if it keeps runs.
    fn affordable(&self, worker: WorkerName, mut answer: WorkflowTaskAnswer) -> WorkflowTaskAnswer {
        let node = self.node(worker);
        if let WorkflowTaskAnswer::Completed { commands, sticky, .. } = &mut answer {
            if node.setup.cache == 0 || node.polling().is_none() {
                *sticky = None;
            }
            let mut room = if node.polling().is_some() { node.free_slots() } else { 0 };
            room = room.saturating_sub(self.agenda.activity_polls(worker)).min(EAGER_MAX);
            for command in commands {
                let Command::ScheduleActivity(request) = command else {
                    continue;
                };
                if request.request_eager && request.task_queue == node.setup.task_queue && room > 0 {
                    room -= 1;
                } else {
                    request.request_eager = false;
                }
            }
        }
        answer
    }

    /// The answer to a task that was only a question goes to whoever asked.
    fn answer_question(
        &mut self,
        worker: WorkerName,
        run: RunKey,
        query_id: u64,
        answer: Option<WorkflowTaskAnswer>,
    ) -> Step {
        let outcome = match answer {
            Some(WorkflowTaskAnswer::Completed { queries, .. }) => {
                let found = queries.into_iter().find(|answer| answer.query_id == query_id);
                found.map_or_else(|| Err(Box::new(no_answer())), |answer| answer.outcome)
            }
            Some(WorkflowTaskAnswer::Failed { failure, .. }) => Err(failure),
            None => Err(Box::new(no_answer())),
        };
        let ok = outcome.is_ok();
        let answer = QueryAnswer { query_id, outcome };
        let known = self.service.answer_query(self.now, run, answer).is_ok();
        if !self.service.run(run).is_open() || self.node(worker).setup.cache == 0 {
            self.forget_run(worker, run);
        }
        self.take_next(worker, run);
        if known {
            Step::QueryAnswered { worker, run, ok }
        } else {
            Step::TaskGone { worker }
        }
    }

    /// A task of the run that came while another was in hand has its turn.
    pub(super) fn take_next(&mut self, worker: WorkerName, run: RunKey) {
        let process = self.process(worker);
        if process.workflow_tasks.contains_key(&run) {
            return;
        }
        if let Some(at) = process.next_tasks.iter().position(|task| task.token.run == run) {
            let task = process.next_tasks.remove(at);
            self.take_workflow_task(worker, task);
        }
    }

    pub(super) fn forget_run(&mut self, worker: WorkerName, run: RunKey) {
        self.agenda.forget_alarm(worker, run);
        let process = self.process(worker);
        process.used.retain(|used| *used != run);
        process.worker.evict(run);
    }
}

impl super::node::Process {
    /// Notes that a run is used, and forgets those that were not used for longest if there are too many. A run with a
    /// task in hand is never forgotten.
    fn make_room(&mut self, run: RunKey, room: usize) {
        self.used.retain(|used| *used != run);
        while self.used.len() >= room {
            let idle = |run: &RunKey| !self.workflow_tasks.contains_key(run);
            let Some(at) = self.used.iter().position(idle) else {
                break;
            };
            let run = self.used.remove(at);
            self.worker.evict(run);
        }
        self.used.push(run);
    }
}

fn no_answer() -> Failure {
    Failure {
        message: "the worker has no answer to this query".to_owned(),
        ..Default::default()
    }
}
