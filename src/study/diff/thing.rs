//! What there is to be compared in a history: each thing that the code asked for, and each that came from outside.
//!
//! Workflow tasks are none: when and how often a worker looked at a run is not what the run is about.

use std::collections::BTreeMap;
use std::hash::Hasher;

use siphasher::sip::SipHasher13;

use crate::history::class::{Origin, Part, Thing as Kind};
use crate::history::operation::operations;
use crate::history::payload;
use crate::history::proto::{
    ActivityType, Attributes as A, HistoryEvent, MarkerRecordedEventAttributes, Payload, Payloads, Request,
    WorkflowType, event_name,
};
use crate::history::timestamp::span;

/// Something in a history, by the places of its events.
#[derive(Clone, Debug)]
pub(super) struct Thing {
    /// Among what it has its order.
    pub(super) lane: Lane,
    /// What it is: `activity Charge`. Things of two histories may be each other's if this is the same.
    pub(super) name: String,
    /// The how-manieth of its name, from 1; 0 if it is the only one.
    pub(super) number: u32,
    /// The same for things that also say the same, as far as that is quickly found out.
    pub(super) likeness: u64,
    /// Its first event.
    pub(super) opened: u32,
    /// Somebody has taken it up.
    pub(super) started: Option<u32>,
    /// What was noted meanwhile.
    pub(super) changes: Vec<u32>,
    /// Its end.
    pub(super) closed: Option<u32>,
    /// Whether it lasts at all.
    pub(super) lasts: bool,
}

/// Things of one lane have an order. What comes from outside comes when it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Lane {
    /// What the code asked for.
    Code,
    /// What others asked for.
    Outside,
}

/// All things of a history, in order.
pub(super) fn things(events: &[HistoryEvent]) -> Vec<Thing> {
    let mut all: Vec<Thing> = Vec::new();
    for operation in operations(events) {
        if matches!(operation.thing, Kind::Run | Kind::WorkflowTask) {
            continue;
        }
        let Some(event) = super::ending::event(events, Some(operation.opened)) else {
            continue;
        };
        all.push(Thing {
            started: operation.started,
            changes: operation.changes,
            closed: operation.closed,
            lasts: true,
            ..alone(event, operation.opened)
        });
    }
    for (place, event) in (0..).zip(events) {
        // The end of the run is no thing in it, and an event without attributes says nothing.
        if event.class().part == Part::Alone && event.attributes.is_some() {
            all.push(alone(event, place));
        }
    }
    all.sort_by_key(|thing| thing.opened);
    number(&mut all);
    all
}

fn alone(event: &HistoryEvent, place: u32) -> Thing {
    let name = name(event);
    Thing {
        lane: match event.class().origin {
            Origin::Command => Lane::Code,
            Origin::Message | Origin::Service => Lane::Outside,
        },
        number: 0,
        likeness: likeness(&name, event),
        name,
        opened: place,
        started: None,
        changes: Vec::new(),
        closed: None,
        lasts: false,
    }
}

fn number(all: &mut [Thing]) {
    let mut of_name: BTreeMap<&str, u32> = BTreeMap::new();
    let mut numbers = Vec::new();
    for thing in &*all {
        let number = of_name.entry(&thing.name).or_insert(0);
        *number += 1;
        numbers.push(*number);
    }
    let is_only: Vec<bool> = all
        .iter()
        .map(|thing| of_name.get(thing.name.as_str()) == Some(&1))
        .collect();
    for ((thing, number), is_only) in all.iter_mut().zip(numbers).zip(is_only) {
        thing.number = if is_only { 0 } else { number };
    }
}

