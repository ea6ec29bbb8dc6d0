//! Rules about versions in one run: of the workflow's code, of workers, of SDKs, of the protocol.

use std::collections::{BTreeMap, BTreeSet};

use crate::history::payload::first_value;
use crate::history::proto::{Attributes, EventType, HistoryEvent};

use super::evidence::{Evidence, TaskEnd};
use super::found::Finds;
use super::rule::{Rule, Severity};
use super::words::{counted, name, names};

/// So many changes of its code that one run has to know are many.
const MANY_PATCHES: usize = 10;

/// So many versions of one change are many.
const MANY_VERSIONS: i64 = 4;

pub(super) const RULES: &[Rule] = &[
    Rule {
        id: "many-patches",
        severity: Severity::Note,
        title: "a run has met many patches",
        why: "Each is a branch in the workflow's code that must stay until no run needs the old way, and all of them together \
              are hard to test.",
        todo: "Take out patches that no open run needs (deprecate them first). For long runs: continue as new, so that they take \
               up new code; or pin runs to versions of workers.",
        page: "patching",
        look: many_patches,
    },
    Rule {
        id: "many-versions-of-a-change",
        severity: Severity::Note,
        title: "one place of the code has been changed many times",
        why: "The code keeps all its earlier ways for runs that began with them.",
        todo: "Raise the least version that is still supported, once no open run has an older one.",
        page: "patching",
        look: many_versions_of_a_change,
    },
    Rule {
        id: "several-builds",
        severity: Severity::Note,
        title: "several builds of a worker have worked on the run",
        why: "Each replays what the others have written. As long as they ask for the same in the same order, nothing is wrong.",
        todo: "If a nondeterminism error came: compare these builds. Pin runs to a version of their workers where that matters.",
        page: "production-deployment/worker-deployments/worker-versioning",
        look: several_builds,
    },
    Rule {
        id: "several-sdks",
        severity: Severity::Note,
        title: "workers with several SDKs, or versions of one, have worked on the run",
        why: "That is how an update of an SDK looks, and is as it should be. Workers in two languages on one task queue take each \
              other's workflow tasks, and can seldom replay them.",
        todo: "Give workers of another language a task queue of their own.",
        page: "task-queue",
        look: several_sdks,
    },
    Rule {
        id: "unknown-event",
        severity: Severity::Note,
        title: "an event is of a type that is not known here",
        why: "A newer server wrote it. Where it says that a worker may ignore it, older SDKs pass over it; where it does not, they \
              cannot replay the history. Here nothing is concluded from it.",
        todo: "If workers fail at it, update their SDK.",
        page: "references/events",
        look: unknown_event,
    },
];

/// A change of the code that a run has met.
struct Change {
    event: i64,
    id: String,
    /// Which version of it: of Go and Java only.
    version: Option<i64>,
}

fn changes(evidence: &Evidence<'_>) -> Vec<Change> {
    let change = |event: &HistoryEvent| {
        let Some(Attributes::MarkerRecordedEventAttributes(marker)) = &event.attributes else {
            return None;
        };
        let detail = |key: &str| first_value(marker.details.get(key));
        let (id, version) = match marker.marker_name.as_str() {
            "core_patch" => (detail("patch-data")["id"].as_str()?.to_owned(), None),
            "Version" => {
                let ids = [detail("change-id"), detail("changeId")];
                let id = ids.iter().find_map(|id| id.as_str())?.to_owned();
                (id, detail("version").as_i64())
            }
            _ => return None,
        };
        Some(Change {
            event: event.event_id,
            id,
            version,
        })
    };
    evidence.events.iter().filter_map(change).collect()
}

