//! What a worker does with an activity attempt.
//!
//! | what happens | then |
//! | --- | --- |
//! | the attempt begins | its effect, its answer and its first report of progress are due |
//! | a report is due | it is passed on; later ones wait until the throttle lets the newest through |
//! | the Service answers that the attempt is not wanted | the function learns of it and does what its plan says |
//! | the effect is due, or a part of it | the world changes |
//! | the answer is due | the Service is told, and the slot is free |
//!
//! A worker that is slow takes longer over all of it; one that does not have the activity says so at once.
//!
//! An activity function can only learn of its cancellation by a heartbeat; one that reports nothing never does.

use super::agenda::Due;
use super::node::{ActivityEnd, CancelReason, RunningActivity, Unsaid, WorkerName};
use super::outside::{ActivityError, Call, OnCancel, Plan, unregistered};
use super::step::Step;
use super::{Sim, nonsense};
use crate::base::time::{SimTime, Span};
use crate::contract::answer::ActivityAnswer;
use crate::contract::task::{ActivityTask, ActivityTaskToken};
use crate::history::payload;
use crate::history::proto::{ApplicationFailureInfo, Failure, FailureInfo};
use crate::history::timestamp::duration;

/// Between two heartbeats of an activity without heartbeat timeout (Core's default).
const HEARTBEAT_INTERVAL: Span = Span::secs(30);

/// Between two heartbeats at most (Core's default).
const HEARTBEAT_INTERVAL_MAX: Span = Span::secs(60);

/// How long a worker takes to find that it does not have an activity.
const LOOKS_IT_UP: Span = Span::millis(2);

impl Sim {
    pub(super) fn take_activity(&mut self, worker: WorkerName, task: ActivityTask) {
        let (token, now) = (task.token, self.now);
        let values = Values::of(&task);
        let setup = &self.node(worker).setup;
        let mut plan = Plan::simple(LOOKS_IT_UP, LOOKS_IT_UP);
        let refused = match &setup.has {
            Some(has) if !has.contains(&task.activity_type.as_str()) => Some(unregistered(&task.activity_type, has)),
            _ => {
                let wanted = self.outside.plan(self.chance, now, &values.call(&task, 1));
                let wanted = wanted.at_pace(setup.pace);
                let failure = nonsense::failure(&task.activity_type, &wanted);
                if failure.is_none() {
                    plan = wanted;
                }
                failure
            }
        };
        let answer_after = plan.answer_after;
        let effect_after = plan.part_after(1);
        let attempt = RunningActivity {
            task,
            began: now,
            plan,
            refused,
            parts_done: 0,
            beats_sent: 0,
            cancelled: None,
            outcome: None,
        };
        if let Some(answer_after) = answer_after {
            self.agenda.add(now + effect_after, Due::Effect { worker, token });
            if attempt.plan.parts() == 1 {
                self.agenda
                    .add(now + answer_after, Due::AnswerActivity { worker, token });
            }
        }
        self.expect_heartbeat(worker, &attempt, SimTime::ZERO);
        self.process(worker).activities.insert(token, attempt);
    }

    /// Makes the next heartbeat of an attempt due, if there is one: not before `earliest`, with the newest report then.
    fn expect_heartbeat(&mut self, worker: WorkerName, attempt: &RunningActivity, earliest: SimTime) {
        let Some(beats) = attempt.plan.beats else { return };
        let next = attempt.began + beats.time(attempt.beats_sent + 1);
        let (at, made) = if next >= earliest {
            (next, attempt.plan.beats_made(next.since(attempt.began)))
        } else {
            let just_before = Span(earliest.since(attempt.began).0.saturating_sub(1));
            (earliest, attempt.plan.beats_made(just_before))
        };
        if made > attempt.beats_sent {
            let token = attempt.task.token;
            let due = Due::Heartbeat {
                worker,
                token,
                beat: made,
            };
            self.agenda.add(at, due);
        }
    }

    pub(super) fn heartbeat(&mut self, worker: WorkerName, token: ActivityTaskToken, beat: u64) -> Step {
        if self.node(worker).partitioned.is_some() {
            return self.cannot_say(worker, Unsaid::Heartbeat(token));
        }
        let now = self.now;
        let Some(mut attempt) = self.process(worker).activities.remove(&token) else {
            return Step::TaskGone { worker };
        };
        attempt.beats_sent = beat;
        let count = attempt.plan.beats.map_or(0, |beats| beats.details(beat));
        let details = payload::json(&count.into());
        let cancelled = match self.service.heartbeat(now, token, Some(details)) {
            Ok(answer) => answer.cancel_requested.then_some(CancelReason::Requested),
            Err(_) => Some(CancelReason::Gone),
        };
        if cancelled != Some(CancelReason::Gone) {
            self.expect_heartbeat(worker, &attempt, now + throttle(attempt.task.heartbeat));
        }
        if attempt.cancelled.is_none() && cancelled.is_some() {
            attempt.cancelled = cancelled;
            self.tell_of_cancellation(worker, &mut attempt);
        }
        let activity_type = attempt.task.activity_type.clone();
        self.process(worker).activities.insert(token, attempt);
        Step::Heartbeat {
            worker,
            token,
            activity_type,
            count,
            cancelled,
        }
    }

