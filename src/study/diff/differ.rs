//! Goes through two histories, thing by thing, and says in what they differ.

#![warn(clippy::wildcard_enum_match_arm)]

use super::align::align;
use super::ending::{Lost, between, count, end_of_run, event, lost_tasks, notes, outcome};
use super::thing::{Lane, Thing, things};
use super::{Change, Diff, Lasted, Placed, Position, Side, Verdict};
use crate::base::time::Span;
use crate::history::difference::{Aspect, Comparison};
use crate::history::proto::{Attributes, EventType, HistoryEvent};

/// Times differ only where the longer is at least so many times the shorter,
const OTHER_ORDER_RATIO: u64 = 10;

/// and so much longer.
const OTHER_ORDER_LEAST: Span = Span::secs(10);

/// What is compared, and what was found.
pub(super) struct Differ<'a> {
    from: &'a [HistoryEvent],
    to: &'a [HistoryEvent],
    comparison: Comparison,
    changes: Vec<Change>,
    durations: Vec<Lasted>,
    same: u32,
    /// Where the two runs end.
    ends: Places,
}

/// The places of two events that belong together, or of one.
type Places = (Option<u32>, Option<u32>);

impl<'a> Differ<'a> {
    pub(super) fn new(from: &'a [HistoryEvent], to: &'a [HistoryEvent]) -> Self {
        Self {
            from,
            to,
            comparison: Comparison::of_runs(from.first(), to.first()),
            changes: Vec::new(),
            durations: Vec::new(),
            same: 0,
            ends: (end_of_run(from), end_of_run(to)),
        }
    }

