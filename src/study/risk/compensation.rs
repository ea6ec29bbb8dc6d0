//! Which activities look like the undoing of earlier ones: by their names, their arguments and their order after a failure.
//!
//! A guess, and told as one: "looks like …, because …". Nothing is taken for a compensation that does not follow a failure, a
//! timeout, a cancellation or a request to stop; nothing for its object that was not over by then.

use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

use serde_json::Value;

use super::done::{Done, DoneKind};
use super::key::value;
use super::local::LocalRisk;
use super::name::{Name, stem};
use crate::history::class::{End, Part, Thing};
use crate::history::operation::Operation;
use crate::history::proto::{Attributes as A, EventType, HistoryEvent, Payloads};

/// How many candidates are looked at for one activity: the latest.
const MOST_CANDIDATES: usize = 64;
/// How many texts are taken from the arguments or the result of one activity.
const MOST_TEXTS: usize = 64;
/// Texts that may be the id of something: not too short to mean anything, nor too long.
const ID_CHARS: std::ops::RangeInclusive<usize> = 3..=128;
/// Fewer activities in reverse order are chance.
const LEAST_IN_REVERSE: usize = 2;

/// An activity that looks like the undoing of another.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Compensation {
    /// Its ActivityTaskScheduled.
    pub event: i64,
    /// Its type.
    pub name: String,
    /// What it looks like the undoing of, by its place in [`super::Report::done`]; `None` if only its name says that it undoes.
    pub of: Option<u32>,
    /// Why it looks so.
    pub because: Reason,
    /// The failure, timeout, cancellation or request to stop that it follows: the latest.
    pub after: i64,
    /// How it ended; `None` while it is open.
    pub end: Option<End>,
}

/// Why something looks like a compensation.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Reason {
    /// Its name has a word of undoing, and is about the same: this.
    Names {
        /// `refund`.
        undoing: String,
        /// `payment`.
        about: String,
    },
    /// Its name has a word of undoing, and among its arguments is what the other returned: this.
    Returned {
        /// `refund`.
        undoing: String,
        /// `tx-1`.
        value: String,
    },
    /// It is one of several after the failure whose arguments are what earlier ones had returned, in reverse order: this.
    Reverse {
        /// `res-1`.
        value: String,
    },
    /// Its name has a word of undoing; what it undoes is not to be seen.
    OnlyName {
        /// `refund`.
        undoing: String,
    },
}

/// Everything that was done, in the order in which it ended, and what of it looks like a compensation.
pub(super) fn recognise(
    events: &[HistoryEvent],
    operations: &[Operation],
    local: &[LocalRisk],
) -> (Vec<Done>, Vec<Compensation>) {
    let mut recognising = Recognising {
        texts_matter: events.iter().any(troubles),
        ..Recognising::default()
    };
    let mut opening = BTreeMap::new();
    let mut closing = BTreeMap::new();
    for (index, operation) in (0_u32..).zip(operations) {
        opening.insert(operation.opened, index);
        if let Some(closed) = operation.closed {
            closing.insert(closed, index);
        }
    }
    let mut local = local.iter().peekable();
    for (place, event) in (0_u32..).zip(events) {
        if let Some(A::WorkflowExecutionStartedEventAttributes(started)) = &event.attributes {
            let input = texts(started.input.as_ref());
            recognising
                .known
                .extend(input.into_iter().chain([started.workflow_id.clone()]));
        }
        if let Some(index) = opening.get(&place) {
            recognising.asked_for(*index, event);
        }
        if let Some(index) = closing.get(&place)
            && let Some(operation) = operations.get(*index as usize)
        {
            recognising.over(*index, operation, events, place);
        }
        if let Some(one) = local.next_if(|one| one.place == place) {
            recognising.done.push(Done {
                kind: DoneKind::LocalActivity,
                ..new(
                    &one.name,
                    event,
                    event,
                    if one.failed { End::Failed } else { End::Ok },
                    place,
                )
            });
        }
        if troubles(event) {
            recognising.trouble = Some((place, event.event_id));
        }
    }
    recognising.finish()
}

/// Whether something went wrong, or is to stop: after this there may be compensations.
fn troubles(event: &HistoryEvent) -> bool {
    match event.class().part {
        Part::Closes(Thing::Activity | Thing::Child | Thing::NexusOperation, end) => end != End::Ok,
        Part::Opens(_) | Part::Starts(_) | Part::Changes(_) | Part::Closes(..) | Part::Alone => match &event.attributes
        {
            Some(A::MarkerRecordedEventAttributes(marker)) => marker.failure.is_some(),
            _ => event.event_type() == EventType::WorkflowExecutionCancelRequested,
        },
    }
}

