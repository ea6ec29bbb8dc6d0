//! What no worker has in hand: tasks that wait in queues, workers that are dead or partitioned, and what was done to the
//! world.

use super::Point;
use super::hands::Hands;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::service::queue::QueuedWork;
use crate::sim::Sim;
use crate::sim::node::WorkerName;
use crate::sim::outside::{Entry, EntryKind};
use crate::sim::step::{Record, Step};

/// Queues, outages, effects.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Outside {
    waits: Vec<Wait>,
    waiting: SortedMap<QueuedWork, u32>,
    outages: Vec<Outage>,
    /// Where each worker's outages stand that go on.
    out: SortedMap<(WorkerName, OutageKind), u32>,
    effects: Vec<Effect>,
    entries: usize,
}

/// A task that waited in a queue.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wait {
    /// What waited.
    pub work: QueuedWork,
    /// In which queue, of those that have a lane.
    pub queue: u32,
    /// Since when.
    pub began: Point,
    /// Until when; `None` while it waits.
    pub ended: Option<Point>,
    /// A limit of time took it out of the queue, not a worker.
    pub timed_out: bool,
}

/// A time in which a worker was no help.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outage {
    /// Which worker.
    pub worker: WorkerName,
    /// What was the matter.
    pub kind: OutageKind,
    /// Since when.
    pub began: Point,
    /// Until when; `None` while it lasts.
    pub ended: Option<Point>,
}

/// Why a worker is no help.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutageKind {
    /// Its process was never started.
    NotStarted,
    /// Its process left in good order.
    Left,
    /// Its process died.
    Dead,
    /// It goes on and cannot reach the Service.
    Partitioned,
    /// It took nothing from its sticky queue until a limit ran out: as far as a history tells, it was gone.
    Silent,
}

impl OutageKind {
    /// All that can be seen of a worker.
    const ALL: [Self; 4] = [Self::NotStarted, Self::Left, Self::Dead, Self::Partitioned];
}

/// Something that was done outside, or refused there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effect {
    /// When.
    pub at: Point,
    /// Who did it, with the run it was for.
    pub by: Option<(WorkerName, RunKey)>,
    /// The attempt that did it; `None` for a local activity's.
    pub token: Option<ActivityTaskToken>,
    /// What the world wrote in its journal.
    pub entry: Entry,
}

impl Outside {
    /// All waits, in the order in which they began.
    pub fn waits(&self) -> &[Wait] {
        &self.waits
    }

    /// One more, of a history.
    pub(super) fn push_wait(&mut self, wait: Wait) {
        self.waits.push(wait);
    }

    /// One more, of a history.
    pub(super) fn push_outage(&mut self, outage: Outage) {
        self.outages.push(outage);
    }

    /// All outages, in the order in which they began.
    pub fn outages(&self) -> &[Outage] {
        &self.outages
    }

    /// All effects, in order.
    pub fn effects(&self) -> &[Effect] {
        &self.effects
    }

    /// What was known after so many steps.
    pub(super) fn until(&self, step: u32) -> Self {
        let then = |ended: Option<Point>| ended.filter(|ended| ended.step <= step);
        let begun = self.waits.partition_point(|wait| wait.began.step <= step);
        let mut waits = self.waits[..begun].to_vec();
        let mut waiting = SortedMap::new();
        for (place, wait) in (0..).zip(&mut waits) {
            wait.ended = then(wait.ended);
            wait.timed_out &= wait.ended.is_some();
            if wait.ended.is_none() {
                waiting.insert(wait.work, place);
            }
        }
        let begun = self.outages.partition_point(|outage| outage.began.step <= step);
        let mut outages = self.outages[..begun].to_vec();
        let mut out = SortedMap::new();
        for (place, outage) in (0..).zip(&mut outages) {
            outage.ended = then(outage.ended);
            if outage.ended.is_none() {
                out.insert((outage.worker, outage.kind), place);
            }
        }
        let done = self.effects.partition_point(|effect| effect.at.step <= step);
        Self {
            waits,
            waiting,
            outages,
            out,
            effects: self.effects[..done].to_vec(),
            entries: self.entries - (self.effects.len() - done),
        }
    }

