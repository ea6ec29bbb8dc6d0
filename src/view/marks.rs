//! The time picture: a mark for everything that takes time or happens in one of its lanes, read off the chronicle.
//!
//! Marks are small; their words are made when somebody looks at one, by `mark_words`. What goes on at the same time in
//! one lane lies in rows, one below the other; which row is a matter of the whole run, so that nothing moves while the
//! reader does.

#![warn(clippy::wildcard_enum_match_arm)]

use super::chronicle::activities::Between;
use super::chronicle::messages::Message;
use super::chronicle::outside::{Effect, Outage, OutageKind, Wait};
use super::chronicle::things::Lasting;
use super::chronicle::work::{End, What, Work};
use super::chronicle::{Chronicle, Point};
use super::recording::{Lane, LaneKind, Mark, MarkKind, Outcome, Recording};
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::class::{End as ClassEnd, Thing};
use crate::service::queue::QueuedWork;
use crate::sim::Sim;
use crate::sim::node::WorkerName;
use crate::sim::outside::EntryKind;

/// More rows a lane has not: what does not fit lies in the last.
const MOST_ROWS: usize = 12;

/// The lanes of a world, top to bottom: first whom it serves, then the Service with what it keeps, then the workers, then
/// the world outside. Lanes in which nothing would ever be are left out.
pub(super) fn lanes(sim: &Sim, chronicle: &Chronicle) -> Vec<Lane> {
    let lane = |name: &str, kind| Lane {
        name: name.to_owned(),
        kind,
    };
    let mut lanes = lanes_of_history(chronicle);
    lanes.push(lane(
        &format!("Queue {}", sim.setup().start.task_queue),
        LaneKind::Queue,
    ));
    let workers = sim.nodes().iter();
    lanes.extend(workers.map(|node| lane(&format!("Worker {}", node.name), LaneKind::Worker)));
    let systems = sim.outside().systems();
    lanes.extend(systems.iter().map(|system| lane(system, LaneKind::World)));
    lanes
}

/// Those above the queues: whom the run serves, and what the Service keeps.
pub(super) fn lanes_of_history(chronicle: &Chronicle) -> Vec<Lane> {
    let lane = |name: &str, kind| Lane {
        name: name.to_owned(),
        kind,
    };
    let things = chronicle.things.all();
    let has = |kind| things.iter().any(|lasting| lane_of_thing(lasting.thing) == Some(kind));
    let mut lanes = Vec::new();
    if chronicle.messages.all().iter().any(|message| message.act > 0) {
        lanes.push(lane("Clients", LaneKind::Clients));
    }
    lanes.push(lane("Service", LaneKind::Service));
    if has(LaneKind::Timers) {
        lanes.push(lane("Timers", LaneKind::Timers));
    }
    if has(LaneKind::Others) {
        lanes.push(lane("Workflows", LaneKind::Others));
    }
    lanes
}

/// In which lane a thing is drawn; what a client asked for is drawn there, and not twice.
const fn lane_of_thing(thing: Thing) -> Option<LaneKind> {
    match thing {
        Thing::Timer => Some(LaneKind::Timers),
        Thing::Child | Thing::SignalOut | Thing::CancelOut | Thing::NexusOperation => Some(LaneKind::Others),
        Thing::Run | Thing::WorkflowTask | Thing::Activity | Thing::Update | Thing::NexusCancel => None,
    }
}

