//! What a run came to: in a word or three for a chip, and in one or two sentences for its end. Both are read off what
//! happened; nothing is promised of a run that does not come to an end.

#![warn(clippy::wildcard_enum_match_arm)]

use serde_json::Value;

use super::chronicle::outside::OutageKind;
use super::recording::{Ending, LaneKind, Outcome, Recording};
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::proto::{Attributes, HistoryEvent};
use crate::sim::outside::EntryKind;
use crate::sim::step::Step;
use crate::sim::text::counted;

/// So many things of a kind are told one by one.
const TOLD: usize = 2;

/// A result no longer than this is told as it is, in characters.
const RESULT_CHARS_MAX: usize = 40;

/// What a run comes to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// Not worked out yet.
    Unknown,
    /// It stops while something is open: what it promised is neither kept nor broken.
    Stuck,
    /// It is still at work when the lab gives up.
    Endless,
    /// Its workflow came to another end than a result, with that status: nothing is judged.
    Ended(&'static str),
    /// It was open when its history was taken down.
    Open,
    /// It continued as new, and what became of its work is in another history.
    HandedOn,
    /// It returned, and kept so many promises, all there are.
    Held(usize),
    /// It returned, and broke so many, of so many.
    Broken(usize, usize),
}

impl Verdict {
    /// The verdict on a run.
    pub fn of(recording: &Recording) -> Self {
        let Ending {
            settled,
            stuck,
            ref text,
            ref promises,
            ..
        } = recording.end;
        let broken = promises.iter().filter(|promise| promise.held == Some(false)).count();
        match main_end(recording) {
            _ if broken > 0 => Self::Broken(broken, promises.len()),
            _ if text.is_empty() => Self::Unknown,
            None if recording.opened.is_some() => Self::Open,
            _ if stuck => Self::Stuck,
            _ if !settled => Self::Endless,
            Some((_, "ContinuedAsNew")) if recording.opened.is_some() => Self::HandedOn,
            Some((_, "Completed")) | None => Self::Held(promises.len()),
            Some((_, status)) => Self::Ended(status),
        }
    }

    /// How that is to be shown: green is only for what ended well, and kept what it promised.
    pub fn outcome(self) -> Outcome {
        match self {
            Self::Unknown | Self::Open => Outcome::Running,
            Self::Held(_) | Self::HandedOn => Outcome::Ok,
            Self::Ended("TimedOut") => Outcome::TimedOut,
            Self::Ended("Canceled") => Outcome::Canceled,
            Self::Stuck | Self::Endless | Self::Broken(..) | Self::Ended(_) => Outcome::Failed,
        }
    }

    /// In a word or three; `ended` once the end is reached.
    pub fn words(self, ended: bool) -> String {
        let ahead = |now: &str, ahead: &str| if ended { now.to_owned() } else { ahead.to_owned() };
        match self {
            Self::Unknown => "not known yet".to_owned(),
            Self::Open => "open".to_owned(),
            Self::HandedOn => "continued as new".to_owned(),
            Self::Stuck => ahead("stuck: promises not decided", "will get stuck"),
            Self::Endless => ahead("comes to no end", "will come to no end"),
            Self::Ended("TimedOut") => ahead("workflow timed out", "workflow will time out"),
            Self::Ended("Canceled") => ahead("workflow cancelled", "workflow will be cancelled"),
            Self::Ended("Terminated") => ahead("workflow terminated", "workflow will be terminated"),
            Self::Ended(_) => ahead("workflow failed", "workflow will fail"),
            Self::Held(0) => ahead("completed", "will complete"),
            Self::Held(1) => ahead("its promise held", "its promise will hold"),
            Self::Broken(_, 1) => ahead("its promise broken", "will break its promise"),
            Self::Held(all) => ahead(
                &format!("all {all} promises held"),
                &format!("all {all} promises will hold"),
            ),
            Self::Broken(broken, all) => ahead(
                &format!("{broken} of {all} promises broken"),
                &format!("will break {broken} of {all} promises"),
            ),
        }
    }
}

