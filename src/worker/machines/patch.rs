//! Patches: the markers that tell replay which branch the code took.
//!
//! A marker is written at the first `patched` (or `deprecate_patch`) of an id, and a search attribute beside it that
//! lists all ids so far. What the marker at the front of history and the request at the front of the queue come to:
//!
//! | marker | request | |
//! | --- | --- | --- |
//! | yes | same patch | they meet |
//! | yes | another patch | ids differ, unless the marker is deprecated: then it is skipped, with its search attribute |
//! | yes | no patch | the call is gone, unless the marker is deprecated: then it is skipped |
//! | no | a patch | the request is dropped: the call is new, and replay told it "no" |

use std::collections::BTreeMap;

use serde_json::json;

use super::error::{MachineError, spelled};
use super::machine::{Reaction, StateMachine};
use crate::history::payload;
use crate::history::proto::{Attributes, HistoryEvent, MarkerRecordedEventAttributes, SearchAttributes};

const MARKER: &str = "core_patch";
const DETAILS: &str = "patch-data";
/// Search attribute that lists the patches of a run.
pub(super) const VERSIONS: &str = "TemporalChangeVersion";
/// What a search attribute may have at most, in bytes (Core's `MAX_SEARCH_ATTR_PAYLOAD_SIZE`).
const VERSIONS_MAX: usize = 2_048;

#[derive(Clone, Debug)]
pub(super) struct Patch {
    patch_id: String,
}

/// What to do with the event and the request at the front.
pub(super) enum Meeting {
    /// The event is nobody's; so is the one after it, if told.
    SkipEvent { and_next: bool },
    /// The request has no event.
    SkipRequest,
    /// Go on as with any other request.
    Ordinary,
}

impl Patch {
    pub(super) fn new(patch_id: &str) -> Self {
        Self {
            patch_id: patch_id.to_owned(),
        }
    }
}

impl StateMachine for Patch {
    fn see(&mut self, event: &HistoryEvent) -> Result<Vec<Reaction>, MachineError> {
        match marked(event) {
            Some((id, _)) if id == self.patch_id => Ok(Vec::new()),
            Some((id, _)) => Err(MachineError::Nondeterminism(format!(
                "Change id {id} does not match expected id {}",
                self.patch_id
            ))),
            None => Err(MachineError::Nondeterminism(format!(
                "Change machine cannot handle this event: {}",
                spelled(event)
            ))),
        }
    }
}

/// The patch that an event marks, and whether the code called it deprecated.
pub(super) fn marked(event: &HistoryEvent) -> Option<(String, bool)> {
    let Some(Attributes::MarkerRecordedEventAttributes(marker)) = &event.attributes else {
        return None;
    };
    if marker.marker_name != MARKER {
        return None;
    }
    let data = payload::first_value(marker.details.get(DETAILS));
    let id = data["id"].as_str()?.to_owned();
    Some((id, data["deprecated"].as_bool().unwrap_or_default()))
}

/// See the table above. `front` is the request at the front, if it is a patch.
pub(super) fn meet(
    event: &HistoryEvent,
    front: Option<&Patch>,
    next: Option<&HistoryEvent>,
) -> Result<Meeting, MachineError> {
    let and_next = matches!(
        next.and_then(|next| next.attributes.as_ref()),
        Some(Attributes::UpsertWorkflowSearchAttributesEventAttributes(upserted))
            if upserted.search_attributes.as_ref().is_some_and(|all| all.indexed_fields.contains_key(VERSIONS))
    );
    match (marked(event), front) {
        (Some((id, true)), Some(patch)) if patch.patch_id != id => Ok(Meeting::SkipEvent { and_next }),
        (Some((_, true)), None) => Ok(Meeting::SkipEvent { and_next }),
        (Some((id, false)), None) => Err(MachineError::Nondeterminism(format!(
            "Non-deprecated patch marker encountered for change {id}, but there is no corresponding change command!"
        ))),
        (None, Some(_)) => Ok(Meeting::SkipRequest),
        (Some(_), Some(_)) | (None, None) => Ok(Meeting::Ordinary),
    }
}

/// The command that writes a patch's marker.
pub(super) fn marker(patch_id: &str, deprecated: bool) -> MarkerRecordedEventAttributes {
    let data = payload::json(&json!({ "id": patch_id, "deprecated": deprecated }));
    MarkerRecordedEventAttributes {
        marker_name: MARKER.to_owned(),
        details: BTreeMap::from([(DETAILS.to_owned(), data)]),
        ..Default::default()
    }
}

/// The search attribute that lists these patches, which must be in order; `None` if it would be too long.
pub(super) fn versions<'a>(patch_ids: impl Iterator<Item = &'a str>) -> Option<SearchAttributes> {
    let ids: Vec<&str> = patch_ids.collect();
    let mut list = payload::json(&json!(ids)).payloads.pop()?;
    if list.data.len() >= VERSIONS_MAX {
        return None;
    }
    list.metadata.insert("type".to_owned(), b"KeywordList".to_vec());
    Some(SearchAttributes {
        indexed_fields: BTreeMap::from([(VERSIONS.to_owned(), list)]),
    })
}