/// All marks, in the order of their beginnings; of what histories tell, that of one run.
pub(super) fn marks(recording: &Recording, run: RunKey) -> Vec<Mark> {
    let of_kind = |kind| {
        let place = recording.lanes.iter().position(|lane| lane.kind == kind);
        u32::try_from(place.unwrap_or(0)).unwrap_or(0)
    };
    let picture = Picture {
        recording,
        run,
        service: of_kind(LaneKind::Service),
        queue: of_kind(LaneKind::Queue),
        first_worker: of_kind(LaneKind::Worker),
        clients: of_kind(LaneKind::Clients),
    };
    let chronicle = &recording.chronicle;
    let mut marks = picture.dots();
    marks.extend(
        (0..)
            .zip(chronicle.outside.effects())
            .filter_map(|(of, effect)| picture.effect(of, effect)),
    );
    for (of, work) in (0..).zip(chronicle.hands.work()) {
        picture.work(of, work, &mut marks);
    }
    marks.extend(
        (0..)
            .zip(chronicle.outside.waits())
            .map(|(of, wait)| picture.wait(of, wait)),
    );
    picture.backoffs(&mut marks);
    marks.extend(
        (0..)
            .zip(chronicle.outside.outages())
            .map(|(of, outage)| picture.outage(of, outage)),
    );
    marks.extend(
        (0..)
            .zip(chronicle.things.all())
            .filter_map(|(of, lasting)| picture.thing(of, lasting)),
    );
    if recording.lanes.iter().any(|lane| lane.kind == LaneKind::Clients) {
        marks.extend(
            (0..)
                .zip(chronicle.messages.all())
                .map(|(of, message)| picture.message(of, message)),
        );
    }
    marks.sort_by_key(|mark| mark.from_step);
    picture.give_rows(&mut marks);
    marks
}

struct Picture<'a> {
    recording: &'a Recording,
    run: RunKey,
    service: u32,
    queue: u32,
    first_worker: u32,
    clients: u32,
}

