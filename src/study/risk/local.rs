//! Local activities, and the workflow tasks that they run in: until a workflow task is completed, nothing of what its worker
//! did is in the history, and what it did is done again.
//!
//! Local activities are known by their markers. Where theirs stands for more than one workflow task, since the worker had
//! prolonged its task (a task that is completed with nothing and followed by the next at once), the interval begins with the
//! first of them: the activity may have been at work since then.

use super::interval::Interval;
use super::key::value;
use crate::base::time::Span;
use crate::history::class::{End, Part, Thing};
use crate::history::proto::{Attributes as A, HistoryEvent, MarkerRecordedEventAttributes, Payloads};
use crate::history::timestamp::span;

/// A local activity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LocalRisk {
    /// Its MarkerRecorded.
    pub event: i64,
    /// Its type; the marker's name where that does not tell it.
    pub name: String,
    /// Whether it failed.
    pub failed: bool,
    /// When a crash runs it again, with all the rest of its workflow task; `None` if the history does not have the task.
    pub interval: Option<Interval>,
    /// How long the Service waits for that workflow task: so long nobody notices. Zero if the history does not say.
    pub limit: Span,
    /// The marker's place in the history, counted from 0.
    pub(super) place: u32,
}

/// What a marker is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum MarkerKind {
    /// The end of a local activity.
    LocalActivity,
    /// A side effect: what the code drew or read once.
    SideEffect,
    /// A version of the code.
    Version,
    /// Something else.
    Other,
}

impl MarkerKind {
    /// By the names that the SDKs use: Core's, and those of Go and Java.
    pub(super) fn of(marker_name: &str) -> Self {
        match marker_name {
            "core_local_activity" | "LocalActivity" => Self::LocalActivity,
            "SideEffect" | "MutableSideEffect" => Self::SideEffect,
            "core_patch" | "Version" => Self::Version,
            _ => Self::Other,
        }
    }
}

/// The local activities of a history, and its completed workflow tasks.
pub(super) fn local_activities(events: &[HistoryEvent]) -> (Vec<LocalRisk>, Vec<Interval>) {
    let mut tasks = Tasks::default();
    let mut found = Vec::new();
    let mut intervals = Vec::new();
    for (place, event) in (0_u32..).zip(events) {
        tasks.pass(event);
        if event.class().part == Part::Closes(Thing::WorkflowTask, End::Ok) {
            intervals.extend(tasks.started.map(|started| Interval::between(started, Some(event))));
        }
        let Some(A::MarkerRecordedEventAttributes(marker)) = &event.attributes else {
            continue;
        };
        if MarkerKind::of(&marker.marker_name) == MarkerKind::LocalActivity {
            let completed = tasks
                .completed
                .filter(|task| task.event_id == marker.workflow_task_completed_event_id);
            let from = tasks.prolonged_since.or(tasks.started);
            found.push(LocalRisk {
                event: event.event_id,
                name: type_of(marker),
                failed: marker.failure.is_some(),
                interval: from.zip(completed).map(|(from, to)| Interval::between(from, Some(to))),
                limit: tasks.limit,
                place,
            });
        }
    }
    (found, intervals)
}

/// The workflow task that a place of the history belongs to.
#[derive(Default)]
struct Tasks<'a> {
    before: Option<&'a HistoryEvent>,
    started: Option<&'a HistoryEvent>,
    /// The start of the first of the tasks that were only prolonged.
    prolonged_since: Option<&'a HistoryEvent>,
    completed: Option<&'a HistoryEvent>,
    limit: Span,
}

impl<'a> Tasks<'a> {
    fn pass(&mut self, event: &'a HistoryEvent) {
        match &event.attributes {
            Some(A::WorkflowTaskScheduledEventAttributes(a)) => {
                let prolongs = self.before.is_some_and(|before| {
                    before.class().part == Part::Closes(Thing::WorkflowTask, End::Ok)
                        && before.event_time == event.event_time
                });
                self.prolonged_since = if prolongs {
                    self.prolonged_since.or(self.started)
                } else {
                    None
                };
                self.started = None;
                self.limit = span(a.start_to_close_timeout.as_ref());
            }
            Some(A::WorkflowTaskStartedEventAttributes(_)) => self.started = Some(event),
            Some(A::WorkflowTaskCompletedEventAttributes(_)) => self.completed = Some(event),
            _ => {}
        }
        self.before = Some(event);
    }
}

/// The type of a local activity, from where the SDKs put it.
fn type_of(marker: &MarkerRecordedEventAttributes) -> String {
    let detail = |key: &str| {
        let payload = marker
            .details
            .get(key)
            .and_then(|payloads: &Payloads| payloads.payloads.first());
        payload.and_then(|payload| value(payload).ok()).unwrap_or_default()
    };
    let (data, own) = (detail("data"), detail("type"));
    let names = [
        &data["activity_type"],
        &data["ActivityType"],
        &data["activityType"],
        &own,
    ];
    let name = names.into_iter().find_map(|name| name.as_str());
    name.unwrap_or(&marker.marker_name).to_owned()
}