/// What happened, how it ended and what was kept: one or two sentences.
pub fn conclusion(recording: &Recording) -> String {
    if let Some(opened) = &recording.opened {
        return opened.outlook.join(" ");
    }
    let mut first = happened(recording);
    first.push(ended(recording));
    let first = sentence(&first.join("; "));
    match promised(recording) {
        Some(second) => format!("{first} {second}"),
        None => first,
    }
}

/// The closing step and the status of the last run of the workflow that the run is about, if it is closed.
fn main_end(recording: &Recording) -> Option<(u32, &'static str)> {
    let id = &recording.runs.first()?.workflow_id;
    let last = recording.runs.iter().rfind(|row| row.workflow_id == *id)?;
    last.closed
}

fn happened(recording: &Recording) -> Vec<String> {
    let mut told: Vec<String> = Vec::new();
    told.extend(nobody_there(recording));
    told.extend(deaths(recording));
    told.extend(misfits(recording));
    told.extend(activities(recording));
    told.extend(effects(recording));
    told
}

/// No worker was there at first.
fn nobody_there(recording: &Recording) -> Option<String> {
    let workers = recording
        .lanes
        .iter()
        .filter(|lane| lane.kind == LaneKind::Worker)
        .count();
    let outages = recording.chronicle.outside.outages().iter();
    let absent = outages.filter(|outage| outage.kind == OutageKind::NotStarted && outage.began.step == 0);
    let ends: Vec<Option<SimTime>> = absent.map(|outage| outage.ended.map(|ended| ended.at)).collect();
    if workers == 0 || ends.len() < workers {
        return None;
    }
    Some(match ends.into_iter().flatten().min() {
        Some(at) => format!("no worker ran before {at}"),
        None => "no worker ever ran".to_owned(),
    })
}

fn deaths(recording: &Recording) -> Vec<String> {
    let mut deaths: Vec<String> = Vec::new();
    let mut cut: Vec<String> = Vec::new();
    for record in recording.records.iter() {
        if let Step::Partitioned { worker } = &record.what {
            cut.push(format!("worker {worker} was cut off from the Service"));
        }
        let Step::Crashed {
            worker,
            lost_workflow_tasks,
            lost_attempts,
            lost_local,
            ..
        } = &record.what
        else {
            continue;
        };
        let attempts = lost_attempts.iter().map(|(_, name, done)| (name, *done));
        let hand = attempts
            .chain(lost_local.iter().map(|(name, done)| (name, *done)))
            .next();
        deaths.push(match hand {
            Some((name, true)) => {
                format!("worker {worker} died after {name} had done its work and before it could say so")
            }
            Some((name, false)) => format!("worker {worker} died over {name}"),
            None if !lost_workflow_tasks.is_empty() => format!("worker {worker} died over a workflow task"),
            None => format!("worker {worker} died"),
        });
    }
    if deaths.len() > TOLD {
        deaths = vec![format!("workers died {} times", deaths.len())];
    }
    if cut.len() > TOLD {
        cut = vec![format!("workers were cut off from the Service {} times", cut.len())];
    }
    deaths.extend(cut);
    deaths
}

/// Workflow code that could not be run.
fn misfits(recording: &Recording) -> Vec<String> {
    let (mut misfits, mut failures) = (0, 0);
    for record in recording.records.iter() {
        if let Step::ActivationFailed { finding, .. } = &record.what {
            *(if finding.is_some() { &mut misfits } else { &mut failures }) += 1;
        }
    }
    let told = |times: u32, what: &str| (times > 0).then(|| format!("{what} {}", times_of(times)));
    let misfits = told(misfits, "the code did not match its history");
    misfits
        .into_iter()
        .chain(told(failures, "the workflow's code could not be run"))
        .collect()
}

