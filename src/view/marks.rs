//! The time picture: lanes, and a mark for everything that takes time or happens in one of them.
//!
//! Marks follow *conditions*: after each step the world is asked what is the case ("task 3 waits", "worker A runs
//! ProcessPayment"); a condition that is new opens a mark, one that is over closes it, and how it ended is read off the
//! step that ended it. So nothing can begin without ending, and an outage shows by itself.

use super::recording::{Lane, LaneKind, Mark, MarkKind, Outcome};
use super::words::clock;
use crate::base::sorted::SortedMap;
use crate::base::time::SimTime;
use crate::contract::task::{ActivityTaskToken, RunKey};
use crate::history::proto::{HistoryEvent, event_name};
use crate::service::queue::QueuedWork;
use crate::service::unwritten::AttemptState;
use crate::sim::Sim;
use crate::sim::agenda::LocalToken;
use crate::sim::node::WorkerName;
use crate::sim::outside::EntryKind;
use crate::sim::step::{Answered, Record, Step};

const SERVICE: u32 = 0;
const QUEUE: u32 = 1;
const FIRST_WORKER: u32 = 2;

/// The lanes and marks so far.
#[derive(Debug)]
pub(super) struct Marks {
    lanes: Vec<Lane>,
    open: SortedMap<Condition, usize>,
    marks: Vec<Mark>,
    entries: usize,
    /// Attempts that have changed a ledger: only for these a crash before the answer is a danger.
    changed: Vec<ActivityTaskToken>,
    replay: SortedMap<WorkerName, usize>,
    idle_since: SortedMap<WorkerName, SimTime>,
}

/// Something that is the case for a while.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Condition {
    Waits(QueuedWork),
    BacksOff(RunKey, i64, u32),
    CutOff(WorkerName),
    RunsWorkflowTask(WorkerName, RunKey),
    RunsActivity(WorkerName, ActivityTaskToken),
    RunsLocally(WorkerName, LocalToken),
    Unrecorded(ActivityTaskToken),
    Dead(WorkerName),
}

impl Marks {
    pub(super) fn new(sim: &Sim) -> Self {
        let lane = |name: String, kind| Lane { name, kind };
        let mut lanes = vec![
            lane("Service".to_owned(), LaneKind::Service),
            lane(format!("Queue {}", sim.setup().start.task_queue), LaneKind::Queue),
        ];
        lanes.extend(
            sim.nodes()
                .iter()
                .map(|node| lane(format!("Worker {}", node.name), LaneKind::Worker)),
        );
        lanes.extend(
            sim.outside()
                .systems()
                .into_iter()
                .map(|system| lane(system, LaneKind::World)),
        );
        Self {
            lanes,
            open: SortedMap::new(),
            marks: Vec::new(),
            entries: 0,
            changed: Vec::new(),
            replay: SortedMap::new(),
            idle_since: SortedMap::new(),
        }
    }