    pub(super) fn run(mut self) -> Diff {
        let ends = self.ends;
        self.begin();
        self.end(ends);
        self.tasks();
        let (from, to) = (things(self.from), things(self.to));
        for lane in [Lane::Code, Lane::Outside] {
            let of_lane = |all: &'_ [Thing]| -> Vec<u32> {
                let places = (0..).zip(all).filter(|(_, thing)| thing.lane == lane);
                places.map(|(at, _)| at).collect()
            };
            let pick = |all: &'_ [Thing], places: &[u32]| -> Vec<Thing> {
                places.iter().map(|at| all[*at as usize].clone()).collect()
            };
            self.lane(&pick(&from, &of_lane(&from)), &pick(&to, &of_lane(&to)));
        }
        self.changes.sort_by_key(|change| change.at);
        Diff {
            from: side(self.from, ends.0),
            to: side(self.to, ends.1),
            same: self.same,
            changes: self.changes,
            sealed: self.comparison.sealed,
            durations: self.durations,
        }
    }

    fn lane(&mut self, from: &[Thing], to: &[Thing]) {
        let (one, other): (Vec<&Thing>, Vec<&Thing>) = (from.iter().collect(), to.iter().collect());
        let aligned = align(&one, &other);
        for pair in &aligned.pairs {
            self.pair(&from[pair.from as usize], &to[pair.to as usize], pair.is_moved);
        }
        for at in &aligned.only_from {
            let thing = &from[*at as usize];
            self.only(thing, Verdict::OnlyInFrom, Position::from(thing.opened));
        }
        // What is only in the second stands before what it comes before there: an event that both have.
        let mut both: Vec<(u32, u32)> = Vec::new();
        for pair in aligned.pairs.iter().filter(|pair| !pair.is_moved) {
            let (one, other) = (&from[pair.from as usize], &to[pair.to as usize]);
            both.push((other.opened, one.opened));
            both.extend(other.closed.zip(one.closed));
        }
        both.sort_unstable();
        // If nothing comes after it, the end does.
        let last = self.ends.0.unwrap_or(count(self.from));
        for at in &aligned.only_to {
            let thing = &to[*at as usize];
            let next = both.partition_point(|(place, _)| *place < thing.opened);
            let position = Position {
                from: both.get(next).map_or(last, |(_, place)| *place),
                to: thing.opened,
            };
            self.only(thing, Verdict::OnlyInTo, position);
        }
    }

    /// How the runs were started, if both histories say it.
    fn begin(&mut self) {
        let is_start = |events: &[HistoryEvent]| {
            let first = events.first().map(HistoryEvent::event_type);
            first == Some(EventType::WorkflowExecutionStarted)
        };
        if is_start(self.from) && is_start(self.to) {
            let differences = self.said(0, 0);
            self.tell("the start of the run", (Some(0), Some(0)), differences);
        }
    }

    /// How they ended, and how long they took.
    fn end(&mut self, ends: Places) {
        let mut differences = self.outcome(ends);
        differences.extend(self.duration("the run", 0, (0, 0), ends));
        self.tell("the end of the run", ends, differences);
    }

    /// Workflow tasks that came to no end. How many there were says nothing.
    fn tasks(&mut self) {
        let (from, to) = (lost_tasks(self.from), lost_tasks(self.to));
        let added = to.keys().filter(|why| !from.contains_key(*why));
        let mut differences = Vec::new();
        let mut first: Places = (None, None);
        for why in from.keys().chain(added) {
            let (one, other) = (from.get(why), to.get(why));
            let times = |lost: Option<&Lost>| lost.map(|lost| lost.times.to_string());
            if times(one) == times(other) {
                continue;
            }
            self.comparison.add(Aspect::Outcome, why, times(one), times(other));
            let places = (one.map(|lost| lost.first), other.map(|lost| lost.first));
            let earlier = |a: Option<u32>, b: Option<u32>| a.into_iter().chain(b).min();
            first = (earlier(first.0, places.0), earlier(first.1, places.1));
            differences.extend(self.placed(places));
        }
        self.tell("workflow tasks", first, differences);
    }

    fn only(&mut self, thing: &Thing, verdict: Verdict, at: Position) {
        let id = |events, is_there| {
            event(events, Some(thing.opened))
                .filter(|_| is_there)
                .map(|event| event.event_id)
        };
        self.changes.push(Change {
            what: thing.name.clone(),
            number: thing.number,
            verdict,
            from: id(self.from, verdict == Verdict::OnlyInFrom),
            to: id(self.to, verdict == Verdict::OnlyInTo),
            differences: Vec::new(),
            at,
        });
    }

    fn pair(&mut self, from: &Thing, to: &Thing, is_moved: bool) {
        let mut differences = self.said(from.opened, to.opened);
        differences.extend(self.attempts(from, to));
        differences.extend(self.noted(from, to));
        if from.lasts && to.lasts {
            let closed = (from.closed, to.closed);
            differences.extend(self.outcome(closed));
            differences.extend(self.duration(&from.name, from.number, (from.opened, to.opened), closed));
        }
        if differences.is_empty() && !is_moved {
            self.same += 1;
            return;
        }
        let verdict = if is_moved { Verdict::Moved } else { Verdict::Changed };
        let places = (Some(from.opened), Some(to.opened));
        self.change(&from.name, from.number, verdict, places, differences);
    }

    // ---- In what two of them differ.

    fn said(&mut self, from: u32, to: u32) -> Vec<Placed> {
        let attributes = |events: &'a [HistoryEvent], place| event(events, Some(place))?.attributes.as_ref();
        if let (Some(one), Some(other)) = (attributes(self.from, from), attributes(self.to, to)) {
            self.comparison.said(one, other);
        }
        self.placed((Some(from), Some(to)))
    }

    fn outcome(&mut self, closed: Places) -> Vec<Placed> {
        let kind = |events, place| event(events, place).map(HistoryEvent::event_type);
        if kind(self.from, closed.0) != kind(self.to, closed.1) {
            let from = Some(outcome(self.from, closed.0));
            let to = Some(outcome(self.to, closed.1));
            self.comparison.add(Aspect::Outcome, "outcome", from, to);
            return self.placed(closed);
        }
        match closed {
            (Some(from), Some(to)) => self.said(from, to),
            _ => Vec::new(),
        }
    }

    /// How often an activity was tried. A history says it when the activity is over.
    fn attempts(&mut self, from: &Thing, to: &Thing) -> Vec<Placed> {
        let started = |events: &'a [HistoryEvent], place| match event(events, place)?.attributes.as_ref() {
            Some(Attributes::ActivityTaskStartedEventAttributes(started)) => Some(started),
            _ => None,
        };
        if let (Some(one), Some(other)) = (started(self.from, from.started), started(self.to, to.started)) {
            let comparison = &mut self.comparison;
            let attempt = |attempt: i32| attempt.to_string();
            comparison.word(Aspect::Attempts, "", one.attempt.max(1), other.attempt.max(1), attempt);
            let (one, other) = (one.last_failure.as_ref(), other.last_failure.as_ref());
            comparison.failure("of the attempt before", one, other);
        }
        self.placed((from.started, to.started))
    }

    /// What was noted while it lasted: that it should stop, or be done otherwise.
    fn noted(&mut self, from: &Thing, to: &Thing) -> Vec<Placed> {
        let (one, other) = (notes(self.from, &from.changes), notes(self.to, &to.changes));
        let added = other.keys().filter(|note| !one.contains_key(*note));
        for note in one.keys().chain(added) {
            let (one, other) = (one.get(note), other.get(note));
            if one != other {
                let times = |times: Option<&u32>| times.map(u32::to_string);
                self.comparison.add(Aspect::Option, note, times(one), times(other));
            }
        }
        self.placed((from.changes.first().copied(), to.changes.first().copied()))
    }

    /// How long it took, where both have ended. It differs only where it is of another order.
    fn duration(&mut self, what: &str, number: u32, opened: (u32, u32), closed: Places) -> Vec<Placed> {
        let one = between(self.from, opened.0, closed.0);
        let (Some(one), Some(other)) = (one, between(self.to, opened.1, closed.1)) else {
            return Vec::new();
        };
        self.durations.push(Lasted {
            what: what.to_owned(),
            number,
            from_nanos: one.0,
            to_nanos: other.0,
        });
        let (short, long) = (one.min(other), one.max(other));
        if long.0 / OTHER_ORDER_RATIO >= short.0 && long - short >= OTHER_ORDER_LEAST {
            let comparison = &mut self.comparison;
            comparison.add(Aspect::Duration, "", Some(one.to_string()), Some(other.to_string()));
        }
        self.placed(closed)
    }

    // ---- Where it stands.

    /// What was found just now, with the events that say so.
    fn placed(&mut self, places: Places) -> Vec<Placed> {
        let at = self.position(places);
        let (from_event, to_event) = self.ids(places);
        let placed = |difference| Placed {
            from_event,
            to_event,
            difference,
            at,
        };
        std::mem::take(&mut self.comparison.found)
            .into_iter()
            .map(placed)
            .collect()
    }

    fn tell(&mut self, what: &str, places: Places, differences: Vec<Placed>) {
        if !differences.is_empty() {
            self.change(what, 0, Verdict::Changed, places, differences);
        }
    }

    fn change(&mut self, what: &str, number: u32, verdict: Verdict, places: Places, differences: Vec<Placed>) {
        let (from, to) = self.ids(places);
        self.changes.push(Change {
            what: what.to_owned(),
            number,
            verdict,
            from,
            to,
            differences,
            at: self.position(places),
        });
    }

    /// What the first history does not have yet comes behind all that it has.
    fn position(&self, (from, to): Places) -> Position {
        match from {
            Some(from) => Position::from(from),
            None => Position {
                from: count(self.from),
                to: to.unwrap_or(u32::MAX),
            },
        }
    }

    fn ids(&self, (from, to): Places) -> (Option<i64>, Option<i64>) {
        let id = |events, place| event(events, place).map(|event| event.event_id);
        (id(self.from, from), id(self.to, to))
    }
}

fn side(events: &[HistoryEvent], end: Option<u32>) -> Side {
    let mut side = Side {
        events: count(events),
        status: outcome(events, end),
        ..Side::default()
    };
    let first = events.first().and_then(|event| event.attributes.as_ref());
    if let Some(Attributes::WorkflowExecutionStartedEventAttributes(started)) = first {
        side.workflow_type = started
            .workflow_type
            .as_ref()
            .map(|of| of.name.clone())
            .unwrap_or_default();
        side.workflow_id.clone_from(&started.workflow_id);
    }
    side
}
