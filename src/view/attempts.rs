//! The story of each activity's attempts: who ran it, how it ended, when the next one is due and why then.
//!
//! History keeps only the last attempt; this is read off the Service's pending state, step by step.

use super::recording::{AttemptRow, Attempts, Outcome, Unwritten};
use super::words::{clock, worker_of};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::history::proto::{Failure, FailureInfo, RetryPolicy};
use crate::history::timestamp::span;
use crate::service::retry;
use crate::service::run::PendingActivity;
use crate::service::unwritten::AttemptState;
use crate::sim::Sim;
use crate::sim::step::{Record, Step};

/// So many future attempts are foretold.
const FORETOLD: u32 = 3;

/// All activities of a run so far.
#[derive(Debug, Default)]
pub(super) struct AttemptBook {
    activities: SortedMap<i64, Chapter>,
    latest: Option<i64>,
}

#[derive(Debug)]
struct Chapter {
    activity: String,
    policy: RetryPolicy,
    made: Vec<Made>,
    next_due: Option<(SimTime, SimTime)>,
    /// Since when the next attempt has been waiting for a worker.
    queued: Option<SimTime>,
    over: bool,
}

/// An attempt that has begun.
#[derive(Debug)]
struct Made {
    /// Its letter.
    worker: String,
    at: SimTime,
    outcome: Outcome,
    ended: Option<SimTime>,
    why: String,
    effect_done: bool,
    /// Some of its work is done, and not all.
    part_done: bool,
    /// It stopped because it was asked to.
    cancelled: bool,
    /// When its worker died, if it died over it.
    died: Option<SimTime>,
}

impl AttemptBook {
    /// Takes in one step. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        let Some(run) = sim.run() else { return };
        for activity in run.activities() {
            let id = activity.scheduled_event_id;
            self.latest = Some(id);
            let chapter = self.activities.get_or_insert_with(id, || Chapter {
                activity: activity.told.activity_type.clone(),
                policy: activity.told.policy.clone(),
                made: Vec::new(),
                next_due: None,
                queued: None,
                over: false,
            });
            chapter.follow(activity);
        }
        if record.what.run().is_some_and(|about| about != run.key) {
            return;
        }
        match &record.what {
            Step::Effect {
                token, outcome, left, ..
            } => {
                if let Some(made) = self.made(token.scheduled_event_id, token.attempt) {
                    made.effect_done = outcome.is_ok() && *left == 0;
                    made.part_done |= *left > 0;
                }
            }
            Step::ActivityAnswered {
                token,
                ok,
                cancelled,
                accepted: true,
                ..
            } => {
                if let Some(chapter) = self.activities.get_mut(&token.scheduled_event_id) {
                    chapter.over = !run.state.activities.contains(token.scheduled_event_id);
                    let outcome = if *ok { Outcome::Ok } else { Outcome::Failed };
                    chapter.end(
                        token.attempt,
                        outcome,
                        record.at,
                        run.activity(token.scheduled_event_id),
                    );
                    if *cancelled && let Some(made) = self.made(token.scheduled_event_id, token.attempt) {
                        made.cancelled = true;
                    }
                }
            }
            Step::TimerFired {
                task: crate::service::timer::TimerTask::ActivityTimeout { scheduled_event_id, .. },
                ..
            } => {
                let pending = run.activity(*scheduled_event_id);
                if let Some(chapter) = self.activities.get_mut(scheduled_event_id) {
                    chapter.over = pending.is_none();
                    let attempt = u32::try_from(chapter.made.len()).unwrap_or(u32::MAX);
                    chapter.end(attempt, Outcome::TimedOut, record.at, pending);
                }
            }
            Step::Crashed { lost_attempts, .. } => {
                for (token, _, _) in lost_attempts.iter().filter(|(token, ..)| token.run == run.key) {
                    if let Some(made) = self.made(token.scheduled_event_id, token.attempt)
                        && made.ended.is_none()
                    {
                        made.died = Some(record.at);
                    }
                }
            }
            _ => {}
        }
    }

    /// The attempts of the activity that is pending now, or of the last one that was.
    pub(super) fn current(&self) -> Option<Attempts> {
        let id = self.latest?;
        let chapter = self.activities.get(&id)?;
        Some(Attempts {
            activity: chapter.activity.clone(),
            scheduled_event: u32::try_from(id).unwrap_or(u32::MAX),
            policy: policy_text(&chapter.policy),
            rows: chapter.rows(),
        })
    }

    /// What is known about the pending activities and written nowhere yet.
    pub(super) fn unwritten(&self, sim: &Sim) -> Vec<Unwritten> {
        let Some(run) = sim.run() else { return Vec::new() };
        run.activities()
            .filter_map(|activity| self.activities.get(&activity.scheduled_event_id))
            .flat_map(Chapter::unwritten)
            .collect()
    }

    fn made(&mut self, id: i64, attempt: u32) -> Option<&mut Made> {
        let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
        self.activities.get_mut(&id)?.made.get_mut(index)
    }
}

