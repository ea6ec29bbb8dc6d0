//! Which lines of a workflow's source text have run, and what fed them, at each moment of a run.
//!
//! The marks are those of the worker that has the run in memory. When that memory is lost, the lines that ran are
//! forgotten: only their effects in the history remain, until a replay runs them again.

#![warn(clippy::wildcard_enum_match_arm)]

use super::attempts::attempt_of;
use super::chronicle::Chronicle;
use super::recording::{Code, CodeLine, LineMark};
use super::track::Track;
use crate::base::sorted::SortedMap;
use crate::contract::task::RunKey;
use crate::history::proto::{FailureInfo, HistoryEvent};
use crate::history::text::payload_preview;
use crate::service::run::RunStatus;
use crate::sim::Sim;
use crate::sim::node::WorkerName;
use crate::sim::step::{Record, Step};
use crate::worker::activation::{ChildStart, JobKind, Resolution};
use crate::worker::execution::Activated;
use crate::worker::request::RequestKind;

/// Longest preview of a result beside a line, in characters.
const PREVIEW_CHARS_MAX: usize = 28;

/// The marks of all runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct CodeMarks {
    runs: SortedMap<RunKey, OfRun>,
    /// The runs that each worker has in memory, of those with marks.
    held: Held,
}

pub(super) type Held = SortedMap<WorkerName, Vec<RunKey>>;

/// The marks of one run, over its steps.
#[derive(Clone, Debug, Default, PartialEq)]
struct OfRun {
    version: Track<u8>,
    lines: SortedMap<u32, Line>,
    waiting: Track<Vec<u32>>,
    here: Track<Option<u32>>,
    memory: Track<Memory>,
    /// The lines that asked for activities, each with the step and the activity's id.
    asked: Vec<(u32, String, u32)>,
}

#[derive(Clone, Debug, Default, PartialEq)]
struct Line {
    mark: Track<Option<Ran>>,
    note: Track<Option<String>>,
}

/// How a line was reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ran {
    /// For the first time, with that step.
    In(u32),
    Replayed,
    Forgotten,
}

/// Who has the run in memory.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Memory {
    holder: Option<WorkerName>,
    replayed_to: Option<i64>,
    returned: bool,
}

impl CodeMarks {
    /// Takes in one step. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        let Some(worker) = record.what.worker() else { return };
        let node = &sim.nodes()[usize::from(worker.0)];
        if let Step::Activated { run, activated, .. } = &record.what {
            let before = self.runs.get(run).and_then(|marks| marks.memory.last()?.holder);
            if before != Some(worker) {
                if let Some(held) = before.and_then(|before| self.held.get_mut(&before)) {
                    held.retain(|held| held != run);
                }
                self.held.get_or_default(worker).push(*run);
            }
            let marks = self.runs.get_or_default(*run);
            marks.turn_to(record.number, node.code);
            marks.activated(record.number, worker, activated);
        }
        if let Step::ActivationFailed { run, .. } = &record.what {
            self.runs.get_or_default(*run).turn_to(record.number, node.code);
        }
        let Some(held) = self.held.get_mut(&worker).filter(|held| !held.is_empty()) else {
            return;
        };
        let cached = node.process.iter().flat_map(|process| process.worker.cached());
        let mut cached: Vec<RunKey> = cached.map(|(run, _)| run).collect();
        cached.sort_unstable();
        let runs = &mut self.runs;
        held.retain(|run| {
            let stays = cached.binary_search(run).is_ok();
            if let Some(marks) = runs.get_mut(run).filter(|_| !stays) {
                marks.lost(record.number, worker);
            }
            stays
        });
    }

    /// Which runs each worker has in memory now: what it takes to go on from here.
    pub(super) fn then(&self) -> Held {
        self.held.clone()
    }

    /// The marks as they were after so many steps, a moment that was kept.
    pub(super) fn back(&self, step: u32, then: &Held) -> Self {
        let runs = self.runs.iter().map(|(run, marks)| (*run, marks.until(step)));
        Self {
            runs: runs.filter(|(_, marks)| !marks.version.is_empty()).collect(),
            held: then.clone(),
        }
    }

    /// The marks of a run after so many steps. `events` is its history.
    pub(super) fn shown(&self, chronicle: &Chronicle, events: &[HistoryEvent], run: RunKey, step: u32) -> Code {
        let none = OfRun::default();
        let marks = self.runs.get(&run).unwrap_or(&none);
        let memory = marks.memory.at(step).copied().unwrap_or_default();
        let mut lines: SortedMap<u32, CodeLine> = SortedMap::new();
        for (number, line) in marks.lines.iter() {
            let mark = match line.mark.at(step).copied().flatten() {
                None => continue,
                Some(Ran::In(ran)) if ran == step => LineMark::Executing,
                Some(Ran::In(_)) => LineMark::Done,
                Some(Ran::Replayed) => LineMark::Replayed,
                Some(Ran::Forgotten) => LineMark::Forgotten,
            };
            let note = line.note.at(step).cloned().flatten();
            lines.insert(
                *number,
                CodeLine {
                    line: *number,
                    mark,
                    note,
                },
            );
        }
        if memory.holder.is_some() {
            for line in marks.waiting.at(step).into_iter().flatten() {
                lines.insert(
                    *line,
                    CodeLine {
                        line: *line,
                        mark: LineMark::Awaiting,
                        note: None,
                    },
                );
            }
        }
        for activity in chronicle.activities.pending(run, step) {
            let Some((id, attempt)) = attempt_of(activity, events, step) else {
                continue;
            };
            let asked_by = marks.asked_by(id, activity.opened, step);
            if let Some(shown) = asked_by.and_then(|line| lines.get_mut(&line)) {
                shown.note = Some(attempt);
            }
        }
        let reached = !lines.is_empty();
        let status = chronicle.runs.get(run).and_then(|line| line.status(step));
        Code {
            version: marks.version.at(step).copied().unwrap_or_default().into(),
            holder: memory.text(reached, status == Some(RunStatus::Running)),
            here: marks.here.at(step).copied().flatten(),
            lines: lines.into_values().collect(),
        }
    }
}