fn new(name: &str, opened: &HistoryEvent, closed: &HistoryEvent, end: End, closed_place: u32) -> Done {
    Done {
        event: opened.event_id,
        closed_event: closed.event_id,
        kind: DoneKind::Activity,
        name: name.to_owned(),
        end,
        undone_by: None,
        is_compensation: false,
        undoes: None,
        closed_place,
    }
}

/// An activity after a failure.
struct Suspect {
    /// What was seen of it. Without a word of undoing it only counts in reverse order with others.
    compensation: Compensation,
    certain: bool,
}

#[derive(Default)]
struct Recognising {
    texts_matter: bool,
    done: Vec<Done>,
    /// What the workflow was given itself says nothing of where it comes from.
    known: BTreeSet<String>,
    /// The texts in results, and what returned them; `None` for what several returned.
    returned: BTreeMap<String, Option<u32>>,
    /// What was done, by the stems of the words of its name, with that name.
    about: BTreeMap<String, Vec<(u32, Rc<Name>)>>,
    /// What has a compensation already.
    claimed: BTreeSet<u32>,
    /// The latest trouble: its place and its event.
    trouble: Option<(u32, i64)>,
    suspects: Vec<Suspect>,
    /// The suspects, by operation.
    suspected: BTreeMap<u32, usize>,
}

impl Recognising {
    /// An activity is scheduled.
    fn asked_for(&mut self, operation: u32, event: &HistoryEvent) {
        let (Some((before, after)), Some(A::ActivityTaskScheduledEventAttributes(a))) =
            (self.trouble, &event.attributes)
        else {
            return;
        };
        let activity_type = a.activity_type.as_ref().map_or("", |kind| kind.name.as_str());
        let name = Name::of(activity_type);
        let undoing = name.undoing().map(|(word, certain)| (word.to_owned(), certain));
        let by_value = texts(a.input.as_ref()).into_iter().find_map(|text| {
            let of = self.returned.get(&text).copied().flatten()?;
            self.is_candidate(of, before).then_some((of, text))
        });
        let found = match (undoing, by_value) {
            (Some((undoing, _)), Some((of, value))) => Some((Some(of), Reason::Returned { undoing, value })),
            (Some((undoing, certain)), None) => match self.by_name(&name, before) {
                Some((of, about)) => Some((Some(of), Reason::Names { undoing, about })),
                None => certain.then_some((None, Reason::OnlyName { undoing })),
            },
            (None, Some((of, value))) => Some((Some(of), Reason::Reverse { value })),
            (None, None) => None,
        };
        let Some((of, because)) = found else { return };
        let certain = !matches!(because, Reason::Reverse { .. });
        if certain {
            self.claimed.extend(of);
        }
        self.suspected.insert(operation, self.suspects.len());
        self.suspects.push(Suspect {
            compensation: Compensation {
                event: event.event_id,
                name: activity_type.to_owned(),
                of,
                because,
                after,
                end: None,
            },
            certain,
        });
    }

    /// Whether this can be what is undone: it was over when the trouble came, and nothing has undone it.
    fn is_candidate(&self, of: u32, trouble: u32) -> bool {
        let done = self.done.get(of as usize);
        done.is_some_and(|done| done.closed_place <= trouble) && !self.claimed.contains(&of)
    }

    /// What was done last of that whose name is about the same.
    fn by_name(&mut self, name: &Name, trouble: u32) -> Option<(u32, String)> {
        let mut best: Option<(usize, u32, String)> = None;
        for word in name.subjects() {
            let Some(candidates) = self.about.get_mut(&stem(word)) else {
                continue;
            };
            while candidates.pop_if(|(last, _)| self.claimed.contains(last)).is_some() {}
            for (of, theirs) in candidates.iter().rev().take(MOST_CANDIDATES) {
                let Some(done) = self.done.get(*of as usize) else {
                    continue;
                };
                if done.closed_place > trouble || self.claimed.contains(of) {
                    continue;
                }
                let shared = name.shared(theirs);
                let better = best
                    .as_ref()
                    .is_none_or(|(count, other, _)| (shared.len(), *of) > (*count, *other));
                if !shared.is_empty() && better {
                    best = Some((shared.len(), *of, shared.join(" ")));
                }
            }
        }
        best.map(|(_, of, about)| (of, about))
    }

