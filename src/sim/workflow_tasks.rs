//! What a worker does with a workflow task: runs the code activation by activation, and answers.
//!
//! A run has one task at a time in a worker's hands; what comes meanwhile waits in the worker, as in Core.

use std::sync::Arc;

use super::Sim;
use super::agenda::Due;
use super::node::{Unsaid, WorkerName};
use super::step::{Answered, Step};
use super::tape::{Input, TakenTask};
use crate::base::time::Span;
use crate::base::{impure, probe};
use crate::contract::answer::{Command, WorkflowTaskAnswer};
use crate::contract::task::{RunKey, WorkflowTask};
use crate::service::run::RunStatus;
use crate::worker::Worker;

/// So many activities at most does a worker offer to run at once in one answer (Core's default).
const EAGER_MAX: u32 = 3;

impl Sim {
    pub(super) fn take_workflow_task(&mut self, worker: WorkerName, mut task: WorkflowTask) {
        let run = task.token.run;
        let event = task.started_event_id.unsigned_abs();
        let now = self.now;
        // A task from the worker's sticky queue brings news only. If the worker has forgotten the run, it fetches the rest.
        if self.process(worker).worker.needs_history(&task) {
            Worker::add_history(&mut task, self.service.run(run).log.events());
        }
        let taken = TakenTask::of(&task, &self.service.run(run).log);
        let is_whole = task.events.first().is_some_and(|event| event.event_id == 1);
        let process = self.process(worker);
        let waits = process.worker.has_task(run);
        let begins = !waits && (is_whole || !process.worker.remembers(run));
        process.worker.take(task);
        if begins {
            self.tape.put_beginning(worker, run, taken);
        } else {
            self.tape.put(worker, run, Input::Task(Box::new(taken)));
        }
        if !waits {
            let process = self.process(worker);
            process.workflow_tasks.insert(run, now);
            self.look_after(worker, run);
            self.go_on(worker, run, event, Span::ZERO);
        }
    }

    /// The next thing a worker does with the workflow task in its hands: run on, or answer, unless it waits for local
    /// activities.
    pub(super) fn go_on(&mut self, worker: WorkerName, run: RunKey, key: u64, held: Span) {
        let process = self.process(worker);
        let more = process.worker.has_more(run);
        if !more && process.worker.waits_for_local(run) {
            return;
        }
        let keys = [self.service.run(run).word, key];
        let (low, high) = (Span::micros(600), Span::micros(1_800));
        let takes = self.chance.span("activation", &keys, low, high);
        let due = if more {
            Due::Activate { worker, run }
        } else {
            Due::AnswerWorkflowTask { worker, run }
        };
        self.agenda.add(self.now + takes + held, due);
    }

    pub(super) fn activate(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let now = self.now;
        let (steps, starts) = (self.steps(), self.node(worker).starts);
        let keys = [u64::from(worker.0), u64::from(starts), u64::from(steps)];
        let luck = self.chance.draw("dice", &keys);
        impure::show(now, luck);
        probe::take_held();
        let activated = self.process(worker).worker.activate(run, now);
        self.tape.put(worker, run, Input::Activation { at: now, luck });
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
                let failure = self.process(worker).worker.failure(run);
                let message = failure.map_or_else(String::new, |failure| failure.failure.message.clone());
                let finding = failure.and_then(|failure| failure.mismatch.clone());
                self.go_on(worker, run, 0, held);
                Step::ActivationFailed {
                    worker,
                    run,
                    message,
                    finding,
                }
            }
        }
    }

    pub(super) fn answer_workflow_task(&mut self, worker: WorkerName, run: RunKey) -> Step {
        if self.node(worker).partitioned.is_some() {
            return self.cannot_say(worker, Unsaid::WorkflowTask(run));
        }
        let process = self.process(worker);
        process.workflow_tasks.remove(&run);
        if process.worker.is_query(run) {
            return self.answer_query_task(worker, run);
        }
        let answer = process.worker.answer(run);
        self.tape.put(worker, run, Input::Answer);
        let Some((token, answer)) = answer else {
            self.forget_run(worker, run);
            return Step::TaskGone { worker };
        };
        let answer = answer.map(|answer| self.affordable(worker, answer));
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
        let status = self.service.run(run).status();
        if how != Answered::Accepted || status != RunStatus::Running {
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

    /// A worker offers to run at once only what it has room for; one that leaves has room for nothing.
    fn affordable(&self, worker: WorkerName, mut answer: WorkflowTaskAnswer) -> WorkflowTaskAnswer {
        let node = self.node(worker);
        if let WorkflowTaskAnswer::Completed { commands, .. } = &mut answer {
            let slots = if node.polling().is_some() { node.free_slots() } else { 0 };
            let mut room = slots.saturating_sub(self.agenda.activity_polls(worker)).min(EAGER_MAX);
            for command in commands {
                let Command::ScheduleActivity(request) = command else {
                    continue;
                };
                if request.request_eager && request.task_queue == node.setup.task_queue && room > 0 {
                    room -= 1;
                } else {
                    Arc::make_mut(request).request_eager = false;
                }
            }
        }
        answer
    }

    /// The answer to a task that was only a query goes to whoever asked.
    fn answer_query_task(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let now = self.now;
        let answer = self.process(worker).worker.answer_query(run);
        self.tape.put(worker, run, Input::QueryAnswer);
        let ok = answer.as_ref().is_some_and(|answer| answer.outcome.is_ok());
        let known = answer.is_some_and(|answer| self.service.answer_query(now, run, answer).is_ok());
        if !self.service.run(run).is_open() {
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
        if self.process(worker).worker.has_task(run) {
            return;
        }
        if let Some(task) = self.process(worker).worker.next_buffered(run) {
            self.tape.put(worker, run, Input::Buffered);
            self.take_workflow_task(worker, task);
        }
    }

    pub(super) fn forget_run(&mut self, worker: WorkerName, run: RunKey) {
        self.agenda.forget_alarm(worker, run);
        self.process(worker).worker.evict(run);
    }
}
