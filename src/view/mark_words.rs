//! The words of the time picture: what is drawn on a mark, and what there is to say about it when somebody looks closer.

#![warn(clippy::wildcard_enum_match_arm)]

use serde_json::Value;

use super::chronicle::activities::Between;
use super::chronicle::outside::{Outage, OutageKind, Wait};
use super::chronicle::things::Lasting;
use super::chronicle::work::{Attempt, LocalAttempt, Memory, Replay, What, Work};
use super::recording::{Mark, MarkFacts, MarkKind, Outcome, Recording};
use crate::base::time::{SimTime, Span};
use crate::contract::task::RunKey;
use crate::history::class::{Part, Thing};
use crate::history::payload;
use crate::history::proto::{Attributes, HistoryEvent, Payloads};
use crate::service::queue::QueuedWork;
use crate::sim::outside::EntryKind;

/// More of an input is not drawn on a bar.
const INPUT_CHARS: usize = 26;

/// What is drawn on a mark, the longest words first; at least one.
pub(super) fn labels(recording: &Recording, mark: &Mark, now: SimTime) -> Vec<String> {
    let chronicle = &recording.chronicle;
    let of = mark.of as usize;
    match mark.kind {
        MarkKind::Event(_) => vec![mark.of.to_string()],
        MarkKind::TaskWaits => vec![waiting_for(recording, &chronicle.outside.waits()[of])],
        MarkKind::ActivityWaits => match chronicle.outside.waits()[of].work {
            QueuedWork::Activity {
                run,
                scheduled_event_id,
                attempt,
            } => names(activity(recording, run, scheduled_event_id), attempt, attempt > 1),
            QueuedWork::Workflow { .. } | QueuedWork::Query { .. } => vec!["waits".to_owned()],
        },
        MarkKind::Backoff => match backoff(recording, mark) {
            Some((since, until, attempt)) => {
                let length = until.since(since);
                vec![
                    format!("backoff {length} before attempt {attempt}"),
                    format!("backoff {length}"),
                    length.to_string(),
                ]
            }
            None => vec!["backoff".to_owned()],
        },
        MarkKind::WorkflowTask => {
            let mut words = vec!["workflow task".to_owned()];
            if recording.runs.len() > 1 {
                let run = chronicle.hands.work()[of].run;
                words.insert(0, format!("workflow task of {}", workflow_id(recording, run)));
            }
            words
        }
        MarkKind::Replay => match replay_of(recording, mark) {
            Some((work, replay)) => {
                let (first, last) = (replay.first, replay.last);
                let again = Again::of(recording, work, of, replay);
                vec![
                    format!("replay of events {first}–{last}: {}", again.words()),
                    format!("replay {first}–{last}: {}", again.words()),
                    format!("replay: {}", again.words()),
                    format!("replay {first}–{last}"),
                    "replay".to_owned(),
                ]
            }
            None => vec!["replay".to_owned()],
        },
        MarkKind::Activity => {
            let work = &chronicle.hands.work()[of];
            match &work.what {
                What::Activity(attempt) => {
                    let token = attempt.token;
                    let again = token.attempt > 1
                        || chronicle
                            .activities
                            .get(token.run, token.scheduled_event_id)
                            .is_some_and(|activity| activity.attempts.len() > 1);
                    let named = activity(recording, token.run, token.scheduled_event_id);
                    names(named, token.attempt, again)
                }
                What::LocalActivity(local) => {
                    let named = (local.activity_type.clone(), String::new());
                    names(named, local.attempt, local.attempt > 1)
                }
                What::WorkflowTask(_) => vec!["workflow task".to_owned()],
            }
        }
        MarkKind::Heartbeat => vec!["heartbeat".to_owned()],
        MarkKind::Dead | MarkKind::Away => outage(&chronicle.outside.outages()[of], mark, now),
        MarkKind::Effect => vec![chronicle.outside.effects()[of].entry.text.clone()],
        MarkKind::Danger if recording.opened.is_some() => vec!["may have acted, not recorded".to_owned()],
        MarkKind::Danger => vec!["done, not recorded".to_owned()],
        MarkKind::Timer => {
            let lasting = &chronicle.things.all()[of];
            let length = lasting.due.unwrap_or(lasting.opened.at).since(lasting.opened.at);
            vec![format!("timer {}", long(length)), long(length)]
        }
        MarkKind::Child | MarkKind::Call => other_workflow(recording, &chronicle.things.all()[of]),
        MarkKind::Message(kind) => {
            let message = &chronicle.messages.all()[of];
            if message.name.is_empty() {
                vec![
                    format!("{} {}", kind.name(), message.workflow_id),
                    kind.name().to_owned(),
                ]
            } else {
                vec![format!("{} {}", kind.name(), message.name), message.name.clone()]
            }
        }
    }
}

