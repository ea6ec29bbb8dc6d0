//! Why code and history do not go together, as data and in words: what history has, what the code asks for instead,
//! what may have changed, and what to do about it.
//!
//! The official worker stops at the first event that it cannot meet, and says only that. This says what it looks like
//! from there, by comparing what history has after that event with what the code asked for besides. Code that awaits one
//! thing after the other shows only its next request, so some causes are a guess, and say so.

use std::fmt;

use super::machines::Asked;
use super::machines::error::MachineError;
use crate::contract::answer::Command;
use crate::history::payload;
use crate::history::proto::{Attributes, HistoryEvent, MarkerRecordedEventAttributes};

/// History and code disagree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// What the official worker says, in full.
    pub message: String,
    /// The event that could not be met.
    pub event_id: i64,
    /// What history has there: `activity Charge (id 2)`.
    pub recorded: String,
    /// What the code asks for instead, and on which source line (0 if unknown); `None` if for nothing.
    pub asked: Option<(String, u32)>,
    /// What seems to have happened to the code.
    pub cause: Cause,
    /// What to do about it, in one sentence.
    pub advice: String,
}

/// What seems to have happened to the code since the history was written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// It asks for something that history does not have.
    Added,
    /// It does not ask any more for what history has; or not yet.
    Removed,
    /// It asks for the same in another order.
    Reordered,
    /// It asks for another activity, child or end of the same kind.
    TypeChanged,
    /// It gives the same thing another id.
    IdChanged,
    /// It asks for something of another kind.
    Replaced,
    /// It returns where history goes on.
    EndsEarly,
    /// It waits where history has the end of the run.
    GoesOn,
    /// A `patched` call is gone while its marker still counts.
    PatchRemoved,
    /// A `patched` call has another id than its marker.
    PatchRenamed,
    /// History itself makes no sense.
    History,
}

impl Cause {
    /// The cause in one word, for machines.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Removed => "removed",
            Self::Reordered => "reordered",
            Self::TypeChanged => "type changed",
            Self::IdChanged => "id changed",
            Self::Replaced => "replaced",
            Self::EndsEarly => "ends early",
            Self::GoesOn => "goes on",
            Self::PatchRemoved => "patch removed",
            Self::PatchRenamed => "patch renamed",
            Self::History => "history",
        }
    }
}

impl fmt::Display for Mismatch {
    /// Four lines: history, code, cause, advice.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "history  event {}: {}", self.event_id, self.recorded)?;
        match &self.asked {
            Some((what, 0)) => writeln!(f, "code     {what}")?,
            Some((what, line)) => writeln!(f, "code     line {line}: {what}")?,
            None => writeln!(f, "code     asks for nothing more here")?,
        }
        writeln!(f, "cause    {}", self.cause.name())?;
        write!(f, "do       {}", self.advice)
    }
}

/// What the worker knows when it stops.
pub(super) struct Scene<'a> {
    pub(super) why: &'a MachineError,
    /// The event that could not be met.
    pub(super) event: &'a HistoryEvent,
    /// What history has after it.
    pub(super) rest: Vec<&'a HistoryEvent>,
    /// What the code has asked for and no event has met.
    pub(super) queue: Vec<&'a Asked>,
    /// A local activity that the code waits for and history knows nothing of: its type and line.
    pub(super) awaits_locally: Option<(String, u32)>,
}

/// What the official worker says, with the code of the error.
pub(super) fn message(why: &MachineError) -> String {
    match why {
        MachineError::Nondeterminism(what) => format!("[TMPRL1100] Nondeterminism error: {what}"),
        MachineError::Fatal(what) => format!("Fatal error in workflow machines: {what}"),
    }
}