    /// The activity function learns that it is not wanted, and does what its plan says.
    fn tell_of_cancellation(&mut self, worker: WorkerName, attempt: &mut RunningActivity) {
        let (after, outcome) = match &attempt.plan.on_cancel {
            OnCancel::GoesOn => return,
            OnCancel::Confirms { after } => (*after, ActivityEnd::Cancelled),
            OnCancel::Fails { after, error } => (*after, ActivityEnd::Failed(error.clone())),
        };
        attempt.outcome = Some(outcome);
        let token = attempt.task.token;
        self.agenda.forget_attempt(worker, token);
        self.agenda.add(self.now + after, Due::AnswerActivity { worker, token });
    }

    pub(super) fn effect(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Step {
        let now = self.now;
        let Some(mut attempt) = self.process(worker).activities.remove(&token) else {
            return Step::TaskGone { worker };
        };
        attempt.parts_done += 1;
        let (part, parts) = (attempt.parts_done, attempt.plan.parts());
        let task = &attempt.task;
        let outcome = match attempt.refused.clone() {
            Some(error) => Err(error),
            None => self
                .outside
                .perform(self.chance, now, &Values::of(task).call(task, part)),
        };
        let left = if outcome.is_ok() { parts.saturating_sub(part) } else { 0 };
        if left > 0 {
            let next = attempt.began + attempt.plan.part_after(part + 1);
            self.agenda.add(next, Due::Effect { worker, token });
        } else {
            // Of several parts it is known only now which was the last.
            if parts > 1 {
                if part < parts {
                    self.agenda.forget_attempt(worker, token);
                }
                let at = now + attempt.plan.returns_within();
                self.agenda.add(at, Due::AnswerActivity { worker, token });
            }
            attempt.outcome = Some(match outcome.clone() {
                Ok(value) => ActivityEnd::Returned(value),
                Err(error) => ActivityEnd::Failed(error),
            });
        }
        let activity_type = attempt.task.activity_type.clone();
        self.process(worker).activities.insert(token, attempt);
        Step::Effect {
            worker,
            token,
            activity_type,
            outcome,
            left,
        }
    }

    pub(super) fn answer_activity(&mut self, worker: WorkerName, token: ActivityTaskToken) -> Step {
        if self.node(worker).partitioned.is_some() {
            return self.cannot_say(worker, Unsaid::Activity(token));
        }
        let now = self.now;
        let Some(attempt) = self.process(worker).activities.remove(&token) else {
            return Step::TaskGone { worker };
        };
        self.agenda.forget_attempt(worker, token);
        let progress = attempt.progress(now).map(|count| payload::json(&count.into()));
        let outcome = attempt
            .outcome
            .expect("a function answers after its effect, or when it was stopped");
        let (ok, cancelled) = (
            matches!(outcome, ActivityEnd::Returned(_)),
            matches!(outcome, ActivityEnd::Cancelled),
        );
        let answer = match outcome {
            ActivityEnd::Returned(value) => ActivityAnswer::Completed {
                result: Some(payload::json(&value)),
            },
            ActivityEnd::Failed(error) => ActivityAnswer::Failed {
                failure: Box::new(failure(error)),
                last_heartbeat: progress,
            },
            ActivityEnd::Cancelled => ActivityAnswer::Canceled { details: None },
        };
        let is_known = attempt.cancelled != Some(CancelReason::Gone);
        let accepted = is_known && self.service.answer_activity(now, token, answer).is_ok();
        Step::ActivityAnswered {
            worker,
            token,
            activity_type: attempt.task.activity_type,
            ok,
            cancelled,
            accepted,
        }
    }
}

/// How long a worker keeps reports of progress back after it has passed one on.
fn throttle(heartbeat_timeout: Span) -> Span {
    let interval = if heartbeat_timeout.is_zero() {
        HEARTBEAT_INTERVAL
    } else {
        Span(heartbeat_timeout.0 / 5 * 4)
    };
    interval.min(HEARTBEAT_INTERVAL_MAX)
}

/// What a task brings, decoded.
struct Values {
    arguments: Vec<serde_json::Value>,
    last_heartbeat: serde_json::Value,
}

impl Values {
    fn of(task: &ActivityTask) -> Self {
        Self {
            arguments: payload::values(task.input.as_ref()),
            last_heartbeat: payload::first_value(task.last_heartbeat.as_ref()),
        }
    }

    fn call<'a>(&'a self, task: &'a ActivityTask, part: u64) -> Call<'a> {
        Call {
            activity_type: &task.activity_type,
            arguments: &self.arguments,
            workflow_id: &task.workflow_id,
            activity_id: &task.activity_id,
            attempt: task.token.attempt,
            last_heartbeat: &self.last_heartbeat,
            part,
        }
    }
}

/// An activity's error as the SDK reports it.
pub(super) fn failure(error: ActivityError) -> Failure {
    Failure {
        message: error.message,
        failure_info: Some(FailureInfo::ApplicationFailureInfo(ApplicationFailureInfo {
            r#type: error.error_type,
            non_retryable: error.non_retryable,
            details: error.details.as_deref().map(payload::json),
            next_retry_delay: error.next_retry_delay.map(duration),
            ..Default::default()
        })),
        ..Default::default()
    }
}