/// `ProcessPayment(order-1001), attempt 2`, and shorter: what it is about, and which attempt if there are several.
fn names((name, input): (String, String), attempt: u32, again: bool) -> Vec<String> {
    let mut words = Vec::new();
    if again {
        if !input.is_empty() {
            words.push(format!("{name}({input}) attempt {attempt}"));
        }
        words.push(format!("{name} attempt {attempt}"));
        words.push(format!("{name} #{attempt}"));
        words.push(format!("#{attempt}"));
    } else {
        if !input.is_empty() {
            words.push(format!("{name}({input})"));
        }
        words.push(name);
    }
    words
}

/// For how long so far, always in the words: a fold hides how long it is to the eye.
fn outage(outage: &Outage, mark: &Mark, now: SimTime) -> Vec<String> {
    let length = long(mark.to.min(now.max(mark.from)).since(mark.from));
    match outage.kind {
        OutageKind::NotStarted => vec![format!("not started for {length}"), length],
        OutageKind::Left => vec![
            format!("left in good order, away for {length}"),
            format!("away for {length}"),
            length,
        ],
        OutageKind::Dead => vec![
            format!("dead for {length}, what it had in memory is lost"),
            format!("dead for {length}, memory lost"),
            format!("dead for {length}"),
            format!("dead {length}"),
            length,
        ],
        OutageKind::Silent => vec![
            format!("took nothing from its sticky queue for {length}"),
            format!("no sign for {length}"),
            length,
        ],
        OutageKind::Partitioned => vec![
            format!("cut off from the Service for {length}"),
            format!("cut off for {length}"),
            format!("cut off {length}"),
            length,
        ],
    }
}

/// A length of time in few words.
fn long(span: Span) -> String {
    span.rounded().to_string()
}

fn workflow_id(recording: &Recording, run: RunKey) -> &str {
    recording
        .runs
        .get(run.0 as usize)
        .map_or("another workflow", |row| row.workflow_id.as_str())
}

fn event_of(recording: &Recording, run: RunKey, event_id: i64) -> Option<&HistoryEvent> {
    let place = usize::try_from(event_id.checked_sub(1)?).ok()?;
    recording.history(run).get(place)
}

/// The type and the input of an activity, the latter in few characters.
fn activity(recording: &Recording, run: RunKey, scheduled_event_id: i64) -> (String, String) {
    let input = match event_of(recording, run, scheduled_event_id).and_then(|event| event.attributes.as_ref()) {
        Some(Attributes::ActivityTaskScheduledEventAttributes(scheduled)) => input(scheduled.input.as_ref()),
        _ => String::new(),
    };
    let name = recording.activity_type(run, scheduled_event_id).to_owned();
    (name, input)
}

/// What is in the payloads, as far as it says in few characters what it is about: numbers and short texts.
fn input(payloads: Option<&Payloads>) -> String {
    let mut told: Vec<String> = Vec::new();
    for value in payload::values(payloads) {
        match &value {
            Value::Object(fields) => told.extend(fields.values().filter_map(scalar)),
            Value::Array(items) => told.extend(items.iter().filter_map(scalar)),
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => told.extend(scalar(&value)),
        }
    }
    let mut text = String::new();
    for (i, word) in told.iter().enumerate() {
        let comma = if i == 0 { "" } else { ", " };
        if text.chars().count() + word.chars().count() + comma.len() > INPUT_CHARS {
            if i > 0 {
                text.push('…');
            }
            break;
        }
        text.push_str(comma);
        text.push_str(word);
    }
    text
}

fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) if !text.is_empty() && !text.contains('\n') => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::String(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

fn waiting_for(recording: &Recording, wait: &Wait) -> String {
    match wait.work {
        QueuedWork::Workflow { .. } => "workflow task".to_owned(),
        QueuedWork::Query { .. } => "query".to_owned(),
        QueuedWork::Activity {
            run,
            scheduled_event_id,
            attempt,
        } => format!("{} #{attempt}", recording.activity_type(run, scheduled_event_id)),
    }
}

/// A child by its type and input; a call by what is sent, and to whom.
fn other_workflow(recording: &Recording, lasting: &Lasting) -> Vec<String> {
    let event = event_of(recording, lasting.run, lasting.opened_event_id);
    match event.and_then(|event| event.attributes.as_ref()) {
        Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(child)) => {
            let name = child
                .workflow_type
                .as_ref()
                .map_or("child", |named| named.name.as_str());
            let input = input(child.input.as_ref());
            let mut words = Vec::new();
            if !input.is_empty() {
                words.push(format!("{name}({input})"));
            }
            words.push(format!("{name} {}", child.workflow_id));
            words.push(child.workflow_id.clone());
            words
        }
        Some(Attributes::SignalExternalWorkflowExecutionInitiatedEventAttributes(signal)) => {
            let to = signal.workflow_execution.as_ref();
            let to = to.map_or("", |execution| execution.workflow_id.as_str());
            vec![
                format!("signal {} to {to}", signal.signal_name),
                format!("signal {}", signal.signal_name),
            ]
        }
        Some(Attributes::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(cancel)) => {
            let to = cancel.workflow_execution.as_ref();
            let to = to.map_or("", |execution| execution.workflow_id.as_str());
            vec![format!("cancel {to}"), "cancel".to_owned()]
        }
        Some(Attributes::NexusOperationScheduledEventAttributes(operation)) => {
            vec![
                format!("{} {}", operation.service, operation.operation),
                operation.operation.clone(),
            ]
        }
        _ => vec!["another workflow".to_owned()],
    }
}

/// From when until when a backoff lasts, and before which attempt.
fn backoff(recording: &Recording, mark: &Mark) -> Option<(SimTime, SimTime, u32)> {
    let activity = recording.chronicle.activities.all().get(mark.of as usize)?;
    let inferred = activity.earlier.as_ref().map(|earlier| earlier.backoffs.iter());
    if let Some(backoff) = inferred.into_iter().flatten().find(|(since, ..)| *since == mark.from) {
        return Some(*backoff);
    }
    match *activity.state.at(mark.from_step)? {
        Between::BacksOff { since, until, attempt } => Some((since, until, attempt)),
        Between::Queued { .. } | Between::Started { .. } => None,
    }
}

fn replay_of<'a>(recording: &'a Recording, mark: &Mark) -> Option<(&'a Work, Replay)> {
    let work = recording.chronicle.hands.work().get(mark.of as usize)?;
    match &work.what {
        What::WorkflowTask(task) => Some((work, task.replay?)),
        What::Activity(_) | What::LocalActivity(_) => None,
    }
}

/// What a replay does a second time, and what it does not.
struct Again {
    /// How often the code has run over these events, with this replay.
    code: usize,
    /// How often the activities whose results are taken from the history have acted on the world, at most; `None` if
    /// none of them has.
    effects: Option<usize>,
}

impl Again {
    /// Counted in the run, for replay number `of` among all work.
    fn of(recording: &Recording, work: &Work, of: usize, replay: Replay) -> Self {
        let before = &recording.chronicle.hands.work()[..of];
        let replays = before.iter().filter(|other| {
            let replayed = match &other.what {
                What::WorkflowTask(task) => task.replay.is_some(),
                What::Activity(_) | What::LocalActivity(_) => false,
            };
            other.run == work.run && replayed
        });
        let effects = recording.chronicle.outside.effects();
        let acted = |scheduled: i64| {
            let mut attempts: Vec<u32> = effects
                .iter()
                .filter(|effect| effect.at.step <= replay.ended.step)
                .filter(|effect| {
                    matches!(
                        effect.entry.kind,
                        EntryKind::Did | EntryKind::Doubled | EntryKind::Undid
                    )
                })
                .filter_map(|effect| effect.token)
                .filter(|token| token.run == work.run && token.scheduled_event_id == scheduled)
                .map(|token| token.attempt)
                .collect();
            attempts.sort_unstable();
            attempts.dedup();
            attempts.len()
        };
        let most = results(recording, work.run, replay)
            .filter(|(event, _)| event.class().part.thing() == Some(Thing::Activity))
            .filter_map(|(event, _)| event.opened_by())
            .map(|reference| acted(reference.to))
            .max();
        Self {
            code: replays.count() + 2,
            effects: most.filter(|most| *most > 0),
        }
    }

