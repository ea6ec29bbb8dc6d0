//! Rules about what a run tells of itself to those who look for it: search attributes and the memo.

use std::collections::BTreeMap;

use crate::history::proto::{Attributes, Payload};

use super::evidence::Evidence;
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, name};

/// So many changes are no milestones any more.
const OFTEN: u64 = 20;

/// Core notes patches by it, and it is no change that the code asked for.
const CHANGE_VERSION: &str = "TemporalChangeVersion";

/// Words that name what nobody should see.
const SENSITIVE: [&str; 14] = [
    "password",
    "passwd",
    "passphrase",
    "secret",
    "ssn",
    "socialsecurity",
    "creditcard",
    "cardnumber",
    "cvv",
    "iban",
    "apikey",
    "privatekey",
    "accesstoken",
    "credentials",
];

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "search-attributes-upserted-often",
        severity: Severity::Note,
        title: "a run changes its search attributes often",
        why: "Each change is an event, and a write to the store in which workflows are looked for, which comes late when there \
              are many. They are to find a run by, not to tell how it is doing.",
        todo: "Change them at milestones only, several in one call. Answer a query where somebody wants to know how the run is \
               doing.",
        page: "search-attribute",
        look: search_attributes_upserted_often,
    },
    Rule {
        id: "memo-sensitive",
        severity: Severity::Note,
        title: "the memo seems to hold something secret",
        why: "A memo is shown to everybody who may list workflows, in the Web UI too, and is as readable as the data converter \
              leaves it.",
        todo: "Take it out, or encrypt payloads in a codec.",
        page: "dataconversion",
        look: memo_sensitive,
    },
];

fn search_attributes_upserted_often(evidence: &Evidence<'_>, finds: &mut Finds) {
    let mut upserts: u64 = 0;
    let mut last = 0;
    for event in evidence.events {
        let Some(Attributes::UpsertWorkflowSearchAttributesEventAttributes(a)) = &event.attributes else {
            continue;
        };
        let fields = a.search_attributes.iter().flat_map(|all| all.indexed_fields.keys());
        if fields.into_iter().any(|field| field != CHANGE_VERSION) {
            upserts += 1;
            last = event.event_id;
        }
    }
    if upserts >= OFTEN {
        finds.at(last, format!("{} by this event", counted(upserts, "change")));
    }
}

fn memo_sensitive(evidence: &Evidence<'_>, finds: &mut Finds) {
    for event in evidence.events {
        let memo = match &event.attributes {
            Some(Attributes::WorkflowExecutionStartedEventAttributes(a)) => a.memo.as_ref(),
            Some(Attributes::WorkflowPropertiesModifiedEventAttributes(a)) => a.upserted_memo.as_ref(),
            Some(Attributes::StartChildWorkflowExecutionInitiatedEventAttributes(a)) => a.memo.as_ref(),
            _ => continue,
        };
        for field in memo.iter().flat_map(|memo| sensitive(&memo.fields)) {
            finds.at(event.event_id, format!("field “{}”", name(field)));
        }
    }
}

/// The fields that are named so, and can be read.
fn sensitive(fields: &BTreeMap<String, Payload>) -> impl Iterator<Item = &String> {
    let readable = |value: &Payload| {
        let encoding = value.metadata.get("encoding").map(Vec::as_slice);
        matches!(
            encoding,
            None | Some(b"json/plain" | b"json/protobuf" | b"binary/plain")
        )
    };
    let named = |field: &str| {
        let letters = field.chars().filter(char::is_ascii_alphanumeric);
        let letters: String = letters.map(|c| c.to_ascii_lowercase()).take(200).collect();
        SENSITIVE.iter().any(|word| match word.len() {
            // So short that other words contain it.
            ..5 => field
                .split(|c: char| !c.is_ascii_alphanumeric())
                .any(|part| part.eq_ignore_ascii_case(word)),
            _ => letters.contains(word),
        })
    };
    fields
        .iter()
        .filter(move |(field, value)| named(field) && readable(value))
        .map(|(field, _)| field)
}