fn many_patches(evidence: &Evidence<'_>, finds: &mut Finds) {
    let changes = changes(evidence);
    let ids: BTreeSet<&str> = changes.iter().map(|change| change.id.as_str()).collect();
    if ids.len() >= MANY_PATCHES
        && let Some(last) = changes.last()
    {
        let what = format!(
            "{}: {}",
            counted(ids.len() as u64, "patch").replace("patchs", "patches"),
            names(ids)
        );
        finds.at(last.event, what);
    }
}

fn many_versions_of_a_change(evidence: &Evidence<'_>, finds: &mut Finds) {
    let changes = changes(evidence);
    for change in changes
        .iter()
        .filter(|change| change.version.is_some_and(|version| version >= MANY_VERSIONS))
    {
        let version = change.version.unwrap_or_default();
        finds.at(change.event, format!("“{}”: version {version}", name(&change.id)));
    }
    // A patch has no versions; people count them in its name.
    let mut stems: BTreeMap<&str, Vec<&Change>> = BTreeMap::new();
    for change in changes.iter().filter(|change| change.version.is_none()) {
        let stem = change.id.trim_end_matches(|c: char| c.is_ascii_digit());
        let stem = stem.trim_end_matches(['v', 'V', '-', '_', '.', '#']);
        if !stem.is_empty() && stem.len() < change.id.len() {
            stems.entry(stem).or_default().push(change);
        }
    }
    for (stem, patches) in stems {
        let count = i64::try_from(patches.len()).unwrap_or(i64::MAX);
        if count >= MANY_VERSIONS
            && let Some(last) = patches.last()
        {
            let all = names(patches.iter().map(|patch| patch.id.as_str()));
            finds.at(last.event, format!("“{}”: {all}", name(stem)));
        }
    }
}

/// What tasks were completed by, in the order in which each came first, with the event that first tells.
fn first_told(evidence: &Evidence<'_>, told: impl Fn(TaskEnd<'_>) -> Option<String>) -> Vec<(String, i64)> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    for (event, end) in evidence.tasks.iter().filter_map(|task| task.closed) {
        if let Some(one) = told(end)
            && seen.insert(one.clone())
        {
            found.push((one, event.event_id));
        }
    }
    found
}

fn tell_several(found: &[(String, i64)], finds: &mut Finds) {
    if found.len() > 1 {
        let events: Vec<i64> = found.iter().map(|(_, event)| *event).collect();
        finds.among(&events, names(found.iter().map(|(one, _)| one.as_str())));
    }
}

fn several_builds(evidence: &Evidence<'_>, finds: &mut Finds) {
    let build = |end: TaskEnd<'_>| {
        let TaskEnd::Completed(completed) = end else {
            return None;
        };
        #[expect(deprecated, reason = "every server still writes it")]
        let stamped = completed
            .worker_version
            .as_ref()
            .map(|version| version.build_id.clone());
        let deployed = completed
            .deployment_version
            .as_ref()
            .map(|version| version.build_id.clone());
        deployed.or(stamped).filter(|build| !build.is_empty())
    };
    tell_several(&first_told(evidence, build), finds);
}

fn several_sdks(evidence: &Evidence<'_>, finds: &mut Finds) {
    let sdk = |end: TaskEnd<'_>| {
        let TaskEnd::Completed(completed) = end else {
            return None;
        };
        let metadata = completed.sdk_metadata.as_ref()?;
        let told = format!("{} {}", metadata.sdk_name, metadata.sdk_version);
        (!metadata.sdk_name.is_empty()).then(|| told.trim().to_owned())
    };
    tell_several(&first_told(evidence, sdk), finds);
}

fn unknown_event(evidence: &Evidence<'_>, finds: &mut Finds) {
    let unknown = |event: &&HistoryEvent| event.event_type() == EventType::Unspecified && event.attributes.is_none();
    for event in evidence.events.iter().filter(unknown) {
        let what = if event.worker_may_ignore {
            "a worker that does not know it may ignore it"
        } else {
            "a worker that does not know it may not ignore it"
        };
        finds.at(event.event_id, what.to_owned());
    }
}