fn times_of(times: u32) -> String {
    match times {
        1 => "once".to_owned(),
        2 => "twice".to_owned(),
        _ => format!("{times} times"),
    }
}

/// Activities that took more than one attempt, or came to no good end.
fn activities(recording: &Recording) -> Vec<String> {
    let mut told: Vec<(String, u32)> = Vec::new();
    let (mut troubled, mut attempts, mut failed) = (0, 0, 0);
    let failures = failed_for_good(recording);
    for activity in recording.chronicle.activities.all() {
        let fails = failures
            .binary_search(&(activity.run, activity.scheduled_event_id))
            .is_ok();
        if activity.attempts.len() < 2 && !fails {
            continue;
        }
        let name = recording.activity_type(activity.run, activity.scheduled_event_id);
        let what = match (activity.attempts.len(), fails) {
            (0 | 1, _) => format!("{name} failed for good"),
            (tried, false) => format!("{name} took {tried} attempts"),
            (tried, true) => format!("{name} took {tried} attempts and failed for good"),
        };
        troubled += 1;
        attempts += activity.attempts.len();
        failed += u32::from(fails);
        match told.iter_mut().find(|(known, _)| *known == what) {
            Some((_, count)) => *count += 1,
            None => told.push((what, 1)),
        }
    }
    if told.len() > TOLD {
        let failed = if failed > 0 {
            format!(", {failed} of them failed for good")
        } else {
            String::new()
        };
        return vec![format!(
            "{troubled} activities took {attempts} attempts together{failed}"
        )];
    }
    let counted = |(what, count): (String, u32)| match count {
        1 => what,
        count => format!("{what}, {}", times_of(count)),
    };
    told.into_iter().map(counted).collect()
}

/// The activities that failed or timed out for good, each by its run and the event that scheduled it, in order.
fn failed_for_good(recording: &Recording) -> Vec<(RunKey, i64)> {
    let scheduled = |event: &HistoryEvent| match &event.attributes {
        Some(Attributes::ActivityTaskFailedEventAttributes(a)) => Some(a.scheduled_event_id),
        Some(Attributes::ActivityTaskTimedOutEventAttributes(a)) => Some(a.scheduled_event_id),
        _ => None,
    };
    let mut failed: Vec<(RunKey, i64)> = Vec::new();
    for run in (0_u32..).map(RunKey).take(recording.runs.len()) {
        let events = recording.history(run).iter();
        failed.extend(events.filter_map(scheduled).map(|event| (run, event)));
    }
    failed.sort_unstable();
    failed
}

/// What was undone outside, what was done twice, and what a key kept from being so.
fn effects(recording: &Recording) -> Vec<String> {
    let texts = |kind: EntryKind| -> Vec<&str> {
        let effects = recording.chronicle.outside.effects().iter();
        let entries = effects.map(|effect| &effect.entry).filter(|entry| entry.kind == kind);
        entries.map(|entry| entry.text.as_str()).collect()
    };
    let (undone, doubled, repeated) = (
        texts(EntryKind::Undid),
        texts(EntryKind::Doubled),
        texts(EntryKind::Repeated),
    );
    let told = |texts: &[&str]| match texts {
        few if few.len() <= TOLD => few.join(", "),
        [first, ..] => format!("{first} and {} more", texts.len() - 1),
        [] => String::new(),
    };
    let mut all = Vec::new();
    if !doubled.is_empty() {
        all.push(format!("done a second time: {}", told(&doubled)));
    }
    if !repeated.is_empty() {
        let calls = u32::try_from(repeated.len()).unwrap_or(u32::MAX);
        let known = if calls == 1 {
            "was known by its key"
        } else {
            "were known by their keys"
        };
        let calls = counted(calls, "repeated call");
        all.push(format!("{calls} {known} and changed nothing"));
    }
    if !undone.is_empty() {
        all.push(format!("undone: {}", told(&undone)));
    }
    all
}