impl OfRun {
    fn until(&self, step: u32) -> Self {
        let lines = self.lines.iter().map(|(number, line)| {
            let (mark, note) = (line.mark.until(step), line.note.until(step));
            (*number, Line { mark, note })
        });
        let asked = self.asked.partition_point(|(asked, ..)| *asked <= step);
        Self {
            version: self.version.until(step),
            lines: lines
                .filter(|(_, line)| !line.mark.is_empty() || !line.note.is_empty())
                .collect(),
            waiting: self.waiting.until(step),
            here: self.here.until(step),
            memory: self.memory.until(step),
            asked: self.asked[..asked].to_vec(),
        }
    }

    /// The code that this worker has is the one that counts. Marks of another version mean nothing in it.
    fn turn_to(&mut self, step: u32, version: u8) {
        let before = self.version.last().copied().unwrap_or_default();
        self.version.set(step, version);
        if before != version {
            self.forget_all(step);
            self.waiting.set(step, Vec::new());
            self.here.set(step, None);
            self.memory.set(step, Memory::default());
        }
    }

    fn forget_all(&mut self, step: u32) {
        for line in self.lines.values_mut() {
            line.mark.set(step, None);
            line.note.set(step, None);
        }
    }

    fn activated(&mut self, step: u32, worker: WorkerName, activated: &Activated) {
        let mut memory = self.memory.last().copied().unwrap_or_default();
        if activated.events.0 == 1 {
            self.forget_all(step);
            memory.replayed_to = None;
        }
        if activated.replaying {
            memory.replayed_to = Some(activated.events.1);
        }
        memory.holder = Some(worker);
        memory.returned = activated.returned;
        self.memory.set(step, memory);
        let ran = if activated.replaying {
            Ran::Replayed
        } else {
            Ran::In(step)
        };
        for line in &activated.lines {
            self.lines.get_or_default(*line).mark.set(step, Some(ran));
        }
        for fed in &activated.fed {
            if let (Some(line), Some(note)) = (fed.line, note(&fed.job.what, fed.job.event_id)) {
                self.lines.get_or_default(line).note.set(step, Some(note));
            }
        }
        for request in &activated.requests {
            if let RequestKind::ScheduleActivity { command, .. } = &request.what {
                self.asked.push((step, command.activity_id.clone(), request.line));
            }
        }
        let mut waiting = activated.waiting.clone();
        let here = waiting.last().or(activated.lines.last()).copied();
        waiting.sort_unstable();
        waiting.dedup();
        self.waiting.set(step, waiting);
        self.here.set(step, here);
    }