    /// Something is over.
    fn over(&mut self, index: u32, operation: &Operation, events: &[HistoryEvent], place: u32) {
        let (Some(opened), Some(closed)) = (events.get(operation.opened as usize), events.get(place as usize)) else {
            return;
        };
        let Some(end) = closed.class().end() else { return };
        let (kind, name) = match &opened.attributes {
            Some(A::ActivityTaskScheduledEventAttributes(a)) => {
                // What no worker ever took did nothing.
                if operation.started.is_none() && end != End::Ok {
                    return;
                }
                (
                    DoneKind::Activity,
                    a.activity_type.as_ref().map_or("", |kind| kind.name.as_str()),
                )
            }
            Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => (
                DoneKind::Child,
                a.workflow_type.as_ref().map_or("", |kind| kind.name.as_str()),
            ),
            Some(A::NexusOperationScheduledEventAttributes(a)) => (DoneKind::NexusOperation, a.operation.as_str()),
            _ => return,
        };
        let of = u32::try_from(self.done.len()).unwrap_or(u32::MAX);
        self.done.push(Done {
            kind,
            ..new(name, opened, closed, end, place)
        });
        if let Some(suspect) = self.suspected.get(&index) {
            if let Some(suspect) = self.suspects.get_mut(*suspect) {
                suspect.compensation.end = Some(end);
            }
            return;
        }
        if kind != DoneKind::Activity || !self.texts_matter {
            return;
        }
        let name = Rc::new(Name::of(name));
        if !name.only_reads() {
            for word in name.subjects() {
                self.about.entry(stem(word)).or_default().push((of, Rc::clone(&name)));
            }
        }
        if let Some(A::ActivityTaskCompletedEventAttributes(a)) = &closed.attributes {
            for text in texts(a.result.as_ref()) {
                if !self.known.contains(&text) {
                    self.returned
                        .entry(text)
                        .and_modify(|of| *of = None)
                        .or_insert(Some(of));
                }
            }
        }
    }

    /// Looks at the order, and notes on what was done what undid it.
    fn finish(mut self) -> (Vec<Done>, Vec<Compensation>) {
        let in_reverse = self
            .suspects
            .chunk_by(|one, next| next.compensation.of.is_some() && one.compensation.of > next.compensation.of)
            .flat_map(|chunk| std::iter::repeat_n(chunk.len() >= LEAST_IN_REVERSE, chunk.len()));
        let kept: Vec<bool> = in_reverse
            .zip(&self.suspects)
            .map(|(reverse, suspect)| suspect.certain || reverse)
            .collect();
        let mut compensations = Vec::new();
        let mut by_event = BTreeMap::new();
        for (suspect, _) in self.suspects.into_iter().zip(kept).filter(|(_, kept)| *kept) {
            by_event.insert(suspect.compensation.event, suspect.compensation.of);
            if let (Some(End::Ok), Some(of)) = (suspect.compensation.end, suspect.compensation.of)
                && let Some(done) = self.done.get_mut(of as usize)
            {
                done.undone_by = done.undone_by.or(Some(suspect.compensation.event));
            }
            compensations.push(suspect.compensation);
        }
        for done in &mut self.done {
            if let Some(of) = by_event.get(&done.event) {
                done.is_compensation = true;
                done.undoes = *of;
            }
        }
        (self.done, compensations)
    }
}

/// The texts in some values that may be the ids of something, in order.
fn texts(payloads: Option<&Payloads>) -> Vec<String> {
    fn collect(value: Value, texts: &mut Vec<String>) {
        match value {
            Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::String(text) => {
                let is_word = !text.chars().any(char::is_whitespace);
                if texts.len() < MOST_TEXTS && is_word && ID_CHARS.contains(&text.chars().count()) {
                    texts.push(text);
                }
            }
            Value::Array(items) => items.into_iter().for_each(|item| collect(item, texts)),
            Value::Object(members) => members.into_iter().for_each(|(_, member)| collect(member, texts)),
        }
    }
    let mut texts = Vec::new();
    for payload in payloads.iter().flat_map(|payloads| &payloads.payloads) {
        if let Ok(value) = value(payload) {
            collect(value, &mut texts);
        }
    }
    texts
}