impl Picture<'_> {
    /// A mark from one moment to another, or to the end.
    fn mark(&self, (lane, kind): (u32, MarkKind), from: Point, to: Option<Point>, of: u32) -> Mark {
        let end = || Point {
            step: self.recording.last() + 1,
            at: self.recording.end_time(),
        };
        let to = to.unwrap_or_else(end);
        Mark {
            lane,
            row: 0,
            kind,
            from: from.at,
            to: to.at.max(from.at),
            due: None,
            from_step: from.step,
            to_step: to.step,
            outcome: Outcome::Running,
            event: None,
            by: None,
            of,
        }
    }

    fn dot(&self, lane: u32, kind: MarkKind, at: Point, of: u32) -> Mark {
        self.mark((lane, kind), at, Some(at), of)
    }

    /// The event of a run, if it is the one that is shown.
    fn event(&self, run: RunKey, event_id: i64) -> Option<u32> {
        u32::try_from(event_id).ok().filter(|_| run == self.run)
    }

    fn dots(&self) -> Vec<Mark> {
        let events = self.recording.history(self.run).iter().zip(1..);
        let dot = |(event, id): (&crate::history::proto::HistoryEvent, u32)| {
            let step = self.recording.chronicle.runs.get(self.run)?.of_event(id)?.0;
            let class = event.class();
            let at = Point {
                step,
                at: self.recording.at(step),
            };
            let dot = self.dot(self.service, MarkKind::Event(class.category), at, id);
            Some(Mark {
                outcome: Outcome::of(class),
                event: Some(id),
                ..dot
            })
        };
        events.filter_map(dot).collect()
    }

    fn effect(&self, of: u32, effect: &Effect) -> Option<Mark> {
        let name = &effect.entry.system;
        let lanes = &self.recording.lanes;
        let lane = lanes
            .iter()
            .position(|lane| lane.kind == LaneKind::World && lane.name == *name)?;
        let dot = self.dot(u32::try_from(lane).ok()?, MarkKind::Effect, effect.at, of);
        Some(Mark {
            outcome: match effect.entry.kind {
                EntryKind::Refused | EntryKind::Doubled => Outcome::Failed,
                EntryKind::Did | EntryKind::Undid | EntryKind::Repeated | EntryKind::Moot => Outcome::Ok,
            },
            event: effect
                .token
                .and_then(|token| self.event(token.run, token.scheduled_event_id)),
            by: effect.by.map(|(worker, _)| self.lane_of(worker)),
            ..dot
        })
    }

    fn work(&self, of: u32, work: &Work, marks: &mut Vec<Mark>) {
        let lane = self.lane_of(work.worker);
        let bar = |kind, outcome, event| Mark {
            outcome,
            event,
            ..self.mark((lane, kind), work.began, work.ended, of)
        };
        match &work.what {
            What::WorkflowTask(task) => {
                marks.push(bar(MarkKind::WorkflowTask, outcome(work), None));
                if let Some(replay) = task.replay {
                    let from = Point {
                        at: replay.began.at,
                        ..replay.began
                    };
                    marks.push(Mark {
                        outcome: Outcome::Ok,
                        ..self.mark((lane, MarkKind::Replay), from, Some(replay.ended), of)
                    });
                }
            }
            What::Activity(attempt) => {
                let event = self.event(work.run, attempt.token.scheduled_event_id);
                marks.push(bar(MarkKind::Activity, outcome(work), event));
                for at in &attempt.heartbeats {
                    let mark = self.dot(lane, MarkKind::Heartbeat, *at, of);
                    marks.push(Mark {
                        outcome: Outcome::Ok,
                        event,
                        ..mark
                    });
                }
                if let Some(changed) = attempt.changed {
                    let lost = matches!(work.end, End::Lost | End::GaveUp);
                    let mark = self.mark((self.service, MarkKind::Danger), changed, work.ended, of);
                    let outcome = match (work.ended, lost) {
                        (None, _) => Outcome::Running,
                        (Some(_), true) => Outcome::Lost,
                        (Some(_), false) => Outcome::Ok,
                    };
                    marks.push(Mark { outcome, event, ..mark });
                }
            }
            What::LocalActivity(_) => marks.push(bar(MarkKind::Activity, outcome(work), None)),
        }
    }

    fn wait(&self, of: u32, wait: &Wait) -> Mark {
        let (kind, event) = match wait.work {
            QueuedWork::Workflow {
                run,
                scheduled_event_id,
                ..
            } => (MarkKind::TaskWaits, self.event(run, scheduled_event_id)),
            QueuedWork::Query { .. } => (MarkKind::TaskWaits, None),
            QueuedWork::Activity {
                run,
                scheduled_event_id,
                ..
            } => (MarkKind::ActivityWaits, self.event(run, scheduled_event_id)),
        };
        let outcome = match (wait.ended, wait.timed_out) {
            (None, _) => Outcome::Running,
            (Some(_), true) => Outcome::TimedOut,
            (Some(_), false) => Outcome::Ok,
        };
        Mark {
            outcome,
            event,
            ..self.mark((self.queue + wait.queue, kind), wait.began, wait.ended, of)
        }
    }

    fn backoffs(&self, marks: &mut Vec<Mark>) {
        for (of, activity) in (0..).zip(self.recording.chronicle.activities.all()) {
            if let Some(earlier) = &activity.earlier {
                let inferred = earlier.backoffs.iter();
                marks.extend(inferred.map(|(since, until, _)| {
                    let point = |at| Point {
                        step: self.recording.at_time(at).max(activity.opened),
                        at,
                    };
                    Mark {
                        outcome: Outcome::Ok,
                        event: self.event(activity.run, activity.scheduled_event_id),
                        ..self.mark(
                            (self.queue + earlier.queue, MarkKind::Backoff),
                            point(*since),
                            Some(point(*until)),
                            of,
                        )
                    }
                }));
            }
            let mut states = activity.state.iter().peekable();
            while let Some((step, state)) = states.next() {
                let Between::BacksOff { since, .. } = *state else {
                    continue;
                };
                let over = states.peek().map(|(step, _)| *step).or(activity.over);
                let to = over.map(|step| Point {
                    step,
                    at: self.recording.at(step),
                });
                let from = Point { step, at: since };
                let outcome = if to.is_some() { Outcome::Ok } else { Outcome::Running };
                marks.push(Mark {
                    outcome,
                    event: self.event(activity.run, activity.scheduled_event_id),
                    ..self.mark((self.queue, MarkKind::Backoff), from, to, of)
                });
            }
        }
    }

    fn outage(&self, of: u32, outage: &Outage) -> Mark {
        let outcome = outage.ended.map_or(Outcome::Running, |_| Outcome::Ok);
        let lane = self.lane_of(outage.worker);
        let kind = match outage.kind {
            OutageKind::NotStarted | OutageKind::Left => MarkKind::Away,
            OutageKind::Dead | OutageKind::Partitioned | OutageKind::Silent => MarkKind::Dead,
        };
        Mark {
            outcome,
            ..self.mark((lane, kind), outage.began, outage.ended, of)
        }
    }

    /// What the history that is shown has begun.
    fn thing(&self, of: u32, lasting: &Lasting) -> Option<Mark> {
        let kind = lane_of_thing(lasting.thing).filter(|_| lasting.run == self.run)?;
        let lane = self.recording.lanes.iter().position(|lane| lane.kind == kind)?;
        let mark_kind = if lasting.thing == Thing::Timer {
            MarkKind::Timer
        } else if lasting.thing == Thing::Child {
            MarkKind::Child
        } else {
            MarkKind::Call
        };
        let outcome = match (lasting.closed, lasting.end) {
            (None, _) => Outcome::Running,
            (Some(_), None) => Outcome::Canceled,
            (Some(_), Some((end, _))) => match end {
                ClassEnd::Ok => Outcome::Ok,
                ClassEnd::Failed | ClassEnd::Terminated => Outcome::Failed,
                ClassEnd::TimedOut => Outcome::TimedOut,
                ClassEnd::Canceled => Outcome::Canceled,
            },
        };
        Some(Mark {
            outcome,
            event: self.event(lasting.run, lasting.opened_event_id),
            due: lasting.due,
            ..self.mark(
                (u32::try_from(lane).ok()?, mark_kind),
                lasting.opened,
                lasting.closed,
                of,
            )
        })
    }

    fn message(&self, of: u32, message: &Message) -> Mark {
        let heard = message.heard.as_ref();
        let to = match heard {
            Some(heard) => Some(heard.at),
            None if message.kind.is_answered() && message.refused.is_none() => None,
            None => Some(message.sent),
        };
        let outcome = match (to, &message.refused, heard) {
            (None, ..) => Outcome::Running,
            (_, Some(_), _) => Outcome::Failed,
            (_, None, Some(heard)) if !heard.ok => Outcome::Failed,
            (_, None, _) => Outcome::Ok,
        };
        let event = message.event.filter(|(run, _)| *run == self.run);
        Mark {
            outcome,
            event: event.map(|(_, event)| event),
            ..self.mark((self.clients, MarkKind::Message(message.kind)), message.sent, to, of)
        }
    }

    fn lane_of(&self, worker: WorkerName) -> u32 {
        self.first_worker + u32::from(worker.0)
    }

    /// Gives each mark the row of its lane. What lasts takes the first that is free, the next attempt of an activity that
    /// of the one before; replays have rows of their own below; heartbeats go with their attempt.
    fn give_rows(&self, marks: &mut [Mark]) {
        let mut order: Vec<usize> = (0..marks.len()).filter(|i| has_rows(marks[*i].kind)).collect();
        order.sort_by_key(|i| (marks[*i].from, marks[*i].from_step, *i));
        let mut lanes: Vec<[Rows; 2]> = vec![<[Rows; 2]>::default(); self.recording.lanes.len()];
        let mut of_work: SortedMap<u32, u32> = SortedMap::new();
        for i in order {
            let mark = marks[i];
            let ghost = usize::from(mark.kind == MarkKind::Replay);
            let row = lanes[mark.lane as usize][ghost].take(mark.from, mark.to, self.about(&mark));
            marks[i].row = row;
            if mark.kind == MarkKind::Activity {
                of_work.insert(mark.of, row);
            }
        }
        for mark in marks {
            if mark.kind == MarkKind::Heartbeat {
                mark.row = of_work.get(&mark.of).copied().unwrap_or(0);
            }
            if mark.kind == MarkKind::Replay {
                let [work, _] = &lanes[mark.lane as usize];
                mark.row += u32::try_from(work.0.len().max(1)).unwrap_or(0);
            }
        }
    }

    /// The activity that a mark is about.
    fn about(&self, mark: &Mark) -> Option<(RunKey, i64)> {
        let chronicle = &self.recording.chronicle;
        let of = mark.of as usize;
        match mark.kind {
            MarkKind::Activity => match &chronicle.hands.work().get(of)?.what {
                What::Activity(attempt) => Some((attempt.token.run, attempt.token.scheduled_event_id)),
                What::WorkflowTask(_) | What::LocalActivity(_) => None,
            },
            MarkKind::ActivityWaits => match chronicle.outside.waits().get(of)?.work {
                QueuedWork::Activity {
                    run,
                    scheduled_event_id,
                    ..
                } => Some((run, scheduled_event_id)),
                QueuedWork::Workflow { .. } | QueuedWork::Query { .. } => None,
            },
            MarkKind::Backoff => {
                let activity = chronicle.activities.all().get(of)?;
                Some((activity.run, activity.scheduled_event_id))
            }
            MarkKind::Event(_)
            | MarkKind::TaskWaits
            | MarkKind::WorkflowTask
            | MarkKind::Replay
            | MarkKind::Heartbeat
            | MarkKind::Timer
            | MarkKind::Child
            | MarkKind::Call
            | MarkKind::Message(_)
            | MarkKind::Dead
            | MarkKind::Away
            | MarkKind::Effect
            | MarkKind::Danger => None,
        }
    }
}

