//! The time picture: a mark for everything that takes time or happens in one of its lanes, read off the chronicle.
//!
//! Marks are small; their words are made when somebody looks at one ([`label`], [`tip`]).

#![warn(clippy::wildcard_enum_match_arm)]

use super::chronicle::activities::Between;
use super::chronicle::outside::{Effect, Outage, OutageKind, Wait};
use super::chronicle::work::{End, What, Work};
use super::chronicle::{Chronicle, Point};
use super::recording::{Lane, LaneKind, Mark, MarkKind, Outcome, Recording};
use super::words::clock;
use crate::base::time::SimTime;
use crate::contract::task::RunKey;
use crate::history::proto::event_name;
use crate::service::queue::QueuedWork;
use crate::sim::Sim;
use crate::sim::node::WorkerName;
use crate::sim::outside::EntryKind;

const SERVICE: u32 = 0;
const QUEUE: u32 = 1;
const FIRST_WORKER: u32 = 2;

/// The lanes of a world, top to bottom.
pub(super) fn lanes(sim: &Sim) -> Vec<Lane> {
    let lane = |name: String, kind| Lane { name, kind };
    let mut lanes = vec![
        lane("Service".to_owned(), LaneKind::Service),
        lane(format!("Queue {}", sim.setup().start.task_queue), LaneKind::Queue),
    ];
    let workers = sim.nodes().iter();
    lanes.extend(workers.map(|node| lane(format!("Worker {}", node.name), LaneKind::Worker)));
    let systems = sim.outside().systems().into_iter();
    lanes.extend(systems.map(|system| lane(system, LaneKind::World)));
    lanes
}

/// All marks, in the order of their beginnings; of the events, those of one run.
pub(super) fn marks(recording: &Recording, run: RunKey) -> Vec<Mark> {
    let picture = Picture { recording, run };
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
    marks.sort_by_key(|mark| mark.from_step);
    marks
}

struct Picture<'a> {
    recording: &'a Recording,
    run: RunKey,
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
            kind,
            from: from.at,
            to: to.at.max(from.at),
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
            let dot = self.dot(SERVICE, MarkKind::Event(class.category), at, id);
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
            by: effect.by.map(|(worker, _)| lane_of(worker)),
            ..dot
        })
    }

    fn work(&self, of: u32, work: &Work, marks: &mut Vec<Mark>) {
        let lane = lane_of(work.worker);
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
                if let Some(changed) = attempt.changed {
                    let lost = matches!(work.end, End::Lost | End::GaveUp);
                    let mark = self.mark((SERVICE, MarkKind::Danger), changed, work.ended, of);
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
            ..self.mark((QUEUE, kind), wait.began, wait.ended, of)
        }
    }

    fn backoffs(&self, marks: &mut Vec<Mark>) {
        for (of, activity) in (0..).zip(self.recording.chronicle.activities.all()) {
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
                    ..self.mark((QUEUE, MarkKind::Backoff), from, to, of)
                });
            }
        }
    }

    fn outage(&self, of: u32, outage: &Outage) -> Mark {
        let outcome = outage.ended.map_or(Outcome::Running, |_| Outcome::Ok);
        let lane = lane_of(outage.worker);
        Mark {
            outcome,
            ..self.mark((lane, MarkKind::Dead), outage.began, outage.ended, of)
        }
    }
}

