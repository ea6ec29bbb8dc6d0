//! Which lines of the workflow's source text have run, and what fed them, as it stands at each moment.
//!
//! The marks are those of the worker that has the run in memory. When that memory is lost, the lines that ran are
//! forgotten: only their effects in the history remain, until a replay runs them again.

use super::recording::{Code, CodeLine, LineMark};
use super::waiting::attempt_of;
use crate::base::sorted::SortedMap;
use crate::contract::task::RunKey;
use crate::history::proto::FailureInfo;
use crate::history::text::payload_preview;
use crate::sim::Sim;
use crate::sim::node::WorkerName;
use crate::sim::step::{Record, Step};
use crate::worker::activation::{ChildStart, JobKind, Resolution};
use crate::worker::execution::Activated;
use crate::worker::request::RequestKind;

/// Longest preview of a result beside a line, in characters.
const PREVIEW_CHARS_MAX: usize = 28;

/// The marks as they stand.
#[derive(Debug, Default)]
pub(super) struct CodeMarks {
    version: u8,
    marks: SortedMap<u32, LineMark>,
    notes: SortedMap<u32, String>,
    waiting: Vec<u32>,
    here: Option<u32>,
    lines_of_activities: SortedMap<String, u32>,
    holder: Option<WorkerName>,
    replayed_to: Option<i64>,
    returned: bool,
}

impl CodeMarks {
    /// Takes in one step. `sim` is the world after it.
    pub(super) fn see(&mut self, sim: &Sim, record: &Record) {
        for mark in self.marks.values_mut() {
            if *mark == LineMark::Executing {
                *mark = LineMark::Done;
            }
        }
        let shown = sim.run().map(|run| run.key);
        if let Step::Activated { worker, run, activated } = &record.what
            && Some(*run) == shown
        {
            self.turn_to(sim, *worker);
            self.activated(*worker, activated);
        }
        if let Step::ActivationFailed { worker, run, .. } = &record.what
            && Some(*run) == shown
        {
            self.turn_to(sim, *worker);
        }
        let holds = |worker: WorkerName, run: RunKey| {
            let process = sim.nodes()[usize::from(worker.0)].process.as_ref();
            process.is_some_and(|process| process.worker.cached().any(|(cached, _)| cached == run))
        };
        let still_held = self.holder.zip(shown).is_some_and(|(worker, run)| holds(worker, run));
        if self.holder.is_some() && !still_held {
            self.holder = None;
            if !self.returned {
                self.forget();
            }
        }
    }

    /// The marks with the notes that belong to this moment.
    pub(super) fn shown(&self, sim: &Sim) -> Code {
        let mut lines: SortedMap<u32, CodeLine> = self
            .marks
            .iter()
            .map(|(line, mark)| (*line, self.line(*line, *mark)))
            .collect();
        if self.holder.is_some() {
            for line in &self.waiting {
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
        if let Some(run) = sim.run() {
            for activity in run.activities() {
                let Some(line) = self.lines_of_activities.get(&activity.told.activity_id) else {
                    continue;
                };
                if let Some(shown) = lines.get_mut(line) {
                    shown.note = Some(attempt_of(activity));
                }
            }
        }
        Code {
            version: self.version.into(),
            holder: self.holder_text(sim),
            here: self.here,
            lines: lines.into_values().collect(),
        }
    }

    /// The code that this worker has is the one that counts. Marks of another version mean nothing in it.
    fn turn_to(&mut self, sim: &Sim, worker: WorkerName) {
        let version = sim.nodes()[usize::from(worker.0)].code;
        if version != self.version {
            *self = Self {
                version,
                ..Self::default()
            };
        }
    }

    fn activated(&mut self, worker: WorkerName, activated: &Activated) {
        let from_the_beginning = activated.events.0 == 1;
        if from_the_beginning {
            self.marks.clear();
            self.notes.clear();
            self.replayed_to = None;
        }
        self.holder = Some(worker);
        if activated.replaying {
            self.replayed_to = Some(activated.events.1);
        }
        let mark = if activated.replaying {
            LineMark::Replayed
        } else {
            LineMark::Executing
        };
        for line in &activated.lines {
            self.marks.insert(*line, mark);
        }
        for fed in &activated.fed {
            if let (Some(line), Some(note)) = (fed.line, note(&fed.job.what, fed.job.event_id)) {
                self.notes.insert(line, note);
            }
        }
        for request in &activated.requests {
            if let RequestKind::ScheduleActivity { command, .. } = &request.what {
                self.lines_of_activities
                    .insert(command.activity_id.clone(), request.line);
            }
        }
        self.waiting.clone_from(&activated.waiting);
        self.here = activated.waiting.last().or(activated.lines.last()).copied();
        self.returned = activated.returned;
    }

    fn forget(&mut self) {
        for mark in self.marks.values_mut() {
            *mark = LineMark::Forgotten;
        }
        for line in self.waiting.drain(..) {
            self.marks.insert(line, LineMark::Forgotten);
        }
        self.replayed_to = None;
    }

    fn line(&self, line: u32, mark: LineMark) -> CodeLine {
        CodeLine {
            line,
            mark,
            note: self.notes.get(&line).cloned(),
        }
    }

    fn holder_text(&self, sim: &Sim) -> String {
        let open = sim.run().is_some_and(crate::service::run::Run::is_open);
        match (self.holder, self.replayed_to) {
            (Some(worker), Some(event)) => format!("in the memory of worker {worker}, replayed up to event {event}"),
            (Some(worker), None) => format!("in the memory of worker {worker}"),
            (None, _) if self.returned && !open => "finished: no worker keeps it in memory".to_owned(),
            (None, _) if self.marks.is_empty() => "not running yet".to_owned(),
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
