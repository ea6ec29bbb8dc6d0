//! The story of each activity's attempts: who ran it, how it ended, when the next one is due and why then.
//!
//! History keeps only the last attempt; the chronicle has them all.

use super::chronicle::Chronicle;
use super::chronicle::activities::{Activity, Between};
use super::chronicle::work::{Attempt, End, What, Work};
use super::recording::{AttemptRow, Attempts, Outcome, Unwritten};
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::enums::timeout_name;
use crate::history::proto::{ActivityTaskScheduledEventAttributes, Attributes, HistoryEvent, RetryPolicy};
use crate::history::timestamp::span;
use crate::service::retry;

/// So many future attempts are foretold.
const FORETOLD: u32 = 3;

/// So many attempts are listed of which only the number is known.
const MOST_EARLIER: u32 = 100;

/// The attempts of the activity that is pending after `step` steps, or of the last one that was.
pub(super) fn attempts(chronicle: &Chronicle, events: &[HistoryEvent], run: RunKey, step: u32) -> Option<Attempts> {
    attempts_of(chronicle, events, chronicle.activities.latest(run, step)?, step)
}

/// The attempts of an activity after `step` steps.
pub(super) fn attempts_of(
    chronicle: &Chronicle,
    events: &[HistoryEvent],
    activity: &Activity,
    step: u32,
) -> Option<Attempts> {
    let scheduled = scheduled(activity, events)?;
    let policy = scheduled.retry_policy.clone().unwrap_or_default();
    let told = Told::of(chronicle, activity, policy, step);
    let mut rows = earlier(activity, step);
    rows.extend(told.rows());
    Some(Attempts {
        activity: scheduled
            .activity_type
            .as_ref()
            .map_or_else(String::new, |named| named.name.clone()),
        scheduled_event: u32::try_from(activity.scheduled_event_id).unwrap_or(u32::MAX),
        policy: policy_text(&told.policy),
        rows,
    })
}

/// The attempts that only their number tells of, once the history has come to it.
fn earlier(activity: &Activity, step: u32) -> Vec<AttemptRow> {
    let (Some(earlier), Some(Between::Started { .. })) = (&activity.earlier, activity.state.at(step)) else {
        return Vec::new();
    };
    let mut rows: Vec<AttemptRow> = (1..=earlier.attempts.min(MOST_EARLIER))
        .map(|number| AttemptRow {
            number,
            worker: None,
            outcome: Some(Outcome::Failed),
            at: None,
            text: "failed: a history keeps only the last attempt".to_owned(),
        })
        .collect();
    if let (Some(row), Some(failure)) = (rows.last_mut(), &earlier.last_failure)
        && row.number == earlier.attempts
    {
        row.text = format!("failed: {failure}");
    }
    rows
}

/// The same as two numbers: the event that scheduled the activity, and the latest of its attempts that has begun.
pub(super) fn latest_attempt(chronicle: &Chronicle, run: RunKey, step: u32) -> Option<(u32, u32)> {
    let activity = chronicle.activities.latest(run, step)?;
    let begun = made(chronicle, activity, step).last()?;
    let id = u32::try_from(activity.scheduled_event_id).ok()?;
    Some((id, begun.1.token.attempt))
}

/// What is known about the pending activities of a run and written nowhere yet.
pub(super) fn unwritten(chronicle: &Chronicle, run: RunKey, step: u32) -> Vec<Unwritten> {
    let pending = chronicle.activities.pending(run, step);
    pending
        .flat_map(|activity| Told::of(chronicle, activity, RetryPolicy::default(), step).unwritten())
        .collect()
}

/// The activity's id, and its attempt in words: `attempt 2 of 3`, or `attempt 2` where there is no limit.
pub(super) fn attempt_of<'a>(activity: &Activity, events: &'a [HistoryEvent], step: u32) -> Option<(&'a str, String)> {
    let scheduled = scheduled(activity, events)?;
    let attempt = activity.state.at(step)?.attempt();
    let limit = scheduled
        .retry_policy
        .as_ref()
        .map_or(0, |policy| policy.maximum_attempts);
    Some((&scheduled.activity_id, attempt_text(attempt, limit)))
}