fn lane_of(worker: WorkerName) -> u32 {
    FIRST_WORKER + u32::from(worker.0)
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

/// Short words that are drawn on a mark if there is room.
pub(super) fn label(recording: &Recording, mark: &Mark) -> String {
    let chronicle = &recording.chronicle;
    let of = mark.of as usize;
    match mark.kind {
        MarkKind::Event(_) => mark.of.to_string(),
        MarkKind::TaskWaits | MarkKind::ActivityWaits => waiting_for(recording, &chronicle.outside.waits()[of]),
        MarkKind::Backoff => match backoff(chronicle, mark) {
            Some((since, until, _)) => format!("backoff {}", until.since(since)),
            None => String::new(),
        },
        MarkKind::WorkflowTask => "workflow task".to_owned(),
        MarkKind::Replay => match &chronicle.hands.work()[of].what {
            What::WorkflowTask(task) => task
                .replay
                .map_or_else(String::new, |replay| format!("replay {}–{}", replay.first, replay.last)),
            What::Activity(_) | What::LocalActivity(_) => String::new(),
        },
        MarkKind::Activity => attempt_name(&chronicle.hands.work()[of]),
        MarkKind::Dead => {
            let outage = &chronicle.outside.outages()[of];
            let since = clock(outage.began.at);
            match outage.kind {
                OutageKind::NotStarted => "not started".to_owned(),
                OutageKind::Dead => format!("dead since {since}, memory lost"),
                OutageKind::Partitioned => format!("cut off since {since}"),
            }
        }
        MarkKind::Effect => chronicle.outside.effects()[of].entry.text.clone(),
        MarkKind::Danger => "done, not recorded".to_owned(),
    }
}

/// A full sentence about a mark.
pub(super) fn tip(recording: &Recording, run: RunKey, mark: &Mark) -> String {
    let chronicle = &recording.chronicle;
    let of = mark.of as usize;
    let since = clock(mark.from);
    match mark.kind {
        MarkKind::Event(_) => {
            let event = recording.history(run).get(of.wrapping_sub(1));
            let name = event.map_or("", |event| event_name(event.event_type()));
            format!("event {}, {name}, at {since}", mark.of)
        }
        MarkKind::TaskWaits | MarkKind::ActivityWaits => {
            let what = waiting_for(recording, &chronicle.outside.waits()[of]);
            format!("{what} waits for a worker since {since}")
        }
        MarkKind::Backoff => {
            let activity = &chronicle.activities.all()[of];
            let name = recording.activity_type(activity.run, activity.scheduled_event_id);
            match backoff(chronicle, mark) {
                Some((since, until, attempt)) => {
                    format!("{name} backs off {} before attempt {attempt}", until.since(since))
                }
                None => name.to_owned(),
            }
        }
        MarkKind::WorkflowTask => {
            let worker = chronicle.hands.work()[of].worker;
            format!("worker {worker} runs a workflow task since {since}")
        }
        MarkKind::Replay => {
            let work = &chronicle.hands.work()[of];
            let events = match &work.what {
                What::WorkflowTask(task) => task.replay.map_or((0, 0), |replay| (replay.first, replay.last)),
                What::Activity(_) | What::LocalActivity(_) => (0, 0),
            };
            format!("worker {} replays events {} to {}", work.worker, events.0, events.1)
        }
        MarkKind::Activity => {
            let work = &chronicle.hands.work()[of];
            let within = match work.what {
                What::LocalActivity(_) => " within its workflow task",
                What::WorkflowTask(_) | What::Activity(_) => "",
            };
            format!(
                "worker {} runs {}{within} since {since}",
                work.worker,
                attempt_name(work)
            )
        }
        MarkKind::Dead => {
            let outage = &chronicle.outside.outages()[of];
            let worker = outage.worker;
            match outage.kind {
                OutageKind::NotStarted => format!("worker {worker} is not started yet"),
                OutageKind::Dead => {
                    format!("worker {worker} is dead since {since}; what it had in memory is lost")
                }
                OutageKind::Partitioned => format!(
                    "worker {worker} cannot reach the Service since {since}, and goes on with what it has in hand"
                ),
            }
        }
        MarkKind::Effect => {
            let entry = &chronicle.outside.effects()[of].entry;
            format!("{}: {}, at {since}", entry.system, entry.text)
        }
        MarkKind::Danger => format!(
            "the effect of {} is done and not recorded: a crash here repeats it",
            attempt_name(&chronicle.hands.work()[of])
        ),
    }
}

/// `ProcessPayment #2`
fn attempt_name(work: &Work) -> String {
    match &work.what {
        What::WorkflowTask(_) => "workflow task".to_owned(),
        What::Activity(attempt) => format!("{} #{}", attempt.activity_type, attempt.token.attempt),
        What::LocalActivity(attempt) => format!("{} #{}", attempt.activity_type, attempt.attempt),
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

/// From when until when a backoff lasts, and before which attempt.
fn backoff(chronicle: &Chronicle, mark: &Mark) -> Option<(SimTime, SimTime, u32)> {
    match *chronicle
        .activities
        .all()
        .get(mark.of as usize)?
        .state
        .at(mark.from_step)?
    {
        Between::BacksOff { since, until, attempt } => Some((since, until, attempt)),
        Between::Queued { .. } | Between::Started { .. } => None,
    }
}