/// Makes sense of where the worker stopped.
pub(super) fn mismatch(scene: &Scene<'_>) -> Mismatch {
    let recorded = Mark::of_event(scene.event);
    let front = scene.queue.iter().find(|asked| {
        let is_patch = Mark::of_command(&asked.command).kind == Kind::Patch;
        !is_patch || recorded.kind == Kind::Patch
    });
    let asked = front.map(|asked| (Mark::of_command(&asked.command), asked.line));
    let asked = asked.or_else(|| {
        let (name, line) = scene.awaits_locally.clone()?;
        Some((Mark::new(Kind::Local, &name, ""), line))
    });
    let cause = cause(scene, &recorded, asked.as_ref().map(|(mark, _)| mark));
    let advice = advice(cause, &recorded, asked.as_ref());
    Mismatch {
        message: message(scene.why),
        event_id: scene.event.event_id,
        recorded: recorded.words(),
        asked: asked.map(|(mark, line)| (mark.words(), line)),
        cause,
        advice,
    }
}

fn cause(scene: &Scene<'_>, recorded: &Mark, asked: Option<&Mark>) -> Cause {
    if matches!(scene.why, MachineError::Fatal(_)) || recorded.kind == Kind::Other {
        return Cause::History;
    }
    let asks_elsewhere = |mark: &Mark| {
        scene
            .queue
            .iter()
            .skip(1)
            .any(|asked| Mark::of_command(&asked.command).is(mark))
    };
    let comes_later = |mark: &Mark| scene.rest.iter().any(|event| Mark::of_event(event).is(mark));
    let Some(asked) = asked else {
        return match recorded.kind {
            Kind::Patch => Cause::PatchRemoved,
            Kind::End => Cause::GoesOn,
            Kind::Activity
            | Kind::ActivityCancel
            | Kind::Timer
            | Kind::TimerCancel
            | Kind::Child
            | Kind::Signal
            | Kind::Cancel
            | Kind::Local
            | Kind::Attributes
            | Kind::Memo
            | Kind::UpdateAccepted
            | Kind::UpdateCompleted
            | Kind::Other => Cause::Removed,
        };
    };
    match (recorded.kind, asked.kind) {
        (Kind::Patch, Kind::Patch) => Cause::PatchRenamed,
        (Kind::Patch, _) => Cause::PatchRemoved,
        (Kind::End, Kind::End) => Cause::TypeChanged,
        (_, Kind::End) => Cause::EndsEarly,
        (Kind::End, _) => Cause::Added,
        _ => match (asks_elsewhere(recorded), comes_later(asked)) {
            (true, true) => Cause::Reordered,
            (true, false) => Cause::Added,
            (false, true) => Cause::Removed,
            (false, false) if recorded.kind != asked.kind => {
                if asked.kind == Kind::Local {
                    Cause::Added
                } else {
                    Cause::Replaced
                }
            }
            (false, false) if recorded.name != asked.name => Cause::TypeChanged,
            (false, false) => Cause::IdChanged,
        },
    }
}

fn advice(cause: Cause, recorded: &Mark, asked: Option<&(Mark, u32)>) -> String {
    let place = match asked {
        Some((_, line)) if *line > 0 => format!("on line {line}"),
        _ => "there".to_owned(),
    };
    let new = asked.map_or_else(|| "nothing".to_owned(), |(mark, _)| mark.words());
    let old = recorded.words();
    match cause {
        Cause::Added => format!(
            "{place}, ask for {new} only `if ctx.patched(\"…\")`: runs that are older than this change then go on without it"
        ),
        Cause::Removed => format!(
            "keep {old} for the runs that asked for it: `if !ctx.patched(\"…\")`, before what the code does {place}"
        ),
        Cause::Reordered => {
            format!("{place}, choose the order by `if ctx.patched(\"…\")`, with the old order in its else branch")
        }
        Cause::TypeChanged | Cause::Replaced => format!(
            "{place}, choose by `if ctx.patched(\"…\")`: {new} for runs that begin now, {old} in its else branch; if it was \
             added before {old}, leave it out there"
        ),
        Cause::IdChanged => {
            format!("give it the old id again: history has {old}, and ids must not change while runs are open")
        }
        Cause::EndsEarly => {
            format!("end early only `if ctx.patched(\"…\")` {place}: older runs still have {old} to do")
        }
        Cause::GoesOn => "wait longer only `if ctx.patched(\"…\")`: this run has ended where the code waits".to_owned(),
        Cause::PatchRemoved => format!(
            "call `ctx.deprecate_patch(\"{}\")` where `patched` was, and delete it when no run with its marker is open",
            recorded.name
        ),
        Cause::PatchRenamed => format!(
            "a patch's id must stay: call `ctx.patched(\"{}\")` again {place}, and give new changes new ids",
            recorded.name
        ),
        Cause::History => "no version of the code can have written this history; look at the event itself".to_owned(),
    }
}