    /// What is the case before the first step.
    pub(super) fn begin(&mut self, sim: &Sim) {
        let begin = Point {
            step: 0,
            at: SimTime::ZERO,
        };
        for node in sim.nodes() {
            self.look_at(sim, node.name, begin);
        }
        self.entries = sim.outside().entries().len();
    }

    /// Takes in one step.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record, hands: &mut Hands) {
        self.queues(sim, record);
        if let Some(worker) = record.what.worker() {
            self.look_at(sim, worker, Point::of(record));
        }
        self.world(sim, record, hands);
    }

    fn queues(&mut self, sim: &Sim, record: &Record) {
        let now = Point::of(record);
        let queues = sim.service().queues();
        let mut there: Vec<QueuedWork> = queues.waiting().map(|(_, task)| task.what).collect();
        there.sort_unstable();
        let timed_out = matches!(record.what, Step::TimerFired { .. });
        let waits = &mut self.waits;
        self.waiting.retain(|work, place| {
            let stays = there.binary_search(work).is_ok();
            if !stays {
                let wait = &mut waits[*place as usize];
                (wait.ended, wait.timed_out) = (Some(now), timed_out);
            }
            stays
        });
        if self.waiting.len() == there.len() {
            return;
        }
        for (_, task) in queues.waiting() {
            if self.waiting.contains_key(&task.what) {
                continue;
            }
            let place = u32::try_from(self.waits.len()).expect("bounded by the steps");
            self.waiting.insert(task.what, place);
            self.waits.push(Wait {
                work: task.what,
                queue: 0,
                began: Point { at: task.since, ..now },
                ended: None,
                timed_out: false,
            });
        }
    }

    fn look_at(&mut self, sim: &Sim, worker: WorkerName, now: Point) {
        let node = &sim.nodes()[usize::from(worker.0)];
        let away = match (&node.process, node.starts) {
            (Some(_), _) => None,
            (None, 0) => Some((OutageKind::NotStarted, node.since)),
            (None, _) if node.left => Some((OutageKind::Left, node.since)),
            (None, _) => Some((OutageKind::Dead, node.since)),
        };
        let partitioned = node.partitioned.filter(|_| node.process.is_some());
        let partitioned = partitioned.map(|since| (OutageKind::Partitioned, since));
        for kind in OutageKind::ALL {
            let since = [away, partitioned].into_iter().flatten().find(|(is, _)| *is == kind);
            match (since, self.out.get(&(worker, kind))) {
                (Some((_, since)), None) => {
                    let place = u32::try_from(self.outages.len()).expect("bounded by the steps");
                    self.out.insert((worker, kind), place);
                    self.outages.push(Outage {
                        worker,
                        kind,
                        began: Point { at: since, ..now },
                        ended: None,
                    });
                }
                (None, Some(place)) => {
                    self.outages[*place as usize].ended = Some(now);
                    self.out.remove(&(worker, kind));
                }
                (Some(_), Some(_)) | (None, None) => {}
            }
        }
    }

    fn world(&mut self, sim: &Sim, record: &Record, hands: &mut Hands) {
        let entries = sim.outside().entries();
        let at = Point::of(record);
        for entry in &entries[self.entries..] {
            let token = super::activities::token(&record.what);
            let by = record.what.worker().zip(record.what.run());
            if let (Some((worker, _)), Some(token)) = (by, token)
                && matches!(entry.kind, EntryKind::Did | EntryKind::Doubled | EntryKind::Undid)
            {
                hands.changed(worker, token, at);
            }
            self.effects.push(Effect {
                at,
                by,
                token,
                entry: entry.clone(),
            });
        }
        self.entries = entries.len();
    }
}