    /// The worker has the run in memory no more.
    fn lost(&mut self, step: u32, worker: WorkerName) {
        let mut memory = self.memory.last().copied().unwrap_or_default();
        if memory.holder != Some(worker) {
            return;
        }
        memory.holder = None;
        if !memory.returned {
            memory.replayed_to = None;
            let waiting = self.waiting.last().cloned().unwrap_or_default();
            for line in waiting {
                self.lines.get_or_default(line).mark.set(step, Some(Ran::Forgotten));
            }
            self.waiting.set(step, Vec::new());
            let reached = self
                .lines
                .values_mut()
                .filter(|line| line.mark.last().is_some_and(Option::is_some));
            reached.for_each(|line| line.mark.set(step, Some(Ran::Forgotten)));
        }
        self.memory.set(step, memory);
    }

    /// The line that asked for an activity that the step `opened` scheduled, as the code stands after `step` steps: the
    /// latest that did, for a replay asks again.
    fn asked_by(&self, activity_id: &str, opened: u32, step: u32) -> Option<u32> {
        let until = self.asked.partition_point(|(asked, ..)| *asked <= step.max(opened));
        let found = self.asked[..until].iter().rev().find(|(_, id, _)| id == activity_id);
        found.map(|(.., line)| *line)
    }
}

impl Memory {
    fn text(self, reached: bool, open: bool) -> String {
        match (self.holder, self.replayed_to) {
            (Some(worker), Some(event)) => format!("in the memory of worker {worker}, replayed up to event {event}"),
            (Some(worker), None) => format!("in the memory of worker {worker}"),
            (None, _) if self.returned && !open => "finished: no worker keeps it in memory".to_owned(),
            (None, _) if !reached => "not running yet".to_owned(),
            (None, _) => "in no worker's memory: only the history knows".to_owned(),
        }
    }
}

/// What fed a line: `{"valid":true} ← event 7`.
fn note(job: &JobKind, event_id: i64) -> Option<String> {
    let what = match job {
        JobKind::Initialize(_)
        | JobKind::NotifyHasPatch { .. }
        | JobKind::UpdateRandomSeed { .. }
        | JobKind::Signal(_)
        | JobKind::Update(_)
        | JobKind::CancelRequested { .. }
        | JobKind::Query(_) => return None,
        JobKind::FireTimer { .. } => "fired".to_owned(),
        JobKind::ResolveChildStart { start, .. } => match **start {
            ChildStart::Started { .. } => "started".to_owned(),
            ChildStart::Failed { .. } | ChildStart::Canceled(_) => "not started".to_owned(),
        },
        JobKind::ResolveSignal { failure, .. } if failure.is_none() => "delivered".to_owned(),
        JobKind::ResolveCancelExternal { failure, .. } if failure.is_none() => "delivered".to_owned(),
        JobKind::ResolveSignal { .. } | JobKind::ResolveCancelExternal { .. } => "not delivered".to_owned(),
        JobKind::ResolveActivity { resolution, .. } | JobKind::ResolveChild { resolution, .. } => match &**resolution {
            Resolution::Completed(payloads) => payloads
                .as_ref()
                .and_then(|payloads| payloads.payloads.first())
                .map_or_else(|| "done".to_owned(), payload_preview),
            Resolution::Canceled(_) => "cancelled".to_owned(),
            Resolution::Backoff { .. } => "to be tried again".to_owned(),
            Resolution::Failed(failure) => {
                let cause = failure.cause.as_deref().unwrap_or(failure);
                match &cause.failure_info {
                    Some(FailureInfo::ApplicationFailureInfo(info)) if !info.r#type.is_empty() => info.r#type.clone(),
                    Some(FailureInfo::TimeoutFailureInfo(_)) => "timed out".to_owned(),
                    _ => cause.message.clone(),
                }
            }
        },
    };
    Some(format!("{} ← event {event_id}", shortened(&what)))
}

fn shortened(text: &str) -> String {
    if text.chars().count() <= PREVIEW_CHARS_MAX {
        return text.to_owned();
    }
    let head: String = text.chars().take(PREVIEW_CHARS_MAX - 1).collect();
    format!("{head}…")
}