impl Chapter {
    fn follow(&mut self, activity: PendingActivity<'_>) {
        self.next_due = None;
        self.queued = None;
        match &activity.attempt.state {
            AttemptState::Running { at, by, .. } => {
                if u32::try_from(self.made.len()).is_ok_and(|made| made < activity.attempt.number) {
                    self.made.push(Made {
                        worker: worker_of(&by.identity).trim_start_matches("worker ").to_owned(),
                        at: *at,
                        outcome: Outcome::Running,
                        ended: None,
                        why: String::new(),
                        effect_done: false,
                        part_done: false,
                        cancelled: false,
                        died: None,
                    });
                }
            }
            AttemptState::BackingOff { since, until } => self.next_due = Some((*since, *until)),
            AttemptState::Waiting { since } => self.queued = Some(*since),
        }
    }

    fn end(&mut self, attempt: u32, outcome: Outcome, at: SimTime, pending: Option<PendingActivity<'_>>) {
        let index = usize::try_from(attempt).unwrap_or(usize::MAX).saturating_sub(1);
        let Some(made) = self.made.get_mut(index) else { return };
        made.outcome = outcome;
        made.ended = Some(at);
        if let Some(failure) = pending.and_then(|activity| activity.attempt.last_failure.as_ref()) {
            made.why = failure_text(failure);
        }
    }

    fn rows(&self) -> Vec<AttemptRow> {
        let mut rows: Vec<AttemptRow> = self
            .made
            .iter()
            .enumerate()
            .map(|(i, made)| made.row(u32::try_from(i).unwrap_or(0) + 1))
            .collect();
        let last_failed = self.made.last().is_none_or(|made| made.outcome != Outcome::Ok);
        if self.over || !last_failed {
            return rows;
        }
        let begun = u32::try_from(self.made.len()).unwrap_or(u32::MAX);
        let limit = u32::try_from(self.policy.maximum_attempts).unwrap_or(0);
        for number in begun + 1..=begun + FORETOLD {
            if limit > 0 && number > limit {
                break;
            }
            let due = self.next_due.filter(|_| number == begun + 1);
            rows.push(self.foretold(number, due));
        }
        rows
    }

    /// An attempt that has not begun.
    fn foretold(&self, number: u32, due: Option<(SimTime, SimTime)>) -> AttemptRow {
        let queued = self
            .queued
            .filter(|_| usize::try_from(number).is_ok_and(|number| number == self.made.len() + 1));
        let text = match (queued, due) {
            (Some(since), _) => format!("waits for a worker since {}", clock(since)),
            (_, Some((since, until))) => {
                format!(
                    "due at {}: {} after the failure ({})",
                    clock(until),
                    until.since(since),
                    self.sum(number)
                )
            }
            (_, None) => {
                format!(
                    "would start {} after a failure",
                    retry::interval(&self.policy, number - 1)
                )
            }
        };
        AttemptRow {
            number,
            worker: None,
            outcome: None,
            at: due.map(|(_, until)| until),
            text,
        }
    }

    /// Why the delay before attempt `number` is what it is: `2 s × 2.0¹`.
    fn sum(&self, number: u32) -> String {
        let initial = span(self.policy.initial_interval.as_ref());
        let max = span(self.policy.maximum_interval.as_ref());
        let exponent = number.saturating_sub(2);
        let capped = if retry::interval(&self.policy, number - 1) == max {
            ", the maximum"
        } else {
            ""
        };
        format!(
            "{initial} × {:.1}{}{capped}",
            self.policy.backoff_coefficient,
            superscript(exponent)
        )
    }

