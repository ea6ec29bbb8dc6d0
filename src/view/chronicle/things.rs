//! What histories begin and end beside tasks and activities: timers, children, updates, calls to other workflows. Each
//! from the event that began it to the one that ended it.

use super::Point;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::class::{End, Part, Thing};
use crate::history::proto::{Attributes, HistoryEvent};
use crate::history::timestamp::{Timestamp, span};
use crate::service::run::Run;
use crate::sim::Sim;
use crate::sim::step::Record;

/// All of them so far.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Things {
    all: Vec<Lasting>,
    /// The places of those that go on, by the event that began them.
    open: SortedMap<(RunKey, i64), u32>,
}

/// Something that a history began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lasting {
    /// Whose history.
    pub run: RunKey,
    /// What it is.
    pub thing: Thing,
    /// The event that began it.
    pub opened_event_id: i64,
    /// When it began.
    pub opened: Point,
    /// When somebody took it up: a child, when it was started.
    pub started: Option<Point>,
    /// When it was over. That of a timer may be the end of its run, which says nothing of it.
    pub closed: Option<Point>,
    /// How it ended, and the event that says so; `None` for what only ended with its run.
    pub end: Option<(End, i64)>,
    /// When it is due to end, for a timer.
    pub due: Option<SimTime>,
}

impl Things {
    /// All, in the order in which their beginnings were written.
    pub fn all(&self) -> &[Lasting] {
        &self.all
    }

    /// One more, of a history.
    pub(super) fn push(&mut self, lasting: Lasting) {
        self.all.push(lasting);
    }

    /// All of them as they were after so many steps.
    pub(super) fn until(&self, step: u32) -> Self {
        let then = |at: Option<Point>| at.filter(|at| at.step <= step);
        let begun = self.all.partition_point(|lasting| lasting.opened.step <= step);
        let mut all = self.all[..begun].to_vec();
        let mut open = SortedMap::new();
        for (place, lasting) in (0..).zip(&mut all) {
            (lasting.started, lasting.closed) = (then(lasting.started), then(lasting.closed));
            if lasting.closed.is_none() {
                lasting.end = None;
                open.insert((lasting.run, lasting.opened_event_id), place);
            }
        }
        Self { all, open }
    }

    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        for key in super::touched(record) {
            let run = sim.service().run(key);
            if let Some(wrote) = record.wrote_to(key) {
                let events = run.log.events();
                let (first, last) = (wrote.first as usize - 1, wrote.last as usize);
                for event in &events[first..last] {
                    self.take(key, event, record);
                }
            }
            if !run.is_open() {
                self.close(run, record);
            }
        }
    }

    fn take(&mut self, run: RunKey, event: &HistoryEvent, record: &Record) {
        // What was held back, or copied by a reset, happened when its event says.
        let told = event.event_time.map_or(record.at, Timestamp::sim_time);
        let now = Point {
            step: record.number,
            at: told.min(record.at),
        };
        match event.class().part {
            Part::Opens(thing) if lasts(thing) => {
                let place = u32::try_from(self.all.len()).expect("bounded by the events");
                self.open.insert((run, event.event_id), place);
                self.all.push(Lasting {
                    run,
                    thing,
                    opened_event_id: event.event_id,
                    opened: now,
                    started: None,
                    closed: None,
                    end: None,
                    due: due(event, now.at),
                });
            }
            Part::Starts(_) => {
                if let Some(open) = self.opened_by(run, event) {
                    open.started = Some(now);
                }
            }
            Part::Closes(_, end) => {
                if let Some(open) = self.opened_by(run, event) {
                    (open.closed, open.end) = (Some(now), Some((end, event.event_id)));
                    let key = (run, open.opened_event_id);
                    self.open.remove(&key);
                }
            }
            Part::Opens(_) | Part::Changes(_) | Part::Alone => {}
        }
    }

    fn opened_by(&mut self, run: RunKey, event: &HistoryEvent) -> Option<&mut Lasting> {
        let opened = event.opened_by()?.to;
        let place = *self.open.get(&(run, opened))?;
        self.all.get_mut(place as usize)
    }

    /// A run that is over has no timers and answers no updates any more. Its children may go on without it, and nobody
    /// will write down how they ended.
    fn close(&mut self, run: &Run, record: &Record) {
        let next = self.open.iter_from(&(run.key, 0)).next();
        if next.is_none_or(|((of, _), _)| *of != run.key) {
            return;
        }
        let all = &mut self.all;
        self.open.retain(|(of, _), place| {
            if *of == run.key {
                all[*place as usize].closed = Some(Point::of(record));
            }
            *of != run.key
        });
    }
}

/// What is not told elsewhere in the chronicle.
const fn lasts(thing: Thing) -> bool {
    match thing {
        Thing::Timer
        | Thing::Child
        | Thing::SignalOut
        | Thing::CancelOut
        | Thing::Update
        | Thing::NexusOperation
        | Thing::NexusCancel => true,
        Thing::Run | Thing::WorkflowTask | Thing::Activity => false,
    }
}

/// When it is due to end, for a timer that began then.
pub(super) fn due(event: &HistoryEvent, began: SimTime) -> Option<SimTime> {
    match &event.attributes {
        Some(Attributes::TimerStartedEventAttributes(timer)) => {
            Some(began + span(timer.start_to_fire_timeout.as_ref()))
        }
        _ => None,
    }
}