/// `attempt 2 of 3`, or `attempt 2` where there is no limit.
pub(super) fn attempt_text(attempt: u32, limit: i32) -> String {
    match limit {
        max if max > 0 => format!("attempt {attempt} of {max}"),
        _ => format!("attempt {attempt}"),
    }
}

fn scheduled<'a>(activity: &Activity, events: &'a [HistoryEvent]) -> Option<&'a ActivityTaskScheduledEventAttributes> {
    let place = usize::try_from(activity.scheduled_event_id).ok()?.checked_sub(1)?;
    match &events.get(place)?.attributes {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => Some(scheduled),
        _ => None,
    }
}

/// The attempts that had begun by then.
fn made<'a>(
    chronicle: &'a Chronicle,
    activity: &'a Activity,
    step: u32,
) -> impl DoubleEndedIterator<Item = (&'a Work, &'a Attempt)> {
    let works = activity
        .attempts
        .iter()
        .map(|place| &chronicle.hands.work()[*place as usize]);
    works
        .filter(move |work| work.began.step <= step)
        .filter_map(|work| match &work.what {
            What::Activity(attempt) => Some((work, attempt)),
            What::WorkflowTask(_) | What::LocalActivity(_) => None,
        })
}

/// An activity as it stands after a number of steps.
struct Told {
    policy: RetryPolicy,
    made: Vec<Made>,
    between: Option<Between>,
    over: bool,
}

/// An attempt that has begun, as the Service knows it, and what it cannot know.
struct Made {
    number: u32,
    activity: String,
    /// Its letter.
    worker: String,
    at: SimTime,
    outcome: Outcome,
    ended: Option<SimTime>,
    why: String,
    effect_done: bool,
    /// Some of its work is done, and not all.
    part_done: bool,
    /// When its worker died, if it died over it.
    died: Option<SimTime>,
}

impl Told {
    fn of(chronicle: &Chronicle, activity: &Activity, policy: RetryPolicy, step: u32) -> Self {
        Self {
            policy,
            made: made(chronicle, activity, step)
                .map(|(work, attempt)| Made::of(work, attempt, step))
                .collect(),
            between: activity.state.at(step).copied(),
            over: activity.over.is_some_and(|over| over <= step),
        }
    }

    fn rows(&self) -> Vec<AttemptRow> {
        let mut rows: Vec<AttemptRow> = self.made.iter().map(Made::row).collect();
        let ended_well = self.made.last().is_some_and(|made| made.outcome == Outcome::Ok);
        if self.over || ended_well {
            return rows;
        }
        let begun = self.made.last().map_or(0, |made| made.number);
        let limit = u32::try_from(self.policy.maximum_attempts).unwrap_or(0);
        let last = begun + FORETOLD;
        let last = if limit > 0 { last.min(limit) } else { last };
        rows.extend((begun + 1..=last).map(|number| self.foretold(number)));
        rows
    }