    fn unwritten(&self) -> Vec<Unwritten> {
        let mut facts = Vec::new();
        for (i, made) in self.made.iter().enumerate() {
            let number = i + 1;
            let fact = |at, text: String, chip: String, outcome| Unwritten {
                at,
                text,
                chip,
                outcome,
            };
            facts.push(fact(
                made.at,
                format!("{} attempt {number} started", self.activity),
                format!("worker {}", made.worker),
                Outcome::Running,
            ));
            if let Some(died) = made.died {
                let chip = if made.effect_done {
                    "effect done, answer lost"
                } else if made.part_done {
                    "part of the work done"
                } else {
                    "work lost"
                };
                facts.push(fact(
                    died,
                    format!("worker {} died over it", made.worker),
                    chip.to_owned(),
                    Outcome::Lost,
                ));
            }
            if let Some(ended) = made.ended {
                let text = match made.outcome {
                    Outcome::TimedOut => format!("attempt {number} timed out"),
                    Outcome::Failed if made.cancelled => format!("attempt {number} stopped"),
                    _ => format!("attempt {number} failed"),
                };
                facts.push(fact(ended, text, made.why.clone(), made.outcome));
            }
        }
        if let Some((since, until)) = self.next_due {
            facts.push(Unwritten {
                at: until,
                text: format!("attempt {} due", self.made.len() + 1),
                chip: format!("backoff {}", until.since(since)),
                outcome: Outcome::Running,
            });
        }
        facts
    }
}

impl Made {
    fn row(&self, number: u32) -> AttemptRow {
        let took = self.ended.map(|ended| ended.since(self.at));
        let mut text = match (self.outcome, took, self.died) {
            (Outcome::Ok, Some(took), _) => format!("succeeded after {took}"),
            (Outcome::Failed, Some(took), _) if self.cancelled => format!("stopped after {took}, as it was asked to"),
            (Outcome::Failed, Some(took), _) => format!("failed after {took}"),
            (Outcome::TimedOut, Some(took), _) => format!("timed out after {took}"),
            (_, _, Some(died)) => format!(
                "lost at {}: its worker died, and the Service does not know",
                clock(died)
            ),
            _ => "running".to_owned(),
        };
        if !self.why.is_empty() && self.outcome == Outcome::Failed {
            text.push_str(&format!(": {}", self.why));
        }
        if self.effect_done && self.outcome != Outcome::Ok {
            text.push_str(" · its effect was done");
        }
        let outcome = if self.died.is_some() && self.ended.is_none() {
            Outcome::Lost
        } else {
            self.outcome
        };
        AttemptRow {
            number,
            worker: Some(self.worker.clone()),
            outcome: Some(outcome),
            at: Some(self.at),
            text,
        }
    }
}

/// `2 s × 2.0, at most 10 s, 3 attempts; never on InsufficientFunds`.
fn policy_text(policy: &RetryPolicy) -> String {
    let initial = span(policy.initial_interval.as_ref());
    let max = span(policy.maximum_interval.as_ref());
    let attempts = match policy.maximum_attempts {
        1 => "1 attempt".to_owned(),
        max if max > 1 => format!("{max} attempts"),
        _ => "no limit of attempts".to_owned(),
    };
    let mut text = format!(
        "{initial} × {:.1}, at most {max}, {attempts}",
        policy.backoff_coefficient
    );
    if !policy.non_retryable_error_types.is_empty() {
        text.push_str(&format!("; never on {}", policy.non_retryable_error_types.join(", ")));
    }
    text
}

/// `GatewayTimeout: no answer`, or the message alone.
fn failure_text(failure: &Failure) -> String {
    match &failure.failure_info {
        Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => {
            format!("{}: {}", info.r#type, failure.message)
        }
        _ => failure.message.clone(),
    }
}

fn superscript(n: u32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string()
        .bytes()
        .map(|digit| DIGITS[usize::from(digit - b'0')])
        .collect()
}