/// Whether such marks lie in rows; the others go through their whole lane, or are dots.
const fn has_rows(kind: MarkKind) -> bool {
    match kind {
        MarkKind::TaskWaits
        | MarkKind::ActivityWaits
        | MarkKind::Backoff
        | MarkKind::WorkflowTask
        | MarkKind::Replay
        | MarkKind::Activity
        | MarkKind::Timer
        | MarkKind::Child
        | MarkKind::Call
        | MarkKind::Message(_) => true,
        MarkKind::Event(_)
        | MarkKind::Heartbeat
        | MarkKind::Dead
        | MarkKind::Away
        | MarkKind::Effect
        | MarkKind::Danger => false,
    }
}

/// The rows of a lane while marks are put into them: until when each is taken, and what was in it last.
#[derive(Clone, Debug, Default)]
struct Rows(Vec<(SimTime, Option<(RunKey, i64)>)>);

impl Rows {
    fn take(&mut self, from: SimTime, to: SimTime, about: Option<(RunKey, i64)>) -> u32 {
        let free = |row: &(SimTime, Option<(RunKey, i64)>)| row.0 <= from;
        let same = self
            .0
            .iter()
            .position(|row| free(row) && about.is_some() && row.1 == about);
        let row = same.or_else(|| self.0.iter().position(free));
        let row = row.unwrap_or_else(|| {
            if self.0.len() < MOST_ROWS {
                self.0.push((SimTime::ZERO, None));
            }
            self.0.len() - 1
        });
        self.0[row] = (self.0[row].0.max(to), about);
        u32::try_from(row).unwrap_or(0)
    }
}

fn outcome(work: &Work) -> Outcome {
    let wanted = match &work.what {
        What::Activity(attempt) => attempt.accepted,
        What::WorkflowTask(_) | What::LocalActivity(_) => true,
    };
    match &work.end {
        End::Open => Outcome::Running,
        End::Lost | End::GaveUp => Outcome::Lost,
        End::Unwanted => Outcome::TimedOut,
        End::Ok | End::Cancelled | End::Failed(_) if !wanted => Outcome::TimedOut,
        End::Ok => Outcome::Ok,
        End::Cancelled => Outcome::Canceled,
        End::Failed(_) | End::Refused(_) => Outcome::Failed,
    }
}