    fn words(&self) -> String {
        let code = self.code;
        match self.effects {
            Some(effects) => format!("code runs {code}×, effects {effects}×"),
            None => format!("code runs {code}×"),
        }
    }
}

/// The events of a replay that bring the code a result, or a message, with their ids.
fn results(recording: &Recording, run: RunKey, replay: Replay) -> impl Iterator<Item = (&HistoryEvent, u32)> {
    let brings = |event: &HistoryEvent| match event.class().part {
        Part::Closes(thing, _) => !matches!(thing, Thing::Run | Thing::WorkflowTask),
        Part::Alone => event.class().category == crate::history::class::Category::Signal,
        Part::Opens(_) | Part::Starts(_) | Part::Changes(_) => false,
    };
    let last = usize::try_from(replay.last).unwrap_or(0);
    let events = recording.history(run).iter().zip(1_u32..).take(last);
    events
        .filter(move |(_, id)| i64::from(*id) >= replay.first)
        .filter(move |(event, _)| brings(event))
}

/// The events whose results a replay took from the history of that run.
pub(super) fn replayed(recording: &Recording, run: RunKey, mark: &Mark) -> Vec<u32> {
    match replay_of(recording, mark) {
        Some((work, replay)) if mark.kind == MarkKind::Replay && work.run == run => {
            results(recording, run, replay).map(|(_, id)| id).collect()
        }
        _ => Vec::new(),
    }
}

