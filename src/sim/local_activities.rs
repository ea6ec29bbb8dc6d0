//! Local activities: they run in the process of the worker that runs the workflow, within the workflow task.
//!
//! The worker says what to begin and when something is due by itself; this file runs it, as it runs the other
//! activities, and says how it ended. The Service hears of it only with the answer to the task; a crash before that
//! loses everything but what the world remembers.

use super::agenda::{Due, LocalToken};
use super::attempts::failure;
use super::node::{ActivityEnd, RunningLocalActivity, WorkerName};
use super::outside::{Call, OnCancel, Plan};
use super::step::Step;
use super::tape::Input;
use super::{Sim, nonsense};
use crate::base::time::Span;
use crate::contract::task::RunKey;
use crate::history::payload;
use crate::worker::local::{LocalActivityTask, LocalOutcome};
use serde_json::Value;

impl Sim {
    /// After anything that a worker did with a task: begins the local activities it asks for and sets its alarm.
    pub(super) fn look_after(&mut self, worker: WorkerName, run: RunKey) {
        let now = self.now;
        let process = self.process(worker);
        let beginning = process.worker.local_activities(run, now);
        let stopping = process.worker.stopping_local_activities(run);
        if !beginning.is_empty() || !stopping.is_empty() {
            self.tape.put(worker, run, Input::LocalBegin { at: now });
        }
        for task in beginning {
            self.begin_local(worker, task);
        }
        for (seq, attempt) in stopping {
            self.stop_local(worker, LocalToken { run, seq, attempt });
        }
        self.agenda.forget_alarm(worker, run);
        if let Some(at) = self.process(worker).worker.next_alarm(run) {
            self.agenda.add(at.max(now), Due::Alarm { worker, run });
        }
    }

    fn begin_local(&mut self, worker: WorkerName, task: LocalActivityTask) {
        let token = LocalToken {
            run: task.run,
            seq: task.seq,
            attempt: task.attempt,
        };
        let arguments = payload::values(task.input.as_ref());
        let mut plan = self.outside.plan(self.chance, self.now, &call(&task, &arguments, 1));
        let refused = nonsense::failure(&task.activity_type, &plan);
        if refused.is_some() {
            plan = Plan::simple(Span::ZERO, Span::ZERO);
        }
        if let Some(answer_after) = plan.answer_after {
            let effect = Due::LocalEffect { worker, token };
            self.agenda.add(self.now + plan.effect_after, effect);
            self.agenda
                .add(self.now + answer_after, Due::LocalEnd { worker, token });
        }
        let attempt = RunningLocalActivity {
            task,
            parts: plan.parts(),
            on_cancel: plan.on_cancel,
            refused,
            outcome: None,
        };
        self.process(worker).local_activities.insert(token, attempt);
    }

    /// The activity function learns that it is not wanted any more: at once, for it runs in the same process.
    fn stop_local(&mut self, worker: WorkerName, token: LocalToken) {
        let Some(attempt) = self.process(worker).local_activities.get_mut(&token) else {
            return;
        };
        let (after, outcome) = match &attempt.on_cancel {
            OnCancel::GoesOn => return,
            OnCancel::Confirms { after } => (*after, ActivityEnd::Cancelled),
            OnCancel::Fails { after, error } => (*after, ActivityEnd::Failed(error.clone())),
        };
        attempt.outcome = Some(outcome);
        self.agenda.forget_local(worker, token);
        self.agenda.add(self.now + after, Due::LocalEnd { worker, token });
    }

    pub(super) fn local_effect(&mut self, worker: WorkerName, token: LocalToken) -> Step {
        let Some(attempt) = self.process(worker).local_activities.get(&token) else {
            return Step::TaskGone { worker };
        };
        let (task, parts) = (attempt.task.clone(), attempt.parts);
        let arguments = payload::values(task.input.as_ref());
        let mut outcome = attempt.refused.clone().map_or(Ok(Value::Null), Err);
        for part in 1..=parts {
            outcome = outcome.and_then(|_| {
                self.outside
                    .perform(self.chance, self.now, &call(&task, &arguments, part))
            });
        }
        let said = match outcome.clone() {
            Ok(value) => ActivityEnd::Returned(value),
            Err(error) => ActivityEnd::Failed(error),
        };
        if let Some(attempt) = self.process(worker).local_activities.get_mut(&token) {
            attempt.outcome = Some(said);
        }
        Step::LocalEffect {
            worker,
            token,
            activity_type: task.activity_type,
            outcome,
        }
    }

    pub(super) fn local_end(&mut self, worker: WorkerName, token: LocalToken) -> Step {
        let now = self.now;
        let Some(attempt) = self.process(worker).local_activities.remove(&token) else {
            return Step::TaskGone { worker };
        };
        let ok = matches!(attempt.outcome, Some(ActivityEnd::Returned(_)));
        let outcome = match attempt.outcome {
            Some(ActivityEnd::Returned(value)) => LocalOutcome::Completed(Some(payload::json(&value))),
            Some(ActivityEnd::Failed(error)) => LocalOutcome::Failed(Box::new(failure(error))),
            Some(ActivityEnd::Cancelled) | None => LocalOutcome::Canceled(None),
        };
        let given = Input::LocalEnd {
            seq: token.seq,
            attempt: token.attempt,
            outcome: Box::new(outcome.clone()),
            at: now,
        };
        self.tape.put(worker, token.run, given);
        let process = self.process(worker);
        process
            .worker
            .resolve_local(token.run, token.seq, token.attempt, outcome, now);
        self.resume(worker, token.run, u64::from(token.seq));
        Step::LocalEnded {
            worker,
            token,
            activity_type: attempt.task.activity_type,
            ok,
        }
    }

    pub(super) fn alarm(&mut self, worker: WorkerName, run: RunKey) -> Step {
        let now = self.now;
        self.process(worker).worker.alarm(run, now);
        self.tape.put(worker, run, Input::Alarm { at: now });
        self.resume(worker, run, now.0);
        Step::Alarm { worker, run }
    }

    /// Something happened within a task that was at rest: it may go on.
    fn resume(&mut self, worker: WorkerName, run: RunKey, key: u64) {
        self.look_after(worker, run);
        let in_hand = self.process(worker).workflow_tasks.contains_key(&run);
        if in_hand && !self.agenda.works_on(worker, run) {
            self.go_on(worker, run, key, Span::ZERO);
        }
    }
}

fn call<'a>(task: &'a LocalActivityTask, arguments: &'a [Value], part: u64) -> Call<'a> {
    Call {
        activity_type: &task.activity_type,
        arguments,
        workflow_id: &task.workflow_id,
        activity_id: &task.activity_id,
        attempt: task.attempt,
        last_heartbeat: &Value::Null,
        part,
    }
}
