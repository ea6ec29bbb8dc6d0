//! What makes a list of events a history: the rules that every history of a real Temporal server keeps.
//!
//! Each rule is a function that returns all its findings; [`RULES`] lists them once and [`check`] asks them all. They
//! judge the finished text only, and say nothing about whether a workflow was right. An event of an unknown type is
//! never a finding: newer servers write more than this version knows.

use std::collections::BTreeMap;

use super::class::{Category, Part, Thing};
use super::proto::{Attributes, EventType, HistoryEvent, event_type};
use super::refs::{Reference, references};

pub use super::finding::{BadReference, Finding, TaskState};

/// A rule of the catalogue.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable name.
    pub name: &'static str,
    /// What it demands, one sentence.
    pub sentence: &'static str,
    /// All places where a history breaks it.
    pub findings: fn(&[HistoryEvent]) -> Vec<Finding>,
}

/// Every rule, in the order in which it is worth reading their findings.
pub const RULES: &[Rule] = &[
    Rule {
        name: "ids",
        sentence: "event ids are 1, 2, 3, …",
        findings: ids_are_contiguous,
    },
    Rule {
        name: "begin",
        sentence: "the run starts once, with the first event",
        findings: begins_with_started,
    },
    Rule {
        name: "type",
        sentence: "an event has the attributes of its type",
        findings: types_match_attributes,
    },
    Rule {
        name: "references",
        sentence: "ids lead back to an event of the right type",
        findings: references_lead_back,
    },
    Rule {
        name: "workflow-task",
        sentence: "a workflow task is scheduled, started and ended in this order, and only one at a time",
        findings: workflow_tasks_take_turns,
    },
    Rule {
        name: "task-alone",
        sentence: "nothing is written between a workflow task's start and its end",
        findings: started_task_is_alone,
    },
    Rule {
        name: "activity",
        sentence: "an activity starts and closes at most once",
        findings: activities_close_once,
    },
    Rule {
        name: "timer",
        sentence: "a timer fires or is cancelled, once",
        findings: timers_end_once,
    },
    Rule {
        name: "child",
        sentence: "a child workflow starts and closes at most once",
        findings: children_close_once,
    },
    Rule {
        name: "external",
        sentence: "a request to another workflow is answered once",
        findings: external_requests_are_answered_once,
    },
    Rule {
        name: "update",
        sentence: "an accepted update completes at most once",
        findings: updates_complete_once,
    },
    Rule {
        name: "end",
        sentence: "nothing follows the run's end",
        findings: nothing_follows_the_end,
    },
];

/// All findings of all rules; none for a well-formed history.
pub fn check(events: &[HistoryEvent]) -> Vec<Finding> {
    RULES.iter().flat_map(|rule| (rule.findings)(events)).collect()
}

fn ids_are_contiguous(events: &[HistoryEvent]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut expected = 1;
    for event in events {
        if event.event_id != expected {
            findings.push(Finding::Id {
                expected,
                found: event.event_id,
            });
        }
        // From what is there: one gap is one finding, not one for each event after it.
        expected = event.event_id.saturating_add(1);
    }
    findings
}

fn begins_with_started(events: &[HistoryEvent]) -> Vec<Finding> {
    let Some((first, rest)) = events.split_first() else {
        return vec![Finding::NoEvents];
    };
    let mut findings = Vec::new();
    if first.event_type() != EventType::WorkflowExecutionStarted {
        findings.push(Finding::FirstIsNotStarted {
            found: first.event_type(),
        });
    }
    let again = rest
        .iter()
        .filter(|e| e.event_type() == EventType::WorkflowExecutionStarted);
    findings.extend(again.map(|e| Finding::StartedAgain { event: e.event_id }));
    findings
}

fn types_match_attributes(events: &[HistoryEvent]) -> Vec<Finding> {
    let wrong = events.iter().filter_map(|event| {
        let attributes = event.attributes.as_ref().map(event_type);
        let unknown = event.event_type() == EventType::Unspecified && attributes.is_none();
        (!unknown && attributes != Some(event.event_type())).then(|| Finding::TypeAndAttributes {
            event: event.event_id,
            event_type: event.event_type(),
            attributes,
        })
    });
    wrong.collect()
}

fn references_lead_back(events: &[HistoryEvent]) -> Vec<Finding> {
    let types: BTreeMap<i64, EventType> = events.iter().map(|e| (e.event_id, e.event_type())).collect();
    let mut findings = Vec::new();
    for event in events {
        for reference in event.attributes.iter().flat_map(references) {
            let why = match reference.to {
                0 if !reference.required => continue,
                0 => BadReference::Missing,
                to if to >= event.event_id => BadReference::NotBack,
                to => match types.get(&to) {
                    None => BadReference::Nowhere,
                    Some(found) if reference.wants.is_empty() || reference.wants.contains(found) => continue,
                    Some(found) => BadReference::ToWrongType(*found),
                },
            };
            findings.push(Finding::Reference {
                event: event.event_id,
                field: reference.field,
                to: reference.to,
                why,
            });
        }
    }
    findings
}