    /// An attempt that has not begun.
    fn foretold(&self, number: u32) -> AttemptRow {
        let (at, text) = match self.between.filter(|between| between.attempt() == number) {
            Some(Between::Queued { since, .. }) => (None, format!("waits for a worker since {}", since)),
            Some(Between::BacksOff { since, until, .. }) => (
                Some(until),
                format!(
                    "due at {}: {} after the failure ({})",
                    until,
                    until.since(since),
                    self.sum(number)
                ),
            ),
            Some(Between::Started { .. }) | None => (
                None,
                format!(
                    "would start {} after a failure",
                    retry::interval(&self.policy, number - 1)
                ),
            ),
        };
        AttemptRow {
            number,
            worker: None,
            outcome: None,
            at,
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
        for made in &self.made {
            made.unwritten(&mut facts);
        }
        if let Some(Between::BacksOff { since, until, attempt }) = self.between {
            facts.push(Unwritten {
                known: true,
                at: until,
                text: format!("attempt {attempt} due"),
                chip: format!("backoff {}", until.since(since)),
                outcome: Outcome::Running,
            });
        }
        facts
    }
}

impl Made {
    fn of(work: &Work, attempt: &Attempt, step: u32) -> Self {
        let ended = work.ended.filter(|ended| ended.step <= step);
        let timed_out = attempt.timed_out.filter(|(point, _)| point.step <= step);
        let heard = ended.filter(|_| attempt.accepted);
        let (outcome, why) = match (heard, timed_out, &work.end) {
            (Some(_), _, End::Ok) => (Outcome::Ok, String::new()),
            (Some(_), _, End::Cancelled) => (Outcome::Canceled, String::new()),
            (Some(_), _, End::Failed(trouble)) => (Outcome::Failed, trouble.to_string()),
            (_, Some((_, kind)), _) => (Outcome::TimedOut, format!("activity {} timeout", timeout_name(kind))),
            _ => (Outcome::Running, String::new()),
        };
        Self {
            number: attempt.token.attempt,
            activity: attempt.activity_type.clone(),
            worker: work.worker.to_string(),
            at: work.began.at,
            outcome,
            ended: heard.or(timed_out.map(|(point, _)| point)).map(|point| point.at),
            why,
            effect_done: attempt.effect_done.is_some_and(|done| done <= step),
            part_done: attempt.part_done.is_some_and(|done| done <= step),
            died: ended.filter(|_| work.end == End::Lost).map(|point| point.at),
        }
    }

    fn row(&self) -> AttemptRow {
        let took = self.ended.map(|ended| ended.since(self.at));
        let mut text = match (self.outcome, took, self.died) {
            (Outcome::Ok, Some(took), _) => format!("succeeded after {took}"),
            (Outcome::Canceled, Some(took), _) => format!("stopped after {took}, as it was asked to"),
            (Outcome::Failed, Some(took), _) => format!("failed after {took}: {}", self.why),
            (Outcome::TimedOut, Some(took), _) => format!("timed out after {took}"),
            (_, _, Some(died)) => format!("lost at {}: its worker died, and the Service does not know", died),
            _ => "running".to_owned(),
        };
        if self.effect_done && self.outcome != Outcome::Ok {
            text.push_str(" · its effect was done");
        }
        let outcome = if self.died.is_some() && self.ended.is_none() {
            Outcome::Lost
        } else {
            self.outcome
        };
        AttemptRow {
            number: self.number,
            worker: Some(self.worker.clone()),
            outcome: Some(outcome),
            at: Some(self.at),
            text,
        }
    }

    fn unwritten(&self, facts: &mut Vec<Unwritten>) {
        let Self {
            number,
            activity,
            worker,
            ..
        } = self;
        facts.push(Unwritten {
            known: true,
            at: self.at,
            text: format!("{activity} attempt {number} started"),
            chip: format!("worker {worker}"),
            outcome: Outcome::Running,
        });
        if let Some(died) = self.died {
            let chip = match (self.effect_done, self.part_done) {
                (true, _) => "effect done, answer lost",
                (false, true) => "part of the work done",
                (false, false) => "work lost",
            };
            facts.push(Unwritten {
                known: false,
                at: died,
                text: format!("worker {worker} died over it"),
                chip: chip.to_owned(),
                outcome: Outcome::Lost,
            });
        }
        if let Some(ended) = self.ended {
            let text = match self.outcome {
                Outcome::TimedOut => format!("attempt {number} timed out"),
                Outcome::Canceled => format!("attempt {number} stopped"),
                Outcome::Running | Outcome::Ok | Outcome::Failed | Outcome::Lost => format!("attempt {number} failed"),
            };
            facts.push(Unwritten {
                known: true,
                at: ended,
                text,
                chip: self.why.clone(),
                outcome: self.outcome,
            });
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

fn superscript(n: u32) -> String {
    const DIGITS: [char; 10] = ['⁰', '¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'];
    n.to_string()
        .bytes()
        .map(|digit| DIGITS[usize::from(digit - b'0')])
        .collect()
}