/// What there is to say about a mark after so many steps.
pub(super) fn facts(recording: &Recording, run: RunKey, mark: &Mark, step: u32) -> MarkFacts {
    let now = recording.at(step);
    let over = mark.to_step <= step;
    let mut told = Told::default();
    let of = mark.of as usize;
    let chronicle = &recording.chronicle;
    let title = labels(recording, mark, now).swap_remove(0);
    let (title, text) = match mark.kind {
        MarkKind::Event(_) => event(recording, run, mark.of, &mut told),
        MarkKind::TaskWaits | MarkKind::ActivityWaits => {
            told.span("waits since", mark, now, over);
            // Of an activity that is open at the end of a history nobody knows what it does.
            if recording.opened.is_some()
                && mark.kind == MarkKind::ActivityWaits
                && chronicle.outside.waits()[of].ended.is_none()
            {
                let text = "It is queued, running or between attempts: a history cannot tell until it is over.";
                (title, text.to_owned())
            } else {
                (format!("{title} waits for a worker"), String::new())
            }
        }
        MarkKind::Backoff => {
            if let Some((since, until, attempt)) = backoff(recording, mark) {
                let activity_of = &chronicle.activities.all()[of];
                let name = recording.activity_type(activity_of.run, activity_of.scheduled_event_id);
                told.fact("activity", name);
                told.fact("since", &since.to_string());
                told.fact("until", &format!("{}, then attempt {attempt}", until));
            }
            let text = if recording.opened.is_some() {
                "Inferred: so long the retry policy makes the next attempt wait. A history keeps the last attempt only; when \
                 the ones before it ran is not in it."
            } else {
                "The retry policy makes the next attempt wait."
            };
            (title, text.to_owned())
        }
        MarkKind::WorkflowTask => {
            let work = &chronicle.hands.work()[of];
            told.span("began", mark, now, over);
            told.worker(work);
            told.fact("workflow", workflow_id(recording, work.run));
            if let What::WorkflowTask(task) = &work.what {
                if task.attempt > 1 {
                    told.fact("attempt", &task.attempt.to_string());
                }
                told.fact(
                    "memory",
                    match task.memory {
                        Memory::Hit => "the worker had the run in memory",
                        Memory::Miss => "gone: the worker fetched the history",
                        Memory::New => "none: the history came with the task",
                        Memory::Untold => "a history does not tell whether the worker had the run in memory",
                    },
                );
            }
            told.trouble(work, over);
            (
                "workflow task".to_owned(),
                "A worker runs the workflow's code.".to_owned(),
            )
        }
        MarkKind::Replay => {
            if let Some((work, replay)) = replay_of(recording, mark) {
                told.worker(work);
                told.fact("events", &format!("{} to {}", replay.first, replay.last));
                told.fact("so far", &Again::of(recording, work, of, replay).words());
                let results = results(recording, work.run, replay).count();
                told.fact("results from the history", &results.to_string());
            }
            let text = "The code runs again over what the history has: each result is taken from there, and nothing \
                        outside is touched.";
            ("replay".to_owned(), text.to_owned())
        }
        MarkKind::Activity => {
            let work = &chronicle.hands.work()[of];
            told.span("began", mark, now, over);
            told.worker(work);
            match &work.what {
                What::Activity(attempt) => told.attempt(work, attempt, step),
                What::LocalActivity(local) => told.local(local),
                What::WorkflowTask(_) => {}
            }
            told.trouble(work, over);
            (title, String::new())
        }
        MarkKind::Heartbeat => {
            told.fact("at", &mark.from.to_string());
            let text = "The attempt says that it is alive, and how far it has come.".to_owned();
            (title, text)
        }
        MarkKind::Dead | MarkKind::Away => {
            let outage = &chronicle.outside.outages()[of];
            told.span("since", mark, now, over);
            let worker = outage.worker;
            let text = match outage.kind {
                OutageKind::NotStarted => format!("Worker {worker} is not started yet."),
                OutageKind::Left => {
                    format!(
                        "Worker {worker} has left in good order: it finished what it had in hand, and nothing is lost."
                    )
                }
                OutageKind::Dead => format!(
                    "Worker {worker} is dead, and what it had in memory is lost. The Service cannot know: it waits for \
                     the time limits of what {worker} had in hand."
                ),
                OutageKind::Silent => format!(
                    "A workflow task waited in the sticky queue of worker {worker}, and nobody took it: as far as a \
                     history tells, the worker was gone, or too busy. Then the Service put a new one into the queue for all."
                ),
                OutageKind::Partitioned => {
                    format!("Worker {worker} cannot reach the Service, and goes on with what it has in hand.")
                }
            };
            (title, text)
        }
        MarkKind::Effect => {
            let effect = &chronicle.outside.effects()[of];
            let entry = &effect.entry;
            told.fact("at", &mark.from.to_string());
            told.fact("by", &format!("{}, attempt {}", entry.activity_type, entry.attempt));
            if let Some((worker, _)) = effect.by {
                told.fact("worker", &worker.to_string());
            }
            let text = match entry.kind {
                EntryKind::Did => "",
                EntryKind::Doubled => "It had been done before: now it is there twice.",
                EntryKind::Undid => "A compensation takes back what was done.",
                EntryKind::Repeated => "The system knew the call by its key: nothing changed.",
                EntryKind::Moot => "There was nothing to take back.",
                EntryKind::Refused => "The system said no: nothing changed.",
            };
            (format!("{}: {}", entry.system, entry.text), text.to_owned())
        }
        MarkKind::Danger => {
            told.span("since", mark, now, over);
            let work = &chronicle.hands.work()[of];
            if let What::Activity(attempt) = &work.what {
                told.fact("effect of", &attempt.activity_type);
            }
            let text = if recording.opened.is_some() {
                "The attempt may have acted on the world, and no event says so yet: what a worker that dies here has done is \
                 done again by the next attempt, if there is one. What it did and when, a history cannot tell."
            } else {
                "The effect is done, and the Service has not heard of it. A crash now means that it is done again."
            };
            (title, text.to_owned())
        }
        MarkKind::Timer => {
            let lasting = &chronicle.things.all()[of];
            told.fact("started", &lasting.opened.at.to_string());
            if let Some(due) = lasting.due {
                told.fact("due", &due.to_string());
                if !over {
                    told.fact("left", &long(due.since(now)));
                }
            }
            told.end(mark, over, "fired", "cancelled, or its run was over");
            (title, "The Service keeps it: it needs no worker.".to_owned())
        }
        MarkKind::Child | MarkKind::Call => {
            let lasting = &chronicle.things.all()[of];
            told.span("asked for", mark, now, over);
            if let Some(started) = lasting.started.filter(|started| started.step <= step) {
                told.fact("began", &started.at.to_string());
            }
            told.end(mark, over, "ended well", "cancelled, or left behind by its parent");
            let words = labels(recording, mark, now);
            let title = if mark.kind == MarkKind::Child {
                format!("child workflow {}", words.last().map_or("", String::as_str))
            } else {
                title
            };
            (title, String::new())
        }
        MarkKind::Message(_) => {
            let message = &chronicle.messages.all()[of];
            told.fact("at", &message.sent.at.to_string());
            told.fact("to", &message.workflow_id);
            if let Some(why) = &message.refused {
                told.fact("refused", why);
            }
            if let Some(heard) = message.heard.as_ref().filter(|heard| heard.at.step <= step) {
                let what = if heard.ok { "answer" } else { "no answer" };
                told.fact(what, &format!("{}, at {}", heard.what, heard.at.at));
            }
            (title, String::new())
        }
    };
    if let Some(event) = mark.event.filter(|_| !matches!(mark.kind, MarkKind::Event(_))) {
        told.fact("event", &event.to_string());
    }
    MarkFacts {
        title,
        text,
        facts: told.0,
    }
}