/// What an event is the trace of, in words: `activity Charge (id 2)`.
pub(super) fn words(event: &HistoryEvent) -> String {
    Mark::of_event(event).words()
}

/// What a request and its event have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mark {
    kind: Kind,
    name: String,
    id: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    Activity,
    ActivityCancel,
    Timer,
    TimerCancel,
    Child,
    Signal,
    Cancel,
    Local,
    Patch,
    Attributes,
    Memo,
    UpdateAccepted,
    UpdateCompleted,
    End,
    Other,
}

impl Mark {
    fn new(kind: Kind, name: &str, id: &str) -> Self {
        Self {
            kind,
            name: name.to_owned(),
            id: id.to_owned(),
        }
    }

    /// The same request, but for its id, which may only have been counted on.
    fn is(&self, other: &Self) -> bool {
        self.kind == other.kind && self.name == other.name && self.kind != Kind::Other
    }

    fn words(&self) -> String {
        let id = if self.id.is_empty() {
            String::new()
        } else {
            format!(" (id {})", self.id)
        };
        let name = &self.name;
        match self.kind {
            Kind::Activity => format!("activity {name}{id}"),
            Kind::ActivityCancel => "the end of an activity".to_owned(),
            Kind::Timer => format!("a timer{id}"),
            Kind::TimerCancel => format!("the end of a timer{id}"),
            Kind::Child => format!("child workflow {name}{id}"),
            Kind::Signal => format!("signal {name} to another workflow{id}"),
            Kind::Cancel => format!("a request to another workflow to stop{id}"),
            Kind::Local => format!("local activity {name}{id}"),
            Kind::Patch => format!("patch {name}"),
            Kind::Attributes => "new search attributes".to_owned(),
            Kind::Memo => "a new memo".to_owned(),
            Kind::UpdateAccepted => format!("the acceptance of update {name}"),
            Kind::UpdateCompleted => format!("the outcome of update {name}"),
            Kind::End => format!("the end of the run: {name}"),
            Kind::Other => name.clone(),
        }
    }

    fn of_marker(marker: &MarkerRecordedEventAttributes) -> Self {
        let details = |name: &str| payload::first_value(marker.details.get(name));
        match marker.marker_name.as_str() {
            "core_patch" => Self::new(
                Kind::Patch,
                details("patch-data")["id"].as_str().unwrap_or_default(),
                "",
            ),
            "core_local_activity" => {
                let data = details("data");
                let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
                Self::new(Kind::Local, &text("activity_type"), &text("activity_id"))
            }
            name => Self::new(Kind::Other, &format!("marker {name}"), ""),
        }
    }