fn ended(recording: &Recording) -> String {
    let Some(first) = recording.runs.first() else {
        return "no workflow was started".to_owned();
    };
    let name = &first.workflow_type;
    let Some((step, status)) = main_end(recording) else {
        let why = if recording.end.stuck {
            "and nothing happens any more"
        } else {
            "at work when the lab gave up"
        };
        return format!("{name} was still open at {}, {why}", recording.end_time());
    };
    let how = match status {
        "Completed" => "completed",
        "Failed" => "failed",
        "Canceled" => "was cancelled",
        "Terminated" => "was terminated",
        "ContinuedAsNew" => "handed its work over",
        _ => "timed out",
    };
    let mut text = format!("{name} {how} at {}", recording.at(step));
    if let Some(result) = recording.end.result.as_deref().and_then(result) {
        text.push_str(&format!(" with {result}"));
    }
    let runs = recording
        .runs
        .iter()
        .filter(|row| row.workflow_id == first.workflow_id)
        .count();
    if runs > 1 {
        text.push_str(&format!(", in its run number {runs}"));
    }
    if let Some(others) = others(recording) {
        text.push_str(&others);
    }
    text
}

/// What became of the other workflows.
fn others(recording: &Recording) -> Option<String> {
    let main = &recording.runs.first()?.workflow_id;
    // Of each, its last run.
    let mut last: Vec<(&str, &'static str)> = Vec::new();
    for row in recording.runs.iter().filter(|row| row.workflow_id != *main) {
        let status = row.status(recording.last()).unwrap_or("Running");
        match last.iter_mut().find(|(id, _)| *id == row.workflow_id) {
            Some(known) => known.1 = status,
            None => last.push((&row.workflow_id, status)),
        }
    }
    let all = last.len();
    let completed = last.iter().filter(|(_, status)| *status == "Completed").count();
    match (all, completed) {
        (0, _) => None,
        (1, 1) => Some(", and so did one other workflow".to_owned()),
        _ if main_end(recording).is_some_and(|(_, status)| status == "Completed") && all == completed => {
            Some(format!(", and so did {all} other workflows"))
        }
        _ => Some(format!("; of {all} other workflows {completed} completed")),
    }
}

/// A result in words: its status, or as it is if it is short.
fn result(json: &str) -> Option<String> {
    let value: Value = serde_json::from_str(json).ok()?;
    match value.get("status").and_then(Value::as_str) {
        Some(status) => Some(format!("status “{status}”")),
        None if value.is_null() || json.chars().count() > RESULT_CHARS_MAX => None,
        None => Some(json.to_owned()),
    }
}

fn promised(recording: &Recording) -> Option<String> {
    let promises = &recording.end.promises;
    let broken: Vec<_> = promises.iter().filter(|promise| promise.held == Some(false)).collect();
    let open = promises.iter().any(|promise| promise.held.is_none());
    match (broken.as_slice(), promises.as_slice()) {
        (_, []) => None,
        ([], _) if open => Some("Nothing that was promised is decided.".to_owned()),
        ([], [one]) => Some(format!("Its promise held: {}.", one.sentence)),
        ([], [_, _]) => Some("Both promises held.".to_owned()),
        ([], all) => Some(format!("All {} promises held.", all.len())),
        ([one, more @ ..], all) => {
            let of = match (more.len(), all.len()) {
                (_, 1) => "Its promise is broken".to_owned(),
                (0, all) => format!("One of {all} promises is broken"),
                (more, all) => format!("{} of {all} promises are broken, first", more + 1),
            };
            Some(format!("{of}: {}: {}.", one.sentence, one.seen))
        }
    }
}

/// With a capital and a full stop.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let first: String = letters
        .next()
        .map(|letter| letter.to_uppercase().collect())
        .unwrap_or_default();
    format!("{first}{}.", letters.as_str())
}