    /// Takes in one step and the events it wrote. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record, written: &[HistoryEvent]) {
        self.dots(record, written);
        self.effects(sim, record);
        self.replays(record);
        let now_true = conditions(sim, record, &self.changed);
        let over: Vec<Condition> = self
            .open
            .keys()
            .filter(|c| !now_true.contains_key(*c))
            .cloned()
            .collect();
        for condition in over {
            let mark = self.open.remove(&condition).expect("the key comes from the map");
            let mark = &mut self.marks[mark];
            mark.to = record.at;
            mark.to_step = record.number;
            mark.outcome = outcome(&condition, record);
        }
        for (condition, seed) in now_true {
            if self.open.contains_key(&condition) {
                continue;
            }
            self.open.insert(condition.clone(), self.marks.len());
            let lane = self.lane_of(&condition);
            self.marks.push(seed.mark(lane, record));
        }
    }

    /// The lanes and marks of the whole run; what is still open reaches to the end.
    pub(super) fn finish(mut self, end: SimTime, steps: u32) -> (Vec<Lane>, Vec<Mark>) {
        for mark in self.open.into_values() {
            self.marks[mark].to = end;
            self.marks[mark].to_step = steps + 1;
        }
        (self.lanes, self.marks)
    }

    fn lane_of(&self, condition: &Condition) -> u32 {
        match condition {
            Condition::Waits(_) | Condition::BacksOff(..) => QUEUE,
            Condition::RunsWorkflowTask(worker, _)
            | Condition::RunsActivity(worker, _)
            | Condition::RunsLocally(worker, _)
            | Condition::CutOff(worker)
            | Condition::Dead(worker) => FIRST_WORKER + u32::from(worker.0),
            Condition::Unrecorded(_) => SERVICE,
        }
    }

    fn dots(&mut self, record: &Record, written: &[HistoryEvent]) {
        for event in written {
            let name = event_name(event.event_type());
            let id = u32::try_from(event.event_id).unwrap_or(u32::MAX);
            self.marks.push(Mark {
                lane: SERVICE,
                kind: MarkKind::Event(event.class().category),
                from: record.at,
                to: record.at,
                from_step: record.number,
                to_step: record.number,
                outcome: Outcome::of(event.class()),
                label: id.to_string(),
                tip: format!("event {id}, {name}, at {}", clock(record.at)),
                event: Some(id),
            });
        }
    }

    fn effects(&mut self, sim: &Sim, record: &Record) {
        let token = match &record.what {
            Step::Effect { token, .. } => Some(*token),
            Step::LocalEffect { .. } => None,
            _ => return,
        };
        let entries = sim.outside().entries();
        for entry in &entries[self.entries..] {
            if matches!(entry.kind, EntryKind::Did | EntryKind::Doubled | EntryKind::Undid) {
                self.changed.extend(token);
            }
            let mut lanes = self.lanes.iter();
            let Some(lane) = lanes.position(|lane| lane.kind == LaneKind::World && lane.name == entry.system) else {
                continue;
            };
            self.marks.push(Mark {
                lane: u32::try_from(lane).expect("few lanes"),
                kind: MarkKind::Effect,
                from: record.at,
                to: record.at,
                from_step: record.number,
                to_step: record.number,
                outcome: match entry.kind {
                    EntryKind::Refused | EntryKind::Doubled => Outcome::Failed,
                    _ => Outcome::Ok,
                },
                label: entry.text.clone(),
                tip: format!("{}: {}, at {}", entry.system, entry.text, clock(record.at)),
                event: token.and_then(|token| u32::try_from(token.scheduled_event_id).ok()),
            });
        }
        self.entries = entries.len();
    }

    /// Consecutive replays of one worker are one ghost.
    fn replays(&mut self, record: &Record) {
        let Some(worker) = record.what.worker() else { return };
        let began = self.idle_since.insert(worker, record.at).unwrap_or(record.at);
        let Step::Activated { activated, .. } = &record.what else {
            self.replay.remove(&worker);
            return;
        };
        if !activated.replaying {
            self.replay.remove(&worker);
            return;
        }
        let (first, last) = activated.events;
        if let Some(mark) = self.replay.get(&worker) {
            let mark = &mut self.marks[*mark];
            mark.to = record.at;
            mark.to_step = record.number;
            mark.label = format!("replay 1–{last}");
            mark.tip = format!("worker {worker} replays events 1 to {last}");
            return;
        }
        self.replay.insert(worker, self.marks.len());
        self.marks.push(Mark {
            lane: FIRST_WORKER + u32::from(worker.0),
            kind: MarkKind::Replay,
            from: began,
            to: record.at,
            from_step: record.number,
            to_step: record.number,
            outcome: Outcome::Ok,
            label: format!("replay {first}–{last}"),
            tip: format!("worker {worker} replays events {first} to {last}"),
            event: None,
        });
    }
}

/// A mark that is about to be opened.
struct Seed {
    kind: MarkKind,
    from: SimTime,
    label: String,
    tip: String,
    event: Option<i64>,
}

impl Seed {
    fn mark(self, lane: u32, record: &Record) -> Mark {
        Mark {
            lane,
            kind: self.kind,
            from: self.from,
            to: record.at,
            from_step: record.number,
            to_step: u32::MAX,
            outcome: Outcome::Running,
            label: self.label,
            tip: self.tip,
            event: self.event.and_then(|id| u32::try_from(id).ok()),
        }
    }
}