#[expect(
    clippy::wildcard_enum_match_arm,
    reason = "what has no name of its own is called by its event's"
)]
fn name(event: &HistoryEvent) -> String {
    let Some(attributes) = &event.attributes else {
        return event_name(event.event_type()).to_owned();
    };
    let activity = |of: Option<&ActivityType>| of.map(|of| of.name.clone()).unwrap_or_default();
    let workflow = |of: Option<&WorkflowType>| of.map(|of| of.name.clone()).unwrap_or_default();
    match attributes {
        A::ActivityTaskScheduledEventAttributes(a) => format!("activity {}", activity(a.activity_type.as_ref())),
        A::TimerStartedEventAttributes(_) => "timer".to_owned(),
        A::StartChildWorkflowExecutionInitiatedEventAttributes(a) => {
            format!("child workflow {}", workflow(a.workflow_type.as_ref()))
        }
        A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a) => {
            format!("signal {} to another workflow", a.signal_name)
        }
        A::RequestCancelExternalWorkflowExecutionInitiatedEventAttributes(_) => {
            "request to another workflow to stop".to_owned()
        }
        A::MarkerRecordedEventAttributes(a) => marker(a),
        A::UpsertWorkflowSearchAttributesEventAttributes(_) => "new search attributes".to_owned(),
        A::WorkflowPropertiesModifiedEventAttributes(_) => "new memo".to_owned(),
        A::WorkflowExecutionSignaledEventAttributes(a) => format!("signal {}", a.signal_name),
        A::WorkflowExecutionCancelRequestedEventAttributes(_) => "request to stop".to_owned(),
        A::WorkflowExecutionUpdateAcceptedEventAttributes(a) => {
            format!("update {}", update(a.accepted_request.as_ref()))
        }
        A::WorkflowExecutionUpdateAdmittedEventAttributes(a) => {
            format!("update {}, admitted", update(a.request.as_ref()))
        }
        A::NexusOperationScheduledEventAttributes(a) => format!("Nexus operation {} of {}", a.operation, a.service),
        A::NexusOperationCancelRequestedEventAttributes(_) => "request to a Nexus operation to stop".to_owned(),
        _ => event_name(event.event_type()).to_owned(),
    }
}

fn update(request: Option<&Request>) -> String {
    let input = request.and_then(|request| request.input.as_ref());
    input.map(|input| input.name.clone()).unwrap_or_default()
}

/// Patches and versions by their ids, local activities by their types: as Core's SDKs, Go and Java write them.
fn marker(marker: &MarkerRecordedEventAttributes) -> String {
    let detail = |name: &str| payload::first_value(marker.details.get(name));
    let text = |value: &serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    match marker.marker_name.as_str() {
        "core_patch" => format!("patch {}", text(&detail("patch-data")["id"])),
        "Version" => {
            let id = ["change-id", "changeId"].map(|name| text(&detail(name))).concat();
            format!("version of {id}")
        }
        "core_local_activity" => format!("local activity {}", text(&detail("data")["activity_type"])),
        "LocalActivity" => {
            let kind = [text(&detail("data")["ActivityType"]), text(&detail("type"))].concat();
            format!("local activity {kind}")
        }
        name => format!("marker {name}"),
    }
}

/// Enough of what an event says to find its like in another history. What is only counted or drawn is not in it.
fn likeness(name: &str, event: &HistoryEvent) -> u64 {
    let mut hasher = SipHasher13::new();
    hasher.write(name.as_bytes());
    match &event.attributes {
        Some(A::ActivityTaskScheduledEventAttributes(a)) => add(&mut hasher, a.input.as_ref()),
        Some(A::TimerStartedEventAttributes(a)) => hasher.write_u64(span(a.start_to_fire_timeout.as_ref()).0),
        Some(A::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => add(&mut hasher, a.input.as_ref()),
        Some(A::SignalExternalWorkflowExecutionInitiatedEventAttributes(a)) => {
            if let Some(to) = &a.workflow_execution {
                hasher.write(to.workflow_id.as_bytes());
            }
            add(&mut hasher, a.input.as_ref());
        }
        Some(A::MarkerRecordedEventAttributes(a)) => {
            add(&mut hasher, a.details.get("input"));
            add(&mut hasher, a.details.get("result"));
        }
        Some(A::UpsertWorkflowSearchAttributesEventAttributes(a)) => {
            let fields = a.search_attributes.iter().flat_map(|all| &all.indexed_fields);
            add_fields(&mut hasher, fields);
        }
        Some(A::WorkflowPropertiesModifiedEventAttributes(a)) => {
            add_fields(&mut hasher, a.upserted_memo.iter().flat_map(|all| &all.fields));
        }
        Some(A::WorkflowExecutionSignaledEventAttributes(a)) => add(&mut hasher, a.input.as_ref()),
        Some(A::WorkflowExecutionUpdateAcceptedEventAttributes(a)) => {
            let input = a.accepted_request.as_ref().and_then(|request| request.input.as_ref());
            add(&mut hasher, input.and_then(|input| input.args.as_ref()));
        }
        Some(A::NexusOperationScheduledEventAttributes(a)) => {
            if let Some(input) = &a.input {
                hasher.write(&input.data);
            }
        }
        _ => {}
    }
    hasher.finish()
}

fn add(hasher: &mut SipHasher13, payloads: Option<&Payloads>) {
    for payload in payloads.into_iter().flat_map(|all| &all.payloads) {
        hasher.write(&payload.data);
        hasher.write_u8(0);
    }
}

fn add_fields<'a>(hasher: &mut SipHasher13, fields: impl Iterator<Item = (&'a String, &'a Payload)>) {
    for (name, payload) in fields {
        hasher.write(name.as_bytes());
        hasher.write(&payload.data);
    }
}