fn workflow_tasks_take_turns(events: &[HistoryEvent]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut state = TaskState::None;
    for event in events {
        let id = event.event_id;
        let next = match (&event.attributes, state) {
            (Some(Attributes::WorkflowTaskScheduledEventAttributes(_)), TaskState::None) => TaskState::Scheduled(id),
            (Some(Attributes::WorkflowTaskStartedEventAttributes(a)), TaskState::Scheduled(s))
                if a.scheduled_event_id == s =>
            {
                TaskState::Started(s, id)
            }
            (Some(Attributes::WorkflowTaskCompletedEventAttributes(a)), TaskState::Started(s, t))
                if (a.scheduled_event_id, a.started_event_id) == (s, t) =>
            {
                TaskState::None
            }
            (Some(Attributes::WorkflowTaskFailedEventAttributes(a)), TaskState::Started(s, t))
                if (a.scheduled_event_id, a.started_event_id) == (s, t) =>
            {
                TaskState::None
            }
            (Some(Attributes::WorkflowTaskTimedOutEventAttributes(a)), TaskState::Started(s, t))
                if (a.scheduled_event_id, a.started_event_id) == (s, t) =>
            {
                TaskState::None
            }
            // A worker that is gone leaves a task in its sticky queue: it times out unstarted.
            (Some(Attributes::WorkflowTaskTimedOutEventAttributes(a)), TaskState::Scheduled(s))
                if (a.scheduled_event_id, a.started_event_id) == (s, 0) =>
            {
                TaskState::None
            }
            (Some(attributes), _) if is_workflow_task(event_type(attributes)) => {
                let found = event_type(attributes);
                findings.push(Finding::WorkflowTask {
                    event: id,
                    found,
                    state,
                });
                after(found, id, state)
            }
            _ => state,
        };
        state = next;
    }
    findings
}

const fn is_workflow_task(event_type: EventType) -> bool {
    matches!(event_type.class().category, Category::WorkflowTask)
}

/// Where to go on from after an event at the wrong time: from what it says, so that one mistake is one finding.
fn after(found: EventType, event: i64, state: TaskState) -> TaskState {
    match (found, state) {
        (EventType::WorkflowTaskScheduled, _) => TaskState::Scheduled(event),
        (EventType::WorkflowTaskStarted, TaskState::Scheduled(s) | TaskState::Started(s, _)) => {
            TaskState::Started(s, event)
        }
        (EventType::WorkflowTaskStarted, TaskState::None) => TaskState::Started(0, event),
        _ => TaskState::None,
    }
}

fn started_task_is_alone(events: &[HistoryEvent]) -> Vec<Finding> {
    let within = events.windows(2).filter_map(|pair| {
        let [started, next] = pair else { return None };
        let alone = started.event_type() != EventType::WorkflowTaskStarted
            || is_workflow_task(next.event_type())
            || next.event_type() == EventType::Unspecified;
        (!alone).then_some(Finding::WithinStartedTask {
            event: next.event_id,
            started: started.event_id,
        })
    });
    within.collect()
}

/// Findings for events that start or end one of these things a second time.
fn once(events: &[HistoryEvent], things: &[Thing]) -> Vec<Finding> {
    let mut seen = BTreeMap::new();
    let mut findings = Vec::new();
    for event in events {
        let role = match event.class().part {
            // A child that could not be started has no start.
            _ if event.event_type() == EventType::StartChildWorkflowExecutionFailed => Role::Start,
            Part::Starts(_) => Role::Start,
            Part::Closes(..) => Role::End,
            Part::Opens(_) | Part::Changes(_) | Part::Alone => continue,
        };
        let of_these = event.class().part.thing().is_some_and(|thing| things.contains(&thing));
        let Some(Reference { to: of, .. }) = event.opened_by().filter(|_| of_these) else {
            continue;
        };
        if let Some(first) = seen.get(&(of, role)) {
            findings.push(Finding::Twice {
                event: event.event_id,
                first: *first,
                of,
            });
        } else {
            seen.insert((of, role), event.event_id);
        }
    }
    findings
}

/// In which capacity an event refers to another.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    Start,
    End,
}

fn activities_close_once(events: &[HistoryEvent]) -> Vec<Finding> {
    once(events, &[Thing::Activity])
}

fn timers_end_once(events: &[HistoryEvent]) -> Vec<Finding> {
    once(events, &[Thing::Timer])
}

fn children_close_once(events: &[HistoryEvent]) -> Vec<Finding> {
    once(events, &[Thing::Child])
}

fn external_requests_are_answered_once(events: &[HistoryEvent]) -> Vec<Finding> {
    once(events, &[Thing::SignalOut, Thing::CancelOut])
}

fn updates_complete_once(events: &[HistoryEvent]) -> Vec<Finding> {
    once(events, &[Thing::Update])
}

fn nothing_follows_the_end(events: &[HistoryEvent]) -> Vec<Finding> {
    let Some(end) = events.iter().position(|e| e.class().ends_run()) else {
        return Vec::new();
    };
    let after = events.iter().skip(end + 1);
    after
        .map(|e| Finding::AfterTheEnd {
            event: e.event_id,
            end: events[end].event_id,
        })
        .collect()
}