fn event(recording: &Recording, run: RunKey, id: u32, told: &mut Told) -> (String, String) {
    let Some(row) = recording.event(run.0, id) else {
        return (format!("event {id}"), String::new());
    };
    told.fact("at", &row.at.to_string());
    if !row.chip.is_empty() {
        told.fact("says", &row.chip);
    }
    told.fact("workflow task", &row.task.to_string());
    let why = recording.event_details(run.0, id).map(|details| details.why);
    (format!("event {id}: {}", row.name), why.unwrap_or_default())
}

/// Names and values that are being collected.
#[derive(Default)]
struct Told(Vec<(&'static str, String)>);

impl Told {
    fn fact(&mut self, name: &'static str, value: &str) {
        if !value.is_empty() {
            self.0.push((name, value.to_owned()));
        }
    }

    fn span(&mut self, name: &'static str, mark: &Mark, now: SimTime, over: bool) {
        self.fact(name, &mark.from.to_string());
        let to = if over { mark.to } else { now.max(mark.from) };
        let length = long(to.since(mark.from));
        self.fact("for", &if over { length } else { format!("{length} so far") });
    }

    fn worker(&mut self, work: &Work) {
        self.fact("worker", &work.worker.to_string());
        let waited = work.began.at.since(work.waiting_since);
        if !waited.is_zero() {
            self.fact("waited before", &long(waited));
        }
    }

    fn attempt(&mut self, work: &Work, attempt: &Attempt, step: u32) {
        self.fact("attempt", &attempt.token.attempt.to_string());
        let beats = attempt.heartbeats.iter().filter(|beat| beat.step <= step).count();
        if beats > 0 {
            self.fact("heartbeats", &beats.to_string());
        }
        if let Some(changed) = attempt.changed.filter(|changed| changed.step <= step) {
            self.fact("changed the world", &changed.at.to_string());
        }
        let ended = work.ended.is_some_and(|ended| ended.step <= step);
        if ended && !attempt.accepted && work.trouble().is_none() {
            self.fact("result", "the Service did not want it any more");
        }
    }

    fn local(&mut self, attempt: &LocalAttempt) {
        self.fact("attempt", &attempt.attempt.to_string());
        self.fact("local", "it runs within its workflow task");
    }

    fn trouble(&mut self, work: &Work, over: bool) {
        if let Some(trouble) = work.trouble().filter(|_| over) {
            self.fact("went wrong", &trouble.to_string());
        }
    }

    fn end(&mut self, mark: &Mark, over: bool, ok: &str, canceled: &str) {
        if !over {
            return;
        }
        let how = match mark.outcome {
            Outcome::Running => return,
            Outcome::Ok => ok,
            Outcome::Canceled => canceled,
            Outcome::Failed | Outcome::Lost => "failed",
            Outcome::TimedOut => "timed out",
        };
        self.fact("ended", &format!("{how}, at {}", mark.to));
    }
}