fn conditions(sim: &Sim, record: &Record, changed: &[ActivityTaskToken]) -> SortedMap<Condition, Seed> {
    let mut found = SortedMap::new();
    for (_, task) in sim.service().queues().waiting() {
        let (kind, label, event) = match task.what {
            QueuedWork::Workflow { scheduled_event_id, .. } => (
                MarkKind::TaskWaits,
                "workflow task".to_owned(),
                Some(scheduled_event_id),
            ),
            QueuedWork::Query { .. } => (MarkKind::TaskWaits, "query".to_owned(), None),
            QueuedWork::Activity {
                run,
                scheduled_event_id,
                attempt,
            } => {
                let activity = sim.service().run(run).activity(scheduled_event_id);
                let name = activity.map_or("activity", |activity| activity.told.activity_type.as_str());
                (
                    MarkKind::ActivityWaits,
                    format!("{name} #{attempt}"),
                    Some(scheduled_event_id),
                )
            }
        };
        let tip = format!("{label} waits for a worker since {}", clock(task.since));
        found.insert(
            Condition::Waits(task.what),
            Seed {
                kind,
                from: task.since,
                label,
                tip,
                event,
            },
        );
    }
    let activities = sim
        .runs()
        .iter()
        .flat_map(|run| run.activities().map(|activity| (run.key, activity)));
    for (run, activity) in activities {
        if let AttemptState::BackingOff { since, until } = activity.attempt.state {
            let wait = until.since(since);
            let seed = Seed {
                kind: MarkKind::Backoff,
                from: since,
                label: format!("backoff {wait}"),
                tip: format!(
                    "{} backs off {wait} before attempt {}",
                    activity.told.activity_type, activity.attempt.number
                ),
                event: Some(activity.scheduled_event_id),
            };
            let condition = Condition::BacksOff(run, activity.scheduled_event_id, activity.attempt.number);
            found.insert(condition, seed);
        }
    }
    for node in sim.nodes() {
        let worker = node.name;
        let Some(process) = &node.process else {
            let seed = Seed {
                kind: MarkKind::Dead,
                from: node.since,
                label: match node.starts {
                    0 => "not started".to_owned(),
                    _ => format!("dead since {}, memory lost", clock(node.since)),
                },
                tip: match node.starts {
                    0 => format!("worker {worker} is not started yet"),
                    _ => format!(
                        "worker {worker} is dead since {}; what it had in memory is lost",
                        clock(node.since)
                    ),
                },
                event: None,
            };
            found.insert(Condition::Dead(worker), seed);
            continue;
        };
        if let Some(since) = node.cut {
            let seed = Seed {
                kind: MarkKind::Dead,
                from: since,
                label: format!("cut off since {}", clock(since)),
                tip: format!(
                    "worker {worker} cannot reach the Service since {}, and goes on with what it has in hand",
                    clock(since)
                ),
                event: None,
            };
            found.insert(Condition::CutOff(worker), seed);
        }
        for (token, attempt) in &process.local_activities {
            let label = format!("{} #{}", attempt.task.activity_type, token.attempt);
            let since = attempt.task.started;
            let seed = Seed {
                kind: MarkKind::Activity,
                from: since,
                tip: format!(
                    "worker {worker} runs {label} within its workflow task since {}",
                    clock(since)
                ),
                label,
                event: None,
            };
            found.insert(Condition::RunsLocally(worker, *token), seed);
        }
        for (run, since) in &process.workflow_tasks {
            let seed = Seed {
                kind: MarkKind::WorkflowTask,
                from: *since,
                label: "workflow task".to_owned(),
                tip: format!("worker {worker} runs a workflow task since {}", clock(*since)),
                event: None,
            };
            found.insert(Condition::RunsWorkflowTask(worker, *run), seed);
        }
        for (token, attempt) in &process.activities {
            let label = format!("{} #{}", attempt.task.activity_type, token.attempt);
            let tip = format!("worker {worker} runs {label} since {}", clock(attempt.task.started));
            let event = Some(token.scheduled_event_id);
            let seed = Seed {
                kind: MarkKind::Activity,
                from: attempt.task.started,
                label: label.clone(),
                tip,
                event,
            };
            found.insert(Condition::RunsActivity(worker, *token), seed);
            if changed.contains(token) {
                let seed = Seed {
                    kind: MarkKind::Danger,
                    from: record.at,
                    tip: format!("the effect of {label} is done and not recorded: a crash here repeats it"),
                    label: "done, not recorded".to_owned(),
                    event,
                };
                found.insert(Condition::Unrecorded(*token), seed);
            }
        }
    }
    found
}

fn outcome(condition: &Condition, record: &Record) -> Outcome {
    let crashed = matches!(record.what, Step::Crashed { .. });
    match condition {
        Condition::Waits(_) => match &record.what {
            Step::TimerFired { .. } => Outcome::TimedOut,
            _ => Outcome::Ok,
        },
        Condition::BacksOff(..) | Condition::Dead(_) | Condition::CutOff(_) => Outcome::Ok,
        Condition::RunsWorkflowTask(..) => match &record.what {
            Step::WorkflowTaskAnswered {
                how: Answered::Accepted,
                ..
            } => Outcome::Ok,
            Step::WorkflowTaskAnswered {
                how: Answered::NotFound,
                ..
            } => Outcome::TimedOut,
            Step::QueryAnswered { ok: true, .. } => Outcome::Ok,
            Step::GaveUp { .. } => Outcome::Lost,
            _ if crashed => Outcome::Lost,
            _ => Outcome::Failed,
        },
        Condition::RunsLocally(..) => match &record.what {
            Step::LocalEnded { ok: true, .. } => Outcome::Ok,
            _ if crashed => Outcome::Lost,
            _ => Outcome::Failed,
        },
        Condition::RunsActivity(..) => match &record.what {
            Step::ActivityAnswered {
                ok: true,
                accepted: true,
                ..
            } => Outcome::Ok,
            Step::ActivityAnswered { accepted: false, .. } => Outcome::TimedOut,
            Step::GaveUp { .. } => Outcome::Lost,
            _ if crashed => Outcome::Lost,
            _ => Outcome::Failed,
        },
        Condition::Unrecorded(_) if crashed || matches!(record.what, Step::GaveUp { .. }) => Outcome::Lost,
        Condition::Unrecorded(_) => Outcome::Ok,
    }
}