    #[expect(
        clippy::wildcard_enum_match_arm,
        reason = "what no command asked for is told by its name"
    )]
    fn of_event(event: &HistoryEvent) -> Self {
        use Attributes as A;
        let Some(attributes) = &event.attributes else {
            return Self::new(Kind::Other, "an event without attributes", "");
        };
        let type_name = |name: Option<&String>| name.cloned().unwrap_or_default();
        match attributes {
            A::ActivityTaskScheduledEventAttributes(a) => Self::new(
                Kind::Activity,
                &type_name(a.activity_type.as_ref().map(|t| &t.name)),
                &a.activity_id,
            ),
            A::ActivityTaskCancelRequestedEventAttributes(_) => Self::new(Kind::ActivityCancel, "", ""),
            A::TimerStartedEventAttributes(a) => Self::new(Kind::Timer, "", &a.timer_id),
            A::TimerCanceledEventAttributes(a) => Self::new(Kind::TimerCancel, "", &a.timer_id),
            A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => Self::new(
                Kind::Child,
                &type_name(a.workflow_type.as_ref().map(|t| &t.name)),
                &a.workflow_id,
            ),
            A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => Self::new(
                Kind::Signal,
                &a.signal_name,
                &type_name(a.workflow_execution.as_ref().map(|e| &e.workflow_id)),
            ),
            A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(a) => Self::new(
                Kind::Cancel,
                "",
                &type_name(a.workflow_execution.as_ref().map(|e| &e.workflow_id)),
            ),
            A::MarkerRecordedEventAttributes(marker) => Self::of_marker(marker),
            A::UpsertWorkflowSearchAttributesEventAttributes(_) => Self::new(Kind::Attributes, "", ""),
            A::WorkflowPropertiesModifiedEventAttributes(_) => Self::new(Kind::Memo, "", ""),
            A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => {
                Self::new(Kind::UpdateAccepted, &a.protocol_instance_id, "")
            }
            A::WorkflowExecutionUpdateCompletedEventAttributes(a) => Self::new(
                Kind::UpdateCompleted,
                &type_name(a.meta.as_ref().map(|meta| &meta.update_id)),
                "",
            ),
            A::WorkflowExecutionCompletedEventAttributes(_) => Self::new(Kind::End, "completed", ""),
            A::WorkflowExecutionFailedEventAttributes(_) => Self::new(Kind::End, "failed", ""),
            A::WorkflowExecutionCanceledEventAttributes(_) => Self::new(Kind::End, "canceled", ""),
            A::WorkflowExecutionContinuedAsNewEventAttributes(_) => Self::new(Kind::End, "continued as new", ""),
            _ => Self::new(Kind::Other, crate::history::proto::event_name(event.event_type()), ""),
        }
    }

    fn of_command(command: &Command) -> Self {
        let type_name = |name: Option<&String>| name.cloned().unwrap_or_default();
        match command {
            Command::ScheduleActivity(a) => Self::new(Kind::Activity, &a.activity_type, &a.activity_id),
            Command::RequestCancelActivity { .. } => Self::new(Kind::ActivityCancel, "", ""),
            Command::StartTimer { timer_id, .. } => Self::new(Kind::Timer, "", timer_id),
            Command::CancelTimer { timer_id } => Self::new(Kind::TimerCancel, "", timer_id),
            Command::RecordMarker(marker) => Self::of_marker(marker),
            Command::StartChild(a) => Self::new(
                Kind::Child,
                &type_name(a.workflow_type.as_ref().map(|t| &t.name)),
                &a.workflow_id,
            ),
            Command::RequestCancelExternal(a) => Self::new(
                Kind::Cancel,
                "",
                &type_name(a.workflow_execution.as_ref().map(|e| &e.workflow_id)),
            ),
            Command::SignalExternal(a) => Self::new(
                Kind::Signal,
                &a.signal_name,
                &type_name(a.workflow_execution.as_ref().map(|e| &e.workflow_id)),
            ),
            Command::UpsertSearchAttributes(_) => Self::new(Kind::Attributes, "", ""),
            Command::ModifyProperties { .. } => Self::new(Kind::Memo, "", ""),
            Command::AcceptUpdate { update_id } => Self::new(Kind::UpdateAccepted, update_id, ""),
            Command::RejectUpdate { update_id, .. } | Command::CompleteUpdate { update_id, .. } => {
                Self::new(Kind::UpdateCompleted, update_id, "")
            }
            Command::ContinueAsNew(_) => Self::new(Kind::End, "continued as new", ""),
            Command::CancelWorkflow { .. } => Self::new(Kind::End, "canceled", ""),
            Command::CompleteWorkflow { .. } => Self::new(Kind::End, "completed", ""),
            Command::FailWorkflow { .. } => Self::new(Kind::End, "failed", ""),
        }
    }
}
